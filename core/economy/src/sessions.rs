//! Length of the sessions of authorities, and its change by root or a vote.
//!
//! Sessions end in the blocks whose number is a multiple of the length. A change waits for the end of the session under
//! way. Keys that wait for this end therefore come into use when they were to, whatever the new length is.

/// The fewest blocks that root or a vote may set. Authorities can change their keys once in a session, and the chain
/// keeps 256 terms: 240 blocks give at most 210 in the seven days in which offences can be reported.
pub const SHORTEST: u32 = 240;
/// The most blocks that root or a vote may set: a day at 12 s. Replaced keys stay in use as long, and a chain whose
/// finality stopped waits as long for the voters that root or a vote named.
pub const LONGEST: u32 = 7_200;

/// A length that another one replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "codec",
    derive(codec::Encode, codec::Decode, codec::DecodeWithMemTracking, codec::MaxEncodedLen)
)]
#[cfg_attr(feature = "codec", derive(scale_info::TypeInfo))]
pub struct Former {
    /// Blocks of a session.
    pub length: u32,
    /// The last block that counts by it, in which a session ends.
    pub until: u32,
}

/// The length of sessions, and the one before where a change may wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "codec",
    derive(codec::Encode, codec::Decode, codec::DecodeWithMemTracking, codec::MaxEncodedLen)
)]
#[cfg_attr(feature = "codec", derive(scale_info::TypeInfo))]
pub struct Sessions {
    /// Blocks of a session; they count after those of [`Self::former`].
    pub length: u32,
    /// The length that the last change replaced.
    pub former: Option<Former>,
}

impl Sessions {
    /// Sessions of one length from the first block on.
    pub const fn of(length: u32) -> Self {
        Sessions { length, former: None }
    }

    /// The length by which a block counts; at least 1.
    pub fn at(&self, block: u32) -> u32 {
        let length = match self.former {
            Some(former) if block <= former.until => former.length,
            _ => self.length,
        };
        length.max(1)
    }

    /// Whether a session ends in this block.
    pub fn ends_in(&self, block: u32) -> bool {
        block.checked_rem(self.at(block)) == Some(0)
    }

    /// The first block after this one in which a session ends; saturated.
    pub fn next_end(&self, block: u32) -> u32 {
        let next = block.saturating_add(1);
        let length = self.at(next);
        next.div_ceil(length).saturating_mul(length)
    }

    /// Another length, set in the block `now`. It counts after the next end of a session. A change that still waits is
    /// dropped.
    pub fn change(self, length: u32, now: u32) -> Self {
        let former = Former { length: self.at(now.saturating_add(1)), until: self.next_end(now) };
        Sessions { length, former: Some(former) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::vec::Vec;

    fn ends(sessions: &Sessions, last: u32) -> Vec<u32> {
        (1..=last).filter(|block| sessions.ends_in(*block)).collect()
    }

    #[test]
    fn another_length_counts_after_the_session_under_way() {
        let first = Sessions::of(10);
        assert_eq!(ends(&first, 35), [10, 20, 30]);
        let longer = first.change(15, 12);
        assert_eq!(longer.former, Some(Former { length: 10, until: 20 }));
        assert_eq!(ends(&longer, 60), [10, 20, 30, 45, 60]);
        assert_eq!([12, 19, 20, 29, 30].map(|block| longer.next_end(block)), [20, 20, 30, 30, 45]);
        let shorter = first.change(4, 12);
        assert_eq!(ends(&shorter, 30), [10, 20, 24, 28]);
    }

    #[test]
    fn a_change_in_the_last_block_of_a_session_waits_for_the_next_end() {
        let changed = Sessions::of(10).change(4, 20);
        assert_eq!(changed.former.map(|former| former.until), Some(30));
        let again = changed.change(7, 30);
        assert_eq!((again.former, again.next_end(30)), (Some(Former { length: 4, until: 32 }), 32));
    }

    #[test]
    fn a_change_that_waits_is_dropped_for_another() {
        let twice = Sessions::of(10).change(4, 12).change(7, 15);
        assert_eq!(twice, Sessions { length: 7, former: Some(Former { length: 10, until: 20 }) });
    }

    proptest! {
        #[test]
        fn no_change_moves_the_next_end(
            lengths in prop::collection::vec((1u32..50, 0u32..120), 1..6),
            first in 1u32..50,
        ) {
            let (mut sessions, mut now) = (Sessions::of(first), 0u32);
            for (length, passed) in lengths {
                now += passed;
                let (before, promised) = (sessions.at(now + 1), sessions.next_end(now));
                sessions = sessions.change(length, now);
                prop_assert_eq!(sessions.next_end(now), promised);
                prop_assert!(sessions.ends_in(promised) && promised - now <= before);
                prop_assert!(sessions.next_end(promised) - promised <= length);
            }
        }

        #[test]
        fn no_numbers_make_it_panic(length: u32, other: u32, block: u32, now: u32) {
            let sessions = Sessions::of(length).change(other, now);
            prop_assert!(sessions.at(block) > 0 && sessions.next_end(block) >= block);
        }
    }
}
