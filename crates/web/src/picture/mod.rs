//! Pictures drawn from data: each is a function of what it shows, and says the same in words.

mod dot_plot;
mod heat;
mod icon;
mod qr;
mod ring;
mod strip;

pub(crate) use dot_plot::{DotPlot, DotRow};
pub(crate) use heat::{Heat, HeatCell, HeatDay, HeatRow};
pub(crate) use icon::Icon;
pub(crate) use qr::Qr;
pub(crate) use ring::{Invited, Ring};
pub(crate) use strip::{Strip, StripDay};

/// Compares with the reviewed drawing; `UPDATE_GOLDEN=1` writes it anew.
#[cfg(test)]
fn same_as_golden(name: &str, drawn: &str) {
    let path = format!("{}/src/picture/golden/{name}.html", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, drawn).unwrap();
    }
    assert_eq!(drawn, std::fs::read_to_string(&path).unwrap(), "{path} differs");
}
