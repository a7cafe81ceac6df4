//! A permit to erase where one that may seal content is needed.
use kith_policy::{Erase, Permit, Writes};

fn seal<A: Writes>(_permit: &Permit<'_, A>) {}

fn misuse(permit: &Permit<'_, Erase>) {
    seal(permit);
}

fn main() {}
