//! Reading declared to be writing.
use kith_policy::{Disclose, Writes};

impl Writes for Disclose {}

fn main() {}
