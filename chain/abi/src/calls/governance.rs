//! `Governance`: votes of holders, the committee, and grants. An addition of this network.
//!
//! `enact`, which carries a call, is put together by the client that knows the metadata.

use alloc::vec::Vec;

use codec::{Decode, Encode};
use myelin_governance::{grant::Milestone, Asset, Multiplier, TrackId};
use myelin_units::TaoBalance;
use scale_info::TypeInfo;

use super::Call;
use crate::Account;

calls! { "Governance"
    /// Puts an amount under the vote lock.
    lock => LockVotes {
        /// The asset.
        asset: Asset,
        /// Rao more.
        amount: u64,
    }
    /// Takes an amount from under the vote lock.
    unlock => UnlockVotes {
        /// The asset.
        asset: Asset,
        /// Rao less.
        amount: u64,
    }
    /// Votes with everything under the vote lock.
    vote => Vote {
        /// Referendum.
        poll: u32,
        /// For it, or against it.
        aye: bool,
        /// Multiplier of the own power.
        multiplier: Multiplier,
    }
    /// Takes a vote back.
    withdraw => WithdrawVote {
        /// Referendum.
        poll: u32,
    }
    /// Lets another account vote on a track.
    delegate => Delegate {
        /// Track.
        track: TrackId,
        /// The delegate.
        to: Account,
    }
    /// Ends a delegation.
    undelegate => Undelegate {
        /// Track.
        track: TrackId,
    }
    /// Delays an approved referendum, as the committee.
    delay => Delay {
        /// Referendum.
        poll: u32,
        /// Blocks.
        blocks: u64,
    }
    /// Marks the hash of code for the urgent track, as the committee.
    mark => Mark {
        /// Blake2b-256 of the code.
        code: [u8; 32],
    }
    /// Pauses enactments, as the committee.
    pull_brake => PullBrake {}
    /// Ends the pause, as the committee.
    release_brake => ReleaseBrake {}
    /// Names the committee, as root.
    set_committee => SetCommittee {
        /// The committee; `None` for none.
        committee: Option<Account>,
    }
    /// Pays from the treasury, as root.
    spend => Spend {
        /// The recipient.
        to: Account,
        /// The amount.
        amount: TaoBalance,
    }
    /// Promises payments by milestones, as root.
    grant => Grant {
        /// The recipient.
        recipient: Account,
        /// Milestones, one after the other.
        milestones: Vec<Milestone>,
    }
    /// Ends a grant, as root.
    stop_grant => StopGrant {
        /// Its number.
        grant: u32,
    }
    /// Claims the next milestone of a grant, as its recipient.
    claim => Claim {
        /// Its number.
        grant: u32,
        /// Hash of the report.
        report: [u8; 32],
    }
    /// Pays the claimed milestone of a grant.
    pay => Pay {
        /// Its number.
        grant: u32,
    }
    /// Registers a subnet without a lock cost, as root.
    open_subnet => OpenSubnet {
        /// Its owner.
        owner: Account,
    }
    /// Takes deposits of a referendum that are lost into the treasury.
    collect => Collect {
        /// Referendum.
        poll: u32,
    }
}
