//! Commands in families: what destroys, and what only looks like it.
//!
//! Longer than 400 lines because both columns of the table stand side by side.

use super::*;
use proptest::prelude::*;

#[test]
fn what_destroys_is_reported_by_its_effect() {
    let wrong = DESTROYS.iter().flat_map(|(wanted, texts)| {
        let reported = texts.iter().map(|text| (*text, of(text).map(|destroyed| destroyed.words)));
        reported.filter(|(_, reported)| *reported != Some(*wanted))
    });
    assert_eq!(wrong.collect::<Vec<_>>(), []);
}

#[test]
fn what_only_looks_or_talks_destroys_nothing() {
    let wrong = HARMLESS.iter().filter_map(|text| Some((*text, of(text)?.words)));
    assert_eq!(wrong.collect::<Vec<_>>(), []);
}

#[test]
fn the_destroying_line_is_quoted() {
    let reported = |text: &str| all(text).into_iter().map(|one| (one.line, one.text)).collect::<Vec<_>>();
    let one = |line: usize, text: &str| vec![(line, text.to_owned())];
    assert_eq!(reported("# first\nset -e\ncd /srv\nrm -rf old\nls"), one(3, "rm -rf old"));
    assert_eq!(reported("ls\nkubectl \\\n  delete \\\n  pod x\n"), one(1, "kubectl delete pod x"));
    assert_eq!(reported("psql shop <<EOF\nSELECT 1;\nDROP TABLE a;\nEOF\n"), one(2, "DROP TABLE a;"));
    assert_eq!(reported("psql -c \"\n  SELECT 1;\n  TRUNCATE a;\n\""), one(2, "TRUNCATE a;"));
    assert_eq!(reported("BEGIN;\n-- all of them\nDELETE FROM a;\nCOMMIT;"), one(2, "DELETE FROM a;"));
    assert_eq!(reported("cat <<EOF | psql shop\nDROP TABLE t;\nEOF"), one(1, "DROP TABLE t;"));
    assert_eq!(reported("root@db1:~# dropdb shop"), one(0, "dropdb shop"));
    assert_eq!(reported("echo a\nrm b\ndropdb c").len(), 2);
}

#[test]
fn a_fence_says_whose_lines_these_are() {
    let reported = |fence: &str, text: &str| {
        let found = all_in(Tongue::of_fence(fence, text), text);
        found.into_iter().map(|one| (one.line, one.destroyed.words)).collect::<Vec<_>>()
    };
    for (fence, text, wanted) in [
        ("redis", "PING\nFLUSHALL", &[(1, "empties the cache")][..]),
        ("console", "# dropdb shop\n", &[(0, "drops what it names")]),
        ("console", "# drop the old database\n$ ls", &[]),
        ("", "# dropdb shop", &[(0, "drops what it names")]),
        ("", "# rm -rf /srv\nls", &[]),
        ("bash", "# rm -rf /srv", &[]),
        ("powershell", "Get-Item x\nremove-item -Recurse C:\\srv\\x", &[(1, "removes files")]),
        ("cmd", "RD /S /Q C:\\srv", &[(0, "removes files")]),
        ("cmd", "C:\\> rd /s /q C:\\srv", &[(0, "removes files")]),
        ("python", "import os\ndel x\nos.unlink(p)", &[(2, "removes files")]),
        ("python", "subprocess.run([\n  'rm',\n  '-rf', p])", &[(1, "removes files")]),
        ("js", "await db.collection('a').drop()", &[(0, "deletes stored data")]),
        ("groovy", "stage('x') {\n  sh 'rm -rf /srv'\n}", &[(1, "removes files")]),
        ("yaml", "- name: x\n  file:\n    path: /x\n    state: absent", &[(3, "removes what it names")]),
        ("yaml", "- shell: rm -rf /srv\n- command: ls", &[(0, "removes files")]),
        ("sql", "mysql> DROP TABLE a;\nQuery OK", &[(0, "drops what it names")]),
        ("sql", "SELECT 1;\nDROP TABLE a;", &[(1, "drops what it names")]),
        ("bash", "cat <<EOF | psql shop\nSELECT 1;\nDROP TABLE t;\nEOF", &[(2, "drops what it names")]),
        ("console", "mysql> exit\nBye\n$ rm -rf /srv", &[(2, "removes files")]),
        ("console", "$ psql shop\npsql (15.2)\nshop=> DELETE FROM x;\nDELETE 5\nshop=> \\q", &[(2, "empties tables")]),
    ] {
        assert_eq!(reported(fence, text), wanted, "{fence}: {text}");
    }
}

/// Commands of several kinds without quotes of their own.
const CORES: [&str; 18] = [
    "rm -rf /srv/x",
    "dropdb shop",
    "kubectl delete ns shop",
    "terraform destroy",
    "git push --force",
    "docker volume rm x",
    "aws s3 rm s3://b --recursive",
    "dropuser kim",
    "redis-cli FLUSHALL",
    "shred -u key",
    "find /x -delete",
    "systemctl stop web",
    "userdel kim",
    "lvremove vg/lv",
    "apt-get remove nginx",
    "mysqladmin drop shop",
    "zfs destroy tank/x",
    "rsync -a --delete a b",
];
/// What is put before a command.
const BEFORE: [&str; 16] = [
    "",
    "sudo ",
    "sudo -u app ",
    "sudo -n -- ",
    "env A=1 ",
    "nohup ",
    "time ",
    "timeout 5 ",
    "nice -n 5 ",
    "doas ",
    "A=1 ",
    "exec ",
    "command ",
    "setsid ",
    "runuser -u app -- ",
    "stdbuf -o0 ",
];
/// What is put around a text in single quotes.
const QUOTED: [&str; 10] = [
    "sh -c @",
    "bash -lc @",
    "ssh db1 @",
    "ssh -i key -p 22 db1 @",
    "su - app -c @",
    "kubectl exec -n a web-0 -- sh -c @",
    "docker exec -it db bash -c @",
    "eval @",
    "sudo bash -c @",
    "parallel-ssh -h hosts @",
];
/// What is put around a command.
const AROUND: [&str; 16] = [
    "@",
    "(@)",
    "{ @; }",
    "! @",
    "cd /srv && @",
    "true; @",
    "if true; then @; fi",
    "for f in a b; do @; done",
    "@ || true",
    "  @  ",
    "@ # now",
    "ls -l\n@\nls -l",
    "x=$(@)",
    "test -e x || @",
    "@ 2>&1 | tee a.log",
    "@ > a.log 2>&1 &",
];
const PROMPTED: [&str; 6] = ["", "$ ", "root@db1:~# ", "[kim@db1 srv]$ ", "(venv) kim@web:~/a$ ", "\t% "];

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// The first word as it may be written, too.
fn spelled(core: &str, how: usize) -> String {
    let (first, rest) = core.split_once(' ').unwrap_or((core, ""));
    match how {
        0 => core.to_owned(),
        1 => format!("\\{core}"),
        2 => format!("/usr/bin/{core}"),
        3 => format!("'{first}' {rest}"),
        4 => format!("\"{first}\"   {rest}"),
        5 => format!("{first} \\\n  {rest}"),
        _ => format!("CMD=\"{core}\"; $CMD"),
    }
}

proptest! {
    /// However it is spelled and wrapped, it is reported.
    #[test]
    fn no_wrapping_hides_what_destroys(
        core in 0..CORES.len(), how in 0..7_usize, before in proptest::collection::vec(0..BEFORE.len(), 0..3),
        quotes in proptest::collection::vec(0..QUOTED.len(), 0..3), around in proptest::collection::vec(0..AROUND.len(), 0..2),
        prompt in 0..PROMPTED.len(),
    ) {
        let mut text = spelled(CORES[core], how);
        for at in &before {
            // A setting, or several commands, cannot be run by another.
            text = if how == 6 { text } else { format!("{}{text}", BEFORE[*at]) };
        }
        for at in &quotes {
            text = QUOTED[*at].replace('@', &quoted(&text));
        }
        for at in &around {
            text = AROUND[*at].replace('@', &text);
        }
        let text = if text.contains('\n') { text } else { format!("{}{text}", PROMPTED[prompt]) };
        prop_assert!(of(&text).is_some(), "{}", text);
    }

    #[test]
    fn no_text_makes_it_fail(text in "\\PC*", fence in "|bash|console|sql|redis|python|yaml|cmd") {
        let _ = all_in(Tongue::of_fence(&fence, &text), &text);
        let _ = script(&text, Tongue::of_fence(&fence, &text));
    }

    #[test]
    fn no_mix_of_signs_makes_it_fail(
        text in "([-'\"`$(){}\\[\\]<>|&;#>%:=.,\\\\ \n]|rm|DROP|sh -c|psql|é|\\$ |mysql> |<<E|[A-Z]:|~)*",
        fence in "|bash|console|sql|redis|python|yaml|cmd",
    ) {
        let _ = all_in(Tongue::of_fence(&fence, &text), &text);
        let _ = script(&text, Tongue::of_fence(&fence, &text));
    }
}

const DESTROYS: &[(&str, &[&str])] = &[
    (
        "removes files",
        &[
            "root@db1:~# rm -rf /srv",
            "[root@db1 srv]# rm -rf old",
            "(venv) kim@web:~/a$ rm -rf old",
            "/app # rm -rf /data",
            "(cd /x; rm -rf a)",
            "{ rm -rf /x; }",
            "! rm -rf /x",
            "[ -e x ] || rm -rf x",
            "CMD=\"rm -rf /x\"; $CMD",
            "salt '*' cmd.run 'rm -rf /x'",
            "salt-ssh web cmd.run \"rm -rf /srv\"",
            "pdsh -w a,b rm -rf /x",
            "pssh -h hosts 'rm -rf /x'",
            "clush -w a rm -rf /x",
            "bolt command run 'rm -rf /x' -t all",
            "knife ssh 'role:web' 'sudo rm -rf /x'",
            "ourwrapper run 'rm -rf /x'",
            "withlock --wait 3 \"rm -rf /x\"",
            "fd -x rm",
            "fd -e log -x rm",
            "fdfind . -X rm -f",
            "awk '{system(\"rm \" $1)}' list",
            "python3 -c 'import os; os.system(\"rm -rf /x\")'",
            "python -c \"import subprocess; subprocess.run(['rm','-rf','/x'])\"",
            "python3 - <<EOF\nimport shutil\nshutil.rmtree('/x')\nEOF",
            "python3 -c 'import os; os.remove(\"x\")'",
            "perl -e 'unlink \"x\"'",
            "perl -e 'unlink glob \"/srv/*\"'",
            "php -r 'unlink(\"x\");'",
            "ruby -e 'File.delete(\"x\")'",
            "node -e \"require('fs').rmSync('/x',{recursive:true})\"",
            "sh 'rm -rf /srv'",
            "os.system('rm -rf /srv')",
            "subprocess.run([\"rm\", \"-rf\", \"/srv\"])",
            "Remove-Item -Recurse -Force /srv",
            "powershell -Command \"Remove-Item -Recurse x\"",
            "psql shop -c '\\! rm -rf /srv'",
            "rm notes.txt",
            "\\rm -r x",
            "/bin/rm -f x",
            "sudo rm -rf --no-preserve-root /srv",
            "sudo -u deploy -E /usr/bin/rm -r x",
            "cd /srv && rm -rf old",
            "if [ -d x ]; then rm -r x; fi",
            "for f in *; do rm \"$f\"; done",
            "ssh db1 'sudo rm -rf /srv/secret'",
            "ssh -i key -p 22 root@db1 rm -rf /srv",
            "ssh db1 <<'EOF'\ncd /srv\nrm -rf old\nEOF",
            "bash -c \"rm -rf /srv\"",
            "bash -lc 'cd /x; rm -rf y'",
            "sh -c 'echo ok && rm x' && echo done",
            "env -i A=1 rm x",
            "A=1 nohup rm -r x &",
            "timeout 30 rm -r x",
            "nice -n 10 rm -r x",
            "kubectl exec -n shop web-0 -- rm -rf /data",
            "kubectl exec web-0 -c app -- sh -c 'rm -rf /data/*'",
            "docker exec -it web rm -rf /data",
            "docker compose exec web sh -c \"rm -rf /data\"",
            "docker run --rm -v /data:/data alpine rm -rf /data/old",
            "find /var/log -name '*.gz' -delete",
            "find . -type f -exec rm -f {} \\;",
            "find . -name x -print0 | xargs -0 rm",
            "ls | xargs -I{} sudo rm {}",
            "rsync -a --delete dist/ web:/srv/",
            "rsync -a --delete-after dist/ web:/srv/",
            "unlink current",
            "CMD='rm -rf'; $CMD /srv",
            "echo 'rm -rf /srv' | bash",
            "x=$(rm -v y)",
            "su - postgres -c 'rm -rf data'",
            "eval \"rm -rf $DIR\"",
            "ansible all -m shell -a 'rm -rf /srv'",
            "fly ssh console -C 'rm -rf /data'",
            "gcloud compute ssh web --command='rm -rf /srv'",
            "rm -rf \\\n  /srv/old",
        ],
    ),
    (
        "overwrites a disk or a file",
        &[
            "parted -s /dev/sda rm 1",
            "sfdisk --delete /dev/sda",
            "sfdisk /dev/sda < table.txt",
            "fdisk /dev/sda",
            "sudo fdisk /dev/nvme0n1",
            "gdisk /dev/sdb",
            "parted /dev/sda",
            "parted -s /dev/sda mkpart primary 1MiB 100%",
            "parted /dev/sda resizepart 1 10GB",
            "cp x.img /dev/sda",
            "pv x.img | sudo tee /dev/sda",
            "sudo install x.img /dev/nvme0n1",
            "badblocks -w /dev/sda",
            "cp /dev/null app.log",
            "echo \"\" > /etc/passwd",
            "echo > /etc/hosts",
            "sudo sh -c 'echo > /etc/hosts'",
            "true > app.log",
            "Format-Volume -DriveLetter D",
            "Clear-Disk -Number 1",
            "format d: /q",
            "shred -u key",
            "truncate -s 0 app.log",
            "dd if=a of=/dev/sdb bs=1M",
            "wipefs -a /dev/sdb",
            "mkfs.ext4 /dev/sdb1",
            "> app.log",
            ": > app.log",
            "cat x > /dev/sda",
        ],
    ),
    (
        "throws history or work away",
        &[
            "git push --force origin main",
            "hg strip tip",
            "hg --config extensions.strip= strip -r 7",
            "hg update -C .",
            "hg purge --all",
            "git push -f",
            "git -C repo push --force-with-lease",
            "git push origin +main",
            "git push origin :old",
            "git push origin --delete v1",
            "git reset --hard HEAD~1",
            "git clean -fdx",
            "git branch -D old",
            "gh release delete v1",
        ],
    ),
    (
        "deletes from the cluster",
        &[
            "argocd app sync shop --prune",
            "argocd app delete web",
            "kubectl apply -f x.yaml --prune",
            "kubectl delete pod x",
            "kubectl -n shop delete ns/shop",
            "helm uninstall shop",
            "helm -n shop delete shop",
        ],
    ),
    (
        "destroys infrastructure",
        &[
            "terraform taint aws_db.x",
            "terraform destroy",
            "terraform -chdir=prod destroy -auto-approve",
            "terraform apply -destroy",
            "terraform apply destroy.tfplan",
            "terraform workspace delete old",
            "terraform state rm module.db",
            "tofu destroy",
            "pulumi destroy --yes",
        ],
    ),
    (
        "removes containers or volumes",
        &[
            "docker volume rm data",
            "docker volume prune -f",
            "docker system prune -af",
            "docker compose down -v",
            "docker-compose -f x.yml down --volumes",
            "docker rm -f web",
        ],
    ),
    (
        "deletes from the cloud",
        &[
            "aws s3 rm s3://bucket --recursive",
            "aws s3 sync a s3://b --delete",
            "aws --profile p rds delete-db-instance --db-instance-identifier x",
            "aws ec2 terminate-instances --instance-ids i-1",
            "gcloud sql instances delete shop",
            "az group delete -n shop",
            "gsutil -m rm -r gs://b",
            "fly apps destroy shop",
            "heroku pg:reset DATABASE",
        ],
    ),
    (
        "replaces what is there",
        &[
            "sqlite3 a.db '.restore old.db'",
            "sqlite> .restore old.db",
            "etcdctl snapshot restore x",
            "helm rollback web 3",
            "kubectl rollout undo deploy/web",
            "pg_restore --clean -d shop shop.dump",
            "pg_restore -c -d shop x",
            "mongorestore --drop dump",
            "gcloud firestore import gs://b/1",
            "gcloud sql import sql shop gs://b/x.sql",
        ],
    ),
    (
        "loads a dump over what is there",
        &[
            "psql shop < dump.sql",
            "zstd -d all.sql.zst -o - | psql -h prod",
            "gunzip -c a.gz | docker exec -i db psql shop",
            "cat dump.sql | ssh db1 'mysql shop'",
            "pg_dump a | psql b",
            "pg_restore -d shop shop.dump",
        ],
    ),
    (
        "drops what it names",
        &[
            "clickhouse-client -q 'DROP TABLE a'",
            "wp db reset --yes",
            "wp db drop",
            "drush sql-drop",
            "drush sql:drop -y",
            "Invoke-Sqlcmd -Query \"DROP TABLE x\"",
            "mysql> DROP DATABASE shop;",
            "MariaDB [shop]> drop table a;",
            "SQL> DROP USER kim CASCADE;",
            "sqlite> DROP TABLE a;",
            "shop=# DROP\nshop-# TABLE a;",
            "python -c \"conn.execute('DROP TABLE a')\"",
            "DO $$ BEGIN EXECUTE 'DROP TABLE a'; END $$;",
            "psql -c \"SELECT pg_drop_replication_slot('x')\"",
            "cursor.execute(\"DROP TABLE a\")",
            "> DROP TABLE a;",
            "test> drop table a;",
            "dropdb shop",
            "DROP TABLE a;",
            "DROP SEQUENCE s;",
            "psql -c 'DROP SCHEMA public CASCADE'",
            "psql shop -c\"drop table a\"",
            "sudo -u postgres psql --command='DROP DATABASE shop'",
            "docker exec db psql -U a -c 'DROP TABLE b'",
            "SQL='DROP TABLE a'; psql -c \"$SQL\"",
            "echo 'DROP TABLE a;' | psql shop",
            "cat <<EOF | mysql shop\nDROP TABLE a;\nEOF",
            "sqlite3 shop.db 'drop table a'",
            "npx prisma migrate reset --force",
            "npx prisma db push --accept-data-loss",
            "bundle exec rails db:drop db:create",
            "bin/rails db:reset",
            "php artisan migrate:fresh",
            "python manage.py flush",
            "npm run db:reset",
            "dbmate --env X drop",
            "flyway -url=x clean",
            "psql shop\nDROP TABLE a;\n\\q",
        ],
    ),
    (
        "empties tables",
        &[
            "$ psql shop\nshop=> DELETE FROM x;",
            "clickhouse-client --query \"ALTER TABLE x DELETE WHERE 1\"",
            "shop=> DELETE FROM x;",
            "mysql -e \"TRUNCATE orders\"",
            "TRUNCATE lots;",
            "mysql shop -e 'DELETE FROM orders'",
        ],
    ),
    (
        "runs a file whose content is not seen here",
        &[
            "redis-cli < commands.txt",
            "redis-cli --pipe < commands.txt",
            "psql -f migrations/001.sql",
            "psql shop -f a.sql",
            "psql -v x=1 --file=a.sql",
            "psql -Xqf a.sql",
            "sudo -u postgres psql -f a.sql",
            "sh -c 'psql -f a.sql'",
            "npx prisma db execute --file x.sql --schema s",
            "prisma db execute --stdin < x.sql",
            "mongosh shop move.js",
            "sqlplus app @move.sql",
            "sqlcmd -i move.sql",
            "cqlsh -f x.cql",
            "clickhouse-client --queries-file x.sql",
            "cockroach sql --file x.sql",
        ],
    ),
    (
        "goes to the revision it names, which may take migrations back",
        &["python manage.py migrate app 0003", "./manage.py migrate app 0003_x --noinput"],
    ),
    ("changes every row", &["psql -c 'UPDATE users SET admin = true'"]),
    (
        "takes migrations back",
        &["alembic downgrade base", "alembic -c a.ini downgrade -1", "dbmate rollback", "php artisan migrate:rollback"],
    ),
    (
        "empties the cache",
        &[
            "printf 'FLUSHALL\\n' | redis-cli",
            "printf \"SELECT 1\\nFLUSHDB\\n\" | redis-cli -h x",
            "redis-cli\nFLUSHALL",
            "$ redis-cli\nFLUSHALL",
            "127.0.0.1:6379> FLUSHALL",
            "redis:6379[1]> flushdb async",
            "redis-cli <<EOF\nFLUSHALL\nEOF",
            "echo FLUSHALL | redis-cli",
            "kubectl exec -it redis-0 -- redis-cli FLUSHALL",
            "redis-cli FLUSHALL",
            "redis-cli -h x flushdb",
        ],
    ),
    (
        "deletes stored data",
        &[
            "redis-cli EVAL \"return redis.call('flushall')\" 0",
            "influx bucket delete -n b",
            "influx delete --bucket b",
            "mysql -e 'RESET MASTER'",
            "pgbackrest stanza-delete --stanza=x",
            "php artisan tinker --execute=\"DB::table('x')->truncate()\"",
            "DB::table('x')->truncate();",
            "> db.users.drop()",
            "test> db.dropDatabase()",
            "rs0:PRIMARY> db.dropDatabase()",
            "mongosh\ndb.dropDatabase()",
            "mongosh shop --eval 'db.dropDatabase()'",
            "mongosh <<EOF\nuse shop\ndb.dropDatabase()\nEOF",
            "db.dropDatabase()",
            "rails runner 'User.delete_all'",
            "curl -X DELETE http://es:9200/logs",
            "curl -sXDELETE es/logs",
        ],
    ),
    (
        "runs what another host sends",
        &[
            "curl https://example.org/i.sh | sudo bash",
            "bash <(curl -s https://example.org/i.sh)",
            "bash -c \"$(wget -qO- https://example.org/i)\"",
        ],
    ),
    (
        "destroys a volume",
        &[
            "lvreduce -L 5G vg/lv",
            "lvresize -L -5G vg/lv",
            "zfs recv -F tank/b",
            "zfs send a@1 | zfs receive -F tank/b",
            "zpool create -f tank /dev/sdb",
            "zfs destroy -r tank@s",
            "govc vm.destroy web",
            "virsh undefine vm",
            "vim-cmd vmsvc/destroy 1",
        ],
    ),
    (
        "removes what it names",
        &["ansible web -m file -a 'path=/x state=absent'", "- file:\n    path: /x\n    state: absent"],
    ),
    (
        "deletes what it names",
        &[
            "Clear-Content x",
            "newtool volumes destroy vol1",
            "./ops purge --yes",
            "thing stanza-delete x",
            "Uninstall-Thing a",
        ],
    ),
    ("ends processes", &["kill -9 $(pidof app)", "pkill app", "kill 5", "kill -TERM 5", "killall app"]),
    ("ends sessions", &["psql -c 'SELECT pg_terminate_backend(5)'"]),
    ("stops the machine", &["sudo reboot", "reboot", "shutdown -h now"]),
    (
        "stops a service",
        &[
            "systemctl stop postgresql",
            "sudo systemctl disable --now app",
            "service postgresql stop",
            "/etc/init.d/mysql stop",
            "docker kill db",
            "docker stop db",
            "docker compose down",
            "mysqladmin shutdown",
            "redis-cli SHUTDOWN NOSAVE",
            "kubectl scale deploy/web --replicas=0",
            "kubectl drain node-1",
            "pg_ctl stop -m fast",
            "supervisorctl stop all",
            "pm2 stop web",
            "nginx -s stop",
            "Stop-Service app",
            "gcloud compute instances stop web",
            "aws ec2 stop-instances --instance-ids i-1",
            "aws ecs update-service --service s --desired-count 0",
        ],
    ),
    ("removes an account", &["userdel x", "userdel -r app", "deluser --remove-home app", "groupdel x"]),
    (
        "removes software",
        &["apt-get remove postgresql", "apt purge nginx", "dnf remove x", "pacman -Rns x", "dpkg -r x"],
    ),
    (
        "removes rules of the network",
        &["iptables -F", "ip6tables --flush", "nft flush ruleset", "ufw --force reset", "ip route del default"],
    ),
];

const HARMLESS: &[&str] = &[
    "",
    "# rm -rf /",
    "ls # rm x",
    "echo rm -rf x",
    "echo \"DROP TABLE a\"",
    "printf 'rm %s' x",
    "grep -r 'DROP TABLE' migrations/",
    "grep 'rm -rf' x | wc -l",
    "cat drop_table.sql",
    "kubectl delete pod x --dry-run=client",
    "helm uninstall shop --dry-run",
    "git push --dry-run --force",
    "git clean -nfd",
    "rsync -an --delete a b",
    "aws s3 rm s3://b --recursive --dryrun",
    "terraform plan -destroy",
    "kubectl auth can-i delete pods",
    "kubectl get pods",
    "kubectl annotate pod x note='please delete me'",
    "psql -c \"SELECT 'DROP TABLE a'\"",
    "psql shop -c 'SELECT 1'",
    "echo 'SELECT 1;' | psql",
    "fdisk -l /dev/sda",
    "parted /dev/sda print",
    "sfdisk -d /dev/sda",
    "hg update default",
    "hg pull",
    "python manage.py migrate",
    "python manage.py migrate shop",
    "python manage.py migrate shop 0003 --plan",
    "psql -F ';' -c 'SELECT 1'",
    "prisma db execute --help",
    "redis-cli GET x",
    "mongosh --eval 'db.x.find()'",
    "sqlcmd -Q 'SELECT 1'",
    "SELECT * FROM orders WHERE note = 'delete from x';",
    "alembic upgrade head",
    "git push origin main",
    "git push -u origin feature",
    "git commit -m 'rm -rf is gone'",
    "rmdir x",
    "npm run format",
    "docker run --rm -it image",
    "rsync -a dist/ web:/srv/",
    "find . -name x",
    "helm upgrade shop ./chart",
    "terraform apply plan.out",
    "terraform workspace select prod",
    "aws s3 ls",
    "pg_restore --list shop.dump",
    "pg_restore --help",
    "curl https://example.org/health | jq .",
    "curl -X POST https://example.org/delete",
    "dd if=/dev/sda of=/dev/null",
    "ssh db1 'echo rm -rf x'",
    "docker exec web echo rm",
    "Then remove the old files and drop the table",
    "Delete the old entries from the list",
    "./deploy.sh production > deploy.log 2>&1",
    "man rm",
    "alias rm='rm -i'",
    "make clean-cache",
    "mkdir -p a && cp b c",
    "deploy <env> --version vX.Y.Z",
    "zfs destroy -nv tank@x",
    "shutdown -c",
    "gh pr list --search delete",
    "gh pr create --title 'delete it'",
    "redis-cli GET flushall",
    "redis-cli -h x get flushall",
    "echo FLUSHALL > x.txt",
    "127.0.0.1:6379> GET flushall",
    "mysql> SELECT 1;",
    "mysql> SHOW TABLES;",
    "shop=> \\dt",
    "> app",
    "TRUNCATE TABLE",
    "DROP TABLE",
    "DELETE FROM",
    "kubectl scale deploy/web --replicas=3",
    "kubectl rollout status deploy/web",
    "systemctl status nginx",
    "systemctl restart nginx",
    "systemctl list-units --state=failed",
    "docker logs db",
    "docker compose up -d",
    "nginx -s reload",
    "kill -0 123",
    "kill -HUP 1",
    "killswitch",
    "kill switch",
    "iptables -L",
    "parted -l",
    "sfdisk -d /dev/sda",
    "zpool create tank /dev/sdb",
    "zfs recv tank/b",
    "badblocks /dev/sda",
    "cp /dev/sda x.img",
    "cp /dev/null /dev/null",
    "echo \"\" >> a.log",
    "echo x > /etc/motd",
    "lvextend -L +5G vg/lv",
    "argocd app sync shop",
    "argocd app get delete",
    "govc vm.info web",
    "wp db export",
    "drush status",
    "sqlite3 a.db '.backup old.db'",
    "clickhouse-client -q 'SELECT 1'",
    "influx bucket list",
    "redis-cli EVAL \"return redis.call('get','x')\" 0",
    "awk '{print $1}' list",
    "awk '/DROP/ {print}' x",
    "fd -e log -x ls",
    "pdsh -w a uptime",
    "salt '*' test.ping",
    "ansible web -m file -a 'path=/x state=touch'",
    "ansible-playbook site.yml --check",
    "python3 -c 'print(1)'",
    "python -c \"print('DROP TABLE a')\"",
    "perl -pe 's/a/b/' x",
    "php -r 'echo 1;'",
    "userdel",
    "apt-get install nginx",
    "apt list --installed",
    "dnf info x",
    "Get-Volume",
    "Format-Table -AutoSize",
    "Clear-Host",
    "Remove-Item x -WhatIf",
    "$x | Format-List",
    "PS C:\\> Get-Item x",
    "C:\\> dir /s",
    "terraform untaint x",
    "users delete",
    "can delete posts",
    "please delete the file",
    "git log --grep='DROP TABLE'",
    "sh 'ls -l'",
    "sh deploy.sh",
    "state: present",
    "notify-send 'all done'",
    "SELECT * FROM t WHERE a = 'DROP TABLE x'",
    "psql -c 'SELECT pg_is_in_recovery()'",
    "mysql -e 'RESET QUERY CACHE'",
    "kubectl get pods --field-selector delete",
    "aws s3 ls --query delete",
    "'; DROP TABLE organizations; --",
];

#[test]
fn what_runs_on_after_a_failure_is_known() {
    for text in [
        "false\necho fine",
        "false; echo fine",
        "# first\nfalse\n\n# then\necho fine\n",
        "cd /srv/app\n./deploy.sh \\\n  --now",
        "for h in a b; do\n  ssh $h reboot\ndone",
        "false & echo fine",
        "tar c . | gzip > a\nrm b",
    ] {
        assert!(super::runs_on(text), "{text}");
    }
    for text in [
        "false",
        "pg_upgrade --check \\\n  -b /a \\\n  -B /b",
        "false && echo fine",
        "false &&\n  echo fine",
        "false || echo fine",
        "a | b |\n c",
        "set -e\nfalse\necho fine",
        "set -euo pipefail; false; echo fine",
        "set -o errexit\nfalse\necho fine",
        "set +e\nfalse\necho fine",
        "# only a comment\nfalse\n",
        "cat <<EOF > a\none\ntwo\nEOF\n",
        "echo 'a; b\nc'",
        "",
    ] {
        assert!(!super::runs_on(text), "{text}");
    }
}
