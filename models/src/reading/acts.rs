//! Which acts a talk states, and in which of its turns.
//!
//! What is asked or promised is often said twice, and its likelihood is then shared by the turns that say it. So the talk is
//! asked first how often it states an act: turns are taken as independent, which gives the chance of each number (the
//! Poisson binomial distribution). As often as that is likely enough, the act is named where it is likeliest.

/// An act of one talk is named at most so often: in our talks up to 11 times, in longer ones more.
const MOST: usize = 60;
/// Turns less likely than this take no part: thousands of them would add up to something.
const FAINT: f32 = 0.1;

/// How likely an act must be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// To be stated at all.
    pub(super) once: f32,
    /// To be stated one more time.
    pub(super) again: f32,
}

/// Of each turn the acts that are named, likeliest first. `likely`: of each turn how likely it states each act.
pub(super) fn named(likely: &[Vec<f32>], limits: Limits) -> Vec<Vec<usize>> {
    let mut named = vec![Vec::new(); likely.len()];
    for act in 0..likely.first().map_or(0, Vec::len) {
        let mut turns: Vec<usize> = (0..likely.len()).filter(|turn| likely[*turn][act] >= FAINT).collect();
        turns.sort_by(|a, b| likely[*b][act].total_cmp(&likely[*a][act]));
        let chances: Vec<f32> = turns.iter().map(|turn| likely[*turn][act]).collect();
        for turn in turns.into_iter().take(times(&chances, limits)) {
            named[turn].push(act);
        }
    }
    for (acts, likely) in named.iter_mut().zip(likely) {
        acts.sort_by(|a, b| likely[*b].total_cmp(&likely[*a]));
    }
    named
}

/// How often an act is stated, by the chances of its turns.
fn times(chances: &[f32], limits: Limits) -> usize {
    let numbers = numbers(chances);
    let mut at_least = 1.0;
    let mut times = 0;
    for exactly in &numbers[..MOST] {
        at_least -= exactly;
        if at_least < if times == 0 { limits.once } else { limits.again } {
            break;
        }
        times += 1;
    }
    times
}

/// The chance that exactly 0, 1, … of the turns state the act; the last: of so many or more.
fn numbers(chances: &[f32]) -> [f32; MOST + 1] {
    let mut numbers = [0.0; MOST + 1];
    numbers[0] = 1.0;
    for chance in chances {
        let all = numbers[MOST];
        for number in (1..=MOST).rev() {
            numbers[number] = numbers[number] * (1.0 - chance) + numbers[number - 1] * chance;
        }
        numbers[MOST] += all * chance;
        numbers[0] *= 1.0 - chance;
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { once: 0.5, again: 0.6 };

    fn column(chances: &[f32]) -> Vec<Vec<f32>> {
        chances.iter().map(|chance| vec![*chance]).collect()
    }

    #[test]
    fn chances_of_numbers_are_those_of_coins() {
        let two = numbers(&[0.5, 0.25]);
        assert_eq!(two[..3], [0.375, 0.5, 0.125]);
        let many = numbers(&[0.5; 400]);
        assert!((many.iter().sum::<f32>() - 1.0).abs() < 1e-5, "{many:?}");
        assert!(many[MOST] > 0.999, "{many:?}");
    }

    #[test]
    fn what_two_turns_half_say_is_named_once_where_it_is_likeliest() {
        assert_eq!(named(&column(&[0.35, 0.4, 0.0]), LIMITS), [vec![], vec![0], vec![]]);
        assert!(named(&column(&[0.4, 0.0, 0.0]), LIMITS).iter().all(Vec::is_empty));
    }

    #[test]
    fn what_is_surely_said_twice_is_named_twice() {
        assert_eq!(named(&column(&[0.9, 0.1, 0.9]), LIMITS), [vec![0], vec![], vec![0]]);
        assert_eq!(named(&column(&[0.9, 0.1, 0.4]), LIMITS), [vec![0], vec![], vec![]]);
        // At 0.56 twice is likelier than not, and yet not likely enough.
        assert_eq!(named(&column(&[0.8, 0.7]), LIMITS), [vec![0], vec![]]);
    }

    #[test]
    fn acts_of_a_turn_stand_in_the_order_of_their_likelihood() {
        assert_eq!(named(&[vec![0.6, 0.1, 0.9]], LIMITS), [vec![2, 0]]);
    }

    #[test]
    fn thousands_of_faint_turns_say_nothing() {
        assert!(named(&column(&[0.09; 10_000]), LIMITS).iter().all(Vec::is_empty));
    }

    #[test]
    fn no_turns_have_no_acts() {
        assert!(named(&[], LIMITS).is_empty());
    }
}
