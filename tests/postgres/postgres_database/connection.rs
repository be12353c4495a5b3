//! Getting in, and what is said when that fails.

use super::open;
use super::postgres::{Cluster, OWNER, cluster};
use gonogo::database::{Database, DatabaseError, Dialect, Purpose, Value};

async fn refused(url: &str) -> String {
    let error = open(url, Purpose::Observe).await.map(|_| ()).unwrap_err();
    assert!(error.leaves_open(), "{error}: nothing is known about the data");
    error.to_string()
}

#[tokio::test]
async fn the_address_opens_it_whatever_the_password_holds() {
    let base = cluster().database("CREATE TABLE lots (id int); INSERT INTO lots VALUES (7)").await;
    let with_driver = base.url.replace("postgresql://", "postgresql+psycopg2://");
    for url in [&base.url, &with_driver] {
        let mut database = open(url, Purpose::Observe).await.unwrap();
        assert_eq!(database.dialect(), Dialect::Postgres);
        assert_eq!(database.scalar("SELECT id FROM lots").await.unwrap(), Some(Value::Integer(7)));
        let name = database.scalar("SELECT current_setting('application_name')").await.unwrap();
        assert_eq!(name, Some(Value::Text("gonogo observer".into())));
        database.close().await;
    }
    let socket =
        format!("postgresql://{OWNER}@/{}?host={}&port={}", base.name, cluster().folder.display(), cluster().port);
    let error = open(&socket, Purpose::Observe).await.err().map(|error| error.to_string());
    assert_eq!(error, None, "by the socket");
}

#[tokio::test]
async fn the_identity_is_the_systems_and_the_databases() {
    let (one, other) = (cluster().database("").await, cluster().database("").await);
    let mut identities = Vec::new();
    for url in [&one.url, &other.url, &one.url.replace("127.0.0.1", "localhost")] {
        identities.push(open(url, Purpose::Observe).await.unwrap().identity().await.unwrap());
    }
    assert_ne!(identities[0], identities[1]);
    assert_eq!(identities[0], identities[2]);
    let system = one.text("SELECT system_identifier::text FROM pg_control_system()").await;
    assert_eq!(identities[0], format!("postgresql {system}/{}", one.name));

    // Where the system's identifier is kept from the role, it says so and goes by something else.
    one.run("CREATE ROLE nosy LOGIN PASSWORD 'n'; REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC").await;
    let fallback =
        open(&cluster().url_as("nosy", "n", &one.name), Purpose::Observe).await.unwrap().identity().await.unwrap();
    assert!(fallback.contains("may not be read") && fallback.contains(&one.name), "{fallback}");
}

#[tokio::test]
async fn every_way_not_to_get_in_has_its_sentence() {
    let cluster = cluster();
    let base = cluster.database("CREATE ROLE guest LOGIN PASSWORD 'guest'").await;
    base.run(&format!("REVOKE CONNECT ON DATABASE {} FROM PUBLIC", base.name)).await;
    let said = refused(&cluster.url_as(OWNER, "hunter2", &base.name)).await;
    assert!(said.contains("refuses the password of neurohub") && !said.contains("hunter2"), "{said}");
    let said = refused(&cluster.url("nowhere")).await;
    assert!(said.contains("there is no database nowhere"), "{said}");
    let said = refused(&cluster.url_as("guest", "guest", &base.name)).await;
    assert!(said.contains("guest may not connect"), "{said}");
    let said = refused("postgresql://u:hunter2@127.0.0.1:1/d").await;
    assert!(said.contains("no server answers at 127.0.0.1:1") && !said.contains("hunter2"), "{said}");
    let said = refused(&format!("{}?sslmode=require", cluster.url(&base.name))).await;
    assert!(said.contains("encrypted") || said.contains("TLS"), "{said}");
}

#[tokio::test]
async fn a_role_without_rights_is_reported_what_it_lacks_and_what_still_works() {
    let base = cluster().database("CREATE TABLE lots (id int); CREATE ROLE reader LOGIN PASSWORD 'r'").await;
    let mut database = open(&cluster().url_as("reader", "r", &base.name), Purpose::Read).await.unwrap();
    let error = database.count("lots").await.unwrap_err();
    assert!(matches!(error, DatabaseError::NotPermitted(_)) && error.leaves_open(), "{error}");
    assert!(error.to_string().contains("permission denied for table lots"), "{error}");
    assert_eq!(database.tables().await.unwrap(), ["lots"]);
    assert_eq!(database.columns("lots").await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_server_that_goes_away_is_reported_and_found_again() {
    let cluster = Cluster::start("");
    let mut database = open(&cluster.url("postgres"), Purpose::Observe).await.unwrap();
    assert!(database.tables().await.unwrap().is_empty());
    cluster.stop();
    let error = loop {
        match database.tables().await {
            Ok(_) => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
            Err(error) => break error,
        }
    };
    assert!(matches!(error, DatabaseError::Unreachable(_)), "{error:?}");
    cluster.start_again();
    let again: Result<Database, _> = open(&cluster.url("postgres"), Purpose::Observe).await;
    assert!(again.unwrap().tables().await.unwrap().is_empty());
}
