//! Asking the circle for somebody to do a slot.

use kith_domain::ids::MembershipId;
use kith_domain::{MailKind, SlotState, Timestamp, reminder};
use kith_store::{Circle, MailSubject, NewMail, Slot, StoreError, UnitOfWork};

/// Asks everybody in the circle who may help with `slot`, but for `but`: a line on their list of
/// help that is needed, and a mail for those who read mails of ours. Whoever said no, and whoever
/// promised already, is left alone. Returns how many people were asked in this round.
///
/// `round` is 0 for the first asking; a mail is planned once for each person and round, so that
/// nobody is asked twice because a form was sent twice.
pub(crate) async fn ask_for(
    unit: &UnitOfWork,
    circle: &Circle,
    slot: &Slot,
    but: &[MembershipId],
    now: Timestamp,
    round: u32,
) -> Result<u32, StoreError> {
    let over = slot.state != SlotState::Open || slot.starts <= now;
    if over || !circle.state.asks_and_reminds() || !slot.kind.needs_somebody() {
        return Ok(0);
    }
    let mut asked = 0;
    for member in unit.may_be_asked(slot, now).await? {
        if but.contains(&member.membership) {
            continue;
        }
        let for_the_first_time = unit.add_ask(slot, member.membership, now).await?;
        let by_mail = member.by_mail && {
            let mail = NewMail {
                kind: MailKind::SomebodyNeeded,
                dedupe: format!("somebody_needed:{}:{}:{round}", slot.id, member.membership),
                subject: MailSubject {
                    person: Some(member.person),
                    circle: Some(circle.id),
                    slot: Some(slot.id),
                    ..MailSubject::default()
                },
                detail: "{}".to_owned(),
                due_at: reminder::send_from(
                    MailKind::SomebodyNeeded,
                    now,
                    &circle.zone,
                    Some(slot.starts),
                ),
                useful_until: reminder::useful_until(slot.starts),
            };
            // One that was cancelled while the circle did not ask is planned again.
            unit.add_mail(&mail, now).await? || unit.plan_mail_again(&mail.dedupe, now).await?
        };
        asked += u32::from(for_the_first_time || by_mail);
    }
    Ok(asked)
}
