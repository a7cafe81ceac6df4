//! The file of endings, as commands use it: begun, looked at, and read for a restore.

use std::io;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, bail, ensure};
use kith_domain::Clock as _;
use kith_store::{EndingsRead, Mark, Marking, Store, StoreError, add_endings, read_endings};

use crate::cli::RestoreArgs;
use crate::clock::SystemClock;
use crate::config::{Config, Database};
use crate::parts;

/// Makes sure that the file is there, can be written, and is the one of this database. One that
/// cannot be written is noticed before something ends. `false` when it does not know the database:
/// it has been lost, or is another's; then it gets no mark, and a restore finds that out.
pub(crate) async fn begin(database: &Database, marking: Marking) -> anyhow::Result<bool> {
    let Some(file) = &database.endings else { return Ok(true) };
    let store = parts::store(database, Arc::new(SystemClock)).await?;
    match store.mark_endings(marking).await {
        Ok(()) => Ok(true),
        Err(StoreError::EndingsUnknown) => Ok(false),
        Err(error) => Err(error).with_context(|| {
            format!("`database.endings_file` is {}, which cannot be written", file.display())
        }),
    }
}

/// What to do about a file that does not know its database.
pub(crate) fn lost(file: &Path) -> String {
    format!(
        "`database.endings_file` is {}, which was not kept with this database: it has been lost or \
         replaced, or is another's. Add the newest copy of the right one to it, line by line in any \
         order. If there is none, `kith migrate --endings-lost` begins it again; copies of the \
         database from before then bring back whoever was taken out since",
        file.display()
    )
}

/// For `kith doctor`: how many endings there are.
pub(crate) async fn look(database: &Database) -> anyhow::Result<String> {
    let file = database.endings.as_ref().context(
        "no file is kept of what ends, so a restore would bring back whoever was taken out; set \
         `database.endings_file` to one that all processes share",
    )?;
    let store = parts::store(database, Arc::new(SystemClock)).await?;
    let marks = store.endings_marks().await.context("the database cannot be read")?;
    let read = match read_endings(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound && marks.is_empty() => bail!(
            "`database.endings_file` is {}, which is not there yet; run `kith migrate`",
            file.display()
        ),
        Err(error) if error.kind() == io::ErrorKind::NotFound => EndingsRead::default(),
        read => read.with_context(|| {
            format!("`database.endings_file` is {}, which cannot be read", file.display())
        })?,
    };
    ensure!(marks.is_empty() || read.knows(&marks), "{}", lost(file));
    let endings = match read.endings.len() {
        1 => "1 ending".to_owned(),
        several => format!("{several} endings"),
    };
    Ok(format!("{}, {endings}; keep a copy elsewhere", file.display()))
}

/// What ended, by the own file of endings and the one that is named: what one does not know the other
/// may.
pub(crate) fn for_restore(config: &Config, args: &RestoreArgs) -> anyhow::Result<EndingsRead> {
    let mut read = EndingsRead::default();
    let mut found = args.endings_lost;
    if let Some(file) = &args.endings {
        let named = read_endings(file)
            .with_context(|| format!("`--endings` is {}, which cannot be read", file.display()))?;
        read.join(named);
        found = true;
    }
    if let Some(file) = &config.database.endings {
        match read_endings(file) {
            Ok(own) => {
                read.join(own);
                found = true;
            }
            // A new machine has none yet.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => {
                return Err(error).with_context(|| format!("{} cannot be read", file.display()));
            }
        }
        ensure!(
            found,
            "there is no file of endings, {}; name its newest copy by --endings. Without it whoever was \
             taken out since the copy was made would be back; --endings-lost says that this is meant",
            file.display()
        );
    }
    ensure!(
        found,
        "no file of endings is kept (`database.endings_file`), so whoever was taken out since the \
         copy was made would be back; --endings-lost says that this is meant"
    );
    Ok(read)
}

/// Refuses a copy of which the file of endings says nothing, unless that is meant.
pub(crate) async fn know(
    store: &Store,
    endings: &EndingsRead,
    args: &RestoreArgs,
) -> anyhow::Result<()> {
    let marks = store.endings_marks().await.context("the copy cannot be read")?;
    if args.endings_lost || endings.knows(&marks) {
        return Ok(());
    }
    ensure!(
        !marks.is_empty(),
        "no file of endings was kept when the copy was made, so whoever was taken out since may be \
         back; --endings-lost says that this is meant, and does what the file says"
    );
    bail!(
        "the file of endings was not kept when the copy was made: it is older, was begun later, or is \
         another's. Whoever was taken out since may be back. Name the newest copy of the right one by \
         --endings. If there is none, --endings-lost does what this one says and leaves the rest"
    )
}

/// Keeps in the own file what was read, with a new mark of the copy that is put in place: the next
/// restore needs it too.
pub(crate) async fn keep(
    database: &Database,
    store: &Store,
    endings: &EndingsRead,
) -> anyhow::Result<()> {
    let Some(own) = &database.endings else { return Ok(()) };
    let mark = Mark { id: parts::ids().next(), at: SystemClock.now() };
    add_endings(own, endings, Some(mark))
        .with_context(|| format!("{} cannot be written", own.display()))?;
    store.put_endings_mark(mark).await.context("the copy cannot be written")
}
