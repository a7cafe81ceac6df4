//! Copies that are not what they were, or somebody else's: each is refused with its reason, and the
//! database stays as it is.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use kith_tests::TestDatabase;
use kith_vault::{KeyFile, content_hash};

use crate::kept::{Kept, differences, file_of, kith, kith_with, rows, run, said};
use crate::scene::Scene;

/// The copy `number` in `folder`, as `spoil` leaves its bytes and those of its manifest.
fn spoilt(
    kept: &Kept,
    folder: &Path,
    number: usize,
    spoil: impl FnOnce(&mut Vec<u8>, &mut Vec<u8>),
) -> PathBuf {
    let file = folder.join(format!("{number}.db"));
    let beside = folder.join(format!("{number}.db.manifest"));
    let mut bytes = std::fs::read(kept.file()).unwrap();
    let mut manifest = std::fs::read(kept.file().with_extension("db.manifest")).unwrap();
    spoil(&mut bytes, &mut manifest);
    std::fs::write(&file, bytes).unwrap();
    std::fs::write(beside, manifest).unwrap();
    file
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_wrong_copies_are_refused_with_a_reason() {
    let database = TestDatabase::sqlite().await;
    let scene = Scene::new(&database).await;
    let kept = Kept::of(&scene.world, &database).await;
    scene.live_on().await;
    let folder = tempfile::tempdir().unwrap();
    let length = std::fs::metadata(kept.file()).unwrap().len();
    let length = usize::try_from(length).unwrap();
    let mut wrong: Vec<(PathBuf, &str)> = Vec::new();
    for cut in [0, 1, 100, length / 2, length - 4096, length - 1] {
        let number = wrong.len();
        wrong.push((spoilt(&kept, folder.path(), number, |copy, _| copy.truncate(cut)), "cut off"));
    }
    for at in [0, 18, 100, 4096, length / 3, length / 2, length - 4096, length - 1] {
        let number = wrong.len();
        wrong.push((spoilt(&kept, folder.path(), number, |copy, _| copy[at] ^= 1), "damaged"));
    }
    for at in [0, 20, 60, 200] {
        let number = wrong.len();
        let flip = |_: &mut Vec<u8>, manifest: &mut Vec<u8>| manifest[at] ^= 1;
        wrong.push((spoilt(&kept, folder.path(), number, flip), "manifest is damaged"));
    }
    let number = wrong.len();
    let cut = |_: &mut Vec<u8>, manifest: &mut Vec<u8>| manifest.truncate(100);
    wrong.push((spoilt(&kept, folder.path(), number, cut), "manifest is damaged"));
    let alone = spoilt(&kept, folder.path(), number + 1, |_, _| {});
    std::fs::remove_file(alone.with_extension("db.manifest")).unwrap();
    wrong.push((alone, "must be beside the copy"));
    assert_eq!(wrong.len(), 20);

    let beside = database.connect().await;
    let before = rows(&beside, false).await;
    let refuse = async |file: &Path, key: &Path, reason: &str| {
        let file = file.display().to_string();
        let output = kith_with(key, &database, &["restore", &file]).await;
        assert!(!output.status.success(), "{file} was put in place");
        assert!(said(&output).contains(reason), "{file}: {}", said(&output));
        let there = rows(&database.connect().await, false).await;
        assert_eq!(differences(&before, &there), BTreeMap::new(), "{file} changed something");
    };
    let key = scene.world.key_file();
    for (file, reason) in &wrong {
        refuse(file, &key, reason).await;
    }

    // Another key than the one that the copy was made with.
    let other_key = folder.path().join("other.key");
    KeyFile::create(&other_key).unwrap();
    refuse(&kept.file(), &other_key, "was made with the key").await;

    // Another hospice's, with its own key, and its copy under our manifest.
    let other_database = TestDatabase::sqlite().await;
    let other = Scene::new(&other_database).await;
    let other_kept = Kept::of(&other.world, &other_database).await;
    refuse(&other_kept.file(), &other.world.key_file(), "of another organisation").await;
    let theirs = std::fs::read(other_kept.file()).unwrap();
    let swapped = spoilt(&kept, folder.path(), 99, |copy, _| *copy = theirs);
    refuse(&swapped, &key, "another").await;

    // What is whole is taken, and nothing is left of what was tried.
    let output = kept.restore(&scene.world, &database, &[]).await;
    assert!(output.status.success(), "{}", said(&output));
    let left: Vec<String> = std::fs::read_dir(file_of(&database).parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name.contains("restoring"))
        .collect();
    assert_eq!(left, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_restored_or_replaced_under_somebody() {
    let database = TestDatabase::sqlite().await;
    let scene = Scene::new(&database).await;
    let kept = Kept::of(&scene.world, &database).await;
    // A copy never replaces another.
    let file = kept.file().display().to_string();
    let again = kith(&scene.world, &database, &["backup", &file]).await;
    assert!(!again.status.success() && said(&again).contains("is there already"), "{again:?}");
    // As a serving process holds it.
    let lock = std::fs::File::create(file_of(&database).with_file_name("kith.lock")).unwrap();
    lock.lock().unwrap();
    scene.live_on().await;
    let held = kept.restore(&scene.world, &database, &[]).await;
    assert!(!held.status.success() && said(&held).contains("another kith works"), "{held:?}");
    drop(lock);
    let output = kept.restore(&scene.world, &database, &[]).await;
    assert!(output.status.success(), "{}", said(&output));
    // The database that was there is kept.
    let kept_aside = std::fs::read_dir(file_of(&database).parent().unwrap())
        .unwrap()
        .filter(|entry| {
            let name = entry.as_ref().unwrap().file_name();
            name.to_string_lossy().starts_with("kith.db.before-")
        })
        .count();
    assert!(kept_aside >= 1);
}

/// A copy that is what its manifest says, after `work` on it: as if that had been copied.
async fn resealed(
    kept: &Kept,
    folder: &Path,
    name: &str,
    work: impl AsyncFnOnce(&Path),
) -> PathBuf {
    let file = folder.join(format!("{name}.db"));
    std::fs::copy(kept.file(), &file).unwrap();
    work(&file).await;
    let bytes = std::fs::read(&file).unwrap();
    let manifest = std::fs::read_to_string(kept.file().with_extension("db.manifest")).unwrap();
    let mut text = String::new();
    for line in manifest.lines() {
        let (name, rest) = line.split_once(' ').unwrap();
        let rest = match name {
            "bytes" => bytes.len().to_string(),
            "sha256" => content_hash(&*bytes).unwrap(),
            "whole" => content_hash(text.as_bytes()).unwrap(),
            _ => rest.to_owned(),
        };
        text.extend([name, " ", &rest, "\n"]);
    }
    std::fs::write(file.with_extension("db.manifest"), text).unwrap();
    file
}

async fn changed(file: &Path, statement: &str) {
    let copy = sea_orm::Database::connect(format!("sqlite://{}", file.display())).await.unwrap();
    run(&copy, statement).await;
    copy.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_passes_the_checksum_is_looked_into() {
    let database = TestDatabase::sqlite().await;
    let scene = Scene::new(&database).await;
    let kept = Kept::of(&scene.world, &database).await;
    scene.live_on().await;
    let folder = tempfile::tempdir().unwrap();
    let beside = database.connect().await;
    let before = rows(&beside, false).await;
    let cases = [
        ("dangling", "PRAGMA foreign_keys = OFF; DELETE FROM person", "that are not there"),
        ("not_ours", "DROP TABLE seaql_migrations", "not a database of kith"),
        (
            "newer",
            "INSERT INTO seaql_migrations VALUES ('m20990101_000001_later', 0)",
            "m20990101_000001_later",
        ),
        (
            "others",
            "INSERT INTO organisation (id, name, host, phone, zone, named_in_mail, created_at) \
             SELECT randomblob(16), name, 'other.example', phone, zone, named_in_mail, created_at \
             FROM organisation",
            "of other organisations",
        ),
    ];
    for (name, statement, reason) in cases {
        let work = async |file: &Path| changed(file, statement).await;
        let file = resealed(&kept, folder.path(), name, work).await;
        let file = file.display().to_string();
        let output = kith(&scene.world, &database, &["restore", &file]).await;
        assert!(!output.status.success(), "{name} was put in place");
        assert!(said(&output).contains(reason), "{name}: {}", said(&output));
        let there = rows(&database.connect().await, false).await;
        assert_eq!(differences(&before, &there), BTreeMap::new(), "{name} changed something");
    }
    // A row that is not what its index says, and a page that is none.
    let row = resealed(&kept, folder.path(), "row", async |file| {
        let mut bytes = std::fs::read(file).unwrap();
        let word = b"somebody_needed";
        let at = bytes.windows(word.len()).position(|here| here == word).unwrap();
        bytes[at] = b'S';
        std::fs::write(file, bytes).unwrap();
    });
    let row = row.await.display().to_string();
    let output = kith(&scene.world, &database, &["restore", &row]).await;
    assert!(!output.status.success() && said(&output).contains("it is damaged"), "{output:?}");
    let page = resealed(&kept, folder.path(), "page", async |file| {
        let mut bytes = std::fs::read(file).unwrap();
        bytes[4096 * 3..4096 * 4].fill(0xAA);
        std::fs::write(file, bytes).unwrap();
    });
    let page = page.await.display().to_string();
    let output = kith(&scene.world, &database, &["restore", &page]).await;
    assert!(!output.status.success() && said(&output).contains("cannot be used"), "{output:?}");
    // Nothing but what was done to them is why.
    let whole = resealed(&kept, folder.path(), "whole", async |_| {}).await.display().to_string();
    let output = kith(&scene.world, &database, &["restore", &whole]).await;
    assert!(output.status.success(), "{}", said(&output));
}
