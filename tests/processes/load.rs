//! Load tests against a real server in this process: the generator, the command and the checks.

mod check;
mod command;
mod generator;
mod server;
