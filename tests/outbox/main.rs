//! What runs without a person, on both databases: planning, delivering, rolling, and the links
//! that mails hold.

#[cfg(test)]
mod codes;
#[cfg(test)]
mod delivering;
#[cfg(test)]
mod links;
#[cfg(test)]
mod planning;
#[cfg(test)]
mod relay_down;
#[cfg(test)]
mod rolling;
#[cfg(test)]
mod ticking;
#[cfg(test)]
mod wanted;
