//! The go/no-go round: stations answer one after the other.

use super::plan::Plan;
use super::state::{Stamp, State};
use crate::checklist::evidence::Reference;
use crate::checklist::{GroupId, RoleId};
use serde::{Deserialize, Serialize};

/// What a station says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    Go,
    NoGo,
    /// Says neither; does not stand in the way.
    Abstain,
}

impl Answer {
    pub fn word(self) -> &'static str {
        self.into()
    }
}

/// A station's answer as the decision binds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerStood {
    pub station: String,
    pub answer: Answer,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The name of who answered.
    pub by: String,
}

/// Who is asked: a role of a sign-off group that a gate before the decision names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Station {
    /// The role's id, with its group in front where several groups have it.
    pub id: String,
    pub title: String,
    pub group: GroupId,
    pub role: RoleId,
}

/// The stations in the order they answer: that of the checklist.
pub fn stations(plan: &Plan) -> Vec<Station> {
    let gates = super::flight::phases_to_decision(plan).flat_map(|phase| &phase.gate);
    let named: Vec<&GroupId> = gates
        .filter_map(|reference| match reference {
            Reference::Signoff(group) => Some(group),
            _ => None,
        })
        .collect();
    let groups: Vec<_> = plan.checklist().signoffs.iter().filter(|group| named.contains(&&group.id)).collect();
    let roles = groups.iter().flat_map(|group| group.roles.iter().map(move |role| (group, role)));
    let all: Vec<_> = roles.collect();
    let station = |(group, role): &(&&crate::checklist::model::SignoffGroup, &crate::checklist::model::SignoffRole)| {
        let several = all.iter().filter(|(_, other)| other.id == role.id).count() > 1;
        let id = if several { format!("{}/{}", group.id, role.id) } else { role.id.to_string() };
        Station { id, title: role.title.clone(), group: group.id.clone(), role: role.id.clone() }
    };
    all.iter().map(station).collect()
}

/// Says who was not asked, where a decision would be recorded without a poll.
pub fn not_taken(plan: &Plan, state: &State) -> Option<String> {
    let stations = stations(plan);
    if stations.is_empty() || state.poll().is_some() {
        return None;
    }
    let titles: Vec<&str> = stations.iter().map(|station| station.title.as_str()).collect();
    Some(format!("No poll was taken: {} not asked.", titles.join(", ")))
}

/// A station's title; its id where the checklist does not know it.
pub fn title_of(plan: &Plan, station: &str) -> String {
    let known = stations(plan).into_iter().find(|known| known.id == station);
    known.map_or_else(|| station.to_owned(), |known| known.title)
}

/// One round.
#[derive(Debug, Clone, PartialEq)]
pub struct Poll {
    pub opened: Stamp,
    pub reason: Option<String>,
    /// The stations asked, in order.
    pub stations: Vec<String>,
    /// Each station's latest answer, in the order first given.
    pub answers: Vec<Answered>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Answered {
    pub station: String,
    pub answer: Answer,
    pub reason: Option<String>,
    pub stamp: Stamp,
}

impl Poll {
    pub fn answer(&self, station: &str) -> Option<&Answered> {
        self.answers.iter().find(|answered| answered.station == station)
    }

    /// The station whose turn it is; none when all have answered.
    pub fn next(&self) -> Option<&str> {
        self.stations.iter().map(String::as_str).find(|station| self.answer(station).is_none())
    }

    pub fn no_gos(&self) -> impl Iterator<Item = &Answered> {
        self.answers.iter().filter(|answered| answered.answer == Answer::NoGo)
    }

    /// What keeps this round from being GO, one sentence each.
    pub fn against(&self, plan: &Plan) -> Vec<String> {
        let no_go = self.no_gos().map(|answered| {
            let reason = answered.reason.as_deref().unwrap_or("no reason");
            format!("{} says NO-GO: {reason}", title_of(plan, &answered.station))
        });
        let open = self.next().map(|next| format!("{} has not answered the poll", title_of(plan, next)));
        no_go.chain(open).collect()
    }

    pub(super) fn take(&mut self, stamp: Stamp, station: &str, answer: Answer, reason: Option<&str>) {
        let answered = Answered { station: station.to_owned(), answer, reason: reason.map(ToOwned::to_owned), stamp };
        match self.answers.iter_mut().find(|known| known.station == station) {
            Some(known) => *known = answered,
            None => self.answers.push(answered),
        }
    }

    /// The answers as a decision binds them.
    pub fn stood(&self) -> Vec<AnswerStood> {
        let stood = |answered: &Answered| AnswerStood {
            station: answered.station.clone(),
            answer: answered.answer,
            reason: answered.reason.clone(),
            by: answered.stamp.by.says.clone(),
        };
        self.answers.iter().map(stood).collect()
    }
}

impl State {
    /// The round that is under way: the latest, until it was decided on.
    pub fn poll(&self) -> Option<&Poll> {
        let poll = self.polls.last()?;
        let decided = self.decisions.last().is_some_and(|(stamp, _)| stamp.seq > poll.opened.seq);
        (!decided).then_some(poll)
    }

    /// The decision that stands: none once it was reopened or another round began.
    pub fn decision(&self) -> Option<&(Stamp, super::fact::Decided)> {
        let decision = self.decisions.last()?;
        let polled = self.polls.last().is_some_and(|poll| poll.opened.seq > decision.0.seq);
        let reopened = self.reopened.as_ref().is_some_and(|stamp| stamp.seq > decision.0.seq);
        (!polled && !reopened).then_some(decision)
    }
}
