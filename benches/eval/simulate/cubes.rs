//! Cubes of contacts in which a few conjunctions rose.

use rand::Rng;
use rand::seq::{IndexedRandom, SliceRandom};
use rand_distr::{Distribution, LogNormal};

use super::draws::count;

/// Attributes and how many values each has.
pub const ATTRIBUTES: [(&str, usize); 4] = [("city", 12), ("topic", 18), ("channel", 4), ("dish", 15)];

/// How cubes are drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Setting {
    /// Contacts in a cube without surges, on average.
    pub contacts: f64,
    /// Shares of an attribute's values fall as the powers of their rank.
    pub zipf: f64,
    /// What is expected is the mean of so many past draws; exact without.
    pub past: Option<u32>,
    /// Surges in a cube at most; each number from one is as frequent.
    pub surges: usize,
    /// A surge is on a conjunction of which so many contacts are expected at least.
    pub least: f64,
    /// The spread of the logarithm of a leaf's mean about the product of the shares.
    pub uneven: f64,
    /// The same for the mean of two values of two attributes.
    pub paired: f64,
    /// The variance of a count beside its mean.
    pub spread: f64,
    /// The spread of the logarithm of a factor of the whole.
    pub level: f64,
}

/// Zipf's law, eight past draws, one or two surges that overlap as it comes, and nothing else.
pub const PLAIN: Setting = Setting {
    contacts: 20_000.0,
    zipf: 1.0,
    past: Some(8),
    surges: 2,
    least: 20.0,
    uneven: 0.0,
    paired: 0.0,
    spread: 1.0,
    level: 0.0,
};

/// Values of an attribute at most, and each two attributes.
const MOST: usize = 18;
const PAIRS: [(usize, usize); 6] = [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)];
/// Cubes without a surge, of all.
const EMPTY: f64 = 0.2;
/// Factors of surges lie between these, each logarithm as frequent as the others.
const FACTORS: std::ops::RangeInclusive<f64> = 2.0..=8.0;

/// Values drawn for the attributes of a surge until they hold enough.
const TRIED: usize = 200;

/// A cube and what rose in it.
#[derive(Debug, Clone)]
pub struct Simulated {
    pub leaves: Vec<Leaf>,
    pub surges: Vec<Surge>,
}

/// Counts of one combination of values.
#[derive(Debug, Clone, Copy)]
pub struct Leaf {
    pub values: [usize; 4],
    pub expected: f64,
    pub actual: f64,
}

/// A conjunction that rose.
#[derive(Debug, Clone, PartialEq)]
pub struct Surge {
    pub place: Place,
    pub times: f64,
    /// Contacts that it has on average without the surge.
    pub mass: f64,
}

/// Of each attribute, the value, or any.
pub type Place = [Option<usize>; 4];

impl Setting {
    pub fn draw(&self, random: &mut impl Rng) -> Simulated {
        let shares = ATTRIBUTES.map(|(_, values)| zipf(values, self.zipf, random));
        let pairs: Vec<Vec<f64>> =
            PAIRS.iter().map(|_| (0..MOST * MOST).map(|_| about_one(self.paired, random)).collect()).collect();
        let mut leaves = Vec::new();
        for at in 0..ATTRIBUTES.iter().map(|(_, values)| values).product() {
            let mut rest: usize = at;
            let values = ATTRIBUTES.map(|(_, values)| {
                let value = rest % values;
                rest /= values;
                value
            });
            let mean = self.contacts * (0..4).map(|at| shares[at][values[at]]).product::<f64>();
            let paired =
                PAIRS.iter().zip(&pairs).map(|((one, other), pairs)| pairs[values[*one] * MOST + values[*other]]);
            leaves.push((values, mean * paired.product::<f64>() * about_one(self.uneven, random)));
        }
        let many = if random.random_bool(EMPTY) || self.surges == 0 { 0 } else { random.random_range(1..=self.surges) };
        let mut surges: Vec<Surge> = Vec::new();
        while surges.len() < many {
            surges.extend(self.surge(&leaves, random).filter(|surge| !surges.iter().any(|it| it.place == surge.place)));
        }
        let level = about_one(self.level, random);
        let draw = |(values, mean): &([usize; 4], f64), random: &mut _| {
            let times: f64 =
                surges.iter().filter(|surge| holds(&surge.place, values)).map(|surge| surge.times).product();
            let expected = match self.past {
                Some(past) => {
                    (0..past).map(|_| count(*mean, self.spread, random)).sum::<u64>() as f64 / f64::from(past)
                }
                None => *mean,
            };
            Leaf { values: *values, expected, actual: count(mean * times * level, self.spread, random) as f64 }
        };
        let leaves = leaves.iter().map(|leaf| draw(leaf, random)).filter(|leaf| leaf.expected + leaf.actual > 0.0);
        Simulated { leaves: leaves.collect(), surges }
    }

    /// A surge of one to three attributes, each number as frequent; none if no values of the attributes hold enough.
    fn surge(&self, leaves: &[([usize; 4], f64)], random: &mut impl Rng) -> Option<Surge> {
        let order = random.random_range(1..=3);
        let attributes: Vec<usize> = [0, 1, 2, 3].choose_multiple(random, order).copied().collect();
        let times = random.random_range(FACTORS.start().ln()..=FACTORS.end().ln()).exp();
        let mut tried = (0..TRIED).map(|_| {
            let mut place = [None; 4];
            attributes.iter().for_each(|at| place[*at] = Some(random.random_range(0..ATTRIBUTES[*at].1)));
            let mass = leaves.iter().filter(|(values, _)| holds(&place, values)).map(|(_, mean)| mean).sum();
            Surge { place, times, mass }
        });
        tried.find(|surge| surge.mass >= self.least)
    }
}

impl Surge {
    pub fn order(&self) -> usize {
        self.place.iter().flatten().count()
    }
}

pub fn holds(place: &Place, values: &[usize; 4]) -> bool {
    place.iter().zip(values).all(|(stated, value)| stated.is_none_or(|stated| stated == *value))
}

/// Shares that fall as the powers of the rank, in a random order.
fn zipf(values: usize, power: f64, random: &mut impl Rng) -> Vec<f64> {
    let mut weights: Vec<f64> = (1..=values).map(|rank| (rank as f64).powf(-power)).collect();
    let all: f64 = weights.iter().sum();
    weights.iter_mut().for_each(|weight| *weight /= all);
    weights.shuffle(random);
    weights
}

fn about_one(spread: f64, random: &mut impl Rng) -> f64 {
    LogNormal::new(-spread * spread / 2.0, spread).map_or(1.0, |factor| factor.sample(random))
}
