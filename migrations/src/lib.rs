//! The schema of Kith, one file a change, for SQLite and PostgreSQL alike.
//!
//! Every table but `organisation`, `worker`, `endings_mark` and `restoration` carries `organisation_id`
//! as the first part of its primary key and of every foreign key, so that a row can never point into
//! another organisation.

#![expect(
    elided_lifetimes_in_paths,
    reason = "`MigrationTrait::up` is declared with an elided lifetime, and async-trait compares them"
)]

pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::prelude::*;

mod build;
mod m20261122_000001_organisations;
mod m20261122_000002_circles;
mod m20261122_000003_ways_in;
mod m20261122_000004_rota;
mod m20261122_000005_outbox;
mod m20261122_000006_decisions;
mod m20261122_000007_between_friends;
mod m20261122_000008_promises;
mod m20261122_000009_endings;
mod statistics;

pub use statistics::believe;

/// Runs the migrations in order.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261122_000001_organisations::Migration),
            Box::new(m20261122_000002_circles::Migration),
            Box::new(m20261122_000003_ways_in::Migration),
            Box::new(m20261122_000004_rota::Migration),
            Box::new(m20261122_000005_outbox::Migration),
            Box::new(m20261122_000006_decisions::Migration),
            Box::new(m20261122_000007_between_friends::Migration),
            Box::new(m20261122_000008_promises::Migration),
            Box::new(m20261122_000009_endings::Migration),
        ]
    }
}
