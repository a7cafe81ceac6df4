//! Everybody chooses which mails come and when: signed in, or through the link in any mail.

use kith_domain::{MailChoice, MailKind, MemberRole, ReminderChoice, SendingHours};
use kith_store::Slot;
use kith_tests::clock::wall;
use kith_tests::world::Member;
use kith_tests::{Sink, TestDatabase, World, both};
use tokio_util::sync::CancellationToken;

use crate::requests::{OWN_FORM, path_of, send};

/// Ann has promised Tuesday at two; it is Sunday, and a mail has come.
struct Promised {
    world: World,
    ann: Member,
    slot: Slot,
    /// Path of the link to the choice of mails.
    settings: String,
}

impl Promised {
    async fn new(database: &TestDatabase) -> Self {
        let world = World::at(database, "2026-11-22T09:00:00Z").await;
        let circle = world.circle("Heron").await;
        let ann = world.member(circle, MemberRole::Friend, "ann").await;
        let slot = world.slot(circle, "2026-11-24", "14:00", 1).await;
        world.ask(&slot, &ann).await;
        let sink = Sink::open();
        world.app.deliver_due(&world.delivery(&sink), &CancellationToken::new()).await.unwrap();
        let text = sink.accepted().remove(0).read().text;
        let link = text.lines().find(|line| line.contains("/e-mails/")).unwrap().to_owned();
        world.promise(&slot, &ann).await;
        Self { settings: path_of(&link).to_owned(), world, ann, slot }
    }

    async fn choice(&self) -> MailChoice {
        let snapshot = self.world.store.snapshot(self.world.organisation).await.unwrap();
        snapshot.person(self.ann.place.person).await.unwrap().mail
    }

    async fn save(&self, fields: &str) -> u16 {
        let receipt = self.world.app.new_receipt().0;
        let body = format!("receipt={receipt}&{fields}");
        let answer = send(&self.world, "POST", &self.settings, OWN_FORM, Some(&body)).await;
        answer.status
    }

    /// When the reminders are due that still wait.
    async fn due(&self) -> Vec<i64> {
        self.world.app.plan_reminders().await.unwrap();
        let mut mails = self.world.mails().await;
        mails.retain(|mail| mail.kind == "reminder" && mail.state == "planned");
        mails.iter().map(|mail| mail.next_at).collect()
    }
}

/// What everybody here wants at first.
const USUAL: MailChoice = MailChoice { confirmed: false, ..MailChoice::ORDINARY };
const AS_IT_WAS: &str = "day_before=18&hours_before=2&from=8&until=20&asked=yes&calendar=yes";

both! {
    async fn following_the_link_shows_the_choice_and_changes_nothing(database) {
        let promised = Promised::new(database).await;
        for _ in 0..20 {
            let page = send(&promised.world, "GET", &promised.settings, &[], None).await;
            assert_eq!(page.status, 200);
            assert_eq!(page.header("set-cookie"), "");
            for words in ["Heron", "ann@", "Somebody", "2pm to", "mail.example", "/c/", "/s/"] {
                assert!(!page.body.contains(words), "{words} in {}", page.body);
            }
        }
        assert_eq!(promised.choice().await, USUAL);
    }

    async fn what_is_chosen_there_is_saved_once(database) {
        let promised = Promised::new(database).await;
        let chosen = "day_before=9&morning=yes&hours_before=4&from=9&until=17";
        assert_eq!(promised.save(chosen).await, 303);
        let expected = MailChoice {
            reminders: ReminderChoice::new(Some(9), true, Some(4)).unwrap(),
            hours: SendingHours::new(9, 17).unwrap(),
            daily: None,
            asked: false,
            confirmed: false,
            week_ahead: false,
            calendar: false,
            stopped: false,
        };
        assert_eq!(promised.choice().await, expected);
        let receipt = promised.world.app.new_receipt().0;
        let world = &promised.world;
        for fields in [AS_IT_WAS, chosen] {
            let body = format!("receipt={receipt}&{fields}");
            let answer = send(world, "POST", &promised.settings, OWN_FORM, Some(&body)).await;
            assert_eq!(answer.status, 303);
            assert_eq!(promised.choice().await, USUAL, "the first sending counts");
        }
    }

    async fn what_the_page_does_not_offer_is_refused(database) {
        let promised = Promised::new(database).await;
        for fields in [
            "",
            "day_before=7&from=8&until=20",
            "day_before=18&hours_before=9&from=8&until=20",
            "from=7&until=20",
            "from=8&until=24",
            "from=x&until=20",
        ] {
            assert_eq!(promised.save(fields).await, 422, "{fields}");
        }
        assert_eq!(promised.choice().await, USUAL);
        let world = &promised.world;
        let from_elsewhere = [("origin", "https://evil.example")];
        let body = Some("receipt=0&from=8&until=20");
        let answer = send(world, "POST", &promised.settings, &from_elsewhere, body).await;
        assert_eq!(answer.status, 403, "only stopping all mails may come from elsewhere");
    }

    async fn the_link_opens_nothing_else(database) {
        let promised = Promised::new(database).await;
        let rest = promised.settings.strip_prefix("/e-mails/").unwrap();
        for path in [format!("/s/{rest}"), format!("/stop/{rest}"), format!("/s/{rest}/cannot")] {
            let answer = send(&promised.world, "GET", &path, &[], None).await;
            assert_eq!(answer.status, 404, "{path}");
        }
        let mail = promised.world.only_mail(MailKind::SomebodyNeeded).await.id;
        for purpose in ["slot", "stop"] {
            let token = promised.world.vault.link_token(purpose, mail, 0);
            let path = format!("/e-mails/{mail}/{}", token.as_str());
            assert_eq!(send(&promised.world, "GET", &path, &[], None).await.status, 404);
        }
    }

    async fn the_link_of_a_mail_of_long_ago_is_dead(database) {
        let promised = Promised::new(database).await;
        let world = &promised.world;
        world.now_is("2027-02-20T08:59:00Z");
        assert_eq!(send(world, "GET", &promised.settings, &[], None).await.status, 200);
        world.now_is("2027-02-20T09:01:00Z");
        assert_eq!(send(world, "GET", &promised.settings, &[], None).await.status, 404);
        assert_eq!(promised.save(AS_IT_WAS).await, 404);
    }

    async fn reminders_follow_the_choice_before_and_after_they_are_planned(database) {
        let promised = Promised::new(database).await;
        promised.world.now_is("2026-11-23T07:00:00Z");
        let at = |times: &[&str]| times.iter().map(|at| wall(at).as_second()).collect::<Vec<_>>();
        assert_eq!(promised.due().await, at(&["2026-11-23T18:00", "2026-11-24T12:00"]));
        promised.save("day_before=9&hours_before=4&from=8&until=20").await;
        assert_eq!(promised.due().await, at(&["2026-11-23T09:00", "2026-11-24T10:00"]));
        promised.save("day_before=&hours_before=4&from=11&until=16").await;
        let sink = Sink::open();
        let delivery = promised.world.delivery(&sink);
        promised.world.now_is("2026-11-23T09:00:00Z");
        promised.world.app.deliver_due(&delivery, &CancellationToken::new()).await.unwrap();
        assert_eq!(sink.handed(), [], "the one of the day before is not wanted any more");
        assert_eq!(promised.due().await, at(&["2026-11-23T15:00"]), "ten o'clock is too early");
        promised.save(AS_IT_WAS).await;
        assert_eq!(promised.due().await, at(&["2026-11-23T18:00", "2026-11-24T12:00"]));
    }

    async fn a_reminder_that_was_sent_does_not_come_again_at_another_hour(database) {
        let promised = Promised::new(database).await;
        let world = &promised.world;
        world.now_is("2026-11-23T10:00:00Z");
        world.app.plan_reminders().await.unwrap();
        world.now_is("2026-11-23T18:00:00Z");
        let sink = Sink::open();
        let (delivery, stop) = (world.delivery(&sink), CancellationToken::new());
        world.app.deliver_due(&delivery, &stop).await.unwrap();
        promised.save("day_before=19&hours_before=&from=8&until=20").await;
        world.app.plan_reminders().await.unwrap();
        world.now_is("2026-11-23T19:00:00Z");
        world.app.deliver_due(&delivery, &stop).await.unwrap();
        assert_eq!(sink.accepted().len(), 1);
    }

    async fn whoever_wants_mail_later_gets_it_later(database) {
        let promised = Promised::new(database).await;
        promised.save("day_before=18&hours_before=2&from=11&until=20&asked=yes").await;
        let world = &promised.world;
        world.now_is("2026-11-23T09:00:00Z");
        let circle = promised.slot.circle;
        let ruth = world.member(circle, MemberRole::Carer, "ruth").await;
        let other = world.slot(circle, "2026-11-26", "14:00", 1).await;
        for member in [&promised.ann, &ruth] {
            world.ask(&other, member).await;
        }
        let sink = Sink::open();
        let (delivery, stop) = (world.delivery(&sink), CancellationToken::new());
        world.app.deliver_due(&delivery, &stop).await.unwrap();
        let to = |sink: &Sink| sink.accepted().into_iter().map(|mail| mail.to).collect::<Vec<_>>();
        assert_eq!(to(&sink), ["ruth@mail.example"]);
        world.now_is("2026-11-23T11:00:00Z");
        world.app.deliver_due(&delivery, &stop).await.unwrap();
        assert_eq!(to(&sink), ["ruth@mail.example", "ann@mail.example"]);
    }

    async fn whoever_does_not_want_to_be_asked_is_not(database) {
        let promised = Promised::new(database).await;
        promised.save("day_before=18&hours_before=2&from=8&until=20").await;
        let world = &promised.world;
        let other = world.slot(promised.slot.circle, "2026-11-26", "14:00", 1).await;
        let snapshot = world.store.snapshot(world.organisation).await.unwrap();
        let now = wall("2026-11-22T09:00");
        let may_be_asked = snapshot.may_be_asked(&other, now).await.unwrap();
        let ann = promised.ann.place.person;
        let by_mail: Vec<_> =
            may_be_asked.iter().map(|member| (member.person, member.by_mail)).collect();
        assert_eq!(by_mail, [(ann, false)], "she may be asked, and no mail is planned");
        snapshot.end();
        world.ask(&other, &promised.ann).await;
        let sink = Sink::open();
        world.app.deliver_due(&world.delivery(&sink), &CancellationToken::new()).await.unwrap();
        assert_eq!(sink.handed(), [], "and one that was planned before ends");
    }

    async fn a_reminder_that_comes_the_evening_before_says_nothing_of_soon(database) {
        let promised = Promised::new(database).await;
        let world = &promised.world;
        let early = world.slot(promised.slot.circle, "2026-11-25", "08:30", 1).await;
        let reminders =
            ReminderChoice { day_before: None, morning: false, hours_before: Some(2) };
        let choice = MailChoice { reminders, ..USUAL };
        let ann = promised.ann.place.person;
        world.write(async |unit| unit.put_mail_choice(ann, choice).await).await;
        world.promise(&early, &promised.ann).await;
        let sink = Sink::open();
        for (now, soon) in [("2026-11-24T12:00:00Z", true), ("2026-11-24T18:00:00Z", false)] {
            world.now_is(now);
            world.app.plan_reminders().await.unwrap();
            world.app.deliver_due(&world.delivery(&sink), &CancellationToken::new()).await.unwrap();
            let text = sink.accepted().pop().unwrap().read().text;
            assert_eq!(text.contains("It starts soon"), soon, "{text}");
        }
        assert_eq!(sink.accepted().len(), 2);
    }
}
