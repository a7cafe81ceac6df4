//! The claim state machine, over every sequence of events.

use kith_domain::claim::{ClaimEvent, ClaimState, Room, room, transition};
use proptest::prelude::*;

fn event() -> impl Strategy<Value = ClaimEvent> {
    prop::sample::select(ClaimEvent::ALL)
}

#[derive(Clone, Debug)]
enum Step {
    Take,
    Event(usize, ClaimEvent),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        Just(Step::Take),
        (0..12_usize, event()).prop_map(|(claim, event)| Step::Event(claim, event)),
    ]
}

proptest! {
    #[test]
    fn a_claim_that_is_over_stays_as_it_is(events in prop::collection::vec(event(), 0..20)) {
        let mut state = ClaimState::Claimed;
        for event in events {
            match transition(state, event) {
                Ok(next) => {
                    let said = [ClaimState::Done, ClaimState::Missed];
                    let corrected = said.contains(&state) && said.contains(&next);
                    prop_assert!(state.is_live() || corrected, "{state} came back as {next}");
                    state = next;
                }
                Err(error) => {
                    prop_assert_eq!((error.state, error.event), (state, event));
                    prop_assert!(!state.is_live() || event == ClaimEvent::CoverFound);
                }
            }
        }
    }

    #[test]
    fn two_people_never_hold_the_same_place(
        places in 0..4_u8,
        steps in prop::collection::vec(step(), 0..60),
    ) {
        let mut claims: Vec<ClaimState> = Vec::new();
        for step in steps {
            let live_before = claims.iter().filter(|c| c.is_live()).count();
            match step {
                Step::Take => match room(places, &claims) {
                    None => {
                        prop_assert_eq!(live_before, usize::from(places));
                        prop_assert!(!claims.contains(&ClaimState::CoverWanted));
                    }
                    Some(Room::Place) => claims.push(ClaimState::Claimed),
                    Some(Room::CoverFor(index)) => {
                        claims[index] = transition(claims[index], ClaimEvent::CoverFound)?;
                        claims.push(ClaimState::Claimed);
                        let live = claims.iter().filter(|c| c.is_live()).count();
                        prop_assert_eq!(live, live_before, "cover changes who, not how many");
                    }
                },
                Step::Event(index, event) => {
                    if let Some(claim) = claims.get_mut(index)
                        && event != ClaimEvent::CoverFound
                        && let Ok(next) = transition(*claim, event)
                    {
                        *claim = next;
                    }
                }
            }
            let live = claims.iter().filter(|c| c.is_live()).count();
            prop_assert!(live <= usize::from(places), "{live} live claims, {places} places");
        }
    }
}
