//! Every page in every state, rendered from samples: for the tests, and to look at.

use askama::Template as _;

use crate::page;

/// One page in one state.
#[derive(Clone, Debug)]
pub struct Sample {
    /// "rota-week", "rota-week-empty": also the name of the file that the example writes.
    pub name: String,
    /// The page.
    pub html: String,
}

/// Every page in every state.
///
/// # Errors
///
/// A template that cannot be rendered, which only a mistake of ours can cause.
pub fn pages() -> Result<Vec<Sample>, askama::Error> {
    page::samples()
}

/// A week of thirty tasks, each with a name: the page that speed is measured with.
///
/// # Errors
///
/// A template that cannot be rendered, which only a mistake of ours can cause.
pub fn full_week() -> Result<String, askama::Error> {
    page::rota::full_week().render()
}
