//! Coming in as somebody else: with words that one saw, with a card that one printed.

use kith_app::{
    AboutYou, AdmissionForm, DEMO_NUMBER, DemoPerson, Failure, FirstMember, NameFriend, NewCookies,
    StartCircle, ThePerson, Visit, What,
};
use kith_domain::MembershipState;
use kith_domain::ids::{CircleId, MembershipId};
use kith_tests::both;

use crate::town::{Town, receipt};

pub(crate) fn typed(words: &str) -> AdmissionForm {
    AdmissionForm {
        words: words.to_owned(),
        number: "8642".to_owned(),
        number_again: "8642".to_owned(),
        ..AdmissionForm::default()
    }
}

/// The token in a link.
pub(crate) fn token(url: &str) -> &str {
    url.strip_prefix("https://kith.example/i/").unwrap()
}

/// The circle of Margaret, with Ruth as its carer.
struct Heron {
    town: Town,
    circle: CircleId,
}

impl Heron {
    fn new(town: Town) -> Self {
        let circle = town.app.demo_circle(DemoPerson::Ruth).unwrap();
        Self { town, circle }
    }

    async fn place(&self, by: &Visit, name: &str) -> MembershipId {
        let people = self.town.app.people(by, self.circle).await.unwrap();
        people.members.iter().find(|member| member.name == name).unwrap().membership
    }

    /// The link and the words that wait for somebody, as whoever is in charge sees them.
    async fn told(&self, by: &Visit, place: MembershipId) -> (String, String) {
        let page = self.town.app.member(by, self.circle, place).await.unwrap();
        let told = page.words.unwrap();
        (token(&told.link.unwrap()).to_owned(), told.words)
    }

    /// Somebody without a mailbox, who is to see as much as Ruth does.
    async fn names_bob(&self, ruth: &Visit) -> (String, String) {
        let form = NameFriend {
            name: "Bob".to_owned(),
            preset: "private_page".to_owned(),
            ..NameFriend::default()
        };
        let bob = self.town.app.name_friend(ruth, self.circle, &form, receipt()).await.unwrap();
        self.told(ruth, bob).await
    }

    /// Whether a link and words let somebody in who has nothing else.
    async fn lets_in(&self, (link, words): &(String, String)) -> Result<(), Failure> {
        let private_window = self.town.stranger().await;
        self.town
            .app
            .admit_by_words(&private_window, link, &typed(words), receipt())
            .await
            .map(|_| ())
    }
}

/// A circle that Paula began with its first card, and her browser.
pub(crate) async fn paula(town: &Town, amira: &Visit) -> (CircleId, Visit) {
    sets_up(town, amira, "own_consent").await
}

/// The same, with this answer to the question who decides.
pub(crate) async fn sets_up(town: &Town, amira: &Visit, basis: &str) -> (CircleId, Visit) {
    let form = StartCircle {
        who: Some(FirstMember::Carer),
        name: "Paula",
        phone: "07700 900 321",
        area: "",
    };
    let card = town.app.start_circle(amira, form, receipt()).await.unwrap();
    let window = town.stranger().await;
    let form = typed(&card.words);
    let admitted =
        town.app.admit_by_words(&window, token(&card.url), &form, receipt()).await.unwrap();
    let paula = of(town, &admitted.cookies).await;
    let person =
        ThePerson { name: "Ada".to_owned(), basis: basis.to_owned(), ..ThePerson::default() };
    town.app.set_up_person(&paula, card.circle, &person).await.unwrap();
    (card.circle, paula)
}

/// Somebody whom Paula names: the link and the words.
async fn names(
    town: &Town,
    by: &Visit,
    circle: CircleId,
    name: &str,
    email: &str,
) -> (String, String) {
    let form = NameFriend {
        name: name.to_owned(),
        email: email.to_owned(),
        preset: "just_rota".to_owned(),
        ..NameFriend::default()
    };
    let place = town.app.name_friend(by, circle, &form, receipt()).await.unwrap();
    let told = town.app.member(by, circle, place).await.unwrap().words.unwrap();
    (token(&told.link.unwrap()).to_owned(), told.words)
}

/// The next request of a browser that was let in.
pub(crate) async fn of(town: &Town, cookies: &NewCookies) -> Visit {
    let device = secret_of(cookies);
    town.visit(Some(cookies.session.as_str()), device.as_deref()).await
}

fn secret_of(cookies: &NewCookies) -> Option<String> {
    cookies.device.as_ref().map(|secret| secret.as_str().to_owned())
}

/// Somebody who comes in through a door of the demonstration, and the secret of their device.
async fn on_a_device(town: &Town, who: DemoPerson) -> (Visit, Option<String>) {
    let cookies = town.app.demo_come_in(&town.stranger().await, who).await.unwrap();
    (of(town, &cookies).await, secret_of(&cookies))
}

/// Whether a form was answered with this.
#[track_caller]
pub(crate) fn says<T: std::fmt::Debug>(answer: Result<T, Failure>, what: &What) {
    match answer {
        Err(Failure::Invalid(problems)) => assert_eq!(&problems[0].what, what),
        other => panic!("{other:?}"),
    }
}

both! {
    async fn a_carer_makes_no_words_for_a_patient_who_has_a_device(database) {
        let heron = Heron::new(Town::seeded(database).await);
        let app = &heron.town.app;
        let ruth = heron.town.visit_of(DemoPerson::Ruth).await;
        let margaret = heron.place(&ruth, "Margaret").await;
        let made = app.new_words(&ruth, heron.circle, margaret, receipt()).await;
        says(made, &What::HasOwnDevice);
        let page = app.member(&ruth, heron.circle, margaret).await.unwrap();
        assert!(page.words.is_none() && page.has_device);
        // Nor does the patient by the page that the carer reads, but by her own.
        let her = heron.town.visit_of(DemoPerson::Margaret).await;
        says(app.new_words(&her, heron.circle, margaret, receipt()).await, &What::HasOwnDevice);
        app.own_new_words(&her, heron.circle, receipt()).await.unwrap();
    }

    async fn a_lost_tablet_takes_the_hospice_and_a_carer(database) {
        let heron = Heron::new(Town::seeded(database).await);
        let app = &heron.town.app;
        let her = heron.town.visit_of(DemoPerson::Margaret).await;
        let ruth = heron.town.visit_of(DemoPerson::Ruth).await;
        let refused = app.end_lost_devices(&ruth, heron.circle, receipt()).await;
        assert!(matches!(refused, Err(Failure::NotHere)), "a carer alone");
        let amira = heron.town.visit_of(DemoPerson::Amira).await;
        assert!(app.hospice_circle(&amira, heron.circle).await.unwrap().may_end_devices);
        app.end_lost_devices(&amira, heron.circle, receipt()).await.unwrap();
        assert!(!app.hospice_circle(&amira, heron.circle).await.unwrap().may_end_devices);
        assert!(app.home(&her, heron.circle).await.is_err(), "the lost tablet opens nothing");

        let margaret = heron.place(&ruth, "Margaret").await;
        app.new_words(&ruth, heron.circle, margaret, receipt()).await.unwrap();
        let told = heron.told(&ruth, margaret).await;
        heron.lets_in(&told).await.unwrap();
        says(heron.lets_in(&told).await, &What::WrongWords(0));
        let again = app.new_words(&ruth, heron.circle, margaret, receipt()).await;
        says(again, &What::HasOwnDevice);
    }

    async fn words_that_a_carer_saw_end_when_she_is_taken_out(database) {
        let heron = Heron::new(Town::seeded(database).await);
        let ruth = heron.town.visit_of(DemoPerson::Ruth).await;
        let bobs = heron.names_bob(&ruth).await;
        let margaret = heron.town.visit_of(DemoPerson::Margaret).await;
        let place = heron.place(&margaret, "Ruth").await;
        let app = &heron.town.app;
        app.remove(&margaret, heron.circle, place, false, receipt()).await.unwrap();
        says(heron.lets_in(&bobs).await, &What::WrongWords(0));
        // Whoever is in charge now makes others, and he comes in.
        let bob = heron.place(&margaret, "Bob").await;
        app.new_words(&margaret, heron.circle, bob, receipt()).await.unwrap();
        let told = heron.told(&margaret, bob).await;
        heron.lets_in(&told).await.unwrap();
    }

    async fn words_that_a_carer_saw_end_when_she_is_withdrawn_from(database) {
        let heron = Heron::new(Town::seeded(database).await);
        let ruth = heron.town.visit_of(DemoPerson::Ruth).await;
        let bobs = heron.names_bob(&ruth).await;
        let margaret = heron.town.visit_of(DemoPerson::Margaret).await;
        let place = heron.place(&margaret, "Ruth").await;
        let less = NameFriend { preset: "just_rota".to_owned(), ..NameFriend::default() };
        let app = &heron.town.app;
        app.change_grants(&margaret, heron.circle, place, &less, receipt()).await.unwrap();
        says(heron.lets_in(&bobs).await, &What::WrongWords(0));
    }

    async fn nobody_comes_in_by_words_that_others_saw_while_a_circle_is_frozen(database) {
        let heron = Heron::new(Town::seeded(database).await);
        let app = &heron.town.app;
        let ruth = heron.town.visit_of(DemoPerson::Ruth).await;
        let amira = heron.town.visit_of(DemoPerson::Amira).await;
        app.end_lost_devices(&amira, heron.circle, receipt()).await.unwrap();
        let margaret = heron.place(&ruth, "Margaret").await;
        app.new_words(&ruth, heron.circle, margaret, receipt()).await.unwrap();
        let hers = heron.told(&ruth, margaret).await;
        let bobs = heron.names_bob(&ruth).await;
        app.freeze(&amira, heron.circle).await.unwrap();
        for words in [&hers, &bobs] {
            let closed = heron.lets_in(words).await;
            assert!(matches!(closed, Err(Failure::NotHere)), "{closed:?}");
            let window = heron.town.stranger().await;
            let page = app.welcome_page(&window, &words.0).await;
            assert!(matches!(page, Err(Failure::NotHere)), "{page:?}");
        }
        app.unfreeze(&amira, heron.circle).await.unwrap();
        for words in [&hers, &bobs] {
            says(heron.lets_in(words).await, &What::WrongWords(0));
        }
    }

    async fn in_a_frozen_circle_the_patient_s_own_words_still_count(database) {
        let heron = Heron::new(Town::seeded(database).await);
        let app = &heron.town.app;
        let amira = heron.town.visit_of(DemoPerson::Amira).await;
        app.freeze(&amira, heron.circle).await.unwrap();
        let margaret = heron.town.visit_of(DemoPerson::Margaret).await;
        let made = app.own_new_words(&margaret, heron.circle, receipt()).await.unwrap();
        let link = token(&made.link.unwrap()).to_owned();
        heron.lets_in(&(link, made.words)).await.unwrap();
    }

    async fn only_the_first_card_of_a_circle_needs_no_mailbox(database) {
        let town = Town::seeded(database).await;
        let amira = town.visit_of(DemoPerson::Amira).await;
        let (circle, paula) = paula(&town, &amira).await;
        // Still being set up, and no mailbox is known: a card would let in whoever prints it.
        says(town.app.new_card(&amira, circle, receipt()).await, &What::CardNeedsMailbox);
        let you = AboutYou {
            name: "Paula".to_owned(),
            email: "paula@mail.example".to_owned(),
            ..AboutYou::default()
        };
        town.app.set_up_you(&paula, circle, &you).await.unwrap();
        let card = town.app.new_card(&amira, circle, receipt()).await.unwrap();
        for visit in [&town.stranger().await, &amira] {
            let page = town.app.welcome_page(visit, token(&card.url)).await;
            assert!(matches!(page, Err(Failure::SignIn)), "{page:?}");
            let form = typed(&card.words);
            let came_in = town.app.admit_by_words(visit, token(&card.url), &form, receipt()).await;
            assert!(matches!(came_in, Err(Failure::SignIn)), "{came_in:?}");
        }
    }

    async fn two_people_with_one_mailbox_and_one_tablet_stay_two(database) {
        let town = Town::seeded(database).await;
        let amira = town.visit_of(DemoPerson::Amira).await;
        let (circle, paula) = paula(&town, &amira).await;
        let jean = names(&town, &paula, circle, "Jean", &DemoPerson::Tom.email()).await;
        // Tom is signed in on the family's tablet, and Jean opens her invitation there.
        let (tom, tablet) = on_a_device(&town, DemoPerson::Tom).await;
        let page = town.app.welcome_page(&tom, &jean.0).await.unwrap();
        assert_eq!(page.here.as_deref(), Some("Tom"));
        let says_nothing = AdmissionForm {
            number: "9753".to_owned(),
            number_again: "9753".to_owned(),
            ..typed(&jean.1)
        };
        let is_tom = AdmissionForm { already_here: true, ..says_nothing.clone() };
        let both_ticks = AdmissionForm { shares_mailbox: true, ..is_tom.clone() };
        says(town.app.admit_by_words(&tom, &jean.0, &both_ticks, receipt()).await, &What::NotAlreadyHere);
        let guessed = town.app.admit_by_words(&tom, &jean.0, &is_tom, receipt()).await;
        says(guessed, &What::NumberHere(4));

        let ticks = AdmissionForm { shares_mailbox: true, shared_computer: true, ..says_nothing };
        let admitted = town.app.admit_by_words(&tom, &jean.0, &ticks, receipt()).await.unwrap();
        let session = Some(admitted.cookies.session.as_str());
        let came_in = town.visit(session, tablet.as_deref()).await;
        let places = town.app.my_places(&came_in).await.unwrap();
        assert_eq!(places.circles.iter().map(|place| place.circle).collect::<Vec<_>>(), [circle]);
        let heron = town.app.demo_circle(DemoPerson::Tom).unwrap();
        assert!(matches!(town.app.home(&came_in, heron).await, Err(Failure::NotHere)));
        let people = town.app.device_people(&came_in).await.unwrap();
        let toms = people.iter().find(|who| who.name == "Tom").unwrap().person;
        says(
            town.app.enter_by_number(&came_in, toms, "9753", false).await,
            &What::WrongNumber(3),
        );
        town.app.enter_by_number(&came_in, toms, DEMO_NUMBER, false).await.unwrap();
    }

    async fn somebody_who_says_so_and_has_the_number_is_one_person_in_two_circles(database) {
        let town = Town::seeded(database).await;
        let amira = town.visit_of(DemoPerson::Amira).await;
        let (circle, paula) = paula(&town, &amira).await;
        let toms = names(&town, &paula, circle, "Tom", &DemoPerson::Tom.email()).await;
        let (tom, phone) = on_a_device(&town, DemoPerson::Tom).await;
        let form = AdmissionForm {
            number: DEMO_NUMBER.to_owned(),
            number_again: DEMO_NUMBER.to_owned(),
            already_here: true,
            ..typed(&toms.1)
        };
        // Nobody who is signed in elsewhere is asked, and saying so does not help.
        let elsewhere = town.stranger().await;
        assert_eq!(town.app.welcome_page(&elsewhere, &toms.0).await.unwrap().here, None);
        says(town.app.admit_by_words(&elsewhere, &toms.0, &form, receipt()).await, &What::NotAlreadyHere);
        let admitted = town.app.admit_by_words(&tom, &toms.0, &form, receipt()).await.unwrap();
        let session = Some(admitted.cookies.session.as_str());
        let came_in = town.visit(session, phone.as_deref()).await;
        assert_eq!(town.app.my_places(&came_in).await.unwrap().circles.len(), 2);
        assert_eq!(town.app.device_people(&came_in).await.unwrap().len(), 1);
    }

    async fn words_of_one_circle_do_not_replace_the_number_of_another(database) {
        let town = Town::seeded(database).await;
        let amira = town.visit_of(DemoPerson::Amira).await;
        let (circle, paula) = paula(&town, &amira).await;
        let toms = names(&town, &paula, circle, "Tom", &DemoPerson::Tom.email()).await;
        let (tom, tablet) = on_a_device(&town, DemoPerson::Tom).await;
        let is_tom = AdmissionForm {
            number: DEMO_NUMBER.to_owned(),
            number_again: DEMO_NUMBER.to_owned(),
            already_here: true,
            ..typed(&toms.1)
        };
        let admitted = town.app.admit_by_words(&tom, &toms.0, &is_tom, receipt()).await.unwrap();
        let session = Some(admitted.cookies.session.as_str());
        let tom = town.visit(session, tablet.as_deref()).await;
        // Paula makes words for a further device of his, and has his tablet in her hands.
        let members = town.app.people(&paula, circle).await.unwrap().members;
        let his = members.iter().find(|member| member.name == "Tom").unwrap().membership;
        let words = async || {
            town.app.new_words(&paula, circle, his, receipt()).await.unwrap();
            let told = town.app.member(&paula, circle, his).await.unwrap().words.unwrap();
            assert_eq!(told.link, None, "his mailbox, or a session of his, is asked for as well");
            told.words
        };
        let told = words().await;
        says(town.app.enrol(&tom, Some(circle), &typed(&told)).await, &What::NumberHere(4));
        let with_his = AdmissionForm {
            number: DEMO_NUMBER.to_owned(),
            number_again: DEMO_NUMBER.to_owned(),
            ..typed(&told)
        };
        let enrolled = town.app.enrol(&tom, Some(circle), &with_his).await.unwrap();
        let tom = town.visit(Some(enrolled.session.as_str()), tablet.as_deref()).await;
        let heron = town.app.demo_circle(DemoPerson::Tom).unwrap();
        town.app.home(&tom, heron).await.unwrap();
        let of_her_own = typed(&words().await);
        for left in [4, 3, 2, 1] {
            let refused = town.app.enrol(&tom, Some(circle), &of_her_own).await;
            says(refused.map(|_| ()), &What::NumberHere(left));
        }
        let fifth = town.app.enrol(&tom, Some(circle), &of_her_own).await;
        assert!(matches!(fifth, Err(Failure::SignIn)), "{:?}", fifth.map(|_| ()));
        assert!(matches!(town.app.home(&tom, heron).await, Err(Failure::SignIn)));
        let on_tablet = town.visit(None, tablet.as_deref()).await;
        assert!(town.app.device_people(&on_tablet).await.unwrap().is_empty());
    }

    async fn whoever_types_the_words_when_signed_in_has_said_yes(database) {
        let town = Town::seeded(database).await;
        let heron = town.app.demo_circle(DemoPerson::Ruth).unwrap();
        let ruth = town.visit_of(DemoPerson::Ruth).await;
        let form = NameFriend {
            name: "Ida".to_owned(),
            email: "ida@mail.example".to_owned(),
            preset: "just_rota".to_owned(),
            ..NameFriend::default()
        };
        let place = town.app.name_friend(&ruth, heron, &form, receipt()).await.unwrap();
        let told = town.app.member(&ruth, heron, place).await.unwrap().words.unwrap();
        let snapshot = town.store.snapshot(ruth.organisation.id).await.unwrap();
        let ida = snapshot.membership(place).await.unwrap().unwrap().person;
        drop(snapshot);
        // Signed in by a code of her mailbox.
        let visit = town.signed_in(&ruth, ida).await;
        town.app.enrol(&visit.0, Some(heron), &typed(&told.words)).await.unwrap();
        let snapshot = town.store.snapshot(ruth.organisation.id).await.unwrap();
        let place = snapshot.membership(place).await.unwrap().unwrap();
        assert_eq!(place.state, MembershipState::Active);
        assert!(snapshot.is_enrolled(visit.1, ida, Some(heron), town.app.now()).await.unwrap());
    }

    async fn a_device_that_others_use_is_theirs_at_every_sign_in(database) {
        let town = Town::seeded(database).await;
        let heron = town.app.demo_circle(DemoPerson::Tom).unwrap();
        let (tom, phone) = on_a_device(&town, DemoPerson::Tom).await;
        let made = town.app.own_new_words(&tom, heron, receipt()).await.unwrap();
        let cookies = town.app.demo_come_in(&town.stranger().await, DemoPerson::TomsMailbox).await;
        let cookies = cookies.unwrap();
        let library = secret_of(&cookies);
        let visit = of(&town, &cookies).await;
        let form = AdmissionForm { shared_computer: true, ..typed(&made.words) };
        let enrolled = town.app.enrol(&visit, Some(heron), &form).await.unwrap();
        assert!(enrolled.shared_computer);
        // Days later he comes back by his number, and ticks nothing.
        let back = town.visit(None, library.as_deref()).await;
        let tom = town.app.device_people(&back).await.unwrap()[0].person;
        let again = town.app.enter_by_number(&back, tom, "8642", false).await.unwrap();
        assert!(again.shared_computer);
        // His own phone is his, until it is trusted for somebody else as well.
        let back = town.visit(None, phone.as_deref()).await;
        let alone = town.app.enter_by_number(&back, tom, DEMO_NUMBER, false).await.unwrap();
        assert!(!alone.shared_computer);
        let amira = town.visit_of(DemoPerson::Amira).await;
        let (circle, paula) = paula(&town, &amira).await;
        let jean = names(&town, &paula, circle, "Jean", "jean@mail.example").await;
        let form = typed(&jean.1);
        let jean = town.app.admit_by_words(&back, &jean.0, &form, receipt()).await.unwrap();
        assert!(jean.cookies.shared_computer);
        let toms = town.app.enter_by_number(&back, tom, DEMO_NUMBER, false).await.unwrap();
        assert!(toms.shared_computer);
    }
}
