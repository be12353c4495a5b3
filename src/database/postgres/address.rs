//! Addresses of PostgreSQL databases: read once, handed to the driver and to PostgreSQL's own programs.

mod hosts;

use crate::database::error::DatabaseError;
pub(crate) use hosts::Wanted;
use hosts::{DEFAULT_PORT, Host, decoded, encoded, hosts};
use sqlx::ConnectOptions;
use sqlx::postgres::PgConnectOptions;
use std::fmt;
use std::str::FromStr;

/// What PostgreSQL's programs understand of an address's parameters; ours go by other names for some of them.
const PARAMETERS: [(&str, &str); 15] = [
    ("sslmode", "sslmode"),
    ("ssl-mode", "sslmode"),
    ("sslrootcert", "sslrootcert"),
    ("ssl-root-cert", "sslrootcert"),
    ("sslcert", "sslcert"),
    ("ssl-cert", "sslcert"),
    ("sslkey", "sslkey"),
    ("ssl-key", "sslkey"),
    ("sslcrl", "sslcrl"),
    ("channel_binding", "channel_binding"),
    ("connect_timeout", "connect_timeout"),
    ("gssencmode", "gssencmode"),
    ("options", "options"),
    ("host", "host"),
    ("user", "user"),
];
/// Parameters that mean something to `psql` and would silently mean nothing here: each with what to write in its place.
const REFUSED: [(&str, &str); 5] = [
    ("service", "write host, port, user and database out; psql 'service=NAME' -c '\\conninfo' shows them"),
    ("servicefile", "write host, port, user and database out"),
    ("passfile", "set PGPASSFILE in its place"),
    ("sslpassword", "name a key in sslkey that needs none"),
    ("require_auth", "leave it out; sslmode=verify-full makes sure of the server"),
];

/// Parameters that change nothing of where and how it is connected, so that they may be passed over.
const PASSED_OVER: [&str; 13] = [
    "application_name",
    "fallback_application_name",
    "client_encoding",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_count",
    "tcp_user_timeout",
    "sslcompression",
    "sslsni",
    "statement-cache-capacity",
    "load_balance_hosts",
    "target_session_attrs",
];
/// What is asked for where it can be had, and does without elsewhere, as we do.
const PREFERRED: [(&str, [&str; 2]); 3] = [
    ("channel_binding", ["disable", "prefer"]),
    ("gssencmode", ["disable", "prefer"]),
    ("sslnegotiation", ["postgres", "postgres"]),
];
/// Files that our driver does not read: without them more would be trusted than was asked for.
const NOT_READ: [&str; 1] = ["sslcrl"];

/// Whether a parameter is read, or may be passed over.
fn is_known(key: &str, value: &str) -> bool {
    if let Some((_, values)) = PREFERRED.iter().find(|(name, _)| *name == key) {
        return values.contains(&value);
    }
    let read = PARAMETERS.iter().any(|(ours, _)| *ours == key) && !NOT_READ.contains(&key);
    read || key.starts_with("options[") || PASSED_OVER.contains(&key)
}

/// A server, or several of which one is meant, a database, and who asks. Shown without its password.
#[derive(Clone, PartialEq, Eq)]
pub struct PostgresAddress {
    /// `user:password`, as written.
    who: String,
    /// In the order in which they are tried; none for the one that the driver takes by itself.
    hosts: Vec<Host>,
    /// Which of them is meant.
    wanted: Wanted,
    /// The database's name, decoded.
    database: String,
    /// Parameters as written, without hosts, the database and the password.
    parameters: Vec<(String, String)>,
    /// Decoded.
    password: Option<String>,
    /// For sentences.
    place: String,
    user: String,
}

impl PostgresAddress {
    /// Reads `postgresql://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=…` as `psql` does: also with several hosts, literal
    /// IPv6 addresses in brackets, and folders of sockets; a driver behind the scheme, as in `postgresql+psycopg2`, is
    /// passed over.
    ///
    /// # Errors
    /// When it is not well formed or names no database; the sentence never repeats the address.
    pub fn parse(url: &str) -> Result<Self, DatabaseError> {
        let malformed = || {
            DatabaseError::Unsupported(
                "the database's address is not well formed; write postgresql://USER:PASSWORD@HOST:PORT/DATABASE with \
                 signs such as @ : / ? # % in the password percent-encoded"
                    .to_owned(),
            )
        };
        let refused = |why: String| DatabaseError::Unsupported(format!("the database's address {why}"));
        let (_, rest) = url.split_once("://").ok_or_else(malformed)?;
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (who, places) = authority.rsplit_once('@').unwrap_or(("", authority));
        let mut database = decoded(path).ok_or_else(malformed)?;
        let mut password = match who.split_once(':') {
            Some((_, password)) => Some(decoded(password).ok_or_else(malformed)?),
            None => None,
        };
        let mut hosts = hosts(places).ok_or_else(malformed)?;
        let (mut named, mut ports, mut wanted) = (None, None, Wanted::Any);
        let mut parameters = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').ok_or_else(malformed)?;
            let text = decoded(value).ok_or_else(malformed)?;
            match key {
                "dbname" => database = text,
                "password" => password = Some(text),
                // The address beside a host's name is what is connected to, whichever comes first.
                "hostaddr" => named = Some((text, true)),
                "host" => named = named.filter(|(_, fixed)| *fixed).or(Some((text, false))),
                "port" => ports = Some(text),
                "target_session_attrs" => {
                    let found = Wanted::WORDS.iter().find(|(word, _)| *word == text);
                    wanted = found.map(|(_, wanted)| *wanted).ok_or_else(|| {
                        let words = Wanted::WORDS.map(|(word, _)| word).join(", ");
                        refused(format!("has a target_session_attrs that is none of {words}"))
                    })?;
                }
                "load_balance_hosts" if text != "disable" => {
                    return Err(refused(
                        "says load_balance_hosts; leave it out, hosts are tried in their order".to_owned(),
                    ));
                }
                _ => {
                    if let Some((_, instead)) = REFUSED.iter().find(|(name, _)| *name == key) {
                        return Err(refused(format!("says `{key}`, which is not read here; {instead}")));
                    }
                    if !is_known(key, &text) {
                        let instead = "leave it out, or write what it should do in another way";
                        return Err(refused(format!("says `{key}`, which is not read here; {instead}")));
                    }
                    parameters.push((key.to_owned(), value.to_owned()));
                }
            }
        }
        if authority.contains('#') || path.contains(['#', '/']) {
            return Err(malformed());
        }
        if database.is_empty() {
            let why = "names no database; write postgresql://USER@HOST:PORT/DATABASE";
            return Err(refused(why.to_owned()));
        }
        if let Some((list, _)) = named {
            // The ports that stand behind the authority's hosts stay, as for libpq.
            let ports: Vec<Option<u16>> = hosts.iter().map(|host| host.port).collect();
            let listed: Vec<&str> = list.split(',').collect();
            if ports.len() > 1 && ports.len() != listed.len() {
                return Err(refused(format!("names {} hosts and {} addresses for them", ports.len(), listed.len())));
            }
            let port = |at: usize| if ports.len() > 1 { ports[at] } else { ports.first().copied().flatten() };
            hosts =
                listed.iter().enumerate().map(|(at, one)| Host { name: (*one).to_owned(), port: port(at) }).collect();
        }
        if let Some(ports) = ports {
            let ports: Option<Vec<u16>> = ports.split(',').map(|port| port.parse().ok()).collect();
            let ports = ports.ok_or_else(malformed)?;
            if hosts.is_empty() {
                hosts.push(Host { name: "localhost".to_owned(), port: None });
            }
            if ports.len() != 1 && ports.len() != hosts.len() {
                return Err(refused(format!("names {} hosts and {} ports", hosts.len(), ports.len())));
            }
            for (host, port) in hosts.iter_mut().zip(ports.iter().cycle()) {
                host.port = Some(*port);
            }
        }
        let mut address = Self {
            who: who.to_owned(),
            hosts,
            wanted,
            database,
            parameters,
            password,
            place: String::new(),
            user: String::new(),
        };
        let mut places = Vec::new();
        for one in address.candidates() {
            let options = one.read_options().ok_or_else(malformed)?;
            options.get_username().clone_into(&mut address.user);
            let host = match options.get_socket() {
                Some(folder) => folder.display().to_string(),
                None => options.get_host().to_owned(),
            };
            let host = if host.contains(':') { format!("[{host}]") } else { host };
            places.push(format!("{host}:{}", options.get_port()));
        }
        address.place = places.join(",");
        Ok(address)
    }

    /// The same address for each of its servers alone, in the order in which they are tried.
    #[must_use]
    pub fn candidates(&self) -> Vec<Self> {
        if self.hosts.len() < 2 {
            return vec![self.clone()];
        }
        let mut places = self.place.split(',').map(ToOwned::to_owned);
        let one =
            |host: &Host| Self { hosts: vec![host.clone()], place: places.next().unwrap_or_default(), ..self.clone() };
        self.hosts.iter().map(one).collect()
    }

    /// Which of its servers is meant.
    pub fn wanted(&self) -> Wanted {
        self.wanted
    }

    /// `HOST:PORT` for sentences; several with commas.
    pub fn place(&self) -> &str {
        &self.place
    }

    pub fn database(&self) -> &str {
        &self.database
    }

    pub fn user(&self) -> &str {
        &self.user
    }

    pub fn password(&self) -> Option<&str> {
        self.password.as_deref()
    }

    /// Another place and database for the same user, password and ways of connecting.
    ///
    /// # Errors
    /// When that does not read as an address.
    pub fn at_place_of(&self, other: &Self) -> Result<Self, DatabaseError> {
        let there =
            Self { hosts: other.hosts.clone(), database: other.database.clone(), wanted: Wanted::Any, ..self.clone() };
        Self::parse(&there.url())
    }

    /// Another database on the same server, as the same user.
    #[must_use]
    pub fn with_database(&self, name: &str) -> Self {
        Self { database: name.to_owned(), ..self.clone() }
    }

    /// The whole address by way of a port on this machine, where nothing is encrypted. Never shown.
    pub fn at_loopback(&self, port: u16) -> String {
        let here = Host { name: "127.0.0.1".to_owned(), port: Some(port) };
        let here = Self { hosts: vec![here], wanted: Wanted::Any, ..self.clone() };
        let own = self.parameters.iter().filter(|(key, _)| !key.starts_with("ssl"));
        let own = own.map(|(key, value)| (key.as_str(), value.as_str()));
        here.written(&self.who, own.chain([("sslmode", "disable")]))
    }

    /// A file for certificates or keys that the address names and that is not there.
    pub fn missing_file(&self) -> Option<String> {
        const FILES: [&str; 3] = ["rootcert", "cert", "key"];
        let named = self.parameters.iter().filter(|(key, _)| {
            let key = key.strip_prefix("ssl").map(|key| key.replace('-', ""));
            key.is_some_and(|key| FILES.contains(&key.as_str()))
        });
        named.filter_map(|(_, file)| decoded(file)).find(|file| !std::path::Path::new(file).exists())
    }

    /// How the driver is to connect to the only or the first of its servers. The address was read when it was parsed, so
    /// the default is never taken.
    pub(in crate::database) fn options(&self) -> PgConnectOptions {
        self.read_options().unwrap_or_default().disable_statement_logging()
    }

    /// The whole address with its password, as a migrator takes it. Never shown.
    pub fn url(&self) -> String {
        self.written(&self.who, self.parameters.iter().map(|(key, value)| (key.as_str(), value.as_str())))
    }

    /// For `--dbname` of PostgreSQL's own programs: without a password, which goes by `PGPASSWORD`, and with the
    /// parameters that they know.
    pub fn without_password(&self) -> String {
        let known = self.parameters.iter().filter_map(|(key, value)| {
            let (_, name) = PARAMETERS.iter().find(|(ours, _)| ours == key)?;
            Some((*name, value.as_str()))
        });
        self.written(self.who.split(':').next().unwrap_or_default(), known)
    }

    /// The driver reads neither brackets nor several hosts, so the host goes to it as a parameter.
    fn read_options(&self) -> Option<PgConnectOptions> {
        let host = self.hosts.first();
        let own = host.map(|host| {
            let port = host.port.map(|port| ("port".to_owned(), port.to_string()));
            [Some(("host".to_owned(), encoded(&host.name))), port].into_iter().flatten()
        });
        let user = self.who.split(':').next().filter(|user| !user.is_empty());
        let user = user.map(|user| ("user".to_owned(), user.to_owned()));
        let all = self.parameters.iter().cloned().chain(own.into_iter().flatten()).chain(user);
        let all: Vec<_> = all.map(|(key, value)| format!("{key}={}", value.replace('+', "%2B"))).collect();
        let options =
            PgConnectOptions::from_str(&format!("postgresql:///{}?{}", encoded(&self.database), all.join("&")));
        Some(match &self.password {
            Some(password) => options.ok()?.password(password),
            None => options.ok()?,
        })
    }

    fn written<'a>(&self, who: &str, parameters: impl Iterator<Item = (&'a str, &'a str)>) -> String {
        let mut own: Vec<(String, String)> = Vec::new();
        let mut hosts = String::new();
        if self.hosts.iter().any(Host::is_socket) {
            let all = |part: fn(&Host) -> String| self.hosts.iter().map(part).collect::<Vec<_>>().join(",");
            own.push(("host".to_owned(), all(|host| encoded(&host.name))));
            if self.hosts.iter().any(|host| host.port.is_some()) {
                own.push(("port".to_owned(), all(|host| host.port.unwrap_or(DEFAULT_PORT).to_string())));
            }
        } else {
            hosts = self.hosts.iter().map(Host::written).collect::<Vec<_>>().join(",");
        }
        if self.wanted != Wanted::Any {
            own.push(("target_session_attrs".to_owned(), self.wanted.word().to_owned()));
        }
        let given = parameters.map(|(key, value)| (key.to_owned(), value.to_owned()));
        let all: Vec<_> = given.chain(own).map(|(key, value)| format!("{key}={value}")).collect();
        let at = if who.is_empty() { "" } else { "@" };
        let query = if all.is_empty() { String::new() } else { format!("?{}", all.join("&")) };
        format!("postgresql://{who}{at}{hosts}/{}{query}", encoded(&self.database))
    }
}

impl fmt::Debug for PostgresAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PostgreSQL {} at {}", self.database, self.place)
    }
}

#[cfg(test)]
mod tests;
