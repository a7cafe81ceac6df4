//! `cargo xtask soak`: the simulation of the tests, for as long as one likes.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::time::Duration;

use crate::process::Runner;
use crate::say::say;

/// Beyond the minutes that were asked for: building, and the last seed.
const BESIDE: Duration = Duration::from_hours(1);

/// Runs seeds one after the other, from `seed` on.
///
/// # Errors
/// When the tests cannot be run, or one finds something.
pub(crate) async fn run(
    runner: &mut Runner,
    minutes: u32,
    seed: Option<u64>,
) -> anyhow::Result<()> {
    // Short enough to type.
    let seed = seed.unwrap_or_else(|| RandomState::new().build_hasher().finish() % 1_000_000_000);
    say(&format!("from seed {seed} for {minutes} min"));
    let what = ["test", "--package", "kith-tests", "--test", "simulation", "--"];
    let how = ["--exact", "--nocapture", "seeds::soak"];
    let mut test = runner.command("cargo", &[&what[..], &how].concat());
    test.env("KITH_SOAK_MINUTES", minutes.to_string()).env("KITH_SOAK_SEED", seed.to_string());
    runner.run(test, Duration::from_mins(minutes.into()) + BESIDE).await
}
