//! Whole hosts, read from the trees of simulated machines.

mod broken;
mod found;
mod machine;
mod mig;
mod record;
mod speed;
