//! Timed histories: what came in when, and what it was taken for.

use super::*;
use crate::cockpit::Key;
use crate::cockpit::key::Code;
use proptest::prelude::*;

/// What comes of pieces, each after a pause, with every lapse at its time, and then nothing for long.
fn over_time<'a>(pieces: impl IntoIterator<Item = (Duration, &'a [u8])>) -> Vec<Input> {
    let (mut splitter, mut found, mut now) = (Splitter::default(), Vec::new(), Instant::now());
    let pieces = pieces.into_iter().chain([(Duration::from_mins(2), [].as_slice())]);
    for (pause, piece) in pieces {
        let arrives = now + pause;
        while let Some(wait) = splitter.wait(now).filter(|wait| now + *wait < arrives) {
            now += wait;
            splitter.lapse(now, &mut |input| found.push(input));
        }
        now = arrives;
        if !piece.is_empty() {
            splitter.feed(piece, now, &mut |input| found.push(input));
        }
    }
    found
}

/// What comes of bytes that arrive in pieces at once.
fn all(pieces: &[&[u8]]) -> Vec<Input> {
    over_time(pieces.iter().map(|piece| (Duration::ZERO, *piece)))
}

fn after(ms: u64, bytes: &[u8]) -> (Duration, &[u8]) {
    (Duration::from_millis(ms), bytes)
}

fn key(c: char) -> Input {
    Input::Key(Key::char(c))
}

fn plain(code: Code) -> Input {
    Input::Key(Key::plain(code))
}

fn text(text: &str) -> Input {
    Input::Paste(text.to_owned())
}

#[test]
fn keys_come_out_as_they_were_pressed() {
    let bytes = "aG é\r\t\x7f\x1b[A\x1bOB\x1b[3~\x1b[15~\x1b[Z\x04\x1bx".as_bytes();
    let expected = [
        key('a'),
        key('G'),
        key(' '),
        key('é'),
        plain(Code::Enter),
        plain(Code::Tab),
        plain(Code::Backspace),
        plain(Code::Up),
        plain(Code::Down),
        plain(Code::Delete),
        plain(Code::Function(5)),
        plain(Code::BackTab),
        Input::Key(Key::ctrl('d')),
        Input::Key(Key { alt: true, ..Key::char('x') }),
    ];
    assert_eq!(all(&[bytes]), expected);
}

#[test]
fn a_lone_escape_is_the_key_once_nothing_followed() {
    let (mut splitter, mut found, now) = (Splitter::default(), Vec::new(), Instant::now());
    splitter.feed(b"\x1b", now, &mut |input| found.push(input));
    assert_eq!((found.len(), splitter.wait(now)), (0, Some(ESCAPE)));
    splitter.lapse(now + ESCAPE / 2, &mut |input| found.push(input));
    assert!(found.is_empty());
    splitter.lapse(now + ESCAPE, &mut |input| found.push(input));
    assert_eq!(found, [plain(Code::Esc)]);
    assert_eq!(splitter.wait(now), None);
    // Keys after it are keys, a bracket too.
    assert_eq!(
        over_time([after(0, b"\x1b"), after(100, b"["), after(400, b"q")]),
        [plain(Code::Esc), key('['), key('q')]
    );
}

#[test]
fn a_sequence_that_a_slow_line_cuts_is_one_key_and_what_is_left_of_a_broken_one_is_none() {
    assert_eq!(over_time([after(0, b"\x1b["), after(700, b"A")]), [plain(Code::Up)]);
    assert_eq!(over_time([after(0, b"\x1b"), after(100, b"[A")]), [plain(Code::Esc), plain(Code::Up)]);
    assert_eq!(over_time([after(0, b"\xc3"), after(300, b"\xa9")]), [key('é')]);
    assert_eq!(over_time([after(0, b"\x1b[<0;"), after(1500, b"30;4M"), after(50, b"j")]), [key('j')]);
}

#[test]
fn a_paste_is_a_text_and_never_keys() {
    assert_eq!(all(&[b"a\x1b[200~q\ry\x1b[A\x1b[201~b"]), [key('a'), text("q\ry\x1b[A"), key('b')]);
}

#[test]
fn a_paste_goes_on_after_pauses_and_whatever_the_start_mark_was_cut_into() {
    let trickle = b"!a\rquit\r".map(|byte| [byte]);
    let slow = [after(0, b"\x1b[200~")].into_iter().chain(trickle.iter().map(|byte| after(900, byte)));
    assert_eq!(over_time(slow.chain([after(900, b"\x1b[201~")])), [text("!a\rquit\r")]);
    assert_eq!(over_time([after(0, b"\x1b[20"), after(800, b"0~q\r\x1b[201~")]), [text("q\r")]);
    for rest in [b"[200~q\r\x1b[201~".as_slice(), b"[200~q\r\x1b[201~k"] {
        let found = over_time([after(0, b"\x1b"), after(200, rest)]);
        assert_eq!(found[..2], [plain(Code::Esc), text("q\r")]);
    }
    let pieces = [after(0, b"\x1b"), after(200, b"["), after(200, b"2"), after(900, b"00~y"), after(900, b"\x1b[201~")];
    assert_eq!(over_time(pieces), [plain(Code::Esc), text("y")]);
}

#[test]
fn a_paste_without_an_end_is_given_up_after_a_silent_second_and_keys_work_again() {
    let (mut splitter, mut found, now) = (Splitter::default(), Vec::new(), Instant::now());
    splitter.feed(b"\x1b[200~some words that were cut off", now, &mut |input| found.push(input));
    // A key that is pressed meanwhile cannot be distinguished from the paste.
    splitter.feed(b"q", now + PATIENCE / 2, &mut |input| found.push(input));
    splitter.lapse(now + PATIENCE, &mut |input| found.push(input));
    assert_eq!(found, []);
    splitter.lapse(now + PATIENCE * 3 / 2, &mut |input| found.push(input));
    splitter.feed(b"j", now + PATIENCE * 2, &mut |input| found.push(input));
    splitter.lapse(now + PATIENCE * 2 + ESCAPE, &mut |input| found.push(input));
    assert_eq!(found, [Input::PasteCut(29), key('j')]);
    let keys = [after(0, b"\x1b[200~x"), after(1100, b"\x1b"), after(300, b"\x1b[A"), after(300, b"q")];
    assert_eq!(over_time(keys), [Input::PasteCut(1), plain(Code::Esc), plain(Code::Up), key('q')]);
}

#[test]
fn the_rest_of_a_paste_that_was_given_up_never_acts() {
    let rest = b"!a\rquit\r\x1b[201~";
    for pause in [1100, 3000, 5500] {
        assert_eq!(
            over_time([after(0, b"\x1b[200~x"), after(pause, rest), after(500, b"j")]),
            [Input::PasteCut(1), key('j')]
        );
    }
    // One that never ends, with bytes at every moment: dropped until it is silent.
    let endless: Vec<_> = (0..100).map(|_| after(500, b"q\r".as_slice())).collect();
    let found = over_time([after(0, PASTE)].into_iter().chain(endless).chain([after(1500, b"j")]));
    assert_eq!(found, [Input::PasteCut(120), key('j')]);
    // A new paste is taken at once.
    let again = [after(0, b"\x1b[200~x"), after(1100, b"\x1b[200~whole\x1b[201~")];
    assert_eq!(over_time(again), [Input::PasteCut(1), text("whole")]);
}

#[test]
fn a_paste_beyond_the_limit_is_refused_as_a_whole() {
    for (length, refused) in [(LONGEST_PASTE, false), (LONGEST_PASTE + 1, true), (10 * LONGEST_PASTE, true)] {
        let bytes = [PASTE, &vec![b'x'; length], PASTE_END, b"k"].concat();
        let mut found = all(&bytes.chunks(4096).collect::<Vec<_>>());
        assert_eq!(found.pop(), Some(key('k')));
        match found.as_slice() {
            [Input::Paste(text)] if !refused => assert_eq!(text.len(), length),
            [Input::PasteRefused(reported)] if refused => assert_eq!(*reported, length),
            other => panic!("{} bytes: {} events", length, other.len()),
        }
    }
}

fn pieces<'a>(mut rest: &'a [u8], cuts: &[usize]) -> Vec<&'a [u8]> {
    let (mut pieces, mut cuts) = (Vec::new(), cuts.iter().cycle());
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(cuts.next().copied().unwrap_or(1).min(rest.len()));
        pieces.push(piece);
        rest = after;
    }
    pieces
}

proptest! {
    #[test]
    fn how_the_bytes_arrive_changes_nothing(
        parts in proptest::collection::vec(prop_oneof![
            Just(b"\x1b[200~pa\x1bste\x1b[201~".to_vec()), Just(b"\x1b[B".to_vec()), Just("ü".as_bytes().to_vec()),
            Just(b"\x1b[<0;3;4M".to_vec()), Just(b"j".to_vec()), Just(b"\xff".to_vec()), Just(b"\x1b[999".to_vec()),
        ], 0..12),
        cuts in proptest::collection::vec(1_usize..7, 1..12),
    ) {
        let bytes = parts.concat();
        prop_assert_eq!(all(&pieces(&bytes, &cuts)), all(&[bytes.as_slice()]));
    }

    /// Between the marks nothing is a key, however slowly it comes; only an escape that begins the mark may be.
    #[test]
    fn a_paste_in_pieces_with_pauses_is_one_text(
        pasted in "[!-~\r]{0,30}",
        cuts in proptest::collection::vec(1_usize..9, 1..12),
        pauses in proptest::collection::vec(0_u64..240, 1..12),
    ) {
        let bytes = [PASTE, pasted.as_bytes(), PASTE_END].concat();
        let timed = pieces(&bytes, &cuts).into_iter().zip(pauses.iter().cycle()).map(|(piece, pause)| after(*pause, piece));
        let mut found = over_time(timed);
        found.retain(|input| *input != plain(Code::Esc));
        prop_assert_eq!(found, [text(&pasted)]);
    }

    /// A line that stalls for seconds and then brings what it held back: cut, and still no key.
    #[test]
    fn a_paste_that_stalls_acts_on_nothing(
        pasted in "[!-~\r]{2,60}", cut in 0_usize..60, pause in 0_u64..5_900, more in "[!-~\r]{2,60}",
    ) {
        let (before, rest) = pasted.split_at(cut.min(pasted.len() - 2));
        let bytes = [rest, &more].concat();
        let timed = [after(0, PASTE), after(0, before.as_bytes()), after(pause, bytes.as_bytes()), after(pause / 3, PASTE_END)];
        let keys = over_time(timed).into_iter().filter(|input| matches!(input, Input::Key(_))).count();
        prop_assert_eq!(keys, 0);
    }
}
