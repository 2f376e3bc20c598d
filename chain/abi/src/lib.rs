//! Interface between the chain and its clients, as SCALE types.
//!
//! The network pallet stores some of these types and builds the others as answers of its runtime APIs; clients
//! decode the same types and send the calls of [`calls`]. Because both sides compile against one definition, a
//! change that only one of them knows about fails to build, and a change of bytes fails a golden test here.
//!
//! **Words.** A *subnet* has a `netuid`; a *neuron* is a hotkey with a `uid` on a subnet; a *hotkey* works, the
//! *coldkey* owns it and its stake. Amounts are rao (10⁻⁹): [`TaoBalance`](myelin_units::TaoBalance) of TAO,
//! [`AlphaBalance`](myelin_units::AlphaBalance) of a subnet's token. Proportions in a `u16` have 65535 = 1.
//!
//! **Names are the contract.** Official clients decode by field and variant names, so names, order and the
//! `Compact` wrappers are those of the official interface, spelling included (`SubnetInfov2`, `delegate_ss58`).
//! Types are generic over `AccountId` where an account occurs: the runtime fills in its own, clients [`Account`].
//!
//! | file | what |
//! |---|---|
//! | [`account`] | [`Account`], an account without polkadot-sdk |
//! | [`serving`], [`identity`], [`settings`], [`collateral`], [`rubric`] | what the pallet stores and clients read |
//! | [`evidence`], [`provenance`] | proofs of evaluation; records of models |
//! | [`timeline`] | settings that change with notice |
//! | [`referenda`] | referenda and the schedule of the stock pallets |
//! | [`elections`] | the clock of elections |
//! | [`TaoEquation`] | all TAO by origin and by place; the rule is in `myelin_economy::equation` |
//! | [`neuron`], [`subnet`], [`hyperparams`], [`metagraph`], [`selective`], [`stake`], [`delegate`], [`swap`], [`proxy`], [`basket`] | answers of the runtime APIs |
//! | [`calls`] | the arguments of each call clients send |
//!
//! The crate knows no polkadot-sdk, no network, no keys, and has no rule of the economy of its own.

#![cfg_attr(not(feature = "std"), no_std)]
#![warn(missing_docs)]

extern crate alloc;

pub mod account;
pub mod basket;
pub mod calls;
pub mod collateral;
pub mod delegate;
pub mod elections;
pub mod evidence;
pub mod hyperparams;
pub mod identity;
pub mod metagraph;
pub mod neuron;
pub mod provenance;
pub mod proxy;
pub mod referenda;
pub mod rubric;
pub mod selective;
pub mod serving;
pub mod settings;
pub mod stake;
pub mod subnet;
pub mod swap;
pub mod timeline;

pub use account::Account;
pub use basket::{BasketHolding, BasketPosition, BasketSummary, BasketTradingStatus};
pub use collateral::{
    ChallengeAudience, Collateral, CollateralRequirement, EquivocationReport, FormerHotkey,
    MinerCollateralState, SaidAnswer,
};
pub use delegate::{DelegateInfo, Delegation, Nominator};
pub use elections::{ElectionClock, ElectionStep};
pub use evidence::{
    AnswerRoot, EvidenceDemand, EvidenceHoldings, EvidenceRoot, EvidenceTimeline, OutvotedMark, ProofHistory,
};
pub use hyperparams::{HyperparamEntry, HyperparamValue, SubnetHyperparams, SubnetHyperparamsV2};
pub use identity::{ChainIdentityV2, SubnetIdentityV3};
pub use metagraph::Metagraph;
pub use myelin_economy::equation::{Difference, SubnetEquation, TaoEquation};
pub use neuron::{NeuronInfo, NeuronInfoLite};
pub use provenance::{DeclaredModel, ModelLineage, ModelView};
pub use proxy::{CallCondition, CallInfo, FilterMode, ProxyFilterInfo, ProxyTypeInfo};
pub use rubric::{DeclaredRubric, RubricChange, RubricSource, RubricTimeline, MAX_RUBRIC_TEXT};
pub use selective::{SelectiveMetagraph, SelectiveMetagraphIndex};
pub use serving::{AxonInfo, CertificateKey, NeuronCertificate, PrometheusInfo};
pub use settings::{EpochConsensus, RecycleOrBurnEnum, RootClaimTypeEnum};
pub use stake::{LockState, StakeAvailability, StakeInfo};
pub use subnet::{DynamicInfo, NetworkRegistrationInfo, SubnetInfo, SubnetInfov2, SubnetLease, SubnetState};
pub use swap::{SimSwapResult, SubnetPrice};
pub use timeline::Timeline;

#[cfg(test)]
mod tests;
