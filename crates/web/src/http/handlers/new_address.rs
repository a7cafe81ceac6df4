//! Changing the address at which one reads mail.

use kith_app::{Failure, NewAddress, Problem};

use super::{Answered, again, go, page};
use crate::http::caller::Caller;
use crate::http::fields::Fields;
use crate::http::problems::{field, secret};
use crate::page::layout::Place;
use crate::page::new_address::{NewAddressPage, TypeCode};

fn show(
    caller: &Caller,
    view: NewAddress,
    fields: &Fields,
    problems: &[Problem],
) -> NewAddressPage {
    let code = secret(problems, "code");
    let mut email = field(fields, problems, "email");
    if view.waits.is_none() && code.error.is_some() {
        // Asked for in another browser, or long ago.
        email.error = Some("Ask for a code first, here on this device".to_owned());
    }
    let confirm = view.waits.map(|to| TypeCode { to, post: caller.post("/me/address/code"), code });
    NewAddressPage {
        layout: caller.volunteer(Some(view.name), Place::Details),
        back: "/me/details".to_owned(),
        now: view.email,
        post: caller.post("/me/address"),
        email,
        confirm,
    }
}

pub(crate) async fn form_page(caller: Caller) -> Answered {
    let view = caller.web.app.new_address(&caller.visit).await?;
    page(&show(&caller, view, &Fields::default(), &[]))
}

/// Sends a code to the address that was typed.
pub(crate) async fn ask(caller: Caller, fields: Fields) -> Answered {
    let receipt = fields.receipt()?;
    let app = &caller.web.app;
    match app.ask_new_address(&caller.visit, fields.get("email"), receipt).await {
        Ok(()) => {
            (caller.web.mail_waits)();
            go("/me/address")
        }
        Err(Failure::Invalid(problems)) => {
            let view = app.new_address(&caller.visit).await?;
            again(&show(&caller, view, &fields, &problems))
        }
        Err(other) => Err(other.into()),
    }
}

/// The code from there.
pub(crate) async fn confirm(caller: Caller, fields: Fields) -> Answered {
    let receipt = fields.receipt()?;
    let app = &caller.web.app;
    match app.confirm_new_address(&caller.visit, fields.get("code"), receipt).await {
        Ok(()) => {
            (caller.web.mail_waits)();
            go("/me/details?said=address-changed")
        }
        Err(Failure::Invalid(problems)) => {
            let view = app.new_address(&caller.visit).await?;
            again(&show(&caller, view, &fields, &problems))
        }
        Err(other) => Err(other.into()),
    }
}
