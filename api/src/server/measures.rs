//! Where this process's measures are kept.

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use crate::cli::Failure;

/// Seconds; the promises to operators are 0.1 and 0.25.
const SECONDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// Makes the recorder of this process; can be done once.
pub fn install() -> Result<PrometheusHandle, Failure> {
    let broken = |cause: metrics_exporter_prometheus::BuildError| Failure::Broken(format!("no measures ({cause})"));
    PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)
        .map_err(broken)?
        .install_recorder()
        .map_err(broken)
}
