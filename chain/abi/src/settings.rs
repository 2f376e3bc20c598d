//! Choices that are stored on the chain and set by calls.

use alloc::collections::BTreeSet;

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use myelin_units::NetUid;
use scale_info::TypeInfo;

/// Use of the miner emission withheld from hotkeys of the subnet owner.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum RecycleOrBurnEnum {
    /// It stays in the supply and belongs to nobody.
    #[default]
    #[codec(index = 0)]
    Burn,
    /// It leaves the supply and may be minted again.
    #[codec(index = 1)]
    Recycle,
}

/// Way in which an epoch judges.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum EpochConsensus {
    /// By Yuma Consensus.
    #[default]
    #[codec(index = 0)]
    Yuma,
    /// Not at all; no subnet of this chain.
    #[codec(index = 1)]
    Null,
}

/// Form in which a coldkey receives its root dividends.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub enum RootClaimTypeEnum {
    /// Sold for TAO, which is staked on root.
    #[default]
    #[codec(index = 0)]
    Swap,
    /// Kept as alpha on the subnet that paid them.
    #[codec(index = 1)]
    Keep,
    /// Kept on these subnets, sold on the others.
    #[codec(index = 2)]
    KeepSubnets {
        /// Subnets whose dividends are kept.
        subnets: BTreeSet<NetUid>,
    },
}
