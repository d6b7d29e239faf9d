//! A series as bytes, and back: the same verdicts follow.

use std::sync::Arc;

use jiff::SignedDuration;
use jiff::civil::{DateTime, date};

use super::super::incident::Incident;
use super::super::silence::Silence;
use super::super::{Holidays, Step};
use super::profile::{Effect, Small, sizes};
use super::spread::Spread;
use super::windows::{KEPT, Recent, Seen};
use super::{CountSeries, Lately};

/// The first byte. A version that cannot be read is no state: the series is counted anew.
const VERSION: u8 = 2;
const EPOCH: DateTime = date(2000, 1, 1).at(0, 0, 0, 0);
const NOT_YET: i64 = i64::MIN;

impl CountSeries {
    /// The state as bytes.
    pub fn pack(&self) -> Vec<u8> {
        let mut bytes = vec![VERSION, self.step as u8];
        let last = self.last.map_or((NOT_YET, 0), |last| {
            let since = last.duration_since(EPOCH);
            (since.as_secs(), since.subsec_nanos())
        });
        bytes.extend(last.0.to_le_bytes());
        bytes.extend(last.1.to_le_bytes());
        bytes.extend(self.rows.to_le_bytes());
        bytes.extend(self.lean.to_le_bytes());
        let silence = [self.silence.missed, self.silence.noise, self.silence.unsure, self.silence.p];
        bytes.extend(self.silence.rows.to_le_bytes());
        let lately = [self.lately.counted, self.lately.expected];
        for figure in self.spread.figures().iter().chain(&lately).chain(&silence) {
            bytes.extend(figure.to_le_bytes());
        }
        for figure in self.belief.mean.iter().chain(&self.belief.covariance) {
            bytes.extend(figure.to_le_bytes());
        }
        for effect in &self.profile.main {
            bytes.extend(effect.mean.to_le_bytes());
            bytes.extend(effect.variance.to_le_bytes());
        }
        for small in &self.profile.own {
            bytes.extend(small.mean.to_le_bytes());
            bytes.extend(small.deviation.to_le_bytes());
        }
        bytes.push(u8::from(self.incident.is_some()));
        if let Some(incident) = self.incident {
            bytes.extend(incident.p.to_le_bytes());
            bytes.push(incident.calm);
        }
        bytes.push(self.recent.0.len() as u8);
        for seen in &self.recent.0 {
            bytes.extend(seen.count.to_le_bytes());
            for figure in [seen.mean, seen.noise, seen.unsure, seen.own] {
                bytes.extend(figure.to_le_bytes());
            }
            bytes.push(u8::from(seen.alarm));
        }
        bytes
    }

    /// The state out of bytes of [`Self::pack`]; `None` where they are none of ours, or of another step.
    pub fn unpack(bytes: &[u8], step: Step, holidays: Arc<Holidays>) -> Option<CountSeries> {
        let mut bytes = Bytes(bytes);
        if bytes.take()? != [VERSION, step as u8] {
            return None;
        }
        let mut series = CountSeries::new(step, holidays);
        let (seconds, nanoseconds) = (i64::from_le_bytes(bytes.take()?), i32::from_le_bytes(bytes.take()?));
        if seconds != NOT_YET {
            series.last = Some(EPOCH.checked_add(SignedDuration::new(seconds, nanoseconds)).ok()?);
        }
        series.rows = u32::from_le_bytes(bytes.take()?);
        series.lean = i16::from_le_bytes(bytes.take()?);
        let rows = u32::from_le_bytes(bytes.take()?);
        let mut spread = [0.0; Spread::LENGTH];
        for figure in &mut spread {
            *figure = bytes.figure()?;
        }
        series.spread = Spread::of(spread);
        series.lately = Lately { counted: bytes.figure()?, expected: bytes.figure()? };
        let (missed, noise, unsure, p) = (bytes.figure()?, bytes.figure()?, bytes.figure()?, bytes.figure()?);
        series.silence = Silence { rows, missed, noise, unsure, p };
        for figure in series.belief.mean.iter_mut().chain(&mut series.belief.covariance) {
            *figure = bytes.figure()?;
        }
        let (main, own) = sizes(step);
        for effect in series.profile.main.iter_mut().take(main) {
            *effect = Effect { mean: bytes.figure()?, variance: bytes.figure()? };
        }
        for small in series.profile.own.iter_mut().take(own) {
            *small = Small { mean: i16::from_le_bytes(bytes.take()?), deviation: u16::from_le_bytes(bytes.take()?) };
        }
        if bytes.take()? != [0] {
            let p = Some(f64::from_le_bytes(bytes.take()?)).filter(|p| p.is_finite())?;
            series.incident = Some(Incident { p, calm: bytes.take::<1>()?[0] });
        }
        let [length] = bytes.take()?;
        if usize::from(length) > KEPT {
            return None;
        }
        let mut recent = Vec::with_capacity(KEPT);
        for _ in 0..length {
            let count = u64::from_le_bytes(bytes.take()?);
            let (mean, noise, unsure, own) = (bytes.figure()?, bytes.figure()?, bytes.figure()?, bytes.figure()?);
            recent.push(Seen { count, mean, noise, unsure, own, alarm: bytes.take()? != [0] });
        }
        series.recent = Recent(recent);
        bytes.0.is_empty().then_some(series)
    }
}

/// What is left to read.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (first, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*first)
    }

    /// A figure that can be computed with.
    fn figure(&mut self) -> Option<f32> {
        Some(f32::from_le_bytes(self.take()?)).filter(|figure| figure.is_finite())
    }
}
