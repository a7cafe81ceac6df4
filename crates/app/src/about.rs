//! What every page of a circle says about the circle and its reader: names, and where to go.

use std::collections::BTreeMap;

use kith_domain::ids::{CircleId, MembershipId};
use kith_domain::{Category, CircleState, MemberRole, Zone};
use kith_policy::{Amend, Disclose, List};
use kith_store::{Content, Reader, StoreError};
use kith_vault::{Field, OwnerKey};

use crate::failure::Failure;
use crate::gate::Inside;

/// The patient and members whose names are read for one page.
pub(crate) const MOST_NAMES: u32 = 501;

/// The circle and the reader. Names are there only as far as the reader may see them.
#[expect(clippy::struct_excessive_bools, reason = "each says whether the page has one part")]
#[derive(Clone, Debug)]
pub struct About {
    /// The circle.
    pub circle: CircleId,
    /// "Heron".
    pub nature_name: String,
    /// Its state.
    pub state: CircleState,
    /// Zone of its wall clock: all civil times of the page are in it.
    pub zone: Zone,
    /// No time and no kind of task in its mails.
    pub quiet_mail: bool,
    /// The patient's first name.
    pub patient: Option<String>,
    /// The reader's own first name in this circle.
    pub reader: Option<String>,
    /// What the reader is in the circle; none for somebody who has not answered.
    pub role: Option<MemberRole>,
    /// The reader is the patient.
    pub is_patient: bool,
    /// The reader is the patient or a carer.
    pub in_charge: bool,
    /// The private page is in the navigation: it opens once it is sure who reads.
    pub private_page: bool,
    /// The list of people may be seen.
    pub people: bool,
    /// News and kind words may be seen.
    pub news: bool,
    /// Who to call may be seen.
    pub help: bool,
    /// Tasks may be added and changed.
    pub change_rota: bool,
}

/// First names of the members of a circle, opened for one reader.
#[derive(Debug, Default)]
pub(crate) struct Names(BTreeMap<MembershipId, String>);

impl Names {
    /// The first name of a member, if there is one and the reader may see it.
    pub(crate) fn of(&self, member: MembershipId) -> Option<String> {
        self.0.get(&member).cloned()
    }
}

/// What a list of people to choose from is sorted by.
pub(crate) fn by_name(name: &str) -> String {
    name.to_lowercase()
}

/// The sealed names, read in the snapshot of the facts.
pub(crate) struct SealedAbout {
    patient: Option<Content>,
    members: Vec<Content>,
}

impl SealedAbout {
    pub(crate) async fn read(reader: &Reader, circle: CircleId) -> Result<Self, StoreError> {
        Ok(Self::of(reader.names(circle, MOST_NAMES).await?))
    }

    /// What was read with something else.
    pub(crate) fn of(names: Vec<Content>) -> Self {
        let (mut patient, members): (Vec<_>, Vec<_>) =
            names.into_iter().partition(|name| name.field == Field::PatientName);
        Self { patient: patient.pop(), members }
    }

    /// Opens what the reader may see of it.
    pub(crate) async fn open(
        self,
        inside: &Inside<'_>,
        key: &OwnerKey,
    ) -> Result<(About, Names), Failure> {
        let patient = match inside.permit_if_any::<Disclose>(Category::Identity).await? {
            Some(permit) => inside.open(&permit, key, self.patient.as_ref())?,
            None => None,
        };
        let mut names = Names::default();
        if let Some(permit) = inside.permit_if_any::<Disclose>(Category::Rota).await? {
            for content in &self.members {
                if let Some(name) = inside.open(&permit, key, Some(content))? {
                    names.0.insert(MembershipId::from_uuid(content.subject), name);
                }
            }
        }
        let circle = &inside.circle;
        let about = About {
            circle: circle.id,
            nature_name: circle.nature_name.clone(),
            state: circle.state,
            zone: circle.zone.clone(),
            quiet_mail: circle.quiet_mail,
            patient,
            reader: inside.place.as_ref().and_then(|place| names.of(place.membership)),
            role: inside.place.as_ref().map(|place| place.role),
            is_patient: inside.is_patient(),
            in_charge: inside.is_in_charge(),
            private_page: inside.would::<Disclose>(Category::Care),
            people: inside.may::<List>(Category::People),
            news: inside.may::<Disclose>(Category::News),
            help: inside.may::<Disclose>(Category::Help),
            change_rota: inside.may::<Amend>(Category::Rota),
        };
        Ok((about, names))
    }
}
