//! config.json of a bundle: lossless reading and editing, container state
