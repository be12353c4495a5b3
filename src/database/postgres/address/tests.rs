//! Addresses as `psql` takes them.

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
fn ipv6_several_hosts_and_sockets_are_read_as_psql_reads_them() {
    let read = |url: &str| PostgresAddress::parse(url).unwrap();
    let address = read("postgresql://u:p@[::1]:5433/db");
    assert_eq!(address.place(), "[::1]:5433");
    assert_eq!(address.options().get_host(), "::1");
    assert_eq!(address.without_password(), "postgresql://u@[::1]:5433/db");

    let address =
        read("postgresql://u:p@h1,h2:5433,[fe80::2]/db?target_session_attrs=read-write&options=-c%20jit%3Doff");
    assert_eq!(address.place(), "h1:5432,h2:5433,[fe80::2]:5432");
    let places: Vec<_> = address.candidates().iter().map(|one| one.place().to_owned()).collect();
    assert_eq!(places, ["h1:5432", "h2:5433", "[fe80::2]:5432"]);
    assert_eq!(address.wanted(), Wanted::ReadWrite);
    assert_eq!(
        address.without_password(),
        "postgresql://u@h1,h2:5433,[fe80::2]/db?options=-c%20jit%3Doff&target_session_attrs=read-write"
    );
    assert_eq!(
        address.candidates()[1].without_password(),
        "postgresql://u@h2:5433/db?options=-c%20jit%3Doff&target_session_attrs=read-write"
    );
    assert_eq!(address.candidates()[1].options().get_port(), 5433);

    assert_eq!(read("postgresql:///db?host=a,b&port=1,2").place(), "a:1,b:2");
    assert_eq!(
        read("postgresql://u@/db?host=/run/pg&port=7").without_password(),
        "postgresql://u@/db?host=%2Frun%2Fpg&port=7"
    );
    assert_eq!(read("postgresql://u@%2Frun%2Fpg:7/db").options().get_socket().unwrap().to_str(), Some("/run/pg"));
    assert_eq!(read("postgresql://u@h:1/db?hostaddr=::1").place(), "[::1]:1");
    assert_eq!(read("postgresql://u@h:1/db?host=k").place(), "k:1");
    assert_eq!(read("postgresql://u@h:1,i:2/db?hostaddr=10.0.0.1,10.0.0.2").place(), "10.0.0.1:1,10.0.0.2:2");
    assert_eq!(read("postgresql://u@h:1/db?host=k&port=3").place(), "k:3");
    assert!(!Wanted::ReadWrite.accepts(true, true) && Wanted::ReadOnly.accepts(true, true));
}

#[test]
fn what_psql_would_read_and_this_does_not_is_refused_by_name() {
    for (url, part) in [
        ("postgresql:///db?service=shop", "says `service`, which is not read here; write host, port"),
        ("postgresql://h/db?passfile=/x", "set PGPASSFILE"),
        ("postgresql://h/db?target_session_attrs=leader", "none of any, read-write"),
        ("postgresql://a,b/db?port=1,2,3", "names 2 hosts and 3 ports"),
        ("postgresql://a,b/db?load_balance_hosts=random", "tried in their order"),
        ("postgresql://u@[::1/db", "not well formed"),
        ("postgresql://h/db?channel_binding=require", "says `channel_binding`, which is not read here"),
        ("postgresql://h/db?gssencmode=require", "says `gssencmode`"),
        ("postgresql://h/db?sslcrl=/x", "says `sslcrl`"),
        ("postgresql://h/db?ssl=require", "says `ssl`"),
        ("postgresql://h/db?requirepeer=postgres", "says `requirepeer`"),
        ("postgresql://h/db?unknownparam=1", "says `unknownparam`"),
    ] {
        let said = PostgresAddress::parse(url).unwrap_err().to_string();
        assert!(said.contains(part), "{url}: {said}");
    }
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
