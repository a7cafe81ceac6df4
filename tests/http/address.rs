//! Addresses as people change them in a browser, and every mail that comes of it.

use kith_tests::both;

use crate::browser::Browser;
use crate::hospice::{NUMBER, code_in};
use crate::story::{Circle, page_of};

both! {
    async fn a_friend_changes_her_address_and_the_old_one_is_told(database) {
        let mut circle = Circle::set_up(database).await;
        let mut grace = circle.friend("Grace", "grace@mail.example").await;
        circle.hospice.clock.advance(20 * 60);
        let details = grace.open("/me/details").await.ok().says("grace@mail.example");
        // The own number first; it was given too long ago.
        let page = grace.surely(&details.link("/me/address", "")).await.ok();
        page.says("We write to grace@mail.example").says("Send a code");
        grace.submit("/me/address", &[("email", "grace at home")]).await.is(422).says("Enter an e-mail");
        let typed = [("email", "grace@new.example")];
        let waits = grace.submit("/me/address", &typed).await.ok();
        waits.says("If we can write to grace@new.example").says("We write to grace@mail.example");
        let (text, link) = circle.hospice.mail_to("grace@new.example").await;
        assert_eq!(link, "/me/address");
        let code = code_in(&text);
        let wrong = if code == "111111" { "222222" } else { "111111" };
        grace.submit("/code", &[("code", wrong)]).await.is(422).says("This code does not fit");
        let done = grace.submit("/code", &[("code", &code)]).await.ok();
        done.says("From now on we write to your new address").says("grace@new.example");
        let (told, link) = circle.hospice.mail_to("grace@mail.example").await;
        assert_eq!(link, "/help");
        assert!(told.contains("If that was not you, ring 01632 960 101"), "{told}");
        assert!(!told.contains("new.example"), "{told}");

        // She signs in with the new one; with the old one nobody does.
        for (address, comes) in [("grace@new.example", true), ("grace@mail.example", false)] {
            let before = circle.hospice.sink.accepted().len();
            let mut elsewhere: Browser = circle.hospice.browser();
            elsewhere.open("/sign-in").await.ok().says("I do not get e-mail at that address");
            elsewhere.submit("/sign-in", &[("email", address)]).await.ok();
            let (text, _) = circle.hospice.mail_to("grace@new.example").await;
            assert_eq!(circle.hospice.sink.accepted().len(), before + usize::from(comes));
            if comes {
                elsewhere.submit("/sign-in/check", &[("code", &code_in(&text))]).await.ok();
                elsewhere.open("/me/details").await.ok().says("grace@new.example");
                // With a mailbox alone the address is not changed.
                elsewhere.open("/me/address").await.ok().says("two words");
            }
        }
    }

    async fn a_form_that_took_too_long_asks_for_the_number_and_keeps_what_was_typed(database) {
        let mut circle = Circle::set_up(database).await;
        let mut grace = circle.friend("Grace", "grace@mail.example").await;
        grace.surely("/me/address").await.ok();
        circle.hospice.clock.advance(20 * 60);
        let asks = grace.submit("/me/address", &[("email", "grace@new.example")]).await;
        asks.is(403).says("What you wrote is kept");
        grace.submit("/number", &[("number", NUMBER)]).await.ok().says("Save what I typed");
        grace.submit("/me/address", &[]).await.ok().says("If we can write to grace@new.example");
    }

    async fn the_carer_mends_the_address_of_an_invitation(database) {
        let mut circle = Circle::set_up(database).await;
        let (_, old_link) = circle.hospice.mail_to("joan@mail.example").await;
        let people = circle.ruth.open(&circle.path("/people")).await.ok();
        let joan = page_of(&people, "Joan").link("/c/", "/words");
        let joan = joan.strip_suffix("/words").unwrap().to_owned();
        let page = circle.ruth.surely(&joan).await.ok().says("Wrong address? Change it");
        let form = circle.ruth.open(&page.link("/c/", "/address")).await.ok();
        form.says("Another address for Joan").says("nobody else can change it");
        circle.ruth.submit("/address", &[("email", "grace@mail.example")]).await.is(422)
            .says("This address cannot be named here");
        let typed = [("email", "joan@right.example")];
        let words = circle.ruth.submit("/address", &typed).await.ok();
        let words =
            words.says("A new invitation is on its way").says("Welcome words for Joan");
        let (_, link) = circle.hospice.mail_to("joan@right.example").await;
        let mut reads_wrong = circle.hospice.browser();
        reads_wrong.open(&old_link).await.says("It was used, or taken back");
        let mut browser = circle.hospice.browser();
        browser.open(&link).await.ok();
        let words = crate::hospice::said(&words);
        browser.submit(&link, &crate::hospice::joining(&words)).await.ok().says("Hello, Joan");
        circle.ruth.surely(&joan).await.ok().keeps_quiet_about("Wrong address?");
        circle.ruth.open(&format!("{joan}/address")).await.is(404);
    }

    async fn whoever_asks_to_join_reads_the_address_and_mends_it(database) {
        let mut circle = Circle::set_up(database).await;
        circle.ruth.surely(&circle.path("/people/link")).await.ok();
        let made = circle.ruth.submit("/people/link", &[]).await.ok();
        let text = crate::hospice::between(&made.body, "/join/", "<");
        let path = format!("/join/{text}");
        let mut nina = circle.hospice.browser();
        nina.open(&path).await.ok();
        let typed = [("name", "Nina"), ("email", "nina@wrnog.example")];
        nina.submit(&path, &typed).await.ok().says("We’ll write to nina@wrnog.example");
        nina.submit("/address", &[("email", "nina")]).await.is(422).says("Enter an e-mail address");
        let mended = nina.submit("/address", &[("email", "nina@wrong.example")]).await.ok();
        mended.says("We’ll write to nina@wrong.example");
        nina.submit("/address", &[("email", "")]).await.ok().says("You gave no e-mail address");
        let mut other = circle.hospice.browser();
        other.open(&path).await.ok().keeps_quiet_about("wrong.example");
    }
}
