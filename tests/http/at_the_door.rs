//! What the pages say and offer to whoever has promised something, from the mail to the door.

use kith_tests::both;

use crate::browser::{Browser, Page};
use crate::hospice::NUMBER;
use crate::story::{Circle, slot_of};

/// Joan with the news, and her shopping on Wednesday, where somebody must come.
async fn shopping(circle: &mut Circle) -> (Browser, String) {
    let mut joan = circle.friend("Joan", "joan@mail.example").await;
    let slot = circle.shopping_with("2026-11-25", &[("if_nobody", "must")]).await;
    joan.open(&slot).await.ok();
    joan.submit("/take", &[]).await.ok().says("Thank you, Joan");
    (joan, slot)
}

/// The page that the form of a list leads to, which says nothing of what its page says.
async fn from_a_list(browser: &mut Browser, slot: &str) -> Page {
    let page = browser.open(slot).await.ok();
    let (action, fields) = page.form("/take");
    let unseen: Vec<_> = fields.into_iter().filter(|(name, _)| name != "seen").collect();
    browser.post(&action, &unseen).await
}

both! {
    async fn i_ll_be_there_is_said_on_one_s_own_pages(database) {
        let mut circle = Circle::set_up(database).await;
        let (mut joan, slot) = shopping(&mut circle).await;
        joan.open(&slot).await.ok().says("I’ll be there");
        joan.open("/me/rota").await.ok().says("I’ll be there");
        joan.submit("/there", &[]).await.ok().says("You said you’ll be there");
        joan.open("/me/rota").await.ok().says("You said you’ll be there")
            .keeps_quiet_about("/there\"");
        circle.ruth.open(&slot).await.ok().says("Joan (will be there)");
    }

    async fn the_link_of_a_mail_leads_on_to_the_task(database) {
        let mut circle = Circle::set_up(database).await;
        let mut joan = circle.friend("Joan", "joan@mail.example").await;
        let slot = circle.shopping("2026-11-25").await;
        let (_, link) = circle.hospice.mail_to("joan@mail.example").await;
        let own = joan.open(&link).await.ok().says("Open your task").link("/c/", "");
        assert_eq!(own, slot);
        joan.open(&own).await.ok().says("for Margaret");
        circle.ruth.open(&circle.path("/rota/add")).await.ok();
        let typed = [("kind", "dog_walk"), ("date", "2026-11-25"), ("start", "15:00")];
        let week = circle.ruth.submit("/rota/add", &typed).await.ok();
        joan.open(&slot_of(&week, "Walk the dog")).await.ok();
        joan.submit("/take", &[]).await.ok();
        let page = joan.open(&link).await.ok().says("something else at that time, or close to it");
        page.keeps_quiet_about("3pm").keeps_quiet_about("dog");
        let mut anybody = circle.hospice.browser();
        let page = anybody.open(&link).await.ok().says("Sign in to see more");
        page.keeps_quiet_about("Margaret").keeps_quiet_about("Joan");
        let sign_in = anybody.open(&slot).await;
        assert!(sign_in.path.starts_with("/sign-in"), "{}", sign_in.path);
        circle.ruth.open(&link).await.ok().says("Sign in to see more");
    }

    async fn what_is_done_still_takes_a_word_for_whoever_comes_next(database) {
        let mut circle = Circle::set_up(database).await;
        let (mut joan, slot) = shopping(&mut circle).await;
        circle.ruth.open(&circle.path("/door")).await.ok();
        let typed = [("phone", "01632 960 044")];
        circle.ruth.submit("/door", &typed).await.ok().says("Saved.");
        circle.hospice.clock.advance(53 * 3600);
        let cannot = joan.open(&format!("{slot}/cannot")).await.ok();
        cannot.says("01632 960 044 . If nobody answers there, ring Fernhill Hospice: 01632 960 101");
        joan.open(&slot).await.ok();
        let went = joan.submit("/done", &[]).await.ok();
        went.says("How did it go, Joan?").says("A word for whoever comes next");
        joan.submit("/hand-over", &[("hand_over", "The door sticks.")]).await.ok()
            .says("The next person who comes will read it")
            .says("01632 960 044");
        circle.hospice.clock.advance(8 * 86_400);
        joan.open(&format!("{slot}/went")).await.ok()
            .keeps_quiet_about("A word for whoever comes next");
    }

    async fn after_a_visit_one_s_rota_leads_to_how_it_was(database) {
        let mut circle = Circle::set_up(database).await;
        let (mut joan, slot) = shopping(&mut circle).await;
        joan.open("/me/rota").await.ok().keeps_quiet_about("Lately");
        circle.hospice.clock.advance(60 * 3600);
        joan.open("/me/rota").await.ok().says("Lately").says("How was it?");
        joan.open(&slot).await.ok().says("A few kind words, if you like").says("I’m worried")
            .says("A word for whoever comes next").keeps_quiet_about("At the door, or lost?");
        let long = "a".repeat(5000);
        let typed = [("kind_word", long.as_str()), ("hand_over", "The kettle leaks.")];
        let page = joan.submit("/done", &typed).await.is(422);
        let page = page.says("Please shorten this");
        assert!(page.text().contains(&long), "nothing typed is lost");
        assert!(page.text().contains("The kettle leaks."), "nor what is in the other box");
        joan.submit("/not-done", &[]).await.ok().says("These things happen");
        joan.open("/me/rota").await.ok().says("It did not happen. That is all right.");
        circle.ruth.open(&slot).await.ok().says("and it was not done")
            .keeps_quiet_about("Done by");
        joan.open(&slot).await.ok();
        let typed = [("kind_word", "We laughed a lot."), ("hand_over", "Milk is low.")];
        joan.submit("/done", &typed).await.ok()
            .says("How did it go, Joan?").says("Your circle can read it now");
        circle.ruth.open(&circle.path("/")).await.ok().says("Milk is low.");
        circle.ruth.open(&circle.path("/news")).await.ok().says("We laughed a lot.");
        joan.open("/me/rota").await.ok().says("It was done. Thank you.");
        joan.open(&slot).await.ok().says("It did not happen");
        joan.submit("/hand-over", &[("hand_over", "Bread is low.")]).await.ok();
        circle.ruth.open(&circle.path("/")).await.ok().says("Bread is low.");
    }

    async fn whoever_has_promised_something_then_is_asked_before_it_is_theirs(database) {
        let mut circle = Circle::set_up(database).await;
        let (mut joan, _) = shopping(&mut circle).await;
        circle.ruth.open(&circle.path("/rota/add")).await.ok();
        let typed = [("kind", "dog_walk"), ("date", "2026-11-25"), ("start", "15:00")];
        let week = circle.ruth.submit("/rota/add", &typed).await.ok();
        let walk = slot_of(&week, "Walk the dog");
        let asked = from_a_list(&mut joan, &walk).await.ok();
        asked.says("This is not yours yet").says("something else from 2pm to 3.30pm");
        joan.submit("/take", &[]).await.ok().says("Thank you, Joan");
        circle.ruth.open(&walk).await.ok().says("Joan is doing this");
    }

    async fn nobody_is_offered_to_take_over_from_themselves(database) {
        let mut circle = Circle::set_up(database).await;
        let (mut joan, slot) = shopping(&mut circle).await;
        let mut grace = circle.friend("Grace", "grace@mail.example").await;
        joan.open(&format!("{slot}/cannot")).await.ok();
        joan.submit("/cannot", &[("how", "cover")]).await.ok();
        let hers = joan.open(&circle.path("/rota")).await.ok().says("You, if nobody else can");
        assert!(!hers.text().contains("I’ll do it : Shopping"), "{}", hers.text());
        let others = grace.open(&circle.path("/rota")).await.ok();
        others.says("Joan, if nobody else can").says("I’ll do it : Shopping");
    }

    async fn whoever_is_late_is_seen_on_the_task_s_page(database) {
        let mut circle = Circle::set_up(database).await;
        let (mut joan, slot) = shopping(&mut circle).await;
        let mut grace = circle.friend("Grace", "grace@mail.example").await;
        circle.hospice.clock.advance(52 * 3600);
        joan.open(&slot).await.ok();
        joan.submit("/late", &[]).await.ok().says("You said at 1")
            .says("that you’re running late.").keeps_quiet_about("/late\"");
        circle.ruth.open(&slot).await.ok().says("Joan said at 1").says("running late");
        grace.open(&slot).await.ok().keeps_quiet_about("running late");
    }

    async fn the_history_says_what_became_of_a_promise(database) {
        let mut circle = Circle::set_up(database).await;
        let (_, slot) = shopping(&mut circle).await;
        circle.ruth.open(&format!("{slot}/change")).await.ok();
        circle.ruth.submit("/off", &[]).await.ok();
        circle.ruth.submit("/off", &[("promises", "change")]).await.ok();
        let page = circle.ruth.open(&slot).await.ok().says("It was taken off the rota");
        page.says("Joan took it today").keeps_quiet_about("gave it back");
    }

    async fn a_swap_is_undone_within_ten_minutes(database) {
        let mut circle = Circle::set_up(database).await;
        let (mut joan, slot) = shopping(&mut circle).await;
        let mut grace = circle.friend("Grace", "grace@mail.example").await;
        let page = joan.open(&format!("{slot}/cannot")).await.ok();
        let (before, _) = page.body.split_once(">Grace takes it<").expect("Grace may be asked");
        let value = before.rsplit_once("value=\"").unwrap().1.split('"').next().unwrap().to_owned();
        joan.submit("/swap", &[("to", &value)]).await.ok().says("You have asked Grace");
        grace.open(&slot).await.ok();
        grace.submit("/swap/answer", &[]).await.ok().says("undo the swap");
        circle.ruth.open(&slot).await.ok().says("Grace is doing this").says("and swapped it");
        grace.submit("/undo", &[]).await.ok().says("Undone. It is as it was before.");
        joan.open(&slot).await.ok().says("You are doing this");
        let (text, _) = circle.hospice.mail_to("joan@mail.example").await;
        assert!(text.contains("The swap did not work out"), "{text}");
        circle.ruth.open(&slot).await.ok().says("Joan is doing this");
    }

    async fn what_somebody_gave_back_before_is_taken_and_undone(database) {
        let mut circle = Circle::set_up(database).await;
        let (mut joan, slot) = shopping(&mut circle).await;
        let mut grace = circle.friend("Grace", "grace@mail.example").await;
        joan.open(&format!("{slot}/cannot")).await.ok();
        joan.submit("/cannot", &[("how", "give_back")]).await.ok().says("no longer yours");
        circle.hospice.clock.advance(3600);
        grace.open(&slot).await.ok();
        grace.submit("/take", &[]).await.ok();
        grace.submit("/undo", &[]).await.ok().says("Undone.").says("Could you do this?");
        circle.ruth.open(&slot).await.ok().says("and took that back").says("and gave it back");
    }

    async fn nobody_is_promised_a_reminder_that_does_not_come(database) {
        let mut circle = Circle::set_up(database).await;
        let mut grace = circle.friend("Grace", "grace@mail.example").await;
        let (mut joan, slot) = shopping(&mut circle).await;
        joan.open(&format!("{slot}/taken")).await.ok().says("We remind you on Tuesday 24 November");
        joan.open("/me/e-mails").await.ok();
        joan.submit("/me/e-mails", &[("stopped", "yes")]).await.ok();
        let taken = joan.open(&format!("{slot}/taken")).await.ok();
        taken.says("You chose to get no e-mail at all").keeps_quiet_about("We remind you");
        circle.ruth.open(&slot).await.ok().says("Joan (cannot be reminded by e-mail)");
        grace.open(&slot).await.ok().keeps_quiet_about("cannot be reminded");
    }

    async fn a_part_of_the_day_is_no_shift(database) {
        let mut circle = Circle::set_up(database).await;
        let mut joan = circle.friend("Joan", "joan@mail.example").await;
        circle.ruth.open(&circle.path("/rota/add")).await.ok();
        let typed = [("kind", "newspaper"), ("date", "2026-11-25"), ("within", "morning")];
        let week = circle.ruth.submit("/rota/add", &typed).await.ok();
        let slot = slot_of(&week, "The newspaper");
        let page = joan.open(&slot).await.ok().says("any time in the morning (8am to noon)");
        page.keeps_quiet_about("About four hours");
        let (text, _) = circle.hospice.mail_to("joan@mail.example").await;
        assert!(text.contains("any time in the morning (8am to noon)"), "{text}");
    }

    async fn what_whoever_comes_needs_is_asked_for_where_it_is_missing(database) {
        let mut circle = Circle::set_up(database).await;
        let missing = "A number to ring from the door: not said yet";
        circle.ruth.open(&circle.path("/settings")).await.ok().says(missing);
        circle.ruth.open(&circle.path("/rota/add")).await.ok().says(missing)
            .says("Food and allergies: not said yet");
        circle.ruth.open("/me/details").await.ok();
        // The hospice rings that number: it takes the own one.
        circle.ruth.submit("/me/details", &[("phone", "01632 960 777")]).await.is(403);
        circle.ruth.submit("/number", &[("number", NUMBER)]).await.ok();
        circle.ruth.submit("/me/details", &[]).await.ok().says("Saved.");
        circle.ruth.open(&circle.path("/door")).await.ok().says("the number you gave us");
        circle.ruth.submit("/door", &[]).await.ok().says("Saved.")
            .keeps_quiet_about("the number you gave us");
        circle.ruth.open(&circle.path("/settings")).await.ok()
            .says("A number to ring from the door: written down");
    }
}
