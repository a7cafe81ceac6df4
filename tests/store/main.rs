//! The repositories of `kith-store`, on SQLite files and on PostgreSQL.

#[cfg(test)]
mod schema;
