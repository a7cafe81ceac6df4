//! The people of a circle.

use crate::http::address::Path;
use kith_app::{About, Failure, MemberPage, MemberView, NameFriend, Problem, Traces};
use kith_domain::ids::{CircleId, MembershipId};
use kith_domain::{
    Category, MemberRole, MembershipState, Preset, Ring, Timestamp, Unreached, Zone,
};

use super::{Answered, acting, again, go, page, traces};
use crate::form_view::FieldView;
use crate::http::answer::Answer;
use crate::http::caller::{Caller, circle_path};
use crate::http::fields::Fields;
use crate::http::problems::{field, sentence_for};
use crate::page::home::Around;
use crate::page::invitation::WordsPage;
use crate::page::layout::Place;
use crate::page::name_friend::NameFriendPage;
use crate::page::people::{AskingNote, PeoplePage, PersonRow, RemovePage};
use crate::page::person::{Item, ItemsPage, PersonPage, Unanswered};
use crate::page::presets;
use crate::page::view::Patient;
use crate::picture::{Invited, Ring as RingPicture};
use crate::words;

/// The patient as the reader speaks of her.
pub(crate) fn patient(about: &About) -> Patient {
    Patient {
        name: about.patient.clone().unwrap_or_else(|| format!("{} circle", about.nature_name)),
        is_reader: about.is_patient,
    }
}

/// What a form about naming sent.
pub(crate) fn naming(fields: &Fields) -> NameFriend {
    let see = fields.get("see");
    NameFriend {
        name: fields.take("name"),
        email: fields.take("email"),
        phone: fields.take("phone"),
        preset: if see == "pick" { "just_rota".to_owned() } else { see.to_owned() },
        with_entry: fields.has("entry"),
        items: Vec::new(),
        says_my_name: fields.has("say_who"),
    }
}

/// The form for naming a friend, as it was typed.
pub(crate) fn name_form(
    caller: &Caller,
    about: &About,
    fields: &Fields,
    problems: &[Problem],
    in_set_up: bool,
) -> NameFriendPage {
    let base = circle_path(about.circle);
    let patient = patient(about);
    let (action, skip, back) = if in_set_up {
        (
            format!("{base}/set-up/friend"),
            format!("{base}/set-up/week"),
            format!("{base}/set-up/you"),
        )
    } else {
        (format!("{base}/people/name"), format!("{base}/people"), format!("{base}/people"))
    };
    NameFriendPage {
        layout: if in_set_up { caller.plain() } else { caller.family(about, Place::People) },
        choices: presets::choices(&patient),
        patient,
        in_set_up,
        back,
        post: caller.post(action),
        name: field(fields, problems, "name"),
        email: field(fields, problems, "email"),
        see: FieldView { value: fields.take("see"), error: sentence_for(problems, "preset") },
        entry: fields.has("entry"),
        say_who: fields.list().is_empty() || fields.has("say_who"),
        skip,
        named: Vec::new(),
    }
}

fn named_on(member: &MemberView, zone: &Zone) -> String {
    let day = words::day_month(zone.date(member.named_at));
    match &member.named_by {
        Some(by) => format!("named by {by} on {day}"),
        None => format!("here since {day}"),
    }
}

fn about_member(member: &MemberView, about: &About, now: Timestamp) -> String {
    let role = match member.role {
        MemberRole::Patient => return format!("It is {}’s circle", member.name),
        MemberRole::Carer => "Carer",
        MemberRole::Friend => "Friend",
        MemberRole::Volunteer => "Volunteer",
    };
    if member.you {
        return "You".to_owned();
    }
    if member.state == MembershipState::Invited {
        let day = words::day_month(about.zone.date(member.named_at));
        return format!("Asked on {day}, not answered yet");
    }
    if !about.in_charge {
        return role.into();
    }
    let named = format!("{role}, {}", named_on(member, &about.zone));
    match super::away::of_member(member, about, now) {
        Some(away) => format!("{named}. {away}, and asked for nothing then"),
        None => named,
    }
}

fn ring_number(ring: Option<Ring>) -> u8 {
    match ring {
        Some(Ring::Inner) => 1,
        Some(Ring::Middle) => 2,
        Some(Ring::Outer) => 3,
        Some(Ring::Invited) | None => 0,
    }
}

/// The ring picture, from the same rows as the list beneath it.
pub(crate) fn ring(about: &About, members: &[MemberView], today: jiff::civil::Date) -> RingPicture {
    let on = |ring: Ring| -> Vec<String> {
        members
            .iter()
            .filter(|member| member.ring == Some(ring) && member.role != MemberRole::Patient)
            .map(|member| member.name.clone())
            .collect()
    };
    let invited = members.iter().filter(|member| member.state == MembershipState::Invited);
    RingPicture {
        centre: patient(about).name,
        private: on(Ring::Inner),
        news: on(Ring::Middle),
        rota: on(Ring::Outer),
        invited: invited
            .map(|member| Invited {
                name: member.name.clone(),
                since: format!("asked {}", words::on_day(about.zone.date(member.named_at), today)),
            })
            .collect(),
    }
}

pub(crate) async fn list(caller: Caller, Path(circle): Path<CircleId>) -> Answered {
    let view = caller.web.app.people(&caller.visit, circle).await?;
    let base = circle_path(circle);
    let about = &view.about;
    let today = about.zone.date(caller.visit.now());
    let people = view
        .members
        .iter()
        .map(|member| PersonRow {
            name: member.name.clone(),
            ring: ring_number(member.ring),
            about: about_member(member, about, caller.visit.now()),
            href: (view.in_charge && member.role != MemberRole::Patient)
                .then(|| format!("{base}/people/{}", member.membership)),
            tablet: (view.may_name && member.role == MemberRole::Patient && !member.you)
                .then(|| format!("{base}/tablet")),
            words: (member.words_wait && member.role != MemberRole::Patient)
                .then(|| format!("{base}/people/{}/words", member.membership)),
            problem: member.unreached.map(|why| words::unreached(&member.name, why.as_str())),
        })
        .collect();
    page(&PeoplePage {
        layout: caller.family(about, Place::People),
        patient: patient(about),
        people,
        around: view.in_charge.then(|| Around {
            ring: ring(about, &view.members, today),
            name_friend: format!("{base}/people/name"),
            looks: format!("{base}/looks"),
        }),
        several: view.in_charge.then(|| format!("{base}/people/several")),
        all_words: view
            .members
            .iter()
            .any(|member| member.words_wait)
            .then(|| format!("{base}/people/words")),
        link: view.in_charge.then(|| format!("{base}/people/link")),
        asking: (view.asking > 0).then(|| AskingNote {
            how_many: words::capital(&words::how_many(view.asking, "person asks", "people ask")),
            href: format!("{base}/people/asking"),
        }),
    })
}

pub(crate) async fn name_page(caller: Caller, Path(circle): Path<CircleId>) -> Answered {
    let view = caller.web.app.naming(&caller.visit, circle).await?;
    page(&name_form(&caller, &view, &Fields::default(), &[], false))
}

pub(crate) async fn name(caller: Caller, Path(circle): Path<CircleId>, fields: Fields) -> Answered {
    let receipt = fields.receipt()?;
    let form = naming(&fields);
    match caller.web.app.name_friend(&caller.visit, circle, &form, receipt).await {
        Ok(member) => {
            (caller.web.mail_waits)();
            let base = format!("{}/people/{member}", circle_path(circle));
            let next = if fields.get("see") == "pick" { "items" } else { "words?said=named" };
            go(&format!("{base}/{next}"))
        }
        Err(Failure::Invalid(problems)) => {
            let about = caller.web.app.naming(&caller.visit, circle).await?;
            again(&name_form(&caller, &about, &fields, &problems, false))
        }
        Err(other) => Err(other.into()),
    }
}

fn person_page(
    caller: &Caller,
    view: &MemberPage,
    traces: &Traces,
    chosen: Option<(String, bool)>,
    problems: &[Problem],
) -> PersonPage {
    let about = &view.about;
    let patient = patient(about);
    let base = circle_path(about.circle);
    let own = format!("{base}/people/{}", view.member.membership);
    let granted = view.member.granted.unwrap_or_default();
    let (see, entry) = chosen.unwrap_or_else(|| match Preset::of(granted) {
        Some((preset, entry)) => (preset.as_str().to_owned(), entry),
        None => ("pick".to_owned(), granted.contains(Category::Entry)),
    });
    PersonPage {
        layout: caller.family(about, Place::People),
        choices: presets::choices(&patient),
        patient,
        name: view.member.name.clone(),
        named: format!("{}.", words::capital(&named_on(&view.member, &about.zone))),
        people: format!("{base}/people"),
        post: caller.post(own.clone()),
        see: FieldView { value: see, error: sentence_for(problems, "preset") },
        entry,
        items: format!("{own}/items"),
        tasks: traces::promised(about, &view.member.name, traces),
        invitation: view.invitation.map(|invitation| Unanswered {
            by_mail: invitation.by_mail,
            is_in: invitation.is_in,
            href: format!("{own}/address"),
        }),
        comes_back: (view.member.unreached == Some(Unreached::ComesBack))
            .then(|| caller.post(format!("{own}/address-works"))),
        unreached: view
            .member
            .unreached
            .filter(|why| *why != Unreached::ComesBack)
            .map(|why| words::unreached(&view.member.name, why.as_str())),
        spoken_for: acting::spoken_for(caller, view, &own),
        devices: format!("{base}/devices"),
        remove: format!("{own}/remove"),
    }
}

pub(crate) type Member = Path<(CircleId, MembershipId)>;

pub(crate) async fn one(caller: Caller, Path((circle, member)): Member) -> Answered {
    let view = caller.web.app.member(&caller.visit, circle, member).await?;
    let traces = caller.web.app.traces(&caller.visit, circle, member).await?;
    page(&person_page(&caller, &view, &traces, None, &[]))
}

pub(crate) async fn change(
    caller: Caller,
    Path((circle, member)): Member,
    fields: Fields,
) -> Answered {
    let own = format!("{}/people/{member}", circle_path(circle));
    if fields.get("see") == "pick" {
        return go(&format!("{own}/items"));
    }
    let form = naming(&fields);
    let receipt = fields.receipt()?;
    match caller.web.app.change_grants(&caller.visit, circle, member, &form, receipt).await {
        Ok(()) => go(&format!("{own}?said=saved")),
        Err(Failure::Invalid(problems)) => {
            let view = caller.web.app.member(&caller.visit, circle, member).await?;
            let traces = caller.web.app.traces(&caller.visit, circle, member).await?;
            let chosen = Some((fields.take("see"), fields.has("entry")));
            again(&person_page(&caller, &view, &traces, chosen, &problems))
        }
        Err(other) => Err(other.into()),
    }
}

/// "It works again", of the address of somebody to whom e-mails came back.
pub(crate) async fn address_works(
    caller: Caller,
    Path((circle, member)): Member,
    fields: Fields,
) -> Answered {
    let receipt = fields.receipt()?;
    caller.web.app.address_works(&caller.visit, circle, member, receipt).await?;
    go(&format!("{}/people/{member}?said=address-works", circle_path(circle)))
}

fn items_page(
    caller: &Caller,
    view: &MemberPage,
    ticked: impl Fn(&str) -> bool,
    problems: &[Problem],
) -> ItemsPage {
    let about = &view.about;
    let own = format!("{}/people/{}", circle_path(about.circle), view.member.membership);
    ItemsPage {
        layout: caller.family(about, Place::People),
        patient: patient(about),
        name: view.member.name.clone(),
        post: caller.post(format!("{own}/items")),
        back: own,
        items: ItemsPage::none()
            .into_iter()
            .map(|item| Item { ticked: ticked(item.id), ..item })
            .collect(),
        rota: FieldView { value: String::new(), error: sentence_for(problems, "preset") },
    }
}

pub(crate) async fn items(caller: Caller, Path((circle, member)): Member) -> Answered {
    let view = caller.web.app.member(&caller.visit, circle, member).await?;
    let granted = view.member.granted.unwrap_or_default();
    let ticked = |id: &str| id.parse::<Category>().is_ok_and(|category| granted.contains(category));
    page(&items_page(&caller, &view, ticked, &[]))
}

pub(crate) async fn change_items(
    caller: Caller,
    Path((circle, member)): Member,
    fields: Fields,
) -> Answered {
    let ids: Vec<String> = ItemsPage::none()
        .iter()
        .map(|item| item.id.to_owned())
        .filter(|id| fields.has(id))
        .collect();
    let form = NameFriend { preset: "items".to_owned(), items: ids, ..NameFriend::default() };
    let receipt = fields.receipt()?;
    match caller.web.app.change_grants(&caller.visit, circle, member, &form, receipt).await {
        Ok(()) => go(&format!("{}/people/{member}?said=saved", circle_path(circle))),
        Err(Failure::Invalid(problems)) => {
            let view = caller.web.app.member(&caller.visit, circle, member).await?;
            again(&items_page(&caller, &view, |id| fields.has(id), &problems))
        }
        Err(other) => Err(other.into()),
    }
}

pub(crate) async fn words(caller: Caller, Path((circle, member)): Member) -> Answered {
    let view = caller.web.app.member(&caller.visit, circle, member).await?;
    let about = &view.about;
    let base = circle_path(circle);
    let until = view.words.as_ref().map_or_else(
        || "There are no words that work just now".to_owned(),
        |words| {
            let day = words::day_month(about.zone.date(words.expires_at));
            format!("until {day}")
        },
    );
    page(&WordsPage {
        layout: caller.family(about, Place::People),
        people: format!("{base}/people"),
        name: view.member.name.clone(),
        words: view.words.as_ref().map(|words| words.words.clone()),
        address: view.words.as_ref().and_then(|words| words.to_type.clone()),
        until,
        wrong_address: view
            .invitation
            .filter(|invitation| invitation.by_mail)
            .map(|_| format!("{base}/people/{member}/address")),
        renew: caller.post(format!("{base}/people/{member}/words")),
    })
}

pub(crate) async fn new_words(
    caller: Caller,
    Path((circle, member)): Member,
    fields: Fields,
) -> Answered {
    let receipt = fields.receipt()?;
    match caller.web.app.new_words(&caller.visit, circle, member, receipt).await {
        Ok(()) => go(&format!("{}/people/{member}/words", circle_path(circle))),
        // The patient has a device of her own: the page about it says where words come from.
        Err(Failure::Invalid(_)) => go(&format!("{}/tablet", circle_path(circle))),
        Err(other) => Err(other.into()),
    }
}

pub(crate) async fn remove_page(caller: Caller, Path((circle, member)): Member) -> Answered {
    page(&remove_form(&caller, circle, member, true).await?)
}

async fn remove_form(
    caller: &Caller,
    circle: CircleId,
    member: MembershipId,
    possible: bool,
) -> Result<RemovePage, Answer> {
    let view = caller.web.app.member(&caller.visit, circle, member).await?;
    let traces = caller.web.app.traces(&caller.visit, circle, member).await?;
    let about = &view.about;
    let own = format!("{}/people/{member}", circle_path(circle));
    Ok(RemovePage {
        layout: caller.family(about, Place::People),
        patient: patient(about),
        name: view.member.name.clone(),
        looks: format!("{}/looks", circle_path(circle)),
        tasks: traces::promises(&traces),
        seen: traces::seen(caller, &traces, about.zone.date(caller.visit.now())),
        saw_entry: traces::saw_entry(&traces),
        post: possible.then(|| caller.post(format!("{own}/remove"))),
        has_address: view.has_address,
        keep: own,
    })
}

pub(crate) async fn remove(
    caller: Caller,
    Path((circle, member)): Member,
    fields: Fields,
) -> Answered {
    let receipt = fields.receipt()?;
    let not_again = fields.has("not_again");
    match caller.web.app.remove(&caller.visit, circle, member, not_again, receipt).await {
        Ok(()) => go(&format!("{}/people?said=removed", circle_path(circle))),
        // The last one in charge stays until there is another.
        Err(Failure::Invalid(_)) => again(&remove_form(&caller, circle, member, false).await?),
        Err(other) => Err(other.into()),
    }
}
