//! A permit asked for and thrown away: a recorded look that nobody took.
#![deny(unused_must_use)]
use kith_policy::{Disclose, Permit};

fn given<'s>() -> Permit<'s, Disclose> {
    loop {}
}

fn waste() {
    given();
}

fn main() {}
