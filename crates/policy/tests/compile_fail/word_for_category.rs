//! A category as a word from outside, unread.
use kith_policy::{Disclose, Facts, PolicyEngine, RequestScope};

async fn ask(engine: &PolicyEngine, scope: &RequestScope, facts: &Facts) {
    let _ = engine.authorize::<Disclose>(scope, facts, "care").await;
}

fn main() {}
