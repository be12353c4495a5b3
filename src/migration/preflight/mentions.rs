//! Statements that change no row and no structure, and fail all the same when what they name is not there.

use super::act::{Act, Mentioned};
use super::convert::name;
use super::name::{Name, folded};
use sqlparser::ast::{self, CommentObject, GrantObjects, GranteeName, GranteesType, ObjectName};

type Converted<T> = Result<T, String>;

pub(super) fn comment(kind: CommentObject, object: &ObjectName) -> Converted<Act> {
    let mut found = Mentioned { what: "COMMENT", ..Mentioned::default() };
    match kind {
        CommentObject::Table | CommentObject::View | CommentObject::MaterializedView | CommentObject::Sequence => {
            found.relations.push(name(object)?);
        }
        CommentObject::Index => found.relations.push(name(object)?),
        CommentObject::Column => {
            let mut parts: Vec<String> = object.0.iter().filter_map(|part| part.as_ident()).map(folded).collect();
            match (parts.pop(), parts.pop()) {
                (Some(column), Some(table)) => {
                    found.columns.push((Name { schema: parts.pop(), name: table }, column));
                }
                _ => found.not_followed = Some(format!("{object} is no column of a table")),
            }
        }
        CommentObject::Schema => found.schemas.push(name(object)?.name),
        other => found.not_followed = Some(format!("whether there is such a thing is not asked: {other} {object}")),
    }
    Ok(Act::Mentions(found))
}

/// `GRANT` and `REVOKE`.
pub(super) fn grant(what: &'static str, objects: Option<&GrantObjects>, grantees: &[ast::Grantee]) -> Converted<Act> {
    let mut found = Mentioned { what, ..Mentioned::default() };
    for grantee in grantees {
        match (&grantee.grantee_type, &grantee.name) {
            (GranteesType::Public, _) => {}
            (_, Some(GranteeName::ObjectName(role))) => {
                let role = name(role)?.name;
                if !["public", "current_user", "current_role", "session_user"].contains(&role.as_str()) {
                    found.roles.push(role);
                }
            }
            _ => found.not_followed = Some(format!("to whom is not understood: {grantee}")),
        }
    }
    let names = |objects: &[ObjectName]| objects.iter().map(name).collect::<Converted<Vec<Name>>>();
    match objects {
        Some(GrantObjects::Tables(tables) | GrantObjects::Sequences(tables)) => found.relations = names(tables)?,
        Some(
            GrantObjects::Schemas(schemas)
            | GrantObjects::AllTablesInSchema { schemas }
            | GrantObjects::AllSequencesInSchema { schemas },
        ) => found.schemas = names(schemas)?.into_iter().map(|schema| schema.name).collect(),
        Some(other) => found.not_followed = Some(format!("whether there is such a thing is not asked: {other}")),
        None => found.not_followed = Some("which roles these are is not asked".to_owned()),
    }
    Ok(Act::Mentions(found))
}

/// `ALTER TABLE … SET (…)`: `None` when the server takes every option, else the first that may be refused.
pub(super) fn refused_option(options: &[ast::SqlOption]) -> Option<String> {
    let is_known = |option: &ast::SqlOption| {
        let text = option.to_string().to_lowercase().replace([' ', '\'', '"'], "");
        let Some((name, value)) = text.split_once('=') else { return false };
        match name {
            "fillfactor" => value.parse::<u32>().is_ok_and(|value| (10..=100).contains(&value)),
            "autovacuum_enabled" | "toast.autovacuum_enabled" | "user_catalog_table" => {
                ["true", "false", "on", "off"].contains(&value)
            }
            "parallel_workers" => value.parse::<u32>().is_ok_and(|value| value <= 1024),
            _ => false,
        }
    };
    options.iter().find(|option| !is_known(option)).map(ToString::to_string)
}
