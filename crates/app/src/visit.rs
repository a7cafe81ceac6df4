//! One request of one browser.

use std::net::IpAddr;

use kith_domain::Timestamp;
use kith_policy::RequestScope;
use kith_store::Organisation;
use kith_vault::token_hash;
use uuid::Uuid;

/// What the browser brought: nothing of it is believed before the database was asked.
#[derive(Debug)]
pub struct Visit {
    /// The organisation that the host name stands for.
    pub organisation: Organisation,
    /// Hash of the session cookie.
    pub(crate) session: Option<[u8; 32]>,
    /// Hash of the device cookie.
    pub(crate) device: Option<[u8; 32]>,
    /// Where the request came from, as far as configured proxies are believed.
    pub network: IpAddr,
    /// Permits borrow it.
    pub(crate) scope: RequestScope,
}

impl Visit {
    pub(crate) fn new(
        organisation: Organisation,
        session: Option<&str>,
        device: Option<&str>,
        network: IpAddr,
        scope: RequestScope,
    ) -> Self {
        Self {
            organisation,
            session: session.map(token_hash),
            device: device.map(token_hash),
            network,
            scope,
        }
    }

    /// When the request arrived.
    pub const fn now(&self) -> Timestamp {
        self.scope.at()
    }
}

/// The hidden number of a form: sending it twice is once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt(pub Uuid);

/// New cookies for the browser. Values are secrets: they are set and never logged.
#[derive(Debug)]
pub struct NewCookies {
    /// Who came in.
    pub person: kith_domain::ids::PersonId,
    /// Session secret.
    pub session: kith_vault::Token,
    /// Device secret, when the browser had none.
    pub device: Option<kith_vault::Token>,
    /// Others use this computer: the cookies end with the browser.
    pub shared_computer: bool,
}
