//! Which of many series of one tick are worth a look.

/// Marks the series whose p-values stand out at false-discovery rate `rate`, by Benjamini and Hochberg (1995).
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
