//! Two processes over one PostgreSQL: one of them is killed thirty times while reminders are due,
//! and the other goes on.

mod postgres {
    use std::collections::{BTreeMap, BTreeSet};
    use std::time::Duration;

    use kith_tests::TestDatabase;
    use tokio::time::{Instant, interval, sleep, timeout};
    use uuid::Uuid;

    use crate::house::House;
    use crate::kill_nine::drain;
    use crate::oracle::{problems, repeated};
    use crate::process::{Process, complaints};
    use crate::relay::{Pace, Relay, drawn};

    /// Kills.
    const ROUNDS: u32 = 30;
    /// Mails that each process hands over at once.
    const CONNECTIONS: usize = 4;
    /// What the dead process held goes out within this time, by the other.
    const RECOVERY: Duration = Duration::from_mins(1);

    #[tokio::test(flavor = "multi_thread")]
    async fn thirty_kills_of_one_of_two_lose_no_mail() {
        let mut house = House::on(TestDatabase::postgres().await).await;
        let relay = Relay::open(Pace { before: 10..=50, after: 0..=20 }).await;
        let mut under_way = BTreeMap::new();
        let mut longest = Duration::ZERO;
        let mut older = Process::start(&house, relay.port(), CONNECTIONS).await;
        older.ready().await;
        let mut run = relay.next_run();
        for round in 0..ROUNDS {
            let before = relay.traffic().accepted;
            let mut younger = Process::start(&house, relay.port(), CONNECTIONS).await;
            house.promise(&[0, 0, 1]).await;
            house.ask(6).await;
            match round % 3 {
                0 => {
                    younger.ready().await;
                    sleep(drawn(20..=400)).await;
                }
                1 => relay.until(|traffic| traffic.accepted > before).await,
                _ => {
                    relay.until(|traffic| traffic.under_way > 1).await;
                    sleep(drawn(0..=40)).await;
                }
            }
            let said = older.kill().await;
            let killed = Instant::now();
            assert_eq!(complaints(&said), Vec::<&String>::new());
            let held = house.in_state(&["claimed", "sending"]).await;
            under_way.insert(run, house.in_state(&["sending"]).await);
            // What the other repeats from now on is the doing of this kill.
            run = relay.next_run();
            younger.ready().await;
            if round % 5 == 0 {
                longest = longest.max(recovered(&house, &held, killed).await);
            }
            older = younger;
        }
        drain(&house).await;
        let (status, said) = older.terminate().await;
        assert!(status.success(), "{status}: {said:#?}");
        assert_eq!(complaints(&said), Vec::<&String>::new());
        relay.settle().await;

        let copies = relay.copies();
        let interrupted: usize = under_way.values().map(BTreeSet::len).sum();
        let repeats = repeated(&copies);
        let evidence = house.evidence(copies.clone(), under_way, CONNECTIONS).await;
        assert_eq!(problems(&evidence), []);
        println!(
            "{ROUNDS} kills of one of two, {} mails wanted, {} copies, {interrupted} in flight at \
             a kill, {repeats} repeats, longest recovery {} ms",
            house.wanted().len(),
            copies.len(),
            longest.as_millis(),
        );
        assert!(interrupted > 0, "the kills met no mail on its way");
    }

    /// Waits until what the dead process held has gone out. Says how long that was after the kill.
    async fn recovered(house: &House, held: &BTreeSet<Uuid>, killed: Instant) -> Duration {
        let mut looks = interval(Duration::from_millis(50));
        let goes_out = async {
            while house.rows().await.iter().any(|row| held.contains(&row.id) && !row.has_ended()) {
                looks.tick().await;
            }
        };
        timeout(RECOVERY, goes_out).await.expect("what was held goes out within a minute");
        killed.elapsed()
    }
}
