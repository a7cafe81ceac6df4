//! The request that permits belong to.

use core::fmt;
use std::sync::Arc;

use kith_domain::ids::DecisionId;
use kith_domain::{Ids, Timestamp};

/// One request, or one item of a job's work. Every [`Permit`](crate::Permit) borrows it, so that no
/// permit outlives the request it was given in.
///
/// Not `Clone`, and made once at the edge: a scope kept for longer would keep its permits alive.
pub struct RequestScope {
    at: Timestamp,
    ids: Arc<dyn Ids>,
}

impl RequestScope {
    /// A request that arrived `at`; ids of its decisions come from `ids`.
    pub fn new(at: Timestamp, ids: Arc<dyn Ids>) -> Self {
        Self { at, ids }
    }

    /// When the request arrived. One request has one time.
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    pub(crate) fn next_decision(&self) -> DecisionId {
        DecisionId::new(&*self.ids)
    }
}

impl fmt::Debug for RequestScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestScope").field("at", &self.at).finish_non_exhaustive()
    }
}
