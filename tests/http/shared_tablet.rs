//! What was typed when a session ended: it comes back to whoever typed it, and to nobody else.

use kith_tests::{TestDatabase, both};

use crate::browser::{Browser, Page};
use crate::hospice::{NUMBER, said};
use crate::story::{Circle, page_of};

const WORDS: &str = "We did the crossword & she won.";

/// The part of a page from the form with this button on.
fn from_button(page: &Page, button: &str) -> Page {
    let (before, _) = page.body.split_once(button).expect("the button is there");
    let start = before.rfind("<form").expect("it is in a form");
    Page { body: page.body[start..].to_owned(), ..page.clone() }
}

/// Grace and Joan share a tablet; Joan has typed kind words, and her session has ended meanwhile.
async fn sent_too_late(database: &TestDatabase) -> (Circle, Browser) {
    let mut circle = Circle::set_up(database).await;
    let mut tablet = circle.friend("Grace", "grace@mail.example").await;
    let people = circle.ruth.open(&circle.path("/people")).await.ok();
    let words = page_of(&people, "Joan").link("/c/", "/words");
    let words = said(&circle.ruth.surely(&words).await.ok());
    let (_, link) = circle.hospice.mail_to("joan@mail.example").await;
    tablet.open(&link).await.ok();
    let typed = [
        ("words", words.as_str()),
        ("number", "860913"),
        ("number_again", "860913"),
        ("shared_computer", "yes"),
    ];
    tablet.submit(&link, &typed).await.ok().says("Hello, Joan");
    tablet.open(&circle.path("/news")).await.ok();
    circle.hospice.clock.advance(31 * 60);
    let asked = tablet.submit("/kind-words", &[("kind", WORDS)]).await.is(401);
    let asked = asked.says("I am Grace").says("I am Joan").says("What you wrote is kept");
    asked.keeps_quiet_about("crossword");
    (circle, tablet)
}

async fn come_in(tablet: &mut Browser, name: &str, number: &str) -> Page {
    let shown = tablet.page.clone().unwrap();
    tablet.page = Some(from_button(&shown, &format!("I am {name}")));
    tablet.submit("/sign-in/here", &[]).await.ok().says("Your own number");
    tablet.submit("/sign-in/here", &[("number", number)]).await.ok()
}

both! {
    async fn what_was_typed_comes_back_to_whoever_typed_it(database) {
        let (mut circle, mut tablet) = sent_too_late(database).await;
        let carry_on = come_in(&mut tablet, "Joan", "860913").await;
        carry_on.says("Kind words: what you typed is kept");
        tablet.submit("/kind-words", &[]).await.ok().says(WORDS).says("You, today");
        circle.ruth.open(&circle.path("/")).await.ok().says(WORDS).says("Joan, today");
    }

    async fn what_was_typed_is_saved_for_nobody_else(database) {
        let (mut circle, mut tablet) = sent_too_late(database).await;
        let lost = come_in(&mut tablet, "Grace", NUMBER).await;
        lost.says("was not saved").keeps_quiet_about("crossword");
        circle.ruth.open(&circle.path("/news")).await.ok().keeps_quiet_about("crossword");
    }

    async fn what_was_typed_goes_by_mail_too(database) {
        let (circle, mut tablet) = sent_too_late(database).await;
        let shown = tablet.page.clone().unwrap();
        tablet.page = Some(from_button(&shown, "I am neither of them"));
        tablet.submit("/sign-in/here", &[]).await.ok().says("What you wrote is kept");
        tablet.submit("/sign-in", &[("email", "joan@mail.example")]).await.ok();
        let (text, _) = circle.hospice.mail_to("joan@mail.example").await;
        let code = crate::hospice::code_in(&text);
        let carry_on = tablet.submit("/sign-in/check", &[("code", &code)]).await.ok();
        carry_on.says("Kind words: what you typed is kept");
    }

    async fn a_device_of_one_s_own_asks_for_the_number_and_not_for_a_mailbox(database) {
        let mut circle = Circle::set_up(database).await;
        let mut joan = circle.friend("Joan", "joan@mail.example").await;
        joan.open(&circle.path("/news")).await.ok();
        circle.hospice.clock.advance(15 * 86_400);
        let asked = joan.submit("/kind-words", &[("kind", WORDS)]).await.is(401);
        asked.says("Your own number").says("What you wrote is kept");
        let carry_on = joan.submit("/sign-in/here", &[("number", NUMBER)]).await.ok();
        carry_on.says("Kind words: what you typed is kept");
        joan.submit("/kind-words", &[]).await.ok().says(WORDS);
    }
}
