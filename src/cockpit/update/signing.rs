//! Signing on the screen: the evidence first, shown to its end, then the form.

use crate::checklist::model::Signatures;
use crate::checklist::{Digest, GroupId, RoleId};
use crate::cockpit::dialog::{Dialog, Evidence, Opened, Purpose};
use crate::cockpit::effect::{Effect, Signing};
use crate::cockpit::form::{Field, Form};
use crate::cockpit::key::{Code, Key};
use crate::cockpit::model::{Model, Tone};
use crate::cockpit::msg::{Behind, Links, Review};
use crate::cockpit::screens::Screen;
use crate::cockpit::{Action, update::forms};
use crate::deployment::Intent;
use crate::deployment::fact::Approval;
use crate::deployment::signoff::{evidence, policy};

/// The field that names the key.
const KEY: usize = 3;

/// Has the evidence read for the role under the cursor.
pub(super) fn sign(model: &mut Model) -> Vec<Effect> {
    if model.screen != Screen::Signoffs {
        super::moves::show(model, Screen::Signoffs);
        return Vec::new();
    }
    let groups = model.plan.checklist().signoffs.iter();
    let mut roles = groups.flat_map(|group| group.roles.iter().map(move |role| (group.id.clone(), role.id.clone())));
    let Some((group, role)) = roles.nth(model.cursor(Screen::Signoffs).at) else {
        model.say(Tone::Plain, "No sign-offs defined in this checklist");
        return Vec::new();
    };
    drop(roles);
    read(model, group, role)
}

fn read(model: &mut Model, group: GroupId, role: RoleId) -> Vec<Effect> {
    let (scroll, end, seen, chosen, opened) = (0, None, false, None, None);
    let evidence = Evidence { group: group.clone(), role, read: None, scroll, end, seen, chosen, opened };
    model.dialog = Some(Dialog::Evidence(Box::new(evidence)));
    vec![Effect::ReadEvidence { group }]
}

/// What was asked for is there, unless the person has left meanwhile.
pub(super) fn reviewed(model: &mut Model, group: &GroupId, read: Result<Review, String>) {
    let Some(Dialog::Evidence(evidence)) = &mut model.dialog else { return };
    if evidence.group != *group || evidence.read.is_some() {
        return;
    }
    match read {
        Ok(review) => evidence.read = Some(review),
        Err(why) => {
            model.dialog = None;
            model.say(Tone::Bad, why);
        }
    }
}

/// Keys while the evidence is shown. Enter opens the line under the cursor; where none is, it shows the next page, and the
/// form only once the end has been in sight.
pub(super) fn key(model: &mut Model, key: Key) -> Vec<Effect> {
    let (page, links) = (model.windows.dialog.max(1), model.windows.links);
    let action = model.keymap.action(key);
    let leaves = matches!(key.code, Code::Esc | Code::Char('q')) || key == Key::ctrl('c');
    let Some(Dialog::Evidence(evidence)) = &mut model.dialog else { return Vec::new() };
    if let Some(opened) = &mut evidence.opened {
        if leaves || key.code == Code::Enter {
            evidence.opened = None;
        } else {
            scrolled(&mut opened.scroll, action, page);
        }
        return Vec::new();
    }
    let sees_end = evidence.end.is_some_and(|end| evidence.scroll >= end);
    match (key.code, action) {
        (Code::Enter, _) if evidence.chosen.is_some() => return look_behind(model),
        (Code::Enter, _) if sees_end => return form(model),
        (Code::Enter, _) => evidence.scroll = evidence.scroll.saturating_add(page),
        (_, Some(Action::Sign)) if evidence.seen => return form(model),
        (_, Some(Action::Sign)) => model.say(Tone::Plain, "Read the evidence to its end first: \u{23ce} next page"),
        (_, Some(Action::Down)) => down(evidence, links, page),
        (_, Some(Action::Up)) => up(evidence, links, page),
        (_, Some(Action::PageDown | Action::PageUp | Action::First)) => {
            evidence.chosen = None;
            scrolled(&mut evidence.scroll, action, page);
        }
        _ if leaves => model.dialog = None,
        _ => {}
    }
    Vec::new()
}

fn scrolled(scroll: &mut usize, action: Option<Action>, page: usize) {
    match action {
        Some(Action::Down) => *scroll = scroll.saturating_add(1),
        Some(Action::Up) => *scroll = scroll.saturating_sub(1),
        Some(Action::PageDown) => *scroll = scroll.saturating_add(page),
        Some(Action::PageUp) => *scroll = scroll.saturating_sub(page),
        Some(Action::First) => *scroll = 0,
        _ => {}
    }
}

/// To the next line that can be opened where it is in sight; else on by one line, so that nothing is passed over unseen.
fn down(evidence: &mut Evidence, links: Links, page: usize) {
    match links.next {
        Some((line, at)) if at < evidence.scroll.saturating_add(page) => evidence.chosen = Some(line),
        _ => {
            evidence.scroll = evidence.scroll.saturating_add(1);
            let gone = links.chosen.is_some_and(|at| at < evidence.scroll);
            evidence.chosen = evidence.chosen.filter(|_| !gone);
        }
    }
}

fn up(evidence: &mut Evidence, links: Links, page: usize) {
    match links.previous {
        Some((line, at)) if at >= evidence.scroll => evidence.chosen = Some(line),
        _ => {
            evidence.scroll = evidence.scroll.saturating_sub(1);
            let gone = links.chosen.is_some_and(|at| at >= evidence.scroll.saturating_add(page));
            evidence.chosen = evidence.chosen.filter(|_| !gone);
        }
    }
}

/// Opens what the line under the cursor names; the output of an attempt is read.
fn look_behind(model: &mut Model) -> Vec<Effect> {
    let Some(Dialog::Evidence(evidence)) = &mut model.dialog else { return Vec::new() };
    let line = evidence.read.as_ref().zip(evidence.chosen).and_then(|(review, at)| review.lines.get(at));
    let Some(what) = line.and_then(|line| line.opens.clone()) else { return Vec::new() };
    evidence.opened = Some(Opened { what: what.clone(), scroll: 0 });
    match what {
        Behind::Attempt(attempt) if !model.outputs.contains_key(&attempt) => {
            model.outputs.entry(attempt).or_default();
            vec![Effect::ReadOutput { attempt }]
        }
        Behind::Attempt(_) | Behind::Item(_) | Behind::Issue(_) => Vec::new(),
    }
}

/// The evidence was laid out: how far it goes, and whether its end is in sight.
pub(super) fn settle(evidence: &mut Evidence, end: usize) {
    if let Some(opened) = &mut evidence.opened {
        opened.scroll = opened.scroll.min(end);
    } else if evidence.read.is_some() {
        evidence.scroll = evidence.scroll.min(end);
        evidence.end = Some(end);
        evidence.seen |= evidence.scroll >= end;
    }
}

fn form(model: &mut Model) -> Vec<Effect> {
    let Some(Dialog::Evidence(shown)) = model.dialog.take() else { return Vec::new() };
    let Evidence { group: id, role: role_id, read: review, .. } = *shown;
    let known = model.plan.checklist().signoff(&id);
    let known = known.and_then(|group| Some((group, group.roles.iter().find(|role| role.id == role_id)?)));
    let (Some(review), Some((group, role))) = (review, known) else { return Vec::new() };
    if review.evidence != evidence::now(&model.plan, &model.state, group) {
        model.say(Tone::Bad, "the evidence changed while you read it; it is shown anew");
        return read(model, id, role_id);
    }
    let digest = model.plan.digest().short();
    let mut intro =
        vec![format!("{}, {}", role.title, group.title), format!("for checklist {digest} and its evidence so far")];
    let standing = policy::standing_signature(&model.state, &id, &role_id);
    intro.extend(
        standing.map(|standing| {
            format!("signed by {} with {} (#{})", standing.name, standing.fingerprint, standing.record.0)
        }),
    );
    let mut fields = vec![
        Field::text("name", "", "your name"),
        Field::choice("decision", &forms::DECISIONS, 0),
        Field::lines("comment", "", "needed for a no-go"),
    ];
    let required = group.signed == Signatures::Required;
    match &review.key {
        Some(own) => {
            let hint = if required { "FILE or agent" } else { "FILE or agent; empty: attested, not signed" };
            fields.push(Field::text("key", own, hint));
        }
        None if required => {
            intro
                .push("Signed with a key only, and nobody's key is allowed yet: gonogo signers LEDGER FILE".to_owned());
        }
        None => {}
    }
    let form = Form::new("Sign off", "sign", fields).with_intro(intro);
    forms::open(model, Purpose::Sign(id, role_id, review.evidence), form);
    Vec::new()
}

/// What is asked of the ledger, with a signature or without.
pub(super) fn submit(model: &mut Model, group: GroupId, role: RoleId, shown: &Digest) -> Vec<Effect> {
    let Some(Dialog::Form { form, .. }) = &model.dialog else { return Vec::new() };
    let text = |index: usize| form.text(index).trim().to_owned();
    let decision = if form.choice(1) == 0 { Approval::Go } else { Approval::NoGo };
    let comment = Some(text(2)).filter(|comment| !comment.is_empty());
    let (name, key) = (text(0), text(KEY));
    let known = model.plan.checklist().signoff(&group);
    if known.is_none_or(|group| evidence::now(&model.plan, &model.state, group) != *shown) {
        let why = "the evidence changed since it was shown; leave with esc and read it again";
        return forms::refuse(model, 0, why.to_owned());
    }
    if key.is_empty() {
        let intent = Intent::Sign { group, role, name, decision, comment };
        return forms::hand_over(model, |ticket| Effect::AppendRecord { ticket, intent, simulated: None });
    }
    let signing = Box::new(Signing { group, role, name, decision, comment, key });
    forms::hand_over(model, |ticket| Effect::SignWithKey { ticket, signing })
}
