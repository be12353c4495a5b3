//! Encrypted connections, and what is said when one does not come about.

use super::open;
use super::postgres::{Cluster, cluster};
use gonogo::database::{Purpose, Value};

async fn is_encrypted(url: &str) -> Result<Option<Value>, String> {
    let mut database = open(url, Purpose::Observe).await.map_err(|error| error.to_string())?;
    let sql = "SELECT ssl::int FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    let reported = database.scalar(sql).await.map_err(|error| error.to_string());
    database.close().await;
    reported
}

#[tokio::test]
async fn the_certificate_is_asked_for_as_the_address_says() {
    let server = Cluster::start("ssl = on\n");
    let url = server.url("postgres");
    let authority = |name: &str| server.folder.join(format!("{name}.crt")).display().to_string();
    let with = |mode: &str, authority: &str| format!("{url}?sslmode={mode}&sslrootcert={authority}");

    assert_eq!(is_encrypted(&format!("{url}?sslmode=disable")).await, Ok(Some(Value::Integer(0))));
    assert_eq!(is_encrypted(&format!("{url}?sslmode=require")).await, Ok(Some(Value::Integer(1))));
    assert_eq!(is_encrypted(&with("verify-full", &authority("ca"))).await, Ok(Some(Value::Integer(1))));
    for (url, part) in [
        (with("verify-full", &authority("other")), "not signed by an authority that is trusted here"),
        (with("verify-ca", &authority("other")), "not signed by an authority"),
        // It is made out to the address, not to the name.
        (with("verify-full", &authority("ca")).replace("127.0.0.1", "localhost"), "made out to another name"),
        (with("verify-full", "/nowhere/ca.crt"), "/nowhere/ca.crt"),
    ] {
        let said = is_encrypted(&url).await.unwrap_err();
        assert!(said.contains("no encrypted connection to") && said.contains(part), "{said}");
        assert!(!said.contains("p%40ss") && !said.contains("p@ss"), "{said}");
    }
    let plain = format!("{}?sslmode=require", cluster().url("postgres"));
    let said = is_encrypted(&plain).await.unwrap_err();
    assert!(said.contains("no encrypted connection to") && said.contains("does not support TLS"), "{said}");
}
