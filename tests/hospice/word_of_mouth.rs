//! An address to type from paper, and a device that is one's own again.

use std::net::{IpAddr, Ipv4Addr};

use kith_app::{AdmissionForm, Admitted, DemoPerson, Failure};
use kith_domain::{MembershipState, Tier};
use kith_tests::both;

use crate::several::friend;
use crate::town::{Town, receipt};

/// The end of an address to type.
fn code(address: &str) -> &str {
    address.strip_prefix("kith.example/i/").unwrap()
}

fn typed(words: &str) -> AdmissionForm {
    AdmissionForm {
        words: words.to_owned(),
        number: "8642".to_owned(),
        number_again: "8642".to_owned(),
        ..AdmissionForm::default()
    }
}

/// Zoe, a new friend of Heron's, comes in by her words on a computer that she says is shared.
async fn zoe_on_a_shared_computer(town: &Town) -> Admitted {
    let heron = town.app.demo_circle(DemoPerson::Ruth).unwrap();
    let ruth = town.visit_of(DemoPerson::Ruth).await;
    let place =
        town.app.name_friend(&ruth, heron, &friend("Zoe", "", ""), receipt()).await.unwrap();
    let words = town.app.member(&ruth, heron, place).await.unwrap().words.unwrap();
    let address = words.to_type.unwrap();
    let form = AdmissionForm { shared_computer: true, ..typed(&words.words) };
    let stranger = town.stranger().await;
    town.app.admit_by_words(&stranger, code(&address), &form, receipt()).await.unwrap()
}

both! {
    async fn somebody_without_mail_types_a_short_address_and_the_words(database) {
        let town = Town::seeded(database).await;
        let heron = town.app.demo_circle(DemoPerson::Ruth).unwrap();
        let ruth = town.visit_of(DemoPerson::Ruth).await;
        let named = async |name: &str| {
            let form = friend(name, "", "");
            let place = town.app.name_friend(&ruth, heron, &form, receipt()).await.unwrap();
            town.app.member(&ruth, heron, place).await.unwrap().words.unwrap()
        };
        let (zoe, bea) = (named("Zoe").await, named("Bea").await);
        let address = zoe.to_type.unwrap();
        assert!(address.len() < 30, "{address}");
        let stranger = town.stranger().await;
        let page = town.app.welcome_page(&stranger, code(&address)).await.unwrap();
        assert!(page.words_work);
        let loud = code(&address).to_uppercase();
        let wrong = town.app.admit_by_words(&stranger, &loud, &typed(&bea.words), receipt()).await;
        if zoe.words != bea.words {
            assert!(matches!(wrong, Err(Failure::Invalid(_))), "the words of another");
        }
        let admitted = town.app.admit_by_words(&stranger, &loud, &typed(&zoe.words), receipt()).await;
        assert_eq!(admitted.unwrap().circle, Some(heron));
        let again = town.app.admit_by_words(&stranger, code(&address), &typed(&zoe.words), receipt()).await;
        assert!(again.is_err(), "once");
        let nobody = town.app.welcome_page(&stranger, "2222-2222").await;
        assert!(matches!(nobody, Err(Failure::NotHere)));

        let address = bea.to_type.unwrap();
        let guess = if bea.words == "blue teapot" { "green teapot" } else { "blue teapot" };
        for _ in 0..5 {
            let wrong = town.app.admit_by_words(&stranger, code(&address), &typed(guess), receipt()).await;
            assert!(matches!(wrong, Err(Failure::Invalid(_))));
        }
        let late = town.app.admit_by_words(&stranger, code(&address), &typed(&bea.words), receipt()).await;
        assert!(late.is_err(), "five tries");
    }

    async fn a_typed_address_tells_nobody_s_name_and_answers_for_nobody(database) {
        let town = Town::seeded(database).await;
        let (app, heron) = (&town.app, town.app.demo_circle(DemoPerson::Ruth).unwrap());
        let ruth = town.visit_of(DemoPerson::Ruth).await;
        let place = app.name_friend(&ruth, heron, &friend("Zoe", "", ""), receipt()).await.unwrap();
        let words = app.member(&ruth, heron, place).await.unwrap().words.unwrap();
        let address = words.to_type.unwrap();
        let stranger = town.stranger().await;
        let page = app.welcome_page(&stranger, code(&address)).await.unwrap();
        assert!(page.typed && page.inviter.is_none(), "{page:?}");
        for answer in
            [app.say_no(&stranger, code(&address)).await, app.say_yes(&stranger, code(&address)).await]
        {
            assert!(matches!(answer, Err(Failure::NotHere)), "{answer:?}");
        }
        let member = app.member(&ruth, heron, place).await.unwrap().member;
        assert_eq!(member.state, MembershipState::Invited);
    }

    async fn a_network_that_guesses_addresses_waits(database) {
        let town = Town::seeded(database).await;
        let (app, heron) = (&town.app, town.app.demo_circle(DemoPerson::Ruth).unwrap());
        let ruth = town.visit_of(DemoPerson::Ruth).await;
        let place = app.name_friend(&ruth, heron, &friend("Zoe", "", ""), receipt()).await.unwrap();
        let words = app.member(&ruth, heron, place).await.unwrap().words.unwrap();
        let address = words.to_type.unwrap();
        let stranger = town.stranger().await;
        let closed = async |token: &str| {
            matches!(app.welcome_page(&stranger, token).await, Err(Failure::NotHere))
        };
        for _ in 0..10 {
            assert!(!closed(code(&address)).await, "right ones count for nothing");
            assert!(closed("2222-2222").await);
        }
        assert!(closed(code(&address)).await, "it answers like a wrong one");
        let typed = typed(&words.words);
        let late = app.admit_by_words(&stranger, code(&address), &typed, receipt()).await;
        assert!(matches!(late, Err(Failure::NotHere)), "{late:?}");
        assert!(closed("2222-2222").await);
        let elsewhere = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7));
        let other = app.visit("localhost", None, None, elsewhere).await.unwrap();
        assert!(app.welcome_page(&other, code(&address)).await.is_ok(), "another network");
        town.clock.advance(600);
        let later = town.stranger().await;
        app.admit_by_words(&later, code(&address), &typed, receipt()).await.unwrap();
    }

    async fn a_device_that_was_said_to_be_shared_is_one_s_own_again(database) {
        let town = Town::seeded(database).await;
        let admitted = zoe_on_a_shared_computer(&town).await;
        assert!(admitted.cookies.shared_computer);
        let device = admitted.cookies.device.as_ref().map(|secret| secret.as_str().to_owned());
        let visit = async |session: &str| town.visit(Some(session), device.as_deref()).await;
        let zoe = visit(admitted.cookies.session.as_str()).await;
        assert!(town.app.said_to_be_shared(&zoe).await.unwrap());

        town.clock.advance(16 * 60);
        let later = visit(admitted.cookies.session.as_str()).await;
        let unsure = town.app.stop_sharing_device(&later).await;
        assert!(matches!(unsure, Err(Failure::StepUp { tier: Tier::Fresh, .. })), "{unsure:?}");
        town.clock.advance(-16 * 60);

        let new = town.app.stop_sharing_device(&zoe).await.unwrap();
        assert!(!new.shared_computer);
        let own = visit(new.session.as_str()).await;
        assert!(!town.app.said_to_be_shared(&own).await.unwrap());
        // It lasts as on any device of one's own.
        town.clock.advance(86_400);
        let next_day = visit(new.session.as_str()).await;
        assert!(town.app.who(&next_day).await.unwrap().is_some());
        let reader = town.visit_of(DemoPerson::TomsMailbox).await;
        let refused = town.app.stop_sharing_device(&reader).await;
        assert!(matches!(refused, Err(Failure::NotHere)), "{refused:?}");
    }

    async fn a_session_that_ran_out_on_a_shared_device_stays_so(database) {
        let town = Town::seeded(database).await;
        let first = zoe_on_a_shared_computer(&town).await;
        let device = first.cookies.device.as_ref().map(|secret| secret.as_str().to_owned());
        let visit = async |session: Option<&str>| town.visit(session, device.as_deref()).await;
        let first = first.cookies.session.as_str();
        let zoe = town.app.who(&visit(Some(first)).await).await.unwrap().unwrap().person;

        town.clock.advance(31 * 60);
        assert!(town.app.who(&visit(Some(first)).await).await.unwrap().is_none());
        let back = visit(None).await;
        let second = town.app.enter_by_number(&back, zoe, "8642", false).await.unwrap();
        let new = town.app.stop_sharing_device(&visit(Some(second.session.as_str())).await).await;
        assert!(town.app.who(&visit(Some(new.unwrap().session.as_str())).await).await.unwrap().is_some());
        assert!(town.app.who(&visit(Some(first)).await).await.unwrap().is_none(), "it lives again");
    }
}
