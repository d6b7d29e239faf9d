//! A PostgreSQL of the demonstration's own: found, made, started on a unix socket, stopped.

mod cluster;
mod home;
mod owner;
mod programs;

pub(super) use cluster::Cluster;

use std::path::PathBuf;

/// Why there is no PostgreSQL; each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum PostgresError {
    #[error("PostgreSQL is not installed; run `apt-get install postgresql` or set DATABASE_URL to a server")]
    NotInstalled,
    #[error(
        "the data in {data} belongs to PostgreSQL {data_version}, installed is {installed}; install \
         postgresql-{data_version}, or remove {data} to begin anew"
    )]
    OtherVersion { data: PathBuf, data_version: String, installed: String },
    #[error("no unprivileged user to run PostgreSQL as; create one with `useradd --system postgres`")]
    NoUser,
    #[error("the disk is full; free 500 MB and start again")]
    DiskFull,
    #[error("cannot use the folder {folder}: {cause}; make it writable or start in another folder")]
    Folder { folder: PathBuf, cause: std::io::Error },
    #[error("{data} is not a folder that Okno made; move it away or start in another folder")]
    Foreign { data: PathBuf },
    #[error("PostgreSQL did not start: {said}; its log is {log}")]
    NotStarted { said: String, log: PathBuf },
    #[error("{program} cannot be run: {cause}; reinstall PostgreSQL")]
    Program { program: PathBuf, cause: std::io::Error },
}

impl PostgresError {
    /// From a failure at a file or folder.
    fn at(folder: &std::path::Path) -> impl FnOnce(std::io::Error) -> Self {
        let folder = folder.to_owned();
        move |cause| match cause.kind() {
            std::io::ErrorKind::StorageFull => Self::DiskFull,
            _ => Self::Folder { folder, cause },
        }
    }
}
