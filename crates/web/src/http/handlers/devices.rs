//! Devices that are trusted.

use axum::extract::Path;
use kith_app::DeviceView;
use kith_domain::ids::{CircleId, EnrolmentId};
use kith_domain::{Timestamp, Zone};

use super::{Answered, go, page};
use crate::http::caller::{Caller, circle_path};
use crate::page::devices::{DeviceRow, DevicesPage};
use crate::page::layout::Place;
use crate::words;

fn rows(
    caller: &Caller,
    devices: &[DeviceView],
    zone: &Zone,
    stop: impl Fn(EnrolmentId) -> String,
) -> Vec<DeviceRow> {
    let now: Timestamp = caller.visit.now();
    let today = zone.date(now);
    devices
        .iter()
        .map(|device| {
            let since = words::day_month(zone.date(device.since));
            let used = words::day_from(zone.date(device.last_used), today);
            let circle = device.circle.as_ref();
            let circle = circle.map(|name| format!(" It opens {name} circle.")).unwrap_or_default();
            DeviceRow {
                what: device.name.as_ref().map_or_else(
                    || "A phone, tablet or computer".to_owned(),
                    |name| format!("{}’s device", name),
                ),
                about: format!("Since {since}, last used {}.{circle}", lower(&used)),
                this_one: device.this_one,
                stop: caller.post(stop(device.enrolment)),
            }
        })
        .collect()
}

/// "today" within a sentence.
fn lower(text: &str) -> String {
    match text {
        "Today" | "Yesterday" | "Tomorrow" => text.to_lowercase(),
        other => format!("on {other}"),
    }
}

pub(crate) async fn own(caller: Caller) -> Answered {
    let devices = caller.web.app.own_devices(&caller.visit).await?;
    let zone = caller.visit.organisation.zone.clone();
    page(&DevicesPage {
        layout: caller.volunteer(None, Place::Details),
        back: "/me/details".to_owned(),
        name: None,
        devices: rows(&caller, &devices, &zone, |id| format!("/devices/{id}/stop")),
        another: None,
    })
}

pub(crate) async fn stop_own(caller: Caller, Path(id): Path<EnrolmentId>) -> Answered {
    caller.web.app.stop_own_device(&caller.visit, id).await?;
    go("/devices?said=stopped")
}

pub(crate) async fn of_circle(caller: Caller, Path(circle): Path<CircleId>) -> Answered {
    let (about, devices) = caller.web.app.circle_devices(&caller.visit, circle).await?;
    let base = circle_path(circle);
    page(&DevicesPage {
        layout: caller.family(&about, Place::People),
        back: format!("{base}/people"),
        name: about.patient.clone().map(|name| format!("{name}’s circle")),
        devices: rows(&caller, &devices, &about.zone, |id| format!("{base}/devices/{id}/stop")),
        another: None,
    })
}

pub(crate) async fn stop(
    caller: Caller,
    Path((circle, id)): Path<(CircleId, EnrolmentId)>,
) -> Answered {
    caller.web.app.stop_circle_device(&caller.visit, circle, id).await?;
    go(&format!("{}/devices?said=stopped", circle_path(circle)))
}
