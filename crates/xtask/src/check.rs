//! `cargo xtask test`: every check there is, in order, with the time each took.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::bail;
use tokio::process::Command;

use crate::install::{self, BROWSER};
use crate::postgres::Cluster;
use crate::process::{Interrupted, Runner};
use crate::say::say;
use crate::{floors, summary};

/// Where the tests find PostgreSQL. Its absence is a failure of theirs, and no skip.
const DATABASE: &str = "TEST_DATABASE_URL";

/// Files that tests print from the code and compare with what is checked in.
const PRINTED: &[&str] = &["policies/matrix.txt"];

/// What the person asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Options {
    /// Leaves out what needs PostgreSQL or a browser.
    pub(crate) quick: bool,
    /// Goes on after a check that failed.
    pub(crate) keep_going: bool,
}

/// The checks, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Check {
    Install,
    Format,
    Clippy,
    Floors,
    Documentation,
    Build,
    Tests,
    DocumentationTests,
    Browser,
    Printed,
}

impl Check {
    const ALL: [Self; 10] = [
        Self::Install,
        Self::Format,
        Self::Clippy,
        Self::Floors,
        Self::Documentation,
        Self::Build,
        Self::Tests,
        Self::DocumentationTests,
        Self::Browser,
        Self::Printed,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Install => "what the tests need",
            Self::Format => "format",
            Self::Clippy => "clippy",
            Self::Floors => "floors",
            Self::Documentation => "documentation",
            Self::Build => "build",
            Self::Tests => "tests",
            Self::DocumentationTests => "tests in the documentation",
            Self::Browser => "browser tests",
            Self::Printed => "printed files",
        }
    }

    /// The longest it may take; a machine with two slow cores is meant.
    fn limit(self) -> Duration {
        let minutes = match self {
            Self::Format | Self::Floors | Self::Printed => 5,
            Self::DocumentationTests => 15,
            Self::Install | Self::Clippy | Self::Documentation | Self::Browser => 20,
            Self::Build => 30,
            Self::Tests => 40,
        };
        Duration::from_mins(minutes)
    }

    fn in_quick(self) -> bool {
        self != Self::Browser
    }
}

/// Runs the checks, says at the end how each went, and gives whether all are well.
///
/// # Errors
/// When PostgreSQL cannot be stopped.
pub(crate) async fn run(runner: &mut Runner, options: Options) -> anyhow::Result<bool> {
    let started = Instant::now();
    let mut checks = Checks {
        nextest: install::installed("cargo-nextest"),
        printed: printed(runner.root()),
        cluster: None,
        counted: Vec::new(),
        options,
        runner,
    };
    let mut ended: Vec<(Check, Duration, anyhow::Result<()>)> = Vec::new();
    for check in Check::ALL.into_iter().filter(|check| check.in_quick() || !options.quick) {
        say(&format!("\n== {} ==", check.name()));
        let began = Instant::now();
        let result = checks.run(check).await;
        if let Err(error) = &result {
            say(&format!("{} failed: {error:#}", check.name()));
        }
        let interrupted = result.as_ref().is_err_and(anyhow::Error::is::<Interrupted>);
        let stop = result.is_err() && !options.keep_going;
        ended.push((check, began.elapsed(), result));
        if interrupted || stop {
            break;
        }
    }
    let stopped = match checks.cluster.take() {
        Some(cluster) => cluster.stop().await,
        None => Ok(()),
    };
    report(&ended, started.elapsed());
    // Last, so that whoever looks at the end of a long log sees what the tests came to.
    for line in summary::of(&checks.counted) {
        say(&line);
    }
    stopped?;
    Ok(ended.iter().all(|(_, _, result)| result.is_ok()))
}

fn report(ended: &[(Check, Duration, anyhow::Result<()>)], total: Duration) {
    say("");
    for (check, took, result) in ended {
        let how = if result.is_ok() { "ok" } else { "FAILED" };
        say(&format!("{how:>8} {:>6} s  {}", took.as_secs(), check.name()));
    }
    for (check, _, result) in ended {
        if let Err(error) = result {
            say(&format!("{} failed: {error:#}", check.name()));
        }
    }
    let (minutes, seconds) = (total.as_secs() / 60, total.as_secs() % 60);
    say(&format!("in all {minutes} min {seconds} s"));
}

struct Checks<'r> {
    runner: &'r mut Runner,
    options: Options,
    nextest: bool,
    printed: BTreeMap<&'static str, Option<Vec<u8>>>,
    cluster: Option<Cluster>,
    counted: Vec<String>,
}

impl Checks<'_> {
    async fn run(&mut self, check: Check) -> anyhow::Result<()> {
        match check {
            Check::Install => install::run(self.runner, self.options.quick).await,
            Check::Format => self.cargo(check, &["fmt", "--all", "--check"]).await,
            Check::Clippy => {
                let what = ["clippy", "--workspace", "--all-targets", "--all-features"];
                self.cargo(check, &[&what[..], &["--", "-D", "warnings"]].concat()).await
            }
            Check::Floors => floors::run(self.runner.root()),
            Check::Documentation => {
                let what = ["doc", "--workspace", "--no-deps", "--document-private-items"];
                let mut document = self.runner.command("cargo", &what);
                document.env("RUSTDOCFLAGS", "-D warnings");
                self.runner.run(document, check.limit()).await
            }
            Check::Build => {
                // End-to-end tests start the binary, so it is built as well.
                self.cargo(check, &["build", "--workspace", "--bins"]).await?;
                let nextest = ["nextest", "run", "--no-run", "--workspace"];
                let cargo = ["test", "--no-run", "--workspace"];
                self.cargo(check, if self.nextest { &nextest } else { &cargo }).await
            }
            Check::Tests => self.tests(check).await,
            Check::DocumentationTests => self.cargo(check, &["test", "--doc", "--workspace"]).await,
            Check::Browser => self.browser(check).await,
            Check::Printed => unchanged(&self.printed, &printed(self.runner.root())),
        }
    }

    async fn cargo(&mut self, check: Check, arguments: &[&str]) -> anyhow::Result<()> {
        self.runner.run(self.runner.command("cargo", arguments), check.limit()).await
    }

    async fn tests(&mut self, check: Check) -> anyhow::Result<()> {
        // Store tests are named by their database: `sqlite::…` and `postgres::…`.
        let mut arguments = match (self.nextest, self.options.quick) {
            (true, false) => vec!["nextest", "run", "--workspace", "--profile", "ci"],
            (true, true) => vec!["nextest", "run", "--workspace", "-E", "not test(/postgres/)"],
            (false, false) => vec!["test", "--workspace", "--lib", "--bins", "--tests"],
            (false, true) => {
                vec![
                    "test",
                    "--workspace",
                    "--lib",
                    "--bins",
                    "--tests",
                    "--",
                    "--skip",
                    "postgres",
                ]
            }
        };
        if !self.nextest && self.options.keep_going {
            arguments.insert(1, "--no-fail-fast");
        }
        let mut tests = self.runner.command("cargo", &arguments);
        self.surroundings(&mut tests).await?;
        let (counted, result) =
            self.runner.run_keeping(tests, check.limit(), summary::is_part).await;
        self.counted = counted;
        result
    }

    async fn browser(&mut self, check: Check) -> anyhow::Result<()> {
        let folder = self.runner.root().join(BROWSER);
        let Ok(package) = std::fs::read_to_string(folder.join("package.json")) else {
            bail!("{BROWSER}/package.json is missing");
        };
        let package: serde_json::Value = serde_json::from_str(&package)?;
        let mut tests = if package.pointer("/scripts/test").is_some() {
            self.runner.command("npm", &["test"])
        } else {
            self.runner.command("node", &["--test"])
        };
        tests.current_dir(folder);
        self.surroundings(&mut tests).await?;
        self.runner.run(tests, check.limit()).await
    }

    /// Tells tests where PostgreSQL, the mail server and the browser are.
    async fn surroundings(&mut self, tests: &mut Command) -> anyhow::Result<()> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::env::split_paths(&path).chain(["/usr/sbin".into()]);
        tests.env("PATH", std::env::join_paths(folders)?);
        if self.options.quick {
            return Ok(());
        }
        if self.cluster.is_none() {
            self.cluster = Some(Cluster::start(self.runner).await?);
        }
        if let Some(cluster) = &self.cluster {
            tests.env(DATABASE, cluster.url());
        }
        Ok(())
    }
}

fn printed(root: &Path) -> BTreeMap<&'static str, Option<Vec<u8>>> {
    PRINTED.iter().map(|path| (*path, std::fs::read(root.join(path)).ok())).collect()
}

/// A file that the run wrote anew was not what the code prints.
fn unchanged(
    before: &BTreeMap<&'static str, Option<Vec<u8>>>,
    after: &BTreeMap<&'static str, Option<Vec<u8>>>,
) -> anyhow::Result<()> {
    for (path, content) in after {
        if content.is_none() {
            bail!("{path} is missing");
        }
        if before.get(path) != Some(content) {
            bail!("{path} was not what the code prints; it is now: look at it and commit it");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_printed_file_that_changed_or_is_missing_is_caught() {
        let file = |content: Option<&[u8]>| BTreeMap::from([("a.txt", content.map(Vec::from))]);
        assert!(unchanged(&file(Some(b"x")), &file(Some(b"x"))).is_ok());
        let said = |before, after| unchanged(&before, &after).unwrap_err().to_string();
        assert!(said(file(Some(b"x")), file(Some(b"y"))).contains("a.txt was not"));
        assert!(said(file(None), file(Some(b"y"))).contains("a.txt was not"));
        assert!(said(file(None), file(None)).contains("a.txt is missing"));
    }

    #[test]
    fn quick_leaves_out_the_browser_only() {
        let left_out: Vec<_> = Check::ALL.into_iter().filter(|check| !check.in_quick()).collect();
        assert_eq!(left_out, [Check::Browser]);
    }
}
