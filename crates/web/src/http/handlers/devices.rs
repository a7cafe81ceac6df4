//! Devices that are trusted.

use crate::http::address::Path;
use axum::response::{IntoResponse, Redirect};
use kith_app::{About, DeviceView, OwnWords};
use kith_domain::ids::{CircleId, EnrolmentId};
use kith_domain::{Timestamp, Zone};

use super::{Answered, go, page};
use crate::http::caller::{Caller, circle_path};
use crate::http::cookies;
use crate::http::fields::Fields;
use crate::page::devices::{ApproveDevicePage, DeviceRow, DevicesPage, OwnWordsView};
use crate::page::layout::Place;
use crate::picture::Qr;
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
                    |name| format!("{name}’s device"),
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

/// The circles that this device opens, each with the page that makes words for another one.
fn circles_of(devices: &[DeviceView]) -> Vec<(String, String)> {
    let here = devices.iter().filter(|device| device.this_one);
    here.filter_map(|device| {
        let base = circle_path(device.circle_id?);
        Some((device.circle.clone()?, format!("{base}/devices/another")))
    })
    .collect()
}

pub(crate) async fn own(caller: Caller) -> Answered {
    let devices = caller.web.app.own_devices(&caller.visit).await?;
    let name = caller.web.app.my_details(&caller.visit).await?.name;
    let zone = caller.visit.organisation.zone.clone();
    page(&DevicesPage {
        layout: caller.volunteer(Some(name), Place::Details),
        back: "/me/details".to_owned(),
        name: None,
        devices: rows(&caller, &devices, &zone, |id| format!("/devices/{id}/stop")),
        another: circles_of(&devices),
        shared: caller
            .web
            .app
            .said_to_be_shared(&caller.visit)
            .await?
            .then(|| caller.post("/devices/alone")),
    })
}

/// POST: nobody else uses this device after all.
pub(crate) async fn alone(caller: Caller) -> Answered {
    let new = caller.web.app.stop_sharing_device(&caller.visit).await?;
    let jar = cookies::keep(caller.jar.clone(), &caller.web, new);
    Ok((jar, Redirect::to("/devices?said=saved")).into_response())
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
        another: vec![(about.nature_name.clone(), format!("{base}/devices/another"))],
        shared: None,
    })
}

pub(crate) async fn stop(
    caller: Caller,
    Path((circle, id)): Path<(CircleId, EnrolmentId)>,
) -> Answered {
    caller.web.app.stop_circle_device(&caller.visit, circle, id).await?;
    go(&format!("{}/devices?said=stopped", circle_path(circle)))
}

fn another_form(caller: &Caller, about: &About, made: Option<OwnWords>) -> ApproveDevicePage {
    let base = circle_path(about.circle);
    ApproveDevicePage {
        layout: caller.family(about, Place::People),
        back: format!("{base}/"),
        made: made.map(|made| {
            let by_mail = made.link.is_none();
            let organisation = &caller.visit.organisation;
            let enrol = || format!("{}{base}/enrol", caller.web.app.base_url(organisation));
            let address = made.link.unwrap_or_else(enrol);
            OwnWordsView {
                words: made.words,
                until: format!("until {}", words::day_month(about.zone.date(made.expires_at))),
                qr: Qr::new(&address),
                address,
                by_mail,
            }
        }),
        make: caller.post(format!("{base}/devices/another")),
        devices: "/devices".to_owned(),
    }
}

/// GET: offers words for a further device of one's own.
pub(crate) async fn another_page(caller: Caller, Path(circle): Path<CircleId>) -> Answered {
    let about = caller.web.app.another_device(&caller.visit, circle).await?;
    page(&another_form(&caller, &about, None))
}

/// POST: makes them, and shows them in this answer only.
pub(crate) async fn another(
    caller: Caller,
    Path(circle): Path<CircleId>,
    fields: Fields,
) -> Answered {
    let receipt = fields.receipt()?;
    let about = caller.web.app.another_device(&caller.visit, circle).await?;
    let made = caller.web.app.own_new_words(&caller.visit, circle, receipt).await?;
    page(&another_form(&caller, &about, Some(made)))
}
