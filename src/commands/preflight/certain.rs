//! Which errors of a migrator say that it fails whatever the database holds, and which only that nothing could be seen.

/// Errors of Python that come from the code alone.
const OF_CODE: [&str; 9] = [
    "SyntaxError",
    "IndentationError",
    "TabError",
    "ModuleNotFoundError",
    "ImportError",
    "NameError",
    "UnicodeDecodeError",
    "unexpected keyword argument",
    "required positional argument",
];
/// Alembic's own words for revisions that do not fit together, and for configurations without any.
const OF_REVISIONS: [&str; 14] = [
    "Can't locate revision",
    "is not present",
    "Cycle is detected",
    "Loop is detected",
    "Multiple head revisions",
    "Could not determine revision id",
    "Can't find Python file",
    "No 'script_location' key",
    "No config file",
    "Path doesn't exist",
    "No such revision",
    "overlaps with other requested",
    "PermissionError",
    "IsADirectoryError",
];
/// Errors of a connection: printing has none, and running has.
const OF_CONNECTIONS: [&str; 9] = [
    "OperationalError",
    "InterfaceError",
    "Connection",
    "connection",
    "timed out",
    "TimeoutError",
    "gaierror",
    "socket",
    "NoneType",
];

/// Whether a reason why revisions cannot be listed is one for every run of the migrator. Listing needs no database: all
/// that is left is the code of the revisions.
pub(crate) fn reads_no_revisions(why: &str) -> bool {
    let has = |list: &[&str]| list.iter().any(|part| why.contains(part));
    let raised = why.split([' ', ':']).next().is_some_and(|word| word.ends_with("Error") && word != "OSError");
    has(&OF_CODE) || !has(&OF_CONNECTIONS) && (has(&OF_REVISIONS) || raised)
}

/// Whether a reason why a revision cannot be printed is one for running it too. Printing gives a revision no rows, so that
/// most errors say nothing of a real run.
pub(crate) fn cannot_run(why: &str) -> bool {
    let has = |list: &[&str]| list.iter().any(|part| why.contains(part));
    has(&OF_CODE) || !has(&OF_CONNECTIONS) && has(&OF_REVISIONS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("KeyError: '0002'", true, false)]
    #[case("FAILED: Can't locate revision identified by '0009'", true, true)]
    #[case("Revision 0002 referenced from 0002 -> 0003 (head), x is not present", true, true)]
    #[case("ModuleNotFoundError: No module named 'app'", true, true)]
    #[case("SyntaxError: '(' was never closed", true, true)]
    #[case("PermissionError: [Errno 13] Permission denied: 'alembic/versions/2.py'", true, true)]
    #[case("TypeError: add_column() missing 1 required positional argument: 'column'", true, true)]
    #[case("NameError: name 'connection' is not defined", true, true)]
    // Of a database that printing does not have, or of a choice that the code makes.
    #[case("AttributeError: 'NoneType' object has no attribute 'scalar'", false, false)]
    #[case("sqlalchemy.exc.OperationalError: (psycopg2.OperationalError) connection refused", false, false)]
    #[case("RuntimeError: offline mode is not supported", true, false)]
    #[case("sqlalchemy.exc.CompileError: No literal value renderer is available", true, false)]
    #[case("TypeError: 'NoneType' object is not iterable", false, false)]
    #[case("it did not end within 120 s", false, false)]
    #[case("exit 2", false, false)]
    fn what_fails_for_certain_is_distinguished_from_what_was_not_seen(
        #[case] why: &str,
        #[case] listing: bool,
        #[case] printing: bool,
    ) {
        assert_eq!((reads_no_revisions(why), cannot_run(why)), (listing, printing), "{why}");
    }
}
