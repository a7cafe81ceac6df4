//! What pages are measured against, each in a process of its own: this program started again with
//! `floor-static` or `floor-rusqlite`. No security headers, no cookies, no log, no sealed texts.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use axum::Router;
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{Html, IntoResponse as _};
use axum::routing::get;
use axum::serve::ListenerExt as _;
use rusqlite::{Connection, OpenFlags, params};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use uuid::Uuid;

/// A floor that is being served. Ended when dropped.
pub(crate) struct Floor {
    _process: Child,
    pub(crate) port: u16,
}

impl Floor {
    /// Starts this program again.
    pub(crate) async fn start(arguments: &[&str]) -> anyhow::Result<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let said = process.stdout.take().context("it says nothing")?;
        let line = BufReader::new(said).lines().next_line().await?;
        let port = line.context("the floor did not start")?.parse()?;
        Ok(Self { _process: process, port })
    }
}

async fn serve(router: Router) -> anyhow::Result<()> {
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
    println!("{}", listener.local_addr()?.port());
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    Ok(axum::serve(listener, router).await?)
}

/// The same bytes from memory.
pub(crate) async fn serve_bytes(file: &Path) -> anyhow::Result<()> {
    let bytes = Bytes::from(std::fs::read(file)?);
    let page = move || async move { ([(CONTENT_TYPE, "text/html; charset=utf-8")], bytes) };
    serve(Router::new().route("/", get(page))).await
}

/// Connections that are free.
type Free = Arc<Mutex<Vec<Connection>>>;

/// Whose week, and which.
#[derive(Clone)]
pub(crate) struct Asked {
    pub(crate) database: String,
    pub(crate) organisation: Uuid,
    pub(crate) circle: Uuid,
    pub(crate) session: Vec<u8>,
    pub(crate) from: i64,
    pub(crate) to: i64,
}

impl Asked {
    pub(crate) fn arguments(&self) -> Vec<String> {
        let session: Vec<_> = self.session.iter().map(|byte| format!("{byte:02x}")).collect();
        vec![
            "floor-rusqlite".to_owned(),
            self.database.clone(),
            self.organisation.to_string(),
            self.circle.to_string(),
            session.concat(),
            self.from.to_string(),
            self.to.to_string(),
        ]
    }

    pub(crate) fn parse(arguments: &[String]) -> anyhow::Result<Self> {
        let [database, organisation, circle, session, from, to] = arguments else {
            anyhow::bail!("a floor over rusqlite needs six words");
        };
        let hex = |at: usize| session.get(at..at + 2).map(|two| u8::from_str_radix(two, 16));
        let session = (0..session.len()).step_by(2).filter_map(hex).collect::<Result<_, _>>()?;
        Ok(Self {
            database: database.clone(),
            organisation: organisation.parse()?,
            circle: circle.parse()?,
            session,
            from: from.parse()?,
            to: to.parse()?,
        })
    }
}

/// The rows of the week, read with rusqlite in one transaction, and the page from the same template.
pub(crate) async fn serve_rows(asked: Asked) -> anyhow::Result<()> {
    let free: Free = Arc::default();
    let page = move || async move {
        let taken = free.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let answered = open(taken, &asked.database).and_then(|mut connection| {
            let rows = week(&mut connection, &asked)?;
            free.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
            Ok(rows)
        });
        match (answered, kith_web::gallery::full_week()) {
            (Ok(rows), Ok(html)) if rows >= 30 => Html(html).into_response(),
            _ => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    };
    serve(Router::new().route("/", get(page))).await
}

fn open(taken: Option<Connection>, database: &str) -> rusqlite::Result<Connection> {
    if let Some(connection) = taken {
        return Ok(connection);
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(database, flags)?;
    connection.execute_batch("PRAGMA cache_size = -8000; PRAGMA temp_store = memory;")?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(connection)
}

/// Who asks, what is granted, the names, the slots, who promised them, and the notes: every row is
/// read into values of its own. Says how many slots there were.
fn week(connection: &mut Connection, asked: &Asked) -> rusqlite::Result<usize> {
    let Asked { organisation, circle, session, from, to, .. } = asked;
    let read = connection.transaction()?;
    let (person, _name): (Uuid, String) = read
        .prepare_cached(
            "SELECT s.person_id, c.nature_name FROM session s \
             JOIN enrolment e ON e.organisation_id = s.organisation_id \
               AND e.person_id = s.person_id AND e.device_id = s.device_id \
             JOIN circle c ON c.organisation_id = e.organisation_id AND c.id = e.circle_id \
             JOIN membership m ON m.organisation_id = c.organisation_id AND m.circle_id = c.id \
               AND m.person_id = s.person_id \
             WHERE s.organisation_id = ?1 AND s.token_hash = ?2 AND s.ended_at IS NULL \
               AND e.ended_at IS NULL AND c.id = ?3 AND m.state = 'active'",
        )?
        .query_row(params![organisation, session, circle], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let granted: Vec<String> = read
        .prepare_cached(
            "SELECT g.category FROM disclosure_grant g JOIN membership m \
               ON m.organisation_id = g.organisation_id AND m.id = g.membership_id \
             WHERE g.organisation_id = ?1 AND m.circle_id = ?2 AND m.person_id = ?3 \
               AND g.withdrawn_at IS NULL",
        )?
        .query_map(params![organisation, circle, person], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let names: Vec<(Uuid, Vec<u8>)> = read
        .prepare_cached(
            "SELECT subject_id, sealed FROM content WHERE organisation_id = ?1 AND circle_id = ?2 \
               AND field = 'member_name'",
        )?
        .query_map(params![organisation, circle], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    let slots: Vec<(Uuid, Uuid, String, i64, i64, i64, i64)> = read
        .prepare_cached(
            "SELECT s.id, s.task_id, t.kind, s.starts_at, s.ends_at, s.places, s.taken FROM slot s \
             JOIN task t ON t.organisation_id = s.organisation_id AND t.id = s.task_id \
             WHERE s.organisation_id = ?1 AND s.circle_id = ?2 AND s.starts_at >= ?3 \
               AND s.starts_at < ?4 AND s.state = 'open' ORDER BY s.starts_at, s.id",
        )?
        .query_map(params![organisation, circle, from, to], |row| {
            Ok((
                row.get(0)?,
                row.get(1)?,
                row.get(2)?,
                row.get(3)?,
                row.get(4)?,
                row.get(5)?,
                row.get(6)?,
            ))
        })?
        .collect::<Result<_, _>>()?;
    let claims: Vec<(Uuid, Uuid, String)> = read
        .prepare_cached(
            "SELECT c.slot_id, c.membership_id, c.state FROM slot s JOIN claim c \
               ON c.organisation_id = s.organisation_id AND c.slot_id = s.id \
             WHERE s.organisation_id = ?1 AND s.circle_id = ?2 AND s.starts_at >= ?3 \
               AND s.starts_at < ?4 AND c.state <> 'dropped'",
        )?
        .query_map(params![organisation, circle, from, to], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?
        .collect::<Result<_, _>>()?;
    let notes: Vec<(Uuid, Vec<u8>)> = read
        .prepare_cached(
            "SELECT c.subject_id, c.sealed FROM content c WHERE c.organisation_id = ?1 \
               AND c.circle_id = ?2 AND c.field = 'task_note' AND c.subject_id IN ( \
               SELECT s.task_id FROM slot s WHERE s.organisation_id = ?1 AND s.circle_id = ?2 \
                 AND s.starts_at >= ?3 AND s.starts_at < ?4)",
        )?
        .query_map(params![organisation, circle, from, to], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    read.commit()?;
    // Kept until here, as a page would.
    drop((granted, claims, names));
    Ok(if notes.is_empty() { 0 } else { slots.len() })
}
