//! The stake that counts for a candidate.
//!
//! `pledge + min(nominations now, least nominations since the last pass, leverage · pledge)`
//!
//! - *Nominations* are all root stake on the hotkey, its owner's included. The owner could hold it by another coldkey,
//!   so a rule that treats it otherwise would be evaded.
//! - *The least since the last pass*, so that stake counts only if it stayed for an era. Each pass reads all stake as
//!   it was in one block (see [`pass`](crate::pass)), so no amount counts for two candidates.
//! - *Leverage* keeps at least a tenth of the stake that elects an author where a slash reaches it. The bound grows
//!   with the pledge, so splitting keys never raises the sum.

use myelin_units::TaoBalance;

/// The stake of a candidate by the formula at the top.
pub fn counted(pledge: TaoBalance, now: TaoBalance, before: TaoBalance, leverage: u32) -> TaoBalance {
    let most = TaoBalance::from_rao(pledge.to_rao().saturating_mul(leverage.into()));
    pledge.saturating_add(now.min(before).min(most))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stake_counts_if_it_stays_and_if_a_pledge_stands_for_it() {
        let of = |pledge, now, before| {
            let [pledge, now, before] = [pledge, now, before].map(TaoBalance::from_tokens);
            counted(pledge, now, before, 9)
        };
        assert_eq!(of(10, 50, 60), TaoBalance::from_tokens(60));
        assert_eq!(of(10, 50, 0), TaoBalance::from_tokens(10), "it came after the last pass");
        assert_eq!(of(10, 500, 500), TaoBalance::from_tokens(100));
        assert_eq!(of(0, 500, 500), TaoBalance::ZERO);
    }
}
