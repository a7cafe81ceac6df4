//! The drill: what was removed stays removed, what was shredded stays shredded, what was sent is not
//! sent again, everybody is signed out, and every other row is as it was.

use std::collections::BTreeMap;
use std::sync::Arc;

use kith_app::App;
use kith_domain::{Category, CircleState, ClaimEnd, MembershipState, Owner, SlotState};
use kith_store::{Store, StoreError};
use kith_tests::{TestDatabase, both};

use crate::kept::{Kept, differences, kith, rows, said, texts};
use crate::scene::{REFUSED, Scene, now, secret};

/// What a process finds that starts after the restore.
pub(crate) async fn started(scene: &Scene, database: &TestDatabase) -> (Store, Arc<App>) {
    let store = database.open(Arc::clone(&scene.world.clock)).await;
    let app = scene.world.another_process(database).await;
    (store, app)
}

/// What came back that must not.
pub(crate) async fn came_back(scene: &Scene, store: &Store) -> Vec<&'static str> {
    let read = store.snapshot(scene.world.organisation).await.unwrap();
    let now = scene.copied;
    let mut found = Vec::new();
    let ann = read.membership(scene.ann.place.id).await.unwrap().unwrap();
    if ann.state != MembershipState::Left {
        found.push("somebody who was taken out");
    }
    let granted = read.granted(scene.heron, crate::scene::now()).await.unwrap();
    if granted.iter().any(|(member, _)| *member == scene.ann.place.id) {
        found.push("what she could see");
    }
    if granted.contains(&(scene.bea.place.id, Category::Help)) {
        found.push("what was taken back");
    }
    for member in [&scene.ann, &scene.bea] {
        if !read.enrolments(member.place.person, now).await.unwrap().is_empty() {
            found.push("a device");
        }
    }
    for (circle, state) in [(scene.robin, CircleState::Frozen), (scene.wren, CircleState::Erased)] {
        if read.circle(circle).await.unwrap().unwrap().state != state {
            found.push("a circle");
        }
    }
    if read.wrapped_key(Owner::Circle(scene.wren)).await != Err(StoreError::NotFound) {
        found.push("a key");
    }
    if !read.person(scene.cy.place.person).await.unwrap().mail.stopped {
        found.push("mails");
    }
    let ann = read.person(scene.ann.place.person).await.unwrap().email_index.unwrap();
    if !read.is_refused(scene.heron, &ann).await.unwrap() {
        found.push("an address");
    }
    let text = kith_vault::Field::Address;
    if read.content(scene.heron, text, scene.heron.as_uuid()).await.unwrap().is_some() {
        found.push("a text");
    }
    let promise = read.claim(scene.promise.id).await.unwrap().unwrap();
    if promise.state.is_live() {
        found.push("a promise");
    } else if promise.ended_as != Some(ClaimEnd::Covered) {
        found.push("how a promise ended");
    }
    if !read.standing_promises_in(scene.heron).await.unwrap().is_empty() {
        found.push("a promise for each time");
    }
    if read.slot(scene.off.id).await.unwrap().unwrap().state != SlotState::Cancelled {
        found.push("a time");
    }
    let [first, later] = &scene.weekly;
    if read.slot(later.id).await.unwrap().unwrap().state != SlotState::Cancelled {
        found.push("another time");
    }
    let ended = read.task(first.task).await.unwrap().unwrap();
    if ended.last_day() != Some(first.made_for) || !ended.left_out.is_empty() {
        found.push("a task that had ended");
    }
    if read.task(scene.off.task).await.unwrap().unwrap().disclosure.address {
        found.push("what a task tells");
    }
    if !read.circle(scene.heron).await.unwrap().unwrap().quiet_mail {
        found.push("what mails say");
    }
    if !read.is_refused(scene.heron, &REFUSED).await.unwrap() {
        found.push("another address");
    }
    for member in [&scene.ann, &scene.bea, &scene.dan] {
        let hash = secret(member.place.person.as_uuid());
        if read.session(&hash, now).await.unwrap().is_some() {
            found.push("a session");
        }
    }
    if read.feed(&[4; 32]).await.unwrap().is_some() {
        found.push("a calendar");
    }
    if read.share_link_of(scene.heron).await.unwrap().is_some() {
        found.push("a link to share");
    }
    if !read.welcomes_of(scene.dan.place.id, now).await.unwrap().is_empty() {
        found.push("words");
    }
    read.end();
    found
}

both! {
    async fn nothing_that_ended_comes_back_and_nothing_goes_out_twice(database) {
        let scene = Scene::new(database).await;
        let kept = Kept::of(&scene.world, database).await;
        scene.live_on().await;
        let output = kept.restore(&scene.world, database, &[]).await;
        assert!(output.status.success(), "{}", said(&output));
        let (store, app) = started(&scene, database).await;
        assert_eq!(came_back(&scene, &store).await, Vec::<&str>::new(), "{}", said(&output));
        let read = store.snapshot(scene.world.organisation).await.unwrap();
        assert!(!read.person(scene.dan.place.person).await.unwrap().mail.stopped, "wanted again");
        read.end();

        // Every other row is as it was in the copy.
        let beside = database.connect().await;
        let is = rows(&beside, database.is_postgres()).await;
        let expected = [
            ("circle", (3, 3)),
            ("claim", (1, 1)),
            ("content", (1, 0)),
            ("data_key", (1, 0)),
            ("disclosure_grant", (5, 5)),
            ("endings_mark", (1, 1)),
            ("enrolment", (2, 2)),
            ("feed", (1, 1)),
            ("membership", (1, 1)),
            ("not_this_person", (0, 2)),
            ("outbox", (1, 1)),
            ("person", (1, 1)),
            ("restoration", (0, 1)),
            ("session", (3, 3)),
            ("share_link", (1, 1)),
            ("sign_in", (1, 1)),
            ("slot", (3, 3)),
            ("standing_promise", (1, 1)),
            ("task", (2, 2)),
            ("welcome", (1, 1)),
        ];
        let expected: BTreeMap<_, _> =
            expected.into_iter().map(|(table, rows)| (table.to_owned(), rows)).collect();
        assert_eq!(differences(&kept.rows, &is), expected);

        // Mails are held, and whoever looks after the service sees it.
        scene.world.clock.set(now().plus_seconds(10));
        app.plan_reminders().await.unwrap();
        scene.deliver(&app).await;
        assert_eq!(scene.sent().len(), 2);
        assert!(app.health().await.troubles().contains(&"held"));
        let doctor = said(&kith(&scene.world, database, &["doctor"]).await);
        assert!(doctor.contains("mails are held"), "{doctor}");

        // A person says yes: what was due before stays where it is, the rest goes out in its time.
        let resumed = kith(&scene.world, database, &["resume"]).await;
        assert!(said(&resumed).contains("Mails leave again"), "{resumed:?}");
        scene.deliver(&app).await;
        assert_eq!(scene.sent().len(), 2);
        let ended = "SELECT kind || ' ' || state || ' ' || reason AS text FROM outbox \
                     WHERE state = 'expired' ORDER BY kind";
        let ended = texts(&beside, ended).await;
        assert_eq!(ended, ["reminder expired restored", "somebody_needed expired restored"]);
        scene.world.clock.set(scene.copied.plus_days(1).plus_minutes(5));
        scene.deliver(&app).await;
        assert_eq!(scene.sent(), ["bea@mail.example", "dan@mail.example", "dan@mail.example"]);
        let doctor = said(&kith(&scene.world, database, &["doctor"]).await);
        assert!(doctor.contains("database       fine"), "{doctor}");
        beside.close().await.unwrap();
    }

    async fn a_restore_that_leaves_out_the_endings_is_found_out(database) {
        let scene = Scene::new(database).await;
        let kept = Kept::of(&scene.world, database).await;
        scene.live_on().await;
        std::fs::remove_file(database.settings().endings.as_ref().unwrap()).unwrap();
        let output = kept.restore(&scene.world, database, &["--endings-lost"]).await;
        assert!(output.status.success(), "{}", said(&output));
        let (store, _) = started(&scene, database).await;
        let expected = [
            "somebody who was taken out",
            "what she could see",
            "what was taken back",
            "a device",
            "a device",
            "a circle",
            "a circle",
            "a key",
            "mails",
            "an address",
            "a text",
            "a promise",
            "a promise for each time",
            "a time",
            "another time",
            "a task that had ended",
            "what a task tells",
            "what mails say",
            "another address",
        ];
        assert_eq!(came_back(&scene, &store).await, expected);
    }

    async fn without_the_file_of_endings_nothing_is_restored_unless_somebody_means_it(database) {
        let scene = Scene::new(database).await;
        let kept = Kept::of(&scene.world, database).await;
        scene.live_on().await;
        let endings = database.settings().endings.clone().unwrap();
        let away = endings.with_extension("away");
        std::fs::rename(&endings, &away).unwrap();
        let output = kept.restore(&scene.world, database, &[]).await;
        assert!(!output.status.success());
        assert!(said(&output).contains("would be back"), "{}", said(&output));
        // Named by hand, it counts, and is kept for the next restore.
        let away = away.display().to_string();
        let output = kept.restore(&scene.world, database, &["--endings", &away]).await;
        assert!(output.status.success(), "{}", said(&output));
        let (store, _) = started(&scene, database).await;
        assert_eq!(came_back(&scene, &store).await, Vec::<&str>::new());
        let kept = kith_store::read_endings(&endings).unwrap();
        assert_eq!(kept.endings, kith_store::read_endings(away.as_ref()).unwrap().endings);
    }
}
