//! Where the data lies: in the demonstration's folder, or, where PostgreSQL's user cannot come there, elsewhere with a
//! link to it.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::PostgresError;
use super::owner::Owner;

/// Folders that every user can reach and only root can write to, for data of a checkout in root's own home.
const ELSEWHERE: &str = "/var/lib/okno-demo";

/// Longest path of a unix socket (sun_path of Linux, with its closing zero) less the name of PostgreSQL's.
const LONGEST_SOCKET_FOLDER: usize = 107 - "/.s.PGSQL.5432".len();

/// The folders of one cluster.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Home {
    pub(super) data: PathBuf,
    pub(super) sockets: PathBuf,
    pub(super) log: PathBuf,
}

impl Home {
    /// Makes the folders of a cluster that the caller knows as `wanted` (absolute), given to `owner`.
    pub(super) fn prepare(wanted: &Path, owner: Owner) -> Result<Self, PostgresError> {
        let folder = if owner.reaches(wanted) { wanted.to_owned() } else { elsewhere(wanted)? };
        let home = Self { data: folder.join("data"), sockets: sockets(&folder), log: folder.join("postgres.log") };
        for folder in [&folder, &home.sockets] {
            owner.make_private(folder).map_err(PostgresError::at(folder))?;
        }
        Ok(home)
    }
}

/// A folder for the same data where everybody can come. `wanted` becomes a link to it; where somebody has removed the
/// link, they wanted the data gone.
fn elsewhere(wanted: &Path) -> Result<PathBuf, PostgresError> {
    let folder = Path::new(ELSEWHERE).join(fingerprint(wanted));
    let linked = std::fs::read_link(wanted).is_ok_and(|to| to == folder);
    if !linked {
        if wanted.symlink_metadata().is_ok() {
            return Err(PostgresError::Foreign { data: wanted.to_owned() });
        }
        match std::fs::remove_dir_all(&folder) {
            Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => {
                return Err(PostgresError::at(&folder)(cause));
            }
            _ => {}
        }
        let above = wanted.parent().unwrap_or(wanted);
        std::fs::create_dir_all(above).map_err(PostgresError::at(above))?;
        std::fs::create_dir_all(ELSEWHERE).map_err(PostgresError::at(Path::new(ELSEWHERE)))?;
        symlink(&folder, wanted).map_err(PostgresError::at(wanted))?;
    }
    Ok(folder)
}

/// Beside the data, or under a short name where the path would be too long for a socket.
fn sockets(folder: &Path) -> PathBuf {
    let beside = folder.join("socket");
    if beside.as_os_str().len() <= LONGEST_SOCKET_FOLDER {
        return beside;
    }
    std::env::temp_dir().join(format!("okno-{}", fingerprint(folder)))
}

fn fingerprint(path: &Path) -> String {
    let mut hasher = DefaultHasher::new();
    path.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_has_a_path_that_the_kernel_takes() {
        assert_eq!(sockets(Path::new("/srv/okno/var/pg")), Path::new("/srv/okno/var/pg/socket"));
        let deep = PathBuf::from(format!("/{}", "deep/".repeat(40)));
        assert!(sockets(&deep).as_os_str().len() <= LONGEST_SOCKET_FOLDER);
    }
}
