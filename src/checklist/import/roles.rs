//! Who signs: roles in lists without boxes.

/// Headings below which people sign.
const APPROVALS: &str = "approval|approver|approved by|sign-off|signoff|sign off|signed by|signatures|authorized by|\
    authorised by|freigabe|unterschrift|genehmig|aprobaci|aprobado por|approbation|aprovaç|утвержд|\
    согласова|承認|批准|승인|genehmig|abnahme|visto bueno|vobo|validation par|審批|核准|签批|aprovado";
/// Words of roles; a text without one of them is no role.
const ROLES: &str = "manager|lead|leader|owner|director|officer|engineer|dba|administrator|admin|cto|ceo|cio|ciso|cfo|\
    coo|vp|qa|po|pm|sre|head|architect|team|sponsor|captain|analyst|developer|representative|\
    stakeholder|ops|operations|security|leiter|leitung|betrieb|verantwortlicher|responsable|jefe|\
    gerente|руководитель|責任者|担当者|负责人|팀장";
/// Words of what is done, which no role has.
const DEEDS: &str = "obtained|approved|approves|approval|approvals|confirmed|confirms|signed|signs|sign|signoff|given|gives|informed|inform|\
    notified|notify|done|complete|completed|ready|reviewed|review|tested|test|tests|passed|available|agreed|agrees|accepted|\
    accepts|ask|get|obtain|email|mail|call|contact|update|updated|has|have|is|are|was|the|all|from|by|meeting|channel";
/// Names of fields, which are nobody.
const FIELDS: &str = "signature|date|name|time|role|title|unterschrift|datum|email|comment|comments|notes";

/// Whether people sign below a heading.
pub(super) fn approves(heading: &str) -> bool {
    let heading = heading.to_lowercase();
    APPROVALS.split('|').any(|word| heading.contains(word))
}

/// Whether a text names a field of a form.
pub(super) fn is_field(text: &str) -> bool {
    let text = text.to_lowercase();
    let text = text.trim_end_matches([':', '：']).trim();
    FIELDS.split('|').any(|field| field == text)
}

/// Whether a text names who acts and nothing to do: a few words, one of them of a role.
pub(super) fn is_role(text: &str) -> bool {
    let bare = text.split(['(', '[', ':', '：', '–', '—']).next().unwrap_or_default().trim();
    let lower = bare.to_lowercase();
    let mut words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let count = bare.split_whitespace().count();
    let acts = words.clone().any(|word| DEEDS.split('|').any(|deed| deed == word));
    let role = |word: &str| ROLES.split('|').any(|role| role == word || word.strip_suffix('s') == Some(role));
    let named = !acts && words.any(role);
    (1..=5).contains(&count) && named && !bare.ends_with(['.', '!', '?']) && !is_field(bare)
}

/// Whether a text may name who acts, where others beside it do: a few words without a deed.
pub(super) fn may_be_role(text: &str) -> bool {
    let lower = text.to_lowercase();
    let mut words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let acts = words.any(|word| DEEDS.split('|').any(|deed| deed == word));
    (1..=4).contains(&text.split_whitespace().count()) && !acts && !text.ends_with(['.', '!', '?']) && !is_field(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_distinguished_from_things_to_do() {
        for text in ["DBA", "Engineering Manager", "QA Lead (Kim)", "Head of Operations", "責任者"] {
            assert!(is_role(text), "{text}");
        }
        for text in [
            "Date",
            "All tests pass",
            "Name:",
            "Take the backup",
            "",
            "The team has read the plan and agrees to all of it",
        ] {
            assert!(!is_role(text), "{text}");
        }
        assert!(approves("4. Approvals") && approves("Freigabe") && !approves("Steps"));
    }
}
