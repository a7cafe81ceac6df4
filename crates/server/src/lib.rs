//! What the program `kith` is made of: configuration, command line and wiring.

pub mod cli;
pub mod clock;
pub mod config;
pub mod data_lock;

mod commands;
mod demo;
mod doctor;
mod logging;
mod parts;
mod process;
mod rota;
mod say;
mod serve;

pub use commands::run;
