//! The panel of a subnet, and what it adds to the quality of its validators.
//!
//! A subnet counts by its emission and by the part of all root stake that backs its panel. Root stake is one amount
//! for the whole network. So whoever opens subnets of its own cannot fill them with more than what it has.
//!
//! Let `R` be the root stake of the network in the block of the epoch, in which backing was read as well. `P` is the
//! backing of the panel without the validators of the subnet's owner. `X` is the part of `P` that is not on keys of the
//! candidate's coldkey. The subnet adds
//!
//! `floor(emission · measure · min(P, 2·X) / R)`
//!
//! - *Independent backing.* Own backing counts up to as much as the others have. Alone on a subnet, a candidate gets
//!   nothing.
//! - *Splitting.* Where others back at least as much as the candidate, the sum is `P` whatever the candidate's keys
//!   look like. So keys that hide their connection gain nothing there. A rule that leaves out own backing in full
//!   would pay them for hiding it.
//! - *Moving.* Backing is read once for each subnet, so it counts once in each. Root stake that was there for the epoch
//!   is in its `R`, wherever it is when a pass begins. Root stake that comes for the pass lowers no quality.

use alloc::{collections::BTreeMap, vec::Vec};

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use myelin_units::TaoBalance;
use myelin_wire::AccountId;
use scale_info::TypeInfo;

use myelin_units::PerBillion;

/// A validator that counts on a subnet: with a permit, active, and not barred.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Member {
    /// Its hotkey.
    pub hotkey: AccountId,
    /// The hotkey's owner.
    pub coldkey: AccountId,
    /// Root stake on the hotkey, with what it inherits on this subnet and without what it lends.
    pub backing: TaoBalance,
    /// Measure of its judging here, see [`measure`](crate::measure).
    pub measure: PerBillion,
}

/// The validators of a subnet at its last epoch. A hotkey is listed once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Panel {
    /// The subnet's part of the emission of all subnets.
    pub emission: PerBillion,
    /// Coldkey of the subnet's owner.
    pub owner: Option<AccountId>,
    /// All root stake of the network in the block of the epoch.
    pub network: TaoBalance,
    /// The validators.
    pub members: Vec<Member>,
}

impl Panel {
    /// The part that the subnet adds to the quality of each member, by the formula at the top.
    pub fn qualities(&self) -> impl Iterator<Item = (AccountId, PerBillion)> + '_ {
        let is_owner = |member: &&Member| Some(member.coldkey) == self.owner;
        let mut held = BTreeMap::<AccountId, u128>::new();
        for member in self.members.iter().filter(|member| !is_owner(member)) {
            let sum = held.entry(member.coldkey).or_default();
            *sum = sum.saturating_add(member.backing.to_rao().into());
        }
        let all: u128 = held.values().fold(0, |sum, held| sum.saturating_add(*held));
        let network = u128::from(self.network.to_rao());
        self.members.iter().map(move |member| {
            let others = all.saturating_sub(held.get(&member.coldkey).copied().unwrap_or(0));
            let backing = all.min(others.saturating_mul(2)).min(network);
            let judged = u128::from(self.emission.parts()) * u128::from(member.measure.parts());
            // At most 10⁹ · 10⁹ · 2⁶⁴, which is below 2¹²⁴.
            let whole = u128::from(PerBillion::ONE.parts()).saturating_mul(network);
            let billionths = judged.saturating_mul(backing).checked_div(whole).unwrap_or(0);
            (member.hotkey, u32::try_from(billionths).map_or(PerBillion::ONE, PerBillion::from_parts))
        })
    }
}

/// The quality of all validators of the network, by hotkey.
///
/// A pass computes it once, when it begins, and looks it up for each candidate.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Qualities(Vec<(AccountId, PerBillion)>);

impl Qualities {
    /// Adds up the panels of all subnets. Sums are at most the whole.
    pub fn new<'a>(panels: impl IntoIterator<Item = &'a Panel>) -> Self {
        let mut listed: Vec<_> = panels.into_iter().flat_map(Panel::qualities).collect();
        listed.sort_unstable_by_key(|(hotkey, _)| *hotkey);
        listed.dedup_by(|next, kept| {
            let is_same = next.0 == kept.0;
            if is_same {
                kept.1 = kept.1.saturating_add(next.1);
            }
            is_same
        });
        Self(listed)
    }

    /// The quality of a hotkey; nothing if it validates nowhere.
    pub fn of(&self, hotkey: &AccountId) -> PerBillion {
        let found = self.0.binary_search_by_key(hotkey, |(listed, _)| *listed).ok();
        found.and_then(|place| self.0.get(place)).map_or(PerBillion::ZERO, |(_, quality)| *quality)
    }

    /// Number of hotkeys with an entry.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether no subnet has a validator.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(hotkey: u8, coldkey: u8, tao: u64) -> Member {
        let backing = TaoBalance::from_tokens(tao);
        Member { hotkey: [hotkey; 32], coldkey: [coldkey; 32], backing, measure: PerBillion::ONE }
    }

    fn percent(panel: &Panel, hotkey: u8) -> u32 {
        let all = Qualities::new([panel]);
        all.of(&[hotkey; 32]).parts() / 10_000_000
    }

    fn panel(members: &[Member]) -> Panel {
        let network = TaoBalance::from_tokens(100);
        Panel { emission: PerBillion::ONE, owner: Some([9; 32]), network, members: members.to_vec() }
    }

    #[test]
    fn a_subnet_counts_by_the_root_stake_that_others_bring() {
        let all = panel(&[member(1, 1, 30), member(2, 2, 20), member(3, 3, 10)]);
        assert_eq!([1, 2, 3].map(|hotkey| percent(&all, hotkey)), [60; 3]);
        let large = panel(&[member(1, 1, 80), member(2, 2, 5)]);
        assert_eq!(
            [1, 2].map(|hotkey| percent(&large, hotkey)),
            [10, 85],
            "own backing up to that of others"
        );
        assert_eq!(percent(&panel(&[member(1, 1, 80)]), 1), 0, "alone");
        assert_eq!(percent(&panel(&[member(1, 1, 80), member(2, 1, 9)]), 1), 0, "alone with two keys");
        assert_eq!(percent(&all, 4), 0, "no validator here");
    }

    #[test]
    fn the_owners_backing_counts_for_nobody() {
        let owned = panel(&[member(1, 9, 50), member(2, 2, 10), member(3, 3, 10)]);
        assert_eq!([1, 2, 3].map(|hotkey| percent(&owned, hotkey)), [20; 3]);
    }

    #[test]
    fn emission_and_measure_scale_what_a_subnet_adds() {
        let mut half = panel(&[member(1, 1, 50), member(2, 2, 50)]);
        half.members[0].measure = PerBillion::percent(50);
        half.emission = PerBillion::percent(40);
        assert_eq!([1, 2].map(|hotkey| percent(&half, hotkey)), [20, 40]);
        let both = Qualities::new([&half, &half]);
        assert_eq!((both.of(&[2; 32]), both.len()), (PerBillion::percent(80), 2));
        let nothing = Panel { network: TaoBalance::ZERO, ..half };
        assert_eq!(Qualities::new([&nothing]).of(&[2; 32]), PerBillion::ZERO);
    }
}
