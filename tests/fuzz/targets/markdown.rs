//! Any bytes taken for Markdown give an account or an error, and what is written of them lints clean.
#![no_main]

use gonogo::checklist::import::{self, Guesses, Templates};
use gonogo::checklist::lint;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for templates in [Templates::Closed, Templates::Opened] {
        let Ok(account) = import::read("document.md", bytes, templates) else { continue };
        for guesses in [Guesses::Apart, Guesses::Taken] {
            let Ok(toml) = import::checklist(&account, guesses) else { continue };
            let (checklist, problems) = lint::lint("document.md", &toml);
            let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
            assert!(problems.is_empty() && checklist.is_some(), "{}\n{toml}", problems.join("\n"));
        }
    }
});
