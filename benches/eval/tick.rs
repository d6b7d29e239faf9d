//! What a whole tick over ten thousand hourly series takes: the counts read, the steps judged, packed states and verdicts
//! stored, alerts raised. PostgreSQL is part of it.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use benches::ledger::percentile;
use benches::simulate::hourly::count;
use benches::trouble::Trouble;
use benches::{house, machine, report};
use clap::Parser;
use indicatif::ProgressBar;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use models::country::Country;
use models::taxonomy::Topic;
use pipelines::events::Channel;
use pipelines::orders::{
    Brand, BrandId, City, CityId, Restaurant, RestaurantId, put_brands, put_cities, put_countries, put_restaurants,
};
use pipelines::platform::clock::Clock;
use pipelines::platform::store::Store;
use pipelines::trends::{Past, Ticks, count_past, tick};
use rand::SeedableRng;
use rand::rngs::StdRng;

#[derive(Debug, Parser)]
#[command(name = "trends-tick")]
struct Args {
    #[arg(long, default_value_t = 2001)]
    seed: u64,
    /// Hourly series, about: a city more has twenty of them.
    #[arg(long, default_value_t = 10_000)]
    series: usize,
    /// Days of counts that are judged before. A state is as large after four days as after four years.
    #[arg(long, default_value_t = 4)]
    days: u64,
    /// Ticks that are timed of each kind, at most seven: then the day is over.
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u64).range(1..=7))]
    ticks: u64,
    /// The page whose section is written anew; without it the table is only shown.
    #[arg(long)]
    output: Option<PathBuf>,
}

/// A Monday, as in the simulation of counts.
const BEGIN: &str = "2021-01-04T00:00:00Z";
/// The hour of the last day in which the timed ticks begin.
const MORNING: u64 = 8;
const CHANNELS: [Channel; 4] = [Channel::Site, Channel::App, Channel::Telegram, Channel::Call];

#[allow(clippy::print_stderr, reason = "a program's last words")]
fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    match runtime.map_err(Trouble::from).and_then(|runtime| runtime.block_on(measure(&Args::parse()))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            eprintln!("trends-tick: {trouble}");
            ExitCode::FAILURE
        }
    }
}

async fn measure(args: &Args) -> Result<(), Trouble> {
    let mut town = Town::build(args).await?;
    let hours = args.days * 24 + MORNING;
    let bar = ProgressBar::new(hours + 2 * args.ticks + args.days);
    for hour in 0..hours {
        town.counts(hour, false).await?;
        bar.inc(1);
    }
    let store = town.store.clone();
    let mut ticks = Ticks::new(&store);
    for day in 1..=args.days {
        town.is_at(day * 24 * 3_600);
        ticks.tick().await?;
        bar.inc(1);
    }
    let (mut in_memory, mut loaded) = (Vec::new(), Vec::new());
    for hour in hours..hours + 2 * args.ticks {
        town.counts(hour, true).await?;
        // all that is over before the hour is
        let end = (hour + 1) * 3_600;
        town.is_at(end);
        ticks.tick().await?;
        town.is_at(end + 60);
        let before = machine::usage(std::process::id()).cpu_seconds;
        let (started, remembers) = (Instant::now(), in_memory.len() < args.ticks as usize);
        let steps = if remembers { ticks.tick().await? } else { tick(&store).await? };
        let of = (started.elapsed(), machine::usage(std::process::id()).cpu_seconds - before, steps);
        if remembers {
            in_memory.push(of);
        } else {
            loaded.push(of);
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    let text = format!(
        "{} hourly series of {} cities, one thread beside PostgreSQL (`script/services`: no fsync), the tick at the end of an \
         hour, in which five minutes, a quarter of an hour and the hour are over; {} hours of counts before; {}, commit \
         {}.\n\n`cargo run --release --bin trends-tick -- --seed {} --series {} --days {} --ticks {}`\n\n{}",
        town.series(),
        town.cities.len(),
        hours,
        machine::description(),
        machine::commit(),
        args.seed,
        args.series,
        args.days,
        args.ticks,
        report::table(
            &["tick", "median ms", "longest ms", "of it computing here, mean ms", "steps judged"],
            &[row("series in memory", &in_memory), row("series loaded from their packed states", &loaded)],
        ),
    );
    report::publish(&text, None)?;
    args.output.as_ref().map_or(Ok(()), |page| report::section(page, "A whole tick", &text))
}

/// How long a tick took, seconds of this process in it, and the steps that it judged.
type Timed = (Duration, f64, usize);

fn row(name: &str, timed: &[Timed]) -> Vec<String> {
    let milliseconds: Vec<f64> = timed.iter().map(|(took, ..)| took.as_secs_f64() * 1e3).collect();
    let computing = timed.iter().map(|(_, seconds, _)| seconds * 1e3).sum::<f64>() / timed.len().max(1) as f64;
    vec![
        name.to_owned(),
        format!("{:.0}", percentile(&milliseconds, 50.0).unwrap_or(0.0)),
        format!("{:.0}", milliseconds.iter().copied().fold(0.0, f64::max)),
        format!("{computing:.0}"),
        timed.first().map_or(0, |(.., steps)| *steps).to_string(),
    ]
}

/// A centre with so many cities, each with one kitchen, that its topics, cities, channels and kitchens are the series.
struct Town {
    store: Store,
    begin: Timestamp,
    cities: Vec<(CityId, RestaurantId)>,
    dice: StdRng,
}

impl Town {
    async fn build(args: &Args) -> Result<Town, Trouble> {
        let begin: Timestamp = BEGIN.parse().unwrap_or_default();
        let (store, _) = house::empty("tick", Clock::fixed(begin, args.seed)).await?;
        let (of_all, of_a_city) = Town::shapes();
        let count = args.series.saturating_sub(of_all).div_ceil(of_a_city).max(1);
        let brand = Brand { id: BrandId::new(store.clock()), slug: "okno".to_owned(), name: "Окно".to_owned() };
        let city = |n: usize| City {
            id: CityId::new(store.clock()),
            country: Country::Russia,
            slug: n.to_string(),
            name: n.to_string(),
            zone: "UTC".to_owned(),
        };
        let cities: Vec<City> = (0..count).map(city).collect();
        let kitchen = |city: &City| Restaurant {
            id: RestaurantId::new(store.clock()),
            brand: brand.id,
            city: city.id,
            name: city.name.clone(),
            address: city.name.clone(),
        };
        let kitchens: Vec<Restaurant> = cities.iter().map(kitchen).collect();
        let mut change = store.begin().await?;
        put_countries(&mut change, &[Country::Russia]).await?;
        put_brands(&mut change, std::slice::from_ref(&brand)).await?;
        put_cities(&mut change, &cities).await?;
        put_restaurants(&mut change, &kitchens).await?;
        change.commit().await?;
        let cities = cities.iter().zip(&kitchens).map(|(city, kitchen)| (city.id, kitchen.id)).collect();
        Ok(Town { store, begin, cities, dice: StdRng::seed_from_u64(args.seed) })
    }

    /// Hourly series that there are anyhow: of all contacts, of topics, of channels, and of topics in channels; and those
    /// of each city: its total, its topics, its kitchen.
    fn shapes() -> (usize, usize) {
        let topics = Topic::ALL.len();
        ((1 + topics) * (1 + CHANNELS.len()), 2 + topics)
    }

    fn series(&self) -> usize {
        let (of_all, of_a_city) = Town::shapes();
        of_all + of_a_city * self.cities.len()
    }

    /// So many seconds after the beginning, and the minute that is given to readings.
    fn is_at(&self, seconds: u64) {
        let at = self.begin.as_second() + seconds.cast_signed() + 30;
        let clock = self.store.clock();
        clock.advance(SignedDuration::from_secs(at - clock.now().as_second()));
    }

    /// The contacts of an hour: of each topic in each city all in one step of five minutes, or `spread` over all twelve. In
    /// the first hour each has one at least, so all series begin.
    async fn counts(&mut self, hour: u64, spread: bool) -> Result<(), Trouble> {
        let mut all = Vec::new();
        for (place, (city, kitchen)) in self.cities.iter().enumerate() {
            for (kind, topic) in Topic::ALL.iter().copied().enumerate() {
                let series = place * Topic::ALL.len() + kind;
                let n = count(series, hour, &mut self.dice).max(u64::from(hour == 0));
                for contact in 0..n {
                    let five = if spread { (series as u64 + contact * 5) % 12 } else { series as u64 % 12 };
                    let seconds = (hour * 3_600 + five * 300).cast_signed();
                    let at = self.begin.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(self.begin);
                    let day = at.to_zoned(TimeZone::UTC).date();
                    let (city, restaurant) = (Some(*city), Some(*kitchen));
                    let channel = CHANNELS[(place + kind) % CHANNELS.len()];
                    all.push(Past { at, day, topic, city, channel, restaurant });
                }
            }
        }
        let mut change = self.store.begin().await?;
        count_past(&mut change, &all).await?;
        Ok(change.commit().await?)
    }
}
