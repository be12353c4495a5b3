use super::*;
use Direction::{Current, Downgrade, Upgrade};

/// A branch, a merge, a second base with a label, and a revision that depends on another base's.
const HISTORY: &str = "\
INFO  [alembic.env] reading the settings
audit1 (merge4) -> audit2 (audit) (head), who changed what -> and when
<base> -> audit1 (audit), start of the audit
merge4 -> tip5 (head), the end
left3, right2 -> merge4 (mergepoint), both together
left2 -> left3, more of the left
root1 -> left2, the left
root1 -> right2, the right
<base> -> root1 (branchpoint), the beginning
";

fn lineage() -> Lineage {
    Lineage::of_history(HISTORY).unwrap()
}

fn of(text: &str) -> Standing {
    Standing::parse(text)
}

fn end(now: &str, direction: Direction, to: &str) -> String {
    match lineage().destination(&of(now), direction, to) {
        Ok(found) => format!("{} by {}", found.end, found.revision),
        Err(why) => why.to_string(),
    }
}

#[test]
fn a_history_with_branches_is_read() {
    let lineage = lineage();
    assert_eq!(lineage.ids().count(), 8);
    assert_eq!(lineage.heads(), ["audit2", "tip5"]);
    assert!(!lineage.is_straight());
    let straight =
        Lineage::of_history("0002 -> 0003 (head), third\n0001 -> 0002, second\n<base> -> 0001, first\n").unwrap();
    assert_eq!(straight, Lineage::straight(["0001", "0002", "0003"]));
    assert!(straight.is_straight());
    assert_eq!(Lineage::of_history("nothing"), None);
    // One whose parent is missing is no whole.
    assert_eq!(Lineage::of_history("0002 -> 0003 (head), third"), None);
}

#[test]
fn effective_heads_are_heads_too() {
    let reported = "side1 (main2) -> side2 (side) (head), s\n<base> -> side1 (side), s\nmain1 -> main2 (effective head), m\n\
                <base> -> main1, m";
    let lineage = Lineage::of_history(reported).unwrap();
    assert_eq!(lineage.heads(), ["main2", "side2"]);
    // Being at the one means being at the other.
    assert_eq!(lineage.standing_of(|_| true).to_string(), "side2");
    assert_eq!(lineage.plain(&of("main2, side2")), lineage.standing_of(|_| true));
    let head = lineage.destination(&of("main1"), Upgrade, "head").unwrap_err().to_string();
    assert!(head.contains("2 heads (main2, side2)"), "{head}");
}

#[test]
fn head_is_reported_only_where_there_is_one() {
    assert!(end("root1", Upgrade, "head").contains("2 heads (audit2, tip5)"));
    assert_eq!(end("root1", Upgrade, "heads"), "audit2, tip5 by heads");
    assert_eq!(end("root1", Current, "head"), "audit2, tip5 by heads");
    assert_eq!(end("root1", Upgrade, "audit@head"), "audit2 by audit2");
    assert_eq!(end("left3", Upgrade, "right2"), "left3, right2 by right2");
    assert!(Lineage::default().destination(&of("a"), Upgrade, "head").is_err());
}

#[test]
fn steps_are_distinguished_from_where_the_database_is() {
    assert_eq!(end("audit2", Downgrade, "-1"), "audit1, merge4 by audit1");
    assert_eq!(end("audit1", Downgrade, "-1"), "base by base");
    assert_eq!(end("tip5", Downgrade, "left3-1"), "left2, right2 by left2");
    assert_eq!(end("left2", Upgrade, "+1"), "left3 by left3");
    assert!(end("root1", Upgrade, "+1").contains("left2 or right2"));
    assert!(end("merge4", Downgrade, "-1").contains("left3 or right2"));
    assert!(end("audit2", Upgrade, "+1").contains("leads out"));
    assert!(end("base", Downgrade, "-1").contains("leads out"));
    assert!(end("audit2, tip5", Downgrade, "-1").contains("at 2 (audit2, tip5)"));
    assert!(end("gone", Downgrade, "-1").contains("gone is not one of the migrator's 8"));
}

#[test]
fn going_down_undoes_what_lies_above_and_nothing_else() {
    assert_eq!(end("audit2, tip5", Downgrade, "merge4"), "audit1, merge4 by merge4");
    assert_eq!(end("merge4", Downgrade, "left2"), "left2, right2 by left2");
    assert_eq!(end("audit2, tip5", Downgrade, "base"), "base by base");
    assert!(end("left2", Downgrade, "tip5").contains("not above"));
}

#[test]
fn part_of_an_id_is_enough_where_it_is_one() {
    let lineage = Lineage::straight(["27c6a30d7c24", "27d0a1b2c3d4", "ae10_lots"]);
    let to = |to: &str| lineage.destination(&of("ae10"), Current, to).map(|found| found.revision);
    assert_eq!(to("27c6"), Ok("27c6a30d7c24".into()));
    assert_eq!(to("ae10"), Ok("ae10_lots".into()));
    assert!(to("27").unwrap_err().to_string().contains("27c6a30d7c24 or 27d0a1b2c3d4"));
    assert!(to("ff").is_err());
    assert_eq!(relative("27c6-2"), ("27c6", Some(-2)));
    assert_eq!((relative("-1"), relative("+3"), relative("a-b")), (("", Some(-1)), ("", Some(3)), ("a-b", None)));
}

#[test]
fn what_was_merged_late_is_pending_and_no_step_back() {
    let files = Lineage::straight(["1", "2", "3", "4"]);
    let now = of("3 without 2");
    assert_eq!(files.pending(&now, "head").unwrap(), ["2", "4"]);
    assert_eq!(files.pending(&of("base"), "2").unwrap(), ["1", "2"]);
    let go = |direction, to| files.destination(&now, direction, to).unwrap().end.to_string();
    assert_eq!(go(Upgrade, "head"), "4");
    assert_eq!(go(Downgrade, "-1"), "1");
    assert_eq!(go(Downgrade, "base"), "base");
    assert_eq!(files.standing_of(|_| true).to_string(), "4");
}

#[test]
fn pending_of_several_heads_comes_parents_first() {
    assert_eq!(lineage().pending(&of("audit1, left3"), "heads").unwrap(), ["right2", "merge4", "audit2", "tip5"]);
    assert!(lineage().pending(&of("audit2, left3"), "head").is_err());
    assert_eq!(lineage().strange(&of("audit2, nope")), ["nope"]);
}
