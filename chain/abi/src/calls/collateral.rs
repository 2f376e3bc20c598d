//! `Collateral`: TAO that miners lock and forfeit when two contradicting answers are proven. An addition of this
//! network.

use codec::{Decode, Encode};
use myelin_units::{NetUid, TaoBalance};
use scale_info::TypeInfo;

use super::Call;
use crate::{Account, EquivocationReport};

calls! { "Collateral"
    /// Sets the collateral that a subnet requires of its miners.
    set_requirement => SetRequirement {
        /// Subnet.
        netuid: NetUid,
        /// TAO that backs a miner, in rao; 0 = off.
        amount: TaoBalance,
        /// Blocks between asking for collateral back and getting it.
        unbonding: u32,
    }
    /// Locks TAO of the signing coldkey for one of its hotkeys.
    lock => Lock {
        /// Subnet.
        netuid: NetUid,
        /// Hotkey.
        hotkey: Account,
        /// TAO to add, in rao.
        amount: TaoBalance,
        /// Most blocks that all of it may stay after it was asked back.
        longest_unbonding: u32,
    }
    /// Asks for collateral back.
    unbond => Unbond {
        /// Subnet.
        netuid: NetUid,
        /// Hotkey.
        hotkey: Account,
    }
    /// Withdraws collateral.
    withdraw => Withdraw {
        /// Subnet.
        netuid: NetUid,
        /// Hotkey.
        hotkey: Account,
    }
    /// Proves that a miner signed two answers to one challenge.
    report => Report {
        /// Subnet.
        netuid: NetUid,
        /// The proof.
        report: EquivocationReport,
    }
}
