//! Putting something on the rota, changing it, taking it off, and asking the circle for it.

use crate::http::address::Path;
use jiff::civil::DateTime;
use kith_app::{
    ChangeOutcome, Changing, Failure, Problem, TakeOff, TaskChange, TaskForm, Touched, Touching,
    WhoHadIt,
};
use kith_domain::ids::{CircleId, SlotId};
use kith_domain::repeat::{Weekdays, two_letters, weekday};
use kith_domain::{Disclosure, Ends, RepeatInput, TaskInput, Within};

use super::people::patient;
use super::slots::{said_asked, slot_path};
use super::{Answered, again as form_again, go, page};
use crate::http::caller::{Caller, circle_path};
use crate::http::fields::Fields;
use crate::http::problems::field;
use crate::page::layout::Place;
use crate::page::task_form::{Again, Changing as ChangingPart, TaskFormPage, Tells};
use crate::page::touched::{TouchedPage, TouchedRow};
use crate::words;

type Circle = Path<CircleId>;
type Slot = Path<(CircleId, SlotId)>;

/// What the form for something new begins with.
fn untouched(view: &TaskForm) -> Fields {
    let day = view.today.to_string();
    Fields::filled(&[
        ("date", &day),
        ("places", "1"),
        ("repeat", "once"),
        ("every", "1"),
        ("of_month", "date"),
        ("if_nobody", "tell_me"),
        ("address", if view.may_tell_address { "yes" } else { "" }),
        ("help", if view.may_tell_help { "yes" } else { "" }),
    ])
}

/// What the form for a change begins with: the task as it is.
fn as_it_is(task: &Changing) -> Fields {
    let time = |at: DateTime| format!("{:02}:{:02}", at.hour(), at.minute());
    let ticked = |yes: bool| if yes { "yes" } else { "" };
    let (comes, every, on, of_month) = task.repeat.as_typed();
    let (until, times) = match task.repeat.ends() {
        Ends::Never => (String::new(), String::new()),
        Ends::On(day) => (day.to_string(), String::new()),
        Ends::After(_) => {
            let left = task.times_left.map_or_else(String::new, |times| times.get().to_string());
            (String::new(), left)
        }
    };
    let minutes = (task.local_end - task.local_start).total(jiff::Unit::Minute).unwrap_or(0.0);
    let within = Within::ALL.iter().find(|within| {
        let (start, length) = within.span();
        start == task.local_start.time() && (f64::from(length) - minutes).abs() < 0.5
    });
    let mut fields = Fields::filled(&[
        ("kind", task.kind.as_str()),
        ("date", &task.local_start.date().to_string()),
        ("start", &time(task.local_start)),
        ("end", &time(task.local_end)),
        ("scope", "this"),
        ("which", "this"),
        ("within", within.map_or("", |within| within.as_str())),
        ("repeat", comes.as_str()),
        ("every", &every.get().to_string()),
        ("of_month", of_month.as_str()),
        ("until", &until),
        ("times", &times),
        ("places", &task.places.get().to_string()),
        ("note", task.note.as_deref().unwrap_or_default()),
        ("address", ticked(task.disclosure.address)),
        ("help", ticked(task.disclosure.help)),
        ("entry", ticked(task.disclosure.entry)),
        ("if_nobody", task.if_nobody.as_str()),
    ]);
    for day in on.iter().flat_map(|on| on.iter()) {
        fields.add("on", two_letters(day));
    }
    fields
}

fn form(caller: &Caller, view: &TaskForm, fields: &Fields, problems: &[Problem]) -> TaskFormPage {
    let base = circle_path(view.about.circle);
    let post = match &view.changing {
        Some(task) => format!("{}/change", slot_path(view.about.circle, task.slot)),
        None => format!("{base}/rota/add"),
    };
    // What a task tells already goes on being told, whoever changes it.
    let tell = |may: bool, name: &str| (may || fields.has(name)).then(|| fields.has(name));
    TaskFormPage {
        layout: caller.family(&view.about, Place::Rota),
        patient: patient(&view.about),
        post: caller.post(post),
        cancel: format!("{base}/rota"),
        changing: view.changing.as_ref().map(|task| changing(caller, view, task, fields, problems)),
        kinds: TaskFormPage::all_kinds(),
        kind: field(fields, problems, "kind"),
        date: field(fields, problems, "date"),
        within: field(fields, problems, "within"),
        start: field(fields, problems, "start"),
        end: field(fields, problems, "end"),
        again: again(fields, problems),
        places: field(fields, problems, "places"),
        note: field(fields, problems, "note"),
        who_reads: "Whoever takes this task will read this, and so will the circle.".to_owned(),
        may_note: view.may_note,
        tells: Tells {
            address: tell(view.may_tell_address, "address"),
            help: tell(view.may_tell_help, "help"),
            entry: tell(view.may_tell_entry, "entry"),
        },
        if_nobody: field(fields, problems, "if_nobody"),
        door: view.door.map(|known| {
            let (phone, food) = (super::door::known(known.phone), super::door::known(known.food));
            let said = format!(
                "For whoever comes. Food and allergies: {food}. A number to ring from the door: {phone}."
            );
            (said, format!("{base}/door"))
        }),
        sent_tomorrow: view.changing.is_none() && view.may_ask && view.sent_at.is_some(),
    }
}

fn changing(
    caller: &Caller,
    view: &TaskForm,
    task: &Changing,
    fields: &Fields,
    problems: &[Problem],
) -> ChangingPart {
    let name = |name: &Option<String>| name.clone().unwrap_or_else(|| "somebody".to_owned());
    ChangingPart {
        promised: task.promised.iter().map(name).collect(),
        each_time: super::every_time::sentences(&task.every_time, "")
            .into_iter()
            .map(|(words, _)| words)
            .collect(),
        instead: task.instead.as_ref().map(|open| {
            let is = (task.local_start, task.local_end);
            let (asked, stays) = super::instead::asked(is, open);
            format!("{asked} {stays}")
        }),
        comes: task.repeat.is_again().then(|| task.repeat.to_string()),
        scope: field(fields, problems, "scope"),
        which: field(fields, problems, "which"),
        out_from: field(fields, problems, "out_from"),
        out_to: field(fields, problems, "out_to"),
        own: task.own,
        left_out: task
            .left_out
            .iter()
            .map(|(from, to)| {
                let back = caller
                    .post(format!("{}/back", slot_path(view.about.circle, task.slot)))
                    .with("out_from", Some(from.to_string()))
                    .with("out_to", Some(to.to_string()));
                let days = if from == to { words::day(*from) } else { words::days(*from, *to) };
                (days, back)
            })
            .collect(),
        remove: caller.post(format!("{}/off", slot_path(view.about.circle, task.slot))),
    }
}

fn again(fields: &Fields, problems: &[Problem]) -> Again {
    Again {
        repeat: field(fields, problems, "repeat"),
        every: field(fields, problems, "every"),
        on: Again::week(|day| fields.all("on").any(|ticked| ticked == day)),
        of_month: field(fields, problems, "of_month"),
        until: field(fields, problems, "until"),
        times: field(fields, problems, "times"),
        rule: field(fields, problems, "rule"),
    }
}

fn tells(fields: &Fields) -> Disclosure {
    Disclosure {
        address: fields.has("address"),
        help: fields.has("help"),
        entry: fields.has("entry"),
    }
}

/// The task as it was typed.
fn typed(fields: &Fields) -> TaskInput<'_> {
    TaskInput {
        kind: fields.get("kind"),
        date: fields.get("date"),
        within: fields.get("within"),
        start: fields.get("start"),
        end: fields.get("end"),
        repeat: RepeatInput {
            comes: fields.get("repeat"),
            every: fields.get("every"),
            on: Weekdays::of(fields.all("on").filter_map(weekday)),
            of_month: fields.get("of_month"),
            until: fields.get("until"),
            times: fields.get("times"),
            rule: fields.get("rule"),
            zone: None,
        },
        places: fields.get("places"),
        note: fields.get("note"),
        disclosure: tells(fields),
        if_nobody: fields.get("if_nobody"),
    }
}

pub(crate) async fn add_page(caller: Caller, Path(circle): Circle) -> Answered {
    let view = caller.web.app.task_form(&caller.visit, circle, None).await?;
    page(&form(&caller, &view, &untouched(&view), &[]))
}

pub(crate) async fn add(caller: Caller, Path(circle): Circle, fields: Fields) -> Answered {
    let receipt = fields.receipt()?;
    match caller.web.app.add_task(&caller.visit, circle, &typed(&fields), true, receipt).await {
        Ok(added) => {
            (caller.web.mail_waits)();
            let again = if added.again { format!("&task={}", added.task) } else { String::new() };
            go(&format!("{}/rota?week={}&said=added{again}", circle_path(circle), added.date))
        }
        Err(Failure::Invalid(problems)) => {
            let view = caller.web.app.task_form(&caller.visit, circle, None).await?;
            form_again(&form(&caller, &view, &fields, &problems))
        }
        Err(other) => Err(other.into()),
    }
}

pub(crate) async fn change_page(caller: Caller, Path((circle, slot)): Slot) -> Answered {
    let view = caller.web.app.task_form(&caller.visit, circle, Some(slot)).await?;
    let fields = view.changing.as_ref().map(as_it_is).unwrap_or_default();
    page(&form(&caller, &view, &fields, &[]))
}

pub(crate) async fn change(caller: Caller, Path((circle, slot)): Slot, fields: Fields) -> Answered {
    let receipt = fields.receipt()?;
    let input = typed(&fields);
    let change = TaskChange {
        date: input.date,
        within: input.within,
        start: input.start,
        end: input.end,
        places: input.places,
        note: input.note,
        disclosure: input.disclosure,
        if_nobody: input.if_nobody,
        scope: fields.get("scope"),
        repeat: input.repeat,
        touching: touching(&fields),
    };
    match caller.web.app.change_task(&caller.visit, circle, slot, &change, receipt).await {
        Ok(ChangeOutcome::Done) => {
            (caller.web.mail_waits)();
            go(&format!("{}?said=saved", slot_path(circle, slot)))
        }
        Ok(ChangeOutcome::AskedThem) => {
            (caller.web.mail_waits)();
            go(&format!("{}?said=asked-them", slot_path(circle, slot)))
        }
        Ok(ChangeOutcome::Asks(touched)) => page(&ask_first(
            &caller,
            &touched,
            &fields,
            format!("{}/change", slot_path(circle, slot)),
        )),
        Err(Failure::Invalid(problems)) => {
            let view = caller.web.app.task_form(&caller.visit, circle, Some(slot)).await?;
            form_again(&form(&caller, &view, &fields, &problems))
        }
        Err(other) => Err(other.into()),
    }
}

/// Takes this one off the rota, this one and all that follow, or the days of a holiday.
pub(crate) async fn off(caller: Caller, Path((circle, slot)): Slot, fields: Fields) -> Answered {
    let receipt = fields.receipt()?;
    let which = match fields.get("which") {
        "following" => Ok(TakeOff::Following),
        "days" => TakeOff::days(fields.get("out_from"), fields.get("out_to")),
        _ => Ok(TakeOff::This),
    };
    let touching = touching(&fields);
    let app = &caller.web.app;
    let outcome = match which {
        Ok(which) => app.take_off_rota(&caller.visit, circle, slot, which, touching, receipt).await,
        Err(wrong) => Err(wrong),
    };
    match outcome {
        Ok(ChangeOutcome::Done | ChangeOutcome::AskedThem) => {
            (caller.web.mail_waits)();
            if !matches!(fields.get("which"), "following" | "days") {
                // Its own page, where a slip is put right.
                return go(&format!("{}?said=off", slot_path(circle, slot)));
            }
            let seen = app.slot_page(&caller.visit, circle, slot).await?;
            let week = seen.slot.local_start.date();
            go(&format!("{}/rota?week={week}&said=off", circle_path(circle)))
        }
        Ok(ChangeOutcome::Asks(touched)) => {
            page(&ask_first(&caller, &touched, &fields, format!("{}/off", slot_path(circle, slot))))
        }
        Err(Failure::Invalid(problems)) => {
            let view = app.task_form(&caller.visit, circle, Some(slot)).await?;
            let mut all = view.changing.as_ref().map(as_it_is).unwrap_or_default();
            for name in ["which", "out_from", "out_to"] {
                all.put(name, fields.get(name));
            }
            form_again(&form(&caller, &view, &all, &problems))
        }
        Err(other) => Err(other.into()),
    }
}

/// Puts days back on the rota that were left out, or one slot that was taken off.
pub(crate) async fn put_back(
    caller: Caller,
    Path((circle, slot)): Slot,
    fields: Fields,
) -> Answered {
    let receipt = fields.receipt()?;
    let days = (fields.get("out_from"), fields.get("out_to"));
    if days == ("", "") {
        // From the page of one that was taken off.
        let one = caller.web.app.put_back_one(&caller.visit, circle, slot, receipt).await?;
        (caller.web.mail_waits)();
        let said = match one.had {
            WhoHadIt::Nobody => "put-back",
            WhoHadIt::EachTime => "put-back-each",
            WhoHadIt::Asked => "put-back-asked",
            WhoHadIt::ToRing => "put-back-ring",
        };
        return go(&format!("{}?said={said}", slot_path(circle, one.slot)));
    }
    let back = caller.web.app.put_back(&caller.visit, circle, slot, days, receipt).await?;
    (caller.web.mail_waits)();
    let (from, said) = (back.first, if back.each_time { "put-back-each" } else { "put-back" });
    go(&format!("{}/rota?week={from}&said={said}", circle_path(circle)))
}

fn touching(fields: &Fields) -> Touching<'_> {
    Touching { promises: fields.get("promises"), seen: fields.get("seen") }
}

/// Everything that was typed, to be sent again with the answer.
const CARRIED: [&str; 22] = [
    "kind",
    "date",
    "within",
    "start",
    "end",
    "repeat",
    "every",
    "on",
    "of_month",
    "until",
    "times",
    "rule",
    "places",
    "note",
    "address",
    "help",
    "entry",
    "if_nobody",
    "scope",
    "which",
    "out_from",
    "out_to",
];

/// Shows whose promises a change touches, before anything is written.
fn ask_first(caller: &Caller, touched: &Touched, fields: &Fields, action: String) -> TouchedPage {
    let about = &touched.about;
    let mut post = caller.post(action);
    for name in CARRIED {
        for value in fields.all(name) {
            post = post.with(name, Some(value.to_owned()));
        }
    }
    let name = |name: &Option<String>| name.clone().unwrap_or_else(|| "somebody".to_owned());
    let when = |(starts, ends): (DateTime, DateTime)| {
        format!("{}, {}", words::day(starts.date()), words::times(starts.time(), ends.time()))
    };
    let rows = touched.promises.iter().map(|promise| TouchedRow {
        who: promise.names.iter().map(name).collect(),
        was: when(promise.was),
        will_be: promise.will_be.map(when),
        to_ring: (!promise.to_ring.is_empty())
            .then(|| words::list(&promise.to_ring.iter().map(name).collect::<Vec<_>>())),
    });
    TouchedPage {
        layout: caller.family(about, Place::Rota),
        cancel: format!("{}/rota", circle_path(about.circle)),
        rows: rows.collect(),
        post: post.with("seen", Some(touched.seen.clone())),
    }
}

/// Asks the circle for it.
pub(crate) async fn ask(caller: Caller, Path((circle, slot)): Slot, fields: Fields) -> Answered {
    let receipt = fields.receipt()?;
    let came = caller.web.app.ask_circle(&caller.visit, circle, slot, receipt).await?;
    (caller.web.mail_waits)();
    let view = caller.web.app.slot_page(&caller.visit, circle, slot).await?;
    let said = match came.before {
        None => said_asked(caller.visit.now(), &view.about, &view.slot).to_owned(),
        Some(at) if came.people == 0 => format!("asked-before-{at}"),
        Some(at) => format!("asked-again-{at}"),
    };
    go(&format!("{}?said={said}", slot_path(circle, slot)))
}
