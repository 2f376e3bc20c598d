//! Stake positions, and the trades there that the chain reports.

use std::fmt;

use myelin_abi::Account;
use myelin_units::{AlphaBalance, TaoBalance};

use crate::output::brief;

/// A purchase or a sale as the chain reports it: coldkey, hotkey, TAO, alpha, subnet, fee.
pub type Traded = (Account, Account, TaoBalance, AlphaBalance, u16, u64);

/// Position of stake: a hotkey on a subnet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The subnet.
    pub netuid: u16,
    /// The hotkey.
    pub hotkey: Account,
}

impl Position {
    /// Whether a trade took place here.
    pub fn is_of(&self, trade: &Traded) -> bool {
        (trade.4, trade.1) == (self.netuid, self.hotkey)
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "subnet {} on {}", self.netuid, brief(&self.hotkey))
    }
}

/// Trades of an account on these hotkeys, among all that the chain reports.
pub fn of_account(told: impl Iterator<Item = Traded>, account: &Account, hotkeys: &[Account]) -> Vec<Traded> {
    told.filter(|trade| trade.0 == *account && hotkeys.contains(&trade.1)).collect()
}
