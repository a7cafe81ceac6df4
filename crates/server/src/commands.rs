//! What each command does.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use kith_domain::Clock as _;
use kith_policy::{Question, report};
use kith_store::Marking;
use kith_vault::KeyFile;

use crate::cli::{
    Cli, Command, CoordinatorCommand, ExplainArgs, KeysCommand, OrganisationCommand, PolicyCommand,
    RotaCommand,
};
use crate::clock::SystemClock;
use crate::config::{Config, ConfigError, DatabaseUrl, Overrides, environment};
use crate::data_lock::DataLock;
use crate::{backup, demo, doctor, endings, parts, restore, rota, say, serve};

/// Runs a command to its end.
pub fn run(cli: Cli) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            say::problem(format_args!("kith: no threads can be started: {error}"));
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(command(cli)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            say::problem(format_args!("kith: {}", say::chain(&error)));
            ExitCode::FAILURE
        }
    }
}

/// True when all is well.
async fn command(cli: Cli) -> anyhow::Result<bool> {
    let load = |flags: Overrides| -> Result<Config, ConfigError> {
        Config::load(cli.config.as_deref(), environment(), flags)
    };
    let plain = || load(Overrides::default());
    match cli.command {
        Command::Serve { listen, bounces } => {
            let flags = Overrides::default().with("--listen", "server.listen", listen);
            serve::run(&load(flags)?, bounces.as_deref()).await?;
        }
        Command::Demo(args) => demo::run(&args).await?,
        Command::Migrate { endings_lost } => migrate(&plain()?, endings_lost).await?,
        Command::Backup { file } => backup::run(&plain()?, &file).await?,
        Command::Restore(args) => restore::run(&plain()?, &args).await?,
        Command::Resume => resume(&plain()?).await?,
        Command::Organisation(OrganisationCommand::Add { name, phone, host, zone }) => {
            let app = parts::app(&plain()?, Arc::new(SystemClock)).await?;
            let id = app.add_organisation(&name, host.as_deref(), &phone, &zone).await?;
            say::line(format_args!("Added {name} ({id})."));
            say::line("Next: `kith coordinator add`.");
        }
        Command::Coordinator(CoordinatorCommand::Add { name, email, host }) => {
            add_coordinator(&plain()?, &name, &email, host.as_deref()).await?;
        }
        Command::Policy(PolicyCommand::Check) => {
            say::line(report::check_report().await?.trim_end());
        }
        Command::Policy(PolicyCommand::Matrix) => say::line(report::matrix().await?.trim_end()),
        Command::Policy(PolicyCommand::Explain(args)) => {
            say::line(report::explain(question(&args)).await?.trim_end());
        }
        Command::Rota(RotaCommand::Preview(args)) => {
            for line in rota::preview(&args)? {
                say::line(line);
            }
        }
        Command::Doctor => return Ok(doctor::run(plain()).await),
        Command::Keys(KeysCommand::New) => new_key(&plain()?)?,
    }
    Ok(true)
}

async fn migrate(config: &Config, endings_lost: bool) -> anyhow::Result<()> {
    let _lock = match &config.database.url {
        DatabaseUrl::Sqlite(path) => Some(DataLock::take(path)?),
        DatabaseUrl::Postgres { .. } => None,
    };
    match parts::migrate(config, Arc::new(SystemClock)).await? {
        0 => say::line("The database is up to date."),
        1 => say::line("The database is up to date now: 1 change."),
        changes => say::line(format_args!("The database is up to date now: {changes} changes.")),
    }
    let marking = if endings_lost { Marking::Anew } else { Marking::Now };
    let known = endings::begin(&config.database, marking).await?;
    match &config.database.endings {
        Some(file) if !known => bail!("{}", endings::lost(file)),
        _ => Ok(()),
    }
}

async fn resume(config: &Config) -> anyhow::Result<()> {
    let store = parts::store(&config.database, Arc::new(SystemClock)).await?;
    say::line(if store.resume(SystemClock.now()).await? {
        "Mails leave again."
    } else {
        "No mails were held."
    });
    Ok(())
}

async fn add_coordinator(
    config: &Config,
    name: &str,
    email: &str,
    host: Option<&str>,
) -> anyhow::Result<()> {
    let app = parts::app(config, Arc::new(SystemClock)).await?;
    let organisation = app.organisation_for_console(host).await?;
    let code = app.add_coordinator(organisation.id, name, email).await?;
    say::line(if code.known {
        format!("{name} is a coordinator of {} already. For a further device:", organisation.name)
    } else {
        format!("{name} is a coordinator of {} now. For the first device:", organisation.name)
    });
    say::line(format_args!("\n  1. Open {} on it and ask for a code for {email}.", code.url));
    say::line("  2. Type the six digits from the mail.");
    say::line(format_args!("  3. Type these two words: {}", code.words));
    say::line("  4. Choose a number of your own.");
    say::line(format_args!("\nThe words work once, for {} minutes.", code.minutes));
    Ok(())
}

fn question(args: &ExplainArgs) -> Question {
    Question {
        standing: args.standing,
        category: args.category,
        action: args.action,
        basis: args.basis,
        tier: args.tier,
        state: args.state,
    }
}

fn new_key(config: &Config) -> anyhow::Result<()> {
    let path = &config.keys.file;
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        crate::data_lock::make_directory(folder)?;
    }
    let key = KeyFile::create(path).with_context(|| path.display().to_string())?;
    say::line(format_args!("Made the key {:08x} in {}.", key.id(), path.display()));
    say::line("Keep a copy somewhere safe, apart from the database's backups: without it nothing");
    say::line("that is sealed can ever be opened again.");
    Ok(())
}
