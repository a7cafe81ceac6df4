//! Serving until somebody says stop.

use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::serve::ListenerExt as _;
use kith_app::{App, Delivery, Transport};
use kith_mail::bounce::BounceFolder;
use kith_scheduler::Scheduler;
use kith_store::Marking;
use kith_web::{DemoDoors, WebSettings};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::clock::SystemClock;
use crate::config::{Config, DatabaseUrl, Network};
use crate::data_lock::DataLock;
use crate::{endings, logging, parts, process};

/// Between two looks at the mails that came back.
const BOUNCES: Duration = Duration::from_mins(1);

/// What is served, and how.
pub(crate) struct Service {
    /// The use cases.
    pub(crate) app: Arc<App>,
    /// Where browsers connect.
    pub(crate) listener: TcpListener,
    /// `https://kith.example`, without a slash at the end.
    pub(crate) base_url: String,
    /// Proxies that are believed about whom a request comes from.
    pub(crate) trusted_proxies: Vec<(IpAddr, u8)>,
    /// How mails leave.
    pub(crate) delivery: Delivery,
    /// Between two looks at what is due.
    pub(crate) tick: Duration,
    /// The doors of the demonstration.
    pub(crate) demo: Option<Arc<dyn DemoDoors>>,
    /// Where mails that came back are dropped.
    pub(crate) bounces: Option<BounceFolder>,
    /// How long work under way may take to finish.
    pub(crate) shutdown: Duration,
}

/// `kith serve`.
pub(crate) async fn run(config: &Config, bounces: Option<&Path>) -> anyhow::Result<()> {
    logging::start(&config.log)?;
    process::forbid_core_dumps();
    let _lock = match &config.database.url {
        DatabaseUrl::Sqlite(path) => Some(DataLock::take(path)?),
        DatabaseUrl::Postgres { .. } => None,
    };
    let app = Arc::new(parts::app(config, Arc::new(SystemClock)).await?);
    if !endings::begin(&config.database, Marking::Now).await? {
        tracing::error!("the file of endings does not know this database; see `kith doctor`");
    }
    let relay = Arc::new(parts::relay(config)?);
    let listener = listen(config.server.listen).await?;
    let bounces = bounces
        .map(|folder| {
            BounceFolder::open(folder)
                .with_context(|| format!("`--bounces` names {}", folder.display()))
        })
        .transpose()?;
    let service = Service {
        app,
        bounces,
        listener,
        base_url: config.server.base_url.as_str().to_owned(),
        trusted_proxies: config.server.trusted_proxies.iter().map(Network::parts).collect(),
        delivery: parts::delivery(config, Arc::clone(&relay) as Arc<dyn Transport>)?,
        tick: config.reminders.tick,
        demo: None,
        shutdown: config.server.shutdown,
    };
    until_stopped(service, CancellationToken::new()).await?;
    relay.close().await;
    Ok(())
}

/// Looks every minute at what came back.
async fn watch(app: Arc<App>, folder: BounceFolder, stop: CancellationToken) {
    let mut minutes = interval(BOUNCES);
    minutes.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while stop.run_until_cancelled(minutes.tick()).await.is_some() {
        if let Err(error) = app.take_bounces(&folder).await {
            tracing::error!(%error, "what came back cannot be read; every minute tries again");
        }
    }
}

/// Opens the port.
pub(crate) async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("{address} cannot be listened on; see `server.listen`"))
}

/// Serves until a signal comes or `stop` is cancelled, then lets what is under way finish.
pub(crate) async fn until_stopped(service: Service, stop: CancellationToken) -> anyhow::Result<()> {
    let address = service.listener.local_addr().context("the port has no address")?;
    let router = kith_web::router(WebSettings {
        app: Arc::clone(&service.app),
        base_url: service.base_url,
        trusted_proxies: service.trusted_proxies,
        mail_waits: {
            let app = Arc::clone(&service.app);
            Arc::new(move || app.wake())
        },
        demo: service.demo,
    });
    let mut interrupt = signal(SignalKind::interrupt()).context("signals cannot be received")?;
    let mut terminate = signal(SignalKind::terminate()).context("signals cannot be received")?;
    let app = Arc::clone(&service.app);
    let tasks = TaskTracker::new();
    if let Some(folder) = service.bounces {
        tasks.spawn(watch(Arc::clone(&app), folder, stop.clone()));
    }
    let scheduler = Scheduler::start(service.app, service.delivery, service.tick).await?;
    let listener = service.listener.tap_io(|stream| {
        // A page is one small answer: waiting to fill a packet only makes it late.
        if stream.set_nodelay(true).is_err() {
            tracing::debug!("a connection went away at once");
        }
    });
    let ended = stop.clone();
    let mut served = tasks.spawn(async move {
        let router = router.into_make_service_with_connect_info::<SocketAddr>();
        axum::serve(listener, router).with_graceful_shutdown(ended.cancelled_owned()).await
    });
    tasks.close();
    tracing::info!(%address, "serving");
    let lost = tokio::select! {
        _ = interrupt.recv() => None,
        _ = terminate.recv() => None,
        () = stop.cancelled() => None,
        ended = &mut served => Some(ended),
    };
    tracing::info!("stopping");
    stop.cancel();
    let (web, work) =
        tokio::join!(timeout(service.shutdown, tasks.wait()), scheduler.stop(service.shutdown));
    if web.is_err() || !work {
        tracing::warn!("what was under way was cut off");
    }
    app.finish().await;
    match lost {
        None => tracing::info!("stopped"),
        Some(ended) => {
            ended.context("the server stopped by itself")?.context("the port was lost")?;
        }
    }
    Ok(())
}
