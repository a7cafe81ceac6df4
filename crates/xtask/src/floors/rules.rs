//! The floors as tables: who may import whom, and which crate owns which library.
//!
//! `deny.toml` says the same of the edges, for releases. A change here is a change there.

/// For each of our crates, which of ours it may import, in any table of its Cargo.toml.
///
/// `tests/` may import everything, and nothing may import it.
pub(crate) const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("kith-domain", &[]),
    ("kith-policy", &["kith-domain"]),
    ("kith-vault", &["kith-domain", "kith-policy"]),
    ("kith-migrations", &[]),
    ("kith-store", &["kith-domain", "kith-policy", "kith-vault", "kith-migrations"]),
    ("kith-mail", &["kith-domain"]),
    ("kith-app", &["kith-domain", "kith-policy", "kith-vault", "kith-store", "kith-mail"]),
    ("kith-web", &["kith-domain", "kith-app"]),
    ("kith-scheduler", &["kith-domain", "kith-app"]),
    (
        "kith-server",
        &[
            "kith-domain",
            "kith-policy",
            "kith-vault",
            "kith-migrations",
            "kith-store",
            "kith-mail",
            "kith-app",
            "kith-web",
            "kith-scheduler",
        ],
    ),
    (
        "kith-tests",
        &[
            "kith-domain",
            "kith-policy",
            "kith-vault",
            "kith-migrations",
            "kith-store",
            "kith-mail",
            "kith-app",
            "kith-web",
            "kith-scheduler",
            "kith-server",
        ],
    ),
    ("kith-xtask", &[]),
];

/// A library with one owner.
#[derive(Debug)]
pub(crate) struct Owned {
    /// The library.
    pub(crate) library: &'static str,
    /// Who may name it in `[dependencies]` and `[dev-dependencies]`.
    pub(crate) owners: &'static [&'static str],
    /// Who may name it in `[build-dependencies]` besides.
    pub(crate) at_build: &'static [&'static str],
    /// Why it has one owner, as a sentence.
    pub(crate) reason: &'static str,
}

const DECISIONS: &str = "Decisions are made in one place, so that one place can be proved.";
const PLAINTEXT: &str = "Keys and plaintext are handled in one place.";
const ROWS: &str = "Rows are read and written in one place, always with the organisation.";
const FIGURES: &str = "It is the floor that speed is measured against, and in no build.";
const MAILS: &str = "Mails leave by one door, and only from the outbox.";
const PAGES: &str = "Use cases know nothing of HTTP.";
const TICKS: &str = "The library only ticks; the truth is in rows.";
const CLOCKS: &str = "Wall-clock arithmetic is jiff's; chrono is for sea-orm's columns.";
const WIRING: &str = "The command line and its errors belong to the binary.";

/// Every library with one owner.
pub(crate) const OWNED: &[Owned] = &[
    only("casbin", &["kith-policy"], DECISIONS),
    only("aes-gcm", &["kith-vault"], PLAINTEXT),
    only("argon2", &["kith-vault"], PLAINTEXT),
    only("hmac", &["kith-vault"], PLAINTEXT),
    only("hkdf", &["kith-vault"], PLAINTEXT),
    // The names of stylesheets and fonts carry a hash of their content, made by web's build script.
    Owned { library: "sha2", owners: &["kith-vault"], at_build: &["kith-web"], reason: PLAINTEXT },
    only("sea-orm", &["kith-store", "kith-migrations", "kith-tests"], ROWS),
    only("rusqlite", &["kith-server"], FIGURES),
    only("sea-orm-migration", &["kith-migrations"], ROWS),
    only("chrono", &["kith-store", "kith-migrations"], CLOCKS),
    only("lettre", &["kith-mail"], MAILS),
    only("axum", &["kith-web", "kith-server", "kith-tests"], PAGES),
    only("axum-extra", &["kith-web"], PAGES),
    only("tokio-cron-scheduler", &["kith-scheduler"], TICKS),
    only("clap", &["kith-server", "kith-xtask"], WIRING),
    only("anyhow", &["kith-server", "kith-xtask", "kith-tests"], WIRING),
    only("config", &["kith-server"], WIRING),
];

const fn only(
    library: &'static str,
    owners: &'static [&'static str],
    reason: &'static str,
) -> Owned {
    Owned { library, owners, at_build: &[], reason }
}

/// What the rules of the house must not need: I/O, async, a clock or chance.
pub(crate) const NOT_IN_DOMAIN: &[&str] = &[
    "async-trait",
    "chrono",
    "fs4",
    "futures",
    "getrandom",
    "rand",
    "reqwest",
    "tokio",
    "tokio-util",
    "tracing",
];

/// Packages that may be nowhere in the graph, with what to do instead.
pub(crate) const NOWHERE: &[(&str, &str)] = &[
    ("openssl", TLS),
    ("openssl-sys", TLS),
    ("native-tls", TLS),
    ("aws-lc-sys", TLS),
    ("aws-lc-rs", TLS),
    ("cmake", "Kith builds with a C compiler and nothing more."),
    ("bindgen", "Kith builds with a C compiler and nothing more."),
];

const TLS: &str = "TLS is rustls with ring.";

/// Packages that may be needed only by those named. Tests make their certificates with rcgen.
pub(crate) const NEEDED_ONLY_BY: &[(&str, &[&str])] =
    &[("ring", &["rustls", "rustls-webpki", "rcgen", "x509-parser"])];

/// Features that must stay off: package, feature, and what it would do.
pub(crate) const FEATURES_OFF: &[(&str, &str, &str)] = &[
    ("sea-orm", "debug-print", "It prints statements."),
    ("sea-orm", "mock", "Repositories are tested on real databases."),
    ("sea-orm", "tracing-spans", "It records statements in spans."),
    ("casbin", "logging", "It logs every request for a decision."),
    ("casbin", "explain", "It logs every request for a decision."),
    ("lettre", "tracing", "It logs whole messages."),
    ("lettre", "sendmail-transport", "Mails go to a relay over SMTP."),
    ("lettre", "hostname", "It puts the machine's name into every mail."),
    ("lettre", "native-tls", TLS),
];

/// A feature that exists for tests and must not be in the binary: the binary's package, the
/// package that has the feature, the feature.
pub(crate) const TESTS_ONLY: (&str, &str, &str) = ("kith-server", "kith-policy", "testkit");
