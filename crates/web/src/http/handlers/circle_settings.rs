//! How a circle runs: pause, go on, quiet mail, and closing it to everybody but the patient.

use kith_app::{CircleChange, CircleSettings};
use kith_domain::CircleState;
use kith_domain::ids::CircleId;

use super::people::patient;
use super::{Answered, go, page};
use crate::http::address::Path;
use crate::http::answer::Answer;
use crate::http::caller::{Caller, circle_path};
use crate::http::fields::Fields;
use crate::page::circle_settings::{CircleSettingsPage, DoorLines, Running};
use crate::page::layout::Place;

pub(crate) async fn show(caller: Caller, Path(circle): Path<CircleId>) -> Answered {
    let view = caller.web.app.circle_settings(&caller.visit, circle).await?;
    page(&settings(&caller, &view))
}

fn settings(caller: &Caller, view: &CircleSettings) -> CircleSettingsPage {
    let about = &view.about;
    let base = circle_path(about.circle);
    let post =
        |change| view.may.contains(&change).then(|| caller.post(format!("{base}/settings/state")));
    CircleSettingsPage {
        layout: caller.family(about, Place::Elsewhere),
        patient: patient(about),
        circle: about.nature_name.clone(),
        home: format!("{base}/"),
        state: match about.state {
            CircleState::Active => Running::Active(post(CircleChange::Pause)),
            CircleState::Paused => Running::Paused(post(CircleChange::Resume)),
            CircleState::Frozen => Running::Frozen(post(CircleChange::Unfreeze)),
            _ => Running::Other,
        },
        quiet: view.may_set_quiet_mail.then(|| caller.post(format!("{base}/settings/quiet-mail"))),
        is_quiet: about.quiet_mail,
        door: view.door.map(|known| DoorLines {
            phone: super::door::known(known.phone),
            food: super::door::known(known.food),
            href: format!("{base}/door"),
        }),
        freeze: post(CircleChange::Freeze),
    }
}

/// Pauses the circle, goes on, closes it to everybody but the patient, or opens it again.
pub(crate) async fn change(
    caller: Caller,
    Path(circle): Path<CircleId>,
    fields: Fields,
) -> Answered {
    let receipt = fields.receipt()?;
    let (change, said) = match fields.get("change") {
        "pause" => (CircleChange::Pause, "paused"),
        "resume" => (CircleChange::Resume, "goes-on"),
        "freeze" => (CircleChange::Freeze, "closed"),
        "unfreeze" => (CircleChange::Unfreeze, "open-again"),
        _ => return Err(Answer::OldForm),
    };
    caller.web.app.change_circle_state(&caller.visit, circle, change, receipt).await?;
    go(&format!("{}/settings?said={said}", circle_path(circle)))
}

/// Sets how much the circle's mails say.
pub(crate) async fn quiet_mail(
    caller: Caller,
    Path(circle): Path<CircleId>,
    fields: Fields,
) -> Answered {
    let receipt = fields.receipt()?;
    let quiet = fields.has("quiet");
    caller.web.app.set_quiet_mail(&caller.visit, circle, quiet, receipt).await?;
    go(&format!("{}/settings?said=saved", circle_path(circle)))
}
