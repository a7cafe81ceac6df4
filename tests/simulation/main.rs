//! A circle lived through from a seed: people change their minds, clocks jump, the relay fails, and
//! the program dies, all at once; then an oracle judges every mail.
//!
//! The same seed makes the same run, to the second and the byte of every decision. `cargo xtask
//! soak` goes on with new seeds, and plays one again.

#[cfg(test)]
mod chance;
#[cfg(test)]
mod judge;
#[cfg(test)]
mod life;
#[cfg(test)]
mod people;
#[cfg(test)]
mod planted;
#[cfg(test)]
mod relay;
#[cfg(test)]
mod run;
#[cfg(test)]
mod seeds;
#[cfg(test)]
mod town;
#[cfg(test)]
mod truth;
