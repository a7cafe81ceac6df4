//! One decision beside casbin, which only the policy's own crate may name: its bench is run, and read.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use tokio::process::Command;

use crate::figures::{Figures, Target, time};

pub(crate) async fn measure(figures: &mut Figures) -> anyhow::Result<()> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let run = Command::new(cargo)
        .args(["bench", "--quiet", "-p", "kith-policy", "--bench", "decision"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stderr(Stdio::inherit())
        .output()
        .await
        .context("cargo cannot be started again")?;
    ensure!(run.status.success(), "the figures of the policy: {}", run.status);
    let said = String::from_utf8_lossy(&run.stdout).into_owned();
    let nanoseconds = |name: &str| -> anyhow::Result<f64> {
        let line = said.lines().find_map(|line| line.strip_prefix(name));
        Ok(line.with_context(|| format!("no {name}"))?.trim().parse()?)
    };
    let (ours, theirs) = (nanoseconds("decision_ns")?, nanoseconds("enforce_ns")?);
    let said = |nanoseconds: f64| time(Duration::from_secs_f64(nanoseconds / 1e9));
    figures.compare(
        "one policy decision",
        // Less than a nanosecond counts here.
        format!("{ours:.1} ns"),
        format!("casbin, the same three tables of rules: {}", said(theirs)),
        (theirs / ours, "×", Target::AtLeast(300.0)),
    );
    Ok(())
}
