//! To an address that nobody proved nothing is sent but codes; and a code that is used proves it.

use kith_app::CodeAccepted;
use kith_domain::MailKind;
use kith_tests::{Sink, both};

use crate::asked::Asked;
use crate::codes::code;

both! {
    async fn nothing_but_codes_goes_to_an_address_that_nobody_proved(database) {
        let asked = Asked::at(database, "2026-11-23T09:00:00Z").await;
        let Asked { world, ann, slot } = &asked;
        let person = ann.place.person;
        world.write(async |unit| unit.address_unproved(person).await).await;
        let by_mail = world.write(async |unit| unit.may_be_asked(slot, world.app.now()).await).await;
        let anns: Vec<bool> = by_mail
            .iter()
            .filter(|member| member.person == person)
            .map(|member| member.by_mail)
            .collect();
        assert_eq!(anns, [false], "she may be asked, and by no mail");
        let sink = Sink::open();
        asked.look(&sink).await;
        world.promise(slot, ann).await;
        world.now_is("2026-11-23T18:00:00Z");
        world.app.plan_reminders().await.unwrap();
        asked.look(&sink).await;
        assert_eq!(sink.handed(), [], "neither asked nor reminded");
        let mail = world.only_mail(MailKind::SomebodyNeeded).await;
        assert_eq!(mail.ended(), "failed: not_proved", "where people see it");

        let visit = world.stranger().await;
        let browser = world.app.ask_code(&visit, &ann.address, false).await.unwrap();
        asked.look(&sink).await;
        let sent = sink.accepted();
        assert_eq!(sent.len(), 1, "the code");
        let accepted =
            world.app.check_code(&visit, browser.as_str(), &code(&sent[0]), false).await.unwrap();
        assert!(matches!(accepted, CodeAccepted::In(_)));
        assert!(!world.write(async |unit| unit.address_is_unproved(person).await).await);
    }
}
