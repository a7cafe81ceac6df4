//! The link that a carer sends by her own phone: who asks by it, who hears the words, and who comes in.

use kith_app::{
    AdmissionForm, AsksToJoin, CircleChange, DemoPerson, Failure, JoinForm, JoinPage, NameFriend,
    Visit,
};
use kith_domain::ids::CircleId;
use kith_domain::{Category, MembershipState, Tier};
use kith_tests::both;
use sea_orm::{ConnectionTrait as _, Statement};

use crate::town::{Town, receipt};

pub(crate) fn zoe(email: &str) -> JoinForm {
    JoinForm { name: "Zoe".to_owned(), email: email.to_owned(), ..JoinForm::default() }
}

pub(crate) fn number() -> AdmissionForm {
    AdmissionForm {
        number: "8642".to_owned(),
        number_again: "8642".to_owned(),
        ..AdmissionForm::default()
    }
}

pub(crate) fn just_rota() -> NameFriend {
    NameFriend { preset: "just_rota".to_owned(), ..NameFriend::default() }
}

/// Heron, Ruth who runs it, and the token of a link that she made.
pub(crate) struct Heron {
    pub(crate) town: Town,
    pub(crate) circle: CircleId,
    pub(crate) ruth: Visit,
    pub(crate) token: String,
}

impl Heron {
    pub(crate) async fn with_link(database: &kith_tests::TestDatabase) -> Self {
        let town = Town::seeded(database).await;
        let circle = town.app.demo_circle(DemoPerson::Ruth).unwrap();
        let ruth = town.visit_of(DemoPerson::Ruth).await;
        let mut heron = Self { town, circle, ruth, token: String::new() };
        heron.token = heron.new_link().await;
        heron
    }

    pub(crate) async fn new_link(&self) -> String {
        self.town.app.make_share_link(&self.ruth, self.circle, receipt()).await.unwrap();
        let page = self.town.app.share_link(&self.ruth, self.circle).await.unwrap();
        let url = page.link.unwrap().url;
        url.strip_prefix("https://kith.example/join/").unwrap().to_owned()
    }

    /// A browser that asks. Answers with its secret.
    pub(crate) async fn asks(&self, form: &JoinForm) -> String {
        let stranger = self.town.stranger().await;
        let app = &self.town.app;
        let secret = app.ask_to_join(&stranger, None, &self.token, form, receipt()).await;
        secret.unwrap().expect("a new browser").as_str().to_owned()
    }

    /// What the page behind the link is for a browser.
    pub(crate) async fn sees(&self, browser: Option<&str>) -> Result<JoinPage, Failure> {
        let stranger = self.town.stranger().await;
        self.town.app.join_page(&stranger, browser, &self.token).await
    }

    pub(crate) async fn waiting(&self) -> Vec<AsksToJoin> {
        self.town.app.asks_to_join(&self.ruth, self.circle).await.unwrap().asking
    }

    /// How many wait, as somebody sees it who just came in.
    pub(crate) async fn waiting_for(&self, who: DemoPerson) -> usize {
        let visit = self.town.visit_of(who).await;
        self.town.app.asks_to_join(&visit, self.circle).await.unwrap().asking.len()
    }

    pub(crate) async fn comes_in(&self, browser: &str) -> Result<Visit, Failure> {
        let stranger = self.town.stranger().await;
        let admitted =
            self.town.app.join(&stranger, Some(browser), &self.token, &number(), receipt()).await?;
        let device = admitted.cookies.device.as_ref().map(|device| device.as_str().to_owned());
        let session = admitted.cookies.session.as_str().to_owned();
        Ok(self.town.visit(Some(&session), device.as_deref()).await)
    }
}

pub(crate) fn is_closed<T: std::fmt::Debug>(answer: &Result<T, Failure>) -> bool {
    matches!(answer, Err(Failure::NotHere))
}

pub(crate) fn words(page: Result<JoinPage, Failure>) -> String {
    match page.unwrap() {
        JoinPage::Waiting { words, .. } => words,
        other => panic!("{other:?}"),
    }
}

both! {
    async fn somebody_asks_and_is_let_in_on_the_browser_that_asked(database) {
        let heron = Heron::with_link(database).await;
        let open = JoinPage::Ask { nature_name: "Heron".to_owned() };
        assert_eq!(heron.sees(None).await.unwrap(), open);
        assert!(heron.waiting().await.is_empty(), "looking asks for nothing");

        let browser = heron.asks(&zoe("zoe@example.com")).await;
        let said = words(heron.sees(Some(&browser)).await);
        let asking = heron.waiting().await;
        assert_eq!(asking.len(), 1);
        assert_eq!((asking[0].name.as_str(), &asking[0].words), ("Zoe", &said));
        assert!(asking[0].has_email);
        let people = heron.town.app.people(&heron.ruth, heron.circle).await.unwrap();
        assert_eq!(people.asking, 1);
        assert!(is_closed(&heron.comes_in(&browser).await), "before the yes");

        let form = NameFriend { preset: "how_she_is".to_owned(), ..NameFriend::default() };
        let (app, id) = (&heron.town.app, asking[0].id);
        let place = app.admit_friend(&heron.ruth, heron.circle, id, &form, receipt()).await.unwrap();
        assert_eq!(heron.sees(None).await.unwrap(), open, "others see nothing of it");
        let admitted = heron.sees(Some(&browser)).await.unwrap();
        assert_eq!(admitted, JoinPage::Admitted { nature_name: "Heron".to_owned(), here: None });

        let friend = heron.comes_in(&browser).await.unwrap();
        let home = app.home(&friend, heron.circle).await.unwrap();
        assert_eq!(home.about.reader.as_deref(), Some("Zoe"));
        let member = app.member(&heron.ruth, heron.circle, place).await.unwrap();
        assert_eq!(member.member.state, MembershipState::Active);
        assert!(member.has_device && member.words.is_none());
        let granted = member.member.granted.unwrap();
        assert!(granted.contains(Category::News) && !granted.contains(Category::Care));
        let own = app.my_details(&friend).await.unwrap();
        assert_eq!(own.email.as_deref(), Some("zoe@example.com"));
        assert!(own.unproved, "nobody saw it, and no mail was answered from there");

        assert!(is_closed(&heron.comes_in(&browser).await), "once");
        // Whoever else uses this browser may ask for themselves.
        assert_eq!(heron.sees(Some(&browser)).await.unwrap(), open);
        assert!(heron.waiting().await.is_empty());
    }

    async fn nobody_else_comes_in_by_a_yes(database) {
        let heron = Heron::with_link(database).await;
        let hers = heron.asks(&zoe("")).await;
        let theirs = heron.asks(&zoe("")).await;
        let (her_words, their_words) =
            (words(heron.sees(Some(&hers)).await), words(heron.sees(Some(&theirs)).await));
        assert_ne!(her_words, their_words);
        let asking = heron.waiting().await;
        let her_id = asking.iter().find(|one| one.words == her_words).unwrap().id;
        let (app, circle) = (&heron.town.app, heron.circle);
        app.admit_friend(&heron.ruth, circle, her_id, &just_rota(), receipt()).await.unwrap();

        assert!(is_closed(&heron.comes_in(&theirs).await), "the other who asked");
        let guess = "A".repeat(43);
        assert!(is_closed(&heron.comes_in(&guess).await), "a browser that did not ask");
        let stranger = heron.town.stranger().await;
        let without = app.join(&stranger, None, &heron.token, &number(), receipt()).await;
        assert!(is_closed(&without), "a browser with the link alone");
        assert_eq!(words(heron.sees(Some(&theirs)).await), their_words, "it waits on");
        heron.comes_in(&hers).await.unwrap();
    }

    async fn a_no_and_a_link_that_is_not_there_say_the_same(database) {
        let heron = Heron::with_link(database).await;
        let (app, circle) = (&heron.town.app, heron.circle);
        let refused = heron.asks(&zoe("")).await;
        let id = heron.waiting().await[0].id;
        app.decline_friend(&heron.ruth, circle, id).await.unwrap();
        app.decline_friend(&heron.ruth, circle, id).await.unwrap();
        assert!(is_closed(&heron.sees(Some(&refused)).await));
        let late = app.admit_friend(&heron.ruth, circle, id, &just_rota(), receipt()).await;
        assert!(matches!(late, Err(Failure::Changed)), "{late:?}");

        let patient = heron.asks(&zoe("")).await;
        assert!(heron.sees(Some(&patient)).await.is_ok());
        heron.town.clock.advance(7 * 86_400);
        let open = JoinPage::Ask { nature_name: "Heron".to_owned() };
        assert_eq!(heron.sees(Some(&patient)).await.unwrap(), open, "nobody answered");
        assert!(is_closed(&heron.sees(Some(&refused)).await), "a no stays a no");
        let ruth = heron.town.visit_of(DemoPerson::Ruth).await;
        assert!(app.asks_to_join(&ruth, circle).await.unwrap().asking.is_empty());

        app.stop_share_link(&ruth, circle).await.unwrap();
        assert!(is_closed(&heron.sees(None).await));
        let stranger = heron.town.stranger().await;
        let nowhere = app.join_page(&stranger, None, &"B".repeat(43)).await;
        assert!(is_closed(&nowhere));
        let asked =
            app.ask_to_join(&stranger, None, &heron.token, &zoe(""), receipt()).await.map(|_| ());
        assert!(is_closed(&asked));
    }

    async fn a_new_link_ends_the_old_one_and_a_link_ends_after_two_weeks(database) {
        let mut heron = Heron::with_link(database).await;
        let waits = heron.asks(&zoe("")).await;
        let old = std::mem::take(&mut heron.token);
        heron.token = heron.new_link().await;
        let stranger = heron.town.stranger().await;
        let app = &heron.town.app;
        assert!(is_closed(&app.join_page(&stranger, None, &old).await));
        assert!(app.join_page(&stranger, Some(&waits), &old).await.is_ok(), "who asked waits on");
        let open = JoinPage::Ask { nature_name: "Heron".to_owned() };
        assert_eq!(heron.sees(Some(&waits)).await.unwrap(), open, "by the new one nobody asked");
        heron.town.clock.advance(14 * 86_400 - 1);
        assert!(heron.sees(None).await.is_ok());
        heron.town.clock.advance(1);
        assert!(is_closed(&heron.sees(None).await));
    }

    async fn the_same_form_asks_once_and_a_browser_that_waits_does_not_ask_again(database) {
        let heron = Heron::with_link(database).await;
        let stranger = heron.town.stranger().await;
        let (app, sent) = (&heron.town.app, receipt());
        let first = app.ask_to_join(&stranger, None, &heron.token, &zoe(""), sent).await.unwrap();
        let second = app.ask_to_join(&stranger, None, &heron.token, &zoe(""), sent).await.unwrap();
        let (first, second) = (first.unwrap(), second.unwrap());
        let asking = heron.waiting().await;
        assert_eq!(asking.len(), 1);
        assert_eq!(words(heron.sees(Some(second.as_str())).await), asking[0].words);
        // Nothing that was sent once stays open in a browser that threw the answer away.
        let open = JoinPage::Ask { nature_name: "Heron".to_owned() };
        assert_eq!(heron.sees(Some(first.as_str())).await.unwrap(), open);

        let browser = Some(second.as_str());
        let again = app.ask_to_join(&stranger, browser, &heron.token, &zoe(""), receipt()).await;
        assert!(is_closed(&again.map(|_| ())));
        assert_eq!(heron.waiting().await.len(), 1);
    }

    async fn an_address_that_must_not_be_let_in_waits_and_nobody_hears_of_it(database) {
        let heron = Heron::with_link(database).await;
        let (app, circle) = (&heron.town.app, heron.circle);
        let people = app.people(&heron.ruth, circle).await.unwrap();
        let tom = people.members.iter().find(|member| member.name == "Tom").unwrap().membership;
        let friend = heron.town.visit_of(DemoPerson::Tom).await;
        let address = app.my_details(&friend).await.unwrap().email.unwrap();
        app.remove(&heron.ruth, circle, tom, true, receipt()).await.unwrap();

        let before = mails_about_askings(database).await;
        let browser = heron.asks(&zoe(&address)).await;
        let JoinPage::Waiting { words, .. } = heron.sees(Some(&browser)).await.unwrap() else {
            panic!("it looks as if he waits")
        };
        assert_eq!(words.split(' ').count(), 2);
        assert!(heron.waiting().await.is_empty());
        assert_eq!(mails_about_askings(database).await, before);
        heron.town.clock.advance(7 * 86_400);
        let open = JoinPage::Ask { nature_name: "Heron".to_owned() };
        assert_eq!(heron.sees(Some(&browser)).await.unwrap(), open, "as for anybody");
    }

    async fn somebody_who_is_in_already_is_not_named_twice(database) {
        let heron = Heron::with_link(database).await;
        let friend = heron.town.visit_of(DemoPerson::Joan).await;
        let address = heron.town.app.my_details(&friend).await.unwrap().email.unwrap();
        heron.asks(&zoe(&address)).await;
        let (app, circle, id) = (&heron.town.app, heron.circle, heron.waiting().await[0].id);
        let twice = app.admit_friend(&heron.ruth, circle, id, &just_rota(), receipt()).await;
        assert!(matches!(twice, Err(Failure::Invalid(_))), "{twice:?}");
    }

    async fn two_who_answer_at_once_name_one_person(database) {
        let heron = Heron::with_link(database).await;
        heron.asks(&zoe("")).await;
        let (app, circle, id) = (&heron.town.app, heron.circle, heron.waiting().await[0].id);
        let margaret = heron.town.visit_of(DemoPerson::Margaret).await;
        let before = app.people(&heron.ruth, circle).await.unwrap().members.len();
        let form = just_rota();
        let (one, other, no) = tokio::join!(
            app.admit_friend(&heron.ruth, circle, id, &form, receipt()),
            app.admit_friend(&margaret, circle, id, &form, receipt()),
            app.decline_friend(&margaret, circle, id),
        );
        no.unwrap();
        let yes = usize::from(one.is_ok()) + usize::from(other.is_ok());
        assert!(yes <= 1, "{one:?} {other:?}");
        let after = app.people(&heron.ruth, circle).await.unwrap().members.len();
        assert_eq!(after, before + yes);
        for late in [one, other].into_iter().filter_map(Result::err) {
            assert!(matches!(late, Failure::Changed | Failure::Busy), "{late:?}");
        }
    }

    async fn the_same_yes_sent_twice_is_one(database) {
        let heron = Heron::with_link(database).await;
        heron.asks(&zoe("")).await;
        let (app, circle, id) = (&heron.town.app, heron.circle, heron.waiting().await[0].id);
        let (form, sent) = (just_rota(), receipt());
        let first = app.admit_friend(&heron.ruth, circle, id, &form, sent).await.unwrap();
        let again = app.admit_friend(&heron.ruth, circle, id, &form, sent).await.unwrap();
        assert_eq!(first, again);
    }

    async fn only_whoever_may_name_people_makes_links_and_answers(database) {
        let heron = Heron::with_link(database).await;
        heron.asks(&zoe("")).await;
        let (app, circle, id) = (&heron.town.app, heron.circle, heron.waiting().await[0].id);
        for who in [DemoPerson::Tom, DemoPerson::Joan, DemoPerson::Amira, DemoPerson::Derek] {
            let visit = heron.town.visit_of(who).await;
            assert!(is_closed(&app.share_link(&visit, circle).await), "{who:?}");
            assert!(is_closed(&app.make_share_link(&visit, circle, receipt()).await), "{who:?}");
            assert!(is_closed(&app.stop_share_link(&visit, circle).await), "{who:?}");
            assert!(is_closed(&app.asks_to_join(&visit, circle).await), "{who:?}");
            assert!(is_closed(&app.one_asks_to_join(&visit, circle, id).await), "{who:?}");
            let yes = app.admit_friend(&visit, circle, id, &just_rota(), receipt()).await;
            assert!(is_closed(&yes), "{who:?}");
            assert!(is_closed(&app.decline_friend(&visit, circle, id).await), "{who:?}");
            assert!(is_closed(&app.decline_all_friends(&visit, circle).await), "{who:?}");
        }
        let otter = app.demo_circle(DemoPerson::Derek).unwrap();
        let derek = heron.town.visit_of(DemoPerson::Derek).await;
        let elsewhere = app.admit_friend(&derek, otter, id, &just_rota(), receipt()).await;
        assert!(is_closed(&elsewhere), "by way of another circle");
        assert!(is_closed(&app.one_asks_to_join(&derek, otter, id).await));

        let cookies =
            app.demo_come_in(&heron.town.stranger().await, DemoPerson::Ruth).await.unwrap();
        let device = cookies.device.as_ref().map(|secret| secret.as_str().to_owned());
        heron.town.clock.advance(16 * 60);
        let ruth = heron.town.visit(Some(cookies.session.as_str()), device.as_deref()).await;
        let later = app.asks_to_join(&ruth, circle).await;
        assert!(matches!(later, Err(Failure::StepUp { tier: Tier::Fresh, .. })), "{later:?}");
    }

    async fn pausing_freezing_and_the_carers_leaving_shut_the_link(database) {
        let heron = Heron::with_link(database).await;
        let (app, circle) = (&heron.town.app, heron.circle);
        let browser = heron.asks(&zoe("")).await;
        let turn = async |change| {
            app.change_circle_state(&heron.ruth, circle, change, receipt()).await.unwrap()
        };
        turn(CircleChange::Pause).await;
        assert!(is_closed(&heron.sees(None).await));
        assert!(is_closed(&heron.sees(Some(&browser)).await));
        let stranger = heron.town.stranger().await;
        let asked = app.ask_to_join(&stranger, None, &heron.token, &zoe(""), receipt()).await;
        assert!(is_closed(&asked.map(|_| ())));
        turn(CircleChange::Resume).await;
        assert!(heron.sees(Some(&browser)).await.is_ok());

        let amira = heron.town.visit_of(DemoPerson::Amira).await;
        app.freeze(&amira, circle).await.unwrap();
        app.unfreeze(&amira, circle).await.unwrap();
        turn(CircleChange::Resume).await;
        assert!(is_closed(&heron.sees(None).await), "what was out then counts no more");
        assert!(is_closed(&heron.sees(Some(&browser)).await));

        let heron = Heron { token: heron.new_link().await, ..heron };
        let app = &heron.town.app;
        let browser = heron.asks(&zoe("")).await;
        let id = heron.waiting().await[0].id;
        app.admit_friend(&heron.ruth, circle, id, &just_rota(), receipt()).await.unwrap();
        let people = app.people(&heron.ruth, circle).await.unwrap();
        let ruth = people.members.iter().find(|member| member.name == "Ruth").unwrap().membership;
        let margaret = heron.town.visit_of(DemoPerson::Margaret).await;
        app.remove(&margaret, circle, ruth, false, receipt()).await.unwrap();
        assert!(is_closed(&heron.sees(None).await));
        assert!(is_closed(&heron.comes_in(&browser).await), "her yes counts no more");
    }

    async fn askings_are_limited_by_network_and_by_link(database) {
        let heron = Heron::with_link(database).await;
        let ask = async || {
            let stranger = heron.town.stranger().await;
            let app = &heron.town.app;
            app.ask_to_join(&stranger, None, &heron.token, &zoe(""), receipt()).await.map(|_| ())
        };
        for _ in 0..5 {
            ask().await.unwrap();
        }
        assert!(matches!(ask().await, Err(Failure::TooMany)));
        assert_eq!(heron.waiting().await.len(), 5);
        for _ in 0..15 {
            heron.town.clock.advance(600);
            ask().await.unwrap();
        }
        heron.town.clock.advance(600);
        assert!(is_closed(&ask().await), "twenty by one link");
        let ruth = heron.town.visit_of(DemoPerson::Ruth).await;
        let app = &heron.town.app;
        let all = app.asks_to_join(&ruth, heron.circle).await.unwrap().asking;
        assert_eq!(all.len(), 20);
        let said: std::collections::BTreeSet<_> = all.iter().map(|one| &one.words).collect();
        assert_eq!(said.len(), 20, "nobody has the words of another");
        app.decline_all_friends(&ruth, heron.circle).await.unwrap();
        assert!(app.asks_to_join(&ruth, heron.circle).await.unwrap().asking.is_empty());
        assert_eq!(stored_names(database).await, 0, "what was answered is wiped");
    }

    async fn a_wrong_form_says_so_and_asks_for_nothing(database) {
        let heron = Heron::with_link(database).await;
        let stranger = heron.town.stranger().await;
        let form = JoinForm { email: "zoe at home".to_owned(), ..JoinForm::default() };
        let app = &heron.town.app;
        let wrong = app.ask_to_join(&stranger, None, &heron.token, &form, receipt()).await;
        let Err(Failure::Invalid(problems)) = wrong.map(|_| ()) else { panic!("accepted") };
        let fields: Vec<_> = problems.iter().map(|problem| problem.field).collect();
        assert_eq!(fields, ["name", "email"]);
        assert!(heron.waiting().await.is_empty());

        heron.asks(&zoe("")).await;
        let id = heron.waiting().await[0].id;
        let nothing = NameFriend::default();
        let unchosen =
            app.admit_friend(&heron.ruth, heron.circle, id, &nothing, receipt()).await;
        assert!(matches!(unchosen, Err(Failure::Invalid(_))), "{unchosen:?}");
        assert_eq!(heron.waiting().await.len(), 1);
    }
}

pub(crate) async fn count(database: &kith_tests::TestDatabase, sql: &str) -> i64 {
    let beside = database.connect().await;
    let statement = Statement::from_string(beside.get_database_backend(), sql);
    let row = beside.query_one_raw(statement).await.unwrap().unwrap();
    let count = row.try_get("", "many").unwrap();
    beside.close().await.unwrap();
    count
}

async fn mails_about_askings(database: &kith_tests::TestDatabase) -> i64 {
    count(database, "SELECT COUNT(*) AS many FROM outbox WHERE kind = 'asks_to_join'").await
}

pub(crate) async fn stored_names(database: &kith_tests::TestDatabase) -> i64 {
    count(
        database,
        "SELECT COUNT(*) AS many FROM join_request WHERE name IS NOT NULL OR email IS NOT NULL",
    )
    .await
}
