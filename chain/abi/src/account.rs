//! An account as clients hold it.

use core::fmt;

use codec::{Decode, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// A 32-byte account: a hotkey or a coldkey. Encodes like the runtime's account, as the bare bytes.
///
/// `myelin-wire` knows the form of accounts for people (SS58).
#[derive(
    Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode, MaxEncodedLen, TypeInfo,
)]
pub struct Account(pub [u8; 32]);

impl Account {
    /// The account without an owner; the chain's default where an account is missing.
    pub const ZERO: Self = Self([0; 32]);

    /// Whether this is the account without an owner.
    pub fn is_zero(&self) -> bool {
        *self == Self::ZERO
    }
}

impl From<[u8; 32]> for Account {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl From<Account> for [u8; 32] {
    fn from(account: Account) -> Self {
        account.0
    }
}

impl AsRef<[u8; 32]> for Account {
    fn as_ref(&self) -> &[u8; 32] {
        &self.0
    }
}

impl AsRef<[u8]> for Account {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// Writes `0x` and 64 hexadecimal digits.
impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("0x")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
