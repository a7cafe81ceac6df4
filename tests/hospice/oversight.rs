//! What the coordinator sees, and what she never does.

use kith_app::{CardOffer, CheckReason, DemoPerson, Failure, Freezing};
use kith_domain::{CircleState, TaskKind};
use kith_tests::both;

use crate::town::Town;

both! {
    async fn gaps_and_reasons_are_those_of_the_week(database) {
        let town = Town::seeded(database).await;
        let amira = town.visit_of(DemoPerson::Amira).await;
        let today = town.app.hospice_today(&amira, None).await.unwrap();

        let gaps: Vec<_> =
            today.gaps.iter().map(|gap| (gap.nature_name.as_str(), gap.kind, gap.must)).collect();
        assert_eq!(
            gaps,
            [
                ("Maple", TaskKind::Visit, true),
                ("Maple", TaskKind::Shopping, false),
                ("Heron", TaskKind::DogWalk, false),
            ]
        );
        assert_eq!((today.gaps_today, today.gaps_next_six_days), (3, 13));
        assert_eq!((today.gaps[1].asked, today.gaps[2].asked), (2, 0));
        assert!(today.gaps[0].dropped.is_some());

        assert_eq!((today.rows.len(), today.next_page.as_deref()), (8, None));
        let row = |name: &str| today.rows.iter().find(|row| row.nature_name == name).unwrap();
        let cells = |name: &str| -> Vec<(u32, u32)> {
            row(name).days.iter().map(|cover| (cover.covered, cover.gaps)).collect()
        };
        assert_eq!(cells("Heron"), [(2, 1), (2, 0), (2, 0), (1, 1), (2, 0), (1, 0), (1, 1)]);
        assert_eq!(cells("Maple"), [(0, 2), (0, 2), (0, 1), (2, 0), (0, 2), (0, 1), (0, 2)]);
        assert_eq!(cells("Rowan"), [(0, 0), (0, 0), (1, 0), (0, 0), (0, 0), (0, 0), (1, 0)]);

        let reasons = |name: &str| {
            let found = today.to_check.iter().find(|circle| circle.nature_name == name);
            found.map(|circle| circle.reasons.clone()).unwrap_or_default()
        };
        assert_eq!(reasons("Maple"), [CheckReason::Gaps { gaps: 10 }, CheckReason::TwoPeople]);
        assert_eq!(
            reasons("Rowan"),
            [CheckReason::NoVisit { days: Some(9) }, CheckReason::NobodySeen { days: Some(9) }]
        );
        assert_eq!(reasons("Heron"), [CheckReason::Gaps { gaps: 3 }]);
        assert_eq!(today.to_check.len(), 3, "{:?}", today.to_check);
    }

    async fn only_staff_see_it_and_nobody_without_their_device(database) {
        let town = Town::seeded(database).await;
        let heron = town.app.demo_circle(DemoPerson::Ruth).unwrap();
        for who in [DemoPerson::Ruth, DemoPerson::Margaret, DemoPerson::Tom] {
            let visit = town.visit_of(who).await;
            assert!(matches!(town.app.hospice_today(&visit, None).await, Err(Failure::NotHere)));
            assert!(matches!(town.app.hospice_circles(&visit, None).await, Err(Failure::NotHere)));
            assert!(matches!(town.app.hospice_circle(&visit, heron).await, Err(Failure::NotHere)));
            assert!(matches!(town.app.freeze(&visit, heron).await, Err(Failure::NotHere)));
            assert!(matches!(town.app.card(&visit, heron).await, Err(Failure::NotHere)));
        }
        let nobody = town.stranger().await;
        assert!(matches!(town.app.hospice_today(&nobody, None).await, Err(Failure::SignIn)));
    }

    async fn a_coordinator_opens_nothing_of_a_circle(database) {
        let town = Town::seeded(database).await;
        let heron = town.app.demo_circle(DemoPerson::Ruth).unwrap();
        let amira = town.visit_of(DemoPerson::Amira).await;
        assert!(matches!(town.app.home(&amira, heron).await, Err(Failure::NotHere)));
        assert!(matches!(town.app.rota_week(&amira, heron, None).await, Err(Failure::NotHere)));
        assert!(matches!(town.app.news(&amira, heron, None).await, Err(Failure::NotHere)));
    }

    async fn one_circle_shows_counts_and_whom_to_ring_and_is_recorded(database) {
        let town = Town::seeded(database).await;
        let heron = town.app.demo_circle(DemoPerson::Ruth).unwrap();
        let amira = town.visit_of(DemoPerson::Amira).await;
        let page = town.app.hospice_circle(&amira, heron).await.unwrap();
        let detail = page.detail.unwrap();
        let contact = detail.contact.unwrap();
        assert_eq!(contact.name.as_deref(), Some("Ruth"));
        assert_eq!(contact.phone, "07700 900 123");
        assert_eq!(detail.people, 10, "Grace has not answered");
        assert_eq!(detail.weeks.len(), 4);
        let days = &detail.weeks[0].days;
        assert_eq!(days.iter().map(|day| day.gaps).sum::<u32>(), 3);
        assert_eq!(detail.slots.len(), 14);
        assert!(page.freezing == Freezing::Freeze && page.card == CardOffer::New);

        let otter = town.app.demo_circle(DemoPerson::Derek).unwrap();
        let contact = town.app.hospice_circle(&amira, otter).await.unwrap().detail.unwrap().contact;
        assert_eq!(contact.unwrap().name, None, "Derek is Otter to the hospice");

        let snapshot = town.store.snapshot(amira.organisation.id).await.unwrap();
        let since = town.app.now().plus_minutes(-1);
        let looks = snapshot.looks(heron, None, since, None, 10).await.unwrap();
        assert_eq!(looks.len(), 1, "{looks:?}");
        assert_eq!(looks[0].category.as_str(), "oversight");
    }

    async fn freezing_stops_everything_and_can_be_undone(database) {
        let town = Town::seeded(database).await;
        let heron = town.app.demo_circle(DemoPerson::Ruth).unwrap();
        let amira = town.visit_of(DemoPerson::Amira).await;
        town.app.freeze(&amira, heron).await.unwrap();
        let page = town.app.hospice_circle(&amira, heron).await.unwrap();
        assert_eq!((page.state, page.freezing), (CircleState::Frozen, Freezing::Unfreeze));
        assert!(page.detail.is_none() && page.card == CardOffer::None);

        let ruth = town.visit_of(DemoPerson::Ruth).await;
        let week = town.app.rota_week(&ruth, heron, None).await;
        assert!(matches!(week, Err(Failure::NotHere)), "{week:?}");
        let today = town.app.hospice_today(&amira, None).await.unwrap();
        assert_eq!(today.gaps_today, 2, "a frozen circle has no gaps");

        town.app.unfreeze(&amira, heron).await.unwrap();
        let state = town.app.hospice_circle(&amira, heron).await.unwrap().state;
        assert_eq!(state, CircleState::Paused, "nothing is asked before the family says so");
        town.app.rota_week(&ruth, heron, None).await.unwrap();
    }

    async fn freezing_needs_the_own_number_given_lately(database) {
        let town = Town::seeded(database).await;
        let heron = town.app.demo_circle(DemoPerson::Ruth).unwrap();
        let cookies =
            town.app.demo_come_in(&town.stranger().await, DemoPerson::Amira).await.unwrap();
        town.clock.advance(14 * 60 + 59);
        let device = cookies.device.unwrap();
        let early = town.visit(Some(cookies.session.as_str()), Some(device.as_str())).await;
        // Seen, so that a staff session of 15 idle minutes goes on.
        town.app.hospice_today(&early, None).await.unwrap();
        town.clock.advance(2);
        let late = town.visit(Some(cookies.session.as_str()), Some(device.as_str())).await;
        assert!(matches!(town.app.freeze(&late, heron).await, Err(Failure::StepUp { .. })));
        let page = town.app.hospice_circle(&late, heron).await.unwrap();
        assert_eq!(page.freezing, Freezing::Freeze, "the button asks for the number");
    }
}
