//! Any bytes taken for Prometheus text give samples or a line that is wrong, strictly and leniently alike.
#![no_main]

use gonogo::metrics::prometheus::{Selector, parse, parse_lenient};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let lenient = parse_lenient(bytes);
    match parse(bytes) {
        // As text: a value that is no number equals nothing, not even itself.
        Ok(read) => assert_eq!(format!("{read:?}"), format!("{:?}", lenient.exposition)),
        Err(error) => assert_eq!(Some(error), lenient.first),
    }
    if let Ok(selector) = std::str::from_utf8(bytes).map_err(drop).and_then(|text| Selector::parse(text).map_err(drop)) {
        let _ = selector.sum(&lenient.exposition);
    }
});
