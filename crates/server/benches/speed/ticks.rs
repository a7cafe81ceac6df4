//! What a tick costs when there is nothing to do, however many circles there are.

use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use kith_app::{Delivery, Transport};
use kith_domain::{EmailAddress, Ids as _, Timestamp};
use kith_mail::{Accepted, DeliveryError};
use kith_vault::RandomIds;
use rusqlite::Connection;
use tokio_util::sync::CancellationToken;

use crate::figures::{Figures, Target, percentile, time};
use crate::workshop::Workshop;

const SIZES: [u32; 3] = [10, 1_000, 100_000];
const TICKS: usize = 300;
const MONDAY: i64 = 1_795_428_000;

/// Quiet circles from `first` on, as many as asked for: three people, a task whose slots reach
/// twelve weeks ahead, promises that are planned later, mails that were sent, and one that is due in
/// spring.
const QUIET: &str = include_str!("quiet.sql");

/// Takes everything.
struct Nowhere;

#[async_trait]
impl Transport for Nowhere {
    async fn deliver(&self, _: &EmailAddress, _: &[u8]) -> Result<Accepted, DeliveryError> {
        Ok(Accepted { code: 250 })
    }
}

pub(crate) async fn measure(figures: &mut Figures) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let workshop = Workshop::open(folder.path(), Timestamp::from_second(MONDAY)).await?;
    workshop.app.seed_demo().await?;
    let delivery = Delivery {
        transport: Arc::new(Nowhere),
        worker: RandomIds.next(),
        from: EmailAddress::parse("kith@kith.example")?,
        reply_to: None,
        connections: 4,
        batch: 50,
        lease_seconds: 45,
        compare_clocks: false,
    };
    let beside = workshop.beside()?;
    let mut made = 0;
    let mut took = Vec::new();
    for size in SIZES {
        quiet(&beside, made, size)?;
        made = size;
        // What the circles with stories still have to do.
        while tick(&workshop, &delivery).await? {}
        let mut ticks = Vec::new();
        for _ in 0..TICKS {
            let began = Instant::now();
            tick(&workshop, &delivery).await?;
            ticks.push(began.elapsed());
        }
        ticks.sort_unstable();
        took.push((size, percentile(&ticks, 0.5)));
    }
    workshop.app.finish().await;
    let Some(((few, least), rest)) = took.split_first().map(|(first, rest)| (*first, rest)) else {
        return Ok(());
    };
    for (size, cost) in rest {
        figures.compare(
            format!("a tick with {size} quiet circles"),
            time(*cost),
            format!("with {few}: {}", time(least)),
            (cost.as_secs_f64() / least.as_secs_f64(), "", Target::AtMost(1.2)),
        );
    }
    Ok(())
}

/// What both loops do with each tick. `false` when there was nothing to do.
async fn tick(workshop: &Workshop, delivery: &Delivery) -> anyhow::Result<bool> {
    let stop = CancellationToken::new();
    let report = workshop.app.deliver_due(delivery, &stop).await?;
    workshop.app.heartbeat(delivery.worker).await?;
    let ahead = workshop.app.work_ahead().await?;
    workshop.app.write_endings().await?;
    Ok(report.taken > 0 || ahead)
}

fn quiet(beside: &Connection, first: u32, end: u32) -> anyhow::Result<()> {
    let repeat: String =
        beside.query_row("SELECT repeat FROM task WHERE repeat <> 'once' LIMIT 1", [], |row| {
            row.get(0)
        })?;
    let person: Vec<String> = beside
        .prepare("SELECT 'p.' || name FROM pragma_table_info('person')")?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    // Everything after the six that the statement names.
    let person = person.get(6..).unwrap_or_default().join(", ");
    let sql = QUIET
        .replace("@FIRST", &first.to_string())
        .replace("@END", &end.to_string())
        .replace("@PERSON", &person)
        .replace("@REPEAT", &format!("'{repeat}'"));
    // Nobody would miss it.
    beside.execute_batch("PRAGMA synchronous = OFF;")?;
    beside.execute_batch(&format!("BEGIN IMMEDIATE; {sql} COMMIT;"))?;
    beside.execute_batch("PRAGMA synchronous = FULL; PRAGMA wal_checkpoint(TRUNCATE);")?;
    Ok(())
}
