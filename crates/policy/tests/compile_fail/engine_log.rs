//! The engine's log put out of the way.
use std::sync::Arc;

use kith_policy::{DecisionLog, PolicyEngine};

fn silence(engine: &mut PolicyEngine, nowhere: Arc<dyn DecisionLog>) {
    engine.log = nowhere;
}

fn main() {}
