//! The patient's own tablet: a picture for its camera and two words, shown by whoever runs the
//! circle with her.

use crate::http::address::Path;
use kith_app::{About, Failure, WordsView};
use kith_domain::MemberRole;
use kith_domain::ids::{CircleId, MembershipId};

use super::{Answered, go, page};
use crate::http::answer::Answer;
use crate::http::caller::{Caller, circle_path};
use crate::http::fields::Fields;
use crate::page::devices::{OwnTabletPage, TabletCode};
use crate::page::layout::Place;
use crate::picture::Qr;
use crate::words;

/// The patient's place, for somebody else who is in charge.
async fn patients_place(caller: &Caller, circle: CircleId) -> Result<MembershipId, Answer> {
    let view = caller.web.app.people(&caller.visit, circle).await?;
    let patient = view.members.into_iter().find(|member| member.role == MemberRole::Patient);
    let patient = patient.filter(|member| view.may_name && !member.you);
    patient.map(|member| member.membership).ok_or(Answer::NotHere)
}

fn code(about: &About, waiting: WordsView) -> Option<TabletCode> {
    let address = waiting.link?;
    Qr::new(&address).map(|qr| TabletCode {
        qr,
        address,
        words: waiting.words,
        until: format!("until {}", words::day_month(about.zone.date(waiting.expires_at))),
    })
}

/// GET: the code while it waits, or a button that makes one.
pub(crate) async fn show(caller: Caller, Path(circle): Path<CircleId>) -> Answered {
    let member = patients_place(&caller, circle).await?;
    let view = caller.web.app.member(&caller.visit, circle, member).await?;
    let base = circle_path(circle);
    page(&OwnTabletPage {
        layout: caller.family(&view.about, Place::People),
        back: format!("{base}/people"),
        name: view.member.name.clone(),
        has_device: view.has_device,
        code: view.words.and_then(|waiting| code(&view.about, waiting)),
        make: caller.post(format!("{base}/tablet")),
    })
}

/// POST: makes words for it. Earlier ones that were not used end. Where she has one already, the
/// page says where words come from.
pub(crate) async fn make(caller: Caller, Path(circle): Path<CircleId>, fields: Fields) -> Answered {
    let receipt = fields.receipt()?;
    let member = patients_place(&caller, circle).await?;
    match caller.web.app.new_words(&caller.visit, circle, member, receipt).await {
        Ok(()) | Err(Failure::Invalid(_)) => {}
        Err(other) => return Err(other.into()),
    }
    go(&format!("{}/tablet", circle_path(circle)))
}
