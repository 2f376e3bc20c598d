//! `Balances`: TAO between coldkeys.

use codec::{Compact, Decode, Encode};
use myelin_units::TaoBalance;
use scale_info::TypeInfo;

use super::{Address, Call};

calls! { "Balances"
    /// Transfers TAO; the sender's account may vanish.
    transfer_allow_death => TransferAllowDeath {
        /// Receiver.
        dest: Address,
        /// TAO in rao.
        value: Compact<TaoBalance>,
    }
    /// Transfers TAO and keeps the sender's account alive.
    transfer_keep_alive => TransferKeepAlive {
        /// Receiver.
        dest: Address,
        /// TAO in rao.
        value: Compact<TaoBalance>,
    }
    /// Transfers everything.
    transfer_all => TransferAll {
        /// Receiver.
        dest: Address,
        /// Whether the sender keeps the existential deposit.
        keep_alive: bool,
    }
}
