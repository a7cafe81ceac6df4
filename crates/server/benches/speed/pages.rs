//! Pages over real HTTP: the week, beside its floors; every page of a circle with ten circles in the
//! database and with ten thousand; memory; and what a first visit loads.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use kith_app::{DemoPerson, Receipt};
use kith_domain::{Disclosure, Ids as _, TaskInput, Timestamp, Zone};
use kith_vault::{RandomIds, token_hash};
use rusqlite::Connection;
use tempfile::TempDir;
use uuid::Uuid;

use crate::demo::Demo;
use crate::figures::{Figures, Target, percentile, time};
use crate::floors::{Asked, Floor};
use crate::http::{self, Served, get, load};
use crate::workshop::Workshop;

const FEW: u32 = 10;
const MANY: u32 = 10_000;
/// Browsers at once.
const CLIENTS: usize = 16;
const WARM: Duration = Duration::from_secs(1);
const LASTS: Duration = Duration::from_secs(4);
/// Turns of which the middle one counts.
const TURNS: usize = 3;
/// How often each page is asked for, one at a time.
const TIMES: usize = 300;
const MEBIBYTE: f64 = 1024.0 * 1024.0;

/// The week that is shown, and the circle.
struct Week {
    circle: Uuid,
    organisation: Uuid,
    monday: jiff::civil::Date,
    from: Timestamp,
    to: Timestamp,
}

/// Everything about pages.
pub(crate) async fn measure(figures: &mut Figures) -> anyhow::Result<()> {
    let (few, many) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let began = Instant::now();
    Demo::start(many.path(), MANY).await?.stop().await?;
    figures.tell(format!("making {MANY} circles"), time(began.elapsed()));
    Demo::start(few.path(), FEW).await?.stop().await?;
    let week_of_few = full_week(few.path()).await?;
    let week_of_many = full_week(many.path()).await?;

    let small = Demo::start(few.path(), FEW).await?;
    let large = Demo::start(many.path(), MANY).await?;
    large.until_idle().await?;
    let memory = large.memory()?;
    #[expect(clippy::cast_precision_loss, reason = "memory is far from 2^52 bytes")]
    let mebibytes = memory as f64 / MEBIBYTE;
    figures.compare(
        format!("resident memory, {MANY} circles, idle"),
        format!("{mebibytes:.1} MB"),
        "",
        (mebibytes, " MB", Target::AtMost(64.0)),
    );
    first_visit(figures, &small).await?;
    every_page(figures, (&small, &week_of_few), (&large, &week_of_many)).await?;
    the_week(figures, &large, &week_of_many, &many).await?;
    small.stop().await?;
    large.stop().await
}

/// Fills the week after this one, in Heron, to thirty tasks with names and notes: through the use
/// cases, as Ruth.
async fn full_week(folder: &Path) -> anyhow::Result<Week> {
    let made: i64 = Connection::open(folder.join("kith.db"))?.query_row(
        "SELECT MIN(created_at) FROM organisation",
        [],
        |row| row.get(0),
    )?;
    let now = Timestamp::from_second(made + 60);
    let workshop = Workshop::open(folder, now).await?;
    let circle = workshop.app.demo_circle(DemoPerson::Ruth).context("Ruth has a circle")?;
    let ruth = workshop.visit_of(DemoPerson::Ruth).await?;
    let zone = Zone::parse("Europe/London")?;
    let soon = zone.date(now.plus_days(7));
    let monday = workshop.app.rota_week(&ruth, circle, Some(soon)).await?.monday;
    let count = async || -> anyhow::Result<usize> {
        let week = workshop.app.rota_week(&ruth, circle, Some(monday)).await?;
        let of_day =
            |day: &kith_app::RotaDay| day.morning.len() + day.afternoon.len() + day.evening.len();
        Ok(week.days.iter().map(of_day).sum())
    };
    let there = count().await?;
    for n in 0..30_usize.saturating_sub(there) {
        let date = monday.saturating_add(jiff::Span::new().days(i64::try_from(n % 7)?));
        let input = TaskInput {
            kind: "visit",
            date: &date.to_string(),
            start: &format!("{:02}:{:02}", 9 + n / 7, 10 * (n % 5)),
            note: "Ring twice and wait a little. Tea is in the blue tin.",
            disclosure: Disclosure::NONE,
            ..TaskInput::default()
        };
        let receipt = Receipt(RandomIds.next());
        workshop.app.add_task(&ruth, circle, &input, false, receipt).await?;
    }
    for who in [DemoPerson::Ruth, DemoPerson::Joan, DemoPerson::Tom] {
        let visit = workshop.visit_of(who).await?;
        let week = workshop.app.rota_week(&visit, circle, Some(monday)).await?;
        let slots = week.days.iter().flat_map(|day| day.morning.iter().chain(&day.afternoon));
        for slot in slots.filter(|slot| slot.may_take).take(9) {
            let receipt = Receipt(RandomIds.next());
            workshop.app.take_slot(&visit, circle, slot.id, receipt).await?;
        }
    }
    anyhow::ensure!(count().await? == 30, "the week has not thirty tasks");
    workshop.app.finish().await;
    let organisation = ruth.organisation.id.as_uuid();
    let from = zone.start_of_day(monday);
    let to = zone.start_of_day(monday.saturating_add(jiff::Span::new().days(7)));
    Ok(Week { circle: circle.as_uuid(), organisation, monday, from, to })
}

/// The week beside its floors, in turns.
async fn the_week(
    figures: &mut Figures,
    demo: &Demo,
    week: &Week,
    folder: &TempDir,
) -> anyhow::Result<()> {
    let cookies = demo.come_in("ruth").await?;
    let path = format!("/c/{}/rota?week={}", week.circle, week.monday);
    let page = demo.page(&path, &cookies).await?;
    let bytes = folder.path().join("week.html");
    std::fs::write(&bytes, &page.body)?;
    let token = cookies.split("; ").find_map(|cookie| cookie.strip_prefix("kith_session="));
    let asked = Asked {
        database: folder.path().join("kith.db").display().to_string(),
        organisation: week.organisation,
        circle: week.circle,
        session: token_hash(token.context("a session")?).to_vec(),
        from: week.from.as_second(),
        to: week.to.as_second(),
    };
    let words = asked.arguments();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let rows = Floor::start(&words).await?;
    let stored = Floor::start(&["floor-static", &bytes.display().to_string()]).await?;

    let ours = get(&path, &cookies);
    let plain = get("/", "");
    let (mut kith, mut rusqlite, mut fixed) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..TURNS {
        for (port, request, into) in [
            (demo.port, &ours, &mut kith),
            (rows.port, &plain, &mut rusqlite),
            (stored.port, &plain, &mut fixed),
        ] {
            load(port, request, CLIENTS, WARM).await?;
            into.push(load(port, request, CLIENTS, LASTS).await?);
        }
    }
    let (kith, rusqlite, fixed) = (middle(kith), middle(rusqlite), middle(fixed));
    let said = |served: &Served| {
        format!("{:.0}/s, p50 {}, p99 {}", served.per_second, time(served.p50), time(served.p99))
    };
    figures.tell("rota week page, 30 tasks: its size", format!("{} bytes", page.body.len()));
    figures.compare(
        "rota week page, 16 clients",
        said(&kith),
        format!("rusqlite and the same template: {}", said(&rusqlite)),
        (kith.per_second / rusqlite.per_second, "", Target::AtLeast(1.0 / 3.0)),
    );
    let tail = kith.p99.as_secs_f64() / kith.p50.as_secs_f64();
    figures.compare(
        "its p99 at 16 clients",
        time(kith.p99),
        format!("its own p50, {}", time(kith.p50)),
        (tail, "", Target::AtMost(4.0)),
    );
    figures.tell(
        "the same bytes, served from memory",
        format!("{}; Kith is {:.3} of it", said(&fixed), kith.per_second / fixed.per_second),
    );
    Ok(())
}

fn middle(mut turns: Vec<Served>) -> Served {
    turns.sort_by(|a, b| a.per_second.total_cmp(&b.per_second));
    turns.get(turns.len() / 2).copied().unwrap_or_default()
}

/// Each page of a circle, asked for in turns of both.
async fn every_page(
    figures: &mut Figures,
    (small, of_small): (&Demo, &Week),
    (large, of_large): (&Demo, &Week),
) -> anyhow::Result<()> {
    let small_cookies = small.come_in("ruth").await?;
    let large_cookies = large.come_in("ruth").await?;
    for page in ["", "rota", "people", "news", "who-to-call", "looks"] {
        let path = |week: &Week| format!("/c/{}/{page}", week.circle);
        let requests = [
            (small.port, get(&path(of_small), &small_cookies)),
            (large.port, get(&path(of_large), &large_cookies)),
        ];
        let [few, many] = in_turns(&requests).await.with_context(|| format!("page {page:?}"))?;
        let name = if page.is_empty() { "home" } else { page };
        figures.compare(
            format!("a circle's page with {MANY} circles: {name}"),
            time(many),
            format!("with {FEW}: {}", time(few)),
            (many.as_secs_f64() / few.as_secs_f64(), "", Target::AtMost(1.2)),
        );
    }
    let amira = large.come_in("amira").await?;
    let mut connection = http::Connection::open(large.port).await?;
    let mut took = Vec::new();
    for _ in 0..30 {
        let asked = Instant::now();
        let answer = connection.ask(&get("/h", &amira)).await?;
        anyhow::ensure!(answer.status == 200, "/h answers {}", answer.status);
        took.push(asked.elapsed());
    }
    took.sort_unstable();
    figures.tell("the coordinator's Today, 120 circles of 10000", time(percentile(&took, 0.5)));
    Ok(())
}

/// The time in the middle for each of two pages, asked for one after the other.
async fn in_turns(requests: &[(u16, Vec<u8>); 2]) -> anyhow::Result<[Duration; 2]> {
    let mut took = [Vec::new(), Vec::new()];
    let mut connections = Vec::new();
    for (port, _) in requests {
        connections.push(http::Connection::open(*port).await?);
    }
    for turn in 0..TIMES {
        for ((connection, (_, request)), took) in
            connections.iter_mut().zip(requests).zip(&mut took)
        {
            let asked = Instant::now();
            let answer = connection.ask(request).await?;
            anyhow::ensure!(answer.status == 200, "it answers {}", answer.status);
            // The first ones warm what is warm in life.
            if turn >= TIMES / 10 {
                took.push(asked.elapsed());
            }
        }
    }
    Ok(took.map(|mut took| {
        took.sort_unstable();
        percentile(&took, 0.5)
    }))
}

/// What a browser that was never here loads, as it is sent.
async fn first_visit(figures: &mut Figures, demo: &Demo) -> anyhow::Result<()> {
    let mut connection = http::Connection::open(demo.port).await?;
    let mut ask = async |path: &str| -> anyhow::Result<http::Answer> {
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip, br\r\n\r\n");
        connection.ask(request.as_bytes()).await
    };
    let page = ask("/").await?;
    let mut bytes = page.body.len();
    let html = demo.page("/", "").await?.text();
    anyhow::ensure!(!html.contains("<script"), "a page has a script");
    anyhow::ensure!(!html.contains("//cdn") && !html.contains("src=\"http"), "a third party");
    let mut wanted: Vec<String> = quoted(&html, "href=\"/assets/");
    wanted.extend(quoted(&html, "src=\"/assets/"));
    for path in wanted.clone().iter().filter(|path| is(path, "css")) {
        let css = demo.page(path, "").await?.text();
        let fonts = css.split("@font-face").skip(1).filter_map(|rest| rest.split('}').next());
        for font in fonts.filter(|font| is_needed(font, &html)) {
            let url = font.split("url(").nth(1).and_then(|rest| rest.split(')').next());
            wanted.extend(url.map(|url| url.trim_matches(['"', '\'']).to_owned()));
        }
    }
    wanted.sort();
    wanted.dedup();
    for path in &wanted {
        let file = ask(path).await?;
        anyhow::ensure!(file.status == 200, "{path} answers {}", file.status);
        bytes += file.body.len();
    }
    let kibibytes = f64::from(u32::try_from(bytes)?) / 1024.0;
    figures.compare(
        format!("first page with {} files, as sent", wanted.len()),
        format!("{kibibytes:.1} KB"),
        "",
        (kibibytes, " KB", Target::AtMost(60.0)),
    );
    Ok(())
}

/// Whether a browser loads a font for a page: it holds every character, or one of those in its
/// `unicode-range` (CSS Fonts 4, section 4.5) is there.
fn is_needed(font: &str, page: &str) -> bool {
    let Some((_, ranges)) = font.split_once("unicode-range:") else { return true };
    let number = |text: &str| u32::from_str_radix(text, 16).unwrap_or(0);
    ranges.trim_end_matches(';').split(',').any(|range| {
        let range = range.trim().trim_start_matches("U+");
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        page.chars().any(|one| (number(first)..=number(last)).contains(&u32::from(one)))
    })
}

/// What stands in quotes after `begins`, with the path that it begins with.
fn quoted(html: &str, begins: &str) -> Vec<String> {
    html.split(begins)
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .map(|rest| format!("/assets/{rest}"))
        .collect()
}

fn is(path: &str, kind: &str) -> bool {
    Path::new(path).extension().is_some_and(|extension| extension == kind)
}
