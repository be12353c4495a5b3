//! Whatever can be a fact is written so that it reads back as the same fact.
//!
//! Longer than 400 lines because every kind of fact has its strategy here.

mod flown;

use super::*;
use crate::checklist::{EnvironmentKind, ItemId};
use crate::deployment::amendment::{Amended, Ease, Retarget};
use crate::deployment::attempt::{AttemptNumber, End, Left, LeftOn, LeftWhy, Moment, Outcome, Output, TableProof};
use crate::deployment::fact::{
    Anchored, Approval, CriterionStood, Decided, Ending, Head, IssueAccount, LedgerOpened, Preflighted, Signature,
    Signed, SignersRecorded, Timestamp, Waiver,
};
use crate::deployment::poll::{Answer, AnswerStood};
use crate::deployment::{Measurement, Verdict};
use crate::ledger::frame::{self, Next};
use crate::ledger::own::OwnReader;
use crate::ledger::unmasked;
use chrono::{NaiveDate, TimeZone as _};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;

/// Text that would break a careless writer, alone and inside of other text.
fn text() -> impl Strategy<Value = String> {
    let tricks = prop_oneof![
        Just("[[record]]".to_owned()),
        Just("\n[[record]]\nseq = 1\n".to_owned()),
        Just("\"\"\"".to_owned()),
        Just("'''".to_owned()),
        Just("\nsum = \"0000000000000000000000000000000000000000000000000000000000000000\"\n".to_owned()),
        Just("\\u0000\\n\\\"".to_owned()),
        Just("\0\u{1}\u{7f}\u{85}\u{9b}\r\n\r".to_owned()),
        Just("\u{2028}\u{2029}\u{feff}".to_owned()),
        Just("\u{202e}\u{2066}drawkcab\u{2069}".to_owned()),
        Just("🛫👩‍🚀 NeuroHub ünïcödé 漢字".to_owned()),
        Just("2026-11-22".to_owned()),
        Just("# no comment = {}".to_owned()),
        Just(String::new()),
        any::<String>(),
    ];
    vec(tricks, 1..4).prop_map(|parts| parts.concat())
}

fn time() -> impl Strategy<Value = DateTime<Utc>> {
    // Up to the last second of the year 9999, with every fraction chrono knows.
    (-62_135_596_800_i64..253_402_300_799, 0_u32..1_000_000_000)
        .prop_map(|(seconds, nanos)| Utc.timestamp_opt(seconds, nanos).unwrap())
}

fn number() -> impl Strategy<Value = f64> {
    any::<f64>().prop_filter("NaN is not equal to itself", |number| !number.is_nan())
}

fn count() -> impl Strategy<Value = u64> {
    0..=i64::MAX.unsigned_abs()
}

fn verdict() -> impl Strategy<Value = Verdict> {
    prop_oneof![Just(Verdict::Pass), Just(Verdict::Inconclusive), Just(Verdict::Fail)]
}

fn measured() -> impl Strategy<Value = Vec<Measurement>> {
    let one = (text(), number(), text(), option::of(text()), option::of(number()), vec(number(), 0..3));
    let one =
        one.prop_map(|(name, value, unit, of, margin, samples)| Measurement { name, value, unit, of, margin, samples });
    vec(one, 0..3)
}

fn output() -> impl Strategy<Value = Output> {
    (text(), count()).prop_map(|(file, bytes)| Output { file, bytes, sha256: Digest::of(&[1]) })
}

fn table() -> impl Strategy<Value = TableProof> {
    let when = prop_oneof![Just(Moment::Before), Just(Moment::After), Just(Moment::Restored), Just(Moment::Now)];
    (text(), when, any::<i64>(), option::of(text()), option::of(text()))
        .prop_map(|(table, when, rows, fingerprint, columns)| TableProof { table, when, rows, fingerprint, columns })
}

fn left() -> impl Strategy<Value = Left> {
    let on = prop_oneof![Just(LeftOn::Database), Just(LeftOn::Scratch), Just(LeftOn::File)];
    let why = prop_oneof![Just(LeftWhy::KeptAside), Just(LeftWhy::Unneeded)];
    (text(), on, option::of(any::<u32>()), why).prop_map(|(name, on, oid, why)| Left { name, on, oid, why })
}

fn outcome() -> impl Strategy<Value = Outcome> {
    let end = prop_oneof![Just(End::Completed), Just(End::Cancelled), Just(End::TimedOut), Just(End::NotStarted)];
    let ended = (option::of(any::<i32>()), option::of(any::<i32>()), count(), end, verdict(), text());
    let evidence = (measured(), vec(table(), 0..3), option::of(output()), option::of(output()), option::of(text()));
    let evidence = (evidence, vec(left(), 0..3), option::of(text()));
    (ended, evidence).prop_map(|(ended, evidence)| {
        let (exit, signal, took_ms, end, verdict, detail) = ended;
        let ((measured, tables, output, made, revision), left, attested) = evidence;
        Outcome {
            exit,
            signal,
            took_ms,
            end,
            verdict,
            detail,
            measured,
            tables,
            output,
            made,
            revision,
            left,
            attested,
        }
    })
}

fn account() -> impl Strategy<Value = IssueAccount> {
    (option::of(text()), option::of(text()), option::of(text()))
        .prop_map(|(resolution, impact, mitigation)| IssueAccount { resolution, impact, mitigation })
}

fn opened() -> impl Strategy<Value = Fact> {
    let kind = prop_oneof![Just(EnvironmentKind::Real), Just(EnvironmentKind::Rehearsal)];
    let environments = btree_map(text().prop_map(|t| t.as_str().into()), text().prop_map(|t| t.as_str().into()), 0..3);
    let kinds = btree_map(text().prop_map(|t| t.as_str().into()), kind, 0..3);
    (text(), text(), text(), environments, kinds).prop_map(|(title, checklist, snapshot, environments, kinds)| {
        let digest = Digest::of(title.as_bytes());
        Fact::LedgerOpened(
            LedgerOpened { title, checklist, digest, snapshot, snapshot_sha256: None, environments, kinds }.into(),
        )
    })
}

fn amended() -> impl Strategy<Value = Fact> {
    let items = || vec(text().prop_map(|t| t.as_str().into()), 0..3);
    (text(), text(), text(), items(), items(), vec(text(), 0..3)).prop_map(
        |(checklist, snapshot, reason, added, changed, loosened)| {
            let target = |item: &ItemId| Retarget {
                item: item.clone(),
                measure: reason.clone(),
                before: checklist.clone(),
                after: snapshot.clone(),
                ease: if added.is_empty() { Ease::Loosened } else { Ease::Tightened },
            };
            let targets = changed.iter().map(target).collect();
            let digest = Digest::of(checklist.as_bytes());
            Fact::ChecklistAmended(
                Amended {
                    checklist,
                    before: digest.clone(),
                    digest,
                    snapshot,
                    snapshot_sha256: None,
                    reason,
                    removed: added.clone(),
                    added,
                    after_failure: changed.clone(),
                    changed,
                    targets,
                    relaxed: loosened.clone(),
                    loosened,
                }
                .into(),
            )
        },
    )
}

fn approval() -> impl Strategy<Value = Approval> {
    prop_oneof![Just(Approval::Go), Just(Approval::NoGo)]
}

fn signed() -> impl Strategy<Value = Fact> {
    let date = (0_i32..=9999, 1_u32..=365).prop_filter_map("a date", |(year, day)| NaiveDate::from_yo_opt(year, day));
    (text(), text(), text(), approval(), option::of(text()), date).prop_map(
        |(group, role, name, decision, comment, date)| {
            let (checklist, evidence) = (Digest::of(group.as_bytes()), Digest::of(role.as_bytes()));
            let (group, role) = (group.as_str().into(), role.as_str().into());
            let signature = comment.as_ref().map(|comment| Signature {
                statement: format!("{comment}\n{name}"),
                armored: "-----BEGIN SSH SIGNATURE-----\nU1NIU0lH\n".into(),
                principal: name.clone(),
                fingerprint: name.clone(),
            });
            let evidence_form = if signature.is_some() { 2 } else { 1 };
            Fact::Signed(
                Signed {
                    group,
                    role,
                    name,
                    decision,
                    comment,
                    date,
                    checklist,
                    evidence,
                    evidence_form,
                    signature,
                    replaces: (evidence_form == 2).then_some(Seq(7)),
                }
                .into(),
            )
        },
    )
}

fn decided() -> impl Strategy<Value = Fact> {
    let stood =
        (text(), text(), text(), text(), option::of(count())).prop_map(|(item, verdict, value, source, age_ms)| {
            CriterionStood { item: item.as_str().into(), verdict, value, source, age_ms }
        });
    let said = (text(), answer(), option::of(text()), text()).prop_map(|(station, answer, reason, by)| AnswerStood {
        station,
        answer,
        reason,
        by,
    });
    let head = (count(), text()).prop_map(|(seq, sum)| Head { seq: Seq(seq), sum: Digest::of(sum.as_bytes()) });
    (approval(), text(), vec(stood, 0..3), vec(said, 0..3), option::of(head)).prop_map(
        |(decision, reason, criteria, answers, head)| {
            Fact::Decided(
                Decided {
                    decision,
                    loosened: vec![reason.clone()],
                    relaxed: vec![reason.clone()],
                    reason,
                    checklist: Digest::of(b"x"),
                    criteria,
                    answers,
                    head,
                }
                .into(),
            )
        },
    )
}

fn answer() -> impl Strategy<Value = Answer> {
    prop_oneof![Just(Answer::Go), Just(Answer::NoGo), Just(Answer::Abstain)]
}

fn item_fact() -> impl Strategy<Value = Fact> {
    let item = || text().prop_map(|text| text.as_str().into());
    let how = prop_oneof![
        Just(Waiver::Skipped),
        Just(Waiver::Overridden),
        Just(Waiver::Inapplicable),
        Just(Waiver::Deferred)
    ];
    prop_oneof![
        (item(), option::of(text())).prop_map(|(item, note)| Fact::ItemChecked { item, note }),
        (item(), text()).prop_map(|(item, reason)| Fact::ItemUnchecked { item, reason }),
        (item(), how, text(), option::of(time())).prop_map(|(item, how, reason, until)| Fact::ItemWaived {
            item,
            how,
            reason,
            until
        }),
        (item(), text()).prop_map(|(item, reason)| Fact::WaiverWithdrawn { item, reason }),
        (text(), any::<i64>(), text(), text(), any::<bool>(), text()).prop_map(
            |(environment, pid, application, user, whole, reason)| Fact::BlockerCancelled {
                environment: crate::checklist::EnvironmentName::new(environment),
                pid,
                application,
                user,
                how: if whole { Ending::Session } else { Ending::Statement },
                reason,
            }
        ),
        (text(), option::of(text()), option::of(text()), verdict(), text(), option::of(text())).prop_map(
            |(environment, from, to, verdict, detail, no_return)| Fact::MigrationPreflighted(
                Preflighted {
                    environment: crate::checklist::EnvironmentName::new(environment),
                    from,
                    to,
                    verdict,
                    detail,
                    no_return,
                }
                .into()
            )
        ),
        (item(), text(), option::of(text())).prop_map(|(item, value, unit)| Fact::ValueFilled { item, value, unit }),
        (item(), verdict(), text(), measured(), vec(any::<u32>().prop_map(AttemptNumber), 0..3)).prop_map(
            |(item, verdict, detail, measured, attempts)| Fact::ItemEvaluated {
                item,
                verdict,
                detail,
                measured,
                attempts
            }
        ),
        (item(), any::<u32>(), text()).prop_map(|(item, proposal, command)| Fact::CommandArmed {
            item,
            proposal,
            command
        }),
        (item(), text()).prop_map(|(item, reason)| Fact::CommandDisarmed { item, reason }),
        (option::of(item()), text()).prop_map(|(item, text)| Fact::NoteAdded { item, text }),
    ]
}

fn attempt_fact() -> impl Strategy<Value = Fact> {
    let place = || {
        (text(), text(), any::<u32>())
            .prop_map(|(environment, item, n)| (environment.as_str().into(), item.as_str().into(), AttemptNumber(n)))
    };
    prop_oneof![
        (place(), text(), option::of(text())).prop_map(|((environment, item, attempt), check, command)| {
            Fact::AttemptStarted { environment, item, attempt, check: check.into(), command }
        }),
        (place(), outcome()).prop_map(|((environment, item, attempt), outcome)| {
            Fact::AttemptFinished { environment, item, attempt, outcome: outcome.into() }
        }),
        (place(), text()).prop_map(|((_, item, attempt), reason)| Fact::AttemptLost { item, attempt, reason }),
        (place(), text()).prop_map(|((_, item, attempt), reason)| Fact::AttemptResolved { item, attempt, reason }),
        (place(), text()).prop_map(|((_, item, attempt), reason)| Fact::CancelRequested { item, attempt, reason }),
        (place(), text()).prop_map(|((environment, ..), identity)| Fact::EnvironmentReached { environment, identity }),
    ]
}

fn fact() -> impl Strategy<Value = Fact> {
    prop_oneof![
        flown::fact(),
        opened(),
        amended(),
        item_fact(),
        attempt_fact(),
        (any::<u32>(), text(), account()).prop_map(|(issue, title, account)| Fact::IssueOpened {
            issue,
            title,
            account: Box::new(account),
        }),
        (any::<u32>(), account()).prop_map(|(issue, account)| Fact::IssueUpdated { issue, account: Box::new(account) }),
        text().prop_map(|text| Fact::LessonAdded { text }),
        signed(),
        (text(), text(), text()).prop_map(|(group, role, reason)| Fact::SignoffWithdrawn {
            group: group.as_str().into(),
            role: role.as_str().into(),
            reason,
        }),
        (text(), text(), option::of(text())).prop_map(|(source, allowed_signers, reason)| {
            let digest = Digest::of(allowed_signers.as_bytes());
            Fact::SignersRecorded(SignersRecorded { source, digest, allowed_signers, reason }.into())
        }),
        (count(), option::of((text(), text(), time()))).prop_map(|(head, stamped)| {
            let timestamp = stamped.map(|(file, authority, at)| Timestamp {
                sha256: Digest::of(file.as_bytes()),
                file,
                authority,
                at,
            });
            Fact::Anchored(Anchored { head: Seq(head), head_sum: Digest::of(b"head"), timestamp }.into())
        }),
        decided(),
        (text(), count()).prop_map(|(kept, bytes)| Fact::LedgerRepaired { kept, bytes }),
    ]
}

fn operator() -> impl Strategy<Value = Operator> {
    (text(), text(), text(), option::of(text())).prop_map(|(user, says, host, simulated)| Operator {
        user,
        says,
        host,
        simulated,
    })
}

proptest! {
    #[test]
    fn a_record_reads_back_as_it_was_written(
        seq in 1..=i64::MAX.unsigned_abs(), at in time(), by in operator(), fact in fact(), prev in text(),
    ) {
        let prev = Digest::of(prev.as_bytes());
        let (text, sum) = render(Seq(seq), at, &by, &fact, &prev, &unmasked()).unwrap();
        // One key a line, whatever the values hold.
        for line in text.lines().filter(|line| !line.is_empty() && *line != "[[record]]") {
            prop_assert!(line.contains(" = "), "{line:?}");
        }
        let Ok(Next::Record(frame)) = frame::next(text.as_bytes()) else {
            return Err(TestCaseError::fail(format!("no record: {text}")));
        };
        prop_assert_eq!(frame.length, text.len());
        let fields = frame.fields().unwrap();
        let envelope = Envelope::read(fields).unwrap();
        prop_assert!(envelope.is_known(), "{} is not listed", envelope.kind);
        let record = envelope.into_record(frame.sum).unwrap();
        prop_assert_eq!(&record, &Record { seq: Seq(seq), at: at.trunc_subsecs(3), by: by.into(), fact, sum });
        if let Some(own) = OwnReader::default().read(fields, &record.sum) {
            prop_assert_eq!(own.prev, prev.to_string());
            prop_assert_eq!(own.record, record);
        }
        // The whole is a TOML document for every other reader too.
        let document: Table = format!("{HEADER}{text}").parse().unwrap();
        prop_assert_eq!(document["record"].as_array().map(Vec::len), Some(1));
    }
}

/// What breaks a record, or writes it in another way that means the same.
fn changes() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "",
        " ",
        "\"",
        "'",
        "\\",
        "\\b",
        "\\u0041",
        "\\uD800",
        "\\U0001F6EB",
        "\n",
        "\r",
        "\t",
        "#",
        "=",
        "{",
        "}",
        "[",
        "]",
        ",",
        "0",
        "-",
        "+",
        "_",
        ".",
        "e",
        "1",
        "9",
        "2026-02-30",
        "2026-11-22T14:00:07.200Z",
        "T",
        "Z",
        ":",
        "true",
        "nan",
        "\u{7f}",
        "\u{85}",
        "é",
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn the_fast_reader_reads_what_the_other_reads_or_nothing(
        at in time(), by in operator(), fact in fact(), places in vec((any::<prop::sample::Index>(), 0..3_usize, changes()), 0..3),
    ) {
        let (text, sum) = render(Seq(7), at, &by, &fact, &Digest::of(b""), &unmasked()).unwrap();
        let Ok(Next::Record(frame)) = frame::next(text.as_bytes()) else {
            return Err(TestCaseError::fail(format!("no record: {text}")));
        };
        let mut fields: Vec<char> = frame.fields().unwrap().chars().collect();
        for (place, less, more) in places {
            let at = place.index(fields.len());
            let end = fields.len().min(at + less);
            fields.splice(at..end, more.chars());
        }
        let fields: String = fields.into_iter().collect();
        let own = OwnReader::default().read(&fields, &sum).map(|own| (own.record, Digest::read(own.prev)));
        if let Some((record, prev)) = own {
            let envelope = Envelope::read(&fields).map_err(|why| TestCaseError::fail(format!("{why}: {fields}")))?;
            prop_assert_eq!(&prev, &envelope.prev);
            prop_assert_eq!(Ok(record), envelope.into_record(sum), "{}", fields);
        }
    }
}

#[test]
fn what_is_nested_without_end_is_left_to_the_other_reader() {
    let deep = format!("seq = 1\nat = 2026-11-22T14:00:07.200Z\nby = {}\n", "[".repeat(100_000));
    assert!(OwnReader::default().read(&deep, &Digest::of(b"")).is_none());
}

fn written(fact: &Fact) -> String {
    let by = Operator { user: "captain".into(), says: "Ada".into(), host: "bastion-1".into(), simulated: None };
    let at = Utc.with_ymd_and_hms(2026, 11, 22, 14, 0, 7).unwrap() + chrono::TimeDelta::microseconds(204_999);
    render(Seq(41), at, &by, fact, &Digest::of(b""), &unmasked()).unwrap().0
}

#[test]
fn a_finished_attempt_looks_as_people_expect() {
    let outcome = Outcome {
        exit: Some(0),
        signal: None,
        took_ms: 18_204,
        end: End::Completed,
        verdict: Verdict::Pass,
        detail: "duration 18.2 s (< 30 s)".into(),
        measured: vec![Measurement::new("duration", 18.204, "s"), Measurement::new("revisions", 2.0, "")],
        tables: Vec::new(),
        output: Some(Output { file: "attempts/0003.log".into(), bytes: 18_422, sha256: Digest::read("9a1b") }),
        made: None,
        revision: Some("0003".into()),
        left: Vec::new(),
        attested: None,
    };
    let text = written(&Fact::AttemptFinished {
        environment: "production".into(),
        item: "production/migration/upgrade".into(),
        attempt: AttemptNumber(3),
        outcome: outcome.into(),
    });
    let (before_sum, _) = text.rsplit_once("sum = ").unwrap();
    let fields = before_sum.strip_prefix("\n[[record]]\n").unwrap();
    let own = OwnReader::default().read(fields, &Digest::of(b"")).expect("what is written like this is read fast");
    assert_eq!(Ok(own.record), Envelope::read(fields).unwrap().into_record(Digest::of(b"")));
    let expected = r#"
[[record]]
seq = 41
at = 2026-11-22T14:00:07.204Z
by = { user = "captain", says = "Ada", host = "bastion-1" }
kind = "attempt-finished"
environment = "production"
item = "production/migration/upgrade"
attempt = 3
exit = 0
took = "18.204s"
end = "completed"
verdict = "pass"
detail = "duration 18.2 s (< 30 s)"
measured = [{ name = "duration", value = 18.204, unit = "s" }, { name = "revisions", value = 2.0, unit = "" }]
output = { file = "attempts/0003.log", bytes = 18422, sha256 = "9a1b" }
revision = "0003"
prev = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
"#;
    assert_eq!(before_sum, expected);
}

#[test]
fn times_and_dates_are_tomls_own() {
    let until = Utc.with_ymd_and_hms(2026, 11, 29, 9, 30, 0).unwrap();
    let waived = Fact::ItemWaived {
        item: "p/s/i".into(),
        how: Waiver::Deferred,
        reason: "2026-11-29".into(),
        until: Some(until),
    };
    let text = written(&waived);
    assert!(text.contains("\nuntil = 2026-11-29T09:30:00Z\n"), "{text}");
    assert!(text.contains("\nreason = \"2026-11-29\"\n"), "{text}");
}

#[test]
fn a_count_beyond_toml_is_refused_and_not_bent() {
    let by = Operator { user: "u".into(), says: "u".into(), host: "h".into(), simulated: None };
    let fact = Fact::LedgerRepaired { kept: "torn-1-1".into(), bytes: u64::MAX };
    assert!(render(Seq(1), Utc::now(), &by, &fact, &Digest::of(b""), &unmasked()).is_err());
}

#[test]
fn a_kind_from_the_future_is_seen_as_such() {
    let text = written(&Fact::LessonAdded { text: "x".into() }).replace("lesson-added", "moon-landed");
    let fields = text.split_once("[[record]]\n").unwrap().1.rsplit_once("sum = ").unwrap().0;
    let envelope = Envelope::read(fields).unwrap();
    assert!(!envelope.is_known());
    assert_eq!(envelope.kind, "moon-landed");
}

#[test]
fn records_under_former_names_are_read() {
    let old = "seq = 7\nat = 2026-11-20T02:00:00Z\nby = { says = \"stand-in for captain\", user = \"ops\", host = \"a\", \
               stand-in = \"captain\" }\nprev = \"0000000000000000000000000000000000000000000000000000000000000000\"\n\
               kind = \"item-judged\"\nitem = \"p/s/i\"\nverdict = \"pass\"\ndetail = \"3 of 3\"\n";
    let envelope = Envelope::read(old).unwrap();
    assert!(envelope.is_known());
    let record = envelope.into_record(Digest::of(old.as_bytes())).unwrap();
    let Fact::ItemEvaluated { item, verdict, .. } = &record.fact else { panic!("{record:?}") };
    assert_eq!((item.as_str(), *verdict), ("p/s/i", Verdict::Pass));
    assert_eq!(record.by.simulated.as_deref(), Some("captain"));
}
