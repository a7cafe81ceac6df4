//! The tasks of this project that have logic in them: `cargo xtask floors`, `cargo xtask test`,
//! `cargo xtask soak` and `cargo xtask postgres`.

mod check;
mod floors;
mod install;
mod postgres;
mod process;
mod say;
mod soak;
mod summary;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Parser, Subcommand};

use check::Options;
use postgres::Cluster;
use process::Runner;
use say::say;

/// Tasks of the Kith project.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Check which crate may use what, and a few rules about text.
    Floors,
    /// Run every check: format, clippy, floors, documentation, all tests.
    ///
    /// Installs what is missing with apt-get and npm. PostgreSQL runs from a temporary folder, on
    /// a free port, and is gone afterwards.
    Test {
        /// Leave out what needs PostgreSQL or a browser.
        #[arg(long)]
        quick: bool,
        /// Go on after a check that failed.
        #[arg(long)]
        keep_going: bool,
    },
    /// Live through circles drawn by chance, for as long as you like: people, faults, clocks, deaths.
    ///
    /// What goes wrong is shown with its seed, which plays it again to the last decision.
    Soak {
        /// How long. One seed is played to its end all the same.
        #[arg(long, default_value_t = 0)]
        minutes: u32,
        /// The first seed; drawn when it is not given.
        #[arg(long)]
        seed: Option<u64>,
    },
    /// Start a PostgreSQL to test against, print its address, and remove it at Ctrl-C.
    Postgres,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(Arguments::parse().task).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            say(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Gives whether what was to be checked is well.
async fn run(task: Task) -> anyhow::Result<bool> {
    let root = root()?;
    match task {
        Task::Floors => floors::run(&root)?,
        Task::Test { quick, keep_going } => {
            return check::run(&mut Runner::new(&root)?, Options { quick, keep_going }).await;
        }
        Task::Soak { minutes, seed } => {
            soak::run(&mut Runner::new(&root)?, minutes, seed).await?;
        }
        Task::Postgres => {
            let mut runner = Runner::new(&root)?;
            let cluster = Cluster::start(&mut runner).await?;
            say(&format!("TEST_DATABASE_URL={}", cluster.url()));
            runner.interrupted().await;
            cluster.stop().await?;
        }
    }
    Ok(true)
}

/// The root of the project: the nearest folder above with the workspace's lock file.
fn root() -> anyhow::Result<PathBuf> {
    let here = std::env::current_dir()?;
    let root = here.ancestors().find(|folder| folder.join("Cargo.lock").is_file());
    root.map(PathBuf::from).context("not inside the project: no Cargo.lock here or above")
}
