//! `${NAME}` where no variable is put in place: it would be taken as it is written.

use crate::checklist::check::Need;
use crate::checklist::model::Item;
use crate::checklist::reader::marks::Draft;
use crate::checklist::reader::report::Report;
use crate::checklist::variables::names_in;
use serde_json::Value as Json;

/// What holds no text of a check's own.
const NONE: [&str; 1] = ["kind"];

pub(crate) fn check(draft: &Draft, report: &Report<'_>) {
    for (item, marks) in draft.checklist.items().zip(&draft.marks.items) {
        let Some(check) = marks.check else { continue };
        for (key, name) in unexpanded(item) {
            let at = check.detail.unwrap_or(check.at);
            let message =
                format!("`${{{name}}}` in `{key}` is taken as it is written: no variable is put in place there");
            let suggestion = format!(
                "write the value as a fact, `${{facts.{}}}`, or `$${{{name}}}` to say that it is meant so",
                name.to_lowercase()
            );
            report.warning(at, message, suggestion);
        }
    }
}

/// The keys of an item's check that name a variable which stays there, each with the variable.
fn unexpanded(item: &Item) -> Vec<(String, String)> {
    let needs = item.check.kind().needs();
    let expanded: Vec<&str> = needs
        .iter()
        .filter_map(|need| match need {
            Need::Path(text) | Need::Text(text) | Need::Shell(text) => Some(*text),
            Need::Database
            | Need::Scratch
            | Need::Url
            | Need::Backups
            | Need::Log
            | Need::Folder
            | Need::Migrator
            | Need::Command(_)
            | Need::OwnCommand(_) => None,
        })
        .collect();
    let check = serde_json::to_value(&item.check).unwrap_or_default();
    let mut found = Vec::new();
    texts("", &check, &mut |key, text| {
        if !NONE.contains(&key) && !expanded.contains(&text) {
            found.extend(names_in(text).into_iter().map(|name| (key.to_owned(), name)));
        }
    });
    found
}

/// Every text of a value, with the key it stands under.
fn texts(key: &str, value: &Json, each: &mut impl FnMut(&str, &str)) {
    match value {
        Json::String(text) => each(key, text),
        Json::Array(all) => all.iter().for_each(|value| texts(key, value, each)),
        Json::Object(all) => all.iter().for_each(|(key, value)| texts(key, value, each)),
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use crate::checklist::lint::lint;

    fn of(check: &str) -> Vec<String> {
        let text = format!(
            "format = 1\nid = \"t\"\ntitle = \"T\"\n[[slot]]\nid = \"s\"\ntitle = \"S\"\n[environments.e]\nslot = \"s\"\n\
             database = \"sqlite:x\"\nurl = \"http://h\"\n[[phase]]\nid = \"p\"\ntitle = \"P\"\nslot = \"s\"\n\
             [[phase.section]]\nid = \"a\"\ntitle = \"A\"\n[[phase.section.item]]\nid = \"i\"\ntitle = \"I\"\nours = \"x\"\n\
             check = {{ {check} }}\n"
        );
        lint("c.toml", &text).1.into_iter().map(|problem| problem.message).collect()
    }

    #[test]
    fn a_variable_where_none_is_put_in_place_is_reported() {
        let reported = of("kind = \"sql\", query = \"SELECT '${RELEASE}'\", equals = \"1\"");
        assert_eq!(reported.len(), 1, "{reported:?}");
        assert!(
            reported[0].starts_with("`${RELEASE}` in ") && reported[0].contains("as it is written"),
            "{reported:?}"
        );
        for check in [
            "kind = \"sql\", query = \"SELECT '$${RELEASE}'\", equals = \"1\"",
            "kind = \"http\", path = \"/x\", body = \"${RELEASE}\", headers = { a = \"${TOKEN}\" }, contains = \"${RELEASE}\"",
            "kind = \"tcp\", address = \"${HOST}:1\"",
            "kind = \"file\", path = \"${FOLDER}/x\"",
            "kind = \"command\", run = \"echo ${RELEASE}\"",
        ] {
            assert_eq!(of(check), [""; 0], "{check}");
        }
    }
}
