//! An address that the mail server refuses is marked in the transaction that ends the mail, and a
//! refusal that is about something else marks nobody.

use kith_domain::ids::PersonId;
use kith_domain::{Clock as _, ComesBack, LearntBy, MailKind, MemberRole};
use kith_mail::DeliveryError;
use kith_tests::world::link_parts;
use kith_tests::{Sink, TestDatabase, World, both};

use crate::asked::Asked;

const NO_SUCH_MAILBOX: DeliveryError = DeliveryError::Refused { code: 550, address: true };

async fn mark(world: &World, person: PersonId) -> Option<ComesBack> {
    world.write(async |unit| unit.mail_comes_back(person).await).await
}

/// Ann, whose address the server refused when she was asked on Monday morning.
async fn refused(database: &TestDatabase) -> Asked {
    let asked = Asked::at(database, "2026-11-23T09:00:00Z").await;
    let sink = Sink::open();
    sink.answer([NO_SUCH_MAILBOX]);
    asked.look(&sink).await;
    asked
}

both! {
    async fn a_mailbox_that_is_not_there_is_marked_and_gets_codes_alone(database) {
        let asked = refused(database).await;
        let Asked { world, ann, slot } = &asked;
        let mail = world.only_mail(MailKind::SomebodyNeeded).await;
        assert_eq!(mail.ended(), "failed: refused_by_server");
        let since = world.clock.now();
        let marked = Some(ComesBack { since, by: LearntBy::Reply });
        assert_eq!(mark(world, ann.place.person).await, marked);
        world.promise(slot, ann).await;
        world.now_is("2026-11-23T18:00:00Z");
        world.app.plan_reminders().await.unwrap();
        let sink = Sink::open();
        asked.look(&sink).await;
        assert_eq!(sink.handed(), [], "no reminder pretends");
        let mut ended: Vec<_> = world.mails().await;
        ended.retain(|mail| mail.kind == "reminder" && mail.state != "planned");
        let ended: Vec<_> = ended.iter().map(kith_tests::mail_rows::MailRow::ended).collect();
        assert_eq!(ended, ["failed: bounced"], "where people see it");
        // A code is tried each time, and one that is refused again changes nothing.
        let visit = world.stranger().await;
        sink.answer([NO_SUCH_MAILBOX]);
        for accepted in [0, 1] {
            world.app.ask_code(&visit, &ann.address, false).await.unwrap();
            asked.look(&sink).await;
            assert_eq!(sink.accepted().len(), accepted);
            assert_eq!(mark(world, ann.place.person).await, marked, "sent is not read");
        }
    }

    async fn a_code_that_is_used_ends_the_mark(database) {
        let asked = refused(database).await;
        let Asked { world, ann, .. } = &asked;
        let visit = world.stranger().await;
        let browser = world.app.ask_code(&visit, &ann.address, false).await.unwrap();
        let sink = Sink::open();
        asked.look(&sink).await;
        let text = sink.accepted()[0].read().text;
        let code = text.lines().find(|line| line.trim().len() == 7 && line.contains(' ')).unwrap();
        world.app.check_code(&visit, browser.as_str(), code, false).await.unwrap();
        assert_eq!(mark(world, ann.place.person).await, None);
    }

    async fn policy_content_and_relaying_mark_nobody(database) {
        let asked = Asked::at(database, "2026-11-23T09:00:00Z").await;
        let sink = Sink::open();
        sink.answer([DeliveryError::Refused { code: 550, address: false }]);
        asked.look(&sink).await;
        let mail = asked.world.only_mail(MailKind::SomebodyNeeded).await;
        assert_eq!(mail.ended(), "failed: refused_by_server");
        assert_eq!(mark(&asked.world, asked.ann.place.person).await, None);
    }

    async fn a_relay_that_refuses_everybody_leaves_no_mark(database) {
        let asked = Asked::at(database, "2026-11-23T09:00:00Z").await;
        let Asked { world, ann, slot } = &asked;
        let mut people = vec![ann.place.person];
        for name in ["ben", "cat"] {
            let friend = world.member(slot.circle, MemberRole::Friend, name).await;
            world.ask(slot, &friend).await;
            people.push(friend.place.person);
        }
        let sink = Sink::open();
        sink.answer([NO_SUCH_MAILBOX; 3]);
        asked.look(&sink).await;
        assert!(world.app.relay_pause().is_some());
        for person in people {
            assert_eq!(mark(world, person).await, None);
        }
        assert!(world.mails().await.iter().all(|mail| mail.state == "retry"));
    }

    async fn whoever_was_refused_with_everybody_is_asked_once_that_day(database) {
        let asked = Asked::at(database, "2026-11-23T09:00:00Z").await;
        let Asked { world, ann, slot } = &asked;
        let later = world.slot(slot.circle, "2026-11-26", "14:00", 1).await;
        world.ask(&later, ann).await;
        for name in ["ben", "cat"] {
            let friend = world.member(slot.circle, MemberRole::Friend, name).await;
            world.ask(slot, &friend).await;
        }
        let sink = Sink::open();
        sink.answer([NO_SUCH_MAILBOX; 3]);
        asked.look(&sink).await;
        let until = world.app.relay_pause().expect("it refuses everybody").until;
        world.clock.set(until);
        for _ in 0..4 {
            asked.look(&sink).await;
        }
        let accepted = sink.accepted();
        let to_ann: Vec<_> = accepted.iter().filter(|mail| mail.to.starts_with("ann")).collect();
        assert_eq!((accepted.len(), to_ann.len()), (3, 1));
        let text = to_ann[0].read().text;
        assert!(text.contains("Tuesday") && text.contains("Thursday"), "{text}");
    }

    async fn a_shared_mailbox_is_marked_for_all_who_read_it(database) {
        let asked = refused(database).await;
        let Asked { world, ann, slot } = &asked;
        world.write(async |unit| unit.mail_arrives(ann.place.person).await).await;
        let jean = world.person(Some("ann@mail.example")).await;
        let ben = world.member(slot.circle, MemberRole::Friend, "ben").await;
        let visit = world.stranger().await;
        world.app.ask_code(&visit, &ann.address, false).await.unwrap();
        let sink = Sink::open();
        sink.answer([NO_SUCH_MAILBOX]);
        asked.look(&sink).await;
        for person in [ann.place.person, jean] {
            assert!(mark(world, person).await.is_some());
        }
        assert_eq!(mark(world, ben.place.person).await, None);
        world.write(async |unit| unit.mail_arrives(jean).await).await;
        assert_eq!(mark(world, ann.place.person).await, None);
    }

    async fn another_address_begins_without_a_mark(database) {
        let asked = refused(database).await;
        let Asked { world, ann, .. } = &asked;
        let person = ann.place.person;
        world.write(async |unit| {
            let mut changed = unit.person_to_change(person).await?;
            changed.email_index = Some(vec![7; 32]);
            unit.put_person(&changed).await?;
            // The server's answer about the old one comes late.
            unit.address_refused(person, b"the old one, sealed", world.clock.now()).await
        }).await;
        assert_eq!(mark(world, person).await, None);
    }

    async fn an_answer_through_a_later_mail_ends_the_mark(database) {
        let asked = Asked::at(database, "2026-11-23T09:00:00Z").await;
        let Asked { world, ann, slot } = &asked;
        let person = ann.place.person;
        let (before, token) = link_parts(&asked.mailed().await.link());
        let visit = world.stranger().await;
        let say_no = async |mail, token: &str| {
            world.app.say_no_by_link(&visit, mail, token, world.app.new_receipt()).await.unwrap();
        };
        world.now_is("2026-11-23T10:00:00Z");
        let address = world.write(async |unit| unit.person(person).await).await.email.unwrap();
        let now = world.clock.now();
        world.write(async |unit| unit.address_refused(person, address.bytes(), now).await).await;
        say_no(before, &token).await;
        assert!(mark(world, person).await.is_some(), "the earlier mail arrived before that");
        // Sent while the mark was away for a moment.
        world.write(async |unit| unit.mail_arrives(person).await).await;
        world.now_is("2026-11-24T09:00:00Z");
        let another = world.slot(slot.circle, "2026-11-25", "14:00", 1).await;
        world.ask(&another, ann).await;
        let (after, token) = link_parts(&asked.mailed().await.link());
        world.write(async |unit| unit.address_refused(person, address.bytes(), now).await).await;
        say_no(after, &token).await;
        assert_eq!(mark(world, person).await, None);
    }
}
