//! What the status document says of flying: seat, clock, window, poll, roles, rollback.

use crate::checklist::{GroupId, ItemId, RoleId};
use crate::deployment::poll::{self, Answer};
use crate::deployment::seat::Captain;
use crate::deployment::state::Stamp;
use crate::deployment::{Board, Plan, State, clock, projection, roles, rollback, window};
use chrono::{DateTime, Utc};
use serde::Serialize;

/// Times are absolute; everything `_ms` is milliseconds; `level` is `green`, `amber` or `red`.
#[derive(Debug, Serialize)]
pub struct Flight {
    pub seat: Seat,
    /// Null before a T-0 is planned or a clock started.
    pub clock: Option<Clock>,
    pub holds: Vec<Hold>,
    pub window: Window,
    /// The round under way; null when none is.
    pub poll: Option<Poll>,
    pub roles: Vec<Role>,
    /// What should be mended before T-0, one sentence each.
    pub concerns: Vec<String>,
    /// Null before one has begun.
    pub rollback: Option<Rollback>,
}

#[derive(Debug, Serialize)]
pub struct Seat {
    /// Null while nobody sits there.
    pub captain: Option<Sitter>,
    /// Whom the seat was handed to and who has not taken it yet.
    pub handed_to: Option<String>,
    pub crew: Vec<Sitter>,
}

/// `gone` is when another session saw that this one lives no more.
#[derive(Debug, Serialize)]
pub struct Sitter {
    pub seat: &'static str,
    pub name: String,
    pub user: String,
    pub session: String,
    pub since: DateTime<Utc>,
    pub gone: Option<DateTime<Utc>>,
}

#[derive(Debug, Serialize)]
pub struct Clock {
    pub t_ms: i64,
    pub reading: String,
    /// `planned`, `counting` or `held`.
    pub state: &'static str,
    /// T-0 and the window's end as planned.
    pub zero: Option<DateTime<Utc>>,
    pub end: Option<DateTime<Utc>>,
}

#[derive(Debug, Serialize)]
pub struct Hold {
    pub reason: String,
    pub by: String,
    pub user: String,
    pub held: DateTime<Utc>,
    pub t_ms: i64,
    pub resumed: Option<DateTime<Utc>>,
}

#[derive(Debug, Serialize)]
pub struct Window {
    /// The first step that is not complete.
    pub current: Option<ItemId>,
    pub late: Vec<Late>,
    pub finish: Option<Finish>,
    pub abort_by: Option<AbortBy>,
    pub downtime: Option<Downtime>,
}

#[derive(Debug, Serialize)]
pub struct Late {
    pub item: ItemId,
    pub late_ms: i64,
}

/// `unknown` steps have no estimate and count as no time.
#[derive(Debug, Serialize)]
pub struct Finish {
    pub at: DateTime<Utc>,
    pub t_ms: i64,
    pub unknown: usize,
    pub basis: &'static str,
}

#[derive(Debug, Serialize)]
pub struct AbortBy {
    pub at: DateTime<Utc>,
    pub left_ms: i64,
    pub level: &'static str,
    pub rollback_ms: u64,
    pub basis: &'static str,
}

#[derive(Debug, Serialize)]
pub struct Downtime {
    pub ms: u64,
    pub budget_ms: Option<u64>,
    pub level: &'static str,
    pub away: bool,
}

#[derive(Debug, Serialize)]
pub struct Poll {
    pub stations: Vec<Station>,
    /// Whose turn it is.
    pub next: Option<String>,
    pub go: bool,
}

#[derive(Debug, Serialize)]
pub struct Station {
    #[serde(rename = "station")]
    pub id: String,
    pub answer: Option<Answer>,
    pub reason: Option<String>,
    pub by: Option<String>,
    pub user: Option<String>,
}

#[derive(Debug, Serialize)]
pub struct Role {
    pub group: GroupId,
    #[serde(rename = "role")]
    pub id: RoleId,
    pub person: String,
}

#[derive(Debug, Serialize)]
pub struct Rollback {
    pub begun: DateTime<Utc>,
    pub ms: u64,
    pub budget_ms: Option<u64>,
    pub level: &'static str,
    pub over: bool,
    /// What is not shown to be as before; of one that is under way, what is still to do.
    pub unverified: Vec<String>,
    /// What cannot simply be undone of the steps already taken.
    pub no_return: Vec<NoReturn>,
}

#[derive(Debug, Serialize)]
pub struct NoReturn {
    pub item: ItemId,
    pub text: String,
}

impl Flight {
    pub fn of(plan: &Plan, state: &State, now: DateTime<Utc>) -> Self {
        let board = Board::at(plan, state, now);
        let hold = |hold: &clock::Hold| Hold {
            reason: hold.reason.clone(),
            by: hold.held.by.says.clone(),
            user: hold.held.by.user.clone(),
            held: hold.held.at,
            t_ms: hold.at_t,
            resumed: hold.resumed.as_ref().map(|(stamp, _)| stamp.at),
        };
        let role = |((group, role), held): (&(GroupId, RoleId), &roles::Assignment)| Role {
            group: group.clone(),
            id: role.clone(),
            person: held.person.clone(),
        };
        Self {
            seat: seat(state),
            clock: state.clock.read(now).map(|reading| Clock {
                t_ms: reading.t,
                reading: clock::text(reading.t),
                state: reading.going.word(),
                zero: state.clock.window.as_ref().map(|window| window.zero),
                end: state.clock.window.as_ref().map(|window| window.end),
            }),
            holds: state.clock.holds.iter().map(hold).collect(),
            window: window_of(plan, state, &board, now),
            poll: state.poll().map(|poll| poll_of(plan, poll)),
            roles: state.roles.iter().map(role).collect(),
            concerns: roles::concerns(plan, state).iter().map(ToString::to_string).collect(),
            rollback: rollback_of(plan, state, &board, now),
        }
    }
}

fn seat(state: &State) -> Seat {
    let sitter = |seat: crate::deployment::seat::Seat, session: &str, stamp: &Stamp, gone| Sitter {
        seat: seat.word(),
        name: stamp.by.says.clone(),
        user: stamp.by.user.clone(),
        session: session.to_owned(),
        since: stamp.at,
        gone,
    };
    let captain = state.seats.holder().map(|holder| {
        sitter(crate::deployment::seat::Seat::Captain, holder.session.as_str(), &holder.stamp, holder.gone)
    });
    let handed_to = match &state.seats.captain {
        Captain::Handed(handed) => Some(handed.to.clone()),
        _ => None,
    };
    let crew = state.seats.crew.iter().map(|(session, (seat, stamp))| sitter(*seat, session.as_str(), stamp, None));
    Seat { captain, handed_to, crew: crew.collect() }
}

fn window_of(plan: &Plan, state: &State, board: &Board, now: DateTime<Utc>) -> Window {
    let projected = projection::project(plan, state, board, now);
    let late = projection::timetable(plan, state, board, now).into_iter();
    Window {
        current: projected.as_ref().and_then(|projected| projected.current.clone()),
        late: late.filter_map(|step| Some(Late { item: step.item, late_ms: step.late? })).collect(),
        finish: projected.map(|projected| Finish {
            at: projected.finish_at,
            t_ms: projected.finish,
            unknown: projected.unknown.len(),
            basis: projected.basis.word(),
        }),
        abort_by: window::abort_by(plan, state, now).map(|abort_by| AbortBy {
            at: abort_by.at,
            left_ms: abort_by.left.num_milliseconds(),
            level: abort_by.level.word(),
            rollback_ms: abort_by.rollback_ms,
            basis: abort_by.basis.word(),
        }),
        downtime: window::downtime(plan, state, now).map(|downtime| Downtime {
            ms: downtime.ms,
            budget_ms: downtime.budget_ms,
            level: downtime.level.word(),
            away: downtime.is_away(),
        }),
    }
}

fn poll_of(plan: &Plan, poll: &poll::Poll) -> Poll {
    let station = |station: &String| {
        let answered = poll.answer(station);
        Station {
            id: station.clone(),
            answer: answered.map(|answered| answered.answer),
            reason: answered.and_then(|answered| answered.reason.clone()),
            by: answered.map(|answered| answered.stamp.by.says.clone()),
            user: answered.map(|answered| answered.stamp.by.user.clone()),
        }
    };
    Poll {
        stations: poll.stations.iter().map(station).collect(),
        next: poll.next().map(ToOwned::to_owned),
        go: poll.against(plan).is_empty(),
    }
}

fn rollback_of(plan: &Plan, state: &State, board: &Board, now: DateTime<Utc>) -> Option<Rollback> {
    let known = state.rollback.as_ref()?;
    let clock = rollback::clock(plan, state, now)?;
    let open = || rollback::unverified(plan, state, board);
    let no_return = rollback::points_of_no_return(plan, state).into_iter();
    Some(Rollback {
        begun: known.begun.at,
        ms: clock.ms,
        budget_ms: clock.budget_ms,
        level: clock.level.word(),
        over: known.over.is_some(),
        unverified: known.over.as_ref().map_or_else(open, |(_, over)| over.unverified.clone()),
        no_return: no_return.map(|(item, text)| NoReturn { item: item.id.clone(), text }).collect(),
    })
}
