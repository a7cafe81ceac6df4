//! Devices: which are trusted, for whom, and "That's odd: stop it".

use kith_domain::ids::{CircleId, EnrolmentId, PersonId};
use kith_domain::{Category, Tier, Timestamp};
use kith_policy::Remove;
use kith_store::{Enrolment, Reader, Session, StoreError};
use kith_vault::{random_token, token_hash};

use crate::about::{About, SealedAbout};
use crate::visit::{NewCookies, Visit};
use crate::{App, Failure};

/// One trusted device.
#[derive(Clone, Debug)]
pub struct DeviceView {
    /// What to stop.
    pub enrolment: EnrolmentId,
    /// For whom; in a circle's list only.
    pub name: Option<String>,
    /// Since when.
    pub since: Timestamp,
    /// When it was last used, to within a few minutes.
    pub last_used: Timestamp,
    /// Whether it is the one in the person's hands.
    pub this_one: bool,
    /// Nature name of the circle; in one's own list only.
    pub circle: Option<String>,
    /// The circle's id, where there is one.
    pub circle_id: Option<CircleId>,
}

impl App {
    /// One's own devices, in every circle.
    pub async fn own_devices(&self, visit: &Visit) -> Result<Vec<DeviceView>, Failure> {
        let now = visit.now();
        let snapshot = self.store.snapshot(visit.organisation.id).await?;
        let session = self.session_in(&snapshot, visit).await?;
        let mut devices = Vec::new();
        for enrolment in snapshot.enrolments(session.person, now).await? {
            let circle = match enrolment.circle {
                Some(circle) => snapshot
                    .circle_access(Some(&session), circle, now, false)
                    .await?
                    .map(|access| access.circle.nature_name),
                None => None,
            };
            devices.push(view(&enrolment, session.device == enrolment.device, None, circle));
        }
        snapshot.end();
        Ok(devices)
    }

    /// Whether somebody else uses the device in the person's hands, by what was said and not because
    /// it is trusted for somebody else too: that can be taken back.
    pub async fn said_to_be_shared(&self, visit: &Visit) -> Result<bool, Failure> {
        let snapshot = self.store.snapshot(visit.organisation.id).await?;
        let session = self.session_in(&snapshot, visit).await?;
        let here = own_here(&snapshot, &session, visit.now()).await?;
        let shared = snapshot.is_shared(session.device, session.person, visit.now()).await?;
        snapshot.end();
        Ok(shared && matches!(here, Here::Own(_)))
    }

    /// "Only I use this device." From the device itself, with the own number.
    ///
    /// # Errors
    ///
    /// [`Failure::StepUp`] where it is not sure who asks; [`Failure::NotHere`] where the device is
    /// trusted for somebody else too, or not for this person.
    pub async fn stop_sharing_device(&self, visit: &Visit) -> Result<NewCookies, Failure> {
        let now = visit.now();
        let snapshot = self.store.snapshot(visit.organisation.id).await?;
        let session = self.session_in(&snapshot, visit).await?;
        let here = own_here(&snapshot, &session, now).await?;
        snapshot.end();
        let Here::Own(circle) = here else { return Err(Failure::NotHere) };
        if session.fresh_until.is_none_or(|until| until <= now) {
            return Err(Failure::StepUp { circle, tier: Tier::Fresh });
        }
        let secret = random_token();
        self.store
            .transact(visit.organisation.id, async |unit| {
                if !matches!(own_here(unit, &session, now).await?, Here::Own(_)) {
                    return Err(Failure::NotHere);
                }
                unit.unshare_device(&session, now).await?;
                let hash = token_hash(secret.as_str());
                unit.renew_session(session.id, &hash, session.fresh_until, now).await?;
                Ok(())
            })
            .await?;
        let person = session.person;
        Ok(NewCookies { person, session: secret, device: None, shared_computer: false })
    }

    /// Every device of a circle, for the patient and carers.
    pub async fn circle_devices(
        &self,
        visit: &Visit,
        circle: CircleId,
    ) -> Result<(About, Vec<DeviceView>), Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let enrolments = snapshot.circle_enrolments(circle, visit.now()).await?;
        let members = snapshot.members(circle).await?;
        let sealed = SealedAbout::read(&snapshot, circle).await?;
        snapshot.end();
        // Who may take people out may stop their devices, and so sees them.
        let _remove = inside.permit::<Remove>(Category::People).await?;
        let (about, names) = sealed.open(&inside, &inside.key()?).await?;
        let name_of = |person: PersonId| {
            let member = members.iter().find(|member| member.person == person);
            member.and_then(|member| names.of(member.id))
        };
        let devices = enrolments
            .iter()
            .map(|enrolment| {
                let here = inside.session.device == enrolment.device
                    && inside.session.person == enrolment.person;
                view(enrolment, here, name_of(enrolment.person), None)
            })
            .collect();
        Ok((about, devices))
    }

    /// "That's odd: stop it": ends one of one's own devices. Only on a device that is trusted for
    /// the person: whoever just reads the mailbox stops nobody's.
    pub async fn stop_own_device(&self, visit: &Visit, id: EnrolmentId) -> Result<(), Failure> {
        let now = visit.now();
        let snapshot = self.store.snapshot(visit.organisation.id).await?;
        let session = self.session_in(&snapshot, visit).await?;
        let own = snapshot.enrolments(session.person, now).await?;
        snapshot.end();
        let stopped = own.iter().find(|enrolment| enrolment.id == id).ok_or(Failure::NotHere)?;
        if !own.iter().any(|enrolment| enrolment.device == session.device) {
            return Err(Failure::StepUp { circle: stopped.circle, tier: Tier::Trusted });
        }
        self.store
            .transact(visit.organisation.id, async |unit| {
                // Whoever has the device has seen the address of the calendar, if there is one.
                unit.end_feed(session.person, now).await?;
                unit.end_enrolment(id, now).await
            })
            .await?;
        Ok(())
    }

    /// The same for any device of the circle, by the patient or a carer. A carer does not stop the
    /// patient's.
    pub async fn stop_circle_device(
        &self,
        visit: &Visit,
        circle: CircleId,
        id: EnrolmentId,
    ) -> Result<(), Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let enrolments = snapshot.circle_enrolments(circle, visit.now()).await?;
        let members = snapshot.members(circle).await?;
        snapshot.end();
        let permit = inside.permit::<Remove>(Category::People).await?;
        let enrolment = enrolments.iter().find(|enrolment| enrolment.id == id);
        let enrolment = enrolment.ok_or(Failure::NotHere)?;
        let patients = members.iter().any(|member| {
            member.person == enrolment.person && member.role == kith_domain::MemberRole::Patient
        });
        if patients && !inside.is_patient() {
            return Err(Failure::NotHere);
        }
        let now = visit.now();
        self.store
            .change(&permit, async |unit| {
                unit.end_feed(enrolment.person, now).await?;
                unit.end_enrolment(id, now).await
            })
            .await?;
        Ok(())
    }
}

/// For whom the device in somebody's hands is trusted.
enum Here {
    /// For them alone; the circle that it opens, or none for staff.
    Own(Option<CircleId>),
    /// For others, or for nobody.
    NotOwn,
}

async fn own_here(reader: &Reader, session: &Session, now: Timestamp) -> Result<Here, StoreError> {
    let trusted = reader.device_enrolments(session.device, now).await?;
    let alone = trusted.iter().all(|enrolment| enrolment.person == session.person);
    Ok(match trusted.first() {
        Some(own) if alone => Here::Own(own.circle),
        _ => Here::NotOwn,
    })
}

fn view(
    enrolment: &Enrolment,
    this_one: bool,
    name: Option<String>,
    circle: Option<String>,
) -> DeviceView {
    DeviceView {
        enrolment: enrolment.id,
        name,
        since: enrolment.created_at,
        last_used: enrolment.last_used_at,
        this_one,
        circle,
        circle_id: enrolment.circle,
    }
}
