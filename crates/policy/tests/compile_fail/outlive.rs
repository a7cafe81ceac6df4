//! A permit used after its request has ended.
use kith_domain::Category;
use kith_policy::{Disclose, Facts, PolicyEngine, RequestScope};

async fn outlive(engine: &PolicyEngine, scope: RequestScope, facts: &Facts) {
    let Ok(permit) = engine.authorize::<Disclose>(&scope, facts, Category::Care).await else {
        return;
    };
    drop(scope);
    permit.covers(facts.owner, Category::Care);
}

fn main() {}
