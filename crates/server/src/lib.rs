//! What the binary `kith` is made of: configuration, and later the wiring and the command line.

pub mod config;
