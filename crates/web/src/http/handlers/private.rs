//! The private page, how to get in, and writing both.

use axum::extract::Path;
use jiff::civil::Date;
use kith_app::{
    About, EntryRevealed, EntryState, Failure, PrivatePage, PrivatePart, Problem, Receipt, WhoSees,
    Written,
};
use kith_domain::MemberRole;
use kith_domain::ids::CircleId;
use uuid::Uuid;

use super::looks::look_row;
use super::people::patient;
use super::{Answered, again, go, page};
use crate::form_view::FieldView;
use crate::http::answer::Answer;
use crate::http::caller::{Caller, circle_path};
use crate::http::fields::Fields;
use crate::http::problems::sentence_for;
use crate::page::layout::Place;
use crate::page::private::{
    EditPrivatePage, EntryPart, Looked, PrivatePage as PrivateHtml, WhoSees as WhoRow,
    WhoToCallPage, Written as WrittenHtml,
};
use crate::words;

type Circle = Path<CircleId>;

pub(crate) async fn private(caller: Caller, Path(circle): Circle) -> Answered {
    let view = caller.web.app.private_page(&caller.visit, circle).await?;
    page(&show(&caller, &view, None))
}

/// Shows how to get in, this once; whoever looks is recorded.
pub(crate) async fn entry(caller: Caller, Path(circle): Circle) -> Answered {
    let view = caller.web.app.private_page(&caller.visit, circle).await?;
    let entry = caller.web.app.reveal_entry(&caller.visit, circle).await?;
    page(&show(&caller, &view, Some(entry)))
}

fn show(caller: &Caller, view: &PrivatePage, entry: Option<EntryRevealed>) -> PrivateHtml {
    let about = &view.about;
    let base = circle_path(about.circle);
    let today = about.zone.date(caller.visit.now());
    let text = |written: &Option<Written>| written.as_ref().map(|w| written_by(w, about, today));
    PrivateHtml {
        layout: caller.family(about, Place::Private),
        patient: patient(about),
        care: text(&view.comfort),
        matters: text(&view.matters),
        entry: match (view.entry, entry) {
            (EntryState::NotForYou, _) => EntryPart::No,
            (EntryState::Nothing, _) => EntryPart::Nothing,
            (EntryState::There, Some(EntryRevealed { entry: Some(entry), .. })) => {
                EntryPart::Shown(entry.text)
            }
            (EntryState::There, _) => {
                EntryPart::Hidden(caller.post(format!("{base}/private/entry")))
            }
        },
        address: None,
        help: text(&view.help),
        opens: None,
        change: (!view.may_change.is_empty()).then(|| format!("{base}/private/edit")),
        who: who(view),
        share: about.in_charge.then(|| format!("{base}/people")),
        looked: view.looked.as_ref().map(|looks| Looked {
            plot: None,
            latest: looks
                .iter()
                .map(|look| look_row(look, &caller.visit.organisation.name, today))
                .collect(),
        }),
        looks: format!("{base}/looks"),
    }
}

/// Where it is said who to call, for those who may see it.
pub(crate) fn who_to_call(about: &About) -> Option<String> {
    about.help.then(|| format!("{}/who-to-call", circle_path(about.circle)))
}

/// Who to call: for everybody who sees the rota.
pub(crate) async fn help(caller: Caller, Path(circle): Circle) -> Answered {
    let view = caller.web.app.who_to_call(&caller.visit, circle).await?;
    let about = &view.about;
    let base = circle_path(circle);
    let today = about.zone.date(caller.visit.now());
    page(&WhoToCallPage {
        layout: caller.family(about, Place::Elsewhere),
        home: format!("{base}/"),
        help: view.help.as_ref().map(|written| written_by(written, about, today)),
        change: (view.may_change && about.private_page).then(|| format!("{base}/private/edit")),
    })
}

fn written_by(written: &Written, about: &About, today: Date) -> WrittenHtml {
    let name = written.by.as_deref().unwrap_or("Somebody who was in the circle");
    let at = about.zone.local(written.at);
    let by = format!("{name}, {} at {}", words::on_day(at.date(), today), words::time(at.time()));
    WrittenHtml { words: written.text.clone(), by }
}

/// Everybody who can open the page, as far as the reader may see the people.
fn who(view: &PrivatePage) -> Vec<WhoRow> {
    let about = &view.about;
    let own_page = format!("It is {} page", patient(about).possessive());
    let row = |one: &WhoSees| {
        let role = match (one.is_you, one.role) {
            (true, _) => "You",
            (false, MemberRole::Patient) => &own_page,
            (false, MemberRole::Carer) => "Carer",
            (false, MemberRole::Friend) => "Friend",
            (false, MemberRole::Volunteer) => "Volunteer",
        };
        let entry = if one.entry { ", and how to get in" } else { "" };
        let stop = about.in_charge && !one.is_you && one.role != MemberRole::Patient;
        WhoRow {
            name: name_of(one),
            about: format!("{role}{entry}"),
            stop: stop.then(|| format!("{}/people/{}", circle_path(about.circle), one.membership)),
        }
    };
    view.who_sees.iter().flatten().map(row).collect()
}

fn name_of(one: &WhoSees) -> String {
    one.name.clone().unwrap_or_else(|| "Somebody".to_owned())
}

/// The parts with the names of their fields.
const FIELDS: [(PrivatePart, &str); 5] = [
    (PrivatePart::Comfort, "care"),
    (PrivatePart::Matters, "matters"),
    (PrivatePart::Help, "help"),
    (PrivatePart::Address, "address"),
    (PrivatePart::Entry, "entry"),
];

/// What is written now, without how to get in, which no form is filled with.
struct Before {
    view: PrivatePage,
    address: Option<String>,
}

impl Before {
    async fn read(caller: &Caller, circle: CircleId) -> Result<Self, Answer> {
        let view = caller.web.app.private_page(&caller.visit, circle).await?;
        if view.may_change.is_empty() {
            return Err(Answer::NotHere);
        }
        let address = if view.may_change.contains(&PrivatePart::Address) {
            let part = PrivatePart::Address;
            caller.web.app.private_form(&caller.visit, circle, part).await?.text
        } else {
            None
        };
        Ok(Self { view, address })
    }

    fn of(&self, part: PrivatePart) -> &str {
        match part {
            PrivatePart::Comfort => self.view.comfort.as_ref().map(|w| w.text.as_str()),
            PrivatePart::Matters => self.view.matters.as_ref().map(|w| w.text.as_str()),
            PrivatePart::Help => self.view.help.as_ref().map(|w| w.text.as_str()),
            PrivatePart::Address => self.address.as_deref(),
            PrivatePart::Entry => None,
        }
        .unwrap_or_default()
    }

    fn as_it_is(&self) -> Fields {
        let fields = FIELDS.map(|(part, name)| (name, self.of(part)));
        Fields::filled(&fields)
    }
}

fn form(
    caller: &Caller,
    before: &Before,
    fields: &Fields,
    wrong: &[(&'static str, Problem)],
) -> EditPrivatePage {
    let about = &before.view.about;
    let base = circle_path(about.circle);
    let field = |name: &str| {
        let problem = wrong.iter().find(|(field, _)| *field == name).map(|(_, p)| p.clone());
        let error = problem.and_then(|problem| sentence_for(&[problem], "text"));
        FieldView { value: fields.take(name), error }
    };
    let names: Vec<String> = before.view.who_sees.iter().flatten().map(name_of).collect();
    EditPrivatePage {
        layout: caller.family(about, Place::Private),
        patient: patient(about),
        post: caller.post(format!("{base}/private/edit")),
        cancel: format!("{base}/private"),
        readers: if names.is_empty() { "Those named for it".into() } else { words::list(&names) },
        care: field("care"),
        matters: field("matters"),
        entry: field("entry"),
        has_entry: before.view.entry == EntryState::There,
        forget_entry: fields.has("forget_entry"),
        address: field("address"),
        help: field("help"),
    }
}

pub(crate) async fn edit_page(caller: Caller, Path(circle): Circle) -> Answered {
    let before = Before::read(&caller, circle).await?;
    page(&form(&caller, &before, &before.as_it_is(), &[]))
}

/// Saves what was changed, and only that, part by part.
pub(crate) async fn edit(caller: Caller, Path(circle): Circle, fields: Fields) -> Answered {
    let receipt = fields.receipt()?;
    let before = Before::read(&caller, circle).await?;
    let mut wrong = Vec::new();
    for ((part, name), turn) in FIELDS.into_iter().zip(1..) {
        if !before.view.may_change.contains(&part) || !changed(&before, part, &fields, name) {
            continue;
        }
        let (text, receipt) = (fields.get(name), of_part(receipt, turn));
        match caller.web.app.save_private(&caller.visit, circle, part, text, receipt).await {
            Ok(()) => {}
            Err(Failure::Invalid(problems)) => {
                wrong.extend(problems.into_iter().map(|problem| (name, problem)));
            }
            Err(other) => return Err(other.into()),
        }
    }
    if wrong.is_empty() {
        go(&format!("{}/private?said=saved", circle_path(circle)))
    } else {
        again(&form(&caller, &before, &fields, &wrong))
    }
}

/// An empty field about getting in keeps what is there, unless it is to be taken away.
fn changed(before: &Before, part: PrivatePart, fields: &Fields, name: &str) -> bool {
    let typed = fields.get(name).trim();
    if part == PrivatePart::Entry {
        let there = before.view.entry == EntryState::There;
        return !typed.is_empty() || (there && fields.has("forget_entry"));
    }
    // Browsers send every line break as two characters.
    typed.replace("\r\n", "\n") != before.of(part).trim()
}

/// A form of several parts counts once for each of them.
const fn of_part(receipt: Receipt, turn: u128) -> Receipt {
    Receipt(Uuid::from_u128(receipt.0.as_u128() ^ turn))
}
