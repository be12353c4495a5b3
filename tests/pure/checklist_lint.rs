//! Reads whole checklists and holds the problems found against what an author should be reported.

use gonogo::checklist::check::{Check, CommandSource, QueryCount};
use gonogo::checklist::digest::of_checklist;
use gonogo::checklist::evidence::{Compute, EvidenceOf, Reference};
use gonogo::checklist::lint::{lint, lint_bytes};
use gonogo::checklist::model::{Access, Due, Order, Risk};
use gonogo::checklist::problem::Severity;
use gonogo::checklist::reader::{read, read_bytes};
use gonogo::checklist::{Checklist, Digest, ItemId, SlotId};

pub(crate) const WHOLE: &str = include_str!("../fixtures/checklists/whole.toml");
pub(crate) const FLAWED: &str = include_str!("../fixtures/checklists/flawed.toml");

/// A checklist that is right, to which tests add what is wrong.
const BASE: &str = r#"format = 1
id = "base"
title = "Base"
window = { downtime = "5m" }
[[slot]]
id = "db"
title = "Database"
[environments.one]
slot = "db"
database = "sqlite:one.db"
commands = { stop = "true", start = "true" }
[environments.two]
slot = "db"
database = "sqlite:two.db"
commands = { stop = "true", start = "true" }
[[phase]]
id = "p1"
title = "One"
slot = "db"
[[phase.section]]
id = "a"
title = "A"
"#;

fn shown(text: &str) -> String {
    let (checklist, problems) = lint("c.toml", text);
    let errors = problems.iter().filter(|problem| problem.severity == Severity::Error).count();
    assert_eq!(checklist.is_some(), errors == 0);
    problems.iter().map(|problem| problem.to_string() + "\n").collect()
}

/// The problems of the base with `added` below it, without their places.
fn added(added: &str) -> Vec<String> {
    let (_, problems) = lint("c.toml", &format!("{BASE}{added}"));
    problems
        .into_iter()
        .map(|p| format!("{}: {} = {}", p.severity.word(), p.message, p.suggestion.unwrap_or_default()))
        .collect()
}

/// One item of the base's section.
fn item(id: &str, keys: &str) -> String {
    format!("[[phase.section.item]]\nid = \"{id}\"\ntitle = \"{id}\"\n{keys}\n")
}

fn readable(text: &str) -> Checklist {
    read("whole.toml", text).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn whole() -> Checklist {
    readable(WHOLE)
}

fn digest(text: &str) -> Digest {
    of_checklist(&readable(text))
}

#[test]
fn a_right_checklist_has_no_problems_and_means_what_it_says() {
    assert_eq!(shown(WHOLE), "");
    assert_eq!(shown(BASE), "");
    let checklist = whole();
    let ids: Vec<&str> = checklist.items().map(|item| item.id.as_str()).collect();
    assert_eq!(ids.len(), 19);
    assert_eq!(ids[16..], ["fly/criteria/all", "fly/criteria/all/faster", "fly/criteria/all/unharmed"]);

    let get = |id: &str| checklist.item(&ItemId::new(id)).unwrap();
    let nested = get("fly/criteria/all/faster");
    assert_eq!(nested.slot, Some(SlotId::new("production")));
    assert_eq!(nested.seed_lines, [18]);
    let Check::Evidence(evidence) = &nested.check else { panic!("{:?}", nested.check) };
    assert_eq!(evidence.reading.as_ref().unwrap().against.as_ref().unwrap().compute, Compute::Reduction);
    assert_eq!(evidence.of, EvidenceOf::These(vec![]));

    assert_eq!(get("prepare/checks/value").seed_lines, [2, 3]);
    assert_eq!(get("prepare/checks/before").access, Access::Writes);
    assert_eq!(get("fly/migration/stop").risk, Risk::Changes);
    assert_eq!(get("fly/migration/stop").offset.unwrap().millis(), -60_000);
    assert_eq!(get("fly/criteria/all").due, Some(Due::Decision));
    assert_eq!(get("prepare/checks/manual").line, 69);
    assert_eq!(checklist.phases[1].sections[0].order, Order::Steps);
    assert_eq!(checklist.phases[1].gate, [Reference::parse("prepare"), Reference::parse("signoff:staging")]);
    let Check::Command(command) = &get("fly/migration/stop").check else { panic!("no command") };
    assert_eq!((&command.source, command.exit.as_slice()), (&CommandSource::Use("stop".into()), &[0][..]));
    let Check::Http(http) = &get("fly/migration/after").check else { panic!("no http") };
    assert!(http.status.has(200) && !http.status.has(201));
    assert_eq!(http.requests, 1);
    assert_eq!(http.queries, Some(QueryCount::Counter("db_queries_total".into())));
    assert_eq!(checklist.panes[0].target.as_ref().unwrap().to_string(), "≤ 200 ms");
}

#[test]
fn everything_wrong_is_reported_in_one_go() {
    let shown = shown(&FLAWED.replace('\r', ""));
    assert_eq!(shown, include_str!("../fixtures/checklists/flawed.problems.txt"), "{shown}");
}

#[test]
fn columns_count_characters_and_the_mark_allows_for_wide_ones() {
    let check = "check = { kind = \"value\", label = \"日本\", fomr = \"number\" }";
    let text = format!("{BASE}{}", item("x", check));
    assert_eq!(
        shown(&text),
        "c.toml:26:41: error: `fomr` is no key of a value check\n\
        \x20 26 | check = { kind = \"value\", label = \"日本\", fomr = \"number\" }\n\
        \x20                                                ^^^^\n\
        \x20    = did you mean `form`?\n"
    );
}

#[test]
fn steps_and_evidence_that_wait_for_themselves_are_named_with_their_way() {
    let steps = "order = \"steps\"\n".to_owned() + &item("x", "after = [\"p1/a/z\"]") + &item("y", "") + &item("z", "");
    assert_eq!(
        added(&steps),
        ["error: `p1/a/x` waits for itself: p1/a/x → p1/a/z → p1/a/y → p1/a/x \
          = remove this or another of the references on the way"]
    );
    let evidence = item("x", "check = { kind = \"evidence\", of = [\"p1\"] }");
    assert_eq!(
        added(&evidence),
        ["error: `p1/a/x` waits for itself: p1/a/x → p1 → p1/a/x \
          = remove this or another of the references on the way"]
    );
    let own = item("x", "after = [\"p1/a/x\"]");
    assert!(added(&own)[0].starts_with("error: `p1/a/x` waits for itself: p1/a/x → p1/a/x = "), "{:?}", added(&own));
    let gate = item("x", "")
        + "[[phase]]\nid = \"p2\"\ntitle = \"Two\"\ngate = [\"signoff:g\"]\n[[phase.section]]\nid = \"b\"\ntitle = \"B\"\n"
        + &item("y", "")
        + "[[signoff]]\nid = \"g\"\ntitle = \"G\"\nphases = [\"p1\", \"p2\"]\nrole = [{ id = \"r\", title = \"R\" }]\n";
    assert_eq!(
        added(&gate),
        ["error: `p2` waits for itself: p2 → signoff:g → p2 = remove this or another of the references on the way"]
    );
    let nested = item("x", "check = { kind = \"evidence\", of = \"children\" }")
        + "[[phase.section.item.item]]\nid = \"in\"\ntitle = \"In\"\nafter = [\"p1/a/x\"]\n";
    assert_eq!(
        added(&nested),
        ["error: `p1/a/x/in` waits for itself: p1/a/x/in → p1/a/x → p1/a/x/in \
          = remove this or another of the references on the way"]
    );
}

#[test]
fn two_separate_cycles_are_both_reported() {
    let two = item("a", "after = [\"p1/a/b\"]")
        + &item("b", "after = [\"p1/a/a\"]")
        + &item("c", "after = [\"p1/a/d\", \"p1/a/a\"]")
        + &item("d", "after = [\"p1/a/c\"]");
    let reported = added(&two);
    assert_eq!(reported.len(), 2, "{reported:?}");
    assert!(reported[0].contains("p1/a/a → p1/a/b → p1/a/a"), "{reported:?}");
    assert!(reported[1].contains("p1/a/c → p1/a/d → p1/a/c"), "{reported:?}");
}

#[test]
fn a_stop_too_long_before_the_start_is_reported_with_the_latest_offset() {
    let stop = |offset: &str| {
        item("stop", &format!("offset = \"{offset}\"\ncheck = {{ kind = \"command\", use = \"stop\" }}"))
            + &item("start", "offset = \"T+1m\"\ncheck = { kind = \"command\", use = \"start\" }")
    };
    let text = format!("{BASE}{}", stop("T-10m"));
    assert_eq!(
        shown(&text),
        "c.toml:26:10: warning: `p1/a/stop` takes the service away at T-10m and `p1/a/start` gives it back at T+1m: \
         11m without it, 6m more than the downtime of 5m\n\
        \x20 26 | offset = \"T-10m\"\n\
        \x20               ^^^^^^^\n\
        \x20    = stop it at T-4m or later, or start it sooner\n"
    );
    assert!(read("c.toml", &text).is_ok(), "a warning keeps nobody from flying");
    assert_eq!(added(&stop("T-4m")), [""; 0]);
    let run = stop("T-10m").replace("use = \"stop\"", "run = \"systemctl stop app\"");
    assert_eq!(added(&run), [""; 0], "a command that changes nothing is no stop");
    let run = run.replacen("offset", "changes = true\noffset", 1);
    assert_eq!(added(&run).len(), 1);
}

#[test]
fn signatures_that_nobody_may_give_are_reported() {
    let group = "[[signoff]]\nid = \"g\"\ntitle = \"G\"\nphases = [\"p1\"]\nsigned = \"required\"\n\
                 role = [{ id = \"r\", title = \"R\" }]\n";
    let reported = added(group);
    assert!(
        reported.len() == 1 && reported[0].starts_with("warning: `g` asks for signatures, and no allowed_signers"),
        "{reported:?}"
    );
    assert_eq!(added(&group.replace("required", "optional")), [""; 0]);
    let named = format!("{BASE}{group}").replacen("id = \"base\"", "id = \"base\"\nallowed_signers = \"signers\"", 1);
    assert_eq!(lint("c.toml", &named).1, []);
}

#[test]
fn what_environments_lack_is_listed() {
    let deploy = item("x", "check = { kind = \"command\", use = \"deploy\" }");
    assert_eq!(
        added(&deploy),
        ["error: no environment of the slot `db` has the command `deploy`; it is lacking in `one`, `two` \
          = add `deploy = \"…\"` to `[environments.one.commands]`"]
    );
    let some = format!("{BASE}{deploy}").replacen("stop = ", "deploy = \"true\", stop = ", 1);
    let (checklist, problems) = lint("c.toml", &some);
    assert!(checklist.is_some());
    assert_eq!(problems[0].message, "the command `deploy` is lacking in `two`, which may fill the slot `db`");
    // Where an item does not apply, nothing is needed for it.
    let apart = some.replace("[environments.two]", "[environments.two]\nlacks = { code = \"no code\" }");
    assert_eq!(shown(&(apart + "needs = [\"code\"]\n")), "");

    let migration = item("x", "check = { kind = \"migration\", direction = \"upgrade\" }");
    assert_eq!(
        added(&migration),
        ["error: no environment of the slot `db` has a migrator; it is lacking in `one`, `two` \
          = add `[environments.one.migrator]`"]
    );
}

#[test]
fn a_check_without_a_slot_and_a_slot_without_an_environment_are_reported() {
    let text = format!("{BASE}{}", item("x", "check = { kind = \"sql\", query = \"SELECT 1\", equals = \"1\" }"));
    let reported = shown(&text.replacen("slot = \"db\"\n[[phase.section]]", "[[phase.section]]", 1));
    assert!(reported.contains("error: `p1/a/x` has an sql check but no slot to run it in"), "{reported}");
    let reported = shown(&format!("{BASE}[[slot]]\nid = \"attic\"\ntitle = \"Attic\"\n"));
    assert!(reported.starts_with("c.toml:24:6: error: no environment fills the slot `attic`\n"), "{reported}");
}

#[test]
fn an_item_says_where_it_comes_from_once() {
    let text =
        format!("source = \"s.md\"\n{BASE}{}{}", item("x", "seed_line = 3\nours = \"forgotten\""), item("y", ""));
    let reported = shown(&text);
    assert!(
        reported.contains("c.toml:28:1: error: `p1/a/x` has both `seed_line` and `ours`\n  28 | ours"),
        "{reported}"
    );
    assert!(
        reported.contains("c.toml:29:1: warning: `p1/a/y` does not say where in s.md it comes from\n"),
        "{reported}"
    );
    assert_eq!(added(&item("y", "")), [""; 0], "without a source there is nothing to come from");
}

#[test]
fn passwords_are_refused_and_never_shown() {
    for line in [
        "note = \"see postgresql://app:hunter2@db/x\"",
        "# postgresql://app:hunter2@db/x",
        "check = { kind = \"command\", run = \"psql postgresql://app:hunter2@db/x\", typo = 1 }",
        "timeout = \"postgresql://app:hunter2@db/x\"",
        "note = \"postgresql:\\u002f/app:hunter2@db/x\"",
        "\"postgres://a:hunter2@h\" = 1",
        "check = { kind = \"command\", run = \"PGPASSWORD=hunter2 pg_dump\" }",
        "slot = \"postgresql://app:hunter2@db/x\"",
        "broken = postgresql://app:hunter2@db/x",
    ] {
        let (checklist, problems) = lint("c.toml", &format!("{BASE}{}", item("x", line)));
        let reported: String = problems.iter().flat_map(|p| [p.to_string(), format!("{p:?}\n")]).collect();
        assert!(checklist.is_none(), "{line} was accepted");
        assert!(reported.contains("a password is written out in the checklist"), "{line}: {reported}");
        assert!(!reported.contains("hunter2"), "{reported}");
        assert!(reported.contains("***"), "{reported}");
    }
    assert_eq!(added(&item("x", "note = \"postgresql://app:${PASSWORD}@db/x\"")), [""; 0]);
    let own = "check = { kind = \"command\", run = \"env\", contains = \"$${VAR}\", lacks = \"$HOME\" }";
    assert_eq!(added(&item("x", own)), [""; 0]);
}

#[test]
fn a_syntax_error_does_not_hide_the_rest_nor_make_up_more() {
    let text = format!("{BASE}{}{}", item("x", "note = \"open\nnedes = []"), item("y", "after = [\"p1/a/xx\"]"));
    let reported = shown(&text);
    let heads: Vec<&str> = reported.lines().filter(|line| line.starts_with("c.toml")).collect();
    assert_eq!(
        heads,
        [
            "c.toml:26:13: error: this is no TOML: invalid basic string",
            "c.toml:27:1: error: `nedes` is no key of an item",
            "c.toml:31:10: error: `after` names the item `p1/a/xx`, which is not there",
        ]
    );
    // The header of an item is lost, and so is its name.
    let text = format!("{BASE}{}{}", item("x", "").replacen("[[", "[[[", 1), item("y", "after = [\"p1/a/x\"]"));
    let reported = shown(&text);
    assert!(reported.contains("this is no TOML"), "{reported}");
    assert!(!reported.contains("p1/a/x"), "{reported}");
    let twice = shown(&format!("{BASE}title = \"B\"\n"));
    assert!(twice.starts_with("c.toml:23:1: error: `title` is written twice in one table\n"), "{twice}");
}

#[test]
fn bytes_that_are_no_text_have_their_place() {
    let mut bytes = BASE.as_bytes().to_vec();
    bytes.extend(b"note = \"\xc3\xbc\xff\"\n");
    let problems = read_bytes("c.toml", &bytes).unwrap_err();
    assert_eq!(
        problems[0].to_string(),
        "c.toml:23:10: error: the bytes ff are no UTF-8\n  23 | note = \"ü\u{fffd}\"\n                ^\n     = save the file as UTF-8"
    );
    assert_eq!(problems.len(), 1);
    let mut marked = b"\xef\xbb\xbf".to_vec();
    marked.extend(WHOLE.as_bytes());
    assert_eq!(read_bytes("c.toml", &marked).unwrap(), whole());
    let marked = [b"\xef\xbb\xbfx = \xff".as_slice(), b"\n"].concat();
    let (_, problems) = lint_bytes("c.toml", &marked);
    assert_eq!((problems[0].place.column, problems[0].source.as_str()), (5, "x = \u{fffd}"), "{problems:?}");
}

#[test]
fn the_digest_is_of_the_meaning() {
    let digest_of_whole = digest(WHOLE);
    let relaid = WHOLE
        .replace(
            "id = \"manual\"\ntitle = \"Look at the dashboard\"",
            "title   = 'Look at the dashboard' # a comment\nid = \"manual\"",
        )
        .replace("kind = \"backup\", stage = \"make\"", "stage = \"make\",   kind = \"backup\"")
        .replace("offset = \"T-1m\"", "offset = \"T−60s\"")
        .replace('\n', "\r\n");
    assert_ne!(relaid, WHOLE);
    assert_eq!(digest(&relaid), digest_of_whole);
    for (from, to) in [
        ("below = 30", "below = 31"),
        ("at_most = 200", "at_most = 201"),
        ("below = 30", "at_most = 30"),
        ("Restore it", "Restore it now"),
        ("gate = [\"prepare\", ", "gate = ["),
        ("changes = true\noffset = \"T-1m\"", "offset = \"T-1m\""),
    ] {
        let changed = WHOLE.replacen(from, to, 1);
        assert_ne!(changed, WHOLE, "{from} is not in the checklist");
        assert_ne!(digest(&changed), digest_of_whole, "{from} -> {to}");
    }
}

#[test]
fn nesting_has_an_end() {
    let deep = |steps: usize| {
        let mut text = BASE.to_owned();
        for depth in 0..steps {
            text += &item("x", "").replacen(".item", &".item".repeat(depth + 1), 1);
        }
        text
    };
    assert_eq!(shown(&deep(60)), "");
    assert!(shown(&deep(100)).contains("this is no TOML: "));
}
