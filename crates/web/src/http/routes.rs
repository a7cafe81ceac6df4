//! Every route, once: the router is built from this table, and tests walk it.

use axum::routing::{MethodRouter, get, post};

use super::handlers::{
    cards, devices, front, health, hospice, invitation, people, set_up, sign_in, surer, tablet,
};
use super::{Web, files};

/// Method of a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Changes nothing, however often it is fetched.
    Get,
    /// Changes something; refused from other sites.
    Post,
}

/// One route.
pub struct Route {
    /// Its method.
    pub method: Method,
    /// Path with its parameters in braces.
    pub path: &'static str,
    /// Only in the demonstration.
    pub demo_only: bool,
    pub(crate) handler: fn() -> MethodRouter<Web>,
}

impl std::fmt::Debug for Route {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} {}", self.method, self.path)
    }
}

/// Writes the table: `GET "/path" => handler`, one line a route.
macro_rules! routes {
    ($( $method:ident $path:literal $(($demo:ident))? => $handler:path ),+ $(,)?) => {
        /// Every route.
        pub const ROUTES: &[Route] = &[ $( Route {
            method: routes!(@method $method),
            path: $path,
            demo_only: routes!(@demo $($demo)?),
            handler: || routes!(@router $method $handler),
        } ),+ ];
    };
    (@method GET) => { Method::Get };
    (@method POST) => { Method::Post };
    (@demo) => { false };
    (@demo demo) => { true };
    (@router GET $handler:path) => { get($handler) };
    (@router POST $handler:path) => { post($handler) };
}

routes! {
    GET "/" => front::welcome,
    GET "/assets/{name}" => files::asset,
    GET "/robots.txt" => files::robots,
    GET "/help" => front::help,
    GET "/privacy" => front::privacy,
    GET "/accessibility" => front::accessibility,
    GET "/invited" => front::invited,

    GET "/sign-in" => sign_in::begin,
    POST "/sign-in" => sign_in::ask,
    GET "/sign-in/check" => sign_in::check_page,
    POST "/sign-in/check" => sign_in::check,
    GET "/sign-in/link/{token}" => sign_in::link_page,
    POST "/sign-in/link/{token}" => sign_in::link,
    POST "/sign-in/who" => sign_in::choose,
    GET "/sign-in/mail" => sign_in::by_mail,
    GET "/sign-in/here" => sign_in::here_page,
    POST "/sign-in/here" => sign_in::here,
    POST "/sign-out" => sign_in::out,
    POST "/sign-out/everywhere" => sign_in::out_everywhere,

    GET "/i/{token}" => invitation::open,
    POST "/i/{token}" => invitation::yes,
    POST "/i/{token}/without" => invitation::without,
    POST "/i/{token}/no" => invitation::no,

    GET "/number" => surer::number_page_own,
    POST "/number" => surer::number_own,
    GET "/enrol" => surer::enrol_page_own,
    POST "/enrol" => surer::enrol_own,
    GET "/c/{circle}/number" => surer::number_page,
    POST "/c/{circle}/number" => surer::number,
    GET "/c/{circle}/enrol" => surer::enrol_page,
    POST "/c/{circle}/enrol" => surer::enrol,

    GET "/devices" => devices::own,
    POST "/devices/{enrolment}/stop" => devices::stop_own,
    GET "/c/{circle}/devices" => devices::of_circle,
    GET "/c/{circle}/devices/another" => devices::another_page,
    POST "/c/{circle}/devices/another" => devices::another,
    POST "/c/{circle}/devices/{enrolment}/stop" => devices::stop,
    GET "/c/{circle}/tablet" => tablet::show,
    POST "/c/{circle}/tablet" => tablet::make,

    GET "/c/{circle}/people" => people::list,
    GET "/c/{circle}/people/name" => people::name_page,
    POST "/c/{circle}/people/name" => people::name,
    GET "/c/{circle}/people/{member}" => people::one,
    POST "/c/{circle}/people/{member}" => people::change,
    GET "/c/{circle}/people/{member}/items" => people::items,
    POST "/c/{circle}/people/{member}/items" => people::change_items,
    GET "/c/{circle}/people/{member}/words" => people::words,
    POST "/c/{circle}/people/{member}/words" => people::new_words,
    GET "/c/{circle}/people/{member}/remove" => people::remove_page,
    POST "/c/{circle}/people/{member}/remove" => people::remove,

    GET "/c/{circle}/set-up/person" => set_up::person_page,
    POST "/c/{circle}/set-up/person" => set_up::person,
    GET "/c/{circle}/set-up/you" => set_up::you_page,
    POST "/c/{circle}/set-up/you" => set_up::you,
    GET "/c/{circle}/set-up/friend" => set_up::friend_page,
    POST "/c/{circle}/set-up/friend" => set_up::friend,
    GET "/c/{circle}/set-up/week" => set_up::week_page,
    POST "/c/{circle}/set-up/week" => set_up::week,

    GET "/h" => hospice::today,
    GET "/h/start" => cards::start_page,
    POST "/h/start" => cards::start,
    GET "/h/circles" => hospice::circles,
    GET "/h/circles/{circle}" => hospice::circle,
    GET "/h/circles/{circle}/card" => cards::card,
    POST "/h/circles/{circle}/card" => cards::new_card,
    POST "/h/circles/{circle}/freeze" => hospice::freeze,
    POST "/h/circles/{circle}/unfreeze" => hospice::unfreeze,

    GET "/health/live" => health::live,
    GET "/health/ready" => health::ready,
}
