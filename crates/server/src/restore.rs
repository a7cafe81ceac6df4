//! `kith restore`: an old copy is put in place, and nothing that ended since comes back.
//!
//! Everything is done to the copy under another name first: it is looked into, brought up to date,
//! and what ended since ends again. Only then it takes the place of the database, which is kept
//! under another name. A process that dies on the way leaves the old database, or none.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail, ensure};
use kith_app::{Restored, after_restore, check_keys};
use kith_domain::{Clock as _, Timestamp};
use kith_store::{EndingsRead, Store, add_endings, look_into_copy, read_endings};
use kith_vault::{KeyFile, content_hash};

use crate::backup::sync_folder;
use crate::cli::RestoreArgs;
use crate::clock::SystemClock;
use crate::config::{Config, Database, DatabaseUrl, with_suffix};
use crate::data_lock::DataLock;
use crate::manifest::{Manifest, manifest_of};
use crate::{parts, say};

/// Seconds since which nothing may have worked on a PostgreSQL database.
const SILENT: i64 = 60;

/// Puts a copy in place, or deals with one that the operator has put in place.
pub(crate) async fn run(config: &Config, args: &RestoreArgs) -> anyhow::Result<()> {
    let mut endings = endings(config, args)?;
    let (restored, kept) = match (&args.file, &config.database.url) {
        (Some(_), DatabaseUrl::Postgres { .. }) => bail!(
            "PostgreSQL is loaded by its own tools, such as `pg_restore`; after that run `kith \
             restore --already-loaded`"
        ),
        (Some(copy), DatabaseUrl::Sqlite(database)) => {
            let _lock = DataLock::take(database)?;
            last_endings(config, args, database, &mut endings).await?;
            let staged = with_suffix(database, ".restoring");
            clear(&staged)?;
            let done = stage(config, copy, &staged, database, &endings).await;
            match done {
                Ok(restored) => (restored, put_in_place(&staged, database)?),
                Err(error) => {
                    // Of no use to anybody.
                    drop(clear(&staged));
                    return Err(error);
                }
            }
        }
        (None, url) => {
            let _lock = match url {
                DatabaseUrl::Sqlite(database) => Some(DataLock::take(database)?),
                DatabaseUrl::Postgres { .. } => None,
            };
            (already_loaded(config, &endings).await?, None)
        }
    };
    keep_endings(config, args, &endings)?;
    report(&restored, &endings, kept.as_deref());
    Ok(())
}

/// What ended, by the file of endings.
fn endings(config: &Config, args: &RestoreArgs) -> anyhow::Result<EndingsRead> {
    if args.without_endings {
        return Ok(EndingsRead::default());
    }
    let Some(file) = args.endings.as_ref().or(config.database.endings.as_ref()) else {
        bail!(
            "no file of endings is kept (`database.endings_file`), so whoever was taken out since \
             the copy was made would be back; --without-endings says that this is meant"
        );
    };
    read_endings(file).with_context(|| {
        format!(
            "the file of endings, {}, cannot be read; name another by --endings. Without it whoever \
             was taken out since the copy was made would be back; --without-endings says that this \
             is meant",
            file.display()
        )
    })
}

/// A process that died may have left endings in the database that is replaced now, and not in the
/// file. A database that cannot be read is why somebody restores.
async fn last_endings(
    config: &Config,
    args: &RestoreArgs,
    database: &Path,
    endings: &mut EndingsRead,
) -> anyhow::Result<()> {
    let Some(file) = config.database.endings.as_ref().filter(|_| !args.without_endings) else {
        return Ok(());
    };
    if !database.exists() {
        return Ok(());
    }
    let Ok(store) = parts::store(&config.database, Arc::new(SystemClock)).await else {
        return Ok(());
    };
    let written = store.write_endings().await.unwrap_or_default();
    drop(store.close().await);
    if written > 0 {
        let own =
            read_endings(file).with_context(|| format!("{} cannot be read", file.display()))?;
        endings.endings.extend(own.endings);
    }
    Ok(())
}

/// What another file of endings says is added to the own one: the next restore needs it too.
fn keep_endings(config: &Config, args: &RestoreArgs, endings: &EndingsRead) -> anyhow::Result<()> {
    let (Some(other), Some(own)) = (&args.endings, &config.database.endings) else { return Ok(()) };
    let same =
        fs::canonicalize(own).is_ok_and(|own| fs::canonicalize(other).is_ok_and(|o| o == own));
    if same || endings.endings.is_empty() {
        return Ok(());
    }
    add_endings(own, &endings.endings)
        .with_context(|| format!("{} cannot be written", own.display()))
}

/// Copies, looks, and does what a restore has to do, to a file that nobody uses yet.
async fn stage(
    config: &Config,
    copy: &Path,
    staged: &Path,
    database: &Path,
    endings: &EndingsRead,
) -> anyhow::Result<Restored> {
    let beside = manifest_of(copy);
    let text = fs::read_to_string(&beside)
        .with_context(|| format!("{} must be beside the copy", beside.display()))?;
    let manifest = Manifest::parse(&text)
        .with_context(|| format!("{} is damaged, or no work of kith", beside.display()))?;
    let key = KeyFile::read(&config.keys.file)
        .with_context(|| format!("`keys.file` names {}", config.keys.file.display()))?;
    ensure!(
        key.id() == manifest.key,
        "the copy was made with the key {:08x}, and {} is the key {:08x}: nothing sealed would open",
        manifest.key,
        config.keys.file.display(),
        key.id()
    );
    bring(copy, staged).with_context(|| format!("{} cannot be copied", copy.display()))?;
    let brought = File::open(staged).context("what was copied cannot be read")?;
    let bytes = brought.metadata().context("what was copied cannot be read")?.len();
    ensure!(
        bytes == manifest.bytes,
        "the copy has {bytes} bytes and should have {}: it is cut off or another",
        manifest.bytes
    );
    let sha256 = content_hash(brought).context("what was copied cannot be read")?;
    ensure!(
        sha256 == manifest.sha256,
        "the copy is not what its manifest says: it is damaged or another"
    );
    let contents = look_into_copy(staged).await.context("the copy cannot be used")?;
    ensure!(
        contents.organisations.iter().copied().collect::<std::collections::BTreeSet<_>>()
            == manifest.organisations,
        "the copy is of other organisations than its manifest says"
    );
    of_the_same(&manifest, database).await?;
    let there = Database {
        url: DatabaseUrl::Sqlite(staged.to_owned()),
        // What ends again has been written down.
        endings: None,
        ..config.database.clone()
    };
    let store = parts::store(&there, Arc::new(SystemClock)).await?;
    let restored = second_half(config, &store, endings).await?;
    store.close().await.context("the copy cannot be finished")?;
    Ok(restored)
}

/// The database that is there now, if it can be read, is of the same organisations. It may have some
/// that came later.
async fn of_the_same(manifest: &Manifest, database: &Path) -> anyhow::Result<()> {
    if !database.exists() {
        return Ok(());
    }
    // A database that cannot be read is why somebody restores.
    let Ok(present) = look_into_copy(database).await else { return Ok(()) };
    let present = present.organisations;
    ensure!(
        present.is_empty() || manifest.organisations.iter().all(|one| present.contains(one)),
        "the copy is of another organisation than {}; for another kith give it a `database.url` of \
         its own",
        database.display()
    );
    Ok(())
}

async fn already_loaded(config: &Config, endings: &EndingsRead) -> anyhow::Result<Restored> {
    let database = Database { endings: None, ..config.database.clone() };
    let store = parts::store(&database, Arc::new(SystemClock)).await?;
    if let Ok(Some(last)) = store.last_heartbeat().await {
        let ago = SystemClock.now().seconds_since(last);
        ensure!(
            store.is_embedded() || ago > SILENT,
            "a kith worked on this database {ago} seconds ago; stop all of them and wait a minute"
        );
    }
    second_half(config, &store, endings).await
}

async fn second_half(
    config: &Config,
    store: &Store,
    endings: &EndingsRead,
) -> anyhow::Result<Restored> {
    store.migrate().await.context("the copy cannot be brought up to date")?;
    let vault = parts::vault(&config.keys.file)?;
    check_keys(store, &vault).await.map_err(|error| {
        anyhow::anyhow!("the key file does not belong to this copy, nothing in it opens: {error}")
    })?;
    after_restore(store, &endings.endings, SystemClock.now())
        .await
        .map_err(|error| anyhow::anyhow!("what ended since cannot be done again: {error}"))
}

/// Copies a file into one that only its owner can read, and returns when the disk has it.
fn bring(copy: &Path, staged: &Path) -> io::Result<()> {
    let mut from = File::open(copy)?;
    let mut to = OpenOptions::new().write(true).create_new(true).mode(0o600).open(staged)?;
    io::copy(&mut from, &mut to)?;
    to.sync_all()
}

/// Takes away what an earlier try left.
fn clear(staged: &Path) -> anyhow::Result<()> {
    for file in parts_of(staged) {
        match fs::remove_file(&file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("{} is in the way", file.display()));
            }
            _ => {}
        }
    }
    Ok(())
}

/// A database and what SQLite keeps beside it. The file itself comes first: without it nobody takes
/// the rest for anything.
fn parts_of(database: &Path) -> [PathBuf; 3] {
    ["", "-wal", "-shm"].map(|suffix| with_suffix(database, suffix))
}

/// Puts the finished copy where the database is. Says where that is kept now.
fn put_in_place(staged: &Path, database: &Path) -> anyhow::Result<Option<PathBuf>> {
    let at = SystemClock.now().to_jiff().strftime("%Y%m%dT%H%M%SZ");
    let aside = with_suffix(database, &format!(".before-{at}"));
    let kept = database.exists();
    for (from, to) in parts_of(database).iter().zip(parts_of(&aside)) {
        if from.exists() {
            fs::rename(from, &to)
                .with_context(|| format!("{} cannot be renamed", from.display()))?;
        }
    }
    fs::rename(staged, database).with_context(|| {
        format!("{} cannot be put in place; run the command again", staged.display())
    })?;
    sync_folder(database)?;
    Ok(kept.then_some(aside))
}

fn report(restored: &Restored, endings: &EndingsRead, kept: Option<&Path>) {
    let Restored { copied_at, handed_out, ended_again } = restored;
    if *copied_at > Timestamp::from_second(0) {
        say::line(format_args!("Restored as it was at {copied_at}."));
    } else {
        say::line("Restored.");
    }
    if let Some(kept) = kept {
        say::line(format_args!("The database that was here is in {}.", kept.display()));
    }
    say::line(format_args!("Signed out: {}.", handed_out.sessions));
    say::line(format_args!(
        "Codes, invitations, links and calendars ended: {}.",
        handed_out.ways_in
    ));
    say::line(format_args!("Ended again what had ended since: {ended_again}."));
    if endings.unreadable > 0 {
        say::line(format_args!(
            "Lines of the file of endings that make no sense: {}. Look at them.",
            endings.unreadable
        ));
    }
    say::line(format_args!("Mails that were due and may have been sent: {}.", handed_out.mails));
    say::line("\nWhat people wrote since then is gone; tell them. No mail is sent for now.");
    say::line(
        "Next: `kith doctor`, then `kith serve`, and when all is as it should be `kith resume`.",
    );
}
