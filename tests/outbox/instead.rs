//! The mail that asks whether what somebody promised may be at another time: what it says, and that it
//! is not sent once there is nothing to ask.

use kith_domain::ids::ProposedMoveId;
use kith_domain::proposed_move::lapses_at;
use kith_domain::{ClaimState, Clock as _, MailKind, MemberRole, ProposedMoveState};
use kith_store::{Claim, MailSubject, NewMail};
use kith_tests::{Sink, TestDatabase, World, both};
use tokio_util::sync::CancellationToken;

/// Ann has promised two slots and is asked about both in one mail.
struct Asked {
    world: World,
    claims: Vec<Claim>,
    questions: Vec<ProposedMoveId>,
}

impl Asked {
    async fn new(database: &TestDatabase, dates: usize) -> Self {
        let world = World::at(database, "2026-11-24T09:00:00Z").await;
        let circle = world.circle("Heron").await;
        let ann = world.member(circle, MemberRole::Friend, "ann").await;
        let ruth = world.member(circle, MemberRole::Carer, "ruth").await;
        let now = world.clock.now();
        let (mut slots, mut claims, mut questions) = (Vec::new(), Vec::new(), Vec::new());
        for date in ["2026-12-01", "2026-12-08"].iter().take(dates) {
            let slot = world.slot(circle, date, "10:00", 1).await;
            claims.push(world.promise(&slot, &ann).await);
            let times = (slot.starts.plus_hours(28), slot.ends.plus_hours(28));
            let lapses = lapses_at(now, slot.starts, times.0);
            let by = ruth.place.person;
            let question = world
                .write(async |unit| unit.add_proposed_move(&slot, by, times, lapses, now).await)
                .await;
            questions.push(question.id);
            slots.push(slot);
        }
        let ids: Vec<String> = questions.iter().map(|id| format!("\"{id}\"")).collect();
        let mail = NewMail {
            kind: MailKind::MoveAsked,
            dedupe: "move_asked".to_owned(),
            subject: MailSubject {
                person: Some(ann.place.person),
                circle: Some(circle),
                slot: Some(slots[0].id),
                ..MailSubject::default()
            },
            detail: format!("{{\"moves\":[{}]}}", ids.join(",")),
            due_at: now,
            useful_until: slots[0].starts.plus_days(7),
        };
        world.write(async |unit| unit.add_mail(&mail, now).await).await;
        Self { world, claims, questions }
    }

    async fn settle(&self, question: usize, to: ProposedMoveState) {
        let (id, now) = (self.questions[question], self.world.clock.now());
        assert!(self.world.write(async |unit| unit.settle_proposed_move(id, to, now).await).await);
    }

    async fn answer(&self, question: usize, yes: bool) {
        let (id, claim) = (self.questions[question], self.claims[question].id);
        let now = self.world.clock.now();
        self.world.write(async |unit| unit.answer_proposed_move(id, claim, yes, now).await).await;
    }

    /// The words of the mail; none when it is not sent, and how it ended.
    async fn sent(&self) -> (Option<(String, String)>, String) {
        let sink = Sink::open();
        let delivery = self.world.delivery(&sink);
        self.world.app.deliver_due(&delivery, &CancellationToken::new()).await.unwrap();
        let mails = sink.accepted();
        let unwrapped = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let said = mails.first().map(|mail| (mail.header("Subject"), unwrapped(mail.read().text)));
        (said, self.world.only_mail(MailKind::MoveAsked).await.ended())
    }
}

both! {
    async fn one_date_is_asked_with_old_and_new(database) {
        let asked = Asked::new(database, 1).await;
        let (said, _) = asked.sent().await;
        let (subject, text) = said.unwrap();
        assert_eq!(subject, "Can you help on Tuesday 1 December?");
        for words in [
            "Can it be Wednesday 2 December at 2pm instead of Tuesday 1 December at 10am?",
            "Wednesday 2 December, 2pm to 3pm",
            "Instead of: Tuesday 1 December, 10am to 11am",
            "Shopping",
            "Heron circle",
            "Nothing moves until you say yes.",
        ] {
            assert!(text.contains(words), "{words} in {text}");
        }
        assert_eq!(text.matches("/s/").count(), 1, "one link: {text}");
    }

    async fn several_dates_are_asked_in_one_mail(database) {
        let asked = Asked::new(database, 2).await;
        let (said, ended) = asked.sent().await;
        let (_, text) = said.unwrap();
        for words in [
            "Can these be at another time?",
            "Wednesday 2 December, 2pm to 3pm, instead of Tuesday 1 December, 10am to 11am",
            "Wednesday 9 December, 2pm to 3pm, instead of Tuesday 8 December, 10am to 11am",
        ] {
            assert!(text.contains(words), "{words} in {text}");
        }
        assert_eq!(text.matches("/s/").count(), 1, "one link: {text}");
        assert_eq!(ended, "sent: -");
    }

    async fn what_is_not_asked_any_more_is_left_out(database) {
        let asked = Asked::new(database, 2).await;
        asked.settle(0, ProposedMoveState::Withdrawn).await;
        let (said, _) = asked.sent().await;
        let (_, text) = said.unwrap();
        assert!(text.contains("Can it be Wednesday 9 December at 2pm"), "{text}");
        assert!(text.contains("8 December") && !text.contains("1 December"), "{text}");
    }

    async fn it_is_not_sent_once_there_is_nothing_to_ask(database) {
        let withdrawn = Asked::new(database, 1).await;
        withdrawn.settle(0, ProposedMoveState::Withdrawn).await;
        assert_eq!(withdrawn.sent().await, (None, "cancelled: superseded".to_owned()));
    }

    async fn nor_to_somebody_who_has_answered(database) {
        let asked = Asked::new(database, 1).await;
        asked.answer(0, false).await;
        assert_eq!(asked.sent().await, (None, "cancelled: superseded".to_owned()));
    }

    async fn nor_to_somebody_who_has_given_it_back(database) {
        let asked = Asked::new(database, 1).await;
        let now = asked.world.clock.now();
        let claim = &asked.claims[0];
        asked
            .world
            .write(async |unit| unit.put_claim_state(claim, ClaimState::Dropped, now).await)
            .await;
        assert_eq!(asked.sent().await, (None, "cancelled: superseded".to_owned()));
    }

    async fn nor_when_it_has_lapsed(database) {
        let asked = Asked::new(database, 1).await;
        asked.world.now_is("2026-11-30T10:30:00Z");
        assert_eq!(asked.sent().await, (None, "cancelled: superseded".to_owned()));
    }
}
