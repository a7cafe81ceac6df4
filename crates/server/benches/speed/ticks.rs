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
const QUIET: &str = "\
    CREATE TEMP TABLE quiet AS WITH RECURSIVE number(n) AS (SELECT @FIRST UNION ALL \
        SELECT n + 1 FROM number WHERE n + 1 < @END) \
      SELECT n, (SELECT id FROM organisation LIMIT 1) AS organisation_id, \
        randomblob(16) AS circle_id, randomblob(16) AS task_id FROM number; \
    INSERT INTO circle (organisation_id, id, nature_name, state, zone, area, quiet_mail, \
        created_at, state_changed_at) SELECT organisation_id, circle_id, 'Quiet ' || n, 'active', \
        'Europe/London', 'Area ' || (n % 40), 0, 1790000000, 1790000000 FROM quiet; \
    CREATE TEMP TABLE member AS SELECT q.*, m.column1 AS role, randomblob(16) AS membership_id, \
        randomblob(16) AS person_id FROM quiet q JOIN (VALUES ('patient'), ('carer'), ('friend')) m; \
    INSERT INTO person SELECT m.organisation_id, m.person_id, p.name, p.email, p.email_index, \
        p.phone, @PERSON FROM member m JOIN (SELECT * FROM person LIMIT 1) p; \
    INSERT INTO membership (organisation_id, id, circle_id, person_id, role, state, lead, named_at, \
        accepted_at) SELECT organisation_id, membership_id, circle_id, person_id, role, 'active', \
        role = 'carer', 1790000000, 1790000000 FROM member; \
    INSERT INTO task (organisation_id, id, circle_id, kind, places, first_date, start_time, minutes, \
        repeat, left_out, series, discloses_address, discloses_entry, if_nobody, state, rolled_to, \
        created_at, revision) SELECT q.organisation_id, q.task_id, q.circle_id, 'visit', 1, \
        '2026-11-02', '14:00', 60, @REPEAT, '', 0, 0, 0, 'fine', 'active', '2027-02-15', \
        1790000000, 0 FROM quiet q; \
    CREATE TEMP TABLE dated AS SELECT q.*, s.column1 AS week, randomblob(16) AS slot_id, \
        1795528800 + s.column1 * 604800 AS starts_at FROM quiet q \
        JOIN (VALUES (1), (2), (3), (4)) s; \
    INSERT INTO slot (organisation_id, id, circle_id, task_id, series, made_for, local_date, \
        starts_at, ends_at, places, taken, state, revision) SELECT organisation_id, slot_id, \
        circle_id, task_id, 0, DATE(starts_at, 'unixepoch'), DATE(starts_at, 'unixepoch'), \
        starts_at, starts_at + 3600, 1, week < 3, 'open', 0 FROM dated; \
    INSERT INTO claim (organisation_id, id, circle_id, slot_id, membership_id, person_id, state, \
        generation, claimed_at, changed_at, plan_at) SELECT d.organisation_id, randomblob(16), \
        d.circle_id, d.slot_id, m.membership_id, m.person_id, 'claimed', 0, 1790000000, 1790000000, \
        d.starts_at - 151200 FROM dated d JOIN member m ON m.circle_id = d.circle_id \
        AND m.role = 'friend' WHERE d.week < 3; \
    INSERT INTO outbox (organisation_id, id, kind, dedupe, person_id, circle_id, detail, due_at, \
        useful_until, state, attempts, next_at, created_at, changed_at) \
      SELECT m.organisation_id, randomblob(16), 'told', 'quiet:' || m.role || ':' || m.n, \
        m.person_id, m.circle_id, '{}', at, at + 86400, \
        CASE WHEN m.role = 'patient' THEN 'planned' ELSE 'sent' END, 0, at, 1790000000, 1790000000 \
      FROM (SELECT *, CASE WHEN role = 'patient' THEN 1810000000 ELSE 1790000000 END AS at \
        FROM member) m; \
    DROP TABLE dated; DROP TABLE member; DROP TABLE quiet;";

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
    let rolled = workshop.app.roll_slots().await?;
    let planned = workshop.app.plan_reminders().await?;
    Ok(report.taken > 0 || rolled > 0 || planned > 0)
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
