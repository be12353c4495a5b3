//! No word is lost: each is in the checklist that is written, or in the account of what was left out.

use super::read;
use gonogo::checklist::import::{self, Guesses};
use std::collections::HashSet;

/// Words that only mark a task, or say where to write.
const MARKS: &str = "x signature date name here sign input type checkbox br tr td th table thead tbody ul li ol details summary h1 h2 p del href src alt \
                     a img todo done status title circle one colour green";

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase)
}

/// The words of a document that stand nowhere, with every guess taken.
fn lost(text: &str) -> Vec<String> {
    let account = read(text);
    let mut kept: HashSet<String> = words(MARKS).collect();
    if let Ok(toml) = import::checklist(&account, Guesses::Taken) {
        kept.extend(words(&toml));
    }
    for skipped in account.skipped.iter().chain(&account.left) {
        kept.extend(words(&skipped.text));
    }
    account.bare_headings().iter().for_each(|heading| kept.extend(words(&heading.text)));
    account.beside_signoffs().iter().for_each(|(_, text)| kept.extend(words(text)));
    // What counts lines is no word of them.
    let counts = |word: &String| word.chars().all(|c| c.is_ascii_digit()) && word.len() < 3;
    let all = text.lines().filter(|line| !line.trim_start().starts_with("```")).flat_map(words);
    all.filter(|word| !kept.contains(word) && !counts(word)).collect()
}

#[test]
fn every_word_of_these_is_kept() {
    let all = [
        "Boats: ____ (must be over 5000)\n",
        "## Steps\n1. Pump for ____ minutes, then close gate seven\n",
        "Wind ____ kn, then call Kim\n",
        "By ____ the dock must be dry, otherwise flood it.\n",
        "- Count: ____ (compare with ticket DOCK-7)\n",
        "Harbour master: ____ Date: ____ must be different from the pilot\n",
        "Leitung: ____ Datum: ____ Ort: Kiel\n",
        "- [ ] Pilot: ____ Date: ____ (reachable on channel 12)\n  Read the tide table first.\n  ```sh\n  tide --now\n  ```\n",
        "| Role | Name | Condition | Signature |\n|---|---|---|---|\n| Pilot | Ann | after [survey](https://d.example/s) | |\n",
        "> | Step | Owner |\n> |---|---|\n> | Close gate | Bo |\n",
        "| Check | Target | Pass | Fail | Owner |\n|---|---|---|---|---|\n| Depth | over 9 m | ☐ | ☐ | Kim |\n",
        "| Step | Owner |\n|---|---|\n| Ring <pilot> at <5 knots | Bo |\n",
        "| Task | North | South |\n|---|---|---|\n| Pump | ☐ | ☑ |\n",
        "| Step | Owner | Berth | Time zone |\n|---|---|---|---|\n| Moor | Kim | seven | UTC |\n",
        "Proceed: YES ☐  NO ☐  Initials: ____\n",
        "Pumped: Yes [ ] No [ ] Depth: ____ m\n",
        "☐ Yes ☐ No — ticket: ____\n",
        "☐ Yes ☐ No Did the pumps hold?\n",
        "- [ ] Gate checked  Pass ☐ Fail ☐  by: ____\n",
        "☐ Stop the pumps  ☐ Open the gate  ☐ Flood the dock\n",
        "Checks done: ☐ pumps ☐ gates ☐ lights\n",
        "- [ ] Ring <a href=\"https://d.example/p\">the pilot</a> of <berth>\n",
        "- [ ] ~~Do not~~ flood the dock\n- [ ] ~~Drop the anchor~~\n",
        "# Dock [plan](https://d.example/plan)\n\n## Call the bank before three\n\n## Work\n- [ ] Pump\n",
        "# T\n## Step 1: Stop the pumps\n## Prep\n- [ ] z\n## Step 2: Flood\n",
        "T-60  Ring the bell\nand wait for the echo\n",
        "Remarks (if any):\n..............\n",
        "<table><tr><th>Step</th><th>Owner</th></tr>\n<tr><td>Pump</td>\n<td>Kim</td></tr></table>\n",
        "<ul><li>[ ] Pump</li><li>Look at the map</li></ul>\n",
        "## Flood\n\nTrigger when any of these is true:\n\n- wind over nine\n- the master says so\n",
        "- [ ] Pump\n\n  1. first the north\n  2. then the south\n\n  | a | b |\n  |---|---|\n  | east | west |\n",
        "h2. Berths\n\n⬜ Depth: \\_\\_\\_\\_ at the gate\n",
        "1. Prepare\n----------\n\n1.1 Pump it dry\n\n1.2 Close it (at least 3 cm)\n",
        "GO / NO-GO (circle one)   Decided by: ____ in the tower\n",
        "| Boat | Before | After |\n|---|---|---|\n| Anna | | |\n",
        "- [ ] {status:colour=Green|title=READY} Moor it\n- (/) Told\n- (x) Anchored\n",
    ];
    let gone: Vec<String> =
        all.iter().filter(|text| !lost(text).is_empty()).map(|text| format!("{:?} of {text}", lost(text))).collect();
    assert!(gone.is_empty(), "{}", gone.join("\n"));
}
