//! Times of a job that is done again and again.
//!
//! A run that is late is done once, however many it should have been. Runs keep the phase of the first one. After a
//! failure the wait doubles, from a minute up to an hour or the job's interval, whichever is longer.

use serde::{Deserialize, Serialize};

/// Shortest and longest time from run to run, in seconds: a minute and a leap year.
const BOUNDS: std::ops::RangeInclusive<u64> = 60..=366 * 86_400;
/// The wait after the first failure in seconds.
const FIRST_WAIT: u64 = 60;
/// The longest wait of a job with a shorter interval, in seconds.
const LONGEST_WAIT: u64 = 3_600;

/// The seconds of a time such as `30m`, `6h`, `1d` or `2w`.
pub fn span(text: &str) -> Result<u64, String> {
    let wrong = || format!("is `{text}`; write a number and m, h, d or w, from `1m` to `366d`, such as `6h`");
    let unit = match text.chars().last() {
        Some('m') => 60,
        Some('h') => 3_600,
        Some('d') => 86_400,
        Some('w') => 604_800,
        _ => return Err(wrong()),
    };
    let digits = &text[..text.len() - 1];
    let number: Option<u64> =
        digits.parse().ok().filter(|_| digits.bytes().all(|byte| byte.is_ascii_digit()));
    let seconds = number.and_then(|number| number.checked_mul(unit));
    seconds.filter(|seconds| BOUNDS.contains(seconds)).ok_or_else(wrong)
}

/// The time of a job's next run. All times are seconds of Unix time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// The time by the interval.
    slot: u64,
    /// The time before which nothing is tried after a failure.
    retry: u64,
    /// Failures since the last run that succeeded.
    pub failures: u32,
}

impl Due {
    /// The time in its written form. A job whose time is not known is due at once.
    pub fn read(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }

    /// Its written form.
    pub fn written(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Seconds until the job is due. A clock that was set back, or an interval that was shortened, delays no run
    /// beyond the longest wait.
    pub fn wait(&self, now: u64, every: u64) -> u64 {
        self.slot.max(self.retry).saturating_sub(now).min(every.max(LONGEST_WAIT))
    }

    /// The next time after a run that succeeded.
    pub fn succeeded(&self, now: u64, every: u64) -> Self {
        let every = every.max(1);
        // A run before its time begins a new phase.
        let base = if (1..=now).contains(&self.slot) { self.slot } else { now };
        let runs = (now - base) / every + 1;
        Self { slot: base.saturating_add(runs.saturating_mul(every)), retry: 0, failures: 0 }
    }

    /// The next time after a run that failed.
    pub fn failed(&self, now: u64, every: u64) -> Self {
        let wait = (FIRST_WAIT << self.failures.min(20)).min(every.max(LONGEST_WAIT));
        let slot = if self.slot == 0 { now } else { self.slot };
        Self { slot, retry: now.saturating_add(wait), failures: self.failures.saturating_add(1) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HOUR: u64 = 3_600;
    const NOW: u64 = 1_800_000_000;

    #[test]
    fn times_are_read_within_their_bounds() {
        let cases = [("1m", 60), ("90m", 5_400), ("6h", 21_600), ("1d", 86_400), ("2w", 1_209_600)];
        cases.iter().for_each(|(text, seconds)| assert_eq!(span(text), Ok(*seconds)));
        for wrong in
            ["", "m", "6", "0h", "+6h", "-1d", "1.5h", "6 h", "6H", "367d", "99999999999999999999w", "6ł"]
        {
            let why = span(wrong).unwrap_err();
            assert!(why.contains(&format!("`{wrong}`")) && why.contains("such as `6h`"), "{why}");
        }
    }

    #[test]
    fn a_late_job_runs_once_and_keeps_its_phase() {
        let first = Due::default();
        assert_eq!(first.wait(NOW, 6 * HOUR), 0, "a new job is due");
        let next = first.succeeded(NOW, 6 * HOUR);
        assert_eq!(next.wait(NOW, 6 * HOUR), 6 * HOUR);
        // The machine slept for three days and ten minutes.
        let late = NOW + 72 * HOUR + 600;
        assert_eq!(next.wait(late, 6 * HOUR), 0);
        assert_eq!(next.succeeded(late, 6 * HOUR).wait(late, 6 * HOUR), 6 * HOUR - 600);
        let early = next.succeeded(NOW + HOUR, 6 * HOUR);
        assert_eq!(early.wait(NOW + HOUR, 6 * HOUR), 6 * HOUR, "a run by hand begins a new phase");
    }

    #[test]
    fn failures_wait_longer_and_longer_within_limits() {
        let waits = |every: u64| -> Vec<u64> {
            let (mut due, mut now) = (Due::default(), NOW);
            let wait = |_| {
                due = due.failed(now, every);
                let wait = due.wait(now, every);
                now += wait;
                wait / 60
            };
            (0..12).map(wait).collect()
        };
        assert_eq!(waits(300), [1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60, 60]);
        assert_eq!(waits(6 * HOUR), [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360, 360]);
        let due = Due::default().succeeded(NOW, 24 * HOUR).failed(NOW + 24 * HOUR, 24 * HOUR);
        let next = due.succeeded(NOW + 24 * HOUR + 60, 24 * HOUR);
        assert_eq!(next.wait(NOW + 24 * HOUR + 60, 24 * HOUR), 24 * HOUR - 60, "the phase stays");
    }

    #[test]
    fn the_time_comes_back_from_its_file_and_a_damaged_one_is_now() {
        let due = Due::default().succeeded(NOW, HOUR).failed(NOW, HOUR);
        assert_eq!(Due::read(&due.written()), due);
        assert_eq!(Due::read(&due.written()[..9]), Due::default());
    }

    proptest! {
        #[test]
        fn every_time_gives_a_wait_within_limits(
            slot: u64, retry: u64, failures: u32, now: u64, every in BOUNDS, succeeds: bool
        ) {
            let due = Due { slot, retry, failures };
            let next = if succeeds { due.succeeded(now, every) } else { due.failed(now, every) };
            for due in [due, next] {
                prop_assert!(due.wait(now, every) <= every.max(LONGEST_WAIT));
            }
            if succeeds && now < u64::MAX / 2 {
                prop_assert!((1..=every).contains(&next.wait(now, every)));
            }
        }
    }
}
