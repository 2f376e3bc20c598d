//! Epochs whose evidence must stay, whatever the limits on epochs and bytes say.

use std::collections::BTreeSet;

use super::{commitment::PendingWeights, holding::demands_proof};
use crate::{chain::SubnetView, disclosure::Clock};

/// Epochs whose evidence is due: those whose weights are committed to with a root and not revealed, and, where proof is
/// demanded, those that others may still fetch to hold them.
///
/// Others fetch an epoch in the one in which it opens. So those from `epoch − reveal period − 1` on are due.
pub(super) fn due<'a>(view: &SubnetView, pending: impl Iterator<Item = &'a PendingWeights>) -> BTreeSet<u64> {
    let mut due: BTreeSet<u64> =
        pending.filter(|weights| weights.root.is_some()).map(|weights| weights.epoch).collect();
    if demands_proof(view) {
        due.extend(view.epoch.saturating_sub(Clock::of(view).opens(0))..=view.epoch);
    }
    due
}

#[cfg(test)]
mod tests {
    use myelin_abi::EvidenceDemand;

    use super::*;
    use crate::chain::WeightVector;

    fn pending(epoch: u64, root: Option<[u8; 32]>) -> PendingWeights {
        PendingWeights {
            mechanism: 0,
            epoch,
            reveal_epoch: epoch + 1,
            weights: WeightVector { uids: vec![1], values: vec![1], version_key: 0 },
            salt: Vec::new(),
            root,
            confirmed: true,
        }
    }

    fn view(epoch: u64, answers: u16) -> SubnetView {
        SubnetView {
            block: 1_000,
            tempo: 100,
            epoch_start: 1_000,
            epoch,
            commit_reveal: true,
            reveal_period: 1,
            weights_rate_limit: 0,
            version_key: 0,
            updates: vec![Vec::new()],
            owner: None,
            evidence: EvidenceDemand { answers, mechanisms: 1 },
            neurons: Vec::new(),
        }
    }

    #[test]
    fn what_is_to_be_proved_or_held_is_due() {
        let [proven, open] = [pending(4, Some([1; 32])), pending(5, None)];
        let due = |view: SubnetView| Vec::from_iter(super::due(&view, [&proven, &open].into_iter()));
        assert_eq!(due(view(9, 0)), [4], "nothing is demanded any longer, and a proof is due");
        assert_eq!(due(view(9, 1)), [4, 7, 8, 9]);
        assert_eq!(due(view(1, 1)), [0, 1, 4]);
        assert!(super::due(&view(9, 0), [&open].into_iter()).is_empty());
    }
}
