use std::collections::BTreeSet;

use sqlx::PgPool;
use sqlx::postgres::{PgListener, PgPoolOptions};
use uuid::Uuid;

use super::{Bells, Topic};

const LOG: &str = "okno_log";
const DELIVERY: &str = "okno_delivery";

/// Tells all processes about `topics` in one round trip. `me` lets this process pass over what it said itself.
pub(super) async fn notify(pool: &PgPool, me: Uuid, topics: &BTreeSet<Topic>) -> Result<(), sqlx::Error> {
    let (channels, payloads): (Vec<_>, Vec<_>) = topics
        .iter()
        .map(|topic| match topic {
            Topic::Log => (LOG.to_owned(), me.to_string()),
            Topic::Deliveries(stage) => (DELIVERY.to_owned(), format!("{me} {stage}")),
        })
        .unzip();
    sqlx::query!(
        "SELECT pg_notify(channel, payload) FROM unnest($1::text[], $2::text[]) AS news (channel, payload)",
        &channels,
        &payloads,
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Passes news on until the connection breaks.
pub(super) async fn listen(pool: &PgPool, me: Uuid, bells: &Bells) -> Result<(), sqlx::Error> {
    // A connection of its own, so that none of the pool is taken for good.
    let options = pool.connect_options().as_ref().clone();
    let own = PgPoolOptions::new().max_connections(1).max_lifetime(None).idle_timeout(None).connect_lazy_with(options);
    let mut listener = PgListener::connect_with(&own).await?;
    listener.listen_all([LOG, DELIVERY]).await?;
    let me = me.to_string();
    // Whatever was said before we listened was missed.
    bells.ring_all();
    loop {
        let Some(news) = listener.try_recv().await? else {
            bells.ring_all();
            continue;
        };
        match news.payload().split_once(' ') {
            Some((whose, _)) if whose == me => {}
            Some((_, stage)) => bells.ring_named(Some(stage)),
            None if news.payload() == me => {}
            None => bells.ring_named(None),
        }
    }
}
