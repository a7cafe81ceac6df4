//! A permit to take a copy where one to change something is needed.
use kith_policy::{Changes, Export, Permit};

fn transact<A: Changes>(_permit: &Permit<'_, A>) {}

fn misuse(permit: &Permit<'_, Export>) {
    transact(permit);
}

fn main() {}
