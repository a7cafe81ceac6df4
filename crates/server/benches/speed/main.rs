//! `cargo bench`: how fast Kith is, each figure against its floor in the same run on the same
//! machine. Prints a table for `docs/performance.md`; a part that cannot be measured is an error.
//!
//! It starts what it needs: `kith demo` itself, its floors, and Postfix's `smtp-sink` and
//! `smtp-source`, which Debian has in the package `postfix`.
#![expect(clippy::print_stdout, reason = "the table is what it is run for")]
#![expect(clippy::future_not_send, reason = "everything here is waited for by one task")]
#![expect(clippy::print_stderr, reason = "who waits sees how far it is")]

mod demo;
mod figures;
mod floors;
mod http;
mod outbox;
mod pages;
mod policy;
mod postfix;
mod ticks;
mod workshop;

use std::path::Path;

use crate::figures::Figures;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [role, file] if role == "floor-static" => floors::serve_bytes(Path::new(file)).await,
        [role, asked @ ..] if role == "floor-rusqlite" => {
            floors::serve_rows(floors::Asked::parse(asked)?).await
        }
        some => all(some.iter().find(|word| !word.starts_with('-')).map(String::as_str)).await,
    }
}

/// Every figure; or only one part, by its name.
async fn all(only: Option<&str>) -> anyhow::Result<()> {
    let wanted = |part: &str| only.is_none_or(|only| only == part);
    let mut figures = Figures::default();
    if wanted("policy") {
        policy::measure(&mut figures).await?;
    }
    if wanted("pages") {
        pages::measure(&mut figures).await?;
    }
    if wanted("outbox") {
        outbox::measure(&mut figures).await?;
    }
    if wanted("ticks") {
        ticks::measure(&mut figures).await?;
    }
    figures.print();
    Ok(())
}
