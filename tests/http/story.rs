//! Ruth sets up Margaret's circle with a card, names friends, and the week is covered.

use kith_tests::{TestDatabase, both};

use crate::browser::{Browser, Page};
use crate::hospice::{Hospice, NUMBER, said};

/// Margaret's circle once it is set up.
pub(crate) struct Circle {
    pub(crate) hospice: Hospice,
    /// `/c/…`.
    pub(crate) base: String,
    pub(crate) ruth: Browser,
}

impl Circle {
    pub(crate) async fn set_up(database: &TestDatabase) -> Self {
        let hospice = Hospice::new(database).await;
        let (path, words) = hospice.card().await;
        let mut ruth = hospice.come_in(&path, &words).await;
        let first = ruth.page.clone().unwrap().path;
        let base = first.strip_suffix("/set-up/person").expect(&first).to_owned();
        ruth.submit("/person", &[("basis", "own_consent")])
            .await
            .is(422)
            .says("Please give a first name");
        let typed = [("name", "Margaret"), ("basis", "own_consent")];
        ruth.submit("/person", &typed).await.ok().says("And who are you?");
        let typed =
            [("your_name", "Ruth"), ("relation", "daughter"), ("email", "ruth@mail.example")];
        ruth.submit("/you", &typed).await.ok().says("Who would you like to name?");
        let typed = [("name", "Grace"), ("email", "grace@mail.example"), ("see", "just_rota")];
        ruth.submit("/friend", &typed).await.ok().says("Named so far: Grace");
        hospice.clock.advance(60);
        let typed = [("name", "Joan"), ("email", "joan@mail.example"), ("see", "private_page")];
        ruth.submit("/friend", &typed).await.ok().says("Grace and Joan");
        ruth.open(&format!("{base}/set-up/week")).await.ok();
        let typed = [("need-visit", "yes"), ("day-visit", "2026-11-24")];
        ruth.submit("/week", &typed).await.ok().says("Hello, Ruth");
        Self { hospice, base, ruth }
    }

    /// Ruth puts walks with the dog on the rota, on Tuesdays and Thursdays from 24 November on; the first.
    pub(crate) async fn walks(&mut self) -> String {
        self.ruth.open(&self.path("/rota/add")).await.ok();
        let typed = [
            ("kind", "dog_walk"),
            ("date", "2026-11-24"),
            ("start", "14:00"),
            ("end", "15:00"),
            ("rule", "FREQ=WEEKLY;BYDAY=TU,TH"),
        ];
        let week = self.ruth.submit("/rota/add", &typed).await.ok();
        slot_of(&week, "Walk the dog")
    }

    pub(crate) fn path(&self, rest: &str) -> String {
        format!("{}{rest}", self.base)
    }

    /// A friend accepts with the link of the mail and the words that Ruth tells.
    pub(crate) async fn friend(&mut self, name: &str, address: &str) -> Browser {
        let people = self.ruth.open(&self.path("/people")).await.ok();
        let words = page_of(&people, name).link("/c/", "/words");
        let words = said(&self.ruth.surely(&words).await.ok());
        let (_, link) = self.hospice.mail_to(address).await;
        let mut browser = self.hospice.browser();
        browser.open(&link).await.ok();
        browser.submit(&link, &crate::hospice::joining(&words)).await.ok();
        browser
    }

    /// Ruth makes a link to send by her own phone; its path.
    pub(crate) async fn share_link(&mut self) -> String {
        self.ruth.surely(&self.path("/people/link")).await.ok();
        let page = self.ruth.submit("/people/link", &[]).await.ok();
        let (_, rest) = page.body.split_once("/join/").expect("the link is there");
        let of_token = |letter: &char| letter.is_ascii_alphanumeric() || "-_".contains(*letter);
        format!("/join/{}", rest.chars().take_while(of_token).collect::<String>())
    }

    /// Ruth puts shopping on the rota; the path of its slot.
    pub(crate) async fn shopping(&mut self, day: &str) -> String {
        let typed = [("note", "Milk, bread, soft fruit"), ("address", "yes")];
        self.shopping_with(day, &typed).await
    }

    /// The same with what else she types.
    pub(crate) async fn shopping_with(&mut self, day: &str, typed: &[(&str, &str)]) -> String {
        self.ruth.open(&self.path("/rota/add")).await.ok();
        let when = [("kind", "shopping"), ("date", day), ("start", "14:00"), ("end", "15:30")];
        let typed: Vec<_> = when.iter().chain(typed).copied().collect();
        let week = self.ruth.submit("/rota/add", &typed).await.ok().says("It is on the rota");
        slot_of(&week, "Shopping")
    }
}

/// The people's page from a person on.
pub(crate) fn page_of(people: &Page, name: &str) -> Page {
    let row = people.body.split_once(&format!("person__name\">{name}<"));
    Page { body: row.expect("the person is listed").1.to_owned(), ..people.clone() }
}

/// Where a task of the week is.
pub(crate) fn slot_of(week: &Page, what: &str) -> String {
    let (_, row) = week.body.split_once(what).expect("the task is in the week");
    let before = &week.body[..week.body.len() - row.len()];
    // The task's own link stands before its name, or its button after it.
    let linked = before.rsplit("<div class=\"t").next().unwrap_or_default();
    let page = Page { body: format!("{linked}{row}"), ..week.clone() };
    page.link("/c/", "")
}

both! {
    async fn from_the_card_to_the_task_that_is_done(database) {
        let mut circle = Circle::set_up(database).await;
        let home = circle.ruth.open(&circle.path("/")).await.ok();
        home.says("Margaret’s circle").says("The people around Margaret").says("asked today");
        let mut grace = circle.friend("Grace", "grace@mail.example").await;
        grace.page.clone().unwrap().says("Hello, Grace").keeps_quiet_about("/private");
        let slot = circle.shopping("2026-11-25").await;

        let week = grace.open(&circle.path("/rota")).await.ok();
        week.says("23 to 29 November").says("2pm to 3.30pm").says("Needs someone");
        grace.open(&slot).await.ok().says("Milk, bread, soft fruit").says("for Margaret")
            .says("About an hour and a half.").says("It opens on Tuesday 24 November at 2pm");
        let taken = grace.submit("/take", &[]).await.ok();
        taken.says("Thank you, Grace").says("Shopping for Margaret")
            .says("The address opens in your task on Tuesday 24 November at 2pm")
            .says("We remind you on Tuesday 24 November at 6pm");
        circle.ruth.open(&circle.path("/rota")).await.ok().says("Grace");
        circle.ruth.open(&slot).await.ok().says("Grace is doing this").says("Grace took it today");

        grace.open(&format!("{slot}/cannot")).await.ok().says("You do not need to say why");
        grace.submit("/cannot", &[("how", "cover")]).await.ok().says("It stays yours until");
        circle.hospice.mail_to("ruth@mail.example").await;
        grace.submit("/keep", &[]).await.ok().says("It is yours again");

        // The window: address by a button, and recorded.
        circle.hospice.clock.advance(30 * 3600);
        circle.ruth.surely(&circle.path("/private/edit")).await.ok();
        let typed = [("address", "7 Orchard Row\r\nOldbridge"), ("comfort", "Sit her up.")];
        circle.ruth.submit("/private/edit", &typed).await.ok().says("Saved.").says("Sit her up.");
        grace.open(&slot).await.ok().keeps_quiet_about("Orchard Row");
        grace.submit("/address", &[]).await.ok().says("7 Orchard Row").says("until 5.30pm tomorrow");
        let looks = circle.ruth.open(&circle.path("/looks")).await.ok();
        looks.says("Grace opened the address, for the first time");

        circle.hospice.clock.advance(24 * 3600);
        grace.open(&slot).await.ok();
        grace.submit("/done", &[]).await.ok().says("How did it go, Grace?");
        circle.ruth.open(&slot).await.ok().says("Done by Grace");
    }

    async fn whoever_takes_what_the_first_week_asks_is_told_the_address(database) {
        let mut circle = Circle::set_up(database).await;
        circle.ruth.surely(&circle.path("/private/edit")).await.ok();
        let typed = [("address", "7 Orchard Row"), ("entry", "Key safe 4711")];
        circle.ruth.submit("/private/edit", &typed).await.ok().says("Saved.");
        let mut grace = circle.friend("Grace", "grace@mail.example").await;
        let visit = slot_of(&grace.open(&circle.path("/rota")).await.ok(), "A visit");
        grace.open(&visit).await.ok().says("You get the address when you take this");
        grace.submit("/take", &[]).await.ok();
        grace.open(&visit).await.ok().keeps_quiet_about("get in");
        circle.hospice.clock.advance(24 * 3600);
        grace.open(&visit).await.ok().keeps_quiet_about("Orchard Row");
        grace.submit("/address", &[]).await.ok().says("7 Orchard Row");
    }

    async fn the_private_page_opens_after_the_own_number(database) {
        let mut circle = Circle::set_up(database).await;
        let mut joan = circle.friend("Joan", "joan@mail.example").await;
        circle.ruth.surely(&circle.path("/private/edit")).await.ok();
        let typed = [
            ("comfort", "Sit her up, open the window."),
            ("entry", "Key safe 4711"),
            ("help", "Sam: 07700 900 456"),
        ];
        let page = circle.ruth.submit("/private/edit", &typed).await.ok();
        page.says("Sit her up").keeps_quiet_about("4711");
        circle.ruth.submit("/private/entry", &[]).await.ok().says("Key safe 4711");

        let mut grace = circle.friend("Grace", "grace@mail.example").await;
        let call = grace.open(&circle.path("/who-to-call")).await.ok();
        call.says("Sam: 07700 900 456").keeps_quiet_about("Sit her up");

        circle.hospice.clock.advance(3600);
        joan.open(&circle.path("/private")).await.ok().says("Your own number");
        joan.submit("/number", &[("number", "999999")]).await.is(422);
        let page = joan.submit("/number", &[("number", NUMBER)]).await.ok();
        page.says("Sit her up, open the window.").keeps_quiet_about("4711");
        // A button for how to get in is only there for those who were named for it.
        let receipt = circle.hospice.app.new_receipt().0.to_string();
        let fields = [("receipt".to_owned(), receipt)];
        joan.post(&circle.path("/private/entry"), &fields).await.is(404);
    }

    async fn what_is_not_for_a_friend_answers_like_what_is_not_there(database) {
        let mut circle = Circle::set_up(database).await;
        let mut grace = circle.friend("Grace", "grace@mail.example").await;
        let missing = "/c/3f2b8c1e-0000-4000-8000-000000000000/private";
        let refused = grace.open(&circle.path("/private")).await;
        let not_there = grace.open(missing).await;
        assert_eq!((refused.status, not_there.status), (not_there.status, refused.status));
        for path in ["/private", "/private/edit", "/news", "/people"] {
            let page = grace.open(&circle.path(path)).await;
            let page = if page.status == 200 {
                // The number is asked of every member before it is said that nothing is there.
                grace.submit("/number", &[("number", NUMBER)]).await
            } else {
                page
            };
            assert_eq!(page.status, 404, "{path}");
            assert_eq!(page.body, not_there.body, "{path}");
        }
        for path in ["/looks", "/rota/add", "/people/name"] {
            let status = grace.open(&circle.path(path)).await.status;
            assert!(path == "/looks" || status == 404, "{path}: {status}");
        }
    }

    async fn whoever_is_taken_out_finds_nothing_at_once(database) {
        let mut circle = Circle::set_up(database).await;
        let mut grace = circle.friend("Grace", "grace@mail.example").await;
        grace.open(&circle.path("/rota")).await.ok();
        let people = circle.ruth.open(&circle.path("/people")).await.ok();
        let person = page_of(&people, "Grace").link(&circle.path("/people/"), "");
        circle.ruth.surely(&format!("{person}/remove")).await.ok();
        circle.ruth.submit("/remove", &[]).await.ok().says("Taken out of the circle");
        for path in ["/", "/rota", "/news"] {
            let page = grace.open(&circle.path(path)).await;
            assert!(page.path.starts_with("/sign-in") || page.status == 404, "{}", page.path);
            page.keeps_quiet_about("Margaret");
        }
    }

    async fn a_form_sent_twice_counts_once(database) {
        let mut circle = Circle::set_up(database).await;
        let page = circle.ruth.open(&circle.path("/rota/add")).await.ok();
        let (action, fields) = page.form("/rota/add");
        let typed = [("kind", "dog_walk"), ("date", "2026-11-26"), ("start", "16:00")];
        let fields = crate::browser::typed_over(fields, &typed);
        circle.ruth.post(&action, &fields).await.ok();
        let week = circle.ruth.post(&action, &fields).await.ok();
        assert_eq!(week.body.matches("Walk the dog").count(), 2, "once, and once in its button");
    }

    async fn what_was_typed_comes_through_the_number(database) {
        let mut circle = Circle::set_up(database).await;
        circle.ruth.surely(&circle.path("/private/edit")).await.ok();
        circle.hospice.clock.advance(3 * 3600);
        let words = "Radio 3 & <the window> open, \"a little\".";
        let asked = circle.ruth.submit("/private/edit", &[("matters", words)]).await.is(403);
        asked.says("What you wrote is kept").keeps_quiet_about("Radio 3");
        circle.ruth.submit("/number", &[("number", "111222")]).await.is(422);
        let carry_on = circle.ruth.submit("/number", &[("number", NUMBER)]).await.ok();
        carry_on.says("Thank you. Now carry on");
        circle.ruth.submit("/private/edit", &[]).await.ok().says(words);
    }

    async fn wrong_fields_are_all_said_with_what_was_typed(database) {
        let mut circle = Circle::set_up(database).await;
        circle.ruth.open(&circle.path("/rota/add")).await.ok();
        let typed = [("date", "2026-11-01"), ("start", "15:00"), ("note", "Ring <twice>")];
        let page = circle.ruth.submit("/rota/add", &typed).await.is(422);
        let page = page.says("Choose what is needed").says("That day has passed");
        let (_, fields) = page.form("/rota/add");
        for typed in [("date", "2026-11-01"), ("start", "15:00"), ("note", "Ring <twice>")] {
            let kept = fields.iter().find(|(name, _)| name == typed.0).unwrap();
            assert_eq!(kept.1, typed.1);
        }
    }

    async fn a_link_in_a_mail_takes_a_task_without_a_name(database) {
        let mut circle = Circle::set_up(database).await;
        circle.friend("Joan", "joan@mail.example").await;
        circle.shopping("2026-11-25").await;
        let (_, link) = circle.hospice.mail_to("joan@mail.example").await;
        let mut anybody = circle.hospice.browser();
        let page = anybody.open(&link).await.ok();
        page.says("Could you do this?").says("Shopping").keeps_quiet_about("Margaret")
            .keeps_quiet_about("Milk").keeps_quiet_about("Joan");
        anybody.submit("/take", &[]).await.ok().says("Thank you. It is yours.");
        anybody.open(&format!("{link}/cannot")).await.ok();
        anybody.submit("/cover", &[]).await.ok().says("It stays yours until");
        let wrong = format!("{link}x");
        anybody.open(&wrong).await.is(404);
    }

    async fn one_s_own_rota_names_nobody_on_a_strange_device(database) {
        let mut circle = Circle::set_up(database).await;
        let mut grace = circle.friend("Grace", "grace@mail.example").await;
        let slot = circle.shopping("2026-11-25").await;
        grace.open(&slot).await.ok();
        grace.submit("/take", &[]).await.ok();
        grace.open("/me").await.ok().says("Shopping for Margaret");
        let mut elsewhere = circle.hospice.browser();
        elsewhere.open("/sign-in").await.ok();
        elsewhere.submit("/sign-in", &[("email", "grace@mail.example")]).await.ok();
        let (text, _) = circle.hospice.mail_to("grace@mail.example").await;
        let code = crate::hospice::code_in(&text);
        let me = elsewhere.submit("/sign-in/check", &[("code", &code)]).await.ok();
        me.says("Hello, Grace").says("Shopping, ").keeps_quiet_about("Margaret")
            .keeps_quiet_about("Milk");
        elsewhere.open(&slot).await.ok().says("You are doing this").keeps_quiet_about("Margaret")
            .keeps_quiet_about("Milk");
        let details = elsewhere.open("/me/details").await.ok();
        details.says("grace@mail.example");
        elsewhere.submit("/me/details", &[("name", "")]).await.is(422).says("Please give a first name");
        elsewhere.submit("/me/details", &[("name", "Gracie")]).await.ok().says("Saved.");
        let leave = elsewhere.page.clone().unwrap().link("/me/circles/", "/leave");
        let page = elsewhere.open(&leave).await.ok().says("Others are asked to do Shopping");
        page.says("This phone or computer does not know you yet");
        // Whoever sends the form all the same is asked for two words.
        let receipt = circle.hospice.app.new_receipt().0.to_string();
        let fields = [("receipt".to_owned(), receipt)];
        elsewhere.post(&leave, &fields).await.is(403).says("type two welcome words");
        grace.open(&circle.path("/rota")).await.ok().says("Margaret");
        grace.open(&leave).await.ok();
        grace.submit("/leave", &[]).await.ok().says("You have left the circle");
        grace.open(&circle.path("/rota")).await.keeps_quiet_about("Margaret");
        circle.hospice.clock.advance(11 * 60);
        let (text, _) = circle.hospice.mail_to("ruth@mail.example").await;
        assert!(text.contains("Shopping") || text.contains("shopping"), "Ruth is asked: {text}");
    }

    async fn a_new_time_is_told_to_whoever_promised(database) {
        let mut circle = Circle::set_up(database).await;
        let mut joan = circle.friend("Joan", "joan@mail.example").await;
        let slot = circle.shopping("2026-11-25").await;
        joan.open(&slot).await.ok();
        joan.submit("/take", &[]).await.ok();
        let form = circle.ruth.open(&format!("{slot}/change")).await.ok();
        form.says("Joan promised this").says("we ask Joan first");
        let asked = circle.ruth.submit("/change", &[("start", "16:00"), ("end", "17:00")]).await;
        asked.ok().says("Nothing has changed yet").says("Joan").says("2pm").says("4pm");
        joan.open(&slot).await.ok().says("2pm");
        let saved = circle.ruth.submit("/change", &[("promises", "change")]).await.ok();
        saved.says("Asked Joan whether Wednesday 25 November, 4pm to 5pm suits instead");
        // It stays where it was until she says yes.
        let hers = joan.open(&slot).await.ok().says("Could it be Wednesday 25 November, 4pm to 5pm");
        hers.says("2pm");
        joan.submit("/move/answer", &[]).await.ok().says("4pm to 5pm");
        circle.ruth.open(&slot).await.ok().says("4pm to 5pm").says("Joan is doing this");
        circle.ruth.open(&format!("{slot}/change")).await.ok();
        circle.ruth.submit("/off", &[]).await.ok().says("Nothing has changed yet");
        let off = circle.ruth.submit("/off", &[("promises", "change")]).await.ok();
        off.says("Taken off the rota");
        joan.open(&slot).await.ok().says("Cancelled. No need to go");
    }

    async fn news_and_kind_words_are_read_by_those_named_for_them(database) {
        let mut circle = Circle::set_up(database).await;
        let mut joan = circle.friend("Joan", "joan@mail.example").await;
        circle.ruth.open(&circle.path("/news")).await.ok().says("Joan will read this");
        circle.ruth.submit("/news", &[("news", "")]).await.is(422).says("Please write something");
        circle.ruth.submit("/news", &[("news", "A good <night>.")]).await.ok().says("<night>");
        joan.open(&circle.path("/news")).await.ok().says("A good <night>.").says("Ruth, today");
        joan.submit("/kind-words", &[("kind", "Lovely hour.")]).await.ok().says("You, today");
        circle.ruth.open(&circle.path("/")).await.ok().says("Lovely hour.").says("Joan, today");
        joan.submit("/erase", &[]).await.ok().says("Taken away").keeps_quiet_about("Lovely hour.");
    }

    async fn a_form_from_another_site_changes_nothing(database) {
        let hospice = Hospice::new(database).await;
        let mut browser = hospice.browser();
        let typed = [("email".to_owned(), "ruth@mail.example".to_owned())];
        for (origin, status) in [
            ("https://kith.example", 200),
            ("https://other.example", 403),
            ("http://kith.example", 403),
            ("null", 403),
        ] {
            browser.origin = Some(origin);
            browser.post("/sign-in", &typed).await.is(status);
        }
    }
}
