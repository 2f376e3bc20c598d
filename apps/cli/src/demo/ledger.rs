//! Checks that every rao has an owner: reads the chain's storage at one block, and adds it up here.
//!
//! TAO: the balances of all accounts add up to the issuance, and both ledgers of the chain agree on it. A subnet's
//! account holds at least the TAO that its pool claims.
//!
//! Alpha: the amount outside the pool is held on hotkeys, owned by the protocol, waiting in the pots of the next epoch
//! or for root stakers, or without an owner. Alpha without an owner comes from the first epochs of a subnet, which pay
//! before anybody has stake, and from mechanisms without weights beside others with some. Rounding adds dust, at most a
//! few rao per neuron and epoch. So it may grow by dust alone from the last epoch on in which a mechanism paid nobody.
//! With TAO on root, epochs that pay no root stakers leave some as well, so only the chain's own count of it binds.

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
    /// TAO on root.
    pub root_rao: u128,
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
    /// Most that rounding can leave over since that block.
    pub dust_bound_rao: u128,
}

impl Ledger {
    /// Whether everything adds up.
    pub fn balanced(&self) -> bool {
        self.accounts_rao == self.balances_issuance_rao
            && self.network_issuance_rao == self.balances_issuance_rao
            && self.subnets.iter().all(|subnet| {
                let dust = subnet.nobodys_rao - subnet.nobodys_at_start_rao;
                let is_dust = (0..=subnet.dust_bound_rao as i128).contains(&dust);
                subnet.pool_tao_rao <= subnet.account_tao_rao
                    && subnet.nobodys_at_start_rao >= 0
                    && subnet.nobodys_rao == subnet.counted_rao as i128
                    && (is_dust || self.root_rao > 0)
            })
    }

    /// The same ledger, compared with an earlier one.
    pub fn since(mut self, earlier: &Ledger) -> Self {
        for subnet in &mut self.subnets {
            if let Some(before) = earlier.subnets.iter().find(|before| before.netuid == subnet.netuid) {
                subnet.nobodys_at_start_rao = before.nobodys_rao;
                subnet.compared_from = before.compared_from;
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
                "; subnet {}: pool {} of {} TAO rao on its account, {} alpha rao out, {} left over since block {}",
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
    let mut ledger = Ledger {
        block,
        accounts_rao: accounts.iter().map(|(_, held)| held).sum(),
        balances_issuance_rao: value(chain, "Balances", "TotalIssuance", &[], at).await?,
        network_issuance_rao: value(chain, NETWORK, "TotalIssuance", &[], at).await?,
        root_rao: value(chain, NETWORK, "SubnetTAO", &[ROOT.into()], at).await?,
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
            dust_bound_rao: 8 * (neurons + 2) * (epochs + 1) + 4 * u128::from(block),
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

    impl SubnetLedger {
        /// The same with so much alpha of nobody.
        fn left(&self, rao: i128) -> Self {
            SubnetLedger { nobodys_rao: rao, counted_rao: rao as u128, ..self.clone() }
        }
    }

    #[test]
    fn a_missing_rao_is_found() {
        let good = Ledger {
            accounts_rao: 10,
            balances_issuance_rao: 10,
            network_issuance_rao: 10,
            subnets: vec![SubnetLedger {
                pool_tao_rao: 5,
                account_tao_rao: 5,
                nobodys_rao: 103,
                counted_rao: 103,
                nobodys_at_start_rao: 100,
                dust_bound_rao: 8,
                ..SubnetLedger::default()
            }],
            ..Ledger::default()
        };
        assert!(good.balanced());
        assert!(!Ledger { accounts_rao: 9, ..good.clone() }.balanced());
        assert!(!Ledger { network_issuance_rao: 11, ..good.clone() }.balanced());
        let subnet = |change: fn(&mut SubnetLedger)| {
            let mut ledger = good.clone();
            change(&mut ledger.subnets[0]);
            ledger.balanced()
        };
        assert!(!subnet(|s| s.account_tao_rao = 4));
        let left = |rao: i128| Ledger { subnets: vec![good.subnets[0].left(rao)], ..good.clone() };
        assert!(!left(99).balanced() && !left(109).balanced());
        assert!(!subnet(|s| s.counted_rao = 102), "the chain counts another sum");
        let on_root = Ledger { root_rao: 1, ..left(109) };
        assert!(on_root.balanced() && !Ledger { accounts_rao: 9, ..on_root }.balanced());
        // An epoch in which a mechanism paid nobody leaves 50; from there on, dust alone may come.
        let at = |block, nobodys_rao| Ledger {
            subnets: vec![SubnetLedger {
                netuid: 2,
                nobodys_rao,
                counted_rao: nobodys_rao as u128,
                compared_from: block,
                dust_bound_rao: 8,
                ..SubnetLedger::default()
            }],
            ..Ledger::default()
        };
        let mut opening = at(10, 100);
        assert!(!at(30, 153).since(&opening).balanced());
        opening.compare_from(&at(20, 150), 2);
        let closing = at(30, 153).since(&opening);
        assert!(closing.balanced() && closing.subnets[0].compared_from == 20);
    }
}
