//! For whom a slot is taken, and how much.

use kith_app::Every;
use kith_domain::ids::MembershipId;
use kith_domain::repeat::Weekdays;
use kith_store::Membership;

/// As the use case takes it.
pub(crate) type Whom = (Option<MembershipId>, Every, Option<Weekdays>);

/// This one alone.
pub(crate) fn once(whom: &Membership) -> Whom {
    (Some(whom.id), Every::No, None)
}

/// Every later one too.
pub(crate) fn each_time(whom: &Membership) -> Whom {
    (Some(whom.id), Every::UntilISay, None)
}
