//! Everybody's own calendar under a secret address: what it says, and when it is dead.

use kith_app::{Failure, MyFeed, OwnFeed};
use kith_domain::CircleState;
use kith_store::Membership;
use kith_tests::{TestDatabase, both};

use crate::house::{House, Sure, just_rota, receipt, shopping};

/// Tom has promised Thursday's shopping and reads his calendar elsewhere.
struct Reading<'d> {
    house: House<'d>,
    tom: Membership,
    secret: String,
}

impl<'d> Reading<'d> {
    async fn new(database: &'d TestDatabase) -> Self {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let slot = house.task(shopping("2026-03-05"), false).await.remove(0);
        let visit = house.visit(&tom, Sure::Trusted).await;
        house.app.take_slot(&visit, house.circle, slot.id, receipt()).await.unwrap();
        let secret = make(&house, &tom).await;
        Self { house, tom, secret }
    }

    async fn read(&self) -> Result<String, Failure> {
        read(&self.house, &self.secret).await
    }
}

async fn make(house: &House<'_>, member: &Membership) -> String {
    let visit = house.visit(member, Sure::Trusted).await;
    house.app.make_feed(&visit, receipt()).await.unwrap();
    let MyFeed::Made(OwnFeed { address }) = house.app.my_feed(&visit).await.unwrap() else {
        panic!("it is made");
    };
    let secret = address.strip_prefix("https://kith.example/feed/").unwrap();
    secret.strip_suffix(".ics").unwrap().to_owned()
}

/// As a calendar program does, which brings nothing else.
async fn read(house: &House<'_>, secret: &str) -> Result<String, Failure> {
    house.app.feed(&house.nobody().await, secret).await.map(|file| file.body)
}

fn dead(answer: &Result<String, Failure>) {
    assert!(matches!(answer, Err(Failure::NotHere)), "{answer:?}");
}

both! {
    async fn it_says_time_and_kind_and_nobodys_name(database) {
        let reading = Reading::new(database).await;
        let file = reading.read().await.unwrap();
        assert!(file.contains("DTSTART:20260305T100000Z\r\nDTEND:20260305T110000Z\r\n"), "{file}");
        assert!(file.contains("SUMMARY:Shopping\r\n"), "{file}");
        for words in ["Margaret", "Tom", "Heron", "ATTENDEE", "LOCATION", "https"] {
            assert!(!file.contains(words), "{words} in {file}");
        }
        let circle = reading.house.circle;
        reading.house.write(async |unit| unit.put_quiet_mail(circle, true).await).await;
        let quiet = reading.read().await.unwrap();
        assert!(quiet.contains("DTSTART;VALUE=DATE:20260305\r\n"), "{quiet}");
        assert!(quiet.contains("SUMMARY:Busy\r\n") && !quiet.contains("Shopping"), "{quiet}");
        assert!(!quiet.contains("T100000Z\r\nDTEND"), "{quiet}");
    }

    async fn a_new_address_ends_the_one_before_and_stopping_ends_it(database) {
        let reading = Reading::new(database).await;
        let second = make(&reading.house, &reading.tom).await;
        assert_ne!(second, reading.secret);
        dead(&reading.read().await);
        assert!(read(&reading.house, &second).await.is_ok());
        let visit = reading.house.visit(&reading.tom, Sure::SignedIn).await;
        reading.house.app.stop_feed(&visit, receipt()).await.unwrap();
        dead(&read(&reading.house, &second).await);
        let trusted = reading.house.visit(&reading.tom, Sure::Trusted).await;
        assert_eq!(reading.house.app.my_feed(&trusted).await.unwrap(), MyFeed::NotMade);
    }

    async fn its_address_is_for_devices_that_are_trusted(database) {
        let reading = Reading::new(database).await;
        let visit = reading.house.visit(&reading.tom, Sure::SignedIn).await;
        let app = &reading.house.app;
        assert_eq!(app.my_feed(&visit).await.unwrap(), MyFeed::Elsewhere);
        let refused = app.make_feed(&visit, receipt()).await;
        assert!(matches!(refused, Err(Failure::StepUp { .. })), "{refused:?}");
        assert!(reading.read().await.is_ok(), "and the one that there is stays");
    }

    async fn stopping_a_device_ends_it(database) {
        let reading = Reading::new(database).await;
        let visit = reading.house.visit(&reading.tom, Sure::Trusted).await;
        let (app, tom) = (&reading.house.app, reading.tom.person);
        let now = reading.house.now();
        let devices = reading.house.write(async |unit| unit.enrolments(tom, now).await).await;
        assert!(devices.len() > 1);
        app.stop_own_device(&visit, devices[0].id).await.unwrap();
        dead(&reading.read().await);
    }

    async fn it_is_dead_with_the_last_device(database) {
        let reading = Reading::new(database).await;
        assert!(reading.read().await.is_ok());
        reading.house.end_devices(&reading.tom).await;
        dead(&reading.read().await);
    }

    async fn signing_out_everywhere_ends_it(database) {
        let reading = Reading::new(database).await;
        let visit = reading.house.visit(&reading.tom, Sure::SignedIn).await;
        reading.house.app.sign_out_everywhere(&visit).await.unwrap();
        dead(&reading.read().await);
    }

    async fn it_is_dead_with_the_last_membership(database) {
        let reading = Reading::new(database).await;
        let visit = reading.house.visit(&reading.tom, Sure::Trusted).await;
        reading.house.app.leave_circle(&visit, reading.house.circle, receipt()).await.unwrap();
        dead(&reading.read().await);
    }

    async fn it_is_dead_for_whoever_was_taken_out(database) {
        let reading = Reading::new(database).await;
        let carer = reading.house.visit(&reading.house.carer, Sure::Fresh).await;
        let (circle, tom) = (reading.house.circle, reading.tom.id);
        reading.house.app.remove(&carer, circle, tom, false, receipt()).await.unwrap();
        dead(&reading.read().await);
    }

    async fn a_circle_that_has_ended_is_not_in_it(database) {
        let reading = Reading::new(database).await;
        let (circle, now) = (reading.house.circle, reading.house.now());
        reading.house.write(async |unit| {
            unit.put_circle_state(circle, CircleState::Active, CircleState::Ending, now).await
        }).await;
        assert!(!reading.read().await.unwrap().contains("VEVENT"));
    }

    async fn the_same_promises_are_the_same_bytes_and_too_many_readings_wait(database) {
        let reading = Reading::new(database).await;
        let first = reading.read().await.unwrap();
        for _ in 1..30 {
            assert_eq!(reading.read().await.unwrap(), first);
        }
        assert!(matches!(reading.read().await, Err(Failure::TooMany)));
        dead(&read(&reading.house, "").await);
        dead(&read(&reading.house, &reading.secret.to_uppercase()).await);
    }
}
