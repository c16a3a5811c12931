//! The crate against the real tools: the C compiler, `ldconfig`, the loader; and against files made by hand.

mod cache_properties;
mod facts;
mod facts_by_hand;
mod fat_binaries;
mod ldconfig;
mod loader;
mod notes;
mod streams;
mod support;
mod versions;
