//! Counts of one series: negative binomial, with the season that the step has.

pub(super) mod belief;
pub(super) mod design;
mod pack;
pub(super) mod profile;
pub(super) mod spread;
mod tail;
#[cfg(test)]
mod tests;
mod windows;

use std::sync::{Arc, LazyLock};

use jiff::civil::DateTime;

use super::incident::Incident;
use super::silence::Silence;
use super::{Holidays, Refused, Step, Verdict, score};
use belief::{Belief, Rate};
use design::{LATELY, LEVEL, Row, Wish};
use profile::{Profile, Share};
use spread::Spread;
use tail::{Counted, normal_value};
use windows::{Recent, Seen};

/// The state of one series of counts: at most 2 KB, however long the series is.
///
/// The logarithm of the expected count is a sum: level, growth, the last weeks, annual harmonics that may slip against
/// the calendar, holidays ([`design`]), and the shape of the week ([`profile`]). Each row moves what is believed of them
/// ([`belief`]) and of the noise ([`spread`]); rows that stand out move it less. The p-value counts how unsure all that
/// is, and looks at the newest rows alone and together ([`windows`]).
#[derive(Debug, Clone)]
pub struct CountSeries {
    pub(super) step: Step,
    holidays: Arc<Holidays>,
    last: Option<DateTime>,
    pub(super) rows: u32,
    pub(super) belief: Belief,
    pub(super) profile: Profile,
    pub(super) spread: Spread,
    lately: Lately,
    recent: Recent,
    silence: Silence,
    incident: Option<Incident>,
    /// Rows in a row on the same side of the expectation: above 0 if higher, below 0 if lower.
    lean: i16,
}

/// Counts and expectations of the last weeks, the newest weighing most.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Lately {
    counted: f32,
    expected: f32,
}

/// All that is expected of a row before its count is seen.
#[derive(Debug)]
struct Expected {
    row: Row,
    share: Share,
    lately: f64,
    rate: Rate,
    dispersion: f64,
    counted: Counted,
}

static WISHES: LazyLock<Vec<Vec<Wish>>> =
    LazyLock::new(|| Step::ALL.iter().map(|step| design::wishes(*step)).collect());

fn wishes(step: Step) -> &'static [Wish] {
    &WISHES[step as usize]
}

const SECONDS_OF_YEAR: f64 = 365.2425 * 86_400.0;
/// Growth is not drawn out over a longer gap.
const LONGEST_GAP: f64 = 60.0 * 86_400.0;

impl CountSeries {
    /// A series without rows.
    pub fn new(step: Step, holidays: Arc<Holidays>) -> CountSeries {
        CountSeries {
            step,
            holidays,
            last: None,
            rows: 0,
            belief: Belief::new(wishes(step)),
            profile: Profile::new(step),
            spread: Spread::new(),
            lately: Lately::default(),
            recent: Recent::default(),
            silence: Silence::default(),
            incident: None,
            lean: 0,
        }
    }

    /// Goes by these holidays from the next row on; what was learned of the rows before stays.
    pub fn keep(&mut self, holidays: Arc<Holidays>) {
        self.holidays = holidays;
    }

    /// Takes the count of the step that begins at `at` (local time) and says how strange it is, given the rows before.
    ///
    /// A step that was left out is a gap: nothing is learned of it, and no window reaches over it.
    pub fn next(&mut self, at: DateTime, count: u64) -> Result<Verdict, Refused> {
        let steps = self.steps_to(at)?;
        self.last = Some(at);
        if self.rows == 0 && !self.taught() {
            return Ok(self.first(count));
        }
        self.pass(steps);
        let expected = self.expect(at);
        let newest = Seen {
            count,
            mean: expected.rate.mean as f32,
            noise: (expected.rate.mean * expected.dispersion) as f32,
            unsure: expected.rate.deviation() as f32,
            own: 0.5,
            alarm: false,
        };
        let tails = self.recent.tails(self.step, &newest);
        let (p, window, alarm) = windows::combine(self.step, &tails);
        let own = tails[0].unwrap_or(0.5);
        self.recent.push(Seen { own: own as f32, alarm, ..newest });
        let stood = self.silence.stopped();
        self.listen(&newest);
        if !self.silence.stopped() {
            self.learn(&expected, count, normal_value(own));
        }
        self.rows = self.rows.saturating_add(1);
        let begins = Incident::begins(&mut self.incident, self.step, p);
        let alert = begins || (self.silence.stopped() && !stood);
        let (lower, upper) = expected.counted.band();
        Ok(Verdict { expected: expected.rate.mean, lower, upper, score: score(p), p, alert, window })
    }

    /// The run of zeros that goes on, if one does; [`Silence::stopped`] says whether the feed has stopped.
    pub fn silence(&self) -> Option<&Silence> {
        (self.silence.rows > 0).then_some(&self.silence)
    }

    /// Between which numbers of contacts the rows of the silence usually lie: one run in a hundred below, one above.
    pub fn missed_band(&self) -> (f64, f64) {
        self.silence.sum().band()
    }

    fn steps_to(&self, at: DateTime) -> Result<i64, Refused> {
        let Some(last) = self.last else { return Ok(0) };
        let seconds = at.duration_since(last).as_secs();
        match seconds {
            _ if at < last => Err(Refused::Backward { at, last }),
            _ if at == last => Err(Refused::Repeated { at }),
            _ if seconds % self.step.seconds() != 0 || at.subsec_nanosecond() != last.subsec_nanosecond() => {
                Err(Refused::OffStep { at, last, step: self.step })
            }
            _ => Ok(seconds / self.step.seconds()),
        }
    }

    /// Whether siblings told it what to expect.
    fn taught(&self) -> bool {
        self.spread != Spread::new()
    }

    /// The first row of a series of which nothing is known is what is expected from then on, with wide bands.
    fn first(&mut self, count: u64) -> Verdict {
        self.rows = 1;
        let value = count as f64;
        self.belief.mean[LEVEL] = (value + 0.5).ln() as f32;
        let counted = Counted::new(value + 0.5, (value + 0.5) * (value + 2.0));
        let (lower, upper) = counted.band();
        Verdict { expected: value, lower, upper, score: 0.0, p: 1.0, alert: false, window: 1 }
    }

    /// Time goes on by some steps.
    fn pass(&mut self, steps: i64) {
        let seconds = (steps as f64 * self.step.seconds() as f64).min(LONGEST_GAP);
        self.belief.grow(seconds / SECONDS_OF_YEAR, design::harmonics(self.step));
        let kept = (1.0 - 1.0 / design::lately(self.step)).powf(steps as f64) as f32;
        self.lately = Lately { counted: self.lately.counted * kept, expected: self.lately.expected * kept };
        if steps > 1 {
            self.recent.clear();
            self.silence = Silence::default();
        }
    }

    fn expect(&mut self, at: DateTime) -> Expected {
        let level = f64::from(self.belief.mean[LEVEL]).clamp(-30.0, 40.0).exp();
        let ballast = 2.0 * self.spread.at(level);
        let lately = (f64::from(self.lately.counted) + ballast) / (f64::from(self.lately.expected) + ballast);
        let lately = lately.ln().clamp(-3.0, 3.0);
        let row = design::row(self.step, at, &self.holidays, lately);
        let share = Profile::share(self.step, at);
        self.profile.meet(&share);
        let (offset, unsure) = self.profile.offset(&share);
        let rate = self.belief.rate(&row, offset, unsure);
        let dispersion = self.spread.at(rate.mean);
        let doubt = rate.mean * rate.deviation();
        let counted = Counted::new(rate.mean, rate.mean * dispersion + doubt * doubt);
        Expected { row, share, lately, rate, dispersion, counted }
    }

    /// Counts the zeros of a feed that may have stopped.
    fn listen(&mut self, newest: &Seen) {
        if newest.count > 0 {
            self.silence = Silence::default();
            return;
        }
        let silence = &mut self.silence;
        silence.rows = silence.rows.saturating_add(1);
        silence.missed = (silence.missed + newest.mean).min(1e30);
        silence.noise = (silence.noise + newest.noise).min(1e30);
        silence.unsure = (silence.unsure + newest.mean * newest.unsure).min(1e15);
        // after so long a silence zeros are what is to be expected
        let ended = silence.rows > design::silence(self.step);
        silence.p = if ended { 1.0 } else { silence.sum().none() as f32 };
    }

    /// Learns from a row that stands `z` standard deviations out.
    fn learn(&mut self, expected: &Expected, count: u64, z: f64) {
        let Expected { row, share, lately, rate, dispersion, counted } = expected;
        let (value, longest) = (count as f64, design::shift(self.step));
        self.lean = match () {
            () if z > 1.4 => self.lean.max(0) + 1,
            () if z < -1.4 => self.lean.min(0) - 1,
            () => self.lean - self.lean.signum(),
        };
        // A level that stays is no outbreak: what comes day after day is learned at once.
        let shifted = self.lean.abs() >= longest;
        self.lean = self.lean.clamp(-2 * longest, 2 * longest);
        let weight = if shifted || z.abs() <= FAR { 1.0 } else { (FAR / z).powi(2) };
        let (cut, left) = counted.cut(CUT, design::few(self.step));
        let kept = if shifted { value } else { value.min(cut) };
        let doubt = (rate.mean * rate.deviation()).powi(2);
        let noise = rate.mean * dispersion;
        if !shifted {
            let squared = (kept - rate.mean).powi(2) / left - doubt;
            self.spread.learn(rate.mean, squared, noise / (noise + doubt));
        }
        let base = rate.mean * (-f64::from(self.belief.mean[LATELY]) * lately).exp();
        self.lately.counted = (f64::from(self.lately.counted) + kept).min(1e30) as f32;
        self.lately.expected = (f64::from(self.lately.expected) + base).min(1e30) as f32;
        let (step, shrink) = self.belief.learn(row, rate, value, weight, *dispersion);
        self.belief.forget(wishes(self.step));
        self.profile.learn(share, step, shrink, design::profile(self.step));
        if shifted {
            self.belief.doubt(LEVEL, 0.04);
        }
    }
}

impl Silence {
    /// How many contacts its rows had together, before they were seen.
    fn sum(&self) -> Counted {
        Counted::new(f64::from(self.missed), f64::from(self.noise) + f64::from(self.unsure).powi(2))
    }
}

/// Beyond so many standard deviations a row teaches less and less (Noufaily et al. 2013, section 2.2, have 2.58).
const FAR: f64 = 1.8;
/// At so many standard deviations it is cut when the noise is learned.
const CUT: f64 = 1.6;
