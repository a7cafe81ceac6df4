//! Copies of all rows, and what differs between two of them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Output;

use kith_tests::{TestDatabase, World, program};
use sea_orm::{ConnectionTrait as _, DatabaseConnection, Statement};
use tempfile::TempDir;
use tokio::process::Command;

/// Every row of every table, as text.
pub(crate) type Rows = BTreeMap<String, BTreeSet<String>>;

/// A copy of a database, made as its kind is copied.
#[derive(Debug)]
pub(crate) struct Kept {
    folder: TempDir,
    /// What is in it.
    pub(crate) rows: Rows,
}

impl Kept {
    /// Where the copy is, of an SQLite database.
    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join("copy.db")
    }

    /// By `kith backup`; of PostgreSQL, whose tools are its own, row by row.
    pub(crate) async fn of(world: &World, database: &TestDatabase) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let beside = database.connect().await;
        if database.is_postgres() {
            // As whoever runs it has done.
            let said = kith(world, database, &["migrate"]).await;
            assert!(said.status.success(), "{said:?}");
            run(&beside, "CREATE SCHEMA kept").await;
            for table in tables(&beside, true).await {
                run(&beside, &format!("CREATE TABLE kept.{table} AS TABLE {table}")).await;
            }
        } else {
            let file = folder.path().join("copy.db");
            let said = kith(world, database, &["backup", &file.display().to_string()]).await;
            assert!(said.status.success(), "{said:?}");
        }
        let rows = rows(&beside, database.is_postgres()).await;
        Self { folder, rows }
    }

    /// Puts it in place by the tools of the database, and does nothing else.
    pub(crate) async fn load(&self, database: &TestDatabase) {
        if database.is_postgres() {
            let beside = database.connect().await;
            run(&beside, "SET session_replication_role = replica").await;
            for table in tables(&beside, true).await {
                run(&beside, &format!("DELETE FROM public.{table}")).await;
                run(&beside, &format!("INSERT INTO public.{table} TABLE kept.{table}")).await;
            }
            beside.close().await.unwrap();
        } else {
            let file = file_of(database);
            let brought = file.with_extension("brought");
            std::fs::copy(self.file(), &brought).unwrap();
            for beside in ["db-wal", "db-shm"] {
                drop(std::fs::remove_file(file.with_extension(beside)));
            }
            std::fs::rename(brought, file).unwrap();
        }
    }

    /// Puts it in place and does the rest, with these flags beside.
    pub(crate) async fn restore(
        &self,
        world: &World,
        database: &TestDatabase,
        flags: &[&str],
    ) -> Output {
        let file = self.file().display().to_string();
        let mut words = vec!["restore"];
        if database.is_postgres() {
            self.load(database).await;
            words.push("--already-loaded");
        } else {
            words.push(&file);
        }
        words.extend(flags);
        kith(world, database, &words).await
    }
}

/// Of each table how many rows are gone from `before`, and how many are new in `after`; a changed row is both.
pub(crate) fn differences(before: &Rows, after: &Rows) -> BTreeMap<String, (usize, usize)> {
    let none = BTreeSet::new();
    let tables: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    tables
        .into_iter()
        .map(|table| {
            let (was, is) = (before.get(table).unwrap_or(&none), after.get(table).unwrap_or(&none));
            (table.clone(), (was.difference(is).count(), is.difference(was).count()))
        })
        .filter(|(_, changed)| *changed != (0, 0))
        .collect()
}

/// Every row there is.
pub(crate) async fn rows(connection: &DatabaseConnection, postgres: bool) -> Rows {
    let mut all = Rows::new();
    for table in tables(connection, postgres).await {
        let what = if postgres {
            "row_to_json(t)::text".to_owned()
        } else {
            let columns = texts(
                connection,
                &format!("SELECT name AS text FROM pragma_table_info('{table}')"),
            )
            .await;
            let quoted: Vec<String> =
                columns.iter().map(|column| format!("quote(\"{column}\")")).collect();
            quoted.join(" || ',' || ")
        };
        let sql = format!("SELECT {what} AS text FROM {table} t");
        all.insert(table, texts(connection, &sql).await.into_iter().collect());
    }
    all
}

async fn tables(connection: &DatabaseConnection, postgres: bool) -> Vec<String> {
    let sql = if postgres {
        "SELECT tablename::text AS text FROM pg_tables WHERE schemaname = 'public'"
    } else {
        "SELECT name AS text FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    };
    texts(connection, sql).await
}

/// The column `text` of a query.
pub(crate) async fn texts(connection: &DatabaseConnection, sql: &str) -> Vec<String> {
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let rows = connection.query_all_raw(statement).await.unwrap();
    rows.iter().map(|row| row.try_get("", "text").unwrap()).collect()
}

pub(crate) async fn run(connection: &DatabaseConnection, sql: &str) {
    connection.execute_unprepared(sql).await.unwrap();
}

/// The file of an SQLite database.
pub(crate) fn file_of(database: &TestDatabase) -> PathBuf {
    let url = &database.settings().url;
    let file = url.strip_prefix("sqlite://").and_then(|url| url.split('?').next());
    PathBuf::from(file.expect("the address of a file"))
}

/// Runs `kith` over the database with the keys of `world`.
pub(crate) async fn kith(world: &World, database: &TestDatabase, words: &[&str]) -> Output {
    kith_with(&world.key_file(), database, words).await
}

/// The same with other keys.
pub(crate) async fn kith_with(key: &Path, database: &TestDatabase, words: &[&str]) -> Output {
    kith_by(key, database.settings().endings.as_ref().unwrap(), database, words).await
}

/// The same with another file of endings.
pub(crate) async fn kith_by(
    key: &Path,
    endings: &Path,
    database: &TestDatabase,
    words: &[&str],
) -> Output {
    let url = if database.is_postgres() {
        database.settings().url.clone()
    } else {
        format!("sqlite:{}", file_of(database).display())
    };
    Command::new(program().await)
        .args(words)
        .env_clear()
        .env("KITH_DATABASE__URL", url)
        .env("KITH_DATABASE__ENDINGS_FILE", endings)
        .env("KITH_KEYS__FILE", key)
        .output()
        .await
        .unwrap()
}

/// What it said, for whoever reads it.
pub(crate) fn said(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes)).concat()
}
