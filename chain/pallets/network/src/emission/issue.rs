//! Mints a block's TAO and alpha and divides both between pools and pots.

use alloc::vec::Vec;

use frame_support::traits::Imbalance;
use myelin_economy::{
    coinbase::{self, BlockInput, SubnetEmission, SubnetState},
    emission::ShareInput,
    issuance::tao_block_emission,
};
use myelin_units::{AlphaBalance, NetUid, TaoBalance, ROOT, U64F64};

use crate::{
    ledger::{TaoCredit, TaoLedger},
    pallet::{
        BlockEmission, Config, MinerBurned, OwnerCutEnabled, PendingOwnerCut, PendingRootAlphaDivs,
        PendingServerEmission, PendingValidatorEmission, SubnetAlphaIn, SubnetAlphaInEmission,
        SubnetAlphaOut, SubnetAlphaOutEmission, SubnetEmissionEnabled, SubnetExcessTao, SubnetMovingPrice,
        SubnetOwnerCut, SubnetTAO, SubnetTaoInEmission, TaoWeight,
    },
    pools::PoolReserves,
    subnets::SubnetRegistry,
};

/// Mints and divides one block's emission for the subnets that it pays. TAO that no pool can take is recycled; without
/// any subnet to pay nothing is minted.
pub fn emit<T: Config>(eligible: &[NetUid]) {
    forget_unpaid::<T>(eligible);
    let tao_emission = tao_emission::<T>();
    BlockEmission::<T>::put(tao_emission.to_rao());
    if eligible.is_empty() {
        return;
    }
    let states: Vec<_> = eligible.iter().map(|&netuid| state::<T>(netuid)).collect();
    let emission = coinbase::emit(&block_input::<T>(tao_emission), &states);
    let mut minted = TaoLedger::<T>::issue(tao_emission);
    for (&netuid, change) in eligible.iter().zip(&emission.subnets) {
        apply::<T>(netuid, change, &mut minted);
    }
    TaoLedger::<T>::recycle(minted);
}

/// TAO that this block may mint.
pub fn tao_emission<T: Config>() -> TaoBalance {
    use frame_support::traits::fungible::Inspect;
    tao_block_emission(TaoLedger::<T>::total_issuance(), T::Currency::total_issuance().into())
}

/// Inputs of a block's emission besides the subnets.
pub fn block_input<T: Config>(tao_emission: TaoBalance) -> BlockInput {
    BlockInput { tao_emission, root_tao: SubnetTAO::<T>::get(ROOT), tao_weight: TaoWeight::<T>::get() }
}

/// Inputs of the emission about one subnet.
pub fn state<T: Config>(netuid: NetUid) -> SubnetState {
    SubnetState {
        market: PoolReserves::<T>::market(netuid),
        alpha_in: SubnetAlphaIn::<T>::get(netuid),
        alpha_out: SubnetAlphaOut::<T>::get(netuid),
        share: ShareInput {
            moving_price: moving_price::<T>(netuid),
            miner_burned: MinerBurned::<T>::get(netuid).cast(),
            enabled: SubnetEmissionEnabled::<T>::get(netuid),
        },
        owner_cut: OwnerCutEnabled::<T>::get(netuid).then(SubnetOwnerCut::<T>::get),
    }
}

/// The smoothed price that a subnet's share follows; 1 where alpha is TAO.
pub(crate) fn moving_price<T: Config>(netuid: NetUid) -> U64F64 {
    if PoolReserves::<T>::is_dynamic(netuid) {
        SubnetMovingPrice::<T>::get(netuid).cast()
    } else {
        U64F64::ONE
    }
}

/// Puts a subnet's part of the minted TAO on its account and books the changes of the block.
fn apply<T: Config>(netuid: NetUid, change: &SubnetEmission, minted: &mut TaoCredit<T>) {
    let tao = change.tao_in.saturating_add(change.excess_tao);
    let placed = TaoLedger::<T>::deposit(netuid, minted.extract(tao.to_rao()));
    // A subnet whose account can't take its part gets alpha for its neurons and nothing for its pool.
    let change = if placed == tao { *change } else { without_tao(change) };
    PoolReserves::<T>::apply_emission(netuid, &change);

    SubnetTaoInEmission::<T>::insert(netuid, change.tao_in);
    SubnetExcessTao::<T>::insert(netuid, change.excess_tao);
    SubnetAlphaInEmission::<T>::insert(netuid, change.alpha_in);
    SubnetAlphaOutEmission::<T>::insert(netuid, change.alpha_out);
    BlockEmission::<T>::put(change.alpha_out.to_rao());

    let grow = |pot: &mut AlphaBalance, by| *pot = pot.saturating_add(by);
    PendingOwnerCut::<T>::mutate(netuid, |pot| grow(pot, change.pots.owner_cut));
    PendingServerEmission::<T>::mutate(netuid, |pot| grow(pot, change.pots.server));
    PendingValidatorEmission::<T>::mutate(netuid, |pot| grow(pot, change.pots.validator));
    PendingRootAlphaDivs::<T>::mutate(netuid, |pot| grow(pot, change.pots.root));
}

fn without_tao(change: &SubnetEmission) -> SubnetEmission {
    SubnetEmission {
        tao_in: TaoBalance::ZERO,
        alpha_in: AlphaBalance::ZERO,
        excess_tao: TaoBalance::ZERO,
        alpha_bought: AlphaBalance::ZERO,
        weight: None,
        ..*change
    }
}

/// Resets the shown emission of subnets that this block does not pay.
fn forget_unpaid<T: Config>(eligible: &[NetUid]) {
    for netuid in SubnetRegistry::<T>::user_netuids() {
        if !eligible.contains(&netuid) && SubnetAlphaOutEmission::<T>::contains_key(netuid) {
            SubnetTaoInEmission::<T>::remove(netuid);
            SubnetExcessTao::<T>::remove(netuid);
            SubnetAlphaInEmission::<T>::remove(netuid);
            SubnetAlphaOutEmission::<T>::remove(netuid);
        }
    }
}
