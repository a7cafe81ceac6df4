//! The decision of a permit put in place of another.
use kith_policy::{Disclose, Permit};

fn swap(one: &mut Permit<'_, Disclose>, other: Permit<'_, Disclose>) {
    one.decision = other.decision;
}

fn main() {}
