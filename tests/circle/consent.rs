//! A change never moves what somebody else has promised: they are asked, and it stays until they say
//! yes.

mod at_once;
mod ending;
mod pair;

use kith_app::{ChangeOutcome, Failure, MoveOutcome, SettleMove, TaskChange};
use kith_domain::{Disclosure, ProposedMoveState, RepeatInput, TaskInput, Timestamp};
use kith_store::Membership;
use kith_tests::both;

use crate::house::{House, Sure, just_rota, once, receipt, shopping, weekly};
pub(crate) use pair::later;
use pair::{NEW, OLD, Pair, names};

both! {
    async fn it_stays_where_it_was_until_everybody_says_yes(database) {
        let pair = Pair::asked(database).await;
        assert_eq!(pair.starts().await, OLD);
        let mut carer = pair.seen_by(&pair.house.carer).await.unwrap();
        carer.waiting.sort();
        assert_eq!(carer.waiting, names(&["Joan", "Tom"]));
        assert!(carer.may_settle && !carer.asks_you);
        let toms = pair.seen_by(&pair.tom).await.unwrap();
        assert!(toms.asks_you && !toms.may_settle && toms.waiting.is_empty(), "{toms:?}");
        let derek = pair.house.friend("Derek", just_rota()).await;
        assert_eq!(pair.seen_by(&derek).await, None, "it is between those who are concerned");
        assert_eq!(pair.house.mails(&pair.tom).await, ["move_asked planned"]);

        assert_eq!(pair.says(&pair.tom, true).await, MoveOutcome::Waits);
        assert_eq!(pair.starts().await, OLD);
        let carer = pair.seen_by(&pair.house.carer).await.unwrap();
        assert_eq!((carer.yes, carer.waiting), (names(&["Tom"]), names(&["Joan"])));
        assert_eq!(pair.says(&pair.joan, true).await, MoveOutcome::Moved);
        let slot = pair.house.slot(pair.slot).await;
        assert_eq!((slot.starts.to_string().as_str(), slot.revision, slot.taken), (NEW, 1, 2));
        assert_eq!(slot.date.to_string(), "2026-03-12");
        assert_eq!(pair.seen_by(&pair.house.carer).await, None);
        for who in [&pair.tom, &pair.joan] {
            let mails = pair.house.mails(who).await;
            assert_eq!(mails, ["changed planned", "move_asked planned"], "for the calendar");
        }
        assert_eq!(pair.house.mails(&pair.house.carer).await, ["told planned"]);
    }

    async fn reminders_hold_for_the_old_time_and_then_for_the_new(database) {
        let pair = Pair::asked(database).await;
        pair.house.clock.advance(7 * 86_400 + 8 * 3_600);
        pair.house.app.plan_reminders().await.unwrap();
        let reminders = async || {
            let all = pair.house.mails(&pair.tom).await;
            let planned = all.iter().filter(|mail| *mail == "reminder planned").count();
            (planned, all.iter().filter(|mail| *mail == "reminder cancelled").count())
        };
        assert_eq!(reminders().await, (2, 0), "the slot holds, with its reminders");
        pair.says(&pair.tom, true).await;
        pair.says(&pair.joan, true).await;
        pair.house.clock.advance(28 * 3_600);
        pair.house.app.plan_reminders().await.unwrap();
        assert_eq!(reminders().await, (2, 2), "those of the old time are not sent");
    }

    async fn one_no_leaves_it_and_the_carer_may_move_it_without_them(database) {
        let pair = Pair::asked(database).await;
        let question = pair.question().await;
        assert!(matches!(pair.settle(SettleMove::FreeAndMove).await, Err(Failure::Changed)));
        assert_eq!(pair.says(&pair.tom, false).await, MoveOutcome::Stays);
        assert_eq!(pair.starts().await, OLD);
        assert_eq!(pair.house.mails(&pair.house.carer).await, ["told planned"]);
        // Joan has not said yes: she is not moved either.
        pair.settle(SettleMove::FreeAndMove).await.unwrap();
        assert_eq!(pair.starts().await, OLD);
        assert_eq!(pair.house.slot(pair.slot).await.taken, 1);
        assert_eq!(pair.house.mails(&pair.tom).await, ["move_asked planned", "told planned"]);
        assert_eq!(pair.says(&pair.joan, true).await, MoveOutcome::Moved);
        assert_eq!(pair.starts().await, NEW);
        assert_eq!(pair.row(question).await.state, ProposedMoveState::Moved);
        assert_eq!(pair.house.slot(pair.slot).await.taken, 1);
    }

    async fn the_only_one_who_said_no_is_thanked_and_it_moves(database) {
        let pair = Pair::new(database).await;
        pair.give_back(&pair.joan).await;
        pair.ask().await;
        pair.says(&pair.tom, false).await;
        assert_eq!(pair.settle(SettleMove::FreeAndMove).await.unwrap(), MoveOutcome::Moved);
        let slot = pair.house.slot(pair.slot).await;
        assert_eq!((slot.starts.to_string().as_str(), slot.taken), (NEW, 0));
        let told = pair.house.details(&pair.tom, "told").await;
        let old: Timestamp = Timestamp::from_jiff(OLD.parse().unwrap());
        assert!(told[0].contains(&format!("\"old_starts\":{}", old.as_second())), "{told:?}");
    }

    async fn a_no_can_become_a_yes_while_it_is_asked(database) {
        let pair = Pair::asked(database).await;
        pair.says(&pair.tom, false).await;
        pair.says(&pair.joan, true).await;
        assert_eq!(pair.starts().await, OLD);
        assert_eq!(pair.says(&pair.tom, true).await, MoveOutcome::Moved);
        assert_eq!(pair.starts().await, NEW);
    }

    async fn a_yes_is_to_the_time_that_was_asked_and_to_no_other(database) {
        let pair = Pair::new(database).await;
        pair.give_back(&pair.joan).await;
        pair.ask().await;
        let first = pair.question().await;
        let visit = pair.house.visit(&pair.house.carer, Sure::Fresh).await;
        let evening = TaskChange { start: "19:00", end: "20:00", ..later("3") };
        pair.house.change(&visit, pair.slot, &evening).await;
        let toms = pair.house.visit(&pair.tom, Sure::Trusted).await;
        let (circle, slot) = (pair.house.circle, pair.slot);
        let said = pair.house.app.answer_move(&toms, circle, slot, (first, true), receipt()).await;
        assert_eq!(said.unwrap(), MoveOutcome::Over, "that form was about 2pm");
        assert_eq!(pair.starts().await, OLD);
        assert_eq!(pair.says(&pair.tom, true).await, MoveOutcome::Moved);
        assert_eq!(pair.starts().await, "2026-03-12T19:00:00Z");
    }

    async fn whoever_promises_meanwhile_is_asked_too(database) {
        let pair = Pair::asked(database).await;
        let derek = pair.house.friend("Derek", just_rota()).await;
        pair.take(&derek).await;
        assert_eq!(pair.house.mails(&derek).await, ["move_asked planned"]);
        pair.says(&pair.tom, true).await;
        assert_eq!(pair.says(&pair.joan, true).await, MoveOutcome::Waits);
        assert_eq!(pair.starts().await, OLD);
        assert_eq!(pair.says(&derek, true).await, MoveOutcome::Moved);
    }

    async fn what_the_carer_alone_promised_moves_at_once(database) {
        let house = House::new(database).await;
        let slots = house.task(weekly(shopping("2026-03-11")), false).await;
        let visit = house.visit(&house.carer, Sure::Fresh).await;
        house.app.take_slot(&visit, house.circle, slots[0].id, receipt()).await.unwrap();
        for slot in &slots[..2] {
            let day = slot.date.to_string();
            let change = TaskChange { date: &day, start: "14:00", end: "15:00", ..later("1") };
            let came = house.app.change_task(&visit, house.circle, slot.id, &change, receipt()).await;
            assert!(matches!(came.unwrap(), ChangeOutcome::Done));
            assert_eq!(house.slot(slot.id).await.starts.seconds_since(slot.starts), 4 * 3_600);
        }
    }

    async fn a_carer_who_lost_the_address_moves_no_task_that_tells_it(database) {
        let pair = Pair::new(database).await;
        pair.give_back(&pair.joan).await;
        let tells = Disclosure { address: true, help: false, entry: false };
        let visit = pair.house.visit(&pair.house.carer, Sure::Fresh).await;
        pair.house.change(&visit, pair.slot, &TaskChange { disclosure: tells, ..later("3") }).await;
        let question = pair.question().await;
        let carer = pair.house.carer.clone();
        pair.house.grant(&carer, just_rota()).await;
        assert_eq!(pair.says(&pair.tom, true).await, MoveOutcome::Over);
        assert_eq!(pair.row(question).await.state, ProposedMoveState::Ended);
        assert_eq!(pair.starts().await, OLD);
    }

    async fn whoever_has_no_e_mail_is_rung_and_answered_for(database) {
        let house = House::new(database).await;
        let alan = house.friend_without_mail("Alan", just_rota()).await;
        let tom = house.friend("Tom", just_rota()).await;
        let slot = house.task(TaskInput { places: "2", ..shopping("2026-03-11") }, false).await[0].id;
        let visit = house.visit(&house.carer, Sure::Fresh).await;
        let whom = once(&alan);
        house.app.take_for(&visit, house.circle, slot, whom, receipt()).await.unwrap();
        let toms = house.visit(&tom, Sure::Trusted).await;
        house.app.take_slot(&toms, house.circle, slot, receipt()).await.unwrap();
        house.change(&visit, slot, &later("2")).await;
        assert!(house.mails(&alan).await.is_empty());
        let more = house.app.slot_more(&visit, house.circle, slot).await.unwrap();
        assert_eq!(more.to_ring, [(alan.id, "Alan".to_owned())]);
        let page = house.app.slot_page(&visit, house.circle, slot).await.unwrap();
        let question = page.slot.instead.unwrap().id;
        let answer = async |member: &Membership| {
            let (whose, how) = ((slot, member.id), (question, true));
            house.app.answer_move_for(&visit, house.circle, whose, how, receipt()).await
        };
        let for_tom = answer(&tom).await;
        assert!(matches!(for_tom, Err(Failure::NotHere)), "Tom answers for himself: {for_tom:?}");
        assert_eq!(answer(&alan).await.unwrap(), MoveOutcome::Waits);
        assert_eq!(house.answer_move(&tom, slot, true).await, MoveOutcome::Moved);
        // Friends settle nothing.
        let how = (question, SettleMove::Withdraw);
        let refused = house.app.settle_move(&toms, house.circle, slot, how, receipt()).await;
        assert!(matches!(refused, Err(Failure::NotHere)), "{refused:?}");
    }

    async fn several_dates_are_asked_in_one_mail_and_answered_from_it(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let slots = house.task(weekly(shopping("2026-03-11")), false).await;
        let toms = house.visit(&tom, Sure::Trusted).await;
        for slot in &slots[..3] {
            house.app.take_slot(&toms, house.circle, slot.id, receipt()).await.unwrap();
        }
        let visit = house.visit(&house.carer, Sure::Fresh).await;
        let repeat = RepeatInput {
            comes: "weekly",
            every: "1",
            on: kith_domain::repeat::Weekdays::of([jiff::civil::Weekday::Wednesday]),
            ..RepeatInput::default()
        };
        let change = TaskChange { scope: "all", date: "2026-03-11", repeat, ..later("1") };
        house.change(&visit, slots[0].id, &change).await;
        assert_eq!(house.slot(slots[3].id).await.starts.seconds_since(slots[3].starts), 4 * 3_600);
        assert_eq!(house.mails(&tom).await, ["move_asked planned"]);

        let mail = house.only_mail_to(&tom).await;
        let token = house.slot_token(mail);
        let nobody = house.nobody().await;
        let behind = async || house.app.slot_by_link(&nobody, mail, &token).await.unwrap().moves;
        let moves = behind().await;
        assert_eq!(moves.len(), 3);
        assert!(moves.iter().all(|asked| asked.may_answer && asked.said.is_none()));
        assert_eq!(moves[0].is.0.to_string(), "2026-03-11T10:00:00");
        assert_eq!(moves[0].would_be.0.to_string(), "2026-03-11T14:00:00");
        let say = async |question, yes| {
            let form = receipt();
            let answer = (question, yes);
            house.app.answer_move_by_link(&nobody, mail, &token, answer, form).await.unwrap()
        };
        assert_eq!(say(Some(moves[1].id), false).await, MoveOutcome::Stays);
        assert_eq!(house.slot(slots[1].id).await.starts, slots[1].starts);
        assert_eq!(say(Some(moves[0].id), true).await, MoveOutcome::Moved);
        assert_eq!(house.slot(slots[2].id).await.starts, slots[2].starts, "not that one");
        assert_eq!(say(None, true).await, MoveOutcome::Moved);
        for slot in &slots[..3] {
            assert_eq!(house.slot(slot.id).await.starts.seconds_since(slot.starts), 4 * 3_600);
        }
        assert!(behind().await.is_empty());
        assert_eq!(say(None, true).await, MoveOutcome::Over);

        // Joan's link answers nothing that Tom was asked.
        let joan = house.friend("Joan", just_rota()).await;
        house.change(&visit, slots[0].id, &TaskChange { start: "16:00", end: "17:00", ..later("1") }).await;
        let question = house.app.slot_page(&visit, house.circle, slots[0].id).await.unwrap();
        let question = question.slot.instead.unwrap().id;
        house.app.ask_circle(&visit, house.circle, slots[4].id, receipt()).await.unwrap();
        let hers = house.only_mail_to(&joan).await;
        let token = house.slot_token(hers);
        let answer = (Some(question), true);
        let said = house.app.answer_move_by_link(&nobody, hers, &token, answer, receipt()).await;
        assert_eq!(said.unwrap(), MoveOutcome::Over);
    }
}
