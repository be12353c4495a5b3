//! Texts that stand in a ledger again and again, each kept once.

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::cell::RefCell;
use std::collections::HashSet;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// Longer texts, and more of them, are not looked for: what people write seldom stands there twice.
const LONGEST: usize = 80;
const MOST: usize = 4_096;

thread_local! {
    static KNOWN: RefCell<HashSet<Arc<str>>> = RefCell::new(HashSet::new());
}

/// A text whose copies cost nothing. Reading one that was read before gives a copy.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Shared(Arc<str>);

impl Shared {
    fn known(text: &str) -> Self {
        if text.len() > LONGEST {
            return Self(text.into());
        }
        KNOWN.with_borrow_mut(|known| {
            if let Some(text) = known.get(text) {
                return Self(Arc::clone(text));
            }
            if known.len() >= MOST {
                known.clear();
            }
            let text: Arc<str> = text.into();
            known.insert(Arc::clone(&text));
            Self(text)
        })
    }
}

impl Deref for Shared {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Shared {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl From<&String> for Shared {
    fn from(text: &String) -> Self {
        Self(text.as_str().into())
    }
}

impl From<String> for Shared {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl PartialEq<str> for Shared {
    fn eq(&self, other: &str) -> bool {
        *self.0 == *other
    }
}

impl PartialEq<&str> for Shared {
    fn eq(&self, other: &&str) -> bool {
        *self.0 == **other
    }
}

impl PartialEq<String> for Shared {
    fn eq(&self, other: &String) -> bool {
        *self.0 == **other
    }
}

impl fmt::Display for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

impl Serialize for Shared {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Shared {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Shared;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Shared, E> {
                Ok(Shared::known(text))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_twice_is_kept_once() {
        let read = |text: &str| serde_json::from_str::<Shared>(&format!("{text:?}")).unwrap();
        assert!(Arc::ptr_eq(&read("p/s/i").0, &read("p/s/i").0));
        let long = "i".repeat(LONGEST + 1);
        assert_eq!(read(&long), read(&long));
        for number in 0..=MOST {
            assert_eq!(read(&number.to_string()), number.to_string());
        }
        assert!(KNOWN.with_borrow(HashSet::len) <= MOST);
    }
}
