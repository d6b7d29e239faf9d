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
/// A topic with fewer talks is thrown together with the other small ones.
const STRATUM: usize = 30;
/// How often labels are dealt anew, for a rate of one in a hundred; the rarer the alarm, the more.
const DEALS: f64 = 10.0;

pub(super) struct Scan<'a> {
    nearest: &'a Nearest,
    pub(super) now: Vec<bool>,
    gone: Vec<bool>,
    strata: Vec<Vec<usize>>,
    /// The share of now that the topic of each talk has.
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
        let mut by_topic: HashMap<_, Vec<usize>> = HashMap::new();
        for (place, talk) in pool.talks.iter().enumerate() {
            by_topic.entry(talk.topic.map(|topic| topic.as_str())).or_default().push(place);
        }
        let (mut strata, small): (Vec<_>, Vec<_>) = by_topic.into_values().partition(|talks| talks.len() >= STRATUM);
        strata.push(small.concat());
        // By their first talks: the order of a map differs from run to run.
        strata.iter_mut().for_each(|stratum| stratum.sort_unstable());
        strata.sort_unstable();
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
        let patience = (rate * rounds).floor();
        let mut dice = SmallRng::seed_from_u64(seed);
        let mut dealt = self.now.clone();
        let mut reached = 1.0;
        for _ in 1..rounds as usize {
            self.deal(&mut dealt, &mut dice);
            if self.reaches(&balls, &needed, &dealt) {
                reached += 1.0;
                if reached > patience {
                    return None;
                }
            }
        }
        let ball = &balls[best];
        let within = self.neighbours(ball.centre).take(ball.talks);
        Some(Found { core: within.filter(|talk| self.now[*talk]).collect(), p: reached / rounds })
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

    /// How many of `now` each ball holds, ball by ball, until `each` says stop.
    fn count(&self, balls: &[Ball], now: &[bool], mut each: impl FnMut(usize, usize) -> bool) {
        let (mut centre, mut reach, mut count) = (usize::MAX, 0, 0);
        for (at, ball) in balls.iter().enumerate() {
            if ball.centre != centre {
                (centre, reach, count) = (ball.centre, 0, 0);
            }
            count += self.nearest.of(centre)[reach..ball.reach].iter().filter(|other| now[**other as usize]).count();
            reach = ball.reach;
            if !each(at, count) {
                return;
            }
        }
    }

    /// The strongest ball and its strength; none where no ball holds more of now than it should.
    fn best(&self, balls: &[Ball]) -> Option<(usize, f64)> {
        let mut best = None;
        self.count(balls, &self.now, |at, count| {
            let strength = strength(count as f64, balls[at].talks as f64, balls[at].expected);
            if strength > best.map_or(0.0, |(_, strongest)| strongest) {
                best = Some((at, strength));
            }
            true
        });
        best
    }

    fn reaches(&self, balls: &[Ball], needed: &[u8], now: &[bool]) -> bool {
        let mut reached = false;
        self.count(balls, now, |at, count| {
            reached = count >= usize::from(needed[at]);
            !reached
        });
        reached
    }

    /// Deals the labels anew within each topic.
    fn deal(&self, labels: &mut [bool], dice: &mut SmallRng) {
        let mut hand = Vec::new();
        for stratum in &self.strata {
            hand.clear();
            hand.extend(stratum.iter().map(|talk| self.now[*talk]));
            hand.shuffle(dice);
            for (talk, label) in stratum.iter().zip(&hand) {
                labels[*talk] = *label;
            }
        }
    }
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
