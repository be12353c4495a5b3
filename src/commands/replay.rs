//! `gonogo replay`: the cockpit as it stood at any moment of a ledger, on the screen, as a recording or as a picture.

mod at;
mod file;

use super::Failure;
use super::cockpit::{Appearance, appearance, needs_screen};
use crate::cli::{Look, replay as cli};
use crate::cockpit::Key;
use crate::cockpit::replay::{History, Replay, ReplayMsg};
use crate::deployment::Seq;
use crate::ledger::Ledger;
use crate::runtime::replay::{Files, show};
use std::io::Write;
use std::path::Path;

/// How many times as fast as it was a recording runs unless set otherwise.
const CAST_SPEED: u32 = 10;

/// Shows, records or draws what was asked for. Nothing is written but the files that are named.
pub(crate) async fn replay(asked: &cli::Replay, look: &Look, out: &mut dyn Write) -> Result<u8, Failure> {
    if asked.cast.is_none() && asked.picture.is_none() {
        needs_screen()?;
    }
    let ledger = Ledger::open(&asked.ledger)?;
    let history = History::new(ledger.records().to_vec(), ledger.plans()?)
        .ok_or_else(|| Failure::not_fine(format!("{} holds no record yet", asked.ledger.display())))?;
    let (files, trouble) = Files::open(ledger.evidence(), &history).await;
    let mut replay = Replay::new(history, Box::new(files));
    let appearance = appearance(look)?;
    furnish(&mut replay, &ledger, &appearance, trouble);
    stand(&mut replay, asked)?;
    if let Some(screen) = asked.screen {
        replay.update(ReplayMsg::Key(Key::char(char::from(b'0' + screen))));
    }
    let Appearance { themes, glyphs, .. } = appearance;
    let theme = themes.get(replay.model().theme).cloned().unwrap_or_default();
    if let Some(file) = &asked.picture {
        return file::picture(&mut replay, &theme, &glyphs, asked.size, file, out);
    }
    if let Some(file) = &asked.cast {
        replay.play(asked.speed.unwrap_or(CAST_SPEED));
        return file::cast(&mut replay, &theme, &glyphs, asked.size, file, out);
    }
    if let Some(speed) = asked.speed {
        replay.play(speed);
    }
    let shown = Box::pin(show(&mut replay, &themes, &glyphs)).await;
    shown.map(|()| 0).map_err(|error| Failure::not_fine(format!("the terminal failed: {error}")))
}

fn furnish(replay: &mut Replay, ledger: &Ledger, appearance: &Appearance, trouble: Option<String>) {
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).display().to_string();
    let model = replay.model_mut();
    model.keymap = appearance.keymap.clone();
    model.home = absolute(ledger.layout().home());
    model.ledger = absolute(ledger.path());
    model.themes = appearance.themes.iter().map(|theme| theme.name.clone()).collect();
    model.theme = appearance.theme;
    model.warnings = trouble.into_iter().chain(appearance.warnings.iter().cloned()).collect();
}

/// Goes to the moment that was asked for; to the beginning where none was.
fn stand(replay: &mut Replay, asked: &cli::Replay) -> Result<(), Failure> {
    let last = Seq(replay.history().len() as u64);
    if let Some(seq) = asked.seq {
        if seq == 0 || seq > last.0 {
            return Err(Failure::usage(format!("there is no record #{seq}; the ledger goes from #1 to {last}")));
        }
        replay.stand_at(usize::try_from(seq).unwrap_or(usize::MAX));
    }
    if let Some(text) = &asked.at {
        let moment = at::moment(text, replay.history()).map_err(Failure::usage)?;
        replay.place_in_time(moment);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::cli::replay::{SCREENS, screen};
    use crate::cockpit::screens::Screen;

    #[test]
    fn every_screen_has_its_key_and_its_name() {
        for (key, shown) in Screen::ALL.iter().enumerate() {
            assert_eq!(SCREENS[key], shown.action().word());
            assert_eq!(screen(&key.to_string()).map(usize::from), Ok(key));
            assert_eq!(screen(SCREENS[key]).map(usize::from), Ok(key));
        }
        assert_eq!((screen("gonogo"), screen("Sign-Offs")), (Ok(4), Ok(5)));
        let refused = screen("8").unwrap_err().to_string();
        assert!(refused.starts_with("the screens are 0 overview, 1 checklist"), "{refused}");
    }
}
