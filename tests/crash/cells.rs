//! Thirteen places of a dialogue with a relay, and fifteen ways in which each may go wrong, with a relay
//! that takes commands together and with one that does not: what becomes of a mail, and that it ends
//! rightly once the relay is well again.

use std::sync::Arc;
use std::time::Duration;

use kith_app::{App, Delivery};
use kith_domain::{Clock as _, Ids, MemberRole};
use kith_mail::{Limits, Login, Relay, RelayConfig, Security};
use kith_tests::mail_rows::MailRow;
use kith_tests::{Sink, TestDatabase, World};
use kith_vault::RandomIds;
use tokio_util::sync::CancellationToken;

use crate::faulty::{Faulty, How, Place};

/// The ways, in the order of the columns below.
const WAYS: [How; 15] = [
    How::Refuses,
    How::Resets,
    How::Hangs,
    How::Says(421),
    How::Says(450),
    How::Says(451),
    How::Says(452),
    How::Says(500),
    How::Says(550),
    How::Says(552),
    How::Says(554),
    How::Garbage,
    How::Overlong,
    How::HalfLine,
    How::Drips,
];

/// What must come of a mail in each cell:
///
/// - `r` it is tried again, and arrives once;
/// - `w` the relay takes nothing from us, so that all mail waits; then it arrives once;
/// - `g` it was refused for good, and a person sees that;
/// - `s` it is sent: the fault came too late to matter;
/// - `2` the relay took it and nobody heard so: it is tried again, and the copy is the same;
/// - `x` the relay took it and then refused it: it counts as refused, and a person sees that.
const fn expected(place: Place, together: bool) -> &'static str {
    match place {
        Place::Connect | Place::Ehlo | Place::StartTls | Place::Auth | Place::Mail => {
            //refuses resets hangs 421 450 451 452 500 550 552 554 garbage overlong half drips
            "r r r r r r r w w w w r r r r"
        }
        // A greeting whose lines disagree is none.
        Place::Banner => "r r r r r r r r r r r r r r r",
        // Among commands that came together a 500 may be for another one: it is tried one by one.
        Place::Rcpt | Place::Data if together => "r r r r r r r r g g g r r r r",
        Place::Rcpt | Place::Data | Place::MidBody | Place::FinalDot => {
            "r r r r r r r g g g g r r r r"
        }
        Place::AfterDot => "2 2 2 2 2 2 2 x x x x 2 2 2 2",
        // It need not answer that: whoever does not is given commands one by one.
        Place::Asked | Place::Quit => "s s s s s s s s s s s s s s s",
    }
}

/// Times that a mail is tried once the relay is well, before it must have ended.
const TRIES: usize = 4;

macro_rules! cells {
    ($( $name:ident: $place:ident ),+ $(,)?) => { $(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            for together in [false, true] {
                row(Place::$place, together).await;
            }
        }
    )+ };
}

cells! {
    faults_at_connect: Connect,
    faults_in_the_banner: Banner,
    faults_at_ehlo: Ehlo,
    faults_at_starttls: StartTls,
    faults_when_asked_what_it_offers: Asked,
    faults_at_auth: Auth,
    faults_at_mail_from: Mail,
    faults_at_rcpt_to: Rcpt,
    faults_at_data: Data,
    faults_in_the_middle_of_a_mail: MidBody,
    faults_at_the_final_dot: FinalDot,
    faults_after_the_final_dot: AfterDot,
    faults_at_quit: Quit,
}

/// One place, each way at a time.
async fn row(place: Place, together: bool) {
    let database = TestDatabase::sqlite().await;
    let world = World::at(&database, "2026-11-23T09:00:00Z").await;
    let circle = world.circle("Heron").await;
    let faulty = Faulty::open(together);
    let expected: Vec<char> = expected(place, together).chars().filter(|c| *c != ' ').collect();
    assert_eq!(expected.len(), WAYS.len());
    for (number, (how, expected)) in WAYS.into_iter().zip(expected).enumerate() {
        // So that the mail of this cell is the newest; whoever was asked today is not asked again.
        world.clock.advance(1);
        let name = format!("friend{number}");
        let friend = world.member(circle, MemberRole::Friend, &name).await;
        let slot = world.slot(circle, "2026-11-26", "14:00", 1).await;
        world.ask(&slot, &friend).await;
        Cell { world: &world, faulty: &faulty, place, how, together }.comes_to(expected).await;
    }
}

struct Cell<'c> {
    world: &'c World,
    faulty: &'c Faulty,
    place: Place,
    how: How,
    together: bool,
}

impl Cell<'_> {
    async fn comes_to(&self, expected: char) {
        let cell = format!("{:?} {:?} together: {}", self.place, self.how, self.together);
        // A process of its own, which knows nothing of the relay yet.
        let ids: Arc<dyn Ids> = Arc::new(RandomIds);
        let clock = Arc::clone(&self.world.clock);
        let app = self.world.process_of(&self.world.store, clock, &ids).await;
        self.faulty.fail(self.place, self.how).await;
        let through = |relay: &Arc<Relay>| Delivery {
            transport: Arc::<Relay>::clone(relay),
            ..self.world.delivery(&Sink::open())
        };
        let relay = Arc::new(self.relay());
        // Nobody need wait for an answer that comes at once; of one that does not, less is enough.
        let impatient = matches!(self.how, How::Hangs | How::Drips).then(|| self.impatient());
        let first = impatient.map_or_else(|| Arc::clone(&relay), Arc::new);
        look(&app, &through(&first)).await;
        first.close().await;
        let delivery = through(&relay);
        let first = self.newest().await;
        let relay_is_down = app.relay_pause().is_some();
        match expected {
            's' => assert_eq!(first.ended(), "sent: -", "{cell}"),
            'g' | 'x' => assert_eq!(first.state, "failed", "{cell}: {}", first.ended()),
            'w' => assert_eq!(first.ended(), "retry: relay_down", "{cell}"),
            _ => assert_eq!(first.state, "retry", "{cell}: {}", first.ended()),
        }
        assert_eq!(relay_is_down, expected == 'w', "{cell}");
        assert_eq!(first.attempts, 1, "{cell}");
        self.faulty.heal().await;
        let mut ended = first;
        for _ in 0..TRIES {
            if ended.state != "retry" {
                break;
            }
            self.world.clock.set(kith_domain::Timestamp::from_second(ended.next_at));
            look(&app, &delivery).await;
            ended = self.newest().await;
        }
        relay.close().await;
        let state = if matches!(expected, 'g' | 'x') { "failed" } else { "sent" };
        assert_eq!(ended.state, state, "{cell}: {}", ended.ended());
        let taken = self.faulty.taken();
        let copies = match expected {
            'g' => 0,
            '2' => 2,
            _ => 1,
        };
        assert_eq!(taken.len(), copies, "{cell}");
        assert!(taken.windows(2).all(|pair| pair[0] == pair[1]), "{cell}: the copies differ");
        assert!(ended.next_at <= self.world.clock.now().as_second(), "{cell}");
    }

    async fn newest(&self) -> MailRow {
        self.world.mails().await.pop().expect("a mail is planned")
    }

    /// The same, but with less patience.
    fn impatient(&self) -> Relay {
        let patience = Duration::from_secs(2);
        let limits = Limits {
            connect: patience,
            command: patience,
            attempt: 5 * patience,
            content: patience,
        };
        self.relay().with_limits(limits)
    }

    /// The relay as the program uses it.
    fn relay(&self) -> Relay {
        let config = RelayConfig {
            host: "localhost".to_owned(),
            port: self.faulty.port(),
            security: Security::StartTls,
            hello: "kith.example".to_owned(),
            sender: self.world.delivery(&Sink::open()).from,
            login: Some(Login::new("kith".to_owned(), "secret".to_owned())),
            authority: Some(self.faulty.authority()),
            connections: 4,
        };
        Relay::new(config).expect("a relay")
    }
}

async fn look(app: &Arc<App>, delivery: &Delivery) {
    app.deliver_due(delivery, &CancellationToken::new()).await.expect("the database answers");
}
