//! The home of a circle.

use crate::http::address::Path;
use axum::response::{IntoResponse, Redirect};
use jiff::civil::{Date, Weekday};
use kith_app::{About, Bead, Home, HomeNews, Unsent, Words};
use kith_domain::ids::CircleId;
use kith_domain::{CircleState, Ring as Level};

use super::people::patient;
use super::private::who_to_call;
use super::slot_more::left_word;
use super::slots::row;
use super::{Answered, go, page};
use crate::http::caller::{Caller, circle_path};
use crate::page::home::{Around, HomePage, News, NoteRow};
use crate::page::layout::Place;
use crate::picture::{Invited, Ring, Strip, StripDay};
use crate::words;

/// `/c/{circle}` without the slash.
pub(crate) async fn to_home(Path(circle): Path<CircleId>) -> Answered {
    Ok(Redirect::permanent(&format!("{}/", circle_path(circle))).into_response())
}

pub(crate) async fn home(caller: Caller, Path(circle): Path<CircleId>) -> Answered {
    let view = caller.web.app.home(&caller.visit, circle).await?;
    page(&show(&caller, &view))
}

/// "All right": the note about the nature name was read.
pub(crate) async fn note_read(caller: Caller, Path(circle): Path<CircleId>) -> Answered {
    caller.web.app.nature_name_read(&caller.visit, circle).await?;
    go(&format!("{}/", circle_path(circle)))
}

fn show(caller: &Caller, view: &Home) -> HomePage {
    let about = &view.about;
    let base = circle_path(about.circle);
    let tell = view.news.as_ref().is_some_and(|news| news.may_tell);
    HomePage {
        layout: caller.family(about, Place::Home),
        reader: about.reader.clone().unwrap_or_default(),
        patient: patient(about),
        circle: about.nature_name.clone(),
        date: words::day(view.today),
        today: view.slots.iter().map(|slot| row(caller, about, slot)).collect(),
        rota: format!("{base}/rota"),
        strip: strip(view),
        add: about.change_rota.then(|| format!("{base}/rota/add")),
        tell: tell.then(|| format!("{base}/news")),
        news: view.news.as_ref().map(|news| latest(news, about, view.today)),
        around: view.around.as_ref().map(|beads| Around {
            ring: ring(about, beads, view.today),
            name_friend: format!("{base}/people/name"),
            looks: format!("{base}/looks"),
        }),
        left_to_say: view.left_to_say.as_ref().map(|word| left_word(caller, about, word)),
        unsent: view
            .unsent
            .iter()
            .filter(|missed| missed.mails > 0 || missed.comes_back)
            .map(unsent)
            .chain(too_late(&view.unsent))
            .collect(),
        who_to_call: who_to_call(about),
        settings: about.in_charge.then(|| format!("{base}/settings")),
        paused: about.state == CircleState::Paused,
        naming_note: view.nature_name_note.then(|| caller.post(format!("{base}/naming-note"))),
    }
}

/// What did not arrive, and what one could do instead.
fn unsent(missed: &Unsent) -> String {
    let mails = match missed.mails {
        1 => "An e-mail".to_owned(),
        mails => words::capital(&words::how_many(mails as usize, "e-mail", "e-mails")),
    };
    match &missed.name {
        _ if missed.comes_back && missed.is_you => {
            "E-mails to you come back. Is your address still right? If it works again, say so under \
             “My details”."
                .to_owned()
        }
        Some(name) if missed.comes_back => words::comes_back(name),
        _ if missed.is_you => {
            format!("{mails} to you did not arrive. Is your address still right?")
        }
        Some(name) => format!("{mails} to {name} did not arrive. You could ring {name}."),
        None => format!("{mails} to somebody in the circle did not arrive."),
    }
}

/// What was not sent, as it would have come too late: one line for all of them.
fn too_late(unsent: &[Unsent]) -> Option<String> {
    let late: Vec<&Unsent> = unsent.iter().filter(|missed| missed.too_late > 0).collect();
    let mails: u32 = late.iter().map(|missed| missed.too_late).sum();
    let names: Vec<&str> = late
        .iter()
        .map(|missed| match &missed.name {
            _ if missed.is_you => "you",
            Some(name) => name,
            None => "somebody",
        })
        .collect();
    let names = words::list(&names);
    match mails {
        0 => None,
        1 => Some(format!(
            "An e-mail to {names} was not sent: it would have come too late to be of use."
        )),
        mails => {
            let mails = words::capital(&words::how_many(mails as usize, "e-mail", "e-mails"));
            Some(format!(
                "{mails} were not sent: they would have come too late to be of use. They were for \
                 {names}."
            ))
        }
    }
}

fn strip(view: &Home) -> Strip {
    let day = |day: &kith_app::StripDay| StripDay {
        weekday: short(day.date.weekday()),
        number: day.date.day(),
        is_today: day.date == view.today,
        covered: day.covered,
        tasks: day.tasks,
    };
    Strip { days: view.strip.iter().map(day).collect() }
}

const fn short(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "Mon",
        Weekday::Tuesday => "Tue",
        Weekday::Wednesday => "Wed",
        Weekday::Thursday => "Thu",
        Weekday::Friday => "Fri",
        Weekday::Saturday => "Sat",
        Weekday::Sunday => "Sun",
    }
}

fn latest(news: &HomeNews, about: &About, today: Date) -> News {
    News {
        href: format!("{}/news", circle_path(about.circle)),
        latest: news.latest.as_ref().map(|note| written(note, about, today)),
        kind_words: news.kind_words.iter().map(|note| written(note, about, today)).collect(),
    }
}

/// A few words, and "Joan, yesterday".
pub(crate) fn written(note: &Words, about: &About, today: Date) -> NoteRow {
    let name = match (note.is_own, &note.by) {
        (true, _) => "You",
        (false, Some(name)) => name,
        (false, None) => "Somebody who was in the circle",
    };
    let day = words::on_day(about.zone.date(note.at), today);
    NoteRow { words: note.text.clone(), by: format!("{name}, {day}"), erase: None }
}

/// The ring picture, from the same people as the list of people.
fn ring(about: &About, beads: &[Bead], today: Date) -> Ring {
    let name = |bead: &Bead| bead.name.clone().unwrap_or_else(|| "Somebody".to_owned());
    let on = |ring: Level| -> Vec<String> {
        beads.iter().filter(|bead| bead.ring == ring).map(name).collect()
    };
    let since = |bead: &Bead| words::on_day(about.zone.date(bead.named_at), today);
    let invited = beads.iter().filter(|bead| bead.ring == Level::Invited);
    Ring {
        centre: patient(about).name,
        private: on(Level::Inner),
        news: on(Level::Middle),
        rota: on(Level::Outer),
        invited: invited
            .map(|bead| Invited { name: name(bead), since: format!("asked {}", since(bead)) })
            .collect(),
    }
}
