//! The chain about an epoch: read at the blocks of that epoch, where the node still has their state.

use std::collections::VecDeque;

use myelin_abi::{Account, AnswerRoot, EvidenceRoot, EvidenceTimeline, ProofHistory, RubricChange};
use myelin_chain_client::{ChainClient, ChainError, Key, Metagraph};
use myelin_subnet::chain::Track;
use myelin_yuma::proven::History;

use super::document::Known;
use super::folder::Epoch;
use crate::output::Failure;

const PALLET: &str = "SubtensorModule";

/// The chain about an epoch.
#[derive(Clone, Debug)]
pub struct Told {
    /// Block at which the validator read the neurons for its weights, or the last one that questions were drawn from.
    pub block: u64,
    /// Times of the first block that questions were drawn from and of `block`, in milliseconds since 1970.
    pub times: (Known<u64>, Known<u64>),
    /// The subnet's epoch in `block`.
    pub epoch: Known<u64>,
    /// The neurons in `block`.
    pub graph: Known<Metagraph>,
    /// The rubric in force in `block`.
    pub rubric: Known<Option<RubricChange>>,
    /// Blocks that questions were drawn from and that are not on the chain.
    pub foreign: Vec<u64>,
    /// The root that the validator committed to.
    pub root: Known<EvidenceRoot<Account>>,
    /// The end of the epoch in which the weights counted.
    pub counted: Known<Counted>,
}

/// The end of an epoch in which weights counted.
#[derive(Clone, Debug)]
pub struct Counted {
    /// The epoch that ended.
    pub epoch: u64,
    /// The block in which it did.
    pub block: u64,
    /// Shares of the miners, by uid.
    pub incentive: Vec<u16>,
    /// The hotkey of each uid.
    pub hotkeys: Vec<Account>,
    /// The validator's weights as the chain had them.
    pub row: Vec<(u16, u16)>,
    /// Answers that the subnet demanded of each miner; `None` where it demanded no proof.
    pub demanded: Option<u16>,
    /// The validator's last proofs.
    pub history: History,
}

/// Reads of one subnet.
#[derive(Clone, Copy)]
pub struct Asking<'a> {
    /// The node.
    pub chain: &'a ChainClient,
    /// The subnet and the mechanism.
    pub track: Track,
    /// The newest block that is asked about, and the subnet's epoch in it.
    pub now: (u64, u64),
}

impl<'a> Asking<'a> {
    /// Reads of a mechanism as of the newest block, with the subnet in that block.
    pub async fn of(chain: &'a ChainClient, track: Track) -> Result<(Self, Metagraph), ChainError> {
        let graph = chain.metagraph(track.netuid, None).await?;
        let at = chain.block_hash(graph.block).await?;
        let schedule = chain.epoch_schedule(track.netuid, Some(at)).await?;
        Ok((Asking { chain, track, now: (graph.block, schedule.index) }, graph))
    }
}

impl Asking<'_> {
    /// Everything about an epoch of a folder.
    pub async fn about(&self, epoch: &Epoch) -> Result<Told, Failure> {
        let last = epoch.sources.keys().next_back().copied().unwrap_or_default();
        let first = epoch.sources.keys().next().copied().unwrap_or_default();
        let block = epoch.weights.as_ref().map_or(last, |kept| kept.block);
        let mut foreign = Vec::new();
        for (number, hash) in &epoch.sources {
            match self.chain.block_hash(*number).await {
                Ok(found) if found.0 == *hash => {}
                Ok(_) | Err(ChainError::NotFound(_)) => foreign.push(*number),
                Err(error) => return Err(error.into()),
            }
        }
        let netuid = self.track.netuid;
        let at = match self.chain.block_hash(block).await {
            Ok(hash) => hash,
            Err(ChainError::NotFound(_)) => {
                return Err(Failure::new(format!(
                "epoch {} of the evidence names block {block}, which the node's chain does not have; name a \
                    node of the \
                     evidence's chain",
                epoch.number
            )))
            }
            Err(error) => return Err(error.into()),
        };
        let graph = known(block, self.chain.metagraph(netuid, Some(at)).await)?;
        let rubric = match self.chain.rubric(netuid, self.track.mechanism, Some(at)).await {
            // An official chain keeps no rubrics.
            Err(ChainError::NotFound(why)) => Err(why),
            read => known(block, read)?.map(|status| status.in_force),
        };
        let counted = self.counted(epoch, block, &graph).await?;
        Ok(Told {
            block,
            times: (self.time(first).await?, self.time(block).await?),
            epoch: self.epoch_at(block).await?,
            root: self.root(epoch, &counted).await?,
            graph,
            rubric,
            foreign,
            counted,
        })
    }

    /// Reads a storage item in a block.
    async fn read<V: codec::Decode>(
        &self,
        item: &str,
        keys: &[Key],
        block: u64,
    ) -> Result<Known<Option<V>>, Failure> {
        let pallet = if item == "Now" { "Timestamp" } else { PALLET };
        let at = match self.chain.block_hash(block).await {
            Ok(hash) => hash,
            Err(error) => return known(block, Err(error)),
        };
        known(block, self.chain.storage(pallet, item, keys, Some(at)).await)
    }

    async fn time(&self, block: u64) -> Result<Known<u64>, Failure> {
        Ok(self.read("Now", &[], block).await?.map(Option::unwrap_or_default))
    }

    async fn epoch_at(&self, block: u64) -> Result<Known<u64>, Failure> {
        let read = self.read("SubnetEpochIndex", &[self.track.netuid.into()], block).await?;
        Ok(read.map(Option::unwrap_or_default))
    }

    /// The validator's root for the epoch. Ten are kept, so an old one is looked for where its weights counted.
    async fn root(
        &self,
        epoch: &Epoch,
        counted: &Known<Counted>,
    ) -> Result<Known<EvidenceRoot<Account>>, Failure> {
        let then = counted.as_ref().ok().map(|counted| counted.block.saturating_sub(1));
        let mut why = "the validator has committed to no root for this epoch".to_owned();
        for block in [Some(self.now.0), then].into_iter().flatten() {
            match self.root_in(&Account(epoch.validator), epoch.number, block).await? {
                Ok(Some(root)) => return Ok(Ok(root)),
                Ok(None) => {}
                Err(unknown) => why = unknown,
            }
        }
        Ok(Err(why))
    }

    /// The root of a validator for an epoch, as the state of a block has it.
    async fn root_in(
        &self,
        validator: &Account,
        epoch: u64,
        block: u64,
    ) -> Result<Known<Option<EvidenceRoot<Account>>>, Failure> {
        let keys = &[self.track.storage_index().into(), Key::Bytes(validator.0)];
        let roots: Known<Option<VecDeque<EvidenceRoot<Account>>>> =
            self.read("EvidenceRoots", keys, block).await?;
        let of_epoch =
            |roots: VecDeque<EvidenceRoot<Account>>| roots.into_iter().rev().find(|root| root.epoch == epoch);
        Ok(roots.map(|roots| roots.and_then(of_epoch)))
    }

    /// The root of any validator for an epoch, if the newest block still has it.
    pub async fn root_of(
        &self,
        validator: &Account,
        epoch: u64,
    ) -> Result<Option<EvidenceRoot<Account>>, Failure> {
        Ok(self.root_in(validator, epoch, self.now.0).await?.ok().flatten())
    }

    /// The roots of a miner in the newest block; none on a chain without such roots.
    pub async fn answer_roots(&self, miner: &Account) -> Result<VecDeque<AnswerRoot>, Failure> {
        let keys = &[self.track.netuid.into(), Key::Bytes(miner.0)];
        let roots: Known<Option<VecDeque<AnswerRoot>>> = self.read("AnswerRoots", keys, self.now.0).await?;
        Ok(roots.ok().flatten().unwrap_or_default())
    }

    /// The end of the epoch in which the weights of `epoch` counted. Committed weights count in the epoch of their
    /// reveal.
    async fn counted(
        &self,
        epoch: &Epoch,
        block: u64,
        graph: &Known<Metagraph>,
    ) -> Result<Known<Counted>, Failure> {
        let graph = match graph {
            Ok(graph) => graph,
            Err(why) => return Ok(Err(why.clone())),
        };
        let later = if graph.commit_reveal { graph.reveal_period } else { 0 };
        let counts = epoch.number.saturating_add(later);
        if self.now.1 <= counts {
            return Ok(Err(format!("its weights count at the end of epoch {counts}, and that is not over")));
        }
        let ended = match self.first_after(counts, block).await? {
            Ok(ended) => ended,
            Err(why) => return Ok(Err(why)),
        };
        let counted = self.end_of(epoch, counts, ended).await?;
        // Without commit-reveal nothing can be proved, so the chain demands nothing.
        Ok(counted.map(|end| Counted { demanded: end.demanded.filter(|_| graph.commit_reveal), ..end }))
    }

    /// The first block after an epoch, by halving the blocks since `from`. The epoch only rises.
    async fn first_after(&self, epoch: u64, from: u64) -> Result<Known<u64>, Failure> {
        let (mut before, mut after) = (from, self.now.0);
        while before.saturating_add(1) < after {
            let middle = before + (after - before) / 2;
            match self.epoch_at(middle).await? {
                Ok(then) if then > epoch => after = middle,
                Ok(_) => before = middle,
                Err(why) => return Ok(Err(why)),
            }
        }
        Ok(Ok(after))
    }

    async fn end_of(&self, epoch: &Epoch, counts: u64, ended: u64) -> Result<Known<Counted>, Failure> {
        let Track { netuid, mechanism } = self.track;
        let index = self.track.storage_index();
        let (validator, last) = (Key::Bytes(epoch.validator), ended.saturating_sub(1));
        let incentive = self.read::<Vec<u16>>("Incentive", &[index.into()], ended).await?;
        let uid = self.read::<u16>("Uids", &[netuid.into(), validator], last).await?;
        // The proofs of the ended epoch. A reveal in the block of its end would be of the next one.
        let history = self.read::<ProofHistory>("ProofHistories", &[index.into(), validator], last).await?;
        let demand = self.read::<EvidenceTimeline>("EvidenceDemands", &[netuid.into()], ended).await?;
        let keys = known(ended, self.hotkeys(ended).await)?;
        let (Ok(incentive), Ok(uid), Ok(history), Ok(demand), Ok(hotkeys)) =
            (incentive, uid, history, demand, keys)
        else {
            return Ok(Err(gone(ended)));
        };
        let row = match uid {
            Some(uid) => self.read::<Vec<(u16, u16)>>("Weights", &[index.into(), uid.into()], last).await?,
            None => Ok(None),
        };
        Ok(row.map(|row| Counted {
            epoch: counts,
            block: ended,
            incentive: incentive.unwrap_or_default(),
            hotkeys,
            row: row.unwrap_or_default(),
            demanded: demand.unwrap_or_default().in_force(ended).on(mechanism),
            history: history.unwrap_or_default().into(),
        }))
    }

    async fn hotkeys(&self, block: u64) -> Result<Vec<Account>, ChainError> {
        let at = self.chain.block_hash(block).await?;
        let graph = self.chain.metagraph(self.track.netuid, Some(at)).await?;
        Ok(graph.neurons.into_iter().map(|neuron| neuron.hotkey).collect())
    }
}

/// The answer about a block; its reason where the node has forgotten the block's state. Another error remains one.
fn known<T>(block: u64, read: Result<T, ChainError>) -> Result<Known<T>, Failure> {
    match read {
        Ok(value) => Ok(Ok(value)),
        Err(error) if is_forgotten(&error.to_string()) => Ok(Err(gone(block))),
        Err(error) => Err(error.into()),
    }
}

/// Whether a node says that it has no state of a block any longer.
fn is_forgotten(error: &str) -> bool {
    ["discarded", "UnknownBlock", "nknown block", "eader was not found"]
        .iter()
        .any(|said| error.contains(said))
}

fn gone(block: u64) -> String {
    format!("the node no longer has the state of block {block}; an archive node has it (`myelin node run --archive`)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forgotten_state_is_a_reason_and_another_error_remains_one() {
        let forgotten = "RPC error: User error: Client error: UnknownBlock: State already discarded for 0x12";
        let read = known::<u8>(7, Err(ChainError::Connection(forgotten.into())));
        assert!(matches!(read, Ok(Err(why)) if why.contains("block 7") && why.contains("archive")));
        assert!(known::<u8>(7, Err(ChainError::Connection("broken pipe".into()))).is_err());
        assert!(matches!(known(7, Ok(3)), Ok(Ok(3))));
    }
}
