//! What somebody may not see answers exactly like what does not exist.

use std::collections::BTreeSet;

use kith_domain::ids::{
    CircleId, ClaimId, ConcernId, ContentId, EnrolmentId, JoinRequestId, MailId, MembershipId,
    ProposedMoveId, SlotId,
};
use kith_domain::{Clock as _, Ids as _};
use kith_tests::both;
use kith_vault::{RandomIds, random_token};
use kith_web::Method;

use crate::forms;
use crate::house::{House, Things};
use crate::keep::Keep;
use crate::requests::{Answer, Case, Web, cases};
use crate::visitors::Who;

/// Who is shut out of the circle, and asks for it all the same.
const SHUT_OUT: [&str; 11] = [
    // Taken out by the carer at the beginning.
    "friend-private/fresh",
    "friend-private/trusted",
    "left/fresh",
    "left/trusted",
    "invited/fresh",
    "other-circle/fresh",
    "stranger/fresh",
    "stranger/signed-in",
    "other-hospice/fresh",
    "other-hospice-here/fresh",
    "nobody/link",
];
/// Whose device stays trusted in the circle in this house, though they are not in it: the walk asks
/// what such a row would open. Taking somebody out ends it.
const ENROLLED: [Who; 3] = [Who::Left, Who::Invited, Who::Stranger];
/// Members of the circle without the grant that a page needs.
const WITHOUT_GRANT: [&str; 3] = ["friend-nothing/fresh", "friend-rota/fresh", "coordinator/fresh"];

/// The same things, with ids and tokens that nobody has given out.
fn of_nowhere(house: &House) -> Things {
    let Things { places, persons, slots, slot_links, mail_links, welcome_words, .. } =
        &house.things;
    let token = || random_token().as_str().to_owned();
    Things {
        circle: CircleId::new(&RandomIds),
        forming: CircleId::new(&RandomIds),
        places: places.keys().map(|who| (*who, MembershipId::new(&RandomIds))).collect(),
        persons: persons.clone(),
        slots: slots.keys().map(|task| (*task, SlotId::new(&RandomIds))).collect(),
        claim: ClaimId::new(&RandomIds),
        promised: ClaimId::new(&RandomIds),
        question: ProposedMoveId::new(&RandomIds),
        share_link: token(),
        join_request: JoinRequestId::new(&RandomIds),
        concern: ConcernId::new(&RandomIds),
        kind_word: ContentId::new(&RandomIds),
        enrolment: EnrolmentId::new(&RandomIds),
        invitation: token(),
        card: token(),
        sign_in_link: token(),
        slot_links: slot_links
            .keys()
            .map(|task| (*task, (MailId::new(&RandomIds), token())))
            .collect(),
        feed: token(),
        mail_links: mail_links.keys().map(|path| (*path, token())).collect(),
        welcome_words: welcome_words.clone(),
    }
}

/// An answer as text, with everything masked that is different each time: ids, receipts, tokens and
/// what is carried, which are the only runs of 32 letters and more.
fn masked(answer: &Answer) -> String {
    let mut headers: Vec<String> = answer
        .headers
        .iter()
        .filter(|(name, _)| *name != http::header::DATE)
        .map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(value.as_bytes())))
        .collect();
    headers.sort();
    let body = String::from_utf8_lossy(&answer.body);
    let text = format!("{}\n{}\n\n{body}", answer.status, headers.join("\n"));
    let mut masked = String::new();
    let mut run = String::new();
    for letter in text.chars().chain(['\n']) {
        if letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_') {
            run.push(letter);
            continue;
        }
        // How long it is stays: a missing page is as long as a refused one.
        let word = if run.len() >= 32 { format!("[{} letters]", run.len()) } else { run.clone() };
        masked.push_str(&word);
        masked.push(letter);
        run.clear();
    }
    masked
}

/// The first line in which two answers differ.
fn difference(one: &Answer, other: &Answer) -> Option<String> {
    let (one, other) = (masked(one), masked(other));
    if one == other {
        return None;
    }
    let lines = one.lines().zip(other.lines()).find(|(one, other)| one != other);
    Some(
        lines.map_or_else(|| "one is longer".to_owned(), |(one, other)| format!("{one} | {other}")),
    )
}

/// Takes somebody out as the carer does, and ends what no row of the service would leave behind.
async fn shut_out(house: &House, web: &Web) {
    let place = house.things.places[&Who::FriendPrivate];
    let path = format!("/c/{}/people/{place}/remove", house.things.circle);
    let form = format!("receipt={}", RandomIds.next());
    let carer = house.visitor("carer/fresh");
    let answer = web.send(Method::Post, &path, carer, Some(form)).await;
    assert_eq!(answer.status, 303, "{}", String::from_utf8_lossy(&answer.body));
    let circle = Some(house.things.circle);
    for who in ENROLLED {
        let (person, now) = (house.things.persons[&who], house.clock.now());
        house
            .store
            .transact(house.organisation, async |unit| {
                unit.end_enrolments(person, circle, None, now).await
            })
            .await
            .unwrap();
    }
}

/// Whether a case is about something of the circle.
fn is_of_circle(case: &Case) -> bool {
    case.route.contains("{circle}")
}

both! {
    async fn denied_equals_missing(database) {
        let mut house = House::new(database).await;
        forms::prepare(&mut house.marks);
        let web = Web::new(&house);
        shut_out(&house, &web).await;
        // Right words open what they are for, to whoever knows them.
        house.things.welcome_words = kith_domain::WelcomeWords::from_indices(3, 4).to_string();
        let nowhere = of_nowhere(&house);
        let keep = Keep::of(database).await;
        let mut told = BTreeSet::new();
        let mut compared = 0;
        for case in cases().iter().filter(|case| is_of_circle(case)) {
            for name in SHUT_OUT.iter().chain(&WITHOUT_GRANT) {
                let visitor = house.visitor(name);
                let (there, _) = web.ask(case, visitor, &house.things, &house.marks).await;
                if case.method == Method::Post {
                    keep.restore().await;
                }
                // Members see what they may; only their refusals are compared.
                if WITHOUT_GRANT.contains(name) && there.status != 404 {
                    continue;
                }
                let (missing, _) = web.ask(case, visitor, &nowhere, &house.marks).await;
                if case.method == Method::Post {
                    keep.restore().await;
                }
                compared += 1;
                if let Some(line) = difference(&there, &missing) {
                    told.insert(format!("{} as {name}: {line}", case.name()));
                }
            }
        }
        keep.end(database).await;
        assert!(compared > 300, "only {compared} answers were compared");
        let told: Vec<String> = told.into_iter().collect();
        assert!(told.is_empty(), "{} answers tell what is there:\n{}", told.len(), told.join("\n"));
    }

    async fn an_address_that_cannot_be_is_a_page_that_is_not_here(database) {
        let house = House::new(database).await;
        let web = Web::new(&house);
        let mut asked = 0;
        for case in cases().iter().filter(|case| case.route.contains('{')) {
            // What no id and no token can be, in the place of each of them.
            let part = |part: &str| if part.starts_with('{') { "x".to_owned() } else { part.to_owned() };
            let path: Vec<String> = case.route.split('/').map(part).collect();
            let body = (case.method == Method::Post).then(|| format!("receipt={}", RandomIds.next()));
            let carer = house.visitor("carer/fresh");
            let answer = web.send(case.method, &path.join("/"), carer, body).await;
            let text = String::from_utf8_lossy(&answer.body);
            for words in ["Invalid URL", "Cannot parse", "Wrong number of path", "Failed to deser"] {
                assert!(!text.contains(words), "{}: {text}", case.name());
            }
            assert!(answer.status < 500, "{}: {text}", case.name());
            asked += 1;
        }
        assert!(asked > 60, "only {asked} routes were asked");
    }
}

#[test]
fn ids_are_masked_and_nothing_else() {
    let answer = |status, body: &str| Answer {
        status,
        headers: http::HeaderMap::new(),
        body: body.as_bytes().to_vec(),
    };
    let (one, other) =
        ("6f1c0de4-58c1-4c4e-9f1e-0a6f0b7c8d9e", "00000000-58c1-4c4e-9f1e-000000000000");
    let form = |id: &str| answer(404, &format!("<input value=\"{id}\"> not here"));
    assert_eq!(difference(&form(one), &form(other)), None);
    assert!(
        difference(&form(one), &answer(200, &format!("<input value=\"{one}\"> not here")))
            .is_some()
    );
    assert!(difference(&answer(404, "not here"), &answer(404, "not  here")).is_some());
}
