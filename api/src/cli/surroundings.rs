//! What every subcommand needs before it starts: one TLS provider, a log on standard error, a runtime.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use super::Failure;

/// Called once, first. The log goes to standard error, as JSON where nobody watches; `OKNO_LOG` chooses what, without
/// it `usual`.
pub(super) fn prepare(usual: &str) -> Result<(), Failure> {
    rustls::crypto::ring::default_provider()
        .install_default()
        .map_err(|_| Failure::Broken("a second TLS provider is installed".to_owned()))?;
    let filter = EnvFilter::try_from_env("OKNO_LOG").unwrap_or_else(|_| EnvFilter::new(usual));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if std::io::stderr().is_terminal() {
        log.init()
    } else {
        log.json().init()
    }
    Ok(())
}

/// The runtime of a subcommand that waits for something.
pub(super) fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Runtime::new().map_err(|cause| Failure::Broken(format!("the runtime did not start ({cause})")))
}
