//! What holds for every page in every state.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::gallery::{self, Sample};

/// One opening or closing tag.
#[derive(Debug)]
struct Tag {
    name: String,
    attributes: BTreeMap<String, String>,
    /// Text up to the next tag.
    text: String,
}

impl Tag {
    fn get(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }
}

/// Reads what askama writes: attributes in double quotes, no comments, no raw text.
fn tags(html: &str) -> Vec<Tag> {
    html.split('<')
        .skip(1)
        .map(|piece| {
            let (inside, text) = piece.split_once('>').unwrap_or_else(|| panic!("open: {piece}"));
            let mut rest = inside.trim_end_matches('/').trim();
            let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
            let name = rest[..end].to_owned();
            rest = rest[end..].trim_start();
            let mut attributes = BTreeMap::new();
            while !rest.is_empty() {
                let end = rest.find(['=', ' ', '\n']).unwrap_or(rest.len());
                let key = rest[..end].to_owned();
                rest = &rest[end..];
                let value = match rest.strip_prefix("=\"") {
                    Some(value) => {
                        let (value, after) = value.split_once('"').unwrap();
                        rest = after;
                        value.to_owned()
                    }
                    None => String::new(),
                };
                rest = rest.trim_start();
                assert!(attributes.insert(key.clone(), value).is_none(), "{key} twice: {inside}");
            }
            Tag { name, attributes, text: text.to_owned() }
        })
        .collect()
}

fn each(check: impl Fn(&Sample, &[Tag])) {
    let pages = gallery::pages().unwrap();
    assert!(!pages.is_empty());
    for page in &pages {
        check(page, &tags(&page.html));
    }
}

#[test]
fn headings_begin_with_one_h1_and_leave_no_level_out() {
    each(|page, tags| {
        let levels: Vec<u32> =
            tags.iter().filter_map(|tag| tag.name.strip_prefix('h')?.parse().ok()).collect();
        assert_eq!(levels.iter().filter(|&&level| level == 1).count(), 1, "{}", page.name);
        for pair in levels.windows(2) {
            assert!(pair[1] <= pair[0] + 1, "{}: h{} after h{}", page.name, pair[1], pair[0]);
        }
    });
}

#[test]
fn ids_are_unique_and_whatever_is_referred_to_exists() {
    each(|page, tags| {
        let mut ids = BTreeSet::new();
        for id in tags.iter().filter_map(|tag| tag.get("id")) {
            assert!(ids.insert(id), "{}: {id} twice", page.name);
        }
        for tag in tags {
            let list = ["aria-describedby", "aria-labelledby", "for"];
            let referred = list.iter().filter_map(|name| tag.get(name));
            let within = tag.get("href").and_then(|href| href.strip_prefix('#'));
            for id in referred.flat_map(str::split_whitespace).chain(within) {
                assert!(ids.contains(id), "{}: nothing has the id {id}", page.name);
            }
        }
    });
}

#[test]
fn every_field_has_a_label_and_every_form_a_receipt() {
    each(|page, tags| {
        let labels: BTreeSet<&str> = tags
            .iter()
            .filter(|tag| tag.name == "label")
            .filter_map(|tag| tag.get("for"))
            .collect();
        let mut in_form = None;
        let mut receipts = 0;
        for tag in tags {
            match tag.name.as_str() {
                "form" => {
                    assert_eq!(tag.get("method"), Some("post"), "{}", page.name);
                    assert!(in_form.is_none(), "{}: a form inside a form", page.name);
                    in_form = tag.get("action");
                    receipts = 0;
                }
                "/form" => {
                    let action = in_form.take().unwrap();
                    let expected = usize::from(action != "/sign-out");
                    assert_eq!(receipts, expected, "{}: receipts of {action}", page.name);
                }
                "input" if tag.get("type") == Some("hidden") => {
                    receipts += usize::from(tag.get("name") == Some("receipt"));
                }
                "input" | "select" | "textarea" => {
                    let id = tag.get("id").unwrap_or_else(|| panic!("{}: {tag:?}", page.name));
                    assert!(labels.contains(id), "{}: {id} has no label", page.name);
                    // A text to copy is sent nowhere.
                    let to_copy = tag.get("readonly").is_some() && tag.get("name").is_none();
                    assert!(in_form.is_some() || to_copy, "{}: {id} is in no form", page.name);
                }
                "button" => assert!(in_form.is_some(), "{}: {tag:?} in no form", page.name),
                _ => {}
            }
        }
    });
}

#[test]
fn nothing_needs_inline_style_or_script_and_nothing_comes_from_elsewhere() {
    each(|page, tags| {
        for tag in tags {
            assert_ne!(tag.name, "script", "{}", page.name);
            assert_ne!(tag.name, "style", "{}", page.name);
            for (name, value) in &tag.attributes {
                assert!(name != "style" && !name.starts_with("on"), "{}: {name}", page.name);
                if matches!(name.as_str(), "href" | "src" | "action") {
                    // A telephone's own programs ask nobody for anything by themselves.
                    let programs = ["tel:", "sms:", "mailto:"];
                    let ours = value.starts_with(['/', '#'])
                        || programs.iter().any(|program| value.starts_with(program));
                    assert!(ours && !value.starts_with("//"), "{}: {value}", page.name);
                }
            }
        }
    });
}

#[test]
fn titles_name_no_person_and_say_when_something_is_wrong() {
    each(|page, tags| {
        let title = &tags.iter().find(|tag| tag.name == "title").unwrap().text;
        for name in ["Margaret", "Ruth", "Joan", "Tom", "Derek", "Grace", "Jean", "Amira"] {
            assert!(!title.contains(name), "{}: {title}", page.name);
        }
        assert!(title.ends_with(" – Kith") && title.len() > " – Kith".len(), "{}", page.name);
        let wrong = page.html.contains("govuk-error-summary");
        assert_eq!(title.starts_with("Error: "), wrong, "{}: {title}", page.name);
    });
}

#[test]
fn the_tone_is_quiet() {
    const UNWANTED: [&str; 13] = [
        "!",
        "click here",
        "submit",
        "access denied",
        "user",
        "compliance",
        "passed away",
        "deceased",
        "unfilled",
        "no-show",
        "oops",
        "invalid",
        "please note",
    ];
    each(|page, tags| {
        for tag in tags {
            let text = tag.text.to_lowercase();
            for unwanted in UNWANTED {
                assert!(!text.contains(unwanted), "{}: {unwanted:?} in {text:?}", page.name);
            }
        }
    });
}

#[test]
fn names_of_samples_are_unique() {
    let pages = gallery::pages().unwrap();
    let names: BTreeSet<&str> = pages.iter().map(|page| page.name.as_str()).collect();
    assert_eq!(names.len(), pages.len());
}

#[test]
fn no_template_switches_escaping_off() {
    fn walk(directory: &Path, seen: &mut usize) {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, seen);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            for switch in ["|safe", "| safe", "escape(\"none\")", "{% filter safe"] {
                assert!(!text.contains(switch), "{switch} in {}", path.display());
            }
            *seen += 1;
        }
    }
    let mut seen = 0;
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("templates"), &mut seen);
    assert!(seen > 5);
}
