//! Files of endings that are lost, replaced, too old or out of order; and copies from which somebody
//! served before the rest was done.

use std::path::{Path, PathBuf};

use kith_domain::ids::{DeviceId, MailId};
use kith_domain::{CircleState, MailKind, MemberRole};
use kith_store::{MailSubject, NewMail, Slot};
use kith_tests::world::Member;
use kith_tests::{TestDatabase, World, both};
use kith_vault::RandomIds;

use crate::drill::{came_back, started};
use crate::kept::{Kept, differences, file_of, kith, kith_by, rows, run, said};
use crate::scene::{Scene, now};

fn own(database: &TestDatabase) -> PathBuf {
    database.settings().endings.clone().unwrap()
}

fn moved_away(database: &TestDatabase) -> String {
    let (own, away) = (own(database), own(database).with_extension("away"));
    std::fs::rename(own, &away).unwrap();
    away.display().to_string()
}

async fn nothing_came_back(scene: &Scene, database: &TestDatabase) {
    let (store, _) = started(scene, database).await;
    assert_eq!(came_back(scene, &store).await, Vec::<&str>::new());
}

async fn asked(world: &World, slot: &Slot, member: &Member, dedupe: &str) {
    let now = kith_domain::Clock::now(&*world.clock);
    let mail = NewMail {
        kind: MailKind::SomebodyNeeded,
        dedupe: dedupe.to_owned(),
        subject: MailSubject {
            person: Some(member.place.person),
            circle: Some(slot.circle),
            slot: Some(slot.id),
            ..MailSubject::default()
        },
        detail: "{}".to_owned(),
        due_at: now,
        useful_until: slot.starts,
    };
    assert!(world.write(async |unit| unit.add_mail(&mail, now).await).await);
}

both! {
    async fn whoever_served_from_the_copy_first_changes_nothing(database) {
        let scene = Scene::new(database).await;
        let kept = Kept::of(&scene.world, database).await;
        scene.live_on().await;
        kept.load(database).await;
        // Something started by itself, and looked at what is due: later than all that ended.
        let store = database.open(std::sync::Arc::clone(&scene.world.clock)).await;
        let later = now().plus_minutes(-2);
        store.heartbeat(uuid::Uuid::from_u128(2), later).await.unwrap();
        scene.world.clock.set(later);
        store.mark_endings(kith_store::Marking::Now).await.unwrap();
        store.close().await.unwrap();
        let output = kith(&scene.world, database, &["restore", "--already-loaded"]).await;
        assert!(output.status.success(), "{}", said(&output));
        nothing_came_back(&scene, database).await;
    }

    async fn a_file_that_was_lost_and_begun_again_is_refused(database) {
        let scene = Scene::new(database).await;
        let kept = Kept::of(&scene.world, database).await;
        scene.live_on().await;
        let away = moved_away(database);
        // It is noticed before a restore needs it, and goes on being noticed.
        for _ in 0..2 {
            let migrated = kith(&scene.world, database, &["migrate"]).await;
            assert!(!migrated.status.success());
            assert!(said(&migrated).contains("was not kept with this database"), "{migrated:?}");
            let doctor = said(&kith(&scene.world, database, &["doctor"]).await);
            assert!(doctor.contains("endings        NOT FINE"), "{doctor}");
        }
        let begun = kith(&scene.world, database, &["migrate", "--endings-lost"]).await;
        assert!(begun.status.success(), "{}", said(&begun));
        let doctor = said(&kith(&scene.world, database, &["doctor"]).await);
        assert!(doctor.contains("endings        fine"), "{doctor}");
        let output = kept.restore(&scene.world, database, &[]).await;
        assert!(!output.status.success(), "{}", said(&output));
        assert!(said(&output).contains("was not kept when the copy was made"), "{}", said(&output));
        // Both count: what one does not know the other may.
        let output = kept.restore(&scene.world, database, &["--endings", &away]).await;
        assert!(output.status.success(), "{}", said(&output));
        nothing_came_back(&scene, database).await;
        // Afterwards the own file is enough.
        let doctor = said(&kith(&scene.world, database, &["doctor"]).await);
        assert!(doctor.contains("endings        fine"), "{doctor}");
        let output = kept.restore(&scene.world, database, &[]).await;
        assert!(output.status.success(), "{}", said(&output));
        nothing_came_back(&scene, database).await;
    }

    async fn a_file_of_before_the_copy_is_refused(database) {
        let scene = Scene::new(database).await;
        assert!(kith(&scene.world, database, &["migrate"]).await.status.success());
        let old = own(database).with_extension("old");
        std::fs::copy(own(database), &old).unwrap();
        let kept = Kept::of(&scene.world, database).await;
        scene.live_on().await;
        let away = moved_away(database);
        let old = old.display().to_string();
        let output = kept.restore(&scene.world, database, &["--endings", &old]).await;
        assert!(!output.status.success(), "{}", said(&output));
        assert!(said(&output).contains("is older"), "{}", said(&output));
        // Unless it is meant: then what the file says is done.
        let output =
            kept.restore(&scene.world, database, &["--endings", &away, "--endings-lost"]).await;
        assert!(output.status.success(), "{}", said(&output));
        nothing_came_back(&scene, database).await;
    }

    async fn the_order_of_the_lines_means_nothing(database) {
        let scene = Scene::new(database).await;
        let kept = Kept::of(&scene.world, database).await;
        scene.live_on().await;
        let text = std::fs::read_to_string(own(database)).unwrap();
        let lines: Vec<&str> = text.lines().rev().collect();
        std::fs::write(own(database), lines.join("\n")).unwrap();
        let output = kept.restore(&scene.world, database, &[]).await;
        assert!(output.status.success(), "{}", said(&output));
        nothing_came_back(&scene, database).await;
    }

    async fn what_began_again_before_the_copy_stays(database) {
        let scene = Scene::new(database).await;
        let world = &scene.world;
        let dan = scene.dan.place.person;
        let (active, paused) = (CircleState::Active, CircleState::Paused);
        let device = DeviceId::new(&RandomIds);
        world.write(async |unit| {
            unit.add_device(device, &[6; 32], scene.copied).await?;
            unit.put_quiet_mail(scene.heron, true).await?;
            unit.stop_mail(dan).await?;
            unit.put_circle_state(scene.robin, active, paused, scene.copied).await?;
            unit.add_enrolment(device, dan, Some(scene.heron), "words", scene.copied).await
        }).await;
        let later = scene.copied.plus_minutes(5);
        world.clock.set(later);
        world.write(async |unit| {
            unit.put_quiet_mail(scene.heron, false).await?;
            unit.put_mail_stopped(dan, false).await?;
            unit.put_circle_state(scene.robin, paused, active, later).await?;
            unit.add_enrolment(device, dan, Some(scene.heron), "words", later).await
        }).await;
        let kept = Kept::of(world, database).await;
        let output = kept.restore(world, database, &[]).await;
        assert!(output.status.success(), "{}", said(&output));
        let beside = database.connect().await;
        let is = rows(&beside, database.is_postgres()).await;
        let changed = differences(&kept.rows, &is);
        for table in ["circle", "person", "enrolment", "membership", "claim", "slot"] {
            assert_eq!(changed.get(table), None, "{}", said(&output));
        }
        assert!(said(&output).contains("had ended since: 0"), "{}", said(&output));
    }

    async fn a_file_that_cannot_be_kept_changes_nothing(database) {
        let scene = Scene::new(database).await;
        let kept = Kept::of(&scene.world, database).await;
        scene.live_on().await;
        let away = moved_away(database);
        if database.is_postgres() {
            kept.load(database).await;
        }
        let beside = database.connect().await;
        let before = rows(&beside, database.is_postgres()).await;
        let copy = kept.file().display().to_string();
        let which = if database.is_postgres() { "--already-loaded" } else { &copy };
        let words = ["restore", which, "--endings", &away];
        let nowhere = Path::new("no such folder/kith.endings");
        let output = kith_by(&scene.world.key_file(), nowhere, database, &words).await;
        assert!(!output.status.success(), "{}", said(&output));
        assert!(said(&output).contains("cannot be written"), "{}", said(&output));
        if !database.is_postgres() {
            let now = rows(&database.connect().await, false).await;
            assert!(differences(&before, &now).is_empty());
            assert!(!file_of(database).with_extension("db.restoring").exists());
        }
        // Once more is enough.
        let output = kith_by(&scene.world.key_file(), Path::new(&away), database, &words).await;
        assert!(output.status.success(), "{}", said(&output));
        nothing_came_back(&scene, database).await;
    }

    async fn a_mail_that_another_would_have_said_ends_with_it(database) {
        let world = World::at(database, "2026-11-23T10:00:00Z").await;
        let circle = world.circle("Heron").await;
        let friend = world.member(circle, MemberRole::Friend, "ann").await;
        let slot = world.slot(circle, "2026-11-24", "14:00", 1).await;
        let at = kith_domain::Clock::now(&*world.clock);
        for dedupe in ["one", "two", "three"] {
            asked(&world, &slot, &friend, dedupe).await;
        }
        let says = MailId::from_uuid(world.mails().await[0].id);
        let kind = (MailKind::SomebodyNeeded, None);
        world.write(async |unit| {
            unit.take_in_mails(says, kind, friend.place.person, Some(circle), at).await
        }).await;
        let taken: Vec<String> = world.mails().await.iter().map(|mail| mail.state.clone()).collect();
        assert_eq!(taken.iter().filter(|state| *state == "cancelled").count(), 2);
        kith_app::after_restore(&world.store, &[], at.plus_minutes(1)).await.unwrap();
        for mail in world.mails().await {
            assert_eq!((mail.state.as_str(), mail.reason.as_deref()), ("expired", Some("restored")));
        }
    }

    async fn what_ended_is_written_down_whatever_becomes_of_the_rest(database) {
        let scene = Scene::new(database).await;
        let world = &scene.world;
        let broken = crate::endings::a_process_that_cannot_write(world, database).await;
        broken.transact(world.organisation, async |unit| {
            unit.cancel_slot(scene.off.id).await
        }).await.unwrap();
        // No process can say that it works.
        run(&database.connect().await, "DROP TABLE worker").await;
        let delivery = world.delivery(&scene.sink);
        let tick = std::time::Duration::from_secs(1);
        let app = std::sync::Arc::clone(&world.app);
        let scheduler = kith_scheduler::Scheduler::start(app, delivery, tick).await.unwrap();
        while world.store.oldest_unwritten_ending().await.unwrap().is_some() {
            tokio::task::yield_now().await;
        }
        assert!(scheduler.stop(std::time::Duration::from_secs(20)).await);
        let read = kith_store::read_endings(&own(database)).unwrap();
        assert!(read.endings.iter().any(|ending| ending.id == scene.off.id.as_uuid()));
    }
}
