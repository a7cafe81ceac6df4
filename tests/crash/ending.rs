//! How a run of kills ends: what was held goes out, everything ends, and then the relay's copies
//! are judged against the rows.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::time::{Instant, interval, timeout};
use uuid::Uuid;

use crate::house::House;
use crate::oracle::{Evidence, problems, repeated};
use crate::process::{Process, complaints};
use crate::relay::Relay;

/// The longest that draining what is left may take.
const PATIENCE: Duration = Duration::from_mins(1);
/// After a kill, what the dead process held goes out within this time.
const RECOVERY: Duration = Duration::from_mins(1);

/// What the kills met.
pub(crate) struct Met {
    /// Mails on their way at a kill.
    pub(crate) interrupted: usize,
    /// Copies beyond the first of a mail.
    pub(crate) repeats: usize,
    /// What was judged, and found without a fault.
    pub(crate) evidence: Evidence,
}

/// Lets `last` hand over what is left and end, and judges the run. `under_way`: by run of the
/// relay, what was being sent when its process was killed.
pub(crate) async fn ends_well(
    house: &House,
    relay: &Relay,
    last: Process,
    under_way: BTreeMap<u32, BTreeSet<Uuid>>,
    connections: usize,
) -> Met {
    drain(house).await;
    let (status, said) = last.terminate().await;
    assert!(status.success(), "{status}: {said:#?}");
    assert_eq!(complaints(&said), Vec::<&String>::new());
    relay.settle().await;

    let copies = relay.copies();
    let interrupted = under_way.values().map(BTreeSet::len).sum();
    let repeats = repeated(&copies);
    let evidence = house.evidence(copies, under_way, connections).await;
    assert_eq!(problems(&evidence), []);
    Met { interrupted, repeats, evidence }
}

/// Waits until every mail that must arrive is there, and all that there are have ended.
pub(crate) async fn drain(house: &House) {
    let mut looks = interval(Duration::from_millis(50));
    let drained = async {
        while !house.is_drained().await {
            looks.tick().await;
        }
    };
    timeout(PATIENCE, drained).await.expect("everything goes out");
}

/// Waits until what a dead process held has gone out. Says how long that was since `begun`.
pub(crate) async fn recovered(house: &House, held: &BTreeSet<Uuid>, begun: Instant) -> Duration {
    let mut looks = interval(Duration::from_millis(50));
    let goes_out = async {
        while house.rows().await.iter().any(|row| held.contains(&row.id) && !row.has_ended()) {
            looks.tick().await;
        }
    };
    timeout(RECOVERY, goes_out).await.expect("what was held goes out within a minute");
    begun.elapsed()
}
