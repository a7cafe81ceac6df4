//! A browser without scripts: keeps cookies, follows redirects, and fills in the forms it is shown.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use kith_tests::without_tokens;
use tower::ServiceExt as _;

use crate::hospice::NUMBER;

pub(crate) const HOST: &str = "kith.example";

/// What was answered.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) body: String,
    /// Where the last redirect led.
    pub(crate) path: String,
}

impl Page {
    /// Whether it was answered with a page and not with a refusal.
    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.status, StatusCode::OK, "{}: {}", self.path, self.text());
        self
    }

    #[track_caller]
    pub(crate) fn is(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}: {}", self.path, self.text());
        self
    }

    #[track_caller]
    pub(crate) fn says(self, words: &str) -> Self {
        assert!(
            self.text().contains(words),
            "{} does not say {words:?}: {}",
            self.path,
            self.text()
        );
        self
    }

    #[track_caller]
    pub(crate) fn keeps_quiet_about(self, words: &str) -> Self {
        assert!(!without_tokens(&self.body).contains(words), "{} says {words:?}", self.path);
        self
    }

    /// The words of the page, without its tags.
    pub(crate) fn text(&self) -> String {
        let main = self.body.split_once("<main").map_or(self.body.as_str(), |(_, main)| main);
        let mut text = String::new();
        let mut inside = false;
        for letter in main.chars() {
            match letter {
                '<' => inside = true,
                '>' => {
                    inside = false;
                    text.push(' ');
                }
                other if !inside => text.push(other),
                _ => {}
            }
        }
        unescaped(&text).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The first address on the page that begins and ends like this.
    #[track_caller]
    pub(crate) fn link(&self, begins: &str, ends: &str) -> String {
        let mut links = self.body.split("href=\"").skip(1);
        let found = links.find_map(|rest| {
            let href = unescaped(rest.split('"').next()?);
            (href.starts_with(begins) && href.ends_with(ends)).then_some(href)
        });
        found
            .unwrap_or_else(|| panic!("{} links to no {begins}…{ends}: {}", self.path, self.text()))
    }

    /// The fields of the form whose action ends like this, as a browser would send them untouched.
    #[track_caller]
    pub(crate) fn form(&self, ends: &str) -> (String, Vec<(String, String)>) {
        let form = self.body.split("<form").skip(1).find_map(|rest| {
            let (form, _) = rest.split_once("</form>")?;
            let action = attribute(form, "action")?;
            action.ends_with(ends).then(|| (action, fields(form)))
        });
        form.unwrap_or_else(|| panic!("{} has no form to …{ends}: {}", self.path, self.text()))
    }
}

/// One browser on one device.
#[derive(Clone)]
pub(crate) struct Browser {
    router: Router,
    cookies: BTreeMap<String, String>,
    /// What each was set with.
    attributes: BTreeMap<String, String>,
    /// What an older browser says instead of Fetch Metadata.
    pub(crate) origin: Option<&'static str>,
    /// The page it shows.
    pub(crate) page: Option<Page>,
}

impl Browser {
    pub(crate) fn new(router: &Router) -> Self {
        Self {
            router: router.clone(),
            cookies: BTreeMap::new(),
            attributes: BTreeMap::new(),
            origin: None,
            page: None,
        }
    }

    /// Seconds for which a cookie is kept. None when it goes with the browser's window.
    #[track_caller]
    pub(crate) fn keeps(&self, cookie: &str) -> Option<i64> {
        let attributes = &self.attributes[cookie];
        let age = attributes.split("; ").find_map(|one| one.strip_prefix("Max-Age="));
        assert!(age.is_some() || !attributes.contains("Expires"), "{attributes}");
        age.map(|age| age.parse().unwrap())
    }

    /// Opens a path and follows where it leads.
    pub(crate) async fn open(&mut self, path: &str) -> Page {
        self.send(Method::GET, path, None).await
    }

    /// The same, and gives the own number when it is asked for.
    pub(crate) async fn surely(&mut self, path: &str) -> Page {
        let page = self.open(path).await;
        if page.body.contains("Your own number – Kith") {
            return self.submit("/number", &[("number", NUMBER)]).await;
        }
        page
    }

    /// Fills in a form of the page that is shown, and sends it.
    pub(crate) async fn submit(&mut self, ends: &str, typed: &[(&str, &str)]) -> Page {
        let (action, fields) = self.page.as_ref().expect("a page is shown").form(ends);
        self.post(&action, &typed_over(fields, typed)).await
    }

    /// Sends fields to a path.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(String, String)]) -> Page {
        self.send(Method::POST, path, Some(encoded(fields))).await
    }

    async fn send(&mut self, method: Method, path: &str, body: Option<String>) -> Page {
        let (mut method, mut path, mut body) = (method, path.to_owned(), body);
        for _ in 0..8 {
            let (status, next, text) = self.once(method, &path, body.take()).await;
            let Some(next) = next.filter(|_| status.is_redirection()) else {
                let page = Page { status, body: text, path };
                self.page = Some(page.clone());
                return page;
            };
            (method, path) = (Method::GET, next);
        }
        panic!("{path} leads in a circle");
    }

    async fn once(
        &mut self,
        method: Method,
        path: &str,
        body: Option<String>,
    ) -> (StatusCode, Option<String>, String) {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, HOST)
            .header(
                self.origin.map_or("sec-fetch-site", |_| "origin"),
                self.origin.unwrap_or("same-origin"),
            )
            .header(header::COOKIE, cookies.join("; "))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body.unwrap_or_default()))
            .unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            let (pair, rest) = cookie.split_once(';').unwrap_or((cookie, ""));
            let (name, value) = pair.split_once('=').unwrap();
            if rest.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
                self.attributes.insert(name.to_owned(), rest.trim_start().to_owned());
            }
        }
        let next = parts.headers.get(header::LOCATION).map(|to| to.to_str().unwrap().to_owned());
        let bytes = body.collect().await.unwrap().to_bytes();
        (parts.status, next, String::from_utf8_lossy(&bytes).into_owned())
    }
}

/// The fields with some of them typed anew; an empty text in place of a tick takes it away.
pub(crate) fn typed_over(
    fields: Vec<(String, String)>,
    typed: &[(&str, &str)],
) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = fields
        .into_iter()
        .filter(|(name, _)| !typed.iter().any(|(field, _)| field == name))
        .collect();
    all.extend(typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    all
}

fn encoded(fields: &[(String, String)]) -> String {
    let escaped = |text: &str| -> String {
        text.bytes()
            .map(|byte| match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                    char::from(byte).to_string()
                }
                _ => format!("%{byte:02X}"),
            })
            .collect()
    };
    let pairs: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{}={}", escaped(name), escaped(value)))
        .collect();
    pairs.join("&")
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let inside = tag.split('>').next()?;
    let (_, rest) = inside.split_once(&format!(" {name}=\""))?;
    rest.split('"').next().map(unescaped)
}

fn fields(form: &str) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    let mut select = None;
    for tag in form.split('<').skip(1) {
        let inside = tag.split('>').next().unwrap_or_default();
        let name = attribute(tag, "name");
        let value = attribute(tag, "value");
        if tag.starts_with("input ") {
            let kind = attribute(tag, "type").unwrap_or_default();
            let sent = !matches!(&*kind, "radio" | "checkbox") || inside.contains(" checked");
            fields.extend(name.filter(|_| sent).map(|name| (name, value.unwrap_or_default())));
        } else if tag.starts_with("textarea ") {
            let text = tag.split_once('>').map_or("", |(_, text)| text);
            let text = unescaped(text.strip_prefix('\n').unwrap_or(text));
            fields.extend(name.map(|name| (name, text)));
        } else if tag.starts_with("select ") {
            select = name;
            fields.extend(select.clone().map(|name| (name, String::new())));
        } else if tag.starts_with("option ")
            && inside.contains(" selected")
            && let (Some(_), Some(last)) = (&select, fields.last_mut())
        {
            last.1 = value.unwrap_or_default();
        }
    }
    fields
}

fn unescaped(text: &str) -> String {
    text.replace("&#60;", "<")
        .replace("&#62;", ">")
        .replace("&#34;", "\"")
        .replace("&#39;", "'")
        .replace("&#38;", "&")
        .replace("&nbsp;", " ")
}
