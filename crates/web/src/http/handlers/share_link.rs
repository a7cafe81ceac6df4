//! The link that whoever names people sends herself, and those who ask to join by it.

use kith_app::{AsksToJoin, AsksToJoinPage, Failure, Problem};
use kith_domain::Zone;
use kith_domain::ids::{CircleId, JoinRequestId};

use super::people::{naming, patient};
use super::{Answered, again, go, page};
use crate::form_view::FieldView;
use crate::http::address::Path;
use crate::http::answer::Answer;
use crate::http::caller::{Caller, circle_path};
use crate::http::fields::Fields;
use crate::http::problems::sentence_for;
use crate::page::layout::Place;
use crate::page::presets;
use crate::page::share_link::{
    Asking, AskingPage, OneAskingPage, ReadyText, ShareLinkPage, WhoAsks,
};
use crate::words;

pub(crate) async fn show(caller: Caller, Path(circle): Path<CircleId>) -> Answered {
    let view = caller.web.app.share_link(&caller.visit, circle).await?;
    let base = circle_path(circle);
    let about = &view.about;
    page(&ShareLinkPage {
        layout: caller.family(about, Place::People),
        people: format!("{base}/people"),
        make: caller.post(format!("{base}/people/link")),
        link: view.link.map(|link| ReadyText {
            text: words::ready_text(&about.nature_name, &link.url),
            until: words::day_month(about.zone.date(link.expires_at)),
            asks_left: words::how_many(link.asks_left as usize, "person", "people"),
            stop: caller.post(format!("{base}/people/link/stop")),
        }),
    })
}

pub(crate) async fn make(caller: Caller, Path(circle): Path<CircleId>, fields: Fields) -> Answered {
    caller.web.app.make_share_link(&caller.visit, circle, fields.receipt()?).await?;
    go(&format!("{}/people/link", circle_path(circle)))
}

pub(crate) async fn stop(caller: Caller, Path(circle): Path<CircleId>) -> Answered {
    caller.web.app.stop_share_link(&caller.visit, circle).await?;
    go(&format!("{}/people?said=link-stopped", circle_path(circle)))
}

fn who(base: &str, asks: &AsksToJoin, zone: &Zone, today: jiff::civil::Date) -> WhoAsks {
    WhoAsks {
        name: asks.name.clone(),
        words: asks.words.clone(),
        asked: words::at_moment(zone.local(asks.asked_at), today),
        href: format!("{base}/people/asking/{}", asks.id),
    }
}

pub(crate) async fn asking(caller: Caller, Path(circle): Path<CircleId>) -> Answered {
    let view = caller.web.app.asks_to_join(&caller.visit, circle).await?;
    let base = circle_path(circle);
    let zone = &view.about.zone;
    let today = zone.date(caller.visit.now());
    page(&AskingPage {
        layout: caller.family(&view.about, Place::People),
        people: format!("{base}/people"),
        waiting: view.asking.iter().map(|asks| who(&base, asks, zone, today)).collect(),
        link: format!("{base}/people/link"),
        clear: caller.post(format!("{base}/people/asking/clear")),
    })
}

pub(crate) async fn clear(caller: Caller, Path(circle): Path<CircleId>) -> Answered {
    caller.web.app.decline_all_friends(&caller.visit, circle).await?;
    go(&format!("{}/people?said=declined", circle_path(circle)))
}

fn one_page(
    caller: &Caller,
    view: &AsksToJoinPage,
    fields: &Fields,
    problems: &[Problem],
) -> Result<OneAskingPage, Answer> {
    let about = &view.about;
    let base = circle_path(about.circle);
    let asks = view.asking.first().ok_or(Answer::NotHere)?;
    let today = about.zone.date(caller.visit.now());
    let who = who(&base, asks, &about.zone, today);
    let patient = patient(about);
    Ok(OneAskingPage {
        layout: caller.family(about, Place::People),
        choices: presets::choices(&patient),
        post: caller.post(who.href.clone()),
        no: caller.post(format!("{}/no", who.href)),
        asking: Asking {
            has_email: asks.has_email,
            until: words::day_month(about.zone.date(asks.expires_at)),
            who,
        },
        back: format!("{base}/people/asking"),
        see: FieldView { value: fields.take("see"), error: sentence_for(problems, "preset") },
        entry: fields.has("entry"),
    })
}

type OneRequest = Path<(CircleId, JoinRequestId)>;

pub(crate) async fn one(caller: Caller, Path((circle, request)): OneRequest) -> Answered {
    let view = caller.web.app.one_asks_to_join(&caller.visit, circle, request).await?;
    page(&one_page(&caller, &view, &Fields::default(), &[])?)
}

pub(crate) async fn admit(
    caller: Caller,
    Path((circle, request)): OneRequest,
    fields: Fields,
) -> Answered {
    let receipt = fields.receipt()?;
    let form = naming(&fields);
    match caller.web.app.admit_friend(&caller.visit, circle, request, &form, receipt).await {
        Ok(member) if fields.get("see") == "pick" => {
            go(&format!("{}/people/{member}/items", circle_path(circle)))
        }
        Ok(_) => go(&format!("{}/people?said=let-in", circle_path(circle))),
        Err(Failure::Invalid(problems)) => {
            let view = caller.web.app.one_asks_to_join(&caller.visit, circle, request).await?;
            again(&one_page(&caller, &view, &fields, &problems)?)
        }
        Err(other) => Err(other.into()),
    }
}

pub(crate) async fn decline(caller: Caller, Path((circle, request)): OneRequest) -> Answered {
    caller.web.app.decline_friend(&caller.visit, circle, request).await?;
    go(&format!("{}/people?said=declined", circle_path(circle)))
}
