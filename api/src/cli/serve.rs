//! `okno serve`

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use models::reading::ReadingModel;
use models::summary::Writer;
use pipelines::platform::clock::Clock;
use pipelines::platform::database;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::database_url::DatabaseUrl;
use super::tools::Tools;
use super::{Failure, surroundings};
use crate::server::roles::{self, Role};
use crate::server::{Settings, State, measures};

#[derive(Debug, Args)]
pub(super) struct Serve {
    /// What this process does.
    #[arg(long, value_enum, value_delimiter = ',', default_values = ["api", "worker"])]
    roles: Vec<Role>,
    /// Where it listens.
    #[arg(long, env = "OKNO_LISTEN", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    #[command(flatten)]
    database: DatabaseUrl,
    #[command(flatten)]
    tools: Tools,
    /// The folder of the built page; without it the `dist` folder beside the program or `operator-web/dist`.
    #[arg(long, env = "OKNO_WEB")]
    web: Option<PathBuf>,
    /// Believe X-Forwarded-For and X-Forwarded-Proto: only where your own proxy sets them.
    #[arg(long, env = "OKNO_BEHIND_PROXY")]
    behind_proxy: bool,
}

/// Serves until SIGTERM or Ctrl-C, then finishes what is under way.
pub(super) fn run(args: &Serve) -> Result<(), Failure> {
    surroundings::runtime()?.block_on(async {
        let store = database::connect(&args.database.get()?, Clock::system()).await?;
        database::check(&store).await?;
        let needs = |role| args.roles.contains(&role);
        let elsewhere = if needs(Role::Inference) { None } else { args.tools.elsewhere().await? };
        let reader = match needs(Role::Inference) || needs(Role::Worker) && elsewhere.is_none() {
            true => Some(args.tools.reader(&store).await?),
            false => None,
        };
        let reading = elsewhere.or_else(|| reader.clone().map(ReadingModel::Here));
        let writes = needs(Role::Worker) || needs(Role::Inference);
        let writer = match reading.as_ref().filter(|_| writes) {
            Some(reading) => args.tools.writer(reading)?,
            None => None,
        };
        let work = match reading.clone().filter(|_| needs(Role::Worker)) {
            Some(reading) => Some(args.tools.work(&store, reading, writer.clone()).await?),
            None => None,
        };
        let inference = match reader.filter(|_| needs(Role::Inference)) {
            Some(reader) => Some(args.tools.inference(reader, writer.clone())?),
            None => None,
        };
        let listener = listen(args.listen).await?;
        let settings = Settings { web: web(args.web.clone())?, behind_proxy: args.behind_proxy };
        let state = State { inference, reading, ..State::new(store, settings, measures::install()?) };
        stop_on_signal(state.stopping.clone())?;
        stop_writing(writer, state.stopping.clone());
        let address = listener.local_addr().unwrap_or(args.listen);
        tracing::info!(%address, roles = ?args.roles, "serving");
        roles::run(&args.roles, listener, state, work).await.map_err(Failure::Stopped)
    })
}

/// Opens the address, or says who is in the way.
pub(super) async fn listen(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|cause| match cause.kind() {
        std::io::ErrorKind::AddrInUse => Failure::AddressTaken(address),
        _ => Failure::Listen { address, cause },
    })
}

/// Cancels `stopping` at the first SIGTERM or Ctrl-C.
pub(super) fn stop_on_signal(stopping: CancellationToken) -> Result<(), Failure> {
    let broken = |cause: std::io::Error| Failure::Broken(format!("signals cannot be watched ({cause})"));
    let mut terminate = signal(SignalKind::terminate()).map_err(broken)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(broken)?;
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping: finishing what is under way");
        stopping.cancel();
    });
    Ok(())
}

/// Has the writer break off when `stopping` is cancelled: nobody should wait for its text then.
pub(super) fn stop_writing(writer: Option<Writer>, stopping: CancellationToken) {
    if let Some(writer) = writer {
        tokio::spawn(async move {
            stopping.cancelled().await;
            writer.stop();
        });
    }
}

/// The folder that was named, which must hold a page, or the first usual one that does.
pub(super) fn web(named: Option<PathBuf>) -> Result<Option<PathBuf>, Failure> {
    let built = |folder: &PathBuf| folder.join("index.html").is_file();
    if let Some(folder) = named {
        return if built(&folder) { Ok(Some(folder)) } else { Err(Failure::NoPage(folder)) };
    }
    let beside = std::env::current_exe().ok().and_then(|program| Some(program.parent()?.join("dist")));
    Ok(beside.into_iter().chain([PathBuf::from("operator-web/dist")]).find(built))
}
