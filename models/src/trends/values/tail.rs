//! How far a figure stands out among the largest of its own past.

/// How many of the largest events are remembered.
const EVENTS: usize = 16;
/// Events nearer than this share of the rows seen are one event.
const APART: f64 = 0.01;
/// And never nearer than this many rows.
const APART_LEAST: u64 = 10;
/// The most that is said of one figure.
const MOST: f64 = 30.0;

/// The largest events of a stream and their exponential tail (peaks over threshold: Siffer et al. 2017, "Anomaly
/// Detection in Streams with Extreme Value Theory", KDD, with shape 0 and declustered peaks).
///
/// A result of r means: the whole past lets expect `EVENTS`·e^(−r) events as large. So it is counted against the
/// history and not against a row, and means the same for a short series and a long one. Memory: 16 events.
#[derive(Debug, Clone, Default)]
pub(super) struct Tail {
    /// Largest first.
    events: Vec<f64>,
    rows: u64,
    /// The event going on: its largest figure so far, and the row up to which a larger one belongs to it.
    open: Option<(f64, u64)>,
}

impl Tail {
    /// Takes the newest figure and says how far it stands out: 0 among the ordinary, then growing by 1 each time the
    /// expected number of such events falls by e. Differences below `grain` count as none.
    pub(super) fn next(&mut self, figure: f64, grain: f64) -> f64 {
        self.rows += 1;
        let surprise = self.surprise(figure, grain);
        self.remember(figure);
        surprise
    }

    fn surprise(&self, figure: f64, grain: f64) -> f64 {
        let count = self.events.len();
        let (Some(&largest), Some(&least)) = (self.events.first(), self.events.last()) else { return 0.0 };
        if count < 3 || figure <= least {
            return 0.0;
        }
        let others = (count - 1) as f64;
        let mean = self.events.iter().map(|event| (event - least) / others).sum::<f64>();
        let scale = mean.max(1e-4 * largest.abs().max(least.abs())).max(grain).max(f64::MIN_POSITIVE);
        ((figure - least) / scale).min(MOST) * count as f64 / EVENTS as f64
    }

    fn remember(&mut self, figure: f64) {
        let until = self.rows + APART_LEAST.max((self.rows as f64 * APART) as u64);
        match self.open {
            Some((peak, end)) if self.rows <= end && figure > peak => {
                if let Some(place) = self.events.iter().position(|event| *event == peak) {
                    self.events.remove(place);
                }
                self.insert(figure, until);
            }
            Some((_, end)) if self.rows <= end => {}
            _ if self.events.len() < EVENTS || self.events.last().is_some_and(|least| figure > *least) => {
                self.insert(figure, until);
            }
            _ => {}
        }
    }

    fn insert(&mut self, figure: f64, until: u64) {
        let place = self.events.partition_point(|event| *event > figure);
        self.events.insert(place, figure);
        self.events.truncate(EVENTS);
        self.open = Some((figure, until));
    }
}

/// Both ends of a stream: what is unusually high and what is unusually low.
#[derive(Debug, Clone, Default)]
pub(super) struct Ends {
    high: Tail,
    low: Tail,
}

impl Ends {
    /// As [`Tail::next`], for the end that stands out more.
    pub(super) fn next(&mut self, figure: f64, grain: f64) -> f64 {
        self.high.next(figure, grain).max(self.low.next(-figure, grain))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sixteen events of 1 to 16, each long after the one before.
    fn known() -> Tail {
        let mut tail = Tail::default();
        for event in 1..=16 {
            tail.next(f64::from(event), 0.0);
            (0..40).for_each(|_| {
                tail.next(0.5, 0.0);
            });
        }
        tail
    }

    #[test]
    fn a_figure_is_set_against_the_largest_of_the_past() {
        // 2 to 16 lie above 1 by 8 in the mean.
        assert_eq!(known().next(1.0, 0.0), 0.0);
        assert_eq!(known().next(9.0, 0.0), 1.0);
        assert_eq!(known().next(33.0, 0.0), 4.0);
        assert_eq!(known().next(33.0, 16.0), 2.0);
        assert_eq!(known().next(f64::MAX, 0.0), MOST);
    }

    #[test]
    fn an_event_counts_once_however_long_it_lasts() {
        let mut tail = known();
        let first = tail.next(33.0, 0.0);
        (0..5).for_each(|_| {
            tail.next(33.0, 0.0);
        });
        assert_eq!(tail.events.iter().filter(|event| **event == 33.0).count(), 1);
        assert!(tail.next(33.0, 0.0) < first);
    }

    #[test]
    fn either_end_stands_out() {
        let mut ends = Ends::default();
        for row in 0..800 {
            ends.next(f64::from(row % 7), 0.0);
        }
        assert!(ends.clone().next(60.0, 0.0) > 5.0 && ends.next(-60.0, 0.0) > 5.0);
    }
}
