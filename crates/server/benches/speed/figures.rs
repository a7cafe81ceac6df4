//! The figures of one run, and how they stand to what they should be.

use std::fmt::Write as _;
use std::time::Duration;

/// What a figure should be.
#[derive(Clone, Copy)]
pub(crate) enum Target {
    /// At least this.
    AtLeast(f64),
    /// At most this.
    AtMost(f64),
}

/// One line of the table.
pub(crate) struct Figure {
    what: String,
    measured: String,
    floor: String,
    /// What is compared, and with what.
    compared: Option<(f64, Target)>,
    unit: &'static str,
}

/// All lines so far.
#[derive(Default)]
pub(crate) struct Figures(Vec<Figure>);

impl Figures {
    /// A figure with a target: `value` in `unit` is compared.
    pub(crate) fn compare(
        &mut self,
        what: impl Into<String>,
        measured: impl Into<String>,
        floor: impl Into<String>,
        (value, unit, target): (f64, &'static str, Target),
    ) {
        let figure = Figure {
            what: what.into(),
            measured: measured.into(),
            floor: floor.into(),
            compared: Some((value, target)),
            unit,
        };
        self.add(figure);
    }

    /// A figure that is only told.
    pub(crate) fn tell(&mut self, what: impl Into<String>, measured: impl Into<String>) {
        let (floor, compared) = (String::new(), None);
        self.add(Figure {
            what: what.into(),
            measured: measured.into(),
            floor,
            compared,
            unit: "",
        });
    }

    fn add(&mut self, figure: Figure) {
        eprintln!("{}", figure.line());
        self.0.push(figure);
    }

    /// Says everything as a table, and how many targets were missed.
    pub(crate) fn print(&self) -> usize {
        println!("| what | measured | measured against | ratio | target | |");
        println!("|---|---|---|---|---|---|");
        for figure in &self.0 {
            println!("{}", figure.line());
        }
        let missed = self.0.iter().filter(|figure| figure.is_missed()).count();
        println!("\n{missed} missed.");
        missed
    }
}

impl Figure {
    fn is_missed(&self) -> bool {
        match self.compared {
            Some((value, Target::AtLeast(least))) => value < least,
            Some((value, Target::AtMost(most))) => value > most,
            None => false,
        }
    }

    fn line(&self) -> String {
        let Self { what, measured, floor, compared, unit } = self;
        let mut line = format!("| {what} | {measured} | {floor} |");
        let written = match compared {
            None => write!(line, " | | |"),
            Some((value, target)) => {
                let (word, bound) = match target {
                    Target::AtLeast(bound) => ("at least", bound),
                    Target::AtMost(bound) => ("at most", bound),
                };
                let verdict = if self.is_missed() { "**MISSED**" } else { "PASS" };
                write!(line, " {value:.3}{unit} | {word} {bound:.3}{unit} | {verdict} |")
            }
        };
        if written.is_err() { String::new() } else { line }
    }
}

/// A time as people read it.
pub(crate) fn time(duration: Duration) -> String {
    let nanoseconds = duration.as_secs_f64() * 1e9;
    match nanoseconds {
        ..1e3 => format!("{nanoseconds:.1} ns"),
        ..1e6 => format!("{:.1} µs", nanoseconds / 1e3),
        ..1e9 => format!("{:.2} ms", nanoseconds / 1e6),
        _ => format!("{:.2} s", nanoseconds / 1e9),
    }
}

/// How many of something fit into a second.
pub(crate) fn per_second(count: usize, took: Duration) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX)) / took.as_secs_f64()
}

/// The duration below which `share` of a sorted list lies.
pub(crate) fn percentile(sorted: &[Duration], share: f64) -> Duration {
    let last = sorted.len().saturating_sub(1);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a share of a length is a place in it"
    )]
    let place = (share * last as f64).round() as usize;
    sorted.get(place.min(last)).copied().unwrap_or_default()
}
