//! The words of the mails.

use std::collections::BTreeSet;

use jiff::civil::date;
use kith_domain::{ReminderKind, TaskKind};
use kith_mail::{DigestItem, Figures, Message, NatureName, QuietAbout};

use crate::samples::{all, code, heron, invitation, link, reminder, rendered, slot};

#[test]
fn a_reminder_is_complete_without_html() {
    let mail = rendered(&reminder(TaskKind::Visit, ReminderKind::DayBefore));
    assert_eq!(
        mail.text,
        "\
Hello

Your task on Tuesday 24 November at 2pm

Thank you for offering. Here is a reminder.

  Tuesday 24 November
  2pm to 3.30pm
  A visit
  Heron circle

Open your task:
https://kith.example/s/AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_AbCdE

If you can't make it, open your task and tell us as soon as you know.
You do not need to say why.

--
We leave names and addresses out on purpose. The links are yours alone:
please do not forward this message.

Which e-mails you get, and when:
https://kith.example/e/token"
    );
    assert_eq!(mail.header("Subject"), Some("You have something on Tuesday 24 November"));
}

#[test]
fn a_code_says_how_long_it_works_and_whom_it_is_for() {
    let mail = rendered(&code());
    assert_eq!(mail.header("Subject"), Some("Your code for Kith"));
    assert_eq!(
        mail.text,
        "\
Hello

Your code to sign in

Type it where you asked for it. It works for 10 minutes.

  204 817

Sign in:
https://kith.example/s/AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_AbCdE

If you did not ask for a code, you need do nothing. Never tell it to
anybody: we will not ask you for it.

--
The link is yours alone: please do not forward this message."
    );
}

#[test]
fn a_week_says_each_task_in_a_line_and_of_quiet_circles_the_day() {
    let items = vec![
        DigestItem::Task { slot: slot(TaskKind::Visit), circle: heron() },
        DigestItem::Day(date(2026, 11, 26)),
    ];
    let monday = date(2026, 11, 23);
    let mail = rendered(&Message::WeekAhead { monday, items, link: link() });
    assert_eq!(mail.header("Subject"), Some("Your week"));
    let said = "Your week from Monday 23 November\n\nThank you for offering.\n\n  \
                Tuesday 24 November, 2pm to 3.30pm: A visit, Heron circle\n  \
                Thursday 26 November: something\n\nOpen your rota:\n";
    assert!(mail.text.contains(said), "{}", mail.text);
}

#[test]
fn whoever_runs_it_hears_once_a_day_in_figures_alone() {
    let figures = Figures {
        sent: 412,
        waiting: 38,
        put_off: 2,
        given_up: 1,
        unreached: 3,
        oldest_due: Some(date(2026, 11, 24).at(6, 10, 0, 0)),
        last_tick: Some(date(2026, 11, 24).at(7, 0, 0, 0)),
    };
    let mail = rendered(&Message::Figures { figures, link: link() });
    assert_eq!(mail.header("Subject"), Some("Kith is at work"));
    assert_eq!(mail.header("List-Unsubscribe"), None);
    assert_eq!(
        mail.text,
        "\
Hello

Kith is at work

It says so itself once a day, at 7am. If this message does not come one
morning, something is wrong.

  Sent in 24 hours: 412
  Given up in 24 hours: 1
  Still to leave: 38
  Of these put off: 2
  Oldest that is due: Tuesday 24 November, 6.10am
  Addresses at which nothing arrives: 3
  Last look at what is due: Tuesday 24 November, 7am

How it is now:
https://kith.example/s/AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_AbCdE

If it stops coming: run `kith doctor` where Kith runs, and do what it
says. Then see that `kith serve` runs, and read the end of its log. What
is waiting is kept, and goes out as soon as it is of use and everything
works again.

To end these messages, empty `reminders.operator_email` in the
configuration.

--
Figures only: this message says nothing of anybody."
    );
    assert_eq!(
        text_of(&mail.html),
        "A short message from Kith. Kith Kith is at work It says so itself once a day, at 7am. If \
         this message does not come one morning, something is wrong. Sent in 24 hours: 412 Given up in 24 hours: 1 Still to \
         leave: 38 Of these put off: 2 Oldest that is due: Tuesday 24 November, 6.10am Addresses \
         at which nothing arrives: 3 Last look at what is due: Tuesday 24 November, 7am How it is \
         now If it stops coming: run `kith doctor` where Kith runs, and do what it says. Then see \
         that `kith serve` runs, and read the end of its log. What is waiting is kept, and goes \
         out as soon as it is of use and everything works again. To end these messages, empty \
         `reminders.operator_email` in the configuration. Figures only: this message says nothing \
         of anybody."
    );
}

#[test]
fn a_coordinator_reads_what_nobody_has_taken() {
    let items = vec![
        DigestItem::Task { slot: slot(TaskKind::Visit), circle: heron() },
        DigestItem::Day(date(2026, 11, 26)),
    ];
    let mail = rendered(&Message::Uncovered { items, link: link() });
    assert_eq!(mail.header("Subject"), Some("Please look at Tuesday 24 November"));
    assert_eq!(
        mail.text,
        "\
Hello

Somebody has to come, and nobody has said yes

Nobody has taken this so far, or whoever did can't make it, or more
people are needed. Whoever is in charge of the circle was told before
you.

  Tuesday 24 November, 2pm to 3.30pm: A visit, Heron circle
  Thursday 26 November: something

Open the hospice’s page:
https://kith.example/s/AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_AbCdE

The circle’s page there has the lead carer’s phone. You hear of each
such gap once, and at most once an hour.

--
We leave names and addresses out on purpose. The links are yours alone:
please do not forward this message.

Which e-mails you get, and when:
https://kith.example/e/token"
    );
}

#[test]
fn the_old_address_hears_whom_to_ring() {
    let changed = Message::AddressChanged { phone: "01632 960 123".to_owned(), link: link() };
    let mail = rendered(&changed);
    assert_eq!(mail.header("Subject"), Some("Your address for Kith was changed"));
    assert_eq!(
        mail.text,
        "\
Hello

Your address for Kith was changed

From now on our e-mails go to your new address, and you sign in with it.
If that was you, you need do nothing.

If that was not you, ring 01632 960 123, at any hour. They can put it
right, and end what should not be.

Whom to ring:
https://kith.example/s/AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_AbCdE

--
We leave names and addresses out on purpose."
    );
}

#[test]
fn a_worry_is_told_without_circle_person_or_matter() {
    let mail = rendered(&Message::Concern { link: link() });
    assert_eq!(mail.header("Subject"), Some("Something new to read"));
    for word in ["Heron", "worr", "concern", "safeguard", "circle", "pm", "day"] {
        assert!(!mail.text.to_lowercase().contains(&word.to_lowercase()), "{word}: {}", mail.text);
    }
}

#[test]
fn quiet_mail_says_the_day_and_no_more() {
    let day = "Thursday 26 November";
    for (about, subject, sentence, button) in [
        (
            QuietAbout::Something,
            "You have something on *",
            "You have something on *",
            "Open your task",
        ),
        (QuietAbout::Change, "A change on *", "Something has changed on *", "Open your task"),
        (
            QuietAbout::Question,
            "Can you help on *?",
            "There is a question about *",
            "Open it to answer",
        ),
        (QuietAbout::PleaseLook, "Please look at *", "Please look at *", "Open the task"),
    ] {
        let (subject, sentence) = (subject.replace('*', day), sentence.replace('*', day));
        let mail = rendered(&Message::Quiet { about, day: date(2026, 11, 26), link: link() });
        assert_eq!(mail.header("Subject"), Some(subject.as_str()));
        assert_eq!(
            mail.text,
            format!(
                "\
Hello

{sentence}

{button}:
https://kith.example/s/AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_AbCdE

--
We leave names and addresses out on purpose. The links are yours alone:
please do not forward this message.

Which e-mails you get, and when:
https://kith.example/e/token"
            )
        );
        for word in ["Heron", "am", "pm", "2pm", "visit", "circle"] {
            let html = text_of(&mail.html);
            assert!(!html.split_whitespace().any(|said| said == word), "{word}: {html}");
        }
    }
}

#[test]
fn an_inviter_is_named_only_if_she_says_so_and_by_a_name_that_is_one() {
    let anonymous = rendered(&invitation(None));
    assert!(anonymous.text.contains("Somebody you know has asked for your help"));
    let named = rendered(&invitation(Some("Ruth")));
    assert!(named.text.contains("Ruth has asked for your help"));
    for name in ["www.evil.example", "Tom 01632 960123", "Ruth (call me)", "a&b"] {
        let mail = rendered(&invitation(Some(name)));
        assert_eq!(mail.text, anonymous.text, "{name}");
        assert_eq!(mail.html, anonymous.html, "{name}");
    }
    let named = rendered(&invitation(Some("Zoë O'Hara")));
    assert!(named.text.contains("Zoë O'Hara has asked"));
    assert!(named.html.contains("Zoë O&#39;Hara has asked"));
    assert_eq!(named.header("Subject"), anonymous.header("Subject"));
}

#[test]
fn subjects_are_eleven_and_hold_a_day_at_most() {
    let days = (24..=30).map(|day| kith_domain::english::day(date(2026, 11, day)));
    let days: Vec<String> = days.collect();
    let mut constants = BTreeSet::new();
    for message in all() {
        let mail = rendered(&message);
        let subject = mail.header("Subject").unwrap().to_owned();
        let held: Vec<_> = days.iter().filter(|day| subject.contains(day.as_str())).collect();
        assert!(held.len() <= 1, "{subject}");
        let constant =
            held.first().map_or(subject.clone(), |day| subject.replace(day.as_str(), "*"));
        constants.insert(constant);
        assert!(mail.html.contains(&format!("<title>{subject}</title>")), "{subject}");
    }
    assert_eq!(
        constants.iter().map(String::as_str).collect::<Vec<_>>(),
        [
            "A change on *",
            "Can you help on *?",
            "Kith is at work",
            "News of your circle",
            "Please look at *",
            "Somebody has asked for your help",
            "Something new to read",
            "You have something on *",
            "Your address for Kith was changed",
            "Your code for Kith",
            "Your week",
        ]
    );
}

#[test]
fn what_shows_on_a_locked_screen_tells_neither_kind_nor_circle() {
    let kinds = [
        "hopping",
        "visit",
        "meal",
        "lift",
        "evening",
        "dog",
        "call",
        "outing",
        "newspaper",
        "internet",
        "box",
        "rranged",
        "together",
        "Heron",
        "204",
    ];
    for message in all().iter().filter(|message| message.as_str() != "invitation") {
        let mail = rendered(message);
        let preview: String = text_of(&mail.html).chars().take(110).collect();
        for kind in kinds {
            assert!(!preview.contains(kind), "{message:?}: {preview}");
            assert!(!mail.header("Subject").unwrap().contains(kind), "{message:?}");
        }
    }
}

#[test]
fn every_kind_of_task_and_reminder_has_words_of_its_own() {
    let mut texts = BTreeSet::new();
    for kind in TaskKind::ALL {
        for at in ReminderKind::ALL {
            texts.insert(rendered(&reminder(*kind, *at)).text);
        }
    }
    assert_eq!(texts.len(), TaskKind::ALL.len() * ReminderKind::ALL.len());
}

#[test]
fn both_parts_say_the_same() {
    for message in all() {
        let mail = rendered(&message);
        let html = text_of(&mail.html);
        for paragraph in mail.text.trim_start_matches("Hello").split("\n\n") {
            for line in paragraph.lines().filter(|line| !line.starts_with("  ")) {
                let line = line.trim_end_matches(':');
                if line.is_empty() || line == "--" || line.starts_with("https://") {
                    continue;
                }
                assert!(html.contains(line), "{message:?}: {line:?} in {html}");
            }
            for line in paragraph.lines().filter(|line| line.starts_with("  ")) {
                assert!(html.contains(line.trim()), "{message:?}: {line:?} in {html}");
            }
        }
    }
}

#[test]
fn nothing_is_shouted() {
    for message in all() {
        let mail = rendered(&message);
        assert!(!mail.text.contains('!'), "{message:?}");
        assert!(!text_of(&mail.html).contains('!'), "{message:?}");
        for word in ["patient", "Margaret", "submit", "user", "click"] {
            assert!(!mail.text.to_lowercase().contains(word), "{message:?}: {word}");
        }
    }
}

#[test]
fn nature_names_are_names() {
    assert_eq!(heron().as_str(), "Heron");
    for name in ["", "Heron\r\nBcc: x@y.example", "<b>", "Heron1", "a.b", "-", "Heron ", "x@y"] {
        assert!(NatureName::parse(name).is_err(), "{name:?}");
    }
    assert!(NatureName::parse(&"a".repeat(25)).is_err());
    for name in kith_domain::nature::NATURE_NAMES {
        assert!(NatureName::parse(name).is_ok(), "{name}");
    }
}

/// What an HTML part shows, with single spaces.
fn text_of(html: &str) -> String {
    let body = html.split_once("<body").map_or("", |(_, body)| body);
    let mut text = String::new();
    for tag_and_text in body.split('<') {
        text.push_str(tag_and_text.split_once('>').map_or("", |(_, shown)| shown));
        text.push(' ');
    }
    let text = text.replace("&zwnj;", "").replace("&nbsp;", " ").replace("&#39;", "'");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
