//! What climbs when somebody has to come: cover that nobody has taken, an asking that cannot wait, and
//! the later dates of a task.

use kith_domain::ids::CircleId;
use kith_domain::{
    ClaimState, Clock as _, Disclosure, Ends, IfNobody, MailKind, MemberRole, Places, Repeat,
    TaskDraft, TaskKind,
};
use kith_store::{Claim, OpenGap, Slot};
use kith_tests::clock::{local_times, london};
use kith_tests::world::Member;
use kith_tests::{Sink, TestDatabase, World, both};
use tokio_util::sync::CancellationToken;

/// Ruth is the carer, Tom and Joan are friends, Amira is a coordinator.
struct House {
    world: World,
    circle: CircleId,
    tom: Member,
    joan: Member,
}

impl House {
    async fn new(database: &TestDatabase) -> Self {
        let world = World::at(database, "2026-11-20T09:00:00Z").await;
        let circle = world.circle("Heron").await;
        world.member(circle, MemberRole::Carer, "ruth").await;
        let tom = world.member(circle, MemberRole::Friend, "tom").await;
        let joan = world.member(circle, MemberRole::Friend, "joan").await;
        let amira = world.person(Some("amira@hospice.example")).await;
        let now = world.clock.now();
        world.write(async |unit| unit.add_staff(amira, "coordinator", now).await).await;
        Self { world, circle, tom, joan }
    }

    fn draft(date: &str, start: &str, if_nobody: IfNobody) -> TaskDraft {
        TaskDraft {
            kind: TaskKind::Visit,
            first: local_times(date, start),
            repeat: Repeat::Once,
            places: Places::new(1, TaskKind::Visit).unwrap(),
            disclosure: Disclosure::NONE,
            if_nobody,
            note: None,
        }
    }

    /// On Tuesday at ten somebody has to come, and Tom has promised.
    async fn must(&self) -> (Slot, Claim) {
        let draft = Self::draft("2026-11-24", "10:00", IfNobody::Must);
        let slot = self.world.slot_of(self.circle, &draft).await;
        let claim = self.world.promise(&slot, &self.tom).await;
        (slot, claim)
    }

    async fn put(&self, claim: &Claim, to: ClaimState) -> bool {
        let now = self.world.clock.now();
        self.world.write(async |unit| unit.put_claim_state(claim, to, now).await).await
    }

    /// Who gets a mail that begins with `words` at `now`.
    async fn told(&self, now: &str, words: &str) -> Vec<String> {
        self.world.now_is(now);
        self.world.app.plan_reminders().await.unwrap();
        let sink = Sink::open();
        let delivery = self.world.delivery(&sink);
        self.world.app.deliver_due(&delivery, &CancellationToken::new()).await.unwrap();
        let says = |text: &str| text.lines().nth(2).unwrap_or_default().starts_with(words);
        let sent = sink.accepted();
        let mut told: Vec<_> = sent
            .iter()
            .filter(|mail| says(&mail.read().text))
            .map(|mail| mail.to.clone())
            .collect();
        told.sort();
        told
    }

    /// The gaps of the coming day and a half, and how many of them are counted by day: all, and those
    /// where somebody has to come.
    async fn gaps(&self) -> (Vec<OpenGap>, (u32, u32)) {
        let now = self.world.clock.now();
        let until = now.plus_hours(36);
        let snapshot = self.world.store.snapshot(self.world.organisation).await.unwrap();
        let gaps = snapshot.open_gaps(now, until, now, 10).await.unwrap();
        let days = snapshot.cover_by_day(now, until, None).await.unwrap();
        let wanted = snapshot.cover_wanted_between(self.circle, now, until).await.unwrap();
        assert_eq!(wanted.len(), gaps.iter().filter(|gap| gap.cover_wanted).count());
        (gaps, (days.iter().map(|day| day.gaps).sum(), days.iter().map(|day| day.must).sum()))
    }
}

const RUTH: &str = "ruth@mail.example";
const AMIRA: &str = "amira@hospice.example";
const GAP: &str = "Cover is wanted for Tuesday 24 November at 10am";
const MUST: &str = "Somebody has to come, and nobody has said yes";

both! {
    async fn cover_that_nobody_takes_climbs(database) {
        let house = House::new(database).await;
        let (slot, claim) = house.must().await;
        house.told("2026-11-23T16:59:59Z", "").await;
        assert_eq!(house.gaps().await, (Vec::new(), (0, 0)), "Tom has it");
        house.world.now_is("2026-11-23T19:30:00Z");
        assert!(house.put(&claim, ClaimState::CoverWanted).await);
        let (gaps, counts) = house.gaps().await;
        assert_eq!((gaps.len(), counts), (1, (1, 1)), "the hospice sees it at once");
        assert!(gaps[0].must && gaps[0].cover_wanted && gaps[0].slot == slot.id);
        assert_eq!(house.told("2026-11-23T19:30:00Z", GAP).await, [""; 0], "the others have a while");
        assert_eq!(house.told("2026-11-24T08:00:00Z", GAP).await, [RUTH]);
        assert_eq!(house.told("2026-11-24T08:30:00Z", MUST).await, [AMIRA]);
        assert_eq!(house.told("2026-11-24T09:00:00Z", MUST).await, [""; 0], "once");
    }

    async fn cover_wanted_days_before_is_told_on_the_evening(database) {
        let house = House::new(database).await;
        let (_, claim) = house.must().await;
        assert!(house.put(&claim, ClaimState::CoverWanted).await);
        assert_eq!(house.told("2026-11-23T17:59:59Z", GAP).await, [""; 0]);
        assert_eq!(house.told("2026-11-23T18:00:00Z", GAP).await, [RUTH]);
        assert_eq!(house.told("2026-11-23T19:00:00Z", MUST).await, [AMIRA]);
    }

    async fn whoever_takes_over_or_comes_after_all_ends_it(database) {
        for comes_after_all in [true, false] {
            let house = House::new(database).await;
            let (slot, claim) = house.must().await;
            assert!(house.put(&claim, ClaimState::CoverWanted).await);
            let wanted = Claim { state: ClaimState::CoverWanted, ..claim };
            house.told("2026-11-23T17:00:00Z", "").await;
            if comes_after_all {
                assert!(house.put(&wanted, ClaimState::Claimed).await);
            } else {
                assert!(house.put(&wanted, ClaimState::Dropped).await);
                house.world.promise(&slot, &house.joan).await;
            }
            assert_eq!(house.gaps().await, (Vec::new(), (0, 0)));
            assert_eq!(house.told("2026-11-23T18:00:00Z", GAP).await, [""; 0]);
            assert_eq!(house.told("2026-11-23T19:00:00Z", MUST).await, [""; 0]);
        }
    }

    async fn a_gap_that_was_told_is_told_again_when_whoever_took_it_cannot_come(database) {
        let house = House::new(database).await;
        let draft = House::draft("2026-11-24", "14:00", IfNobody::Must);
        let slot = house.world.slot_of(house.circle, &draft).await;
        assert_eq!(house.told("2026-11-23T18:00:00Z", "Nobody yet").await, [RUTH]);
        assert_eq!(house.told("2026-11-23T19:00:00Z", MUST).await, [AMIRA]);
        let claim = house.world.promise(&slot, &house.tom).await;
        house.world.now_is("2026-11-24T08:00:00Z");
        assert!(house.put(&claim, ClaimState::CoverWanted).await);
        house.told("2026-11-24T08:00:00Z", "").await;
        assert_eq!(house.told("2026-11-24T09:30:00Z", "Cover is wanted").await, [RUTH]);
        assert_eq!(house.told("2026-11-24T10:30:00Z", MUST).await, [AMIRA]);
    }

    async fn one_of_two_is_not_nobody(database) {
        let house = House::new(database).await;
        let slot = house.world.slot(house.circle, "2026-11-24", "14:00", 2).await;
        house.world.promise(&slot, &house.tom).await;
        let told = house.told("2026-11-23T18:00:00Z", "Not enough people yet for Tuesday 24 November at 2pm");
        assert_eq!(told.await, [RUTH]);
    }

    async fn what_may_be_missed_is_counted_after_what_must_not(database) {
        let house = House::new(database).await;
        let mut slots = Vec::new();
        for (start, if_nobody) in
            [("09:00", IfNobody::Fine), ("10:00", IfNobody::TellMe), ("11:00", IfNobody::Must)]
        {
            let draft = House::draft("2026-11-24", start, if_nobody);
            slots.push(house.world.slot_of(house.circle, &draft).await.id);
        }
        house.world.now_is("2026-11-24T08:00:00Z");
        let (gaps, counts) = house.gaps().await;
        let listed: Vec<_> = gaps.iter().map(|gap| (gap.slot, gap.must)).collect();
        assert_eq!(listed, [(slots[2], true), (slots[0], false), (slots[1], false)]);
        assert_eq!(counts, (3, 1));
    }

    async fn what_cannot_wait_is_asked_on_a_day_on_which_one_was_asked(database) {
        let house = House::new(database).await;
        let asks = "Can you help";
        let paper = house.world.slot(house.circle, "2026-11-26", "09:00", 1).await;
        let (slot, claim) = house.must().await;
        house.world.now_is("2026-11-23T18:01:00Z");
        house.world.ask(&paper, &house.joan).await;
        assert_eq!(house.told("2026-11-23T18:01:00Z", asks).await, ["joan@mail.example"]);
        house.world.now_is("2026-11-23T18:30:00Z");
        assert!(house.put(&claim, ClaimState::CoverWanted).await);
        house.world.ask(&slot, &house.joan).await;
        assert_eq!(house.told("2026-11-23T18:30:00Z", asks).await, ["joan@mail.example"]);
        // What is near may be one that could be missed.
        let later = house.world.slot(house.circle, "2026-11-25", "09:00", 1).await;
        house.world.ask(&later, &house.joan).await;
        assert_eq!(house.told("2026-11-23T18:40:00Z", asks).await, ["joan@mail.example"]);
        let far = House::draft("2026-11-25", "19:00", IfNobody::Must);
        let far = house.world.slot_of(house.circle, &far).await;
        house.world.ask(&far, &house.joan).await;
        assert_eq!(house.told("2026-11-23T18:59:00Z", asks).await, [""; 0], "more than two days");
        let near = House::draft("2026-11-25", "18:00", IfNobody::Must);
        let near = house.world.slot_of(house.circle, &near).await;
        house.world.ask(&near, &house.joan).await;
        assert_eq!(house.told("2026-11-23T18:59:00Z", asks).await, ["joan@mail.example"]);
    }

    async fn later_dates_of_a_task_are_asked_seven_days_before(database) {
        let house = House::new(database).await;
        let first = local_times("2026-11-24", "14:00");
        let draft = TaskDraft {
            repeat: Repeat::weekly_on(first.date(), Ends::Never),
            ..House::draft("2026-11-24", "14:00", IfNobody::Fine)
        };
        let world = &house.world;
        let weekly = async || {
            let slot = world.slot_of(house.circle, &draft).await;
            let task = world
                .write(async |unit| unit.task(slot.task).await)
                .await
                .unwrap();
            let times = local_times("2026-12-01", "14:00");
            let (starts, ends) = times.instants(&london());
            let day = times.date();
            let added = world
                .write(async |unit| unit.add_slots(&task, &[(day, starts, ends)], day).await)
                .await;
            (slot, added[0])
        };
        let (first_slot, later) = weekly().await;
        let (_, of_no_asking) = weekly().await;
        world.ask(&first_slot, &house.tom).await;
        let asks = "Can you help on Tuesday";
        let asked = async |slot| world.write(async |unit| unit.asked_for(slot).await).await.len();
        assert_eq!(house.told("2026-11-20T09:00:00Z", asks).await, ["tom@mail.example"]);
        assert_eq!(house.told("2026-11-24T07:59:59Z", asks).await, [""; 0]);
        assert_eq!(asked(later).await, 0);
        let told = house.told("2026-11-24T08:00:00Z", asks).await;
        assert_eq!(told, ["joan@mail.example", RUTH, "tom@mail.example"]);
        assert_eq!(asked(later).await, 3);
        assert_eq!(asked(of_no_asking).await, 0, "nobody was asked for that task");
        assert_eq!(house.told("2026-11-25T08:00:00Z", asks).await, [""; 0], "once");
        let mails = world.mails().await;
        let of_kind = mails.iter().filter(|mail| mail.kind == MailKind::SomebodyNeeded.as_str());
        assert_eq!(of_kind.count(), 4);
    }
}
