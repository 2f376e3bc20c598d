//! Panels: the validators of each subnet at its last epoch, and their measures.

use alloc::collections::BTreeMap;
use core::marker::PhantomData;

use myelin_election::{measure::remember, Panel, PerBillion};
use myelin_units::NetUid;

use crate::{
    interfaces::Network,
    pallet::{Config, Panels},
};

/// Owner of [`Panels`].
///
/// Invariant: a hotkey is listed once in a panel.
pub struct PanelBook<T>(PhantomData<T>);

impl<T: Config> PanelBook<T> {
    /// Stores the panel of an epoch, with the root stake of its block. Measures by proofs look back over sixteen epochs
    /// already. Others are of this epoch alone, and are averaged with those of the panel before, by hotkey.
    pub fn epoch_ended(netuid: NetUid, mut panel: Panel, by_proofs: bool) {
        panel.network = T::Network::root_stake();
        if !by_proofs {
            let before = Panels::<T>::get(netuid).unwrap_or_default().members;
            let before: BTreeMap<_, _> =
                before.into_iter().map(|member| (member.hotkey, member.measure)).collect();
            for member in &mut panel.members {
                let known = before.get(&member.hotkey).copied().unwrap_or(PerBillion::ZERO);
                member.measure = remember(known, member.measure);
            }
        }
        Panels::<T>::insert(netuid, panel);
    }

    /// Removes the panel of a subnet that is removed.
    pub fn forget(netuid: NetUid) {
        Panels::<T>::remove(netuid);
    }

    /// The panels of all subnets with emission, with their present emission.
    pub(crate) fn all() -> impl Iterator<Item = Panel> {
        T::Network::emissions().into_iter().filter_map(|(netuid, emission)| {
            let panel = Panels::<T>::get(netuid)?;
            Some(Panel { emission, ..panel })
        })
    }
}
