//! What the program `kith` is made of: configuration, command line and wiring.

pub mod cli;
pub mod clock;
pub mod config;
pub mod data_lock;

mod backup;
mod commands;
mod demo;
mod doctor;
mod endings;
mod logging;
mod manifest;
mod parts;
mod process;
mod restore;
mod rota;
mod say;
mod serve;

pub use commands::run;
