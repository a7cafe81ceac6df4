//! What the tests need beside Rust and a C compiler, installed where it is missing.

use std::path::Path;
use std::time::Duration;

use anyhow::bail;
use rustix::process::geteuid;

use crate::postgres;
use crate::process::Runner;
use crate::say::say;

const LIMIT: Duration = Duration::from_mins(15);

/// A program the tests need and the Debian package that has it.
struct Need {
    package: &'static str,
    programs: &'static [&'static str],
    /// Also by `--quick`.
    always: bool,
}

/// The mail server of the tests is Postfix's `smtp-sink`; Postfix itself is never started.
const NEEDS: &[Need] = &[
    Need { package: "postfix", programs: &["smtp-sink"], always: true },
    Need { package: "chromium", programs: &["chromium"], always: false },
    Need { package: "nodejs", programs: &["node"], always: false },
    Need { package: "npm", programs: &["npm"], always: false },
];

/// The folder of the browser tests.
pub(crate) const BROWSER: &str = "tests/browser";

/// Installs what is missing. Nothing is installed twice, and nothing is started.
///
/// # Errors
/// When something is missing and cannot be installed: not Debian, no rights, no network.
pub(crate) async fn run(runner: &mut Runner, quick: bool) -> anyhow::Result<()> {
    let mut missing: Vec<_> = NEEDS
        .iter()
        .filter(|need| need.always || !quick)
        .filter(|need| need.programs.iter().any(|program| !installed(program)))
        .map(|need| need.package)
        .collect();
    if !quick && postgres::programs().is_none() {
        missing.push("postgresql");
    }
    if missing.is_empty() {
        say("nothing is missing");
    } else {
        packages(runner, &missing).await?;
    }
    let browser = runner.root().join(BROWSER);
    if !quick && browser.join("package-lock.json").is_file() {
        let folder = browser.to_string_lossy();
        let arguments = ["ci", "--prefix", &folder, "--no-audit", "--no-fund"];
        runner.run(runner.command("npm", &arguments), LIMIT).await?;
    }
    Ok(())
}

async fn packages(runner: &mut Runner, missing: &[&str]) -> anyhow::Result<()> {
    let list = missing.join(" ");
    if !installed("apt-get") {
        bail!("install these, or what this system calls them: {list}");
    }
    let as_root: &[&str] = if geteuid().is_root() {
        &["env"]
    } else if installed("sudo") {
        &["sudo", "-n", "env"]
    } else {
        bail!("install these as root: apt-get install {list}");
    };
    say(&format!("installing {list}"));
    // Postfix asks what kind of mail server it is to be; none.
    let answer = "echo postfix postfix/main_mailer_type select No configuration \
                  | debconf-set-selections";
    let install = ["apt-get", "install", "-y", "-q", "--no-install-recommends"];
    let install = [&install, missing].concat();
    for step in [["apt-get", "update", "-q"].as_slice(), &["sh", "-c", answer], &install] {
        // Run level 1: the packages' own services are not started.
        let settings = ["DEBIAN_FRONTEND=noninteractive", "RUNLEVEL=1"];
        let words = [as_root, &settings, step].concat();
        let Some((program, arguments)) = words.split_first() else { continue };
        runner.run(runner.command(program, arguments), LIMIT).await?;
    }
    Ok(())
}

/// Whether a program is where one may start it, or where Debian keeps programs for root.
pub(crate) fn installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let in_folder = |folder: &Path| folder.join(program).is_file();
    std::env::split_paths(&path).any(|folder| in_folder(&folder))
        || ["/usr/sbin", "/sbin"].iter().any(|folder| in_folder(Path::new(folder)))
}
