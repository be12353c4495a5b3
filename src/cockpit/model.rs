//! Everything that is on the screen, and nothing that is not.

pub use super::answer::{Answer, Tone};
use super::autopilot::Autopilot;
use super::dialog::Dialog;
use super::effect::{Capture, Ticket};
use super::filter::Filter;
use super::helm::Helm;
use super::keymap::Keymap;
use super::list::ListCursor;
use super::log::LogFilter;
use super::msg::Windows;
use super::offer::Offered;
use super::output::{OutputView, Scroll};
pub use super::pane_view::PaneView;
use super::pane_view::board::Charts;
use super::replay::Strip;
use super::screens::Screen;
use super::search::Search;
pub use super::summary::{PhaseSummary, Summary};
use super::tree::{Folds, Row};
use super::watches::Watches;
use crate::checklist::{Check, EnvironmentName, Item, ItemId, PhaseId, SlotId};
use crate::deployment::attempt::AttemptNumber;
use crate::deployment::live::Live;
use crate::deployment::progress::Progress;
use crate::deployment::seat::SessionId;
use crate::deployment::{Board, Operator, Plan, Record, State, rollback};
use chrono::{DateTime, FixedOffset, Offset as _, Utc};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact about the screen that stands alone")]
pub struct Model {
    pub plan: Arc<Plan>,
    pub state: State,
    pub board: Board,
    /// Every record in order, for the timeline.
    pub records: Vec<Arc<Record>>,
    /// The places of those that the timeline shows.
    pub log: Vec<usize>,
    pub log_filter: LogFilter,
    /// The folder of the ledger, for people; commands run in it unless their environment names another.
    pub home: String,
    pub operator: Operator,
    pub access: Access,
    pub keymap: Keymap,
    pub screen: Screen,
    pub panel: Panel,
    /// The item in hand.
    pub selected: Option<ItemId>,
    pub phase_cursor: ListCursor,
    pub item_cursor: ListCursor,
    pub item_rows: Vec<Row>,
    pub tree_cursor: ListCursor,
    pub tree_rows: Vec<Row>,
    pub folds: Folds,
    /// Which items the checklist shows.
    pub filter: Filter,
    /// Whether steps that are not applicable and phases kept for later have lines too.
    pub shows_all: bool,
    /// The cursor of the full screens that hold one list: migration attempts, panes, criteria, sign-offs, timeline.
    pub cursors: BTreeMap<Screen, ListCursor>,
    /// Which part of a full screen has the keys, and the cursors of the second parts.
    pub aside: Aside,
    pub asides: BTreeMap<Screen, ListCursor>,
    pub follow: Follow,
    pub dialog: Option<Dialog>,
    pub search: Option<Search>,
    pub autopilot: Autopilot,
    /// Why the autopilot was paused last, until it is on again.
    pub paused: Option<String>,
    /// What was asked for last and can be undone: the request, and what to say once it is recorded.
    pub(super) undoable: Option<(Ticket, String)>,
    /// Whether the card for a first run is shown on the overview.
    pub first_run: bool,
    pub outputs: BTreeMap<AttemptNumber, OutputView>,
    /// Where a person has scrolled to in an output; `None` follows its end.
    pub scroll: Option<Scroll>,
    pub progress: BTreeMap<AttemptNumber, Progress>,
    /// Commands that say nothing: milliseconds since their attempts began when they last did.
    pub silences: BTreeMap<AttemptNumber, u64>,
    /// What the environments' database servers show of locks.
    pub servers: BTreeMap<EnvironmentName, Live>,
    pub panes: Vec<PaneView>,
    /// The watches under way.
    pub watches: Watches,
    /// The checklist file, where it was edited and not adopted.
    pub offered: Option<Offered>,
    /// The time line, in a replay.
    pub replay: Option<Strip>,
    /// The charts of the panes, ready to be drawn.
    pub charts: Charts,
    /// One sentence that answers the last key; goes with the next one, or when it has had its time.
    pub answer: Option<Answer>,
    /// The leader was pressed: the next key is one behind it.
    pub leads: bool,
    /// How many answers there were, so that the time of one never ends another.
    pub answers: u64,
    /// What is wrong with the ledger; stays until it is well again.
    pub trouble: Option<String>,
    /// Sentences worth knowing from the start, such as what the login manager does to running commands.
    pub warnings: Vec<String>,
    /// Whether the checklist has a migration in it.
    migrates: bool,
    pub mouse: Capture,
    /// Where the ledger is, to be copied; empty where there is none.
    pub ledger: String,
    /// The percentage the terminal was reported last.
    pub shown_progress: Option<u8>,
    /// The names of the themes there are, and which of them is worn.
    pub themes: Vec<String>,
    pub theme: usize,
    pub now: DateTime<Utc>,
    /// What local clocks show against UTC now.
    pub local: FixedOffset,
    /// This run of the program; the captain's seat belongs to one.
    pub session: SessionId,
    pub helm: Helm,
    pub windows: Windows,
    pub summary: Summary,
    pub(super) last_ticket: Ticket,
    pub(super) stale: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    Flies,
    /// `gonogo watch`: everything is shown, nothing can be changed.
    Watches,
    /// `gonogo replay`: as [`Self::Watches`], and what is shown is past.
    Replays,
}

/// Reported from the start, and again when something is asked for that would be recorded.
pub const READ_ONLY: &str = "the ledger is read-only for you, so this cockpit only watches: looking, searching and copying \
     work, running and recording do not; ask its owner for write access to fly it";

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Panel {
    Phases,
    #[default]
    Items,
    /// The output of the item in hand.
    Output,
}

/// The part of a full screen that has the keys.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Aside {
    /// The list the screen is named for.
    #[default]
    Main,
    /// The other part: the reasons of the outlook, what was written down, a migration's output.
    Beside,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Follow {
    /// The cursor goes with the running step.
    Running,
    #[default]
    Free,
}

/// The panes of a plan whose environments are known, with nothing measured yet.
pub(super) fn panes_of(plan: &Plan) -> Vec<PaneView> {
    let views = plan.checklist().panes.iter().filter_map(|pane| {
        let (environment, _) = plan.environment_in(&pane.slot)?;
        Some(PaneView::new(pane.clone(), environment.clone()))
    });
    views.collect()
}

fn migrates(plan: &Plan) -> bool {
    plan.checklist().items().any(|item| matches!(item.check, Check::Migration(_)))
}

impl Model {
    #[must_use]
    pub fn new(
        plan: Arc<Plan>,
        records: impl IntoIterator<Item = impl Into<Arc<Record>>>,
        operator: Operator,
        access: Access,
        now: DateTime<Utc>,
    ) -> Self {
        let records: Vec<Arc<Record>> = records.into_iter().map(Into::into).collect();
        let state = State::replay(&records);
        let plan = match plan.active(&state) {
            Cow::Owned(plan) => Arc::new(plan),
            Cow::Borrowed(_) => plan,
        };
        let board = Board::at(&plan, &state, now);
        let checklist = Arc::clone(plan.checklist());
        let mut model = Self {
            panes: panes_of(&plan),
            watches: Watches::default(),
            offered: None,
            replay: None,
            charts: Charts::default(),
            state,
            board,
            records,
            log: Vec::new(),
            log_filter: LogFilter::default(),
            home: String::new(),
            operator,
            access,
            keymap: Keymap::default(),
            screen: Screen::default(),
            panel: Panel::default(),
            selected: None,
            phase_cursor: ListCursor::default(),
            item_cursor: ListCursor::default(),
            item_rows: Vec::new(),
            tree_cursor: ListCursor::default(),
            tree_rows: Vec::new(),
            folds: Folds::all(&checklist),
            filter: Filter::default(),
            shows_all: false,
            cursors: BTreeMap::new(),
            follow: Follow::Free,
            dialog: None,
            search: None,
            autopilot: Autopilot::default(),
            paused: None,
            undoable: None,
            first_run: false,
            outputs: BTreeMap::new(),
            scroll: None,
            aside: Aside::default(),
            asides: BTreeMap::new(),
            progress: BTreeMap::new(),
            silences: BTreeMap::new(),
            servers: BTreeMap::new(),
            answer: None,
            leads: false,
            answers: 0,
            trouble: None,
            warnings: Vec::new(),
            migrates: migrates(&plan),
            mouse: Capture::default(),
            ledger: String::new(),
            shown_progress: None,
            themes: Vec::new(),
            theme: 0,
            now,
            local: Utc.fix(),
            session: SessionId::default(),
            helm: Helm::default(),
            windows: Windows::default(),
            summary: Summary::default(),
            last_ticket: Ticket::default(),
            stale: true,
            plan,
        };
        let first = model.state.running().next().map(|attempt| attempt.item.clone());
        model.settle();
        let first = first.or_else(|| model.summary.next.item().cloned()).or_else(|| model.first_incomplete());
        if let Some(item) = first {
            model.select(&item);
        }
        model
    }

    fn first_incomplete(&self) -> Option<ItemId> {
        let back = |id: &ItemId| rollback::phases(&self.plan).any(|phase| phase.id == id.phase());
        let open = self.plan.order().iter().find(|id| !self.board.status(id).is_complete() && !back(id));
        open.or(self.plan.order().first()).cloned()
    }

    pub fn selected_item(&self) -> Option<&Item> {
        self.plan.item(self.selected.as_ref()?)
    }

    /// The phase in hand.
    pub fn phase(&self) -> Option<PhaseId> {
        self.plan.checklist().phases.get(self.phase_cursor.at).map(|phase| phase.id.clone())
    }

    /// Whether the checklist has anything to watch beside its items: a migration or a pane.
    pub fn watches_anything(&self) -> bool {
        !self.panes.is_empty() || self.migrates
    }

    /// The environment that production phases run in, or the only one.
    pub fn environment_in_hand(&self) -> Option<&EnvironmentName> {
        let slot = self.selected_item().and_then(|item| item.slot.clone());
        let slot = slot.or_else(|| Some(SlotId::new("production")))?;
        self.plan.bindings().get(&slot)
    }

    /// Puts an item in hand and both lists on it.
    pub fn select(&mut self, item: &ItemId) {
        if self.plan.item(item).is_none() {
            return;
        }
        self.selected = Some(item.clone());
        let phase = item.phase();
        if let Some(at) = self.plan.checklist().phases.iter().position(|p| p.id == phase) {
            self.phase_cursor.at = at;
        }
        self.folds.reveal(item);
        self.lay_rows();
        let on_item = |row: &Row| row.item() == Some(item);
        if !self.item_rows.iter().any(on_item) {
            // What somebody goes to is shown, applicable or not.
            self.shows_all = true;
            self.lay_rows();
        }
        if self.follow == Follow::Free && !self.tree_rows.iter().any(on_item) {
            self.filter = Filter::All;
            self.lay_rows();
        }
        if let Some(at) = self.item_rows.iter().position(on_item) {
            self.item_cursor.at = at;
        }
        if let Some(at) = self.tree_rows.iter().position(on_item) {
            self.tree_cursor.at = at;
        }
    }

    /// Goes on with another checklist: what was chosen stays where it is still there.
    pub fn follow_plan(&mut self, plan: Arc<Plan>) {
        self.plan = plan;
        self.migrates = migrates(&self.plan);
        self.stale = true;
        self.phase_cursor.clamp(self.plan.checklist().phases.len());
        let chosen = self.selected.take().filter(|item| self.plan.item(item).is_some());
        match chosen.or_else(|| self.plan.order().first().cloned()) {
            Some(item) => self.select(&item),
            None => self.lay_rows(),
        }
    }

    /// Works out what is derived from state and output. Called before a frame, when something changed.
    pub fn settle(&mut self) {
        for view in self.outputs.values_mut() {
            view.settle();
        }
        // What is only good for a while is looked at again now and then, also when nothing was recorded.
        if !self.stale && !self.lapses() {
            self.settle_helm();
            self.settle_charts();
            return;
        }
        self.stale = false;
        if let Cow::Owned(plan) = self.plan.active(&self.state) {
            self.plan = Arc::new(plan);
        }
        let made = self.state.last_at.map_or(self.now, |last| self.now.max(last));
        self.board = Board::at(&self.plan, &self.state, made);
        self.helm = Helm::default();
        self.settle_helm();
        self.sum_up();
        self.mark_events();
        self.settle_charts();
        self.lay_rows();
        self.lay_log();
    }

    pub fn title(&self, item: &ItemId) -> String {
        self.plan.item(item).map_or_else(|| item.to_string(), |item| item.title.clone())
    }

    pub(super) fn say(&mut self, tone: Tone, text: impl Into<String>) {
        self.answers += 1;
        self.answer = Some(Answer { tone, text: text.into() });
    }

    pub(super) fn ticket(&mut self) -> Ticket {
        self.last_ticket.0 += 1;
        self.last_ticket
    }

    /// The cursor of a screen's second part.
    pub fn cursor_beside(&self, screen: Screen) -> ListCursor {
        self.asides.get(&screen).copied().unwrap_or_default()
    }

    pub fn cursor(&self, screen: Screen) -> ListCursor {
        self.cursors.get(&screen).copied().unwrap_or_default()
    }
}
