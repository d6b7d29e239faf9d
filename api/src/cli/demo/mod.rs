//! `okno demo`: everything on one machine.

mod load;
mod postgres;
mod queue;
mod talks;
mod welcome;

pub(super) use postgres::PostgresError;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use models::reading::ReadingModel;
use pipelines::platform::clock::Clock;
use pipelines::platform::database;
use secrecy::SecretString;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::tools::Tools;
use super::{Failure, serve, surroundings};
use crate::replay::stand_in;
use crate::server::roles::{self, Role};
use crate::server::{Settings, State, measures};
use postgres::Cluster;

#[derive(Debug, Args)]
pub(super) struct Demo {
    /// Where it listens.
    #[arg(long, env = "OKNO_LISTEN", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Where its own PostgreSQL keeps its data.
    #[arg(long, default_value = "var/pg")]
    data: PathBuf,
    /// No talks of its own: only what you write.
    #[arg(long)]
    silent: bool,
    /// A PostgreSQL server to use instead of an own one.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    database_url: Option<SecretString>,
    #[command(flatten)]
    tools: Tools,
    /// The folder of the built page; without it the `dist` folder beside the program or `operator-web/dist`.
    #[arg(long, env = "OKNO_WEB")]
    web: Option<PathBuf>,
}

/// Runs until SIGTERM or Ctrl-C; then finishes what is under way and stops its PostgreSQL.
pub(super) fn run(args: &Demo) -> Result<(), Failure> {
    let web = serve::web(args.web.clone())?;
    let runtime = surroundings::runtime()?;
    let stopping = CancellationToken::new();
    // The address comes first: who starts a second demonstration by mistake learns it before anything is touched.
    let listener = runtime.block_on(async {
        serve::stop_on_signal(stopping.clone())?;
        serve::listen(args.listen).await
    })?;
    let cluster = match &args.database_url {
        Some(_) => None,
        None => Some(Cluster::start(&args.data)?),
    };
    let url = args.database_url.clone().or_else(|| cluster.as_ref().map(Cluster::url)).unwrap_or_default();
    let result = runtime.block_on(show(args, &url, listener, web, stopping));
    // Whatever still holds a connection goes before the server does.
    drop(runtime);
    drop(cluster);
    result
}

async fn show(
    args: &Demo,
    url: &SecretString,
    listener: TcpListener,
    web: Option<PathBuf>,
    stopping: CancellationToken,
) -> Result<(), Failure> {
    database::create_if_missing(url).await?;
    let store = database::connect(url, Clock::system()).await?;
    database::migrate(&store).await?;
    let world = load::world(&store)?;
    if stopping.run_until_cancelled(load::once(&store, &world)).await.transpose()?.is_none() {
        return Ok(());
    }
    stand_in(&store, stopping.clone()).await?;
    let reader = args.tools.reader(&store).await?;
    let reading = ReadingModel::Here(reader.clone());
    let writer = args.tools.writer(&reading)?;
    let inference = Some(args.tools.inference(reader, writer.clone())?);
    let work = args.tools.work(&store, reading.clone(), writer.clone()).await?;
    serve::stop_writing(writer, stopping.clone());
    let settings = Settings { web, behind_proxy: false };
    let clock = store.clock().clone();
    let state = State {
        stopping: stopping.clone(),
        inference,
        reading: Some(reading),
        ..State::new(store, settings, measures::install()?)
    };
    let address = listener.local_addr().map_err(Failure::Stopped)?;
    welcome::print(address)?;
    let talks = (!args.silent)
        .then(|| tokio::spawn(talks::play(format!("http://{address}"), clock, world.writers(), stopping)));
    let served = roles::run(Role::value_variants(), listener, state, Some(work)).await.map_err(Failure::Stopped);
    if let Some(talks) = talks {
        talks.abort();
    }
    served
}
