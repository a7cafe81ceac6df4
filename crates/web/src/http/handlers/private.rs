//! The private page, how to get in, and writing both.

use crate::http::address::{Path, Query};
use jiff::civil::Date;
use kith_app::{
    About, EntryRevealed, EntryState, Failure, PrivateForm, PrivatePage, PrivatePart, Problem,
    WhoSees, Written,
};
use kith_domain::MemberRole;
use kith_domain::ids::CircleId;
use serde::Deserialize;

use super::looks::{look_row, plot};
use super::people::patient;
use super::{Answered, again, go, page};
use crate::form_view::FieldView;
use crate::http::caller::{Caller, circle_path};
use crate::http::fields::Fields;
use crate::http::problems::sentence_for;
use crate::page::layout::Place;
use crate::page::private::{
    EditPrivatePage, EntryPart, Looked, PaperSize, PrintHelpPage, PrivatePage as PrivateHtml,
    WhoSees as WhoRow, WhoToCallPage, Written as WrittenHtml,
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
        address: text(&view.address),
        help: text(&view.help),
        opens: None,
        change: (!view.may_change.is_empty()).then(|| format!("{base}/private/edit")),
        who: who(about, view.who_sees.as_deref()),
        share: about.in_charge.then(|| format!("{base}/people")),
        looked: view.looked.as_ref().map(|looks| Looked {
            plot: (!looks.latest.is_empty())
                .then(|| plot(about, &looks.dots, looks.from, 14, "the private page")),
            latest: looks
                .latest
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

/// The same on a card to print.
pub(crate) fn who_to_call_card(about: &About) -> Option<String> {
    about.help.then(|| format!("{}/print/who-to-call", circle_path(about.circle)))
}

/// Which paper.
#[derive(Deserialize)]
pub(crate) struct Paper {
    size: Option<String>,
}

/// Who to call, on a card: opened and recorded like the page.
pub(crate) async fn help_card(
    caller: Caller,
    Path(circle): Circle,
    Query(paper): Query<Paper>,
) -> Answered {
    let view = caller.web.app.who_to_call(&caller.visit, circle).await?;
    let base = circle_path(circle);
    let size = match paper.size.as_deref() {
        Some("a4") => PaperSize::A4,
        Some("a6") => PaperSize::A6,
        _ => PaperSize::A5,
    };
    page(&PrintHelpPage {
        layout: caller.family(&view.about, Place::Elsewhere),
        back: format!("{base}/who-to-call"),
        own: format!("{base}/print/who-to-call"),
        size,
        help: view.help.map(|written| written.text),
    })
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
        change: view.may_change.then(|| format!("{base}/private/edit")),
        card: who_to_call_card(about),
    })
}

fn written_by(written: &Written, about: &About, today: Date) -> WrittenHtml {
    let name = written.by.as_deref().unwrap_or("Somebody who was in the circle");
    let at = about.zone.local(written.at);
    let by = format!("{name}, {} at {}", words::on_day(at.date(), today), words::time(at.time()));
    WrittenHtml { words: written.text.clone(), by }
}

/// Everybody who can open the page, as far as the reader may see the people.
fn who(about: &About, sees: Option<&[WhoSees]>) -> Vec<WhoRow> {
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
    sees.into_iter().flatten().map(row).collect()
}

fn name_of(one: &WhoSees) -> String {
    one.name.clone().unwrap_or_else(|| "Somebody".to_owned())
}

/// The form as it was typed, or as it is; only what the reader may change is in it.
fn form(
    caller: &Caller,
    before: &PrivateForm,
    typed: Option<&Fields>,
    wrong: &[Problem],
) -> EditPrivatePage {
    let about = &before.about;
    let base = circle_path(about.circle);
    let field = |part: PrivatePart| {
        let (_, text) = before.parts.iter().find(|(one, _)| *one == part)?;
        let stored = || text.clone().unwrap_or_default();
        let value = typed.map_or_else(stored, |fields| fields.take(part.as_str()));
        Some(FieldView { value, error: sentence_for(wrong, part.as_str()) })
    };
    let names: Vec<String> = before.who_sees.iter().flatten().map(name_of).collect();
    EditPrivatePage {
        layout: caller.family(about, Place::Private),
        patient: patient(about),
        post: caller.post(format!("{base}/private/edit")),
        cancel: if about.private_page { format!("{base}/private") } else { format!("{base}/") },
        readers: if names.is_empty() { "Those named for it".into() } else { words::list(&names) },
        comfort: field(PrivatePart::Comfort),
        matters: field(PrivatePart::Matters),
        entry: field(PrivatePart::Entry),
        has_entry: before.has_entry,
        forget_entry: typed.is_some_and(|fields| fields.has(FORGET_ENTRY)),
        address: field(PrivatePart::Address),
        help: field(PrivatePart::Help),
    }
}

/// The box that takes away what is written about getting in.
const FORGET_ENTRY: &str = "forget_entry";

pub(crate) async fn edit_page(caller: Caller, Path(circle): Circle) -> Answered {
    let before = caller.web.app.private_form(&caller.visit, circle).await?;
    page(&form(&caller, &before, None, &[]))
}

/// Saves what was changed, and only that.
pub(crate) async fn edit(caller: Caller, Path(circle): Circle, fields: Fields) -> Answered {
    let receipt = fields.receipt()?;
    let before = caller.web.app.private_form(&caller.visit, circle).await?;
    let changed: Vec<(PrivatePart, &str)> = before
        .parts
        .iter()
        .map(|(part, text)| (*part, text.as_deref().unwrap_or_default()))
        .filter(|(part, text)| is_changed(*part, text, before.has_entry, &fields))
        .map(|(part, _)| (part, fields.get(part.as_str())))
        .collect();
    match caller.web.app.save_private(&caller.visit, circle, &changed, receipt).await {
        Ok(()) if before.about.private_page => {
            go(&format!("{}/private?said=saved", circle_path(circle)))
        }
        Ok(()) => go(&format!("{}/?said=saved", circle_path(circle))),
        Err(Failure::Invalid(problems)) => again(&form(&caller, &before, Some(&fields), &problems)),
        Err(other) => Err(other.into()),
    }
}

/// An empty field about getting in keeps what is there, unless it is to be taken away.
fn is_changed(part: PrivatePart, before: &str, has_entry: bool, fields: &Fields) -> bool {
    let typed = fields.get(part.as_str()).trim();
    if part == PrivatePart::Entry {
        return !typed.is_empty() || (has_entry && fields.has(FORGET_ENTRY));
    }
    // Browsers send every line break as two characters.
    typed.replace("\r\n", "\n") != before.trim()
}
