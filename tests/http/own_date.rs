//! The form of a task: one date by itself, days that come after all, a rule from another calendar.

use kith_tests::both;

use crate::story::{Circle, slot_of};

both! {
    async fn one_date_is_changed_and_left_out_and_put_back(database) {
        let mut circle = Circle::set_up(database).await;
        let first = circle.shopping_with("2026-11-25", &[("repeat", "weekly"), ("note", "Ring twice.")]).await;
        let week = circle.ruth.open(&circle.path("/rota?week=2026-12-02")).await.ok();
        let second = slot_of(&week, "Shopping");
        circle.ruth.open(&format!("{second}/change")).await.ok()
            .says("For which of them does this hold?").says("From another calendar");
        let typed = [("note", "Bring the cake."), ("places", "2")];
        circle.ruth.submit("/change", &typed).await.ok().says("Bring the cake.");
        circle.ruth.open(&first).await.ok().says("Ring twice.")
            .keeps_quiet_about("Bring the cake.");
        circle.ruth.open(&format!("{second}/change")).await.ok()
            .says("This one has something of its own");
        circle.ruth.submit("/off", &[]).await.ok().says("Taken off the rota");
        let form = circle.ruth.open(&format!("{first}/change")).await.ok();
        form.says("Left out").says("Wednesday 2 December").says("Put it back");
        circle.ruth.submit("/back", &[]).await.ok()
            .says("It is on the rota again, and nobody has promised it yet").says("Shopping");
        circle.ruth.open(&format!("{first}/change")).await.ok()
            .keeps_quiet_about("Put it back");
    }

    async fn whoever_does_it_each_time_is_told_that_a_date_comes_after_all(database) {
        let mut circle = Circle::set_up(database).await;
        let first = circle.shopping_with("2026-11-25", &[("repeat", "weekly")]).await;
        let mut joan = circle.friend("Joan", "joan@mail.example").await;
        joan.open(&format!("{first}/dates")).await.ok();
        let typed = [("all_until", "2026-12-24")];
        joan.submit("/dates", &typed).await.ok().says("so are those that come later");
        let week = circle.ruth.open(&circle.path("/rota?week=2026-12-02")).await.ok();
        let second = slot_of(&week, "Shopping");
        circle.ruth.open(&format!("{second}/change")).await.ok();
        circle.ruth.submit("/off", &[]).await.ok().says("Joan");
        circle.ruth.submit("/off", &[("promises", "change")]).await.ok().says("Taken off the rota");
        circle.ruth.open(&format!("{first}/change")).await.ok();
        circle.ruth.submit("/back", &[]).await.ok()
            .says("Whoever does it each time has it again, and is told").says("Joan");
        let (mail, link) = circle.hospice.mail_to("joan@mail.example").await;
        assert!(mail.contains("It is on after all on Wednesday"), "{mail}");
        joan.open(&link).await.ok().says("Shopping");
    }

    async fn a_rule_is_taken_or_refused_with_the_reason_and_nothing_is_lost(database) {
        let mut circle = Circle::set_up(database).await;
        circle.ruth.open(&circle.path("/rota/add")).await.ok();
        let typed = [
            ("kind", "dog_walk"),
            ("date", "2026-11-24"),
            ("start", "14:00"),
            ("end", "15:00"),
            ("note", "The side door."),
            ("rule", "FREQ=DAILY;BYHOUR=9"),
        ];
        let page = circle.ruth.submit("/rota/add", &typed).await.is(422);
        let page = page.says("This rule cannot be used here: BYHOUR is not accepted");
        let (_, fields) = page.form("/rota/add");
        for (name, value) in typed {
            assert!(fields.iter().any(|(n, v)| n == name && v == value), "{name} is lost");
        }
        let rule = [("rule", "RRULE:FREQ=WEEKLY;BYDAY=TU,TH;UNTIL=20261224T140000Z")];
        let week = circle.ruth.submit("/rota/add", &rule).await.ok().says("It is on the rota");
        let slot = slot_of(&week, "Walk the dog");
        circle.ruth.open(&slot).await.ok()
            .says("every Tuesday and Thursday, until 24 December 2026");
    }

    async fn only_the_tuesdays_are_promised(database) {
        let mut circle = Circle::set_up(database).await;
        let slot = circle.walks().await;
        let mut joan = circle.friend("Joan", "joan@mail.example").await;
        joan.open(&format!("{slot}/dates")).await.ok().says("On which days of the week?");
        let (action, fields) = joan.open(&format!("{slot}/dates")).await.ok().form("/dates");
        let but = |days: &[&str]| {
            let mut sent = fields.clone();
            sent.retain(|(name, value)| {
                name != "dates" && (name != "on" || days.contains(&value.as_str()))
                    && name != "all_until"
            });
            sent.push(("all_until".to_owned(), "2026-12-24".to_owned()));
            sent
        };
        joan.post(&action, &but(&[])).await.is(422).says("Tick at least one day");
        joan.post(&action, &but(&["TU"])).await.ok().says("so are those that come later");
        circle.ruth.open(&slot).await.ok()
            .says("Joan does this every Tuesday, until 24 December 2026.");
        joan.open(&format!("{slot}/dates")).await.ok()
            .says("You do this every Tuesday, until 24 December 2026 now.");
        circle.ruth.open("/me/rota").await.ok();
    }
}
