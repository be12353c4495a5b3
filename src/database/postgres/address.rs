//! Addresses of PostgreSQL databases: read once, handed to the driver and to PostgreSQL's own programs.

use crate::database::error::DatabaseError;
use sqlx::ConnectOptions;
use sqlx::postgres::PgConnectOptions;
use std::fmt::{self, Write as _};
use std::str::FromStr;

/// What PostgreSQL's programs understand of an address's parameters; ours go by other names for some of them.
const PARAMETERS: [(&str, &str); 12] = [
    ("sslmode", "sslmode"),
    ("ssl-mode", "sslmode"),
    ("sslrootcert", "sslrootcert"),
    ("ssl-root-cert", "sslrootcert"),
    ("sslcert", "sslcert"),
    ("ssl-cert", "sslcert"),
    ("sslkey", "sslkey"),
    ("ssl-key", "sslkey"),
    ("host", "host"),
    ("hostaddr", "hostaddr"),
    ("port", "port"),
    ("user", "user"),
];

/// A server, a database on it, and who asks. Shown without its password.
#[derive(Clone, PartialEq, Eq)]
pub struct PostgresAddress {
    /// `user:password@host:port`, as written.
    authority: String,
    /// The database's name, decoded.
    database: String,
    /// Parameters as written, without the database and the password.
    parameters: Vec<(String, String)>,
    /// Decoded.
    password: Option<String>,
    /// For sentences.
    place: String,
    user: String,
}

impl PostgresAddress {
    /// Reads `postgresql://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=…`; a driver behind the scheme, as in
    /// `postgresql+psycopg2`, is passed over.
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
        let (_, rest) = url.split_once("://").ok_or_else(malformed)?;
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let mut database = decoded(path).ok_or_else(malformed)?;
        let mut password = match authority.rsplit_once('@').and_then(|(user, _)| user.split_once(':')) {
            Some((_, password)) => Some(decoded(password).ok_or_else(malformed)?),
            None => None,
        };
        let mut parameters = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').ok_or_else(malformed)?;
            match key {
                "dbname" => database = decoded(value).ok_or_else(malformed)?,
                "password" => password = Some(decoded(value).ok_or_else(malformed)?),
                _ => parameters.push((key.to_owned(), value.to_owned())),
            }
        }
        if authority.contains('#') || path.contains(['#', '/']) {
            return Err(malformed());
        }
        if database.is_empty() {
            let why = "the database's address names no database; write postgresql://USER@HOST:PORT/DATABASE";
            return Err(DatabaseError::Unsupported(why.to_owned()));
        }
        // A socket's folder stands behind `host=`; the driver wants a host before it all the same.
        let authority = match authority.strip_suffix('@') {
            Some(who) if parameters.iter().any(|(key, _)| key == "host") => format!("{who}@localhost"),
            _ => authority.to_owned(),
        };
        let mut address = Self { authority, database, parameters, password, place: String::new(), user: String::new() };
        let options = address.read_options().ok_or_else(malformed)?;
        let host = match options.get_socket() {
            Some(folder) => folder.display().to_string(),
            None => options.get_host().to_owned(),
        };
        address.place = format!("{host}:{}", options.get_port());
        options.get_username().clone_into(&mut address.user);
        Ok(address)
    }

    /// `HOST:PORT` for sentences.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.place
    }

    #[must_use]
    pub fn database(&self) -> &str {
        &self.database
    }

    #[must_use]
    pub fn user(&self) -> &str {
        &self.user
    }

    #[must_use]
    pub fn password(&self) -> Option<&str> {
        self.password.as_deref()
    }

    /// Another database on the same server, as the same user.
    #[must_use]
    pub fn with_database(&self, name: &str) -> Self {
        Self { database: name.to_owned(), ..self.clone() }
    }

    /// The whole address by way of a port on this machine, where nothing is encrypted. Never shown.
    #[must_use]
    pub fn at_loopback(&self, port: u16) -> String {
        const OF_THE_WAY: [&str; 3] = ["host", "hostaddr", "port"];
        let who = self.authority.rsplit_once('@').map(|(who, _)| format!("{who}@")).unwrap_or_default();
        let own =
            self.parameters.iter().filter(|(key, _)| !key.starts_with("ssl") && !OF_THE_WAY.contains(&key.as_str()));
        let own = own.map(|(key, value)| (key.as_str(), value.as_str()));
        self.written(&format!("{who}127.0.0.1:{port}"), own.chain([("sslmode", "disable")]))
    }

    /// A file for certificates or keys that the address names and that is not there.
    #[must_use]
    pub fn missing_file(&self) -> Option<String> {
        const FILES: [&str; 3] = ["rootcert", "cert", "key"];
        let named = self.parameters.iter().filter(|(key, _)| {
            let key = key.strip_prefix("ssl").map(|key| key.replace('-', ""));
            key.is_some_and(|key| FILES.contains(&key.as_str()))
        });
        named.filter_map(|(_, file)| decoded(file)).find(|file| !std::path::Path::new(file).exists())
    }

    /// How the driver is to connect. The address was read when it was parsed, so the default is never taken.
    pub(in crate::database) fn options(&self) -> PgConnectOptions {
        self.read_options().unwrap_or_default().disable_statement_logging()
    }

    /// The whole address with its password, as a migrator takes it. Never shown.
    #[must_use]
    pub fn url(&self) -> String {
        self.written(&self.authority, self.parameters.iter().map(|(key, value)| (key.as_str(), value.as_str())))
    }

    /// For `--dbname` of PostgreSQL's own programs: without a password, which goes by `PGPASSWORD`, and with the
    /// parameters that they know.
    #[must_use]
    pub fn without_password(&self) -> String {
        let authority = match self.authority.rsplit_once('@') {
            Some((who, host)) => format!("{}@{host}", who.split(':').next().unwrap_or_default()),
            None => self.authority.clone(),
        };
        let known = self.parameters.iter().filter_map(|(key, value)| {
            let (_, name) = PARAMETERS.iter().find(|(ours, _)| ours == key)?;
            Some((*name, value.as_str()))
        });
        self.written(&authority, known)
    }

    fn read_options(&self) -> Option<PgConnectOptions> {
        let options = PgConnectOptions::from_str(&self.url()).ok()?;
        Some(match &self.password {
            Some(password) => options.password(password),
            None => options,
        })
    }

    fn written<'a>(&self, authority: &str, parameters: impl Iterator<Item = (&'a str, &'a str)>) -> String {
        let parameters: Vec<_> = parameters.map(|(key, value)| format!("{key}={value}")).collect();
        let query = if parameters.is_empty() { String::new() } else { format!("?{}", parameters.join("&")) };
        format!("postgresql://{authority}/{}{query}", encoded(&self.database))
    }
}

impl fmt::Debug for PostgresAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PostgreSQL {} at {}", self.database, self.place)
    }
}

/// Percent-decoded; `None` when what is encoded is no UTF-8 text.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

fn encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_read_and_the_password_stays_inside() {
        let url = "postgresql+psycopg2://ap%40p:se%2Fcret%3A1@db.example:6000/neuro%20hub?sslmode=require&dbname=other";
        let address = PostgresAddress::parse(url).unwrap();
        assert_eq!(address.place(), "db.example:6000");
        assert_eq!((address.database(), address.user(), address.password()), ("other", "ap@p", Some("se/cret:1")));
        assert_eq!(address.without_password(), "postgresql://ap%40p@db.example:6000/other?sslmode=require");
        assert_eq!(format!("{address:?}"), "PostgreSQL other at db.example:6000");
        assert_eq!(address.at_loopback(7), "postgresql://ap%40p:se%2Fcret%3A1@127.0.0.1:7/other?sslmode=disable");
        assert_eq!(
            address.with_database("a b").url(),
            "postgresql://ap%40p:se%2Fcret%3A1@db.example:6000/a%20b?sslmode=require"
        );
    }

    #[test]
    fn what_is_no_address_is_refused_without_repeating_it() {
        for wrong in [
            "postgresql:secret",
            "postgresql://u:secret@h:port/d",
            "postgresql://u:se%zzcret@h/d",
            "postgresql://u:secret@h/",
            "postgresql://u:secret@h/d?sslmode=secret",
            "postgresql://u:secret@h/d#secret",
            "postgresql://u:secret@h/d?password",
        ] {
            let said = PostgresAddress::parse(wrong).unwrap_err().to_string();
            assert!(!said.contains("secret") && said.contains("write postgresql://"), "{wrong}: {said}");
        }
    }
}
