//! The program `kith`.

use std::process::ExitCode;

use clap::Parser as _;
use kith_server::cli::Cli;

fn main() -> ExitCode {
    kith_server::run(Cli::parse())
}
