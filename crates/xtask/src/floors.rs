//! `cargo xtask floors`: the lines between our crates, kept by a program and not by review.

mod edges;
mod graph;
mod rules;
mod text;

use std::fmt;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, bail};
use cargo_metadata::{CargoOpt, MetadataCommand};

use crate::say::say;
use graph::Graph;

/// One thing that is wrong, and what to do about it.
#[derive(Debug)]
pub(crate) struct Finding {
    what: String,
    remedy: String,
}

impl Finding {
    fn new(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { what: what.into(), remedy: remedy.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n    {}", self.what, self.remedy)
    }
}

/// Checks the workspace at `root` and prints what is wrong.
///
/// # Errors
/// When a floor does not hold, or when cargo or git cannot be asked.
pub(crate) fn run(root: &Path) -> anyhow::Result<()> {
    let metadata = MetadataCommand::new()
        .manifest_path(root.join("Cargo.toml"))
        .features(CargoOpt::AllFeatures)
        .other_options(["--filter-platform".to_owned(), host(root)?])
        .exec()
        .context("cargo metadata failed")?;
    let graph = Graph::from_metadata(&metadata);
    let mut findings = edges::check(&graph);
    findings.extend(edges::tests_only(&tree(root)?));
    let files = files(root)?;
    for path in &files {
        // Pictures and fonts are not text; a file that git still lists may be gone.
        let Ok(text) = std::fs::read_to_string(root.join(path)) else { continue };
        let read = text::check(path, &text);
        findings.extend(read.findings);
        for warning in read.warnings {
            say(&format!("warning: {warning}"));
        }
    }
    for finding in &findings {
        say(&format!("floor: {finding}"));
    }
    if !findings.is_empty() {
        bail!("{} floors do not hold", findings.len());
    }
    say(&format!(
        "floors hold: {} crates of ours, {} packages, {} files",
        graph.members.len(),
        graph.resolved.len(),
        files.len()
    ));
    Ok(())
}

/// This machine's target, so that packages for other systems are not counted.
fn host(root: &Path) -> anyhow::Result<String> {
    let said = output(root, "rustc", &["-vV"])?;
    let host = said.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).context("rustc -vV names no host")
}

/// What the binary is built of, with the features that are on.
fn tree(root: &Path) -> anyhow::Result<String> {
    let (binary, ..) = rules::TESTS_ONLY;
    let arguments = ["tree", "-p", binary, "-e", "normal", "--prefix", "none"];
    output(root, "cargo", &[arguments.as_slice(), &["--format", "{p} [{f}]"]].concat())
}

/// Every file of the project, also those not yet committed.
fn files(root: &Path) -> anyhow::Result<Vec<String>> {
    let listed =
        output(root, "git", &["ls-files", "-z", "--cached", "--others", "--exclude-standard"])?;
    Ok(listed.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect())
}

fn output(root: &Path, program: &str, arguments: &[&str]) -> anyhow::Result<String> {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(root)
        .output()
        .with_context(|| format!("{program} cannot be started"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("{program} {} failed: {}", arguments.join(" "), said.trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
