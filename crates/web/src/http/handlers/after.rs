//! After a visit: it is done, with a kind word; it did not happen; how did it go?

use crate::http::address::Path;
use kith_app::{Failure, ItWas, Receipt};
use kith_domain::ClaimState;
use kith_domain::ids::{CircleId, SlotId};

use super::slot::{back, layout, once_more, what};
use super::slot_more::Typed;
use super::slots::slot_path;
use super::{Answered, go, page};
use crate::http::answer::Answer;
use crate::http::caller::{Caller, circle_path};
use crate::http::fields::Fields;
use crate::http::problems::field;
use crate::page::answer::WentPage;
use crate::words;

type Slot = Path<(CircleId, SlotId)>;

/// "I have done this", with a kind word or without.
pub(crate) async fn done(caller: Caller, Path((circle, slot)): Slot, fields: Fields) -> Answered {
    let receipt = fields.receipt()?;
    match say_done(&caller, circle, slot, &fields, receipt).await {
        Ok(()) => {
            let said = if fields.has("kind_word") { "?said=told" } else { "" };
            go(&format!("{}/went{said}", slot_path(circle, slot)))
        }
        Err(Failure::Invalid(problems)) => {
            let kind = field(&fields, &problems, "kind_word");
            let left = field(&fields, &problems, "hand_over");
            let typed = Typed { left, kind, ..Typed::default() };
            once_more(&caller, circle, slot, &typed).await
        }
        Err(other) => Err(other.into()),
    }
}

/// The word for whoever comes next is left once it is said that it was done: whoever may not say that
/// learns nothing of the other. Where the word is refused, the page that follows has a form for it alone.
async fn say_done(
    caller: &Caller,
    circle: CircleId,
    slot: SlotId,
    fields: &Fields,
    receipt: Receipt,
) -> Result<(), Failure> {
    let app = &caller.web.app;
    let it_was = ItWas::Done(fields.get("kind_word"));
    app.say_how_it_was(&caller.visit, circle, slot, it_was, receipt).await?;
    if fields.has("hand_over") {
        let word = fields.get("hand_over");
        app.leave_word(&caller.visit, circle, slot, word, app.new_receipt()).await?;
    }
    Ok(())
}

/// "It did not happen."
pub(crate) async fn not_done(
    caller: Caller,
    Path((circle, slot)): Slot,
    fields: Fields,
) -> Answered {
    let receipt = fields.receipt()?;
    let app = &caller.web.app;
    app.say_how_it_was(&caller.visit, circle, slot, ItWas::Not, receipt).await?;
    go(&format!("{}?said=not-done", slot_path(circle, slot)))
}

/// "How did it go?"
pub(crate) async fn went(caller: Caller, Path((circle, slot)): Slot) -> Answered {
    let view = caller.web.app.slot_page(&caller.visit, circle, slot).await?;
    if view.slot.own != Some(ClaimState::Done) {
        return Err(Answer::NotHere);
    }
    let more = caller.web.app.slot_more(&caller.visit, circle, slot).await?;
    let about = &view.about;
    let news = format!("{}/news", circle_path(circle));
    page(&WentPage {
        layout: layout(&caller, about),
        reader: about.reader.clone().unwrap_or_default(),
        what: format!("{}, {}", what(&view.slot), words::day(view.slot.local_start.date())),
        fine: format!("{}?said=answered", back(about)),
        kind_words: about.news.then_some(news),
        leave_word: more
            .door
            .may_hand_over
            .then(|| caller.post(format!("{}/hand-over", slot_path(circle, slot)))),
        worried: format!("{}/worried", circle_path(circle)),
    })
}
