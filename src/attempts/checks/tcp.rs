//! Whether a port answers or is silent: tried until it is as it should be, or the time is over.

use super::account::{Account, Trouble};
use crate::attempts::{Assignment, Console};
use crate::checklist::check::tcp::port;
use crate::checklist::check::{Reachability, Tcp};
use crate::checklist::offset::Span;
use crate::config::variables::expand;
use crate::deployment::attempt::Outcome;
use crate::deployment::measurement::Verdict;
use std::io::ErrorKind;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;

/// Between one try and the next.
const PAUSE: Duration = Duration::from_millis(200);

/// One connection takes no longer to come about.
const CONNECT: Duration = Duration::from_secs(2);

pub async fn carry_out(assignment: &Assignment, tcp: &Tcp, console: &dyn Console) -> Outcome {
    let mut account = Account::open();
    let worked = tokio::select! {
        worked = look(assignment, tcp, console, &mut account) => worked,
        end = assignment.stopped() => Err(Trouble::Stopped(end)),
    };
    account.conclude(&assignment.item.targets, worked)
}

async fn look(assignment: &Assignment, tcp: &Tcp, console: &dyn Console, account: &mut Account) -> Result<(), Trouble> {
    let address = expand(&tcp.address, &assignment.variables);
    let address = address.ok_or_else(|| Trouble::NotStarted(format!("a variable of {} is not set", tcp.address)))?;
    if port(&address).is_none() {
        return Err(Trouble::NotStarted(format!("{address} is no address of a port; write HOST:PORT")));
    }
    let (began, time) = (Instant::now(), tcp.within.map_or(Duration::ZERO, Span::duration));
    let (verdict, words) = loop {
        let asked = Instant::now();
        let answer = tokio::time::timeout(CONNECT, TcpStream::connect(address.trim())).await;
        let took = asked.elapsed().as_secs_f64() * 1_000.0;
        let (verdict, words) = evaluate(tcp.expect, answer.map(|connected| connected.map(drop)));
        console.line(&format!("{address}: {words}"));
        if verdict == Verdict::Pass && tcp.expect == Reachability::Answers {
            account.measure("connect", (took * 1_000.0).round() / 1_000.0, "ms");
        }
        if verdict == Verdict::Pass || began.elapsed() + PAUSE >= time {
            break (verdict, words);
        }
        tokio::time::sleep(PAUSE).await;
    };
    if tcp.within.is_some() {
        account.measure("waited", (began.elapsed().as_secs_f64() * 1_000.0).round() / 1_000.0, "s");
    }
    account.find(verdict, format!("{address}: {words}"));
    Ok(())
}

/// Only a refused connection proves that nothing listens.
fn evaluate(
    expect: Reachability,
    answer: Result<std::io::Result<()>, tokio::time::error::Elapsed>,
) -> (Verdict, String) {
    let (answers, words) = match answer {
        Ok(Ok(())) => (Some(true), "a connection was accepted".to_owned()),
        Ok(Err(error)) if error.kind() == ErrorKind::ConnectionRefused => {
            (Some(false), "connection refused: nothing listens".to_owned())
        }
        Ok(Err(error)) => (None, format!("no connection: {error}")),
        Err(_) => (None, format!("no response within {} s", CONNECT.as_secs())),
    };
    let verdict = match (expect, answers) {
        (Reachability::Answers, Some(true)) | (Reachability::Silent, Some(false)) => Verdict::Pass,
        (Reachability::Answers, Some(false) | None) | (Reachability::Silent, Some(true)) => Verdict::Fail,
        (Reachability::Silent, None) => Verdict::Inconclusive,
    };
    (verdict, words)
}
