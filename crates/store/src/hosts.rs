//! Which organisation is known by a host, remembered for a second.
//!
//! Every request asks, before anything is known about who asks, and on a connection of its own. No
//! decision rests on the answer's age: the facts of a decision are read in the snapshot of what they
//! protect, with the organisation's id, which never changes.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::organisations::Organisation;

/// How long an answer is given again. Another process may change a name, a number or a host, so that
/// it cannot be long.
const REMEMBERED: Duration = Duration::from_secs(1);

/// A sole organisation answers to every host that a browser cares to name: no more are remembered.
const MOST: usize = 64;

/// Hosts that were asked for a moment ago.
#[derive(Debug, Default)]
pub(crate) struct Hosts(Mutex<HashMap<String, (Instant, Organisation)>>);

impl Hosts {
    /// What was learned of `host`, unless that is too long ago.
    pub(crate) fn known(&self, host: &str) -> Option<Organisation> {
        let hosts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, organisation) = hosts.get(host)?;
        (since.elapsed() < REMEMBERED).then(|| organisation.clone())
    }

    /// Remembers it.
    pub(crate) fn learn(&self, host: String, organisation: &Organisation) {
        let mut hosts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if hosts.len() >= MOST {
            hosts.clear();
        }
        hosts.insert(host, (Instant::now(), organisation.clone()));
    }
}

#[cfg(test)]
mod tests {
    use kith_domain::Zone;
    use kith_domain::ids::OrganisationId;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn no_browser_fills_the_memory_with_hosts_that_it_makes_up() {
        let hosts = Hosts::default();
        let fernhill = Organisation {
            id: OrganisationId::from_uuid(Uuid::nil()),
            name: "Fernhill".to_owned(),
            host: None,
            phone: "01632 960 101".to_owned(),
            zone: Zone::parse("Europe/London").unwrap(),
            named_in_mail: false,
        };
        for n in 0..1000 {
            hosts.learn(format!("{n}.example"), &fernhill);
            assert!(hosts.0.lock().unwrap().len() <= MOST);
        }
        assert_eq!(hosts.known("999.example").unwrap().name, "Fernhill");
        assert!(hosts.known("1000.example").is_none());
    }
}
