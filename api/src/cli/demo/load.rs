//! The demonstration's world, put into an empty database on the first start.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use pipelines::demonstration::{World, is_loaded, load};
use pipelines::platform::store::Store;

use super::super::Failure;

/// Any number; it is the same everywhere, so that everybody sees the same people.
const SEED: u64 = 2026;

/// The world as it would be now; who lives in it does not depend on the time.
pub(super) fn world(store: &Store) -> Result<World, Failure> {
    World::draw(SEED, store.clock().now()).map_err(|_| Failure::NoTimeZones)
}

/// Loads the world unless the database holds one.
pub(super) async fn once(store: &Store, world: &World) -> Result<(), Failure> {
    if is_loaded(store).await? {
        return Ok(());
    }
    let bar = ProgressBar::new(1_000).with_message("loading two thousand customers and a year of their orders");
    if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {percent} %") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    load(store, world, |done| bar.set_position(done)).await.map_err(Failure::Workforce)?;
    bar.finish_and_clear();
    Ok(())
}
