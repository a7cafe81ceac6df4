//! Runs of many seeds, and one seed twice.

use std::time::{Duration, Instant};

use crate::run::{Outcome, Plan, run};

/// Seeds of each of the tests.
const SEEDS: u64 = 4;
/// Lines of the run that are shown when something is wrong.
const SHOWN: usize = 400;

/// Runs a seed, and ends the test when the oracle finds something.
async fn sound(plan: Plan) -> Outcome {
    let outcome = run(plan).await;
    if !outcome.problems.is_empty() {
        let from = outcome.trace.len().saturating_sub(SHOWN);
        println!("{}", outcome.trace[from..].join("\n"));
        panic!(
            "seed {}: {:#?}\nplay it again: cargo xtask soak --seed {}",
            plan.seed, outcome.problems, plan.seed
        );
    }
    outcome
}

async fn sound_from(first: u64) {
    let mut sum = Outcome::default();
    for seed in first..first + SEEDS {
        let outcome = sound(Plan { seed, ..Plan::SHORT }).await;
        add(&mut sum, &outcome);
    }
    say(SEEDS, &sum);
    // Otherwise nothing was tried.
    assert!(sum.sent > 0 && sum.repeats > 0 && sum.deaths > 0);
}

fn add(sum: &mut Outcome, outcome: &Outcome) {
    sum.mails += outcome.mails;
    sum.sent += outcome.sent;
    sum.copies += outcome.copies;
    sum.repeats += outcome.repeats;
    sum.deaths += outcome.deaths;
    sum.hours += outcome.hours;
}

fn say(seeds: u64, sum: &Outcome) {
    println!(
        "{seeds} seeds, {} days, {} mails, {} sent, {} repeats, {} deaths",
        sum.hours / 24,
        sum.mails,
        sum.sent,
        sum.repeats,
        sum.deaths
    );
}

#[tokio::test]
async fn the_first_seeds_are_sound() {
    sound_from(100).await;
}

#[tokio::test]
async fn further_seeds_are_sound() {
    sound_from(300).await;
}

#[tokio::test]
async fn a_seed_is_the_same_run_twice() {
    let plan = Plan { seed: 7, ..Plan::SHORT };
    let (one, two) = (run(plan).await, run(plan).await);
    for (line, (one, two)) in one.trace.iter().zip(&two.trace).enumerate() {
        assert_eq!(one, two, "line {line}");
    }
    assert_eq!(one.trace.len(), two.trace.len());
    assert_eq!((one.mails, one.copies, one.deaths), (two.mails, two.copies, two.deaths));
}

/// What `cargo xtask soak` runs: new seeds for as long as it is told, or one seed again.
#[tokio::test]
async fn soak() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let (minutes, seed) = (number("KITH_SOAK_MINUTES"), number("KITH_SOAK_SEED"));
    let first = seed.unwrap_or(1);
    let until = Instant::now() + Duration::from_mins(minutes.unwrap_or(0));
    let (mut sum, mut seeds) = (Outcome::default(), 0);
    loop {
        let outcome = sound(Plan { seed: first + seeds, steps: 160, fault: None }).await;
        add(&mut sum, &outcome);
        seeds += 1;
        if seeds.is_multiple_of(20) {
            say(seeds, &sum);
        }
        if Instant::now() >= until {
            break;
        }
    }
    say(seeds, &sum);
}
