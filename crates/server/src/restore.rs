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
use kith_domain::Clock as _;
use kith_store::{EndingsRead, Store, look_into_copy};
use kith_vault::{KeyFile, content_hash};

use crate::backup::sync_folder;
use crate::cli::RestoreArgs;
use crate::clock::SystemClock;
use crate::config::{Config, Database, DatabaseUrl, with_suffix};
use crate::data_lock::DataLock;
use crate::manifest::{Manifest, manifest_of};
use crate::{endings, parts, say};

/// Seconds since which nothing may have worked on a PostgreSQL database.
const SILENT: i64 = 60;

/// Puts a copy in place, or deals with one that the operator has put in place.
pub(crate) async fn run(config: &Config, args: &RestoreArgs) -> anyhow::Result<()> {
    // First of all, so that nothing ends any more that is not seen here.
    let _lock = match &config.database.url {
        DatabaseUrl::Sqlite(database) => Some(DataLock::take(database)?),
        DatabaseUrl::Postgres { .. } => None,
    };
    match (&args.file, &config.database.url) {
        (Some(_), DatabaseUrl::Postgres { .. }) => bail!(
            "PostgreSQL is loaded by its own tools, such as `pg_restore`; after that run `kith \
             restore --already-loaded`"
        ),
        (Some(copy), DatabaseUrl::Sqlite(database)) => {
            let mut endings = endings::for_restore(config, args)?;
            let unread = last_endings(config, database, &mut endings).await;
            let staged = with_suffix(database, ".restoring");
            clear(&staged)?;
            let done = stage(config, args, copy, &staged, database, &endings).await;
            let (at, restored) = done.inspect_err(|_| {
                // Of no use to anybody.
                drop(clear(&staged));
            })?;
            let kept = put_in_place(&staged, database)?;
            say::line(format_args!("Restored as it was at {at}."));
            if let Some(kept) = kept {
                say::line(format_args!("The database that was here is in {}.", kept.display()));
            }
            if unread {
                say::line(
                    "It could not be read; what it had not yet written of endings is not known.",
                );
            }
            report(&restored, &endings);
        }
        (None, _) => {
            let endings = endings::for_restore(config, args)?;
            let restored = already_loaded(config, args, &endings).await?;
            say::line("Restored.");
            report(&restored, &endings);
        }
    }
    Ok(())
}

/// A process that died may have left endings in the database that is replaced now, and not in the
/// file. `true` for a database that cannot be read, which may be why somebody restores.
async fn last_endings(config: &Config, database: &Path, endings: &mut EndingsRead) -> bool {
    if !database.exists() {
        return false;
    }
    let there = Database { endings: None, ..config.database.clone() };
    let read = async {
        let store = parts::store(&there, Arc::new(SystemClock)).await?;
        let unwritten = store.unwritten_endings().await;
        drop(store.close().await);
        anyhow::Ok(unwritten?)
    };
    let unwritten = read.await;
    let unread = unwritten.is_err();
    endings.endings.extend(unwritten.unwrap_or_default());
    unread
}

/// Copies, looks, and does what a restore has to do, to a file that nobody uses yet.
async fn stage(
    config: &Config,
    args: &RestoreArgs,
    copy: &Path,
    staged: &Path,
    database: &Path,
    endings: &EndingsRead,
) -> anyhow::Result<(jiff::Timestamp, Restored)> {
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
    let restored = second_half(config, args, &store, endings).await?;
    store.close().await.context("the copy cannot be finished")?;
    Ok((manifest.at, restored))
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

async fn already_loaded(
    config: &Config,
    args: &RestoreArgs,
    endings: &EndingsRead,
) -> anyhow::Result<Restored> {
    let database = Database { endings: None, ..config.database.clone() };
    let store = parts::store(&database, Arc::new(SystemClock)).await?;
    if let Ok(Some(last)) = store.last_heartbeat().await {
        let ago = SystemClock.now().seconds_since(last);
        ensure!(
            store.is_embedded() || ago > SILENT,
            "a kith worked on this database {ago} seconds ago; stop all of them and wait a minute"
        );
    }
    second_half(config, args, &store, endings).await
}

async fn second_half(
    config: &Config,
    args: &RestoreArgs,
    store: &Store,
    endings: &EndingsRead,
) -> anyhow::Result<Restored> {
    store.migrate().await.context("the copy cannot be brought up to date")?;
    endings::know(store, endings, args).await?;
    let vault = parts::vault(&config.keys.file)?;
    check_keys(store, &vault).await.map_err(|error| {
        anyhow::anyhow!("the key file does not belong to this copy, nothing in it opens: {error}")
    })?;
    let restored = after_restore(store, &endings.endings, SystemClock.now())
        .await
        .map_err(|error| anyhow::anyhow!("what ended since cannot be done again: {error}"))?;
    endings::keep(&config.database, store, endings).await?;
    Ok(restored)
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

fn report(restored: &Restored, endings: &EndingsRead) {
    let Restored { handed_out, ended_again } = restored;
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
