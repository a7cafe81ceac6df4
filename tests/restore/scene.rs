//! A hospice with three circles, an hour ago: what is copied, and what ends after that.

use std::sync::Arc;

use kith_domain::ids::{
    CircleId, DeviceId, FeedId, SessionId, ShareLinkId, SignInId, StandingPromiseId, TaskId,
    WelcomeId,
};
use kith_domain::{
    CategorySet, CircleState, ClaimEnd, ClaimState, Clock as _, Disclosure, Ends, GrantBasis,
    IfNobody, MailKind, MemberRole, MembershipState, Owner, Places, Preset, Repeat, TaskDraft,
    TaskKind, Timestamp, WelcomeKind, Zone,
};
use kith_store::{
    Claim, MailSubject, NewCircle, NewMail, Session, ShareLink, Slot, StandingPromise, StoreError,
    Welcome,
};
use kith_tests::clock::local_times;
use kith_tests::world::Member;
use kith_tests::{Sink, TestDatabase, World};
use kith_vault::{Field, Place, RandomIds, Sealed};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// The hospice, the people, and the mails.
#[derive(Debug)]
pub(crate) struct Scene {
    pub(crate) world: World,
    /// When the copy is made.
    pub(crate) copied: Timestamp,
    /// What the relay got.
    pub(crate) sink: Arc<Sink>,
    pub(crate) heron: CircleId,
    pub(crate) robin: CircleId,
    pub(crate) wren: CircleId,
    /// Is taken out.
    pub(crate) ann: Member,
    /// May see less, and loses a device.
    pub(crate) bea: Member,
    /// Wants no mails any more.
    pub(crate) cy: Member,
    /// Who wants no mails for a while; nothing else happens to dan.
    pub(crate) dan: Member,
    /// What Bea promised, and gives back.
    pub(crate) promise: Claim,
    /// What she does each time, until she does not.
    pub(crate) standing: StandingPromiseId,
    /// A time that is taken off; its task tells the address, until it does not.
    pub(crate) off: Slot,
    /// What comes each week: of its two times the later is taken off, and it ends.
    pub(crate) weekly: [Slot; 2],
}

/// An address that may not be named, as it is looked for.
pub(crate) const REFUSED: [u8; 16] = [9; 16];

/// What a session's or device's secret is kept as.
pub(crate) fn secret(row: Uuid) -> [u8; 32] {
    let mut hash = [7; 32];
    hash[..16].copy_from_slice(row.as_bytes());
    hash
}

impl Scene {
    /// An hour ago, so that what the program does now is later.
    pub(crate) async fn new(database: &TestDatabase) -> Self {
        Box::pin(Self::made(database)).await
    }

    async fn made(database: &TestDatabase) -> Self {
        let copied = now().plus_hours(-1);
        let world = World::at(database, &copied.to_string()).await;
        let zone = where_it_is_noon(copied);
        let heron = circle(&world, "Heron", &zone).await;
        let robin = circle(&world, "Robin", &zone).await;
        let wren = circle(&world, "Wren", &zone).await;
        let friend = async |name: &str| world.member(heron, MemberRole::Friend, name).await;
        let (ann, bea) = (friend("ann").await, friend("bea").await);
        let (cy, dan) = (friend("cy").await, friend("dan").await);
        let sink = Sink::open();
        let far = slot(&world, heron, &zone, copied.plus_days(5)).await;
        let promise = world.promise(&far, &bea).await;
        let off = slot(&world, heron, &zone, copied.plus_days(6)).await;
        let standing = each_time(&world, &off, &bea).await;
        let weekly = weekly(&world, heron, &zone, copied.plus_days(8)).await;
        let scene = Self {
            world,
            copied,
            sink,
            heron,
            robin,
            wren,
            ann,
            bea,
            cy,
            dan,
            promise,
            standing,
            off,
            weekly,
        };
        for member in [&scene.ann, &scene.bea, &scene.dan] {
            scene.sign_in(member).await;
        }
        scene.hand_out().await;
        let soon = slot(&scene.world, heron, &zone, copied.plus_hours(30)).await;
        scene.world.ask(&soon, &scene.bea).await;
        let later = slot(&scene.world, heron, &zone, copied.plus_days(3)).await;
        scene.ask_tomorrow(&later).await;
        // A reminder of this is due half an hour later, and nothing has planned it yet.
        let near = slot(&scene.world, heron, &zone, copied.plus_minutes(150)).await;
        scene.world.promise(&near, &scene.dan).await;
        scene.world.store.heartbeat(Uuid::from_u128(1), copied).await.unwrap();
        scene
    }

    async fn sign_in(&self, member: &Member) {
        let (device, id, now) = (DeviceId::new(&RandomIds), SessionId::new(&RandomIds), self.now());
        let person = member.place.person;
        let session = Session {
            id,
            organisation: self.world.organisation,
            device,
            person,
            way: "code".to_owned(),
            shared_computer: false,
            staff: false,
            created_at: now,
            last_seen_at: now,
            fresh_until: None,
        };
        self.world
            .write(async |unit| {
                unit.add_device(device, &secret(device.as_uuid()), now).await?;
                unit.add_session(&session, &secret(person.as_uuid())).await?;
                unit.add_enrolment(device, person, Some(self.heron), "words", now).await
            })
            .await;
    }

    /// A code, a calendar, a link to share, an invitation; and a text.
    async fn hand_out(&self) {
        let now = self.now();
        let dan = &self.dan.place;
        let welcome = Welcome {
            id: WelcomeId::new(&RandomIds),
            kind: WelcomeKind::OwnDevice,
            circle: Some(self.heron),
            membership: Some(dan.id),
            person: dan.person,
            link_hash: None,
            short_mac: None,
            words_mac: Some(vec![1; 32]),
            tries_left: 5,
            names_inviter: false,
            created_at: now,
            expires_at: now.plus_days(14),
            answered_at: None,
            words_used_at: None,
            ended_at: None,
        };
        let link = ShareLink {
            id: ShareLinkId::new(&RandomIds),
            circle: self.heron,
            made_by: dan.id,
            asks_left: 20,
            expires_at: now.plus_days(14),
            ended_at: None,
        };
        let place = Place {
            owner: Owner::Circle(self.heron),
            field: Field::Address,
            row: Uuid::from_u128(4),
        };
        let text = Sealed::from_parts(place, 1, vec![4; 40]);
        let sign_in = SignInId::new(&RandomIds);
        self.world
            .write(async |unit| {
                unit.add_sign_in(sign_in, &[2; 32], &[3; 16], 5, false, now).await?;
                unit.add_feed(FeedId::new(&RandomIds), dan.person, &[4; 32], now).await?;
                unit.add_share_link(&link, &[5; 32], now).await?;
                unit.add_welcome(&welcome).await?;
                unit.put_content(self.heron, self.heron.as_uuid(), None, text, now).await
            })
            .await;
    }

    /// Dan is asked in a day from now.
    async fn ask_tomorrow(&self, slot: &Slot) {
        let (dan, now) = (&self.dan.place, self.now());
        let mail = NewMail {
            kind: MailKind::SomebodyNeeded,
            dedupe: "tomorrow".to_owned(),
            subject: MailSubject {
                person: Some(dan.person),
                circle: Some(slot.circle),
                slot: Some(slot.id),
                ..MailSubject::default()
            },
            detail: "{}".to_owned(),
            due_at: now.plus_days(1),
            useful_until: slot.starts,
        };
        self.world
            .write(async |unit| {
                unit.add_ask(slot, dan.id, now).await?;
                unit.add_mail(&mail, now).await
            })
            .await;
    }

    /// After the copy: the mail that was due leaves, so does the reminder; then much ends.
    pub(crate) async fn live_on(&self) {
        let world = &self.world;
        world.clock.set(self.copied.plus_minutes(31));
        world.app.plan_reminders().await.unwrap();
        self.deliver(&world.app).await;
        assert_eq!(self.sent(), ["bea@mail.example", "dan@mail.example"]);
        let state = async |circle, from, to| {
            let now = self.now();
            assert!(
                world.write(async |unit| unit.put_circle_state(circle, from, to, now).await).await
            );
        };
        state(self.robin, CircleState::Active, CircleState::Paused).await;
        let dan = self.dan.place.person;
        world.write(async |unit| unit.stop_mail(dan).await).await;
        world.clock.set(self.copied.plus_minutes(40));
        let now = self.now();
        let basis = GrantBasis::OwnConsent;
        let less: CategorySet = Preset::JustRota
            .categories()
            .iter()
            .filter(|category| *category != kith_domain::Category::Help)
            .collect();
        let (ann, bea) = (&self.ann.place, &self.bea.place);
        world
            .write(async |unit| {
                let (active, left) = (MembershipState::Active, MembershipState::Left);
                assert!(unit.put_membership_state(ann.id, active, left, now).await?);
                unit.put_grants(ann, CategorySet::EMPTY, basis, None, now).await?;
                unit.end_enrolments(ann.person, Some(self.heron), None, now).await?;
                unit.refuse_person(self.heron, ann.person, now).await?;
                unit.put_grants(bea, less, basis, None, now).await?;
                unit.end_enrolments(bea.person, Some(self.heron), None, now).await?;
                unit.stop_mail(self.cy.place.person).await?;
                assert!(unit.put_mail_stopped(dan, false).await?);
                assert!(unit.put_claim_state(&self.promise, ClaimState::Dropped, now).await?);
                unit.claim_ended_as(self.promise.id, ClaimEnd::Covered).await?;
                assert!(unit.end_standing_promise(self.standing, now).await?);
                assert!(unit.cancel_slot(self.off.id).await?);
                let [first, later] = &self.weekly;
                assert!(unit.cancel_slot(later.id).await?);
                let task = unit.task(first.task).await?.ok_or(StoreError::NotFound)?;
                unit.end_task(&task, Some(first.made_for)).await?;
                let told = kith_domain::EndingKind::TellsAddress;
                assert!(unit.put_told(self.off.task, told, false).await?);
                assert!(unit.put_quiet_mail(self.heron, true).await?);
                unit.refuse_address(self.heron, &REFUSED, now).await?;
                unit.erase_content(self.heron, Field::Address, self.heron.as_uuid()).await
            })
            .await;
        state(self.robin, CircleState::Paused, CircleState::Frozen).await;
        state(self.wren, CircleState::Active, CircleState::Erased).await;
        let keys = Owner::Circle(self.wren);
        assert_eq!(world.write(async |unit| unit.destroy_data_keys(keys).await).await, 1);
        // Of a circle that the copy does not have something ends too.
        let finch = circle(world, "Finch", &where_it_is_noon(now)).await;
        world.write(async |unit| unit.refuse_address(finch, &REFUSED, now).await).await;
    }

    /// Hands over what is due, by `app`.
    pub(crate) async fn deliver(&self, app: &Arc<kith_app::App>) {
        let delivery = self.world.delivery(&self.sink);
        app.deliver_due(&delivery, &CancellationToken::new()).await.unwrap();
    }

    /// To whom the relay has taken mails, in order.
    pub(crate) fn sent(&self) -> Vec<String> {
        let mut sent: Vec<String> =
            self.sink.accepted().iter().map(|mail| mail.to.clone()).collect();
        sent.sort();
        sent
    }

    fn now(&self) -> Timestamp {
        self.world.clock.now()
    }
}

async fn slot(world: &World, circle: CircleId, zone: &Zone, starts: Timestamp) -> Slot {
    let [slot] = slots(world, circle, zone, Repeat::Once, [starts]).await;
    slot
}

/// The first two times of what comes each week.
async fn weekly(world: &World, circle: CircleId, zone: &Zone, starts: Timestamp) -> [Slot; 2] {
    let repeat = Repeat::weekly_on(zone.date(starts), Ends::Never);
    slots(world, circle, zone, repeat, [starts, starts.plus_days(7)]).await
}

async fn slots<const N: usize>(
    world: &World,
    circle: CircleId,
    zone: &Zone,
    repeat: Repeat,
    starts: [Timestamp; N],
) -> [Slot; N] {
    let kind = TaskKind::Shopping;
    let dates = starts.map(|starts| (zone.date(starts), starts, starts.plus_hours(1)));
    let day = dates.first().map(|(day, ..)| day.to_string()).unwrap_or_default();
    let draft = TaskDraft {
        kind,
        first: local_times(&day, "14:00"),
        repeat,
        places: Places::new(1, kind).unwrap(),
        disclosure: Disclosure { address: true, help: false, entry: false },
        if_nobody: IfNobody::TellMe,
        note: None,
    };
    let (task, now) = (TaskId::new(&RandomIds), world.clock.now());
    world
        .write(async |unit| {
            unit.add_task(task, circle, &draft, None, now).await?;
            let task = unit.task(task).await?.ok_or(StoreError::NotFound)?;
            let reaches = dates.iter().map(|(day, ..)| *day).max().ok_or(StoreError::NotFound)?;
            let mut slots = Vec::new();
            for id in unit.add_slots(&task, &dates, reaches).await? {
                // Nobody is told of a gap: tests count mails.
                unit.look_at_gap(id, None).await?;
                slots.push(unit.slot(id).await?.ok_or(StoreError::NotFound)?);
            }
            Ok(slots.try_into().expect("one for each date"))
        })
        .await
}

async fn each_time(world: &World, slot: &Slot, member: &Member) -> StandingPromiseId {
    let id = StandingPromiseId::new(&RandomIds);
    let new = StandingPromise {
        id,
        circle: slot.circle,
        task: slot.task,
        membership: member.place.id,
        person: member.place.person,
        series: 0,
        on: None,
        from: jiff::civil::date(2020, 1, 1),
        until: None,
        given_to: Some(jiff::civil::date(2100, 1, 1)),
        made_at: world.clock.now(),
    };
    world.write(async |unit| unit.add_standing_promise(&new).await).await;
    id
}

async fn circle(world: &World, nature_name: &str, zone: &Zone) -> CircleId {
    let id = CircleId::new(&RandomIds);
    let (_, wrapped) = world.vault.new_owner_key(Owner::Circle(id));
    let now = world.clock.now();
    world
        .write(async |unit| {
            let (state, area) = (CircleState::Active, "");
            unit.add_circle(&NewCircle { id, nature_name, state, zone, area }, now).await?;
            unit.add_data_key(&wrapped, now).await
        })
        .await;
    id
}

/// The program goes by this clock, and so do these tests.
#[expect(clippy::disallowed_methods, reason = "the clock of the program under test")]
pub(crate) fn now() -> Timestamp {
    Timestamp::from_jiff(jiff::Timestamp::now())
}

/// A zone in which mails may be sent then, whatever the hour here.
fn where_it_is_noon(at: Timestamp) -> Zone {
    let hour = i64::from(Zone::parse("Etc/UTC").unwrap().local(at).hour());
    // The signs of these names are the other way round: Etc/GMT-5 is five hours ahead.
    let name = match 12 - hour {
        0 => "Etc/GMT".to_owned(),
        ahead if ahead > 0 => format!("Etc/GMT-{ahead}"),
        behind => format!("Etc/GMT+{}", -behind),
    };
    Zone::parse(&name).unwrap()
}
