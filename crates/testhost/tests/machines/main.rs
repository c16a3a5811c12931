//! Simulated machines, from outside and from within.

mod harness;
mod inside;
mod layouts;
mod trees;
