//! Who sends this request, as far as the browser says.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use axum_extra::extract::CookieJar;
use kith_app::{About, Visit};
use kith_domain::ids::CircleId;

use super::Web;
use super::answer::Answer;
use super::cookies::{self, Name};
use crate::form_view::Post;
use crate::page::layout::{DemoStrip, Flash, Layout, Nav, Place};
use crate::{said, words};

/// One request, ready for a use case.
pub(crate) struct Caller {
    pub(crate) web: Web,
    pub(crate) visit: Visit,
    pub(crate) jar: CookieJar,
    /// The browser's secret for the code it asked for.
    pub(crate) asking: Option<String>,
    /// The browser's secret for what it asked to join.
    pub(crate) joining: Option<String>,
    flash: Option<Flash>,
}

impl FromRequestParts<Web> for Caller {
    type Rejection = Answer;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Answer> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        let network = network(web, peer, &parts.headers);
        let jar = CookieJar::from_headers(&parts.headers);
        let flash = parts.uri.query().and_then(said::flash);
        Self::new(web, jar, host(&parts.headers), network, flash).await
    }
}

impl Caller {
    async fn new(
        web: &Web,
        jar: CookieJar,
        host: String,
        network: IpAddr,
        flash: Option<Flash>,
    ) -> Result<Self, Answer> {
        let session = cookies::read(&jar, web, Name::Session);
        let device = cookies::read(&jar, web, Name::Device);
        let visit = web.app.visit(&host, session.as_deref(), device.as_deref(), network).await?;
        let asking = cookies::read(&jar, web, Name::Asking);
        let joining = cookies::read(&jar, web, Name::Joining);
        Ok(Self { web: web.clone(), visit, jar, asking, joining, flash })
    }

    /// A form that goes to `action`, with a fresh number.
    pub(crate) fn post(&self, action: impl Into<String>) -> Post {
        let receipt = self.web.app.new_receipt().0.to_string();
        Post { action: action.into(), receipt, hidden: Vec::new() }
    }

    /// A page without navigation.
    pub(crate) fn plain(&self) -> Layout {
        self.layout(Nav::None, None)
    }

    /// A page of a circle.
    pub(crate) fn family(&self, about: &About, here: Place) -> Layout {
        let base = circle_path(about.circle);
        let nav = Nav::Family {
            home: format!("{base}/"),
            rota: format!("{base}/rota"),
            people: about.people.then(|| format!("{base}/people")),
            private: about.private_page.then(|| format!("{base}/private")),
            here,
        };
        self.layout(nav, about.reader.clone())
    }

    /// A page of somebody who helps, across circles.
    pub(crate) fn volunteer(&self, person: Option<String>, here: Place) -> Layout {
        let nav = Nav::Volunteer {
            my_rota: "/me/rota".to_owned(),
            help_needed: "/me/help-needed".to_owned(),
            details: "/me/details".to_owned(),
            here,
        };
        self.layout(nav, person)
    }

    /// A page of the hospice's staff.
    pub(crate) fn staff(&self, person: Option<String>, here: Place) -> Layout {
        let nav = Nav::Staff {
            today: "/h".to_owned(),
            circles: "/h/circles".to_owned(),
            concerns: "/h/concerns".to_owned(),
            start: "/h/start".to_owned(),
            here,
        };
        self.layout(nav, person)
    }

    fn layout(&self, nav: Nav, person: Option<String>) -> Layout {
        let zone = &self.visit.organisation.zone;
        Layout {
            organisation: self.visit.organisation.name.clone(),
            help_phone: self.visit.organisation.phone.clone(),
            nav,
            person,
            flash: self.flash.clone(),
            demo: self.web.demo.as_ref().map(|_| DemoStrip {
                time: words::date_and_time(zone.local(self.visit.now())),
                front: "/demo".to_owned(),
                mails: "/demo/mailbox".to_owned(),
            }),
        }
    }
}

/// `/c/{id}`.
pub(crate) fn circle_path(circle: CircleId) -> String {
    format!("/c/{circle}")
}

/// The host that the browser asked for, without its port.
pub(crate) fn host(headers: &HeaderMap) -> String {
    let host = headers.get(axum::http::header::HOST).and_then(|value| value.to_str().ok());
    let host = host.unwrap_or_default();
    host.rsplit_once(':').map_or(host, |(name, _)| name).to_lowercase()
}

/// The address that limits are kept by. A forwarded address is believed only from a configured
/// proxy, and only its last entry, which that proxy itself wrote.
pub(crate) fn network(web: &Web, peer: Option<IpAddr>, headers: &HeaderMap) -> IpAddr {
    let peer = peer.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
    if !web.trusted_proxies.iter().any(|(network, prefix)| holds(*network, *prefix, peer)) {
        return peer;
    }
    headers
        .get_all("x-forwarded-for")
        .iter()
        .next_back()
        .and_then(|value| value.to_str().ok())
        .and_then(|list| list.rsplit(',').next())
        .and_then(|last| last.trim().parse().ok())
        .unwrap_or(peer)
}

fn holds(network: IpAddr, prefix: u8, address: IpAddr) -> bool {
    let bits = |address: IpAddr| match address {
        IpAddr::V4(v4) => (u128::from(v4.to_bits()) << 96, 32_u8),
        IpAddr::V6(v6) => (v6.to_bits(), 128),
    };
    let ((network, length), (address, other)) = (bits(network), bits(address.to_canonical()));
    let kept = u32::from(prefix.min(length));
    length == other && (kept == 0 || (network ^ address) >> (128 - kept) == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_holds_its_addresses_and_no_others() {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        assert!(holds(ip("10.0.0.0"), 8, ip("10.9.8.7")));
        assert!(!holds(ip("10.0.0.0"), 8, ip("11.0.0.1")));
        assert!(holds(ip("::1"), 128, ip("::1")));
        assert!(!holds(ip("::1"), 128, ip("127.0.0.1")));
        assert!(holds(ip("127.0.0.1"), 32, ip("::ffff:127.0.0.1")));
        assert!(holds(ip("0.0.0.0"), 0, ip("203.0.113.9")));
    }
}
