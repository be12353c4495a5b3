//! The tcp check against real ports.

use crate::metrics_live::service::{Collector, assignment};
use gonogo::attempts::checks::tcp::carry_out;
use gonogo::checklist::Target;
use gonogo::checklist::check::{Check, Http, Reachability, Tcp};
use gonogo::checklist::offset::Span;
use gonogo::checklist::target::Bound;
use gonogo::deployment::Verdict;
use gonogo::deployment::attempt::{End, Outcome};
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

fn tcp(address: &impl ToString, expect: Reachability, within: Option<u64>) -> Tcp {
    Tcp { address: address.to_string(), expect, within: within.map(Span::from_millis) }
}

async fn look(tcp: &Tcp, targets: Vec<Target>) -> Outcome {
    let (mut assignment, _stop) = assignment("http://127.0.0.1:1", &Http::get("/"), targets);
    assignment.item.check = Check::Tcp(tcp.clone());
    assignment.variables.insert("DB_HOST".into(), "127.0.0.1".into());
    carry_out(&assignment, tcp, &Collector::default()).await
}

fn closed() -> SocketAddr {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap()
}

#[tokio::test]
async fn a_port_answers_or_is_silent() {
    let open = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = open.local_addr().unwrap().port();
    let within = vec![Target { measure: "connect".into(), bound: Bound::Below(60_000.0), unit: "ms".into() }];
    let answers = look(&tcp(&format!("${{DB_HOST}}:{port}"), Reachability::Answers, None), within).await;
    assert_eq!(answers.verdict, Verdict::Pass, "{}", answers.detail);
    let silent = look(&tcp(&format!("127.0.0.1:{port}"), Reachability::Silent, None), Vec::new()).await;
    assert_eq!(silent.verdict, Verdict::Fail, "{}", silent.detail);

    let closed = closed();
    assert_eq!(look(&tcp(&closed, Reachability::Silent, None), Vec::new()).await.verdict, Verdict::Pass);
    let refused = look(&tcp(&closed, Reachability::Answers, None), Vec::new()).await;
    assert_eq!(refused.verdict, Verdict::Fail);
    assert!(refused.detail.contains("connection refused"), "{}", refused.detail);
}

#[tokio::test]
async fn it_waits_until_the_port_is_as_it_should_be() {
    let address = closed();
    let opens = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(300)).await;
        tokio::net::TcpListener::bind(address).await.unwrap()
    });
    let outcome = look(&tcp(&address, Reachability::Answers, Some(30_000)), Vec::new()).await;
    assert_eq!(outcome.verdict, Verdict::Pass, "{}", outcome.detail);
    let waited = outcome.measured.iter().find(|measured| measured.name == "waited").unwrap();
    assert!(waited.value >= 0.2, "{waited:?}");
    drop(opens.await.unwrap());
    let outcome = look(&tcp(&address, Reachability::Answers, Some(500)), Vec::new()).await;
    assert_eq!(outcome.verdict, Verdict::Fail, "{}", outcome.detail);
}

#[tokio::test]
async fn what_cannot_be_reported_is_no_silence() {
    let unknown = look(&tcp(&"no-such-host.invalid:5432", Reachability::Silent, None), Vec::new()).await;
    assert_eq!(unknown.verdict, Verdict::Inconclusive, "{}", unknown.detail);
    for address in ["${UNSET}:5432", "${DB_HOST}"] {
        let outcome = look(&tcp(&address, Reachability::Answers, None), Vec::new()).await;
        assert_eq!((outcome.verdict, outcome.end), (Verdict::Inconclusive, End::NotStarted), "{}", outcome.detail);
    }
}
