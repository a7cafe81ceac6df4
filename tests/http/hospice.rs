//! A hospice behind the real router: pages come from it and mails go into memory.

use std::sync::Arc;

use axum::Router;
use kith_app::{App, Delivery, Settings};
use kith_policy::testkit::engine;
use kith_tests::world::delivery;
use kith_tests::{Sink, TestClock, TestDatabase};
use kith_vault::{KeyFile, RandomIds, Vault};
use kith_web::{WebSettings, router};
use tokio_util::sync::CancellationToken;

use crate::browser::{Browser, HOST, Page};

/// A Monday morning in London.
pub(crate) const START: &str = "2026-11-23T09:00:00Z";
/// What everybody here chooses.
pub(crate) const NUMBER: &str = "274159";

pub(crate) struct Hospice {
    pub(crate) app: Arc<App>,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) sink: Arc<Sink>,
    router: Router,
    delivery: Delivery,
}

impl Hospice {
    pub(crate) async fn new(database: &TestDatabase) -> Self {
        let clock = TestClock::reading(START);
        let store = database.open(Arc::<TestClock>::clone(&clock)).await;
        let folder = tempfile::tempdir().unwrap();
        let vault = Vault::new(KeyFile::create(&folder.path().join("kith.key")).unwrap());
        let engine = engine(Arc::new(store.decision_log())).await.unwrap();
        let settings = Settings { base_url: format!("https://{HOST}"), operator_email: None };
        let at = Arc::<TestClock>::clone(&clock);
        let app = Arc::new(App::new(store, vault, engine, at, Arc::new(RandomIds), settings));
        app.add_organisation("Fernhill Hospice", None, "01632 960 101", "Europe/London")
            .await
            .unwrap();
        let sink = Sink::open();
        let router = router(WebSettings {
            app: Arc::clone(&app),
            base_url: format!("https://{HOST}"),
            trusted_proxies: Vec::new(),
            mail_waits: Arc::new(|| {}),
            demo: None,
        });
        let delivery = Delivery { connections: 2, ..delivery(Arc::<Sink>::clone(&sink)) };
        Self { app, clock, sink, router, delivery }
    }

    pub(crate) fn browser(&self) -> Browser {
        Browser::new(&self.router)
    }

    /// Sends what is due and gives the last mail to somebody: its text and its link.
    pub(crate) async fn mail_to(&self, address: &str) -> (String, String) {
        self.app.deliver_due(&self.delivery, &CancellationToken::new()).await.unwrap();
        let mails = self.sink.accepted();
        let mail = mails.iter().rfind(|mail| mail.to == address).expect("a mail came");
        (mail.read().text, path_of(&mail.link()))
    }

    /// Amira comes in for the first time.
    pub(crate) async fn coordinator(&self) -> Browser {
        self.another_coordinator("Amira", "amira@fernhill.example").await
    }

    /// A coordinator comes in for the first time: her mail's code, then the words from the console.
    pub(crate) async fn another_coordinator(&self, name: &str, address: &str) -> Browser {
        let all = self.app.organisation_for_console(None).await.unwrap();
        let staff = self.app.add_coordinator(all.id, name, address).await.unwrap();
        let mut browser = self.browser();
        browser.open("/sign-in").await.ok();
        browser.submit("/sign-in", &[("email", address)]).await.ok();
        let (text, _) = self.mail_to(address).await;
        browser.submit("/sign-in/check", &[("code", &code_in(&text))]).await;
        browser.open("/enrol").await.ok();
        browser.submit("/enrol", &joining(&staff.words)).await.ok();
        browser
    }

    /// Amira starts a circle; the path and the words of its card.
    pub(crate) async fn card(&self) -> (String, String) {
        let mut amira = self.coordinator().await;
        amira.open("/h/start").await.ok();
        let typed = [("who", "carer"), ("name", "Ruth"), ("phone", "01632 960 555")];
        let card = amira.submit("/h/start", &typed).await.ok();
        (path_of(&between(&card.body, "<b class=\"address\">", "<")), said(&card))
    }

    /// A browser that comes in with a link and two words.
    pub(crate) async fn come_in(&self, path: &str, words: &str) -> Browser {
        let mut browser = self.browser();
        browser.open(path).await.ok();
        browser.submit(path, &joining(words)).await.ok();
        browser
    }
}

/// The words, and an own number typed twice.
pub(crate) fn joining(words: &str) -> [(&str, &str); 3] {
    [("words", words), ("number", NUMBER), ("number_again", NUMBER)]
}

/// The two words that a page tells.
pub(crate) fn said(page: &Page) -> String {
    between(&page.body, "<p class=\"said\">", "<")
}

pub(crate) fn between(text: &str, before: &str, after: &str) -> String {
    let (_, rest) = text.split_once(before).unwrap_or_else(|| panic!("no {before} in {text}"));
    rest.split(after).next().unwrap_or_default().trim().to_owned()
}

fn path_of(url: &str) -> String {
    let typed = url.strip_prefix("https://").unwrap_or(url);
    typed.strip_prefix(HOST).unwrap_or(url).to_owned()
}

/// Six figures on a line of their own, with or without a space between them.
pub(crate) fn code_in(text: &str) -> String {
    let bare = |line: &str| line.replace(' ', "");
    let code = |line: &String| line.len() == 6 && line.bytes().all(|byte| byte.is_ascii_digit());
    text.lines().map(bare).find(code).unwrap_or_else(|| panic!("no code in {text}"))
}
