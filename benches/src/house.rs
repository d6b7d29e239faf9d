//! A contact centre to measure: a fresh database with the demonstration's people, and processes of `okno serve`.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use api::replay::stand_in;
use pipelines::demonstration::{World, load};
use pipelines::platform::clock::Clock;
use pipelines::platform::database;
use pipelines::platform::store::Store;
use secrecy::{ExposeSecret, SecretString};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::trouble::Trouble;

/// A fresh database; removed by the next measurement of the same name.
#[derive(Debug)]
pub struct House {
    url: SecretString,
    amqp: Option<String>,
    logs: PathBuf,
    /// Talks of the past: the first process that works summarises each of them.
    pub past: u64,
    /// What stands in Telegram's place goes when the house does.
    _telegram: DropGuard,
}

/// A process of Okno. Killed when dropped.
#[derive(Debug)]
pub struct Server {
    child: Child,
    roles: &'static str,
    port: u16,
}

impl House {
    /// Makes the database `okno_{name}` on the server of `DATABASE_URL`. `short`: without the customers' past, which
    /// takes a development build a while to load.
    pub async fn build(name: &str, short: bool) -> Result<Self, Trouble> {
        // Clients ask for a provider of TLS even where they speak none; an error means that there is one.
        drop(rustls::crypto::ring::default_provider().install_default());
        let (store, url) = empty(name, Clock::system()).await?;
        let mut world = World::draw(2026, store.clock().now()).map_err(|_| Trouble::Zones)?;
        if short {
            world.people.clear();
        }
        load(&store, &world, |_| {}).await?;
        let past = world.talks().len() as u64;
        let stop = CancellationToken::new();
        stand_in(&store, stop.clone()).await?;
        store.pool().close().await;
        let logs = PathBuf::from("var/bench");
        std::fs::create_dir_all(&logs)?;
        Ok(Self {
            url,
            amqp: std::env::var("AMQP_URL").ok().filter(|url| !url.is_empty()),
            logs,
            past,
            _telegram: stop.drop_guard(),
        })
    }

    /// Which broker carries the events.
    pub fn broker(&self) -> &'static str {
        if self.amqp.is_some() { "RabbitMQ" } else { "embedded" }
    }

    /// Starts a process with `roles` on `port` and waits until it answers.
    pub async fn start(&self, roles: &'static str, port: u16) -> Result<Server, Trouble> {
        let program = program()?;
        let log = self.log(roles);
        let file = std::fs::OpenOptions::new().create(true).append(true).open(&log)?;
        let mut command = Command::new(program);
        command.args(["serve", "--roles", roles, "--listen", &format!("127.0.0.1:{port}")]);
        command.env("DATABASE_URL", self.url.expose_secret()).env("OKNO_LOG", "warn");
        match &self.amqp {
            Some(url) => command.env("AMQP_URL", url),
            None => command.env_remove("AMQP_URL"),
        };
        let child = command.stdout(Stdio::null()).stderr(file).spawn()?;
        let mut server = Server { child, roles, port };
        for _ in 0..300 {
            let health = reqwest::get(format!("{}/health", server.url())).await;
            if health.is_ok_and(|answer| answer.status().is_success()) {
                return Ok(server);
            }
            if !matches!(server.child.try_wait(), Ok(None)) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Err(Trouble::NotReady(log))
    }

    fn log(&self, roles: &str) -> PathBuf {
        self.logs.join(format!("{}.log", roles.replace(',', "-")))
    }
}

impl Server {
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What the server measures under this name; 0 where it does not.
    pub async fn measure(&self, name: &str) -> f64 {
        let Ok(answer) = reqwest::get(format!("{}/metrics", self.url())).await else { return 0.0 };
        let text = answer.text().await.unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
        line.unwrap_or(0.0)
    }

    /// Waits until it measures at least so much, but no longer than that.
    pub async fn measured(&self, name: &str, least: f64, patience: Duration) {
        let until = tokio::time::Instant::now() + patience;
        while self.measure(name).await < least && tokio::time::Instant::now() < until {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Kills it as `kill -9` does, and starts it again at once.
    pub async fn kill_and_restart(&mut self, house: &House) -> Result<(), Trouble> {
        self.child.kill()?;
        self.child.wait()?;
        let fresh = house.start(self.roles, self.port).await?;
        *self = fresh;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.child.kill().is_ok() {
            drop(self.child.wait());
        }
    }
}

/// A port that is free now.
pub fn free_port() -> Result<u16, Trouble> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// `okno` beside this program.
fn program() -> Result<PathBuf, Trouble> {
    let program = std::env::current_exe()?.parent().unwrap_or(Path::new(".")).join("okno");
    if program.is_file() { Ok(program) } else { Err(Trouble::NoProgram(program)) }
}

/// Makes the database `okno_{name}` on the server of `DATABASE_URL` anew, with nothing but its tables.
pub async fn empty(name: &str, clock: Clock) -> Result<(Store, SecretString), Trouble> {
    let server = std::env::var("DATABASE_URL").map_err(|_| Trouble::NoDatabase)?;
    let url = SecretString::from(named(&server, &format!("okno_{name}")).ok_or(Trouble::NoDatabase)?);
    database::drop_database(&url).await?;
    database::create_if_missing(&url).await?;
    let store = database::connect(&url, clock).await?;
    database::migrate(&store).await?;
    Ok((store, url))
}

/// The address of another database on the same server.
fn named(server: &str, name: &str) -> Option<String> {
    let (address, parameters) = server.split_once('?').map_or((server, ""), |(a, p)| (a, p));
    let (host, _) = address.rsplit_once('/')?;
    let question = if parameters.is_empty() { "" } else { "?" };
    Some(format!("{host}/{name}{question}{parameters}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_database_is_named_and_the_rest_stays() {
        let socket = named("postgres:///postgres?host=/run/x&user=app", "okno_load");
        assert_eq!(socket.as_deref(), Some("postgres:///okno_load?host=/run/x&user=app"));
        let host = named("postgres://u:p@127.0.0.1:5432/postgres", "okno_load");
        assert_eq!(host.as_deref(), Some("postgres://u:p@127.0.0.1:5432/okno_load"));
    }
}
