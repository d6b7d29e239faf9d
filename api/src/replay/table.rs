//! What was sent must have been stored, read and seen.

use std::collections::BTreeMap;
use std::fmt;

use pipelines::events::Channel;

/// Messages of a talk, or of many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    pub sent: u64,
    /// Told by the server's own interface, in the order in which they were sent.
    pub stored: u64,
    /// Of the customer: those that the model is to read, and those that it has read.
    pub readable: u64,
    pub classified: u64,
    /// Came as frames over the live line, each once.
    pub seen: u64,
}

impl Count {
    pub fn is_whole(&self) -> bool {
        self.sent == self.stored && self.sent == self.seen && self.readable == self.classified
    }
}

impl std::ops::AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        self.sent += other.sent;
        self.stored += other.stored;
        self.readable += other.readable;
        self.classified += other.classified;
        self.seen += other.seen;
    }
}

/// Counts by channel.
#[derive(Clone, Debug, Default)]
pub struct Table {
    rows: BTreeMap<&'static str, (u64, u64, Count)>,
}

impl Table {
    pub fn add(&mut self, channel: Channel, count: Count) {
        let (talks, _, sum) = self.rows.entry(channel.as_str()).or_default();
        *talks += 1;
        *sum += count;
    }

    /// A talk that broke off: none of its messages counts as arrived.
    pub fn fail(&mut self, channel: Channel, turns: u64) {
        let (talks, broken, sum) = self.rows.entry(channel.as_str()).or_default();
        *talks += 1;
        *broken += 1;
        sum.sent += turns;
    }

    pub fn is_whole(&self) -> bool {
        self.rows.values().all(|(_, broken, count)| *broken == 0 && count.is_whole())
    }

    pub fn total(&self) -> Count {
        self.rows.values().fold(Count::default(), |mut sum, (_, _, count)| {
            sum += *count;
            sum
        })
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<10} {:>6} {:>7} {:>8} {:>8} {:>9} {:>11} {:>8}",
            "channel", "talks", "broken", "sent", "stored", "to read", "classified", "seen"
        )?;
        let mut all = (0, 0);
        for (channel, (talks, broken, count)) in &self.rows {
            all = (all.0 + talks, all.1 + broken);
            row(f, channel, *talks, *broken, count)?;
        }
        row(f, "all", all.0, all.1, &self.total())
    }
}

fn row(f: &mut fmt::Formatter<'_>, name: &str, talks: u64, broken: u64, count: &Count) -> fmt::Result {
    writeln!(
        f,
        "{name:<10} {talks:>6} {broken:>7} {:>8} {:>8} {:>9} {:>11} {:>8}",
        count.sent, count.stored, count.readable, count.classified, count.seen
    )
}
