//! The pots of a subnet when its epoch runs: those that waited, and the emission of the block itself.

use myelin_economy::coinbase::{emit, BlockInput, SubnetState};
use myelin_economy::emission::ShareInput;
use myelin_economy::issuance::tao_block_emission;
use myelin_economy::payout::EpochPots;
use myelin_economy::pool::{Market, Pool, QuoteWeight};
use myelin_units::{AlphaBalance, NetUid, TaoBalance, I96F32, ROOT, U64F64, U96F32};
use myelin_wire::trie::Hasher::Twox64Concat;

use crate::view::View;
use crate::AuditError;

/// Numbers at the beginning of the range in which subnets are looked for.
const NUMBERS: u16 = 1_024;

/// `SubnetMechanism` of a subnet whose alpha has a pool.
const DYNAMIC: u16 = 1;

/// The pots that the epoch of a subnet pays out.
pub fn pots(before: &View, netuid: NetUid) -> Result<EpochPots, AuditError> {
    let waited = |item| before.of_subnet::<AlphaBalance>(item, netuid).unwrap_or_default();
    let mut pots = EpochPots {
        server: waited("PendingServerEmission"),
        validator: waited("PendingValidatorEmission"),
        root: waited("PendingRootAlphaDivs"),
        owner_cut: waited("PendingOwnerCut"),
    };
    let eligible = eligible(before)?;
    let states: Vec<_> = eligible.iter().map(|netuid| state(before, *netuid)).collect();
    let emission = emit(&block_input(before), &states);
    let own = eligible.iter().zip(&emission.subnets).find(|(other, _)| **other == netuid);
    if let Some((_, change)) = own {
        pots.server = pots.server.saturating_add(change.pots.server);
        pots.validator = pots.validator.saturating_add(change.pots.validator);
        pots.root = pots.root.saturating_add(change.pots.root);
        pots.owner_cut = pots.owner_cut.saturating_add(change.pots.owner_cut);
    }
    Ok(pots)
}

/// The subnets that a block pays, in the chain's order.
fn eligible(before: &View) -> Result<Vec<NetUid>, AuditError> {
    let exists = |netuid: &NetUid| before.of_subnet::<bool>("NetworksAdded", *netuid).unwrap_or_default();
    let counted: u16 = before.network("TotalNetworks").unwrap_or_default();
    let limit = before.parameter("SubnetLimit", None);
    let mut all = Vec::new();
    for netuid in 0..NUMBERS {
        // Numbers above the limit are those of subnets that were there before it was lowered.
        let is_usual = i128::from(netuid) <= limit;
        if !is_usual && (all.len() >= usize::from(counted) || !before.is_complete()) {
            break;
        }
        all.extend(Some(netuid).filter(exists));
    }
    let found = all.len() as u16;
    if found != counted && before.is_complete() {
        return Err(AuditError::Subnets { counted, found });
    }
    let flag = |item, netuid| before.parameter(item, Some(netuid)) != 0;
    let is_eligible = |netuid: &NetUid| {
        *netuid != ROOT
            && before.of_subnet::<u64>("FirstEmissionBlockNumber", *netuid).is_some()
            && flag("SubtokenEnabled", *netuid)
            && flag("NetworkRegistrationAllowed", *netuid)
    };
    all.retain(is_eligible);
    all.sort_unstable_by_key(|netuid| netuid.to_le_bytes());
    Ok(all)
}

fn block_input(before: &View) -> BlockInput {
    let issued: TaoBalance = before.network("TotalIssuance").unwrap_or_default();
    let ledger: TaoBalance = before.item("Balances", "TotalIssuance", &[]).unwrap_or_default();
    BlockInput {
        tao_emission: tao_block_emission(issued, ledger),
        root_tao: before.of_subnet("SubnetTAO", ROOT).unwrap_or_default(),
        tao_weight: before.parameter("TaoWeight", None) as u64,
    }
}

fn state(before: &View, netuid: NetUid) -> SubnetState {
    let is_dynamic = before.of_subnet::<u16>("SubnetMechanism", netuid) == Some(DYNAMIC);
    let alpha_in = before.of_subnet("SubnetAlphaIn", netuid).unwrap_or_default();
    let weight = before.item("Swap", "SwapBalancer", &[(Twox64Concat, &netuid.to_le_bytes())]);
    let weight = weight.map_or(QuoteWeight::HALF, |weight| QuoteWeight::new(weight).unwrap_or_default());
    let pool =
        Pool { tao: before.of_subnet("SubnetTAO", netuid).unwrap_or_default(), alpha: alpha_in, weight };
    let price = before.of_subnet::<I96F32>("SubnetMovingPrice", netuid);
    let burned = before.of_subnet::<U96F32>("MinerBurned", netuid);
    let has_cut = before.parameter("OwnerCutEnabled", Some(netuid)) != 0;
    SubnetState {
        market: if is_dynamic { Market::Dynamic(pool) } else { Market::Stable },
        alpha_in,
        alpha_out: before.of_subnet("SubnetAlphaOut", netuid).unwrap_or_default(),
        share: ShareInput {
            moving_price: if is_dynamic { price.unwrap_or_default().cast() } else { U64F64::ONE },
            miner_burned: burned.unwrap_or_default().cast(),
            enabled: before.parameter("SubnetEmissionEnabled", Some(netuid)) != 0,
        },
        owner_cut: has_cut.then(|| before.parameter("SubnetOwnerCut", None) as u16),
    }
}
