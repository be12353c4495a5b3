//! A PostgreSQL of the tests' own: a throw-away cluster on loopback, and databases in it.
//!
//! A small `sh` starts the server and waits on its standard input. When that ends, because the test is over or because
//! it was killed, the server is stopped and its folder removed. Nothing else cleans up, so nothing is left behind.
#![allow(dead_code, reason = "each test file uses its own part of this")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

/// The owner of everything. Every sign in the password means something in an address.
pub(crate) const OWNER: &str = "neurohub";
pub(crate) const PASSWORD: &str = "p@ss:w/rd %?#";
pub(crate) const PASSWORD_IN_ADDRESS: &str = "p%40ss%3Aw%2Frd%20%25%3F%23";

const READY_WITHIN: Duration = Duration::from_mins(2);
const SET_UP: &str = "bash tests/run.sh installs what is missing";

/// Starts, stops and starts again as reported line by line; ends with its input.
const KEEPER: &str = r#"
umask 077
bin=$1 dir=$2 port=$3
pid=
start() {
    "$bin/postgres" -D "$dir/data" -p "$port" -k "$dir" >>"$dir/log" 2>&1 </dev/null &
    pid=$!
}
stop() {
    [ -z "$pid" ] || { kill -QUIT "$pid" 2>/dev/null; wait "$pid" 2>/dev/null; }
    pid=
}
# A certificate for loopback, the authority that signed it, and one that did not.
certify() {
    new="-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
    for name in ca other; do
        openssl req -x509 $new -days 2 -subj "/CN=$name" -keyout "$dir/$name.key" -out "$dir/$name.crt"
    done &&
    openssl req $new -subj /CN=loopback -keyout "$dir/data/server.key" -out "$dir/server.csr" &&
    echo "subjectAltName=IP:127.0.0.1" >"$dir/names" &&
    openssl x509 -req -days 2 -in "$dir/server.csr" -CA "$dir/ca.crt" -CAkey "$dir/ca.key" -CAcreateserial \
        -extfile "$dir/names" -out "$dir/data/server.crt"
} >>"$dir/log" 2>&1
cd /
"$bin/initdb" -D "$dir/data" -U neurohub --pwfile="$dir/password" --auth-local=trust --auth-host=scram-sha-256 \
    --no-locale --encoding=UTF8 --no-sync --no-instructions >"$dir/log" 2>&1 &&
cat "$dir/settings" >>"$dir/data/postgresql.conf" && { ! grep -q '^ssl = on' "$dir/settings" || certify; } && start || echo "FATAL: initdb failed" >>"$dir/log"
while read -r word; do
    case $word in
        stop) stop ;;
        start) start ;;
    esac
done
stop
rm -rf "$dir"
"#;

/// A running server. The one that tests share is in [`cluster`]; a test that stops it starts its own.
pub(crate) struct Cluster {
    /// Data, log and socket.
    pub folder: PathBuf,
    pub port: u16,
    /// Where the server's programs are.
    pub bin: PathBuf,
    keeper: Mutex<Child>,
}

/// The server that all tests of one file share; started at the first call.
pub(crate) fn cluster() -> &'static Cluster {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    CLUSTER.get_or_init(|| Cluster::start(""))
}

/// A database of its own.
pub(crate) struct Base {
    pub name: String,
    /// Its address, for its owner.
    pub url: String,
}

impl Base {
    pub(crate) async fn connect(&self) -> PgConnection {
        connect(&self.url).await
    }

    pub(crate) async fn run(&self, sql: &str) {
        run(&self.url, sql).await;
    }

    pub(crate) async fn text(&self, sql: &str) -> String {
        text(&self.url, sql).await
    }
}

impl Cluster {
    /// Makes and starts a server; `settings` are lines of `postgresql.conf`.
    ///
    /// # Panics
    /// When there is no PostgreSQL on this machine, or it does not start.
    pub(crate) fn start(settings: &str) -> Self {
        let bin = programs();
        for attempt in 0..8 {
            match Self::try_start(&bin, settings, attempt) {
                Ok(cluster) => return cluster,
                Err(why) if why.contains("could not bind") || why.contains("in use") => {}
                Err(why) => panic!("PostgreSQL did not start; {SET_UP}\n{why}"),
            }
        }
        panic!("no free port for PostgreSQL was found");
    }

    fn try_start(bin: &Path, settings: &str, attempt: u16) -> Result<Self, String> {
        let folder = tempfile::Builder::new().prefix("gonogo-pg-").tempdir().unwrap().keep();
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o700)).unwrap();
        let port = free_port(attempt);
        std::fs::write(folder.join("password"), PASSWORD).unwrap();
        let mut lines = String::from(
            "listen_addresses = '127.0.0.1'\nfsync = off\nsynchronous_commit = off\nfull_page_writes = off\n\
             autovacuum = off\nmax_connections = 120\nshared_buffers = 64MB\nlog_min_messages = warning\n",
        );
        if has_library(bin, "pg_stat_statements") {
            lines.push_str("shared_preload_libraries = 'pg_stat_statements'\n");
        }
        lines.push_str(settings);
        std::fs::write(folder.join("settings"), lines).unwrap();
        let mut command = as_other_user(&folder);
        command.args(["sh", "-c", KEEPER, "keeper"]).arg(bin).arg(&folder).arg(port.to_string());
        // A group of its own: Ctrl-C reaches the test, and the keeper learns of it by its input's end.
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        let keeper = Mutex::new(command.spawn().unwrap());
        let cluster = Self { folder, port, bin: bin.to_path_buf(), keeper };
        cluster.wait_until_ready()?;
        Ok(cluster)
    }

    /// Waits until the server in this folder answers on its socket.
    fn wait_until_ready(&self) -> Result<(), String> {
        let options = PgConnectOptions::new_without_pgpass()
            .socket(&self.folder)
            .port(self.port)
            .username(OWNER)
            .database("postgres")
            .disable_statement_logging();
        let log = self.folder.join("log");
        // Its own thread: the caller may stand in a runtime already.
        let wait = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let deadline = Instant::now() + READY_WITHIN;
            runtime.block_on(async {
                loop {
                    if let Ok(connection) = options.connect().await {
                        let _ = connection.close().await;
                        return Ok(());
                    }
                    let said = std::fs::read_to_string(&log).unwrap_or_default();
                    if said.contains("FATAL:  could not") || said.contains("initdb failed") || Instant::now() > deadline
                    {
                        return Err(said);
                    }
                    tokio::time::sleep(Duration::from_millis(30)).await;
                }
            })
        };
        std::thread::spawn(wait).join().unwrap()
    }

    fn tell(&self, word: &str) {
        let mut keeper = self.keeper.lock().unwrap();
        writeln!(keeper.stdin.as_mut().unwrap(), "{word}").unwrap();
    }

    /// Stops the server as a crash would; connections break.
    pub(crate) fn stop(&self) {
        self.tell("stop");
    }

    /// Starts it again and waits for it.
    pub(crate) fn start_again(&self) {
        std::fs::write(self.folder.join("log"), "").unwrap();
        self.tell("start");
        self.wait_until_ready().unwrap();
    }

    /// The address of a database, for its owner.
    pub(crate) fn url(&self, database: &str) -> String {
        self.url_as(OWNER, PASSWORD_IN_ADDRESS, database)
    }

    /// The address of a database for a role, its password percent-encoded.
    pub(crate) fn url_as(&self, role: &str, password: &str, database: &str) -> String {
        format!("postgresql://{role}:{password}@127.0.0.1:{}/{database}", self.port)
    }

    /// Makes a database and runs `sql` in it.
    pub(crate) async fn database(&self, sql: &str) -> Base {
        static COUNT: AtomicU32 = AtomicU32::new(1);
        let name = format!("t{}", COUNT.fetch_add(1, Ordering::Relaxed));
        run(&self.url("postgres"), &format!("CREATE DATABASE {name}")).await;
        let base = Base { url: self.url(&name), name };
        if !sql.is_empty() {
            base.run(sql).await;
        }
        base
    }

    /// A database that stands at a revision of the NeuroHub chain, with about `rows` rows of process data.
    pub(crate) async fn neurohub(&self, revision: &str, rows: u32) -> Base {
        let base = self.database("").await;
        upgrade(&base.url, "0001_initial_schema");
        let seed = std::fs::read_to_string(fixtures().join("neurohub/seed.sql")).unwrap();
        base.run(&format!("SET neurohub.rows = '{rows}';\n{seed}")).await;
        if revision != "0001_initial_schema" {
            upgrade(&base.url, revision);
        }
        base
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let keeper = self.keeper.get_mut().unwrap();
        drop(keeper.stdin.take());
        let _ = keeper.wait();
    }
}

pub(crate) async fn connect(url: &str) -> PgConnection {
    PgConnection::connect(url).await.unwrap()
}

/// Runs statements, one or many.
pub(crate) async fn run(url: &str, sql: &str) {
    let mut connection = connect(url).await;
    if let Err(error) = sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut connection).await {
        panic!("{error}\n{}", sql.chars().take(2_000).collect::<String>());
    }
    connection.close().await.unwrap();
}

/// The first value of the first row, which must be text.
pub(crate) async fn text(url: &str, sql: &str) -> String {
    let mut connection = connect(url).await;
    let text: String = sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    text
}

pub(crate) fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

/// The folder of Alembic's programs.
///
/// # Panics
/// When it was not set up.
pub(crate) fn alembic_programs() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
    let programs = Path::new(env!("CARGO_MANIFEST_DIR")).join(target).join("alembic-venv/bin");
    assert!(programs.join("alembic").is_file(), "there is no Alembic in {}; {SET_UP}", programs.display());
    programs
}

/// Runs Alembic on the NeuroHub chain and gives what it said; it must end well.
pub(crate) fn alembic(url: &str, words: &[&str]) -> String {
    let mut command = Command::new(alembic_programs().join("alembic"));
    command.current_dir(fixtures().join("neurohub")).env("GONOGO_DATABASE_URL", url).args(words);
    // No compiled files beside the fixtures.
    let output = command.env("PYTHONDONTWRITEBYTECODE", "1").output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "alembic {words:?}: {said}");
    said
}

pub(crate) fn upgrade(url: &str, revision: &str) {
    alembic(url, &["upgrade", revision]);
}

/// Where initdb and postgres are: the newest below /usr/lib/postgresql, else on the path.
fn programs() -> PathBuf {
    let mut found: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.join("bin/initdb").is_file() && path.join("bin/postgres").is_file())
        .map(|path| (path.file_name().unwrap().to_string_lossy().parse().unwrap_or(0), path.join("bin")))
        .collect();
    found.sort();
    if let Some((_, bin)) = found.pop() {
        return bin;
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).find(|folder| folder.join("initdb").is_file());
    let on_path = on_path.unwrap_or_else(|| panic!("there is no PostgreSQL server on this machine; {SET_UP}"));
    std::fs::canonicalize(on_path.join("initdb")).unwrap().parent().unwrap().to_path_buf()
}

fn has_library(bin: &Path, name: &str) -> bool {
    let base = bin.parent().unwrap_or(bin);
    ["lib", "lib/postgresql"].iter().any(|folder| base.join(folder).join(format!("{name}.so")).is_file())
}

/// PostgreSQL refuses to run as root; then it runs as a user without rights, who is given the folder.
fn as_other_user(folder: &Path) -> Command {
    let id = |words: &[&str]| -> Option<u32> {
        let output = Command::new("id").args(words).output().unwrap();
        String::from_utf8_lossy(&output.stdout).trim().parse().ok()
    };
    if id(&["-u"]) != Some(0) {
        return Command::new("env");
    }
    let user = ["postgres", "nobody"].into_iter().find_map(|name| Some((id(&["-u", name])?, id(&["-g", name])?)));
    let (user, group) = user.expect("a user without rights, as `nobody` is everywhere");
    for path in [folder.to_path_buf(), folder.join("password"), folder.join("settings")] {
        chown(path, Some(user), Some(group)).unwrap();
    }
    let mut command = Command::new("setpriv");
    command.args([format!("--reuid={user}"), format!("--regid={group}"), "--clear-groups".into(), "--".into()]);
    command
}

/// A port below those that the system hands out by itself, so that no connection takes it meanwhile.
fn free_port(attempt: u16) -> u16 {
    static STARTED: AtomicU32 = AtomicU32::new(0);
    let lowest = std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").ok();
    let lowest: u16 = lowest.and_then(|text| text.split_whitespace().next()?.parse().ok()).unwrap_or(32_768);
    let (from, to) = (lowest.saturating_sub(12_000).max(1_024), lowest.max(2_048));
    let room = u32::from(to - from);
    // Two that start side by side must not take the same one: a server that gets only one of two addresses starts all the same.
    let apart = STARTED.fetch_add(1, Ordering::Relaxed) * 31;
    let start = std::process::id().wrapping_mul(7_919).wrapping_add(u32::from(attempt) * 977).wrapping_add(apart);
    (0..room)
        .map(|step| from + u16::try_from((start.wrapping_add(step)) % room).unwrap())
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .expect("a free port")
}
