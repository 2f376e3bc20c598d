//! `Elections`: candidates for the office of an authority, and the switch. An addition of this network.

use codec::{Decode, Encode};
use myelin_election::Rules;
use myelin_units::TaoBalance;
use scale_info::TypeInfo;

use super::Call;
use crate::Account;

calls! { "Elections"
    /// Makes a hotkey a candidate, as the coldkey that owns it.
    join => Join {
        /// The hotkey.
        hotkey: Account,
        /// TAO that goes on hold.
        pledge: TaoBalance,
    }
    /// Adds to the pledge of a candidate.
    pledge_more => PledgeMore {
        /// The candidate.
        hotkey: Account,
        /// TAO more.
        amount: TaoBalance,
    }
    /// Sends a part of a pledge on its way out.
    unbond => Unbond {
        /// The candidate.
        hotkey: Account,
        /// TAO less.
        amount: TaoBalance,
    }
    /// Ends a candidacy: sends all of the pledge on its way out.
    leave => Leave {
        /// The candidate.
        hotkey: Account,
    }
    /// Withdraws what is free.
    withdraw => Withdraw {
        /// The candidate.
        hotkey: Account,
    }
    /// Lets a candidate rest, as its coldkey or as the hotkey itself.
    chill => Chill {
        /// The candidate.
        hotkey: Account,
    }
    /// Ends the rest of a candidate.
    resume => Resume {
        /// The candidate.
        hotkey: Account,
    }
    /// Sets the rules, as root.
    set_rules => SetRules {
        /// The rules.
        rules: Rules,
    }
    /// Turns elections on, as root.
    switch_on => SwitchOn {}
    /// Turns elections off, as root.
    switch_off => SwitchOff {}
    /// Cancels a slash before it is taken, as root.
    cancel_slash => CancelSlash {
        /// Its number.
        number: u32,
    }
}
