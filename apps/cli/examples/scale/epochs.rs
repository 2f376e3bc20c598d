//! The ledger of epochs: which commitments and reveals each of them brought.

use std::collections::BTreeMap;

use myelin_abi::Account;
use myelin_chain_client::{ChainClient, ChainError, Hash};

/// An epoch that is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Epoch {
    /// The subnet.
    pub netuid: u16,
    /// Its number.
    pub number: u64,
    /// Its first block, and the first block after it.
    pub blocks: (u64, u64),
    /// Block of the commitment in it.
    pub committed: Option<u64>,
    /// Block of the reveal in it.
    pub revealed: Option<u64>,
    /// Whether a reveal was due: the epoch before had a commitment.
    pub owes_reveal: bool,
}

impl Epoch {
    /// The step that its validator missed.
    pub fn fault(&self) -> Option<&'static str> {
        match (self.committed, self.owes_reveal && self.revealed.is_none()) {
            (None, true) => Some("neither committed nor revealed"),
            (None, false) => Some("not committed"),
            (Some(_), true) => Some("not revealed"),
            (Some(_), false) => None,
        }
    }
}

/// The epochs of all subnets.
#[derive(Default)]
pub struct Epochs {
    /// Each subnet's validator.
    validators: BTreeMap<u16, Account>,
    /// The epoch that runs on each subnet. The first one is none of those that count: it began before the watch.
    running: BTreeMap<u16, (Epoch, bool)>,
    ended: Vec<Epoch>,
}

impl Epochs {
    /// Nothing yet, for these validators.
    pub fn new(validators: BTreeMap<u16, Account>) -> Self {
        Self { validators, ..Self::default() }
    }

    /// Reads a block. Blocks are read in order.
    pub async fn look(&mut self, chain: &ChainClient, block: u64, at: Hash) -> Result<(), ChainError> {
        let indices: Vec<(Vec<u8>, u64)> =
            chain.entries("SubtensorModule", "SubnetEpochIndex", &[], Some(at)).await?;
        for (key, number) in indices {
            if let Ok(netuid) = <[u8; 2]>::try_from(&key[..]) {
                self.begin(u16::from_le_bytes(netuid), number, block);
            }
        }
        for event in chain.events(at).await?.iter().filter(|event| event.pallet == "SubtensorModule") {
            let step = match event.name.as_str() {
                "WeightsCommitted" => Step::Commit,
                "WeightsRevealed" => Step::Reveal,
                _ => continue,
            };
            if let Some((who, netuid, _)) = event.decoded::<(Account, u16, [u8; 32])>() {
                self.note(netuid, &who, step, block);
            }
        }
        Ok(())
    }

    /// Notes the number of a subnet's epoch in a block.
    fn begin(&mut self, netuid: u16, number: u64, block: u64) {
        if !self.validators.contains_key(&netuid) {
            return;
        }
        let before = self.running.get(&netuid);
        if before.is_some_and(|(epoch, _)| epoch.number == number) {
            return;
        }
        let owes_reveal = before.is_some_and(|(epoch, _)| epoch.committed.is_some());
        let (committed, revealed) = (None, None);
        let epoch = Epoch { netuid, number, blocks: (block, block), committed, revealed, owes_reveal };
        let counts = before.is_some();
        if let Some((mut over, true)) = self.running.insert(netuid, (epoch, counts)) {
            over.blocks.1 = block;
            self.ended.push(over);
        }
    }

    /// Notes a step of a validator. Those of other neurons are none.
    fn note(&mut self, netuid: u16, who: &Account, step: Step, block: u64) {
        if self.validators.get(&netuid) != Some(who) {
            return;
        }
        if let Some((epoch, _)) = self.running.get_mut(&netuid) {
            match step {
                Step::Commit => epoch.committed = epoch.committed.or(Some(block)),
                Step::Reveal => epoch.revealed = epoch.revealed.or(Some(block)),
            }
        }
    }

    /// The epochs that began and ended while they were watched.
    pub fn ended(&self) -> &[Epoch] {
        &self.ended
    }

    /// Those in which a step was missed.
    pub fn faults(&self) -> impl Iterator<Item = &Epoch> {
        self.ended.iter().filter(|epoch| epoch.fault().is_some())
    }

    /// Blocks from each commitment to the end of its epoch.
    pub fn margins(&self) -> Vec<u64> {
        self.ended.iter().filter_map(|epoch| Some(epoch.blocks.1 - epoch.committed?)).collect()
    }
}

/// A step of a validator.
#[derive(Clone, Copy)]
enum Step {
    Commit,
    Reveal,
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALIDATOR: Account = Account([7; 32]);

    fn watched(steps: &[(u64, u64, &str)]) -> Vec<Option<&'static str>> {
        let mut epochs = Epochs::new(BTreeMap::from([(2, VALIDATOR)]));
        for (block, number, what) in steps {
            epochs.begin(2, *number, *block);
            epochs.begin(3, *number, *block);
            for step in what.chars() {
                match step {
                    'c' => epochs.note(2, &VALIDATOR, Step::Commit, *block),
                    'r' => epochs.note(2, &VALIDATOR, Step::Reveal, *block),
                    _ => epochs.note(2, &Account([8; 32]), Step::Commit, *block),
                }
            }
        }
        epochs.ended().iter().map(Epoch::fault).collect()
    }

    #[test]
    fn an_epoch_needs_its_commitment_and_the_reveal_of_the_one_before() {
        assert_eq!(watched(&[(1, 4, "c"), (10, 5, "rc"), (20, 6, "rc"), (30, 7, "")]), [None, None]);
        assert_eq!(watched(&[(1, 4, ""), (10, 5, "c"), (20, 6, "rc"), (30, 7, "")]), [None, None]);
        let late = watched(&[(1, 4, "c"), (10, 5, "r"), (20, 6, "c"), (30, 7, "c"), (40, 8, "rc")]);
        assert_eq!(late, [Some("not committed"), None, Some("not revealed")]);
        assert_eq!(
            watched(&[(1, 4, "c"), (10, 5, ""), (20, 6, "")]),
            [Some("neither committed nor revealed")]
        );
    }

    #[test]
    fn the_first_epoch_and_steps_of_others_count_for_nothing() {
        assert_eq!(watched(&[(1, 4, "c"), (2, 4, "")]), []);
        assert_eq!(watched(&[(1, 4, ""), (10, 5, "o"), (20, 6, "")]), [Some("not committed")]);
    }
}
