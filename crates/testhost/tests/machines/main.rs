//! Simulated machines, from outside and from within.

mod harness;
mod inside;
mod layouts;
mod platforms;
mod trees;
mod upgrade;
