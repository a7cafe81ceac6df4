//! Two processes over one PostgreSQL: one of them is killed thirty times while reminders are due,
//! and the other goes on.

mod postgres {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use kith_tests::TestDatabase;
    use tokio::time::{Instant, sleep};

    use crate::ending::{Met, ends_well, recovered};
    use crate::house::House;
    use crate::process::{Process, complaints};
    use crate::relay::{Pace, Relay, drawn};

    /// Kills.
    const ROUNDS: u32 = 30;
    /// Mails that each process hands over at once.
    const CONNECTIONS: usize = 4;
    /// Seconds after which the other takes what a killed one held.
    const LEASE: u32 = 10;

    #[tokio::test(flavor = "multi_thread")]
    async fn thirty_kills_of_one_of_two_lose_no_mail() {
        let mut house = House::on(TestDatabase::postgres().await).await;
        let relay = Relay::open(Pace { before: 10..=50, after: 0..=20 }).await;
        let mut under_way = BTreeMap::new();
        let mut longest = Duration::ZERO;
        let mut older = Process::start(&house, relay.port(), CONNECTIONS, LEASE).await;
        older.ready().await;
        let mut run = relay.next_run();
        for round in 0..ROUNDS {
            if round % 3 == 2 {
                // While it is alone, so that what is held is of the one that is killed.
                relay.hold(0);
                house.ask(6).await;
                relay.until(|traffic| traffic.held > 0).await;
            }
            let before = relay.traffic().accepted;
            let mut younger = Process::start(&house, relay.port(), CONNECTIONS, LEASE).await;
            house.promise(&[0, 0, 1]).await;
            house.ask(6).await;
            match round % 3 {
                0 => {
                    younger.ready().await;
                    sleep(drawn(20..=400)).await;
                }
                1 => relay.until(|traffic| traffic.accepted > before).await,
                _ => sleep(drawn(0..=40)).await,
            }
            let said = older.kill().await;
            let killed = Instant::now();
            assert_eq!(complaints(&said), Vec::<&String>::new());
            let held = house.in_state(&["claimed", "sending"]).await;
            under_way.insert(run, house.in_state(&["sending"]).await);
            relay.let_go();
            // What the other repeats from now on is the doing of this kill.
            run = relay.next_run();
            younger.ready().await;
            if round % 5 == 0 {
                longest = longest.max(recovered(&house, &held, killed).await);
            }
            older = younger;
        }
        let Met { interrupted, repeats, evidence } =
            ends_well(&house, &relay, older, under_way, CONNECTIONS).await;

        println!(
            "{ROUNDS} kills of one of two, {} mails wanted, {} copies, {interrupted} in flight at \
             a kill, {repeats} repeats, longest recovery {} ms",
            house.wanted().len(),
            evidence.copies.len(),
            longest.as_millis(),
        );
        assert!(interrupted > 0, "the kills met no mail on its way");
    }
}
