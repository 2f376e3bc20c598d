//! First block in which a call can succeed, as far as waiting decides it (see `pallet_network::waits`).

use myelin_election::Standing;
use myelin_units::Block;

use crate::{
    candidates::Candidates,
    now,
    pallet::{Call, Candidacies, Config},
};

/// First block, not before the present one, in which no wait delays a call. `None` if no such block is known: nothing
/// of a pledge is on its way out, or it is that of an authority in office.
pub fn allowed_at<T: Config>(call: &Call<T>) -> Option<Block> {
    let now = now::<T>();
    let first = match call {
        Call::withdraw { hotkey } if Candidacies::<T>::contains_key(hotkey) => {
            Candidates::<T>::free_at(hotkey)
        }
        Call::resume { hotkey } => match Candidacies::<T>::get(hotkey).map(|candidacy| candidacy.standing) {
            Some(Standing::Jailed { until }) => Some(until.saturating_add(1)),
            _ => Some(now),
        },
        _ => Some(now),
    };
    first.map(|block| block.max(now))
}
