//! What a check does, in words.

use super::model::Model;
use crate::checklist::check::{
    Backup, BackupStage, Command, CommandSource, Consistency, Depth, Direction, Expectation, File, Http, Migration,
    MigrationTarget, Nullability, Presence, Query, QueryCount, Reachability, Rows, Schema, Sql, Uniqueness,
};
use crate::checklist::evidence::{Compute, Evidence, EvidenceOf};
use crate::checklist::{Check, Item, ItemId};
use std::fmt::Write as _;

/// What a check does, as a list of short statements. `title` names other items.
#[must_use]
pub fn describe(check: &Check, title: &dyn Fn(&ItemId) -> String) -> Vec<String> {
    match check {
        Check::Manual => vec!["a person looks and ticks".to_owned()],
        Check::Value(value) => {
            let unit = value.unit.as_ref().map(|unit| format!(" ({unit})")).unwrap_or_default();
            vec![format!("a person fills in: {}{unit}", value.label)]
        }
        Check::Command(command) => of_command(command),
        Check::Sql(sql) => of_sql(sql),
        Check::Http(http) => of_http(http),
        Check::Schema(schema) => of_schema(schema),
        Check::Consistency(consistency) => of_consistency(consistency),
        Check::Rows(rows) => of_rows(rows, title),
        Check::File(file) => of_file(file, title),
        Check::Backup(backup) => of_backup(backup, title),
        Check::Migration(migration) => of_migration(migration),
        Check::Notify(notify) => vec![format!("tells those who are told of the deployment: {}", notify.text)],
        Check::Evidence(evidence) => of_evidence(evidence, title),
    }
}

/// Where a command of the item runs.
#[must_use]
pub fn place(model: &Model, item: &Item) -> String {
    let environment = model.plan.environment_of(item);
    let folder = environment.and_then(|(_, environment)| environment.folder.clone());
    let folder = folder.unwrap_or_else(|| model.home.clone());
    match environment {
        Some((name, environment)) if environment.shell.is_some() => format!("{folder} of {name}"),
        Some((name, _)) => format!("{folder} ({name})"),
        None => folder,
    }
}

fn of_command(command: &Command) -> Vec<String> {
    let mut parts = vec![match &command.source {
        CommandSource::Run(text) => format!("runs {text}"),
        CommandSource::Use(name) => format!("runs the environment's `{name}` command"),
    }];
    if command.exit != [0] && !command.exit.is_empty() {
        let list: Vec<String> = command.exit.iter().map(ToString::to_string).collect();
        parts.push(format!("exit status {}", list.join(" or ")));
    }
    parts.extend(command.contains.as_ref().map(|text| format!("its output contains `{text}`")));
    parts.extend(command.lacks.as_ref().map(|text| format!("its output does not contain `{text}`")));
    parts.extend(command.pattern.as_ref().map(|text| format!("its output matches {text}")));
    parts.extend(command.numbers.iter().map(|number| format!("{} is read from its output", number.measure)));
    parts
}

fn of_sql(sql: &Sql) -> Vec<String> {
    let mut parts = vec![match &sql.query {
        Query::Any(text) => text.clone(),
        Query::Each { sqlite, postgres } => sqlite.as_ref().or(postgres.as_ref()).cloned().unwrap_or_default(),
    }];
    parts.extend(sql.expect.as_ref().map(|expect| match expect {
        Expectation::Equals(value) => format!("its value is {value}"),
        Expectation::Empty => "no row comes back".to_owned(),
        Expectation::Rows => "at least one row comes back".to_owned(),
        Expectation::Refused => "the database refuses it".to_owned(),
    }));
    parts
}

fn of_http(http: &Http) -> Vec<String> {
    let mut first = format!("{} {}", http.method, http.path);
    match http.expect {
        Reachability::Answers => {
            let _ = write!(first, " answers {}", http.status);
        }
        Reachability::Silent => first.push_str(": nothing may answer"),
    }
    let mut parts = vec![first];
    if http.requests > 1 {
        let warmup = if http.warmup > 0 { format!(" after {} to warm up", http.warmup) } else { String::new() };
        let at_once = if http.concurrency > 1 { format!(", {} at once", http.concurrency) } else { String::new() };
        parts.push(format!("{} requests{warmup}{at_once}", http.requests));
    }
    parts.extend(http.contains.as_ref().map(|text| format!("the answer contains `{text}`")));
    parts.extend(http.queries.as_ref().map(|from| match from {
        QueryCount::Header(name) => format!("queries are read from {name}"),
        QueryCount::Counter(name) => format!("queries are counted by {name}"),
    }));
    parts.extend(http.at_least_records.map(|count| format!("at least {count} records, or it says nothing")));
    parts.extend(http.within.map(|span| format!("tried for up to {span}")));
    parts
}

fn of_schema(schema: &Schema) -> Vec<String> {
    let mut parts = Vec::new();
    if !schema.tables.is_empty() {
        parts.push(format!("tables {} exist", schema.tables.join(", ")));
    }
    parts.extend(schema.table.as_ref().map(|table| format!("table {table}")));
    let absent = |presence| if presence == Presence::Absent { " is gone" } else { "" };
    for column in &schema.columns {
        let mut text = format!("column {}{}", column.name, absent(column.presence));
        if !column.types.is_empty() {
            let _ = write!(text, " {}", column.types.join(" or "));
        }
        text.push_str(match column.nullable {
            Some(Nullability::Nullable) => " nullable",
            Some(Nullability::Required) => " not null",
            None => "",
        });
        if let Some(default) = &column.default {
            let _ = write!(text, " default {default}");
        }
        parts.push(text);
    }
    for index in &schema.indexes {
        let unique = if index.uniqueness == Uniqueness::Unique { "unique " } else { "" };
        let mut text = format!("{unique}index {}{}", index.name, absent(index.presence));
        if !index.columns.is_empty() {
            let _ = write!(text, " ({})", index.columns.join(", "));
        }
        if let Some(method) = &index.method {
            let _ = write!(text, " using {method}");
        }
        if let Some(predicate) = &index.predicate {
            let _ = write!(text, " where {predicate}");
        }
        if let Some(serves) = &index.serves {
            let _ = write!(text, ", serves {serves}");
        }
        parts.push(text);
    }
    for constraint in &schema.constraints {
        let mut text = format!("constraint {}{}", constraint.name, absent(constraint.presence));
        if let Some(contains) = &constraint.contains {
            let _ = write!(text, " with {contains}");
        }
        parts.push(text);
    }
    for key in &schema.foreign_keys {
        let mut text = format!("foreign key {} to {}", key.column, key.references);
        for (when, action) in [("delete", &key.on_delete), ("update", &key.on_update)] {
            if let Some(action) = action {
                let _ = write!(text, ", on {when} {action}");
            }
        }
        parts.push(text);
    }
    parts.extend(schema.at_least_indexes.map(|count| format!("at least {count} indexes")));
    parts
}

fn of_rows(rows: &Rows, title: &dyn Fn(&ItemId) -> String) -> Vec<String> {
    let tables = if rows.tables.is_empty() { "every table".to_owned() } else { rows.tables.join(", ") };
    let depth = match rows.depth {
        Depth::Counts => "",
        Depth::Fingerprints => ", contents too",
    };
    vec![match &rows.against {
        Some(item) => format!("rows of {tables} are as many as before \"{}\"{depth}", title(item)),
        None => format!("rows of {tables} are counted and kept{depth}"),
    }]
}

fn of_consistency(consistency: &Consistency) -> Vec<String> {
    let words: Vec<_> = consistency.look_for.iter().map(|look| look.word()).collect();
    let tables = if consistency.tables.is_empty() { "every table".to_owned() } else { consistency.tables.join(", ") };
    let mut parts = vec![format!("{tables} searched for {}", words.join(", "))];
    parts.extend(consistency.required.iter().map(|of| format!("no null in {} ({})", of.table, of.columns.join(", "))));
    parts.extend(consistency.unique.iter().map(|of| format!("no repeat in {} ({})", of.table, of.columns.join(", "))));
    parts
}

fn of_file(file: &File, title: &dyn Fn(&ItemId) -> String) -> Vec<String> {
    let ending = file.ending.as_ref().map(|ending| format!(", files ending in .{ending}")).unwrap_or_default();
    let mut parts = vec![format!("{} exists{ending}", file.path)];
    parts.extend(file.contains.as_ref().map(|pattern| format!("{pattern} is found in it")));
    parts.extend(file.lacks.as_ref().map(|pattern| format!("{pattern} is found nowhere in it")));
    parts.extend(file.since.as_ref().map(|item| format!("only what came since \"{}\"", title(item))));
    parts
}

fn of_backup(backup: &Backup, title: &dyn Fn(&ItemId) -> String) -> Vec<String> {
    let mut parts = vec![
        match backup.stage {
            BackupStage::Full => "a backup is made, read back, restored to scratch and compared",
            BackupStage::Make => "a backup is made",
            BackupStage::Verify => "the backup is read back whole",
            BackupStage::Restore => "the backup is restored to scratch and compared",
            BackupStage::Swap => "the backup is put in the database's place and compared; the database before is kept",
        }
        .to_owned(),
    ];
    parts.extend(backup.of.as_ref().map(|item| format!("the one of \"{}\"", title(item))));
    parts
}

fn of_migration(migration: &Migration) -> Vec<String> {
    let mut first = match migration.direction {
        Direction::Upgrade => format!("upgrade to {}", migration.to),
        Direction::Downgrade => format!("downgrade to {}", migration.to),
        Direction::Current => return vec![format!("the database stands at {}", migration.to)],
    };
    if migration.on == MigrationTarget::Scratch {
        first.push_str(" on a copy in scratch");
    }
    let kept = if migration.rewrites.is_empty() {
        "every table keeps its rows and contents".to_owned()
    } else {
        format!("every table keeps its rows; only {} may change in contents", migration.rewrites.join(", "))
    };
    vec![first, kept]
}

fn of_evidence(evidence: &Evidence, title: &dyn Fn(&ItemId) -> String) -> Vec<String> {
    let mut parts = Vec::new();
    match &evidence.of {
        EvidenceOf::Children => parts.push("rests on the items below it".to_owned()),
        EvidenceOf::These(references) if !references.is_empty() => {
            let names = references.iter().map(|reference| match reference {
                crate::checklist::evidence::Reference::Item(id) => format!("\"{}\"", title(id)),
                other => other.to_string(),
            });
            parts.push(format!("rests on {}", names.collect::<Vec<_>>().join(", ")));
        }
        EvidenceOf::These(_) => {}
    }
    if let Some(reading) = &evidence.reading {
        let measured = format!("{} of \"{}\"", reading.measure, title(&reading.item));
        parts.push(match &reading.against {
            None => measured,
            Some(against) => {
                let how = match against.compute {
                    Compute::Reduction => "reduction of",
                    Compute::Difference => "difference of",
                };
                format!("{how} {measured} against \"{}\"", title(&against.item))
            }
        });
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_measured_endpoint_tells_how_it_is_measured() {
        let check = Check::Http(Http {
            method: "GET".into(),
            path: "/api/v1/lots?limit=100".into(),
            body: None,
            status: 200,
            contains: None,
            expect: Reachability::Answers,
            requests: 30,
            warmup: 5,
            concurrency: 1,
            queries: Some(QueryCount::Header("x-query-count".into())),
            at_least_records: Some(100),
            within: None,
        });
        assert_eq!(
            describe(&check, &ToString::to_string).join("; "),
            "GET /api/v1/lots?limit=100 answers 200; 30 requests after 5 to warm up; queries are read from \
             x-query-count; at least 100 records, or it says nothing"
        );
    }
}
