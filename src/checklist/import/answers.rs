//! Lines with one of several answers to give, as values with choices.

use super::account::{Account, Answer, Blank, BoxState, Fill, Guess, Guessed, Kind, Live};
use super::boxes;
use super::choices::{self, Choice};
use super::marking;
use super::scan::{Line, Place, Scan, fallback, shown};

/// What is reported beside an answer that is not yet the decision.
pub(super) const DECISION: &str = "The go/no-go decision of the deployment itself is taken with `D`.";

impl Scan<'_> {
    /// Answers with a box each, one below the other, are one value.
    pub(super) fn join_answers(&self, account: &mut Account) {
        let answers = |guess: &Guess| {
            let item = guess.what == Guessed::Item(BoxState::Open) || guess.what == Guessed::Item(BoxState::Checked);
            item && guess.waiver.is_none() && choices::is_answer(&guess.text)
        };
        let mut kept: Vec<Guess> = Vec::new();
        let mut guessed = std::mem::take(&mut account.guessed).into_iter().peekable();
        while let Some(first) = guessed.next() {
            let mut all = vec![first];
            while let Some(next) = guessed.peek() {
                let last = &all[all.len() - 1];
                let near = next.line - last.line <= 1 && next.heading == last.heading && next.why == last.why;
                if !(near && answers(last) && answers(next)) {
                    break;
                }
                all.extend(guessed.next());
            }
            if all.len() < 2 {
                kept.append(&mut all);
                continue;
            }
            let place = Place::below(all[0].heading);
            let (start, text) = self.source.line_at(all[0].line).unwrap_or_default();
            let range = boxes::anywhere(text).map_or(0..0, |boxed| boxed.start..boxed.end);
            let marked = all.iter().find(|guess| guess.what == Guessed::Item(BoxState::Checked));
            let choice = Choice {
                label: String::new(),
                marked: marked.map(|guess| guess.text.clone()),
                options: all.iter().map(|guess| guess.text.clone()).collect(),
                boxes: Vec::new(),
                end: range.end,
                range,
            };
            let mut blank = self.asked(account, &place, Line { number: all[0].line, start, text }, choice);
            let ticks = all.iter().filter_map(|guess| guess.tick.as_ref());
            let answers =
                ticks.map(|tick| Answer { span: tick.span, ticked: tick.text.clone(), open: marking::open(&tick.was) });
            blank.fill = Fill::Boxes(answers.collect());
            account.values.push(blank);
            account.answers.extend(all[1..].iter().map(|guess| guess.line));
        }
        account.guessed = kept;
        account.values.sort_by_key(|blank| blank.line);
    }

    /// A task whose line asks for one of several answers is a value to fill in. Says from where on its line blanks are
    /// still to be looked for.
    pub(super) fn look_for_answers(&self, account: &mut Account, task: usize, line: Line<'_>) -> usize {
        let kind = account.live[task].kind;
        let Some(own) = boxes::anywhere(line.text).filter(|_| matches!(kind, Kind::Item | Kind::Value)) else {
            return 0;
        };
        let Some(choice) = choices::in_task(line.text, own.start..own.end) else { return 0 };
        let (heading, end) = (account.live[task].heading, choice.end);
        let place = Place::below(heading);
        let blank = self.asked(account, &place, line, choice);
        account.values.push(Blank { owner: Some(task), ..blank });
        account.live[task].kind = Kind::Value;
        end
    }

    /// A choice as a value with its answers.
    pub(super) fn asked(&self, account: &Account, place: &Place, line: Line<'_>, choice: Choice) -> Blank {
        let fill = self.fill(line, &choice);
        let span = self.span(line, &choice.range);
        let label = if choice.label.is_empty() { fallback(account, place) } else { shown(&choice.label) };
        let label = format!("{label} ({})", choice.options.join(" / "));
        let marked = choice.marked.map(|answer| format!("Marked in the source already: {answer}"));
        let decides = choices::decides(&choice.options);
        let decision = decides.then(|| DECISION.to_owned());
        let note: Vec<String> = marked.into_iter().chain(decision).collect();
        Blank {
            choices: choice.options,
            note: (!note.is_empty()).then(|| note.join("\n")),
            owner: place.around.last().copied(),
            fill,
            ..Blank::new(line.number, label, span, place.heading)
        }
    }
}

/// Tasks that are the answers to one question say so: only one of them will be done.
pub(super) fn tell(account: &mut Account) {
    let mut from = 0;
    while from < account.live.len() {
        let first = &account.live[from];
        let same = |live: &&Live| {
            let beside = live.parent == first.parent && live.heading == first.heading && live.kind == Kind::Item;
            beside && choices::is_answer(&live.text)
        };
        let count = account.live[from..].iter().take_while(same).count();
        if count > 1 {
            let all: Vec<String> = account.live[from..from + count].iter().map(|live| live.text.clone()).collect();
            let reported = format!("One of several answers ({}): waive the others.", all.join(" / "));
            account.live[from..from + count].iter_mut().for_each(|live| live.notes.push(reported.clone()));
        }
        from += count.max(1);
    }
}
