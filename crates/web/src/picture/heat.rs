//! Cover by circle (or week) and day: a table whose every cell holds words.

use askama::Template;
use askama::filters::HtmlSafe;

/// What coordinators look at first.
#[derive(Clone, Debug, Template)]
#[template(path = "pictures/heat.html")]
pub(crate) struct Heat {
    /// What a row is: "Circle", or "Week".
    pub(crate) rows_are: &'static str,
    pub(crate) days: Vec<HeatDay>,
    pub(crate) rows: Vec<HeatRow>,
}

/// Heading of one column.
#[derive(Clone, Debug)]
pub(crate) struct HeatDay {
    /// "Today" or "Tue".
    pub(crate) name: String,
    /// "24 Nov". Empty where the rows are weeks.
    pub(crate) date: String,
}

/// One circle, or one week of a circle.
#[derive(Clone, Debug)]
pub(crate) struct HeatRow {
    /// Nature name: "Heron". Or the first day of a week.
    pub(crate) name: String,
    pub(crate) href: Option<String>,
    /// One cell a day, as many as [`Heat::days`].
    pub(crate) cells: Vec<HeatCell>,
}

/// One circle's day.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HeatCell {
    pub(crate) covered: usize,
    pub(crate) gaps: usize,
}

// INVARIANT: rendered by askama, which escapes every word in it.
impl HtmlSafe for Heat {}

impl HeatCell {
    fn class(self) -> &'static str {
        match (self.gaps, self.covered) {
            (0, 0) => "h-",
            (0, _) => "h0",
            (1, _) => "h1",
            _ => "h2",
        }
    }

    /// What is drawn.
    fn short(self) -> String {
        match (self.gaps, self.covered) {
            (0, 0) => "–".to_owned(),
            (0, covered) => format!("✓ {covered}"),
            (1, _) => "1 gap".to_owned(),
            (gaps, _) => format!("{gaps} gaps"),
        }
    }

    /// What is read aloud.
    pub(crate) fn in_words(self) -> String {
        match (self.gaps, self.covered) {
            (0, 0) => "Nothing planned".to_owned(),
            (0, covered) => format!("All {covered} covered"),
            (_, 0) => self.short(),
            (_, covered) => format!("{}, {covered} covered", self.short()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cell_holds_words() {
        let cell = |covered, gaps| HeatCell { covered, gaps };
        assert_eq!(cell(0, 0).in_words(), "Nothing planned");
        assert_eq!(cell(2, 0).in_words(), "All 2 covered");
        assert_eq!(cell(1, 1).in_words(), "1 gap, 1 covered");
        assert_eq!(cell(0, 3).in_words(), "3 gaps");
        let heat = Heat {
            rows_are: "Circle",
            days: vec![HeatDay { name: "Today".to_owned(), date: "23 Nov".to_owned() }],
            rows: vec![HeatRow {
                name: "Heron".to_owned(),
                href: Some("/h/circles/1".to_owned()),
                cells: vec![cell(2, 1)],
            }],
        };
        crate::picture::same_as_golden("heat", &heat.render().unwrap());
    }
}
