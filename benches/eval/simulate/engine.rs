//! The engine, driven row by row as counts come in.

use std::sync::Arc;

use models::trends::{CountSeries, Holidays, Step};

use super::score::Judged;
use super::series::Simulated;

/// What the engine says of a simulated series. What came before the tested steps is read once.
pub fn judge(simulated: &Simulated, step: Step, holidays: &Arc<Holidays>) -> Judged {
    let mut past = CountSeries::new(step, Arc::clone(holidays));
    let tested = simulated.tested.clone();
    read(&mut past, simulated, 0, &simulated.counts[..tested.start]);
    let judged = |counts: &[u64]| read(&mut past.clone(), simulated, tested.start, counts);
    let outbreaks = simulated.outbreaks.iter().map(|outbreak| judged(&outbreak.counts)).collect();
    Judged { clean: judged(&simulated.counts[tested.start..]), outbreaks }
}

fn read(series: &mut CountSeries, simulated: &Simulated, from: usize, counts: &[u64]) -> Vec<f64> {
    let begins = &simulated.begins[from..];
    // The steps of a simulation follow each other, so none is refused; one that were would count as found never.
    begins.iter().zip(counts).map(|(begin, count)| series.next(*begin, *count).map_or(1.0, |it| it.p)).collect()
}
