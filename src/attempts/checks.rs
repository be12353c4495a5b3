//! The checks that a supervisor carries out itself, each in a file of its own.

pub mod http;
