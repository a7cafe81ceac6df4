//! A permit kept for longer than its request.
use kith_domain::Category;
use kith_policy::{Disclose, Facts, Permit, PolicyEngine, RequestScope};

async fn stash(
    engine: &PolicyEngine,
    scope: RequestScope,
    facts: &Facts,
) -> Option<Permit<'static, Disclose>> {
    engine.authorize(&scope, facts, Category::Care).await.ok()
}

fn main() {}
