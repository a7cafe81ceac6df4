//! The facts of a permit changed after the decision.
use kith_domain::{Owner, Standing};
use kith_policy::{Disclose, Permit};

fn widen(permit: &mut Permit<'_, Disclose>, other: Owner) {
    permit.facts().owner = other;
    permit.facts().standing = Standing::Patient;
}

fn main() {}
