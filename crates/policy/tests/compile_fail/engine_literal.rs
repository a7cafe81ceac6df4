//! An engine with tables of one's own.
use kith_policy::PolicyEngine;

fn lenient(log: std::sync::Arc<dyn kith_policy::DecisionLog>) -> PolicyEngine {
    PolicyEngine { log }
}

fn main() {}
