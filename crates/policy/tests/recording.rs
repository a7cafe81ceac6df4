//! What is written down, when, and what happens when it cannot be.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};

use async_trait::async_trait;
use kith_domain::ids::{CircleId, MembershipId, OrganisationId, PersonId, SessionId};
use kith_domain::{
    Action, Basis, Category, CategorySet, CircleState, Ids, Owner, Standing, Tier, Timestamp,
};
use kith_policy::testkit::{MemoryLog, engine};
use kith_policy::{
    Act, Amend, Contribute, DecisionLog, DecisionRecord, Disclose, Erase, Export, Facts, List,
    Name, PolicyEngine, RecordError, Refused, Remove, RequestScope, Review, Take,
};
use uuid::Uuid;

struct Counted(AtomicU64);

impl Ids for Counted {
    fn next(&self) -> Uuid {
        Uuid::from_u64_pair(7, self.0.fetch_add(1, Ordering::Relaxed))
    }
}

const AT: Timestamp = Timestamp::from_second(1_800_000_000);

fn scope() -> RequestScope {
    RequestScope::new(AT, Arc::new(Counted(AtomicU64::new(0))))
}

fn organisation() -> OrganisationId {
    OrganisationId::from_uuid(Uuid::from_u128(1))
}

fn circle() -> CircleId {
    CircleId::from_uuid(Uuid::from_u128(2))
}

fn member(standing: Standing, tier: Tier) -> Facts {
    Facts {
        person: Some(PersonId::from_uuid(Uuid::from_u128(3))),
        session: Some(SessionId::from_uuid(Uuid::from_u128(4))),
        membership: Some(MembershipId::from_uuid(Uuid::from_u128(5))),
        standing,
        tier,
        ..Facts::stranger(organisation(), Owner::Circle(circle()), CircleState::Active)
    }
}

fn friend_with(grants: &[Category], tier: Tier) -> Facts {
    Facts { grants: grants.iter().copied().collect(), ..member(Standing::Friend, tier) }
}

#[expect(clippy::unwrap_used, reason = "a test without an engine has failed")]
async fn load(log: &Arc<MemoryLog>) -> PolicyEngine {
    engine(Arc::<MemoryLog>::clone(log)).await.unwrap()
}

async fn outcome<A: Act>(
    engine: &PolicyEngine,
    facts: &Facts,
    category: Category,
) -> Result<(), Refused> {
    let scope = scope();
    engine.authorize::<A>(&scope, facts, category).await.map(drop)
}

#[tokio::test]
async fn an_opening_is_recorded_before_the_permit_is_given() {
    let log = MemoryLog::new();
    let engine = load(&log).await;
    let facts = friend_with(&[Category::Care], Tier::Fresh);
    let scope = scope();

    let permit = engine.authorize::<Disclose>(&scope, &facts, Category::Care).await.unwrap();

    assert_eq!(
        log.recorded(),
        [DecisionRecord {
            id: permit.decision(),
            at: AT,
            organisation: organisation(),
            circle: Some(circle()),
            person: facts.person,
            session: facts.session,
            membership: facts.membership,
            subject: None,
            standing: Standing::Friend,
            tier: Tier::Fresh,
            state: CircleState::Active,
            basis: Basis::Grant,
            category: Category::Care,
            action: Action::Disclose,
            allowed: true,
            rules: "who:307 sure:501 state:203".to_owned(),
            everyday: false,
        }]
    );
}

#[tokio::test]
async fn what_is_recorded_each_time_is_recorded_each_time() {
    let log = MemoryLog::new();
    let engine = load(&log).await;
    let patient = Facts { everyday_recorded: true, ..member(Standing::Patient, Tier::Fresh) };
    let each_time = [Category::Address, Category::News, Category::Care, Category::Entry];

    for round in 1..=2 {
        for category in each_time {
            outcome::<Disclose>(&engine, &patient, category).await.unwrap();
        }
        assert_eq!(log.recorded().len(), round * each_time.len());
    }
    let coordinator = member(Standing::Coordinator, Tier::Trusted);
    outcome::<Disclose>(&engine, &coordinator, Category::Oversight).await.unwrap();
    let driver = Facts {
        windows: CategorySet::EMPTY.with(Category::Delivery),
        ..member(Standing::Helper, Tier::Trusted)
    };
    outcome::<Disclose>(&engine, &driver, Category::Delivery).await.unwrap();
    assert_eq!(log.recorded().len(), 2 * each_time.len() + 2);
    assert!(log.recorded().iter().all(|record| !record.everyday));
}

#[tokio::test]
async fn an_everyday_look_is_recorded_once_a_day() {
    let log = MemoryLog::new();
    let engine = load(&log).await;
    let everyday = [Category::Identity, Category::Rota, Category::Task, Category::Help];

    let first = friend_with(&everyday, Tier::Trusted);
    for category in everyday {
        outcome::<Disclose>(&engine, &first, category).await.unwrap();
    }
    assert_eq!(log.recorded().len(), everyday.len());
    assert!(log.recorded().iter().all(|record| record.everyday && record.allowed));

    let later = Facts { everyday_recorded: true, ..first };
    for category in everyday {
        outcome::<Disclose>(&engine, &later, category).await.unwrap();
    }
    assert_eq!(log.recorded().len(), everyday.len());
}

#[tokio::test]
async fn lists_and_own_slots_are_not_recorded() {
    let log = MemoryLog::new();
    let engine = load(&log).await;
    let patient = member(Standing::Patient, Tier::Fresh);

    outcome::<Disclose>(&engine, &patient, Category::Slot).await.unwrap();
    outcome::<Disclose>(&engine, &patient, Category::People).await.unwrap();
    outcome::<List>(&engine, &patient, Category::People).await.unwrap();
    outcome::<Review>(&engine, &patient, Category::Looks).await.unwrap();

    assert_eq!(log.recorded(), []);
}

#[tokio::test]
async fn a_copy_is_recorded_before_it_leaves() {
    let log = MemoryLog::new();
    let engine = load(&log).await;
    let patient = member(Standing::Patient, Tier::Fresh);

    outcome::<Export>(&engine, &patient, Category::Care).await.unwrap();

    let actions: Vec<Action> = log.recorded().iter().map(|record| record.action).collect();
    assert_eq!(actions, [Action::Export]);
}

#[tokio::test]
async fn a_change_carries_its_record_to_the_transaction() {
    let log = MemoryLog::new();
    let engine = load(&log).await;
    let scope = scope();
    let carer = Facts {
        grants: CategorySet::EMPTY.with(Category::News),
        ..member(Standing::Carer, Tier::Fresh)
    };

    let permit = engine.authorize::<Contribute>(&scope, &carer, Category::News).await.unwrap();
    let naming = engine.authorize::<Name>(&scope, &carer, Category::People).await.unwrap();

    assert_eq!(log.recorded(), []);
    let record = permit.record();
    assert_eq!(record.id, permit.decision());
    assert_eq!((record.category, record.action), (Category::News, Action::Contribute));
    assert_eq!((record.basis, record.allowed, record.everyday), (Basis::Grant, true, false));
    assert_eq!(record.rules, "who:205 sure:417 state:202");
    assert_ne!(naming.record().id, record.id);
    assert_eq!(permit.facts(), &carer);
}

#[tokio::test]
async fn a_log_that_fails_gives_no_permit() {
    let log = MemoryLog::broken();
    let engine = load(&log).await;
    let patient = member(Standing::Patient, Tier::Fresh);
    let unrecorded = Err(Refused::Record(RecordError));

    for category in [Category::Address, Category::Rota, Category::Care] {
        assert_eq!(outcome::<Disclose>(&engine, &patient, category).await, unrecorded);
    }
    assert_eq!(outcome::<Export>(&engine, &patient, Category::News).await, unrecorded);

    // What needs no record first goes on: of a change, the unit of work writes the record.
    let later = Facts { everyday_recorded: true, ..patient };
    assert_eq!(outcome::<Disclose>(&engine, &later, Category::Rota).await, Ok(()));
    assert_eq!(outcome::<Amend>(&engine, &later, Category::Rota).await, Ok(()));
}

/// A log that never finishes writing.
#[derive(Default)]
struct StuckLog(MemoryLog);

#[async_trait]
impl DecisionLog for StuckLog {
    async fn record(&self, _: DecisionRecord) -> Result<(), RecordError> {
        std::future::pending().await
    }

    fn note_refusal(&self, record: DecisionRecord) {
        self.0.note_refusal(record);
    }
}

/// A refusal answers in the first poll, whatever the log does, and an opening does not.
#[tokio::test]
async fn a_refusal_does_not_wait_for_the_log() {
    let log = Arc::new(StuckLog::default());
    let engine = engine(Arc::<StuckLog>::clone(&log)).await.unwrap();
    let scope = scope();

    let friend = friend_with(&[], Tier::Fresh);
    let refused = poll_once(engine.authorize::<Disclose>(&scope, &friend, Category::Care));
    assert!(matches!(refused, Some(Err(Refused::Denied))));

    let patient = member(Standing::Patient, Tier::Fresh);
    let opened = poll_once(engine.authorize::<Disclose>(&scope, &patient, Category::Care));
    assert!(opened.is_none(), "a permit was given before its record was written");

    let refusals = log.0.refused();
    assert_eq!(refusals.len(), 1);
    assert!(!refusals[0].allowed);
    assert_eq!(refusals[0].rules, "who:- sure:501 state:203");
}

/// The answer of one poll, if there is one.
fn poll_once<F: Future>(future: F) -> Option<F::Output> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => Some(answer),
        Poll::Pending => None,
    }
}

#[tokio::test]
async fn asking_for_a_surer_session_is_the_same_for_all_and_written_nowhere() {
    let log = MemoryLog::new();
    let engine = load(&log).await;

    for facts in [
        friend_with(&[Category::Care], Tier::Trusted),
        friend_with(&[], Tier::Trusted),
        Facts { state: CircleState::Frozen, ..friend_with(&[], Tier::Trusted) },
    ] {
        assert_eq!(
            outcome::<Disclose>(&engine, &facts, Category::Care).await,
            Err(Refused::StepUp(Tier::Fresh))
        );
    }

    assert_eq!(log.recorded(), []);
    assert_eq!(log.refused(), []);
}

#[tokio::test]
async fn a_refusal_is_noted() {
    let log = MemoryLog::new();
    let engine = load(&log).await;
    let stranger = Facts::stranger(organisation(), Owner::Circle(circle()), CircleState::Active);

    assert_eq!(outcome::<Take>(&engine, &stranger, Category::Slot).await, Err(Refused::Denied));
    assert_eq!(outcome::<Erase>(&engine, &stranger, Category::Rota).await, Err(Refused::Denied));

    assert_eq!(log.recorded(), []);
    let rules: Vec<String> = log.refused().into_iter().map(|record| record.rules).collect();
    assert_eq!(rules, ["who:- sure:- state:-"; 2]);
}

#[tokio::test]
async fn facts_that_contradict_each_other_are_refused() {
    let log = MemoryLog::new();
    let engine = load(&log).await;
    let circle_without_state =
        Facts { state: CircleState::NoCircle, ..member(Standing::Coordinator, Tier::Fresh) };
    let organisation_with_state = Facts {
        owner: Owner::Organisation(organisation()),
        ..member(Standing::Patient, Tier::Fresh)
    };

    for facts in [circle_without_state, organisation_with_state] {
        assert_eq!(
            outcome::<List>(&engine, &facts, Category::Oversight).await,
            Err(Refused::Denied)
        );
        assert!(!engine.may::<Remove>(&facts, Category::People));
    }
    assert_eq!(log.refused().len(), 2);
}

#[tokio::test]
async fn a_permit_covers_one_owner_one_category_and_of_details_one_row() {
    let log = MemoryLog::new();
    let engine = load(&log).await;
    let scope = scope();
    let here = Owner::Circle(circle());
    let elsewhere = Owner::Circle(CircleId::from_uuid(Uuid::from_u128(9)));
    let patient = member(Standing::Patient, Tier::Fresh);
    let permit = engine.authorize::<Disclose>(&scope, &patient, Category::News).await.unwrap();
    assert!(permit.covers(here, Category::News));
    assert!(!permit.covers(here, Category::Care));
    assert!(!permit.covers(elsewhere, Category::News));

    let (own, other) = (Uuid::from_u128(3), Uuid::from_u128(4));
    let owner = Owner::Organisation(organisation());
    let oneself = Facts {
        standing: Standing::Oneself,
        tier: Tier::SignedIn,
        ..Facts::stranger(organisation(), owner, CircleState::NoCircle)
    };
    let unbound = engine.authorize::<Disclose>(&scope, &oneself, Category::Contact).await.unwrap();
    assert!(!unbound.covers_row(owner, Category::Contact, own));
    let oneself = oneself.about(own);
    let bound = engine.authorize::<Disclose>(&scope, &oneself, Category::Contact).await.unwrap();
    assert!(bound.covers_row(owner, Category::Contact, own));
    assert!(!bound.covers_row(owner, Category::Contact, other));
}

#[tokio::test]
async fn may_decides_as_authorize_does_and_writes_nothing() {
    let log = MemoryLog::new();
    let engine = load(&log).await;
    let friend = friend_with(&[Category::News], Tier::Trusted);

    assert!(engine.may::<Disclose>(&friend, Category::News));
    assert!(engine.may::<Contribute>(&friend, Category::News));
    assert!(!engine.may::<Disclose>(&friend, Category::Address));
    assert!(!engine.may::<Disclose>(&friend, Category::Care));
    assert!(!engine.may::<Name>(&friend, Category::People));

    assert_eq!(log.recorded(), []);
    assert_eq!(log.refused(), []);
}

#[tokio::test]
async fn the_program_reads_what_a_mail_needs() {
    let log = MemoryLog::new();
    let engine = load(&log).await;
    let organisation = organisation();
    let circle = Facts::job(organisation, Owner::Circle(circle()), CircleState::Active);
    let office = Facts::job(organisation, Owner::Organisation(organisation), CircleState::NoCircle);

    assert!(engine.may::<Disclose>(&circle, Category::Slot));
    assert!(engine.may::<Disclose>(&circle, Category::Introduction));
    assert!(engine.may::<Disclose>(&office, Category::Contact));
    assert!(!engine.may::<Disclose>(&circle, Category::Identity));
    let frozen = Facts { state: CircleState::Frozen, ..circle };
    assert!(!engine.may::<Disclose>(&frozen, Category::Slot));
}

#[tokio::test]
async fn a_permit_prints_action_category_and_decision_only() {
    let log = MemoryLog::new();
    let engine = load(&log).await;
    let scope = scope();
    let patient = member(Standing::Patient, Tier::Fresh);
    let permit = engine.authorize::<Disclose>(&scope, &patient, Category::Slot).await.unwrap();
    let id = permit.decision();
    assert_eq!(
        format!("{permit:?}"),
        format!("Permit {{ action: \"disclose\", category: \"slot\", decision: {id:?}, .. }}")
    );
}
