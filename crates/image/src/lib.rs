//! What a container image has inside, read as a stream.
#![forbid(unsafe_code)]
