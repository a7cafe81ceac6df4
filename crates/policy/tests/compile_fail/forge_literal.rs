//! A permit written down field by field.
use kith_policy::{Disclose, Permit};

fn forged() -> Permit<'static, Disclose> {
    Permit { _scope: core::marker::PhantomData }
}

fn main() {}
