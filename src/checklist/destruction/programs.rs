//! Programs by how they treat what they are given: those that print, carry, run or send it. Names are parted by `|`.

use super::session::Tongue;

/// Programs that print or look at what others would run.
pub(super) const QUIET: &str = "echo|printf|grep|egrep|fgrep|rg|ag|zgrep|cat|less|more|head|tail|man|which|type|whatis|help|alias|\
    unalias|test|[|[[|ls|wc|sort|jq|yq|sed|diff|history|say|logger|read|complete|apropos|whereis|\
    print|Write-Host|Write-Output|#|//|rem|REM";
/// Programs that run the command among their arguments.
pub(super) const CARRIERS: &str = "sudo|doas|env|nohup|time|command|exec|builtin|setsid|nice|ionice|timeout|gtimeout|stdbuf|chroot|flock|\
    watch|xargs|parallel|chronic|unbuffer|strace|caffeinate|busybox|dotenv|doppler|chamber|aws-vault|\
    envconsul|direnv|op|infisical|bundle|npx|pnpx|bunx|pnpm|yarn|npm|bun|poetry|pipenv|pdm|uv|uvx|hatch|\
    mise|asdf|rbenv|nsenter|systemd-run|su|runuser|gosu|su-exec|screen|tmux|ansible|kubectl|oc|k|docker|\
    podman|nerdctl|docker-compose|podman-compose|fly|flyctl|heroku|railway|vagrant|multipass|lxc|python|\
    python3|php|ruby|node|deno|tsx|ts-node|dotnet|symfony|gcloud|az|aws|ssh|autossh|sshpass|mosh|tsh|at|\
    salt|salt-ssh|salt-call|pdsh|pssh|parallel-ssh|prsh|clush|dsh|mssh|fab|bolt|knife|mco|teleport|Invoke-Command|\
    batch|cmd|cmd.exe|powershell|pwsh|if|then|else|elif|do|while|until|!|{|}|&&|-|run:|command:|cmd:|\
    script:|exec:|shell:|sh:|bash:|trap|eval|yes";
/// Carriers whose arguments are one command from the first word on that is no option.
pub(super) const PLAIN: &str = "sudo|doas|env|nohup|time|command|exec|builtin|setsid|nice|ionice|timeout|gtimeout|stdbuf|busybox|\
    chronic|unbuffer|if|then|else|elif|do|while|until|!|{|}|yes|-|run:|command:|cmd:|script:|exec:|shell:|\
    sh:|bash:";
/// Carriers that hand a text to a shell.
pub(super) const TEXTUAL: &str = "su|runuser|watch|screen|tmux|ansible|fly|flyctl|heroku|railway|vagrant|gcloud|az|aws|ssh|autossh|\
    sshpass|mosh|tsh|trap|eval|flock|parallel|xargs|env|cmd|cmd.exe|powershell|pwsh|kubectl|docker|\
    docker-compose|nsenter|systemd-run|salt|salt-ssh|salt-call|pdsh|pssh|parallel-ssh|prsh|clush|dsh|mssh|fab|bolt|\
    knife|mco|heredoc|podman|nerdctl|oc|k|multipass|lxc|script|expect";
/// Shells.
pub(super) const SHELLS: &str = "sh|bash|zsh|dash|ksh|ash|fish";
/// Programs that get something from elsewhere.
pub(super) const FETCHERS: &str = "curl|wget|fetch|aria2c";
/// Programs that turn what nobody can read into something else.
pub(super) const DECODERS: &str = "base64|base32|xxd|uudecode|openssl|gpg";
/// Programs that speak SQL with a database.
pub(super) const CLIENTS: &str = "psql|pgcli|mysql|mycli|mariadb|sqlite3|sqlite|litecli|duckdb|sqlcmd|sqlplus|snowsql|snow|clickhouse|\
    clickhouse-client|cockroach|bq|cqlsh|trino|presto|isql|usql|db2|turso|wrangler|supabase|prisma|dbshell|\
    manage.py|spanner-cli|influx|aws|gcloud|hdbsql|beeline|hive|dolt|rqlite|ysqlsh|tiup|pgbench|Invoke-Sqlcmd|Invoke-DbaQuery|mysqlsh|pgbouncer|impala-shell|spark-sql|osql|wp|drush|heroku";
/// Programs that load a dump they read.
pub(super) const LOADERS: &str = "psql|mysql|mariadb|sqlite3|mongorestore|mongoimport|pg_restore|cqlsh|sqlcmd|clickhouse-client|cockroach|\
    duckdb|dbshell";
/// Programs that run programs of other languages.
pub(super) const INTERPRETERS: &str = "python|python2|python3|node|ruby|perl|php|mongosh|mongo|rails|manage.py|deno|bun|tsx|irb|iex|flask|tinker|artisan|awk|gawk|\
     mawk|nawk|groovy|lua|tclsh|expect|osascript|Rscript|elixir|redis-cli|valkey-cli|keydb-cli|wp|drush|jshell|r|runner";
/// Clients that wait for lines when they are notified nothing else, and whose those lines are.
pub(super) const REPLS: &[(&str, Tongue)] = &[
    ("redis-cli|valkey-cli|keydb-cli", Tongue::Redis),
    (
        "psql|pgcli|mysql|mycli|mariadb|sqlite3|sqlite|litecli|duckdb|sqlcmd|sqlplus|snowsql|clickhouse-client|cockroach|cqlsh|\
         usql|trino|presto|beeline|hive|dbshell|influx|isql",
        Tongue::Sql,
    ),
    ("mongosh|mongo|python|python3|node|irb|iex|php|ipython|tinker|console", Tongue::Code),
];
/// Names that other languages use for something else.
pub(super) const AMBIGUOUS: &str = "del|erase|ri|wipe|halt|trash|format|reg|ip|at|service|mc|k|r|kill|truncate|http|https|fly|task|render|unlink|remove";
