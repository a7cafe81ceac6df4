//! Everybody answers at once.

use std::sync::Arc;

use kith_app::{ChangeOutcome, Failure, MoveOutcome, SettleMove};
use kith_domain::ProposedMoveState;
use kith_tests::both;

use super::pair::{NEW, OLD, Pair, later};
use crate::house::{House, Sure, just_rota, receipt, shopping};

both! {
    async fn two_who_say_yes_at_once_move_it_once(database) {
        let mut pair = Pair::asked(database).await;
        for _ in 0..4 {
            let question = pair.question().await;
            let toms = pair.house.visit(&pair.tom, Sure::Trusted).await;
            let joans = pair.house.visit(&pair.joan, Sure::Trusted).await;
            let (one, other) = tokio::join!(pair.yes(&toms, question), pair.yes(&joans, question));
            let mut came = [one.unwrap(), other.unwrap()];
            came.sort_by_key(|came| *came == MoveOutcome::Moved);
            assert_eq!(came, [MoveOutcome::Waits, MoveOutcome::Moved]);
            let slot = pair.house.slot(pair.slot).await;
            assert_eq!((slot.starts.to_string().as_str(), slot.revision), (NEW, 1));
            pair.afresh().await;
        }
    }

    async fn a_yes_and_taking_back_at_once_are_one_or_the_other(database) {
        let mut pair = Pair::asked(database).await;
        for round in 0..6 {
            let question = pair.question().await;
            pair.says(&pair.joan, true).await;
            let toms = pair.house.visit(&pair.tom, Sure::Trusted).await;
            let (said, back) = if round % 2 == 0 {
                tokio::join!(pair.yes(&toms, question), pair.settle_that(question, SettleMove::Withdraw))
            } else {
                let (back, said) =
                    tokio::join!(pair.settle_that(question, SettleMove::Withdraw), pair.yes(&toms, question));
                (said, back)
            };
            let (said, state) = (said.unwrap(), pair.row(question).await.state);
            if said == MoveOutcome::Moved {
                assert!(matches!(back, Err(Failure::Changed)), "{back:?}");
                assert_eq!((state, pair.starts().await.as_str()), (ProposedMoveState::Moved, NEW));
            } else {
                assert_eq!((said, back.unwrap()), (MoveOutcome::Over, MoveOutcome::Stays));
                let withdrawn = ProposedMoveState::Withdrawn;
                assert_eq!((state, pair.starts().await.as_str()), (withdrawn, OLD));
            }
            pair.afresh().await;
        }
    }

    async fn a_yes_and_giving_back_at_once_are_one_after_the_other(database) {
        let mut pair = Pair::asked(database).await;
        for _ in 0..4 {
            let question = pair.question().await;
            pair.give_back(&pair.joan).await;
            let toms = pair.house.visit(&pair.tom, Sure::Trusted).await;
            let (said, ()) = tokio::join!(pair.yes(&toms, question), pair.give_back(&pair.tom));
            let state = pair.row(question).await.state;
            let slot = pair.house.slot(pair.slot).await;
            assert_eq!(slot.taken, 0);
            let (to, starts) = match said {
                Ok(MoveOutcome::Moved) => (ProposedMoveState::Moved, NEW),
                // Over, or the promise was gone before the slot was even read.
                Ok(MoveOutcome::Over) | Err(Failure::NotHere) => (ProposedMoveState::Ended, OLD),
                other => panic!("{other:?}"),
            };
            assert_eq!((state, slot.starts.to_string().as_str()), (to, starts));
            pair.afresh().await;
        }
    }

    async fn a_promise_that_is_being_made_is_not_moved_over(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let slot = house.task(shopping("2026-03-11"), false).await.remove(0);
        let visit = house.visit(&house.carer, Sure::Fresh).await;
        let app = Arc::clone(&house.app);
        let (circle, id, now) = (house.circle, slot.id, house.now());
        // The carer saves while Tom's yes is written and not yet committed.
        let saving = house
            .write(async |unit| {
                unit.take_place(&slot, tom.id, tom.person, now).await?.unwrap();
                let saving = tokio_util::task::TaskTracker::new().spawn(async move {
                    app.change_task(&visit, circle, id, &later("1"), receipt()).await
                });
                if database.is_postgres() {
                    house.until_somebody_waits().await;
                }
                Ok(saving)
            })
            .await;
        let came = saving.await.unwrap().unwrap();
        assert!(matches!(came, ChangeOutcome::Asks(_)), "it is shown whose promise it is: {came:?}");
        assert_eq!(house.slot(slot.id).await.starts.to_string(), OLD);
    }
}
