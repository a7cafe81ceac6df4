//! "I'm away."

use kith_app::{Away, Failure, Problem};

use super::{Answered, again, go, page};
use crate::form_view::FieldView;
use crate::http::caller::Caller;
use crate::http::fields::Fields;
use crate::http::problems::sentence_for;
use crate::page::away::AwayPage;
use crate::page::layout::Place;
use crate::words;

fn form(caller: &Caller, away: Option<Away>, fields: &Fields, problems: &[Problem]) -> AwayPage {
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
        away: away.map(|away| {
            let when = words::days(away.from, away.until);
            (format!("from {when}"), caller.post("/me/away/end"))
        }),
    }
}

pub(crate) async fn form_page(caller: Caller) -> Answered {
    let away = caller.web.app.my_absence(&caller.visit).await?;
    page(&form(&caller, away, &Fields::default(), &[]))
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
            let away = app.my_absence(&caller.visit).await?;
            again(&form(&caller, away, &fields, &problems))
        }
        Err(other) => Err(other.into()),
    }
}

pub(crate) async fn end(caller: Caller, fields: Fields) -> Answered {
    fields.receipt()?;
    caller.web.app.be_back(&caller.visit).await?;
    go("/me/rota?said=back")
}
