//! One mail of every kind.

#![expect(clippy::expect_used, reason = "a test that cannot be set up has failed")]

use jiff::civil::date;
use kith_domain::{EmailAddress, PersonName, ReminderKind, TaskKind, Timestamp, Told};
use kith_mail::read::{ReadMail, read};
use kith_mail::{
    DigestItem, Figures, Gap, Lacks, Link, Message, NamedAs, NatureName, QuietAbout, SlotTimes,
    Stamp, render,
};

pub(crate) fn link() -> Link {
    Link::parse("https://kith.example/s/AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_AbCdE")
        .expect("a good link")
}

pub(crate) fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).expect("a good address")
}

pub(crate) fn heron() -> NatureName {
    NatureName::parse("Heron").expect("a good name")
}

pub(crate) fn slot(kind: TaskKind) -> SlotTimes {
    let day = date(2026, 11, 24);
    SlotTimes { kind, starts: day.at(14, 0, 0, 0), ends: day.at(15, 30, 0, 0) }
}

pub(crate) fn stamp() -> Stamp {
    Stamp {
        message_id: "0123456789abcdef0123456789abcdef".to_owned(),
        date: Timestamp::from_second(1_795_455_000),
        boundary: "fedcba9876543210fedcba9876543210".to_owned(),
        to: address("tom@example.org"),
        from: address("reminders@kith.example"),
        reply_to: Some(address("office@hospice.example")),
        unsubscribe: Some(Link::parse("https://kith.example/u/token").expect("a good link")),
        settings: Some(Link::parse("https://kith.example/e/token").expect("a good link")),
        calendar: Vec::new(),
    }
}

pub(crate) fn invitation(inviter: Option<&str>) -> Message {
    Message::Invitation {
        inviter: inviter.map(|name| PersonName::parse(name).expect("a good name")),
        circle: heron(),
        link: link(),
    }
}

pub(crate) fn reminder(kind: TaskKind, at: ReminderKind) -> Message {
    Message::Reminder { slot: slot(kind), circle: heron(), at, asks: false, link: link() }
}

pub(crate) fn code() -> Message {
    Message::SignInCode { code: "204817".to_owned(), link: link() }
}

/// Every kind of mail, and every kind of task in each that names it.
pub(crate) fn all() -> Vec<Message> {
    let mut all = vec![code(), invitation(None), invitation(Some("Ruth"))];
    all.push(Message::AddressCode { code: "204817".to_owned(), link: link() });
    all.push(Message::AddressChanged { phone: "01632 960 123".to_owned(), link: link() });
    all.push(Message::AsksToJoin { circle: heron(), link: link() });
    all.push(Message::Concern { link: link() });
    let last_tick = Some(date(2026, 11, 24).at(7, 0, 0, 0));
    for oldest_due in [None, last_tick] {
        let figures = Figures { sent: 3, oldest_due, last_tick, ..Figures::default() };
        all.push(Message::Figures { figures, link: link() });
    }
    for how in [NamedAs::YouAreIn, NamedAs::MaySeeMore] {
        all.push(Message::Named { how, circle: heron(), link: link() });
    }
    for about in
        [QuietAbout::Something, QuietAbout::Change, QuietAbout::Question, QuietAbout::PleaseLook]
    {
        all.push(Message::Quiet { about, day: date(2026, 11, 26), link: link() });
    }
    let day = date(2026, 11, 28);
    for kind in TaskKind::ALL {
        let (slot, circle, link) = (slot(*kind), heron(), link());
        let new = SlotTimes {
            kind: *kind,
            starts: day.at(22, 0, 0, 0),
            ends: date(2026, 11, 29).at(7, 0, 0, 0),
        };
        for at in ReminderKind::ALL {
            all.push(reminder(*kind, *at));
        }
        all.push(Message::Promised { slot, circle: circle.clone(), link: link.clone() });
        for more in [vec![], vec![new, slot]] {
            let (circle, link) = (circle.clone(), link.clone());
            all.push(Message::SomebodyNeeded { slot, more, circle, link });
        }
        all.push(Message::PleaseConfirm { slot, circle: circle.clone(), link: link.clone() });
        let gap = |must| Gap { slot, lacks: Lacks::Everybody, must };
        for gaps in [
            vec![gap(false)],
            vec![gap(true)],
            vec![gap(false); 3],
            vec![gap(true); 2],
            vec![gap(false), gap(true)],
        ] {
            let (circle, link) = (circle.clone(), link.clone());
            all.push(Message::NobodyYet { gaps, circle, link });
        }
        for more in [0, 1, 7] {
            let (circle, link) = (circle.clone(), link.clone());
            let (circle_again, link_again) = (circle.clone(), link.clone());
            all.push(Message::Paused { slots: vec![slot], more, circle, link });
            let slots = vec![slot, new];
            all.push(Message::GoesOn { slots, more, circle: circle_again, link: link_again });
        }
        for for_them in [false, true] {
            let (circle, link) = (circle.clone(), link.clone());
            all.push(Message::NoWord { slot, for_them, circle, link });
        }
        all.push(Message::CoverFound { slot, circle: circle.clone(), link: link.clone() });
        let items = vec![
            DigestItem::Task { slot, circle: circle.clone() },
            DigestItem::Day(date(2026, 11, 26)),
        ];
        all.push(Message::SeveralPromised { items: items.clone(), link: link.clone() });
        let monday = date(2026, 11, 23);
        all.push(Message::WeekAhead { monday, items: items.clone(), link: link.clone() });
        all.push(Message::Uncovered { items: items.clone(), link: link.clone() });
        all.push(Message::Digest { items, link: link.clone() });
        all.push(Message::Changed { old: slot, new, circle: circle.clone(), link: link.clone() });
        for moves in [vec![(slot, new)], vec![(slot, new), (new, slot)]] {
            let (circle, link) = (circle.clone(), link.clone());
            all.push(Message::MoveAsked { moves, circle, link });
        }
        all.push(Message::Cancelled { slot, circle: circle.clone(), link: link.clone() });
        for what in Told::ALL {
            let (circle, link) = (circle.clone(), link.clone());
            all.push(Message::Told { what: *what, slot, circle, link });
        }
        all.push(Message::CoverWanted { slot, circle, link });
    }
    all
}

pub(crate) fn rendered(message: &Message) -> ReadMail {
    read(&render(message, &stamp()).expect("a good mail")).expect("our own shape")
}
