//! As whom PostgreSQL runs: it refuses to be root.

use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use super::PostgresError;

/// A user to whom programs and folders are given; none where we are no root and stay who we are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Owner {
    other: Option<(u32, u32)>,
}

impl Owner {
    /// `postgres` where the machine has that user, else `nobody`; only for root.
    pub(super) fn choose() -> Result<Self, PostgresError> {
        let root = std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0);
        if !root {
            return Ok(Self { other: None });
        }
        let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
        let user = ["postgres", "nobody"].iter().find_map(|name| ids_of(&users, name));
        Ok(Self { other: Some(user.ok_or(PostgresError::NoUser)?) })
    }

    /// A command that runs as this user, without root's groups.
    pub(super) fn command(self, program: &Path) -> Command {
        let mut command = Command::new(program);
        if let Some((user, group)) = self.other {
            command.uid(user).gid(group);
        }
        // a working folder that this user may enter
        command.current_dir("/");
        command
    }

    /// Makes a folder that only this user may open.
    pub(super) fn make_private(self, folder: &Path) -> std::io::Result<()> {
        std::fs::create_dir_all(folder)?;
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))?;
        match self.other {
            Some((user, group)) => chown(folder, Some(user), Some(group)),
            None => Ok(()),
        }
    }

    /// Whether this user can come to `folder`: everybody may pass through all folders above it.
    pub(super) fn reaches(self, folder: &Path) -> bool {
        let passable = |above: &Path| std::fs::metadata(above).is_ok_and(|found| found.mode() & 0o001 != 0);
        self.other.is_none() || folder.ancestors().skip(1).filter(|above| above.exists()).all(passable)
    }
}

/// User and group of a line of /etc/passwd.
fn ids_of(users: &str, name: &str) -> Option<(u32, u32)> {
    let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
    let mut fields = line.split(':').skip(2);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_found_by_their_whole_name() {
        let users = "root:x:0:0:root:/root:/bin/bash\npostgresql:x:5:6::/:/bin/sh\npostgres:x:105:110:,:/var:/bin/sh\n";
        assert_eq!(ids_of(users, "postgres"), Some((105, 110)));
        assert_eq!(ids_of(users, "nobody"), None);
    }
}
