//! A permit to amend where one to disclose is needed.
use kith_policy::{Amend, Disclose, Permit};

fn open(_permit: &Permit<'_, Disclose>) {}

fn misuse(permit: &Permit<'_, Amend>) {
    open(permit);
}

fn main() {}
