//! When nobody has to answer any more: it stays where it was.

use kith_app::{
    ChangeOutcome, CircleChange, MoveOutcome, SettleMove, TakeOff, TaskChange, Touching,
};
use kith_domain::repeat::Weekdays;
use kith_domain::{ProposedMoveState, RepeatInput};
use kith_tests::both;

use super::pair::{NEW, OLD, Pair, later, names};
use crate::house::{House, Sure, just_rota, receipt, shopping, weekly};

/// Every Wednesday from that hour on, for an hour.
fn all_at(start: &'static str) -> TaskChange<'static> {
    let end = match start {
        "10:00" => "11:00",
        "14:00" => "15:00",
        _ => "17:00",
    };
    let on = Some(Weekdays::only(jiff::civil::Weekday::Wednesday));
    let repeat = RepeatInput { comes: "weekly", every: "1", on, ..RepeatInput::default() };
    TaskChange { scope: "all", date: "2026-03-11", start, end, repeat, ..later("1") }
}

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

    async fn a_series_that_is_changed_back_asks_nothing_any_more(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        for (again, promises, said) in [
            ("10:00", "change", MoveOutcome::Over),
            ("16:00", "keep", MoveOutcome::Over),
            ("14:00", "keep", MoveOutcome::Moved),
        ] {
            let slots = house.task(weekly(shopping("2026-03-11")), false).await;
            let visit = house.visit(&tom, Sure::Trusted).await;
            house.app.take_slot(&visit, house.circle, slots[0].id, receipt()).await.unwrap();
            let carer = house.visit(&house.carer, Sure::Fresh).await;
            house.change(&carer, slots[0].id, &all_at("14:00")).await;
            let page = house.app.slot_page(&visit, house.circle, slots[0].id).await.unwrap();
            let question = page.slot.instead.unwrap().id;
            let first = all_at(again);
            let send = async |change: &TaskChange<'_>| {
                let circle = house.circle;
                house.app.change_task(&carer, circle, slots[0].id, change, receipt()).await.unwrap()
            };
            if let ChangeOutcome::Asks(asks) = send(&first).await {
                let touching = Touching { promises, seen: &asks.seen };
                assert!(matches!(send(&TaskChange { touching, ..first }).await, ChangeOutcome::Done));
            }
            let answer = (question, true);
            let came = house.app.answer_move(&visit, house.circle, slots[0].id, answer, receipt());
            assert_eq!(came.await.unwrap(), said, "{again}");
            let moved = house.slot(slots[0].id).await.starts != slots[0].starts;
            assert_eq!(moved, said == MoveOutcome::Moved);
        }
    }
}
