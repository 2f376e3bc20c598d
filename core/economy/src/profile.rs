//! Production or fast: one item of the genesis decides every value that differs between the two.
//!
//! A local network must show in minutes what takes the real one hours, with the same runtime. So the runtime stores a
//! [`Profile`] at genesis and asks it; nothing is decided at compile time.

/// Pace of a network.
#[cfg_attr(
    feature = "codec",
    derive(codec::Encode, codec::Decode, codec::DecodeWithMemTracking, codec::MaxEncodedLen)
)]
#[cfg_attr(feature = "codec", derive(scale_info::TypeInfo))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Duration of a block slot in milliseconds.
    pub slot_ms: u64,
    /// Use the short waiting times.
    pub fast: bool,
}

impl Profile {
    /// The real network: 12 s blocks.
    pub const PRODUCTION: Profile = Profile { slot_ms: 12_000, fast: false };
    /// A local network: 250 ms blocks.
    pub const FAST: Profile = Profile { slot_ms: 250, fast: true };

    const fn pick(&self, production: u64, fast: u64) -> u64 {
        if self.fast {
            fast
        } else {
            production
        }
    }

    /// Duration of a block slot in milliseconds; never 0.
    pub const fn slot_ms(&self) -> u64 {
        if self.slot_ms == 0 {
            1
        } else {
            self.slot_ms
        }
    }

    /// `Tempo` of a new subnet, in blocks.
    pub const fn tempo(&self) -> u16 {
        if self.fast {
            10
        } else {
            360
        }
    }

    /// `MaxEpochsPerBlock`.
    pub const fn max_epochs_per_block(&self) -> u8 {
        if self.fast {
            32
        } else {
            2
        }
    }

    /// `PendingChildKeyCooldown`: blocks between naming children and their taking effect.
    pub const fn pending_childkey_cooldown(&self) -> u64 {
        self.pick(7_200, 15)
    }

    /// Blocks between two lists of children of one hotkey on one subnet.
    pub const fn children_rate_limit(&self) -> u64 {
        self.pick(150, 15)
    }

    /// Blocks between two raises of a childkey take (`TxChildkeyTakeRateLimit`).
    pub const fn childkey_take_rate_limit(&self) -> u64 {
        self.pick(216_000, 5)
    }

    /// Blocks between two hotkey swaps of one coldkey on one subnet.
    pub const fn hotkey_swap_interval(&self) -> u64 {
        self.pick(7_200, 1)
    }

    /// `RubricNotice`: blocks between a vote for a rubric and its first block in force: 7 days, or two tempos of a fast
    /// chain. An owner's rubric waits for [`Self::rubric_vote`] as well.
    pub const fn rubric_notice(&self) -> u64 {
        self.pick(50_400, 20)
    }

    /// Blocks of the longest vote on a rubric, ten days: as much longer is the notice of an owner's change, so that
    /// holders can refuse it.
    pub const fn rubric_vote(&self) -> u64 {
        10 * self.governance_day()
    }

    /// Blocks from the submission of a vote on a rubric to its enactment, at most: three times what a vote may last. It
    /// may wait for a place on its track, and for the end of the committee's brake.
    pub const fn longest_rubric_vote(&self) -> u64 {
        3 * self.rubric_vote()
    }

    /// Blocks for which a vote on a rubric binds the owner: half a year.
    pub const fn rubric_bond(&self) -> u64 {
        180 * self.governance_day()
    }

    /// `SessionLength`: blocks of a session at first, an hour or a minute of a fast chain; at least 1.
    pub const fn session_length(&self) -> u32 {
        let blocks = self.pick(60 * 60 * 1_000, 60 * 1_000) / self.slot_ms();
        if blocks == 0 {
            1
        } else {
            blocks as u32
        }
    }

    /// Blocks of a day in the periods of referenda: 86,400 s, or 5 blocks of a fast chain.
    pub const fn governance_day(&self) -> u64 {
        self.pick(7_200, 5)
    }

    /// Blocks between two trims of a subnet's uids by its owner.
    pub const fn trimming_interval(&self) -> u64 {
        self.pick(216_000, 1)
    }

    /// Blocks between two changes of a subnet's number of mechanisms.
    pub const fn mechanism_count_interval(&self) -> u64 {
        self.pick(7_200, 1)
    }

    /// Blocks between two changes of a subnet's emission split over mechanisms.
    pub const fn mechanism_split_interval(&self) -> u64 {
        self.pick(7_200, 1)
    }
}

impl Default for Profile {
    fn default() -> Self {
        Profile::PRODUCTION
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_item_decides_slot_and_waiting_times() {
        let values = |p: Profile| {
            (
                (p.slot_ms(), p.tempo(), p.max_epochs_per_block()),
                (p.pending_childkey_cooldown(), p.childkey_take_rate_limit(), p.hotkey_swap_interval()),
                (p.trimming_interval(), p.mechanism_count_interval(), p.mechanism_split_interval()),
                (p.children_rate_limit(), p.rubric_notice(), p.governance_day()),
            )
        };
        assert_eq!(
            values(Profile::PRODUCTION),
            ((12_000, 360, 2), (7_200, 216_000, 7_200), (216_000, 7_200, 7_200), (150, 50_400, 7_200))
        );
        assert_eq!(values(Profile::FAST), ((250, 10, 32), (15, 5, 1), (1, 1, 1), (15, 20, 5)));
    }

    #[test]
    fn a_session_is_an_hour_or_a_minute_at_first() {
        assert_eq!((Profile::PRODUCTION.session_length(), Profile::FAST.session_length()), (300, 240));
        assert_eq!(Profile { slot_ms: 12_000, fast: true }.session_length(), 5);
        assert_eq!(Profile { slot_ms: u64::MAX, fast: false }.session_length(), 1);
        assert_eq!(Profile { slot_ms: 0, fast: false }.session_length(), 3_600_000);
    }

    #[test]
    fn slots_and_waiting_times_are_independent() {
        let patient = Profile { slot_ms: 12_000, fast: true };
        assert_eq!((patient.slot_ms(), patient.tempo()), (12_000, 10));
        assert_eq!(
            Profile { slot_ms: 0, fast: false }.slot_ms(),
            1,
            "a slot of no length would divide by zero"
        );
    }
}
