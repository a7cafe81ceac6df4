//! Addresses that were mistyped: of an invitation, which whoever runs the circle corrects until it is
//! accepted, and of somebody who asks to join, who corrects it until the answer.

use kith_app::{AdmissionForm, DemoPerson, Failure, JoinPage, MyFeed, NameFriend, What};
use kith_domain::ids::MembershipId;
use kith_domain::{Category, EmailAddress, MembershipState};
use kith_store::StoreError;
use kith_tests::both;

use crate::new_address::sent;
use crate::share_link::{Heron, is_closed, just_rota, words, zoe};
use crate::town::receipt;

const WRONG: &str = "nina@wrong.example";
const RIGHT: &str = "nina@right.example";
const MALLORY: &str = "mallory@bad.example";

/// Ruth names Nina, with a mistake in the address; the place and the token of the mail's link.
async fn named(heron: &Heron) -> (MembershipId, String) {
    let form = NameFriend {
        name: "Nina".to_owned(),
        email: WRONG.to_owned(),
        preset: "how_she_is".to_owned(),
        says_my_name: true,
        ..NameFriend::default()
    };
    sent(&heron.town).await;
    let place = heron.town.app.name_friend(&heron.ruth, heron.circle, &form, receipt()).await;
    (place.unwrap(), mailed_to(heron, WRONG).await)
}

/// The token of the invitation that was just mailed to somebody, and to nobody else.
async fn mailed_to(heron: &Heron, address: &str) -> String {
    let mails = sent(&heron.town).await;
    assert_eq!(mails.iter().map(|mail| mail.to.as_str()).collect::<Vec<_>>(), [address]);
    mails[0].link().strip_prefix("https://kith.example/i/").unwrap().to_owned()
}

async fn corrected(heron: &Heron, place: MembershipId, to: &str) -> Result<(), Failure> {
    let app = &heron.town.app;
    app.correct_invitation(&heron.ruth, heron.circle, place, (to, ""), receipt()).await
}

async fn said(heron: &Heron, place: MembershipId) -> String {
    let member = heron.town.app.member(&heron.ruth, heron.circle, place).await.unwrap();
    member.words.unwrap().words
}

fn joining(words: &str) -> AdmissionForm {
    AdmissionForm {
        words: words.to_owned(),
        number: "8642".to_owned(),
        number_again: "8642".to_owned(),
        ..AdmissionForm::default()
    }
}

both! {
    async fn an_invitation_goes_to_the_right_address(database) {
        let heron = Heron::with_link(database).await;
        let app = &heron.town.app;
        let (place, old_link) = named(&heron).await;
        let two = said(&heron, place).await;
        let member = app.member(&heron.ruth, heron.circle, place).await.unwrap();
        assert!(member.invitation.unwrap().by_mail);

        // Whoever reads the wrong mailbox signs in there as Nina, and may take no calendar.
        let stranger = heron.town.stranger().await;
        let person = heron.person_of(place).await;
        let (reads_wrong, _) = heron.town.signed_in(&stranger, person).await;
        let refused = app.make_feed(&reads_wrong, receipt()).await;
        assert!(matches!(refused, Err(Failure::StepUp { .. })), "{refused:?}");

        let form = receipt();
        for _ in 0..2 {
            let to = (RIGHT, "01632 960 777");
            app.correct_invitation(&heron.ruth, heron.circle, place, to, form).await.unwrap();
        }
        let link = mailed_to(&heron, RIGHT).await;
        assert_ne!(link, old_link);
        assert!(is_closed(&app.welcome_page(&stranger, &old_link).await), "the earlier link is dead");
        assert!(matches!(app.my_details(&reads_wrong).await, Err(Failure::SignIn)));
        app.ask_code(&stranger, WRONG, false).await.unwrap();
        assert!(sent(&heron.town).await.is_empty(), "nobody is known at the wrong address");
        let old = app.admit_by_words(&stranger, &old_link, &joining(&two), receipt()).await;
        assert!(is_closed(&old));

        // The words that Ruth told already go on working, and the name and the grants are there.
        assert_eq!(said(&heron, place).await, two);
        let page = app.welcome_page(&stranger, &link).await.unwrap();
        assert_eq!(page.inviter.as_deref(), Some("Ruth"));
        let admitted = app.admit_by_words(&stranger, &link, &joining(&two), receipt()).await.unwrap();
        let device = admitted.cookies.device.as_ref().map(|secret| secret.as_str().to_owned());
        let session = admitted.cookies.session.as_str();
        let nina = heron.town.visit(Some(session), device.as_deref()).await;
        let own = app.my_details(&nina).await.unwrap();
        assert_eq!((own.name.as_str(), own.email.as_deref()), ("Nina", Some(RIGHT)));
        assert_eq!(own.phone.as_deref(), Some("01632 960 777"));
        assert_eq!(app.my_feed(&nina).await.unwrap(), MyFeed::NotMade);
        let member = app.member(&heron.ruth, heron.circle, place).await.unwrap();
        assert_eq!(member.member.state, MembershipState::Active);
        assert_eq!(member.member.name, "Nina");
        assert!(member.member.granted.unwrap().contains(Category::News));

        // From now on the address is hers.
        assert!(member.invitation.is_none());
        let refused = corrected(&heron, place, WRONG).await;
        assert!(matches!(refused, Err(Failure::Changed)), "{refused:?}");
        assert_eq!(app.my_details(&nina).await.unwrap().email.as_deref(), Some(RIGHT));
        assert!(sent(&heron.town).await.is_empty());
    }

    async fn only_whoever_names_people_corrects_and_no_more_than_naming_allows(database) {
        let heron = Heron::with_link(database).await;
        let app = &heron.town.app;
        let (place, link) = named(&heron).await;
        for who in [DemoPerson::Tom, DemoPerson::Joan, DemoPerson::Derek] {
            let visit = heron.town.visit_of(who).await;
            let refused =
                app.correct_invitation(&visit, heron.circle, place, (RIGHT, ""), receipt()).await;
            assert!(matches!(refused, Err(Failure::NotHere | Failure::StepUp { .. })), "{refused:?}");
        }
        // Somebody of the circle, and somebody whom it does not want.
        let toms = heron.town.visit_of(DemoPerson::Tom).await;
        let toms = app.my_details(&toms).await.unwrap().email.unwrap();
        heron.does_not_want(MALLORY).await;
        for address in [toms.as_str(), MALLORY] {
            let refused = corrected(&heron, place, address).await;
            let Err(Failure::Invalid(problems)) = &refused else { panic!("{refused:?}") };
            assert_eq!((problems[0].field, &problems[0].what), ("email", &What::CannotBeNamed));
        }
        let typed = corrected(&heron, place, "nina at home").await;
        assert!(matches!(typed, Err(Failure::Invalid(_))));
        assert!(sent(&heron.town).await.is_empty());
        assert!(app.welcome_page(&heron.town.stranger().await, &link).await.is_ok(), "as it was");
        // The same address once more is the same invitation, sent again.
        corrected(&heron, place, WRONG).await.unwrap();
        assert_ne!(mailed_to(&heron, WRONG).await, link);
    }

    async fn somebody_who_was_named_without_an_address_is_invited_by_mail(database) {
        let heron = Heron::with_link(database).await;
        let form = NameFriend { name: "Nina".to_owned(), ..just_rota() };
        let place = heron.town.app.name_friend(&heron.ruth, heron.circle, &form, receipt()).await;
        let place = place.unwrap();
        let member = heron.town.app.member(&heron.ruth, heron.circle, place).await.unwrap();
        assert!(!member.invitation.unwrap().by_mail);
        sent(&heron.town).await;
        corrected(&heron, place, RIGHT).await.unwrap();
        mailed_to(&heron, RIGHT).await;
    }

    async fn of_a_correction_and_a_yes_one_comes_first(database) {
        let heron = Heron::with_link(database).await;
        let (place, link) = named(&heron).await;
        let form = joining(&said(&heron, place).await);
        let stranger = heron.town.stranger().await;
        let (correction, yes) = tokio::join!(
            corrected(&heron, place, RIGHT),
            heron.town.app.admit_by_words(&stranger, &link, &form, receipt()),
        );
        assert_ne!(correction.is_ok(), yes.is_ok(), "{correction:?} {yes:?}");
    }

    async fn whoever_asked_to_join_sees_and_corrects_the_address(database) {
        let heron = Heron::with_link(database).await;
        let app = &heron.town.app;
        let nobody = heron.town.stranger().await;
        let browser = heron.asks(&zoe(WRONG)).await;
        let address = async |browser: &str| match heron.sees(Some(browser)).await.unwrap() {
            JoinPage::Waiting { email, .. } => email,
            other => panic!("{other:?}"),
        };
        assert_eq!(address(&browser).await.as_deref(), Some(WRONG));
        let two = words(heron.sees(Some(&browser)).await);
        // Another browser sees nothing of it, and corrects nothing.
        let other = heron.asks(&zoe("")).await;
        assert_eq!(address(&other).await, None);
        let correct = async |browser: Option<&str>, to: &str| {
            app.correct_join_address(&nobody, browser, &heron.token, to, receipt()).await
        };
        for stranger in [None, Some("not a secret of any browser")] {
            assert!(is_closed(&correct(stranger, "mine@bad.example").await));
        }
        assert!(matches!(correct(Some(&browser), "zoe at home").await, Err(Failure::Invalid(_))));
        assert_eq!(address(&browser).await.as_deref(), Some(WRONG));

        let form = receipt();
        for to in [RIGHT, WRONG] {
            let token = &heron.token;
            app.correct_join_address(&nobody, Some(&browser), token, to, form).await.unwrap();
        }
        assert_eq!(address(&browser).await.as_deref(), Some(RIGHT), "the same form is sent once");
        assert_eq!(words(heron.sees(Some(&browser)).await), two, "with the same words");
        let asking = heron.waiting().await;
        let hers = asking.iter().find(|asks| asks.words == two).unwrap();
        app.admit_friend(&heron.ruth, heron.circle, hers.id, &just_rota(), receipt()).await.unwrap();
        assert!(is_closed(&correct(Some(&browser), WRONG).await), "answered");
        let friend = heron.comes_in(&browser).await.unwrap();
        let own = app.my_details(&friend).await.unwrap();
        assert_eq!(own.email.as_deref(), Some(RIGHT));
        assert!(own.unproved);

        // Taken away, and given for the first time.
        correct(Some(&other), RIGHT).await.unwrap();
        assert_eq!(address(&other).await.as_deref(), Some(RIGHT));
        correct(Some(&other), "").await.unwrap();
        assert_eq!(address(&other).await, None);
    }

    async fn whom_a_circle_does_not_want_is_not_heard_by_correcting(database) {
        let heron = Heron::with_link(database).await;
        let app = &heron.town.app;
        let nobody = heron.town.stranger().await;
        heron.does_not_want(MALLORY).await;
        let browser = heron.asks(&zoe(RIGHT)).await;
        assert_eq!(heron.waiting().await.len(), 1);
        let correct = async |to: &str| {
            let (browser, token) = (Some(browser.as_str()), &heron.token);
            app.correct_join_address(&nobody, browser, token, to, receipt()).await
        };
        let before = words(heron.sees(Some(&browser)).await);
        correct(MALLORY).await.unwrap();
        assert!(heron.waiting().await.is_empty());
        assert_eq!(words(heron.sees(Some(&browser)).await), before, "and sees the same page");
        correct(RIGHT).await.unwrap();
        assert_eq!(heron.waiting().await.len(), 1);
    }
}

impl Heron {
    /// "Not this person", of an address.
    async fn does_not_want(&self, address: &str) {
        let organisation = self.ruth.organisation.id;
        let address = EmailAddress::parse(address).unwrap().canonical();
        let index = self.town.vault.email_index(organisation, &address);
        let (circle, now) = (self.circle, self.town.app.now());
        let put: Result<(), StoreError> = self
            .town
            .store
            .transact(organisation, async |unit| unit.refuse_address(circle, &index, now).await)
            .await;
        put.unwrap();
    }

    /// Who has a place.
    async fn person_of(&self, place: MembershipId) -> kith_domain::ids::PersonId {
        let snapshot = self.town.store.snapshot(self.ruth.organisation.id).await.unwrap();
        let place = snapshot.membership(place).await.unwrap().unwrap();
        snapshot.end();
        place.person
    }
}
