//! The rubric of each mechanism of a subnet, which changes with notice.
//!
//! The first rubric of a mechanism is in force at once. Another one is in force [`RubricNotice`] blocks after it was
//! announced; a second announcement begins the notice anew. The entry outlives a change of the owner and of the number
//! of mechanisms. So no miner is judged by a rule that was not public that long. No work is done in the block from
//! which a rubric is in force.

use core::marker::PhantomData;

use frame_support::pallet_prelude::*;
use frame_system::pallet_prelude::*;
use myelin_abi::{DeclaredRubric, RubricSource, RubricTimeline, MAX_RUBRIC_TEXT};
use myelin_economy::params::{row, Caller, Parameter};
use myelin_units::{MechId, NetUid};

use super::{now, RateLimits, SubnetRegistry};
use crate::pallet::{Config, Error, Event, Pallet, RubricNotice, SubnetRubrics};

const NOTICE: &Parameter = row("RubricNotice");

/// Owner of [`SubnetRubrics`] and [`RubricNotice`].
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
        RateLimits::<T>::authorise(origin, netuid)?;
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
                known.announce(rubric, now, RubricNotice::<T>::get())
            }
        };
        let from = timeline.next.as_ref().unwrap_or(&timeline.first).from;
        SubnetRubrics::<T>::insert(netuid, mecid, timeline);
        Pallet::<T>::deposit_event(Event::RubricAnnounced { netuid, mecid, hash, from });
        Ok(())
    }

    /// `withdraw_rubric`: cancels the announced rubric.
    pub fn withdraw(origin: OriginFor<T>, netuid: NetUid, mecid: MechId) -> DispatchResult {
        RateLimits::<T>::authorise(origin, netuid)?;
        let known = SubnetRubrics::<T>::get(netuid, mecid);
        let (kept, withdrawn) =
            known.and_then(|known| known.withdraw(now::<T>())).ok_or(Error::<T>::NoRubricAnnounced)?;
        SubnetRubrics::<T>::insert(netuid, mecid, kept);
        let hash = withdrawn.rubric.hash;
        Pallet::<T>::deposit_event(Event::RubricWithdrawn { netuid, mecid, hash });
        Ok(())
    }

    /// `sudo_set_rubric_notice`: sets the notice; an announced rubric keeps its block.
    pub fn set_notice(blocks: u64) -> DispatchResult {
        ensure!(NOTICE.check(blocks.into(), Caller::Root).is_ok(), Error::<T>::InvalidValue);
        RubricNotice::<T>::put(blocks);
        Pallet::<T>::deposit_event(Event::RubricNoticeSet { blocks });
        Ok(())
    }
}
