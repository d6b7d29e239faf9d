//! The reading model by itself, without a database, for commands that work on files.

use std::path::PathBuf;
use std::thread::available_parallelism;

use clap::Args;
use models::entities::MenuWords;
use models::reading::{Precision, Reader, ReadingModel};
use models::summary::Writer;
use models::taxonomy::EntityType;
use serde::Deserialize;

use super::Failure;
use super::tally::open;

/// The model that reads messages, by its folder's name under the models' folder.
pub(super) const READING: &str = "reading-2";
/// The generator of summaries' texts; its folder may be missing.
pub(super) const WRITER: &str = "writer-1";
/// The model of sentence vectors.
pub(super) const SENTENCES: &str = "sentence-1";

#[derive(Debug, Args)]
pub(super) struct Reading {
    #[command(flatten)]
    pub(super) models: Models,
    /// The model's folder there.
    #[arg(long, default_value = READING)]
    model: String,
    /// A menu to find dishes and ingredients by: CSV with the columns name and ingredients (split by `;`), as
    /// `okno import menu` takes it.
    #[arg(long)]
    menu: Option<PathBuf>,
    /// Threads that read; without it all that the machine has.
    #[arg(long)]
    threads: Option<usize>,
    /// How exactly: int8, bf16, f32, or auto, the fastest that this processor has.
    #[arg(long, env = "OKNO_PRECISION", default_value = "auto")]
    precision: Precision,
}

impl Reading {
    pub(super) fn load(&self) -> Result<Reader, Failure> {
        Ok(Reader::load(&self.models.folder()?.join(&self.model), self.menu_words()?, self.threads(), self.precision)?)
    }

    /// The generator of summaries' texts, where its folder is there.
    pub(super) fn writer(&self, reader: &ReadingModel) -> Result<Option<Writer>, Failure> {
        Ok(Writer::load(&self.models.folder()?.join(WRITER), reader)?)
    }

    /// How many threads may read.
    pub(super) fn threads(&self) -> usize {
        self.threads.or(available_parallelism().ok().map(usize::from)).unwrap_or(1)
    }

    fn menu_words(&self) -> Result<MenuWords, Failure> {
        #[derive(Deserialize)]
        struct Row {
            name: String,
            ingredients: String,
        }
        let Some(path) = &self.menu else { return Ok(MenuWords::default()) };
        let mut names = Vec::new();
        for row in csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(open(path)?).deserialize() {
            let Row { name, ingredients } = row.map_err(|cause| Failure::Menu { path: path.clone(), cause })?;
            names.push((name, EntityType::Dish));
            names.extend(ingredients.split(';').map(|part| (part.trim().to_owned(), EntityType::Ingredient)));
        }
        Ok(MenuWords::new(names))
    }
}

/// Where the models' weights are.
#[derive(Debug, Args)]
pub(super) struct Models {
    /// The folder of the models' weights; without it `weights` beside the program or `models/weights`.
    #[arg(long, env = "OKNO_MODELS")]
    models: Option<PathBuf>,
}

impl Models {
    /// The folder that was named, or the first usual one that is there.
    pub(super) fn folder(&self) -> Result<PathBuf, Failure> {
        if let Some(folder) = self.models.clone() {
            return if folder.is_dir() { Ok(folder) } else { Err(Failure::NoModels(folder)) };
        }
        let beside = std::env::current_exe().ok().and_then(|program| Some(program.parent()?.join("weights")));
        let usual = PathBuf::from("models/weights");
        beside.into_iter().chain([usual.clone()]).find(|folder| folder.is_dir()).ok_or(Failure::NoModels(usual))
    }
}
