//! The walk: every route as every visitor, and what may not be seen anywhere afterwards.

use std::collections::BTreeSet;

use kith_domain::{Clock as _, Ids as _, MailKind};
use kith_tests::{TestDatabase, both};
use kith_vault::{Field, RandomIds};
use kith_web::Method;
use sea_orm::ConnectionTrait as _;

use crate::forms;
use crate::house::House;
use crate::keep::Keep;
use crate::logs::{self, Log};
use crate::mails::{self, Post};
use crate::marks::{Hit, Marks, Seen, Task};
use crate::matrix::Matrix;
use crate::may_see::may_see;
use crate::requests::{Answer, Case, Web, cases};
use crate::storage;
use crate::visitors::{Visitor, Who};

/// Fields that are sealed nowhere yet, so that no row can hold a marker.
const NOT_STORED: [Field; 1] = [Field::DeviceLabel];
/// Fields that open by a form only, so that nothing is opened by being fetched.
const BY_FORM: [Field; 1] = [Field::Entry];
/// Fields that are stored, and that no page shows.
const NOT_SHOWN: [Field; 2] = [Field::Relationship, Field::JoinEmail];

/// What an answer holds that it must not. What somebody typed may come back to them in the body:
/// the form is shown again as it was.
pub(crate) fn leaks(
    answer: &Answer,
    typed: &str,
    marks: &Marks,
    visitor: &Visitor,
    route: &str,
    seen: &mut Seen,
) -> Vec<String> {
    let mut leaks = Vec::new();
    for (name, value) in &answer.headers {
        for hit in marks.hits(value.as_bytes()) {
            leaks.push(format!("header {name}: {}", hit.words()));
        }
    }
    for hit in marks.hits(&answer.body) {
        match hit {
            Hit::Mark(mark) if may_see(visitor, mark, route) => seen.add(mark.field),
            Hit::Mark(mark) if typed.contains(&mark.text) => {}
            Hit::Cut if may_see_names(visitor, marks, route) => {}
            hit => leaks.push(format!("body: {}", hit.words())),
        }
    }
    leaks.sort();
    leaks.dedup();
    leaks
}

/// Whether the names of the circle's members may be seen here, so that a shortened one may.
fn may_see_names(visitor: &Visitor, marks: &Marks, route: &str) -> bool {
    let mut names = marks.all().iter().filter(|mark| mark.field == Field::MemberName);
    names.any(|mark| may_see(visitor, mark, route))
}

/// Everything that was found, and what was seen by whoever may.
#[derive(Default)]
struct Findings {
    leaks: Vec<String>,
    seen: Seen,
    matrix: Matrix,
    secrets: BTreeSet<String>,
    broken: BTreeSet<String>,
}

impl Findings {
    fn add(&mut self, case: &Case, visitor: &Visitor, answer: &Answer, typed: &str, marks: &Marks) {
        let found = leaks(answer, typed, marks, visitor, case.route, &mut self.seen);
        let place = format!("{} as {}", case.name(), visitor.name());
        self.leaks.extend(found.iter().map(|leak| format!("{place}: {leak}")));
        // Too busy is an answer of the service about itself.
        if answer.status >= 500 && !case.route.starts_with("/health/") {
            self.broken.insert(format!("{place}: {}", answer.status));
        }
        self.matrix.add(case, visitor, answer);
        self.secrets.extend(answer.cookies().filter(|value| value.len() >= 20).map(str::to_owned));
    }
}

impl Findings {
    /// Nothing that somebody may do opens more to themselves than they were allowed before; saying
    /// yes to an invitation does, and that is what it is for.
    async fn look_again(
        &mut self,
        web: &Web,
        house: &House,
        done: &Case,
        visitor: &Visitor,
        typed: &str,
    ) {
        if !visitor.is_signed_in() || done.route.starts_with("/i/") {
            return;
        }
        for route in ["/c/{circle}/private", "/c/{circle}/rota"] {
            let case = Case { method: Method::Get, route, about: "" };
            let (answer, _) = web.ask(&case, visitor, &house.things, &house.marks).await;
            let found = leaks(&answer, typed, &house.marks, visitor, route, &mut self.seen);
            let place = format!("{route} as {} after {}", visitor.name(), done.name());
            self.leaks.extend(found.iter().map(|leak| format!("{place}: {leak}")));
        }
    }
}

/// A walk through the house: the log from its beginning, and what is looked at in the end.
struct Walk<'d> {
    database: &'d TestDatabase,
    log: Log,
    house: House,
    web: Web,
    post: Post,
    findings: Findings,
}

impl<'d> Walk<'d> {
    async fn begin(database: &'d TestDatabase) -> Self {
        let log = Log::begin();
        tracing::trace!("the control of the log");
        let mut house = House::new(database).await;
        forms::prepare(&mut house.marks);
        every_field_has_a_marker(&house.marks, database).await;
        let web = Web::new(&house);
        let mut post = Post::of(database).await;
        house.app.plan_reminders().await.unwrap();
        house.app.plan_figures().await.unwrap();
        post.deliver(&house).await;
        Self { database, log, house, web, post, findings: Findings::default() }
    }

    /// Every page as everybody.
    async fn read(&mut self) {
        for case in cases().iter().filter(|case| case.method == Method::Get) {
            for visitor in &self.house.visitors {
                let house = &self.house;
                let (answer, _) = self.web.ask(case, visitor, &house.things, &house.marks).await;
                self.findings.add(case, visitor, &answer, "", &house.marks);
            }
        }
    }

    /// The circle is paused and goes on: whoever has promised something hears of both.
    async fn pause(&mut self) {
        let house = &self.house;
        let fresh = |visitor: &&Visitor| visitor.name() == "carer/fresh";
        let carer = house.visitors.iter().find(fresh).expect("a carer");
        let path = format!("/c/{}/settings/state", house.things.circle);
        for change in ["pause", "resume"] {
            let body = format!("receipt={}&change={change}", RandomIds.next());
            let answer = self.web.send(Method::Post, &path, carer, Some(body)).await;
            assert_eq!(answer.status, 303, "{change}");
            self.post.deliver(house).await;
        }
    }

    /// A new address counts by the code that was sent to it, and the old one is told.
    async fn change_an_address(&mut self) {
        let house = &self.house;
        let fresh = |visitor: &&Visitor| visitor.name() == "friend-news/fresh";
        let friend = house.visitors.iter().find(fresh).expect("a friend");
        let send = async |path: &str, field: &str| {
            let form = format!("receipt={}&{field}", RandomIds.next());
            self.web.send(Method::Post, path, friend, Some(form)).await
        };
        let asked = send("/me/address", "email=another%40mail.example").await;
        assert_eq!(asked.header("location"), "/me/address");
        self.post.deliver(house).await;
        let mails = self.post.sent();
        let mail = mails.iter().find(|mail| mail.to == "another@mail.example").expect("the code");
        let text = kith_mail::read::read(&mail.bytes).expect("a mail of ours").text;
        let bare = |line: &str| line.replace(' ', "");
        let is_code = |line: &String| line.len() == 6 && line.bytes().all(|b| b.is_ascii_digit());
        let code = text.lines().map(bare).find(is_code).expect("a code");
        let changed = send("/me/address/code", &format!("code={code}")).await;
        assert_eq!(changed.header("location"), "/me/details?said=address-changed");
        self.post.deliver(house).await;
    }

    /// Every form as everybody, each in the house as it was at first.
    async fn write(&mut self) {
        let keep = Keep::of(self.database).await;
        self.pause().await;
        keep.restore().await;
        self.change_an_address().await;
        keep.restore().await;
        let house = &self.house;
        for case in cases().iter().filter(|case| case.method == Method::Post) {
            for visitor in &house.visitors {
                let (answer, typed) =
                    self.web.ask(case, visitor, &house.things, &house.marks).await;
                self.findings.add(case, visitor, &answer, &typed, &house.marks);
                if answer.status < 400 {
                    self.post.deliver(house).await;
                    self.findings.look_again(&self.web, house, case, visitor, &typed).await;
                }
                // Whoever was refused changed nothing; a form that was wrong may have cost a try.
                if !matches!(answer.status, 401 | 403 | 404) {
                    keep.restore().await;
                }
            }
        }
        // Two hours before the promised slot of this afternoon.
        house.clock.set(kith_tests::clock::instant("2026-03-03T12:00:30Z"));
        self.post.deliver(house).await;
        // On the evening before a slot of which nothing was heard.
        house.clock.set(kith_tests::clock::instant("2026-03-04T18:00:30Z"));
        house.app.plan_reminders().await.unwrap();
        self.post.deliver(house).await;
        house.clock.set(kith_tests::clock::instant("2026-03-04T19:00:30Z"));
        self.post.deliver(house).await;
        house.clock.set(kith_tests::clock::instant("2026-03-05T08:00:30Z"));
        self.post.deliver(house).await;
        // And on Sunday, of what is promised for the week after it.
        let things = &house.things;
        let (slot, who) = (things.slots[&Task::Needed], Who::FriendRota);
        let (place, person, now) = (things.places[&who], things.persons[&who], house.clock.now());
        let promised = house.store.transact(house.organisation, async |unit| {
            let slot = unit.slot(slot).await?.expect("the slot is there");
            unit.take_place(&slot, place, person, now).await
        });
        assert!(promised.await.unwrap().is_some());
        house.app.plan_reminders().await.unwrap();
        house.clock.set(kith_tests::clock::instant("2026-03-08T18:00:30Z"));
        self.post.deliver(house).await;
        keep.end(self.database).await;
    }

    /// Looks at everything that could hold what it must not.
    async fn end(self) -> (Findings, Post) {
        let (house, mut findings) = (self.house, self.findings);
        let secrets: Vec<String> = house.secrets.iter().chain(&findings.secrets).cloned().collect();
        let mut leaked = std::mem::take(&mut findings.leaks);
        for mail in self.post.sent() {
            leaked.extend(mails::leaks(&mail, &house.marks));
        }
        house.store.decision_log().flush().await;
        for raw in storage::raw(self.database).await {
            leaked.extend(storage::leaks(&raw, &house.marks, &secrets));
        }
        let logged = self.log.bytes();
        let in_log = logs::leaks(&logged, &house.marks, &secrets);
        leaked.extend(in_log.into_iter().map(|leak| format!("the log: {leak}")));
        leaked.sort();
        leaked.dedup();
        assert!(leaked.is_empty(), "{} leaks:\n{}", leaked.len(), leaked.join("\n"));
        assert!(findings.broken.is_empty(), "broken: {:#?}", findings.broken);
        let text = String::from_utf8_lossy(&logged);
        assert!(text.contains("TRACE") && text.contains("the control of the log"), "log at trace");
        assert!(text.contains("answered"), "requests are logged");
        (findings, self.post)
    }
}

both! {
    /// No page shows what it must not, and what each may see can be seen.
    async fn pages_leak_nothing(database) {
        let mut walk = Walk::begin(database).await;
        walk.read().await;
        let (findings, post) = walk.end().await;
        post.end().await;
        what_may_be_seen_was_seen(&findings.seen);
        findings.matrix.compare(Method::Get);
    }

    /// No form answers with what it must not, opens more to whoever sent it, or sends it by mail.
    async fn forms_leak_nothing(database) {
        let mut walk = Walk::begin(database).await;
        walk.write().await;
        let (findings, post) = walk.end().await;
        for field in BY_FORM {
            assert!(findings.seen.0.contains_key(&field), "{field:?} was never seen");
        }
        for kind in MailKind::ALL {
            assert!(post.kinds().contains(kind.as_str()), "no mail was sent: {kind}");
        }
        post.end().await;
        findings.matrix.compare(Method::Post);
    }
}

async fn every_field_has_a_marker(marks: &Marks, database: &TestDatabase) {
    for field in Field::ALL {
        let marked = marks.all().iter().any(|mark| mark.field == *field);
        assert!(
            marked != NOT_STORED.contains(field),
            "{field:?} needs a marker in the house, or a reason in NOT_STORED"
        );
    }
    // What is said to be stored nowhere has no column either.
    let beside = database.connect().await;
    for field in NOT_STORED {
        let column = format!("SELECT {} FROM {} LIMIT 1", field.column(), field.table());
        assert!(beside.execute_unprepared(&column).await.is_err(), "{field:?} can be stored");
    }
    beside.close().await.unwrap();
}

/// A test that finds no leak because it reaches nothing proves nothing.
fn what_may_be_seen_was_seen(seen: &Seen) {
    for field in Field::ALL.iter().filter(|field| !NOT_STORED.contains(field)) {
        let times = seen.0.get(field).copied().unwrap_or_default();
        let hidden = NOT_SHOWN.contains(field) || BY_FORM.contains(field);
        assert!((times > 0) != hidden, "{field:?} was seen {times} times");
    }
}
