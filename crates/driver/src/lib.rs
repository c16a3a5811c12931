//! Host: the NVIDIA driver and its devices, found under any root; the host record
