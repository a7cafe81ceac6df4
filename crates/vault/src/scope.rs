//! Which permits reach which places.

use kith_domain::{Action, Owner};
use kith_policy::{Disclose, Permit, Writes};

use crate::field::Field;
use crate::sealed::Place;

/// What whoever names a person writes down about them, across categories: the naming itself is
/// one permit, and asking for each category as well would make the carer need to read contact
/// details that are none of her business.
const NAMING: &[Field] = &[
    Field::MemberName,
    Field::Relationship,
    Field::InviterName,
    Field::WelcomeWords,
    Field::PersonName,
    Field::PersonEmail,
    Field::PersonPhone,
    Field::OversightName,
    Field::OversightPhone,
];

/// Whether what is at `place` may be opened: owner, category and row are the permit's.
pub(crate) fn may_open(permit: &Permit<'_, Disclose>, place: Place) -> bool {
    place.field.owner_kind().is(place.owner)
        && permit.covers_row(place.owner, place.field.category(), place.row)
}

/// Whether `place` may be written: owner, category and row are the permit's, or the permit is for
/// naming somebody or for setting up, and this is one of the few fields that belong to it.
pub(crate) fn may_write<A: Writes>(permit: &Permit<'_, A>, place: Place) -> bool {
    place.field.owner_kind().is(place.owner)
        && (permit.covers_row(place.owner, place.field.category(), place.row)
            || is_naming(permit, place))
}

fn is_naming<A: Writes>(permit: &Permit<'_, A>, place: Place) -> bool {
    let field = match A::ACTION {
        Action::Name => NAMING.contains(&place.field),
        Action::Govern => NAMING.contains(&place.field) || place.field == Field::PatientName,
        _ => false,
    };
    let owner = match place.owner {
        Owner::Organisation(organisation) => organisation == permit.organisation(),
        // A permit over a circle reaches that circle only. A coordinator governs for the
        // organisation, and so starts circles and prints cards for them; that the circle is the
        // organisation's is what the composite keys of the tables say.
        Owner::Circle(_) => {
            permit.owner() == place.owner
                || permit.owner() == Owner::Organisation(permit.organisation())
        }
    };
    field && owner
}
