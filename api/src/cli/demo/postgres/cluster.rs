//! The cluster's life: made once, started, stopped when dropped.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use secrecy::SecretString;

use super::PostgresError;
use super::home::Home;
use super::owner::Owner;
use super::programs::Programs;

/// A running PostgreSQL that nobody but us can reach. Stopped on drop.
#[derive(Debug)]
pub(in super::super) struct Cluster {
    programs: Programs,
    owner: Owner,
    home: Home,
}

impl Cluster {
    /// Makes the cluster in `folder` where there is none, and starts it. One that still runs, because whoever started
    /// it was killed, is taken over.
    pub(in super::super) fn start(folder: &Path) -> Result<Self, PostgresError> {
        let folder = std::path::absolute(folder).map_err(PostgresError::at(folder))?;
        let owner = Owner::choose()?;
        let home = Home::prepare(&folder, owner)?;
        let programs = Programs::find(&home.data)?;
        let cluster = Self { programs, owner, home };
        if !cluster.home.data.join("PG_VERSION").exists() {
            cluster.init()?;
        }
        if !cluster.is_running() {
            cluster.launch()?;
        }
        Ok(cluster)
    }

    /// The address of the database for Okno.
    pub(in super::super) fn url(&self) -> SecretString {
        let folder = self.home.sockets.to_string_lossy();
        let parameters = [("host", folder.as_ref()), ("user", "app")];
        let url = reqwest::Url::parse_with_params("postgres:///okno", parameters);
        url.map(String::from).unwrap_or_default().into()
    }

    /// Made beside its place and moved there whole, so that a killed start leaves no half cluster.
    fn init(&self) -> Result<(), PostgresError> {
        let draft = self.home.data.with_extension("new");
        if draft.exists() {
            std::fs::remove_dir_all(&draft).map_err(PostgresError::at(&draft))?;
        }
        self.owner.make_private(&draft).map_err(PostgresError::at(&draft))?;
        let mut initdb = self.command("initdb");
        initdb.args(["-U", "app", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-D"]).arg(&draft);
        self.done(initdb)?;
        std::fs::rename(&draft, &self.home.data).map_err(PostgresError::at(&self.home.data))
    }

    /// Right after a kill the old backends may still hold the memory: they leave within a moment.
    fn launch(&self) -> Result<(), PostgresError> {
        self.forget_stranger();
        for _ in 0..20 {
            match self.launch_once() {
                Err(PostgresError::NotStarted { said, .. }) if said.contains("pre-existing shared memory") => {
                    std::thread::sleep(Duration::from_millis(300));
                }
                done => return done,
            }
        }
        self.launch_once()
    }

    fn launch_once(&self) -> Result<(), PostgresError> {
        let sockets = self.home.sockets.to_string_lossy().replace('\'', "'\\''");
        let options = format!("-k '{sockets}' -c listen_addresses='' -c unix_socket_permissions=0700");
        let mut start = self.command("pg_ctl");
        start.args(["start", "--wait", "--silent", "--timeout=60", "-o", &options, "-l"]).arg(&self.home.log);
        start.arg("-D").arg(&self.home.data);
        self.done(start)
    }

    /// PostgreSQL clears the file of its dead process itself, except where another program has got the same id since.
    fn forget_stranger(&self) {
        let alive = self.postmaster().is_some_and(|process| process.exists());
        if alive && std::fs::remove_file(self.home.data.join("postmaster.pid")).is_ok() {
            tracing::info!("PostgreSQL had not been stopped last time; it recovers now");
        }
    }

    /// The process that the data names as its server, as a folder of /proc.
    fn postmaster(&self) -> Option<PathBuf> {
        let file = std::fs::read_to_string(self.home.data.join("postmaster.pid")).ok()?;
        Some(Path::new("/proc").join(file.lines().next()?.trim()))
    }

    /// Whether the process that the data names is alive and a PostgreSQL at this data.
    fn is_running(&self) -> bool {
        let here = self.postmaster().and_then(|process| std::fs::read_link(process.join("cwd")).ok());
        here.is_some() && here == self.home.data.canonicalize().ok()
    }

    fn command(&self, program: &str) -> Command {
        self.owner.command(&self.programs.program(program))
    }

    /// Runs a program to its end and turns what it said into a reason.
    fn done(&self, mut command: Command) -> Result<(), PostgresError> {
        let program = PathBuf::from(command.get_program());
        let Output { status, stdout, stderr } =
            command.output().map_err(|cause| PostgresError::Program { program, cause })?;
        if status.success() {
            return Ok(());
        }
        let log = std::fs::read_to_string(&self.home.log).unwrap_or_default();
        let said = [stdout, stderr].concat();
        let said = String::from_utf8_lossy(&said);
        let of_log: Vec<&str> = log.lines().rev().take(20).collect();
        if said.contains("No space left") || of_log.iter().any(|line| line.contains("No space left")) {
            return Err(PostgresError::DiskFull);
        }
        let fatal = of_log.iter().find(|line| line.contains("FATAL")).copied();
        let last = said.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("it said nothing");
        Err(PostgresError::NotStarted { said: fatal.unwrap_or(last).trim().to_owned(), log: self.home.log.clone() })
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let mut stop = self.command("pg_ctl");
        stop.args(["stop", "--wait", "--silent", "--mode=fast", "-D"]).arg(&self.home.data);
        if let Err(error) = self.done(stop) {
            tracing::warn!(%error, "PostgreSQL goes on running");
        }
    }
}
