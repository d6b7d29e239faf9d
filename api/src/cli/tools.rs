//! What the roles need besides the database: the model, the broker, a client for outer services.

use clap::Args;
use models::entities::MenuWords;
use models::reading::{Precision, Reader, ReadingModel};
use models::remote::Remote;
use models::sentences::{SentenceModel, Sentences};
use models::summary::Writer;
use models::taxonomy::EntityType;
use pipelines::orders;
use pipelines::platform::broker::{Broker, Embedded, Rabbit};
use pipelines::platform::store::Store;
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};

use super::Failure;
use super::reading::{Models, READING, SENTENCES, WRITER};
use crate::channels::telegram::bot;
use crate::inference::Inference;
use crate::server::work::Work;
use crate::trends::webhook::Webhook;

#[derive(Debug, Args)]
pub(super) struct Tools {
    #[command(flatten)]
    models: Models,
    /// Threads that read messages.
    #[arg(long, env = "OKNO_READING_THREADS", default_value_t = 1)]
    reading_threads: usize,
    /// How exactly they are read: int8, bf16, f32, or auto, the fastest that this processor has.
    #[arg(long, env = "OKNO_PRECISION", default_value = "auto")]
    precision: Precision,
    /// RabbitMQ; without it the queues stand in PostgreSQL.
    #[arg(long, env = "AMQP_URL", hide_env_values = true)]
    amqp_url: Option<SecretString>,
    /// Where role `inference` runs, for a process without a model of its own: one address or more, with commas between.
    #[arg(long, env = "OKNO_INFERENCE_URL")]
    inference_url: Option<String>,
    /// What callers of role `inference` have to show; without it only processes of this machine are answered.
    #[arg(long, env = "OKNO_INFERENCE_TOKEN", hide_env_values = true)]
    inference_token: Option<SecretString>,
    /// An address that is told of alerts, each change as one signed POST.
    #[arg(long, env = "OKNO_WEBHOOK_URL", requires = "webhook_secret")]
    webhook_url: Option<Url>,
    /// What its requests are signed with.
    #[arg(long, env = "OKNO_WEBHOOK_SECRET", hide_env_values = true)]
    webhook_secret: Option<SecretString>,
}

impl Tools {
    /// Loads the reading model with the words of the menus; whatever is missing or altered is said before the process
    /// serves anybody.
    pub(super) async fn reader(&self, store: &Store) -> Result<Reader, Failure> {
        let folder = self.models.folder()?.join(READING);
        let words = orders::menu_words(store).await?;
        let dishes = words.dishes.into_iter().map(|name| (name, EntityType::Dish));
        let ingredients = words.ingredients.into_iter().map(|name| (name, EntityType::Ingredient));
        let menu = MenuWords::new(dishes.chain(ingredients).collect());
        Ok(Reader::load(&folder, menu, self.reading_threads, self.precision)?)
    }

    /// The reading model of another process, where one is named: waits until it answers.
    pub(super) async fn elsewhere(&self) -> Result<Option<ReadingModel>, Failure> {
        let Some(addresses) = &self.inference_url else { return Ok(None) };
        let token = self.inference_token.as_ref().map(ExposeSecret::expose_secret);
        let remote = Remote::connect(addresses, token).await.map_err(|error| Failure::Broken(error.to_string()))?;
        Ok(Some(ReadingModel::Elsewhere(remote)))
    }

    /// What a worker works with.
    pub(super) async fn work(
        &self,
        store: &Store,
        reader: ReadingModel,
        writer: Option<Writer>,
    ) -> Result<Work, Failure> {
        let broker = match &self.amqp_url {
            Some(url) => Broker::Rabbit(Rabbit::connect(url, store.clock().clone()).await?),
            None => Broker::Embedded(Embedded::new(store.clone())),
        };
        let http = bot::http().map_err(|error| Failure::Broken(format!("no HTTP client: {error}")))?;
        let webhook = self.webhook_url.clone().zip(self.webhook_secret.clone());
        let webhook = webhook.map(|(url, secret)| Webhook { url, secret });
        let sentences = match &reader {
            ReadingModel::Here(_) => SentenceModel::Here(self.sentences()?),
            ReadingModel::Elsewhere(remote) => SentenceModel::Elsewhere(remote.clone()),
        };
        Ok(Work { broker, reader, writer, http, sentences, webhook })
    }

    /// The generator of summaries' texts, where its folder is there. It gives way to the reading model.
    pub(super) fn writer(&self, reader: &ReadingModel) -> Result<Option<Writer>, Failure> {
        match self.models.folder() {
            Ok(folder) => Ok(Writer::load(&folder.join(WRITER), reader)?),
            Err(_) => Ok(None),
        }
    }

    /// The model of sentence vectors; 26 MiB, so each part that needs it has its own.
    fn sentences(&self) -> Result<Sentences, Failure> {
        Ok(Sentences::load(&self.models.folder()?.join(SENTENCES), self.reading_threads, self.precision)?)
    }

    /// What a process with role `inference` works with.
    pub(super) fn inference(&self, reader: Reader, writer: Option<Writer>) -> Result<Inference, Failure> {
        let sentences = self.sentences()?;
        Ok(Inference { reader, sentences, writer, token: self.inference_token.clone() })
    }
}
