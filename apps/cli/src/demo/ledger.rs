//! Checks that every rao has an owner: reads the chain's storage at one block, and adds it up here.
//!
//! TAO: the balances of all accounts add up to the issuance, and both ledgers of the chain agree on it. A subnet's
//! account holds at least the TAO that its pool claims.
//!
//! Alpha: the amount outside the pool is held on hotkeys, owned by the protocol, waiting in the pots of the next epoch
//! or for root stakers, or without an owner. What has no owner is exactly what the chain counts as such. It comes from
//! the first epochs of a subnet, which pay before anybody has stake, and from mechanisms without weights beside others
//! with some. From the last epoch on in which a mechanism paid nobody it grows by two causes alone, both bounded:
//!
//! - Rounding adds dust, at most a few rao per neuron and epoch.
//! - While subnets are too cheap for root stakers to be paid, the chain recycles root's part of the validators' pot.
//!   Miners earn half of what an epoch divides, and so half of that part is missing from what they get of their pot.

use codec::Decode;
use myelin_chain_client::{ChainClient, Hash, Key, Result};
use myelin_units::ROOT;
use serde::Serialize;

/// Sums at one block, in rao.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Ledger {
    /// Block at which the storage was read.
    pub block: u64,
    /// Free and reserved TAO of all accounts.
    pub accounts_rao: u128,
    /// Issuance according to the ledger of balances.
    pub balances_issuance_rao: u128,
    /// Issuance according to the network pallet.
    pub network_issuance_rao: u128,
    /// TAO on root, times the weight that it has beside alpha.
    pub root_weighted_rao: u128,
    /// Per subnet.
    pub subnets: Vec<SubnetLedger>,
}

/// One subnet's sums, in rao.
#[derive(Clone, Debug, Default, Serialize)]
pub struct SubnetLedger {
    /// The subnet.
    pub netuid: u16,
    /// TAO that the pool claims.
    pub pool_tao_rao: u128,
    /// TAO on the subnet's account.
    pub account_tao_rao: u128,
    /// Alpha outside the pool.
    pub alpha_out_rao: u128,
    /// Alpha in the share pools of hotkeys.
    pub held_rao: u128,
    /// Alpha that the chain bought and that nobody sells.
    pub protocol_rao: u128,
    /// Alpha in the pots of the next epoch, and in that of root stakers.
    pub pending_rao: u128,
    /// Alpha outside the pool without an owner.
    pub nobodys_rao: i128,
    /// The same, as the chain counts it.
    pub counted_rao: u128,
    /// The sum at the block from which this ledger is compared.
    pub nobodys_at_start_rao: i128,
    /// That block.
    pub compared_from: u64,
    /// Most that rounding and root's recycled part can leave over since that block.
    pub left_bound_rao: u128,
}

impl Ledger {
    /// Whether everything adds up.
    pub fn balanced(&self) -> bool {
        self.accounts_rao == self.balances_issuance_rao
            && self.network_issuance_rao == self.balances_issuance_rao
            && self.subnets.iter().all(|subnet| {
                let left = subnet.nobodys_rao - subnet.nobodys_at_start_rao;
                subnet.pool_tao_rao <= subnet.account_tao_rao
                    && subnet.nobodys_at_start_rao >= 0
                    && subnet.nobodys_rao == subnet.counted_rao as i128
                    && (0..=subnet.left_bound_rao as i128).contains(&left)
            })
    }

    /// The same ledger, compared with an earlier one.
    pub fn since(mut self, earlier: &Ledger) -> Self {
        let root = self.root_weighted_rao.max(earlier.root_weighted_rao);
        for subnet in &mut self.subnets {
            if let Some(before) = earlier.subnets.iter().find(|before| before.netuid == subnet.netuid) {
                subnet.nobodys_at_start_rao = before.nobodys_rao;
                subnet.compared_from = before.compared_from;
                // Root's part is half of its proportion, and half of that is missing from what miners get.
                let minted = u128::from(self.block.saturating_sub(before.compared_from)) * BLOCK_ALPHA_RAO;
                let all = (root + before.alpha_out_rao).max(1);
                subnet.left_bound_rao += (minted * root).div_ceil(4 * all);
            }
        }
        self
    }

    /// Compares one subnet from a later ledger on.
    pub fn compare_from(&mut self, later: &Ledger, netuid: u16) {
        let found = later.subnets.iter().find(|subnet| subnet.netuid == netuid);
        let own = self.subnets.iter_mut().find(|subnet| subnet.netuid == netuid);
        if let (Some(own), Some(found)) = (own, found) {
            own.clone_from(found);
        }
    }

    /// The deciding numbers in one line.
    pub fn summary(&self) -> String {
        let mut text = format!(
            "accounts hold {} rao, issuance {} and {}",
            self.accounts_rao, self.balances_issuance_rao, self.network_issuance_rao
        );
        for subnet in &self.subnets {
            text += &format!(
                "; subnet {}: pool {} of {} TAO rao on its account, {} alpha rao out, {} left to nobody since block {}",
                subnet.netuid,
                subnet.pool_tao_rao,
                subnet.account_tao_rao,
                subnet.alpha_out_rao,
                subnet.nobodys_rao - subnet.nobodys_at_start_rao,
                subnet.compared_from
            );
        }
        text
    }
}

const NETWORK: &str = "SubtensorModule";
/// Most alpha that a subnet mints for its neurons in a block.
const BLOCK_ALPHA_RAO: u128 = 1_000_000_000;
/// Pots of the next epoch, and the alpha that root stakers may claim.
const POTS: [&str; 5] = [
    "PendingServerEmission",
    "PendingValidatorEmission",
    "PendingRootAlphaDivs",
    "PendingOwnerCut",
    "RootClaimPot",
];

/// Reads the storage at one block and adds it up.
pub async fn read(chain: &ChainClient, block: u64) -> Result<Ledger> {
    let at = chain.block_hash(block).await?;
    let accounts = accounts(chain, at).await?;
    let tao_weight: u64 = chain.value(NETWORK, "TaoWeight", &[]).await?;
    let on_root = value(chain, NETWORK, "SubnetTAO", &[Key::from(ROOT)], at).await?;
    let mut ledger = Ledger {
        block,
        accounts_rao: accounts.iter().map(|(_, held)| held).sum(),
        balances_issuance_rao: value(chain, "Balances", "TotalIssuance", &[], at).await?,
        network_issuance_rao: value(chain, NETWORK, "TotalIssuance", &[], at).await?,
        root_weighted_rao: on_root * u128::from(tao_weight) / u128::from(u64::MAX),
        subnets: Vec::new(),
    };

    // Keys: hotkey (hashed, 16 + 32 bytes), netuid.
    let held: Vec<(Vec<u8>, u64)> = chain.entries(NETWORK, "TotalHotkeyAlpha", &[], Some(at)).await?;
    let subnets: Vec<(Vec<u8>, bool)> = chain.entries(NETWORK, "NetworksAdded", &[], Some(at)).await?;
    for (key, added) in subnets {
        let Ok(netuid) = u16::decode(&mut &key[..]) else { continue };
        if !added || netuid == 0 {
            continue;
        }
        let account = subnet_account(netuid);
        let read =
            |item: &'static str| async move { value(chain, NETWORK, item, &[netuid.into()], at).await };
        let mut pending = 0;
        for pot in POTS {
            pending += read(pot).await?;
        }
        let suffix = netuid.to_le_bytes();
        let neurons = read_short(chain, "SubnetworkN", netuid, at).await?;
        let epochs = read("SubnetEpochIndex").await?;
        let mut subnet = SubnetLedger {
            netuid,
            pool_tao_rao: read("SubnetTAO").await?,
            account_tao_rao: accounts.iter().filter(|(id, _)| *id == account).map(|(_, held)| held).sum(),
            alpha_out_rao: read("SubnetAlphaOut").await?,
            held_rao: held
                .iter()
                .filter(|(key, _)| key.ends_with(&suffix))
                .map(|(_, alpha)| u128::from(*alpha))
                .sum(),
            protocol_rao: read("SubnetProtocolAlpha").await?,
            pending_rao: pending,
            nobodys_rao: 0,
            counted_rao: value(chain, "AlphaAssets", "AlphaBurned", &[netuid.into()], at).await?,
            nobodys_at_start_rao: 0,
            compared_from: block,
            // Each epoch floors a handful of amounts per neuron; each block floors four pots.
            left_bound_rao: 8 * (neurons + 2) * (epochs + 1) + 4 * u128::from(block),
        };
        let assigned = subnet.held_rao + subnet.protocol_rao + subnet.pending_rao;
        subnet.nobodys_rao = subnet.alpha_out_rao as i128 - assigned as i128;
        ledger.subnets.push(subnet);
    }
    Ok(ledger)
}

async fn value(chain: &ChainClient, pallet: &str, item: &str, keys: &[Key], at: Hash) -> Result<u128> {
    let value: Option<u64> = chain.storage(pallet, item, keys, Some(at)).await?;
    Ok(u128::from(value.unwrap_or_default()))
}

async fn read_short(chain: &ChainClient, item: &str, netuid: u16, at: Hash) -> Result<u128> {
    let value: Option<u16> = chain.storage(NETWORK, item, &[netuid.into()], Some(at)).await?;
    Ok(u128::from(value.unwrap_or_default()))
}

/// Every account with its free and reserved TAO.
async fn accounts(chain: &ChainClient, at: Hash) -> Result<Vec<([u8; 32], u128)>> {
    // AccountInfo: four u32 counters, then free, reserved, frozen (u64 each) and flags (u128).
    type Info = ([u32; 4], u64, u64, u64, u128);
    let entries: Vec<(Vec<u8>, Info)> = chain.entries("System", "Account", &[], Some(at)).await?;
    Ok(entries
        .into_iter()
        .filter_map(|(key, info)| {
            // The key ends with the account after its 16-byte hash.
            let account = key.get(16..48)?.try_into().ok()?;
            Some((account, u128::from(info.1) + u128::from(info.2)))
        })
        .collect())
}

/// The keyless account that holds a subnet's TAO: the pallet's id and the netuid.
fn subnet_account(netuid: u16) -> [u8; 32] {
    let mut account = [0; 32];
    account[..4].copy_from_slice(b"modl");
    account[4..12].copy_from_slice(SUBNET_ACCOUNTS);
    account[12..14].copy_from_slice(&netuid.to_le_bytes());
    account
}

/// The pallet id from which the accounts of subnets derive.
const SUBNET_ACCOUNTS: &[u8; 8] = b"subtensr";

#[cfg(test)]
mod tests {
    use super::*;

    /// A ledger in which subnet 2 has so much alpha without an owner, of which 8 rao more may be left.
    fn ledger(block: u64, nobodys_rao: u128) -> Ledger {
        Ledger {
            block,
            accounts_rao: 10,
            balances_issuance_rao: 10,
            network_issuance_rao: 10,
            root_weighted_rao: 0,
            subnets: vec![SubnetLedger {
                netuid: 2,
                pool_tao_rao: 5,
                account_tao_rao: 5,
                alpha_out_rao: 3_000,
                nobodys_rao: nobodys_rao as i128,
                counted_rao: nobodys_rao,
                compared_from: block,
                left_bound_rao: 8,
                ..SubnetLedger::default()
            }],
        }
    }

    #[test]
    fn a_missing_rao_is_found() {
        let opening = ledger(10, 100);
        let closing = |nobodys_rao| ledger(30, nobodys_rao).since(&opening);
        assert!(closing(103).balanced() && closing(108).balanced());
        assert!(!closing(99).balanced() && !closing(109).balanced());
        let good = closing(103);
        assert!(!Ledger { accounts_rao: 9, ..good.clone() }.balanced());
        assert!(!Ledger { network_issuance_rao: 11, ..good.clone() }.balanced());
        let subnet = |change: fn(&mut SubnetLedger)| {
            let mut ledger = good.clone();
            change(&mut ledger.subnets[0]);
            ledger.balanced()
        };
        assert!(!subnet(|s| s.account_tao_rao = 4));
        assert!(!subnet(|s| s.counted_rao = 102), "the chain counts another sum");
    }

    #[test]
    fn alpha_may_be_left_after_an_epoch_that_pays_nobody_and_of_roots_part() {
        // An epoch in which a mechanism paid nobody leaves 50; from there on, dust alone may come.
        let mut opening = ledger(10, 100);
        assert!(!ledger(30, 153).since(&opening).balanced());
        opening.compare_from(&ledger(20, 150), 2);
        let closing = ledger(30, 153).since(&opening);
        assert!(closing.balanced() && closing.subnets[0].compared_from == 20);
        // A fourth of all weight is on root: of a block's alpha, a sixteenth may be left.
        let opening = Ledger { root_weighted_rao: 1_000, ..ledger(10, 100) };
        let most = 100 + 8 + 2 * BLOCK_ALPHA_RAO / 16;
        assert!(ledger(12, most).since(&opening).balanced());
        assert!(!ledger(12, most + 1).since(&opening).balanced());
    }
}
