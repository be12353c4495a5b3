//! What comes up while an attempt runs, texts that were cut off, encodings folded into lines, letters struck twice.

use super::*;

#[test]
fn what_comes_up_meanwhile_is_masked_from_then_on_and_the_latest_are_remembered() {
    let secrets = Arc::new(secrets());
    let mut redactor = Redactor::new(Arc::clone(&secrets));
    let mut out = Vec::new();
    redactor.text(b"s3ss10n-A ", &mut out);
    secrets.learn("s3ss10n-A");
    secrets.learn("true");
    secrets.learn("abc");
    redactor.text(b"s3ss10n-A czNzczEwbi1B true abc\n", &mut out);
    for number in 0..300 {
        secrets.learn(&format!("rolling-{number:04}-cookie"));
    }
    redactor.text(b"rolling-0299-cookie rolling-0000-cookie", &mut out);
    redactor.end(&mut out);
    assert_eq!(String::from_utf8_lossy(&out), "s3ss10n-A **** **** true abc\n**** rolling-0000-cookie");
}

#[test]
fn a_secret_that_a_sentence_was_cut_off_in_shows_no_beginning() {
    let secrets = Secrets::gather([("API_TOKEN", b"v3ry-l0ng-t0ken-value".as_slice())], &[]);
    assert_eq!(secrets.mask("got `v3ry-l0ng-t0…` and v3ry… and v3r…"), "got `****…` and ****… and v3r…");
    assert_eq!(secrets.mask("nothing …"), "nothing …");
}

#[test]
fn encodings_folded_into_lines_of_any_width_are_masked() {
    use data_encoding::BASE32;
    let secret = b"n1ghtwatch-of-the-harbour!";
    let secrets = Secrets::gather([("PASS", &secret[..])], &[]);
    for (name, text) in [
        ("base64", BASE64.encode(secret)),
        ("base64 in a longer text", BASE64.encode(&[&b"user:"[..], secret].concat())),
        ("base32", BASE32.encode(secret)),
        ("base32 in lower case, in a longer text", BASE32.encode(&[&b"ab"[..], secret].concat()).to_lowercase()),
        ("hexadecimal", HEXLOWER.encode(secret)),
        ("as it is", String::from_utf8(secret.to_vec()).unwrap()),
    ] {
        for width in [1, 2, 3, 4, 7, 16, 60, 76] {
            for end in ["\n", "\r\n"] {
                let folded: Vec<&str> =
                    text.as_bytes().chunks(width).map(|line| str::from_utf8(line).unwrap()).collect();
                let output = format!("before{end}{}{end}after{end}", folded.join(end));
                let shown = kept(&secrets, &cut(output.as_bytes(), &[width, 40]));
                let left: String = shown.chars().filter(char::is_ascii_alphanumeric).collect();
                let left = left.trim_start_matches("before").trim_end_matches("after");
                // What shares its bits with the text around it says nothing of the secret.
                assert!(left.len() <= 10, "{name}, {width} wide: {left:?} left of {text}: {shown:?}");
                assert!(shown.contains("****"), "{name}, {width} wide: {shown:?}");
            }
        }
    }
    assert_eq!(kept(&secrets, &[b"n\n1\ng\nx\ny\n"]), "n\n1\ng\nx\ny\n", "letters a line that are no secret stay");
}

#[test]
fn overstruck_letters_are_masked() {
    let secrets = Secrets::gather([("PASS", &b"n1ghtwatch"[..])], &[]);
    let bold: String = "n1ghtwatch".chars().flat_map(|c| [c, '\u{8}', c]).collect();
    let under: String = "n1ghtwatch".chars().flat_map(|c| ['_', '\u{8}', c]).collect();
    let mut mixed = bold[..9].to_owned();
    mixed.push_str(&under[9..]);
    for text in [bold, under, mixed] {
        for chunk in [1, 2, 5, 100] {
            let chunks: Vec<&[u8]> = text.as_bytes().chunks(chunk).collect();
            let mut redactor = Redactor::knowing(secrets.known());
            let mut out = Vec::new();
            for chunk in chunks {
                redactor.text(chunk, &mut out);
            }
            redactor.end(&mut out);
            let shown = String::from_utf8_lossy(&out);
            assert!(shown.contains("****") && !shown.contains(char::is_alphanumeric), "{text:?}: {shown:?}");
        }
    }
}
