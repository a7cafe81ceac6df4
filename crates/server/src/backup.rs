//! `kith backup`: a copy that can be put in place again, made while others work.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use kith_domain::Clock as _;
use kith_store::{Marking, look_into_copy};
use kith_vault::{KeyFile, content_hash};

use crate::clock::SystemClock;
use crate::config::{Config, DatabaseUrl, with_suffix};
use crate::manifest::{Manifest, manifest_of};
use crate::{endings, parts, say};

/// Writes a copy to `file`, and what is known of it beside it. Never replaces anything.
pub(crate) async fn run(config: &Config, file: &Path) -> anyhow::Result<()> {
    if let DatabaseUrl::Postgres { .. } = config.database.url {
        bail!(
            "PostgreSQL is copied by its own tools, such as `pg_dump`; after `pg_restore` run `kith \
             restore --already-loaded`, and keep a copy of `database.endings_file` with each dump"
        );
    }
    let beside = manifest_of(file);
    for there in [file, &beside] {
        if there.exists() {
            bail!("{} is there already; give each copy a name of its own", there.display());
        }
    }
    let unfinished = with_suffix(file, ".unfinished");
    let made = make(config, &unfinished).await;
    let put = made.and_then(|(manifest, marked)| {
        put(&with_suffix(&beside, ".unfinished"), &beside, &manifest.to_text())?;
        fs::rename(&unfinished, file)
            .with_context(|| format!("{} cannot be written", file.display()))?;
        sync_folder(file)?;
        Ok((manifest, marked))
    });
    match put {
        Ok((manifest, marked)) => {
            let mib = manifest.bytes.div_ceil(1024 * 1024);
            say::line(format_args!("Copied to {} ({mib} MiB).", file.display()));
            say::line(format_args!("Keep {} with it.", beside.display()));
            if let Some(file) = &config.database.endings {
                if !marked {
                    // A copy is better than none.
                    say::problem(format_args!("kith: {}", endings::lost(file)));
                }
                say::line(format_args!(
                    "Copy {} away as well, and often: what ends from now on is only in there.",
                    file.display()
                ));
            }
            Ok(())
        }
        Err(error) => {
            // What is left of it would only be in the way of the next.
            drop(fs::remove_file(&unfinished));
            Err(error)
        }
    }
}

/// Says too whether the file of endings will know the copy.
async fn make(config: &Config, unfinished: &Path) -> anyhow::Result<(Manifest, bool)> {
    let key = KeyFile::read(&config.keys.file)
        .with_context(|| format!("`keys.file` names {}", config.keys.file.display()))?;
    let cannot = || format!("{} cannot be written", unfinished.display());
    // Empty and private first: the database library would make it readable for others.
    let open =
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(unfinished);
    open.with_context(cannot)?;
    let at = SystemClock.now();
    let store = parts::store(&config.database, Arc::new(SystemClock)).await?;
    // First, so that only a file that was kept until now or later is taken for the copy's.
    let marked = endings::begin(&config.database, Marking::Now).await?;
    let copied = store.copy_into(unfinished).await;
    drop(store);
    copied.with_context(cannot)?;
    let contents =
        look_into_copy(unfinished).await.context("the copy came out wrong; keep an older one")?;
    let copy = File::open(unfinished).with_context(cannot)?;
    copy.sync_all().with_context(cannot)?;
    let manifest = Manifest {
        at: at.to_jiff(),
        key: key.id(),
        schema: contents.schema,
        organisations: contents.organisations.into_iter().collect(),
        bytes: copy.metadata().with_context(cannot)?.len(),
        sha256: content_hash(copy).with_context(cannot)?,
    };
    Ok((manifest, marked))
}

/// Writes a small file so that it is whole or not there.
fn put(unfinished: &Path, file: &Path, text: &str) -> anyhow::Result<()> {
    use std::io::Write as _;
    let write = || {
        let mut options = OpenOptions::new();
        let mut out =
            options.write(true).create(true).truncate(true).mode(0o600).open(unfinished)?;
        out.write_all(text.as_bytes())?;
        out.sync_all()?;
        fs::rename(unfinished, file)
    };
    write().with_context(|| format!("{} cannot be written", file.display()))
}

/// Names are in the folder, which has to reach the disk too.
pub(crate) fn sync_folder(file: &Path) -> anyhow::Result<()> {
    let folder = match file.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .with_context(|| format!("{} cannot be synced", folder.display()))
}
