//! Simulated machines, from outside and from within.

mod harness;
mod inside;
mod trees;
