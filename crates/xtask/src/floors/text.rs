//! The floors that are about what is written in files.

use super::Finding;

/// A source file longer than this fails.
const LONGEST: usize = 450;
/// A source file longer than this is mentioned.
const LONG: usize = 400;

/// What is wrong with one file, and what is only worth a word.
#[derive(Debug, Default)]
pub(crate) struct Read {
    /// Fails the run.
    pub(crate) findings: Vec<Finding>,
    /// Is printed.
    pub(crate) warnings: Vec<String>,
}

/// Looks at one file of the project: `path` from the root, with forward slashes.
pub(crate) fn check(path: &str, text: &str) -> Read {
    let mut read = Read::default();
    if vendored(path) {
        return read;
    }
    if !path.starts_with("crates/xtask/") {
        escaping(path, text, &mut read.findings);
        places(path, text, &mut read.findings);
    }
    if path.ends_with("/Cargo.toml") {
        lints(path, text, &mut read.findings);
    }
    if is_source(path) {
        length(path, text, &mut read);
    }
    read
}

/// Third-party files, and files that tools write, keep the form they came in.
fn vendored(path: &str) -> bool {
    path.contains("/vendor/") || path.ends_with("Cargo.lock") || path.ends_with("package-lock.json")
}

fn is_source(path: &str) -> bool {
    let rust = std::path::Path::new(path).extension().is_some_and(|extension| extension == "rs");
    rust && (path.starts_with("migrations/src/")
        || (path.starts_with("crates/") && path.contains("/src/")))
}

fn escaping(path: &str, text: &str, findings: &mut Vec<Finding>) {
    for (number, line) in numbered(text) {
        let squeezed: String = line.chars().filter(|c| !c.is_whitespace()).collect();
        let filter = path.contains("/templates/") && squeezed.contains("|safe");
        if filter || squeezed.contains("escape=\"none\"") {
            findings.push(Finding::new(
                format!("{path}:{number} turns escaping off"),
                "Pass the value as a type that renders itself, such as an askama template.",
            ));
        }
    }
}

/// Where somebody's machine keeps things. What a server keeps (`/etc`, `/var/lib`) is no such place.
const PLACES: &[&str] = &["/root/", "/home/", "/work/", "/Users/", "/tmp/"];

fn places(path: &str, text: &str, findings: &mut Vec<Finding>) {
    for (number, line) in numbered(text) {
        for place in PLACES {
            let starts_a_path = line.match_indices(place).any(|(at, _)| {
                let before = line.get(..at).and_then(|before| before.chars().next_back());
                before.is_none_or(|c| c.is_whitespace() || "\"'`(=:<[".contains(c))
            });
            if starts_a_path {
                findings.push(Finding::new(
                    format!("{path}:{number} names a place on somebody's machine ({place})"),
                    "Write it from the root of the project, or take it from configuration.",
                ));
            }
        }
    }
}

fn lints(path: &str, text: &str, findings: &mut Vec<Finding>) {
    let mut in_lints = false;
    let inherits = text.lines().map(str::trim).any(|line| {
        if line.starts_with('[') {
            in_lints = line == "[lints]";
        }
        let line: String = line.chars().filter(|c| !c.is_whitespace()).collect();
        (in_lints && line == "workspace=true") || line == "lints.workspace=true"
    });
    if !inherits {
        findings.push(Finding::new(
            format!("{path} does not take the lints of the workspace"),
            "Add the two lines `[lints]` and `workspace = true`.",
        ));
    }
}

fn length(path: &str, text: &str, read: &mut Read) {
    let lines = text.lines().count();
    if lines > LONGEST {
        read.findings.push(Finding::new(
            format!("{path} has {lines} lines, and {LONGEST} is the most"),
            "Split it: each file has one reason to exist.",
        ));
    } else if lines > LONG {
        read.warnings.push(format!("{path} has {lines} lines; split it before it has {LONGEST}"));
    }
}

fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(index, line)| (index + 1, line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn caught(path: &str, text: &str, word: &str) {
        let read = check(path, text);
        assert_eq!(read.findings.len(), 1, "{read:?}");
        let said = read.findings[0].to_string();
        assert!(said.contains(path) && said.contains(word), "{said}");
    }

    #[track_caller]
    fn clean(path: &str, text: &str) {
        let read = check(path, text);
        assert!(read.findings.is_empty() && read.warnings.is_empty(), "{read:?}");
    }

    #[test]
    fn escaping_turned_off_is_caught() {
        caught("crates/web/templates/page.html", "<p>\n{{ name|safe }}", ":2");
        caught("crates/web/templates/page.html", "{{ name | safe }}", "escaping");
        caught("crates/web/src/page.rs", "#[template(path = \"a\", escape = \"none\")]", "type");
        clean("crates/web/templates/page.html", "{{ name }} is a safe place");
        clean("crates/web/src/lib.rs", "let both = left |safe;");
    }

    #[test]
    fn places_on_a_machine_are_caught() {
        caught("README.md", "see `/home/ruth/kith`", "/home/");
        caught("crates/app/src/lib.rs", "const DIR: &str = \"/tmp/kith\";", "/tmp/");
        caught("config/default.toml", "file=/root/keys", "/root/");
        clean("docs/deploy.md", "keys live in /etc/kith and data in /var/lib/kith");
        clean("crates/web/src/routes.rs", "route(\"/circle/home/\")");
        clean("crates/web/vendor/govuk/a.scss", "/home/somebody");
    }

    #[test]
    fn a_crate_without_the_lints_is_caught() {
        caught("crates/app/Cargo.toml", "[package]\nname = \"kith-app\"\n", "lints");
        caught("crates/app/Cargo.toml", "[lints]\n[dependencies]\nworkspace = true\n", "lints");
        clean("crates/app/Cargo.toml", "[lints]\nworkspace = true\n");
        clean("crates/app/Cargo.toml", "lints.workspace = true\n");
        clean("Cargo.toml", "[workspace]\n");
    }

    #[test]
    fn long_files_are_caught_and_rather_long_ones_mentioned() {
        let lines = |count: usize| "x\n".repeat(count);
        caught("crates/app/src/lib.rs", &lines(451), "451");
        let read = check("migrations/src/m1.rs", &lines(450));
        assert!(read.findings.is_empty());
        assert_eq!(read.warnings.len(), 1);
        clean("crates/app/src/lib.rs", &lines(400));
        clean("crates/app/tests/all.rs", &lines(2_000));
    }
}
