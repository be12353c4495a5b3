//! Walks the events of the Markdown parser and gathers what they say about the checklist.
//!
//! Longer than 400 lines because one walk over the events gathers everything; every part of it shares the same state.

use super::account::{BoxState, Comment, Heading, Kind, Live, Rank};
use super::leads::Leads;
use super::regions::{Region, RegionKind, Regions};
use super::source::Source;
use crate::checklist::span::Span;
use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use std::ops::Range;

/// The most links of one item that are kept.
const MOST_LINKS: usize = 64;

/// What the walk gathers. Offsets are those of the text.
#[derive(Debug, Default)]
pub struct Facts {
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
pub struct Code {
    pub range: Range<usize>,
    pub info: String,
    pub text: String,
    pub owner: Option<usize>,
    /// The plain list item it stands in or directly under, as an index.
    pub step: Option<usize>,
    pub heading: Option<usize>,
}

/// A plain list item.
#[derive(Debug)]
pub struct Step {
    pub range: Range<usize>,
    pub text: String,
    pub notes: Vec<String>,
    pub links: Vec<String>,
    pub spans: Vec<(usize, String)>,
    pub numbered: bool,
    pub heading: Option<usize>,
    /// Whether a task stands in it: then it only groups.
    pub groups: bool,
}

#[derive(Debug)]
pub struct CodeSpan {
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
}

struct Walk<'s> {
    source: &'s Source,
    /// Where in the source the parsed text begins.
    base: usize,
    facts: Facts,
    leads: Leads,
    open: Vec<Open>,
    tasks: Vec<usize>,
    /// Whether each list that is open is numbered.
    lists: Vec<bool>,
    step: Option<usize>,
    links: Vec<String>,
    /// The text of the block being read, and the code spans in it.
    inline: String,
    spans: Vec<(usize, String)>,
    in_heading: Option<u8>,
    code: Option<Code>,
    header: Option<Vec<String>>,
    /// Where the task item that was closed last ended.
    closed: Option<usize>,
}

/// Reads the text from `base` on.
pub fn walk(source: &Source, base: usize) -> Facts {
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
        step: None,
        links: Vec::new(),
        inline: String::new(),
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
                    self.spans.push((range.start, text.to_string()));
                    self.push(&text);
                }
            }
            Event::SoftBreak | Event::HardBreak => self.inline.push(' '),
            Event::InlineHtml(html) => {
                if html.starts_with("<!--") {
                    self.comment(&range);
                } else {
                    self.inline.push(' ');
                }
            }
            Event::Rule => {
                self.settle();
                self.leads.forget();
                self.region(range, RegionKind::Rule);
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
                self.lists.push(first.is_some());
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
                        numbered: self.lists.last().copied().unwrap_or_default(),
                        heading: self.leads.innermost(),
                        groups: false,
                    });
                }
                self.open.push(Open { task: None, titled: false, label: String::new(), links: Vec::new() });
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
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd, range: Range<usize>) {
        match tag {
            TagEnd::Paragraph => {
                let lead = self.open.is_empty().then(|| self.inline.clone());
                self.settle();
                if let Some(text) = lead {
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
                self.spans.clear();
                if let Some(header) = &mut self.header {
                    header.push(text);
                }
            }
            TagEnd::TableHead => {
                if let (Some(header), Some(table)) = (self.header.take(), self.facts.tables.last_mut()) {
                    *table = header;
                }
            }
            TagEnd::Strong => self.leads.strong(-1),
            _ => {}
        }
    }

    fn push(&mut self, text: &str) {
        self.inline.push_str(text);
        self.leads.text(text);
    }

    /// A box was read: the list item it stands in is a task.
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

    /// The block read so far has ended: its text finds its place.
    fn settle(&mut self) {
        let inline = std::mem::take(&mut self.inline);
        let spans = std::mem::take(&mut self.spans);
        let links = std::mem::take(&mut self.links);
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
                let outermost = self.open.len() == 1;
                add_links(&mut step.links, links, &inline);
                step.spans.extend(spans);
                if first && outermost {
                    step.text = text;
                } else if !text.is_empty() {
                    step.notes.push(if first { format!("- {text}") } else { text });
                }
            }
            return;
        };
        let live = &mut self.facts.live[task];
        add_links(&mut live.links, links, &inline);
        if first && open.task.is_some() {
            live.text = text;
        } else if !text.is_empty() {
            live.notes.push(if first { format!("- {text}") } else { text });
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
        self.facts.headings.push(Heading { line: self.source.line(start), text, rank, parent, links: Vec::new() });
    }

    /// A block of HTML: its comments, and the rest.
    fn html(&mut self, range: &Range<usize>) {
        self.region(range.clone(), RegionKind::Html);
        let mut at = range.start;
        while let Some(start) = self.source.text()[at..range.end].find("<!--").map(|found| at + found) {
            let rest = &self.source.text()[start + 4..range.end];
            let end = rest.find("-->").map_or(range.end, |found| start + 4 + found + 3);
            self.comment(&(start..end));
            at = end;
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

fn number(level: HeadingLevel) -> u8 {
    level as u8
}

/// White space folded to single spaces.
pub fn fold(text: &str) -> String {
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
