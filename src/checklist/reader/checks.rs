//! The checks, each kind with the keys it takes.

use super::document::report_empty;
use super::marks::{CheckMarks, Holder, Marks, Wanted};
use super::table::TableReader;
use super::value;
use super::{database, document, judged, schema, service};
use crate::checklist::check::{Check, Command, CommandSource, File, Notify, Number, Value, ValueForm};
use crate::checklist::ids::ItemId;
use crate::checklist::span::Span;
use crate::checklist::target::Target;

#[derive(Clone, Copy)]
enum Kind {
    Manual,
    Value,
    Command,
    Sql,
    Http,
    Schema,
    Consistency,
    Rows,
    File,
    Backup,
    Migration,
    Notify,
    Evidence,
}

const KINDS: [(&str, Kind); 13] = [
    ("manual", Kind::Manual),
    ("value", Kind::Value),
    ("command", Kind::Command),
    ("sql", Kind::Sql),
    ("http", Kind::Http),
    ("schema", Kind::Schema),
    ("consistency", Kind::Consistency),
    ("rows", Kind::Rows),
    ("file", Kind::File),
    ("backup", Kind::Backup),
    ("migration", Kind::Migration),
    ("notify", Kind::Notify),
    ("evidence", Kind::Evidence),
];

/// Reads a check. None when it is too broken to say more about it; what is wrong is noted then.
pub fn read(
    mut table: TableReader<'_>,
    holder: &Holder,
    targets: &[Target],
    marks: &mut Marks,
) -> Option<(Check, CheckMarks)> {
    if !table.require("kind", "\"manual\"") {
        return None;
    }
    let kind = table.word("kind", &KINDS)?.value;
    let mut detail: Option<Span> = None;
    let check = match kind {
        Kind::Manual => {
            table.call("a manual check");
            Some(Check::Manual)
        }
        Kind::Value => read_value(&mut table).map(Check::Value),
        Kind::Command => read_command(&mut table, &mut detail).map(Check::Command),
        Kind::Sql => Some(Check::Sql(database::read_sql(&mut table, targets))),
        Kind::Http => Some(Check::Http(service::read(&mut table))),
        Kind::Schema => Some(Check::Schema(schema::read(&mut table))),
        Kind::Consistency => Some(Check::Consistency(database::read_consistency(&mut table))),
        Kind::Rows => Some(Check::Rows(database::read_rows(&mut table, holder, marks))),
        Kind::File => read_file(&mut table, holder, marks).map(Check::File),
        Kind::Backup => Some(Check::Backup(database::read_backup(&mut table, holder, marks))),
        Kind::Migration => database::read_migration(&mut table).map(Check::Migration),
        Kind::Notify => read_notify(&mut table, &mut detail).map(Check::Notify),
        Kind::Evidence => judged::read(&mut table, holder, marks, &mut detail).map(Check::Evidence),
    };
    let at = table.at();
    table.finish();
    Some((check?, CheckMarks { at, detail }))
}

fn read_notify(table: &mut TableReader<'_>, detail: &mut Option<Span>) -> Option<Notify> {
    table.call("a notify check");
    let text = table.required_text("text")?;
    report_empty(table.report(), &text, "text");
    *detail = Some(text.at);
    Some(Notify { text: text.value })
}

fn read_value(table: &mut TableReader<'_>) -> Option<Value> {
    table.call("a value check");
    let label = table.required_text("label");
    let unit = table.text("unit").map(|unit| unit.value);
    let form = table.word("form", &[("text", ValueForm::Text), ("number", ValueForm::Number)]);
    Some(Value { label: label?.value, unit, form: form.map(|form| form.value).unwrap_or_default() })
}

fn read_command(table: &mut TableReader<'_>, detail: &mut Option<Span>) -> Option<Command> {
    table.call("a command check");
    let (run, named) = (table.text("run"), table.text("use"));
    for (key, text) in [("run", &run), ("use", &named)] {
        if let Some(text) = text {
            report_empty(table.report(), text, key);
        }
    }
    if table.has("run") && table.has("use") {
        let at = table.key_at("run").max(table.key_at("use"));
        table.report().error(at, "the check has both `run` and `use`", "keep one of the two");
    } else if !table.has("run") && !table.has("use") {
        table.missing("run", "\"…\"` or `use = \"…\"");
    }
    *detail = run.as_ref().or(named.as_ref()).map(|text| text.at);
    let statuses = table.wholes("exit", &(0..=255));
    let exit = if table.has("exit") {
        statuses.into_iter().filter_map(|status| i32::try_from(status.value).ok()).collect()
    } else {
        vec![0]
    };
    let contains = table.text("contains").map(|text| text.value);
    let lacks = table.text("lacks").map(|text| text.value);
    let pattern = table.pattern("pattern").map(|text| text.value);
    let numbers = table.tables("numbers", "a number").into_iter().filter_map(read_number).collect();
    let source = match (run, named) {
        (Some(run), _) => CommandSource::Run(run.value),
        (None, named) => CommandSource::Use(named?.value),
    };
    Some(Command { source, exit, contains, lacks, pattern, numbers })
}

fn read_number(mut table: TableReader<'_>) -> Option<Number> {
    let measure = table.required_text("measure");
    let pattern = table.required_text("pattern");
    if let Some(pattern) = &pattern
        && value::pattern(table.report(), "pattern", pattern) == Some(0)
    {
        let message = "the pattern captures no number";
        table.report().error(pattern.at, message, "put the number's part into a group, such as `(\\d+) passed`");
    }
    let unit = table.required_text("unit");
    table.finish();
    Some(Number { measure: measure?.value, pattern: pattern?.value, unit: unit?.value })
}

fn read_file(table: &mut TableReader<'_>, holder: &Holder, marks: &mut Marks) -> Option<File> {
    table.call("a file check");
    let path = table.required_text("path");
    let contains = table.pattern("contains").map(|text| text.value);
    let lacks = table.pattern("lacks").map(|text| text.value);
    let ending = table.text("ending").map(|text| text.value);
    let since = item(table, "since", holder, marks);
    Some(File { path: path?.value, contains, lacks, ending, since })
}

/// The id of another item, which may be left out.
pub fn item(table: &mut TableReader<'_>, key: &'static str, holder: &Holder, marks: &mut Marks) -> Option<ItemId> {
    let text = table.text(key)?;
    marks.mention(holder, key, Wanted::Item, &text.value, text.at);
    Some(ItemId::new(document::or_empty(Some(text))))
}
