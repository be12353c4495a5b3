//! Checks and commands as real processes, on real files, SQLite databases and services.
#![allow(clippy::print_stdout, reason = "a test may say what it saw")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../attempts/book.rs"]
#[allow(dead_code, reason = "each binary uses its own part of this")]
mod book;
#[path = "../common/mod.rs"]
mod common;
#[path = "../attempts/plan.rs"]
#[allow(dead_code, reason = "each binary uses its own part of this")]
mod plan;
#[path = "../attempts/spec.rs"]
#[allow(dead_code, reason = "each binary uses its own part of this")]
mod spec;

mod alerting;
mod attempts_migration;
mod attempts_supervisor;
mod availability;
mod collector;
mod command_sentences;
mod data_checks;
mod database_sqlite;
mod documents;
mod endings;
mod false_passes;
mod for_machines;
mod full_disk;
mod item_commands;
mod load;
mod log_file;
mod looking_commands;
mod markdown_arming;
mod metrics_live;
mod notify;
mod outside_words;
mod report_served;
mod sensing_processes;
mod statuses;
mod tcp;
mod tls;
mod who_acted;
