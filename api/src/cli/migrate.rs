//! `okno migrate`

use clap::Args;
use pipelines::platform::clock::Clock;
use pipelines::platform::database;

use super::database_url::DatabaseUrl;
use super::{Failure, surroundings};

#[derive(Debug, Args)]
pub(super) struct Migrate {
    #[command(flatten)]
    database: DatabaseUrl,
}

/// Makes the database where there is none and brings its data to this program's version.
pub(super) fn run(args: &Migrate) -> Result<(), Failure> {
    surroundings::runtime()?.block_on(async {
        let url = args.database.get()?;
        database::create_if_missing(&url).await?;
        let store = database::connect(&url, Clock::system()).await?;
        database::migrate(&store).await?;
        tracing::info!("the data is of this program's version");
        Ok(())
    })
}
