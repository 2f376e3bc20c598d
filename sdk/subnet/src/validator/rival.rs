//! Another program that sets weights with the same hotkey.
//!
//! The chain keeps one row of weights for a hotkey, so two validators with one hotkey overwrite each other's. On one
//! machine the second is refused by a lock; on two machines only the chain shows it. The chain says in which block the
//! hotkey last set or committed weights. A block in which this validator had sent nothing was another one's.
//!
//! Two copies have one timetable and send in the same few blocks. The subnet's rate limit then refuses the second,
//! which notices. Where the limit is 0 both are taken within [`SETTLED`] blocks, and neither notices.

use crate::chain::Peer;

/// Blocks in which a fork may still take what the chain has answered for.
const SETTLED: u64 = 8;
/// Blocks in which the chain may still take what nobody has answered for: the longest life of a transaction here.
const LIFE: u64 = 128;

/// Weights or a commitment of this validator's hotkey that it did not send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "another program sent weights with this validator's hotkey: on mechanism {mechanism} in block {block}, and this one \
     sent none then. Two validators with one hotkey overwrite each other's weights, so this one asks nothing and sends \
     nothing any more. Stop one of the two, and start this one again if it is the one to stay"
)]
pub(super) struct Rival {
    mechanism: u8,
    block: u64,
}

/// Compares what the chain shows of the hotkey with what this validator sent.
#[derive(Clone, Debug, Default)]
pub(super) struct RivalWatch {
    /// The registration, and the block of the last update of each mechanism.
    seen: Option<(u64, Vec<u64>)>,
    /// The last block in which the chain may have taken something of this validator's.
    own_until: u64,
    found: Option<Rival>,
}

impl RivalWatch {
    /// Notes that something was sent up to block `best`, and whether the chain answered that it took it.
    pub fn sent(&mut self, best: u64, answered: bool) {
        self.own_until = self.own_until.max(best + if answered { SETTLED } else { LIFE });
    }

    /// Whether another one was found earlier.
    pub fn is_found(&self) -> bool {
        self.found.is_some()
    }

    /// Looks at the hotkey's last updates, by mechanism; answers once, when it finds another one's.
    pub fn look(
        &mut self,
        own: Option<&Peer>,
        block: u64,
        updates: impl Fn(u16) -> Vec<u64>,
    ) -> Option<Rival> {
        let Some(own) = own else {
            self.seen = None;
            return None;
        };
        let updates = updates(own.uid);
        let before = self.seen.replace((own.registered_at, updates.clone()));
        let Some((_, before)) = before.filter(|(registered_at, _)| *registered_at == own.registered_at)
        else {
            // Transactions of an earlier run of this validator may still arrive.
            self.sent(block, false);
            return None;
        };
        let changed = updates.iter().zip(before).enumerate().filter(|(_, (now, before))| **now > *before);
        let foreign = changed.map(|(mechanism, (now, _))| (mechanism as u8, *now));
        let (mechanism, block) =
            foreign.filter(|(_, block)| *block > self.own_until).min_by_key(|found| found.1)?;
        if self.is_found() {
            return None;
        }
        self.found = Some(Rival { mechanism, block });
        self.found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(registered_at: u64) -> Peer {
        Peer {
            uid: 3,
            hotkey: [1; 32],
            axon: None,
            signed_bodies: false,
            permit: true,
            registered_at,
            stake: 1,
            collateral: 0,
        }
    }

    #[test]
    fn what_it_sent_is_its_own_and_anything_else_is_another_ones() {
        let (mut watch, own) = (RivalWatch::default(), peer(5));
        let look = |watch: &mut RivalWatch, block, updates: &[u64]| {
            watch.look(Some(&own), block, |uid| {
                assert_eq!(uid, 3);
                updates.to_vec()
            })
        };
        assert_eq!(look(&mut watch, 100, &[90, 0]), None, "from before the start");
        assert_eq!(look(&mut watch, 229, &[228, 0]), None, "an earlier run of its own may have sent it");
        watch.sent(300, true);
        assert_eq!(look(&mut watch, 302, &[299, 0]), None);
        assert_eq!(look(&mut watch, 309, &[308, 0]), None, "a fork took it later");
        watch.sent(400, false);
        assert_eq!(look(&mut watch, 529, &[528, 0]), None, "nobody answered, and it arrived late");
        let found = look(&mut watch, 600, &[528, 599]);
        assert_eq!(found, Some(Rival { mechanism: 1, block: 599 }));
        assert!(watch.is_found());
        assert_eq!(look(&mut watch, 700, &[699, 599]), None, "said once");
    }

    #[test]
    fn a_registration_is_no_update() {
        let mut watch = RivalWatch::default();
        let updates = |block: u64| move |_: u16| vec![block];
        assert_eq!(watch.look(Some(&peer(5)), 100, updates(5)), None);
        assert_eq!(watch.look(None, 300, updates(5)), None);
        assert_eq!(watch.look(Some(&peer(350)), 351, updates(350)), None, "registered again");
        assert_eq!(watch.look(Some(&peer(350)), 352, updates(350)), None);
        assert!(
            watch.look(Some(&peer(350)), 500, updates(499)).is_some(),
            "128 blocks after it was first seen"
        );
    }
}
