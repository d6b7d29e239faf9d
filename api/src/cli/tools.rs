//! What a worker needs besides the database: the model, the broker, a client for outer services.

use std::path::PathBuf;

use clap::Args;
use models::entities::MenuWords;
use models::reading::Reader;
use models::taxonomy::EntityType;
use pipelines::orders;
use pipelines::platform::broker::{Broker, Embedded, Rabbit};
use pipelines::platform::store::Store;
use secrecy::SecretString;

use super::Failure;
use crate::channels::telegram::bot;
use crate::server::work::Work;

/// The model that reads messages, by its folder's name under the models' folder.
const READING: &str = "reading-1";

#[derive(Debug, Args)]
pub(super) struct Tools {
    /// The folder of the models' weights; without it `weights` beside the program or `models/weights`.
    #[arg(long, env = "OKNO_MODELS")]
    models: Option<PathBuf>,
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
        let folder = weights(self.models.clone())?.join(READING);
        let words = orders::menu_words(store).await?;
        let dishes = words.dishes.into_iter().map(|name| (name, EntityType::Dish));
        let ingredients = words.ingredients.into_iter().map(|name| (name, EntityType::Ingredient));
        let menu = MenuWords::new(dishes.chain(ingredients).collect());
        let reader = Reader::load(&folder, menu, self.reading_threads)?;
        let http = bot::http().map_err(|error| Failure::Broken(format!("no HTTP client: {error}")))?;
        Ok(Work { broker, reader, http })
    }
}

/// The folder that was named, or the first usual one that is there.
pub(super) fn weights(named: Option<PathBuf>) -> Result<PathBuf, Failure> {
    if let Some(folder) = named {
        return if folder.is_dir() { Ok(folder) } else { Err(Failure::NoModels(folder)) };
    }
    let beside = std::env::current_exe().ok().and_then(|program| Some(program.parent()?.join("weights")));
    let usual = PathBuf::from("models/weights");
    beside.into_iter().chain([usual.clone()]).find(|folder| folder.is_dir()).ok_or(Failure::NoModels(usual))
}
