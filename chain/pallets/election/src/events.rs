//! The events of the pallet.

use frame_support::pallet_macros::pallet_section;

#[pallet_section]
mod events {
    /// Events of the pallet.
    #[pallet::event]
    #[pallet::generate_deposit(pub(crate) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A hotkey became a candidate.
        Joined {
            /// The candidate.
            hotkey: T::AccountId,
            /// Owner of the TAO.
            coldkey: T::AccountId,
            /// The pledge, in rao.
            pledge: TaoBalance,
        },
        /// A pledge grew.
        Pledged {
            /// The candidate.
            hotkey: T::AccountId,
            /// The pledge now, in rao.
            pledge: TaoBalance,
        },
        /// A part of a pledge is on its way out.
        Unbonding {
            /// The candidate.
            hotkey: T::AccountId,
            /// The part, in rao.
            amount: TaoBalance,
            /// The pledge that is left, in rao; 0 ends the candidacy.
            pledge: TaoBalance,
        },
        /// TAO is free again.
        Withdrawn {
            /// The candidate.
            hotkey: T::AccountId,
            /// Owner of the TAO.
            coldkey: T::AccountId,
            /// TAO in rao.
            amount: TaoBalance,
        },
        /// A candidate rests.
        Chilled {
            /// The candidate.
            hotkey: T::AccountId,
        },
        /// A candidate is back.
        Resumed {
            /// The candidate.
            hotkey: T::AccountId,
        },
        /// The rules of elections changed.
        RulesSet {
            /// The rules in force.
            rules: Rules,
        },
        /// Elections are on.
        SwitchedOn {
            /// The first block in which a pass may begin.
            first_pass: Block,
        },
        /// Elections are off.
        SwitchedOff,
        /// A pass over the candidates began.
        PassBegan {
            /// Number of the era.
            era: u32,
            /// Hotkeys with a quality.
            judged: u32,
        },
        /// An era ended with another set, which takes office in the second block from now.
        Elected {
            /// Number of the era.
            era: u32,
            /// The set, in the order of its seats.
            set: Vec<T::AccountId>,
            /// Authorities that leave.
            out: Vec<T::AccountId>,
            /// Authorities that join.
            joined: Vec<T::AccountId>,
        },
        /// An era ended with the set in office.
        SetStays {
            /// Number of the era.
            era: u32,
            /// The reason.
            reason: Reason,
        },
        /// An era ended while elections were off, and the set in office stays.
        ResultDropped {
            /// Number of the era.
            era: u32,
        },
        /// An offence was proved. Its slash waits for the time to appeal, unless the offender has pledged nothing.
        Reported {
            /// The offender.
            hotkey: T::AccountId,
            /// The offence.
            offence: Offence,
            /// The block from which the time to report it counted.
            committed: Block,
            /// Number of the slash.
            number: u32,
        },
        /// A candidate is in jail.
        Jailed {
            /// The candidate.
            hotkey: T::AccountId,
            /// The last block in jail.
            until: Block,
        },
        /// An authority made too few blocks in the era that ended.
        Away {
            /// The authority.
            hotkey: T::AccountId,
            /// Blocks that it made.
            made: u32,
            /// Blocks that it should have made at least.
            least: u64,
        },
        /// The slash of a pledge was taken, and its TAO recycled.
        Slashed {
            /// Number of the slash.
            number: u32,
            /// The offender.
            hotkey: T::AccountId,
            /// The offence.
            offence: Offence,
            /// Share of the pledge.
            share: PerBillion,
            /// TAO in rao.
            amount: TaoBalance,
        },
        /// A slash was cancelled.
        SlashCancelled {
            /// Number of the slash.
            number: u32,
            /// The offender.
            hotkey: T::AccountId,
        },
    }
}
