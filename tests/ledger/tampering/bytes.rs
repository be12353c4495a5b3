//! Any single changed byte is found.

use super::kit::{Kit, LEDGER};
use gonogo::commands::verify::verify;
use proptest::prelude::*;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

static KIT: LazyLock<Kit> = LazyLock::new(Kit::flown);

fn status(ledger: &Path) -> u8 {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    verify(ledger, &mut out, &mut err).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]
    #[test]
    fn any_single_changed_byte_is_found(file in 0_usize..4, at in any::<prop::sample::Index>(), to in any::<u8>()) {
        let files = [LEDGER, "small.ledger.d/attempts/0001.log", "small.ledger.d/checklist.toml", "small.ledger.d/head"];
        let path = KIT.at(files[file]);
        let good = fs::read(&path).unwrap();
        let mut bad = good.clone();
        let at = at.index(bad.len());
        bad[at] = if bad[at] == to { to.wrapping_add(1) } else { to };
        fs::write(&path, &bad).unwrap();
        let found = status(&KIT.at(LEDGER));
        fs::write(&path, &good).unwrap();
        prop_assert!(found != 0, "byte {} of {} was {} and became {}", at, files[file], good[at], bad[at]);
        prop_assert_eq!(status(&KIT.at(LEDGER)), 0);
    }
}
