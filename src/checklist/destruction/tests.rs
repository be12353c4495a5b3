//! Commands in families: what destroys, and what only looks like it.

use super::*;

#[test]
fn what_destroys_is_told_by_its_effect() {
    let wrong = DESTROYS.iter().flat_map(|(wanted, texts)| {
        let told = texts.iter().map(|text| (*text, of(text).map(|destroyed| destroyed.words)));
        told.filter(|(_, told)| *told != Some(*wanted))
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
    let told = |text: &str| all(text).into_iter().map(|one| (one.line, one.text)).collect::<Vec<_>>();
    let one = |line: usize, text: &str| vec![(line, text.to_owned())];
    assert_eq!(told("# first\nset -e\ncd /srv\nrm -rf old\nls"), one(3, "rm -rf old"));
    assert_eq!(told("ls\nkubectl \\\n  delete \\\n  pod x\n"), one(1, "kubectl delete pod x"));
    assert_eq!(told("psql shop <<EOF\nSELECT 1;\nDROP TABLE a;\nEOF\n"), one(2, "DROP TABLE a;"));
    assert_eq!(told("psql -c \"\n  SELECT 1;\n  TRUNCATE a;\n\""), one(2, "TRUNCATE a;"));
    assert_eq!(told("BEGIN;\n-- all of them\nDELETE FROM a;\nCOMMIT;"), one(2, "DELETE FROM a;"));
    assert_eq!(told("echo a\nrm b\ndropdb c").len(), 2);
}

const DESTROYS: &[(&str, &[&str])] = &[
    (
        "removes files",
        &[
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
            "kubectl delete pod x",
            "kubectl -n shop delete ns/shop",
            "helm uninstall shop",
            "helm -n shop delete shop",
            "k drain node-1",
        ],
    ),
    (
        "destroys infrastructure",
        &[
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
    ("empties tables", &["mysql -e \"TRUNCATE orders\"", "TRUNCATE lots;", "mysql shop -e 'DELETE FROM orders'"]),
    ("changes every row", &["psql -c 'UPDATE users SET admin = true'"]),
    (
        "takes migrations back",
        &["alembic downgrade base", "alembic -c a.ini downgrade -1", "dbmate rollback", "php artisan migrate:rollback"],
    ),
    ("empties the cache", &["redis-cli FLUSHALL", "redis-cli -h x flushdb"]),
    (
        "deletes stored data",
        &[
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
    ("ends processes", &["kill -9 $(pidof app)", "pkill app"]),
    ("stops the machine", &["sudo reboot"]),
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
    "psql -f migrations/001.sql",
    "SELECT * FROM orders WHERE note = 'delete from x';",
    "alembic upgrade head",
    "git push origin main",
    "git push -u origin feature",
    "git commit -m 'rm -rf is gone'",
    "rmdir x",
    "npm run format",
    "docker run --rm -it image",
    "docker compose down",
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
    "systemctl stop postgresql",
    "ssh db1 'echo rm -rf x'",
    "docker exec web echo rm",
    "Then remove the old files and drop the table",
    "Delete the old entries from the list",
    "./deploy.sh production > deploy.log 2>&1",
    "man rm",
    "alias rm='rm -i'",
    "make clean-cache",
    "kill -TERM 5",
    "mkdir -p a && cp b c",
    "deploy <env> --version vX.Y.Z",
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
