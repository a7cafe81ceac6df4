//! What changes while somebody is being let in, or comes in; and what is sent twice.

use std::sync::atomic::{AtomicBool, Ordering};

use kith_app::{AdmissionForm, Admitted, CircleChange, DemoPerson, Failure, JoinPage, Visit};
use kith_tests::both;

use crate::several::friend;
use crate::share_link::{Heron, is_closed, just_rota, number, stored_names, words, zoe};
use crate::town::{Town, receipt};

/// A browser that may come in by a yes.
async fn admitted(heron: &Heron) -> String {
    let browser = heron.asks(&zoe("")).await;
    let said = words(heron.sees(Some(&browser)).await);
    let asking = heron.waiting().await;
    let id = asking.iter().find(|one| one.words == said).unwrap().id;
    let app = &heron.town.app;
    app.admit_friend(&heron.ruth, heron.circle, id, &just_rota(), receipt()).await.unwrap();
    browser
}

/// Comes in while something else is done. Whether it came in although that was done before.
async fn comes_in_after(heron: &Heron, browser: &str, meanwhile: impl Future<Output = ()>) -> bool {
    let done = AtomicBool::new(false);
    // To choose a number takes longer than most changes.
    let (late, ()) = tokio::join!(
        async { heron.comes_in(browser).await.is_ok() && done.load(Ordering::SeqCst) },
        async {
            meanwhile.await;
            done.store(true, Ordering::SeqCst);
        },
    );
    late
}

/// The browser that came in, as it is from then on.
async fn in_by(town: &Town, admitted: Admitted) -> Visit {
    let device = admitted.cookies.device.as_ref().map(|device| device.as_str().to_owned());
    town.visit(Some(admitted.cookies.session.as_str()), device.as_deref()).await
}

both! {
    async fn nobody_comes_in_once_the_circle_is_frozen(database) {
        let mut heron = Heron::with_link(database).await;
        let amira = heron.town.visit_of(DemoPerson::Amira).await;
        for _ in 0..3 {
            let browser = admitted(&heron).await;
            let (app, circle) = (&heron.town.app, heron.circle);
            let freeze = async { app.freeze(&amira, circle).await.unwrap() };
            assert!(!Box::pin(comes_in_after(&heron, &browser, freeze)).await, "in after it was frozen");
            app.unfreeze(&amira, circle).await.unwrap();
            let resume = CircleChange::Resume;
            app.change_circle_state(&heron.ruth, circle, resume, receipt()).await.unwrap();
            assert!(is_closed(&heron.comes_in(&browser).await), "the yes counts no more");
            heron.token = heron.new_link().await;
        }
    }

    async fn whoever_was_let_in_finds_a_frozen_circle_closed(database) {
        let heron = Heron::with_link(database).await;
        let amira = heron.town.visit_of(DemoPerson::Amira).await;
        let (browser, later) = (admitted(&heron).await, heron.asks(&zoe("")).await);
        let (app, circle) = (&heron.town.app, heron.circle);
        app.freeze(&amira, circle).await.unwrap();
        for asked in [&browser, &later] {
            assert!(is_closed(&heron.comes_in(asked).await));
            assert!(is_closed(&heron.sees(Some(asked)).await), "nor does the page say a word");
        }
        app.unfreeze(&amira, circle).await.unwrap();
        for asked in [&browser, &later] {
            assert!(is_closed(&heron.comes_in(asked).await), "neither yes nor link counts any more");
        }
    }

    async fn nobody_comes_in_once_whoever_said_yes_is_out(database) {
        let heron = Heron::with_link(database).await;
        let (app, circle) = (&heron.town.app, heron.circle);
        let browser = admitted(&heron).await;
        let people = app.people(&heron.ruth, circle).await.unwrap();
        let ruth = people.members.iter().find(|member| member.name == "Ruth").unwrap().membership;
        let margaret = heron.town.visit_of(DemoPerson::Margaret).await;
        let remove = async {
            app.remove(&margaret, circle, ruth, false, receipt()).await.unwrap();
        };
        assert!(!Box::pin(comes_in_after(&heron, &browser, remove)).await, "in after Ruth was out");
    }

    async fn two_with_one_address_are_not_both_let_in(database) {
        let heron = Heron::with_link(database).await;
        heron.asks(&zoe("zoe@example.com")).await;
        heron.asks(&zoe("zoe@example.com")).await;
        let (app, circle, asking) = (&heron.town.app, heron.circle, heron.waiting().await);
        let margaret = heron.town.visit_of(DemoPerson::Margaret).await;
        let form = just_rota();
        let (one, other) = tokio::join!(
            app.admit_friend(&heron.ruth, circle, asking[0].id, &form, receipt()),
            app.admit_friend(&margaret, circle, asking[1].id, &form, receipt()),
        );
        assert_eq!(usize::from(one.is_ok()) + usize::from(other.is_ok()), 1, "{one:?} {other:?}");
        let bea = friend("Bea", "bea@example.com", "");
        let (one, other) = tokio::join!(
            app.name_friend(&heron.ruth, circle, &bea, receipt()),
            app.name_friend(&margaret, circle, &bea, receipt()),
        );
        assert_eq!(usize::from(one.is_ok()) + usize::from(other.is_ok()), 1, "{one:?} {other:?}");
    }

    async fn an_address_that_is_refused_in_this_moment_is_not_let_in(database) {
        let heron = Heron::with_link(database).await;
        let (app, circle) = (&heron.town.app, heron.circle);
        let friend = heron.town.visit_of(DemoPerson::Tom).await;
        let address = app.my_details(&friend).await.unwrap().email.unwrap();
        heron.asks(&zoe(&address)).await;
        let id = heron.waiting().await[0].id;
        let people = app.people(&heron.ruth, circle).await.unwrap();
        let tom = people.members.iter().find(|member| member.name == "Tom").unwrap().membership;
        let margaret = heron.town.visit_of(DemoPerson::Margaret).await;
        let form = just_rota();
        let (removed, yes) = tokio::join!(
            app.remove(&margaret, circle, tom, true, receipt()),
            app.admit_friend(&heron.ruth, circle, id, &form, receipt()),
        );
        removed.unwrap();
        assert!(matches!(yes, Err(Failure::Invalid(_))), "{yes:?}");
    }

    async fn two_tabs_of_one_browser_ask_once(database) {
        let heron = Heron::with_link(database).await;
        let stranger = heron.town.stranger().await;
        let (app, browser, form) = (&heron.town.app, "B".repeat(43), zoe(""));
        let (one, other) = tokio::join!(
            app.ask_to_join(&stranger, Some(&browser), &heron.token, &form, receipt()),
            app.ask_to_join(&stranger, Some(&browser), &heron.token, &form, receipt()),
        );
        assert_eq!(usize::from(one.is_ok()) + usize::from(other.is_ok()), 1);
        assert_eq!(heron.waiting().await.len(), 1);
    }

    async fn the_same_form_lets_in_again_and_another_does_not(database) {
        let heron = Heron::with_link(database).await;
        let (town, app) = (&heron.town, &heron.town.app);
        let browser = admitted(&heron).await;
        let (sent, form) = (receipt(), number());
        let come_in = async |sent| {
            let stranger = town.stranger().await;
            app.join(&stranger, Some(&browser), &heron.token, &form, sent).await
        };
        // A double tap: both at once.
        let (one, other) = tokio::join!(come_in(sent), come_in(sent));
        let (one, other) = (in_by(town, one.unwrap()).await, in_by(town, other.unwrap()).await);
        let opened = [&one, &other];
        let mut lives = 0;
        for visit in opened {
            lives += usize::from(app.home(visit, heron.circle).await.is_ok());
        }
        assert_eq!(lives, 1, "one tap of the two");
        // The answer got lost.
        town.clock.advance(60);
        let third = in_by(town, come_in(sent).await.unwrap()).await;
        assert_eq!(app.home(&third, heron.circle).await.unwrap().about.reader.unwrap(), "Zoe");
        for visit in opened {
            assert!(app.home(visit, heron.circle).await.is_err(), "what it opened before ended");
        }
        assert_eq!(app.own_devices(&third).await.unwrap().len(), 1);
        assert!(is_closed(&come_in(receipt()).await), "another form");
        let (elsewhere, stranger) = ("C".repeat(43), town.stranger().await);
        let copied = app.join(&stranger, Some(&elsewhere), &heron.token, &form, sent).await;
        assert!(is_closed(&copied), "another browser");
        // What was stopped stays so, and so does what is long ago.
        let device = app.own_devices(&third).await.unwrap()[0].enrolment;
        app.stop_own_device(&third, device).await.unwrap();
        assert!(is_closed(&come_in(sent).await));
    }

    async fn the_same_form_with_words_lets_in_again_for_ten_minutes(database) {
        let town = Town::seeded(database).await;
        let heron = town.app.demo_circle(DemoPerson::Ruth).unwrap();
        let ruth = town.visit_of(DemoPerson::Ruth).await;
        let place =
            town.app.name_friend(&ruth, heron, &friend("Zoe", "", ""), receipt()).await.unwrap();
        let told = town.app.member(&ruth, heron, place).await.unwrap().words.unwrap();
        let address = told.to_type.unwrap();
        let code = address.strip_prefix("kith.example/i/").unwrap();
        let form = AdmissionForm { words: told.words, ..number() };
        let guess = if form.words == "blue teapot" { "green teapot" } else { "blue teapot" };
        let wrong = AdmissionForm { words: guess.to_owned(), ..number() };
        let sent = receipt();
        let come_in = async |form, sent| {
            let stranger = town.stranger().await;
            town.app.admit_by_words(&stranger, code, form, sent).await
        };
        come_in(&form, sent).await.unwrap();
        let again = in_by(&town, come_in(&form, sent).await.unwrap()).await;
        assert!(town.app.home(&again, heron).await.is_ok());
        assert!(come_in(&wrong, sent).await.is_err(), "without the words");
        assert!(come_in(&form, receipt()).await.is_err(), "another form");
        town.clock.advance(600);
        assert!(come_in(&form, sent).await.is_err(), "long after");
    }

    async fn a_device_that_two_people_use_asks_for_each(database) {
        let heron = Heron::with_link(database).await;
        let browser = admitted(&heron).await;
        heron.comes_in(&browser).await.unwrap();
        let open = JoinPage::Ask { nature_name: "Heron".to_owned() };
        assert_eq!(heron.sees(Some(&browser)).await.unwrap(), open);
        let stranger = heron.town.stranger().await;
        let app = &heron.town.app;
        let asked =
            app.ask_to_join(&stranger, Some(&browser), &heron.token, &zoe(""), receipt()).await;
        assert!(asked.unwrap().is_none());
        let hers = words(heron.sees(Some(&browser)).await);
        assert_eq!(heron.waiting().await[0].words, hers);
        // While one waits, somebody else asks with a secret of their own.
        let other = heron.asks(&zoe("")).await;
        assert_ne!(words(heron.sees(Some(&other)).await), hers);
    }

    async fn names_that_nobody_answered_are_wiped_in_time(database) {
        let heron = Heron::with_link(database).await;
        let app = &heron.town.app;
        let browser = heron.asks(&zoe("zoe@example.com")).await;
        heron.town.clock.advance(7 * 86_400 - 1);
        assert_eq!(app.forget_unanswered().await.unwrap(), 0);
        assert_eq!(stored_names(database).await, 1);
        heron.town.clock.advance(1);
        assert_eq!(app.forget_unanswered().await.unwrap(), 1);
        assert_eq!(app.forget_unanswered().await.unwrap(), 0);
        assert_eq!(stored_names(database).await, 0);

        let stranger = heron.town.stranger().await;
        let again = app
            .ask_to_join(&stranger, Some(&browser), &heron.token, &zoe("z@example.com"), receipt())
            .await;
        again.unwrap();
        assert_eq!(heron.waiting_for(DemoPerson::Ruth).await, 1);
        heron.town.clock.advance(7 * 86_400);
        let ruth = heron.town.visit_of(DemoPerson::Ruth).await;
        app.stop_share_link(&ruth, heron.circle).await.unwrap();
        assert_eq!(stored_names(database).await, 0);
    }
}
