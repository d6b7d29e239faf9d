//! The servers under Okno, stopped and started again as an administrator would.

use std::process::Stdio;

use tokio::process::Command;

use crate::trouble::Trouble;

/// Stops a service of `script/services` and starts it again at once.
pub async fn restart(name: &'static str) -> Result<(), Trouble> {
    for act in ["stop", "start"] {
        let mut command = Command::new("script/services");
        let done = command.args([act, name]).stdout(Stdio::null()).stderr(Stdio::null()).status().await?;
        if !done.success() {
            return Err(Trouble::Services(format!("{act} {name}")));
        }
    }
    Ok(())
}
