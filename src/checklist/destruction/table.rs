//! The one table of commands that destroy, by what they do.
//!
//! Each is told by its program and the shape of what follows it. Words are parted by single spaces; white space inside
//! a word is [`JOINT`], so that a quoted sentence is never taken for a subcommand.

use super::{Destroyed, Loss};
use regex::bytes::Regex;
use std::collections::HashMap;
use std::sync::LazyLock;

/// White space inside a word.
pub const JOINT: char = '\u{1}';
/// The most words of a command that are looked at.
const MOST_WORDS: usize = 200;

const FILES: &str = "removes files";
const DISK: &str = "overwrites a disk or a file";
const WORK: &str = "throws history or work away";
const BACK: &str = "takes migrations back";
const DROPS: &str = "drops what it names";
const REPLACES: &str = "replaces what is there";
const CLUSTER: &str = "deletes from the cluster";
const INFRASTRUCTURE: &str = "destroys infrastructure";
const CONTAINERS: &str = "removes containers or volumes";
const CLOUD: &str = "deletes from the cloud";
const VOLUME: &str = "destroys a volume";
const DATA: &str = "deletes stored data";
const PROCESSES: &str = "ends processes";
const MACHINE: &str = "stops the machine";
const LOADS: &str = "loads a dump over what is there";

/// Programs, what follows them (as a pattern; it ends where a word does), what it does,
/// and what is lost. The first that fits counts.
const TABLE: &[(&str, &str, &str, Loss)] = &[
    // Files and disks.
    ("rm|srm|unlink|rimraf|trash|trash-put|del|erase|Remove-Item|ri", r"\S.*", FILES, Loss::Other),
    ("rmdir|rd", r"(?:.* )?/[sS]", FILES, Loss::Other),
    ("find|fd|fdfind", r"(?:.* )?-delete", FILES, Loss::Other),
    ("rsync", r"(?:.* )?--(?:del|delete\S*|remove-source-files)", FILES, Loss::Other),
    ("robocopy", r"(?i)(?:.* )?/(?:mir|purge|move)", FILES, Loss::Other),
    ("rclone", r"(?:.* )?(?:sync|delete|deletefile|purge|cleanup|rmdirs)", FILES, Loss::Other),
    ("journalctl", r"(?:.* )?--vacuum-\S+", FILES, Loss::Other),
    ("tar", r"(?:.* )?--remove-files", FILES, Loss::Other),
    ("restic", r"(?:.* )?(?:forget|prune)", FILES, Loss::Other),
    ("borg", r"(?:.* )?(?:delete|prune)", FILES, Loss::Other),
    ("shred|wipe", r"\S.*", DISK, Loss::Other),
    ("wipefs", r"(?:.* )?(?:-\w*a\w*|--all|-\w*o\w*|--offset\S*)", DISK, Loss::Other),
    ("mkfs|mkfs.*|mke2fs|mkswap|blkdiscard|pg_resetwal|pg_resetxlog", r"\S.*", DISK, Loss::Other),
    ("truncate", r"(?:.* )?(?:-s|--size|-s\S+|--size=\S+)", DISK, Loss::Other),
    ("dd", r"(?:.* )?of=\S+", DISK, Loss::Other),
    (
        "sgdisk|parted|hdparm|nvme|cryptsetup|mdadm",
        r"(?:.* )?(?:--zap\S*|-Z|-o|mklabel|mktable|--security-erase\S*|format|sanitize|luksFormat|erase|luksErase|--zero-superblock)",
        DISK,
        Loss::Other,
    ),
    ("zfs|zpool", r"(?:.* )?(?:destroy|rollback|labelclear)", VOLUME, Loss::Other),
    ("lvremove|vgremove|pvremove", r".*", VOLUME, Loss::Other),
    ("btrfs|ceph|rbd|rados", r"(?:.* )?(?:delete|rm|purge|remove|destroy)", VOLUME, Loss::Other),
    (
        "virsh|vagrant|multipass|lxc|incus|VBoxManage|vboxmanage|qm|pct",
        r"(?:.* )?(?:destroy|undefine|delete|purge|vol-delete|--delete)",
        VOLUME,
        Loss::Other,
    ),
    // Work and history.
    (
        "git",
        r"(?:.* )?push (?:.* )?(?:--force\S*|--mirror|--delete|--prune|-[a-zA-Z]*[fd][a-zA-Z]*|\+\S+|:\S+)",
        WORK,
        Loss::Other,
    ),
    (
        "git",
        r"(?:.* )?(?:reset (?:.* )?--(?:hard|merge|keep)|clean (?:.* )?(?:-[a-zA-Z]*f[a-zA-Z]*|--force)|branch (?:.* )?(?:-[a-zA-Z]*D[a-zA-Z]*|-[df]+ .*--force|--delete --force)|stash (?:drop|clear)|tag (?:.* )?(?:-d|--delete)|reflog (?:expire|delete)|gc (?:.* )?--prune=now|filter-branch|filter-repo|update-ref (?:.* )?-d|worktree remove|checkout (?:.* )?(?:--|\.|-f|--force)|restore (?:\.|:/|--worktree)|switch (?:.* )?(?:--discard-changes|-f|-C))",
        WORK,
        Loss::Other,
    ),
    ("gh|glab|hub|tea", r"(?:.* )?(?:delete|delete-asset)", WORK, Loss::Other),
    // Clusters.
    (
        "kubectl|oc|k|kubecolor|microk8s.kubectl",
        r"(?:.* )?(?:delete|drain|replace (?:.* )?--force|apply (?:.* )?--prune)",
        CLUSTER,
        Loss::Other,
    ),
    ("helm|helm3|helmfile", r"(?:.* )?(?:uninstall|delete|del|un|rollback|destroy)", CLUSTER, Loss::Other),
    (
        "kind|k3d|minikube|eksctl|kops|argocd|flux|istioctl|velero|argo|rancher|kubeadm",
        r"(?:.* )?(?:delete|uninstall|reset|terminate)",
        CLUSTER,
        Loss::Other,
    ),
    ("nomad", r"(?:.* )?(?:stop (?:.* )?-purge|system gc|purge)", CLUSTER, Loss::Other),
    ("etcdctl|consul|vault", r"(?:.* )?(?:del|delete|destroy|disable|delete-metadata|revoke)", DATA, Loss::Other),
    // Infrastructure.
    (
        "terraform|tofu|terragrunt|terramate|tf",
        r"(?:.* )?(?:destroy|apply (?:.* )?(?:-{1,2}destroy|-{1,2}replace\S*|\S*destroy\S*)|workspace delete|state (?:.* )?rm)",
        INFRASTRUCTURE,
        Loss::Other,
    ),
    ("pulumi", r"(?:.* )?(?:destroy|stack rm|state delete)", INFRASTRUCTURE, Loss::Other),
    (
        "cdk|cdktf|sst|packer|crossplane|nixops|copilot|sam|amplify|eb|cf|serverless|sls",
        r"(?:.* )?(?:destroy|delete|remove|terminate|delete-service)",
        INFRASTRUCTURE,
        Loss::Other,
    ),
    // Containers.
    (
        "docker|podman|nerdctl",
        r"(?:-\S+ \S+ |-\S+ )*(?:rm|rmi|(?:volume|container|image|network|system|builder|buildx|secret|config|stack|service|node|context|pod|machine) (?:-\S+ )*(?:rm|prune|remove|reset)|swarm leave)",
        CONTAINERS,
        Loss::Other,
    ),
    (
        "docker|podman|nerdctl",
        r"compose (?:.* )?(?:down (?:.* )?(?:-v|--volumes|--rmi\S*)|rm)",
        CONTAINERS,
        Loss::Other,
    ),
    (
        "docker-compose|podman-compose",
        r"(?:.* )?(?:down (?:.* )?(?:-v|--volumes|--rmi\S*)|rm)",
        CONTAINERS,
        Loss::Other,
    ),
    ("crictl|ctr", r"(?:.* )?(?:rm|rmi|rmp|prune|delete|remove)", CONTAINERS, Loss::Other),
    // Clouds.
    (
        "aws",
        r"(?:.* )?(?:(?:batch-)?(?:delete|terminate|purge|deregister|remove|schedule-key-deletion|reset|empty)(?:-\S+)?|s3 (?:.* )?(?:rm|rb)|s3 sync (?:.* )?--delete)",
        CLOUD,
        Loss::Other,
    ),
    (
        "gcloud|az|doctl|oci|ibmcloud|linode-cli|hcloud|scw|civo|exo|vultr-cli|openstack|aliyun|tccli|ovh|yc",
        r"(?:.* )?(?:delete|delete-batch|purge|destroy|terminate|rm|remove|drop)",
        CLOUD,
        Loss::Other,
    ),
    ("gcloud|az", r"(?:.* )?(?:import|restore)(?: .*)?", REPLACES, Loss::Other),
    (
        "gsutil|s3cmd|s5cmd|mc|azcopy|bq|ossutil",
        r"(?:.* )?(?:rm|rb|remove|del|delete|--delete|--delete-removed|--delete-destination\S*|--remove|--replace|rsync (?:.* )?-d)",
        CLOUD,
        Loss::Other,
    ),
    (
        "heroku",
        r"(?:.* )?(?:\S+:(?:destroy|delete|remove|reset|push|copy|restore)|pg:backups:(?:restore|delete)|pg:backups (?:restore|delete)|destroy)",
        CLOUD,
        Loss::Other,
    ),
    (
        "fly|flyctl|vercel|railway|render|netlify|wrangler|firebase|supabase|turso|pscale|neon|neonctl|atlas|platform|upsun|dokku|koyeb|gigalixir|clever",
        r"(?:.* )?(?:\S+:)?(?:destroy|delete|delete-object|rm|remove|reset|down|purge|restore|undeploy)",
        CLOUD,
        Loss::Other,
    ),
    (
        "curl|http|https|xh|wget|httpie",
        r"(?:.* )?(?:-[a-zA-Z]*X ?DELETE|--request[ =]DELETE|--method=DELETE|DELETE)",
        DATA,
        Loss::Other,
    ),
    ("Invoke-RestMethod|Invoke-WebRequest|irm|iwr", r"(?i)(?:.* )?delete", DATA, Loss::Other),
    // Databases.
    ("dropdb|dropuser|pg_dropcluster", r".*", DROPS, Loss::Data),
    ("mysqladmin|mariadb-admin", r"(?:.* )?drop", DROPS, Loss::Data),
    ("dbmate", r"(?:.* )?drop", DROPS, Loss::Data),
    ("dbmate", r"(?:.* )?(?:rollback|down)", BACK, Loss::Other),
    (
        "sqlx",
        r"(?:.* )?(?:database (?:drop|reset)|migrate revert (?:.* )?--target-version[ =]0|--target-version[ =]0|db (?:drop|reset))",
        DROPS,
        Loss::Data,
    ),
    ("sqlx", r"(?:.* )?revert", BACK, Loss::Other),
    ("flyway", r"(?:.* )?clean", DROPS, Loss::Data),
    ("liquibase", r"(?:.* )?drop-?[aA]ll", DROPS, Loss::Data),
    ("flyway|liquibase", r"(?:.* )?(?:undo|rollback\S*)", BACK, Loss::Other),
    ("alembic|flask|quart", r"(?:.* )?downgrade (?:.* )?base", BACK, Loss::Data),
    ("alembic|flask|quart", r"(?:.* )?downgrade", BACK, Loss::Other),
    ("prisma", r"(?:.* )?(?:migrate reset|db push (?:.* )?(?:--force-reset|--accept-data-loss))", DROPS, Loss::Data),
    (
        "rails|rake|hanami",
        r"(?:.* )?(?:db|apartment)(?::\w+)*:(?:drop\S*|reset|purge|truncate_all|schema:load|structure:load|setup|migrate:reset)",
        DROPS,
        Loss::Data,
    ),
    ("rails|rake|hanami", r"(?:.* )?db(?::\w+)*:(?:rollback\S*|migrate:(?:down|redo))", BACK, Loss::Other),
    (
        "*manage.py|django-admin",
        r"(?:.* )?(?:flush|reset_db|sqlflush|migrate \S+ zero|drop_test_database)",
        DROPS,
        Loss::Data,
    ),
    (
        "artisan|console",
        r"(?:.* )?(?:migrate:(?:fresh|reset|refresh)|db:wipe|doctrine:(?:database|schema):drop)",
        DROPS,
        Loss::Data,
    ),
    (
        "npm|yarn|pnpm|bun|make|just|task|composer|rake|rails",
        r"(?:.* )?\S*(?:(?:db|database)[:_-](?:drop|reset|wipe|nuke|destroy|fresh|truncate|purge)|(?:drop|reset|wipe|nuke|destroy|purge)[:_-](?:db|database))\S*",
        DROPS,
        Loss::Data,
    ),
    ("npm|yarn|pnpm|cargo|gem", r"(?:.* )?(?:unpublish|yank)", WORK, Loss::Other),
    (
        "artisan|console|ace|typeorm|sequelize|sequelize-cli|knex|mikro-orm",
        r"(?:.* )?(?:migrate[:\s](?:rollback|undo\S*|down|reset)|migration:(?:revert|down|rollback|reset|refresh|fresh)|db:migrate:undo\S*)",
        BACK,
        Loss::Other,
    ),
    (
        "typeorm|sequelize|sequelize-cli|mikro-orm|drizzle-kit|diesel|atlas",
        r"(?:.* )?(?:schema:drop|db:drop|schema:fresh|migration:fresh|database:drop|drop|database reset|schema clean)",
        DROPS,
        Loss::Data,
    ),
    ("mix", r"(?:.* )?ecto\.(?:drop|reset)", DROPS, Loss::Data),
    (
        "mix|diesel|goose|migrate|golang-migrate|sea-orm-cli|sea|migrate-mongo|yoyo|hasura|db-migrate|dotnet-ef|bb",
        r"(?:.* )?(?:ecto\.rollback|migration (?:revert|redo)|down\S*|reset|fresh|refresh|drop|redo|rollback|--down\S*)",
        BACK,
        Loss::Other,
    ),
    ("dotnet", r"(?:.* )?ef (?:database drop|migrations remove)", DROPS, Loss::Data),
    ("pg_restore", r"(?:.* )?(?:--clean|-[aCelOsvwWx1]*c\S*|\S*GONOGO_DATABASE_URL\S*)", REPLACES, Loss::Data),
    ("mongorestore|mongoimport", r"(?:.* )?--drop", REPLACES, Loss::Data),
    (
        "pg_restore|mongorestore",
        r"(?:.* )?(?:-d|--dbname|--db|--nsInclude|-d\S+|--dbname=\S+|--db=\S+|--archive\S*)",
        LOADS,
        Loss::Other,
    ),
    ("psql", r"(?:.* )?\S*GONOGO_DATABASE_URL\S* (?:.* )?(?:-f|--file)\S*", LOADS, Loss::Data),
    (
        "psql|mysql|mariadb|sqlite3|sqlcmd|sqlplus",
        r"(?:.* )?(?:-[a-zA-Z1]*f|--file|-i|@)[ =]?\S*(?i:dump|backup|restore|snapshot|drop|truncate|wipe|purge|teardown)\S*",
        LOADS,
        Loss::Other,
    ),
    (
        "pgbackrest|barman|wal-g|xtrabackup|mariabackup",
        r"(?:.* )?(?:restore|recover|backup-fetch|--copy-back|--move-back|delete)",
        REPLACES,
        Loss::Other,
    ),
    ("redis-cli|valkey-cli|keydb-cli", r"(?i)(?:.* )?flush(?:all|db)", "empties the cache", Loss::Other),
    (
        "redis-cli|valkey-cli|keydb-cli|rabbitmqctl|rabbitmqadmin|nats|celery|kafka-topics|kafka-topics.sh|kafka-delete-records.sh|kafka-consumer-groups.sh",
        r"(?i)(?:.* )?(?:del|unlink|reset|force_reset|purge\S*|delete\S*|rm|--delete|--offset-json-file)",
        DATA,
        Loss::Other,
    ),
    // Processes and machines.
    ("kill", r"(?:.* )?(?:-9|-KILL|-SIGKILL|-s (?:9|KILL|SIGKILL))", PROCESSES, Loss::Other),
    ("pkill|killall|taskkill|Stop-Process", r".*", PROCESSES, Loss::Other),
    ("shutdown|reboot|poweroff|halt", r".*", MACHINE, Loss::Other),
    ("systemctl|init", r"(?:.* )?(?:poweroff|reboot|halt|kexec|0|6)", MACHINE, Loss::Other),
    ("apt|apt-get|userdel|deluser", r"(?:.* )?(?:purge|--purge|-r|--remove-home)", FILES, Loss::Other),
    ("crontab", r"(?:.* )?-r", FILES, Loss::Other),
];

/// The same commands where they only tell what they would do.
const HARMLESS: &[&str] = &[
    r" (?:--?dry[-_]?run(?:=(?:client|server|true|1|all))?|--dryrun|--what-?if|-WhatIf|--noop|--no-act|--simulate|--just-print|--help|--version)(?: |$)",
    r" help$",
    r"^dd (?:.* )?of=/dev/(?:null|stdout|full)(?: |$)",
    r"^(?:terraform|tofu|terragrunt|tf) (?:-\S+ )*(?:plan|show|validate|output|fmt|graph|providers)(?: |$)",
    r"^rsync (?:.* )?-[a-zA-Z]*n[a-zA-Z]*(?: |$)",
    r"^git (?:.* )?(?:clean|push) (?:.* )?-[a-zA-Z]*n[a-zA-Z]*(?: |$)",
    r"^git (?:-\S+ \S+ )*(?:log|grep|commit|show|diff|config|blame|help)(?: |$)",
    r"^(?:kubectl|oc|k) (?:-\S+ \S+ |-\S+ )*(?:get|describe|explain|logs|auth|diff|top|exec|rsh|debug|run|cp|port-forward)(?: |$)",
    r"^(?:docker|podman|nerdctl) (?:compose )?(?:-\S+ \S+ |-\S+ )*(?:exec|run|ps|logs|inspect|build|images)(?: |$)",
    r"^docker-compose (?:-\S+ \S+ )*(?:exec|run|ps|logs|build)(?: |$)",
    r"^helm3? (?:-\S+ \S+ )*(?:template|list|ls|status|history|get|show|lint|diff)(?: |$)",
    r"^(?:gcloud|az|aws|oci) (?:.* )?(?:list|describe|show|get-\S+|describe-\S+|list-\S+)(?: |$)",
    r"^pg_restore (?:.* )?(?:-l|--list)(?: |$)",
    r"^(?:alembic|flask) (?:.* )?--sql(?: |$)",
    r"^(?:fly|flyctl|heroku) (?:ssh|run|logs|status|ps)(?:[ :]|$)",
];

/// Words by which programs of other languages and shells of databases take data away.
const IN_PROGRAMS: &str = concat!(
    r"\.dropDatabase\(|\.drop\(\s*\)|\.deleteMany\(|\.remove\(\s*\{\s*\}|\.objects\.(?:all\(\)\.)?delete\(|\bdelete_all\b|\bdestroy_all\b",
    r"|\bdrop_all\(|\bdrop_table\(|\brmtree\(|\brm_rf\b|\bos\.(?:remove|unlink)\(|\bfs\W{0,3}\.(?:rm|rmSync|unlink|unlinkSync|rmdirSync)\(|(?i)\.flush(?:all|db)\(",
);

/// A shape of the table, ready to be looked for.
static SHAPES: LazyLock<Vec<Option<Regex>>> = LazyLock::new(|| {
    let shapes = TABLE.iter().map(|(_, shape, ..)| Regex::new(&format!("(?-u)^(?:{shape})(?: |$)")).ok());
    shapes.collect()
});

/// Where each program stands in the table. A name may stand for all that begin (`mkfs.*`) or end (`*manage.py`) like it.
static BY_NAME: LazyLock<HashMap<&str, Vec<usize>>> = LazyLock::new(|| {
    let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, (programs, ..)) in TABLE.iter().enumerate() {
        programs.split('|').for_each(|name| by_name.entry(name).or_default().push(at));
    }
    by_name
});

static SAFE: LazyLock<Option<Vec<Regex>>> =
    LazyLock::new(|| HARMLESS.iter().map(|shape| Regex::new(&format!("(?-u){shape}")).ok()).collect());

static CALLS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(IN_PROGRAMS).ok());

/// Whether the table knows a program.
pub fn knows(program: &str) -> bool {
    rules(program).is_some()
}

fn rules(program: &str) -> Option<&'static [usize]> {
    let name = if program.starts_with("mkfs.") {
        "mkfs.*"
    } else if program.ends_with("manage.py") {
        "*manage.py"
    } else {
        program
    };
    BY_NAME.get(name).map(Vec::as_slice)
}

/// What a program does with its arguments.
pub fn of_program(program: &str, arguments: &[String]) -> Option<Destroyed> {
    let rules = rules(program)?;
    let mut words = String::new();
    for (at, word) in arguments.iter().enumerate().take(MOST_WORDS) {
        if at > 0 {
            words.push(' ');
        }
        words.extend(word.chars().map(|c| if c.is_whitespace() { JOINT } else { c }));
    }
    // A shape that cannot be read counts as found: better one question more.
    let fits = |rule: &&usize| SHAPES[**rule].as_ref().is_none_or(|shape| shape.is_match(words.as_bytes()));
    let (_, _, what, loss) = TABLE[*rules.iter().find(fits)?];
    let line = format!("{program} {words}");
    let safe = SAFE.as_ref().is_some_and(|safe| safe.iter().any(|safe| safe.is_match(line.as_bytes())));
    (!safe).then_some(Destroyed { words: what, loss })
}

/// What a line of a program does.
pub fn of_call(text: &str) -> Option<Destroyed> {
    let called = CALLS.as_ref()?.is_match(text.as_bytes());
    called.then_some(Destroyed { words: DATA, loss: Loss::Data })
}
