//! One of the many households: who is in it, as the dice fall.

use kith_domain::nature::NATURE_NAMES;
use kith_domain::{CircleState, MemberRole, Preset};

use super::dice::Dice;
use super::words;
use crate::demo::story::STORIES;

/// Circles of one hospice: as many as its coordinators can look after, and nature names enough.
pub(super) const CIRCLES_OF_A_HOSPICE: u32 = 120;
/// Parts of town that a hospice serves.
const AREAS_OF_A_HOSPICE: usize = 6;

/// A household that is a circle.
pub(super) struct Household {
    pub(super) nature_name: &'static str,
    pub(super) state: CircleState,
    pub(super) area: &'static str,
    pub(super) address: String,
    pub(super) phone: String,
    /// Days since it was started.
    pub(super) started: i64,
    /// Hours since the patient or the carer was seen.
    pub(super) seen: i64,
    /// The patient first, then the lead carer if there is one.
    pub(super) people: Vec<Somebody>,
}

/// One person of it.
pub(super) struct Somebody {
    pub(super) name: &'static str,
    pub(super) role: MemberRole,
    /// What they may see; nothing for the patient, who sees everything.
    pub(super) sees: Option<(Preset, bool)>,
    pub(super) is: &'static str,
    /// Days since they were named.
    pub(super) named: i64,
    /// Most patients have no e-mail; a patient who runs the circle has.
    pub(super) email: Option<String>,
}

/// Which hospice a circle belongs to, and which of its circles it is. The eight with stories are the
/// first of the first.
pub(super) const fn place_of(number: u32) -> (u32, u32) {
    (number / CIRCLES_OF_A_HOSPICE, number % CIRCLES_OF_A_HOSPICE)
}

/// The nature name of a circle: each once in a hospice.
pub(super) fn nature_name(number: u32) -> &'static str {
    let (hospice, circle) = place_of(number);
    let told = |name: &str| hospice == 0 && STORIES.iter().any(|story| story.name == name);
    let begins = if hospice == 0 { 8 } else { 0 };
    let place = usize::try_from(circle.saturating_sub(begins)).unwrap_or(0);
    NATURE_NAMES.into_iter().filter(|name| !told(name)).nth(place).unwrap_or_default()
}

/// The household of this number.
pub(super) fn household(number: u32) -> Household {
    let dice = &mut Dice::of(number, 0x686F_7573_6568_6F6C);
    let (hospice, _) = place_of(number);
    let nature_name = nature_name(number);
    let areas = words::AREAS.iter().cycle();
    let first = usize::try_from(hospice).unwrap_or(0) * AREAS_OF_A_HOSPICE % words::AREAS.len();
    let areas: Vec<&str> = areas.skip(first).take(AREAS_OF_A_HOSPICE).copied().collect();
    let area = dice.one_of(&areas);
    let address = format!("{} {}, {area}", 1 + dice.below(80), dice.one_of(&words::STREETS));
    let started = 15 + i64::from(dice.below(90));
    let mut household = Household {
        nature_name,
        state: if dice.happens(5) { CircleState::Paused } else { CircleState::Active },
        area,
        address,
        phone: format!("07700 900 {:03}", dice.below(1_000)),
        started,
        seen: i64::from(if dice.happens(8) { 100 + dice.below(200) } else { dice.below(60) }),
        people: Vec::new(),
    };
    household.add(dice, number, MemberRole::Patient);
    if dice.happens(85) {
        household.add(dice, number, MemberRole::Carer);
    }
    for _ in 0..2 + dice.below(6) {
        household.add(dice, number, MemberRole::Friend);
    }
    household
}

impl Household {
    fn add(&mut self, dice: &mut Dice, number: u32, role: MemberRole) {
        let list: &[&'static str] =
            if role == MemberRole::Patient { &words::PATIENTS } else { &words::OTHERS };
        let mut name = dice.one_of(list);
        while self.people.iter().any(|other| other.name == name) {
            name = dice.one_of(list);
        }
        let sees = match role {
            MemberRole::Patient => None,
            MemberRole::Carer => Some((Preset::PrivatePage, true)),
            _ if dice.happens(15) => Some((Preset::PrivatePage, dice.happens(50))),
            _ if dice.happens(40) => Some((Preset::HowSheIs, false)),
            _ => Some((Preset::JustRota, false)),
        };
        let relatives = role == MemberRole::Carer || dice.happens(25);
        let is = match role {
            MemberRole::Patient => "",
            _ if relatives => dice.one_of(&words::FAMILY),
            _ => dice.one_of(&words::FRIENDS),
        };
        let named = match role {
            MemberRole::Friend => 15 + i64::from(dice.below(30)).min(self.started - 15),
            _ => self.started,
        };
        let has_mail = role != MemberRole::Patient;
        self.people.push(Somebody {
            name,
            role,
            sees,
            is,
            named,
            email: has_mail.then(|| self.mailbox(name, number)),
        });
        let runs_it = !self.people.iter().any(|other| other.role == MemberRole::Carer);
        let mailbox = runs_it.then(|| self.people.first()).flatten();
        let mailbox = mailbox.map(|patient| self.mailbox(patient.name, number));
        if let Some(patient) = self.people.first_mut() {
            patient.email = mailbox;
        }
    }

    /// An address that nobody has (RFC 2606).
    fn mailbox(&self, name: &str, number: u32) -> String {
        let domain = self.nature_name.to_lowercase();
        format!("{}.{number}@{domain}.example", name.to_lowercase())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use kith_domain::{EmailAddress, PersonName, PhoneNumber};

    use super::*;

    #[test]
    fn each_circle_of_a_hospice_has_a_name_of_its_own() {
        let names: BTreeSet<_> = (8..120).map(nature_name).collect();
        assert_eq!(names.len(), 112);
        assert!(STORIES.iter().all(|story| !names.contains(story.name)));
        let names: BTreeSet<_> = (120..240).map(nature_name).collect();
        assert_eq!(names.len(), 120);
    }

    #[test]
    fn households_are_what_a_family_could_have_typed() {
        let mut mailboxes = BTreeSet::new();
        for number in 8..300 {
            let household = household(number);
            assert!(PhoneNumber::parse(&household.phone).is_ok());
            assert!((4..=10).contains(&(household.people.len() + 1)), "{number}");
            let first = &household.people[0];
            assert_eq!(first.role, MemberRole::Patient);
            let carer = household.people.iter().any(|person| person.role == MemberRole::Carer);
            assert_eq!(first.email.is_none(), carer, "somebody reads mails");
            for person in &household.people {
                assert!(PersonName::parse(person.name).is_ok());
                if let Some(email) = &person.email {
                    assert!(EmailAddress::parse(email).is_ok(), "{email}");
                    assert!(mailboxes.insert(email.clone()), "{email} twice");
                }
            }
        }
    }
}
