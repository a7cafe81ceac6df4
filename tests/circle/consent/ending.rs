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

    async fn whoever_was_asked_by_mail_is_told_that_it_stays(database) {
        let pair = Pair::asked(database).await;
        // Joan's mail is still to be sent: she need not hear of either.
        pair.house.mail_was_sent(&pair.tom, "move_asked").await;
        pair.settle(SettleMove::Withdraw).await.unwrap();
        assert_eq!(pair.house.mails(&pair.tom).await, ["move_asked sent", "told planned"]);
        assert_eq!(pair.house.mails(&pair.joan).await, ["move_asked planned"]);
        let told = pair.house.details(&pair.tom, "told").await;
        assert!(told[0].contains("move_stays"), "{told:?}");
    }

    async fn when_the_time_passes_whoever_waits_is_told_once(database) {
        let pair = Pair::asked(database).await;
        pair.says(&pair.tom, true).await;
        for who in [&pair.tom, &pair.joan] {
            pair.house.mail_was_sent(who, "move_asked").await;
        }
        let told = async |who| {
            let mails = pair.house.mails(who).await;
            mails.iter().filter(|mail| mail.starts_with("told")).count()
        };
        pair.house.clock.advance(8 * 86_400 - 60);
        pair.house.app.plan_reminders().await.unwrap();
        assert_eq!((told(&pair.tom).await, told(&pair.joan).await), (0, 0));
        pair.house.clock.advance(3_600 + 60);
        for _ in 0..2 {
            pair.house.app.plan_reminders().await.unwrap();
            assert_eq!((told(&pair.tom).await, told(&pair.joan).await), (1, 1));
        }
    }

    async fn whoever_said_no_may_still_be_thanked_and_is_told_nothing(database) {
        let pair = Pair::asked(database).await;
        pair.says(&pair.tom, false).await;
        pair.house.mail_was_sent(&pair.tom, "move_asked").await;
        pair.house.clock.advance(8 * 86_400 + 3_600);
        pair.house.app.plan_reminders().await.unwrap();
        let told = pair.house.details(&pair.tom, "told").await;
        assert!(told.is_empty(), "{told:?}");
    }

    async fn nobody_is_told_late_of_what_has_begun(database) {
        let pair = Pair::asked(database).await;
        pair.house.mail_was_sent(&pair.tom, "move_asked").await;
        pair.house.clock.advance(10 * 86_400);
        pair.house.app.plan_reminders().await.unwrap();
        let mails = pair.house.mails(&pair.tom).await;
        assert!(!mails.iter().any(|mail| mail.starts_with("told")), "{mails:?}");
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
