//! Right after taking a slot: thank you, what follows, and taking it back.

use kith_app::{About, Failure, TakenPage, Unreminded};
use kith_domain::Timestamp;
use kith_domain::ids::{CircleId, SlotId};

use super::slot::{back, layout};
use super::slots::slot_path;
use super::{Answered, go, page};
use crate::http::address::Path;
use crate::http::caller::Caller;
use crate::http::fields::Fields;
use crate::page::answer::TakenPage as TakenHtml;
use crate::words;

type Slot = Path<(CircleId, SlotId)>;

/// "Thank you."
pub(crate) async fn taken(caller: Caller, Path((circle, slot)): Slot) -> Answered {
    let view = caller.web.app.taken_page(&caller.visit, circle, slot).await?;
    page(&thank_you(&caller, &view))
}

fn thank_you(caller: &Caller, view: &TakenPage) -> TakenHtml {
    let about = &view.about;
    let own = slot_path(about.circle, view.slot);
    let kind = words::task_kind(view.kind.as_str());
    let opens = view.address_opens.or(view.entry_opens);
    TakenHtml {
        layout: layout(caller, about),
        reader: about.reader.clone(),
        what: match &about.patient {
            Some(patient) => format!("{kind} for {patient}"),
            None => format!("{kind} for {} circle", about.nature_name),
        },
        day: words::day(view.local_start.date()),
        times: words::times_of(view.kind, view.local_start.time(), view.local_end.time()),
        reminders: view
            .unreminded
            .map_or_else(|| reminders(about, &view.reminders), |why| unreminded(why).to_owned()),
        address_opens: opens.map(|at| words::day_at(about.zone.local(at))),
        calendar: Some(format!("{own}/calendar")),
        undo: view.may_undo.then(|| caller.post(format!("{own}/undo"))),
        next: back(about),
    }
}

/// Why no e-mail reminds the reader.
const fn unreminded(why: Unreminded) -> &'static str {
    match why {
        Unreminded::NoAddress => {
            "We have no e-mail address of yours, so nothing reminds you. Please write it down."
        }
        Unreminded::Unproved => {
            "We do not know yet that your e-mail address is right, so nothing reminds you. Please \
             write it down. My rota says how to show that it is yours."
        }
        Unreminded::ComesBack => {
            "E-mails to you come back, so nothing reminds you. Please write it down. My rota says \
             what to do."
        }
        Unreminded::Stopped => {
            "You chose to get no e-mail at all, so nothing reminds you. Please write it down."
        }
        Unreminded::Paused => "The circle is paused. Nothing reminds you until it goes on.",
    }
}

/// "We remind you on Wednesday 25 November at 6pm, and on Thursday 26 November at noon."
fn reminders(about: &About, at: &[Timestamp]) -> String {
    let said: Vec<String> =
        at.iter().map(|at| format!("on {}", words::day_at(about.zone.local(*at)))).collect();
    if said.is_empty() {
        return "You get no reminder for this one.".to_owned();
    }
    format!("We remind you {}.", words::list(&said))
}

pub(crate) async fn undo(caller: Caller, Path((circle, slot)): Slot, fields: Fields) -> Answered {
    let receipt = fields.receipt()?;
    let own = slot_path(circle, slot);
    match caller.web.app.undo_take(&caller.visit, circle, slot, receipt).await {
        Ok(()) => go(&format!("{own}?said=undone")),
        Err(Failure::Changed) => go(&format!("{own}?said=stays")),
        Err(other) => Err(other.into()),
    }
}
