//! What whoever is in charge is told on the pages, and what they can do about it.

use kith_tests::both;

use crate::story::{Circle, page_of};

both! {
    async fn whoever_is_taken_out_for_good_is_not_named_again(database) {
        let mut circle = Circle::set_up(database).await;
        circle.friend("Grace", "grace@mail.example").await;
        circle.friend("Joan", "joan@mail.example").await;
        for (name, not_again) in [("Grace", true), ("Joan", false)] {
            let people = circle.ruth.open(&circle.path("/people")).await.ok();
            let person = page_of(&people, name).link(&circle.path("/people/"), "");
            let page = circle.ruth.surely(&format!("{person}/remove")).await.ok();
            page.says("Not again").says("The e-mail address is kept out of this circle");
            let typed: &[_] = if not_again { &[("not_again", "yes")] } else { &[] };
            circle.ruth.submit("/remove", typed).await.ok().says("Taken out of the circle");
            circle.ruth.surely(&circle.path("/people/name")).await.ok();
            let address = format!("{}@mail.example", name.to_lowercase());
            let typed = [("name", name), ("email", &address), ("see", "just_rota")];
            let named = circle.ruth.submit("/people/name", &typed).await;
            if not_again {
                named.is(422).says("This address cannot be named here");
            } else {
                named.ok().says("The two words are below");
            }
        }
    }

    async fn of_somebody_without_an_address_it_is_said_what_can_be_done(database) {
        let mut circle = Circle::set_up(database).await;
        circle.ruth.surely(&circle.path("/people/name")).await.ok();
        let typed = [("name", "Alan"), ("email", ""), ("see", "just_rota")];
        circle.ruth.submit("/people/name", &typed).await.ok();
        let people = circle.ruth.open(&circle.path("/people")).await.ok();
        let people = people.says("Alan gets no e-mail from us: we have no address. Please ring.");
        let person = page_of(&people, "Alan").link(&circle.path("/people/"), "");
        let person = person.trim_end_matches("/words");
        circle.ruth.open(person).await.ok().says("Alan gets no e-mail from us");
        let page = circle.ruth.surely(&format!("{person}/remove")).await.ok();
        page.says("We have no e-mail address of Alan").keeps_quiet_about("not_again");
    }

    async fn a_word_that_was_left_is_read_by_whoever_is_in_charge(database) {
        let mut circle = Circle::set_up(database).await;
        let mut grace = circle.friend("Grace", "grace@mail.example").await;
        let slot = circle.shopping("2026-11-25").await;
        grace.open(&slot).await.ok();
        grace.submit("/take", &[]).await.ok();
        circle.hospice.clock.advance(53 * 3600);
        grace.open(&slot).await.ok().says("A word for whoever comes next");
        let long = "She slept. ".repeat(400);
        let page = grace.submit("/hand-over", &[("hand_over", &long)]).await.is(422);
        let page = page.says("Please check one thing").says("Please shorten this");
        let (_, fields) = page.form("/hand-over");
        let kept = fields.iter().find(|(name, _)| name == "hand_over").unwrap();
        assert_eq!(kept.1.trim(), long.trim(), "nothing that was typed is lost");
        let typed = [("hand_over", "She slept, and ate a little.")];
        grace.submit("/hand-over", &typed).await.ok().says("The next person who comes will read it");
        let home = circle.ruth.open(&circle.path("/")).await.ok();
        home.says("Left to say for whoever comes next").says("She slept, and ate a little.")
            .says("From Grace. Today, 2");
        circle.ruth.open(&slot).await.ok().says("She slept, and ate a little.");
    }
}
