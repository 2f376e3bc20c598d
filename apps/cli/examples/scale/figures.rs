//! Figures from the reports of the validators.

use std::{collections::BTreeMap, error::Error, fs::File, io::BufRead, io::BufReader, path::Path};

use serde_json::Value;

use crate::epochs::{Epoch, Epochs};

/// The reports of all validators, from the block on from which epochs count.
pub struct Reports {
    /// Rounds, and their answers by result.
    rounds: u64,
    answers: BTreeMap<String, u64>,
    asking_ms: Vec<u64>,
    judging_ms: Vec<u64>,
    /// Blocks in which rounds of an epoch that counts were reported, by subnet and epoch.
    judged: BTreeMap<(u64, u64), u64>,
    /// Subnet, block and text of each trouble.
    troubles: Vec<(u64, u64, String)>,
}

impl Reports {
    /// Reads the log of the process that validates: one JSON object in a line.
    pub fn read(log: &Path, from: u64, epochs: &Epochs) -> Result<Self, Box<dyn Error>> {
        let mut reports = Reports {
            rounds: 0,
            answers: BTreeMap::new(),
            asking_ms: Vec::new(),
            judging_ms: Vec::new(),
            judged: BTreeMap::new(),
            troubles: Vec::new(),
        };
        let counted: BTreeMap<(u64, u64), ()> =
            epochs.ended().iter().map(|epoch| ((epoch.netuid.into(), epoch.number), ())).collect();
        for line in BufReader::new(File::open(log)?).lines() {
            let Ok(event) = serde_json::from_str::<Value>(&line?) else { continue };
            let number = |name: &str| event[name].as_u64().unwrap_or_default();
            let (netuid, block) = (number("netuid"), number("block"));
            if block < from {
                continue;
            }
            match event["event"].as_str() {
                Some("round") if counted.contains_key(&(netuid, number("epoch"))) => {
                    *reports.judged.entry((netuid, number("epoch"))).or_default() += 1;
                    reports.rounds += 1;
                    reports.asking_ms.push(number("asking_ms"));
                    reports.judging_ms.push(number("judging_ms"));
                    for (result, count) in event["answers"].as_object().into_iter().flatten() {
                        *reports.answers.entry(result.clone()).or_default() +=
                            count.as_u64().unwrap_or_default();
                    }
                }
                Some("trouble") => {
                    let text = event["trouble"].as_str().unwrap_or_default().to_owned();
                    reports.troubles.push((netuid, block, text));
                }
                _ => {}
            }
        }
        Ok(reports)
    }

    /// The report of the validator in an epoch.
    pub fn why(&self, epoch: &Epoch) -> String {
        let netuid = u64::from(epoch.netuid);
        let rounds = self.judged.get(&(netuid, epoch.number)).copied().unwrap_or_default();
        let (first, end) = epoch.blocks;
        let within = |(of, block, _): &&(u64, u64, String)| *of == netuid && (first..=end).contains(block);
        let last = self.troubles.iter().rfind(within);
        let trouble = last
            .map_or("no trouble reported".to_owned(), |(_, block, text)| format!("block {block}: {text}"));
        format!("{rounds} rounds judged; {trouble}")
    }

    /// Percent of the tasks with an answer that was scored, rounded down.
    pub fn answered_percent(&self) -> u64 {
        let all: u64 = self.answers.values().sum();
        (100 * self.scored()).checked_div(all).unwrap_or_default()
    }

    fn scored(&self) -> u64 {
        self.answers.get("scored").copied().unwrap_or_default()
    }

    /// Prints rounds and answers.
    pub fn show(&self, miners_that_answered: usize, axons: usize) {
        let all: u64 = self.answers.values().sum();
        println!("rounds asked: {}; tasks {all}, answered and scored {}", self.rounds, self.scored());
        for (result, count) in self.answers.iter().filter(|(result, _)| *result != "scored") {
            println!("  {result}: {count}");
        }
        println!("axons that answered: {miners_that_answered} of {axons}");
        let most = |times: &[u64]| times.iter().max().copied().unwrap_or_default();
        println!(
            "asking a round: median {} ms, longest {} ms; judging: median {} ms, longest {} ms",
            percentile(&self.asking_ms, 50),
            most(&self.asking_ms),
            percentile(&self.judging_ms, 50),
            most(&self.judging_ms)
        );
        println!("troubles that validators reported: {}", self.troubles.len());
        for (netuid, block, text) in self.troubles.iter().take(10) {
            println!("  subnet {netuid}, block {block}: {text}");
        }
    }
}

/// The smallest value that is at least as large as `percent` of all; 0 of none.
pub fn percentile(values: &[u64], percent: usize) -> u64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let at = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    sorted.get(at).copied().unwrap_or_default()
}
