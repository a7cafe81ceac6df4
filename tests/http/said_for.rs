//! The forms of being away, and of what is said for Alan, who has no e-mail.

use kith_tests::both;

use crate::browser::{Page, typed_over};
use crate::hospice::{between, said};
use crate::story::{Circle, slot_of};

/// Ruth names Alan without an address, or with one, and says that he said yes to her; his page.
async fn alan(circle: &mut Circle) -> String {
    circle.ruth.surely(&circle.path("/people/name")).await.ok();
    let typed = [("name", "Alan"), ("email", ""), ("see", "just_rota")];
    let words = circle.ruth.submit("/people/name", &typed).await.ok();
    let own = words.path.split("/words").next().unwrap().to_owned();
    circle.ruth.open(&format!("{own}/yes")).await.ok().says("Alan");
    circle.ruth.submit("/yes", &[]).await.ok();
    own
}

/// Ruth sends the form of a walk that is taken for Alan.
async fn take(circle: &mut Circle, slot: &str, typed: &[(&str, &str)]) -> Page {
    let page = circle.ruth.open(slot).await.ok().says("Somebody without e-mail said yes?");
    let (_, list) = page.body.split_once("name=\"member\"").unwrap();
    let alan = between(list, "<option value=\"", "\"");
    let (action, fields) = page.form("/for");
    let typed: Vec<_> = [("member", alan.as_str())].into_iter().chain(typed.to_vec()).collect();
    circle.ruth.post(&action, &typed_over(fields, &typed)).await
}

/// The walk of a day, in a week of Ruth's rota.
async fn walk_of(circle: &mut Circle, week: &str, day: &str) -> String {
    let page = circle.ruth.open(&circle.path(&format!("/rota?week={week}"))).await.ok();
    let after = page.body.split_once(day).map(|(_, after)| after.to_owned());
    let after = after.unwrap_or_else(|| panic!("no {day}: {}", page.text()));
    slot_of(&Page { body: after, ..page }, "Walk the dog")
}

both! {
    async fn one_walk_is_taken_for_him_and_then_those_of_tuesdays(database) {
        let mut circle = Circle::set_up(database).await;
        alan(&mut circle).await;
        let slot = circle.walks().await;
        let page = take(&mut circle, &slot, &[]).await.ok().says("It is theirs now");
        page.keeps_quiet_about("Alan does this every");
        let week = circle.ruth.open(&circle.path("/rota?week=2026-12-01")).await.ok();
        let second = slot_of(&week, "Walk the dog");
        // Neither no weekday at all, nor a day that cannot be read, is taken for something else.
        let none = [("each_time", "yes"), ("on", "")];
        let page = take(&mut circle, &second, &none).await.is(422).says("Tick at least one day");
        let (_, fields) = page.form("/for");
        assert!(fields.contains(&("each_time".to_owned(), "yes".to_owned())), "it is kept");
        let early = [("all_until", "2026-11-30")];
        take(&mut circle, &second, &early).await.is(422).says("or a later day");
        let nonsense = [("all_until", "soon")];
        let page = take(&mut circle, &second, &nonsense).await.is(422).says("or a later day");
        assert!(page.body.contains("value=\"soon\""));
        let tuesdays = [("each_time", "yes"), ("on", "TU"), ("all_until", "2026-12-24")];
        take(&mut circle, &second, &tuesdays).await.ok().says("It is theirs now")
            .says("Alan does this every Tuesday, until 24 December 2026.");
        // Nobody takes for him what is his already.
        let tuesday = walk_of(&mut circle, "2026-12-08", "8 December").await;
        circle.ruth.open(&tuesday).await.ok().says("Alan")
            .keeps_quiet_about("Somebody without e-mail said yes?");
        let thursday = walk_of(&mut circle, "2026-12-08", "10 December").await;
        circle.ruth.open(&thursday).await.ok().says("Somebody without e-mail said yes?");
        // What he does each time already is not ended by saying another day.
        let thursdays = [("each_time", "yes"), ("on", "TH")];
        let page = take(&mut circle, &thursday, &thursdays).await.is(422);
        page.says("They do this each time already");
        circle.ruth.open(&tuesday).await.ok().says("Alan does this every Tuesday");
    }

    async fn that_he_stops_is_in_his_history(database) {
        let mut circle = Circle::set_up(database).await;
        let own = alan(&mut circle).await;
        let slot = circle.walks().await;
        take(&mut circle, &slot, &[("each_time", "yes")]).await.ok();
        circle.ruth.open(&slot).await.ok().says("Alan does this every Tuesday and Thursday");
        let whose = own.rsplit('/').next().unwrap().to_owned();
        circle.ruth.open(&format!("{slot}/every?whose={whose}")).await.ok().says("Alan");
        let typed = [("last", "2026-12-01"), ("then", "keep")];
        circle.ruth.submit("/every", &typed).await.ok();
        circle.ruth.open(&slot).await.ok().says("that Alan will not do it each time any more");
        circle.ruth.surely(&own).await.ok().says("that Alan will not do it each time any more");
    }

    async fn a_wrong_address_is_taken_away_after_he_said_yes(database) {
        let mut circle = Circle::set_up(database).await;
        let own = alan(&mut circle).await;
        circle.ruth.surely(&own).await.ok().says("Send one");
        circle.ruth.open(&format!("{own}/address")).await.ok().says("Invite Alan by e-mail")
            .keeps_quiet_about("Remove the old address");
        let right = [("email", "alan@mail.example")];
        let page = circle.ruth.submit("/address", &right).await.ok();
        page.says("A new invitation is on its way");
        let (text, link) = circle.hospice.mail_to("alan@mail.example").await;
        assert!(!text.contains("Margaret"), "{text}");
        // He comes in by it, and the address is his.
        let words = said(&circle.ruth.open(&format!("{own}/words")).await.ok());
        circle.hospice.come_in(&link, &words).await.page.unwrap().says("Hello, Alan");
        circle.ruth.open(&own).await.ok().keeps_quiet_about("Wrong address?");
        circle.ruth.open(&format!("{own}/address")).await.is(404);
    }

    async fn an_invitation_s_address_is_taken_away(database) {
        let mut circle = Circle::set_up(database).await;
        circle.ruth.surely(&circle.path("/people/name")).await.ok();
        let typed = [("name", "Bea"), ("email", "bea@wrong.example"), ("see", "just_rota")];
        let words = circle.ruth.submit("/people/name", &typed).await.ok();
        let own = words.path.split("/words").next().unwrap().to_owned();
        circle.ruth.open(&format!("{own}/address")).await.ok().says("Remove the old address");
        circle.ruth.submit("/address", &[("how", "remove")]).await.ok()
            .says("Removed. What was sent there opens nothing any more.");
        circle.ruth.open(&own).await.ok().says("has no invitation by e-mail")
            .says("Bea said yes to me");
    }

    async fn i_am_back_ends_it_and_what_comes_after_is_theirs_again(database) {
        let mut circle = Circle::set_up(database).await;
        let slot = circle.walks().await;
        let mut joan = circle.friend("Joan", "joan@mail.example").await;
        joan.open(&format!("{slot}/dates")).await.ok();
        joan.submit("/dates", &[("all_open", "yes")]).await.ok();
        joan.open("/me/away").await.ok();
        let days = [("away_from", "2026-11-23"), ("away_until", "2027-04-30")];
        joan.submit("/me/away", &days).await.ok();
        // A week that comes on the rota while she is away is not hers.
        let roll = async |circle: &Circle, days: i64| {
            circle.hospice.clock.advance(days * 86_400);
            while circle.hospice.app.roll_slots().await.unwrap() > 0 {}
        };
        roll(&circle, 7).await;
        let missed = walk_of(&mut circle, "2027-02-16", "18 February").await;
        circle.ruth.open(&missed).await.ok().says("Needs someone");
        // Something that is asked of the circle is not asked of her.
        let asked = circle.shopping("2026-12-10").await;
        joan.open("/me/rota").await.ok().keeps_quiet_about(&asked);
        joan.open("/me/away").await.ok().says("You are away").says("I am back");
        joan.submit("/me/away/end", &[]).await.ok();
        joan.open("/me/away").await.ok().keeps_quiet_about("I am back");
        let page = joan.open("/me/rota").await.ok();
        assert!(page.body.contains(&asked), "she is asked again: {}", page.text());
        // The week that was passed over is somebody else's to take; later ones are hers as before.
        circle.ruth.open(&missed).await.ok().says("Needs someone");
        roll(&circle, 7).await;
        let newest = walk_of(&mut circle, "2027-02-23", "25 February").await;
        circle.ruth.open(&newest).await.ok().says("Joan").keeps_quiet_about("Needs someone");
    }
}
