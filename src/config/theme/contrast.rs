//! Whether every text of every theme can be read: contrast as WCAG 2 defines it.

use super::{Colour, Emphasis, Role, Theme};

type Rgb = [u8; 3];

/// The lowest contrast that WCAG level AA allows between a text and its ground.
const TEXT: f64 = 4.5;
/// The same for what is no text: bars, lines, the frame in hand.
const GRAPHICS: f64 = 3.0;

const TEXTS: [Role; 11] = [
    Role::Text,
    Role::Dim,
    Role::Accent,
    Role::Good,
    Role::Bad,
    Role::Warning,
    Role::Running,
    Role::Rehearsal,
    Role::Title,
    Role::Heading,
    Role::Match,
];

/// Grounds and letters of terminals, light and dark: `t` walks through every theme on any of them.
const GROUNDS: [Rgb; 4] = [[0; 3], [30; 3], [245; 3], [255; 3]];
const LETTERS: [Rgb; 4] = [[255; 3], [192; 3], [51; 3], [0; 3]];

/// The first sixteen colours are whatever the terminal says, so no text of ours may rest on them.
fn rgb(colour: Colour) -> Option<Rgb> {
    const LEVELS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    match colour {
        Colour::Rgb(r, g, b) => Some([r, g, b]),
        Colour::Indexed(0..16) => None,
        Colour::Indexed(index @ 16..232) => {
            let at = usize::from(index - 16);
            Some([LEVELS[at / 36], LEVELS[at / 6 % 6], LEVELS[at % 6]])
        }
        Colour::Indexed(index) => Some([8 + 10 * (index - 232); 3]),
    }
}

fn linear(rgb: Rgb) -> [f64; 3] {
    rgb.map(|part| {
        let part = f64::from(part) / 255.0;
        if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    })
}

fn luminance(rgb: Rgb) -> f64 {
    let [r, g, b] = linear(rgb);
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

fn contrast(one: Rgb, other: Rgb) -> f64 {
    let (one, other) = (luminance(one) + 0.05, luminance(other) + 0.05);
    one.max(other) / one.min(other)
}

fn known(theme: &Theme, role: Role, colour: Option<Colour>) -> Option<Rgb> {
    colour.map(|colour| {
        rgb(colour).unwrap_or_else(|| panic!("{}: {} depends on the terminal's colours", theme.name, role.word()))
    })
}

/// Letters and grounds that a role may be seen in, on the bare screen or on a marked line.
fn pairs(theme: &Theme, role: Role, line: Option<Role>) -> Vec<(Rgb, Rgb)> {
    let own = |role: Role| {
        let paint = theme.paint(role);
        (known(theme, role, paint.foreground), known(theme, role, paint.background))
    };
    let (_, ground) = own(Role::Background);
    let (text, _) = own(Role::Text);
    let (mut front, mut back) = own(role);
    if let Some(line) = line {
        let (above, below) = own(line);
        (front, back) = (above.or(front), below.or(back));
    }
    let fronts = front.or(text).map_or(LETTERS.to_vec(), |front| vec![front]);
    let backs = back.or(ground).map_or(GROUNDS.to_vec(), |back| vec![back]);
    fronts.iter().flat_map(|front| backs.iter().map(|back| (*front, *back))).collect()
}

fn lowest(theme: &Theme, role: Role, line: Option<Role>) -> f64 {
    pairs(theme, role, line).into_iter().map(|(front, back)| contrast(front, back)).fold(f64::MAX, f64::min)
}

fn coloured() -> impl Iterator<Item = Theme> {
    Theme::NAMES.into_iter().filter(|name| *name != "mono").filter_map(Theme::named)
}

#[test]
fn the_formula_gives_the_known_ends() {
    assert!((contrast([0; 3], [255; 3]) - 21.0).abs() < 0.001);
    assert!((contrast([119; 3], [255; 3]) - 4.48).abs() < 0.01);
    assert_eq!(rgb(Colour::Indexed(214)), Some([255, 175, 0]));
    assert_eq!(rgb(Colour::Indexed(244)), Some([128; 3]));
}

#[test]
fn every_text_can_be_read_on_its_ground_and_on_a_marked_line() {
    let mut low = Vec::new();
    for theme in coloured() {
        let enough = if theme.name == "high-contrast" { 7.0 } else { TEXT };
        for role in TEXTS {
            for line in [None, Some(Role::Selection), Some(Role::SelectionIdle)] {
                let found = lowest(&theme, role, line);
                if found < enough {
                    low.push(format!("{}: {} on {line:?} has {found:.2}", theme.name, role.word()));
                }
            }
        }
        for role in [Role::Banner, Role::Protected, Role::Rollback] {
            let found = lowest(&theme, role, None);
            if found < enough {
                low.push(format!("{}: {} has {found:.2}", theme.name, role.word()));
            }
        }
        for role in [Role::BorderFocus, Role::Bar, Role::Sparkline] {
            let found = lowest(&theme, role, None);
            if found < GRAPHICS {
                low.push(format!("{}: {} has {found:.2}", theme.name, role.word()));
            }
        }
    }
    assert!(low.is_empty(), "{}", low.join("\n"));
}

/// Where a colour lies between blue and yellow for eyes without the red or without the green receptor (Viénot, Brettel
/// and Mollon 1999).
fn between_blue_and_yellow(rgb: Rgb) -> [f64; 2] {
    let [r, g, b] = linear(rgb);
    let without_red = (0.112_38 * r + 0.887_62 * g) - (0.004_01 * (r - g) + b);
    let without_green = (0.292_75 * r + 0.707_25 * g) - (0.022_34 * (g - r) + b);
    [without_red, without_green]
}

#[test]
fn good_and_bad_stay_apart_for_eyes_that_see_no_red_or_green() {
    let theme = Theme::named("colour-blind").unwrap();
    let of = |role| between_blue_and_yellow(known(&theme, role, theme.paint(role).foreground).unwrap());
    for (good, bad) in of(Role::Good).into_iter().zip(of(Role::Bad)) {
        assert!(good < -0.3 && bad > 0.3, "good {good:.2}, bad {bad:.2}");
    }
}

#[test]
fn what_stands_out_does_so_without_colour_too() {
    for theme in coloured() {
        for role in [Role::Bad, Role::Running, Role::Match, Role::Selection] {
            assert!(theme.paint(role).emphasis.contains(&Emphasis::Bold), "{}: {}", theme.name, role.word());
        }
    }
}
