//! The part of NVML that liftgate needs, loaded at run time.
