/// Bins of equal width.
const BINS: usize = 10;

/// Expected calibration error (Guo et al., 2017, 2) of answers given with a probability: the mean distance, weighted
/// by how many there are, between how sure the answers of a bin were and how many were right. None of no answers.
pub(super) fn error(answers: impl Iterator<Item = (f32, bool)>) -> Option<f64> {
    let mut bins = [(0_usize, 0.0_f64, 0_usize); BINS];
    for (sure, right) in answers {
        let bin = &mut bins[((sure * BINS as f32) as usize).min(BINS - 1)];
        *bin = (bin.0 + 1, bin.1 + f64::from(sure), bin.2 + usize::from(right));
    }
    let all: usize = bins.iter().map(|bin| bin.0).sum();
    (all > 0).then(|| bins.iter().map(|(_, sure, right)| (sure - *right as f64).abs()).sum::<f64>() / all as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        // Four answers at 0.75, three right: calibrated. Two at 0.95, one right: 0.45 too sure, a third of the answers.
        let answers = [(0.75, true), (0.75, true), (0.75, true), (0.75, false), (0.95, true), (0.95, false)];
        assert!((error(answers.into_iter()).expect("answers") - 0.15).abs() < 1e-6);
        assert_eq!(error(std::iter::empty()), None);
        assert_eq!(error([(1.0, true)].into_iter()), Some(0.0));
    }
}
