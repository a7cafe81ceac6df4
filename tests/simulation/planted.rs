//! The oracle finds what it is there to find: each fault is that of a program that forgot one thing,
//! planted in runs that are sound without it.

use kith_domain::Clock as _;
use kith_domain::ids::MailId;
use kith_store::StoreError;
use kith_tests::World;
use uuid::Uuid;

use crate::chance::Chance;
use crate::judge::Problem;
use crate::people;
use crate::run::{Plan, run};
use crate::town::Town;

/// What a program forgets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A worker that hands over what it did not mark as being sent.
    ForgetsToMark,
    /// A worker that marks a mail as sent before it is.
    MarksSentBefore,
    /// A worker that read who wants the mail long before it hands it over.
    ReadsTooEarly,
    /// A worker that dates each attempt anew.
    DatesAnew,
    /// A worker that hands over what it was told was taken.
    HandsOverTwice,
    /// A worker that looks at the clock too early.
    LooksTooEarly,
    /// A worker that gives up without a word.
    GivesUp,
    /// A planner that leaves reminders out.
    LeavesOut,
    /// A roller that leaves days out.
    SkipsDays,
    /// A roller that counts in hours across the change of the clocks.
    CountsHours,
}

impl Fault {
    pub(crate) async fn before(self, town: &Town, mail: Uuid, bytes: &mut Vec<u8>) {
        let world = &town.world;
        match self {
            Self::ForgetsToMark => put_state(world, mail, "claimed").await,
            Self::MarksSentBefore => put_state(world, mail, "sent").await,
            Self::ReadsTooEarly => {
                let chance = Chance::of(u64::from(mail.as_bytes()[0]));
                drop(people::remove(town, &chance).await);
            }
            Self::DatesAnew => bytes.extend(world.clock.now().to_string().into_bytes()),
            Self::LooksTooEarly if mail.as_bytes()[0].is_multiple_of(4) => {
                world.clock.advance(86_400);
            }
            _ => {}
        }
    }

    pub(crate) async fn after(self, town: &Town, mail: Uuid) {
        match self {
            Self::ForgetsToMark => put_state(&town.world, mail, "sending").await,
            Self::GivesUp if mail.as_bytes()[0].is_multiple_of(2) => {
                put_state(&town.world, mail, "cancelled").await;
            }
            _ => {}
        }
    }

    /// What a planner or a roller does wrong after a look.
    pub(crate) async fn after_planning(self, world: &World) {
        match self {
            Self::LeavesOut => {
                world
                    .plant(
                        "DELETE FROM outbox WHERE state = 'planned' AND kind = 'reminder' \
                         AND substr(hex(id), 1, 1) < '8'",
                    )
                    .await;
            }
            Self::SkipsDays => {
                world
                    .plant(
                        "DELETE FROM slot WHERE substr(hex(id), 1, 1) < '4' \
                         AND NOT EXISTS (SELECT 1 FROM claim WHERE claim.slot_id = slot.id) \
                         AND NOT EXISTS (SELECT 1 FROM ask WHERE ask.slot_id = slot.id) \
                         AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.slot_id = slot.id)",
                    )
                    .await;
            }
            // The last Sunday of March 2027, at 1am.
            Self::CountsHours => {
                world
                    .plant(
                        "UPDATE slot SET starts_at = starts_at + 3600, ends_at = ends_at + 3600 \
                         WHERE revision = 0 AND starts_at > 1806195600 \
                         AND (starts_at + 3600) % 86400 = (SELECT CAST(substr(start_time, 1, 2) \
                           AS INTEGER) * 3600 + CAST(substr(start_time, 4, 2) AS INTEGER) * 60 \
                           FROM task WHERE task.id = slot.task_id) % 86400",
                    )
                    .await;
            }
            _ => {}
        }
    }

    fn is_found_as(self, problem: &Problem) -> bool {
        match self {
            Self::ForgetsToMark => matches!(problem, Problem::NotMarked(..)),
            Self::MarksSentBefore => matches!(problem, Problem::SentWithoutCopy(_)),
            Self::ReadsTooEarly => matches!(problem, Problem::Unwanted(..)),
            Self::DatesAnew => matches!(problem, Problem::Altered(_)),
            Self::HandsOverTwice => matches!(problem, Problem::Repeated(_)),
            Self::LooksTooEarly => matches!(problem, Problem::TooLate(_)),
            Self::GivesUp => matches!(problem, Problem::NotSent(..) | Problem::GivenUp(..)),
            Self::LeavesOut => matches!(problem, Problem::Missing(_)),
            Self::SkipsDays => matches!(problem, Problem::NoSlot(_)),
            Self::CountsHours => matches!(problem, Problem::WrongHour(_)),
        }
    }
}

/// Does to a row what a broken worker would.
async fn put_state(world: &World, mail: Uuid, state: &str) {
    let there = world
        .write(async |unit| {
            Ok::<_, StoreError>(unit.mail(MailId::from_uuid(mail)).await?.is_some())
        })
        .await;
    assert!(there, "the mail has a row");
    let id = mail.simple();
    world
        .plant(&format!("UPDATE outbox SET state = '{state}' WHERE hex(id) = upper('{id}')"))
        .await;
}

/// Seeds that are tried until the fault is found.
const SEEDS: u64 = 4;

macro_rules! found {
    ($( $name:ident: $fault:ident ),+ $(,)?) => { $(
        #[tokio::test]
        async fn $name() {
            is_found(Fault::$fault).await;
        }
    )+ };
}

found! {
    a_worker_that_forgets_to_mark_is_found: ForgetsToMark,
    a_worker_that_marks_sent_before_is_found: MarksSentBefore,
    a_worker_that_reads_too_early_is_found: ReadsTooEarly,
    a_worker_that_dates_each_attempt_anew_is_found: DatesAnew,
    a_worker_that_hands_over_twice_is_found: HandsOverTwice,
    a_worker_that_looks_at_the_clock_too_early_is_found: LooksTooEarly,
    a_worker_that_gives_up_is_found: GivesUp,
    a_planner_that_leaves_reminders_out_is_found: LeavesOut,
    a_roller_that_skips_days_is_found: SkipsDays,
    a_roller_that_counts_hours_is_found: CountsHours,
}

async fn is_found(fault: Fault) {
    let mut others = Vec::new();
    for seed in 1..=SEEDS {
        let outcome = run(Plan { seed, fault: Some(fault), ..Plan::SHORT }).await;
        if outcome.problems.iter().any(|problem| fault.is_found_as(problem)) {
            return;
        }
        others.extend(outcome.problems);
    }
    panic!("{fault:?} was not found; but {others:#?}");
}
