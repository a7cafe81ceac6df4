//! Killed at any instant, stopped, or told that somebody left: no reminder is lost, repeats are
//! copies of what was in flight, and nothing begins that is no longer wanted.

#[cfg(test)]
mod cells;
#[cfg(test)]
mod doctor;
#[cfg(test)]
mod ending;
#[cfg(test)]
mod faulty;
#[cfg(test)]
mod house;
#[cfg(test)]
mod kill_nine;
#[cfg(test)]
mod kill_nine_smtp_sink;
#[cfg(test)]
mod kill_nine_two;
#[cfg(test)]
mod ledger;
#[cfg(test)]
mod oracle;
#[cfg(test)]
mod planted;
#[cfg(test)]
mod process;
#[cfg(test)]
mod relay;
#[cfg(test)]
mod removed;
#[cfg(test)]
mod stopping;
#[cfg(test)]
mod stopping_two;
