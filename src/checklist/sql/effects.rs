//! What a query may do besides reading, reported from its text: read-only transactions let functions through that end sessions,
//! read the server's files, take locks that outlive them, or run other text as SQL.

use super::{Reading, Token, TokenKind, tokens_as};

/// Functions with effects, in lower case; `*` stands for any ending.
const FUNCTIONS: &[&str] = &[
    "autoprewarm*",
    "aws_lambda*",
    "aws_s3*",
    "brin_desummarize*",
    "brin_summarize*",
    "cursor_to_xml*",
    "database_to_xml*",
    "dblink*",
    "edit",
    "gin_clean_pending_list",
    "heap_force_*",
    "invoke",
    "http",
    "http_*",
    "lastval",
    "lo_*",
    "load_extension",
    "loread",
    "lowrite",
    "nextval",
    "pg_advisory_*",
    "pg_backup_*",
    "pg_buffercache_evict*",
    "pg_cancel_backend",
    "pg_copy_*_replication_slot",
    "pg_create_*",
    "pg_current_logfile",
    "pg_current_xact_id",
    "pg_drop_replication_slot",
    "pg_execute_server_program",
    "pg_export_snapshot",
    "pg_file_*",
    "pg_hba_file_rules",
    "pg_import_system_collations",
    "pg_log_backend_memory_contexts",
    "pg_log_standby_snapshot",
    "pg_logdir_ls",
    "pg_logical_*",
    "pg_ls_*",
    "pg_notify",
    "pg_prewarm*",
    "pg_promote",
    "pg_read_*",
    "pg_reload_conf",
    "pg_replication_*",
    "pg_rotate_logfile*",
    "pg_start_backup",
    "pg_stat_file",
    "pg_stat_reset*",
    "pg_stat_statements_reset",
    "pg_stop_backup",
    "pg_switch_wal",
    "pg_switch_xlog",
    "pg_sync_replication_slots",
    "pg_terminate_backend",
    "pg_truncate_visibility_map",
    "pg_try_advisory_*",
    "pg_wal_replay_*",
    "plpy_*",
    "postgres_fdw_disconnect*",
    "query_export_to_s3",
    "query_to_xml*",
    "readfile",
    "schema_to_xml*",
    "set_config",
    "setval",
    "sys_eval",
    "sys_exec",
    "table_to_xml*",
    "txid_current",
    "ts_stat",
    "ts_rewrite",
    "crosstab*",
    "connectby",
    "writefile",
    "xpath_table",
];

/// Pragmas that only look; with a value they change something.
const LOOKS: [&str; 24] = [
    "application_id",
    "collation_list",
    "compile_options",
    "database_list",
    "encoding",
    "foreign_key_check",
    "foreign_key_list",
    "foreign_keys",
    "freelist_count",
    "function_list",
    "index_info",
    "index_list",
    "index_xinfo",
    "integrity_check",
    "journal_mode",
    "page_count",
    "page_size",
    "pragma_list",
    "quick_check",
    "schema_version",
    "table_info",
    "table_list",
    "table_xinfo",
    "user_version",
];
/// These name what they look at between parentheses.
const LOOK_AT: [&str; 10] = [
    "foreign_key_check",
    "foreign_key_list",
    "index_info",
    "index_list",
    "index_xinfo",
    "integrity_check",
    "quick_check",
    "table_info",
    "table_list",
    "table_xinfo",
];

/// What a statement may do besides reading rows; worded as a sentence's end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Effect {
    #[error("writes a name in the form U&\"…\", which is not read")]
    Escaped,
    #[error("may call {0}()")]
    MayCall(String),
    #[error("calls {0}()")]
    Calls(String),
    #[error("locks the rows it reads")]
    Locks,
    #[error("changes something by PRAGMA {0}")]
    Pragma(String),
}

/// What a statement may do besides reading rows and calling one of the functions `but`.
#[must_use]
pub(crate) fn effect(sql: &str, but: &[&str]) -> Option<Effect> {
    Reading::all(sql).find_map(|reading| effect_in(sql, &tokens_as(sql, reading), but))
}

fn effect_in(sql: &str, found: &[Token<'_>], but: &[&str]) -> Option<Effect> {
    let counts = |name: &str| has_effect(name) && !but.contains(&name);
    // In these forms quotes mean something else than elsewhere, so nothing in them is believed to be a string.
    if is_unusual(sql, found) {
        let lower = sql.to_lowercase();
        if lower.contains("u&\"") {
            return Some(Effect::Escaped);
        }
        let mut words = lower.split(|c: char| !(c.is_alphanumeric() || c == '_'));
        return words.find(|word| counts(word)).map(|word| Effect::MayCall(word.to_owned()));
    }
    let called = found.iter().enumerate().find_map(|(at, token)| {
        let opens = found.get(at + 1).is_some_and(|next| next.kind == TokenKind::Open);
        let name = token.name().filter(|_| opens && token.kind != TokenKind::Text)?.to_lowercase();
        let name = name.rsplit('.').next().unwrap_or_default().to_owned();
        // A setting of an application's own, such as `app.user`, changes nothing that the server goes by.
        let own = |setting: &Token<'_>| setting.kind == TokenKind::Text && setting.text.contains('.');
        if name == "set_config" && found.get(at + 2).is_some_and(own) {
            return None;
        }
        counts(&name).then_some(Effect::Calls(name))
    });
    called.or_else(|| locks(found)).or_else(|| pragma(found))
}

/// Whether a text holds strings that a backslash goes on in, strings in dollars, or names in escapes.
fn is_unusual(sql: &str, found: &[Token<'_>]) -> bool {
    let dollars = found.iter().any(|token| token.kind == TokenKind::Word && token.text.contains('$'));
    let nested = sql.matches("/*").count() > 1;
    let prefixed = found.windows(2).any(|pair| {
        let touches = pair[0].span.end == pair[1].span.start;
        touches && pair[1].kind == TokenKind::Text && pair[0].is_any(&["e"])
    });
    let unicode = sql.to_lowercase().contains("u&");
    // A server may be set to take a backslash in any string for an escape, also of the closing quote.
    let escaped = found.iter().any(|token| token.kind == TokenKind::Text && token.text.contains('\\'));
    dollars || nested || prefixed || unicode || escaped
}

fn has_effect(name: &str) -> bool {
    FUNCTIONS.iter().any(|known| match known.split_once('*') {
        None => *known == name,
        Some((start, end)) => name.starts_with(start) && name.ends_with(end) && name.len() >= start.len() + end.len(),
    })
}

fn locks(found: &[Token<'_>]) -> Option<Effect> {
    let locking = found.windows(2).any(|pair| pair[0].is("for") && pair[1].is_any(&["update", "share", "no", "key"]));
    locking.then_some(Effect::Locks)
}

fn pragma(found: &[Token<'_>]) -> Option<Effect> {
    let [first, name, rest @ ..] = found else { return None };
    if !first.is("pragma") {
        return None;
    }
    let name = name.name().unwrap_or_default().to_lowercase();
    let name = name.rsplit('.').next().unwrap_or_default();
    let looks = match rest.first().map(|token| token.kind) {
        None | Some(TokenKind::Semicolon) => LOOKS.contains(&name),
        Some(TokenKind::Open) => LOOK_AT.contains(&name),
        Some(_) => false,
    };
    (!looks).then(|| Effect::Pragma(name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("SELECT pg_terminate_backend(pid) FROM pg_stat_activity")]
    #[case("select PG_CATALOG.Pg_Terminate_Backend (1)")]
    #[case("SELECT pg_catalog.\"pg_terminate_backend\"(1)")]
    #[case("SELECT \"pg_cancel_backend\" /* now */ (1)")]
    #[case("SELECT * FROM dblink('x', 'DELETE FROM a') AS t(i int)")]
    #[case("SELECT dblink_exec('x', 'DELETE FROM a')")]
    #[case("SELECT lo_export(1, '/tmp/x')")]
    #[case("SELECT pg_read_file('/etc/passwd')")]
    #[case("SELECT pg_ls_dir('.')")]
    #[case("SELECT pg_reload_conf()")]
    #[case("SELECT pg_advisory_lock(1)")]
    #[case("SELECT pg_try_advisory_lock_shared(1)")]
    #[case("SELECT query_to_xml('SELECT pg_reload_conf()', true, false, '')")]
    #[case("SELECT nextval('s')")]
    #[case("SELECT E'\\'', pg_terminate_backend(1) --'")]
    #[case("SELECT $$'$$, pg_terminate_backend(1), '--'")]
    #[case("SELECT U&\"\\0070g_terminate_backend\"(1)")]
    #[case("SELECT 1 /* /* */ */ + pg_terminate_backend(1)::int")]
    #[case("SELECT * FROM a FOR UPDATE")]
    #[case("SELECT * FROM a FOR NO KEY UPDATE SKIP LOCKED")]
    #[case("PRAGMA journal_mode = DELETE")]
    #[case("PRAGMA wal_checkpoint(TRUNCATE)")]
    #[case("PRAGMA main.user_version=3")]
    #[case("SELECT writefile('x', 'y')")]
    #[case("SELECT load_extension('x')")]
    #[case("SELECT (ARRAY[pg_terminate_backend(pid)])[1] FROM pg_stat_activity")]
    #[case("SELECT a[pg_reload_conf()::int] FROM b")]
    #[case("SELECT set_config('role', 'postgres', false)")]
    #[case("SELECT set_config('statement_timeout', '0', false)")]
    #[case("SELECT count(*) --\r, count(pg_terminate_backend(pid)) FROM pg_stat_activity")]
    #[case("SELECT pg_terminate_backend\u{b}(1)")]
    #[case("SELECT 1 AS [a, pg_reload_conf()] /*]*/")]
    #[case("SELECT 1 ` pg_reload_conf() `")]
    #[case("SELECT 'a\\', pg_reload_conf() --'")]
    #[case("SELECT heap_force_kill('lots', ARRAY['(0,1)']::tid[])")]
    #[case("SELECT aws_s3.query_export_to_s3('x', 'y', 'z')")]
    #[case("SELECT pg_create_physical_replication_slot('x')")]
    fn what_acts_is_found(#[case] sql: &str) {
        assert!(effect(sql, &[]).is_some(), "{sql}");
    }

    #[rstest]
    #[case("SELECT count(*) FROM log WHERE message LIKE '%pg_terminate_backend(%'")]
    #[case("SELECT pg_terminate_backend FROM settings")]
    #[case("SELECT count(*) FROM lots -- pg_reload_conf()")]
    #[case("SELECT to_char(now(), 'YYYY'), lower(name), coalesce(a, 0) FROM b")]
    #[case("SELECT pg_database_size(current_database())")]
    #[case("SELECT substring(a FROM 2 FOR 3) FROM b")]
    #[case("SELECT set_config('app.user', 'kim', false)")]
    #[case("SELECT tags[1], ARRAY[lower(name)] FROM b")]
    #[case("SELECT [order id], `a b` FROM c")]
    #[case("PRAGMA user_version")]
    #[case("PRAGMA table_info(lots)")]
    #[case("SELECT E'a\\n' || name FROM b")]
    fn what_only_reads_is_left_alone(#[case] sql: &str) {
        assert_eq!(effect(sql, &[]), None, "{sql}");
    }
}
