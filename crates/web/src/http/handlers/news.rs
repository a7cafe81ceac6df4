//! News of the patient, and kind words.

use crate::http::address::{Path, Query};
use kith_app::{Failure, MemberView, NewsPage, Problem, Words, WordsKind};
use kith_domain::ids::{CircleId, ContentId};
use kith_domain::{Category, MemberRole, MembershipState, Timestamp};
use serde::Deserialize;

use super::home::written;
use super::people::patient;
use super::{Answered, again, go, page};
use crate::form_view::FieldView;
use crate::http::answer::Answer;
use crate::http::caller::{Caller, circle_path};
use crate::http::fields::Fields;
use crate::http::problems::sentence_for;
use crate::page::home::NoteRow;
use crate::page::layout::Place;
use crate::page::news::NewsPage as NewsHtml;
use crate::words;

type Circle = Path<CircleId>;

/// From where on.
#[derive(Deserialize)]
pub(crate) struct Before {
    before: Option<i64>,
}

/// Who will read what is written here, as far as the reader may know.
async fn readers(caller: &Caller, view: &NewsPage) -> Result<String, Answer> {
    let about = &view.about;
    let everybody = "Everybody who may see the news".to_owned();
    if !about.in_charge {
        return Ok(everybody);
    }
    let people = caller.web.app.people(&caller.visit, about.circle).await?;
    let reads = |member: &&MemberView| {
        let granted = member.granted.unwrap_or_default();
        let patient = member.role == MemberRole::Patient;
        let active = member.state == MembershipState::Active;
        active && !member.you && (patient || granted.contains(Category::News))
    };
    let names: Vec<&str> =
        people.members.iter().filter(reads).map(|member| member.name.as_str()).collect();
    Ok(if names.is_empty() { everybody } else { words::list(&names) })
}

async fn show(
    caller: &Caller,
    view: &NewsPage,
    fields: &Fields,
    problems: &[Problem],
) -> Result<NewsHtml, Answer> {
    let about = &view.about;
    let base = circle_path(about.circle);
    let today = about.zone.date(caller.visit.now());
    let note = |words: &Words| NoteRow {
        erase: words.may_erase.then(|| caller.post(format!("{base}/news/{}/erase", words.id))),
        ..written(words, about, today)
    };
    let of = |kind: WordsKind| -> Vec<NoteRow> {
        view.words.iter().filter(|words| words.kind == kind).map(note).collect()
    };
    let field = |name: &str, problem: &str| FieldView {
        value: fields.take(name),
        error: sentence_for(problems, problem),
    };
    let older = |before: Timestamp| format!("{base}/news?before={}", before.as_second());
    Ok(NewsHtml {
        layout: caller.family(about, Place::Home),
        patient: patient(about),
        home: format!("{base}/"),
        readers: readers(caller, view).await?,
        news: of(WordsKind::News),
        kind_words: of(WordsKind::KindWord),
        older: view.older.map(older),
        tell: view.may_tell.then(|| caller.post(format!("{base}/news"))),
        say: view.may_add.then(|| caller.post(format!("{base}/kind-words"))),
        tell_words: field("news", "news"),
        say_words: field("kind", "kind_word"),
    })
}

pub(crate) async fn list(
    caller: Caller,
    Path(circle): Circle,
    Query(query): Query<Before>,
) -> Answered {
    let before = query.before.map(Timestamp::from_second);
    let view = caller.web.app.news(&caller.visit, circle, before).await?;
    page(&show(&caller, &view, &Fields::default(), &[]).await?)
}

/// The page again after something went wrong.
async fn once_more(
    caller: &Caller,
    circle: CircleId,
    fields: &Fields,
    problems: &[Problem],
) -> Answered {
    let view = caller.web.app.news(&caller.visit, circle, None).await?;
    again(&show(caller, &view, fields, problems).await?)
}

/// Tells the circle how the patient is.
pub(crate) async fn tell(caller: Caller, Path(circle): Circle, fields: Fields) -> Answered {
    let receipt = fields.receipt()?;
    match caller.web.app.tell_circle(&caller.visit, circle, fields.get("news"), receipt).await {
        Ok(()) => go(&format!("{}/news?said=told", circle_path(circle))),
        Err(Failure::Invalid(problems)) => once_more(&caller, circle, &fields, &problems).await,
        Err(other) => Err(other.into()),
    }
}

/// Leaves a kind word.
pub(crate) async fn say(caller: Caller, Path(circle): Circle, fields: Fields) -> Answered {
    let receipt = fields.receipt()?;
    match caller.web.app.add_kind_word(&caller.visit, circle, fields.get("kind"), receipt).await {
        Ok(()) => go(&format!("{}/news?said=thanked", circle_path(circle))),
        Err(Failure::Invalid(problems)) => once_more(&caller, circle, &fields, &problems).await,
        Err(other) => Err(other.into()),
    }
}

/// Takes a text away.
pub(crate) async fn erase(
    caller: Caller,
    Path((circle, words)): Path<(CircleId, ContentId)>,
    fields: Fields,
) -> Answered {
    let receipt = fields.receipt()?;
    caller.web.app.erase_words(&caller.visit, circle, words, receipt).await?;
    go(&format!("{}/news?said=erased", circle_path(circle)))
}
