//! What every handler can reach.

use std::path::PathBuf;
use std::sync::Arc;

use metrics_exporter_prometheus::PrometheusHandle;
use models::reading::ReadingModel;
use pipelines::platform::store::Store;
use tokio_util::sync::CancellationToken;

use super::limits::Limits;
use crate::inference::Inference;
use crate::live::Hub;

/// Shared by all requests of a process. Cheap to clone.
#[derive(Clone, Debug)]
pub struct State {
    pub store: Store,
    pub settings: Arc<Settings>,
    pub limits: Arc<Limits>,
    /// Hands what happens to open pages.
    pub hub: Hub,
    pub metrics: PrometheusHandle,
    /// The models, in a process that serves them to others.
    pub inference: Option<Inference>,
    /// The reading model, here or elsewhere, in a process that asks it.
    pub reading: Option<ReadingModel>,
    /// Cancelled when the process should stop: long-lived connections end, no new work is taken.
    pub stopping: CancellationToken,
}

/// How this process faces the outside.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The folder of the built page; none: a page says that it is not built.
    pub web: Option<PathBuf>,
    /// Believe `X-Forwarded-For` and `X-Forwarded-Proto`: only where our own proxy sets them.
    pub behind_proxy: bool,
}

impl State {
    pub fn new(store: Store, settings: Settings, metrics: PrometheusHandle) -> Self {
        Self {
            hub: Hub::new(&store),
            store,
            settings: Arc::new(settings),
            limits: Arc::default(),
            metrics,
            inference: None,
            reading: None,
            stopping: CancellationToken::new(),
        }
    }
}
