//! The Myelin runtime: what a block may contain and what it does.
//!
//! The runtime only wires. Rules live in pallets, and mathematics in `core/*`; here pallets get their indices, their
//! constants and each other.
//!
//! | file | holds |
//! |---|---|
//! | `lib.rs` | types, the list of pallets with their indices, the order of transaction extensions |
//! | `pallets/` | `impl Config`, one file per area |
//! | `profile` | values that follow from the pace of the chain: slot, sessions, block limits |
//! | `constants` | values that never differ, with units |
//! | `fees` | what a transaction costs and who is paid |
//! | `migrations` | what runs once when this runtime takes over |
//! | `proxy/` | what an account may let others do in its name |
//! | `audit` | whether the whole state is sound |
//! | `awaited` | storage of parts that are not built yet, truthfully empty |
//! | `genesis` | presets: authorities, well-known accounts, pace |
//! | `api_traits`, `apis` | runtime APIs: declarations, and bodies of one call each |
//!
//! Two contracts are kept here. **Names and indices of pallets** are the official ones, because storage prefixes,
//! raw calls and indexers depend on them; our own pallets start at 100. **The order of transaction extensions** is
//! the official one for those whose pallets exist: clients hard-code what they sign, so every extension of our own
//! adds no bytes to a transaction.
//!
//! What it refuses to know: networking, files, the clock of the machine, and how a chain is started.

#![cfg_attr(not(feature = "std"), no_std)]
#![recursion_limit = "256"]

extern crate alloc;

#[cfg(feature = "std")]
include!(concat!(env!("OUT_DIR"), "/wasm_binary.rs"));

pub mod api_traits;
mod apis;
pub mod audit;
pub mod awaited;
pub mod constants;
pub mod fees;
pub mod genesis;
pub mod migrations;
mod pallets;
pub mod profile;
pub mod proxy;
#[cfg(feature = "std")]
pub mod signing;
pub mod waits;

#[cfg(test)]
mod tests;

pub use apis::{RuntimeApi, RUNTIME_API_VERSIONS};
pub use frame_system::Call as SystemCall;
pub use pallet_balances::Call as BalancesCall;
pub use pallet_timestamp::Call as TimestampCall;

use alloc::{borrow::Cow, vec::Vec};
use sp_runtime::{
    generic, impl_opaque_keys,
    traits::{BlakeTwo256, IdentifyAccount, Verify},
    MultiAddress, MultiSignature,
};
use sp_version::RuntimeVersion;

/// A signature of any kind that accounts may use: ed25519, sr25519 or ecdsa.
pub type Signature = MultiSignature;
/// The 32 bytes that name an account.
pub type AccountId = <<Signature as Verify>::Signer as IdentifyAccount>::AccountId;
/// How transactions name an account.
pub type Address = MultiAddress<AccountId, ()>;
/// An amount of TAO in rao.
pub type Balance = u64;
/// Number of a block.
pub type BlockNumber = u32;
/// How many transactions an account has signed.
pub type Nonce = u32;
/// Hash of blocks, transactions and storage.
pub type Hash = sp_core::H256;
/// Header of a block.
pub type Header = generic::Header<BlockNumber, BlakeTwo256>;
/// A block with decoded transactions.
pub type Block = generic::Block<Header, UncheckedExtrinsic>;

/// What the node needs to know of blocks without knowing calls: transactions stay bytes, so that the node works
/// across runtime upgrades.
pub mod opaque {
    use super::{BlakeTwo256, BlockNumber};
    use sp_runtime::generic;
    pub use sp_runtime::OpaqueExtrinsic as UncheckedExtrinsic;

    /// Header of a block.
    pub type Header = generic::Header<BlockNumber, BlakeTwo256>;
    /// A block whose transactions are bytes.
    pub type Block = generic::Block<Header, UncheckedExtrinsic>;
    /// Hash of a block.
    pub type Hash = sp_core::H256;
}

impl_opaque_keys! {
    /// The keys with which an authority takes part in consensus.
    pub struct SessionKeys {
        /// Writes blocks.
        pub aura: Aura,
        /// Votes on finality.
        pub grandpa: Grandpa,
    }
}

/// Name and version of this runtime. `spec_version` rises with every change of behaviour or metadata,
/// `transaction_version` with every change of how transactions are encoded.
#[sp_version::runtime_version]
pub const VERSION: RuntimeVersion = RuntimeVersion {
    spec_name: Cow::Borrowed("node-subtensor"),
    impl_name: Cow::Borrowed("node-subtensor"),
    authoring_version: 1,
    spec_version: 1,
    impl_version: 1,
    apis: RUNTIME_API_VERSIONS,
    transaction_version: 1,
    system_version: 1,
};

/// What surrounds the call of a signed transaction, in the official order.
pub type TxExtension = (
    frame_system::CheckNonZeroSender<Runtime>,
    frame_system::CheckSpecVersion<Runtime>,
    frame_system::CheckTxVersion<Runtime>,
    frame_system::CheckGenesis<Runtime>,
    frame_system::CheckEra<Runtime>,
    frame_system::CheckNonce<Runtime>,
    frame_system::CheckWeight<Runtime>,
    pallet_transaction_payment::ChargeTransactionPayment<Runtime>,
    pallet_network::extension::SubtensorTransactionExtension<Runtime>,
    frame_metadata_hash_extension::CheckMetadataHash<Runtime>,
);

/// A transaction as it travels.
pub type UncheckedExtrinsic = generic::UncheckedExtrinsic<Address, RuntimeCall, Signature, TxExtension>;
/// The bytes that a signer signs.
pub type SignedPayload = generic::SignedPayload<RuntimeCall, TxExtension>;

/// Runs blocks: hooks of all pallets in the order of their indices, then inherents, then transactions.
pub type Executive = frame_executive::Executive<
    Runtime,
    Block,
    frame_system::ChainContext<Runtime>,
    Runtime,
    AllPalletsWithSystem,
>;

#[frame_support::runtime]
mod runtime {
    #[runtime::runtime]
    #[runtime::derive(
        RuntimeCall,
        RuntimeEvent,
        RuntimeError,
        RuntimeOrigin,
        RuntimeFreezeReason,
        RuntimeHoldReason,
        RuntimeSlashReason,
        RuntimeLockId,
        RuntimeTask,
        RuntimeViewFunction
    )]
    pub struct Runtime;

    #[runtime::pallet_index(0)]
    pub type System = frame_system;
    #[runtime::pallet_index(1)]
    pub type RandomnessCollectiveFlip = pallet_insecure_randomness_collective_flip;
    #[runtime::pallet_index(2)]
    pub type Timestamp = pallet_timestamp;
    #[runtime::pallet_index(3)]
    pub type Aura = pallet_aura;
    #[runtime::pallet_index(4)]
    pub type Grandpa = pallet_grandpa;
    #[runtime::pallet_index(5)]
    pub type Balances = pallet_balances;
    #[runtime::pallet_index(6)]
    pub type TransactionPayment = pallet_transaction_payment;
    #[runtime::pallet_index(7)]
    pub type SubtensorModule = pallet_network;
    #[runtime::pallet_index(11)]
    pub type Utility = pallet_utility;
    #[runtime::pallet_index(12)]
    pub type Sudo = pallet_sudo;
    #[runtime::pallet_index(13)]
    pub type Multisig = pallet_multisig;
    #[runtime::pallet_index(16)]
    pub type Proxy = pallet_proxy;
    #[runtime::pallet_index(18)]
    pub type Commitments = pallet_commitments;
    #[runtime::pallet_index(19)]
    pub type AdminUtils = pallet_admin_utils;
    #[runtime::pallet_index(26)]
    pub type Drand = crate::awaited::drand;
    #[runtime::pallet_index(28)]
    pub type Swap = pallet_myelin_swap;
    #[runtime::pallet_index(30)]
    pub type MevShield = crate::awaited::mev_shield;

    // Ours.
    #[runtime::pallet_index(100)]
    pub type Session = pallet_session;
    #[runtime::pallet_index(101)]
    pub type Authorship = pallet_authorship;
    #[runtime::pallet_index(102)]
    pub type Collateral = pallet_myelin_collateral;
}
