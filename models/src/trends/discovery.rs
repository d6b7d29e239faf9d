//! Which of many series of one tick are worth a look.

/// Marks the series whose p-values stand out at false-discovery rate `rate`: the largest k of them such that the k-th
/// smallest p-value is at most `rate` · k / all (Benjamini and Hochberg, Journal of the Royal Statistical Society B 57
/// (1995), 289–300).
///
/// Of the marked ones at most a share of `rate` is false on average, although the series of a tick are no strangers: they
/// count the same contacts by topic, city and channel.
/// - Dependence. Benjamini and Yekutieli (Annals of Statistics 29 (2001), 1165–1188, theorem 1.2) ask for positive
///   regression dependence on each true series: the higher its count, the higher, in distribution, all counts together. Each
///   count here is a sum of the same leaves, which are independent given what was expected. Leaves given their sum grow in
///   distribution with the sum where their probabilities are log-concave (Efron, Annals of Mathematical Statistics 36
///   (1965), 272–279): Poisson's are, and a negative binomial's of size one or more. Those of smaller size and the same
///   dispersion do so too, for given their sum they are a Pólya urn, which each further contact only fills. A rate that
///   several leaves share and that nobody knows exactly moves them all the same way.
/// - Whole numbers. P(X ≥ n) is below t no more often than t, and the theorem asks for no more than that; so counts that are
///   low make the rate smaller, never greater. The p-values of [`super::CountSeries`] lie lower: they break ties by the row
///   before, which makes them uniform, or halve them where there is none. A halved one is at most twice too small, so in
///   the first step after a gap or an alarm, and only there, the bound is twice the rate.
///
/// What the argument leaves out: leaves of small size whose dispersions differ, and p-values that are wrong themselves.
pub fn discoveries(p: &[f64], rate: f64) -> Vec<bool> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|a, b| p[*a].total_cmp(&p[*b]));
    let last = order.iter().enumerate().rposition(|(rank, at)| p[*at] <= rate * (rank + 1) as f64 / p.len() as f64);
    let mut found = vec![false; p.len()];
    for at in order.iter().take(last.map_or(0, |rank| rank + 1)) {
        found[*at] = true;
    }
    found
}

#[cfg(test)]
mod tests {
    use rand::rngs::StdRng;
    use rand::{Rng, SeedableRng};

    use super::*;

    const RATE: f64 = 0.2;
    const TICKS: u32 = 3_000;
    /// Values of the three attributes of a leaf.
    const SHAPE: [usize; 3] = [4, 3, 3];

    /// A leaf's count is a sum of so many geometric ones of mean `odds`: negative binomial, and so is every sum of leaves.
    fn count(random: &mut StdRng, size: u32, odds: f64) -> u64 {
        let stop = 1.0 / (1.0 + odds);
        (0..size)
            .map(|_| std::iter::repeat_with(|| random.random::<f64>()).take_while(|u| *u >= stop).count() as u64)
            .sum()
    }

    /// P(X ≥ n) of a negative binomial count, summed up term by term.
    fn above(n: u64, size: u32, odds: f64) -> f64 {
        let part = odds / (1.0 + odds);
        let mut just = (1.0 + odds).powi(-size.cast_signed());
        let mut below = 0.0;
        for k in 0..n {
            below += just;
            just *= part * (f64::from(size) + k as f64) / (k as f64 + 1.0);
        }
        (1.0 - below).max(0.0)
    }

    /// The leaves of every series: all, those of one value, and those of two.
    fn series() -> Vec<Vec<usize>> {
        let leaves: Vec<[usize; 3]> = (0..SHAPE[0])
            .flat_map(|a| (0..SHAPE[1]).flat_map(move |b| (0..SHAPE[2]).map(move |c| [a, b, c])))
            .collect();
        let mut all = std::collections::BTreeMap::<[Option<usize>; 3], Vec<usize>>::new();
        for (at, leaf) in leaves.iter().enumerate() {
            for keeps in 0..7_usize {
                let key = std::array::from_fn(|place| (keeps >> place & 1 == 1).then_some(leaf[place]));
                all.entry(key).or_default().push(at);
            }
        }
        all.into_values().collect()
    }

    /// The mean share of false ones among those that are marked, and how many of the true ones are, where the leaves of
    /// the first values of two attributes hold `times` as much as usual.
    fn rates(size: u32, odds: f64, times: u32) -> (f64, f64) {
        let series = series();
        let leaves = SHAPE.iter().product::<usize>();
        let mut random = StdRng::seed_from_u64(u64::from(size) * 1_000 + u64::from(times));
        let (mut false_share, mut found, mut real) = (0.0, 0, 0);
        for _ in 0..TICKS {
            let rises = |leaf: usize| times > 1 && leaf < SHAPE[2];
            let counts: Vec<u64> = (0..leaves)
                .map(|leaf| count(&mut random, if rises(leaf) { size * times } else { size }, odds))
                .collect();
            let p: Vec<f64> = series
                .iter()
                .map(|of| above(of.iter().map(|leaf| counts[*leaf]).sum(), size * of.len() as u32, odds))
                .collect();
            let marked = discoveries(&p, RATE);
            let is_real = |of: &Vec<usize>| of.iter().any(|leaf| rises(*leaf));
            let of_kind = |kind: bool| series.iter().zip(&marked).filter(|(of, m)| **m && is_real(of) == kind).count();
            let (right, wrong) = (of_kind(true), of_kind(false));
            false_share += wrong as f64 / (right + wrong).max(1) as f64;
            found += right;
            real += series.iter().filter(|of| is_real(of)).count();
        }
        (false_share / f64::from(TICKS), found as f64 / f64::from(real.max(1) as u32))
    }

    #[test]
    fn of_whole_counts_of_the_same_contacts_no_more_are_false_than_the_rate_says() {
        // three standard errors of a share
        let most = RATE + 3.0 * (RATE * (1.0 - RATE) / f64::from(TICKS)).sqrt();
        for (size, odds) in [(1, 0.05), (1, 0.5), (2, 2.0), (6, 0.2)] {
            for times in [1, 6] {
                let (false_share, found) = rates(size, odds, times);
                assert!(false_share <= most, "size {size}, odds {odds}, ×{times}: {false_share}");
                assert!(times == 1 || found > 0.02, "size {size}, odds {odds}: of what rose {found} is found");
            }
        }
    }

    #[test]
    fn of_independent_even_p_values_just_as_many_are_false_as_the_rate_says() {
        let mut random = StdRng::seed_from_u64(7);
        let wrong = (0..20_000).filter(|_| {
            let p: Vec<f64> = (0..40).map(|_| random.random()).collect();
            discoveries(&p, RATE).contains(&true)
        });
        let share = wrong.count() as f64 / 20_000.0;
        assert!((share - RATE).abs() < 0.01, "{share}");
    }

    #[test]
    fn all_up_to_the_last_that_is_low_enough_for_its_rank_are_marked() {
        assert_eq!(discoveries(&[0.03, 0.9, 0.001, 0.028], 0.04), [true, false, true, true]);
        assert_eq!(discoveries(&[0.02, 0.9], 0.02), [false, false]);
        assert_eq!(discoveries(&[], 0.1), [] as [bool; 0]);
    }
}
