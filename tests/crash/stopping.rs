//! SIGTERM: what is under way is finished, the rest is given back, and nothing is sent twice.

use std::collections::BTreeMap;

use crate::ending::drain;
use crate::house::House;
use crate::oracle::{problems, repeated};
use crate::process::{LEASE, Process, complaints};
use crate::relay::{Pace, Relay};

/// Mails at once.
const CONNECTIONS: usize = 4;

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_process_finishes_what_is_under_way_and_repeats_nothing() {
    let mut house = House::new().await;
    let relay = Relay::open(Pace { before: 40..=80, after: 10..=20 }).await;
    for stop in 0..4 {
        house.ask(20).await;
        house.promise(&[0; 4]).await;
        relay.next_run();
        relay.hold(stop);
        let mut process = Process::start(&house, relay.port(), CONNECTIONS, LEASE).await;
        relay.until(|traffic| traffic.held > 1).await;
        process.begin_to_stop().await;
        relay.let_go();
        let (status, said) = process.stopped().await;
        assert!(status.success(), "{status}: {said:#?}");
        assert_eq!(complaints(&said), Vec::<&String>::new());
        assert!(said.iter().any(|line| line.contains(" stopped")), "{said:#?}");
        assert!(!said.iter().any(|line| line.contains("cut off")), "{said:#?}");
        relay.settle().await;
        let held = house.in_state(&["claimed", "sending"]).await;
        assert_eq!(held.len(), 0, "nothing is held by a process that is gone");
        let sent = house.in_state(&["sent"]).await.len();
        assert_eq!(sent, relay.copies().len(), "what the relay took is written down");
        assert!(sent < house.wanted().len(), "it was stopped in the middle");
    }
    relay.next_run();
    let process = Process::start(&house, relay.port(), CONNECTIONS, LEASE).await;
    drain(&house).await;
    let (status, _) = process.terminate().await;
    assert!(status.success());
    relay.settle().await;
    let evidence = house.evidence(relay.copies(), BTreeMap::new(), CONNECTIONS).await;
    assert_eq!(problems(&evidence), []);
    assert_eq!(repeated(&evidence.copies), 0);
}
