//! Setting up a circle in four steps, each saved as it is sent.

use crate::http::address::Path;
use jiff::ToSpan as _;
use jiff::civil::Date;
use kith_app::{About, AboutYou, Failure, Problem, ThePerson, What};
use kith_domain::ids::CircleId;
use kith_domain::{
    DayPart, Disclosure, RepeatInput, TaskDraft, TaskInput, TaskKind, TaskProblem, Timestamp,
    reminder,
};

use super::people::{name_form, naming, patient};
use super::{Answered, again, go, page};
use crate::form_view::FieldView;
use crate::http::caller::{Caller, circle_path};
use crate::http::fields::Fields;
use crate::http::problems::{field, sentence_for};
use crate::page::set_up::{FirstWeekPage, Need, SetUpPersonPage, SetUpYouPage};
use crate::page::view::Choice;
use crate::words;

type Circle = Path<CircleId>;

fn step(circle: CircleId, name: &str) -> String {
    format!("{}/set-up/{name}", circle_path(circle))
}

fn person_form(
    caller: &Caller,
    about: &About,
    fields: &Fields,
    problems: &[Problem],
) -> SetUpPersonPage {
    let mut basis = field(fields, problems, "basis");
    if basis.value == "unknown" {
        basis.error =
            Some("Please talk about it first. What you typed is kept on this page".to_owned());
    }
    SetUpPersonPage {
        layout: caller.plain(),
        post: caller.post(step(about.circle, "person")),
        name: field(fields, problems, "name"),
        basis: (!about.is_patient).then_some(basis),
        not_this_person: FieldView {
            value: fields.take("not_this_person"),
            error: sentence_for(problems, "not_this_person"),
        },
        quiet_mail: fields.has("quiet_mail"),
    }
}

pub(crate) async fn person_page(caller: Caller, Path(circle): Circle) -> Answered {
    let view = caller.web.app.set_up(&caller.visit, circle).await?;
    page(&person_form(&caller, &view.about, &Fields::default(), &[]))
}

pub(crate) async fn person(caller: Caller, Path(circle): Circle, fields: Fields) -> Answered {
    let form = ThePerson {
        name: fields.take("name"),
        basis: fields.take("basis"),
        not_this_person: fields.take("not_this_person"),
        quiet_mail: fields.has("quiet_mail"),
    };
    match caller.web.app.set_up_person(&caller.visit, circle, &form).await {
        Ok(()) => go(&step(circle, "you")),
        Err(Failure::Invalid(problems)) => {
            let view = caller.web.app.set_up(&caller.visit, circle).await?;
            again(&person_form(&caller, &view.about, &fields, &problems))
        }
        Err(other) => Err(other.into()),
    }
}

fn you_form(caller: &Caller, about: &About, fields: &Fields, problems: &[Problem]) -> SetUpYouPage {
    SetUpYouPage {
        layout: caller.plain(),
        back: step(about.circle, "person"),
        post: caller.post(step(about.circle, "you")),
        patient: patient(about),
        name: FieldView { value: fields.take("your_name"), error: sentence_for(problems, "name") },
        relation: (!about.is_patient).then(|| FieldView {
            value: fields.take("relation"),
            error: sentence_for(problems, "relationship"),
        }),
        email: field(fields, problems, "email"),
        phone: field(fields, problems, "phone"),
    }
}

pub(crate) async fn you_page(caller: Caller, Path(circle): Circle) -> Answered {
    let view = caller.web.app.set_up(&caller.visit, circle).await?;
    let mut form = you_form(&caller, &view.about, &Fields::default(), &[]);
    form.name.value = view.about.reader.clone().unwrap_or_default();
    page(&form)
}

pub(crate) async fn you(caller: Caller, Path(circle): Circle, fields: Fields) -> Answered {
    let form = AboutYou {
        name: fields.take("your_name"),
        relationship: fields.take("relation"),
        email: fields.take("email"),
        phone: fields.take("phone"),
    };
    match caller.web.app.set_up_you(&caller.visit, circle, &form).await {
        Ok(()) => go(&step(circle, "friend")),
        Err(Failure::Invalid(problems)) => {
            let view = caller.web.app.set_up(&caller.visit, circle).await?;
            again(&you_form(&caller, &view.about, &fields, &problems))
        }
        Err(other) => Err(other.into()),
    }
}

pub(crate) async fn friend_page(caller: Caller, Path(circle): Circle) -> Answered {
    let view = caller.web.app.set_up(&caller.visit, circle).await?;
    let mut form = name_form(&caller, &view.about, &Fields::default(), &[], true);
    form.named = view.named;
    page(&form)
}

pub(crate) async fn friend(caller: Caller, Path(circle): Circle, fields: Fields) -> Answered {
    let receipt = fields.receipt()?;
    match caller.web.app.name_friend(&caller.visit, circle, &naming(&fields), receipt).await {
        Ok(_) => {
            (caller.web.mail_waits)();
            go(&step(circle, "friend"))
        }
        Err(Failure::Invalid(problems)) => {
            let view = caller.web.app.set_up(&caller.visit, circle).await?;
            let mut form = name_form(&caller, &view.about, &fields, &problems, true);
            form.named = view.named;
            again(&form)
        }
        Err(other) => Err(other.into()),
    }
}

/// The next seven days, to choose from.
fn days(today: Date) -> Vec<Choice> {
    let day = |offset: i32| {
        let date = today.saturating_add(offset.days());
        Choice::plain(date.to_string(), words::day_from(date, today))
    };
    (0..7).map(day).collect()
}

fn week_form(
    caller: &Caller,
    about: &About,
    fields: &Fields,
    wrong: &[(TaskKind, String)],
) -> FirstWeekPage {
    let now: Timestamp = caller.visit.now();
    let needs = FirstWeekPage::none()
        .into_iter()
        .map(|need| {
            let error =
                wrong.iter().find(|(kind, _)| kind.as_str() == need.kind).map(|(_, s)| s.clone());
            let part = fields.take(&format!("part-{}", need.kind));
            Need {
                ticked: fields.has(&format!("need-{}", need.kind)),
                day: FieldView { value: fields.take(&format!("day-{}", need.kind)), error },
                part: if part.is_empty() { need.part.clone() } else { FieldView::filled(part) },
                ..need
            }
        })
        .collect();
    FirstWeekPage {
        layout: caller.plain(),
        back: step(about.circle, "friend"),
        post: caller.post(step(about.circle, "week")),
        needs,
        days: days(about.zone.date(now)),
        sent_tomorrow: !reminder::in_sending_hours(now, &about.zone),
    }
}

pub(crate) async fn week_page(caller: Caller, Path(circle): Circle) -> Answered {
    let view = caller.web.app.set_up(&caller.visit, circle).await?;
    page(&week_form(&caller, &view.about, &Fields::default(), &[]))
}

/// The tasks of the ticked cards, or what is wrong with each. "Nothing this week" is an answer.
fn drafts(fields: &Fields, today: Date) -> Result<Vec<TaskDraft>, Vec<(TaskKind, String)>> {
    let mut drafts = Vec::new();
    let mut wrong = Vec::new();
    if fields.has("nothing") {
        return Ok(drafts);
    }
    for need in FirstWeekPage::none() {
        let Ok(kind) = need.kind.parse::<TaskKind>() else { continue };
        if !fields.has(&format!("need-{kind}")) {
            continue;
        }
        let part: Option<DayPart> = fields.get(&format!("part-{kind}")).parse().ok();
        let start = part.unwrap_or(DayPart::Afternoon).default_start();
        let start = format!("{:02}:{:02}", start.hour(), start.minute());
        let input = TaskInput {
            kind: kind.as_str(),
            date: fields.get(&format!("day-{kind}")),
            start: &start,
            repeat: RepeatInput {
                comes: if fields.has(&format!("weekly-{kind}")) { "weekly" } else { "once" },
                ..RepeatInput::default()
            },
            // Whoever is named with "just the rota" is promised the address of what they take, and has
            // a number to ring from the door.
            disclosure: Disclosure { address: true, help: true, entry: false },
            ..TaskInput::default()
        };
        match TaskDraft::parse(&input, today) {
            Ok(draft) => drafts.push(draft),
            Err(problems) => {
                let said = match problems.first() {
                    Some(TaskProblem::Date) | None => {
                        format!("Choose a day for {}", words::task_kind(kind.as_str()))
                    }
                    Some(other) => {
                        let problem = Problem { field: "date", what: What::Task(*other) };
                        sentence_for(&[problem], "date").unwrap_or_default()
                    }
                };
                wrong.push((kind, said));
            }
        }
    }
    if wrong.is_empty() { Ok(drafts) } else { Err(wrong) }
}

pub(crate) async fn week(caller: Caller, Path(circle): Circle, fields: Fields) -> Answered {
    let view = caller.web.app.set_up(&caller.visit, circle).await?;
    let today = view.about.zone.date(caller.visit.now());
    let receipt = fields.receipt()?;
    match drafts(&fields, today) {
        Ok(drafts) => {
            caller.web.app.finish_set_up(&caller.visit, circle, &drafts, receipt).await?;
            (caller.web.mail_waits)();
            go(&format!("{}/", circle_path(circle)))
        }
        Err(wrong) => again(&week_form(&caller, &view.about, &fields, &wrong)),
    }
}
