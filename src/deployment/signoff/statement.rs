//! What is signed: a small text that a person can read and that is the same for everybody who words it again.
//!
//! One `key: value` a line, in this order, `phase` and `comment` as often as there are. A value has no line end and
//! nothing that controls a terminal or hides: such a character, and `\` itself, is written `\u{HEX}`.

use super::evidence::{self, Worded};
use crate::checklist::model::{SignoffGroup, SignoffRole};
use crate::checklist::{Digest, GroupId, PhaseId, RoleId};
use crate::deployment::fact::{Approval, Head};
use crate::deployment::plan::Plan;
use crate::deployment::record::Seq;
use crate::deployment::state::State;
use crate::deployment::status::Board;
use crate::harmless;
use chrono::{DateTime, SubsecRound as _, Utc};
use std::fmt::Write as _;

/// The first line, without its line end.
const FIRST: &str = "gonogo sign-off, format 1";

/// What a sign-off says, and about what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    pub deployment: String,
    /// The sum of the ledger's first record, which no other ledger has.
    pub ledger: Digest,
    pub checklist: Digest,
    pub group: GroupId,
    pub role: RoleId,
    /// Titles of the role and its group, as people know them.
    pub title: String,
    /// What the signer has to be allowed as.
    pub principal: String,
    pub name: String,
    pub decision: Approval,
    pub time: DateTime<Utc>,
    /// The last record that the signer saw.
    pub head: Head,
    pub phases: Vec<(PhaseId, Digest)>,
    pub evidence: Digest,
    /// How many outcomes failed, were waived or overridden, and the digest of their list.
    pub exceptions: (usize, Digest),
    pub comment: Option<String>,
}

/// What the signer says themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    pub name: String,
    pub decision: Approval,
    pub comment: Option<String>,
    pub time: DateTime<Utc>,
    pub head: Head,
}

/// Why a text is no statement.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoStatement {
    #[error("it does not begin with `{FIRST}`")]
    Beginning,
    #[error("its `{key}` is missing or not what it should be")]
    Lacks { key: &'static str },
    #[error("it is not written as gonogo writes it")]
    Spelling,
}

impl Statement {
    /// Words what `said` means in a state; nothing in a ledger without a record.
    pub fn of(
        plan: &Plan,
        state: &State,
        board: &mut Board,
        role: (&SignoffGroup, &SignoffRole),
        said: Said,
    ) -> Option<Self> {
        Self::of_with(plan, state, board, role, said, &mut Worded::default())
    }

    /// The same, with evidence that was worded before.
    pub fn of_with(
        plan: &Plan,
        state: &State,
        board: &mut Board,
        (group, role): (&SignoffGroup, &SignoffRole),
        said: Said,
        worded: &mut Worded,
    ) -> Option<Self> {
        let phases = evidence::phases_with(plan, state, board, group, worded);
        let exceptions = evidence::exceptions(plan, state, group);
        let mut list = String::from("gonogo-exceptions-1\n");
        for line in &exceptions {
            list.push_str(&escaped(line));
            list.push('\n');
        }
        Some(Self {
            deployment: plan.checklist().title.clone(),
            ledger: state.first.clone()?,
            checklist: plan.digest().clone(),
            group: group.id.clone(),
            role: role.id.clone(),
            title: format!("{}, {}", role.title, group.title),
            principal: principal(plan, role),
            name: said.name,
            decision: said.decision,
            time: said.time.trunc_subsecs(0),
            head: said.head,
            evidence: evidence::whole(&phases),
            phases,
            exceptions: (exceptions.len(), Digest::of(list.as_bytes())),
            comment: said.comment,
        })
    }

    /// What the signer says themselves, out of it.
    pub fn said(&self) -> Said {
        Said {
            name: self.name.clone(),
            decision: self.decision,
            comment: self.comment.clone(),
            time: self.time,
            head: self.head.clone(),
        }
    }

    /// The text that is signed.
    pub fn text(&self) -> String {
        let mut text = format!("{FIRST}\n");
        let mut put = |key: &str, value: &str| _ = writeln!(text, "{key}: {}", escaped(value));
        put("deployment", &self.deployment);
        put("ledger", &self.ledger.to_string());
        put("checklist", &self.checklist.to_string());
        put("role", &format!("{}/{}", self.group, self.role));
        put("title", &self.title);
        put("principal", &self.principal);
        put("name", &self.name);
        put("decision", &self.decision.word().to_uppercase());
        put("time", &self.time.format("%Y-%m-%dT%H:%M:%SZ").to_string());
        put("head", &format!("{} {}", self.head.seq.0, self.head.sum));
        for (phase, digest) in &self.phases {
            put("phase", &format!("{phase} {digest}"));
        }
        put("evidence", &self.evidence.to_string());
        put("exceptions", &format!("{} {}", self.exceptions.0, self.exceptions.1));
        for line in self.comment.iter().flat_map(|comment| comment.split('\n')) {
            put("comment", line);
        }
        text
    }

    /// Reads a text back. Only what [`Statement::text`] writes is one.
    ///
    /// # Errors
    /// What it lacks.
    pub fn read(text: &str) -> Result<Self, NoStatement> {
        let mut lines = text.lines();
        if lines.next() != Some(FIRST) {
            return Err(NoStatement::Beginning);
        }
        let mut lines = lines.peekable();
        let mut all = |key: &str| -> Vec<String> {
            let mut found = Vec::new();
            while let Some(value) = lines.peek().and_then(|line| line.strip_prefix(key)?.strip_prefix(": ")) {
                found.push(unescaped(value));
                lines.next();
            }
            found
        };
        let missing = |key: &'static str| NoStatement::Lacks { key };
        let mut one = |key: &'static str| all(key).pop().ok_or_else(|| missing(key));
        let deployment = one("deployment")?;
        let (ledger, checklist) = (Digest::read(&one("ledger")?), Digest::read(&one("checklist")?));
        let role = one("role")?;
        let (group, role) = role.split_once('/').ok_or_else(|| missing("role"))?;
        let (title, principal, name) = (one("title")?, one("principal")?, one("name")?);
        let decision = match one("decision")?.as_str() {
            "GO" => Approval::Go,
            "NO-GO" => Approval::NoGo,
            _ => return Err(missing("decision")),
        };
        let time = one("time")?.parse().map_err(|_| missing("time"))?;
        let (seq, sum) = pair(&one("head")?).ok_or_else(|| missing("head"))?;
        let head = Head { seq: Seq(seq.parse().map_err(|_| missing("head"))?), sum };
        let phases = all("phase").into_iter().map(|line| pair(&line).map(|(phase, sum)| (PhaseId::new(phase), sum)));
        let phases = phases.collect::<Option<_>>().ok_or_else(|| missing("phase"))?;
        let mut one = |key: &'static str| all(key).pop().ok_or_else(|| missing(key));
        let evidence = Digest::read(&one("evidence")?);
        let (count, list) = pair(&one("exceptions")?).ok_or_else(|| missing("exceptions"))?;
        let exceptions = (count.parse().map_err(|_| missing("exceptions"))?, list);
        let comment = Some(all("comment").join("\n")).filter(|comment| !comment.is_empty());
        let (group, role) = (GroupId::new(group), RoleId::new(role));
        let read = Self {
            deployment,
            ledger,
            checklist,
            group,
            role,
            title,
            principal,
            name,
            decision,
            time,
            head,
            phases,
            evidence,
            exceptions,
            comment,
        };
        if read.text() == text { Ok(read) } else { Err(NoStatement::Spelling) }
    }
}

/// What a role's holder has to be allowed as: as the checklist says, else `ROLE@CHECKLIST`.
pub(crate) fn principal(plan: &Plan, role: &SignoffRole) -> String {
    role.principal.clone().unwrap_or_else(|| format!("{}@{}", role.id, plan.checklist().id))
}

fn pair(line: &str) -> Option<(String, Digest)> {
    let (first, digest) = line.split_once(' ')?;
    Some((first.to_owned(), Digest::read(digest)))
}

fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if character == '\\' || harmless::is_hidden(character) {
            let _ = write!(shown, "\\u{{{:x}}}", u32::from(character));
        } else {
            shown.push(character);
        }
    }
    shown
}

fn unescaped(text: &str) -> String {
    let mut read = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\\u{") {
        read.push_str(before);
        let found = after
            .split_once('}')
            .and_then(|(hex, after)| Some((char::from_u32(u32::from_str_radix(hex, 16).ok()?)?, after)));
        // What is no escape is kept, and then does not equal what would have been written.
        let (character, after) = found.unwrap_or(('\\', after));
        read.push(character);
        rest = after;
    }
    read.push_str(rest);
    read
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn statement(name: &str, comment: Option<&str>) -> Statement {
        let digest = |text: &str| Digest::of(text.as_bytes());
        Statement {
            deployment: "A small deployment".into(),
            ledger: digest("ledger"),
            checklist: digest("checklist"),
            group: "crew".into(),
            role: "qa".into(),
            title: "QA Lead, Crew".into(),
            principal: "qa@small".into(),
            name: name.into(),
            decision: Approval::NoGo,
            time: "2026-11-27T02:00:00Z".parse().unwrap(),
            head: Head { seq: Seq(12), sum: digest("head") },
            phases: vec![("before".into(), digest("before")), ("upgrade".into(), digest("upgrade"))],
            evidence: digest("evidence"),
            exceptions: (3, digest("exceptions")),
            comment: comment.map(Into::into),
        }
    }

    #[test]
    fn it_is_read_back_as_it_was_written() {
        let text = statement("Grace", Some("two lots\nare slow")).text();
        assert!(text.starts_with("gonogo sign-off, format 1\ndeployment: A small deployment\nledger: "), "{text}");
        assert!(text.ends_with("\ncomment: two lots\ncomment: are slow\n"), "{text}");
        assert_eq!(Statement::read(&text).map(|read| read.text()), Ok(text));
    }

    #[test]
    fn nothing_else_is_a_statement() {
        let text = statement("Grace", None).text();
        for other in [
            text.replace("decision: NO-GO", "decision: PERHAPS"),
            text.replace("\nrole: ", "\nrolle: "),
            text.replace("head: 12 ", "head: 012 "),
            text.replace('\n', "\r\n"),
            format!("{text}more: x\n"),
            text.trim_end().to_owned(),
            text.replace("name: Grace", "name: Grace\nname: Ada"),
            String::new(),
        ] {
            assert!(Statement::read(&other).is_err(), "{other}");
        }
    }

    proptest! {
        #[test]
        fn whatever_a_person_writes_stays_on_its_line(name in "\\PC{1,20}|[\\x00-\\x7f]{1,20}", comment in any::<String>()) {
            let statement = statement(&name, Some(&format!("a{comment}")));
            prop_assert_eq!(Statement::read(&statement.text()), Ok(statement));
        }
    }
}
