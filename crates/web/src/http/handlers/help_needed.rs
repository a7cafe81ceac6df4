//! What needs somebody in one's circles.

use jiff::civil::Date;
use kith_app::MyRota;

use super::me::{row, today};
use super::{Answered, page};
use crate::http::caller::{Caller, circle_path};
use crate::page::layout::Place;
use crate::page::my_rota::{HelpNeededPage, Needed};
use crate::words;

/// What needs somebody, by itself.
pub(crate) async fn help_needed(caller: Caller) -> Answered {
    let rota = caller.web.app.my_rota(&caller.visit).await?;
    let layout = caller.volunteer(None, Place::HelpNeeded);
    page(&HelpNeededPage { layout, needed: needed(&caller, &rota, today(&caller)) })
}

pub(super) fn needed(caller: &Caller, rota: &MyRota, today: Date) -> Needed {
    let help = &rota.help_needed;
    let names: Vec<_> = help.paused.iter().map(String::as_str).collect();
    let paused = match names.as_slice() {
        [] => None,
        [name] => Some(format!(
            "The {name} circle is paused. Nobody is asked for anything there until it goes on."
        )),
        _ => Some(format!(
            "The {} circles are paused. Nobody is asked for anything there until they go on.",
            words::list(&names)
        )),
    };
    Needed {
        words: how_much(help.count, !names.is_empty()),
        rows: help.first.iter().map(|slot| row(caller, slot, today)).collect(),
        more: help
            .more_in
            .iter()
            .map(|(circle, name)| {
                (format!("{name} circle"), format!("{}/rota", circle_path(*circle)))
            })
            .collect(),
        paused,
    }
}

/// "12 tasks in the coming two weeks need somebody." That all is covered says nobody while a circle
/// is paused, which asks for nothing.
fn how_much(count: Option<usize>, paused: bool) -> String {
    let many = |tasks: String, have| {
        format!("{tasks} in the coming two weeks {have} somebody. Only take what suits you.")
    };
    match count {
        Some(0) if paused => String::new(),
        Some(0) => "Everything in the coming two weeks is covered. Thank you.".to_owned(),
        Some(1) => many("One task".to_owned(), "needs"),
        Some(count) => many(words::capital(&words::how_many(count, "task", "tasks")), "need"),
        None => many("More than fifty tasks".to_owned(), "need"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_much_is_needed_is_said_truly() {
        let said = |count| how_much(count, false);
        assert!(said(Some(0)).starts_with("Everything in the coming two weeks is covered."));
        assert!(said(Some(1)).starts_with("One task in the coming two weeks needs somebody."));
        assert!(said(Some(50)).starts_with("50 tasks in the coming two weeks need somebody."));
        assert!(said(None).starts_with("More than fifty tasks"));
        assert_eq!(how_much(Some(0), true), "", "a pause covers nothing");
    }
}
