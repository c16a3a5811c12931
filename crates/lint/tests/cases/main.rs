//! What each rule finds and what it must not find, a family of rules a file: the edges for which a rule's page has no room.

mod images;
mod loader;
mod settings;
mod silence;
mod table;
