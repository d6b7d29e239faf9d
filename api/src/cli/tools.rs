//! What a worker needs besides the database: the model, the broker, a client for outer services.

use clap::Args;
use models::entities::MenuWords;
use models::reading::Reader;
use models::taxonomy::EntityType;
use pipelines::orders;
use pipelines::platform::broker::{Broker, Embedded, Rabbit};
use pipelines::platform::store::Store;
use secrecy::SecretString;

use super::Failure;
use super::reading::{Models, READING};
use crate::channels::telegram::bot;
use crate::server::work::Work;

#[derive(Debug, Args)]
pub(super) struct Tools {
    #[command(flatten)]
    models: Models,
    /// Threads that read messages.
    #[arg(long, env = "OKNO_READING_THREADS", default_value_t = 1)]
    reading_threads: usize,
    /// RabbitMQ; without it the queues stand in PostgreSQL.
    #[arg(long, env = "AMQP_URL", hide_env_values = true)]
    amqp_url: Option<SecretString>,
}

impl Tools {
    /// Loads and connects; whatever is missing or altered is said before the process serves anybody.
    pub(super) async fn work(&self, store: &Store) -> Result<Work, Failure> {
        let broker = match &self.amqp_url {
            Some(url) => Broker::Rabbit(Rabbit::connect(url, store.clock().clone()).await?),
            None => Broker::Embedded(Embedded::new(store.clone())),
        };
        let folder = self.models.folder()?.join(READING);
        let words = orders::menu_words(store).await?;
        let dishes = words.dishes.into_iter().map(|name| (name, EntityType::Dish));
        let ingredients = words.ingredients.into_iter().map(|name| (name, EntityType::Ingredient));
        let menu = MenuWords::new(dishes.chain(ingredients).collect());
        let reader = Reader::load(&folder, menu, self.reading_threads)?;
        let http = bot::http().map_err(|error| Failure::Broken(format!("no HTTP client: {error}")))?;
        Ok(Work { broker, reader, http })
    }
}
