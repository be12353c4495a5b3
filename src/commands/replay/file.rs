//! A replay as a file: a recording, or a picture of one moment.

use crate::cockpit::replay::{Replay, ReplayMsg};
use crate::commands::Failure;
use crate::config::theme::Theme;
use crate::screen::{self, Glyphs};
use crate::terminal::cast::Cast;
use crate::terminal::picture;
use chrono::TimeDelta;
use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::time::Duration;

/// Between two frames of a recording.
const FRAME: Duration = Duration::from_millis(100);
/// How long the first and the last frame stand.
const STANDS: Duration = Duration::from_secs(2);

type Size = (u16, u16);

/// Records from the moment in hand to the end.
pub(super) fn cast(
    replay: &mut Replay,
    theme: &Theme,
    glyphs: &Glyphs,
    size: Size,
    file: &Path,
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    let failed = |error: &io::Error| Failure::not_fine(format!("{} is not whole: {error}", file.display()));
    let writer = BufWriter::new(create(file)?);
    let title = replay.model().plan.checklist().title.clone();
    let began = replay.model().now.timestamp();
    let mut after = Duration::ZERO;
    let record = || -> io::Result<()> {
        let mut cast = Cast::begin(writer, size, &title, began)?;
        // The first frame shows how high the lists come out, the second is laid out for it.
        for _ in 0..2 {
            frame(replay, &mut cast, after, theme, glyphs)?;
        }
        after += STANDS;
        while replay.is_playing() {
            replay.update(ReplayMsg::Passed(TimeDelta::from_std(FRAME).unwrap_or_default()));
            after += FRAME;
            frame(replay, &mut cast, after, theme, glyphs)?;
        }
        after += STANDS;
        cast.end(after)?.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()
    };
    record().map_err(|error| failed(&error))?;
    let seconds = after.as_secs();
    writeln!(out, "wrote {}: {} s, {}x{}; play it with asciinema play", file.display(), seconds, size.0, size.1)?;
    Ok(0)
}

fn frame(
    replay: &mut Replay,
    cast: &mut Cast<BufWriter<File>>,
    after: Duration,
    theme: &Theme,
    glyphs: &Glyphs,
) -> io::Result<()> {
    let mut windows = replay.model().windows;
    cast.frame(after, |frame| windows = screen::draw(frame, replay.model(), theme, glyphs))?;
    replay.update(ReplayMsg::LaidOut(Box::new(windows)));
    Ok(())
}

/// Draws the moment in hand.
pub(super) fn picture(
    replay: &mut Replay,
    theme: &Theme,
    glyphs: &Glyphs,
    size: Size,
    file: &Path,
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    let title =
        format!("{}, {} of gonogo", replay.model().plan.checklist().title, replay.model().screen.action().word());
    let mut svg = String::new();
    // The first frame shows how high the lists come out.
    for _ in 0..2 {
        // A picture shows the cockpit as it stood, and not how it is looked at.
        replay.model_mut().replay = None;
        let mut windows = replay.model().windows;
        svg = picture::svg(size, &title, |frame| windows = screen::draw(frame, replay.model(), theme, glyphs))?;
        replay.update(ReplayMsg::LaidOut(Box::new(windows)));
    }
    let mut made = create(file)?;
    made.write_all(svg.as_bytes()).and_then(|()| made.sync_all())?;
    writeln!(out, "wrote {}", file.display())?;
    Ok(0)
}

/// Never replaces a file: what is there may be evidence.
fn create(file: &Path) -> Result<File, Failure> {
    OpenOptions::new().write(true).create_new(true).open(file).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => {
            Failure::usage(format!("{} is there already; name another file or move it away", file.display()))
        }
        _ => Failure::usage(format!("{} cannot be made: {error}", file.display())),
    })
}
