//! The link in every mail that stops the mails (RFC 8058): one POST, from anywhere, and nothing by
//! following it.

use kith_domain::MailKind;
use kith_tests::{Sink, TestDatabase, both, without_tokens};
use tokio_util::sync::CancellationToken;

use crate::asked::Asked;
use crate::requests::{path_of, send};

/// The path of the link in the mail that asks Ann, by which mails are stopped.
async fn stop_link(asked: &Asked) -> String {
    let mail = asked.mailed().await;
    assert_eq!(mail.header("List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
    let link = mail.header("List-Unsubscribe");
    let link = link.strip_prefix('<').and_then(|link| link.strip_suffix('>')).unwrap();
    path_of(link).to_owned()
}

async fn mailed(database: &TestDatabase) -> (Asked, String) {
    let asked = Asked::at(database, "2026-11-23T09:00:00Z").await;
    let stop = stop_link(&asked).await;
    (asked, stop)
}

impl Asked {
    async fn is_stopped(&self) -> bool {
        let snapshot = self.world.store.snapshot(self.world.organisation).await.unwrap();
        snapshot.person(self.ann.place.person).await.unwrap().mail.stopped
    }
}

both! {
    async fn following_the_link_changes_nothing(database) {
        let (asked, stop) = mailed(database).await;
        for method in ["GET", "HEAD"] {
            for _ in 0..20 {
                let page = send(&asked.world, method, &stop, &[], None).await;
                assert_eq!(page.status, 200);
            }
        }
        assert!(!asked.is_stopped().await);
        let page = send(&asked.world, "GET", &stop, &[], None).await.body;
        assert!(page.contains("Stop our e-mails?"), "{page}");
        let page = without_tokens(&page);
        for words in ["Heron", "ann@", "Somebody", "2pm", "mail.example"] {
            assert!(!page.contains(words), "{words} in {page}");
        }
    }

    async fn one_post_from_a_mail_program_stops_them_and_a_second_is_the_same(database) {
        let (asked, stop) = mailed(database).await;
        // RFC 8058 section 3.1: no cookie, no origin, this body.
        let body = Some("List-Unsubscribe=One-Click");
        for headers in [&[][..], &[("origin", "https://mail.example"), ("cookie", "session=stolen")]] {
            let page = send(&asked.world, "POST", &stop, headers, body).await;
            assert_eq!(page.status, 200);
            assert!(page.body.contains("The e-mails are stopped"));
            assert_eq!(page.header("set-cookie"), "", "no session is begun");
            assert!(asked.is_stopped().await);
        }
    }

    async fn nothing_but_codes_is_sent_after_it(database) {
        let (asked, stop) = mailed(database).await;
        let world = &asked.world;
        world.promise(&asked.slot, &asked.ann).await;
        world.app.plan_reminders().await.unwrap();
        send(world, "POST", &stop, &[], Some("List-Unsubscribe=One-Click")).await;
        world.now_is("2026-11-24T12:00:00Z");
        let sink = Sink::open();
        world.app.deliver_due(&world.delivery(&sink), &CancellationToken::new()).await.unwrap();
        assert_eq!(sink.handed(), []);
        let ended = world.mails().await.into_iter().filter(|mail| mail.kind == "reminder");
        for mail in ended {
            assert_eq!(mail.ended(), "cancelled: consent_withdrawn");
        }
    }

    async fn another_mails_token_stops_nothing(database) {
        let (asked, stop) = mailed(database).await;
        let (of_mail, token) = stop.rsplit_once('/').unwrap();
        let mail = asked.world.only_mail(MailKind::SomebodyNeeded).await.id;
        let other = |purpose| asked.world.vault.link_token(purpose, mail, 0).as_str().to_owned();
        let letter = if token.starts_with('x') { "y" } else { "x" };
        let changed = format!("{letter}{}", &token[1..]);
        for wrong in [String::new(), "x".to_owned(), changed, other("slot"), other("settings")] {
            for method in ["GET", "POST"] {
                let path = format!("{of_mail}/{wrong}");
                let answer = send(&asked.world, method, &path, &[], None).await;
                assert_eq!(answer.status, 404, "{method} {path}");
            }
        }
        assert!(!asked.is_stopped().await);
    }
}
