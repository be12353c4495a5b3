//! Styles made from a theme. This is the only place where a role becomes a colour of the terminal library.

use crate::cockpit::output::Ink;
use crate::config::theme::{Colour, Emphasis, OutputColours, Paint, Role, Theme};
use ratatui::style::{Color, Modifier, Style};

/// Every style there is, made once a frame.
#[derive(Debug, Clone)]
pub(super) struct Palette {
    pub background: Style,
    pub text: Style,
    pub dim: Style,
    pub accent: Style,
    pub good: Style,
    pub bad: Style,
    pub warning: Style,
    pub running: Style,
    pub protected: Style,
    pub rehearsal: Style,
    pub border: Style,
    pub border_focus: Style,
    pub selection: Style,
    pub selection_idle: Style,
    pub bar: Style,
    pub track: Style,
    pub sparkline: Style,
    pub beyond: Style,
    pub title: Style,
    pub heading: Style,
    pub found: Style,
    pub banner: Style,
    pub rollback: Style,
    output: OutputColours,
}

/// What a piece of text shows, so that texts can be made without knowing the theme.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Tone {
    #[default]
    Text,
    Dim,
    Title,
    Heading,
    Accent,
    Good,
    Bad,
    Warning,
    Running,
}

impl Palette {
    #[must_use]
    pub(super) fn new(theme: &Theme) -> Self {
        let of = |role| style(&theme.paint(role));
        Self {
            background: of(Role::Background),
            text: of(Role::Text),
            dim: of(Role::Dim),
            accent: of(Role::Accent),
            good: of(Role::Good),
            bad: of(Role::Bad),
            warning: of(Role::Warning),
            running: of(Role::Running),
            protected: of(Role::Protected),
            rehearsal: of(Role::Rehearsal),
            border: of(Role::Border),
            border_focus: of(Role::BorderFocus),
            selection: of(Role::Selection),
            selection_idle: of(Role::SelectionIdle),
            bar: of(Role::Bar),
            track: of(Role::Track),
            sparkline: of(Role::Sparkline),
            beyond: of(Role::Beyond),
            title: of(Role::Text).patch(of(Role::Title)),
            heading: of(Role::Heading),
            found: of(Role::Match),
            banner: of(Role::Banner),
            rollback: of(Role::Rollback),
            output: theme.output,
        }
    }

    /// The same while the rollback is taken: every frame says so.
    #[must_use]
    pub(super) fn going_back(mut self) -> Self {
        let edge = self.rollback.remove_modifier(Modifier::REVERSED);
        self.border = edge.remove_modifier(Modifier::BOLD);
        self.border_focus = edge;
        self
    }

    pub(super) fn tone(&self, tone: Tone) -> Style {
        match tone {
            Tone::Text => self.text,
            Tone::Dim => self.dim,
            Tone::Title => self.title,
            Tone::Heading => self.heading,
            Tone::Accent => self.accent,
            Tone::Good => self.good,
            Tone::Bad => self.bad,
            Tone::Warning => self.warning,
            Tone::Running => self.running,
        }
    }

    /// A run of a command's output.
    pub(super) fn ink(&self, ink: Ink) -> Style {
        let mut style = self.text;
        if let (Some(index), OutputColours::Kept) = (ink.colour, self.output) {
            style = style.fg(Color::Indexed(index));
        }
        if ink.bold {
            style = style.add_modifier(Modifier::BOLD);
        }
        if ink.dim {
            style = style.patch(self.dim);
        }
        style
    }
}

fn style(paint: &Paint) -> Style {
    let mut style = Style::new();
    style.fg = paint.foreground.map(colour);
    style.bg = paint.background.map(colour);
    paint.emphasis.iter().fold(style, |style, emphasis| style.add_modifier(modifier(*emphasis)))
}

fn colour(colour: Colour) -> Color {
    match colour {
        Colour::Indexed(index) => Color::Indexed(index),
        Colour::Rgb(r, g, b) => Color::Rgb(r, g, b),
    }
}

fn modifier(emphasis: Emphasis) -> Modifier {
    match emphasis {
        Emphasis::Bold => Modifier::BOLD,
        Emphasis::Dim => Modifier::DIM,
        Emphasis::Italic => Modifier::ITALIC,
        Emphasis::Underline => Modifier::UNDERLINED,
        Emphasis::Reverse => Modifier::REVERSED,
    }
}
