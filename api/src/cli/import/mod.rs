//! `okno import`: restaurants, customers, orders and menus from CSV files, as many times as one likes.
//!
//! What is known is changed, what is new is added, nothing is removed. A bad line is told by its number and left out.

mod customers;
mod fields;
mod menu;
mod orders;
mod restaurants;

use std::fs::File;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use pipelines::platform::clock::Clock;
use pipelines::platform::database;
use pipelines::platform::store::Store;
use serde::de::DeserializeOwned;

use super::database_url::DatabaseUrl;
use super::tally::{Tally, open};
use super::{Failure, surroundings};

/// Rows of one change: few enough that the server goes on serving, many enough that a million take minutes.
const ROWS: usize = 1_000;

#[derive(Debug, Args)]
pub(super) struct Import {
    /// What the file holds.
    #[arg(value_enum)]
    what: What,
    /// A CSV file with a header line.
    ///
    /// restaurants (before all others): country,city,city_name,zone,brand,brand_name,restaurant,address; city and brand
    /// are short names of your choice in a-z, 0-9 and `-`, by which the other files call them.
    /// customers: phone,country,name,language,city,since.
    /// orders: one row a line of an order: phone,country,number,brand,city,restaurant,status,placed_at,due_at,
    /// finished_at,total,wishes,item,quantity,price,item_wishes; rows of one order stand together.
    /// menu: brand,country,category,name,price,ingredients,allergens,weight_grams,active; lists are split by `;`.
    /// Countries are ru, kz, uz; brands and cities are named by their slugs; times are RFC 3339.
    #[arg(verbatim_doc_comment)]
    file: PathBuf,
    #[command(flatten)]
    database: DatabaseUrl,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum What {
    Restaurants,
    Customers,
    Orders,
    Menu,
}

pub(super) fn run(args: &Import) -> Result<(), Failure> {
    surroundings::runtime()?.block_on(async {
        let store = database::connect(&args.database.get()?, Clock::system()).await?;
        database::check(&store).await?;
        import(&store, args.what, &args.file).await
    })
}

async fn import(store: &Store, what: What, file: &Path) -> Result<(), Failure> {
    let size = file.metadata().ok().map(|of| of.len());
    let mut tally = Tally::new(size);
    match what {
        What::Restaurants => restaurants::import(store, Rows::open(file, restaurants::COLUMNS)?, &mut tally).await?,
        What::Customers => customers::import(store, Rows::open(file, customers::COLUMNS)?, &mut tally).await?,
        What::Orders => orders::import(store, Rows::open(file, orders::COLUMNS)?, &mut tally).await?,
        What::Menu => menu::import(store, Rows::open(file, menu::COLUMNS)?, &mut tally).await?,
    }
    tally.end()
}

/// The rows of a CSV file.
struct Rows {
    csv: csv::Reader<File>,
    headers: csv::StringRecord,
    at: u64,
}

impl Rows {
    /// Fails where a column is missing: then every row would be bad.
    fn open(file: &Path, columns: &[&'static str]) -> Result<Self, Failure> {
        let mut csv = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(open(file)?);
        let headers = csv.headers().map_err(|_| Failure::NotCsv(file.to_owned()))?.clone();
        match columns.iter().find(|column| !headers.iter().any(|header| header == **column)) {
            Some(column) => Err(Failure::NoColumn { file: file.to_owned(), column }),
            None => Ok(Self { csv, headers, at: 0 }),
        }
    }

    /// The next good row and the number of its line; bad ones are told on the way. None: the end.
    fn next<R: DeserializeOwned>(&mut self, tally: &mut Tally) -> Option<(u64, R)> {
        let mut record = csv::StringRecord::new();
        loop {
            let line = self.csv.position().line();
            let read = self.csv.read_record(&mut record);
            let end = self.csv.position().byte();
            tally.bytes(usize::try_from(end.saturating_sub(self.at)).unwrap_or(0));
            self.at = end;
            let row = match read {
                Ok(false) => return None,
                Ok(true) => record.deserialize::<R>(Some(&self.headers)),
                Err(cause) => Err(cause),
            };
            let line = record.position().map_or(line, csv::Position::line);
            match row {
                Ok(row) => return Some((line, row)),
                Err(cause) => tally.bad(line, fields::misfit(&cause)),
            }
        }
    }
}
