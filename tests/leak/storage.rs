//! The raw bytes of the database: what somebody finds who takes the disk.

use std::path::{Path, PathBuf};
use std::process::Command;

use kith_tests::TestDatabase;
use sea_orm::{ConnectionTrait as _, Statement};

use crate::keep::run;
use crate::marks::Marks;

/// A file, or what stands for one, with its bytes.
pub(crate) type Raw = (String, Vec<u8>);

/// Everything of the database that is on a disk: an SQLite file with its log and index, before and
/// after a checkpoint; or a dump of PostgreSQL, and what its planner remembers of values.
pub(crate) async fn raw(database: &TestDatabase) -> Vec<Raw> {
    if database.is_postgres() { postgres(database).await } else { sqlite(database).await }
}

async fn sqlite(database: &TestDatabase) -> Vec<Raw> {
    let url = &database.settings().url;
    let file = url.strip_prefix("sqlite://").and_then(|rest| rest.split('?').next()).unwrap();
    let mut raws = Vec::new();
    for end in ["", "-wal", "-shm"] {
        let path = PathBuf::from(format!("{file}{end}"));
        // Without a log there is nothing in it; the service keeps one open here.
        raws.push((format!("the database{end}"), std::fs::read(path).unwrap()));
    }
    let beside = database.connect().await;
    run(&beside, "PRAGMA wal_checkpoint(PASSIVE)").await;
    beside.close().await.unwrap();
    raws.push(("the database, later".to_owned(), std::fs::read(file).unwrap()));
    raws
}

async fn postgres(database: &TestDatabase) -> Vec<Raw> {
    let dump = Command::new(program("pg_dump"))
        .arg("--dbname")
        .arg(&database.settings().url)
        .output()
        .expect("pg_dump belongs to PostgreSQL");
    assert!(dump.status.success(), "{}", String::from_utf8_lossy(&dump.stderr));
    let beside = database.connect().await;
    run(&beside, "ANALYZE").await;
    let statement = Statement::from_string(
        beside.get_database_backend(),
        "SELECT COALESCE(string_agg(concat(tablename, ' ', attname, ' ', most_common_vals::text, \
         ' ', histogram_bounds::text), E'\\n'), '') AS known FROM pg_stats \
         WHERE schemaname NOT IN ('pg_catalog', 'information_schema')",
    );
    let row = beside.query_one_raw(statement).await.unwrap().unwrap();
    let known: String = row.try_get("", "known").unwrap();
    beside.close().await.unwrap();
    vec![("the dump".to_owned(), dump.stdout), ("pg_statistic".to_owned(), known.into_bytes())]
}

/// A program of PostgreSQL: beside the server where Debian has it, or on the path.
fn program(name: &str) -> PathBuf {
    let Ok(versions) = std::fs::read_dir("/usr/lib/postgresql") else { return name.into() };
    let mut found: Vec<PathBuf> = versions
        .flatten()
        .map(|version| version.path().join("bin").join(name))
        .filter(|path| Path::is_file(path))
        .collect();
    found.sort();
    found.pop().unwrap_or_else(|| name.into())
}

/// What raw bytes hold that they must not: markers, addresses, tokens and codes.
pub(crate) fn leaks(raw: &Raw, marks: &Marks, secrets: &[String]) -> Vec<String> {
    let (name, bytes) = raw;
    let leaks = crate::logs::leaks(bytes, marks, secrets);
    leaks.into_iter().map(|leak| format!("{name}: {leak}")).collect()
}
