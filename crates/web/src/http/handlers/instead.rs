//! Another time for what somebody promised: yes or no, and what whoever asked may do about it.

use crate::http::address::Path;
use jiff::civil::DateTime;
use kith_app::{Failure, Instead, LinkMove, LinkSlot, MoveOutcome, SettleMove, SlotMore, SlotView};
use kith_domain::ids::{CircleId, MailId, MembershipId, SlotId};

use super::slots::slot_path;
use super::{Answered, go};
use crate::form_view::Post;
use crate::http::answer::Answer;
use crate::http::caller::Caller;
use crate::http::fields::Fields;
use crate::page::instead::InsteadPart;
use crate::words;

type Slot = Path<(CircleId, SlotId)>;

/// "Thursday 26 November, 2pm to 3pm".
fn when((from, to): (DateTime, DateTime)) -> String {
    format!("{}, {}", words::day(from.date()), words::times(from.time(), to.time()))
}

fn names(of: &[Option<String>]) -> String {
    let name = |name: &Option<String>| name.clone().unwrap_or_else(|| "somebody".to_owned());
    words::list(&of.iter().map(name).collect::<Vec<_>>())
}

/// What is said to whoever asked: what was asked, and how it stands until then.
pub(super) fn asked(is: (DateTime, DateTime), open: &Instead) -> (String, String) {
    let would_be = when(open.would_be);
    let is = when(is);
    if !open.no.is_empty() {
        let who = names(&open.no);
        let stays = stays(&open.no, &is);
        return (format!("{who} cannot do {would_be} instead."), format!("{stays}."));
    }
    let who = names(&open.waiting);
    if open.lapsed {
        let has = if open.waiting.len() == 1 { "has" } else { "have" };
        let asked = format!("{who} {has} not said whether {would_be} suits instead.");
        return (asked, format!("{}.", stays(&open.waiting, &is)));
    }
    let agreed = match open.yes.as_slice() {
        [] => String::new(),
        yes => format!(" {} said yes.", names(yes)),
    };
    let until = if open.waiting.len() == 1 {
        format!("{}, until {who} says yes", stays(&open.waiting, &is))
    } else {
        format!("It stays on {is}, until they say yes")
    };
    let lapses = format!(" Without an answer by {}, it stays so.", words::day_at(open.lapses));
    (format!("Asked {who} whether {would_be} suits instead.{agreed}"), format!("{until}.{lapses}"))
}

fn stays(who: &[Option<String>], is: &str) -> String {
    let verb = if who.len() == 1 { "is" } else { "are" };
    format!("{} {verb} still coming on {is}", names(who))
}

/// One line for narrow cells: "Asked: Thursday 26 November at 2pm?"
pub(super) fn in_a_cell(open: &Instead) -> String {
    let would_be = words::day_at(open.would_be.0);
    match (open.no.is_empty(), open.lapsed, open.you_said) {
        (false, ..) => format!("Not {would_be}: it stays"),
        (true, true, _) => format!("No answer about {would_be}: it stays"),
        (true, false, None) if open.asks_you => format!("Could it be {would_be}?"),
        (true, false, _) => format!("Asked: {would_be}?"),
    }
}

/// What a slot's page shows of its question.
pub(super) fn parts(
    caller: &Caller,
    circle: CircleId,
    slot: &SlotView,
    more: &SlotMore,
) -> Vec<InsteadPart> {
    let Some(open) = &slot.instead else { return Vec::new() };
    let own = slot_path(circle, slot.id);
    let mut parts = Vec::new();
    if open.asks_you {
        let post = caller.post(format!("{own}/move/answer"));
        let post = post.with("question", Some(open.id.to_string()));
        let is = (slot.local_start, slot.local_end);
        let others = open.yes.len() + open.waiting.len() > 1;
        parts.push(asks_you(&post, is, open.would_be, open.you_said, others));
    }
    if !(open.waiting.is_empty() && open.yes.is_empty() && open.no.is_empty()) {
        let post = |how: &str| {
            let post = caller.post(format!("{own}/move")).with("how", Some(how.to_owned()));
            post.with("question", Some(open.id.to_string()))
        };
        let (asked, stays) = asked((slot.local_start, slot.local_end), open);
        let settled = open.lapsed || !open.no.is_empty();
        let leave = if settled { "Leave it as it is" } else { "Do not ask any more" };
        let who = names(&open.no);
        // Those who have not answered are waited for, or stay when it is too late.
        let may_free =
            open.may_settle && !open.no.is_empty() && (open.waiting.is_empty() || !open.lapsed);
        let ring = |(id, name): &(MembershipId, String)| {
            let answer = |how: &str| post(how).with("member", Some(id.to_string()));
            (name.clone(), answer("yes"), answer("no"))
        };
        parts.push(InsteadPart::AskedThem {
            asked,
            stays,
            leave: open.may_settle.then(|| (post("leave"), leave)),
            free: may_free
                .then(|| (post("free"), format!("Thank {who}, and move it without {who}"))),
            rings: more.to_ring.iter().map(ring).collect(),
        });
    }
    parts
}

fn asks_you(
    post: &Post,
    is: (DateTime, DateTime),
    would_be: (DateTime, DateTime),
    said: Option<bool>,
    others: bool,
) -> InsteadPart {
    let answer = |word: &str| post.clone().with("answer", Some(word.to_owned()));
    InsteadPart::AsksYou {
        question: format!("Could it be {} instead?", when(would_be)),
        now: format!("It is on {} now.", when(is)),
        said: said.map(|yes| match (yes, others) {
            (true, true) => "You said yes. It moves when the others say so too.".to_owned(),
            (true, false) => "You said yes.".to_owned(),
            (false, _) => "You said no. It stays as it was.".to_owned(),
        }),
        yes: (said != Some(true)).then(|| answer("yes")),
        no: (said != Some(false)).then(|| answer("no")),
    }
}

/// The questions behind the link of a mail; with several, one button for all of them.
pub(super) fn behind_link(caller: &Caller, own: &str, slot: &LinkSlot) -> Vec<InsteadPart> {
    let post = || caller.post(format!("{own}/move"));
    let part = |asked: &LinkMove| {
        let post = post().with("question", Some(asked.id.to_string()));
        asks_you(&post, asked.is, asked.would_be, asked.said, true)
    };
    let may = |asked: &&LinkMove| asked.may_answer;
    slot.moves.iter().filter(may).map(part).collect()
}

/// "Yes, all of these suit me", where there is more than one to say it to.
pub(super) fn yes_to_all(caller: &Caller, own: &str, slot: &LinkSlot) -> Option<Post> {
    let open = slot.moves.iter().filter(|asked| asked.may_answer && asked.said != Some(true));
    (open.count() > 1).then(|| {
        let post = caller.post(format!("{own}/move")).with("question", Some("all".to_owned()));
        post.with("answer", Some("yes".to_owned()))
    })
}

fn said(outcome: MoveOutcome) -> &'static str {
    match outcome {
        MoveOutcome::Moved => "move-agreed",
        MoveOutcome::Waits => "move-waits",
        MoveOutcome::Stays => "move-stays",
        MoveOutcome::Over => "move-over",
    }
}

/// Yes or no to another time for one's own slot.
pub(crate) async fn answer(caller: Caller, Path((circle, slot)): Slot, fields: Fields) -> Answered {
    let receipt = fields.receipt()?;
    let question = fields.get("question").parse().map_err(|_| Answer::OldForm)?;
    let yes = fields.get("answer") == "yes";
    let app = &caller.web.app;
    let came = app.answer_move(&caller.visit, circle, slot, (question, yes), receipt).await?;
    (caller.web.mail_waits)();
    go(&format!("{}?said={}", slot_path(circle, slot), said(came)))
}

/// The same from a mail, without signing in.
pub(crate) async fn by_link(
    caller: Caller,
    Path((mail, token)): Path<(MailId, String)>,
    fields: Fields,
) -> Answered {
    let receipt = fields.receipt()?;
    let question = match fields.get("question") {
        "all" => None,
        id => Some(id.parse().map_err(|_| Answer::OldForm)?),
    };
    let answer = (question, fields.get("answer") == "yes");
    let app = &caller.web.app;
    let came = app.answer_move_by_link(&caller.visit, mail, &token, answer, receipt).await?;
    (caller.web.mail_waits)();
    go(&format!("/s/{mail}/{token}?said={}", said(came)))
}

/// Takes the question back, moves it without those who said no, or says what somebody without
/// e-mail answered.
pub(crate) async fn settle(caller: Caller, Path((circle, slot)): Slot, fields: Fields) -> Answered {
    let receipt = fields.receipt()?;
    let question = fields.get("question").parse().map_err(|_| Answer::OldForm)?;
    let member = || fields.get("member").parse().map_err(|_| Answer::OldForm);
    let (app, visit) = (&caller.web.app, &caller.visit);
    let came = match fields.get("how") {
        how @ ("yes" | "no") => {
            let (whose, answer) = ((slot, member()?), (question, how == "yes"));
            app.answer_move_for(visit, circle, whose, answer, receipt).await.map(said)
        }
        how => {
            let (how, done) = match how {
                "free" => (SettleMove::FreeAndMove, "move-freed"),
                _ => (SettleMove::Withdraw, "move-left"),
            };
            let settled = app.settle_move(visit, circle, slot, (question, how), receipt).await;
            settled.map(|_| done)
        }
    };
    let own = slot_path(circle, slot);
    match came {
        Ok(said) => {
            (caller.web.mail_waits)();
            go(&format!("{own}?said={said}"))
        }
        Err(Failure::Changed) => go(&format!("{own}?said=move-over")),
        Err(other) => Err(other.into()),
    }
}
