//! Which circles may need a telephone call, and why. The reason is always printed.

use std::collections::BTreeMap;

use jiff::civil::DateTime;
use kith_domain::ids::{CircleId, PersonId};
use kith_domain::{HospiceWord, TaskKind, Timestamp, Zone};
use kith_store::{DayCover, HospiceNote, OverseenCircle, SilentPromise};

/// How far back a visit is looked for.
pub(super) const LOOK_BACK_DAYS: i32 = 60;
/// Gaps in seven days from which a circle is to be checked.
const MANY_GAPS: u32 = 3;
/// Gaps on one day that, on two days, are to be checked as well.
const GAPS_A_DAY: u32 = 2;
/// Days without company, or without a carer seen, from which a circle is to be checked.
const QUIET_DAYS: i64 = 7;
/// Percent of the tasks that two people do, from which they are too few.
const SHARE_OF_TWO: u32 = 80;
/// Fewer tasks than this in 14 days say nothing about who does them.
const ENOUGH_TASKS: u32 = 6;

/// Why a circle should be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckReason {
    /// Three gaps or more in the next seven days, or two on each of two days.
    Gaps {
        /// How many.
        gaps: u32,
    },
    /// Two people do four of five tasks or more, over the last 14 days.
    TwoPeople,
    /// Nobody has visited, sat with the patient or taken her out for seven days or more.
    NoVisit {
        /// How many days; none when it is longer than we look back, or never was.
        days: Option<i64>,
    },
    /// Somebody has to come today or tomorrow, and whoever promised it does not answer.
    NoWord {
        /// What is to be done.
        kind: TaskKind,
        /// Wall-clock time at which it starts.
        starts: DateTime,
    },
    /// Somebody has to come today or tomorrow, and a coordinator was told that nobody can.
    NobodyComes {
        /// What is to be done.
        kind: TaskKind,
        /// Wall-clock time at which it starts.
        starts: DateTime,
    },
    /// Mails to people of the circle did not arrive in the last seven days.
    MailUnsent {
        /// How many.
        mails: u32,
    },
    /// E-mails to the lead carer come back.
    LeadNotReached,
    /// Neither the patient nor a carer was seen for seven days or more.
    NobodySeen {
        /// How many days; none when it never was.
        days: Option<i64>,
    },
}

/// A circle to check on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CircleToCheck {
    /// The circle.
    pub circle: CircleId,
    /// "Heron".
    pub nature_name: String,
    /// Part of town; may be empty.
    pub area: String,
    /// At least one.
    pub reasons: Vec<CheckReason>,
}

/// What is known about the circles.
pub(super) struct Signs<'s> {
    /// The next seven days.
    pub(super) cover: &'s [DayCover],
    /// Who did how many tasks in the last 14 days.
    pub(super) people: &'s [(CircleId, PersonId, u32)],
    /// When each circle last had company.
    pub(super) company: &'s [(CircleId, Timestamp)],
    /// Promises that must not be missed and of which nothing was heard.
    pub(super) silent: &'s [SilentPromise],
    /// What coordinators were told of the slots of today and tomorrow.
    pub(super) noted: &'s [HospiceNote],
    /// How many mails of each circle did not arrive in the last seven days.
    pub(super) unsent: &'s [(Option<CircleId>, u32)],
    /// Circles to whose lead carer e-mails come back.
    pub(super) unreached: &'s [CircleId],
}

/// The circles of `watched` for which a reason holds, those with most reasons and gaps first.
pub(super) fn circles_to_check(
    watched: &[OverseenCircle],
    signs: &Signs<'_>,
    now: Timestamp,
    zone: &Zone,
) -> Vec<CircleToCheck> {
    let mut days: BTreeMap<CircleId, Vec<u32>> = BTreeMap::new();
    for day in signs.cover.iter().filter(|day| day.gaps > 0) {
        days.entry(day.circle).or_default().push(day.gaps);
    }
    let mut tasks: BTreeMap<CircleId, Vec<u32>> = BTreeMap::new();
    for (circle, _, done) in signs.people {
        tasks.entry(*circle).or_default().push(*done);
    }
    let company: BTreeMap<_, _> = signs.company.iter().copied().collect();
    let days_since = |at: Timestamp| {
        zone.date(at).until(zone.date(now)).map_or(0, |span| i64::from(span.get_days()))
    };
    let quiet = |since: Option<Timestamp>, circle: &OverseenCircle| match since {
        Some(at) => Some(days_since(at)).filter(|days| *days >= QUIET_DAYS).map(Some),
        None => (days_since(circle.created_at) >= QUIET_DAYS).then_some(None),
    };
    let mut found: Vec<(u32, CircleToCheck)> = watched
        .iter()
        .filter_map(|circle| {
            let gaps = days.get(&circle.id).map_or(&[][..], Vec::as_slice);
            let all: u32 = gaps.iter().sum();
            let bad_days = gaps.iter().filter(|gaps| **gaps >= GAPS_A_DAY).count();
            let mut reasons = Vec::new();
            for silent in signs.silent.iter().filter(|silent| silent.circle == circle.id) {
                let no_word =
                    CheckReason::NoWord { kind: silent.kind, starts: zone.local(silent.starts) };
                // Of a pair both may be silent.
                if !reasons.contains(&no_word) {
                    reasons.push(no_word);
                }
            }
            let nobody = |note: &&HospiceNote| {
                note.circle == circle.id
                    && note.said.what == HospiceWord::Nobody
                    && note.starts > now
            };
            reasons.extend(signs.noted.iter().filter(nobody).map(|note| {
                CheckReason::NobodyComes { kind: note.kind, starts: zone.local(note.starts) }
            }));
            if all >= MANY_GAPS || bad_days >= 2 {
                reasons.push(CheckReason::Gaps { gaps: all });
            }
            if tasks.get(&circle.id).is_some_and(|tasks| two_do_nearly_all(tasks)) {
                reasons.push(CheckReason::TwoPeople);
            }
            let unsent = signs.unsent.iter().find(|(of, _)| *of == Some(circle.id));
            if let Some((_, mails)) = unsent {
                reasons.push(CheckReason::MailUnsent { mails: *mails });
            }
            if signs.unreached.contains(&circle.id) {
                reasons.push(CheckReason::LeadNotReached);
            }
            if let Some(days) = quiet(company.get(&circle.id).copied(), circle) {
                reasons.push(CheckReason::NoVisit { days });
            }
            if let Some(days) = quiet(circle.carer_seen_at, circle) {
                reasons.push(CheckReason::NobodySeen { days });
            }
            let to_check = CircleToCheck {
                circle: circle.id,
                nature_name: circle.nature_name.clone(),
                area: circle.area.clone(),
                reasons,
            };
            (!to_check.reasons.is_empty()).then_some((all, to_check))
        })
        .collect();
    found.sort_by(|(gaps, a), (more, b)| {
        (b.reasons.len(), more, &a.nature_name).cmp(&(a.reasons.len(), gaps, &b.nature_name))
    });
    found.into_iter().map(|(_, to_check)| to_check).collect()
}

fn two_do_nearly_all(tasks: &[u32]) -> bool {
    let mut tasks = tasks.to_vec();
    tasks.sort_unstable_by(|a, b| b.cmp(a));
    let all: u32 = tasks.iter().sum();
    let two: u32 = tasks.iter().take(2).sum();
    all >= ENOUGH_TASKS && two.saturating_mul(100) >= all.saturating_mul(SHARE_OF_TWO)
}

#[cfg(test)]
mod tests {
    use kith_domain::CircleState;
    use kith_domain::ids::SlotId;
    use uuid::Uuid;

    use super::*;

    const NOW: Timestamp = Timestamp::from_second(1_795_339_200);

    fn circle(number: u128, name: &str) -> OverseenCircle {
        OverseenCircle {
            id: CircleId::from_uuid(Uuid::from_u128(number)),
            nature_name: name.to_owned(),
            area: "Oldbridge".to_owned(),
            state: CircleState::Active,
            carer_seen_at: Some(NOW),
            created_at: NOW.plus_days(-100),
            members: 5,
        }
    }

    fn reasons(
        circle: &OverseenCircle,
        gaps: &[u32],
        people: &[u32],
        company: Option<i64>,
    ) -> Vec<CheckReason> {
        let zone = Zone::parse("Europe/London").unwrap();
        let cover: Vec<_> = gaps
            .iter()
            .zip(0..)
            .map(|(gaps, day)| DayCover {
                circle: circle.id,
                date: zone.date(NOW.plus_days(day)),
                tasks: gaps + 1,
                gaps: *gaps,
                must: 0,
            })
            .collect();
        let people: Vec<_> = people
            .iter()
            .zip(1..)
            .map(|(done, person)| (circle.id, PersonId::from_uuid(Uuid::from_u128(person)), *done))
            .collect();
        let company: Vec<_> =
            company.iter().map(|days| (circle.id, NOW.plus_days(-days))).collect();
        let unsent = [(None, 7), (Some(CircleId::from_uuid(Uuid::from_u128(9))), 2)];
        let signs = Signs {
            cover: &cover,
            people: &people,
            company: &company,
            silent: &[],
            noted: &[],
            unsent: &unsent,
            unreached: &[CircleId::from_uuid(Uuid::from_u128(8))],
        };
        circles_to_check(std::slice::from_ref(circle), &signs, NOW, &zone)
            .into_iter()
            .flat_map(|circle| circle.reasons)
            .collect()
    }

    #[test]
    fn a_well_covered_circle_is_left_alone() {
        let heron = circle(1, "Heron");
        assert_eq!(reasons(&heron, &[1, 0, 1], &[3, 3, 3], Some(2)), []);
    }

    #[test]
    fn mails_that_did_not_arrive_are_a_reason() {
        let maple = circle(9, "Maple");
        assert_eq!(reasons(&maple, &[], &[], Some(0)), [CheckReason::MailUnsent { mails: 2 }]);
        let rowan = circle(8, "Rowan");
        assert_eq!(reasons(&rowan, &[], &[], Some(0)), [CheckReason::LeadNotReached]);
    }

    #[test]
    fn a_promise_without_an_answer_says_what_and_when() {
        let (heron, zone) = (circle(1, "Heron"), Zone::parse("Europe/London").unwrap());
        let silent = |slot: u128, hours: i64| SilentPromise {
            circle: heron.id,
            slot: SlotId::from_uuid(Uuid::from_u128(slot)),
            kind: TaskKind::Lift,
            starts: NOW.plus_hours(hours),
        };
        let signs = Signs {
            cover: &[],
            people: &[],
            company: &[(heron.id, NOW)],
            // Of the first both of a pair.
            silent: &[silent(1, 2), silent(1, 2), silent(2, 4)],
            noted: &[],
            unsent: &[],
            unreached: &[],
        };
        let found = circles_to_check(std::slice::from_ref(&heron), &signs, NOW, &zone);
        let no_word = |hours| CheckReason::NoWord {
            kind: TaskKind::Lift,
            starts: zone.local(NOW.plus_hours(hours)),
        };
        assert_eq!(found[0].reasons, [no_word(2), no_word(4)]);
    }

    #[test]
    fn three_gaps_or_two_bad_days_are_a_reason() {
        let maple = circle(1, "Maple");
        assert_eq!(reasons(&maple, &[1, 1, 1], &[], Some(0)), [CheckReason::Gaps { gaps: 3 }]);
        assert_eq!(reasons(&maple, &[2, 0, 2], &[], Some(0)), [CheckReason::Gaps { gaps: 4 }]);
        assert_eq!(reasons(&maple, &[2], &[], Some(0)), []);
    }

    #[test]
    fn two_people_who_do_nearly_everything_are_a_reason() {
        let maple = circle(1, "Maple");
        assert_eq!(reasons(&maple, &[], &[4, 4, 2], Some(0)), [CheckReason::TwoPeople]);
        assert_eq!(reasons(&maple, &[], &[4, 3, 2], Some(0)), []);
        assert_eq!(reasons(&maple, &[], &[2, 2], Some(0)), [], "too few to say");
    }

    #[test]
    fn silence_is_a_reason_from_the_seventh_day() {
        let mut rowan = circle(1, "Rowan");
        assert_eq!(reasons(&rowan, &[], &[], Some(6)), []);
        assert_eq!(reasons(&rowan, &[], &[], Some(7)), [CheckReason::NoVisit { days: Some(7) }]);
        assert_eq!(reasons(&rowan, &[], &[], None), [CheckReason::NoVisit { days: None }]);
        rowan.carer_seen_at = Some(NOW.plus_days(-9));
        assert_eq!(reasons(&rowan, &[], &[], Some(1)), [CheckReason::NobodySeen { days: Some(9) }]);
        rowan.carer_seen_at = None;
        assert_eq!(reasons(&rowan, &[], &[], Some(1)), [CheckReason::NobodySeen { days: None }]);
        rowan.created_at = NOW.plus_days(-6);
        assert_eq!(reasons(&rowan, &[], &[], None), [], "it has hardly begun");
    }

    #[test]
    fn most_reasons_and_gaps_come_first() {
        let zone = Zone::parse("Europe/London").unwrap();
        let mut rowan = circle(1, "Rowan");
        rowan.carer_seen_at = None;
        let (maple, otter) = (circle(2, "Maple"), circle(3, "Otter"));
        let gaps = |circle: &OverseenCircle, gaps| DayCover {
            circle: circle.id,
            date: zone.date(NOW),
            tasks: gaps,
            gaps,
            must: 0,
        };
        let cover = [gaps(&maple, 9), gaps(&otter, 3)];
        let company = [(maple.id, NOW), (otter.id, NOW)];
        let signs = Signs {
            cover: &cover,
            people: &[],
            company: &company,
            silent: &[],
            noted: &[],
            unsent: &[],
            unreached: &[],
        };
        let found = circles_to_check(&[otter, rowan, maple], &signs, NOW, &zone);
        let names: Vec<_> = found.iter().map(|circle| circle.nature_name.as_str()).collect();
        assert_eq!(names, ["Rowan", "Maple", "Otter"]);
    }
}
