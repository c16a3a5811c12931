//! Whole hosts, read from the trees of simulated machines.

mod broken;
mod found;
mod machine;
mod record;
mod speed;
