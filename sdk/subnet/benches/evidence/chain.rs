//! A chain's state before and after the block in which the epoch ended, and the audit of it from proofs.
//!
//! The state before holds what validators committed to: weights, and roots of their evidence. The state after is the
//! one that the rules lead to.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use codec::Encode;
use myelin_abi::{Account, EvidenceRoot};
use myelin_audit::gather::{self, Computed, Roll, Seat};
use myelin_audit::payout::{self, Paid};
use myelin_audit::{audit, emission, Occasion, View};
use myelin_economy::shares::ShareFloat;
use myelin_units::{AlphaBalance, TaoBalance};
use myelin_wire::hash::Hash;
use myelin_wire::trie::Hasher::{self, Blake2_128Concat, Identity};
use myelin_wire::trie::{build, storage_key, StateProof};
use myelin_wire::AccountId;

use super::{key, EPOCH, MINERS, NETUID, VALIDATORS};

const PALLET: &str = "SubtensorModule";
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

type Entries = BTreeMap<Vec<u8>, Vec<u8>>;

fn put(entries: &mut Entries, item: &str, parts: &[(Hasher, &[u8])], value: impl Encode) {
    entries.insert(storage_key(PALLET, item, parts), value.encode());
}

fn of_subnet(entries: &mut Entries, item: &str, value: impl Encode) {
    put(entries, item, &[(Identity, &NETUID.to_le_bytes())], value);
}

fn of_uid(entries: &mut Entries, item: &str, uid: u16, value: impl Encode) {
    put(entries, item, &[(Identity, &NETUID.to_le_bytes()), (Identity, &uid.to_le_bytes())], value);
}

/// An item that names the subnet before the account.
fn of_subnet_for(entries: &mut Entries, item: &str, account: &AccountId, value: impl Encode) {
    put(entries, item, &[(Identity, &NETUID.to_le_bytes()), (Blake2_128Concat, account)], value);
}

/// An item that names the account before the subnet.
fn of_account_on(entries: &mut Entries, item: &str, account: &AccountId, value: impl Encode) {
    put(entries, item, &[(Blake2_128Concat, account), (Identity, &NETUID.to_le_bytes())], value);
}

fn before(committed: &[Committed]) -> Entries {
    let mut state = Entries::new();
    put(&mut state, "TotalNetworks", &[], 2u16);
    put(&mut state, "TotalIssuance", &[], TaoBalance::from_rao(1_000_000));
    put(&mut state, "StakeThreshold", &[], 0u64);
    put(&mut state, "NetworksAdded", &[(Identity, &0u16.to_le_bytes())], true);
    for item in ["NetworksAdded", "SubtokenEnabled", "NetworkRegistrationAllowed"] {
        of_subnet(&mut state, item, true);
    }
    of_subnet(&mut state, "FirstEmissionBlockNumber", 1u64);
    of_subnet(&mut state, "CommitRevealWeightsEnabled", false);
    of_subnet(&mut state, "SubnetEpochIndex", EPOCH);
    of_subnet(&mut state, "LastMechansimStepBlock", BLOCK - 360);
    of_subnet(&mut state, "PendingServerEmission", AlphaBalance::from_rao(500_000_000));
    of_subnet(&mut state, "PendingValidatorEmission", AlphaBalance::from_rao(400_000_000));
    let hotkeys = committed.iter().map(|one| one.validator).chain((0..MINERS).map(|number| key(1, number)));
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
    of_subnet(&mut state, "LastUpdate", vec![BLOCK - 100; seats.len()]);
    of_subnet(&mut state, "ValidatorPermit", permits);
    of_subnet(&mut state, "SubnetRoster", seats);
    for (uid, one) in (0u16..).zip(committed) {
        let stake = 1_000_000_000 + u64::from(uid);
        let signer = Account(one.validator);
        let block = BLOCK - 100;
        let root =
            EvidenceRoot { commit: [0; 32], root: one.root, signer, epoch: EPOCH, began: BLOCK - 360, block };
        of_account_on(&mut state, "TotalHotkeyAlpha", &one.validator, AlphaBalance::from_rao(stake));
        of_account_on(&mut state, "TotalHotkeySharesV2", &one.validator, ShareFloat::from_int(stake));
        of_uid(&mut state, "Weights", uid, &one.row);
        of_subnet_for(&mut state, "EvidenceRoots", &one.validator, vec![root]);
    }
    state
}

fn after(before: &Entries) -> Result<Entries, String> {
    let ((root, proof), (none, empty)) = (build(before), build(&Entries::new()));
    let (old, new) = (View::new(root, &proof), View::new(none, &empty));
    let roll = Roll::read(&old, &new, NETUID);
    let pots = emission::pots(&old, NETUID).map_err(|error| error.to_string())?;
    let computed = gather::run(&old, &roll, OCCASION, pots.epoch_emission().to_rao());
    let paid = payout::pay(&old, &roll, pots, &computed, BLOCK);
    Ok(stored(before.clone(), &computed, &paid))
}

/// The state with the results of the epoch.
fn stored(mut state: Entries, computed: &Computed, paid: &Paid) -> Entries {
    let total = &computed.total;
    of_subnet(&mut state, "SubnetEpochIndex", EPOCH + 1);
    of_subnet(&mut state, "BlocksSinceLastStep", 0u64);
    for (item, values) in [
        ("Consensus", &total.consensus),
        ("ValidatorTrust", &total.validator_trust),
        ("Dividends", &total.dividends),
        ("StakeWeight", &total.stake_weight),
    ] {
        of_subnet(&mut state, item, values);
    }
    of_subnet(&mut state, "ValidatorPermit", &total.permits);
    of_subnet(&mut state, "Active", &total.active);
    of_subnet(&mut state, "Emission", &total.emission);
    of_subnet(&mut state, "MinerBurned", paid.miner_burned);
    for (_, output) in &computed.mechanisms {
        of_subnet(&mut state, "Incentive", &output.incentive);
        for (uid, row) in (0u16..).zip(&output.bonds).filter(|(_, row)| !row.is_empty()) {
            of_uid(&mut state, "Bonds", uid, row);
        }
    }
    for (hotkey, amount) in &paid.alpha_dividends {
        of_subnet_for(&mut state, "AlphaDividendsPerSubnet", &hotkey.0, amount);
    }
    for (hotkey, pool) in &paid.pools {
        of_account_on(&mut state, "TotalHotkeyAlpha", &hotkey.0, pool.value);
        of_account_on(&mut state, "TotalHotkeySharesV2", &hotkey.0, pool.shares);
    }
    for ((hotkey, coldkey), shares) in &paid.holdings {
        let netuid = NETUID.to_le_bytes();
        let parts: [(Hasher, &[u8]); 3] =
            [(Blake2_128Concat, &hotkey.0), (Blake2_128Concat, &coldkey.0), (Identity, &netuid)];
        put(&mut state, "AlphaV2", &parts, shares);
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
        Ok(Self { after: build(&after(&state)?), before: build(&state) })
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
        for (uid, one) in (0u16..).zip(committed) {
            let row: Vec<(u16, u16)> = view.of_uid("Weights", NETUID, uid).unwrap_or_default();
            let roots: VecDeque<EvidenceRoot<Account>> =
                view.of_subnet_for("EvidenceRoots", NETUID, &one.validator).unwrap_or_default();
            let root = roots.iter().rev().find(|root| root.epoch == EPOCH).map(|root| root.root);
            if row != one.row || root != Some(one.root) {
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
