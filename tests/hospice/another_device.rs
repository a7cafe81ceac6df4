//! A further device of one's own, and a card for a circle that goes on: both need the mailbox.

use kith_app::{AdmissionForm, DemoPerson, Failure, FirstMember, NewCookies, StartCircle, Visit};
use kith_domain::Tier;
use kith_tests::both;

use crate::town::{Town, receipt};

fn typed(words: &str) -> AdmissionForm {
    AdmissionForm {
        words: words.to_owned(),
        number: "8642".to_owned(),
        number_again: "8642".to_owned(),
        ..AdmissionForm::default()
    }
}

/// The token in a card's link.
fn token(url: &str) -> &str {
    url.strip_prefix("https://kith.example/i/").unwrap()
}

/// Tom's mail is read on a device that nobody trusts.
async fn by_mail_only(town: &Town) -> (NewCookies, Visit) {
    let stranger = town.stranger().await;
    let cookies = town.app.demo_come_in(&stranger, DemoPerson::TomsMailbox).await.unwrap();
    let device = cookies.device.as_ref().map(|secret| secret.as_str().to_owned());
    let visit = town.visit(Some(cookies.session.as_str()), device.as_deref()).await;
    (cookies, visit)
}

both! {
    async fn words_made_on_a_trusted_device_enrol_the_next_one_once(database) {
        let town = Town::seeded(database).await;
        let heron = town.app.demo_circle(DemoPerson::Tom).unwrap();
        let tom = town.visit_of(DemoPerson::Tom).await;
        let made = town.app.own_new_words(&tom, heron, receipt()).await.unwrap();
        assert_eq!(made.link, None, "the mailbox is asked for as well");

        let (cookies, visit) = by_mail_only(&town).await;
        let new = town.app.enrol(&visit, Some(heron), &typed(&made.words)).await.unwrap();
        let device = cookies.device.as_ref().map(|secret| secret.as_str().to_owned());
        let enrolled = town.visit(Some(new.session.as_str()), device.as_deref()).await;
        let home = town.app.home(&enrolled, heron).await.unwrap();
        assert_eq!(home.about.reader.as_deref(), Some("Tom"));

        let (_, other) = by_mail_only(&town).await;
        let again = town.app.enrol(&other, Some(heron), &typed(&made.words)).await;
        assert!(matches!(again, Err(Failure::Invalid(_))), "words count once");
    }

    async fn the_same_form_shows_the_same_words_and_a_new_one_ends_them(database) {
        let town = Town::seeded(database).await;
        let heron = town.app.demo_circle(DemoPerson::Tom).unwrap();
        let tom = town.visit_of(DemoPerson::Tom).await;
        let sent = receipt();
        let first = town.app.own_new_words(&tom, heron, sent).await.unwrap();
        assert_eq!(town.app.own_new_words(&tom, heron, sent).await.unwrap(), first);
        let second = town.app.own_new_words(&tom, heron, receipt()).await.unwrap();
        let ended = town.app.own_new_words(&tom, heron, sent).await;
        assert!(matches!(ended, Err(Failure::Changed)), "{ended:?}");

        let (_, visit) = by_mail_only(&town).await;
        if first.words != second.words {
            let old = town.app.enrol(&visit, Some(heron), &typed(&first.words)).await;
            assert!(matches!(old, Err(Failure::Invalid(_))));
        }
        town.app.enrol(&visit, Some(heron), &typed(&second.words)).await.unwrap();
    }

    async fn nobody_else_is_shown_them(database) {
        let town = Town::seeded(database).await;
        let heron = town.app.demo_circle(DemoPerson::Tom).unwrap();
        let tom = town.visit_of(DemoPerson::Tom).await;
        town.app.own_new_words(&tom, heron, receipt()).await.unwrap();
        let ruth = town.visit_of(DemoPerson::Ruth).await;
        let people = town.app.people(&ruth, heron).await.unwrap();
        let his = people.members.iter().find(|member| member.name == "Tom").unwrap();
        assert!(!his.words_wait);
        let page = town.app.member(&ruth, heron, his.membership).await.unwrap();
        assert!(page.words.is_none());
    }

    async fn it_must_be_sure_who_asks_and_that_they_are_in(database) {
        let town = Town::seeded(database).await;
        let heron = town.app.demo_circle(DemoPerson::Tom).unwrap();
        let asks = async |visit: &Visit| town.app.own_new_words(visit, heron, receipt()).await;
        let (_, mailbox) = by_mail_only(&town).await;
        let refused = asks(&mailbox).await;
        assert!(matches!(refused, Err(Failure::StepUp { tier: Tier::Trusted, .. })), "{refused:?}");
        let derek = town.visit_of(DemoPerson::Derek).await;
        assert!(matches!(asks(&derek).await, Err(Failure::NotHere)));
        let amira = town.visit_of(DemoPerson::Amira).await;
        assert!(matches!(asks(&amira).await, Err(Failure::NotHere)));

        let cookies =
            town.app.demo_come_in(&town.stranger().await, DemoPerson::Tom).await.unwrap();
        let device = cookies.device.as_ref().map(|secret| secret.as_str().to_owned());
        town.clock.advance(16 * 60);
        let later = town.visit(Some(cookies.session.as_str()), device.as_deref()).await;
        let refused = asks(&later).await;
        let fresh = Failure::StepUp { circle: Some(heron), tier: Tier::Fresh };
        assert_eq!(format!("{:?}", refused.unwrap_err()), format!("{fresh:?}"));

        let tom = town.visit_of(DemoPerson::Tom).await;
        let amira = town.visit_of(DemoPerson::Amira).await;
        town.app.freeze(&amira, heron).await.unwrap();
        assert!(matches!(asks(&tom).await, Err(Failure::NotHere)), "only the patient reads");
        let margaret = town.visit_of(DemoPerson::Margaret).await;
        let hers = asks(&margaret).await.unwrap();
        assert!(hers.link.is_some(), "she has no mailbox");
    }

    async fn a_card_for_a_circle_that_goes_on_needs_the_mailbox_too(database) {
        let town = Town::seeded(database).await;
        let heron = town.app.demo_circle(DemoPerson::Ruth).unwrap();
        let amira = town.visit_of(DemoPerson::Amira).await;
        let card = town.app.new_card(&amira, heron, receipt()).await.unwrap();
        let form = typed(&card.words);
        let stranger = town.stranger().await;
        let (_, tom) = by_mail_only(&town).await;
        for visit in [&stranger, &tom, &amira] {
            let page = town.app.welcome_page(visit, token(&card.url)).await;
            assert!(matches!(page, Err(Failure::SignIn)), "{page:?}");
            let in_by_words = town.app.admit_by_words(visit, token(&card.url), &form, receipt()).await;
            assert!(matches!(in_by_words, Err(Failure::SignIn)), "{in_by_words:?}");
        }
        let ruth = town.visit_of(DemoPerson::Ruth).await;
        assert!(town.app.welcome_page(&ruth, token(&card.url)).await.unwrap().words_work);
        town.app.admit_by_words(&ruth, token(&card.url), &form, receipt()).await.unwrap();
        let used = town.app.welcome_page(&stranger, token(&card.url)).await.unwrap();
        assert!(!used.words_work);
    }

    async fn the_first_card_of_a_circle_needs_no_mailbox(database) {
        let town = Town::seeded(database).await;
        let amira = town.visit_of(DemoPerson::Amira).await;
        let form = StartCircle {
            who: Some(FirstMember::Carer),
            name: "Paula",
            phone: "07700 900 321",
            area: "",
        };
        let card = town.app.start_circle(&amira, form, receipt()).await.unwrap();
        let stranger = town.stranger().await;
        let words = typed(&card.words);
        let admitted = town.app.admit_by_words(&stranger, token(&card.url), &words, receipt()).await;
        assert!(admitted.unwrap().set_up);
    }
}
