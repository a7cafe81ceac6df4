//! What runs without a person, on both databases: planning, delivering, rolling, and the links
//! that mails hold.

#[cfg(test)]
mod asked;
#[cfg(test)]
mod bounced;
#[cfg(test)]
mod calendar;
#[cfg(test)]
mod changing;
#[cfg(test)]
mod choosing;
#[cfg(test)]
mod codes;
#[cfg(test)]
mod comes_back;
#[cfg(test)]
mod concern;
#[cfg(test)]
mod delivering;
#[cfg(test)]
mod fewer;
#[cfg(test)]
mod figures;
#[cfg(test)]
mod gaps;
#[cfg(test)]
mod gaps_together;
#[cfg(test)]
mod hospice_word;
#[cfg(test)]
mod instead;
#[cfg(test)]
mod ladder;
#[cfg(test)]
mod let_go;
#[cfg(test)]
mod links;
#[cfg(test)]
mod pause;
#[cfg(test)]
mod planning;
#[cfg(test)]
mod refused;
#[cfg(test)]
mod relay_day;
#[cfg(test)]
mod relay_down;
#[cfg(test)]
mod requests;
#[cfg(test)]
mod rolling;
#[cfg(test)]
mod silence;
#[cfg(test)]
mod stopping;
#[cfg(test)]
mod ticking;
#[cfg(test)]
mod together;
#[cfg(test)]
mod unproved;
#[cfg(test)]
mod waits;
#[cfg(test)]
mod wanted;
#[cfg(test)]
mod week_ahead;
