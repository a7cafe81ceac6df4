//! What cannot be as it was typed: nothing is done in silence, and nothing that was typed is lost.

use kith_tests::both;

use crate::browser::{HOST, typed_over};
use crate::hospice::between;
use crate::story::{Circle, slot_of};

both! {
    async fn a_last_day_that_cannot_be_read_promises_nothing(database) {
        let mut circle = Circle::set_up(database).await;
        let mut grace = circle.friend("Grace", "grace@mail.example").await;
        circle.ruth.open(&circle.path("/rota/add")).await.ok();
        let typed = [
            ("kind", "dog_walk"),
            ("date", "2026-11-26"),
            ("start", "16:00"),
            ("repeat", "weekly"),
        ];
        let week = circle.ruth.submit("/rota/add", &typed).await.ok();
        let slot = slot_of(&week, "Walk the dog");
        grace.open(&format!("{slot}/dates")).await.ok().says("Which dates suit you?");
        let typed = [("all_until", "christmas"), ("all_open", "yes")];
        let page = grace.submit("/dates", &typed).await.is(422);
        let page = page.says("Choose today, or a day that is still to come");
        let (_, fields) = page.form("/dates");
        assert!(fields.contains(&("all_until".to_owned(), "christmas".to_owned())));
        grace.open(&slot).await.ok().says("Could you do this?");
    }

    async fn whoever_cannot_be_taken_for_any_more_is_said_so(database) {
        let mut circle = Circle::set_up(database).await;
        circle.ruth.surely(&circle.path("/people/name")).await.ok();
        let typed = [("name", "Alan"), ("email", ""), ("see", "just_rota")];
        let words = circle.ruth.submit("/people/name", &typed).await.ok();
        let said = crate::hospice::said(&words);
        let address = between(&words.body, "<p class=\"address\">", "<");
        let path = address.strip_prefix(HOST).unwrap().to_owned();
        circle.hospice.come_in(&path, &said).await.page.unwrap().says("Hello, Alan");
        let slot = circle.shopping("2026-11-25").await;
        let page = circle.ruth.open(&slot).await.ok().says("Somebody without e-mail said yes?");
        let (_, list) = page.body.split_once("name=\"member\"").unwrap();
        let alan = between(list, "<option value=\"", "\"");
        let (action, fields) = page.form("/for");
        let typed = [("member", alan.as_str())];
        circle.ruth.post(&action, &typed_over(fields, &typed)).await.ok().says("It is theirs now");
        let receipt = circle.hospice.app.new_receipt().0.to_string();
        let again = [("receipt".to_owned(), receipt), ("member".to_owned(), alan)];
        let page = circle.ruth.post(&action, &again).await.is(422);
        page.says("Please check one thing").says("Choose somebody from the list");
    }

    async fn whoever_asks_right_after_many_others_keeps_what_was_typed(database) {
        let mut circle = Circle::set_up(database).await;
        let link = circle.share_link().await;
        // One network may ask five times in a row.
        for nth in 1..=6 {
            let mut browser = circle.hospice.browser();
            browser.open(&link).await.ok();
            let (name, email) = (format!("Zoe {nth}"), format!("zoe{nth}@mail.example"));
            let page = browser.submit(&link, &[("name", &name), ("email", &email)]).await;
            if nth < 6 {
                page.ok();
                continue;
            }
            let page = page.is(429).says("Please send this again in ten minutes");
            let (_, fields) = page.form(&link);
            for typed in [("name", name), ("email", email)] {
                assert!(fields.contains(&(typed.0.to_owned(), typed.1)));
            }
        }
    }
}
