//! "I'm away."

use kith_app::{About, Away, Failure, MemberView, Problem};
use kith_domain::Timestamp;

use super::{Answered, again, go, page};
use crate::form_view::FieldView;
use crate::http::caller::Caller;
use crate::http::fields::Fields;
use crate::http::problems::sentence_for;
use crate::page::away::{AwayPage, AwayRow};
use crate::page::layout::Place;
use crate::words;

fn form(caller: &Caller, away: &[Away], fields: &Fields, problems: &[Problem]) -> AwayPage {
    AwayPage {
        layout: caller.volunteer(None, Place::MyRota),
        back: "/me/rota".to_owned(),
        post: caller.post("/me/away"),
        from: FieldView { value: fields.take("away_from"), error: sentence_for(problems, "from") },
        until: FieldView {
            value: fields.take("away_until"),
            error: sentence_for(problems, "until"),
        },
        hand_on: fields.has("hand_on"),
        away: away.iter().map(|away| one(caller, away)).collect(),
    }
}

/// A time for which one is away, or will be, and what ends it.
fn one(caller: &Caller, away: &Away) -> AwayRow {
    // Whoever is back is back from all that has begun.
    let which = (!away.now).then(|| away.id.to_string());
    let post = caller.post("/me/away/end").with("absence", which);
    AwayRow {
        when: if away.from == away.until {
            format!("on {}", words::day_month(away.from))
        } else {
            format!("from {}", words::days(away.from, away.until))
        },
        now: away.now,
        post,
    }
}

/// "Away until 14 December, and from 20 to 27 December".
pub(super) fn of_member(member: &MemberView, about: &About, now: Timestamp) -> Option<String> {
    let last = |until: Timestamp| about.zone.date(until.plus_seconds(-1));
    let (begun, coming): (Vec<_>, Vec<_>) = member.away.iter().partition(|(from, _)| *from <= now);
    let begun = begun.iter().map(|(_, until)| last(*until)).max();
    let until = begun.map(|day| format!("until {}", words::day_month(day)));
    let coming = coming.iter().map(|(from, until)| {
        let (from, last) = (about.zone.date(*from), last(*until));
        if from == last {
            format!("on {}", words::day_month(from))
        } else {
            format!("from {}", words::days(from, last))
        }
    });
    let all: Vec<String> = until.into_iter().chain(coming).collect();
    (!all.is_empty()).then(|| format!("Away {}", words::list(&all)))
}

pub(crate) async fn form_page(caller: Caller) -> Answered {
    let away = caller.web.app.my_absences(&caller.visit).await?;
    page(&form(&caller, &away, &Fields::default(), &[]))
}

pub(crate) async fn save(caller: Caller, fields: Fields) -> Answered {
    let receipt = fields.receipt()?;
    let days = (fields.get("away_from"), fields.get("away_until"));
    let app = &caller.web.app;
    match app.go_away(&caller.visit, days, fields.has("hand_on"), receipt).await {
        Ok(handed_on) => {
            (caller.web.mail_waits)();
            go(if handed_on > 0 { "/me/rota?said=away-asked" } else { "/me/rota?said=away" })
        }
        Err(Failure::Invalid(problems)) => {
            let away = app.my_absences(&caller.visit).await?;
            again(&form(&caller, &away, &fields, &problems))
        }
        Err(other) => Err(other.into()),
    }
}

pub(crate) async fn end(caller: Caller, fields: Fields) -> Answered {
    fields.receipt()?;
    let which = fields.get("absence").parse().ok();
    caller.web.app.be_back(&caller.visit, which).await?;
    go("/me/rota?said=back")
}
