//! `kith rota preview`: the times that a pattern makes, to be read or compared.

use anyhow::{Context as _, bail};
use jiff::civil::{Date, DateTime, Time};
use kith_domain::repeat::{RruleStart, Weekdays, weekday};
use kith_domain::{
    LocalTimes, Repeat, RepeatInput, TaskDraft, TaskInput, TaskProblem, Timestamp, Zone,
};

use crate::cli::PreviewArgs;

/// Every start from `from` to `to`, one a line, in ISO 8601 with the offset of the zone.
pub(crate) fn preview(args: &PreviewArgs) -> anyhow::Result<Vec<String>> {
    let zone = Zone::parse(&args.zone)?;
    if args.to < args.from {
        bail!("--to is before --from");
    }
    let (repeat, first) = match (&args.rrule, &args.pattern) {
        (Some(rule), None) => {
            let start = RruleStart::at(args.start.date(), args.start.time(), &zone);
            let repeat = Repeat::from_rrule(rule, &start).context("this rule is not accepted")?;
            (repeat, args.start.date())
        }
        (None, Some(pattern)) => typed(args, pattern)?,
        _ => bail!("give --pattern or --rrule, one of them"),
    };
    let times = LocalTimes::new(first, args.start.time(), LocalTimes::SHORTEST)?;
    let days = repeat.days_between(first, args.from, args.to);
    Ok(days.map(|day| line(&zone, times.on(day).instants(&zone).0)).collect())
}

/// The pattern as the form for a task reads it.
fn typed(args: &PreviewArgs, pattern: &str) -> anyhow::Result<(Repeat, Date)> {
    let on = args
        .on
        .iter()
        .map(|day| weekday(&day.to_ascii_uppercase()))
        .collect::<Option<Vec<_>>>()
        .context("--on takes MO, TU, WE, TH, FR, SA and SU, with commas between them")?;
    let text = |value: Option<String>| value.unwrap_or_default();
    let every = text(args.every.map(|every| every.to_string()));
    let until = text(args.until.map(|until| until.to_string()));
    let times = text(args.times.map(|times| times.to_string()));
    let date = args.start.date();
    let input = TaskInput {
        kind: "visit",
        date: &date.to_string(),
        start: &clock(args.start.time()),
        repeat: RepeatInput {
            comes: pattern,
            every: &every,
            on: Weekdays::of(on),
            of_month: args.of_month.as_deref().unwrap_or_default(),
            until: &until,
            times: &times,
            ..RepeatInput::default()
        },
        ..TaskInput::default()
    };
    let draft = TaskDraft::parse(&input, date).map_err(|problems| {
        let problems: Vec<String> = problems.iter().map(TaskProblem::to_string).collect();
        anyhow::anyhow!(problems.join("; "))
    })?;
    Ok((draft.repeat, draft.first.date()))
}

fn clock(time: Time) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}

/// `2026-11-24T10:00:00+00:00`.
fn line(zone: &Zone, at: Timestamp) -> String {
    let local: DateTime = zone.local(at);
    let offset = zone.offset_minutes(at);
    let sign = if offset < 0 { '-' } else { '+' };
    let (hours, minutes) = (offset.abs() / 60, offset.abs() % 60);
    format!("{}{sign}{hours:02}:{minutes:02}", local.strftime("%Y-%m-%dT%H:%M:%S"))
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::{Cli, Command, RotaCommand};

    fn lines(arguments: &str) -> anyhow::Result<Vec<String>> {
        let words = arguments.split_whitespace();
        let cli = Cli::try_parse_from(["kith", "rota", "preview"].into_iter().chain(words))?;
        let Command::Rota(RotaCommand::Preview(args)) = cli.command else { panic!("another") };
        preview(&args)
    }

    #[test]
    fn ten_o_clock_is_printed_as_ten_o_clock_on_both_sides_of_a_change() {
        let rule = lines(
            "--start 2026-10-11T10:00 --zone Europe/London --rrule FREQ=WEEKLY;INTERVAL=2 \
             --from 2026-10-11 --to 2026-11-30",
        );
        let expected = [
            "2026-10-11T10:00:00+01:00",
            "2026-10-25T10:00:00+00:00",
            "2026-11-08T10:00:00+00:00",
            "2026-11-22T10:00:00+00:00",
        ];
        assert_eq!(rule.unwrap(), expected);
        let pattern = lines(
            "--start 2026-10-11T10:00 --zone Europe/London --pattern weekly --every 2 \
             --from 2026-10-11 --to 2026-11-30",
        );
        assert_eq!(pattern.unwrap(), expected);
    }

    #[test]
    fn a_time_that_the_clocks_skip_moves_forward_by_the_gap() {
        let day = "--from 2026-03-29 --to 2026-03-29";
        let gap = lines(&format!(
            "--start 2026-03-22T01:30 --zone Europe/London --rrule FREQ=WEEKLY {day}"
        ));
        assert_eq!(gap.unwrap(), ["2026-03-29T02:30:00+01:00"]);
        let west = lines(
            "--start 2026-11-01T01:30 --zone America/St_Johns --pattern once \
             --from 2026-11-01 --to 2026-11-01",
        );
        assert_eq!(west.unwrap(), ["2026-11-01T01:30:00-02:30"], "the first of the two");
    }

    #[test]
    fn what_is_wrong_is_said() {
        let wrong = |arguments: &str| format!("{:#}", lines(arguments).unwrap_err());
        let where_and_when = "--start 2026-11-24T10:00 --zone Europe/London";
        let span = "--from 2026-11-24 --to 2027-11-24";
        assert!(
            wrong(&format!("{where_and_when} {span} --rrule FREQ=DAILY;BYHOUR=9"))
                .contains("BYHOUR is not accepted")
        );
        assert!(
            wrong(&format!("{where_and_when} {span} --pattern weekly --on XX")).contains("--on")
        );
        assert!(
            wrong(&format!("{where_and_when} --pattern daily --from 2026-11-24 --to 2026-11-23"))
                .contains("before --from")
        );
        assert!(wrong(&format!("{where_and_when} {span}")).contains("--pattern"));
    }
}
