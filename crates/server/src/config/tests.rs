use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr};
use std::os::unix::fs::PermissionsExt as _;

use super::layers::SECTIONS;
use super::*;

/// Loads with one file; `env` and flags as given.
fn load(file: &str, env: &[(&str, &str)], flags: Overrides) -> Result<Config, ConfigError> {
    let mut own = tempfile::Builder::new().suffix(".toml").tempfile().unwrap();
    own.write_all(file.as_bytes()).unwrap();
    let env = env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Config::load(Some(own.path()), env, flags)
}

fn from_env(env: &[(&str, &str)]) -> Result<Config, ConfigError> {
    load("", env, Overrides::default())
}

/// The words of a refusal, with its causes.
#[track_caller]
fn refused(result: Result<Config, ConfigError>) -> String {
    result.expect_err("it must be refused").to_string()
}

/// A file with a secret, readable as `mode` says.
fn secret(content: &str, mode: u32) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(content.as_bytes()).unwrap();
    std::fs::set_permissions(file.path(), std::fs::Permissions::from_mode(mode)).unwrap();
    file
}

#[test]
fn the_defaults_are_right_and_name_every_key_once() {
    let config = Config::load(None, std::iter::empty(), Overrides::default()).unwrap();
    assert_eq!(config.server.listen, (Ipv4Addr::LOCALHOST, 8000).into());
    assert_eq!(config.server.base_url.as_str(), "http://localhost:8000");
    assert_eq!(config.database.url, DatabaseUrl::Sqlite("data/kith.db".into()));
    assert!(config.mail.login.is_none() && config.mail.reply_to.is_none());
    assert_eq!(config.log.format, LogFormat::Text);

    let text = include_str!("../../../../config/default.toml");
    let mut section = "";
    let mut found = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']');
        } else if let Some((key, _)) = line.split_once(" = ") {
            found.push(format!("{section}.{key}"));
        }
    }
    let known: Vec<_> = SECTIONS
        .iter()
        .flat_map(|(section, keys)| keys.iter().map(move |key| format!("{section}.{key}")))
        .collect();
    assert_eq!(found, known);
}

#[test]
fn every_default_is_explained_above_it() {
    let text = include_str!("../../../../config/default.toml");
    let lines: Vec<_> = text.lines().collect();
    for pair in lines.windows(2) {
        if pair[1].contains(" = ") && !pair[1].starts_with('#') {
            // `port` and `password_file` share the words of the line above them.
            let explained = pair[0].starts_with('#')
                || pair[1].starts_with("port")
                || pair[1].starts_with("password_file");
            assert!(explained, "{}", pair[1]);
        }
    }
}

#[test]
fn the_example_for_production_is_right_but_for_its_files() {
    let text = include_str!("../../../../config/production.example.toml");
    let missing = ("KITH_MAIL__PASSWORD_FILE", "no-such-folder/password");
    let said = refused(load(text, &[missing], Overrides::default()));
    assert!(said.contains("mail.password_file"), "{said}");
    let password = secret("a b\n", 0o600);
    let path = password.path().to_str().unwrap();
    let config = load(text, &[("KITH_MAIL__PASSWORD_FILE", path)], Overrides::default()).unwrap();
    assert_eq!(config.mail.tls, RelayTls::StartTls);
    assert_eq!(config.mail.from.address(), "circles@hospice.example");
    assert_eq!(config.mail.from.name(), Some("Circles at the hospice"));
    assert!(config.server.base_url.is_https());
    let login = config.mail.login.unwrap();
    assert_eq!((login.user.as_str(), login.password.expose()), ("kith", "a b"));
}

#[test]
fn stronger_places_win_and_the_rest_stays() {
    let file =
        "[server]\nlisten = \"127.0.0.1:1\"\n[log]\nformat = \"json\"\n[mail]\nport = 2525\n";
    let env = [("KITH_SERVER__LISTEN", "127.0.0.1:2"), ("KITH_LOG__FILTER", "debug")];
    let flags = Overrides::default().with("--listen", "server.listen", Some("[::1]:3".to_owned()));
    let flags = flags.with("--base-url", "server.base_url", None);
    let config = load(file, &env, flags).unwrap();
    assert_eq!(config.server.listen, "[::1]:3".parse().unwrap());
    assert_eq!(config.log.filter, "debug");
    assert_eq!(config.log.format, LogFormat::Json);
    assert_eq!(config.mail.port, 2525);
    assert_eq!(load(file, &env, Overrides::default()).unwrap().server.listen.port(), 2);
    assert_eq!(load(file, &[], Overrides::default()).unwrap().server.listen.port(), 1);
}

#[test]
fn variables_of_others_are_not_ours() {
    let config = from_env(&[("PATH", "x"), ("KITHSERVER__LISTEN", "x"), ("MAIL__PORT", "x")]);
    assert!(config.is_ok());
}

/// Each: key, value, and a word of what is allowed.
const BAD: &[(&str, &str, &str)] = &[
    ("server.listen", "8000", "127.0.0.1:8000"),
    ("server.listen", "localhost:8000", "an address and a port"),
    ("server.listen", "127.0.0.1:70000", "an address and a port"),
    ("server.listen", "", "an address and a port"),
    ("server.base_url", "circles.hospice.example", "https://"),
    ("server.base_url", "http://circles.hospice.example", "http only for this machine"),
    ("server.base_url", "https://circles.hospice.example/kith", "without a path"),
    ("server.base_url", "https://circles.hospice.example/?a=b", "without a path"),
    ("server.base_url", "https://circles.hospice.example/#top", "without a path"),
    ("server.base_url", "https://hospice.example@elsewhere.example", "https://"),
    ("server.base_url", "https://circles.hospice.example:0", "https://"),
    ("server.base_url", "ftp://circles.hospice.example", "https://"),
    ("server.base_url", "http://127.0.0.1.elsewhere.example", "http only for this machine"),
    ("server.trusted_proxies", "10.0.0.0/33", "networks"),
    ("server.trusted_proxies", "0.0.0.0/0", "networks"),
    ("server.trusted_proxies", "127.0.0.1,proxy.example", "networks"),
    ("server.trusted_proxies", "127.0.0.1,", "networks"),
    ("server.shutdown_seconds", "0", "from 1 to 300"),
    ("server.shutdown_seconds", "301", "from 1 to 300"),
    ("server.shutdown_seconds", "soon", "a whole number"),
    ("server.shutdown_seconds", "1.5", "a whole number"),
    ("server.shutdown_seconds", "-1", "a whole number"),
    ("database.url", "mysql://kith@localhost/kith", "sqlite:PATH"),
    ("database.url", "sqlite::memory:", "sqlite:PATH"),
    ("database.url", "sqlite:", "sqlite:PATH"),
    ("database.url", "sqlite:a.db?mode=ro", "sqlite:PATH"),
    ("database.url", "postgres://localhost/kith", "USER@HOST"),
    ("database.url", "postgres://kith@localhost", "USER@HOST"),
    ("database.url", "postgres://kith@/kith", "USER@HOST"),
    ("database.connections", "0", "from 1 to 200"),
    ("database.connections", "201", "from 1 to 200"),
    ("keys.file", "", "the path of a file"),
    ("mail.relay", "", "host name"),
    ("mail.relay", "smtp.example:25", "without a port"),
    ("mail.relay", "two words", "host name"),
    ("mail.port", "0", "from 1 to 65535"),
    ("mail.port", "65536", "from 1 to 65535"),
    ("mail.tls", "ssl", "starttls"),
    ("mail.tls", "none", "none-loopback-only"),
    ("mail.tls", "STARTTLS", "starttls"),
    ("mail.from", "nobody", "Name <address>"),
    ("mail.from", "a@b@c", "Name <address>"),
    ("mail.from", "", "Name <address>"),
    ("mail.from", "Kith <kith@localhost>\nBcc: x@example.org", "Name <address>"),
    ("mail.from", "Kith\r\nBcc: x@example.org <kith@localhost>", "Name <address>"),
    ("mail.from", "two words@example.org", "Name <address>"),
    ("mail.reply_to", "help", "or empty"),
    ("mail.connections", "0", "from 1 to 50"),
    ("mail.connections", "51", "from 1 to 50"),
    ("reminders.tick_seconds", "0", "from 1 to 30"),
    ("reminders.lease_seconds", "1", "from 2 to 59"),
    ("reminders.operator_email", "help", "or empty"),
    ("log.filter", "", "directives"),
    ("log.filter", "kith_app=loud", "directives"),
    ("log.format", "xml", "\"text\" or \"json\""),
];

#[test]
fn every_bad_value_is_refused_with_its_key_its_place_and_what_is_allowed() {
    for (key, value, allowed) in BAD {
        let name = format!("KITH_{}", key.replace('.', "__").to_uppercase());
        let said = refused(from_env(&[(&name, value)]));
        for word in [&format!("`{key}`"), &name, &(*allowed).to_owned()] {
            assert!(said.contains(word.as_str()), "{said:?} does not say {word:?}");
        }
        let (section, short) = key.split_once('.').unwrap();
        let file = format!("[{section}]\n{short} = {value:?}\n");
        let said = refused(load(&file, &[], Overrides::default()));
        assert!(said.contains(&format!("`{key}`")) && said.contains(".toml"), "{said}");
    }
}

#[test]
fn values_of_the_wrong_kind_are_refused() {
    for (file, key) in [
        ("[server]\nlisten = [\"127.0.0.1:1\"]", "server.listen"),
        ("[server]\ntrusted_proxies = [[\"127.0.0.1\"]]", "server.trusted_proxies"),
        ("[server]\nshutdown_seconds = 1.5", "server.shutdown_seconds"),
        ("[mail]\nport = true", "mail.port"),
        ("[mail]\ntls = false", "mail.tls"),
        ("[mail.relay]\nhost = \"localhost\"", "mail.relay.host"),
        ("server = 3", "server"),
    ] {
        let said = refused(load(file, &[], Overrides::default()));
        assert!(said.contains(&format!("`{key}`")), "{said}");
    }
}

#[test]
fn keys_that_do_not_exist_are_refused_with_those_that_do() {
    let file = |text| refused(load(text, &[], Overrides::default()));
    let said = file("[server]\nlisten_on = \"x\"");
    assert!(said.contains("`server.listen_on`") && said.contains("listen, base_url"), "{said}");
    let said = file("[sever]\nlisten = \"x\"");
    assert!(said.contains("`sever.listen`") && said.contains("server, database"), "{said}");
    let said = file("[sever]");
    assert!(said.contains("`sever`"), "{said}");
    let said = refused(from_env(&[("KITH_LISTEN", "127.0.0.1:1")]));
    assert!(said.contains("KITH_LISTEN") && said.contains("server, database"), "{said}");
    let said = refused(from_env(&[("KITH_MAIL__HOST", "x")]));
    assert!(said.contains("KITH_MAIL__HOST") && said.contains("relay, port"), "{said}");
}

#[test]
fn a_file_that_is_missing_or_no_toml_is_named() {
    let nowhere = Path::new("no-such-folder/kith.toml");
    let said = refused(Config::load(Some(nowhere), std::iter::empty(), Overrides::default()));
    assert!(said.contains("no-such-folder/kith.toml"), "{said}");
    let said = refused(load("[server\nlisten = 1", &[], Overrides::default()));
    assert!(said.contains(".toml") && said.contains("line 1"), "{said}");
}

#[test]
fn a_password_in_the_address_is_refused_and_not_repeated() {
    for url in [
        "postgres://kith:hunter2@localhost/kith",
        "postgres://kith@localhost/kith?password=hunter2",
        "postgres://kith:hunter@2@localhost/kith",
    ] {
        let said = refused(from_env(&[("KITH_DATABASE__URL", url)]));
        assert!(said.contains("database.password_file"), "{said}");
        assert!(!said.contains("hunter"), "{said}");
    }
}

#[test]
fn values_that_do_not_go_together_are_refused() {
    let password = secret("p", 0o600);
    let path = password.path().to_str().unwrap();
    for (env, keys) in [
        (vec![("KITH_MAIL__RELAY", "smtp.example")], ["mail.tls", "mail.relay"]),
        (vec![("KITH_MAIL__USER", "kith")], ["mail.user", "mail.password_file"]),
        (vec![("KITH_MAIL__PASSWORD_FILE", path)], ["mail.user", "mail.password_file"]),
        (vec![("KITH_DATABASE__PASSWORD_FILE", path)], ["database.password_file", "database.url"]),
        (
            vec![("KITH_REMINDERS__TICK_SECONDS", "30"), ("KITH_REMINDERS__LEASE_SECONDS", "31")],
            ["reminders.tick_seconds", "reminders.lease_seconds"],
        ),
    ] {
        let said = refused(from_env(&env));
        assert!(keys.iter().all(|key| said.contains(key)), "{said}");
    }
}

#[test]
fn relays_on_this_machine_need_no_tls() {
    for relay in ["localhost", "127.0.0.1", "127.8.8.8", "::1", "mail.localhost"] {
        assert!(from_env(&[("KITH_MAIL__RELAY", relay)]).is_ok(), "{relay}");
    }
    let tls = [("KITH_MAIL__RELAY", "smtp.example"), ("KITH_MAIL__TLS", "implicit")];
    assert_eq!(from_env(&tls).unwrap().mail.tls, RelayTls::Implicit);
}

#[test]
fn a_secret_is_one_line_that_only_its_owner_can_read() {
    let url = ("KITH_DATABASE__URL", "postgres://kith@db.example/kith?sslmode=verify-full");
    let with =
        |path: &Path| from_env(&[url, ("KITH_DATABASE__PASSWORD_FILE", path.to_str().unwrap())]);
    for (content, mode, word) in [
        ("hunter2", 0o640, "chmod 600"),
        ("hunter2", 0o604, "chmod 600"),
        ("hunter2", 0o660, "mode 660"),
        ("", 0o600, "one line"),
        ("hunter2\nhunter3\n", 0o600, "one line"),
        (&"x".repeat(1025), 0o600, "1024"),
    ] {
        let file = secret(content, mode);
        let said = refused(with(file.path()));
        assert!(said.contains("`database.password_file`") && said.contains(word), "{said}");
        assert!(!said.contains("hunter"), "{said}");
    }
    let said = refused(with(Path::new("no-such-folder/password")));
    assert!(said.contains("no-such-folder/password") && said.contains("cannot be read"), "{said}");
    let folder = tempfile::tempdir().unwrap();
    assert!(refused(with(folder.path())).contains("not a file"));

    let file = secret("pass:w/rd €\r\n", 0o400);
    let config = with(file.path()).unwrap();
    assert!(!format!("{config:?}").contains("pass:"), "{config:?}");
    let password = config.database.password.as_ref();
    assert_eq!(
        config.database.url.to_connect(password).expose(),
        "postgres://kith:pass%3Aw%2Frd%20%E2%82%AC@db.example/kith?sslmode=verify-full"
    );
    assert_eq!(
        config.database.url.to_connect(None).expose(),
        "postgres://kith@db.example/kith?sslmode=verify-full"
    );
}

#[test]
fn addresses_are_written_as_browsers_write_them() {
    for (given, origin, host) in [
        (
            "https://Circles.Hospice.example/",
            "https://circles.hospice.example",
            "circles.hospice.example",
        ),
        ("https://circles.example:443", "https://circles.example", "circles.example"),
        ("https://circles.example:8443", "https://circles.example:8443", "circles.example"),
        ("http://localhost:80", "http://localhost", "localhost"),
        ("http://[::1]:8000", "http://[::1]:8000", "[::1]"),
    ] {
        let url = BaseUrl::parse(given).unwrap();
        assert_eq!((url.as_str(), url.host()), (origin, host));
    }
}

#[test]
fn networks_hold_what_they_should() {
    let holds = |network: &str, address: &str| {
        Network::parse(network).unwrap().contains(address.parse::<IpAddr>().unwrap())
    };
    assert!(holds("10.1.0.0/16", "10.1.255.255"));
    assert!(!holds("10.1.0.0/16", "10.2.0.0"));
    assert!(holds("127.0.0.1", "127.0.0.1") && !holds("127.0.0.1", "127.0.0.2"));
    assert!(holds("127.0.0.1", "::ffff:127.0.0.1"));
    assert!(holds("2001:db8::/33", "2001:db8:7fff::1"));
    assert!(!holds("2001:db8::/33", "2001:db8:8000::1"));
    assert!(!holds("2001:db8::/33", "10.1.0.1"));
    assert!(holds("128.0.0.0/1", "255.0.0.1") && !holds("128.0.0.0/1", "127.0.0.1"));
}

#[test]
fn proxies_may_be_a_list_or_one_text_with_commas() {
    let list =
        load("[server]\ntrusted_proxies = [\"10.0.0.0/8\", \"::1\"]", &[], Overrides::default());
    let text = from_env(&[("KITH_SERVER__TRUSTED_PROXIES", "10.0.0.0/8, ::1")]);
    assert_eq!(list.unwrap().server.trusted_proxies, text.unwrap().server.trusted_proxies);
    let none = from_env(&[("KITH_SERVER__TRUSTED_PROXIES", "")]).unwrap();
    assert!(none.server.trusted_proxies.is_empty());
}
