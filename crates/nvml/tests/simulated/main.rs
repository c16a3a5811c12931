//! NVML against simulated machines.

fn main() {}
