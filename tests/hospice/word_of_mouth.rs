//! An address to type from paper, and a device that is one's own again.

use kith_app::{AdmissionForm, DemoPerson, Failure};
use kith_domain::Tier;
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
        let wrong = town.app.admit_by_words(&stranger, &loud, &typed(&bea.words)).await;
        if zoe.words != bea.words {
            assert!(matches!(wrong, Err(Failure::Invalid(_))), "the words of another");
        }
        let admitted = town.app.admit_by_words(&stranger, &loud, &typed(&zoe.words)).await;
        assert_eq!(admitted.unwrap().circle, Some(heron));
        let again = town.app.admit_by_words(&stranger, code(&address), &typed(&zoe.words)).await;
        assert!(again.is_err(), "once");
        let nobody = town.app.welcome_page(&stranger, "2222-2222").await;
        assert!(matches!(nobody, Err(Failure::NotHere)));

        let address = bea.to_type.unwrap();
        let guess = if bea.words == "blue teapot" { "green teapot" } else { "blue teapot" };
        for _ in 0..5 {
            let wrong = town.app.admit_by_words(&stranger, code(&address), &typed(guess)).await;
            assert!(matches!(wrong, Err(Failure::Invalid(_))));
        }
        let late = town.app.admit_by_words(&stranger, code(&address), &typed(&bea.words)).await;
        assert!(late.is_err(), "five tries");
    }

    async fn a_device_that_was_said_to_be_shared_is_one_s_own_again(database) {
        let town = Town::seeded(database).await;
        let heron = town.app.demo_circle(DemoPerson::Ruth).unwrap();
        let ruth = town.visit_of(DemoPerson::Ruth).await;
        let place =
            town.app.name_friend(&ruth, heron, &friend("Zoe", "", ""), receipt()).await.unwrap();
        let words = town.app.member(&ruth, heron, place).await.unwrap().words.unwrap();
        let address = words.to_type.unwrap();
        let form = AdmissionForm { shared_computer: true, ..typed(&words.words) };
        let stranger = town.stranger().await;
        let admitted =
            town.app.admit_by_words(&stranger, code(&address), &form).await.unwrap();
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
}
