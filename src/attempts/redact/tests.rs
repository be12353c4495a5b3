//! Ordinary cases, and a generator of forms: any secret, written in any ways one over the other, cut anywhere.

mod later;
mod named;

use super::*;
use crate::attempts::sanitize::{self, Piece, Sanitizer};
use data_encoding::{BASE64, BASE64URL, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};
use proptest::prelude::*;

fn secrets() -> Secrets {
    Secrets::gather(
        [
            ("DB_PASSWORD", &b"hunter2!"[..]),
            ("API_TOKEN", b"hunter2!longer"),
            ("X", b"plain value"),
            ("URL", b"postgresql://app:p%40ss-word@db/neurohub"),
        ],
        &[],
    )
}

fn run(chunks: &[&[u8]]) -> String {
    let mut redactor = Redactor::new(Arc::new(secrets()));
    let mut out = Vec::new();
    for chunk in chunks {
        redactor.text(chunk, &mut out);
    }
    redactor.end(&mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn a_very_long_secret_of_nothing_but_escapes_does_not_exhaust_the_stack() {
    let secret = "\\\"%&+'".repeat(400);
    let secrets = Secrets::gather([("PASS", secret.as_bytes())], &[]);
    let written = format!("<<{}>>", secret.escape_debug());
    let small = std::thread::Builder::new().stack_size(512 * 1024);
    let shown = small.spawn(move || secrets.mask(&written)).unwrap().join().unwrap();
    assert!(shown.starts_with("<<") && shown.ends_with(">>"), "{shown:.200}");
}

#[test]
fn secrets_and_url_passwords_are_masked() {
    assert_eq!(run(&[b"login hunter2! ok"]), "login **** ok");
    assert_eq!(run(&[b"the longest wins: hunter2!longer"]), "the longest wins: ****");
    assert_eq!(run(&[b"decoded p@ss-word, written p%40ss-word"]), "decoded ****, written ****");
    assert_eq!(run(&[b"see redis://me:unknown@host:6379/0 there"]), "see redis://me:****@host:6379/0 there");
    assert_eq!(run(&[b"http://127.0.0.1:8000/x plain value"]), "http://127.0.0.1:8000/x plain value");
    assert_eq!(run(&[b"a :: b: c :/ d"]), "a :: b: c :/ d");
}

#[test]
fn a_secret_split_over_reads_is_masked_and_nothing_else_is_held_back() {
    assert_eq!(run(&[b"x hun", b"ter", b"2!", b" y"]), "x **** y");
    let mut redactor = Redactor::new(Arc::new(secrets()));
    let mut out = Vec::new();
    redactor.text(b"prompt> ", &mut out);
    assert_eq!(out, b"prompt> ");
    redactor.text(b"hunt", &mut out);
    assert_eq!(out, b"prompt> ");
    redactor.text(b"ing ", &mut out);
    assert_eq!(out, b"prompt> hunting ");
}

#[test]
fn a_colour_inside_a_secret_does_not_save_it() {
    let mut redactor = Redactor::new(Arc::new(secrets()));
    let mut out = Vec::new();
    redactor.text(b"<hunt", &mut out);
    redactor.escape(b"\x1b[31m", &mut out);
    redactor.text(b"er2!>", &mut out);
    redactor.text(b"a://u:unk", &mut out);
    redactor.escape(b"\x1b[0m", &mut out);
    redactor.text(b"nown@h/", &mut out);
    redactor.end(&mut out);
    assert_eq!(String::from_utf8(out).unwrap(), "<****\x1b[31m>a://u:\x1b[0m****@h/");
}

#[test]
fn the_lines_of_a_key_are_masked_one_by_one() {
    let secrets = Secrets::gather([("SSH_KEY", &b"first line\nsecond line\n"[..])], &[]);
    assert_eq!(secrets.mask("a first line\r\nb second line\r\n"), "a ****\r\nb ****\r\n");
    assert!(!format!("{secrets:?}").contains("line"));
}

#[test]
fn passwords_of_connection_strings_are_found() {
    assert_eq!(passwords_in("host=db user=a password='se cret' x=y"), ["se cret", "se cret"]);
    assert!(passwords_in("postgresql://u:a/b@c@host/db").contains(&"a/b@c".to_owned()));
}

proptest! {
    #[test]
    fn where_the_text_is_cut_changes_nothing(
        parts in prop::collection::vec(prop::sample::select(vec![
            "hunter2!", "hunter2!lon", "hunter2!longer", "hunt", "://", ":", "u:unknown@", "@", "a", " ", "/", "p%40ss-word", "\n",
        ]), 0..25),
        cuts in prop::collection::vec(0usize..200, 0..12),
    ) {
        let text = parts.concat();
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(text.len())).collect();
        cuts.sort_unstable();
        let mut chunks: Vec<&[u8]> = Vec::new();
        let mut from = 0;
        for cut in cuts {
            chunks.push(&text.as_bytes()[from..cut]);
            from = cut;
        }
        chunks.push(&text.as_bytes()[from..]);
        let whole = run(&[text.as_bytes()]);
        prop_assert_eq!(run(&chunks), whole.clone());
        prop_assert!(!whole.contains("hunter2!"));
        prop_assert!(!whole.contains("p%40ss-word"));
    }
}

/// What the spool makes of output that comes in chunks.
fn kept(secrets: &Secrets, chunks: &[&[u8]]) -> String {
    let mut sanitizer = Sanitizer::default();
    let mut redactor = Redactor::knowing(secrets.known());
    let mut out = Vec::new();
    for chunk in chunks {
        sanitizer.feed(chunk, &mut |piece| match piece {
            Piece::Text(text) => redactor.text(text.as_bytes(), &mut out),
            Piece::Escape(sequence) => redactor.escape(sequence.as_bytes(), &mut out),
        });
    }
    sanitizer.end(&mut |piece| match piece {
        Piece::Text(text) => redactor.text(text.as_bytes(), &mut out),
        Piece::Escape(sequence) => redactor.escape(sequence.as_bytes(), &mut out),
    });
    redactor.end(&mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn headers_lose_their_value_whatever_it_is() {
    for (text, masked) in [
        ("> Authorization: Basic abc\r\n> Host: x", "> Authorization: ****\r\n> Host: x"),
        ("curl -H 'authorization: Bearer x' https://h/", "curl -H 'authorization: ****' https://h/"),
        (r#"{"Set-Cookie": "sid=\"a\"; Path=/", "b": 1}"#, r#"{"Set-Cookie": "****", "b": 1}"#),
        ("{'X-Api-Key': 'x', 'b': 1}", "{'X-Api-Key': '****', 'b': 1}"),
        ("Proxy-Authorization:x\nCookie: a=b; c=d\n", "Proxy-Authorization:****\nCookie: ****\n"),
        (r"GET / HTTP/1.1\r\nCookie: a=b", r"GET / HTTP/1.1\r\nCookie: ****"),
        (r#""{\"Authorization\": \"x\"}""#, r#""{\"Authorization\": \"****""#),
        ("HTTP_AUTHORIZATION: x", "HTTP_AUTHORIZATION: ****"),
        ("cookies: 3, mycookie: 4, the cookie is set", "cookies: 3, mycookie: 4, the cookie is set"),
        ("Authorization:\nnext", "Authorization:\nnext"),
    ] {
        assert_eq!(run(&[text.as_bytes()]), masked);
        let chunks: Vec<&[u8]> = text.as_bytes().chunks(1).collect();
        assert_eq!(run(&chunks), masked);
    }
    assert_eq!(run(&[br"x:\/\/u:unknown@h"]), r"x:\/\/u:****@h");
}

#[test]
fn short_values_are_named_and_settings_are_left_alone() {
    let listed = ["PIN".to_owned()];
    let secrets =
        Secrets::gather([("PIN", &b"123"[..]), ("A_KEY", b"x"), ("B_KEY", b""), ("BYPASS", b"true")], &listed);
    assert_eq!(secrets.unmasked(), ["A_KEY", "PIN"]);
    assert_eq!(
        secrets.warning().unwrap(),
        "not masked: A_KEY, PIN: the values are shorter than 4 characters; set longer ones"
    );
    assert_eq!(secrets.mask("true 123"), "true 123");
    assert_eq!(Secrets::gather([("PIN", &b"1234"[..])], &listed).mask("a 1234"), "a ****");
}

#[test]
fn two_bytes_of_another_encoding_hide_nothing() {
    let little = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let output = [b"blob: \xff\xfe\nERROR hunter2!\n".to_vec(), vec![0xff, 0xfe], little("hunter2!")].concat();
    let shown = kept(&secrets(), &[&output]);
    assert_eq!(shown, "blob: \u{fffd}\u{fffd}\nERROR ****\n\u{fffd}\u{fffd}****");
}

#[test]
fn a_long_secret_is_masked_also_where_it_is_cut_off() {
    let key =
        "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKjMzEfYyjiWA4R4/M2bS1GB4t7NXp98C3SC6dVMvDuict";
    let secrets = Secrets::gather([("PRIVATE", key.as_bytes())], &[]);
    assert_eq!(secrets.mask(&format!("<{key}>")), "<****>");
    assert!(secrets.mask(&key[..80]).starts_with("****"));
}

#[test]
fn a_secret_of_one_repeated_escape_is_looked_for_in_bounded_time() {
    let secrets = Secrets::gather([("PASS", &[b'\\'; 20][..]), ("B_PASS", &[b'\''; 20])], &[]);
    for byte in ["\\", "'", "\\'", "%25"] {
        let _ = secrets.mask(&byte.repeat(100));
    }
}

/// Writes every byte of a text in some way that leaves the others alone.
#[derive(Debug, Clone, Copy)]
enum Writer {
    Plain,
    Json,
    JsonAscii,
    Repr,
    Debug,
    Quote,
    QuotePlus,
    LowerPercent,
    Html,
    Shell,
    Sql,
    Octal,
}

impl Writer {
    const ALL: [Self; 12] = [
        Self::Plain,
        Self::Json,
        Self::JsonAscii,
        Self::Repr,
        Self::Debug,
        Self::Quote,
        Self::QuotePlus,
        Self::LowerPercent,
        Self::Html,
        Self::Shell,
        Self::Sql,
        Self::Octal,
    ];

    fn write(self, bytes: &[u8]) -> Vec<u8> {
        use std::fmt::Write as _;
        let each =
            |write: &dyn Fn(u8) -> String| bytes.iter().map(|byte| write(*byte)).collect::<String>().into_bytes();
        let percent = |byte: u8, safe: &[u8]| {
            if byte.is_ascii_alphanumeric() || safe.contains(&byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        };
        let text = || String::from_utf8_lossy(bytes).into_owned();
        match self {
            Self::Plain => bytes.to_vec(),
            Self::Json => {
                let written = serde_json::to_string(&text()).unwrap();
                written.as_bytes()[1..written.len() - 1].to_vec()
            }
            Self::JsonAscii => {
                let mut out = String::new();
                for unit in text().encode_utf16() {
                    match u8::try_from(unit) {
                        Ok(b'"' | b'\\') => {
                            _ = write!(out, "\\{}", char::from_u32(u32::from(unit)).unwrap_or_default());
                        }
                        Ok(byte @ b' '..=b'~') => out.push(char::from(byte)),
                        _ => _ = write!(out, "\\u{unit:04x}"),
                    }
                }
                out.into_bytes()
            }
            Self::Repr => bytes.escape_ascii().to_string().into_bytes(),
            Self::Debug => text().escape_debug().to_string().into_bytes(),
            Self::Quote => each(&|byte| percent(byte, b"-._~/")),
            Self::QuotePlus => each(&|byte| if byte == b' ' { "+".into() } else { percent(byte, b"-._~") }),
            Self::LowerPercent => each(&|byte| match percent(byte, b"-._~") {
                escape if escape.len() > 1 => escape.to_lowercase(),
                itself => itself,
            }),
            Self::Html => {
                let text =
                    text().replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
                text.replace('\'', "&#x27;").into_bytes()
            }
            Self::Shell => {
                [&b"'"[..], &bytes.split(|byte| *byte == b'\'').collect::<Vec<_>>().join(&br"'\''"[..]), b"'"].concat()
                    [1..]
                    .split_last()
                    .unwrap()
                    .1
                    .to_vec()
            }
            Self::Sql => bytes.split(|byte| *byte == b'\'').collect::<Vec<_>>().join(&b"''"[..]),
            Self::Octal => each(&|byte| format!("\\{byte:03o}")),
        }
    }
}

fn secret() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        6 => prop::sample::select(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789".to_vec()).prop_map(|byte| vec![byte]),
        3 => prop::sample::select(b"!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ ".to_vec()).prop_map(|byte| vec![byte]),
        1 => prop::sample::select(vec!["\u{e9}", "\u{8a9e}", "\u{1f680}", "\u{df}"]).prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::sample::select(vec![0_u8, 1, 7, 0x7f, 0xff, 0xfe, 0x80, 0xc3]).prop_map(|byte| vec![byte]),
    ];
    // The first bytes are ordinary, so that what is left of it once it is harmless is long enough to be masked.
    ("[a-zA-Z0-9]{4}", prop::collection::vec(byte, 0..60))
        .prop_map(|(first, rest)| [first.into_bytes(), rest.concat()].concat())
        .prop_filter("blanks at the ends are no part of it", |secret| secret.trim_ascii().len() == secret.len())
}

fn cut<'b>(bytes: &'b [u8], cuts: &[usize]) -> Vec<&'b [u8]> {
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut % (bytes.len() + 1)).collect();
    cuts.sort_unstable();
    let mut from = 0;
    let mut chunks: Vec<&[u8]> = cuts.into_iter().map(|to| &bytes[std::mem::replace(&mut from, to)..to]).collect();
    chunks.push(&bytes[from..]);
    chunks
}

/// Colours, line ends and indentation as programs put them between any two bytes.
fn between() -> impl Strategy<Value = Option<(usize, &'static str)>> {
    prop::option::of((
        3_usize..200,
        prop::sample::select(vec!["\u{1b}[31m", "\u{1b}[1;2m\u{1b}[K", "\n", "\r\n", "\r\n    "]),
    ))
}

proptest! {
    // The same cases in every build; another seed looks for others.
    #![proptest_config(ProptestConfig { rng_seed: proptest::test_runner::RngSeed::Fixed(20_261_126), ..ProptestConfig::with_cases(256) })]

    #[test]
    fn no_way_of_writing_single_bytes_shows_a_secret(
        secret in secret(),
        writers in prop::collection::vec(prop::sample::select(Writer::ALL.to_vec()), 0..4),
        between in between(),
        cuts in prop::collection::vec(0_usize..10_000, 0..8),
    ) {
        let secrets = Secrets::gather([("PASS", secret.as_slice())], &[]);
        let mut written = writers.iter().fold(secret.clone(), |bytes, writer| writer.write(&bytes));
        // Only what is ASCII may be cut anywhere.
        if let Some((at, put)) = between && written.is_ascii() && !written.contains(&0x1b) && at < written.len() {
            written.splice(at..at, put.bytes());
        }
        let output = [&b"<<"[..], &written, b">>"].concat();
        let shown = kept(&secrets, &cut(&output, &cuts));
        // A blank between two masked parts says nothing, however it is written.
        let blank = writers.iter().fold(b" ".to_vec(), |bytes, writer| writer.write(&bytes));
        let plain = sanitize::plain(shown.as_bytes()).replace(&*String::from_utf8_lossy(&blank), "");
        let left: String = plain.chars().filter(|c| !matches!(c, '*' | '\n' | '\r' | ' ')).collect();
        prop_assert_eq!(left, "<<>>", "{:?} left {:?} of {:?}", writers, shown, String::from_utf8_lossy(&written));
    }

    #[test]
    fn no_encoding_of_the_whole_shows_a_secret(
        secret in secret(),
        writer in prop::sample::select(Writer::ALL.to_vec()),
        before in prop::collection::vec(any::<u8>(), 0..5),
        after in prop::collection::vec(any::<u8>(), 0..5),
        way in 0_usize..7,
        twice in any::<bool>(),
        outer in prop::sample::select(Writer::ALL.to_vec()),
        wrap in prop::option::of(20_usize..77),
        cuts in prop::collection::vec(0_usize..10_000, 0..8),
    ) {
        let secrets = Secrets::gather([("PASS", secret.as_slice())], &[]);
        let inner = if matches!(writer, Writer::Octal) || twice { secret.clone() } else { writer.write(&secret) };
        let encode = |bytes: &[u8]| match way {
            0 => BASE64.encode(bytes),
            1 => BASE64URL.encode(bytes),
            2 => BASE64URL_NOPAD.encode(bytes),
            3 => HEXLOWER.encode(bytes),
            4 => HEXUPPER.encode(bytes),
            5 => bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" "),
            _ => bytes.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":"),
        };
        let mut text = encode(&[&before[..], &inner, &after].concat());
        // Another time over leaves only what is in the middle the same.
        if twice && way < 5 {
            text = encode(text.as_bytes());
        }
        let length = text.len();
        // A line end within the first bytes of a part hides that part, and so does one within a pair of digits set apart.
        let wrapped = secret.len() < 24 && !twice && inner == secret && way < 5 && matches!(outer, Writer::Plain);
        if let Some(width) = wrap.filter(|_| wrapped) {
            text = text.as_bytes().chunks(width).map(|line| str::from_utf8(line).unwrap()).collect::<Vec<_>>().join("\r\n");
        }
        let output = [&b"<<"[..], &outer.write(text.as_bytes()), b">>"].concat();
        let shown = kept(&secrets, &cut(&output, &cuts));
        // What is left belongs to the bytes around it, and to those of the secret that share a digit with them or with
        // another part of it.
        let plain = sanitize::plain(shown.as_bytes());
        let left = plain.chars().filter(char::is_ascii_alphanumeric).count();
        let neighbours = (before.len() + after.len()) * 4 + 8 + 6 * inner.len().div_ceil(32);
        let spelled = outer.write(b"A").len();
        prop_assert!(left <= neighbours * 2 * spelled || left * 5 < length * spelled, "{:?} left of {:?} ({:?})", shown, text, inner);
        prop_assert!(plain.contains('*'), "{:?}", shown);
    }
}
