//! Walks the events of the Markdown parser and gathers what they say about the checklist.
//!
//! Longer than 400 lines because one walk over the events gathers everything; every part of it shares the same state.

use super::account::{BoxState, Comment, Heading, Kind, Live, Rank};
use super::leads::Leads;
use super::regions::{Region, RegionKind, Regions};
use super::source::Source;
use super::{html, inline};
use crate::checklist::span::Span;
use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use std::ops::Range;

/// The most links of one item that are kept.
const MOST_LINKS: usize = 64;

/// What the walk gathers. Offsets are those of the text.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub live: Vec<Live>,
    pub headings: Vec<Heading>,
    pub regions: Regions,
    pub code: Vec<Code>,
    /// Code spans in the own texts of task items.
    pub spans: Vec<CodeSpan>,
    /// Every code span of the document, wherever it stands.
    pub named: Vec<CodeSpan>,
    pub comments: Vec<Comment>,
    /// List items outside every task, the outermost of each list.
    pub steps: Vec<Step>,
    /// The header cells of each table.
    pub tables: Vec<Vec<String>>,
}

#[derive(Debug)]
pub(super) struct Code {
    pub range: Range<usize>,
    pub info: String,
    pub text: String,
    pub owner: Option<usize>,
    /// The plain list item it is in or directly under, as an index.
    pub step: Option<usize>,
    pub heading: Option<usize>,
}

/// A plain list item.
#[derive(Debug)]
pub(super) struct Step {
    pub range: Range<usize>,
    pub text: String,
    pub notes: Vec<Note>,
    pub links: Vec<String>,
    pub spans: Vec<(usize, String)>,
    pub numbered: bool,
    /// The line that leads its list in, and what that says.
    pub lead: Option<(u32, String)>,
    pub heading: Option<usize>,
    /// Whether a task is in it: then it only groups.
    pub groups: bool,
}

/// What else is in a list item, and on which lines.
#[derive(Debug)]
pub(super) struct Note {
    pub text: String,
    pub first: u32,
    pub last: u32,
}

#[derive(Debug)]
pub(super) struct CodeSpan {
    pub owner: usize,
    pub start: usize,
    pub text: String,
}

/// A list item that is open.
#[derive(Debug)]
struct Open {
    task: Option<usize>,
    /// Whether its own text has been read to the end.
    titled: bool,
    /// Text of a plain item, and where its links lead.
    label: String,
    links: Vec<String>,
    /// What stands before it in a note: `-`, `2.`.
    sign: String,
}

struct Walk<'s> {
    source: &'s Source,
    /// Where in the source the parsed text begins.
    base: usize,
    facts: Facts,
    leads: Leads,
    open: Vec<Open>,
    tasks: Vec<usize>,
    /// The next number of each list that is open, where it is numbered.
    lists: Vec<Option<u64>>,
    /// The line that leads the outermost list in.
    lead: Option<(u32, String)>,
    /// The cells of the row being read.
    row: Vec<String>,
    step: Option<usize>,
    links: Vec<String>,
    /// The text of the block being read, and the code spans in it.
    inline: String,
    /// Where that stands.
    block: Option<Range<usize>>,
    /// How many strikes are open.
    struck: usize,
    spans: Vec<(usize, String)>,
    in_heading: Option<u8>,
    code: Option<Code>,
    header: Option<Vec<String>>,
    /// Where the task item that was closed last ended.
    closed: Option<usize>,
}

/// Reads the text from `base` on.
pub(super) fn walk(source: &Source, base: usize) -> Facts {
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut walk = Walk {
        source,
        base,
        facts: Facts::default(),
        leads: Leads::default(),
        open: Vec::new(),
        tasks: Vec::new(),
        lists: Vec::new(),
        lead: None,
        row: Vec::new(),
        step: None,
        links: Vec::new(),
        inline: String::new(),
        block: None,
        struck: 0,
        spans: Vec::new(),
        in_heading: None,
        code: None,
        header: None,
        closed: None,
    };
    for (event, range) in Parser::new_ext(&source.text()[base..], options).into_offset_iter() {
        walk.event(event, base + range.start..base + range.end);
    }
    walk.settle();
    walk.facts
}

impl Walk<'_> {
    fn event(&mut self, event: Event<'_>, range: Range<usize>) {
        if self.code.is_none() && matches!(event, Event::Text(_) | Event::Code(_)) {
            let start = self.block.as_ref().map_or(range.start, |block| block.start);
            self.block = Some(start..range.end);
        }
        match event {
            Event::Start(tag) => self.start(tag, range),
            Event::End(tag) => self.end(tag, range),
            Event::TaskListMarker(checked) => self.task(checked, &range),
            Event::Text(text) => match &mut self.code {
                Some(code) => code.text.push_str(&text),
                None => self.push(&text),
            },
            Event::Code(text) => {
                self.facts.named.push(CodeSpan { owner: 0, start: range.start, text: text.to_string() });
                let raw = &self.source.text()[range.clone()];
                // A fence indented too far is a code span over several lines: meant as a block, and kept as one.
                let block = raw.starts_with("```") && raw.contains('\n') && !self.inline.is_empty();
                if block {
                    self.spans.push((range.start, raw.to_owned()));
                } else {
                    // What is struck out or forbidden is read, and nothing to run.
                    if self.struck == 0 && !super::proposals::forbids(&self.inline) {
                        self.spans.push((range.start, text.to_string()));
                    }
                    self.push(&text);
                }
            }
            Event::SoftBreak | Event::HardBreak => self.inline.push(' '),
            Event::InlineHtml(html) => {
                if html.starts_with("<!--") {
                    self.comment(&range);
                } else if inline::is_tag(&html)
                    || self.open.last().is_some_and(|open| open.task.is_some() && !open.titled)
                {
                    // As GitHub shows the text of a task; what the item is called has the word.
                    self.inline.push(' ');
                } else {
                    self.inline.push_str(&html);
                }
            }
            Event::Rule => {
                self.settle();
                self.leads.forget();
                if !self.underlined(&range) {
                    self.region(range, RegionKind::Rule);
                }
            }
            Event::Html(_) | Event::FootnoteReference(_) | Event::InlineMath(_) | Event::DisplayMath(_) => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>, range: Range<usize>) {
        match tag {
            Tag::Paragraph => {
                // A marker on a line of its own leaves the own text still to come.
                if !self.inline.is_empty() {
                    self.settle();
                }
                if self.open.is_empty() {
                    self.leads.paragraph(range.start);
                }
            }
            Tag::Heading { level, .. } => {
                self.settle();
                self.leads.forget();
                self.in_heading = Some(number(level));
                self.region(range, RegionKind::Heading);
            }
            Tag::List(first) => {
                self.settle();
                if self.open.is_empty() {
                    let lead = self.leads.pending().map(|(start, text)| (start, text.to_owned()));
                    self.lead = lead.map(|(start, text)| (self.source.line(start), text));
                }
                self.lists.push(first);
            }
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => {
                let target = dest_url.trim();
                // A document may hold thousands of links in one place; each is looked for among a few.
                if !target.is_empty() && self.links.len() < MOST_LINKS {
                    self.links.push(target.to_owned());
                }
            }
            Tag::Item => {
                self.settle();
                if self.open.is_empty() {
                    if let Some((start, text, rank)) = self.leads.before_roles() {
                        self.heading(start, text, rank);
                    }
                    self.step = Some(self.facts.steps.len());
                    self.facts.steps.push(Step {
                        range: range.clone(),
                        text: String::new(),
                        notes: Vec::new(),
                        links: Vec::new(),
                        spans: Vec::new(),
                        numbered: self.lists.last().is_some_and(Option::is_some),
                        lead: self.lead.clone(),
                        heading: self.leads.innermost(),
                        groups: false,
                    });
                }
                let number = self.lists.last_mut().and_then(|number| {
                    let own = *number;
                    *number = own.map(|own| own.saturating_add(1));
                    own
                });
                let sign = number.map_or_else(|| "-".to_owned(), |number| format!("{number}."));
                self.open.push(Open { task: None, titled: false, label: String::new(), links: Vec::new(), sign });
            }
            Tag::CodeBlock(kind) => {
                self.settle();
                let (region, info) = match kind {
                    CodeBlockKind::Fenced(info) => (RegionKind::Fence(self.facts.code.len()), info.to_string()),
                    CodeBlockKind::Indented => (RegionKind::IndentedCode(self.facts.code.len()), String::new()),
                };
                let owner = self.tasks.last().copied().or_else(|| self.directly_above(range.start));
                let step = self.step.or_else(|| self.step_above(range.start)).filter(|_| owner.is_none());
                let heading = self.leads.innermost();
                self.region(range.clone(), region);
                self.code = Some(Code { range, info, text: String::new(), owner, step, heading });
            }
            Tag::HtmlBlock => {
                self.settle();
                self.html(&range);
            }
            Tag::Table(_) => {
                self.settle();
                self.leads.forget();
                self.row.clear();
                self.region(range, RegionKind::Table(self.facts.tables.len()));
                self.facts.tables.push(Vec::new());
            }
            Tag::TableHead => self.header = Some(Vec::new()),
            Tag::TableCell => self.inline.clear(),
            Tag::BlockQuote(_) | Tag::FootnoteDefinition(_) => {
                self.settle();
                self.leads.forget();
            }
            Tag::Strong => self.leads.strong(1),
            Tag::Strikethrough => self.struck += 1,
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd, range: Range<usize>) {
        match tag {
            TagEnd::Paragraph => {
                let lead = self.open.is_empty().then(|| self.inline.clone());
                self.settle();
                if let Some((level, text)) = lead.as_deref().and_then(wiki_heading) {
                    self.leads.forget();
                    let own = range.start..range.end;
                    self.region(own, RegionKind::Heading);
                    self.guessed_heading(range.start, text, Rank::Real(level), "a heading as wikis write it");
                } else if let Some(text) = lead {
                    self.leads.note(&text);
                }
            }
            TagEnd::Heading(_) => {
                let text = fold(&std::mem::take(&mut self.inline));
                self.spans.clear();
                let links = std::mem::take(&mut self.links);
                // A heading inside a list item is a title of that item, not of the document.
                match self.in_heading.take() {
                    Some(level) if self.open.is_empty() => {
                        let mut own = Vec::new();
                        add_links(&mut own, links, &text);
                        self.heading(range.start, text, Rank::Real(level));
                        self.facts.headings.last_mut().into_iter().for_each(|heading| heading.links.clone_from(&own));
                    }
                    _ => {
                        self.inline = text;
                        self.links = links;
                        self.settle();
                    }
                }
            }
            TagEnd::Item => {
                self.settle();
                self.close(range.end);
                if self.open.is_empty() {
                    self.step = None;
                }
            }
            TagEnd::List(_) => {
                self.settle();
                self.lists.pop();
                if self.open.is_empty() {
                    self.leads.forget();
                }
            }
            TagEnd::CodeBlock => {
                if let Some(code) = self.code.take() {
                    if self.open.is_empty()
                        && let Some(lead) = self.leads.before_form(&code.text)
                    {
                        self.heading(lead.0, lead.1, lead.2);
                    }
                    self.facts.code.push(code);
                }
            }
            TagEnd::TableCell => {
                let text = fold(&std::mem::take(&mut self.inline));
                self.block = None;
                self.row.push(text.clone());
                // In an item the code of a row is the item's own.
                if self.tasks.is_empty() {
                    self.spans.clear();
                }
                if let Some(header) = &mut self.header {
                    header.push(text);
                }
            }
            TagEnd::TableRow => self.note_row(&range),
            TagEnd::TableHead => {
                self.note_row(&range);
                if let (Some(header), Some(table)) = (self.header.take(), self.facts.tables.last_mut()) {
                    *table = header;
                }
            }
            TagEnd::Strong => self.leads.strong(-1),
            TagEnd::Strikethrough => self.struck = self.struck.saturating_sub(1),
            _ => {}
        }
    }

    fn push(&mut self, text: &str) {
        self.inline.push_str(text);
        self.leads.text(text);
    }

    /// A box was read: the list item it is in is a task.
    fn task(&mut self, checked: bool, range: &Range<usize>) {
        if self.tasks.is_empty()
            && let Some((start, text, rank)) = self.leads.before_tasks()
        {
            self.heading(start, text, rank);
        }
        let text = self.source.text();
        let start = text[range.clone()].find('[').map_or(range.start, |at| range.start + at);
        // Some parsers' ranges go on to the white space behind the box.
        let end = text[start..].find(']').map_or(range.end, |at| start + at + 1);
        let index = self.facts.live.len();
        let parent = self.tasks.last().copied();
        let groups = self.open.iter().rev().skip(1).take_while(|open| open.task.is_none());
        let links = groups.clone().flat_map(|open| open.links.iter().cloned()).take(MOST_LINKS).collect();
        let mut groups: Vec<String> = groups.map(|open| open.label.clone()).filter(|label| !label.is_empty()).collect();
        groups.reverse();
        self.facts.live.push(Live {
            line: self.source.line(start),
            depth: self.tasks.len() + 1,
            state: if checked { BoxState::Checked } else { BoxState::Open },
            text: String::new(),
            title: String::new(),
            heading: self.leads.innermost(),
            parent,
            groups,
            notes: Vec::new(),
            links,
            proposals: Vec::new(),
            placeholders: Vec::new(),
            kind: Kind::Item,
            box_span: self.source.span(start, end),
            extent: Span { start, end },
        });
        if let Some(open) = self.open.last_mut() {
            open.task = Some(index);
        }
        if let Some(step) = self.step {
            self.facts.steps[step].groups = true;
        }
        self.tasks.push(index);
    }

    /// A row of a table in an item is part of its note.
    fn note_row(&mut self, range: &Range<usize>) {
        let row = std::mem::take(&mut self.row);
        let text = row.join(" | ");
        let raw = &self.source.text()[range.clone()];
        // What is ticked or filled in by itself stands for itself.
        let own = super::boxes::anywhere(raw).is_some() || super::blanks::has_any(raw);
        if self.open.is_empty() || own || text.trim_matches(['|', ' ']).is_empty() {
            return;
        }
        match (self.tasks.last(), self.step) {
            (Some(task), _) => {
                let spans = std::mem::take(&mut self.spans);
                self.facts.live[*task].notes.push(text);
                let owner = *task;
                self.facts.spans.extend(spans.into_iter().map(|(start, text)| CodeSpan { owner, start, text }));
            }
            (None, Some(step)) => {
                let line = self.source.line(range.start);
                self.facts.steps[step].notes.push(Note { text, first: line, last: line });
            }
            (None, None) => {}
        }
    }

    /// A list of one numbered line with a rule right below it was meant as a heading: `1. Prepare` over `----------`.
    fn underlined(&mut self, rule: &Range<usize>) -> bool {
        let line = self.source.line(rule.start);
        let dashes = self.source.text()[rule.clone()].trim().len();
        let above =
            self.source.line_at(line.saturating_sub(1)).map(|(start, text)| (start, text.trim_end().to_owned()));
        let (Some((start, text)), true) = (above, self.open.is_empty()) else { return false };
        let alone = self.facts.steps.last().is_some_and(|step| {
            step.numbered && !step.groups && step.notes.is_empty() && self.source.line(step.range.start) == line - 1
        });
        let first = self.facts.steps.len().checked_sub(2).and_then(|before| self.facts.steps.get(before));
        let follows = first.is_some_and(|before| self.source.line(before.range.start) + 1 == line - 1);
        let long = dashes >= 4 && dashes * 2 >= text.chars().count();
        if !alone || follows || !long || text.starts_with(' ') {
            return false;
        }
        self.facts.steps.pop();
        self.region(start..rule.end, RegionKind::Heading);
        let why = "a numbered line with a rule below it, used as a heading";
        self.guessed_heading(start, fold(&text), Rank::Real(2), why);
        true
    }

    fn guessed_heading(&mut self, start: usize, text: String, rank: Rank, why: &'static str) {
        self.heading(start, text, rank);
        self.facts.headings.last_mut().into_iter().for_each(|heading| heading.guessed = Some(why));
    }

    /// The block read so far has ended: its text finds its place.
    fn settle(&mut self) {
        let inline = std::mem::take(&mut self.inline);
        let block = self.block.take().unwrap_or_default();
        let extent = (self.source.line(block.start), self.source.line(block.end.saturating_sub(1)));
        let spans = std::mem::take(&mut self.spans);
        let links = std::mem::take(&mut self.links);
        let outermost = self.open.len() == 1;
        let Some(open) = self.open.last_mut() else { return };
        let task = open.task.or_else(|| self.tasks.last().copied());
        let first = !std::mem::replace(&mut open.titled, true);
        let text = fold(&inline);
        if first && open.task.is_none() {
            open.label.clone_from(&text);
            add_links(&mut open.links, links.clone(), &inline);
        }
        let Some(task) = task else {
            if let Some(step) = self.step {
                let step = &mut self.facts.steps[step];
                add_links(&mut step.links, links, &inline);
                step.spans.extend(spans);
                if first && outermost {
                    step.text = text;
                } else if !text.is_empty() {
                    let text = if first { format!("{} {text}", open.sign) } else { text };
                    step.notes.push(Note { text, first: extent.0, last: extent.1 });
                }
            }
            return;
        };
        let live = &mut self.facts.live[task];
        add_links(&mut live.links, links, &inline);
        if first && open.task.is_some() {
            live.text = text;
        } else if !text.is_empty() {
            live.notes.push(if first { format!("{} {text}", open.sign) } else { text });
        }
        self.facts.spans.extend(spans.into_iter().map(|(start, text)| CodeSpan { owner: task, start, text }));
    }

    fn close(&mut self, end: usize) {
        let Some(open) = self.open.pop() else { return };
        if let Some(task) = open.task {
            self.tasks.pop();
            self.facts.live[task].extent.end = end;
            self.closed = Some(end);
        }
    }

    /// The task that ends right above a block: there is no blank line between them, or the task's text announces it.
    fn directly_above(&self, start: usize) -> Option<usize> {
        let text = self.source.text();
        let end = self.closed.filter(|end| *end <= start)?;
        let last = self.facts.live.len().checked_sub(1)?;
        let between = text.get(end..start)?;
        let announced = self.facts.live[last].text.ends_with([':', '：']);
        let above = self.source.line(text[..end].trim_end().len().saturating_sub(1));
        let near = announced || self.source.line(start).saturating_sub(above) <= 1;
        (near && between.chars().all(char::is_whitespace)).then_some(last)
    }

    /// The plain list item that ends right above a block.
    fn step_above(&self, start: usize) -> Option<usize> {
        let last = self.facts.steps.len().checked_sub(1)?;
        let step = &self.facts.steps[last];
        let above = self.source.text().get(step.range.end..start)?;
        let lines = above.bytes().filter(|byte| *byte == b'\n').count();
        (!step.groups && lines <= 1 && above.trim().is_empty()).then_some(last)
    }

    fn heading(&mut self, start: usize, text: String, rank: Rank) {
        let parent = self.leads.enter(self.facts.headings.len(), rank);
        let (line, links) = (self.source.line(start), Vec::new());
        self.facts.headings.push(Heading { line, text, rank, parent, links, guessed: None });
    }

    /// A block of HTML: its comments, and the rest.
    fn html(&mut self, range: &Range<usize>) {
        self.region(range.clone(), RegionKind::Html);
        self.html_headings(range);
        let mut at = range.start;
        while let Some(start) = self.source.text()[at..range.end].find("<!--").map(|found| at + found) {
            let rest = &self.source.text()[start + 4..range.end];
            let end = rest.find("-->").map_or(range.end, |found| start + 4 + found + 3);
            self.comment(&(start..end));
            at = end;
        }
    }

    /// Headings of HTML, and the summaries of parts that fold away.
    fn html_headings(&mut self, range: &Range<usize>) {
        let text = self.source.text();
        let tags = html::tags(text, range.clone());
        for (at, tag) in tags.iter().enumerate() {
            if tag.closes && tag.name == "details" {
                self.leads.leave(Rank::Summary);
            }
            let level = html::level(&tag.name).map(Rank::Real);
            let Some(rank) = level.or((tag.name == "summary").then_some(Rank::Summary)).filter(|_| !tag.closes) else {
                continue;
            };
            let end = tags[at + 1..].iter().find(|next| next.closes && next.name == tag.name);
            let end = end.map_or(range.end, |end| end.range.start);
            let (title, _) = inline::read(&text[tag.range.end..end]);
            if !title.is_empty() && self.open.is_empty() {
                let why = match rank {
                    Rank::Real(_) => "a heading of HTML",
                    Rank::Summary | Rank::Bold | Rank::LeadIn => {
                        "the summary of a part that folds away, used as a heading"
                    }
                };
                self.guessed_heading(tag.range.start, title, rank, why);
            }
        }
    }

    fn comment(&mut self, range: &Range<usize>) {
        self.region(range.clone(), RegionKind::Comment);
        let text = &self.source.text()[range.clone()];
        let text = text.trim_start_matches("<!--").trim_end_matches("-->").trim();
        if !text.is_empty() {
            let owner = self.tasks.last().copied();
            let last = self.source.line(range.end.saturating_sub(1));
            let line = self.source.line(range.start);
            self.facts.comments.push(Comment { line, last, owner, text: text.to_owned() });
        }
    }

    fn region(&mut self, range: Range<usize>, kind: RegionKind) {
        debug_assert!(range.start >= self.base);
        self.facts.regions.push(Region { range, kind });
    }
}

/// Adds what a text does not spell out itself.
fn add_links(known: &mut Vec<String>, links: Vec<String>, text: &str) {
    for link in links {
        let spelled = text.contains(&link) || link.strip_prefix("mailto:").is_some_and(|mail| text.contains(mail));
        if known.len() < MOST_LINKS && !spelled && !known.contains(&link) {
            known.push(link);
        }
    }
}

/// `h2. Title`, and its level.
fn wiki_heading(text: &str) -> Option<(u8, String)> {
    let (tag, title) = text.split_once(". ")?;
    let level = html::level(tag)?;
    let title = fold(title);
    (!title.is_empty() && !text.contains('\n')).then_some((level, title))
}

fn number(level: HeadingLevel) -> u8 {
    level as u8
}

/// White space folded to single spaces.
pub(super) fn fold(text: &str) -> String {
    let bytes = text.as_bytes();
    let plain =
        |pair: &[u8]| pair != b"  " && pair[0].is_ascii() && (pair[0] == b' ' || !pair[0].is_ascii_whitespace());
    let ends = [bytes.first(), bytes.last()];
    let bare = ends.iter().flatten().all(|byte| byte.is_ascii_graphic());
    // Most texts are folded already.
    if bare && !bytes.contains(&0x0b) && bytes.windows(2).all(plain) {
        return text.to_owned();
    }
    let mut folded = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.push_str(word);
    }
    folded
}
