//! What comes back marks the mail and the address; what somebody else drops there marks nothing.

use kith_domain::{Clock as _, LearntBy};
use kith_mail::bounce::BounceFolder;
use kith_tests::{HandedOver, Sink, TestDatabase, both};
use tempfile::TempDir;

use crate::asked::Asked;

/// Ann was sent a mail, and there is a folder for what comes back.
struct Sent {
    asked: Asked,
    mail: HandedOver,
    folder: TempDir,
}

impl Sent {
    async fn new(database: &TestDatabase) -> Self {
        let asked = Asked::at(database, "2026-11-22T09:00:00Z").await;
        Self { mail: asked.mailed().await, asked, folder: tempfile::tempdir().unwrap() }
    }

    /// Drops a report about the mail, with the headers of the mail as they were, but for `change`.
    fn drop_report(&self, status: &str, change: impl Fn(String) -> String) {
        let mail = String::from_utf8(self.mail.bytes.clone()).unwrap();
        let (head, _) = mail.split_once("\r\n\r\n").unwrap();
        let report = format!(
            "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\
             Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n\
             Final-Recipient: rfc822; {}\r\n{status}\r\n\r\n--b\r\n\
             Content-Type: text/rfc822-headers\r\n\r\n{}\r\n\r\n--b--\r\n",
            self.mail.to,
            change(head.to_owned())
        );
        std::fs::write(self.folder.path().join("1"), report).unwrap();
    }

    async fn look(&self) -> u32 {
        let folder = BounceFolder::open(self.folder.path()).unwrap();
        let came_back = self.asked.world.app.take_bounces(&folder).await.unwrap();
        assert_eq!(folder.files(9).unwrap().len(), 0, "the folder is emptied");
        came_back
    }

    async fn ended(&self) -> Vec<String> {
        self.asked.world.mails().await.iter().map(kith_tests::mail_rows::MailRow::ended).collect()
    }
}

const FAILED: &str = "Action: failed\r\nStatus: 5.1.1";

both! {
    async fn a_mail_that_came_back_has_failed_and_nothing_follows_it(database) {
        let sent = Sent::new(database).await;
        sent.drop_report(FAILED, |head| head);
        assert_eq!(sent.look().await, 1);
        assert_eq!(sent.ended().await, ["failed: bounced"]);
        sent.drop_report(FAILED, |head| head);
        assert_eq!(sent.look().await, 0, "once");
        let Asked { world, ann, slot } = &sent.asked;
        let now = world.clock.now();
        let marked = world.write(async |unit| unit.mail_comes_back(ann.place.person).await).await;
        assert_eq!(marked.map(|mark| (mark.since, mark.by)), Some((now, LearntBy::Report)));
        world.promise(slot, ann).await;
        world.now_is("2026-11-23T18:00:00Z");
        world.app.plan_reminders().await.unwrap();
        let sink = Sink::open();
        sent.asked.look(&sink).await;
        assert_eq!(sink.handed(), []);
        let now = world.clock.now();
        let snapshot = world.store.snapshot(world.organisation).await.unwrap();
        let unsent = snapshot.unsent_mail(slot.circle, now.plus_days(-7), 9).await.unwrap();
        assert_eq!(unsent.len(), 2, "people can see both, and ring");
        snapshot.end();
        // Ann has signed in with a code that came to the same mailbox.
        world.write(async |unit| unit.mail_arrives(ann.place.person).await).await;
        world.now_is("2026-11-24T12:00:00Z");
        sent.asked.look(&sink).await;
        assert_eq!(sink.accepted().len(), 1);
    }

    async fn a_late_report_marks_the_address_that_the_mail_went_to(database) {
        let sent = Sent::new(database).await;
        let Asked { world, ann, .. } = &sent.asked;
        let (ann, ben) = (ann.place.person, world.person(Some("ann@mail.example")).await);
        world.write(async |unit| {
            let mut changed = unit.person_to_change(ann).await?;
            changed.email_index = Some(vec![7; 32]);
            unit.put_person(&changed).await
        }).await;
        sent.drop_report(FAILED, |head| head);
        assert_eq!(sent.look().await, 1);
        assert_eq!(sent.ended().await, ["failed: bounced"]);
        let mark = async |person| world.write(async |unit| unit.mail_comes_back(person).await).await;
        assert_eq!(mark(ann).await, None, "nothing is known of the new one");
        assert!(mark(ben).await.is_some(), "who reads where it went to");
    }

    async fn what_is_tried_again_marks_nothing(database) {
        let sent = Sent::new(database).await;
        sent.drop_report("Action: delayed\r\nStatus: 4.4.1", |head| head);
        assert_eq!(sent.look().await, 0);
        assert_eq!(sent.ended().await, ["sent: -"]);
    }

    async fn nobody_else_can_say_that_a_mail_came_back(database) {
        let sent = Sent::new(database).await;
        sent.drop_report(FAILED, |head| {
            let (before, token) = head.split_once("/stop/").unwrap();
            let (mail, rest) = token.split_once('/').unwrap();
            format!("{before}/stop/{mail}/x{rest}")
        });
        assert_eq!(sent.look().await, 0);
        std::fs::write(sent.folder.path().join("2"), b"anything").unwrap();
        assert_eq!(sent.look().await, 0);
        assert_eq!(sent.ended().await, ["sent: -"]);
    }
}
