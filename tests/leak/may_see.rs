//! Who may see what where, written down from the design (what each person may see, and the tiers) and
//! not from the policy or the code: two tables, and both must allow.

use kith_vault::Field;

use crate::marks::{Mark, Task, Whose};
use crate::visitors::{Sure, Visitor, Who};

/// Whether the answer of `route` to `visitor` may hold `mark`.
pub(crate) fn may_see(visitor: &Visitor, mark: &Mark, route: &str) -> bool {
    let entitled = match mark.whose {
        Whose::Typed => false,
        Whose::OtherCircle => visitor.who == Who::Elsewhere && visitor.sure >= Sure::Trusted,
        _ => is_entitled(visitor, mark, route),
    };
    entitled && shows(route, mark)
}

/// What a person may see at all, with so much certainty about who it is.
fn is_entitled(visitor: &Visitor, mark: &Mark, route: &str) -> bool {
    use Field as F;
    let (who, sure) = (visitor.who, visitor.sure);
    match mark.field {
        // One's own details, with a mail code. Whoever has proved the mailbox, or holds a device, is
        // asked which of the people they are whom it belongs to.
        F::PersonName | F::PersonEmail | F::PersonPhone => {
            let mailbox = mark.field == F::PersonEmail
                && who == Who::Housemate
                && mark.whose == Whose::Of(Who::FriendRota);
            let own = (mark.whose == Whose::Of(who) || mailbox) && sure >= Sure::SignedIn;
            let asked = mark.field == F::PersonName
                && matches!(mark.whose, Whose::Of(Who::FriendRota | Who::Housemate))
                && matches!(route, "/sign-in/check" | "/sign-in/link/{token}");
            let device = mark.field == F::PersonName
                && mark.whose == Whose::Of(who)
                && route.starts_with("/sign-in")
                && sure >= Sure::Device;
            own || asked || device
        }
        // The link of the invitation says who asked, to whoever holds it.
        F::InviterName => route.starts_with("/i/"),
        // Who asks to be let in is for whoever answers.
        F::JoinName => {
            sure == Sure::Fresh && matches!(who, Who::Patient | Who::Carer | Who::CarerNothing)
        }
        // The hospice's own page about the lead carer.
        F::OversightName | F::OversightPhone => who == Who::Coordinator && sure >= Sure::Trusted,
        F::CareComfort | F::CareMatters => {
            sure == Sure::Fresh
                && matches!(who, Who::Patient | Who::Carer | Who::FriendPrivate | Who::FriendEntry)
        }
        F::Entry => {
            sure == Sure::Fresh
                && (matches!(who, Who::Patient | Who::Carer | Who::FriendEntry) || in_window(who))
        }
        // The words are for whoever says them; what somebody is to the patient, for the same.
        F::WelcomeWords | F::Relationship => {
            sure >= Sure::Trusted && matches!(who, Who::Patient | Who::Carer | Who::CarerNothing)
        }
        F::Address => sure >= Sure::Trusted && (hears_news(who) || in_window(who)),
        F::News | F::KindWord => sure >= Sure::Trusted && hears_news(who),
        F::PatientName | F::Help => sure >= Sure::Trusted && (on_rota(who) || in_window(who)),
        F::MemberName => sure >= Sure::Trusted && on_rota(who),
        // At the door for whoever comes next; at home for whoever is in charge.
        F::HandOver if route == "/c/{circle}/" => {
            sure >= Sure::Trusted && matches!(who, Who::Patient | Who::Carer)
        }
        F::HandOver | F::Food | F::DoorPhone => {
            sure >= Sure::Trusted && (on_rota(who) || in_window(who))
        }
        // Told to the hospice in confidence: no circle sees it, and no screen left open shows it.
        F::ConcernNote | F::ConcernCallback => who == Who::Coordinator && sure == Sure::Fresh,
        F::TaskNote => {
            let promised = in_window(who) && mark.whose == Whose::Task(Task::Open);
            sure >= Sure::Trusted && (on_rota(who) || promised)
        }
        // Nothing shows what somebody calls a device yet.
        // Nor where the mail of somebody goes who asks to be let in.
        F::DeviceLabel | F::JoinEmail => false,
    }
}

/// Who sees the rota: the patient, and everybody to whom it was granted.
const fn on_rota(who: Who) -> bool {
    matches!(who, Who::FriendRota) || hears_news(who)
}

/// Who sees the address and the news as well.
const fn hears_news(who: Who) -> bool {
    matches!(
        who,
        Who::Patient | Who::Carer | Who::FriendNews | Who::FriendPrivate | Who::FriendEntry
    )
}

/// Who has nothing but the open window of a promised slot, which tells address and way in.
const fn in_window(who: Who) -> bool {
    matches!(who, Who::FriendWindow | Who::Volunteer)
}

/// What a route may show to whoever may see it: a page that has no line here shows nothing sealed.
fn shows(route: &str, mark: &Mark) -> bool {
    use Field as F;
    let fields: &[F] = match route {
        "/c/{circle}/" => &[F::TaskNote, F::News, F::KindWord, F::HandOver],
        "/c/{circle}/rota" | "/c/{circle}/print/rota" | "/c/{circle}/rota/{slot}/change" => {
            &[F::TaskNote]
        }
        // The forms show the slot's page again when something in them is wrong.
        "/c/{circle}/rota/{slot}"
        | "/c/{circle}/rota/{slot}/done"
        | "/c/{circle}/rota/{slot}/for"
        | "/c/{circle}/rota/{slot}/hand-over" => &[F::TaskNote, F::HandOver, F::Food, F::DoorPhone],
        "/c/{circle}/door" => &[F::Food, F::DoorPhone],
        "/h/concerns/{concern}" => &[F::ConcernNote, F::ConcernCallback, F::PersonName],
        "/c/{circle}/rota/{slot}/address" => &[F::TaskNote, F::Address],
        "/c/{circle}/rota/{slot}/entry" => &[F::TaskNote, F::Entry],
        "/c/{circle}/private/entry" => {
            &[F::CareComfort, F::CareMatters, F::Help, F::Address, F::Entry]
        }
        // The form shows what it changes; how to get in is not filled in.
        "/c/{circle}/private" | "/c/{circle}/private/edit" => {
            &[F::CareComfort, F::CareMatters, F::Help, F::Address]
        }
        "/c/{circle}/who-to-call" | "/c/{circle}/print/who-to-call" => &[F::Help],
        "/c/{circle}/news" => &[F::News, F::KindWord],
        "/c/{circle}/people/{member}/words" | "/c/{circle}/people/words" => &[F::WelcomeWords],
        "/c/{circle}/people/asking" | "/c/{circle}/people/asking/{request}" => &[F::JoinName],
        "/c/{circle}/people" | "/c/{circle}/people/{member}" => &[F::Relationship],
        "/me/rota" | "/me" => &[F::PatientName, F::TaskNote, F::PersonName],
        "/me/address" | "/me/address/code" => &[F::PersonName, F::PersonEmail],
        "/me/details" => &[F::PersonName, F::PersonEmail, F::PersonPhone],
        "/h/circles/{circle}" => &[F::OversightName, F::OversightPhone, F::PersonName],
        "/devices" | "/h/concerns" | "/h" | "/h/circles" | "/h/start" => &[F::PersonName],
        "/i/{token}" => &[F::InviterName],
        "/sign-in" | "/sign-in/here" | "/sign-in/check" | "/sign-in/link/{token}" => {
            &[F::PersonName]
        }
        _ => &[],
    };
    // Every page of a circle has names: in its heading, and of who does what.
    let names =
        route.starts_with("/c/{circle}/") && matches!(mark.field, F::PatientName | F::MemberName);
    names || fields.contains(&mark.field)
}
