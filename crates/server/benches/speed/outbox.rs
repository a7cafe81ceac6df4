//! Planning ten thousand reminders, and handing them to a mail server: the transport alone, and the
//! whole worker.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use async_trait::async_trait;
use kith_app::{Delivery, Transport};
use kith_domain::{EmailAddress, Ids as _, Timestamp};
use kith_mail::{Accepted, DeliveryError, Reason, Relay, RelayConfig, Security};
use kith_vault::RandomIds;
use rusqlite::{Connection, ToSql, params_from_iter, types::Value};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::figures::{Figures, Target, per_second, time};
use crate::postfix::{Sink, source};
use crate::workshop::Workshop;

/// Reminders and mails.
const MAILS: usize = 10_000;
/// Connections to the mail server.
const CONNECTIONS: usize = 10;
/// Turns of which the middle one counts.
const TURNS: usize = 3;
/// A Monday, 10 o'clock in London, and the hour at which those who asked for it are reminded.
const MONDAY: i64 = 1_795_428_000;
const EVENING: i64 = MONDAY + 8 * 3_600;
/// As many as the planner commits together.
const TOGETHER: usize = 50;

/// Ten thousand promises for Tuesday, spread over the people of a hospice, none of them planned yet.
const PROMISES: &str = include_str!("promises.sql");

pub(crate) async fn measure(figures: &mut Figures) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let workshop = Workshop::open(folder.path(), Timestamp::from_second(MONDAY)).await?;
    workshop.app.seed_demo().await?;
    workshop.app.seed_demo_circles(120, "localhost").await?;
    let mut beside = workshop.beside()?;
    beside.execute_batch(&format!("BEGIN IMMEDIATE; {PROMISES} COMMIT;"))?;

    let planned = plan(&workshop).await?;
    let rows = take_out(&beside)?;
    ensure!(rows.len() == MAILS, "{} reminders were planned", rows.len());
    let inserted = put_back(&mut beside, &rows)?;
    let share = inserted.as_secs_f64() / planned.as_secs_f64();
    figures.compare(
        format!("planning {MAILS} reminders"),
        format!("{} ({:.0}/s)", time(planned), per_second(MAILS, planned)),
        format!(
            "the same rows, {TOGETHER} a transaction, by rusqlite: {} ({:.0}/s)",
            time(inserted),
            per_second(MAILS, inserted)
        ),
        (share, "", Target::AtLeast(1.0 / 3.0)),
    );

    workshop.clock.set(Timestamp::from_second(EVENING + 1));
    let bytes = one_mail(&workshop).await?;
    let (length, sink) = (bytes.len(), Sink::start(CONNECTIONS * 2).await?);
    let (mut theirs, mut alone) = (Vec::new(), Vec::new());
    for _ in 0..TURNS {
        theirs.push(source(sink.port, CONNECTIONS, MAILS, length).await?);
        alone.push(transport(sink.port, &bytes).await?);
    }
    let (theirs, alone) = (middle(theirs), middle(alone));
    let whole = worker(&workshop, &beside, sink.port).await?;
    let floor = format!(
        "smtp-source, {CONNECTIONS} connections, {length} bytes each: {} ({:.0}/s)",
        time(theirs),
        per_second(MAILS, theirs)
    );
    for (what, took, least) in
        [("the transport alone", alone, 0.5), ("the whole worker", whole, 0.1)]
    {
        figures.compare(
            format!("handing over {MAILS} mails: {what}"),
            format!("{} ({:.0}/s)", time(took), per_second(MAILS, took)),
            floor.clone(),
            (theirs.as_secs_f64() / took.as_secs_f64(), "", Target::AtLeast(least)),
        );
    }
    workshop.app.finish().await;
    Ok(())
}

fn middle(mut turns: Vec<Duration>) -> Duration {
    turns.sort_unstable();
    turns.get(turns.len() / 2).copied().unwrap_or_default()
}

async fn plan(workshop: &Workshop) -> anyhow::Result<Duration> {
    let began = Instant::now();
    while workshop.app.plan_reminders().await? > 0 {}
    Ok(began.elapsed())
}

/// The reminders' rows, out of the outbox and into memory.
fn take_out(beside: &Connection) -> anyhow::Result<Vec<Vec<Value>>> {
    let rows = {
        let mut all = beside.prepare("SELECT * FROM outbox WHERE kind = 'reminder'")?;
        let columns = all.column_count();
        all.query_map([], |row| (0..columns).map(|at| row.get(at)).collect())?
            .collect::<Result<_, _>>()?
    };
    beside.execute("DELETE FROM outbox", [])?;
    Ok(rows)
}

/// A bare insert of the same rows, in transactions of the planner's size.
fn put_back(beside: &mut Connection, rows: &[Vec<Value>]) -> anyhow::Result<Duration> {
    let columns = rows.first().map_or(0, Vec::len);
    let marks = vec!["?"; columns].join(", ");
    let sql = format!("INSERT INTO outbox VALUES ({marks})");
    let began = Instant::now();
    for some in rows.chunks(TOGETHER) {
        let write = beside.transaction()?;
        {
            let mut insert = write.prepare_cached(&sql)?;
            for row in some {
                insert.execute(params_from_iter(row.iter().map(|value| value as &dyn ToSql)))?;
            }
        }
        write.commit()?;
    }
    Ok(began.elapsed())
}

/// Keeps the bytes of a mail and does not take it.
struct Look(Mutex<Vec<u8>>);

#[async_trait]
impl Transport for Look {
    async fn deliver(&self, _: &EmailAddress, bytes: &[u8]) -> Result<Accepted, DeliveryError> {
        bytes.clone_into(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
        Err(DeliveryError::Retry(Reason::Connect))
    }
}

/// A reminder as it would leave.
async fn one_mail(workshop: &Workshop) -> anyhow::Result<Vec<u8>> {
    let look = Arc::new(Look(Mutex::default()));
    let delivery = Delivery {
        batch: 1,
        connections: 1,
        ..delivery(Arc::<Look>::clone(&look) as Arc<dyn Transport>)?
    };
    workshop.app.deliver_due(&delivery, &CancellationToken::new()).await?;
    let bytes = look.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
    ensure!(bytes.len() > 500, "no mail was made");
    Ok(bytes)
}

fn delivery(transport: Arc<dyn Transport>) -> anyhow::Result<Delivery> {
    Ok(Delivery {
        transport,
        worker: RandomIds.next(),
        from: EmailAddress::parse("kith@kith.example")?,
        reply_to: None,
        connections: CONNECTIONS,
        batch: 50,
        lease_seconds: 45,
        compare_clocks: false,
    })
}

fn relay(port: u16) -> anyhow::Result<Relay> {
    Ok(Relay::new(RelayConfig {
        host: "127.0.0.1".to_owned(),
        port,
        security: Security::PlainLoopback,
        hello: "kith.example".to_owned(),
        sender: EmailAddress::parse("kith@kith.example")?,
        login: None,
        authority: None,
        connections: CONNECTIONS,
    })?)
}

/// The same bytes, over and over, by as many hands as there are connections.
async fn transport(port: u16, bytes: &[u8]) -> anyhow::Result<Duration> {
    let relay = Arc::new(relay(port)?);
    let to = EmailAddress::parse("ann@mail.example")?;
    let began = Instant::now();
    let mut hands = JoinSet::new();
    for _ in 0..CONNECTIONS {
        let (relay, to, bytes) = (Arc::clone(&relay), to.clone(), bytes.to_vec());
        hands.spawn(async move {
            for _ in 0..MAILS / CONNECTIONS {
                relay.deliver(&to, &bytes).await?;
            }
            Ok::<_, DeliveryError>(())
        });
    }
    while let Some(done) = hands.join_next().await {
        done??;
    }
    let took = began.elapsed();
    relay.close().await;
    Ok(took)
}

/// Everything that is due, until it is sent.
async fn worker(workshop: &Workshop, beside: &Connection, port: u16) -> anyhow::Result<Duration> {
    // The one that was looked at is due again.
    beside.execute("UPDATE outbox SET state = 'planned', attempts = 0, next_at = due_at", [])?;
    let relay = Arc::new(relay(port)?);
    let delivery = delivery(Arc::<Relay>::clone(&relay) as Arc<dyn Transport>)?;
    let stop = CancellationToken::new();
    let began = Instant::now();
    loop {
        let report = workshop.app.deliver_due(&delivery, &stop).await?;
        ensure!(!report.paused && report.left == 0, "mails were left: {report:?}");
        if !report.more {
            break;
        }
    }
    let took = began.elapsed();
    relay.close().await;
    let sent: i64 = beside
        .query_row("SELECT COUNT(*) FROM outbox WHERE state = 'sent'", [], |row| row.get(0))
        .context("the outbox can be read")?;
    ensure!(usize::try_from(sent)? == MAILS, "{sent} mails were sent");
    Ok(took)
}
