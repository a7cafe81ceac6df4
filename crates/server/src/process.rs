//! What this process may leave behind.

use rustix::process::{Resource, Rlimit, setrlimit};

/// A core file would hold opened texts and keys.
pub(crate) fn forbid_core_dumps() {
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    if setrlimit(Resource::Core, none).is_err() {
        tracing::warn!("core files could not be forbidden");
    }
}
