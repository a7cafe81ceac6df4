//! Bound statements for the joins that a builder would make harder to read.
//!
//! Placeholders are `$1`, `$2`, … on both databases. Values are always bound, never written into
//! the text. A limit is bound as `$1 + 0`: SQLite looks at a bare one when it prepares the statement, and
//! then prepares it anew for every call, which takes longer than most of these statements.

use sea_orm::{ConnectionTrait, FromQueryResult, Statement, Value};

use crate::error::StoreError;

fn statement(connection: &impl ConnectionTrait, sql: &str, values: Vec<Value>) -> Statement {
    Statement::from_sql_and_values(connection.get_database_backend(), sql, values)
}

pub(crate) async fn one<T: FromQueryResult>(
    connection: &impl ConnectionTrait,
    sql: &str,
    values: Vec<Value>,
) -> Result<Option<T>, StoreError> {
    Ok(T::find_by_statement(statement(connection, sql, values)).one(connection).await?)
}

pub(crate) async fn all<T: FromQueryResult>(
    connection: &impl ConnectionTrait,
    sql: &str,
    values: Vec<Value>,
) -> Result<Vec<T>, StoreError> {
    Ok(T::find_by_statement(statement(connection, sql, values)).all(connection).await?)
}

/// Runs a changing statement and says how many rows it changed.
pub(crate) async fn execute(
    connection: &impl ConnectionTrait,
    sql: &str,
    values: Vec<Value>,
) -> Result<u64, StoreError> {
    Ok(connection.execute_raw(statement(connection, sql, values)).await?.rows_affected())
}

/// So many placeholders from `$first` on, for a list.
pub(crate) fn marks(first: usize, many: usize) -> String {
    let marks: Vec<String> = (first..first + many).map(|mark| format!("${mark}")).collect();
    marks.join(", ")
}
