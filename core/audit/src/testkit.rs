//! Made states of one subnet, for tests and benchmarks: items by name, and the state to which an epoch leads.

use std::collections::BTreeMap;

use codec::Encode;
use myelin_abi::Account;
use myelin_units::NetUid;
use myelin_wire::hash::Hash;
use myelin_wire::trie::{build, storage_key, Hasher, Hasher::*, StateProof};

use crate::gather::{self, Computed, Roll};
use crate::payout::{self, Paid};
use crate::view::NETWORK;
use crate::{emission, AuditError, Occasion, View};

/// A state, and the subnet that its items are about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    netuid: NetUid,
    /// Values by key.
    pub entries: BTreeMap<Vec<u8>, Vec<u8>>,
}

impl State {
    /// An empty state.
    pub fn new(netuid: NetUid) -> Self {
        Self { netuid, entries: BTreeMap::new() }
    }

    /// Sets an item of the network pallet.
    pub fn put(&mut self, item: &str, parts: &[(Hasher, &[u8])], value: impl Encode) {
        self.entries.insert(storage_key(NETWORK, item, parts), value.encode());
    }

    /// Sets an item of the subnet.
    pub fn of_subnet(&mut self, item: &str, value: impl Encode) {
        self.put(item, &[(Identity, &self.netuid.to_le_bytes())], value);
    }

    /// Sets an item of a neuron.
    pub fn of_uid(&mut self, item: &str, uid: u16, value: impl Encode) {
        self.put(item, &[(Identity, &self.netuid.to_le_bytes()), (Identity, &uid.to_le_bytes())], value);
    }

    /// Sets an item that names the subnet before the account.
    pub fn of_subnet_for(&mut self, item: &str, account: &Account, value: impl Encode) {
        self.put(item, &[(Identity, &self.netuid.to_le_bytes()), (Blake2_128Concat, &account.0)], value);
    }

    /// Sets an item that names the account before the subnet.
    pub fn of_account_on(&mut self, item: &str, account: &Account, value: impl Encode) {
        self.put(item, &[(Blake2_128Concat, &account.0), (Identity, &self.netuid.to_le_bytes())], value);
    }

    /// The root of the state, and a proof of all of it.
    pub fn proved(&self) -> (Hash, StateProof) {
        build(&self.entries)
    }

    /// The state after the block in which the epoch ends, as a chain that follows the rules leaves it.
    pub fn after(&self, occasion: Occasion) -> Result<Self, AuditError> {
        let ((root, proof), (none, empty)) = (self.proved(), Self::new(self.netuid).proved());
        let (old, new) = (View::new(root, &proof), View::new(none, &empty));
        let roll = Roll::read(&old, &new, self.netuid);
        let pots = emission::pots(&old, self.netuid)?;
        let computed = gather::run(&old, &roll, occasion, pots.epoch_emission().to_rao());
        let paid = payout::pay(&old, &roll, pots, &computed, occasion.block);
        let mut after = self.clone();
        after.of_subnet("SubnetEpochIndex", occasion.epoch + 1);
        after.store(&computed, &paid);
        Ok(after)
    }

    fn store(&mut self, computed: &Computed, paid: &Paid) {
        let total = &computed.total;
        self.of_subnet("BlocksSinceLastStep", 0u64);
        for (item, values) in [
            ("Consensus", &total.consensus),
            ("ValidatorTrust", &total.validator_trust),
            ("Dividends", &total.dividends),
            ("StakeWeight", &total.stake_weight),
        ] {
            self.of_subnet(item, values);
        }
        self.of_subnet("ValidatorPermit", &total.permits);
        self.of_subnet("Active", &total.active);
        self.of_subnet("Emission", &total.emission);
        self.of_subnet("MinerBurned", paid.miner_burned);
        for (_, output) in &computed.mechanisms {
            self.of_subnet("Incentive", &output.incentive);
            for (uid, row) in (0u16..).zip(&output.bonds).filter(|(_, row)| !row.is_empty()) {
                self.of_uid("Bonds", uid, row);
            }
        }
        for (hotkey, amount) in &paid.alpha_dividends {
            self.of_subnet_for("AlphaDividendsPerSubnet", hotkey, amount);
        }
        for (hotkey, pool) in &paid.pools {
            self.of_account_on("TotalHotkeyAlpha", hotkey, pool.value);
            self.of_account_on("TotalHotkeySharesV2", hotkey, pool.shares);
        }
        for ((hotkey, coldkey), shares) in &paid.holdings {
            let netuid = self.netuid.to_le_bytes();
            let parts: [(Hasher, &[u8]); 3] =
                [(Blake2_128Concat, &hotkey.0), (Blake2_128Concat, &coldkey.0), (Identity, &netuid)];
            self.put("AlphaV2", &parts, shares);
        }
    }
}
