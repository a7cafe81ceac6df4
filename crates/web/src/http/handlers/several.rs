//! Naming several friends in one go, and the words of everybody who has not used theirs.

use kith_app::{About, FRIEND_FIELDS, Failure, NameFriend, Problem};
use kith_domain::ids::CircleId;

use super::people::{naming, patient};
use super::{Answered, again, go, page};
use crate::form_view::FieldView;
use crate::http::address::Path;
use crate::http::caller::{Caller, circle_path};
use crate::http::fields::Fields;
use crate::http::problems::{field, sentence_for};
use crate::page::layout::Place;
use crate::page::presets;
use crate::page::several::{AllWordsPage, FriendRow, SeveralPage, WordsRow};
use crate::words;

fn form(caller: &Caller, about: &About, fields: &Fields, problems: &[Problem]) -> SeveralPage {
    let base = circle_path(about.circle);
    let patient = patient(about);
    let row = |index: usize| {
        let ids = FRIEND_FIELDS.get(index)?;
        Some(FriendRow {
            legend: format!("Friend {}", index + 1),
            name_id: ids.name,
            email_id: ids.email,
            phone_id: ids.phone,
            name: field(fields, problems, ids.name),
            email: field(fields, problems, ids.email),
            phone: field(fields, problems, ids.phone),
        })
    };
    SeveralPage {
        layout: caller.family(about, Place::People),
        // Item by item is for one at a time, on each one's own page.
        choices: presets::choices(&patient)
            .into_iter()
            .filter(|choice| choice.value != "pick")
            .collect(),
        back: format!("{base}/people"),
        post: caller.post(format!("{base}/people/several")),
        rows: (0..FRIEND_FIELDS.len()).filter_map(row).collect(),
        see: FieldView { value: fields.take("see"), error: sentence_for(problems, "preset") },
        entry: fields.has("entry"),
        say_who: fields.list().is_empty() || fields.has("say_who"),
    }
}

pub(crate) async fn form_page(caller: Caller, Path(circle): Path<CircleId>) -> Answered {
    let about = caller.web.app.naming(&caller.visit, circle).await?;
    page(&form(&caller, &about, &Fields::default(), &[]))
}

pub(crate) async fn name(caller: Caller, Path(circle): Path<CircleId>, fields: Fields) -> Answered {
    let receipt = fields.receipt()?;
    let friend = |ids: &kith_app::FriendFields| NameFriend {
        name: fields.take(ids.name),
        email: fields.take(ids.email),
        phone: fields.take(ids.phone),
        ..naming(&fields)
    };
    let forms: Vec<NameFriend> = FRIEND_FIELDS.iter().map(friend).collect();
    match caller.web.app.name_friends(&caller.visit, circle, &forms, receipt).await {
        Ok(_) => {
            (caller.web.mail_waits)();
            go(&format!("{}/people/words?said=named", circle_path(circle)))
        }
        Err(Failure::Invalid(problems)) => {
            let about = caller.web.app.naming(&caller.visit, circle).await?;
            again(&form(&caller, &about, &fields, &problems))
        }
        Err(other) => Err(other.into()),
    }
}

pub(crate) async fn words(caller: Caller, Path(circle): Path<CircleId>) -> Answered {
    let (about, all) = caller.web.app.waiting_words(&caller.visit, circle).await?;
    let base = circle_path(circle);
    let zone = &about.zone;
    page(&AllWordsPage {
        layout: caller.family(&about, Place::People),
        people: format!("{base}/people"),
        all: all
            .into_iter()
            .map(|one| WordsRow {
                until: words::day_month(zone.date(one.words.expires_at)),
                href: format!("{base}/people/{}/words", one.membership),
                name: one.name,
                words: one.words.words,
            })
            .collect(),
    })
}
