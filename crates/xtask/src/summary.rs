//! What the tests came to, read from what their runner printed.

/// Whether a line is one that the summary is made of: nextest's `Summary`, and what failed after
/// it, or the last line of each binary that `cargo test` ran.
pub(crate) fn is_part(line: &str) -> bool {
    let line = line.trim_start();
    ["Summary [", "FAIL [", "TIMEOUT [", "SIGNAL [", "test result: "]
        .iter()
        .any(|start| line.starts_with(start))
}

/// The lines to end with: nextest's own, or one that adds up what `cargo test` said.
pub(crate) fn of(lines: &[String]) -> Vec<String> {
    if let Some(at) = lines.iter().position(|line| line.contains("Summary [")) {
        let (before, after) = lines.split_at(at);
        let Some((summary, failed)) = after.split_first() else { return Vec::new() };
        // nextest names what failed once as it happens and once more after its summary.
        let failed = if failed.is_empty() { before } else { failed };
        return failed.iter().chain([summary]).cloned().collect();
    }
    let results: Vec<_> = lines.iter().filter(|line| line.contains("test result: ")).collect();
    if results.is_empty() {
        return Vec::new();
    }
    let (mut passed, mut failed) = (0, 0);
    for result in results {
        passed += number_before(result, " passed");
        failed += number_before(result, " failed");
    }
    vec![format!("{passed} passed, {failed} failed")]
}

fn number_before(line: &str, word: &str) -> u64 {
    let before = line.split_once(word).map_or("", |(before, _)| before);
    before.rsplit(' ').next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(output: &str) -> Vec<String> {
        output.lines().filter(|line| is_part(line)).map(str::to_owned).collect()
    }

    #[test]
    fn nextests_summary_is_the_last_line() {
        let output = "    Starting 2 tests across 1 binary\n\
                      \x20       PASS [   0.005s] kith-domain time::tests::a\n\
                      \x20       FAIL [   0.006s] kith-domain time::tests::b\n\
                      ────────────\n\
                      \x20    Summary [   0.011s] 2 tests run: 1 passed, 1 failed, 0 skipped\n\
                      \x20       FAIL [   0.006s] kith-domain time::tests::b\n";
        let lines = of(&kept(output));
        assert_eq!(lines.len(), 2);
        assert!(lines[0].contains("FAIL") && lines[0].contains("tests::b"));
        assert!(lines[1].contains("2 tests run: 1 passed, 1 failed"));
    }

    #[test]
    fn cargo_tests_results_are_added_up() {
        let output = "running 3 tests\n\
                      test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured\n\
                      test result: FAILED. 10 passed; 2 failed; 0 ignored; 0 measured\n";
        assert_eq!(of(&kept(output)), ["13 passed, 2 failed"]);
    }

    #[test]
    fn nothing_is_said_of_tests_that_did_not_run() {
        assert!(of(&kept("error: could not compile `kith-domain`\n")).is_empty());
    }
}
