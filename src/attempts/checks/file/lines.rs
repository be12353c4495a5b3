//! Reads lines without ever holding more than one of them.

use std::io::{self, BufRead};

/// A line longer than this is cut and goes on as another.
const LONGEST: usize = 1 << 20;

/// Reads the next line into `line`, without its end; gives the bytes it lasted from the file, 0 at its end.
pub(super) fn next(reader: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<usize> {
    line.clear();
    let mut taken = 0;
    loop {
        let buffer = match reader.fill_buf() {
            Ok(buffer) => buffer,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let room = LONGEST - line.len();
        let end = buffer.iter().take(room).position(|byte| *byte == b'\n');
        let length = end.map_or(buffer.len().min(room), |at| at + 1);
        line.extend_from_slice(&buffer[..length]);
        let over = end.is_some() || length == 0 || line.len() >= LONGEST;
        reader.consume(length);
        taken += length;
        if over {
            break;
        }
    }
    if line.last() == Some(&b'\n') {
        line.pop();
        if line.last() == Some(&b'\r') {
            line.pop();
        }
    }
    Ok(taken)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::BufReader;

    #[test]
    fn reads_every_line_and_cuts_endless_ones() {
        let long = "x".repeat(LONGEST + 5);
        let text = format!("a\r\n\n{long}\nlast");
        let mut reader = BufReader::with_capacity(7, text.as_bytes());
        let mut line = Vec::new();
        let mut lengths = Vec::new();
        let mut bytes = 0;
        loop {
            let taken = next(&mut reader, &mut line).unwrap();
            if taken == 0 {
                break;
            }
            bytes += taken;
            lengths.push(line.len());
        }
        assert_eq!(lengths, [1, 0, LONGEST, 5, 4]);
        assert_eq!(bytes, text.len());
    }
}
