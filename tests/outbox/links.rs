//! The link in a mail opens that one slot for the person it was mailed to, and nothing more.

use kith_app::{CannotOutcome, Failure, LinkSlot, LinkSlotState, TakeOutcome};
use kith_domain::ids::MailId;
use kith_domain::{ClaimState, Clock as _, MailKind, MemberRole, MembershipState, TaskKind};
use kith_store::Slot;
use kith_tests::world::{Member, link_parts};
use kith_tests::{Sink, TestDatabase, World, both};
use tokio_util::sync::CancellationToken;

/// Ann was asked for a slot by mail; Ruth is the carer.
struct Asked {
    world: World,
    ann: Member,
    ruth: Member,
    slot: Slot,
    mail: MailId,
    token: String,
}

impl Asked {
    async fn new(database: &TestDatabase) -> Self {
        let world = World::at(database, "2026-11-23T09:00:00Z").await;
        let circle = world.circle("Heron").await;
        let ruth = world.member(circle, MemberRole::Carer, "ruth").await;
        let ann = world.member(circle, MemberRole::Friend, "ann").await;
        let slot = world.slot(circle, "2026-11-24", "14:00", 1).await;
        world.ask(&slot, &ann).await;
        let (mail, token) = link_parts(&sent(&world).await);
        Self { world, ann, ruth, slot, mail, token }
    }

    async fn page(&self) -> Result<LinkSlot, Failure> {
        let visit = self.world.stranger().await;
        self.world.app.slot_by_link(&visit, self.mail, &self.token).await
    }

    async fn take(&self) -> Result<TakeOutcome, Failure> {
        let visit = self.world.stranger().await;
        let receipt = self.world.app.new_receipt();
        self.world.app.take_by_link(&visit, self.mail, &self.token, receipt).await
    }

    async fn claim(&self, member: &Member) -> Option<ClaimState> {
        let snapshot = self.world.store.snapshot(self.world.organisation).await.unwrap();
        let claim = snapshot.newest_claim(self.slot.id, member.place.id).await.unwrap();
        claim.map(|claim| claim.state)
    }
}

/// Delivers what is due and gives the link of the last mail.
async fn sent(world: &World) -> String {
    let sink = Sink::open();
    let delivery = world.delivery(&sink);
    world.app.deliver_due(&delivery, &CancellationToken::new()).await.unwrap();
    sink.accepted().last().unwrap().link()
}

fn not_here<T: std::fmt::Debug>(answer: &Result<T, Failure>) {
    assert!(matches!(answer, Err(Failure::NotHere)), "{answer:?}");
}

both! {
    async fn the_link_opens_one_slot(database) {
        let asked = Asked::new(database).await;
        let page = asked.page().await.unwrap();
        assert_eq!(page.nature_name, "Heron");
        assert_eq!(page.kind, Some(TaskKind::Shopping));
        assert_eq!(page.local_start.to_string(), "2026-11-24T14:00:00");
        assert_eq!(page.state, LinkSlotState::Needed);
        assert_eq!((page.may_take, page.may_say_no, page.may_ask_for_cover), (true, true, false));
        assert_eq!(asked.claim(&asked.ann).await, None, "looking changes nothing");
    }

    async fn another_token_opens_nothing(database) {
        let asked = Asked::new(database).await;
        let visit = asked.world.stranger().await;
        let app = &asked.world.app;
        let wrong = asked.world.vault.link_token("stop", asked.mail.as_uuid(), 0);
        not_here(&app.slot_by_link(&visit, asked.mail, wrong.as_str()).await);
        not_here(&app.slot_by_link(&visit, asked.mail, "").await);
        let receipt = app.new_receipt();
        not_here(&app.take_by_link(&visit, asked.mail, wrong.as_str(), receipt).await);
    }

    async fn taking_by_the_link_is_once(database) {
        let asked = Asked::new(database).await;
        let visit = asked.world.stranger().await;
        let (app, receipt) = (&asked.world.app, asked.world.app.new_receipt());
        for _ in 0..2 {
            let taken = app.take_by_link(&visit, asked.mail, &asked.token, receipt).await.unwrap();
            assert_eq!(taken, TakeOutcome::Yours);
        }
        assert_eq!(asked.take().await.unwrap(), TakeOutcome::Yours, "with another form too");
        let page = asked.page().await.unwrap();
        assert_eq!(page.state, LinkSlotState::Yours);
        assert!(!page.may_take && page.may_ask_for_cover);
    }

    async fn whoever_is_slower_is_told(database) {
        let asked = Asked::new(database).await;
        asked.world.promise(&asked.slot, &asked.ruth).await;
        assert_eq!(asked.page().await.unwrap().state, LinkSlotState::Covered);
        assert_eq!(asked.take().await.unwrap(), TakeOutcome::Full);
    }

    async fn asking_for_cover_keeps_the_person_responsible(database) {
        let asked = Asked::new(database).await;
        let ben = asked.world.member(asked.slot.circle, MemberRole::Friend, "ben").await;
        asked.take().await.unwrap();
        let visit = asked.world.stranger().await;
        let (app, receipt) = (&asked.world.app, asked.world.app.new_receipt());
        let outcome =
            app.ask_for_cover_by_link(&visit, asked.mail, &asked.token, receipt).await.unwrap();
        assert_eq!(outcome, CannotOutcome::CoverAsked);
        assert_eq!(asked.claim(&asked.ann).await, Some(ClaimState::CoverWanted));
        let told = asked.world.only_mail(MailKind::CoverWanted).await;
        assert_eq!(told.state, "planned", "the carer is told");
        // For ten minutes it can be taken back, and nobody is asked.
        asked.world.now_is("2026-11-23T09:11:00Z");
        let sink = Sink::open();
        let delivery = asked.world.delivery(&sink);
        app.deliver_due(&delivery, &CancellationToken::new()).await.unwrap();
        let mut to: Vec<_> = sink.accepted().into_iter().map(|mail| mail.to).collect();
        to.sort();
        let (ben_at, ruth_at) = (ben.address.as_str(), asked.ruth.address.as_str());
        assert_eq!(to, [ben_at, ruth_at], "one is asked, and the carer is told");
        let mails = sink.accepted();
        let bens = mails.iter().find(|mail| mail.to == ben.address).unwrap();
        let (mail, token) = link_parts(&bens.link());
        let receipt = app.new_receipt();
        let taken = app.take_by_link(&visit, mail, &token, receipt).await.unwrap();
        assert_eq!(taken, TakeOutcome::Yours);
        assert_eq!(asked.claim(&asked.ann).await, Some(ClaimState::Dropped));
        assert_eq!(asked.claim(&ben).await, Some(ClaimState::Claimed));
    }

    async fn no_sorry_stops_the_asking(database) {
        let asked = Asked::new(database).await;
        let visit = asked.world.stranger().await;
        let (app, receipt) = (&asked.world.app, asked.world.app.new_receipt());
        app.say_no_by_link(&visit, asked.mail, &asked.token, receipt).await.unwrap();
        app.say_no_by_link(&visit, asked.mail, &asked.token, receipt).await.unwrap();
        let page = asked.page().await.unwrap();
        assert!(!page.may_say_no && page.may_take, "and may change their mind");
        let snapshot = asked.world.store.snapshot(asked.world.organisation).await.unwrap();
        let now = asked.world.clock.now();
        let left = snapshot.may_be_asked(&asked.slot, now).await.unwrap();
        assert!(left.iter().all(|member| member.membership != asked.ann.place.id));
    }

    async fn the_link_dies_with_the_place_in_the_circle(database) {
        let asked = Asked::new(database).await;
        let now = asked.world.clock.now();
        let (id, active) = (asked.ann.place.id, MembershipState::Active);
        asked.world.write(async |unit| {
            unit.put_membership_state(id, active, MembershipState::Left, now).await
        }).await;
        not_here(&asked.page().await);
        not_here(&asked.take().await);
    }

    async fn a_cancelled_slot_says_that_there_is_no_need_to_go(database) {
        let asked = Asked::new(database).await;
        asked.world.write(async |unit| unit.cancel_slot(asked.slot.id).await).await;
        let page = asked.page().await.unwrap();
        assert_eq!(page.state, LinkSlotState::Cancelled);
        assert!(!page.may_take && !page.may_say_no && !page.may_ask_for_cover);
        assert_eq!(asked.take().await.unwrap(), TakeOutcome::Gone);
    }

    async fn a_quiet_circle_shows_no_kind(database) {
        let asked = Asked::new(database).await;
        asked.world.write(async |unit| unit.put_quiet_mail(asked.slot.circle, true).await).await;
        assert_eq!(asked.page().await.unwrap().kind, None);
    }

    async fn nothing_can_be_done_when_it_is_over(database) {
        let asked = Asked::new(database).await;
        asked.world.now_is("2026-11-24T15:00:00Z");
        let page = asked.page().await.unwrap();
        assert_eq!(page.state, LinkSlotState::Over);
        assert_eq!(asked.take().await.unwrap(), TakeOutcome::Gone);
    }

    async fn one_click_stops_mails(database) {
        let asked = Asked::new(database).await;
        let sink = Sink::open();
        let delivery = asked.world.delivery(&sink);
        // Nobody is asked twice a day.
        asked.world.now_is("2026-11-24T09:30:00Z");
        let other = asked.world.slot(asked.slot.circle, "2026-11-25", "10:00", 1).await;
        asked.world.ask(&other, &asked.ann).await;
        asked.world.app.deliver_due(&delivery, &CancellationToken::new()).await.unwrap();
        let header = sink.accepted()[0].header("List-Unsubscribe");
        let (mail, token) = link_parts(header.trim_matches(['<', '>']));
        let (app, visit) = (&asked.world.app, asked.world.stranger().await);
        assert!(!app.stop_mail_page(&visit, mail, &token).await.unwrap().stopped);
        not_here(&app.stop_mail(&visit, mail, &asked.token).await);
        app.stop_mail(&visit, mail, &token).await.unwrap();
        app.stop_mail(&visit, mail, &token).await.unwrap();
        assert!(app.stop_mail_page(&visit, mail, &token).await.unwrap().stopped);
    }
}
