//! Lines that explain signs and ask for nothing: `✅ done ⬜ open ❌ failed`.

/// Words for what is done, for what is not, and for other states.
const DONE: &str = "done|complete|completed|passed|pass|ok|yes|finished|erledigt|fertig|fait|terminé|hecho|listo|feito|готово|完了|已完成|완료";
const OPEN: &str = "open|todo|to do|not done|not started|not yet|pending|incomplete|outstanding|offen|à faire|pendiente|por hacer|aberto|\
    открыто|未着手|未完成|미완료";
const OTHER: &str = "failed|fail|failure|skipped|skip|started|in progress|blocked|cancelled|canceled|n/a|na|not applicable|waiting|running|\
    warning|delayed|on hold|at risk|unknown|deferred|fehlgeschlagen|übersprungen|blockiert|échoué|fallido|fehler";
/// Headings below which signs are explained.
const HEADINGS: &str = "legend|legende|key|légende|leyenda|legenda|symbols|status key|обозначения|凡例|图例|범례";

/// Whether signs are explained below a heading, or behind a word.
pub(super) fn names_one(heading: &str) -> bool {
    let heading = heading.to_lowercase();
    let bare = heading.trim_matches(|c: char| !c.is_alphanumeric());
    let bare = bare.trim_start_matches(|c: char| !c.is_alphabetic());
    HEADINGS.split('|').any(|name| name == bare)
}

/// Whether a line explains two signs or more.
pub(super) fn is_legend(line: &str) -> bool {
    let line = line.replace("&nbsp;", " ").replace("[x]", "☑").replace("[X]", "☑").replace("[ ]", "☐");
    let line =
        line.replace("[-]", "➖").replace("[/]", "⏳").replace("[~]", "➖").replace("[>]", "⏭").replace("[!]", "⚠");
    let signs: Vec<(usize, char)> = line.char_indices().filter(|(_, c)| sort(*c).is_some()).collect();
    let (Some((first, _)), true) = (signs.first(), signs.len() > 1) else { return false };
    let lead = &line[..*first];
    let named = names_one(lead);
    let bare = lead.chars().all(|c| !c.is_alphanumeric());
    let ends = signs.iter().skip(1).map(|(at, _)| *at).chain([line.len()]);
    let explained = signs.iter().zip(ends).all(|((at, sign), end)| {
        let text = words(&line[at + sign.len_utf8()..end]);
        let among = |list: &str| list.split('|').any(|word| word == text);
        match sort(*sign) {
            Some(Sort::Done) => among(DONE),
            Some(Sort::Open) => among(OPEN),
            _ => among(OTHER) || among(DONE) || among(OPEN),
        }
    });
    let several = signs.iter().any(|(_, sign)| *sign != signs[0].1);
    named || (bare && several && explained)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    Done,
    Open,
    Other,
}

fn sort(c: char) -> Option<Sort> {
    match c {
        '✅' | '☑' | '☒' | '✔' | '✓' | '🟢' => Some(Sort::Done),
        '⬜' | '☐' | '□' | '🔲' | '🔳' | '◻' | '◽' | '▢' | '⚪' => Some(Sort::Open),
        '❌' | '✗' | '✘' | '⏭' | '⏩' | '⏳' | '⌛' | '🟡' | '🔴' | '🟠' | '⚠' | '🚫' | '⛔' | '🔄' | '➖' | '🚧' => {
            Some(Sort::Other)
        }
        _ => None,
    }
}

/// The first words of a text, in small letters.
fn words(text: &str) -> String {
    let text = text.trim_start_matches(['\u{fe0e}', '\u{fe0f}', ' ', '=', ':', '-', '–', '—', '*']).to_lowercase();
    let words: String = text.chars().take_while(|c| c.is_alphanumeric() || matches!(c, ' ' | '/' | '-')).collect();
    words.split("  ").next().unwrap_or_default().trim_matches([' ', '-', '/']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn legends_are_distinguished_from_answers() {
        for line in [
            "✅ done &nbsp; ⬜ open &nbsp; ❌ failed &nbsp; ⏭ skipped",
            "✅ = done, ❌ = failed",
            "- [x] done, [ ] open, [-] n/a",
            "Legend: ☐ to do ☑ done",
            "**Key:** 🟢 done / 🟡 in progress",
            "☐ offen, ☑ erledigt",
        ] {
            assert!(is_legend(line), "{line}");
        }
        for line in [
            "☐ passed ☑ failed",
            "☐ GO ☐ NO-GO",
            "☐ yes ☑ no",
            "Status: ☐ open ☑ done",
            "✅ Take the dump",
            "⬜ open ⬜ open",
        ] {
            assert!(!is_legend(line), "{line}");
        }
        assert!(names_one("Legend") && names_one("2. Key:") && !names_one("Key rotation"));
    }
}
