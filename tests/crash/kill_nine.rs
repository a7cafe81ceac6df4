//! The program is killed a hundred times while reminders are due.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::ending::{Met, ends_well, recovered};
use crate::house::House;
use crate::process::{Process, complaints};
use crate::relay::{Pace, Relay, drawn};

/// Kills.
const ROUNDS: u32 = 100;
/// Mails at once.
const CONNECTIONS: usize = 4;
/// Seconds after which the next process takes what the killed one held.
const LEASE: u32 = 3;

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_kills_lose_no_mail_and_repeat_only_what_was_in_flight() {
    let mut house = House::new().await;
    let relay = Relay::open(Pace { before: 10..=50, after: 0..=20 }).await;
    let mut under_way = BTreeMap::new();
    let mut held = BTreeSet::new();
    let mut longest = Duration::ZERO;
    for round in 0..ROUNDS {
        house.give_back(relay.copies().len()).await;
        house.promise(&[0, 0, 0, 1]).await;
        house.promise_lightly(&[6, 7]).await;
        let run = relay.next_run();
        let restarted = Instant::now();
        let before = relay.traffic().accepted;
        if round % 5 == 4 {
            relay.hold(0);
        }
        let mut process = Process::start(&house, relay.port(), CONNECTIONS, LEASE).await;
        // Written while the program works, as people do.
        house.ask(2).await;
        match round % 5 {
            0 => sleep(drawn(20..=400)).await,
            1 => {
                process.ready().await;
                sleep(drawn(20..=400)).await;
            }
            2 => relay.until(|traffic| traffic.accepted > before).await,
            3 => longest = longest.max(recovered(&house, &held, restarted).await),
            _ => {
                relay.until(|traffic| traffic.held > 0).await;
                sleep(drawn(0..=40)).await;
            }
        }
        let said = process.kill().await;
        assert_eq!(complaints(&said), Vec::<&String>::new());
        relay.let_go();
        relay.settle().await;
        house.check_what_is_on_the_disk().await;
        under_way.insert(run, house.in_state(&["sending"]).await);
        held = house.in_state(&["claimed", "sending"]).await;
    }
    house.give_back(relay.copies().len()).await;
    relay.next_run();
    let restarted = Instant::now();
    let process = Process::start(&house, relay.port(), CONNECTIONS, LEASE).await;
    longest = longest.max(recovered(&house, &held, restarted).await);
    let Met { interrupted, repeats, evidence } =
        ends_well(&house, &relay, process, under_way, CONNECTIONS).await;

    let cancelled = evidence.rows.iter().filter(|row| row.state == "cancelled").count();
    println!(
        "{ROUNDS} kills, {} mails wanted, {} copies, {interrupted} in flight at a kill, {repeats} \
         repeats, {cancelled} cancelled, longest recovery {} ms",
        house.wanted().len(),
        evidence.copies.len(),
        longest.as_millis(),
    );
    // Otherwise the kills met nothing, and this says nothing.
    assert!(interrupted > 0 && repeats > 0 && cancelled > 0, "the kills met no mail on its way");
}
