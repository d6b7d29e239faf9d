//! Where PostgreSQL's programs are.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::PostgresError;

/// The folder of `initdb`, `pg_ctl` and `postgres` of one installation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Programs {
    pub(super) folder: PathBuf,
    /// The major version, as the file PG_VERSION of the data spells it.
    pub(super) version: String,
}

impl Programs {
    /// The installation that made `data`, or the newest one where there is no data yet.
    pub(super) fn find(data: &Path) -> Result<Self, PostgresError> {
        let mut installed: Vec<Self> = folders().filter_map(Self::at).collect();
        installed.sort_by_key(|programs| std::cmp::Reverse(programs.version.parse::<u32>().unwrap_or(0)));
        let newest = installed.first().ok_or(PostgresError::NotInstalled)?.clone();
        let Some(version) = version_of(data) else { return Ok(newest) };
        let fitting = installed.into_iter().find(|programs| programs.version == version);
        fitting.ok_or_else(|| PostgresError::OtherVersion {
            data: data.to_owned(),
            data_version: version,
            installed: newest.version,
        })
    }

    fn at(folder: PathBuf) -> Option<Self> {
        let all = ["initdb", "pg_ctl", "postgres"].iter().all(|program| folder.join(program).is_file());
        let answer = all.then(|| Command::new(folder.join("postgres")).arg("--version").output())?.ok()?;
        let version = major(std::str::from_utf8(&answer.stdout).ok()?)?;
        Some(Self { folder, version })
    }

    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

/// Folders of the search path, links followed to where all programs lie; then Debian's.
fn folders() -> impl Iterator<Item = PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path: Vec<PathBuf> = std::env::split_paths(&path)
        .filter_map(|folder| folder.join("postgres").canonicalize().ok()?.parent().map(Path::to_owned))
        .collect();
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    on_path.into_iter().chain(debian.map(|version| version.path().join("bin")))
}

/// What made the data; none where there is none.
fn version_of(data: &Path) -> Option<String> {
    Some(std::fs::read_to_string(data.join("PG_VERSION")).ok()?.trim().to_owned())
}

/// `15` of `postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)`.
fn major(answer: &str) -> Option<String> {
    let number = answer.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    let digits: String = number.chars().take_while(char::is_ascii_digit).collect();
    Some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_the_programs_say_them() {
        assert_eq!(major("postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)").as_deref(), Some("15"));
        assert_eq!(major("postgres (PostgreSQL) 18beta1").as_deref(), Some("18"));
        assert_eq!(major("no number"), None);
    }
}
