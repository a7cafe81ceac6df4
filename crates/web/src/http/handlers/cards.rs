//! Starting a circle, and the card that does it.

use crate::http::address::Path;
use kith_app::{Failure, FirstMember, Problem, StartCircle};
use kith_domain::ids::CircleId;

use super::hospice::{circle_href, staff};
use super::{Answered, again, go, page};
use crate::form_view::FieldView;
use crate::http::answer::Answer;
use crate::http::caller::Caller;
use crate::http::fields::Fields;
use crate::http::problems::field;
use crate::page::hospice_circle::{CardPage, StartCirclePage};
use crate::page::layout::Place;
use crate::picture::Qr;
use crate::words;

async fn form(
    caller: &Caller,
    fields: &Fields,
    problems: &[Problem],
) -> Result<StartCirclePage, Answer> {
    let who = field(fields, problems, "who");
    Ok(StartCirclePage {
        layout: staff(caller, Place::Start).await?,
        back: "/h".to_owned(),
        post: caller.post("/h/start"),
        who: FieldView {
            error: who.error.map(|_| "Choose who will run the circle".to_owned()),
            ..who
        },
        name: field(fields, problems, "name"),
        phone: field(fields, problems, "phone"),
        area: field(fields, problems, "area"),
    })
}

/// GET: the form.
pub(crate) async fn start_page(caller: Caller) -> Answered {
    caller.web.app.hospice_circles(&caller.visit, None).await?;
    page(&form(&caller, &Fields::default(), &[]).await?)
}

/// POST: starts a circle and goes to its card.
pub(crate) async fn start(caller: Caller, fields: Fields) -> Answered {
    let receipt = fields.receipt()?;
    let typed = StartCircle {
        who: match fields.get("who") {
            "carer" => Some(FirstMember::Carer),
            "patient" => Some(FirstMember::Patient),
            _ => None,
        },
        name: fields.get("name"),
        phone: fields.get("phone"),
        area: fields.get("area"),
    };
    match caller.web.app.start_circle(&caller.visit, typed, receipt).await {
        Ok(card) => go(&format!("{}/card", circle_href(card.circle))),
        Err(Failure::Invalid(problems)) => again(&form(&caller, &fields, &problems).await?),
        Err(other) => Err(other.into()),
    }
}

/// GET: the card, to print, until it is used.
pub(crate) async fn card(caller: Caller, Path(circle): Path<CircleId>) -> Answered {
    let card = caller.web.app.card(&caller.visit, circle).await?;
    let zone = &caller.visit.organisation.zone;
    page(&CardPage {
        layout: caller.plain(),
        circle: card.nature_name,
        qr: Qr::new(&card.url),
        address: card.to_type,
        words: card.words,
        until: words::day(zone.date(card.expires_at)),
        back: circle_href(circle),
    })
}

/// POST: a new card; the earlier one ends. Where it would let nobody in, the page says so.
pub(crate) async fn new_card(
    caller: Caller,
    Path(circle): Path<CircleId>,
    fields: Fields,
) -> Answered {
    let receipt = fields.receipt()?;
    match caller.web.app.new_card(&caller.visit, circle, receipt).await {
        Ok(_) => go(&format!("{}/card", circle_href(circle))),
        Err(Failure::Invalid(_)) => go(&format!("{}?said=no-mailbox", circle_href(circle))),
        Err(other) => Err(other.into()),
    }
}
