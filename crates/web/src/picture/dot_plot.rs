//! Days on which each person opened something.

use askama::Template;
use askama::filters::HtmlSafe;

use crate::words;

/// One row a person, one column a day, the last of them today.
#[derive(Clone, Debug, Template)]
#[template(path = "pictures/dot_plot.html")]
pub(crate) struct DotPlot {
    /// What was opened: "the private page".
    pub(crate) what: &'static str,
    /// "10 to 23 November".
    pub(crate) span: String,
    /// Said under the first column: "10 Nov".
    pub(crate) first_day: String,
    pub(crate) rows: Vec<DotRow>,
}

/// One person's days.
#[derive(Clone, Debug)]
pub(crate) struct DotRow {
    /// "Joan", or "Ruth (you)".
    pub(crate) name: String,
    /// For each day, the oldest first, whether she opened it.
    pub(crate) opened: Vec<bool>,
}

// INVARIANT: rendered by askama, which escapes every word in it.
impl HtmlSafe for DotPlot {}

impl DotPlot {
    const LEFT: usize = 108;
    const RIGHT: usize = 340;
    const ROW: usize = 34;

    /// The picture in words, from the same days.
    pub(crate) fn in_words(&self) -> String {
        let days = self.rows.first().map_or(0, |row| row.opened.len());
        let said: Vec<String> = self
            .rows
            .iter()
            .map(|row| match row.opened.iter().filter(|&&opened| opened).count() {
                0 => format!("{} on no day", row.name),
                1 => format!("{} on 1 day", row.name),
                count => format!("{} on {count} days", row.name),
            })
            .collect();
        if said.is_empty() {
            return format!("Nobody opened {}.", self.what);
        }
        format!("Of {days} days, {} was opened by {}.", self.what, words::list(&said))
    }

    fn height(&self) -> usize {
        self.rows.len() * Self::ROW + 40
    }

    fn axis(&self) -> usize {
        self.rows.len() * Self::ROW + 30
    }

    /// Each row with the baseline of its name and the height of its line.
    fn placed(&self) -> impl Iterator<Item = (&DotRow, usize, usize)> {
        self.rows.iter().enumerate().map(|(n, row)| (row, n * Self::ROW + 31, n * Self::ROW + 26))
    }
}

impl DotRow {
    /// Longest name that fits beside the dots.
    const FITS: usize = 11;

    fn short_name(&self) -> String {
        if self.name.chars().count() <= Self::FITS {
            return self.name.clone();
        }
        self.name.chars().take(Self::FITS - 1).chain(['…']).collect()
    }

    /// Place of each dot in tenths of a unit, kept whole so that the same days draw the same text.
    fn dots(&self) -> impl Iterator<Item = (String, bool)> {
        let gaps = self.opened.len().saturating_sub(1).max(1);
        let width = (DotPlot::RIGHT - DotPlot::LEFT) * 10;
        self.opened.iter().enumerate().map(move |(day, &opened)| {
            let tenths = DotPlot::LEFT * 10 + day * width / gaps;
            (format!("{}.{}", tenths / 10, tenths % 10), opened)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plot() -> DotPlot {
        DotPlot {
            what: "the private page",
            span: "20 to 23 November".to_owned(),
            first_day: "20 Nov".to_owned(),
            rows: vec![
                DotRow { name: "Ruth (you)".to_owned(), opened: vec![true, true, false, true] },
                DotRow { name: "Bartholomew <b>".to_owned(), opened: vec![false; 4] },
            ],
        }
    }

    #[test]
    fn a_large_dot_for_each_day_opened_and_the_same_in_words() {
        let drawn = plot().render().unwrap();
        assert_eq!(drawn.matches(r#"class="on""#).count(), 3);
        assert_eq!(drawn.matches(r#"class="off""#).count(), 5);
        assert!(!drawn.contains("<b>"), "a name is never markup");
        assert_eq!(
            plot().in_words(),
            "Of 4 days, the private page was opened by Ruth (you) on 3 days and Bartholomew <b> on no day."
        );
        crate::picture::same_as_golden("dot_plot", &drawn);
    }
}
