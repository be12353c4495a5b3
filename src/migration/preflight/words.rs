//! Numbers as people read them.

/// A size: `1.5 GB`.
pub(crate) fn bytes(number: i64) -> String {
    const UNITS: [&str; 5] = ["bytes", "kB", "MB", "GB", "TB"];
    let (mut value, mut unit) = (number as f64, 0);
    while value >= 1000.0 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    if unit == 0 || value >= 100.0 {
        format!("{value:.0} {}", UNITS[unit])
    } else {
        format!("{value:.1} {}", UNITS[unit])
    }
}

/// A length of time: `0.4 s`, `12 s`, `3 min`, `2 h`.
pub(crate) fn seconds(length: f64) -> String {
    match length {
        s if s < 0.1 => "less than 0.1 s".to_owned(),
        s if s < 10.0 => format!("{s:.1} s"),
        s if s < 120.0 => format!("{s:.0} s"),
        s if s < 7200.0 => format!("{:.0} min", s / 60.0),
        s => format!("{:.0} h", s / 3600.0),
    }
}

/// An estimated length of time: `about 12 s`.
pub(crate) fn about(length: f64) -> String {
    if length < 0.1 { seconds(length) } else { format!("about {}", seconds(length)) }
}

/// `1 row`, `12,345 rows`.
pub(crate) fn rows(number: i64) -> String {
    format!("{} {}", thousands(number), if number == 1 { "row" } else { "rows" })
}

/// A number with its thousands marked.
pub(crate) fn thousands(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if number < 0 { format!("-{out}") } else { out }
}

/// `1 lock`, `2 locks`.
pub(crate) fn counted(number: usize, word: &str) -> String {
    format!("{number} {word}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!([bytes(999), bytes(1_500), bytes(812_000_000)], ["999 bytes", "1.5 kB", "812 MB"]);
        assert_eq!(
            [seconds(0.01), seconds(2.34), seconds(61.0), seconds(600.0)],
            ["less than 0.1 s", "2.3 s", "61 s", "10 min"]
        );
        assert_eq!([rows(1), rows(1_234_567), thousands(-12_000)], ["1 row", "1,234,567 rows", "-12,000"]);
    }
}
