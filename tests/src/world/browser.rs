//! Browsers that people are signed in with.

use std::net::{IpAddr, Ipv4Addr};

use kith_app::{Receipt, Visit};
use kith_domain::Clock as _;
use kith_domain::ids::{DeviceId, SessionId};
use kith_store::Session;
use kith_vault::token_hash;

use super::{HOST, Member, World};

/// A browser that is trusted in one circle, and fresh.
#[derive(Clone, Debug)]
pub struct Browser {
    session: String,
    device: String,
}

impl World {
    /// Somebody signs in, for two months.
    ///
    /// # Panics
    /// When that cannot be written down.
    pub async fn signs_in(&self, member: &Member) -> Browser {
        let (device, id) = (DeviceId::new(&*self.ids), SessionId::new(&*self.ids));
        let (now, person) = (self.clock.now(), member.place.person);
        let session = Session {
            id,
            organisation: self.organisation,
            device,
            person,
            way: "code".to_owned(),
            shared_computer: false,
            staff: false,
            created_at: now,
            last_seen_at: now,
            fresh_until: Some(now.plus_days(60)),
        };
        let browser = Browser { session: id.to_string(), device: device.to_string() };
        let circle = Some(member.place.circle);
        self.write(async |unit| {
            unit.add_device(device, &token_hash(&browser.device), now).await?;
            unit.add_session(&session, &token_hash(&browser.session)).await?;
            unit.add_enrolment(device, person, circle, "words", now).await
        })
        .await;
        browser
    }

    /// A request of a browser.
    ///
    /// # Panics
    /// When the hospice is not known.
    pub async fn visit(&self, browser: &Browser) -> Visit {
        let network = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let (session, device) = (Some(browser.session.as_str()), Some(browser.device.as_str()));
        self.app.visit(HOST, session, device, network).await.expect("the hospice is known")
    }

    /// The number of a form that was not sent before.
    pub fn receipt(&self) -> Receipt {
        Receipt(self.ids.next())
    }
}
