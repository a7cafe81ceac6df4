//! Once a day whoever runs the service is told in figures that it is at work.

use std::sync::Arc;

use kith_app::{App, DeliveryReport};
use kith_domain::MailKind;
use kith_domain::MemberRole;
use kith_mail::{DeliveryError, Reason};
use kith_tests::{HandedOver, Sink, TestDatabase, World, both};
use tokio_util::sync::CancellationToken;

const OPERATOR: &str = "operator@hospice.example";

/// A hospice with a process or two that tell the same operator.
struct Told {
    world: World,
    processes: Vec<Arc<App>>,
    sink: Arc<Sink>,
}

impl Told {
    async fn new(database: &TestDatabase) -> Self {
        let world = World::at(database, "2026-11-22T18:00:00Z").await;
        let mut processes = Vec::new();
        for _ in 0..2 {
            processes.push(world.process_told_to(database, OPERATOR).await);
        }
        Self { world, processes, sink: Sink::open() }
    }

    /// Both look, at the same time.
    async fn look(&self, now: &str) {
        self.world.now_is(now);
        let delivery = self.world.delivery(&self.sink);
        for process in &self.processes {
            process.heartbeat(delivery.worker).await.unwrap();
        }
        let [one, two] = &self.processes[..] else { panic!("two processes") };
        let (first, second) = tokio::join!(one.plan_figures(), two.plan_figures());
        first.and(second).unwrap();
        let (first, second) = tokio::join!(self.deliver(one), self.deliver(two));
        assert!(first.sent + second.sent <= 1, "{first:?} {second:?}");
    }

    async fn deliver(&self, process: &Arc<App>) -> DeliveryReport {
        let delivery = self.world.delivery(&self.sink);
        process.deliver_due(&delivery, &CancellationToken::new()).await.unwrap()
    }

    fn sent(&self) -> Vec<HandedOver> {
        self.sink.accepted()
    }
}

both! {
    async fn it_comes_once_a_day_at_seven_from_two_processes(database) {
        let told = Told::new(database).await;
        told.look("2026-11-22T18:00:00Z").await;
        told.look("2026-11-23T06:59:59Z").await;
        assert_eq!(told.sent(), []);
        for now in ["2026-11-23T07:00:00Z", "2026-11-23T07:00:05Z", "2026-11-23T19:00:00Z"] {
            told.look(now).await;
        }
        assert_eq!(told.sent().len(), 1);
        told.look("2026-11-24T07:00:00Z").await;
        let sent = told.sent();
        assert_eq!(sent.len(), 2);
        for mail in &sent {
            assert_eq!(mail.to, OPERATOR);
            assert_eq!(mail.header("Subject"), "Kith is at work");
            assert_eq!(mail.link(), "https://kith.example/health/ready");
        }
    }

    async fn it_counts_what_was_sent_what_waits_and_what_did_not_arrive(database) {
        let told = Told::new(database).await;
        let circle = told.world.circle("Heron").await;
        let tom = told.world.member(circle, MemberRole::Friend, "tom").await;
        told.look("2026-11-22T18:00:00Z").await;
        let mail = |dedupe: &str, state: &str, reason: &str, next_at: i64, changed_at: i64| {
            format!(
                "INSERT INTO outbox (organisation_id, id, kind, dedupe, person_id, circle_id, \
                   detail, due_at, useful_until, state, reason, attempts, next_at, created_at, \
                   changed_at) SELECT organisation_id, {id}, 'named', '{dedupe}', person_id, \
                   circle_id, '{{}}', {next_at}, 9999999999, '{state}', {reason}, 1, {next_at}, \
                   0, {changed_at} FROM membership",
                id = if database.is_postgres() { "gen_random_uuid()" } else { "randomblob(16)" },
            )
        };
        let seven = kith_tests::clock::instant("2026-11-23T07:00:00Z").as_second();
        for sql in [
            mail("a", "sent", "NULL", 1, seven - 100),
            mail("b", "sent", "NULL", 1, seven - 90_000),
            mail("c", "failed", "'bounced'", 1, seven - 100),
            mail("d", "expired", "'too_late'", 1, seven - 100),
            mail("e", "cancelled", "'answered'", 1, seven - 100),
            mail("f", "planned", "'night'", seven + 3_600, 0),
            mail("g", "retry", "'relay_down'", seven + 60, 0),
        ] {
            told.world.plant(&sql).await;
        }
        told.world.plant("UPDATE person SET mail_bounced_at = 1, mail_bounced_by = 'report'").await;
        told.look("2026-11-23T07:00:00Z").await;
        let sent = told.sent();
        let mail = sent[0].read();
        for said in [
            "Sent in 24 hours: 1\n",
            "Given up in 24 hours: 2\n",
            "Still to leave: 2\n",
            "Of these put off: 1\n",
            "Oldest that is due: Monday 23 November, 7.01am\n",
            "Addresses at which nothing arrives: 1\n",
            "Last look at what is due: Monday 23 November, 7am\n",
        ] {
            assert!(mail.text.contains(said), "{said}: {}", mail.text);
        }
        for part in [&mail.text, &mail.html] {
            for word in ["Heron", "Fernhill", "Somebody", &tom.address] {
                assert!(!part.contains(word), "{word}: {part}");
            }
        }
    }

    async fn a_copy_says_what_the_first_said(database) {
        let told = Told::new(database).await;
        told.look("2026-11-22T18:00:00Z").await;
        told.sink.answer([DeliveryError::Retry(Reason::TimedOut)]);
        told.look("2026-11-23T07:00:00Z").await;
        told.look("2026-11-23T07:02:00Z").await;
        let handed = told.sink.handed();
        assert_eq!(handed.len(), 2);
        assert_eq!(handed[0].bytes, handed[1].bytes);
    }

    async fn nobody_is_told_where_nobody_is_named(database) {
        let told = Told::new(database).await;
        told.world.now_is("2026-11-22T18:00:00Z");
        told.world.app.plan_figures().await.unwrap();
        assert_eq!(told.world.mails().await, []);
        told.look("2026-11-22T18:00:00Z").await;
        // Taken out of the configuration since.
        told.world.now_is("2026-11-23T07:00:00Z");
        assert_eq!(told.deliver(&told.world.app).await.ended, 1);
        let mail = told.world.only_mail(MailKind::Figures).await;
        assert_eq!(mail.ended(), "cancelled: consent_withdrawn");
        assert_eq!(told.sent(), []);
    }
}
