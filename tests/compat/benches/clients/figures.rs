//! Times of several runs, and their comparison.

use std::fmt;
use std::time::Duration;

/// Times of runs, shortest first.
pub struct Times(Vec<f64>);

impl Times {
    /// Times of these runs; there is at least one.
    pub fn of(seconds: impl IntoIterator<Item = f64>) -> Self {
        let mut seconds: Vec<f64> = seconds.into_iter().collect();
        assert!(!seconds.is_empty(), "nothing was measured");
        seconds.sort_by(f64::total_cmp);
        Times(seconds)
    }

    /// Times of these durations.
    pub fn of_durations(times: impl IntoIterator<Item = Duration>) -> Self {
        Self::of(times.into_iter().map(|time| time.as_secs_f64()))
    }

    /// The median time.
    pub fn median(&self) -> f64 {
        self.below(0.5)
    }

    /// Number of runs.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    fn below(&self, share: f64) -> f64 {
        self.0[((self.0.len() - 1) as f64 * share).round() as usize]
    }
}

/// Median, and in brackets the quartiles.
impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [median, first, third] = [0.5, 0.25, 0.75].map(|share| shown(self.below(share)));
        write!(f, "{median} ({first} to {third})")
    }
}

fn shown(seconds: f64) -> String {
    match seconds * 1e3 {
        ms if ms < 10.0 => format!("{ms:.2} ms"),
        ms if ms < 100.0 => format!("{ms:.1} ms"),
        ms => format!("{ms:.0} ms"),
    }
}

/// Prints the time of ours, and the times of the others as multiples of it; `goal` is the least multiple.
pub fn compare(what: &str, ours: &Times, others: &[(&str, &Times)], goal: f64) {
    println!("\n{what}: medians and quartiles of {} runs; goal: at least {goal} times faster", ours.count());
    println!("  {:<22} {ours}", "myelin");
    for (name, theirs) in others {
        let ratio = theirs.median() / ours.median();
        let verdict = if ratio >= goal { "reached" } else { "MISSED" };
        println!("  {name:<22} {theirs}, {ratio:.0} times as long: goal {verdict}");
    }
}
