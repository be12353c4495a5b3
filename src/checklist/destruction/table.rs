//! The one table of commands that destroy, by what they do.
//!
//! Each is recognised by its program and the shape of what follows it. Words are parted by single spaces; white space inside
//! a word is [`JOINT`], so that a quoted sentence is never taken for a subcommand. The shape [`VERBS`] stands for any
//! subcommand that says so itself (see `verbs`).
//!
//! Longer than 400 lines because the table is data: one place for all programs.

use super::verbs::{self, Verb};
use super::{Destroyed, Loss};
use regex::bytes::Regex;
use std::collections::HashMap;
use std::sync::LazyLock;

/// White space inside a word.
pub(super) const JOINT: char = '\u{1}';
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
const SERVICE: &str = "stops a service";
const ACCOUNT: &str = "removes an account";
const SOFTWARE: &str = "removes software";
const NETWORK: &str = "removes rules of the network";

/// The shape of programs whose subcommands say what they do.
const VERBS: &str = "{verbs}";
/// Options before a command of Redis, in a shape.
const REDIS: &str = r"(?:-\S+ (?:[^-\s]\S* )?)*";
/// A disk, in a shape.
const DISKS: &str = r"/dev/(?:sd|nvme|vd|xvd|hd|mmcblk|disk|mapper|md|dm-|loop|zvol|r?disk)\S*";
/// Unlike a dump, nobody knows what is in it.
pub(super) const UNSEEN: &str = "runs a file whose content is not seen here";
const MAY_BACK: &str = "goes to the revision it names, which may take migrations back";
const LOADS: &str = "loads a dump over what is there";

/// Programs, what follows them (as a pattern; it ends where a word does), what it does,
/// and what is lost. The first that fits counts.
const TABLE: &[(&str, &str, &str, Loss)] = &[
    // Files and disks.
    ("rm|srm|unlink|rimraf|trash|trash-put|del|erase", r"(?:.* )?[^-\s]\S*", FILES, Loss::Other),
    ("Remove-Item|ri", r"\S.*", FILES, Loss::Other),
    ("rmdir|rd", r"(?:.* )?/[sS]", FILES, Loss::Other),
    ("cp|install|mv|tee|rsync|ddrescue|bmaptool|qemu-img|pv|dcfldd", r"(?:.* )?{disks}$", DISK, Loss::Other),
    ("cp|install|mv", r"(?:.* )?/dev/null [^/]\S*|(?:.* )?/dev/null /(?:[^d]|d[^e])\S*", DISK, Loss::Other),
    ("badblocks", r"(?:.* )?-\w*w\w*", DISK, Loss::Other),
    ("sfdisk", r"(?:.* )?(?:--delete|--wipe\S*)", DISK, Loss::Other),
    ("fdisk|cfdisk|gdisk|cgdisk|sfdisk", r"(?:.* )?(?:{disks}|--delete|-w|--wipe\S*)(?: .*)?", DISK, Loss::Other),
    ("parted", r"(?:.* )?(?:{disks}$|mkpart\S*|resizepart|mklabel|mktable|rm|rescue|disk_set|set)", DISK, Loss::Other),
    ("format|format.com", r"(?i)(?:.* )?[a-z]:", DISK, Loss::Other),
    ("diskpart|cipher", r"(?i)(?:.* )?/[sw]\S*", DISK, Loss::Other),
    ("Format-Volume|Clear-Disk|Initialize-Disk|Reset-PhysicalDisk|Remove-Partition", r".*", DISK, Loss::Other),
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
        r"(?:.* )?(?:--zap\S*|-Z|-o|mklabel|mktable|rm|--security-erase\S*|format|sanitize|luksFormat|erase|luksErase|--zero-superblock)",
        DISK,
        Loss::Other,
    ),
    (
        "zfs|zpool",
        r"(?:.* )?(?:destroy|rollback|labelclear|(?:recv|receive) (?:.* )?-\w*F\w*|create (?:.* )?-\w*f\w*)",
        VOLUME,
        Loss::Other,
    ),
    ("lvremove|vgremove|pvremove|lvreduce|vgreduce", r"\S.*", VOLUME, Loss::Other),
    ("lvresize", r"(?:.* )?(?:-L|-l|--size|--extents)[ =]?-\S+", VOLUME, Loss::Other),
    ("btrfs|ceph|rbd|rados|snapper|gluster|drbdadm|longhorn|linstor", VERBS, VOLUME, Loss::Other),
    (
        "virsh|vagrant|multipass|lxc|incus|VBoxManage|vboxmanage|qm|pct|govc|esxcli|vim-cmd|xe|limactl|prlctl|vmrun",
        r"(?:.* )?(?:undefine|vol-delete|vmsvc/destroy|deleteVM)",
        VOLUME,
        Loss::Other,
    ),
    (
        "virsh|vagrant|multipass|lxc|incus|VBoxManage|vboxmanage|qm|pct|govc|esxcli|vim-cmd|xe|limactl|prlctl|vmrun",
        VERBS,
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
    (
        "hg",
        r"(?:.* )?(?:strip|rollback|purge|histedit|prune|(?:update|up|checkout|co) (?:.* )?(?:-C|--clean)|push (?:.* )?(?:-f|--force))",
        WORK,
        Loss::Other,
    ),
    ("svn|bzr|fossil", r"(?:.* )?(?:delete|remove|rm|uncommit|purge)", WORK, Loss::Other),
    ("gh|glab|hub|tea", VERBS, WORK, Loss::Other),
    // Clusters.
    (
        "kubectl|oc|k|kubecolor|microk8s.kubectl",
        r"(?:.* )?(?:delete|replace (?:.* )?--force|apply (?:.* )?--prune)",
        CLUSTER,
        Loss::Other,
    ),
    (
        "kubectl|oc|k|kubecolor|microk8s.kubectl",
        r"(?:.* )?(?:drain|scale (?:.* )?--replicas[= ]0)",
        SERVICE,
        Loss::Other,
    ),
    ("kubectl|oc|k|kubecolor|microk8s.kubectl", r"(?:.* )?rollout undo", REPLACES, Loss::Other),
    ("helm|helm3|helmfile", r"(?:.* )?(?:uninstall|delete|del|un|destroy)", CLUSTER, Loss::Other),
    ("helm|helm3", r"(?:.* )?rollback", REPLACES, Loss::Other),
    (
        "kind|k3d|minikube|eksctl|kops|argocd|flux|istioctl|velero|argo|rancher|kubeadm|skaffold|tilt|linkerd|crossplane",
        VERBS,
        CLUSTER,
        Loss::Other,
    ),
    ("kubeadm|talosctl|k0s|rke", r"(?:.* )?reset", CLUSTER, Loss::Other),
    (
        "argocd|flux|skaffold|tilt",
        r"(?:.* )?(?:sync (?:.* )?(?:--prune|--replace)|terminate-op|down)",
        CLUSTER,
        Loss::Other,
    ),
    ("nomad", VERBS, CLUSTER, Loss::Other),
    ("nomad", r"(?:.* )?(?:stop (?:.* )?-purge|system gc|purge)", CLUSTER, Loss::Other),
    ("etcdctl|etcdutl|consul", r"(?:.* )?snapshot restore", REPLACES, Loss::Data),
    ("etcdctl|consul|vault", r"(?:.* )?(?:del|delete|destroy|disable|delete-metadata|revoke)", DATA, Loss::Other),
    // Infrastructure.
    (
        "terraform|tofu|terragrunt|terramate|tf",
        r"(?:.* )?(?:destroy|apply (?:.* )?(?:-{1,2}destroy|-{1,2}replace\S*|\S*destroy\S*)|workspace delete|state (?:.* )?rm|taint)",
        INFRASTRUCTURE,
        Loss::Other,
    ),
    ("pulumi", r"(?:.* )?(?:destroy|stack rm|state delete)", INFRASTRUCTURE, Loss::Other),
    ("cdk|cdktf|sst|packer|nixops|copilot|sam|amplify|eb|cf|serverless|sls", VERBS, INFRASTRUCTURE, Loss::Other),
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
    (
        "docker|podman|nerdctl",
        r"(?:-\S+ \S+ |-\S+ )*(?:(?:container )?(?:kill|stop)|compose (?:.* )?(?:down|stop|kill))",
        SERVICE,
        Loss::Other,
    ),
    ("docker-compose|podman-compose", r"(?:.* )?(?:down|stop|kill)", SERVICE, Loss::Other),
    ("crictl|ctr", r"(?:.* )?(?:rm|rmi|rmp|prune|delete|remove)", CONTAINERS, Loss::Other),
    // Clouds.
    (
        "aws",
        r"(?:\S+ )*(?:s3 (?:\S+ )*rb|(?:deregister|schedule-key-deletion|reset|empty)(?:-\S+)?)",
        CLOUD,
        Loss::Other,
    ),
    (
        "aws|gcloud|az|doctl|oci|ibmcloud|linode-cli|hcloud|scw|civo|exo|vultr-cli|openstack|nova|aliyun|tccli|ovh|yc",
        VERBS,
        CLOUD,
        Loss::Other,
    ),
    ("aws", r"(?:.* )?--desired-(?:count|capacity)[= ]0", SERVICE, Loss::Other),
    ("aws", r"(?:.* )?restore-\S+", REPLACES, Loss::Other),
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
    ("heroku", r"(?:.* )?(?:ps:scale (?:.* )?\w+=0|ps:(?:stop|kill)|pg:kill\w*|maintenance:on)", SERVICE, Loss::Other),
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
    ("dropdb|dropuser|pg_dropcluster", r"\S.*", DROPS, Loss::Data),
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
    ("*manage.py|django-admin", r"(?:.* )?migrate (?:-\S+ )*[a-z_]\w* \d\S*", MAY_BACK, Loss::Other),
    (
        "artisan|console",
        r"(?:.* )?(?:migrate:(?:fresh|reset|refresh)|db:wipe|doctrine:(?:database|schema):drop)",
        DROPS,
        Loss::Data,
    ),
    (
        "npm|yarn|pnpm|bun|make|just|task|composer|rake|rails",
        r"(?:.* )?\S*(?:(?:db|database|migrate|migrations?|schema)[:_-](?:drop|reset|wipe|nuke|destroy|fresh|truncate|purge)|(?:drop|reset|wipe|nuke|destroy|purge)[:_-](?:db|database))\S*",
        DROPS,
        Loss::Data,
    ),
    ("make|gmake|just|task|invoke|inv|ant", VERBS, "deletes what it names", Loss::Other),
    (
        "npm|yarn|pnpm|bun",
        r"(?:run(?:-script)? )?\S*(?:destroy|wipe|nuke|drop|purge)(?:[:_-]\S+)?",
        "deletes what it names",
        Loss::Other,
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
        "psql|pgcli|ysqlsh|usql|cqlsh|snowsql|cockroach|trino|presto|beeline|hive|impala-shell|spark-sql|db2|duckdb|clickhouse-client",
        r"(?:.* )?(?:-[a-zA-Z01]*f|--file|--queries-file|--input-file)[ =]?\S+",
        UNSEEN,
        Loss::Other,
    ),
    ("sqlcmd|osql|isql", r"(?:.* )?(?:-i|--input-file)[ =]?\S+", UNSEEN, Loss::Other),
    ("Invoke-Sqlcmd", r"(?i)(?:.* )?-inputfile", UNSEEN, Loss::Other),
    ("sqlplus", r"(?:.* )?@\S+", UNSEEN, Loss::Other),
    ("mongosh|mongo", r"(?:.* )?[^-\s]\S*\.m?js", UNSEEN, Loss::Other),
    ("prisma", r"(?:.* )?db execute (?:.* )?(?:--file|--stdin)\S*", UNSEEN, Loss::Other),
    ("wp", r"(?:.* )?db (?:import|query)(?: \S*\.sql)?", UNSEEN, Loss::Other),
    ("drush", r"(?:.* )?(?:sql[:-]query|sqlq) (?:.* )?--file\S*", UNSEEN, Loss::Other),
    (
        "pgbackrest|barman|wal-g|xtrabackup|mariabackup",
        r"(?:.* )?(?:restore|recover|backup-fetch|--copy-back|--move-back)",
        REPLACES,
        Loss::Other,
    ),
    ("pgbackrest|barman|wal-g", r"(?:.* )?(?:stanza-delete|expire|delete)", DATA, Loss::Other),
    ("redis-cli|valkey-cli|keydb-cli", r"(?i){redis}(?:flushall|flushdb)", "empties the cache", Loss::Other),
    (
        "redis-cli|valkey-cli|keydb-cli",
        r"(?i){redis}(?:del|unlink|hdel|getdel|script flush|function flush|function delete|cluster reset)",
        DATA,
        Loss::Other,
    ),
    ("redis-cli|valkey-cli|keydb-cli", r"(?i){redis}shutdown", SERVICE, Loss::Other),
    (
        "rabbitmqctl|rabbitmqadmin|nats|celery|kafka-topics|kafka-topics.sh|kafka-delete-records.sh|kafka-consumer-groups.sh|zookeeper-shell|zookeeper-shell.sh|zkCli.sh|pulsar-admin|rpk|kcat",
        r"(?i)(?:.* )?(?:del|unlink|reset|force_reset|purge\S*|delete\S*|rm|rmr|--delete|--reset-offsets|--offset-json-file)",
        DATA,
        Loss::Other,
    ),
    ("kafka-delete-records|kafka-delete-records.sh", r"\S.*", DATA, Loss::Other),
    ("influx|influxd", VERBS, DATA, Loss::Data),
    ("influx|influxd", r"(?:.* )?restore", REPLACES, Loss::Data),
    ("wp", r"(?:.* )?(?:db (?:reset|drop|clean)|site (?:empty|delete))", DROPS, Loss::Data),
    ("drush", r"(?:.* )?sql[:-]drop", DROPS, Loss::Data),
    ("Drop-Database|Remove-SqlDatabase|Remove-DbaDatabase", r"\S.*", DROPS, Loss::Data),
    ("mysqladmin|mariadb-admin", r"(?:.* )?shutdown", SERVICE, Loss::Other),
    // Processes and machines.
    ("kill", r"(?:-\S+ |\S+ )*(?:\d+|%\S+|\$\S*|<\S+>|-\d+|PID|\{\})", PROCESSES, Loss::Other),
    ("pkill|killall|taskkill|fuser", r"(?:.* )?(?:-k|\S+)", PROCESSES, Loss::Other),
    ("Stop-Process|Stop-Job", r".*", PROCESSES, Loss::Other),
    ("reboot|poweroff|halt", r".*", MACHINE, Loss::Other),
    ("shutdown", r".*", MACHINE, Loss::Other),
    ("Stop-Computer|Restart-Computer", r".*", MACHINE, Loss::Other),
    ("systemctl|init|telinit", r"(?:.* )?(?:poweroff|reboot|halt|kexec|0|6)", MACHINE, Loss::Other),
    (
        "systemctl",
        r"(?:-\S+ )*(?:(?:stop|kill|isolate|mask) \S.*|disable (?:.* )?--now|--now disable \S.*)",
        SERVICE,
        Loss::Other,
    ),
    (
        "service|rc-service|invoke-rc.d|supervisorctl|sv|net|sc|brew|nomad|apachectl|apache2ctl|pg_ctl|pg_ctlcluster|catalina.sh",
        r"(?:\S+ ){0,4}(?:stop|graceful-stop|shutdown)",
        SERVICE,
        Loss::Other,
    ),
    ("pm2|forever|monit|circusctl|god", r"(?:stop|kill|delete|shutdown|del) ?.*|stopall", SERVICE, Loss::Other),
    ("nginx|caddy|haproxy|apachectl", r"(?:.* )?(?:-s (?:stop|quit)|stop|-k (?:graceful-)?stop)", SERVICE, Loss::Other),
    ("launchctl", r"(?:unload|bootout|remove|kill|stop) .*", SERVICE, Loss::Other),
    ("Stop-Service|Stop-VM|Stop-Website|Stop-WebAppPool|Suspend-Service", r".*", SERVICE, Loss::Other),
    ("iisreset", r"(?i)(?:.* )?/stop", SERVICE, Loss::Other),
    ("userdel|deluser|groupdel|delgroup|dscl|rmuser", r"(?:.* )?(?:-delete|[a-z_<$\d]\S*)", ACCOUNT, Loss::Other),
    ("net", r"(?i)(?:user|localgroup) (?:.* )?/delete", ACCOUNT, Loss::Other),
    (
        "apt|apt-get|aptitude|yum|dnf|zypper|apk|snap|flatpak|pkg|choco|winget|port|microdnf|opkg",
        r"(?:.* )?(?:remove|purge|autoremove|--purge|erase|del|uninstall|rm)",
        SOFTWARE,
        Loss::Other,
    ),
    ("dpkg|rpm|pacman", r"(?:.* )?(?:-[rPe]|--remove|--purge|--erase|-R\w*)", SOFTWARE, Loss::Other),
    (
        "iptables|ip6tables|ebtables|arptables",
        r"(?:.* )?(?:-F|--flush|-X|--delete-chain|-D|--delete)",
        NETWORK,
        Loss::Other,
    ),
    ("nft|ipset|ipvsadm", r"(?:.* )?(?:flush|delete|destroy|-C|--clear)", NETWORK, Loss::Other),
    ("ufw", r"(?:.* )?(?:reset|disable|delete)", NETWORK, Loss::Other),
    ("firewall-cmd", r"(?:.* )?(?:--remove-\S+|--delete-\S+|--panic-on|--reset-to-defaults)", NETWORK, Loss::Other),
    ("ip", r"(?:-\S+ )*\w+ (?:flush|del|delete|set (?:.* )?down)", NETWORK, Loss::Other),
    ("nmcli", r"(?:.* )?(?:delete|del|down|off)", NETWORK, Loss::Other),
    ("vssadmin|wbadmin|bcdedit|reg|schtasks|sc|wmic", r"(?i)(?:.* )?/?delete", FILES, Loss::Other),
    ("ansible|ansible-console", r"(?:.* )?\S*state=absent\S*", "removes what it names", Loss::Other),
    ("certbot|gpg|keytool|security", VERBS, "removes keys", Loss::Other),
    ("gpg|keytool", r"(?:.* )?(?:--delete-\S+|-delete)", "removes keys", Loss::Other),
    ("crontab", r"(?:.* )?-r", FILES, Loss::Other),
];

/// The same commands where they only tell what they would do.
const HARMLESS: &[&str] = &[
    r"^(?:zfs|zpool) (?:.* )?-[a-zA-Z]*n[a-zA-Z]*(?: |$)",
    r"^shutdown (?:.* )?(?:-c|/a|--show)(?: |$)",
    r"^kill (?:-s )?-?(?:0|l|L|1|HUP|SIGHUP|USR\d|SIGUSR\d|CONT|SIGCONT|WINCH)(?: |$)",
    r"^(?:s|g|cg|c)?fdisk (?:.* )?(?:-d|--dump|-J|--json|-l|--list|-s|--getsz|-V|--verify|-x)(?: |$)",
    r"^gdisk (?:.* )?-l(?: |$)",
    r"^parted (?:.* )?(?:print|unit \S+ print|-l|--list|align-check)(?: |$)",
    r"^\S*manage\.py (?:.* )?--plan(?: |$)",
    r"^(?:iptables|ip6tables) (?:.* )?(?:-L|-S|--list\S*)(?: |$)",
    r"^cp (?:.* )?/dev/null (?:.* )?/dev/",
    r"^fuser (?:[^-]\S*|-[a-jl-z]+)(?: |$)",
    r" (?:-s|--simulate|--just-print|--assume-no|--download-only)$",
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
    r"^(?:fly|flyctl|heroku) (?:ssh|run(?::\w+)?|logs|status|ps)(?: |$)",
];

/// A shape of the table, ready to be looked for.
static SHAPES: LazyLock<Vec<Option<Regex>>> = LazyLock::new(|| {
    let shapes = TABLE.iter().map(|(_, shape, ..)| {
        let shape = shape.replace("{disks}", DISKS).replace("{redis}", REDIS);
        Regex::new(&format!("(?-u)^(?:{shape})(?: |$)")).ok()
    });
    shapes.collect()
});

/// Where each program is in the table. A name may stand for all that begin (`mkfs.*`) or end (`*manage.py`) like it.
static BY_NAME: LazyLock<HashMap<&str, Vec<usize>>> = LazyLock::new(|| {
    let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, (programs, ..)) in TABLE.iter().enumerate() {
        programs.split('|').for_each(|name| by_name.entry(name).or_default().push(at));
    }
    by_name
});

static SAFE: LazyLock<Option<Vec<Regex>>> =
    LazyLock::new(|| HARMLESS.iter().map(|shape| Regex::new(&format!("(?-u){shape}")).ok()).collect());

/// The name by which the table knows a program; Windows shows no small letters from capitals.
pub(super) fn canonical(program: &str, windows: bool) -> &str {
    let cmdlet = program.starts_with(|c: char| c.is_ascii_uppercase()) && program.contains('-');
    if !(windows || cmdlet) || knows(program) {
        return program;
    }
    BY_NAME.keys().find(|name| name.eq_ignore_ascii_case(program)).copied().unwrap_or(program)
}

/// Whether the table knows a program.
pub(super) fn knows(program: &str) -> bool {
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
pub(super) fn of_program(program: &str, arguments: &[String]) -> Option<Destroyed> {
    if let Some(words) = of_cmdlet(program, arguments) {
        return Some(Destroyed { words, loss: Loss::Other });
    }
    let rules = rules(program)?;
    let mut words = String::new();
    for (at, word) in arguments.iter().enumerate().take(MOST_WORDS) {
        if at > 0 {
            words.push(' ');
        }
        words.extend(word.chars().map(|c| if c.is_whitespace() { JOINT } else { c }));
    }
    // A shape that cannot be read counts as found: better one question more.
    let fits = |rule: usize| SHAPES[rule].as_ref().is_none_or(|shape| shape.is_match(words.as_bytes()));
    let reported = rules.iter().find_map(|rule| {
        let (_, shape, what, loss) = TABLE[*rule];
        let destroyed = Destroyed { words: what, loss };
        if shape != VERBS {
            return fits(*rule).then_some(destroyed);
        }
        verbs::of(arguments).map(|verb| match verb {
            Verb::Destroys => destroyed,
            Verb::Ends => Destroyed { words: SERVICE, loss: Loss::Other },
        })
    })?;
    let line = format!("{program} {words}");
    let safe = SAFE.as_ref().is_some_and(|safe| safe.iter().any(|safe| safe.is_match(line.as_bytes())));
    (!safe).then_some(reported)
}

/// What a program that is in no row says that it does.
pub(super) fn of_stranger(program: &str, arguments: &[String]) -> Option<Destroyed> {
    verbs::of_stranger(program, arguments)?;
    let line = arguments.join(" ");
    let safe = SAFE.as_ref().is_some_and(|safe| safe.iter().any(|safe| safe.is_match(format!(" {line}").as_bytes())));
    (!safe).then_some(Destroyed { words: "deletes what it names", loss: Loss::Other })
}

/// Cmdlets of PowerShell whose verb takes something away, but for those that only tidy up the session.
fn of_cmdlet(program: &str, arguments: &[String]) -> Option<&'static str> {
    let (verb, noun) = program.split_once('-')?;
    let noun = noun.to_ascii_lowercase();
    let named = program.starts_with(|c: char| c.is_ascii_alphabetic()) && !noun.is_empty() && !noun.contains('-');
    let destroys =
        ["remove", "clear", "uninstall", "drop", "delete"].iter().any(|known| verb.eq_ignore_ascii_case(known));
    let session =
        "host|variable|module|job|pssession|psdrive|typedata|event|history|breakpoint|alias|itemproperty|clipboard";
    let simulates = arguments.iter().any(|word| word.eq_ignore_ascii_case("-whatif"));
    let shown = program.starts_with(|c: char| c.is_ascii_uppercase()) || matches!(&*noun, "item" | "content");
    let reported = named && shown && destroys && !simulates && !super::among(session, &noun) && !knows(program);
    reported.then_some("deletes what it names")
}
