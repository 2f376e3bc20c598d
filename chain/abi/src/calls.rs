//! The arguments of each call that clients send: one struct per call, its fields named and ordered as the chain
//! names and orders them.
//!
//! A client looks the call up by [`Call::PALLET`] and [`Call::NAME`] in the metadata, compares
//! [`Call::ARGUMENTS`] with what it finds there, and appends the struct's SCALE bytes to the two indices. So a
//! chain that names or orders its arguments differently is refused instead of being misunderstood.

use codec::{Decode, Encode};
use scale_info::TypeInfo;

use crate::Account;

/// A call with its arguments. The SCALE bytes of the struct are the arguments one after the other.
pub trait Call: Encode + TypeInfo {
    /// Name of the pallet in the metadata.
    const PALLET: &'static str;
    /// Name of the call in the metadata.
    const NAME: &'static str;
    /// Names of the arguments in order.
    const ARGUMENTS: &'static [&'static str];
}

/// The receiver of a transfer. The chain knows more forms; clients send this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub enum Address {
    /// An account by its id.
    #[codec(index = 0)]
    Id(Account),
}

macro_rules! calls {
    (
        $pallet:literal
        $(
            $(#[$doc:meta])*
            $name:ident => $call:ident { $( $(#[$argument_doc:meta])* $argument:ident: $kind:ty, )* }
        )*
    ) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
            pub struct $call { $( $(#[$argument_doc])* pub $argument: $kind, )* }

            impl Call for $call {
                const PALLET: &'static str = $pallet;
                const NAME: &'static str = stringify!($name);
                const ARGUMENTS: &'static [&'static str] = &[$( stringify!($argument) ),*];
            }
        )*
    };
}

pub mod admin;
pub mod balances;
pub mod beacon;
pub mod collateral;
pub mod elections;
pub mod governance;
pub mod provenance;
pub mod proxy;
pub mod referenda;
pub mod session;
pub mod subtensor;
