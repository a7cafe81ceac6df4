//! Puts the database back as it was, so that every form meets the same hospice.

use kith_tests::TestDatabase;
use sea_orm::{ConnectionTrait as _, DatabaseConnection, Statement};
use tempfile::TempDir;

/// Decisions are only ever appended, and who looked is no part of what a form meets.
const STAYS: [&str; 3] = ["seaql_migrations", "decision", "decision_head"];

/// A copy of every row, and a connection to bring them back.
pub(crate) struct Keep {
    beside: DatabaseConnection,
    restore: String,
    // The copy of an SQLite file.
    _folder: Option<TempDir>,
}

impl Keep {
    /// Keeps what is there now.
    pub(crate) async fn of(database: &TestDatabase) -> Self {
        let beside = database.connect().await;
        let postgres = database.is_postgres();
        let tables = tables(&beside, postgres).await;
        let mut folder = None;
        let mut restore = String::from(if postgres {
            // Of a superuser, as the cluster of the tests has: no foreign key is asked meanwhile.
            // What is brought back need not survive a crash of the server.
            "BEGIN; SET LOCAL session_replication_role = replica; \
             SET LOCAL synchronous_commit = off;"
        } else {
            "PRAGMA foreign_keys = OFF; BEGIN IMMEDIATE;"
        });
        if postgres {
            run(&beside, "CREATE SCHEMA kept").await;
            for table in &tables {
                run(&beside, &format!("CREATE TABLE kept.{table} AS TABLE {table}")).await;
            }
        } else {
            let place = tempfile::tempdir().unwrap();
            let copy = place.path().join("kept.db");
            run(&beside, &format!("VACUUM INTO '{}'", copy.display())).await;
            run(&beside, &format!("ATTACH '{}' AS kept", copy.display())).await;
            folder = Some(place);
        }
        for table in &tables {
            let back =
                format!("DELETE FROM {table}; INSERT INTO {table} SELECT * FROM kept.{table};");
            restore.push_str(&back);
        }
        restore.push_str("COMMIT;");
        Self { beside, restore, _folder: folder }
    }

    /// Brings it all back.
    pub(crate) async fn restore(&self) {
        run(&self.beside, &self.restore).await;
    }

    /// Forgets the copy, so that only the database of the service is left.
    pub(crate) async fn end(self, database: &TestDatabase) {
        if database.is_postgres() {
            run(&self.beside, "DROP SCHEMA kept CASCADE").await;
        }
        self.beside.close().await.unwrap();
    }
}

async fn tables(connection: &DatabaseConnection, postgres: bool) -> Vec<String> {
    let sql = if postgres {
        "SELECT tablename::text AS name FROM pg_tables WHERE schemaname = 'public'"
    } else {
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    };
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let rows = connection.query_all_raw(statement).await.unwrap();
    let names = rows.iter().map(|row| row.try_get::<String>("", "name").unwrap());
    names.filter(|name| !STAYS.contains(&name.as_str())).collect()
}

pub(crate) async fn run(connection: &DatabaseConnection, sql: &str) {
    connection.execute_unprepared(sql).await.unwrap();
}
