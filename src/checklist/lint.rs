//! Finds what is wrong with a checklist.
