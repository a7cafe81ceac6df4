//! Being written to at another address: a code that was sent there, typed in the browser that asked,
//! on a trusted device with the own number. And everybody who tries it without.

use std::sync::Arc;

use kith_app::{DEMO_NUMBER, Delivery, DemoPerson, Failure, MyFeed, Visit, What};
use kith_domain::ids::PersonId;
use kith_domain::{EmailAddress, Tier};
use kith_store::StoreError;
use kith_tests::world::delivery;
use kith_tests::{HandedOver, Sink, both, without_tokens};
use kith_vault::token_hash;
use tokio_util::sync::CancellationToken;

use crate::town::{Town, receipt};

const NEW: &str = "tom.new@mail.example";
/// On a "not this person" list.
const REFUSED: &str = "mallory@bad.example";

/// What leaves now.
pub(crate) async fn sent(town: &Town) -> Vec<HandedOver> {
    let sink = Sink::open();
    // One after the other: in their order.
    let delivery = Delivery { connections: 1, ..delivery(Arc::<Sink>::clone(&sink)) };
    while town.app.deliver_due(&delivery, &CancellationToken::new()).await.unwrap().more {}
    sink.accepted()
}

/// The code that a mail to `to` holds.
fn code(mails: &[HandedOver], to: &str) -> Option<String> {
    let mail = mails.iter().find(|mail| mail.to == to)?.read();
    assert_eq!(mail.header("Subject"), Some("Your code for Kith"));
    assert!(mail.header("List-Unsubscribe").is_none());
    let bare = |line: &str| line.replace(' ', "");
    let is_code = |line: &String| line.len() == 6 && line.bytes().all(|b| b.is_ascii_digit());
    mail.text.lines().map(bare).find(is_code)
}

/// Another code than this one.
fn wrong(code: &str) -> &'static str {
    if code == "111111" { "222222" } else { "111111" }
}

/// Somebody in a browser of theirs.
struct Person<'t> {
    town: &'t Town,
    session: String,
    device: Option<String>,
}

impl<'t> Person<'t> {
    async fn comes_in(town: &'t Town, who: DemoPerson) -> Self {
        let cookies = town.app.demo_come_in(&town.stranger().await, who).await.unwrap();
        let device = cookies.device.as_ref().map(|secret| secret.as_str().to_owned());
        Self { town, session: cookies.session.as_str().to_owned(), device }
    }

    /// With their own number a moment ago, on a device of their own.
    async fn surely(town: &'t Town, who: DemoPerson) -> Self {
        let mut person = Self::comes_in(town, who).await;
        let circle = town.app.demo_circle(who);
        let cookies = town.app.give_number(&person.now().await, circle, DEMO_NUMBER).await;
        cookies.unwrap().session.as_str().clone_into(&mut person.session);
        person
    }

    /// A request at this moment.
    async fn now(&self) -> Visit {
        self.town.visit(Some(&self.session), self.device.as_deref()).await
    }

    async fn id(&self) -> PersonId {
        let (hash, now) = (token_hash(&self.session), self.town.app.now());
        let organisation = self.now().await.organisation.id;
        let snapshot = self.town.store.snapshot(organisation).await.unwrap();
        let session = snapshot.session(&hash, now).await.unwrap().unwrap();
        snapshot.end();
        session.person
    }

    async fn asks(&self, address: &str) -> Result<(), Failure> {
        self.town.app.ask_new_address(&self.now().await, address, receipt()).await
    }

    async fn types(&self, code: &str) -> Result<(), Failure> {
        self.town.app.confirm_new_address(&self.now().await, code, receipt()).await
    }

    /// Asks, and gives the code that came.
    async fn asked(&self) -> String {
        self.asks(NEW).await.unwrap();
        code(&sent(self.town).await, NEW).unwrap()
    }

    /// The address whose code may be typed here.
    async fn waits(&self) -> Option<String> {
        self.town.app.new_address(&self.now().await).await.unwrap().waits
    }

    async fn email(&self) -> Option<String> {
        self.town.app.my_details(&self.now().await).await.unwrap().email
    }

    async fn is_out(&self) -> bool {
        let details = self.town.app.my_details(&self.now().await).await;
        matches!(details, Err(Failure::SignIn))
    }
}

fn is_wrong(answer: &Result<(), Failure>) -> bool {
    matches!(answer, Err(Failure::Invalid(problems)) if problems[0].what == What::WrongCode)
}

both! {
    async fn it_counts_when_the_code_from_there_is_typed(database) {
        let town = Town::seeded(database).await;
        let tom = Person::surely(&town, DemoPerson::Tom).await;
        let elsewhere = Person::comes_in(&town, DemoPerson::Tom).await;
        let old = tom.email().await.unwrap();
        sent(&town).await;
        let form = receipt();
        for _ in 0..2 {
            town.app.ask_new_address(&tom.now().await, NEW, form).await.unwrap();
        }
        assert_eq!(tom.waits().await.as_deref(), Some(NEW));
        let mails = sent(&town).await;
        assert_eq!(mails.len(), 1, "sent twice is once, and the old address hears nothing yet");
        let code = code(&mails, NEW).unwrap();
        assert_eq!(mails[0].link(), "https://kith.example/me/address");
        assert!(!without_tokens(&mails[0].read().text).contains("Tom"));
        assert!(is_wrong(&tom.types(wrong(&code)).await));
        assert_eq!(tom.email().await, Some(old.clone()), "until then the old one holds");

        let form = receipt();
        for _ in 0..2 {
            town.app.confirm_new_address(&tom.now().await, &code, form).await.unwrap();
        }
        assert_eq!(tom.email().await.as_deref(), Some(NEW));
        assert!(elsewhere.is_out().await);
        let told = sent(&town).await;
        assert_eq!(told.len(), 1, "{:?}", told.iter().map(|mail| &mail.to).collect::<Vec<_>>());
        assert_eq!(told[0].to, old);
        assert_eq!(told[0].link(), "https://kith.example/help");
        let text = told[0].read().text.replace('\n', " ");
        let phone = tom.now().await.organisation.phone;
        assert!(text.contains(&format!("If that was not you, ring {phone}")), "{text}");
        assert!(!String::from_utf8_lossy(&told[0].bytes).contains("tom.new"));

        // From now on he comes in by the new one, and by the old one nobody does.
        let stranger = town.stranger().await;
        for (address, comes) in [(NEW, 1), (old.as_str(), 0)] {
            town.app.ask_code(&stranger, address, false).await.unwrap();
            assert_eq!(sent(&town).await.len(), comes, "{address}");
        }
        assert!(is_wrong(&tom.types(&code).await), "once");
        assert!(tom.waits().await.is_none());
    }

    async fn it_takes_the_own_number_on_a_trusted_device(database) {
        let town = Town::seeded(database).await;
        let heron = town.app.demo_circle(DemoPerson::Tom);
        // With the mailbox alone, and in a browser that was left open: whatever one tries.
        let mailbox = Person::comes_in(&town, DemoPerson::TomsMailbox).await;
        let left_open = Person::surely(&town, DemoPerson::Tom).await;
        sent(&town).await;
        let code = left_open.asked().await;
        town.clock.advance(15 * 60);
        for (person, tier) in [(&mailbox, Tier::Trusted), (&left_open, Tier::Fresh)] {
            let page = town.app.new_address(&person.now().await).await.map(|_| ());
            for refused in [page, person.asks("mine@bad.example").await, person.types(&code).await] {
                let Err(Failure::StepUp { circle, tier: needed }) = refused else {
                    panic!("{refused:?}")
                };
                assert_eq!((circle, needed), (heron, tier));
            }
        }
        assert!(sent(&town).await.is_empty());
        let nobody = town.stranger().await;
        let refused = town.app.ask_new_address(&nobody, NEW, receipt()).await;
        assert!(matches!(refused, Err(Failure::SignIn)), "{refused:?}");
    }

    async fn a_device_that_was_stopped_is_not_sure_any_more(database) {
        let town = Town::seeded(database).await;
        let tom = Person::surely(&town, DemoPerson::Tom).await;
        let (organisation, now, id) = (tom.now().await.organisation.id, town.app.now(), tom.id().await);
        let ended: Result<u64, StoreError> = town
            .store
            .transact(organisation, async |unit| unit.end_enrolments(id, None, None, now).await)
            .await;
        assert!(ended.unwrap() > 0);
        let refused = tom.asks(NEW).await;
        assert!(matches!(refused, Err(Failure::StepUp { tier: Tier::Trusted, .. })), "{refused:?}");
    }

    async fn the_code_counts_in_the_browser_that_asked_and_for_whoever_asked(database) {
        let town = Town::seeded(database).await;
        let here = Person::surely(&town, DemoPerson::Tom).await;
        let there = Person::surely(&town, DemoPerson::Tom).await;
        let ruth = Person::surely(&town, DemoPerson::Ruth).await;
        let before = ruth.email().await;
        sent(&town).await;
        let first = here.asked().await;
        assert!(there.waits().await.is_none());
        for other in [&there, &ruth] {
            assert!(is_wrong(&other.types(&first).await));
        }
        // Somebody else's code is of no use either, typed where one asked oneself.
        ruth.asks("ruth.new@mail.example").await.unwrap();
        assert!(is_wrong(&ruth.types(&first).await));
        assert_eq!(ruth.email().await, before);
        // Asking in the other browser ends the first asking.
        there.asks(NEW).await.unwrap();
        assert!(here.waits().await.is_none());
        assert!(is_wrong(&here.types(&first).await));
        let second = code(&sent(&town).await, NEW).unwrap();
        there.types(&second).await.unwrap();
        assert!(here.is_out().await && !there.is_out().await);
    }

    async fn a_late_code_and_a_sixth_try_are_refused(database) {
        let town = Town::seeded(database).await;
        let tom = Person::surely(&town, DemoPerson::Tom).await;
        let old = tom.email().await;
        sent(&town).await;
        let first = tom.asked().await;
        for _ in 0..5 {
            assert!(is_wrong(&tom.types(wrong(&first)).await));
        }
        assert!(is_wrong(&tom.types(&first).await), "the right one, as the sixth");
        town.clock.advance(60);
        let second = tom.asked().await;
        town.clock.advance(599);
        if first != second {
            assert!(is_wrong(&tom.types(&first).await), "of an asking that is over");
        }
        town.clock.advance(1);
        let answer = tom.types(&second).await;
        let Err(Failure::Invalid(problems)) = &answer else { panic!("{answer:?}") };
        assert_eq!(problems[0].what, What::CodeRanOut);
        assert_eq!(tom.email().await, old);
    }

    async fn an_address_that_is_known_is_answered_like_any_other(database) {
        let town = Town::seeded(database).await;
        let tom = Person::surely(&town, DemoPerson::Tom).await;
        let heron = town.app.demo_circle(DemoPerson::Tom).unwrap();
        let ruths = Person::comes_in(&town, DemoPerson::Ruth).await.email().await.unwrap();
        sent(&town).await;
        tom.asks(&ruths).await.unwrap();
        assert_eq!(tom.waits().await.as_ref(), Some(&ruths));
        let code = code(&sent(&town).await, &ruths).expect("only who reads there can go on");
        assert!(is_wrong(&tom.types(wrong(&code)).await));

        // "Not this person": the same page, and no mail.
        let address = EmailAddress::parse(REFUSED).unwrap().canonical();
        let organisation = tom.now().await.organisation.id;
        let (index, now) = (town.vault.email_index(organisation, &address), town.app.now());
        let refused: Result<(), StoreError> = town
            .store
            .transact(organisation, async |unit| unit.refuse_address(heron, &index, now).await)
            .await;
        refused.unwrap();
        tom.asks(REFUSED).await.unwrap();
        assert_eq!(tom.waits().await.as_deref(), Some(REFUSED));
        assert!(sent(&town).await.is_empty());
        assert!(is_wrong(&tom.types("123456").await));
        assert!(matches!(tom.asks("nobody").await, Err(Failure::Invalid(_))));
    }

    async fn who_reads_the_same_mailbox_is_asked_who_they_are(database) {
        let town = Town::seeded(database).await;
        let tom = Person::surely(&town, DemoPerson::Tom).await;
        let ruths = Person::comes_in(&town, DemoPerson::Ruth).await.email().await.unwrap();
        sent(&town).await;
        tom.asks(&ruths).await.unwrap();
        let code = code(&sent(&town).await, &ruths).unwrap();
        tom.types(&code).await.unwrap();
        let details = town.app.my_details(&tom.now().await).await.unwrap();
        assert_eq!(details.email, Some(ruths));
        assert!(details.shares_mailbox);
    }

    async fn one_address_gets_few_codes_and_one_person_asks_seldom(database) {
        let town = Town::seeded(database).await;
        let tom = Person::surely(&town, DemoPerson::Tom).await;
        sent(&town).await;
        for _ in 0..5 {
            tom.asks(NEW).await.unwrap();
        }
        // Each gave way to the next, and for the last two nothing is sent any more.
        assert!(sent(&town).await.is_empty());
        assert_eq!(tom.waits().await.as_deref(), Some(NEW), "which the page does not tell");
        assert!(matches!(tom.asks(NEW).await, Err(Failure::TooMany)));
    }

    async fn mails_go_there_and_what_came_back_is_forgotten(database) {
        let town = Town::seeded(database).await;
        let tom = Person::surely(&town, DemoPerson::Tom).await;
        let old = tom.email().await.unwrap();
        let (organisation, id) = (tom.now().await.organisation.id, tom.id().await);
        town.app.plan_reminders().await.unwrap();
        sent(&town).await;
        let now = town.app.now();
        let marked: Result<(), StoreError> = town
            .store
            .transact(organisation, async |unit| {
                let address = unit.person(id).await?.email.unwrap();
                unit.address_refused(id, address.bytes(), now).await
            })
            .await;
        marked.unwrap();
        assert!(town.app.my_details(&tom.now().await).await.unwrap().mail_comes_back);
        town.app.make_feed(&tom.now().await, receipt()).await.unwrap();
        let code = tom.asked().await;
        tom.types(&code).await.unwrap();
        let details = town.app.my_details(&tom.now().await).await.unwrap();
        assert!(!details.mail_comes_back && !details.unproved);
        let feed = town.app.my_feed(&tom.now().await).await.unwrap();
        assert!(matches!(feed, MyFeed::Made(_)), "the calendar goes on");
        assert_eq!(sent(&town).await.iter().filter(|mail| mail.to == old).count(), 1);
        let mut to_him = Vec::new();
        for _ in 0..6 {
            town.clock.advance(12 * 3_600);
            town.app.plan_reminders().await.unwrap();
            to_him.extend(sent(&town).await);
        }
        assert!(to_him.iter().any(|mail| mail.to == NEW), "he is reminded there");
        assert!(!to_him.iter().any(|mail| mail.to == old));
    }

    async fn somebody_without_an_address_gives_one(database) {
        let town = Town::seeded(database).await;
        let margaret = Person::surely(&town, DemoPerson::Margaret).await;
        assert!(margaret.email().await.is_none());
        sent(&town).await;
        let code = margaret.asked().await;
        margaret.types(&code).await.unwrap();
        assert_eq!(margaret.email().await.as_deref(), Some(NEW));
        assert!(sent(&town).await.is_empty(), "there is no old address to be told");
    }

    async fn what_was_asked_and_the_old_address_are_wiped(database) {
        let town = Town::seeded(database).await;
        let tom = Person::surely(&town, DemoPerson::Tom).await;
        sent(&town).await;
        let code = tom.asked().await;
        tom.types(&code).await.unwrap();
        tom.asks("third@mail.example").await.unwrap();
        assert_eq!(town.app.forget_address_changes().await.unwrap(), 0);
        town.clock.advance(9 * 86_400);
        assert_eq!(town.app.forget_address_changes().await.unwrap(), 2);
        assert_eq!(tom.email().await.as_deref(), Some(NEW));
    }

    async fn of_two_who_type_the_code_at_once_one_is_thanked(database) {
        let town = Town::seeded(database).await;
        let tom = Person::surely(&town, DemoPerson::Tom).await;
        sent(&town).await;
        let code = tom.asked().await;
        let (one, two) = tokio::join!(tom.types(&code), tom.types(&code));
        assert_eq!(usize::from(one.is_ok()) + usize::from(two.is_ok()), 1, "{one:?} {two:?}");
        assert_eq!(sent(&town).await.len(), 1);
    }
}
