//! What setting up a circle may record, and for how long; and whom the staff may name and ring.

use kith_app::{AboutYou, CircleChange, DemoPerson, Failure, NameFriend, ThePerson, Visit};
use kith_domain::ids::CircleId;
use kith_tests::both;

use crate::coming_in::{of, paula, sets_up, token, typed};
use crate::town::{Town, receipt};

async fn says_who(town: &Town, visit: &Visit, circle: CircleId, name: &str) {
    let you = AboutYou {
        name: name.to_owned(),
        email: "paula@mail.example".to_owned(),
        phone: "07700 900 321".to_owned(),
        ..AboutYou::default()
    };
    town.app.set_up_you(visit, circle, &you).await.unwrap();
}

/// First name and phone number that the staff read.
async fn on_the_hospice_s_page(
    town: &Town,
    amira: &Visit,
    circle: CircleId,
) -> (Option<String>, Option<String>) {
    let page = town.app.hospice_circle(amira, circle).await.unwrap();
    let contact = page.detail.unwrap().contact;
    contact.map_or((None, None), |contact| (contact.name, Some(contact.phone)))
}

both! {
    async fn staff_never_read_the_name_of_a_patient_who_sets_up_herself(database) {
        let town = Town::seeded(database).await;
        let amira = town.visit_of(DemoPerson::Amira).await;
        let phone = Some("07700 900 321".to_owned());
        // The card was thought to be for a carer.
        let (circle, paula) = sets_up(&town, &amira, "myself").await;
        assert_eq!(on_the_hospice_s_page(&town, &amira, circle).await, (None, phone.clone()));
        says_who(&town, &paula, circle, "Paula").await;
        assert_eq!(on_the_hospice_s_page(&town, &amira, circle).await, (None, phone));
    }

    async fn nobody_rings_a_lead_carer_who_was_taken_out(database) {
        let town = Town::seeded(database).await;
        let amira = town.visit_of(DemoPerson::Amira).await;
        let heron = town.app.demo_circle(DemoPerson::Ruth).unwrap();
        let (name, phone) = on_the_hospice_s_page(&town, &amira, heron).await;
        assert!(name.as_deref() == Some("Ruth") && phone.is_some());
        let margaret = town.visit_of(DemoPerson::Margaret).await;
        let people = town.app.people(&margaret, heron).await.unwrap().members;
        let ruth = people.iter().find(|member| member.lead).unwrap().membership;
        town.app.remove(&margaret, heron, ruth, false, receipt()).await.unwrap();
        assert_eq!(on_the_hospice_s_page(&town, &amira, heron).await, (None, None));
    }

    async fn a_circle_is_set_up_once(database) {
        let town = Town::seeded(database).await;
        let amira = town.visit_of(DemoPerson::Amira).await;
        let (circle, paula) = paula(&town, &amira).await;
        town.app.finish_set_up(&paula, circle, &[], receipt()).await.unwrap();
        // In another state the last step does nothing, whoever sends it.
        let ruth = town.visit_of(DemoPerson::Ruth).await;
        let heron = town.app.demo_circle(DemoPerson::Ruth).unwrap();
        for change in [CircleChange::Pause, CircleChange::Resume] {
            town.app.change_circle_state(&ruth, heron, change, receipt()).await.unwrap();
            let again = town.app.finish_set_up(&ruth, heron, &[], receipt()).await;
            assert!(matches!(again, Err(Failure::NotHere)), "{again:?}");
        }
    }

    async fn going_back_to_the_first_step_gives_nothing_back(database) {
        let town = Town::seeded(database).await;
        let amira = town.visit_of(DemoPerson::Amira).await;
        let (circle, paula) = paula(&town, &amira).await;
        let place = async |name: &str| {
            let people = town.app.people(&paula, circle).await.unwrap().members;
            people.into_iter().find(|member| member.name == name).unwrap().membership
        };
        // Ada comes in on her own tablet, and takes from Paula what she does not want read.
        let (ada, own) = (place("Ada").await, place("Paula").await);
        town.app.new_words(&paula, circle, ada, receipt()).await.unwrap();
        let told = town.app.member(&paula, circle, ada).await.unwrap().words.unwrap();
        let tablet = town.stranger().await;
        let form = typed(&told.words);
        let admitted =
            town.app.admit_by_words(&tablet, token(&told.link.unwrap()), &form, receipt()).await.unwrap();
        let ada = of(&town, &admitted.cookies).await;
        let less = NameFriend { preset: "how_she_is".to_owned(), ..NameFriend::default() };
        town.app.change_grants(&ada, circle, own, &less, receipt()).await.unwrap();
        let again = ThePerson {
            name: "Ada".to_owned(),
            basis: "attorney".to_owned(),
            ..ThePerson::default()
        };
        town.app.set_up_person(&paula, circle, &again).await.unwrap();
        let private = town.app.private_page(&paula, circle).await;
        assert!(matches!(private, Err(Failure::NotHere)), "{private:?}");
    }
}
