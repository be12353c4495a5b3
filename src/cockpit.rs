//! The cockpit without a terminal: what is on the screen ([`Model`]), what happens to it ([`Msg`]), what a person asks
//! for ([`Action`]) and what is to be done about it ([`Effect`]). [`update()`] is the only thing that changes the model.

pub mod action;
pub mod advice;
pub mod alerts;
pub mod answer;
mod attempts;
pub mod autopilot;
pub mod calls;
pub mod describe;
pub mod dialog;
pub mod effect;
pub mod form;
pub mod helm;
pub mod key;
pub mod keymap;
pub mod links;
pub mod list;
pub mod model;
pub mod msg;
pub mod offer;
pub mod output;
pub mod pace;
pub mod palette;
pub mod pane_view;
pub mod replay;
pub mod screens;
pub mod search;
pub mod seat;
pub mod sentence;
pub mod servers;
pub mod start;
pub mod summary;
pub mod tree;
pub mod update;
pub mod watches;
pub mod when;
pub mod window;

pub use action::Action;
pub use dialog::Dialog;
pub use effect::Effect;
pub use key::Key;
pub use keymap::Keymap;
pub use model::Model;
pub use msg::Msg;
pub use screens::Screen;
pub use update::update;
