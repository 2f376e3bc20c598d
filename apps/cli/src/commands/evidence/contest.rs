//! `myelin evidence contest`: a miner's objection to scores that say that no answer came.

use std::collections::{BTreeSet, VecDeque};
use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;
use myelin_abi::{Account, AnswerRoot};
use myelin_chain_client::ChainClient;
use myelin_subnet::contest::{Contest, ContestFault, Held};
use serde_json::{json, Value};

use crate::commands::look;
use crate::output::{self, address, at, fail, readable, say, Failure, Outcome};
use crate::Global;

/// Most bytes of a file.
const MOST_BYTES: u64 = 64 << 20;
/// Most blocks whose state is read for roots: a chain keeps ten roots of a miner.
const MOST_BLOCKS: usize = 16;

/// Most letters of a fault.
const MOST_LETTERS: usize = 400;

/// Conclusions from a contest that holds, and what it leaves open.
const SHOWN: &str = "\
This holds: the validator signed that the miner gave no answer in time, and the miner committed to an answer to that
very question, in a list of that epoch or of the one before. The node's word is taken for the roots.
It does not show that or when the answer arrived. The question of a task that all miners get may have come from another miner.";

/// The file to check.
#[derive(Args)]
pub struct Check {
    /// The file.
    file: PathBuf,
}

impl Check {
    /// Reads, checks, and says what holds.
    pub async fn run(self, global: &Global) -> Outcome {
        let contest = Contest::from_json(&read(&self.file)?)?;
        let miner = Account(contest.miner()?);
        let chain = look(global).await?;
        let roots = roots(&chain, &contest, &miner).await?;
        let held = contest.check(&chain.genesis_hash().0, &roots).map_err(|fault| words(&fault))?;
        let graph = chain.metagraph(contest.netuid, None).await?;
        let uid = |validator: &Account| {
            graph
                .neurons
                .iter()
                .find(|neuron| neuron.hotkey == *validator && neuron.validator_permit)
                .map(|neuron| neuron.uid)
        };
        if global.json {
            let records: Vec<Value> = held.iter().map(|held| value(held, uid(&validator(held)))).collect();
            return output::json(&json!({
                "netuid": contest.netuid, "miner": address(&miner), "holds": true, "records": records,
            }));
        }
        say!("miner {} contests {} scores on subnet {}", address(&miner), held.len(), contest.netuid);
        for held in &held {
            say!("  {}", line(held, uid(&validator(held))));
        }
        say!("{SHOWN}");
        Ok(())
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(at(path))?;
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(at(path))?;
    match bytes.len() as u64 > MOST_BYTES {
        true => fail(format!("{} has more than {MOST_BYTES} bytes, which no contest has", path.display())),
        false => Ok(bytes),
    }
}

/// The miner's roots in the present state, and those in the states of the blocks that the file names, as far as the
/// node still has these.
async fn roots(chain: &ChainClient, contest: &Contest, miner: &Account) -> Result<Vec<AnswerRoot>, Failure> {
    let keys = &[contest.netuid.into(), miner.into()];
    let best = chain.best_block().await?;
    let kept = chain.storage("SubtensorModule", "AnswerRoots", keys, Some(best.hash)).await?;
    let kept: VecDeque<AnswerRoot> = kept.unwrap_or_default();
    let mut found = Vec::from(kept);
    let named = contest.rounds.iter().flat_map(|round| &round.records).map(|record| record.block);
    let named: BTreeSet<u64> = named.filter(|block| *block <= best.number).collect();
    let missing = named.into_iter().filter(|block| found.iter().all(|root| root.block != *block));
    for block in missing.take(MOST_BLOCKS).collect::<Vec<u64>>() {
        let Ok(hash) = chain.block_hash(block).await else { continue };
        let then = chain.storage("SubtensorModule", "AnswerRoots", keys, Some(hash)).await.ok().flatten();
        let then: VecDeque<AnswerRoot> = then.unwrap_or_default();
        found.extend(then);
    }
    Ok(found)
}

/// A fault, which may repeat what a stranger wrote into the file.
fn words(fault: &ContestFault) -> Failure {
    let said: String = fault.to_string().chars().take(MOST_LETTERS).collect();
    Failure::new(readable(&said, false))
}

fn validator(held: &Held) -> Account {
    Account(held.record.signer)
}

fn line(held: &Held, uid: Option<u16>) -> String {
    let Held { record, committed, root } = held;
    let who = match uid {
        Some(uid) => format!("validator uid {uid}"),
        None => "a hotkey without a permit now".into(),
    };
    let what = if *committed { "a commitment to an answer" } else { "an answer" };
    format!(
        "epoch {} round {} task {}: {who}, {}, signed `{}`; the miner signed {what}, under its root of epoch {} in \
         block {}",
        record.epoch,
        record.round,
        record.task,
        address(&validator(held)),
        record.reason.word(),
        root.epoch,
        root.block
    )
}

fn value(held: &Held, uid: Option<u16>) -> Value {
    let Held { record, committed, root } = held;
    json!({
        "validator": address(&validator(held)), "validator_uid": uid, "epoch": record.epoch, "round": record.round,
        "task": record.task, "reason": record.reason.word(), "committed_only": committed, "root_epoch": root.epoch,
        "root_block": root.block,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_repeats_little_of_a_strangers_file_and_moves_no_cursor() {
        let hostile = format!("\u{1b}[2J\u{202e}{}", "x".repeat(1_000_000));
        for fault in [ContestFault::OtherChain(hostile.clone()), ContestFault::NoRecord(hostile)] {
            let said = words(&fault).to_string();
            assert!(said.chars().count() < 2 * MOST_LETTERS, "{} letters", said.chars().count());
            assert!(!said.contains(['\u{1b}', '\u{202e}']) && said.contains("\\u{1b}[2J"), "{said}");
        }
    }

    #[test]
    fn a_file_that_is_larger_than_any_contest_is_not_read_to_its_end() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("contest.json");
        let file = std::fs::File::create(&path).expect("a file");
        file.set_len(MOST_BYTES + (1 << 33)).expect("gigabytes without content");
        let why = read(&path).map_err(|why| why.to_string());
        assert!(why.is_err_and(|why| why.contains("which no contest has")));
    }
}
