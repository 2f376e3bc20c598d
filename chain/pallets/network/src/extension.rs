//! Conditions that a transaction must meet before it enters a block.
//!
//! Calls that set weights, announce an endpoint or publish a commitment are free. A free call that would fail must not
//! enter a block for nothing: it could be sent again without end. Therefore all conditions of the call itself are
//! checked, by the same code, and reported as numbers that clients know. A failure without such a number happens in a
//! block, with the error that names it, and pays as if the call were not free ([`FailureFee`]). A signer that cannot
//! pay is refused. A call that can succeed only once waits once ([`slots`]). Calls that pay a fee anyway are not
//! checked: their own errors say more.
//!
//! A transaction whose call the runtime's filter closes is not valid either: dispatch filters the calls of accounts,
//! not those of root.

pub mod slots;

use alloc::{collections::BTreeSet, vec::Vec};

use codec::{Compact, Decode, DecodeWithMemTracking, Encode};
use frame_support::{
    dispatch::{DispatchInfo, Pays, PostDispatchInfo},
    pallet_prelude::*,
    traits::{Contains, IsSubType, OriginTrait},
};
use myelin_abi::{AxonInfo, PrometheusInfo};
use myelin_units::{MechId, NetUid, Uid};
use myelin_wire::evidence::PROOF_LIMIT;
use myelin_yuma::set_weights::{Route, WeightVector};
use scale_info::TypeInfo;
use sp_runtime::{
    traits::{AsSystemOriginSigner, DispatchInfoOf, Dispatchable, TransactionExtension, ValidateResult},
    transaction_validity::{
        InvalidTransaction, TransactionSource, TransactionTag, TransactionValidityError, ValidTransaction,
    },
};

use crate::{
    costs,
    evidence::EvidenceLedger,
    pallet::{Call, CommitRevealWeightsEnabled, Config, Error},
    serving::Endpoints,
    stake::Delegation,
    subnets::SubnetRegistry,
    weights::{CommitPhase, Reveal, WeightLedger, MAIN},
};

/// Reasons why a transaction does not enter a block, as the number in `InvalidTransaction::Custom`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Refusal {
    /// The stake weight of the hotkey is below the threshold.
    StakeAmountTooLow = 1,
    /// There is no such subnet.
    SubnetNotExists = 3,
    /// Weights were set or committed too recently.
    RateLimitExceeded = 6,
    /// The hotkey has no uid.
    HotKeyNotRegisteredInNetwork = 10,
    /// The address can't be reached, or is of no known kind.
    InvalidIpAddress = 11,
    /// The endpoint was announced too recently.
    ServingRateLimitExceeded = 12,
    /// The port is 0.
    InvalidPort = 13,
    /// There is no commit with this hash.
    CommitNotFound = 16,
    /// The commit can't be revealed in this epoch.
    CommitBlockNotInRevealRange = 17,
    /// Lists have different lengths.
    InputLengthsUnequal = 18,
    /// The call reports its error by name, to signers that can pay for it.
    Unnumbered = 254,
    /// Anything else.
    BadRequest = 255,
}

impl From<Refusal> for TransactionValidityError {
    fn from(refusal: Refusal) -> Self {
        let known = if refusal == Refusal::Unnumbered { Refusal::BadRequest } else { refusal };
        InvalidTransaction::Custom(known as u8).into()
    }
}

/// Fee of a free call that is going to fail.
pub trait FailureFee<AccountId> {
    /// Whether the account can pay for a call of this weight and length in bytes.
    fn is_payable(who: &AccountId, info: &DispatchInfo, length: usize) -> bool;

    /// Takes the fee, or the rest of the account where a tip left less, and returns the amount.
    fn pay(who: &AccountId, info: &DispatchInfo, length: usize) -> Result<u64, TransactionValidityError>;

    /// Announces the payment.
    fn tell(who: AccountId, fee: u64);
}

/// No account can pay, so every call that would fail is refused.
impl<AccountId> FailureFee<AccountId> for () {
    fn is_payable(_: &AccountId, _: &DispatchInfo, _: usize) -> bool {
        false
    }

    fn pay(_: &AccountId, _: &DispatchInfo, _: usize) -> Result<u64, TransactionValidityError> {
        Err(InvalidTransaction::Payment.into())
    }

    fn tell(_: AccountId, _: u64) {}
}

/// Checks calls of this pallet before they enter a block. Adds no bytes to a transaction.
#[derive(Encode, Decode, DecodeWithMemTracking, TypeInfo, Clone, Eq, PartialEq)]
#[scale_info(skip_type_params(T))]
pub struct SubtensorTransactionExtension<T>(core::marker::PhantomData<T>);

impl<T> SubtensorTransactionExtension<T> {
    /// The extension; it has no content.
    pub fn new() -> Self {
        Self(core::marker::PhantomData)
    }
}

impl<T> Default for SubtensorTransactionExtension<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> core::fmt::Debug for SubtensorTransactionExtension<T> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("SubtensorTransactionExtension")
    }
}

impl<T> TransactionExtension<T::RuntimeCall> for SubtensorTransactionExtension<T>
where
    T: Config + Send + Sync,
    T::RuntimeCall: Dispatchable<Info = DispatchInfo, PostInfo = PostDispatchInfo>
        + IsSubType<Call<T>>
        + IsSubType<pallet_commitments::Call<T>>,
    <T::RuntimeCall as Dispatchable>::RuntimeOrigin: AsSystemOriginSigner<T::AccountId> + OriginTrait + Clone,
{
    const IDENTIFIER: &'static str = "SubtensorTransactionExtension";
    type Implicit = ();
    /// Whether the call is free and is going to fail, so that its signer pays.
    type Val = bool;
    /// The account that paid for the failure, and the amount.
    type Pre = Option<(T::AccountId, u64)>;

    fn weight(&self, call: &T::RuntimeCall) -> Weight {
        let own: Option<&Call<T>> = call.is_sub_type();
        match own {
            Some(Call::set_weights { dests, .. } | Call::set_mechanism_weights { dests, .. }) => {
                costs::check_weights::<T>(dests.len())
            }
            Some(
                Call::reveal_weights { uids, salt, .. } | Call::reveal_mechanism_weights { uids, salt, .. },
            ) => costs::check_reveal::<T>(uids.len(), salt.len()),
            Some(Call::reveal_proven_weights { uids, salt, .. }) => {
                costs::check_proven_reveal::<T>(uids.len(), salt.len())
            }
            Some(
                Call::commit_weights { .. }
                | Call::commit_mechanism_weights { .. }
                | Call::commit_proven_weights { .. },
            ) => costs::check_commits::<T>(1),
            Some(Call::commit_answer_root { .. } | Call::attest_evidence { .. }) => {
                costs::check_commits::<T>(1)
            }
            Some(Call::batch_commit_weights { commit_hashes, .. }) => {
                costs::check_commits::<T>(commit_hashes.len())
            }
            Some(Call::batch_set_weights { weights, .. }) => {
                let rows = weights.iter().map(|row| costs::check_weights::<T>(row.len()));
                costs::batch(rows, costs::check::<T>())
            }
            Some(Call::batch_reveal_weights { uids_list, salts_list, .. }) => {
                let rows = uids_list.iter().zip(salts_list);
                let checks = rows.map(|(uids, salt)| costs::check_reveal::<T>(uids.len(), salt.len()));
                costs::batch(checks, costs::check::<T>())
            }
            Some(Call::serve_axon { .. } | Call::serve_axon_tls { .. } | Call::serve_prometheus { .. }) => {
                costs::check_endpoint::<T>()
            }
            Some(_) => costs::check::<T>(),
            None => {
                let statement: Option<&pallet_commitments::Call<T>> = call.is_sub_type();
                match statement {
                    Some(_) => costs::check_commitment::<T>(),
                    None => costs::check::<T>(),
                }
            }
        }
    }

    fn validate(
        &self,
        origin: <T::RuntimeCall as Dispatchable>::RuntimeOrigin,
        call: &T::RuntimeCall,
        info: &DispatchInfoOf<T::RuntimeCall>,
        len: usize,
        _implicit: Self::Implicit,
        _implication: &impl Encode,
        _source: TransactionSource,
    ) -> ValidateResult<Self::Val, T::RuntimeCall> {
        ensure!(T::BaseCallFilter::contains(call), InvalidTransaction::Call);
        let mut validity = ValidTransaction::default();
        let mut pays = false;
        if let Some(signer) = origin.as_system_origin_signer() {
            let own = call.is_sub_type().map(|call| admit::<T>(signer, call));
            let statement = call.is_sub_type().map(|call| admit_commitment::<T>(signer, call));
            for admitted in own.into_iter().chain(statement) {
                match admitted {
                    Ok(slots) => validity.provides.extend(slots),
                    // The call pays anyway.
                    Err(Refusal::Unnumbered) if info.pays_fee == Pays::Yes => {}
                    Err(Refusal::Unnumbered) if T::FailureFee::is_payable(signer, info, len) => pays = true,
                    Err(refusal) => return Err(refusal.into()),
                }
            }
        }
        Ok((validity, pays, origin))
    }

    fn prepare(
        self,
        pays: bool,
        origin: &<T::RuntimeCall as Dispatchable>::RuntimeOrigin,
        _call: &T::RuntimeCall,
        info: &DispatchInfoOf<T::RuntimeCall>,
        len: usize,
    ) -> Result<Self::Pre, TransactionValidityError> {
        let signer = origin.as_system_origin_signer().filter(|_| pays);
        signer.map(|who| Ok((who.clone(), T::FailureFee::pay(who, info, len)?))).transpose()
    }

    /// Reports the fee after the extension that reports ordinary fees, because clients go by the last.
    fn post_dispatch_details(
        paid: Self::Pre,
        _info: &DispatchInfoOf<T::RuntimeCall>,
        _post_info: &PostDispatchInfo,
        _len: usize,
        _result: &DispatchResult,
    ) -> Result<Weight, TransactionValidityError> {
        if let Some((who, fee)) = paid {
            T::FailureFee::tell(who, fee);
        }
        Ok(Weight::zero())
    }
}

/// Checks one call of `signer` and returns the slots that it fills: one for each row of a batch, whose subnets exist
/// and are distinct. The cost of rows covers both.
pub fn admit<T: Config>(signer: &T::AccountId, call: &Call<T>) -> Result<Vec<TransactionTag>, Refusal> {
    check::<T>(signer, call)?;
    Ok(slots::filled_by::<T>(signer, call))
}

/// The same for a call of the commitments pallet.
pub fn admit_commitment<T: Config>(
    signer: &T::AccountId,
    call: &pallet_commitments::Call<T>,
) -> Result<Vec<TransactionTag>, Refusal> {
    check_commitment::<T>(signer, call)?;
    Ok(slots::filled_by_commitment::<T>(signer, call))
}

/// Checks one call of `signer`.
pub fn check<T: Config>(signer: &T::AccountId, call: &Call<T>) -> Result<(), Refusal> {
    match call {
        Call::set_weights { netuid, dests, weights, version_key } => {
            check_set::<T>(signer, MAIN, &row(*netuid, dests, weights, *version_key, Route::Direct))
        }
        Call::set_mechanism_weights { netuid, mecid, dests, weights, version_key } => {
            check_set::<T>(signer, *mecid, &row(*netuid, dests, weights, *version_key, Route::Direct))
        }
        Call::commit_weights { netuid, .. } => check_commit::<T>(signer, *netuid, MAIN),
        Call::commit_mechanism_weights { netuid, mecid, .. }
        | Call::commit_proven_weights { netuid, mecid, .. } => check_commit::<T>(signer, *netuid, *mecid),
        Call::reveal_weights { netuid, uids, values, salt, version_key } => {
            check_reveal::<T>(signer, MAIN, &row(*netuid, uids, values, *version_key, Route::Reveal), salt)
        }
        Call::reveal_mechanism_weights { netuid, mecid, uids, values, salt, version_key } => {
            check_reveal::<T>(signer, *mecid, &row(*netuid, uids, values, *version_key, Route::Reveal), salt)
        }
        Call::reveal_proven_weights { netuid, mecid, uids, values, salt, version_key, proof } => {
            check_reveal::<T>(
                signer,
                *mecid,
                &row(*netuid, uids, values, *version_key, Route::Proven),
                salt,
            )?;
            check_proof::<T>(
                signer,
                *netuid,
                *mecid,
                proof.len(),
                &Reveal { uids, values, salt, version_key: *version_key },
            )
        }
        Call::batch_set_weights { netuids, weights, version_keys } => {
            check_batch(netuids, &[weights.len(), version_keys.len()])?;
            let items = netuids.iter().zip(weights).zip(version_keys);
            items.into_iter().try_for_each(|((netuid, weights), version_key)| {
                let (uids, values): (Vec<_>, Vec<_>) =
                    weights.iter().map(|(uid, value)| (uid.0, value.0)).unzip();
                check_set::<T>(signer, MAIN, &row(netuid.0, &uids, &values, version_key.0, Route::Direct))
            })
        }
        Call::batch_commit_weights { netuids, commit_hashes } => {
            check_batch(netuids, &[commit_hashes.len()])?;
            netuids.iter().try_for_each(|netuid| check_commit::<T>(signer, netuid.0, MAIN))
        }
        Call::batch_reveal_weights { netuid, uids_list, values_list, salts_list, version_keys } => {
            SubnetRegistry::<T>::ensure_exists(*netuid).map_err(refusal)?;
            let reveals =
                Reveal::zip::<T>(uids_list, values_list, salts_list, version_keys).map_err(refusal)?;
            if reveals.is_empty() {
                return Err(Refusal::BadRequest);
            }
            WeightLedger::<T>::check_batch_reveal(signer, *netuid, &reveals).map_err(refusal)?;
            let set = |reveal: &Reveal| check_set::<T>(signer, MAIN, &reveal.vector(*netuid, Route::Reveal));
            reveals.iter().try_for_each(set)
        }
        Call::serve_axon { netuid, ip, port, ip_type, .. } => {
            let axon = AxonInfo { ip: *ip, port: *port, ip_type: *ip_type, ..Default::default() };
            Endpoints::<T>::check_axon(signer, *netuid, &axon).map_err(refusal)
        }
        Call::serve_axon_tls { netuid, ip, port, ip_type, certificate, .. } => {
            let axon = AxonInfo { ip: *ip, port: *port, ip_type: *ip_type, ..Default::default() };
            Endpoints::<T>::check_axon(signer, *netuid, &axon).map_err(refusal)?;
            Endpoints::<T>::check_certificate(certificate).map(|_| ()).map_err(refusal)
        }
        Call::serve_prometheus { netuid, ip, port, ip_type, .. } => {
            let info = PrometheusInfo { ip: *ip, port: *port, ip_type: *ip_type, ..Default::default() };
            Endpoints::<T>::check_prometheus(signer, *netuid, &info).map_err(refusal)
        }
        Call::commit_answer_root { netuid, epoch, .. } => {
            EvidenceLedger::<T>::check_answers(signer, *netuid, *epoch).map_err(refusal)
        }
        Call::attest_evidence { netuid, epoch, held } => {
            EvidenceLedger::<T>::check_attestation(signer, *netuid, *epoch, held).map_err(refusal)
        }
        _ => Ok(()),
    }
}

/// Checks one call of the commitments pallet, which is free too.
pub fn check_commitment<T: Config>(
    signer: &T::AccountId,
    call: &pallet_commitments::Call<T>,
) -> Result<(), Refusal> {
    use pallet_commitments::{Call, CommitmentBoard, Error};
    let Call::set_commitment { netuid, info } = call else { return Ok(()) };
    SubnetRegistry::<T>::ensure_exists(*netuid).map_err(refusal)?;
    CommitmentBoard::<T>::check(signer, *netuid, info).map(|_| ()).map_err(|error| match error {
        Error::AccountNotAllowedCommit => Refusal::HotKeyNotRegisteredInNetwork,
        Error::SpaceLimitExceeded => Refusal::RateLimitExceeded,
        _ => Refusal::Unnumbered,
    })
}

fn row<'a>(
    netuid: NetUid,
    uids: &'a [Uid],
    values: &'a [u16],
    version_key: u64,
    route: Route,
) -> WeightVector<'a> {
    WeightVector { netuid, uids, values, version_key, route }
}

/// Refuses a batch that repeats a subnet or whose lists differ in length. Further rows would be work without effect.
fn check_batch(netuids: &[Compact<NetUid>], lengths: &[usize]) -> Result<(), Refusal> {
    if lengths.iter().any(|length| *length != netuids.len()) {
        return Err(Refusal::InputLengthsUnequal);
    }
    let distinct: BTreeSet<_> = netuids.iter().map(|netuid| netuid.0).collect();
    if netuids.is_empty() || distinct.len() != netuids.len() {
        return Err(Refusal::BadRequest);
    }
    Ok(())
}

/// Checks everything that storing the row requires.
fn check_set<T: Config>(signer: &T::AccountId, mecid: MechId, row: &WeightVector) -> Result<(), Refusal> {
    WeightLedger::<T>::check(signer, mecid, row).map(|_| ()).map_err(refusal)
}

/// Checks everything that the commit requires, and the stake that a reveal without proof will require.
fn check_commit<T: Config>(signer: &T::AccountId, netuid: NetUid, mecid: MechId) -> Result<(), Refusal> {
    WeightLedger::<T>::check_commit(signer, netuid, mecid).map_err(refusal)?;
    Delegation::<T>::meets_threshold(signer, netuid).then_some(()).ok_or(Refusal::StakeAmountTooLow)
}

/// Checks a commit that can be revealed now, and everything that storing its row requires.
fn check_reveal<T: Config>(
    signer: &T::AccountId,
    mecid: MechId,
    row: &WeightVector,
    salt: &[u16],
) -> Result<(), Refusal> {
    let WeightVector { netuid, uids, values, version_key, .. } = *row;
    if !SubnetRegistry::<T>::exists(netuid) {
        return Err(Refusal::SubnetNotExists);
    }
    let exists = mecid < SubnetRegistry::<T>::mechanism_count(netuid);
    if !exists || !CommitRevealWeightsEnabled::<T>::get(netuid) {
        return Err(Refusal::Unnumbered);
    }
    let reveal = Reveal { uids, values, salt, version_key };
    WeightLedger::<T>::check_size(netuid, &reveal).map_err(refusal)?;
    match WeightLedger::<T>::phase_of(signer, netuid, mecid, &reveal) {
        None => Err(Refusal::CommitNotFound),
        Some(CommitPhase::Open) => check_set::<T>(signer, mecid, row),
        Some(CommitPhase::TooEarly | CommitPhase::Expired) => Err(Refusal::CommitBlockNotInRevealRange),
    }
}

/// Checks that a proof can be judged now. Whether it holds is found out once, in a block.
fn check_proof<T: Config>(
    signer: &T::AccountId,
    netuid: NetUid,
    mecid: MechId,
    length: usize,
    reveal: &Reveal,
) -> Result<(), Refusal> {
    if EvidenceLedger::<T>::randomness(netuid).is_none() {
        return Err(Refusal::CommitBlockNotInRevealRange);
    }
    let fits = length <= PROOF_LIMIT && EvidenceLedger::<T>::has_root(signer, netuid, mecid, reveal);
    fits.then_some(()).ok_or(Refusal::Unnumbered)
}

/// The number of an error of a call.
fn refusal<T: Config>(error: Error<T>) -> Refusal {
    match error {
        Error::SubnetNotExists => Refusal::SubnetNotExists,
        Error::NotEnoughStakeToSetWeights => Refusal::StakeAmountTooLow,
        Error::SettingWeightsTooFast | Error::CommittingWeightsTooFast => Refusal::RateLimitExceeded,
        Error::WeightVecNotEqualSize | Error::InputLengthsUnequal => Refusal::InputLengthsUnequal,
        Error::NoWeightsCommitFound | Error::InvalidRevealCommitHashNotMatch => Refusal::CommitNotFound,
        Error::RevealTooEarly | Error::ExpiredWeightCommit => Refusal::CommitBlockNotInRevealRange,
        Error::HotKeyNotRegisteredInSubNet => Refusal::HotKeyNotRegisteredInNetwork,
        Error::InvalidIpType | Error::InvalidIpAddress => Refusal::InvalidIpAddress,
        Error::InvalidPort => Refusal::InvalidPort,
        Error::ServingRateLimitExceeded => Refusal::ServingRateLimitExceeded,
        _ => Refusal::Unnumbered,
    }
}
