//! One run: from a seed to what the oracle has to say of it.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use kith_app::{App, Delivery, Failure};
use kith_domain::{Clock as _, Ids, Timestamp};
use kith_store::Store;
use kith_tests::{Sink, TestDatabase, locked};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::chance::Chance;
use crate::judge::{self, Moment, Problem};
use crate::life::{Life, MortalClock, MortalIds};
use crate::people;
use crate::planted::Fault;
use crate::relay::{Relay, Weather};
use crate::town::Town;
use crate::truth::{Wish, mails, slots, wishes};

/// Where runs begin: days before the clocks change, and one where they do not.
const BEGINNINGS: [&str; 4] = [
    "2026-10-23T08:00:00Z",
    "2027-03-26T08:00:00Z",
    "2026-12-30T08:00:00Z",
    "2027-10-29T08:00:00Z",
];
/// Friends at the beginning.
const FRIENDS: usize = 6;
/// Tasks at the beginning.
const TASKS: usize = 3;
/// Seconds between two looks when there is something to do.
const TICK: i64 = 5;
/// Steps after which everything must be over.
const PATIENCE: usize = 2_000;

/// What to run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    /// Steps with people, faults and deaths, before everything is left to end.
    pub(crate) steps: usize,
    pub(crate) fault: Option<Fault>,
}

impl Plan {
    /// Some days.
    pub(crate) const SHORT: Self = Self { seed: 0, steps: 80, fault: None };
}

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) problems: Vec<Problem>,
    pub(crate) trace: Vec<String>,
    pub(crate) mails: usize,
    pub(crate) sent: usize,
    pub(crate) copies: usize,
    pub(crate) repeats: usize,
    pub(crate) deaths: usize,
    pub(crate) hours: i64,
}

/// The program over one file, and everything around it.
struct Run {
    plan: Plan,
    chance: Arc<Chance>,
    ids: Arc<dyn Ids>,
    life: Arc<Life>,
    town: Arc<Town>,
    relay: Arc<Relay>,
    store: Store,
    app: Arc<App>,
    delivery: Delivery,
    moments: Vec<Moment>,
    deaths: BTreeSet<u32>,
    began: Timestamp,
}

/// Lives through one seed.
pub(crate) async fn run(plan: Plan) -> Outcome {
    let database = TestDatabase::sqlite().await;
    let mut run = Run::begin(plan, &database).await;
    for _ in 0..TASKS {
        let added = people::add_task(&run.town, &run.chance).await;
        run.relay.say(format!("task: {added:?}"));
    }
    for _ in 0..FRIENDS {
        run.town.friend_joins().await;
    }
    for _ in 0..plan.steps {
        run.step().await;
    }
    run.let_it_end().await;
    run.judged().await
}

impl Run {
    async fn begin(plan: Plan, database: &TestDatabase) -> Self {
        let chance = Arc::new(Chance::of(plan.seed));
        let of_ids = Arc::new(Chance::of(chance.draw()));
        let beginning = if plan.fault == Some(Fault::CountsHours) {
            BEGINNINGS[1]
        } else {
            chance.pick(&BEGINNINGS).expect("several")
        };
        let town = Arc::new(Town::new(database, beginning, Arc::clone(&of_ids)).await);
        let life = Arc::new(Life::default());
        life.begins_anew();
        let ids: Arc<dyn Ids> =
            Arc::new(MortalIds(Arc::clone(&life), Arc::new(Chance::of(chance.draw()))));
        let clock = || Arc::new(MortalClock(Arc::clone(&life), Arc::clone(&town.world.clock)));
        let store = database.open_with(Arc::clone(&ids), clock()).await;
        let app = town.world.process_of(&store, clock(), &ids).await;
        let relay = Arc::new(Relay {
            town: Arc::clone(&town),
            chance: Arc::clone(&chance),
            life: Arc::clone(&life),
            weather: Mutex::default(),
            fault: plan.fault,
            notes: Mutex::default(),
        });
        // One at a time: the order of what several do at once would not be that of the seed.
        let mut delivery = town.world.delivery(&Sink::open());
        delivery.connections = 1;
        delivery.transport = Arc::<Relay>::clone(&relay);
        let began = town.world.clock.now();
        let (moments, deaths) = (Vec::new(), BTreeSet::new());
        Self { plan, chance, ids, life, town, relay, store, app, delivery, moments, deaths, began }
    }

    /// Time goes on, people do what they do, and the program looks.
    async fn step(&mut self) {
        let mut jumped = self.time_goes_on().await;
        for _ in 0..self.chance.up_to(2) {
            let what = people::something(&self.town, &self.chance).await;
            self.relay.say(what);
            self.relay.somebody_acted();
        }
        if self.chance.one_in(8) && people::go_on(&self.town).await.is_ok() {
            self.relay.say("the circle goes on");
            self.relay.somebody_acted();
        }
        if self.chance.one_in(6) {
            let weather = match self.chance.up_to(5) {
                0 => Weather::Down,
                1 | 2 => Weather::Changeable,
                _ => Weather::Fine,
            };
            self.relay.say(format!("weather: {weather:?}"));
            *locked(&self.relay.weather) = weather;
        }
        if self.chance.one_in(5) {
            self.life.dies_after(Some(self.chance.up_to(40)));
        }
        // The seed says how often nobody looks at all.
        if self.chance.one_in(25) {
            jumped = true;
        }
        self.note(!jumped).await;
        self.look(!jumped).await;
    }

    /// Says whether the clock did something that clocks should not.
    async fn time_goes_on(&mut self) -> bool {
        let clock = &self.town.world.clock;
        if self.chance.one_in(25) {
            let seconds = match self.chance.up_to(3) {
                0 => -60 * self.chance.between(1, 55),
                1 => 3_600 * self.chance.between(20, 75),
                _ => 60 * self.chance.between(30, 600),
            };
            clock.advance(seconds);
            self.relay.say(format!("the clock jumps by {seconds} s"));
            return true;
        }
        let on = clock.now().plus_minutes(self.chance.between(5, 100));
        let to = self.next_look(on).await.plus_seconds(self.chance.up_to(60));
        self.town.world.clock.set(to);
        false
    }

    /// When there is something to do, at the latest at `on`. The program looks every few seconds.
    async fn next_look(&self, on: Timestamp) -> Timestamp {
        let soon = self.town.world.clock.now().plus_seconds(TICK);
        let due = self.store.next_due().await.unwrap();
        due.map_or(on, |due| due.max(soon).min(on))
    }

    async fn note(&mut self, calm: bool) {
        let acted = std::mem::take(&mut locked(&self.relay.notes).acted);
        let before = self.moments.last().map(|moment| Arc::clone(&moment.wishes));
        let wishes = match before {
            Some(before) if !acted => before,
            _ => Arc::new(wishes(&self.town.world.beside).await),
        };
        self.moments.push(Moment { at: self.town.world.clock.now(), calm, wishes });
    }

    /// One look of the program, which may be its last.
    async fn look(&mut self, calm: bool) {
        locked(&self.relay.notes).trouble = *locked(&self.relay.weather) == Weather::Down;
        let (app, delivery) = (Arc::clone(&self.app), self.delivery.clone());
        let tasks = TaskTracker::new();
        let looked = tasks.spawn(async move { look(&app, &delivery).await }).await;
        let died = self.life.is_over();
        let unfinished = std::mem::take(&mut locked(&self.relay.notes).in_a_dialogue);
        assert!(!unfinished, "the relay of this test panicked: seed {}", self.plan.seed);
        match looked {
            Ok(Ok(())) => {}
            Ok(Err(failure)) => self.relay.say(format!("look: {failure}")),
            Err(_) => assert!(died, "the program panicked: seed {}", self.plan.seed),
        }
        if died {
            let number = self.life.number();
            self.relay.say(format!("process {number} died"));
            self.deaths.insert(number);
            self.restart().await;
        }
        self.life.dies_after(None);
        if let Some(fault) = self.plan.fault {
            fault.after_planning(&self.town.world).await;
        }
        let trouble = std::mem::take(&mut locked(&self.relay.notes).trouble);
        if let Some(moment) = self.moments.last_mut() {
            moment.calm &= !trouble && !died;
        }
        self.note(calm && !trouble && !died).await;
    }

    /// Another process over the same file: it knows nothing but the rows.
    async fn restart(&mut self) {
        self.life.begins_anew();
        let clock =
            Arc::new(MortalClock(Arc::clone(&self.life), Arc::clone(&self.town.world.clock)));
        self.app = self.town.world.process_of(&self.store, clock, &self.ids).await;
        self.delivery.worker = self.ids.next();
        self.app.take_back_at_start().await.expect("the database answers");
    }

    /// Nothing is in the way any more, and nobody does anything: everything comes to its end.
    async fn let_it_end(&mut self) {
        *locked(&self.relay.weather) = Weather::Fine;
        self.relay.say("from here on all is well");
        for _ in 0..PATIENCE {
            let world = &self.town.world;
            let open = mails(&world.beside).await.iter().any(|mail| !mail.has_ended());
            let now = world.clock.now();
            let latest = wishes(&world.beside).await;
            let latest = latest.values().filter(|wish| wish.stands()).map(Wish::starts);
            if !open && latest.max().is_none_or(|starts| starts < now) {
                return;
            }
            let next = self.next_look(now.plus_hours(12)).await;
            self.town.world.clock.set(next);
            self.note(true).await;
            self.look(true).await;
        }
    }

    async fn judged(self) -> Outcome {
        let world = &self.town.world;
        let (rows, now) = (mails(&world.beside).await, world.clock.now());
        let mut notes = std::mem::take(&mut *locked(&self.relay.notes));
        let mut problems = std::mem::take(&mut notes.problems);
        problems.extend(judge::mails(&self.moments, &rows, &notes, &self.deaths, now));
        let slots = slots(&world.beside).await;
        problems.extend(judge::weeks(&world.store, world.organisation, &slots, now).await);
        let of: BTreeSet<_> = notes.taken.iter().map(|taken| taken.mail).collect();
        Outcome {
            problems,
            mails: rows.len(),
            sent: rows.iter().filter(|row| row.state == "sent").count(),
            copies: notes.taken.len(),
            repeats: notes.taken.len() - of.len(),
            deaths: self.deaths.len(),
            hours: now.seconds_since(self.began) / 3_600,
            trace: notes.trace,
        }
    }
}

/// What the two loops of the scheduler do at a tick.
async fn look(app: &Arc<App>, delivery: &Delivery) -> Result<(), Failure> {
    app.heartbeat(delivery.worker).await?;
    loop {
        let rolled = app.roll_slots().await?;
        if rolled + app.plan_reminders().await? == 0 {
            break;
        }
    }
    let stop = CancellationToken::new();
    loop {
        let report = app.deliver_due(delivery, &stop).await?;
        if report.paused || !report.more {
            return Ok(());
        }
    }
}
