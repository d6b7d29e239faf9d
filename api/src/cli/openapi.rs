//! `okno openapi`

use std::io::Write;

use super::Failure;

/// Writes the description to standard output; `operator-web/openapi.json` is this text.
pub(super) fn run() -> Result<(), Failure> {
    let text = crate::openapi::json().map_err(|cause| Failure::Broken(cause.to_string()))?;
    std::io::stdout().write_all(text.as_bytes()).map_err(Failure::Output)
}
