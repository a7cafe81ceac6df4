//! What somebody who walks through the pages as a carer, a friend and a coordinator reads on the way.

use kith_tests::both;

use crate::hospice::NUMBER;
use crate::story::{Circle, slot_of};

/// A visit on three Tuesdays and more; the first of them.
async fn tuesdays(circle: &mut Circle) -> String {
    circle.ruth.open(&circle.path("/rota/add")).await.ok();
    let typed = [
        ("kind", "dog_walk"),
        ("date", "2026-11-24"),
        ("start", "10:00"),
        ("end", "11:00"),
        ("repeat", "weekly"),
        ("on", "TU"),
    ];
    let week = circle.ruth.submit("/rota/add", &typed).await.ok();
    let week = week.says(
        "It is on the rota. Every Tuesday, 10am to 11am. Next: Tuesday 24 November, Tuesday 1 \
        December and Tuesday 8 December.",
    );
    slot_of(&week, "Walk the dog")
}

/// Ruth names somebody without an address, who said yes to her.
async fn without_mail(circle: &mut Circle, name: &str) {
    circle.ruth.surely(&circle.path("/people/name")).await.ok();
    let typed = [("name", name), ("email", ""), ("see", "just_rota")];
    let words = circle.ruth.submit("/people/name", &typed).await.ok();
    let own = words.path.split("/words").next().unwrap().to_owned();
    circle.ruth.open(&format!("{own}/yes")).await.ok();
    circle.ruth.submit("/yes", &[]).await.ok();
}

both! {
    async fn what_comes_again_is_said_back_with_its_next_days(database) {
        let mut circle = Circle::set_up(database).await;
        tuesdays(&mut circle).await;
        // What comes once is not, and neither is what is in another circle or nowhere.
        circle.shopping("2026-11-25").await;
        circle.ruth.page.clone().unwrap().keeps_quiet_about("Next:");
        for task in ["nothing", "00000000-0000-0000-0000-000000000000"] {
            let week = circle.path(&format!("/rota?week=2026-11-24&said=added&task={task}"));
            circle.ruth.open(&week).await.ok().says("It is on the rota.").keeps_quiet_about("Next:");
        }
    }

    async fn what_comes_once_is_put_back_and_whoever_had_it_is_asked(database) {
        let mut circle = Circle::set_up(database).await;
        let mut joan = circle.friend("Joan", "joan@mail.example").await;
        let slot = circle.shopping("2026-11-25").await;
        joan.open(&slot).await.ok();
        joan.submit("/take", &[]).await.ok();
        circle.hospice.mail_to("joan@mail.example").await;
        circle.ruth.open(&format!("{slot}/change")).await.ok();
        circle.ruth.submit("/off", &[]).await.ok()
            .says("If you go on, Joan hears that there is no need to go.")
            .says("Take it off, and tell Joan").keeps_quiet_about("them all");
        let off = circle.ruth.submit("/off", &[("promises", "change")]).await.ok();
        assert_eq!(off.path, format!("{slot}?said=off"));
        off.says("Taken off the rota").says("Joan had promised it").says("Joan is asked whether that suits");
        circle.hospice.mail_to("joan@mail.example").await;
        joan.open(&slot).await.ok().says("Cancelled").keeps_quiet_about("Put it back");
        circle.ruth.open(&slot).await.ok();
        let back = circle.ruth.submit("/back", &[]).await.ok();
        back.says("Whoever had promised it is asked").says("Needs someone").says("Wednesday 25 November");
        let again = circle.ruth.page.clone().unwrap().path;
        let again = again.split('?').next().unwrap().to_owned();
        let (mail, _) = circle.hospice.mail_to("joan@mail.example").await;
        assert!(mail.contains("Can you help on Wednesday 25 November"), "{mail}");
        joan.open(&again).await.ok().says("Could you do this?").says("Milk, bread, soft fruit");
        // There is one of it, however often it is asked for.
        circle.ruth.open(&slot).await.ok().keeps_quiet_about("Put it back");
        joan.submit("/take", &[]).await.ok().says("Thank you, Joan");
    }

    async fn one_day_of_a_stretch_that_is_left_out_comes_after_all(database) {
        let mut circle = Circle::set_up(database).await;
        let first = tuesdays(&mut circle).await;
        let week = circle.ruth.open(&circle.path("/rota?week=2026-12-08")).await.ok();
        let third = slot_of(&week, "Walk the dog");
        circle.ruth.open(&format!("{first}/change")).await.ok();
        let days = [("which", "days"), ("out_from", "2026-12-01"), ("out_to", "2026-12-20")];
        circle.ruth.submit("/off", &days).await.ok().says("Taken off the rota");
        circle.ruth.open(&third).await.ok().says("It is open again then, and needs somebody");
        circle.ruth.submit("/back", &[]).await.ok().says("It is on the rota again")
            .says("Tuesday 8 December").says("10am to 11am");
        circle.ruth.open(&third).await.ok().keeps_quiet_about("Put it back");
        let form = circle.ruth.open(&format!("{first}/change")).await.ok();
        form.says("1 to 7 December").says("9 to 20 December");
    }

    async fn several_dates_are_spoken_of_as_several(database) {
        let mut circle = Circle::set_up(database).await;
        let first = tuesdays(&mut circle).await;
        for (name, address) in [("Joan", "joan@mail.example"), ("Grace", "grace@mail.example")] {
            let mut friend = circle.friend(name, address).await;
            let week = if name == "Joan" { "2026-11-24" } else { "2026-12-01" };
            let week = friend.open(&circle.path(&format!("/rota?week={week}"))).await.ok();
            friend.open(&slot_of(&week, "Walk the dog")).await.ok();
            friend.submit("/take", &[]).await.ok();
        }
        circle.ruth.open(&format!("{first}/change")).await.ok();
        let page = circle.ruth.submit("/off", &[("which", "following")]).await.ok();
        page.says("This touches what Joan and Grace promised").says("they hear that there is no need")
            .says("Take them all off, and tell whoever promised");
        circle.ruth.open(&format!("{first}/change")).await.ok();
        let typed = [("scope", "this"), ("start", "15:00"), ("end", "16:00")];
        circle.ruth.submit("/change", &typed).await.ok().says("we ask Joan by e-mail")
            .says("Until Joan says yes").says("Ask Joan").keeps_quiet_about("Ask them");
    }

    async fn nobody_is_asked_to_swap_whom_no_mail_reaches(database) {
        let mut circle = Circle::set_up(database).await;
        let mut joan = circle.friend("Joan", "joan@mail.example").await;
        circle.friend("Grace", "grace@mail.example").await;
        without_mail(&mut circle, "Alan").await;
        let slot = circle.shopping("2026-11-25").await;
        joan.open(&slot).await.ok();
        joan.submit("/take", &[]).await.ok();
        let page = joan.open(&format!("{slot}/cannot")).await.ok().says("Grace takes it");
        page.says("You could ring them").keeps_quiet_about("Alan takes it");
        // Who can be reached is told to those in charge.
        joan.page.clone().unwrap().keeps_quiet_about("Alan gets no e-mail");
        let wrong = joan.submit("/swap", &[("to", "")]).await.is(422);
        let wrong = wrong.says("Please check one thing").says("Choose whom we shall ask");
        assert!(wrong.body.contains("href=\"#to\""));
        circle.ruth.open(&circle.path("/rota/add")).await.ok();
        let typed = [("kind", "call"), ("date", "2026-11-26"), ("start", "15:00")];
        let week = circle.ruth.submit("/rota/add", &typed).await.ok();
        let hers = slot_of(&week, "A call or a hello");
        circle.ruth.open(&hers).await.ok();
        circle.ruth.submit("/take", &[]).await.ok();
        let page = circle.ruth.open(&format!("{hers}/cannot")).await.ok();
        let page = page.says("Alan gets no e-mail from us: please ring Alan.");
        let at = |name: &str| page.text().find(&format!("{name} takes it")).unwrap();
        assert!(at("Grace") < at("Joan"), "by name");
    }

    async fn not_this_time_is_said_once(database) {
        let mut circle = Circle::set_up(database).await;
        let mut joan = circle.friend("Joan", "joan@mail.example").await;
        let slot = circle.shopping("2026-11-25").await;
        let (_, link) = circle.hospice.mail_to("joan@mail.example").await;
        let mut anybody = circle.hospice.browser();
        anybody.open(&link).await.ok().says("Not this time");
        let said = anybody.submit("/no", &[]).await.ok().says("You said: not this time");
        said.says("You are not asked for this one again").keeps_quiet_about("Could you do this?");
        anybody.open(&link).await.ok().says("I can do it after all");
        joan.open(&slot).await.ok().says("You said: not this time").keeps_quiet_about("Not this time<");
        joan.submit("/take", &[]).await.ok().says("Thank you, Joan");
    }

    async fn of_several_friends_it_is_said_whose_line_is_wrong(database) {
        let mut circle = Circle::set_up(database).await;
        circle.ruth.surely(&circle.path("/people/several")).await.ok();
        let typed = [
            ("name", "Bea"),
            ("email", "bea at home"),
            ("phone", "01632 960 009"),
            ("email_2", "new@mail.example"),
            ("name_3", "Cy"),
            ("email_3", "grace@mail.example"),
        ];
        let page = circle.ruth.submit("/several", &typed).await.is(422);
        let page = page.says("Please check four things")
            .says("Bea: Enter an e-mail address, like grace@example.com")
            .says("Friend 2: Please give a first name")
            .says("Cy: This address cannot be named here")
            .says("Choose what they may see");
        for field in ["email", "name_2", "email_3", "see"] {
            assert!(page.body.contains(&format!("href=\"#{field}\"")), "the summary leads to {field}");
        }
        for field in ["email", "name_2", "email_3"] {
            assert!(page.body.contains(&format!("id=\"{field}-error\"")), "it stands by {field}");
        }
        let (_, fields) = page.form("/several");
        for (name, value) in typed {
            assert!(fields.contains(&(name.to_owned(), value.to_owned())), "{name} is kept");
        }
    }

    async fn a_paused_circle_says_so_wherever_its_rota_is(database) {
        let mut circle = Circle::set_up(database).await;
        let pages = ["/", "/rota", "/print/rota"];
        for page in pages {
            circle.ruth.open(&circle.path(page)).await.ok().keeps_quiet_about("paused");
        }
        circle.ruth.surely(&circle.path("/settings")).await.ok();
        circle.ruth.submit("/state", &[("change", "pause")]).await;
        circle.ruth.submit("/number", &[("number", NUMBER)]).await.ok();
        circle.ruth.submit("/state", &[]).await.ok().says("Paused.");
        for page in pages {
            circle.ruth.open(&circle.path(page)).await.ok().says("The circle is paused");
        }
    }

    async fn what_is_arranged_already_counts_nowhere(database) {
        let mut circle = Circle::set_up(database).await;
        let before = circle.ruth.open(&circle.path("/")).await.ok();
        let before = before.says("0 of 1 covered").says("The one task of this week needs someone");
        before.keeps_quiet_about("0 of 2");
        circle.ruth.open(&circle.path("/rota/add")).await.ok();
        let typed = [("kind", "arranged"), ("date", "2026-11-24"), ("start", "09:00")];
        circle.ruth.submit("/rota/add", &typed).await.ok().says("0 covered").says("1 need");
        circle.ruth.open(&circle.path("/")).await.ok().says("0 of 1 covered")
            .says("The one task of this week needs someone");
    }

    async fn the_coordinator_s_first_page_says_that_a_worry_waits(database) {
        let mut circle = Circle::set_up(database).await;
        circle.ruth.open(&circle.path("/worried")).await.ok();
        circle.ruth.submit("/worried", &[("worry", "The bruise is new.")]).await.ok();
        let mut bea = circle.hospice.another_coordinator("Bea", "bea@fernhill.example").await;
        bea.open("/h").await.ok().says("One worry waits for you.").keeps_quiet_about("bruise");
    }

    async fn the_hospice_rings_the_number_that_whoever_runs_a_circle_gives(database) {
        let mut circle = Circle::set_up(database).await;
        let mut bea = circle.hospice.another_coordinator("Bea", "bea@fernhill.example").await;
        let at_the_hospice = circle.base.replace("/c/", "/h/circles/");
        bea.open(&at_the_hospice).await.ok().says("01632 960 555");
        circle.hospice.clock.advance(3600);
        circle.ruth.open("/me/details").await.ok().says("Only the hospice sees it");
        circle.ruth.submit("/details", &[("phone", "01632 960 777")]).await.is(403);
        circle.ruth.submit("/number", &[("number", NUMBER)]).await.ok();
        circle.ruth.submit("/details", &[]).await.ok().says("Saved.");
        let own = circle.ruth.open("/me/details").await.ok();
        assert!(own.body.contains("value=\"01632 960 777\""), "it is on the own page");
        let mut amira = circle.hospice.another_coordinator("Cleo", "cleo@fernhill.example").await;
        amira.open(&at_the_hospice).await.ok().says("01632 960 777").keeps_quiet_about("960 555");
        // A friend's number is nobody's but the friend's.
        let mut joan = circle.friend("Joan", "joan@mail.example").await;
        joan.open("/me/details").await.ok().says("Nobody in the circle sees it.");
        joan.submit("/details", &[("phone", "01632 960 888")]).await.ok().says("Saved.");
        amira.open(&at_the_hospice).await.ok().says("01632 960 777").keeps_quiet_about("960 888");
    }
}
