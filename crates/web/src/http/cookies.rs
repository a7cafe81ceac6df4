//! The four cookies. Their values are random secrets of which the database knows only hashes.

use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use kith_app::NewCookies;
use kith_domain::share_link::{JOIN_REQUEST_DAYS, SHARE_LINK_DAYS};
use kith_domain::sign_in::INVITATION_LIFE_DAYS;
use time::Duration;

use super::Web;

/// Seconds for which a device stays known: enrolments end earlier when they are not used.
const DEVICE_SECONDS: i64 = 400 * 86_400;
/// Seconds for which a session cookie is kept; the database decides when it ends.
const SESSION_SECONDS: i64 = 90 * 86_400;
/// Seconds for which the browser that asked for a code is known as such.
const ASKING_SECONDS: i64 = 3_600;

/// Seconds for which the browser that asked to join is known as such: while a share link counts, and
/// somebody who asked by it waits.
const JOINING_SECONDS: i64 = (SHARE_LINK_DAYS + JOIN_REQUEST_DAYS + INVITATION_LIFE_DAYS) * 86_400;

/// Which secret.
#[derive(Clone, Copy)]
pub(crate) enum Name {
    Session,
    Device,
    Asking,
    Joining,
}

impl Name {
    /// Over https the `__Host-` prefix binds the cookie to this host and to https (RFC 6265bis).
    /// Plain http is only for a loopback address, where browsers refuse the prefix.
    const fn of(self, secure: bool) -> &'static str {
        match (self, secure) {
            (Self::Session, true) => "__Host-kith_session",
            (Self::Device, true) => "__Host-kith_device",
            (Self::Asking, true) => "__Host-kith_asking",
            (Self::Joining, true) => "__Host-kith_joining",
            (Self::Session, false) => "kith_session",
            (Self::Device, false) => "kith_device",
            (Self::Asking, false) => "kith_asking",
            (Self::Joining, false) => "kith_joining",
        }
    }
}

/// The value of a cookie, if the browser sent one of a believable length.
pub(crate) fn read(jar: &CookieJar, web: &Web, name: Name) -> Option<String> {
    let value = jar.get(name.of(web.is_secure()))?.value();
    (20..=128).contains(&value.len()).then(|| value.to_owned())
}

fn cookie(web: &Web, name: Name, value: String, seconds: Option<i64>) -> Cookie<'static> {
    let mut cookie = Cookie::new(name.of(web.is_secure()), value);
    cookie.set_http_only(true);
    cookie.set_same_site(SameSite::Lax);
    cookie.set_path("/");
    cookie.set_secure(web.is_secure());
    if let Some(seconds) = seconds {
        cookie.set_max_age(Duration::seconds(seconds));
    }
    cookie
}

/// Sets what a way in gave.
pub(crate) fn keep(jar: CookieJar, web: &Web, new: NewCookies) -> CookieJar {
    let life = |seconds| (!new.shared_computer).then_some(seconds);
    let session = new.session.as_str().to_owned();
    let mut jar = jar.add(cookie(web, Name::Session, session, life(SESSION_SECONDS)));
    if let Some(device) = new.device {
        let device = device.as_str().to_owned();
        jar = jar.add(cookie(web, Name::Device, device, Some(DEVICE_SECONDS)));
    }
    jar
}

/// Remembers the browser that asked for a code.
pub(crate) fn keep_asking(jar: CookieJar, web: &Web, secret: &str) -> CookieJar {
    jar.add(cookie(web, Name::Asking, secret.to_owned(), Some(ASKING_SECONDS)))
}

/// Remembers the browser that asked to join; one that somebody else uses too, only until it is
/// closed.
pub(crate) fn keep_joining(jar: CookieJar, web: &Web, secret: &str, shared: bool) -> CookieJar {
    let life = (!shared).then_some(JOINING_SECONDS);
    jar.add(cookie(web, Name::Joining, secret.to_owned(), life))
}

/// Forgets the session; the device stays known.
pub(crate) fn forget_session(jar: CookieJar, web: &Web) -> CookieJar {
    jar.add(cookie(web, Name::Session, String::new(), Some(0)))
}
