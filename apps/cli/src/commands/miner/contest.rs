//! A miner's own answers beside its scores, and the objection to scores that say that no answer came.

use std::collections::{BTreeSet, VecDeque};
use std::path::{Path, PathBuf};

use myelin_abi::{Account, AnswerRoot};
use myelin_chain_client::ChainClient;
use myelin_neuron::dendrite::Target;
use myelin_subnet::contest::{Contest, ContestedRecord, ContestedRound, OwnAnswers, MOST_PAGES};
use myelin_subnet::disclosure::Reader;
use myelin_subnet::miner::signed;
use myelin_wire::hash::to_hex;
use myelin_wire::record::Record;
use serde_json::{json, Value};

use crate::output::{at, fail, tell, write_new, Failure, Outcome};

/// Epoch and number of a round, and the miner's records of it.
pub type ToldRound = (u64, u16, Vec<Record>);

/// A miner's answers around the epochs of its scores.
pub struct Own {
    netuid: u16,
    answers: OwnAnswers,
}

/// The error where the data folder has no lists.
pub fn none(data: &Path) -> String {
    format!(
        "{} has no answers that this hotkey signed; --data names the folder that `myelin miner run` was started with",
        data.display()
    )
}

impl Own {
    /// Reads the lists in a miner's data folder; `None` if there are none of this hotkey.
    pub async fn read(
        chain: &ChainClient,
        netuid: u16,
        miner: &Account,
        data: &Path,
        records: impl Iterator<Item = &Record>,
    ) -> Result<Option<Self>, Failure> {
        // A miner of several subnets has a folder for each.
        let places: [PathBuf; 2] = [data.to_owned(), data.join(netuid.to_string())];
        let folder = places.iter().map(|data| signed::folder(data, &miner.0)).find(|folder| folder.is_dir());
        let Some(folder) = folder else { return Ok(None) };
        // An official chain keeps none.
        let keys = &[netuid.into(), miner.into()];
        let roots = chain.storage("SubtensorModule", "AnswerRoots", keys, None).await.ok().flatten();
        let roots: VecDeque<AnswerRoot> = roots.unwrap_or_default();
        let epochs: BTreeSet<u64> = records.map(|record| record.epoch).collect();
        let answers = OwnAnswers::read(&folder, epochs, &Vec::from(roots)).map_err(at(&folder))?;
        Ok(Some(Self { netuid, answers }))
    }

    /// One line on the miner's answer to the question of a record.
    pub fn said(&self, record: &Record) -> String {
        match self.answers.find(record) {
            None => "you signed none".into(),
            Some(found) if found.root.is_some() => {
                format!("you signed an answer; it is under your root of epoch {} on the chain", found.epoch)
            }
            Some(found) => {
                format!("you signed an answer in epoch {}; it is not under a root on the chain", found.epoch)
            }
        }
    }

    /// The same as JSON; `false` for none.
    pub fn value(&self, record: &Record) -> Value {
        match self.answers.find(record) {
            None => false.into(),
            Some(found) => json!({ "epoch": found.epoch, "root_block": found.root.map(|root| root.block) }),
        }
    }

    /// Writes the objection to these rounds.
    pub async fn contest(
        &self,
        file: &Path,
        reader: &Reader,
        chain: &ChainClient,
        miner: &Account,
        told: &[(Target, &[ToldRound])],
    ) -> Outcome {
        let mut contest = Contest::new(&chain.genesis_hash().0, self.netuid, &miner.0);
        for (validator, rounds) in told {
            for (epoch, round, records) in *rounds {
                let (epoch, round) = (*epoch, *round);
                let records: Vec<ContestedRecord> =
                    records.iter().filter_map(|record| self.answers.contest(record)).collect();
                if records.is_empty() {
                    continue;
                }
                let pages = reader.own_pages(*validator, epoch, round, MOST_PAGES).await?;
                let validator = to_hex(&validator.hotkey);
                contest.rounds.push(ContestedRound { validator, epoch, round, pages, records });
            }
        }
        let count: usize = contest.rounds.iter().map(|round| round.records.len()).sum();
        if count == 0 {
            return fail(
                "nothing to contest: no score shown denies an answer that is under your root on the chain",
            );
        }
        write_new(file, &serde_json::to_vec_pretty(&contest)?)?;
        tell!(
            "{count} scores are contested in {}; `myelin evidence contest {}` checks them",
            file.display(),
            file.display()
        );
        Ok(())
    }
}
