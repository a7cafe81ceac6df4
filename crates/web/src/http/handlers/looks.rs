//! Who has looked at what.

use crate::http::address::{Path, Query};
use jiff::ToSpan as _;
use jiff::civil::Date;
use kith_app::{About, DotRow as AppRow, LookView, Looker, LooksPage, LooksSpan, Unusual};
use kith_domain::ids::CircleId;
use kith_domain::{Action, Category};
use serde::Deserialize;

use super::people::patient;
use super::{Answered, page};
use crate::http::caller::{Caller, circle_path};
use crate::page::layout::Place;
use crate::page::looks::LooksPage as LooksHtml;
use crate::page::view::LookRow;
use crate::picture::{DotPlot, DotRow};
use crate::words;

/// How far back, and whether every visit is listed.
#[derive(Deserialize)]
pub(crate) struct Which {
    before: Option<i64>,
    days: Option<String>,
    all: Option<String>,
}

impl Which {
    fn span(&self) -> LooksSpan {
        match self.days.as_deref() {
            Some("60") => LooksSpan::SixtyDays,
            _ => LooksSpan::TwoWeeks,
        }
    }

    const fn lists_all(&self) -> bool {
        self.all.is_some() || self.before.is_some()
    }
}

pub(crate) async fn looks(
    caller: Caller,
    Path(circle): Path<CircleId>,
    Query(which): Query<Which>,
) -> Answered {
    let view = caller.web.app.looks(&caller.visit, circle, which.span(), which.before).await?;
    page(&show(&caller, &view, which.lists_all()))
}

fn show(caller: &Caller, view: &LooksPage, all: bool) -> LooksHtml {
    let about = &view.about;
    let own = format!("{}/looks", circle_path(about.circle));
    let today = about.zone.date(caller.visit.now());
    let organisation = &caller.visit.organisation.name;
    let rows = |looks: &[LookView]| -> Vec<LookRow> {
        looks.iter().map(|look| look_row(look, organisation, today)).collect()
    };
    // A friend has no unusual visits: her own are all there is to see.
    let all = all || !view.everybody;
    let (other, days) = match view.days {
        60 => ("14 days", 14),
        _ => ("60 days", 60),
    };
    let older = |before: i64| format!("{own}?before={before}&days={}", view.days);
    LooksHtml {
        layout: caller.family(about, Place::Private),
        patient: patient(about),
        plot: view
            .everybody
            .then(|| plot(about, &view.dots, view.from, view.days, "something in this circle")),
        unusual: rows(&view.unusual),
        rest: if all { rows(&view.looks) } else { Vec::new() },
        all: (!all && !view.looks.is_empty()).then(|| format!("{own}?all=1&days={}", view.days)),
        older: view.older.filter(|_| all).map(older),
        days: view.days,
        staff: staff(view, organisation, today),
        other_span: view.everybody.then(|| (other.to_owned(), format!("{own}?days={days}"))),
    }
}

/// "Joan saw how to get in, today, 7.50am".
pub(crate) fn look_row(look: &LookView, organisation: &str, today: Date) -> LookRow {
    let why = match look.unusual {
        Some(Unusual::GrantEnded) => ", who may not see it any more",
        Some(Unusual::FirstTime) => ", for the first time",
        Some(Unusual::AtNight) => ", at night",
        Some(Unusual::Entry) | None => "",
    };
    LookRow {
        who: looker(&look.who, organisation),
        did: format!("{}{why}", did(look.category, look.action)),
        when: words::moment(look.local, today),
    }
}

fn looker(who: &Looker, organisation: &str) -> String {
    match who {
        Looker::You => "You".to_owned(),
        Looker::Member(_, Some(name)) => name.clone(),
        Looker::Member(_, None) => "Somebody who was in the circle".to_owned(),
        Looker::Staff => organisation.to_owned(),
        Looker::Other => "Kith itself".to_owned(),
    }
}

fn did(category: Category, action: Action) -> String {
    let thing = thing(category);
    match action {
        Action::Disclose if category == Category::Entry => "saw how to get in".to_owned(),
        Action::Disclose => format!("opened {thing}"),
        Action::Amend => format!("changed {thing}"),
        Action::Contribute => format!("added to {thing}"),
        Action::Export => format!("took a copy of {thing}"),
        Action::Erase => format!("took away {thing}"),
        Action::Take => "took a task".to_owned(),
        Action::Answer => "answered for a task".to_owned(),
        Action::ActFor => "said something for somebody without e-mail".to_owned(),
        Action::Ask => "asked the circle for help".to_owned(),
        Action::List => format!("saw the list of {thing}"),
        Action::Name => "named somebody, or changed what somebody may see".to_owned(),
        Action::Remove => "took somebody out of the circle".to_owned(),
        Action::Review => "read who has looked".to_owned(),
        Action::Govern => "changed how the circle is run".to_owned(),
    }
}

const fn thing(category: Category) -> &'static str {
    match category {
        Category::Identity => "the name",
        Category::Rota => "the rota",
        Category::Task => "the notes of tasks",
        Category::Address => "the address",
        Category::News => "the news",
        Category::Help => "who to call",
        Category::Care => "the private page",
        Category::Entry => "how to get in",
        Category::Slot => "a task",
        Category::People => "people",
        Category::Looks => "who has looked",
        Category::Introduction => "who asked",
        Category::Contact => "contact details",
        Category::Oversight => "the page that says how much is covered",
        Category::Delivery => "where a box goes",
        Category::Packing => "what is in a box",
        Category::Concern => "a worry told in confidence",
    }
}

/// On which days each person opened `what`; staff have a list of their own.
pub(crate) fn plot(
    about: &About,
    dots: &[AppRow],
    from: Date,
    days: i32,
    what: &'static str,
) -> DotPlot {
    let last = from.saturating_add(i64::from(days - 1).days());
    let month: String = words::month(from).chars().take(3).collect();
    let name = |who: &Looker| match (who, &about.reader) {
        (Looker::You, Some(reader)) => format!("{reader} (you)"),
        _ => looker(who, ""),
    };
    let row = |row: &AppRow| DotRow {
        name: name(&row.who),
        opened: row.days.iter().map(|times| *times > 0).collect(),
    };
    let people = |row: &&AppRow| matches!(row.who, Looker::You | Looker::Member(..));
    DotPlot {
        what,
        span: words::days(from, last),
        first_day: format!("{} {month}", from.day()),
        rows: dots.iter().filter(people).map(row).collect(),
    }
}

/// On which days staff opened their page about the circle, the latest first.
fn staff(view: &LooksPage, organisation: &str, today: Date) -> Vec<LookRow> {
    let rows = view.dots.iter().filter(|row| row.who == Looker::Staff);
    let mut days: Vec<Date> = rows
        .flat_map(|row| row.days.iter().zip(0_i64..))
        .filter(|(times, _)| **times > 0)
        .map(|(_, day)| view.from.saturating_add(day.days()))
        .collect();
    days.sort_unstable();
    days.dedup();
    let row = |day: &Date| LookRow {
        who: organisation.to_owned(),
        did: did(Category::Oversight, Action::Disclose),
        when: words::day_from(*day, today),
    };
    days.iter().rev().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_look_is_a_sentence() {
        for (category, action) in kith_domain::EXISTING_PAIRS {
            let said = did(*category, *action);
            assert!(said.len() > 8 && !said.ends_with('.'), "{said}");
        }
        assert_eq!(did(Category::Entry, Action::Disclose), "saw how to get in");
        assert_eq!(did(Category::Care, Action::Amend), "changed the private page");
    }
}
