//! Starting a circle with a card, and a card for somebody who lost everything.

use kith_app::{DemoPerson, Failure, FirstMember, StartCircle};
use kith_domain::{CircleState, MemberRole, MembershipState, WelcomeWords};
use kith_tests::both;

use crate::town::{Town, receipt};

fn form() -> StartCircle<'static> {
    StartCircle {
        who: Some(FirstMember::Carer),
        name: "Paula",
        phone: "07700 900 321",
        area: "Northgate",
    }
}

/// The token in a card's link.
fn token(url: &str) -> &str {
    url.strip_prefix("https://kith.example/i/").unwrap()
}

both! {
    async fn a_new_circle_is_a_card_and_a_place_that_can_do_nothing_yet(database) {
        let town = Town::seeded(database).await;
        let amira = town.visit_of(DemoPerson::Amira).await;
        let sent = receipt();
        let card = town.app.start_circle(&amira, form(), sent).await.unwrap();
        assert!(WelcomeWords::parse(&card.words).is_ok());

        let again = town.app.start_circle(&amira, form(), sent).await.unwrap();
        assert_eq!(again, card, "sending the form twice is once");
        assert_eq!(town.app.card(&amira, card.circle).await.unwrap(), card);
        assert_eq!(town.app.hospice_circles(&amira, None).await.unwrap().rows.len(), 9);

        let snapshot = town.store.snapshot(amira.organisation.id).await.unwrap();
        let hash = kith_vault::token_hash(token(&card.url));
        let welcome = snapshot.welcome_by_link(&hash).await.unwrap().unwrap();
        assert!(welcome.words_are_live(town.app.now()));
        let short = card.to_type.strip_prefix("kith.example/i/").unwrap();
        assert_eq!(short.len(), 9, "{short} is typed by hand");
        let stranger = town.stranger().await;
        assert!(town.app.welcome_page(&stranger, short).await.unwrap().words_work);
        let members = snapshot.members(card.circle).await.unwrap();
        assert_eq!(members.len(), 1);
        assert_eq!((members[0].role, members[0].state), (MemberRole::Carer, MembershipState::Active));
        assert_eq!(Some(members[0].id), welcome.membership);
        let granted = snapshot.granted(card.circle, town.app.now()).await.unwrap();
        assert!(granted.is_empty(), "grants are recorded in set-up");
        let circle = snapshot.overseen_circle(card.circle).await.unwrap().unwrap();
        assert_eq!(circle.state, CircleState::Forming);
        drop(snapshot);

        let page = town.app.hospice_circle(&amira, card.circle).await.unwrap();
        assert_eq!(page.detail.unwrap().contact.unwrap().name.as_deref(), Some("Paula"));
    }

    async fn what_is_missing_is_said_at_once(database) {
        let town = Town::seeded(database).await;
        let amira = town.visit_of(DemoPerson::Amira).await;
        let empty = StartCircle { who: None, name: " ", phone: "12", area: "" };
        let Err(Failure::Invalid(problems)) =
            town.app.start_circle(&amira, empty, receipt()).await
        else {
            panic!("it was started");
        };
        let fields: Vec<_> = problems.iter().map(|problem| problem.field).collect();
        assert_eq!(fields, ["who", "name", "phone"]);
    }

    async fn a_new_card_ends_the_one_before(database) {
        let town = Town::seeded(database).await;
        let amira = town.visit_of(DemoPerson::Amira).await;
        let heron = town.app.demo_circle(DemoPerson::Ruth).unwrap();
        assert!(matches!(town.app.card(&amira, heron).await, Err(Failure::NotHere)));
        let first = town.app.new_card(&amira, heron, receipt()).await.unwrap();
        let second = town.app.new_card(&amira, heron, receipt()).await.unwrap();
        assert_ne!(first.url, second.url);
        assert_eq!(town.app.card(&amira, heron).await.unwrap(), second);

        let snapshot = town.store.snapshot(amira.organisation.id).await.unwrap();
        let now = town.app.now();
        let by = async |url: &str| {
            let hash = kith_vault::token_hash(token(url));
            snapshot.welcome_by_link(&hash).await.unwrap().unwrap()
        };
        assert!(!by(&first.url).await.is_live(now));
        let welcome = by(&second.url).await;
        let place = snapshot.membership(welcome.membership.unwrap()).await.unwrap().unwrap();
        assert!(place.lead, "it is for the lead carer");
    }

    async fn a_frozen_circle_gives_no_card(database) {
        let town = Town::seeded(database).await;
        let amira = town.visit_of(DemoPerson::Amira).await;
        let heron = town.app.demo_circle(DemoPerson::Ruth).unwrap();
        town.app.new_card(&amira, heron, receipt()).await.unwrap();
        town.app.freeze(&amira, heron).await.unwrap();
        assert!(matches!(town.app.card(&amira, heron).await, Err(Failure::NotHere)));
        let refused = town.app.new_card(&amira, heron, receipt()).await;
        assert!(matches!(refused, Err(Failure::NotHere)));
    }

    async fn a_circle_frozen_while_it_was_set_up_goes_on_there(database) {
        let town = Town::seeded(database).await;
        let amira = town.visit_of(DemoPerson::Amira).await;
        let card = town.app.start_circle(&amira, form(), receipt()).await.unwrap();
        town.app.freeze(&amira, card.circle).await.unwrap();
        town.app.unfreeze(&amira, card.circle).await.unwrap();
        let page = town.app.hospice_circle(&amira, card.circle).await.unwrap();
        assert_eq!(page.state, CircleState::Forming);
    }
}
