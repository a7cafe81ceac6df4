//! What nobody has taken, to whoever is in charge.

use super::{FOOTER, Wording, circle_name, day_and_time, in_one_line, slot_lines};
use crate::message::{Gap, Lacks, NatureName};

pub(super) fn nobody_yet(gaps: &[Gap], circle: &NatureName) -> Wording {
    let when = gaps.first().map(|gap| day_and_time(gap.slot.starts)).unwrap_or_default();
    let first = gaps.first().map(|gap| heading(gap.lacks, &when)).unwrap_or_default();
    let (heading, before, block) = match gaps {
        [gap] => (
            heading(gap.lacks, &when),
            match gap.lacks {
                Lacks::Everybody => "Nobody has taken this task so far. You could ring somebody.",
                Lacks::More => {
                    "Somebody has taken this task, and more people are needed. You could ring \
                     somebody."
                }
                Lacks::Cover => {
                    "Whoever took this task can't make it, and nobody has taken over so far. It \
                     stays theirs until somebody does. You could ring somebody."
                }
            },
            slot_lines(gap.slot, circle),
        ),
        _ => (
            match gaps.len() {
                2 => format!("{first}, and one more"),
                several => format!("{first}, and {} more", several.saturating_sub(1)),
            },
            if gaps.iter().all(|gap| gap.lacks == Lacks::Everybody) {
                "Nobody has taken these tasks so far. You could ring somebody."
            } else {
                "These tasks still need somebody. You could ring somebody."
            },
            several(gaps, circle),
        ),
    };
    Wording {
        heading,
        before: vec![before.to_owned()],
        block,
        button: "Open the task",
        after: after(gaps),
        footer: FOOTER.to_owned(),
    }
}

fn heading(lacks: Lacks, when: &str) -> String {
    match lacks {
        Lacks::Everybody => format!("Nobody yet for {when}"),
        Lacks::More => format!("Not enough people yet for {when}"),
        Lacks::Cover => format!("Cover is wanted for {when}"),
    }
}

/// A line each. Where it is said of some alone, those in which somebody has to come say so.
fn several(gaps: &[Gap], circle: &NatureName) -> Vec<String> {
    let differ = gaps.iter().any(|gap| gap.must) && gaps.iter().any(|gap| !gap.must);
    let line = |gap: &Gap| {
        let said = if gap.must && differ { ". Somebody has to come." } else { "" };
        let lacks = match gap.lacks {
            Lacks::Everybody => "",
            Lacks::More => ". More people are needed.",
            Lacks::Cover => ". Cover is wanted.",
        };
        format!("{}{lacks}{said}", in_one_line(gap.slot))
    };
    gaps.iter().map(line).chain([circle_name(circle)]).collect()
}

fn after(gaps: &[Gap]) -> Vec<String> {
    let sentences: &[&str] = match gaps {
        [gap] if gap.must => &[
            "Somebody has to come for this one. If you find nobody, the hospice sees the gap too, \
             and may ring you.",
        ],
        [_] => &["If it can wait, you could move it to another day or take it off the rota."],
        _ if gaps.iter().all(|gap| gap.must) => {
            &["Somebody has to come for these. If you find nobody, the hospice sees the gaps too, \
             and may ring you."]
        }
        _ if gaps.iter().any(|gap| gap.must) => &[
            "Where somebody has to come and you find nobody, the hospice sees the gap too, and may \
             ring you.",
            "What can wait you could move to another day or take off the rota.",
        ],
        _ => &["What can wait you could move to another day or take off the rota."],
    };
    sentences.iter().map(|sentence| (*sentence).to_owned()).collect()
}
