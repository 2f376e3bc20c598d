//! The rubric of each mechanism of a subnet, which changes with notice and, where holders ask for it, by their vote.
//!
//! The first rubric of a mechanism is in force at once. Another one is in force [`RubricNotice`] blocks after a vote
//! for it. The owner's is announced ten days longer, for which a vote on it may last, so that holders can refuse it in
//! time. A vote, for a rubric or for the present one, binds the owner for half a year ([`RubricBond`]). Calls with the
//! origin of root are votes, or of the root key while there is one.
//!
//! A second announcement begins the notice anew. The entry outlives a change of the owner and of the number of
//! mechanisms. So no miner is judged by a rule that was not public that long. No work is done in the block from
//! which a rubric is in force.

use core::marker::PhantomData;

use frame_support::pallet_prelude::*;
use frame_system::pallet_prelude::*;
use myelin_abi::{DeclaredRubric, RubricSource, RubricTimeline, MAX_RUBRIC_TEXT};
use myelin_economy::params::{row, Caller, Parameter};
use myelin_units::{Block, MechId, NetUid};

use super::{now, RateLimits, Setter, SubnetRegistry};
use crate::pallet::{Config, Error, Event, Pallet, RubricBond, RubricNotice, SubnetRubrics};

const NOTICE: &Parameter = row("RubricNotice");

/// Owner of [`SubnetRubrics`], [`RubricNotice`] and [`RubricBond`].
///
/// Invariant: an announced rubric is in force no sooner than the notice of its announcement allowed.
pub struct Rubrics<T>(PhantomData<T>);

impl<T: Config> Rubrics<T> {
    /// `announce_rubric`: the first rubric of a mechanism, or the next one.
    pub fn announce(
        origin: OriginFor<T>,
        netuid: NetUid,
        mecid: MechId,
        source: RubricSource,
    ) -> DispatchResult {
        let setter = Self::authorise(origin, netuid, mecid)?;
        ensure!(mecid < SubnetRegistry::<T>::mechanism_count(netuid), Error::<T>::MechanismDoesNotExist);
        if let RubricSource::Text(text) = &source {
            ensure!((1..=MAX_RUBRIC_TEXT).contains(&text.len()), Error::<T>::RubricTextOutOfBounds);
        }
        let (now, rubric) = (now::<T>(), DeclaredRubric::from(source));
        let hash = rubric.hash;
        let timeline = match SubnetRubrics::<T>::get(netuid, mecid) {
            None => RubricTimeline::beginning(rubric, now),
            Some(known) => {
                ensure!(known.in_force(now).rubric.hash != hash, Error::<T>::RubricInForce);
                known.announce(rubric, now, Self::notice(setter))
            }
        };
        let from = timeline.next.as_ref().unwrap_or(&timeline.first).from;
        SubnetRubrics::<T>::insert(netuid, mecid, timeline);
        Self::bind(setter, netuid, mecid);
        Pallet::<T>::deposit_event(Event::RubricAnnounced { netuid, mecid, hash, from });
        Ok(())
    }

    /// `withdraw_rubric`: cancels the announced rubric. A vote keeps the rubric in force also where none is announced,
    /// because the owner could withdraw its own just before and announce it again. It keeps none that is younger than
    /// such a vote may be: holders may have voted for the one before.
    pub fn withdraw(origin: OriginFor<T>, netuid: NetUid, mecid: MechId) -> DispatchResult {
        let setter = Self::authorise(origin, netuid, mecid)?;
        let known = SubnetRubrics::<T>::get(netuid, mecid).ok_or(Error::<T>::NoRubricAnnounced)?;
        let now = now::<T>();
        let began = known.in_force(now).from;
        match known.withdraw(now) {
            Some((kept, withdrawn)) => {
                SubnetRubrics::<T>::insert(netuid, mecid, kept);
                let hash = withdrawn.rubric.hash;
                Pallet::<T>::deposit_event(Event::RubricWithdrawn { netuid, mecid, hash });
            }
            None => {
                ensure!(setter == Setter::Root, Error::<T>::NoRubricAnnounced);
                let longest = SubnetRegistry::<T>::profile().longest_rubric_vote();
                ensure!(began.saturating_add(longest) <= now, Error::<T>::RubricTooYoung);
            }
        }
        Self::bind(setter, netuid, mecid);
        Ok(())
    }

    /// Checks that root or the owner asks, and that no vote binds the owner.
    fn authorise(origin: OriginFor<T>, netuid: NetUid, mecid: MechId) -> Result<Setter, DispatchError> {
        let setter = RateLimits::<T>::authorise(origin, netuid)?;
        let is_bound = setter == Setter::Owner && now::<T>() < RubricBond::<T>::get(netuid, mecid);
        ensure!(!is_bound, Error::<T>::RubricDecidedByVote);
        Ok(setter)
    }

    /// Blocks between an announcement and the first block in force.
    fn notice(setter: Setter) -> Block {
        let vote = match setter {
            Setter::Root => 0,
            Setter::Owner => SubnetRegistry::<T>::profile().rubric_vote(),
        };
        RubricNotice::<T>::get().saturating_add(vote)
    }

    /// A vote binds the owner from now on.
    fn bind(setter: Setter, netuid: NetUid, mecid: MechId) {
        if setter == Setter::Root {
            let until = now::<T>().saturating_add(SubnetRegistry::<T>::profile().rubric_bond());
            RubricBond::<T>::insert(netuid, mecid, until);
        }
    }

    /// `sudo_set_rubric_notice`: sets the notice; an announced rubric keeps its block.
    pub fn set_notice(blocks: u64) -> DispatchResult {
        ensure!(NOTICE.check(blocks.into(), Caller::Root).is_ok(), Error::<T>::InvalidValue);
        RubricNotice::<T>::put(blocks);
        Pallet::<T>::deposit_event(Event::RubricNoticeSet { blocks });
        Ok(())
    }
}
