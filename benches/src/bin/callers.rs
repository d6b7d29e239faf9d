//! Callers of role `inference` over HTTP: `/embed`, one text a call, from a file of labelled messages. Closed: so many
//! callers, each asks again when it is answered. Open: so many calls a second, whatever comes back.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use clap::Parser;
use reqwest::{Client, StatusCode};
use serde::{Deserialize, Serialize};

#[derive(Debug, Parser)]
struct Args {
    /// For example http://127.0.0.1:8080.
    #[arg(long)]
    address: String,
    /// JSON lines with a `text`.
    #[arg(long)]
    texts: PathBuf,
    #[arg(long, default_value_t = 1)]
    callers: usize,
    /// Calls a second, open loop; without it the loop is closed.
    #[arg(long)]
    rate: Option<f64>,
    #[arg(long, default_value_t = 10)]
    seconds: u64,
}

#[derive(Debug, Deserialize)]
struct Message {
    text: String,
}

/// One line of JSON; times in milliseconds.
#[derive(Debug, Serialize)]
struct Summary {
    callers: usize,
    rate: Option<f64>,
    answered_a_second: f64,
    p50: f64,
    p99: f64,
    refused: usize,
    refused_p99: f64,
    failed: usize,
}

#[derive(Debug, Default)]
struct Tally {
    answered: Vec<f64>,
    refused: Vec<f64>,
    failed: usize,
}

type Broken = Box<dyn std::error::Error>;

struct Calls {
    http: Client,
    url: String,
    bodies: Vec<String>,
    next: AtomicUsize,
}

#[tokio::main]
async fn main() -> Result<(), Broken> {
    let args = Args::parse();
    let _ = rustls::crypto::ring::default_provider().install_default();
    let file = std::fs::read_to_string(&args.texts)?;
    let texts = file.lines().map(serde_json::from_str::<Message>).collect::<Result<Vec<_>, _>>()?;
    let bodies = texts.iter().map(|message| serde_json::json!({ "inputs": message.text }).to_string()).collect();
    let http = Client::builder().timeout(Duration::from_secs(30)).pool_max_idle_per_host(usize::MAX).build()?;
    let calls = Arc::new(Calls { http, url: format!("{}/embed", args.address), bodies, next: AtomicUsize::new(0) });
    let span = Duration::from_secs(args.seconds);
    let mut tally = match args.rate {
        Some(rate) => open(&calls, rate, span).await,
        None => closed(&calls, args.callers, span).await,
    };
    tally.answered.sort_by(f64::total_cmp);
    tally.refused.sort_by(f64::total_cmp);
    let summary = Summary {
        callers: args.callers,
        rate: args.rate,
        answered_a_second: tally.answered.len() as f64 / span.as_secs_f64(),
        p50: quantile(&tally.answered, 0.5),
        p99: quantile(&tally.answered, 0.99),
        refused: tally.refused.len(),
        refused_p99: quantile(&tally.refused, 0.99),
        failed: tally.failed,
    };
    #[expect(clippy::print_stdout, reason = "this is what it is for")]
    {
        println!("{}", serde_json::to_string(&summary)?);
    }
    Ok(())
}

async fn closed(calls: &Arc<Calls>, callers: usize, span: Duration) -> Tally {
    let until = Instant::now() + span;
    let tasks = (0..callers).map(|_| {
        let calls = calls.clone();
        tokio::spawn(async move {
            let mut tally = Tally::default();
            while Instant::now() < until {
                tally.add(calls.one().await);
            }
            tally
        })
    });
    gather(tasks.collect()).await
}

async fn open(calls: &Arc<Calls>, rate: f64, span: Duration) -> Tally {
    let began = Instant::now();
    let mut tasks = Vec::new();
    for number in 0..(rate * span.as_secs_f64()) as u64 {
        let due = began + Duration::from_secs_f64(number as f64 / rate);
        tokio::time::sleep_until(due.into()).await;
        let calls = calls.clone();
        tasks.push(tokio::spawn(async move {
            let mut tally = Tally::default();
            tally.add(calls.one().await);
            tally
        }));
    }
    gather(tasks).await
}

async fn gather(tasks: Vec<tokio::task::JoinHandle<Tally>>) -> Tally {
    let mut all = Tally::default();
    for task in tasks {
        match task.await {
            Ok(tally) => {
                all.answered.extend(tally.answered);
                all.refused.extend(tally.refused);
                all.failed += tally.failed;
            }
            Err(_) => all.failed += 1,
        }
    }
    all
}

impl Calls {
    async fn one(&self) -> (Option<StatusCode>, f64) {
        let body = self.bodies[self.next.fetch_add(1, Ordering::Relaxed) % self.bodies.len()].clone();
        let began = Instant::now();
        let status = match self.http.post(&self.url).body(body).send().await {
            Ok(answer) => {
                let status = answer.status();
                answer.bytes().await.ok().map(|_| status)
            }
            Err(_) => None,
        };
        (status, began.elapsed().as_secs_f64() * 1e3)
    }
}

impl Tally {
    fn add(&mut self, (status, milliseconds): (Option<StatusCode>, f64)) {
        match status {
            Some(StatusCode::OK) => self.answered.push(milliseconds),
            Some(StatusCode::TOO_MANY_REQUESTS) => self.refused.push(milliseconds),
            _ => self.failed += 1,
        }
    }
}

fn quantile(sorted: &[f64], share: f64) -> f64 {
    let at = (sorted.len() as f64 * share) as usize;
    sorted.get(at.min(sorted.len().saturating_sub(1))).copied().unwrap_or(f64::NAN)
}
