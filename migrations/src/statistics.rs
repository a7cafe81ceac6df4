//! What SQLite's planner believes about the tables.
//!
//! Every index begins with the organisation, and as long as nothing was counted SQLite takes it that
//! ten rows agree in the first column of an index. It then begins with everything that an organisation
//! ever had, and a page grows with the years. `ANALYZE` would count, but after it plans are what one
//! database happened to hold on one day. These figures are written instead, as SQLite's documentation
//! has it (<https://sqlite.org/optoverview.html#manctrl>): those of a hospice with 150 circles, of
//! several in one file. Plans are then the same everywhere. PostgreSQL counts by itself.

use sea_orm_migration::prelude::DbErr;
use sea_orm_migration::sea_orm::{ConnectionTrait, DatabaseBackend, Statement};

/// Hospices in one file.
const ORGANISATIONS: u64 = 10;
/// Rows of a hospice in a table that is not named below.
const ROWS: u64 = 500;

/// Rows of a hospice.
const TABLES: &[(&str, u64)] = &[
    ("ask", 5_000),
    ("circle", 150),
    ("claim", 20_000),
    ("content", 8_000),
    ("data_key", 150),
    ("decision", 200_000),
    ("device", 1_500),
    ("disclosure_grant", 8_000),
    ("enrolment", 1_500),
    ("membership", 1_500),
    ("outbox", 40_000),
    ("person", 1_500),
    ("receipt", 10_000),
    ("slot", 40_000),
    ("staff", 20),
    ("task", 2_000),
    ("welcome", 1_500),
];

/// Different values in a hospice; of every other column each row has one of its own.
const VALUES: &[(&str, u64)] = &[
    ("organisation_id", 1),
    ("area", 10),
    ("circle_id", 150),
    ("device_id", 1_500),
    ("field", 20),
    ("from_id", 1_500),
    ("kind", 20),
    ("membership_id", 1_500),
    ("person_id", 1_500),
    ("slot_id", 40_000),
    ("starts_at", 10_000),
    ("state", 6),
    ("taken_in_by", 2),
    ("task_id", 2_000),
    ("to_id", 1_500),
];

/// Tables of the whole file, with a few rows at most: there is nothing to choose.
const SMALL: &[&str] =
    &["endings_mark", "organisation", "restoration", "seaql_migrations", "worker"];

/// Writes down what the planner is to believe, in one transaction. This connection goes by it, and so
/// does whoever opens the database afterwards.
///
/// # Errors
/// When the database cannot be written.
pub async fn believe(transaction: &impl ConnectionTrait) -> Result<(), DbErr> {
    if transaction.get_database_backend() != DatabaseBackend::Sqlite {
        return Ok(());
    }
    // Of nothing but the schema's own table: this makes `sqlite_stat1`.
    transaction.execute_raw(plain("ANALYZE sqlite_schema")).await?;
    transaction.execute_raw(plain("DELETE FROM sqlite_stat1")).await?;
    let indexes = "SELECT t.name AS name, i.name AS index_name, i.\"unique\" AS is_unique, \
         (SELECT group_concat(coalesce(c.name, ''), ' ') FROM pragma_index_info(i.name) c) AS columns \
       FROM sqlite_schema t, pragma_index_list(t.name) i WHERE t.type = 'table' \
       ORDER BY t.name, i.name";
    let found = transaction.query_all_raw(plain(indexes)).await?;
    for row in found {
        let table: String = row.try_get("", "name")?;
        if SMALL.contains(&table.as_str()) {
            continue;
        }
        let index: String = row.try_get("", "index_name")?;
        let unique: bool = row.try_get("", "is_unique")?;
        let columns: String = row.try_get("", "columns")?;
        let words = figures(&table, columns.split(' '), unique);
        let insert = "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ($1, $2, $3)";
        let values = [table.into(), index.into(), words.into()];
        let insert = Statement::from_sql_and_values(DatabaseBackend::Sqlite, insert, values);
        transaction.execute_raw(insert).await?;
    }
    // Reads them.
    transaction.execute_raw(plain("ANALYZE sqlite_schema")).await.map(|_| ())
}

fn plain(sql: &str) -> Statement {
    Statement::from_string(DatabaseBackend::Sqlite, sql)
}

/// The rows of an index, and how many agree in its first column, in its first two, and so on:
/// <https://sqlite.org/fileformat2.html#stat1tab>.
fn figures<'a>(table: &str, columns: impl Iterator<Item = &'a str>, unique: bool) -> String {
    let known = |of: &[(&str, u64)], name: &str| {
        of.iter().find(|(known, _)| *known == name).map(|(_, number)| *number)
    };
    let rows = known(TABLES, table).unwrap_or(ROWS);
    let mut words = vec![rows * ORGANISATIONS];
    let mut agree = rows;
    for column in columns {
        agree = (agree / known(VALUES, column).unwrap_or(rows)).max(1);
        words.push(agree);
    }
    if let (true, Some(last)) = (unique, words.last_mut()) {
        *last = 1;
    }
    let words: Vec<String> = words.iter().map(u64::to_string).collect();
    words.join(" ")
}
