//! A cost as a line: a fixed part, and a part for each unit of every component.

use frame_benchmarking::{Analysis, BenchmarkParameter, BenchmarkResult, BenchmarkSelector};

/// A cost that no measurement exceeds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// Fixed cost.
    pub base: u64,
    /// Cost for each unit of the components, in their order.
    pub slopes: Vec<u64>,
}

impl Line {
    /// The least-squares line through the measurements, lifted until no point's median lies above it: measurements of a
    /// curve, or of a cost that grows in leaps, are never undercut.
    pub fn through(
        results: &[BenchmarkResult],
        components: &[BenchmarkParameter],
        what: BenchmarkSelector,
        value: impl Fn(&BenchmarkResult) -> u64,
    ) -> Result<Self, String> {
        let fitted = Analysis::min_squares_iqr(&results.to_vec(), what).map_err(|error| error.to_string())?;
        let narrow = |value: u128| u64::try_from(value).unwrap_or(u64::MAX);
        let slope = |component: &BenchmarkParameter| {
            let place = fitted.names.iter().position(|name| *name == component.to_string());
            place.map_or(0, |place| narrow(fitted.slopes[place]))
        };
        let mut line = Self { base: 0, slopes: components.iter().map(slope).collect() };
        line.base = medians(results, value)
            .into_iter()
            .map(|(at, median)| median.saturating_sub(line.at(&at)))
            .max()
            .unwrap_or(0);
        Ok(line)
    }

    /// Whether the cost is zero.
    pub fn is_nothing(&self) -> bool {
        self.base == 0 && self.slopes.iter().all(|slope| *slope == 0)
    }

    /// The cost at these values of the components.
    pub fn at(&self, values: &[u32]) -> u64 {
        let grown =
            self.slopes.iter().zip(values).map(|(slope, value)| slope.saturating_mul((*value).into()));
        grown.fold(self.base, u64::saturating_add)
    }
}

/// The median of the measurements at each point.
fn medians(results: &[BenchmarkResult], value: impl Fn(&BenchmarkResult) -> u64) -> Vec<(Vec<u32>, u64)> {
    let mut points: Vec<(Vec<u32>, Vec<u64>)> = Vec::new();
    for result in results {
        let at: Vec<u32> = result.components.iter().map(|(_, value)| *value).collect();
        match points.iter_mut().find(|(point, _)| *point == at) {
            Some((_, values)) => values.push(value(result)),
            None => points.push((at, vec![value(result)])),
        }
    }
    let median = |mut values: Vec<u64>| {
        values.sort_unstable();
        values[values.len() / 2]
    };
    points.into_iter().map(|(at, values)| (at, median(values))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn results(of: impl Fn(u32) -> u64) -> Vec<BenchmarkResult> {
        (1..=20)
            .map(|n| BenchmarkResult {
                components: vec![(BenchmarkParameter::n, n)],
                extrinsic_time: of(n).into(),
                ..Default::default()
            })
            .collect()
    }

    fn line(of: impl Fn(u32) -> u64) -> Line {
        let time = |result: &BenchmarkResult| result.extrinsic_time as u64 * 1_000;
        Line::through(&results(of), &[BenchmarkParameter::n], BenchmarkSelector::ExtrinsicTime, time)
            .expect("there is something to fit")
    }

    #[test]
    fn a_line_is_found_again() {
        assert_eq!(line(|n| 1_000 + 20 * u64::from(n)), Line { base: 1_000_000, slopes: vec![20_000] });
    }

    #[test]
    fn nothing_measured_lies_above_the_line() {
        let curve = |n: u32| 1_000 + u64::from(n * n * n);
        let line = line(curve);
        assert!((1..=20).all(|n| line.at(&[n]) >= curve(n) * 1_000), "{line:?}");
    }
}
