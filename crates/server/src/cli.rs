//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use jiff::civil::{Date, DateTime};
use kith_domain::{Action, Basis, Category, CircleState, Standing, Tier};

/// Circles of friends around somebody who is ill.
///
/// A patient, or the carer who speaks for them, names friends, decides what each of them may see,
/// and shares the work on a rota. The hospice sees where a gap needs a telephone call, and nothing
/// confidential.
#[derive(Debug, Parser)]
#[command(name = "kith", version, arg_required_else_help = true, after_help = EXAMPLES)]
pub struct Cli {
    /// File with your own configuration. Every key is explained in config/default.toml.
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXAMPLES: &str = "\
Try it, without any configuration:
  kith demo

Set it up for a hospice, then run it:
  kith keys new
  kith migrate
  kith organisation add --name \"Fernhill Hospice\" --phone \"01632 960 123\"
  kith coordinator add --name Amira --email amira@fernhill.example
  kith doctor
  kith serve --config /etc/kith/kith.toml";

/// What the program does.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve pages and send mails, until SIGTERM or Ctrl-C.
    Serve {
        /// Address and port to listen on, instead of `server.listen`.
        #[arg(long, value_name = "ADDRESS:PORT")]
        listen: Option<String>,
        /// Folder into which the mail server drops what comes back, one mail a file. They are read
        /// and taken away.
        #[arg(long, value_name = "FOLDER")]
        bounces: Option<PathBuf>,
    },
    /// Open a made-up hospice to try everything. Sends no mail to anybody.
    Demo(DemoArgs),
    /// Bring the database up to date. Run it after each new version, before serving.
    Migrate {
        /// The file of endings is lost: begin it again. Copies of the database from before then bring
        /// back whoever was taken out since.
        #[arg(long)]
        endings_lost: bool,
    },
    /// Copy an SQLite database while it is in use, with what is needed to trust the copy.
    #[command(after_help = "\
Example:
  kith backup /var/backups/kith/2026-11-22.db

Writes the copy and 2026-11-22.db.manifest; keep both, apart from the key, for 30 days at most. Of
PostgreSQL make copies with pg_dump.

The file of endings (database.endings_file) says what ended after the copy was made. Copy it away
too, as often as you can: `kith restore` needs the newest there is.")]
    Backup {
        /// Where to; must not be there yet.
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Put a copy in place. What ended since it was made stays ended, and mails are held.
    Restore(RestoreArgs),
    /// Say, after a restore, that mails may leave again.
    Resume,
    /// The hospices or hubs that this Kith serves.
    #[command(subcommand)]
    Organisation(OrganisationCommand),
    /// The staff who see where circles have gaps.
    #[command(subcommand)]
    Coordinator(CoordinatorCommand),
    /// Who may see what, and why.
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// The days and times of what comes again.
    #[command(subcommand)]
    Rota(RotaCommand),
    /// Say of configuration, key, database and relay that each is fine, or what to do.
    Doctor,
    /// The key that opens everything sealed.
    #[command(subcommand)]
    Keys(KeysCommand),
}

/// Which copy, and what ended since.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  kith restore /var/backups/kith/2026-11-22.db
  kith restore 2026-11-22.db --endings /mnt/away/kith.db.endings
  pg_restore ... && kith restore --already-loaded

Stop every kith first. A copy that is damaged, of another organisation, or of another key is refused,
and nothing changes. The database that was there is kept beside the new one.

What ended is read from database.endings_file and from the file that --endings names; both count. One
that was not kept when the copy was made is refused, as it cannot know what ended since.

Afterwards everybody is signed out, and every code, invitation, link and calendar address is dead.
People who were taken out since the copy was made, what was taken back and what was erased stay so.
Mails that were due are not sent, as they may have been; others wait for `kith resume`.")]
pub struct RestoreArgs {
    /// The copy, with its manifest beside it.
    #[arg(value_name = "FILE", required_unless_present = "already_loaded")]
    pub file: Option<PathBuf>,
    /// The copy was put in place by the database's own tools; do the rest.
    #[arg(long, conflicts_with = "file")]
    pub already_loaded: bool,
    /// A copy of the file of endings; what `database.endings_file` says counts as well.
    #[arg(long, value_name = "FILE")]
    pub endings: Option<PathBuf>,
    /// The file of endings is lost, or older than the copy. Whoever was taken out since is back, but
    /// for those of whom there is a line.
    #[arg(long)]
    pub endings_lost: bool,
}

/// Where the demonstration lives.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  kith demo
  kith demo --listen 127.0.0.1:9000
  kith demo --data ./demo --relay 127.0.0.1:1025
  kith demo --starts 2027-03-20
  kith demo --circles 500

A hospice has 120 circles. Beyond that further hospices are made, each known by a host name of its
own such as http://alderbank.localhost:8000; the doors open in the first.")]
pub struct DemoArgs {
    /// Folder to keep it in; without it, everything is gone when it ends.
    #[arg(long, value_name = "FOLDER")]
    pub data: Option<PathBuf>,
    /// Address and port to listen on; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8000")]
    pub listen: SocketAddr,
    /// A mail relay on this machine that takes the mails; without it they are kept, and shown on a
    /// page of their own.
    #[arg(long, value_name = "HOST:PORT")]
    pub relay: Option<String>,
    /// How many circles there are, 8 to 100000: the eight with stories, and made-up ones that are the
    /// same each time.
    #[arg(long, value_name = "NUMBER", default_value = "8",
        value_parser = clap::value_parser!(u32).range(8..=100_000))]
    pub circles: u32,
    /// The day on which it begins, such as 2027-03-20 for a week before the clocks change; today, if
    /// left out.
    #[arg(long, value_name = "DATE")]
    pub starts: Option<Date>,
}

/// `kith organisation …`
#[derive(Debug, Subcommand)]
pub enum OrganisationCommand {
    /// Add a hospice or hub.
    Add {
        /// Its name, as pages show it.
        #[arg(long)]
        name: String,
        /// Its advice line, shown on every page.
        #[arg(long)]
        phone: String,
        /// Host name it is known by; needed only when there are several.
        #[arg(long)]
        host: Option<String>,
        /// Time zone of its clocks.
        #[arg(long, default_value = "Europe/London")]
        zone: String,
    },
}

/// `kith coordinator …`
#[derive(Debug, Subcommand)]
pub enum CoordinatorCommand {
    /// Add a coordinator, or give one who is there a code for a further device.
    ///
    /// Prints two words that work for 30 minutes. The coordinator signs in with a code from a mail,
    /// types the two words, and chooses a number of their own.
    Add {
        /// First name.
        #[arg(long)]
        name: String,
        /// Address that sign-in codes are sent to.
        #[arg(long)]
        email: String,
        /// Host name of the organisation, when there are several.
        #[arg(long)]
        host: Option<String>,
    },
}

/// `kith policy …`
#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Ask every rule about everything and prove what must always hold.
    Check,
    /// Print everything that is allowed, as a table for each standing.
    Matrix,
    /// Say whether something is allowed, and by which rules.
    #[command(after_help = "\
Examples:
  kith policy explain friend address disclose --basis window
  kith policy explain coordinator care disclose
  kith policy explain carer people name --tier trusted")]
    Explain(ExplainArgs),
}

/// One question to the policy.
#[derive(Args, Debug)]
pub struct ExplainArgs {
    /// What the person is: patient, carer, friend, volunteer, invited, left, helper, coordinator,
    /// administrator, oneself, job or stranger.
    pub standing: Standing,
    /// What it is about: identity, rota, task, address, news, help, care, entry, slot, people,
    /// looks, introduction, contact, oversight, delivery or packing.
    pub category: Category,
    /// What is to be done: disclose, amend, contribute, export, erase, take, answer, ask, list,
    /// name, remove, review or govern.
    pub action: Action,
    /// Why the person may see: none, grant, window or both.
    #[arg(long, default_value = "none")]
    pub basis: Basis,
    /// How sure we are that it is this person.
    #[arg(
        long,
        default_value = "fresh",
        help = "How sure we are: none, link, signed_in, trusted or fresh"
    )]
    pub tier: Tier,
    /// State of the circle.
    #[arg(
        long,
        default_value = "active",
        help = "State of the circle: forming, active, paused, frozen, restricted, ending, \
                remembering, erased, or no_circle where it is about the organisation"
    )]
    pub state: CircleState,
}

/// `kith rota …`
#[derive(Debug, Subcommand)]
pub enum RotaCommand {
    /// Print the times that a pattern makes, one a line, without touching any database.
    #[command(after_help = "\
Examples:
  kith rota preview --start 2026-11-24T10:00 --zone Europe/London \\
      --pattern weekly --every 2 --on TU,TH --from 2026-11-24 --to 2027-03-31
  kith rota preview --start 2026-12-08T14:00 --zone Europe/London \\
      --rrule 'FREQ=MONTHLY;BYDAY=2TU;COUNT=6' --from 2026-12-01 --to 2027-12-31

A time that the clocks skip moves forward by the length of the gap; of a time that comes twice the
first is meant. A month that has no such day is left out.")]
    Preview(PreviewArgs),
}

/// What to print, and between which days.
#[derive(Args, Debug)]
pub struct PreviewArgs {
    /// First day and wall-clock time, such as 2026-11-24T10:00.
    #[arg(long, value_name = "DAY-AND-TIME")]
    pub start: DateTime,
    /// Time zone of the clock on the wall, such as Europe/London.
    #[arg(long, value_name = "ZONE")]
    pub zone: String,
    /// How it comes again: once, daily, weekly or monthly.
    #[arg(long, value_name = "WORD", conflicts_with = "rrule", required_unless_present = "rrule")]
    pub pattern: Option<String>,
    /// A rule of RFC 5545 in place of a pattern, such as FREQ=WEEKLY;BYDAY=TU.
    #[arg(long, value_name = "RULE")]
    pub rrule: Option<String>,
    /// Every how many days, weeks or months; 1 when left out.
    #[arg(long, value_name = "NUMBER", conflicts_with = "rrule")]
    pub every: Option<u8>,
    /// Weekdays of a weekly pattern, such as MO,TH; that of the start when left out.
    #[arg(long, value_name = "DAYS", value_delimiter = ',', conflicts_with = "rrule")]
    pub on: Vec<String>,
    /// Day of a monthly pattern: date, weekday, `last_weekday` or `last_day`.
    #[arg(long, value_name = "WORD", conflicts_with = "rrule")]
    pub of_month: Option<String>,
    /// Last day of the pattern.
    #[arg(long, value_name = "DAY", conflicts_with = "rrule")]
    pub until: Option<Date>,
    /// How many times.
    #[arg(long, value_name = "NUMBER", conflicts_with_all = ["rrule", "until"])]
    pub times: Option<u16>,
    /// First day to print.
    #[arg(long, value_name = "DAY")]
    pub from: Date,
    /// Last day to print.
    #[arg(long, value_name = "DAY")]
    pub to: Date,
}

/// `kith keys …`
#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// Make the key file that `keys.file` names. Never replaces one.
    New,
}
