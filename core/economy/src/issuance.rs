//! Emission per block, and its halvings.
//!
//! Both TAO and every subnet's alpha follow one curve that depends on *issuance*, not on block height. It issues one
//! token per block until half of the 21 million are out, then half as much for the next quarter, and so on. Recycled
//! tokens lower the issuance and so postpone the halvings; tokens sent to an account that nobody owns do not.

use myelin_units::{AlphaBalance, TaoBalance, I96F32};

/// The cap of either currency, in rao: 21 million tokens.
pub const MAX_SUPPLY_RAO: u64 = 21_000_000_000_000_000;
/// The emission per block before the first halving, in rao: one token.
pub const INITIAL_BLOCK_EMISSION_RAO: u64 = 1_000_000_000;

/// Rao per block at an issuance of `issuance` rao.
///
/// With f = issuance / 21·10¹⁵ and r = 1/(1 − f) in 32 fractional bits, k = ⌊log₂ r⌋ halvings have happened and
/// ⌊10⁹ / 2ᵏ⌋ rao are issued. The net effect is exact: the k-th halving happens at 21·10¹⁵·(1 − 2⁻ᵏ) rao, and nothing
/// is issued from k = 30 or from the cap on.
pub fn block_emission(issuance: u64) -> u64 {
    if issuance >= MAX_SUPPLY_RAO {
        return 0;
    }
    let fraction = I96F32::from_ratio(issuance, MAX_SUPPLY_RAO);
    let halvings = (I96F32::ONE / (I96F32::ONE - fraction)).halvings();
    let factor = I96F32::from_bits(I96F32::ONE.to_bits().checked_shr(halvings).unwrap_or(0));
    (factor * I96F32::from_int(INITIAL_BLOCK_EMISSION_RAO)).floor_u64()
}

/// TAO minted in one block: the emission at `total_issuance`, but never beyond the cap of the balances ledger.
pub fn tao_block_emission(total_issuance: TaoBalance, ledger_issuance: TaoBalance) -> TaoBalance {
    let room = MAX_SUPPLY_RAO.saturating_sub(ledger_issuance.to_rao());
    TaoBalance::from_rao(block_emission(total_issuance.to_rao()).min(room))
}

/// Alpha minted for one subnet in one block; its issuance is the alpha in the pool plus the outstanding alpha.
pub fn alpha_block_emission(alpha_in: AlphaBalance, alpha_out: AlphaBalance) -> AlphaBalance {
    AlphaBalance::from_rao(block_emission(alpha_in.saturating_add(alpha_out).to_rao()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn halvings_happen_at_exact_issuances() {
        for k in 1..30u32 {
            // ⌈21·10¹⁵·(1 − 2⁻ᵏ)⌉, the first whole rao at or after the threshold.
            let threshold = MAX_SUPPLY_RAO - (MAX_SUPPLY_RAO >> k);
            let before = block_emission(threshold - 1);
            let after = block_emission(threshold);
            assert_eq!(
                (before, after),
                (INITIAL_BLOCK_EMISSION_RAO >> (k - 1), INITIAL_BLOCK_EMISSION_RAO >> k),
                "k = {k}"
            );
        }
    }

    #[test]
    fn nothing_is_issued_from_the_cap_on() {
        assert_eq!(block_emission(MAX_SUPPLY_RAO - 1), 0);
        assert_eq!(block_emission(MAX_SUPPLY_RAO), 0);
        assert_eq!(block_emission(u64::MAX), 0);
    }

    #[test]
    fn minting_never_lifts_the_ledger_above_the_cap() {
        let minted = tao_block_emission(TaoBalance::ZERO, TaoBalance::from_rao(MAX_SUPPLY_RAO - 7));
        assert_eq!(minted, TaoBalance::from_rao(7));
        assert_eq!(tao_block_emission(TaoBalance::ZERO, TaoBalance::MAX), TaoBalance::ZERO);
    }

    proptest! {
        #[test]
        fn emission_never_grows_with_issuance(a in any::<u64>(), b in any::<u64>()) {
            let (low, high) = (a.min(b) % (2 * MAX_SUPPLY_RAO), a.max(b) % (2 * MAX_SUPPLY_RAO));
            prop_assert!(block_emission(low.min(high)) >= block_emission(low.max(high)));
        }

        #[test]
        fn alpha_counts_pool_and_outstanding(a in any::<u64>(), b in any::<u64>()) {
            let emission = alpha_block_emission(AlphaBalance::from_rao(a), AlphaBalance::from_rao(b));
            prop_assert_eq!(emission.to_rao(), block_emission(a.saturating_add(b)));
        }
    }
}
