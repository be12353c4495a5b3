//! Watches the PostgreSQL servers of the environments: one connection each, asked once a second who holds or waits for
//! tables, so that a lock that anybody holds is seen without a migration, too.

use crate::attempts::observer::ask::Server;
use crate::attempts::observer::{answer, can_watch, orphans};
use crate::checklist::EnvironmentName;
use crate::cockpit::Msg;
use crate::config::variables;
use crate::database::DatabaseError;
use crate::deployment::Plan;
use crate::deployment::fact::Ending;
use crate::deployment::live::{Live, Session};
use crate::migration::live::{Before, Watch};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::Instant;

const EVERY: Duration = Duration::from_secs(1);
/// How long after a refusal the next try comes, at first and at last.
const AGAIN: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(15)];

/// The addresses of the servers that are watched. They hold passwords and are never shown.
#[derive(Clone, Default)]
pub(super) struct Servers(BTreeMap<EnvironmentName, String>);

impl Servers {
    /// Starts watching the servers of a plan's environments whose addresses are known.
    pub(super) fn start(plan: &Plan, ledger: &Path, sender: &UnboundedSender<Msg>) -> Self {
        let home = std::path::absolute(ledger).ok().and_then(|path| path.parent().map(Path::to_owned));
        let home = home.unwrap_or_default();
        let mut addresses = BTreeMap::new();
        for name in plan.bindings().values() {
            let Some(environment) = plan.environment(name) else { continue };
            let known = variables::known_in(environment, &home).ok();
            if let Some(url) = known.and_then(|known| known.environment.database).filter(|url| can_watch(url)) {
                addresses.insert(name.clone(), url);
            }
        }
        for (name, url) in &addresses {
            tokio::spawn(watch(name.clone(), url.clone(), sender.clone()));
        }
        Self(addresses)
    }

    /// Ends a session that is in the way.
    ///
    /// # Errors
    /// A sentence when the server is not known, or the session was not ended.
    pub(super) async fn end(&self, environment: &EnvironmentName, session: &Session) -> Result<Ending, String> {
        let url =
            self.0.get(environment).ok_or_else(|| format!("the address of {environment}'s server is not known"))?;
        orphans::end_one(url, session).await.map_err(|why| why.to_string())
    }
}

async fn watch(environment: EnvironmentName, url: String, sender: UnboundedSender<Msg>) {
    let mut reported = Live::default();
    let mut watch = Watch::new(String::new(), Before::default());
    let began = Instant::now();
    let mut pause = AGAIN[0];
    while !sender.is_closed() {
        let broke = match answer(Server::connect(&url)).await {
            Ok(mut server) => {
                pause = AGAIN[0];
                watch.limit(answer(server.limits()).await.unwrap_or_default());
                let why = loop {
                    if let Err(why) = look(&mut server, &mut watch, began).await {
                        break why;
                    }
                    tell(&environment, &watch, &mut reported, &sender);
                    if sender.is_closed() {
                        server.close().await;
                        return;
                    }
                    tokio::time::sleep(EVERY).await;
                };
                server.close().await;
                why
            }
            Err(why) => why,
        };
        watch.gap(broke.to_string());
        tell(&environment, &watch, &mut reported, &sender);
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(AGAIN[1]);
    }
}

async fn look(server: &mut Server, watch: &mut Watch, began: Instant) -> Result<(), DatabaseError> {
    let held = answer(server.exclusive()).await?;
    // Asking who is waiting for whom costs the server more, so it is asked only when somebody may.
    let waiters = if held.is_empty() { Vec::new() } else { answer(server.waiters()).await? };
    watch.look(began.elapsed().as_secs_f64() * 1_000.0, &held);
    watch.wait(waiters);
    Ok(())
}

/// Nothing is sent while nothing changes: a cockpit that nothing happens in draws nothing.
fn tell(environment: &EnvironmentName, watch: &Watch, reported: &mut Live, sender: &UnboundedSender<Msg>) {
    let mut live = watch.live();
    live.holds.clear();
    if live != *reported {
        reported.clone_from(&live);
        let _ = sender.send(Msg::Server { environment: environment.clone(), live: Box::new(live) });
    }
}
