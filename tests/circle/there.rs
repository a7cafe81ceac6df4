//! "I'll be there", said through the link of a mail, and seen by the carer on the rota.

use kith_app::Taker;
use kith_domain::ids::{MailId, SlotId};
use kith_domain::{MailKind, TaskInput, Timestamp};
use kith_store::{MailSubject, Membership, NewMail};
use kith_tests::{TestDatabase, both};

use crate::house::{House, Sure, just_rota, receipt, shopping};

/// Tom has promised tomorrow's shopping, and a mail reminds him.
struct Reminded<'d> {
    house: House<'d>,
    tom: Membership,
    slot: SlotId,
    mail: MailId,
    token: String,
}

impl<'d> Reminded<'d> {
    async fn new(database: &'d TestDatabase) -> Self {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let must = TaskInput { if_nobody: "must", ..shopping("2026-03-03") };
        let slot = house.task(must, false).await.remove(0).id;
        let visit = house.visit(&tom, Sure::Trusted).await;
        house.app.take_slot(&visit, house.circle, slot, receipt()).await.unwrap();
        let now = house.now();
        let subject = MailSubject {
            person: Some(tom.person),
            circle: Some(house.circle),
            slot: Some(slot),
            ..MailSubject::default()
        };
        let mail = NewMail {
            kind: MailKind::Reminder,
            dedupe: "reminder".to_owned(),
            subject,
            detail: "{}".to_owned(),
            due_at: now,
            useful_until: now.plus_days(2),
        };
        house.write(async |unit| unit.add_mail(&mail, now).await).await;
        let mail = house.only_mail_to(&tom).await;
        let token = house.slot_token(mail);
        Self { house, tom, slot, mail, token }
    }

    async fn say(&self) -> bool {
        let visit = self.house.nobody().await;
        let app = &self.house.app;
        app.confirm_by_link(&visit, self.mail, &self.token, receipt()).await.unwrap()
    }

    /// Who does it, as somebody sees it on the rota.
    async fn takers(&self, reader: &Membership) -> Vec<Taker> {
        let visit = self.house.visit(reader, Sure::Trusted).await;
        let page = self.house.app.slot_page(&visit, self.house.circle, self.slot).await.unwrap();
        page.slot.who
    }
}

both! {
    async fn the_carer_sees_it_and_other_friends_do_not(database) {
        let reminded = Reminded::new(database).await;
        let visit = reminded.house.nobody().await;
        let look = || async {
            let app = &reminded.house.app;
            app.slot_by_link(&visit, reminded.mail, &reminded.token).await.unwrap()
        };
        for _ in 0..20 {
            let page = look().await;
            assert!(page.may_confirm && !page.confirmed, "following the link says nothing");
        }
        assert!(!reminded.takers(&reminded.house.carer).await[0].confirmed);
        assert!(reminded.say().await);
        let page = look().await;
        assert!(page.confirmed && !page.may_confirm);
        let joan = reminded.house.friend("Joan", just_rota()).await;
        for (reader, sees) in
            [(&reminded.house.carer, true), (&reminded.house.patient, true), (&joan, false)]
        {
            assert_eq!(reminded.takers(reader).await[0].confirmed, sees);
        }
        assert!(reminded.say().await, "again is the same");
    }

    async fn a_slot_that_is_moved_is_asked_about_again(database) {
        let reminded = Reminded::new(database).await;
        assert!(reminded.say().await);
        let slot = reminded.house.slot(reminded.slot).await;
        let later = |at: Timestamp| at.plus_hours(3);
        reminded.house.write(async |unit| {
            unit.move_slot(&slot, slot.date, later(slot.starts), later(slot.ends)).await
        }).await;
        assert!(!reminded.takers(&reminded.house.carer).await[0].confirmed);
    }

    async fn whoever_asked_for_cover_or_gave_it_back_is_not_there(database) {
        let reminded = Reminded::new(database).await;
        let visit = reminded.house.nobody().await;
        let (app, mail, token) = (&reminded.house.app, reminded.mail, &reminded.token);
        app.ask_for_cover_by_link(&visit, mail, token, receipt()).await.unwrap();
        assert!(!reminded.say().await);
        assert!(!reminded.takers(&reminded.house.carer).await[0].confirmed);
        assert_eq!(reminded.takers(&reminded.tom).await.len(), 1, "still responsible");
    }
}
