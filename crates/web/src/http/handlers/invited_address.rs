//! "Wrong address? Change it", of an invitation that nobody has accepted.

use kith_app::{Failure, MemberPage, Problem};

use super::people::Member;
use super::{Answered, again, go, page};
use crate::http::address::Path;
use crate::http::answer::Answer;
use crate::http::caller::{Caller, circle_path};
use crate::http::fields::Fields;
use crate::http::problems::field;
use crate::page::invited_address::InvitedAddressPage;
use crate::page::layout::Place;

fn show(
    caller: &Caller,
    view: &MemberPage,
    fields: &Fields,
    problems: &[Problem],
) -> Result<InvitedAddressPage, Answer> {
    let invitation = view.invitation.ok_or(Answer::NotHere)?;
    let own = format!("{}/people/{}", circle_path(view.about.circle), view.member.membership);
    Ok(InvitedAddressPage {
        layout: caller.family(&view.about, Place::People),
        name: view.member.name.clone(),
        by_mail: invitation.by_mail,
        post: caller.post(format!("{own}/address")),
        email: field(fields, problems, "email"),
        phone: field(fields, problems, "phone"),
        back: own,
    })
}

pub(crate) async fn form_page(caller: Caller, Path((circle, member)): Member) -> Answered {
    let view = caller.web.app.member(&caller.visit, circle, member).await?;
    page(&show(&caller, &view, &Fields::default(), &[])?)
}

pub(crate) async fn correct(
    caller: Caller,
    Path((circle, member)): Member,
    fields: Fields,
) -> Answered {
    let receipt = fields.receipt()?;
    let app = &caller.web.app;
    let (visit, email, phone) = (&caller.visit, fields.get("email"), fields.get("phone"));
    let (done, said) = if fields.get("how") == "remove" {
        let done = app.remove_invited_address(visit, circle, member, phone, receipt).await;
        (done, "invitation-removed")
    } else {
        let done = app.correct_invitation(visit, circle, member, (email, phone), receipt).await;
        (done, "invitation-moved")
    };
    match done {
        Ok(()) => {
            (caller.web.mail_waits)();
            let own = format!("{}/people/{member}", circle_path(circle));
            go(&format!("{own}/words?said={said}"))
        }
        Err(Failure::Invalid(problems)) => {
            let view = app.member(&caller.visit, circle, member).await?;
            again(&show(&caller, &view, &fields, &problems)?)
        }
        Err(other) => Err(other.into()),
    }
}
