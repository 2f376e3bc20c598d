//! Writes measurements as code.

use std::fmt::Write;

use frame_benchmarking::{BenchmarkMetadata, BenchmarkResult, BenchmarkSelector};

use crate::{line::Line, measure::Effort};

/// Kind of methods that hold the measured costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Methods of a trait of a stock pallet.
    Trait(&'static str),
    /// Functions of its own.
    Functions,
}

/// Keys that are counted beside the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keys {
    /// All keys that are read, and all that are written: each alone, somewhere in a large state.
    All,
    /// The keys that are read. Writes are part of the time: the benchmark computes the state root of all of them
    /// together.
    Read,
    /// No keys: every block uses the same ones, so that they are in memory; writes are part of the time.
    None,
}

impl Keys {
    /// Description of the figures, for readers of the file.
    fn explained(self) -> &'static str {
        match self {
            Self::All => {
                "state in memory. Reads and writes\n//! are keys, weighed by the runtime's `DbWeight`."
            }
            Self::Read => {
                "state in memory, its root\n//! included. Reads are keys, weighed by the runtime's `DbWeight`."
            }
            Self::None => "state in memory, its root\n//! included; every block uses the same keys.",
        }
    }
}

/// One call, or one piece of work, with its cost.
pub struct Cost {
    name: String,
    /// Name, smallest and largest value.
    components: Vec<(String, u32, u32)>,
    /// In picoseconds, the unit of weights.
    time: Line,
    reads: Line,
    writes: Line,
}

impl Cost {
    /// The cost computed from measurements.
    pub fn of(
        benchmark: &BenchmarkMetadata,
        results: &[BenchmarkResult],
        keys: Keys,
    ) -> Result<Self, String> {
        let parameters: Vec<_> = benchmark.components.iter().map(|(name, ..)| *name).collect();
        let line =
            |what, value: fn(&BenchmarkResult) -> u64| Line::through(results, &parameters, what, value);
        let nothing = || Line { base: 0, slopes: vec![0; parameters.len()] };
        Ok(Self {
            name: String::from_utf8_lossy(&benchmark.name).into_owned(),
            components: benchmark
                .components
                .iter()
                .map(|(name, low, high)| (name.to_string(), *low, *high))
                .collect(),
            time: line(BenchmarkSelector::ExtrinsicTime, |result| {
                u64::try_from(result.extrinsic_time.saturating_mul(1_000)).unwrap_or(u64::MAX)
            })?,
            reads: match keys {
                Keys::All | Keys::Read => line(BenchmarkSelector::Reads, |result| result.reads.into())?,
                Keys::None => nothing(),
            },
            writes: match keys {
                Keys::All => line(BenchmarkSelector::Writes, |result| result.writes.into())?,
                Keys::Read | Keys::None => nothing(),
            },
        })
    }

    /// Cost at the largest values, for people.
    pub fn summary(&self) -> String {
        let largest: Vec<u32> = self.components.iter().map(|(_, _, high)| *high).collect();
        let at = self
            .components
            .iter()
            .fold(String::new(), |text, (name, _, high)| format!("{text} {name}={high}"));
        let (time, reads, writes) =
            (self.time.at(&largest), self.reads.at(&largest), self.writes.at(&largest));
        format!("{:<40}{at:<22} {:>9.1} µs {reads:>5} reads {writes:>5} writes", self.name, time as f64 / 1e6)
    }

    fn write(&self, code: &mut String, visibility: &str) -> std::fmt::Result {
        let ranges: Vec<_> =
            self.components.iter().map(|(name, low, high)| format!("`{name}`: {low} to {high}.")).collect();
        let about =
            if ranges.is_empty() { String::from("Does not depend on anything.") } else { ranges.join(" ") };
        let used =
            |place: usize| [&self.time, &self.reads, &self.writes].iter().any(|line| line.slopes[place] > 0);
        let arguments: Vec<_> = self
            .components
            .iter()
            .enumerate()
            .map(|(place, (name, ..))| format!("{}{name}: u32", if used(place) { "" } else { "_" }))
            .collect();
        writeln!(code, "/// {about}")?;
        writeln!(code, "{visibility}fn {}({}) -> Weight {{", self.name, arguments.join(", "))?;
        writeln!(code, "Weight::from_parts({}, 0)", number(self.time.base))?;
        for (line, cost) in [(&self.time, "time"), (&self.reads, "reads"), (&self.writes, "writes")] {
            if cost != "time" && line.base > 0 {
                writeln!(code, ".saturating_add(T::DbWeight::get().{cost}({}))", number(line.base))?;
            }
            for (slope, (name, ..)) in
                line.slopes.iter().zip(&self.components).filter(|(slope, _)| **slope > 0)
            {
                let each = match cost {
                    "time" => format!("Weight::from_parts({}, 0)", number(*slope)),
                    _ => format!("T::DbWeight::get().{cost}({})", number(*slope)),
                };
                writeln!(code, ".saturating_add({each}.saturating_mul({name}.into()))")?;
            }
        }
        writeln!(code, "}}\n")
    }
}

/// The file of a pallet.
pub fn file(
    pallet: &str,
    shape: Shape,
    keys: Keys,
    effort: Effort,
    costs: &[Cost],
) -> Result<String, std::fmt::Error> {
    let Effort { steps, repeat } = effort;
    let mut code = String::new();
    writeln!(code, "//! Costs of `{pallet}`. Written by `make weights`; a change by hand is lost.")?;
    writeln!(code, "//!")?;
    writeln!(
        code,
        "//! Processor time in the WASM runtime, {steps} values of each component, each {repeat} times; {}",
        keys.explained()
    )?;
    writeln!(code, "\nuse core::marker::PhantomData;\n")?;
    let stores = costs.iter().any(|cost| [&cost.reads, &cost.writes].iter().any(|line| !line.is_nothing()));
    let items = if stores { "{traits::Get, weights::Weight}" } else { "weights::Weight" };
    writeln!(code, "use frame_support::{items};\n")?;
    writeln!(code, "/// Measured costs.\npub struct Measured<T>(PhantomData<T>);\n")?;
    let visibility = match shape {
        Shape::Trait(name) => {
            writeln!(code, "impl<T: ::frame_system::Config> ::{name} for Measured<T> {{")?;
            ""
        }
        Shape::Functions => {
            writeln!(code, "impl<T: frame_system::Config> Measured<T> {{")?;
            "pub "
        }
    };
    for cost in costs {
        cost.write(&mut code, visibility)?;
    }
    writeln!(code, "}}")?;
    Ok(code)
}

/// A number with `_` between its thousands.
fn number(value: u64) -> String {
    let digits = value.to_string();
    let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
    groups.join("_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_measured_becomes_a_function() {
        let cost = Cost {
            name: String::from("remark"),
            components: vec![(String::from("b"), 0, 100), (String::from("c"), 1, 2)],
            time: Line { base: 1_234_000, slopes: vec![5_000, 0] },
            reads: Line { base: 0, slopes: vec![0, 0] },
            writes: Line { base: 2, slopes: vec![3, 0] },
        };
        let mut code = String::new();
        cost.write(&mut code, "pub ").expect("a string takes everything");
        let expected = "/// `b`: 0 to 100. `c`: 1 to 2.\n\
            pub fn remark(b: u32, _c: u32) -> Weight {\n\
            Weight::from_parts(1_234_000, 0)\n\
            .saturating_add(Weight::from_parts(5_000, 0).saturating_mul(b.into()))\n\
            .saturating_add(T::DbWeight::get().writes(2))\n\
            .saturating_add(T::DbWeight::get().writes(3).saturating_mul(b.into()))\n\
            }\n\n";
        assert_eq!(code, expected);
    }
}
