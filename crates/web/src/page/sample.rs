//! Who and what the samples are about. All names are invented; the numbers are Ofcom's for drama.

use super::layout::{DemoStrip, Flash, Layout, Nav, Place};
use super::view::Patient;
use crate::form_view::Post;

const RECEIPT: &str = "8f14e45f-ceea-467f-9c1d-2f3a4b5c6d7e";

pub(super) fn post(action: &str) -> Post {
    Post { action: action.to_owned(), receipt: RECEIPT.to_owned(), hidden: Vec::new() }
}

pub(super) fn margaret() -> Patient {
    Patient { name: "Margaret".to_owned(), is_reader: false }
}

/// Margaret reads her own page.
pub(super) fn herself() -> Patient {
    Patient { is_reader: true, ..margaret() }
}

fn layout(nav: Nav, person: Option<&str>) -> Layout {
    Layout {
        organisation: "Fernhill Hospice".to_owned(),
        help_phone: "01632 960 123".to_owned(),
        nav,
        person: person.map(str::to_owned),
        flash: None,
        demo: None,
    }
}

pub(super) fn nobody() -> Layout {
    layout(Nav::None, None)
}

/// Signed in, with one thing to do.
pub(super) fn plain(person: &str) -> Layout {
    layout(Nav::None, Some(person))
}

fn family_nav(here: Place, private: bool) -> Nav {
    Nav::Family {
        home: "/c/heron-7f3a/".to_owned(),
        rota: "/c/heron-7f3a/rota".to_owned(),
        people: Some("/c/heron-7f3a/people".to_owned()),
        private: private.then(|| "/c/heron-7f3a/private".to_owned()),
        here,
    }
}

/// Ruth, who cares for Margaret.
pub(super) fn carer(here: Place) -> Layout {
    layout(family_nav(here, true), Some("Ruth"))
}

/// Margaret herself.
pub(super) fn patient(here: Place) -> Layout {
    layout(family_nav(here, true), Some("Margaret"))
}

/// Derek, a friend who sees the rota only.
pub(super) fn friend(here: Place) -> Layout {
    layout(family_nav(here, false), Some("Derek"))
}

/// Tom, who helps.
pub(super) fn volunteer(here: Place) -> Layout {
    let nav = Nav::Volunteer {
        my_rota: "/me".to_owned(),
        help_needed: "/me/help-needed".to_owned(),
        details: "/me/details".to_owned(),
        here,
    };
    layout(nav, Some("Tom"))
}

/// Amira, a coordinator.
pub(super) fn staff(here: Place) -> Layout {
    let nav = Nav::Staff {
        today: "/h".to_owned(),
        circles: "/h/circles".to_owned(),
        concerns: "/h/concerns".to_owned(),
        start: "/h/start".to_owned(),
        here,
    };
    layout(nav, Some("Amira"))
}

pub(super) fn done(layout: Layout, said: &str) -> Layout {
    Layout { flash: Some(Flash::Done(said.to_owned())), ..layout }
}

pub(super) fn sorry(layout: Layout, said: &str) -> Layout {
    Layout { flash: Some(Flash::Sorry(said.to_owned())), ..layout }
}

pub(super) fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

/// As in the demonstration.
pub(super) fn demo(layout: Layout) -> Layout {
    let strip = DemoStrip {
        time: "Monday 23 November, 9am".to_owned(),
        front: "/demo".to_owned(),
        mails: "/demo/mailbox".to_owned(),
    };
    Layout { demo: Some(strip), ..layout }
}
