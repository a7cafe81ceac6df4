//! One decision of the engine beside casbin's own `enforce` on the same three tables of rules, over
//! the same questions. Prints both in nanoseconds; `cargo bench` of the program puts them in its table.
#![expect(clippy::print_stdout, reason = "figures are what it is run for")]
#![expect(
    clippy::expect_used,
    reason = "what cannot be measured ends it, with the words that say why"
)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use casbin::{CoreApi as _, DefaultModel, Enforcer, StringAdapter};

use kith_domain::ids::{CircleId, OrganisationId, PersonId};
use kith_domain::{Category, CategorySet, CircleState, Owner, Standing, Tier};
use kith_policy::testkit::{MemoryLog, engine};
use kith_policy::{Disclose, Facts};
use uuid::Uuid;

/// Of several runs the quickest counts: what else the machine does only adds time.
const RUNS: u32 = 5;
const DECISIONS: u32 = 200_000;
const ENFORCES: u32 = 300;

const ASKED: [Category; 4] = [Category::Rota, Category::Address, Category::Care, Category::News];

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(measure());
}

async fn measure() {
    let engine = engine(MemoryLog::new()).await.expect("the policy holds");
    let friend = Facts {
        person: Some(PersonId::from_uuid(Uuid::from_u128(1))),
        standing: Standing::Friend,
        tier: Tier::Trusted,
        grants: CategorySet::of(&[Category::Rota, Category::News]),
        ..Facts::stranger(
            OrganisationId::from_uuid(Uuid::from_u128(2)),
            Owner::Circle(CircleId::from_uuid(Uuid::from_u128(3))),
            CircleState::Active,
        )
    };
    let ours = quickest(DECISIONS, |n| {
        let category = ASKED.get(n as usize % 4).copied().unwrap_or(Category::Rota);
        black_box(engine.decide::<Disclose>(black_box(&friend), black_box(category)));
    });

    let who = enforcer(
        include_str!("../../../policies/who.conf"),
        include_str!("../../../policies/who.csv"),
    )
    .await;
    let sure = enforcer(
        include_str!("../../../policies/sure.conf"),
        include_str!("../../../policies/sure.csv"),
    )
    .await;
    let state = enforcer(
        include_str!("../../../policies/state.conf"),
        include_str!("../../../policies/state.csv"),
    )
    .await;
    let reached = vec!["link".to_owned(), "signed_in".to_owned(), "trusted".to_owned()];
    let theirs = quickest(ENFORCES, |n| {
        let category = ASKED.get(n as usize % 4).copied().unwrap_or(Category::Rota).as_str();
        let grant = if friend.grants.contains(Category::Rota) { "live" } else { "none" };
        let asks = who.enforce(("friend", category, "disclose", grant, "shut")).expect("an answer")
            & sure.enforce((reached.clone(), category, "disclose")).expect("an answer")
            & state.enforce(("active", "friend", category, "disclose")).expect("an answer");
        black_box(asks);
    });
    println!("decision_ns {ours:.1}");
    println!("enforce_ns {theirs:.1}");
}

/// The rules as they are shipped, without comments and blank lines.
async fn enforcer(model: &str, rules: &str) -> Enforcer {
    let rules: Vec<&str> =
        rules.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()).collect();
    let model = DefaultModel::from_str(model).await.expect("casbin reads the model");
    let adapter = StringAdapter::new(rules.join("\n"));
    Enforcer::new(model, adapter).await.expect("casbin reads the rules")
}

/// Nanoseconds of one turn, in the quickest run.
fn quickest(turns: u32, mut turn: impl FnMut(u32)) -> f64 {
    let mut best = Duration::MAX;
    for _ in 0..RUNS {
        let began = Instant::now();
        for n in 0..turns {
            turn(n);
        }
        best = best.min(began.elapsed());
    }
    best.as_secs_f64() * 1e9 / f64::from(turns)
}
