//! A chain's state before and after the block in which the epoch ended, and the audit of it from proofs.
//!
//! The state before holds what validators committed to: weights, and roots of their evidence. The state after is the
//! one that the rules lead to.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use myelin_abi::{Account, EvidenceRoot};
use myelin_audit::gather::Seat;
use myelin_audit::testkit::State;
use myelin_audit::{audit, Occasion, View};
use myelin_economy::shares::ShareFloat;
use myelin_units::{AlphaBalance, TaoBalance};
use myelin_wire::hash::Hash;
use myelin_wire::trie::Hasher::Identity;
use myelin_wire::trie::StateProof;
use myelin_wire::AccountId;

use super::{key, EPOCH, MINERS, NETUID, VALIDATORS};

const BLOCK: u64 = 1_000;
const OCCASION: Occasion = Occasion { netuid: NETUID, epoch: EPOCH, block: BLOCK };
/// Most rounds of asking for further keys, as of `myelin evidence verify`.
const MOST_PASSES: usize = 32;

/// The commitments of a validator.
pub struct Committed {
    /// Its hotkey.
    pub validator: AccountId,
    /// Root of its evidence.
    pub root: Hash,
    /// Its weights.
    pub row: Vec<(u16, u16)>,
}

fn before(committed: &[Committed]) -> State {
    let mut state = State::new(NETUID);
    state.put("TotalNetworks", &[], 2u16);
    state.put("TotalIssuance", &[], TaoBalance::from_rao(1_000_000));
    state.put("StakeThreshold", &[], 0u64);
    state.put("NetworksAdded", &[(Identity, &0u16.to_le_bytes())], true);
    for item in ["NetworksAdded", "SubtokenEnabled", "NetworkRegistrationAllowed"] {
        state.of_subnet(item, true);
    }
    state.of_subnet("FirstEmissionBlockNumber", 1u64);
    state.of_subnet("CommitRevealWeightsEnabled", false);
    state.of_subnet("SubnetEpochIndex", EPOCH);
    state.of_subnet("LastMechansimStepBlock", BLOCK - 360);
    state.of_subnet("PendingServerEmission", AlphaBalance::from_rao(500_000_000));
    state.of_subnet("PendingValidatorEmission", AlphaBalance::from_rao(400_000_000));
    let hotkeys = committed
        .iter()
        .map(|commitment| commitment.validator)
        .chain((0..MINERS).map(|number| key(1, number)));
    let seat = |(uid, hotkey): (u16, AccountId)| Seat {
        hotkey: Account(hotkey),
        owner: Account(key(4, uid)),
        registered: 10,
        lends: false,
        borrows: false,
        bonded: false,
    };
    let seats: Vec<Seat> = (0..).zip(hotkeys).map(seat).collect();
    let permits: Vec<bool> = (0..VALIDATORS + MINERS).map(|uid| uid < VALIDATORS).collect();
    state.of_subnet("LastUpdate", vec![BLOCK - 100; seats.len()]);
    state.of_subnet("ValidatorPermit", permits);
    state.of_subnet("SubnetRoster", seats);
    for (uid, commitment) in (0u16..).zip(committed) {
        let stake = 1_000_000_000 + u64::from(uid);
        let signer = Account(commitment.validator);
        let block = BLOCK - 100;
        let root = EvidenceRoot {
            commit: [0; 32],
            root: commitment.root,
            signer,
            epoch: EPOCH,
            began: BLOCK - 360,
            block,
        };
        state.of_account_on("TotalHotkeyAlpha", &signer, AlphaBalance::from_rao(stake));
        state.of_account_on("TotalHotkeySharesV2", &signer, ShareFloat::from_int(stake));
        state.of_uid("Weights", uid, &commitment.row);
        state.of_subnet_for("EvidenceRoots", &signer, vec![root]);
    }
    state
}

/// Both states, whole.
pub struct Chain {
    before: (Hash, StateProof),
    after: (Hash, StateProof),
}

impl Chain {
    /// The chain to which these validators committed, with uids from 0 on.
    pub fn new(committed: &[Committed]) -> Result<Self, String> {
        let state = before(committed);
        let after = state.after(OCCASION).map_err(|error| error.to_string())?;
        Ok(Self { after: after.proved(), before: state.proved() })
    }

    /// Recomputes the epoch from proofs, pass by pass. Returns the auditor's time and the number of values read.
    pub fn audit(&self) -> Result<(Duration, usize), String> {
        let (mut some_old, mut some_new) = (StateProof::default(), StateProof::default());
        let mut took = Duration::ZERO;
        for _ in 0..MOST_PASSES {
            let begun = Instant::now();
            let (old, new) = (View::new(self.before.0, &some_old), View::new(self.after.0, &some_new));
            let result = audit(&old, &new, OCCASION);
            let (wanted_old, wanted_new, keys) = (old.wanted(), new.wanted(), old.keys() + new.keys());
            took += begun.elapsed();
            if wanted_old.is_empty() && wanted_new.is_empty() {
                let found = result.map_err(|error| error.to_string())?;
                return match found.differences.first() {
                    None if found.paid > 0 => Ok((took, keys)),
                    None => Err("nobody was paid".into()),
                    Some(first) => Err(format!("{} values differ, first: {first:?}", found.different)),
                };
            }
            // The node's work.
            let (more_old, more_new) = (nodes(&self.before, &wanted_old)?, nodes(&self.after, &wanted_new)?);
            let begun = Instant::now();
            some_old.extend(more_old);
            some_new.extend(more_new);
            took += begun.elapsed();
        }
        Err("proofs are never complete".into())
    }

    /// Compares root and weights of each validator with the proved state. Returns the time.
    pub fn compare(&self, committed: &[Committed]) -> Result<Duration, String> {
        let begun = Instant::now();
        let view = View::new(self.before.0, &self.before.1);
        for (uid, commitment) in (0u16..).zip(committed) {
            let row: Vec<(u16, u16)> = view.of_uid("Weights", NETUID, uid).unwrap_or_default();
            let roots: VecDeque<EvidenceRoot<Account>> =
                view.of_subnet_for("EvidenceRoots", NETUID, &commitment.validator).unwrap_or_default();
            let root = roots.iter().rev().find(|root| root.epoch == EPOCH).map(|root| root.root);
            if row != commitment.row || root != Some(commitment.root) {
                return Err(format!("validator {uid} has another root or other weights on the chain"));
            }
        }
        Ok(begun.elapsed())
    }
}

/// A node's answer: the nodes that these keys need.
fn nodes((root, all): &(Hash, StateProof), keys: &[Vec<u8>]) -> Result<Vec<Vec<u8>>, String> {
    let some = all.of_keys(root, keys.iter().map(Vec::as_slice)).map_err(|error| error.to_string())?;
    Ok(some.nodes().cloned().collect())
}
