//! What an unknown browser is told, and may do: with a code from a mailbox that somebody else reads.

use kith_app::{Failure, TakeOutcome, What};
use kith_domain::Tier;
use kith_tests::both;

use crate::house::{House, Sure, just_rota, receipt, shopping};

/// Whether somebody is asked to show that it is they.
#[track_caller]
#[expect(clippy::needless_pass_by_value, reason = "an answer is asked for and judged at once")]
fn asks_to_be_surer<T: std::fmt::Debug>(answer: Result<T, Failure>) {
    assert!(matches!(answer, Err(Failure::StepUp { tier: Tier::Trusted, .. })), "{answer:?}");
}

both! {
    async fn a_mailbox_does_not_tell_when_nobody_is_there(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let asked = house.task(shopping("2026-03-10"), true).await[0].id;
        let unasked = house.task(shopping("2026-03-11"), false).await[0].id;
        let reader = house.visit(&tom, Sure::SignedIn).await;
        let needed = house.app.my_rota(&reader).await.unwrap().help_needed.first;
        assert_eq!(needed.iter().map(|slot| slot.slot).collect::<Vec<_>>(), [asked]);
        asks_to_be_surer(house.app.slot_page(&reader, house.circle, unasked).await);
        let take = async |slot| house.app.take_slot(&reader, house.circle, slot, receipt()).await;
        asks_to_be_surer(take(unasked).await);
        assert_eq!(take(asked).await.unwrap(), TakeOutcome::Yours);
        // On a device of his own he sees both.
        let tom = house.visit(&tom, Sure::Trusted).await;
        let needed = house.app.my_rota(&tom).await.unwrap().help_needed.first;
        assert_eq!(needed.iter().map(|slot| slot.slot).collect::<Vec<_>>(), [unasked]);
        let taken = house.app.take_slot(&tom, house.circle, unasked, receipt()).await;
        assert_eq!(taken.unwrap(), TakeOutcome::Yours);
    }

    async fn a_mailbox_does_not_take_anybody_out_of_a_circle(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let joan = house.friend("Joan", just_rota()).await;
        let slot = house.task(shopping("2026-03-10"), false).await[0].id;
        let his_phone = house.visit(&tom, Sure::Trusted).await;
        house.app.take_slot(&his_phone, house.circle, slot, receipt()).await.unwrap();
        let reader = house.visit(&tom, Sure::SignedIn).await;
        asks_to_be_surer(house.app.leave_circle(&reader, house.circle, receipt()).await);
        assert_eq!(house.slot(slot).await.taken, 1);
        house.app.rota_week(&his_phone, house.circle, None).await.unwrap();

        let before = house.mails(&joan).await.len();
        house.app.leave_circle(&his_phone, house.circle, receipt()).await.unwrap();
        assert_eq!(house.slot(slot).await.taken, 0);
        for asked in [&joan, &house.carer] {
            let mails = house.mails(asked).await;
            let of_this = mails.iter().filter(|mail| *mail == "somebody_needed planned");
            assert_eq!(of_this.count(), 1, "{mails:?}");
        }
        assert_eq!(house.mails(&joan).await.len(), before + 1);
        assert!(house.app.rota_week(&his_phone, house.circle, None).await.is_err());
    }

    async fn a_mailbox_stops_nobody_s_devices(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        let his_phone = house.visit(&tom, Sure::Trusted).await;
        let reader = house.visit(&tom, Sure::SignedIn).await;
        let devices = house.app.own_devices(&reader).await.unwrap();
        let [phone] = devices.as_slice() else { panic!("{devices:?}") };
        asks_to_be_surer(house.app.stop_own_device(&reader, phone.enrolment).await);
        house.app.rota_week(&his_phone, house.circle, None).await.unwrap();
        house.app.stop_own_device(&his_phone, phone.enrolment).await.unwrap();
        assert!(house.app.rota_week(&his_phone, house.circle, None).await.is_err());
    }

    async fn a_lone_carer_stays_while_the_patient_has_no_device(database) {
        let house = House::new(database).await;
        let ruth = house.visit(&house.carer, Sure::Fresh).await;
        let goes = async || {
            let own = house.carer.id;
            house.app.remove(&ruth, house.circle, own, false, receipt()).await
        };
        house.end_devices(&house.patient).await;
        match goes().await {
            Err(Failure::Invalid(problems)) => assert_eq!(problems[0].what, What::LastInCharge),
            other => panic!("{other:?}"),
        }
        house.visit(&house.patient, Sure::Trusted).await;
        goes().await.unwrap();
    }
}
