//! Links that a terminal can follow (OSC 8). They are written over the cells of a frame that is drawn already: a cell's
//! text stays what it is, so nothing that measures text has to know of them.

use crate::harmless;
use ratatui::backend::Backend;
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use std::collections::BTreeSet;
use std::io::{self, Write};

/// An address on the screen: the whole of it, where its cells begin, and the cells.
#[derive(Debug, Clone, PartialEq)]
struct Link {
    address: String,
    column: u16,
    line: u16,
    cells: Vec<Cell>,
}

/// Which links the terminal has been reported.
#[derive(Debug, Default)]
pub(crate) struct Links {
    reported: Vec<Link>,
}

impl Links {
    /// Forgets what the terminal was reported, because it was cleared.
    pub(crate) fn forget(&mut self) {
        self.reported.clear();
    }

    /// Writes the links of a frame that are new or were drawn over since the last one.
    pub(crate) fn write<B>(&mut self, backend: &mut B, frame: &Buffer, known: &BTreeSet<String>) -> io::Result<()>
    where
        B: Backend<Error = io::Error> + Write,
    {
        let mut links = if known.is_empty() { Vec::new() } else { find(frame, known) };
        // What ends the sequence must not come from an address.
        links.retain(|link| !link.address.contains(harmless::is_hidden));
        for link in links.iter().filter(|link| !self.reported.contains(link)) {
            // The cursor goes back to where the frame put it.
            write!(backend, "\x1b7\x1b]8;;{}\x1b\\", link.address)?;
            let cells = (link.column..).zip(&link.cells).map(|(column, cell)| (column, link.line, cell));
            backend.draw(cells)?;
            write!(backend, "\x1b]8;;\x1b\\\x1b8")?;
        }
        self.reported = links;
        Ok(())
    }
}

/// The known addresses that a frame shows, also one whose end did not fit on its line.
fn find(frame: &Buffer, known: &BTreeSet<String>) -> Vec<Link> {
    let Rect { width, .. } = frame.area;
    let mut links = Vec::new();
    for (line, cells) in (0_u16..).zip(frame.content().chunks(usize::from(width.max(1)))) {
        let mut at = 0;
        while at < cells.len() {
            if !begins(&cells[at..]) {
                at += 1;
                continue;
            }
            let shown: String =
                cells[at..].iter().map(Cell::symbol).take_while(|s| s.len() == 1 && *s != " ").collect();
            if let Some(address) = whole(&shown, known) {
                let taken = address.len().min(shown.len());
                links.push(Link {
                    address: address.to_owned(),
                    column: u16::try_from(at).unwrap_or(u16::MAX),
                    line,
                    cells: cells[at..at + taken].to_vec(),
                });
            }
            at += shown.len().max(1);
        }
    }
    links
}

fn begins(cells: &[Cell]) -> bool {
    let starts = |word: &str| word.chars().zip(cells).all(|(c, cell)| cell.symbol().starts_with(c));
    cells.len() > 8 && cells[0].symbol() == "h" && (starts("http://") || starts("https://"))
}

/// The address that is shown: the longest known one that the text begins with, else the only one that begins with it.
fn whole<'a>(shown: &str, known: &'a BTreeSet<String>) -> Option<&'a str> {
    let longest = known.iter().filter(|address| shown.starts_with(*address)).max_by_key(|address| address.len());
    if let Some(address) = longest {
        return Some(address);
    }
    let mut begun = known.iter().filter(|address| address.starts_with(shown));
    match (begun.next(), begun.next()) {
        (Some(address), None) => Some(address),
        _ => None,
    }
}

/// Whether a terminal with these variables is known to have links. `GONOGO_LINKS` set to `always` or `never` decides.
pub(crate) fn are_understood(variable: impl Fn(&str) -> Option<String>) -> bool {
    match variable("GONOGO_LINKS").as_deref() {
        Some("always") => return true,
        Some("never") => return false,
        _ => {}
    }
    let term = variable("TERM").unwrap_or_default();
    let at_least =
        |name: &str, least: u32| variable(name).and_then(|v| v.parse().ok()).is_some_and(|v: u32| v >= least);
    // What sits between us and the terminal drops what it does not know, and its own name says nothing of the terminal.
    if term.starts_with("screen") || term.starts_with("tmux") || variable("STY").is_some() {
        let version = variable("TERM_PROGRAM_VERSION").unwrap_or_default();
        let mut numbers = version.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse::<u32>().ok());
        let version = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
        return variable("TERM_PROGRAM").as_deref() == Some("tmux") && version >= (3, 4);
    }
    if ["xterm-kitty", "xterm-ghostty", "alacritty", "foot", "contour", "wezterm"].iter().any(|t| term.starts_with(t)) {
        return true;
    }
    let program = variable("TERM_PROGRAM").unwrap_or_default();
    ["iTerm.app", "WezTerm", "vscode", "ghostty", "Hyper", "Tabby", "rio", "WarpTerminal"].contains(&program.as_str())
        || at_least("VTE_VERSION", 5000)
        || at_least("KONSOLE_VERSION", 201_200)
        || ["WT_SESSION", "DOMTERM", "KITTY_WINDOW_ID", "ALACRITTY_WINDOW_ID"]
            .iter()
            .any(|name| variable(name).is_some())
        || variable("COLORTERM").as_deref() == Some("xfce4-terminal")
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::backend::CrosstermBackend;
    use ratatui::style::Style;

    fn frame(lines: &[&str]) -> Buffer {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 40, 4));
        for (at, line) in (0_u16..).zip(lines) {
            buffer.set_string(0, at, line, Style::new());
        }
        buffer
    }

    fn known(addresses: &[&str]) -> BTreeSet<String> {
        addresses.iter().map(|address| (*address).to_owned()).collect()
    }

    fn written(links: &mut Links, frame: &Buffer, known: &BTreeSet<String>) -> String {
        let mut bytes = Vec::new();
        links.write(&mut CrosstermBackend::new(&mut bytes), frame, known).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_link_is_written_once_and_again_when_it_was_drawn_over() {
        let known = known(&["https://a.org/x"]);
        let mut links = Links::default();
        let shown = frame(&["이름 https://a.org/x, and more"]);
        let first = written(&mut links, &shown, &known);
        assert!(first.contains("\x1b]8;;https://a.org/x\x1b\\"), "{first:?}");
        assert!(first.contains("https://a.org/x\x1b["), "only the address is part of it: {first:?}");
        assert!(first.ends_with("\x1b]8;;\x1b\\\x1b8"), "{first:?}");
        assert_eq!(written(&mut links, &shown, &known), "");
        assert_eq!(written(&mut links, &frame(&["something else"]), &known), "");
        assert!(!written(&mut links, &shown, &known).is_empty());
    }

    #[test]
    fn an_address_cut_at_the_edge_leads_to_the_whole_and_an_unclear_one_nowhere() {
        let shown = frame(&["                     https://a.org/a/long"]);
        let find =
            |addresses: &[&str]| find(&shown, &known(addresses)).into_iter().map(|l| l.address).collect::<Vec<_>>();
        assert_eq!(find(&["https://a.org/a/long/way"]), ["https://a.org/a/long/way"]);
        assert_eq!(find(&["https://a.org/a/long/way", "https://a.org/a/longer"]), Vec::<String>::new());
        assert_eq!(find(&["https://b.org"]), Vec::<String>::new());
    }

    #[test]
    fn terminals_are_distinguished_by_their_variables() {
        let on = |variables: &[(&str, &str)]| {
            are_understood(|name| variables.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned()))
        };
        assert!(on(&[("TERM", "xterm-256color"), ("VTE_VERSION", "7600")]));
        assert!(on(&[("TERM", "xterm-kitty")]));
        assert!(on(&[("TERM", "tmux-256color"), ("TERM_PROGRAM", "tmux"), ("TERM_PROGRAM_VERSION", "3.4a")]));
        assert!(!on(&[("TERM", "tmux-256color"), ("TERM_PROGRAM", "tmux"), ("TERM_PROGRAM_VERSION", "3.3")]));
        assert!(!on(&[("TERM", "screen-256color"), ("VTE_VERSION", "7600")]));
        assert!(!on(&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")]));
        assert!(!on(&[("TERM", "xterm-kitty"), ("GONOGO_LINKS", "never")]));
        assert!(on(&[("TERM", "linux"), ("GONOGO_LINKS", "always")]));
    }
}
