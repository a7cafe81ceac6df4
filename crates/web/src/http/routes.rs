//! Every route, once: the router is built from this table, and tests walk it.

use axum::routing::{MethodRouter, get, post};

use super::handlers::{
    acting, after, away, cards, circle_settings, concerns, dates, demo, devices, door, every_time,
    feed, front, health, help_needed, home, hospice, instead, invitation, invited_address, joining,
    link, looks, mail_settings, me, new_address, news, people, private, rota, set_up, several,
    share_link, sign_in, slot, slot_more, stop, surer, tablet, taken, taking_for, task,
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
    POST "/sign-in/here" => sign_in::number_here,
    POST "/sign-out" => sign_in::out,
    POST "/sign-out/everywhere" => sign_in::out_everywhere,

    GET "/i/{token}" => invitation::open,
    POST "/i/{token}" => invitation::yes,
    POST "/i/{token}/without" => invitation::without,
    POST "/i/{token}/no" => invitation::no,

    GET "/join/{token}" => joining::open,
    POST "/join/{token}" => joining::ask,
    POST "/join/{token}/address" => joining::address,
    POST "/join/{token}/in" => joining::come_in,

    GET "/number" => surer::number_page_own,
    POST "/number" => surer::number_own,
    GET "/enrol" => surer::enrol_page_own,
    POST "/enrol" => surer::enrol_own,
    GET "/c/{circle}/number" => surer::number_page,
    POST "/c/{circle}/number" => surer::number,
    GET "/c/{circle}/enrol" => surer::enrol_page,
    POST "/c/{circle}/enrol" => surer::enrol,

    GET "/stop/{mail}/{token}" => stop::ask,
    POST "/stop/{mail}/{token}" => stop::stop,

    GET "/feed/{secret}" => feed::feed,

    GET "/e-mails/{mail}/{token}" => mail_settings::by_link_page,
    POST "/e-mails/{mail}/{token}" => mail_settings::by_link,

    GET "/devices" => devices::own,
    POST "/devices/alone" => devices::alone,
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
    GET "/c/{circle}/people/several" => several::form_page,
    POST "/c/{circle}/people/several" => several::name,
    GET "/c/{circle}/people/words" => several::words,
    GET "/c/{circle}/people/link" => share_link::show,
    POST "/c/{circle}/people/link" => share_link::make,
    POST "/c/{circle}/people/link/stop" => share_link::stop,
    GET "/c/{circle}/people/asking" => share_link::asking,
    POST "/c/{circle}/people/asking/clear" => share_link::clear,
    GET "/c/{circle}/people/asking/{request}" => share_link::one,
    POST "/c/{circle}/people/asking/{request}" => share_link::admit,
    POST "/c/{circle}/people/asking/{request}/no" => share_link::decline,
    GET "/c/{circle}/people/{member}" => people::one,
    POST "/c/{circle}/people/{member}" => people::change,
    GET "/c/{circle}/people/{member}/address" => invited_address::form_page,
    POST "/c/{circle}/people/{member}/address" => invited_address::correct,
    POST "/c/{circle}/people/{member}/address-works" => people::address_works,
    GET "/c/{circle}/people/{member}/items" => people::items,
    POST "/c/{circle}/people/{member}/items" => people::change_items,
    GET "/c/{circle}/people/{member}/words" => people::words,
    POST "/c/{circle}/people/{member}/words" => people::new_words,
    GET "/c/{circle}/people/{member}/yes" => acting::yes_page,
    POST "/c/{circle}/people/{member}/yes" => acting::yes,
    GET "/c/{circle}/people/{member}/away" => acting::away_page,
    POST "/c/{circle}/people/{member}/away" => acting::away,
    POST "/c/{circle}/people/{member}/away/end" => acting::back,
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

    GET "/c/{circle}" => home::to_home,
    GET "/c/{circle}/" => home::home,
    POST "/c/{circle}/naming-note" => home::note_read,

    GET "/c/{circle}/rota" => rota::week,
    GET "/c/{circle}/print/rota" => rota::print,
    GET "/c/{circle}/rota/add" => task::add_page,
    POST "/c/{circle}/rota/add" => task::add,
    POST "/c/{circle}/rota/copy" => rota::copy_week,
    GET "/c/{circle}/rota/{slot}" => slot::one,
    GET "/c/{circle}/rota/{slot}/change" => task::change_page,
    POST "/c/{circle}/rota/{slot}/change" => task::change,
    POST "/c/{circle}/rota/{slot}/off" => task::off,
    POST "/c/{circle}/rota/{slot}/back" => task::put_back,
    POST "/c/{circle}/rota/{slot}/ask" => task::ask,
    POST "/c/{circle}/rota/{slot}/take" => slot::take,
    GET "/c/{circle}/rota/{slot}/taken" => taken::taken,
    POST "/c/{circle}/rota/{slot}/undo" => taken::undo,
    GET "/c/{circle}/rota/{slot}/cannot" => slot::cannot_page,
    POST "/c/{circle}/rota/{slot}/cannot" => slot::cannot,
    POST "/c/{circle}/rota/{slot}/keep" => slot::keep,
    POST "/c/{circle}/rota/{slot}/there" => slot::there,
    POST "/c/{circle}/rota/{slot}/swap" => slot_more::offer,
    POST "/c/{circle}/rota/{slot}/swap/answer" => slot_more::answer,
    POST "/c/{circle}/rota/{slot}/move" => instead::settle,
    POST "/c/{circle}/rota/{slot}/move/answer" => instead::answer,
    POST "/c/{circle}/rota/{slot}/wait" => slot_more::wait,
    POST "/c/{circle}/rota/{slot}/for" => taking_for::take,
    GET "/c/{circle}/rota/{slot}/for/{member}" => acting::say_page,
    POST "/c/{circle}/rota/{slot}/for/{member}" => acting::say,
    GET "/c/{circle}/rota/{slot}/how" => door::how_page,
    POST "/c/{circle}/rota/{slot}/how" => door::how,
    POST "/c/{circle}/rota/{slot}/late" => door::late,
    POST "/c/{circle}/rota/{slot}/hand-over" => door::hand_over,
    GET "/c/{circle}/worried" => concerns::worried_page,
    POST "/c/{circle}/worried" => concerns::raise,
    GET "/c/{circle}/door" => door::door_page,
    POST "/c/{circle}/door" => door::write_door,
    GET "/c/{circle}/rota/{slot}/dates" => dates::form_page,
    POST "/c/{circle}/rota/{slot}/dates" => dates::take,
    GET "/c/{circle}/rota/{slot}/every" => every_time::form_page,
    POST "/c/{circle}/rota/{slot}/every" => every_time::stop,
    POST "/c/{circle}/rota/{slot}/done" => after::done,
    POST "/c/{circle}/rota/{slot}/not-done" => after::not_done,
    GET "/c/{circle}/rota/{slot}/went" => after::went,
    POST "/c/{circle}/rota/{slot}/no" => slot::no,
    POST "/c/{circle}/rota/{slot}/address" => slot::address,
    POST "/c/{circle}/rota/{slot}/entry" => slot::entry,
    GET "/c/{circle}/rota/{slot}/calendar" => slot::calendar,

    GET "/c/{circle}/settings" => circle_settings::show,
    POST "/c/{circle}/settings/state" => circle_settings::change,
    POST "/c/{circle}/settings/quiet-mail" => circle_settings::quiet_mail,

    GET "/c/{circle}/private" => private::private,
    POST "/c/{circle}/private/entry" => private::entry,
    GET "/c/{circle}/private/edit" => private::edit_page,
    POST "/c/{circle}/private/edit" => private::edit,
    GET "/c/{circle}/who-to-call" => private::help,
    GET "/c/{circle}/print/who-to-call" => private::help_card,
    GET "/c/{circle}/looks" => looks::looks,
    GET "/c/{circle}/news" => news::list,
    POST "/c/{circle}/news" => news::tell,
    POST "/c/{circle}/kind-words" => news::say,
    POST "/c/{circle}/news/{words}/erase" => news::erase,

    GET "/me" => me::me,
    GET "/me/rota" => me::rota,
    GET "/me/help-needed" => help_needed::help_needed,
    GET "/me/away" => away::form_page,
    POST "/me/away" => away::save,
    POST "/me/away/end" => away::end,
    GET "/me/details" => me::details_page,
    POST "/me/details" => me::details,
    GET "/me/address" => new_address::form_page,
    POST "/me/address" => new_address::ask,
    POST "/me/address/code" => new_address::confirm,
    POST "/me/address-works" => me::address_works,
    GET "/me/e-mails" => mail_settings::own_page,
    POST "/me/e-mails" => mail_settings::own,
    POST "/me/feed" => feed::make,
    POST "/me/feed/stop" => feed::stop,
    GET "/me/circles/{circle}/leave" => me::leave_page,
    POST "/me/circles/{circle}/leave" => me::leave,

    GET "/s/{mail}/{token}" => link::open,
    POST "/s/{mail}/{token}/take" => link::take,
    GET "/s/{mail}/{token}/cannot" => link::cannot,
    POST "/s/{mail}/{token}/cover" => link::cover,
    POST "/s/{mail}/{token}/there" => link::there,
    POST "/s/{mail}/{token}/move" => instead::by_link,
    POST "/s/{mail}/{token}/no" => link::no,

    GET "/h" => hospice::today,
    GET "/h/start" => cards::start_page,
    POST "/h/start" => cards::start,
    GET "/h/circles" => hospice::circles,
    GET "/h/circles/{circle}" => hospice::circle,
    GET "/h/circles/{circle}/card" => cards::card,
    POST "/h/circles/{circle}/card" => cards::new_card,
    POST "/h/circles/{circle}/slots/{slot}/said" => hospice::note_word,
    POST "/h/circles/{circle}/lost-devices" => hospice::end_lost_devices,
    POST "/h/circles/{circle}/freeze" => hospice::freeze,
    POST "/h/circles/{circle}/unfreeze" => hospice::unfreeze,
    GET "/h/concerns" => concerns::inbox,
    GET "/h/concerns/{concern}" => concerns::one,
    POST "/h/concerns/{concern}/settled" => concerns::settled,

    GET "/health/live" => health::live,
    GET "/health/ready" => health::ready,

    GET "/demo" (demo) => demo::front,
    POST "/demo/be" (demo) => demo::be,
    POST "/demo/forward" (demo) => demo::forward,
    GET "/demo/mailbox" (demo) => demo::mailbox,
    GET "/demo/mailbox/{mail}" (demo) => demo::mail,
    GET "/demo/mailbox/{mail}/html" (demo) => demo::mail_html,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_route_is_there_once() {
        let all: BTreeSet<String> = ROUTES.iter().map(|route| format!("{route:?}")).collect();
        assert_eq!(all.len(), ROUTES.len());
        assert!(ROUTES.iter().all(|route| route.path.starts_with('/')));
    }

    #[test]
    fn the_router_takes_every_route() {
        let mut router: axum::Router<Web> = axum::Router::new();
        for route in ROUTES {
            // Panics when two paths cannot be told apart.
            router = router.route(route.path, (route.handler)());
        }
        drop(router);
    }
}
