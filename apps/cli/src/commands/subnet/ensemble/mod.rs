//! `myelin subnet ensemble`: how much better the combined answers of several miners are than those of the best of them.

mod chart;

use std::path::PathBuf;

use clap::Args;
use myelin_subnet::testkit::Together;
use myelin_wire::hash::blake2_256;
use myelin_wire::seed::Seed;
use serde_json::json;

use crate::output::{self, Failure, Outcome};
use crate::subnets::Kinds;
use crate::Global;

/// Factors of the standard error for an interval of 95 %, by the number of seeds, from two on (Student's t).
const STUDENT: [f64; 9] = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262];

/// The kinds to measure.
#[derive(Args)]
pub struct Ensemble {
    /// Kinds of subnet.
    #[arg(value_name = "NAME", required = true)]
    kinds: Vec<String>,
    /// Seeds of all draws, from 1 on.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u8).range(2..=10))]
    seeds: u8,
    /// File for a picture of the table (SVG).
    #[arg(long, value_name = "FILE")]
    chart: Option<PathBuf>,
}

/// Scores of one team on one kind of tasks, by seed.
struct Row {
    subnet: String,
    miners: String,
    kind: &'static str,
    tasks: usize,
    best: Vec<f64>,
    gains: Vec<f64>,
}

impl Ensemble {
    /// Measures, and prints a table.
    pub fn run(self, global: &Global, kinds: &Kinds) -> Outcome {
        let measured: Vec<_> =
            self.kinds.iter().map(|name| Ok((name, kinds.find(name)?))).collect::<Result<_, Failure>>()?;
        let mut rows = Vec::<Row>::new();
        for (name, kind) in measured {
            for number in 1..=self.seeds {
                let seed = Seed(blake2_256(format!("myelin/subnet-ensemble/1 {number}").as_bytes()));
                kind.together(&seed)?.into_iter().for_each(|found| add(&mut rows, name, found));
                output::tell!("{name}, seed {number} of {}", self.seeds);
            }
        }
        if let Some(path) = &self.chart {
            std::fs::write(path, chart::draw(&rows)).map_err(output::at(path))?;
        }
        if global.json {
            let rows = rows.iter().map(|row| {
                let (gain, interval) = interval(&row.gains);
                json!({
                    "subnet": row.subnet, "miners": row.miners, "kind": row.kind, "tasks": row.tasks, "best": row.best,
                    "gains": row.gains, "gain": gain, "interval": interval,
                })
            });
            return output::json(&rows.collect::<Vec<_>>());
        }
        output::say!(
            "| subnet | miners | tasks | best alone | together | gain, 95 % | better |\n|---|---|---|---|---|---|---|"
        );
        for row in &rows {
            let (best, (gain, half)) = (interval(&row.best).0, interval(&row.gains));
            let better = if gain > half { "yes" } else { "**no**" };
            let together = best + gain;
            let Row { subnet, miners, kind, tasks, .. } = row;
            let scores = format!("{best:.3} | {together:.3} | {gain:+.3} ± {half:.3}");
            output::say!("| {subnet} | {miners} | {kind}, {tasks} | {scores} | {better} |");
        }
        Ok(())
    }
}

fn add(rows: &mut Vec<Row>, subnet: &str, found: Together) {
    let Together { miners, kind, tasks, best, together } = found;
    let is_same = |row: &Row| row.subnet == subnet && row.miners == miners && row.kind == kind;
    let at = rows.iter().position(is_same).unwrap_or_else(|| {
        let subnet = subnet.to_owned();
        rows.push(Row { subnet, miners, kind, tasks: 0, best: Vec::new(), gains: Vec::new() });
        rows.len() - 1
    });
    let row = &mut rows[at];
    row.tasks += tasks;
    row.best.push(best);
    row.gains.push(together - best);
}

/// The mean, and half of the interval that holds the true one in 95 of 100 cases; infinite for one value.
fn interval(values: &[f64]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count.max(1.0);
    let Some(factor) = values.len().checked_sub(2).and_then(|at| STUDENT.get(at)) else {
        return (mean, f64::INFINITY);
    };
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0);
    (mean, factor * (variance / count).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_those_of_students_t() {
        // Mean 3, standard deviation √2.5, five values.
        let (mean, half) = interval(&[1.0, 2.0, 3.0, 4.0, 5.0]);
        assert!((mean - 3.0).abs() < 1e-9 && (half - 2.776 * (2.5f64 / 5.0).sqrt()).abs() < 1e-9);
        assert_eq!(interval(&[1.0]), (1.0, f64::INFINITY));
        assert_eq!(interval(&[2.0, 2.0]), (2.0, 0.0));
    }
}
