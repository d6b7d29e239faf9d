//! The scan: the ball with the most of now in it, and how far chance alone goes.

use std::collections::HashMap;

use rand::SeedableRng;
use rand::rngs::SmallRng;
use rand::seq::SliceRandom;

use super::near::Nearest;
use super::pool::Pool;

/// The talks that a ball holds.
const BALLS: [usize; 13] = [8, 10, 12, 14, 16, 20, 24, 28, 32, 40, 48, 64, 96];
/// Neighbours that are looked up: the widest ball, and some to take the place of talks that were removed.
pub(super) const WIDEST: usize = 128;
/// How often labels are dealt anew, for a rate of one in a hundred; the rarer the alarm, the more.
const DEALS: f64 = 10.0;

/// A bit for each deal of those that are counted at once.
type Deals = u64;
/// Binary digits in which the talks of the widest ball can be counted.
const DIGITS: usize = 7;

pub(super) struct Scan<'a> {
    nearest: &'a Nearest,
    pub(super) now: Vec<bool>,
    gone: Vec<bool>,
    strata: Vec<Vec<usize>>,
    /// The share of now that the stratum of each talk has.
    pub(super) share: Vec<f64>,
}

pub(super) struct Found {
    /// The talks of now in the strongest ball.
    pub(super) core: Vec<usize>,
    pub(super) p: f64,
}

/// A ball: whose, how large, and how many talks of now it should hold.
struct Ball {
    centre: usize,
    reach: usize,
    talks: usize,
    expected: f64,
}

impl<'a> Scan<'a> {
    pub(super) fn over(pool: &Pool<'_>, nearest: &'a Nearest) -> Scan<'a> {
        let strata = strata(pool);
        let talks = pool.now.len();
        let mut scan =
            Scan { nearest, now: pool.now.clone(), gone: vec![false; talks], strata, share: vec![0.0; talks] };
        scan.reckon_shares();
        scan
    }

    /// The ball that is least like chance, if chance does as much in no more than `rate` of all windows.
    pub(super) fn strongest(&self, rate: f64, seed: u64) -> Option<Found> {
        let balls = self.balls();
        let (best, strength) = self.best(&balls)?;
        let needed: Vec<u8> = balls.iter().map(|ball| least(ball, strength)).collect();
        let rounds = (DEALS / rate.clamp(1e-4, 1.0)).ceil();
        // More than this and the rate is missed, whatever the rest shows (Besag & Clifford 1991, sequential p-values).
        let patience = (rate * rounds).floor() as u32;
        let mut dice = SmallRng::seed_from_u64(seed);
        let mut reached = 1;
        let mut left = rounds as usize - 1;
        while left > 0 {
            let at_once = left.min(Deals::BITS as usize);
            left -= at_once;
            reached += self.reaching(&balls, &needed, &self.deal(at_once, &mut dice)).count_ones();
            if reached > patience {
                return None;
            }
        }
        let ball = &balls[best];
        let within = self.neighbours(ball.centre).take(ball.talks);
        Some(Found { core: within.filter(|talk| self.now[*talk]).collect(), p: f64::from(reached) / rounds })
    }

    /// Takes talks out of the window.
    pub(super) fn remove(&mut self, talks: &[usize]) {
        for talk in talks {
            self.gone[*talk] = true;
            self.now[*talk] = false;
        }
        for stratum in &mut self.strata {
            stratum.retain(|talk| !self.gone[*talk]);
        }
        self.reckon_shares();
    }

    pub(super) fn holds(&self, talk: usize) -> bool {
        !self.gone[talk]
    }

    fn reckon_shares(&mut self) {
        for stratum in &self.strata {
            let now = stratum.iter().filter(|talk| self.now[**talk]).count();
            for talk in stratum {
                self.share[*talk] = now as f64 / stratum.len() as f64;
            }
        }
    }

    pub(super) fn neighbours(&self, talk: usize) -> impl Iterator<Item = usize> + '_ {
        self.nearest.of(talk).iter().map(|other| *other as usize).filter(|other| self.holds(*other))
    }

    /// All balls, from each centre outward.
    fn balls(&self) -> Vec<Ball> {
        let mut balls = Vec::new();
        for centre in (0..self.now.len()).filter(|talk| self.holds(*talk)) {
            let (mut talks, mut expected) = (0, 0.0);
            for (reach, other) in self.nearest.of(centre).iter().enumerate() {
                if !self.holds(*other as usize) {
                    continue;
                }
                talks += 1;
                expected += self.share[*other as usize];
                if BALLS.contains(&talks) {
                    balls.push(Ball { centre, reach: reach + 1, talks, expected });
                }
            }
        }
        balls
    }

    /// The strongest ball and its strength; none where no ball holds more of now than it should.
    fn best(&self, balls: &[Ball]) -> Option<(usize, f64)> {
        let mut best = None;
        let (mut centre, mut reach, mut count) = (usize::MAX, 0, 0);
        for (at, ball) in balls.iter().enumerate() {
            if ball.centre != centre {
                (centre, reach, count) = (ball.centre, 0, 0);
            }
            let more = &self.nearest.of(centre)[reach..ball.reach];
            count += more.iter().filter(|other| self.now[**other as usize]).count();
            reach = ball.reach;
            let strength = strength(count as f64, ball.talks as f64, ball.expected);
            if strength > best.map_or(0.0, |(_, strongest)| strongest) {
                best = Some((at, strength));
            }
        }
        best
    }

    /// In which of the deals some ball holds as many as it needs.
    fn reaching(&self, balls: &[Ball], needed: &[u8], dealt: &[Deals]) -> Deals {
        let mut reaching = 0;
        let (mut centre, mut reach, mut sums) = (usize::MAX, 0, [0; DIGITS]);
        for (ball, needed) in balls.iter().zip(needed) {
            if ball.centre != centre {
                (centre, reach, sums) = (ball.centre, 0, [0; DIGITS]);
            }
            for other in &self.nearest.of(centre)[reach..ball.reach] {
                add(&mut sums, dealt[*other as usize]);
            }
            reach = ball.reach;
            reaching |= at_least(&sums, *needed);
        }
        reaching
    }

    /// Deals the labels of each stratum anew, `times` times; for each talk the deals that make it one of now.
    fn deal(&self, times: usize, dice: &mut SmallRng) -> Vec<Deals> {
        let mut dealt = vec![0; self.now.len()];
        let mut hand = Vec::new();
        for time in 0..times {
            for stratum in &self.strata {
                hand.clear();
                hand.extend(stratum.iter().map(|talk| Deals::from(self.now[*talk])));
                hand.shuffle(dice);
                for (talk, label) in stratum.iter().zip(&hand) {
                    dealt[*talk] |= label << time;
                }
            }
        }
        dealt
    }
}

/// Adds one in the deals of `ones`; `sums` are the binary digits of a number for each deal, the lowest first.
fn add(sums: &mut [Deals; DIGITS], ones: Deals) {
    let mut carry = ones;
    for digit in sums {
        (*digit, carry) = (*digit ^ carry, *digit & carry);
    }
}

/// The deals whose number is `least` or more: those where nothing is borrowed when it is taken away.
fn at_least(sums: &[Deals; DIGITS], least: u8) -> Deals {
    let mut borrowed = 0;
    for (place, digit) in sums.iter().enumerate() {
        borrowed = if least >> place & 1 == 1 { !digit | borrowed } else { !digit & borrowed };
    }
    !borrowed
}

/// Talks that would be as likely of now as of before if nothing new had come: those of one topic in one language. Both
/// swing from day to day, and a language that swings within a topic looks like a theme of it. However few they are, none
/// are thrown together: shares that differ within a stratum are what the p-value must not see, and a stratum with talks
/// of now only, or of before only, says nothing and does no harm.
fn strata(pool: &Pool<'_>) -> Vec<Vec<usize>> {
    let mut strata: HashMap<_, Vec<usize>> = HashMap::new();
    for (place, talk) in pool.talks.iter().enumerate() {
        strata.entry((talk.topic, talk.language)).or_default().push(place);
    }
    let mut strata: Vec<Vec<usize>> = strata.into_values().collect();
    // By their first talks: the order of a map differs from run to run.
    strata.sort_unstable();
    strata
}

/// The logarithm of the likelihood ratio of `count` of now among `talks` where `expected` were due (Kulldorff 1997, the
/// Bernoulli model, within the ball); zero for no more than due.
pub(super) fn strength(count: f64, talks: f64, expected: f64) -> f64 {
    if count <= expected || expected <= 0.0 {
        return 0.0;
    }
    let others = talks - count;
    let rest = if others > 0.0 { others * (others / (talks - expected)).ln() } else { 0.0 };
    count * (count / expected).ln() + rest
}

/// The fewest talks of now with which a ball is as strong; one more than it can hold if it never is.
fn least(ball: &Ball, strongest: f64) -> u8 {
    let talks = ball.talks as f64;
    let enough = |count: &usize| strength(*count as f64, talks, ball.expected) >= strongest;
    (1..=ball.talks).find(enough).unwrap_or(ball.talks + 1) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_bits_are_the_numbers() {
        let mut dice = SmallRng::seed_from_u64(1);
        let (mut sums, mut plain) = ([0; DIGITS], [0_u8; 64]);
        for _ in 0..*BALLS.last().unwrap_or(&0) {
            let ones: Deals = rand::Rng::random(&mut dice);
            add(&mut sums, ones);
            plain.iter_mut().enumerate().for_each(|(deal, count)| *count += (ones >> deal & 1) as u8);
            for least in 0..=97 {
                let reach = at_least(&sums, least);
                assert!(plain.iter().enumerate().all(|(deal, count)| (reach >> deal & 1 == 1) == (*count >= least)));
            }
        }
    }
}
