//! Taking a slot for somebody without e-mail, once or as it comes again.

use kith_app::{Every, Failure, Problem, SlotMore, TakeOutcome, What};
use kith_domain::Repeat;
use kith_domain::ids::{CircleId, MembershipId, SlotId};
use kith_domain::repeat::{Weekdays, weekday};

use super::slot_more::Typed;
use super::slots::slot_path;
use super::{Answered, go};
use crate::form_view::FieldView;
use crate::http::address::Path;
use crate::http::caller::Caller;
use crate::http::fields::Fields;
use crate::http::problems::sentence_for;
use crate::page::slot_more::{ForEach, TakeFor};
use crate::page::task_form::Again;
use crate::page::view::Choice;

/// What was typed, when something was wrong with it.
#[derive(Clone, Debug, Default)]
pub(super) struct ForThem {
    whom: FieldView,
    each_time: bool,
    /// The weekdays that were ticked; none before anything was sent.
    on: Option<Vec<String>>,
    on_error: FieldView,
    until: FieldView,
}

impl ForThem {
    fn of(fields: &Fields, problems: &[Problem]) -> Self {
        // Somebody who cannot be chosen is not in the list any more.
        let cannot = "Choose somebody from the list. Whoever is not in it has promised it, is away, has said no, or gets our e-mails";
        let too_early = "Choose the day of this one, or a later day";
        let error = sentence_for(problems, "member").map(|_| cannot.to_owned());
        Self {
            whom: FieldView { value: fields.take("member"), error },
            each_time: fields.has("each_time"),
            on: fields.has("several").then(|| fields.all("on").map(str::to_owned).collect()),
            on_error: FieldView { value: String::new(), error: sentence_for(problems, "on") },
            until: FieldView {
                value: fields.take("all_until"),
                error: sentence_for(problems, "all_until").map(|_| too_early.to_owned()),
            },
        }
    }
}

/// The form, where there is somebody whom one may take it for.
pub(super) fn form(
    caller: &Caller,
    own: &str,
    more: &SlotMore,
    typed: &ForThem,
) -> Option<TakeFor> {
    if more.for_whom.is_empty() && typed.whom.error.is_none() {
        return None;
    }
    let choice = |(id, name): &(MembershipId, String)| Choice::plain(id.to_string(), name.clone());
    let mut people: Vec<Choice> = more.for_whom.iter().map(choice).collect();
    if people.is_empty() {
        people.push(Choice::plain("", "Nobody just now"));
    }
    let several = more.comes.and_then(Repeat::weekdays).filter(|days| days.count() > 1);
    let ticked =
        |letters: &str| typed.on.as_ref().is_none_or(|on| on.iter().any(|on| on == letters));
    let on = several.map(|days| {
        let mut week = Again::week(ticked);
        week.retain(|(letters, ..)| weekday(letters).is_some_and(|day| days.contains(day)));
        week
    });
    Some(TakeFor {
        post: caller.post(format!("{own}/for")).with("several", several.map(|_| "yes".to_owned())),
        people,
        whom: typed.whom.clone(),
        each: more.comes.map(|comes| ForEach {
            words: format!("And {comes} from then on"),
            ticked: typed.each_time,
            on: on.unwrap_or_default(),
            on_error: typed.on_error.clone(),
            until: typed.until.clone(),
        }),
    })
}

/// How much is taken beside the one; the name of the field that cannot be read else.
fn how_much(fields: &Fields) -> Result<(Every, Option<Weekdays>), &'static str> {
    let every = match fields.get("all_until").trim() {
        "" if fields.has("each_time") => Every::UntilISay,
        "" => Every::No,
        // Nobody promises more than was meant: a day that cannot be read is asked for again.
        typed => Every::Until(typed.parse().map_err(|_| "all_until")?),
    };
    let on = Weekdays::of(fields.all("on").filter_map(weekday));
    if on.is_none() && every != Every::No && fields.has("several") {
        return Err("on");
    }
    Ok((every, on))
}

/// Takes it for somebody without e-mail.
pub(crate) async fn take(
    caller: Caller,
    Path((circle, slot)): Path<(CircleId, SlotId)>,
    fields: Fields,
) -> Answered {
    let receipt = fields.receipt()?;
    let member = fields.get("member").parse().ok();
    let (app, visit) = (&caller.web.app, &caller.visit);
    let taken = match how_much(&fields) {
        Ok((every, on)) => app.take_for(visit, circle, slot, (member, every, on), receipt).await,
        Err(field) => Err(Failure::field(field, What::Choose)),
    };
    let said = match taken {
        Ok(TakeOutcome::Yours) => "for-them",
        Ok(TakeOutcome::Full) => "taken",
        Ok(TakeOutcome::Gone) => "gone",
        Err(Failure::Invalid(problems)) => {
            let for_them = ForThem::of(&fields, &problems);
            let typed = Typed { for_them, ..Typed::default() };
            return super::slot::once_more(&caller, circle, slot, &typed).await;
        }
        Err(other) => return Err(other.into()),
    };
    (caller.web.mail_waits)();
    go(&format!("{}?said={said}", slot_path(circle, slot)))
}
