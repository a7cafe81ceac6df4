//! What just happened, in a sentence at the top of the page that follows.

use jiff::ToSpan as _;
use jiff::civil::{Date, DateTime};

use crate::page::layout::Flash;
use crate::words;

/// More tasks than that are in no week.
const MOST_COPIED: usize = 500;

/// What came of asking about another time.
fn about_a_move(word: &str) -> Option<(bool, &'static str)> {
    Some(match word {
        "move-agreed" => (true, "Thank you. It has moved."),
        "move-waits" => (true, "Thank you. It moves when the others say yes too."),
        "move-stays" => (true, "Thank you for answering. It stays as it was."),
        "move-left" => (true, "It stays as it was, and nobody is asked any more."),
        "move-freed" => (true, "Done. Whoever could not do it is thanked, and need not go."),
        "move-over" => (false, "This was not asked any more. It is as you see it here."),
        _ => return None,
    })
}

/// What was just said for somebody whom no e-mail reaches.
fn for_somebody(word: &str) -> Option<(bool, &'static str)> {
    Some(match word {
        "for-them" => (true, "It is theirs now. You can say here later how it went."),
        "for-there" => (true, "Noted: they will be there."),
        "for-kept" => (true, "Noted. It stays theirs."),
        "for-late" => (true, "Noted. Whoever else is in charge is told."),
        "for-cover" => (
            true,
            "We are looking for somebody else. Until then it stays theirs. Please tell them when \
             somebody says yes.",
        ),
        "for-back" => (true, "It is no longer theirs. The circle is asked."),
        "for-over" => (false, "This was not theirs any more, or it is not the time for that."),
        "for-away" => {
            (true, "Saved. Nobody asks them for anything then. What they promised stays.")
        }
        "for-away-asked" => {
            (true, "Saved. The others are asked to do what was promised for that time.")
        }
        "for-is-back" => (true, "Saved. They are asked as before."),
        _ => return None,
    })
}

fn about_being_away(word: &str) -> (bool, &'static str) {
    match word {
        "away" => {
            (true, "Saved. Nobody asks you for anything then. What you promised stays yours.")
        }
        "away-asked" => (true, "Saved. The others are asked to do what you had promised then."),
        _ => (true, "Welcome back."),
    }
}

/// What came of taking dates, of ending that, and of taking dates off and putting them back.
fn about_dates(word: &str) -> Option<(bool, &'static str)> {
    Some(match word {
        "dates" => (true, "Thank you. They are on your rota."),
        "every" => (
            true,
            "Thank you. They are yours, and so are those that come later, for as long as you said.",
        ),
        "every-ended" => (true, "Saved. Nothing after that day is added. Thank you for all of it."),
        "every-back" => {
            (true, "Saved. The others are asked about the later dates. Thank you for all of it.")
        }
        "some-dates" => {
            (true, "Thank you. Some dates were taken a moment ago; the others are on your rota.")
        }
        "put-back" => (true, "It is on the rota again, and nobody has promised it yet."),
        "put-back-each" => {
            (true, "It is on the rota again. Whoever does it each time has it again, and is told.")
        }
        "put-back-asked" => (
            true,
            "It is on the rota again. Whoever had promised it is asked whether they can do it after all.",
        ),
        "put-back-ring" => (
            true,
            "It is on the rota again. No e-mail of ours reaches somebody who had promised it: please ring \
             them.",
        ),
        "off" => (true, "Taken off the rota. If somebody had promised it, they are told."),
        _ => return None,
    })
}

/// Who is asked, or is not.
fn about_asking(word: &str) -> Option<(bool, &'static str)> {
    Some(match word {
        "asked-them" => (
            true,
            "Saved. What others promised stays as it is until they say yes: we have asked them.",
        ),
        "asked" => (true, "Your circle has been asked."),
        "asked-nobody" => (
            false,
            "There is nobody whom we can ask by e-mail. Whoever opens the rota sees that somebody is \
             needed.",
        ),
        "asked-tried" => {
            (false, "E-mails cannot leave at the moment. We keep trying, and ask the circle then.")
        }
        "asked-waits" => (true, "Saved. It says below when they are asked."),
        "asked-later" => (true, "Saved. Your circle will be asked by e-mail tomorrow at 8am."),
        _ => return None,
    })
}

/// "12 tasks are on the rota of 29 March to 4 April, with nobody asked yet."
fn copied(added: usize, query: &str) -> Option<String> {
    let monday = query.split('&').find_map(|pair| pair.strip_prefix("week="))?;
    let monday: Date = monday.parse().ok()?;
    let week = words::days(monday, monday.saturating_add(6.days()));
    let tasks = words::capital(&words::how_many(added, "task is", "tasks are"));
    Some(format!("{tasks} on the rota of {week}, with nobody asked yet."))
}

/// When the circle had been asked before, where somebody asks it again.
fn asked_before(word: &str) -> Option<String> {
    let (at, then) = match word.strip_prefix("asked-again-") {
        Some(at) => (
            at,
            "Nobody is asked twice within an hour: they are asked again after that, unless somebody \
             says yes first.",
        ),
        None => (
            word.strip_prefix("asked-before-")?,
            "Whoever has not answered knows of it, and is not asked twice.",
        ),
    };
    let at: DateTime = at.parse().ok()?;
    let (day, time) = (words::day(at.date()), words::time(at.time()));
    Some(format!("Your circle was last asked for this on {day} at {time}. {then}"))
}

/// What just happened, from the word in an address (`?said=saved`). Unknown words say nothing.
pub(crate) fn flash(query: &str) -> Option<Flash> {
    let word = query.split('&').find_map(|pair| pair.strip_prefix("said="))?;
    if let Some(added) = word.strip_prefix("copied-") {
        return copied(added.parse().ok().filter(|added| *added <= MOST_COPIED)?, query)
            .map(Flash::Done);
    }
    if let Some(sentence) = asked_before(word) {
        return Some(Flash::Done(sentence));
    }
    let (good, sentence) = match word {
        "saved" => (true, "Saved."),
        asked if asked.starts_with("asked") => about_asking(asked)?,
        move_word if move_word.starts_with("move-") => about_a_move(move_word)?,
        "named" => {
            (true, "Named. The two words are below: say them, write them down, or text them.")
        }
        "let-in" => (true, "Named. They come in on the phone or computer from which they asked."),
        "declined" => (true, "Answered. They are told only that the link is closed."),
        "link-stopped" => (true, "Stopped. Nobody can ask by that link any more."),
        "removed" => (true, "Taken out of the circle. It counts from now."),
        "stopped" => (true, "Stopped. That device opens nothing any more."),
        "nothing-copied" => (true, "There was nothing more to copy."),
        "added" => (true, "It is on the rota."),
        "told" => (true, "Your circle can read it now."),
        "thanked" => (true, "Thank you."),
        "yes" => {
            (true, "Thank you for saying yes. Sign in with your e-mail to see what would help.")
        }
        "no" => (true, "Thank you for answering. You will hear no more about this."),
        "out" => (true, "You are signed out."),
        "left" => (true, "You have left the circle."),
        "paused" => (true, "Paused. Whoever promised something is told not to come."),
        "goes-on" => (true, "The circle goes on. Whoever promised something is told."),
        "closed" => (true, "Closed. From now on only you can read."),
        "open-again" => (true, "Open again, and paused. Nobody is asked before you go on."),
        "cover" => (true, "We are looking for somebody else. It stays yours until they say yes."),
        "address-changed" => (true, "Thank you. From now on we write to your new address."),
        "invitation-removed" => (true, "Removed. What was sent there opens nothing any more."),
        "invitation-moved" => (true, "A new invitation is on its way. The old one opens nothing."),
        "address-works" => (true, "Thank you. We send e-mails there again."),
        "there" => (true, "Thank you. They can see that you will be there."),
        "kept" => (true, "It is yours again. Thank you."),
        "cancelled" => (true, "Cancelled. If somebody had promised it, they are told."),
        "moved" => (true, "Moved. If somebody had promised it, they are told."),
        "frozen" => (true, "Frozen. Only the patient can read now."),
        "devices-ended" => {
            (true, "Ended. A carer can now show the patient’s new tablet two new words.")
        }
        "unfrozen" => (true, "It may go on. Nothing is asked before the circle says so."),
        "undone" => (true, "Undone. It is as it was before."),
        "yours" => (true, "Thank you. It is yours."),
        "given-back" => (true, "It is no longer yours. The circle is asked."),
        "swap-asked" => (true, "We have asked them. It stays yours until they say yes."),
        "swap-back" => (true, "Taken back. It stays yours."),
        "swapped" => (true, "Settled. You both said yes."),
        "late" => (true, "Thank you. We have told whoever is in charge."),
        "not-late" => (false, "It is too early for that, or it is over."),
        "not-done" => (true, "Thank you for saying so. These things happen, and nobody minds."),
        "handed-over" => (true, "Thank you. The next person who comes will read it."),
        "told-coordinators" => {
            (true, "Thank you. Only the coordinators can read it. If it cannot wait, please ring.")
        }
        "away" | "away-asked" | "back" => about_being_away(word),
        said_for if said_for.starts_with("for-") => for_somebody(said_for)?,
        "yes-for" => (true, "Noted. From now on you can take a task for them."),
        "noted" => (true, "Noted. Whoever runs the circle is told what you were told."),
        "waits" => (true, "If a place is free, we ask whoever waits before the others."),
        "waits-not" => (true, "You are not in line any more."),
        "sorry" => (true, "Thank you for answering. You are not asked for this one again."),
        "erased" => (true, "Taken away."),
        "answered" => (true, "Thank you for saying how it went."),
        "gone" => (false, "This is no longer needed. Thank you for offering."),
        "no-mailbox" => (
            false,
            "No card was made: whoever runs this circle was in already and gave no e-mail address, so a \
             card would let nobody in. The patient, or somebody else who runs the circle, can show two \
             new words on a phone or tablet.",
        ),
        "over" => (false, "This was not yours any more."),
        "stays" => (false, "Too much happened since. Ask for somebody to take over instead."),
        "clash" => (
            false,
            "You have something else around then. This is not yours yet: say yes here if it suits you.",
        ),
        "taken" => (false, "Someone took this a moment ago. Thank you both."),
        dates => about_dates(dates)?,
    };
    let sentence = sentence.to_owned();
    Some(if good { Flash::Done(sentence) } else { Flash::Sorry(sentence) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_when_the_circle_was_last_asked() {
        let said = |query| match flash(query) {
            Some(Flash::Done(words)) => words,
            other => panic!("{other:?}"),
        };
        assert_eq!(
            said("said=asked-again-2026-11-22T10:05:00"),
            "Your circle was last asked for this on Sunday 22 November at 10.05am. Nobody is asked \
             twice within an hour: they are asked again after that, unless somebody says yes first."
        );
        assert_eq!(
            said("said=asked-before-2026-11-22T10:05:00"),
            "Your circle was last asked for this on Sunday 22 November at 10.05am. Whoever has not \
             answered knows of it, and is not asked twice."
        );
        assert!(flash("said=asked-again-soon").is_none());
    }

    #[test]
    fn it_is_said_how_much_was_copied_and_to_where() {
        let said = |query| match flash(query) {
            Some(Flash::Done(words)) => words,
            other => panic!("{other:?}"),
        };
        assert_eq!(
            said("week=2027-03-29&said=copied-12"),
            "12 tasks are on the rota of 29 March to 4 April, with nobody asked yet."
        );
        assert_eq!(
            said("week=2027-03-29&said=copied-1"),
            "One task is on the rota of 29 March to 4 April, with nobody asked yet."
        );
        assert!(flash("week=2027-03-29&said=copied-99999").is_none());
    }
}
