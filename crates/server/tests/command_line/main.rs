//! The program as an operator meets it.

#[cfg(test)]
mod commands;
#[cfg(test)]
mod place;
