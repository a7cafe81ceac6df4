//! The week as seven days with a dot for each task.

use askama::Template;
use askama::filters::HtmlSafe;

/// Seven days.
#[derive(Clone, Debug, Template)]
#[template(path = "pictures/strip.html")]
pub(crate) struct Strip {
    pub(crate) days: Vec<StripDay>,
}

/// One day of the strip.
#[derive(Clone, Debug)]
pub(crate) struct StripDay {
    /// "Mon".
    pub(crate) weekday: &'static str,
    /// Day of the month.
    pub(crate) number: i8,
    pub(crate) is_today: bool,
    /// Tasks that somebody has promised.
    pub(crate) covered: usize,
    /// All tasks of the day.
    pub(crate) tasks: usize,
}

/// Centre and kind of one dot, in the picture's own units.
struct Dot {
    x: usize,
    y: usize,
    class: &'static str,
}

// INVARIANT: rendered by askama, which escapes every word in it.
impl HtmlSafe for Strip {}

impl Strip {
    /// "11 of 14 tasks are covered."
    pub(crate) fn in_words(&self) -> String {
        let (covered, tasks) = self
            .days
            .iter()
            .fold((0, 0), |(covered, tasks), day| (covered + day.covered, tasks + day.tasks));
        match tasks {
            0 => "Nothing is planned this week.".to_owned(),
            1 if covered == 1 => "The one task of this week is covered.".to_owned(),
            1 => "The one task of this week needs someone.".to_owned(),
            _ if covered == tasks => format!("All {tasks} tasks are covered."),
            _ => format!("{covered} of {tasks} tasks are covered."),
        }
    }

    /// Whether the reader must be told what a dashed dot is.
    fn has_gaps(&self) -> bool {
        self.days.iter().any(|day| day.covered < day.tasks)
    }
}

impl StripDay {
    const STEP: usize = 18;
    const A_ROW: usize = 3;

    /// "2 of 3 covered".
    fn in_words(&self) -> String {
        match self.tasks {
            0 => "nothing planned".to_owned(),
            tasks => format!("{} of {tasks} covered", self.covered),
        }
    }

    fn dots(&self) -> impl Iterator<Item = Dot> {
        (0..self.tasks).map(|n| Dot {
            x: n % Self::A_ROW * Self::STEP + Self::STEP / 2,
            y: n / Self::A_ROW * Self::STEP + Self::STEP / 2,
            class: if n < self.covered { "dot-f" } else { "dot-e" },
        })
    }

    fn width(&self) -> usize {
        self.tasks.clamp(1, Self::A_ROW) * Self::STEP
    }

    fn height(&self) -> usize {
        self.tasks.div_ceil(Self::A_ROW).max(1) * Self::STEP
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(weekday: &'static str, covered: usize, tasks: usize) -> StripDay {
        StripDay { weekday, number: 23, is_today: weekday == "Mon", covered, tasks }
    }

    #[test]
    fn a_dot_for_each_task_and_the_same_in_words() {
        let strip = Strip { days: vec![day("Mon", 2, 3), day("Tue", 0, 0), day("Wed", 5, 5)] };
        let drawn = strip.render().unwrap();
        assert_eq!(drawn.matches("dot-f").count(), 7);
        assert_eq!(drawn.matches("dot-e").count(), 1);
        assert!(drawn.contains("2 of 3 covered"));
        assert!(drawn.contains("nothing planned"));
        assert_eq!(strip.in_words(), "7 of 8 tasks are covered.");
        crate::picture::same_as_golden("strip", &drawn);
    }

    #[test]
    fn a_week_is_summed_up_truly() {
        let week = |covered, tasks| Strip { days: vec![day("Mon", covered, tasks)] }.in_words();
        assert_eq!(week(0, 0), "Nothing is planned this week.");
        assert_eq!(week(1, 1), "The one task of this week is covered.");
        assert_eq!(week(0, 1), "The one task of this week needs someone.");
        assert_eq!(week(3, 3), "All 3 tasks are covered.");
    }
}
