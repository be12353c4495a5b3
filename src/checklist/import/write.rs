//! Writes a checklist as a person would: one table an item, notes readable, comments where they explain.

use super::account::Account;
use super::plan::{Item, Phase, Plan};
use crate::checklist::lint::secrets;
use crate::checklist::proposal::{Proposal, ProposalLanguage};
use std::fmt::Write as _;

/// The slot that armed commands run in, and the environment that fills it.
const HERE: &str = "here";

/// The TOML of a plan. Passwords in the document are masked, so that they reach no ledger.
pub(super) fn write(account: &Account, plan: &Plan) -> String {
    let mut out = Writer { toml: String::new() };
    out.comment(&format!("Taken over from {}. Every item is ticked, filled in or signed by a person:", account.file));
    out.comment("nothing runs a command that stands here as a proposal until a person has looked at it and armed it.");
    out.comment("`seed_line` counts lines of the source.");
    out.line("");
    out.line("format = 1");
    out.text("id", &plan.id);
    out.text("title", &plan.title);
    out.text("source", &account.file);
    if !plan.issues.is_empty() || !plan.lessons.is_empty() {
        out.line("\n[journal]");
        out.numbers("issues", &plan.issues);
        out.numbers("lessons", &plan.lessons);
    }
    if plan.phases.iter().any(proposes) {
        out.line(
            "\n# Where an armed command runs: the folder of the ledger, unless the environment names another `folder`.",
        );
        out.line("[[slot]]");
        out.text("id", HERE);
        out.text("title", "Here");
        out.line(&format!("\n[environments.{HERE}]"));
        out.text("slot", HERE);
    }
    for phase in &plan.phases {
        out.line("\n[[phase]]");
        out.text("id", &phase.id);
        out.text("title", &phase.title);
        if phase.back {
            out.line("rollback = true");
        }
        for section in &phase.sections {
            out.line("\n[[phase.section]]");
            out.text("id", &section.id);
            out.text("title", &section.title);
            if let Some(offset) = section.offset {
                out.text("offset", &offset.to_string());
            }
            if let Some(note) = &section.note {
                out.lines("note", note);
            }
            for item in &section.items {
                out.item(item, "phase.section.item");
            }
        }
    }
    for group in &plan.signoffs {
        out.line("\n[[signoff]]");
        out.text("id", &group.id);
        out.text("title", &group.title);
        let phases: Vec<String> = group.phases.iter().map(|phase| quoted(phase)).collect();
        out.line(&format!("phases = [{}]", phases.join(", ")));
        for role in &group.roles {
            out.line("");
            role.comments.iter().flat_map(|text| text.lines()).for_each(|text| out.comment(&masked(text.to_owned())));
            out.line("[[signoff.role]]");
            out.text("id", &role.id);
            out.text("title", &role.title);
            out.line(&format!("seed_line = {}", role.line));
        }
    }
    masked(out.toml)
}

/// Whether any item of a phase has a command to arm.
fn proposes(phase: &Phase) -> bool {
    fn any(items: &[Item]) -> bool {
        items.iter().any(|item| !item.proposals.is_empty() || any(&item.items))
    }
    phase.sections.iter().any(|section| any(&section.items))
}

/// Text without passwords. Masking one may bring another into view, but every time fewer are left.
fn masked(mut text: String) -> String {
    while !secrets::find(&text).is_empty() {
        let next = secrets::mask(&text);
        if next == text {
            break;
        }
        text = next;
    }
    text
}

/// Whether a text of the document was written like this: as it is, or with its passwords masked.
pub(super) fn is_written(text: &str, written: &str) -> bool {
    text == written || (written.contains("***") && masked(text.to_owned()) == written)
}

struct Writer {
    toml: String,
}

impl Writer {
    fn line(&mut self, line: &str) {
        self.toml.push_str(line);
        self.toml.push('\n');
    }

    fn comment(&mut self, text: &str) {
        let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        self.line(format!("# {}", text.trim_end()).trim_end());
    }

    fn text(&mut self, key: &str, text: &str) {
        let _ = writeln!(self.toml, "{key} = {}", quoted(&masked(text.to_owned())));
    }

    fn numbers(&mut self, key: &str, numbers: &[u32]) {
        if !numbers.is_empty() {
            let numbers: Vec<String> = numbers.iter().map(u32::to_string).collect();
            self.line(&format!("{key} = [{}]", numbers.join(", ")));
        }
    }

    fn item(&mut self, item: &Item, table: &str) {
        self.line("");
        for comment in &item.comments {
            self.comment(&masked(comment.clone()));
        }
        self.line(&format!("[[{table}]]"));
        self.text("id", &item.id);
        self.text("title", &item.title);
        self.line(&format!("seed_line = {}", item.line));
        if let Some(offset) = item.offset {
            self.text("offset", &offset.to_string());
        }
        if item.decides {
            self.text("due", "decision");
        }
        if !item.proposals.is_empty() {
            self.text("slot", HERE);
        }
        if let Some(note) = &item.note {
            self.lines("note", note);
        }
        if let Some(field) = &item.value {
            let mut check = format!("check = {{ kind = \"value\", label = {}", quoted(&masked(field.label.clone())));
            if !field.choices.is_empty() {
                let choices: Vec<String> = field.choices.iter().map(|choice| quoted(&masked(choice.clone()))).collect();
                let _ = write!(check, ", choices = [{}]", choices.join(", "));
            } else if let Some(unit) = &field.unit {
                let _ = write!(check, ", unit = {}, form = \"number\"", quoted(unit));
            }
            self.line(&format!("{check} }}"));
        }
        for proposal in &item.proposals {
            self.proposal(proposal, table);
        }
        let table = format!("{table}.item");
        for item in &item.items {
            self.item(item, &table);
        }
    }

    fn proposal(&mut self, proposal: &Proposal, item: &str) {
        self.line(&format!("[[{item}.proposal]]"));
        if let Some(line) = proposal.line {
            self.line(&format!("line = {line}"));
        }
        if proposal.language == ProposalLanguage::Sql {
            self.text("language", "sql");
        }
        self.lines("text", &proposal.text);
    }

    /// A text on as many lines as it has.
    fn lines(&mut self, key: &str, text: &str) {
        let text = masked(text.to_owned());
        let text = text.trim_end();
        if !text.contains('\n') {
            self.text(key, text);
            return;
        }
        self.line(&format!("{key} = \"\"\""));
        let mut quotes = 0;
        for c in text.replace("\r\n", "\n").chars() {
            quotes = if c == '"' { quotes + 1 } else { 0 };
            match c {
                '\n' => self.toml.push('\n'),
                '\t' => self.toml.push('\t'),
                // Three in a row would end the string.
                '"' if quotes > 2 => self.toml.push_str("\\\""),
                '"' => self.toml.push('"'),
                c => escape(&mut self.toml, c),
            }
        }
        if text.ends_with('"') {
            // So would the last one, together with the closing ones.
            let last = self.toml.len() - 1;
            if !self.toml.ends_with("\\\"") {
                self.toml.insert(last, '\\');
            }
        }
        self.line("\"\"\"");
    }
}

fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        escape(&mut quoted, c);
    }
    quoted.push('"');
    quoted
}

/// A character as a basic string has it. What would steer a terminal is replaced, as in any text that is shown.
fn escape(out: &mut String, c: char) {
    match c {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\t' => out.push_str("\\t"),
        c if c.is_control() => out.push(char::REPLACEMENT_CHARACTER),
        c => out.push(c),
    }
}
