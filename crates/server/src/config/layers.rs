//! Values from four places, the stronger over the weaker, each knowing where it was set.

use std::collections::BTreeMap;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use config::{File, FileFormat, Map, Source as _, Value, ValueKind};

use super::{ConfigError, Secret};

const DEFAULTS: &str = include_str!("../../../../config/default.toml");
const PREFIX: &str = "KITH_";

/// Every section with its keys. A unit test holds it against `config/default.toml`.
pub(super) const SECTIONS: &[(&str, &[&str])] = &[
    ("server", &["listen", "base_url", "trusted_proxies", "shutdown_seconds"]),
    ("database", &["url", "password_file", "connections", "endings_file"]),
    ("keys", &["file"]),
    ("mail", &["relay", "port", "tls", "user", "password_file", "from", "reply_to", "connections"]),
    ("reminders", &["tick_seconds", "lease_seconds", "operator_email"]),
    ("log", &["filter", "format"]),
];

/// Values given on the command line.
#[derive(Debug, Clone, Default)]
pub struct Overrides(Vec<(&'static str, &'static str, String)>);

impl Overrides {
    /// Adds a flag such as `--listen`, the key that it sets, and its value, if it was given.
    #[must_use]
    pub fn with(mut self, flag: &'static str, key: &'static str, value: Option<String>) -> Self {
        self.0.extend(value.map(|value| (flag, key, value)));
        self
    }
}

/// The variables of this process that are ours.
pub fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().filter_map(|(name, value)| {
        let name = name.into_string().ok().filter(|name| name.starts_with(PREFIX))?;
        Some((name, value.to_string_lossy().into_owned()))
    })
}

struct Entry {
    value: Value,
    origin: String,
}

/// The strongest value of each key.
pub(super) struct Layers(BTreeMap<String, Entry>);

impl Layers {
    pub(super) fn read(
        file: Option<&Path>,
        env: impl Iterator<Item = (String, String)>,
        flags: Overrides,
    ) -> Result<Self, ConfigError> {
        let mut layers = Self(BTreeMap::new());
        layers.toml(DEFAULTS, "the defaults")?;
        if let Some(path) = file {
            let text = std::fs::read_to_string(path)
                .map_err(|source| ConfigError::File { path: path.to_owned(), source })?;
            layers.toml(&text, &path.display().to_string())?;
        }
        for (name, value) in env {
            let Some(key) = name.strip_prefix(PREFIX) else { continue };
            let key = key.replace("__", ".").to_lowercase();
            layers.set(key, Value::new(None, value), format!("the variable {name}"))?;
        }
        for (flag, key, value) in flags.0 {
            layers.set(key.to_owned(), Value::new(None, value), format!("the flag {flag}"))?;
        }
        Ok(layers)
    }

    fn toml(&mut self, text: &str, origin: &str) -> Result<(), ConfigError> {
        let table = File::from_str(text, FileFormat::Toml).collect().map_err(|error| {
            ConfigError::Syntax { origin: origin.to_owned(), problem: error.to_string() }
        })?;
        self.table("", table, origin)
    }

    fn table(
        &mut self,
        above: &str,
        table: Map<String, Value>,
        origin: &str,
    ) -> Result<(), ConfigError> {
        for (name, value) in table {
            let key = if above.is_empty() { name } else { format!("{above}.{name}") };
            match value.kind {
                ValueKind::Table(inner) => {
                    // An empty section sets nothing, but it may still be a misspelt one.
                    if inner.is_empty() && !SECTIONS.iter().any(|(section, _)| *section == key) {
                        return Err(unknown(key, origin));
                    }
                    self.table(&key, inner, origin)?;
                }
                _ => self.set(key, value, origin.to_owned())?,
            }
        }
        Ok(())
    }

    fn set(&mut self, key: String, value: Value, origin: String) -> Result<(), ConfigError> {
        let known = key.split_once('.').is_some_and(|(section, name)| {
            SECTIONS.iter().any(|(known, names)| *known == section && names.contains(&name))
        });
        if !known {
            return Err(unknown(key, &origin));
        }
        self.0.insert(key, Entry { value, origin });
        Ok(())
    }

    /// A value that must be there.
    pub(super) fn parse<T>(
        &self,
        key: &'static str,
        allowed: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, ConfigError> {
        let text = self.text(key);
        text.as_deref().and_then(parse).ok_or_else(|| {
            let value = text.map(|text| format!("{text:?}"));
            self.refused(key, value.unwrap_or_else(|| "a list".to_owned()), allowed)
        })
    }

    /// As [`Layers::parse`], with a refusal that does not show the value.
    pub(super) fn parse_unseen<T>(
        &self,
        key: &'static str,
        allowed: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, ConfigError> {
        let parsed = self.text(key).as_deref().and_then(parse);
        parsed.ok_or_else(|| self.refused(key, "not right".to_owned(), allowed))
    }

    /// A value that is not set when it is empty.
    pub(super) fn optional<T>(
        &self,
        key: &'static str,
        allowed: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, ConfigError> {
        if self.text(key).is_some_and(|text| text.is_empty()) {
            return Ok(None);
        }
        self.parse(key, &format!("{allowed}, or empty"), parse).map(Some)
    }

    /// A whole number in a range.
    pub(super) fn number<T>(&self, key: &'static str, least: T, most: T) -> Result<T, ConfigError>
    where
        T: FromStr + PartialOrd + std::fmt::Display + Copy,
    {
        let allowed = format!("a whole number from {least} to {most}");
        self.parse(key, &allowed, |text| {
            text.parse().ok().filter(|number| *number >= least && *number <= most)
        })
    }

    /// A whole number of seconds in a range.
    pub(super) fn seconds(
        &self,
        key: &'static str,
        least: u64,
        most: u64,
    ) -> Result<Duration, ConfigError> {
        self.number(key, least, most).map(Duration::from_secs)
    }

    /// A list; written with commas where it is one text.
    pub(super) fn list<T>(
        &self,
        key: &'static str,
        allowed: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Vec<T>, ConfigError> {
        let kind = self.0.get(key).map(|entry| &entry.value.kind);
        let items: Vec<String> = if let Some(ValueKind::Array(values)) = kind {
            values.iter().map(|value| value.clone().into_string().unwrap_or_default()).collect()
        } else {
            let text = self.text(key).unwrap_or_default();
            let text = text.trim();
            let items = text.split(',').map(|item| item.trim().to_owned());
            items.filter(|_| !text.is_empty()).collect()
        };
        let parsed = |item: String| {
            parse(&item).ok_or_else(|| self.refused(key, format!("{item:?}"), allowed))
        };
        items.into_iter().map(parsed).collect()
    }

    /// What is in the file that `key` names, where it names one.
    pub(super) fn secret(&self, key: &'static str) -> Result<Option<Secret>, ConfigError> {
        let Some(path) = self.optional(key, "the path of a file", super::path)? else {
            return Ok(None);
        };
        let read = Secret::read(&path);
        read.map(Some).map_err(|source| ConfigError::Secret { key, path, source })
    }

    fn text(&self, key: &str) -> Option<String> {
        self.0.get(key).and_then(|entry| entry.value.clone().into_string().ok())
    }

    fn refused(&self, key: &'static str, value: String, allowed: &str) -> ConfigError {
        let origin = self.0.get(key).map(|entry| entry.origin.clone()).unwrap_or_default();
        ConfigError::Value { key, value, origin, allowed: allowed.to_owned() }
    }
}

fn unknown(key: String, origin: &str) -> ConfigError {
    let section = key.split('.').next().unwrap_or_default();
    let section = SECTIONS.iter().find(|(known, _)| *known == section);
    let known = if let Some((section, names)) = section {
        format!("[{section}] has {}", names.join(", "))
    } else {
        let names: Vec<_> = SECTIONS.iter().map(|(name, _)| *name).collect();
        format!("the sections are {}", names.join(", "))
    };
    ConfigError::UnknownKey { key, origin: origin.to_owned(), known }
}
