//! Undoing a swap a moment after both said yes.

use kith_domain::ids::PersonId;
use kith_domain::{ClaimEnd, Timestamp, Told};
use kith_store::{Circle, StoreError, Swap, UnitOfWork};

use crate::swapping::{hand_over, standing};
use crate::told::{self, tell_of_swap};

/// Everybody has again what they had before, and whoever did not ask for that is told. `false` when
/// either slot is not as the swap left it.
pub(crate) async fn swap_back(
    unit: &UnitOfWork,
    circle: &Circle,
    swap: &Swap,
    by: PersonId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let given = standing(unit, swap.slot, swap.to, swap.from, now).await?;
    let returned = match swap.in_return {
        Some(slot) => match standing(unit, slot, swap.from, swap.to, now).await? {
            Some(found) => Some(found),
            None => return Ok(false),
        },
        None => None,
    };
    let Some((slot, claim)) = given else { return Ok(false) };
    if !unit.undo_swap(swap.id).await? {
        return Ok(false);
    }
    let from = unit.membership(swap.from).await?.ok_or(StoreError::NotFound)?;
    let (to, id) = ((claim.membership, claim.person), swap.id.to_string());
    let back = (from.id, from.person);
    hand_over(unit, circle, (&slot, &claim, ClaimEnd::Undone), back, now).await?;
    if by == claim.person {
        let about = told::About { circle, slot: &slot, now };
        tell_of_swap(unit, &about, from.person, Told::SwapDeclined, &id).await?;
    }
    if let Some((slot, theirs)) = returned {
        hand_over(unit, circle, (&slot, &theirs, ClaimEnd::Undone), to, now).await?;
        if by != claim.person {
            let about = told::About { circle, slot: &slot, now };
            tell_of_swap(unit, &about, claim.person, Told::SwapDeclined, &id).await?;
        }
    }
    Ok(true)
}
