//! Commands proposed beside an item.

use super::table::TableReader;
use crate::checklist::proposal::{Proposal, ProposalLanguage};
use crate::checklist::span::Span;

const LANGUAGES: [(&str, ProposalLanguage); 2] = [("shell", ProposalLanguage::Shell), ("sql", ProposalLanguage::Sql)];

/// Reads the proposals of an item, and where each stands.
pub(super) fn read(item: &mut TableReader<'_>) -> (Vec<Proposal>, Vec<Span>) {
    let tables = item.tables("proposal", "a proposal");
    tables.into_iter().filter_map(read_one).unzip()
}

fn read_one(mut table: TableReader<'_>) -> Option<(Proposal, Span)> {
    let text = table.required_text("text");
    let language = table.word("language", &LANGUAGES).map(|language| language.value).unwrap_or_default();
    let line = table.whole("line", 1..=u32::MAX).map(|line| line.value);
    let at = table.at();
    table.finish();
    Some((Proposal { line, language, text: text?.value }, at))
}
