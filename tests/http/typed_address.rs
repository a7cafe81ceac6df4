//! Whoever typed somebody else's address, who came by a link: the owner is neither kept out nor taken
//! for them.

use kith_tests::both;

use crate::hospice::{NUMBER, code_in};
use crate::story::Circle;

both! {
    async fn whoever_typed_an_address_keeps_its_owner_out_of_nothing(database) {
        let mut circle = Circle::set_up(database).await;
        let link = circle.share_link().await;
        let mut zoe = circle.hospice.browser();
        zoe.open(&link).await.ok();
        zoe.submit(&link, &[("name", "Zoe"), ("email", "mary@mail.example")]).await.ok();
        let asking = circle.ruth.surely(&circle.path("/people/asking")).await.ok();
        let one = asking.link(&circle.path("/people/asking/"), "");
        let page = circle.ruth.surely(&one).await.ok();
        page.says("Until it is proved, nothing but codes goes there");
        circle.ruth.submit(&one, &[("see", "just_rota")]).await.ok();
        zoe.open(&link).await.ok();
        zoe.submit("/in", &[("number", NUMBER), ("number_again", NUMBER)]).await.ok();
        let people = circle.ruth.open(&circle.path("/people")).await.ok();
        people.says("Zoe gets no e-mail from us yet");

        circle.ruth.surely(&circle.path("/people/name")).await.ok();
        let typed = [("name", "Mary"), ("email", "mary@mail.example"), ("see", "just_rota")];
        circle.ruth.submit("/people/name", &typed).await.ok().says("The two words are below");
        let (invitation, _) = circle.hospice.mail_to("mary@mail.example").await;
        assert!(invitation.contains("You are invited"), "{invitation}");
        let mut mary = circle.hospice.browser();
        mary.open("/sign-in").await.ok();
        mary.submit("/sign-in", &[("email", "mary@mail.example")]).await.ok();
        let (text, _) = circle.hospice.mail_to("mary@mail.example").await;
        let page = mary.submit("/sign-in/check", &[("code", &code_in(&text))]).await.ok();
        page.keeps_quiet_about("Zoe").keeps_quiet_about("Which one are you");

        // Zoe, in her own browser, is asked which of the two she is.
        zoe.open("/me/details").await.ok();
        circle.hospice.clock.advance(3_600);
        zoe.submit("/sign-in", &[]).await.ok();
        let (text, _) = circle.hospice.mail_to("mary@mail.example").await;
        let page = zoe.submit("/sign-in/check", &[("code", &code_in(&text))]).await.ok();
        page.says("I am Zoe").says("I am Mary");
    }
}
