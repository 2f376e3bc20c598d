//! The parts of a score, from plain numbers to plain numbers.

use myelin_wire::record::{PartRule, Ppm, Rubric, RubricError};

use crate::protocol::VERSION;

/// The rubric of this subnet: accuracy, of which wasteful queries lose up to 15 %, unexplained ones up to 15 % and late
/// ones up to 10 %.
pub fn rubric() -> Result<Rubric, RubricError> {
    Rubric::new(
        "analysis",
        VERSION,
        vec![
            PartRule::Share { name: "accuracy", weight: 1 },
            PartRule::Factor { name: "cost", floor: Ppm::new(850_000) },
            PartRule::Factor { name: "explanation", floor: Ppm::new(850_000) },
            PartRule::Factor { name: "speed", floor: Ppm::new(900_000) },
        ],
    )
}

/// Result on one hidden database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Case {
    /// Whether the result was right.
    pub right: bool,
    /// Whether a right result is informative: not empty, and not one that a fixed answer would hit.
    pub telling: bool,
}

/// The whole if every result is right. Otherwise a quarter of the cube of the right share of the informative ones,
/// rounded down: a query that is right on easy rows only is worth little, and nearly right is far from right.
pub fn accuracy(cases: &[Case]) -> Ppm {
    if !cases.is_empty() && cases.iter().all(|case| case.right) {
        return Ppm::ONE;
    }
    let telling = cases.iter().filter(|case| case.telling);
    let right = telling.clone().filter(|case| case.right).count() as u64;
    let share = Ppm::ratio(right, telling.count() as u64);
    Ppm::new(share.of(share).of(share).get() / 4)
}

/// Full up to a quarter more steps than the reference takes, then in inverse proportion.
pub fn cost(steps: u64, reference: u64) -> Ppm {
    Ppm::ratio(reference.saturating_add(reference / 4), steps.max(1))
}

/// Full within a quarter of the allowance, then falling in a straight line to nothing. The unit is milliseconds for
/// answers over the network, and fuel for submitted programs.
pub fn speed(spent: u64, allowed: u64) -> Ppm {
    Ppm::ratio(allowed.saturating_sub(spent), allowed.saturating_sub(allowed / 4).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cases(right: usize, wrong: usize) -> Vec<Case> {
        let case = |right| Case { right, telling: true };
        [vec![case(true); right], vec![case(false); wrong]].concat()
    }

    #[test]
    fn nearly_right_is_worth_little_and_more_is_never_worth_less() {
        assert_eq!(accuracy(&cases(7, 0)), Ppm::ONE);
        assert_eq!(accuracy(&cases(3, 3)).get(), 31_250);
        assert_eq!(accuracy(&cases(0, 7)), Ppm::ZERO);
        assert_eq!(accuracy(&[]), Ppm::ZERO);
        assert!(
            (0..7).all(|right| accuracy(&cases(right, 7 - right)) < accuracy(&cases(right + 1, 6 - right)))
        );
    }

    #[test]
    fn what_a_fixed_answer_hits_is_worth_nothing_alone() {
        let empty = Case { right: true, telling: false };
        let other = Case { right: false, telling: true };
        assert_eq!(accuracy(&[empty, empty, empty, other]), Ppm::ZERO);
        assert_eq!(accuracy(&[empty, Case { right: true, telling: true }]), Ppm::ONE);
        let missed = Case { right: false, telling: false };
        assert_eq!(accuracy(&[missed, Case { right: true, telling: true }]).get(), 250_000);
    }

    #[test]
    fn cost_and_speed_fall_where_they_should() {
        assert_eq!(cost(1250, 1000), Ppm::ONE);
        assert_eq!(cost(2500, 1000).get(), 500_000);
        assert_eq!(speed(250, 1000), Ppm::ONE);
        assert_eq!(speed(1000, 1000), Ppm::ZERO);
        assert_eq!(speed(625, 1000).get(), 500_000);
    }
}
