//! The record of a look, which is written already and must not be written twice.
use kith_policy::{DecisionRecord, Disclose, Permit};

fn twice(permit: &Permit<'_, Disclose>) -> DecisionRecord {
    permit.record()
}

fn main() {}
