//! A permit carried off to go on after the request.
use kith_policy::{Disclose, Permit, RequestScope};

fn carry_off<'s>(_scope: &'s RequestScope, permit: Permit<'s, Disclose>) {
    std::thread::spawn(move || permit.decision());
}

fn main() {}
