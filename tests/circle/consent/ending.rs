//! When nobody has to answer any more: it stays where it was.

use kith_app::{ChangeOutcome, CircleChange, MoveOutcome, SettleMove, TakeOff, Touching};
use kith_domain::ProposedMoveState;
use kith_tests::both;

use super::pair::{NEW, OLD, Pair, names};
use crate::house::{Sure, receipt};

both! {
    async fn without_an_answer_in_time_it_stays(database) {
        let pair = Pair::asked(database).await;
        let question = pair.question().await;
        pair.says(&pair.tom, true).await;
        // A day before the earlier of the two starts.
        pair.house.clock.advance(8 * 86_400 + 3_600);
        let carer = pair.seen_by(&pair.house.carer).await.unwrap();
        assert!(carer.lapsed);
        assert_eq!(carer.waiting, names(&["Joan"]));
        assert!(!pair.seen_by(&pair.joan).await.unwrap().asks_you);
        let visit = pair.house.visit(&pair.joan, Sure::Trusted).await;
        let (circle, answer) = (pair.house.circle, (question, true));
        let said = pair.house.app.answer_move(&visit, circle, pair.slot, answer, receipt()).await;
        assert_eq!(said.unwrap(), MoveOutcome::Over);
        // Nor does it move when the one who did not answer is not there any more.
        pair.give_back(&pair.joan).await;
        assert_eq!(pair.starts().await, OLD);
    }

    async fn a_question_that_is_taken_back_moves_nothing(database) {
        let pair = Pair::asked(database).await;
        let question = pair.question().await;
        pair.says(&pair.tom, true).await;
        assert_eq!(pair.settle(SettleMove::Withdraw).await.unwrap(), MoveOutcome::Stays);
        pair.is_over(question, ProposedMoveState::Withdrawn).await;
    }

    async fn whoever_gives_it_back_is_waited_for_no_longer(database) {
        let pair = Pair::asked(database).await;
        pair.says(&pair.tom, true).await;
        pair.give_back(&pair.joan).await;
        assert_eq!(pair.starts().await, NEW, "everybody who promises it said yes");
    }

    async fn the_question_ends_with_the_last_promise(database) {
        let pair = Pair::asked(database).await;
        let question = pair.question().await;
        pair.give_back(&pair.tom).await;
        pair.give_back(&pair.joan).await;
        pair.is_over(question, ProposedMoveState::Ended).await;
    }

    async fn the_question_ends_with_the_members(database) {
        let pair = Pair::asked(database).await;
        let question = pair.question().await;
        for who in [&pair.tom, &pair.joan] {
            let visit = pair.house.visit(who, Sure::Trusted).await;
            pair.house.app.leave_circle(&visit, pair.house.circle, receipt()).await.unwrap();
        }
        assert_eq!(pair.row(question).await.state, ProposedMoveState::Ended);
        assert_eq!(pair.starts().await, OLD);
    }

    async fn the_question_ends_when_the_circle_rests(database) {
        let pair = Pair::asked(database).await;
        let question = pair.question().await;
        let visit = pair.house.visit(&pair.house.carer, Sure::Fresh).await;
        let pause = CircleChange::Pause;
        let (circle, form) = (pair.house.circle, receipt());
        pair.house.app.change_circle_state(&visit, circle, pause, form).await.unwrap();
        pair.is_over(question, ProposedMoveState::Ended).await;
    }

    async fn the_question_ends_with_the_slot(database) {
        let pair = Pair::asked(database).await;
        let question = pair.question().await;
        let visit = pair.house.visit(&pair.house.carer, Sure::Fresh).await;
        let off = async |touching| {
            let (circle, which) = (pair.house.circle, TakeOff::This);
            let off = pair.house.app.take_off_rota(&visit, circle, pair.slot, which, touching, receipt());
            off.await.unwrap()
        };
        let ChangeOutcome::Asks(asks) = off(Touching::default()).await else { panic!("shown first") };
        off(Touching { promises: "change", seen: &asks.seen }).await;
        assert_eq!(pair.row(question).await.state, ProposedMoveState::Ended);
        let told = ["cancelled planned", "move_asked planned"];
        assert_eq!(pair.house.mails(&pair.tom).await, told, "that cannot wait for an answer");
    }
}
