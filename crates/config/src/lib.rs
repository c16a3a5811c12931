//! config.toml of the NVIDIA container runtime, read losslessly
