//! "I'm worried", and the inbox of the organisation.

use crate::http::address::Path;
use kith_app::{ConcernRow, Failure, Problem};
use kith_domain::ids::{CircleId, ConcernId};

use super::hospice::staff;
use super::slot::layout;
use super::{Answered, again, go, page};
use crate::http::answer::Answer;
use crate::http::caller::{Caller, circle_path};
use crate::http::fields::Fields;
use crate::http::problems::field;
use crate::page::concern::{ConcernPage, InboxPage, InboxRow, WorriedPage};
use crate::page::layout::Place;
use crate::words;

async fn worried(
    caller: &Caller,
    circle: CircleId,
    fields: &Fields,
    problems: &[Problem],
) -> Result<WorriedPage, Answer> {
    let about = caller.web.app.worry_form(&caller.visit, circle).await?;
    Ok(WorriedPage {
        layout: layout(caller, &about),
        post: caller.post(format!("{}/worried", circle_path(circle))),
        back: "/me/rota".to_owned(),
        worry: field(fields, problems, "worry"),
        callback: field(fields, problems, "callback"),
    })
}

pub(crate) async fn worried_page(caller: Caller, Path(circle): Path<CircleId>) -> Answered {
    page(&worried(&caller, circle, &Fields::default(), &[]).await?)
}

/// A private note to the coordinators.
pub(crate) async fn raise(
    caller: Caller,
    Path(circle): Path<CircleId>,
    fields: Fields,
) -> Answered {
    let receipt = fields.receipt()?;
    let told = (fields.get("worry"), fields.get("callback"));
    match caller.web.app.raise_concern(&caller.visit, circle, told, receipt).await {
        Ok(()) => go("/me/rota?said=told-coordinators"),
        Err(Failure::Invalid(problems)) => {
            again(&worried(&caller, circle, &fields, &problems).await?)
        }
        Err(other) => Err(other.into()),
    }
}

fn when(caller: &Caller, row: &ConcernRow) -> String {
    let today = caller.visit.organisation.zone.date(caller.visit.now());
    words::moment(row.at, today)
}

fn path(id: ConcernId) -> String {
    format!("/h/concerns/{id}")
}

pub(crate) async fn inbox(caller: Caller) -> Answered {
    let inbox = caller.web.app.concerns(&caller.visit).await?;
    let row = |row: &ConcernRow| InboxRow {
        circle: row.nature_name.clone(),
        when: when(&caller, row),
        settled: row.settled,
        href: path(row.id),
    };
    page(&InboxPage {
        rows: inbox.rows.iter().map(row).collect(),
        layout: staff(&caller, Place::Concerns).await?,
    })
}

/// Opens one; recorded.
pub(crate) async fn one(caller: Caller, Path(concern): Path<ConcernId>) -> Answered {
    let view = caller.web.app.concern(&caller.visit, concern).await?;
    page(&ConcernPage {
        back: "/h/concerns".to_owned(),
        circle: view.row.nature_name.clone(),
        circle_href: format!("/h/circles/{}", view.row.circle),
        when: when(&caller, &view.row),
        note: view.note,
        callback: view.callback,
        settle: (!view.row.settled).then(|| caller.post(format!("{}/settled", path(concern)))),
        layout: staff(&caller, Place::Concerns).await?,
    })
}

pub(crate) async fn settled(caller: Caller, Path(concern): Path<ConcernId>) -> Answered {
    caller.web.app.settle_concern(&caller.visit, concern).await?;
    go("/h/concerns?said=saved")
}
