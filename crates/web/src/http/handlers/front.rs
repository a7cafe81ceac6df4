//! Pages that say the same to everybody.

use kith_app::Failure;

use super::{Answered, page};
use crate::http::answer::Answer;
use crate::http::caller::Caller;
use crate::page::front::WelcomePage;
use crate::page::plain::{AccessibilityPage, HelpPage, InvitedPage, PrivacyPage};

pub(crate) async fn welcome(caller: Caller) -> Answered {
    let signed_in = match caller.web.app.who(&caller.visit).await {
        Ok(session) => session.is_some(),
        Err(Failure::SignIn) => false,
        Err(other) => return Err(other.into()),
    };
    page(&WelcomePage {
        layout: caller.plain(),
        sign_in: "/sign-in".to_owned(),
        invited: "/invited".to_owned(),
        mine: signed_in.then(|| "/me".to_owned()),
        demo: caller.web.demo.as_ref().map(|_| "/demo".to_owned()),
    })
}

pub(crate) async fn help(caller: Caller) -> Answered {
    page(&HelpPage { layout: caller.plain() })
}

pub(crate) async fn privacy(caller: Caller) -> Answered {
    page(&PrivacyPage { layout: caller.plain() })
}

pub(crate) async fn accessibility(caller: Caller) -> Answered {
    page(&AccessibilityPage { layout: caller.plain() })
}

pub(crate) async fn invited(caller: Caller) -> Answered {
    page(&InvitedPage { layout: caller.plain(), sign_in: "/sign-in".to_owned() })
}

/// Whatever has no route.
pub(crate) async fn nothing() -> Answered {
    Err(Answer::NotHere)
}
