//! One hospice with one circle, where it is noon now: promises and askings whose mails are due in
//! a moment, and what must come of them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kith_domain::ids::{CircleId, TaskId};
use kith_domain::{
    CircleState, ClaimState, Disclosure, IfNobody, MailReason, MemberRole, Owner, Places, Repeat,
    TaskDraft, TaskKind, Timestamp, Zone,
};
use kith_store::{Claim, NewCircle, Slot, StoreError, UnitOfWork};
use kith_tests::clock::local_times;
use kith_tests::world::Member;
use kith_tests::{Sink, TestDatabase, World};
use kith_vault::RandomIds;
use sea_orm::{
    ConnectionTrait as _, Database, DatabaseBackend, DatabaseConnection, FromQueryResult as _,
    Statement,
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::ledger::Copy;
use crate::oracle::{Evidence, Row};

/// People in the circle.
const FRIENDS: usize = 24;

/// The hospice, and what was promised there.
#[derive(Debug)]
pub(crate) struct House {
    world: World,
    database: TestDatabase,
    beside: DatabaseConnection,
    circle: CircleId,
    zone: Zone,
    friends: Vec<Member>,
    /// How many were asked.
    asked: usize,
    wanted: BTreeSet<String>,
    /// Promises that are still to be given back.
    doubtful: Vec<(Claim, String)>,
    given_back: BTreeMap<String, usize>,
}

impl House {
    pub(crate) async fn new() -> Self {
        Self::on(TestDatabase::sqlite().await).await
    }

    pub(crate) async fn on(database: TestDatabase) -> Self {
        let now = now();
        let world = World::at(&database, &now.to_string()).await;
        let zone = where_it_is_noon(now);
        let circle = CircleId::new(&RandomIds);
        let (_, wrapped) = world.vault.new_owner_key(Owner::Circle(circle));
        world
            .write(async |unit| {
                let state = CircleState::Active;
                let (id, nature_name, area, zone) = (circle, "Heron", "", &zone);
                unit.add_circle(&NewCircle { id, nature_name, state, zone, area }, now).await?;
                unit.add_data_key(&wrapped, now).await
            })
            .await;
        let mut friends = Vec::new();
        for number in 0..FRIENDS {
            friends
                .push(world.member(circle, MemberRole::Friend, &format!("friend{number}")).await);
        }
        let beside = database.connect().await;
        let (wanted, doubtful, given_back) = (BTreeSet::new(), Vec::new(), BTreeMap::new());
        let asked = 0;
        Self { world, database, beside, circle, zone, friends, asked, wanted, doubtful, given_back }
    }

    /// What `database.url` is to be.
    pub(crate) fn database_url(&self) -> String {
        if self.database.is_postgres() {
            self.database.settings().url.clone()
        } else {
            format!("sqlite:{}", self.database_file().display())
        }
    }

    fn database_file(&self) -> PathBuf {
        let url = &self.database.settings().url;
        let file = url.strip_prefix("sqlite://").and_then(|url| url.split('?').next());
        PathBuf::from(file.expect("the address of a file"))
    }

    pub(crate) fn key_file(&self) -> PathBuf {
        self.world.key_file()
    }

    /// How many mails a process holds.
    pub(crate) async fn held_by(&self, worker: Uuid) -> usize {
        let sql = "SELECT id FROM outbox WHERE lease_owner = $1";
        let backend = self.beside.get_database_backend();
        let statement = Statement::from_sql_and_values(backend, sql, [worker.into()]);
        self.beside.query_all_raw(statement).await.unwrap().len()
    }

    /// Every process that has looked at what is due.
    pub(crate) async fn workers(&self) -> BTreeSet<Uuid> {
        let sql = "SELECT id FROM worker";
        let statement = Statement::from_string(self.beside.get_database_backend(), sql);
        let rows = self.beside.query_all_raw(statement).await.unwrap();
        rows.iter().map(|row| row.try_get("", "id").unwrap()).collect()
    }

    /// How often a code was asked for, as was written down.
    pub(crate) async fn askings(&self) -> usize {
        let statement = Statement::from_string(
            self.beside.get_database_backend(),
            "SELECT id FROM outbox WHERE kind = 'sign_in_code'",
        );
        self.beside.query_all_raw(statement).await.unwrap().len()
    }

    /// The mails that must arrive.
    pub(crate) const fn wanted(&self) -> &BTreeSet<String> {
        &self.wanted
    }

    /// Friends promise slots that start in two hours and `seconds`, one for each: the program plans
    /// a reminder of each that is due in so many seconds.
    pub(crate) async fn promise(&mut self, seconds: &[i64]) {
        let taken = self.take(seconds).await;
        self.wanted.extend(taken.into_iter().map(|(_, mail)| mail));
    }

    /// The same, but they will give them back.
    pub(crate) async fn promise_lightly(&mut self, seconds: &[i64]) {
        let taken = self.take(seconds).await;
        self.doubtful.extend(taken);
    }

    async fn take(&mut self, seconds: &[i64]) -> Vec<(Claim, String)> {
        self.friends.rotate_left(1);
        let now = self.on_time();
        let (world, friends) = (&self.world, &self.friends);
        world
            .write(async |unit| {
                let mut taken = Vec::new();
                for (seconds, friend) in seconds.iter().zip(friends) {
                    let slot = self.slot(unit, now.plus_hours(2).plus_seconds(*seconds)).await?;
                    let (place, person) = (friend.place.id, friend.place.person);
                    let claim = unit.take_place(&slot, place, person, now).await?;
                    let mail = format!("reminder:{}:{person}:hours_before:0:0", slot.id);
                    taken.push((claim.ok_or(StoreError::Conflict)?, mail));
                }
                Ok(taken)
            })
            .await
    }

    /// Gives back every promise that was made lightly, when the ledger has `copies` entries and
    /// nothing runs. The mails about every other one are left to be found out at hand-over.
    pub(crate) async fn give_back(&mut self, copies: usize) {
        let now = self.on_time();
        let doubtful = std::mem::take(&mut self.doubtful);
        self.world
            .write(async |unit| {
                for (number, (claim, _)) in doubtful.iter().enumerate() {
                    assert!(unit.put_claim_state(claim, ClaimState::Dropped, now).await?);
                    if number % 2 == 0 {
                        let reason = MailReason::ClaimDropped;
                        unit.cancel_mail_about_claim(claim.id, reason, now).await?;
                    }
                }
                Ok(())
            })
            .await;
        self.given_back.extend(doubtful.into_iter().map(|(_, mail)| (mail, copies)));
    }

    /// Asks so many people who are new in the circle, for nobody is asked twice a day, for a slot
    /// of this afternoon: mails that are due now.
    pub(crate) async fn ask(&mut self, people: usize) {
        let now = self.on_time();
        let slot = self.world.write(async |unit| self.slot(unit, now.plus_hours(3)).await).await;
        for _ in 0..people {
            self.asked += 1;
            let name = format!("neighbour{}", self.asked);
            let neighbour = self.world.member(self.circle, MemberRole::Friend, &name).await;
            self.world.ask(&slot, &neighbour).await;
            self.wanted.insert(format!("somebody_needed:{}:{}:0", slot.id, neighbour.place.id));
        }
    }

    async fn slot(&self, unit: &UnitOfWork, starts: Timestamp) -> Result<Slot, StoreError> {
        let (kind, day) = (TaskKind::Shopping, self.zone.date(starts));
        let draft = TaskDraft {
            kind,
            first: local_times(&day.to_string(), "14:00"),
            repeat: Repeat::Once,
            places: Places::new(1, kind).expect("one place"),
            disclosure: Disclosure::NONE,
            if_nobody: IfNobody::TellMe,
            note: None,
        };
        let task = TaskId::new(&RandomIds);
        unit.add_task(task, self.circle, &draft, None, now()).await?;
        let task = unit.task(task).await?.ok_or(StoreError::NotFound)?;
        let slots = [(day, starts, starts.plus_hours(1))];
        let added = unit.add_slots(&task, &slots, day).await?;
        unit.slot(*added.first().ok_or(StoreError::Conflict)?).await?.ok_or(StoreError::NotFound)
    }

    /// Every mail there is.
    pub(crate) async fn rows(&self) -> Vec<Row> {
        rows(&self.beside).await
    }

    /// The mails in one of these states.
    pub(crate) async fn in_state(&self, states: &[&str]) -> BTreeSet<Uuid> {
        let mut rows = self.rows().await;
        rows.retain(|row| states.contains(&row.state.as_str()));
        rows.into_iter().map(|row| row.id).collect()
    }

    /// Whether every mail that must arrive is there, and all that there are have ended.
    pub(crate) async fn is_drained(&self) -> bool {
        let rows = self.rows().await;
        let planned: BTreeSet<_> = rows.iter().map(|row| &row.dedupe).collect();
        rows.iter().all(Row::has_ended) && self.wanted.iter().all(|mail| planned.contains(mail))
    }

    /// Opens what a killed process left on the disk as the next one would find it if nobody else
    /// had the database open: it is sound, and everything that was acknowledged is there. The last
    /// transaction may be there too without having been acknowledged to anybody.
    pub(crate) async fn check_what_is_on_the_disk(&self) {
        let (file, folder) = (self.database_file(), tempfile::tempdir().unwrap());
        let copy = folder.path().join("kith.db");
        std::fs::copy(&file, &copy).unwrap();
        std::fs::copy(with_suffix(&file, "-wal"), with_suffix(&copy, "-wal")).unwrap();
        let found = Database::connect(format!("sqlite://{}", copy.display())).await.unwrap();
        check(&found).await;
        let on_disk: BTreeMap<Uuid, Row> =
            rows(&found).await.into_iter().map(|row| (row.id, row)).collect();
        for row in self.rows().await {
            let there = on_disk.get(&row.id).expect("what was planned is there");
            assert!(there == &row || !row.has_ended(), "{row:?} is {there:?} on the disk");
        }
        found.close().await.unwrap();
    }

    /// Does to the rows what a broken program would.
    pub(crate) async fn break_by_hand(&self, sql: &str) {
        self.beside.execute_unprepared(sql).await.unwrap();
    }

    /// Hands over what is due from within this process.
    pub(crate) async fn deliver(&self, sink: &Arc<Sink>) {
        let delivery = self.world.delivery(sink);
        self.world.app.deliver_due(&delivery, &CancellationToken::new()).await.unwrap();
    }

    /// What there is to judge by.
    pub(crate) async fn evidence(
        &self,
        copies: Vec<Copy>,
        under_way: BTreeMap<u32, BTreeSet<Uuid>>,
        connections: usize,
    ) -> Evidence {
        check(&self.beside).await;
        Evidence {
            wanted: self.wanted.clone(),
            given_back: self.given_back.clone(),
            rows: self.rows().await,
            copies,
            under_way,
            connections,
        }
    }

    fn on_time(&self) -> Timestamp {
        let now = now();
        self.world.clock.set(now);
        now
    }
}

/// The database says of itself that it is sound.
async fn check(database: &DatabaseConnection) {
    let backend = database.get_database_backend();
    if backend != DatabaseBackend::Sqlite {
        // PostgreSQL was not killed; it says so itself if something is wrong with it.
        return;
    }
    let ask = |sql| database.query_all_raw(Statement::from_string(backend, sql));
    let said = ask("PRAGMA integrity_check").await.unwrap();
    let said: Vec<String> = said.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
    assert_eq!(said, ["ok"], "integrity");
    assert_eq!(ask("PRAGMA foreign_key_check").await.unwrap().len(), 0, "rows without their owner");
}

async fn rows(database: &DatabaseConnection) -> Vec<Row> {
    // Of codes, which nobody waits for here, there are others to judge.
    let sql = "SELECT id, dedupe, state, reason FROM outbox WHERE kind <> 'sign_in_code' \
               ORDER BY id";
    let statement = Statement::from_string(database.get_database_backend(), sql);
    Row::find_by_statement(statement).all(database).await.unwrap()
}

fn with_suffix(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// The program goes by this clock, and so do these tests.
#[expect(clippy::disallowed_methods, reason = "the clock of the program under test")]
fn now() -> Timestamp {
    Timestamp::from_jiff(jiff::Timestamp::now())
}

/// A zone in which reminders may be sent, whatever the hour here.
fn where_it_is_noon(now: Timestamp) -> Zone {
    let hour = i64::from(Zone::parse("Etc/UTC").unwrap().local(now).hour());
    // The signs of these names are the other way round: Etc/GMT-5 is five hours ahead.
    let name = match 12 - hour {
        0 => "Etc/GMT".to_owned(),
        ahead if ahead > 0 => format!("Etc/GMT-{ahead}"),
        behind => format!("Etc/GMT+{}", -behind),
    };
    Zone::parse(&name).unwrap()
}
