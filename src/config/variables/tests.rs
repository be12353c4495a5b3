//! What is expanded, what is needed, and what is named as missing.

use super::*;
use crate::checklist::Check;
use crate::checklist::check::{Command, CommandSource};

fn environment() -> Environment {
    Environment {
        slot: "production".into(),
        database: Some("${DB_URL}".into()),
        url: Some("http://${HOST}:8000".into()),
        folder: Some("${FOLDER}".into()),
        log: Some("${LOG}".into()),
        commands: BTreeMap::from([("stop".to_owned(), "${STOP}".to_owned())]),
        ..Environment::default()
    }
}

fn item(source: CommandSource) -> Item {
    let check = Check::Command(Command { source, ..Command::running("") });
    Item { id: "p/s/i".into(), title: "i".into(), slot: Some("production".into()), check, line: 1, ..Item::default() }
}

fn source(values: &[(&str, &str)]) -> Source {
    let values = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Source::from_values(values, "export it and start again")
}

#[test]
fn only_what_the_check_needs_must_be_set() {
    let run = |text: &str| item(CommandSource::Run(text.to_owned()));
    let set = source(&[("FOLDER", "/srv"), ("HOST", "db-1")]);
    let resolved = resolve(&environment(), &run("for i in 1 2; do echo ${i}; done"), &set).unwrap();
    assert_eq!(resolved.environment.url.as_deref(), Some("http://db-1:8000"));
    assert_eq!(resolved.environment.database, None);
    assert_eq!(resolved.variables.keys().collect::<Vec<_>>(), ["FOLDER", "HOST"]);
    let error = resolve(&environment(), &run("grep x \"$GONOGO_LOG\" ${DB_URL}"), &set).err().unwrap();
    assert_eq!(error.to_string(), "DB_URL, LOG are not set, and the check needs them; export it and start again");
    let error = resolve(&environment(), &item(CommandSource::Use("stop".into())), &set).err().unwrap();
    assert_eq!(error.to_string(), "STOP is not set, and the check needs it; export it and start again");
}

#[test]
fn an_armed_command_runs_only_with_its_variables_set() {
    let mut armed = item(CommandSource::Run("rm -r \"$DIR\"/x; awk '{print $NF}'; echo $FOLDER".into()));
    let set = source(&[("FOLDER", "/srv")]);
    assert!(resolve(&environment(), &armed, &set).is_ok());
    armed.proposals.push(proposal::Proposal {
        line: None,
        language: proposal::ProposalLanguage::Shell,
        text: String::new(),
    });
    let error = resolve(&environment(), &armed, &set).err().unwrap();
    assert_eq!(error.to_string(), "DIR is not set, and the check needs it; export it and start again");
}

#[test]
fn a_command_that_is_one_variable_is_what_stands_in_it_and_others_are_left_to_the_shell() {
    let set = source(&[("FOLDER", "/srv"), ("STOP", "ssh app 'systemctl stop x'"), ("DB_URL", "a'; rm -rf /'")]);
    let mut environment = environment();
    environment.commands.insert("show".into(), "psql \"${DB_URL}\"".into());
    let resolved = resolve(&environment, &item(CommandSource::Use("stop".into())), &set).unwrap();
    assert_eq!(resolved.environment.commands["stop"], "ssh app 'systemctl stop x'");
    assert_eq!(resolved.environment.commands["show"], "psql \"${DB_URL}\"");
}

#[test]
fn a_rehearsal_takes_nothing_from_the_process_environment() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("rehearsal.toml"), "format = 1\n[variables]\nA = \"1\"\n").unwrap();
    let source = Source::of(EnvironmentKind::Rehearsal, folder.path()).unwrap();
    assert_eq!(source.get("A"), Some("1"));
    assert_eq!(source.get(REHEARSAL), folder.path().to_str());
    assert_eq!(source.get("PATH"), None);
    assert!(Source::of(EnvironmentKind::Real, folder.path()).unwrap().get("PATH").is_some());
    std::fs::write(folder.path().join("rehearsal.toml"), "variables = 3").unwrap();
    assert!(Source::of(EnvironmentKind::Rehearsal, folder.path()).is_err());
}
