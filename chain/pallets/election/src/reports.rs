//! Reports of two blocks for one slot, and of two votes in one round of finality.
//!
//! A report comes signed, for a fee that is returned if it holds. Authors report without a signature: their nodes see
//! the headers and votes, and put a report into the blocks that they write. The pool takes a report without a signature
//! from its own node alone, and passes it on to nobody. So strangers can't make nodes verify signatures for nothing.

use alloc::vec::Vec;
use core::marker::PhantomData;

use codec::{Decode, DecodeWithMemTracking, Encode};
use frame_support::pallet_prelude::*;
use frame_system::pallet_prelude::{BlockNumberFor, HeaderFor};
use myelin_election::{
    equivocation::{Known, Rooted, MOST_BETWEEN},
    AuraReport, Offence, Slash,
};
use myelin_wire::{hash::Hash, header::Header};
use sp_consensus_grandpa::{check_equivocation_proof, EquivocationProof};
use sp_core::sr25519;

use crate::{
    history::History,
    interfaces::Seats,
    now,
    pallet::{Call, Config, Error},
    penalties::Finding,
    rules,
};

/// Blocks for which a report stays in the pool of a node.
const LONGEVITY: u64 = 1_000;

/// A header with its way back to the chain.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct RootedHeader<Header> {
    /// The header, with its seal.
    pub header: Header,
    /// Headers before it, its parent first, down to the one whose parent is a block of the chain; at most 64.
    pub between: Vec<Header>,
}

/// Two votes in a round, as GRANDPA proves them.
pub type TwoVotes<T> = EquivocationProof<<T as frame_system::Config>::Hash, BlockNumberFor<T>>;

/// KiB of the headers of a report, rounded up.
pub fn kib<Header: Encode>(first: &RootedHeader<Header>, second: &RootedHeader<Header>) -> u32 {
    let bytes = first.encoded_size().saturating_add(second.encoded_size());
    u32::try_from(bytes.div_ceil(1_024)).unwrap_or(u32::MAX)
}

/// Checks reports.
pub struct Reports<T>(PhantomData<T>);

impl<T: Config> Reports<T> {
    /// The offence that two headers prove.
    ///
    /// # Errors
    /// Those of `myelin_election::ReportError`, by name.
    pub fn blocks(
        first: &RootedHeader<HeaderFor<T>>,
        second: &RootedHeader<HeaderFor<T>>,
    ) -> Result<Finding<T::AccountId>, Error<T>> {
        let report = AuraReport { first: rooted::<T>(first)?, second: rooted::<T>(second)? };
        let slot_now = T::Seats::slot();
        let known = Known {
            now: slot_now,
            oldest: slot_now.saturating_sub(rules::<T>().report_window),
            author: |slot| History::<T>::author_of(slot).map(|(_, seat)| seat.aura),
            block: block_hash::<T>,
        };
        let (_, slot) = report.verify(&known, |key, message, signature| {
            let (key, signature) = (sr25519::Public::from(*key), sr25519::Signature::from(*signature));
            sp_io::crypto::sr25519_verify(&signature, message, &key)
        })?;
        let (term, seat) = History::<T>::author_of(slot).ok_or(Error::<T>::NoAuthor)?;
        Ok(Finding {
            hotkey: seat.hotkey.into(),
            offence: Offence::AuraEquivocation,
            term: term.number,
            seats: term.seats,
            committed: History::<T>::block_of(slot),
        })
    }

    /// The offence that two votes prove. Votes name no block in which they were made, so the last block of their set
    /// counts.
    ///
    /// # Errors
    /// `UnknownVoter`, `TooOld`, `NotProven`.
    pub fn votes(proof: &TwoVotes<T>) -> Result<Finding<T::AccountId>, Error<T>> {
        let known = History::<T>::voter_of(proof.set_id(), proof.offender().as_ref());
        let (term, seat, committed) = known.ok_or(Error::<T>::UnknownVoter)?;
        ensure!(Slash::is_in_time(committed, now::<T>(), &rules::<T>()), Error::<T>::TooOld);
        ensure!(check_equivocation_proof(proof.clone()), Error::<T>::NotProven);
        Ok(Finding {
            hotkey: seat.hotkey.into(),
            offence: Offence::GrandpaEquivocation,
            term: term.number,
            seats: term.seats,
            committed,
        })
    }

    /// The offence of a report, if the call is one.
    fn found(call: &Call<T>) -> Option<Result<Finding<T::AccountId>, Error<T>>> {
        match call {
            Call::report_blocks { first, second } => Some(Self::blocks(first, second)),
            Call::report_votes { proof } => Some(Self::votes(proof)),
            _ => None,
        }
    }

    /// Validity of a report without a signature, in the pool of this node or in a block.
    pub(crate) fn validate(source: TransactionSource, call: &Call<T>) -> TransactionValidity {
        if source == TransactionSource::External {
            return InvalidTransaction::Call.into();
        }
        let Finding { hotkey, offence, term, .. } = Self::fresh(call)?;
        ValidTransaction::with_tag_prefix("Offence")
            .priority(TransactionPriority::MAX)
            .and_provides((hotkey, offence, term))
            .longevity(LONGEVITY)
            .propagate(false)
            .build()
    }

    /// A report that proves an offence which nobody reported.
    pub(crate) fn fresh(call: &Call<T>) -> Result<Finding<T::AccountId>, TransactionValidityError> {
        let found = Self::found(call).ok_or(InvalidTransaction::Call)?;
        let finding = found.map_err(|_| InvalidTransaction::BadProof)?;
        let known = History::<T>::is_convicted(finding.term, &finding.hotkey, finding.offence);
        ensure!(!known, InvalidTransaction::Stale);
        Ok(finding)
    }
}

/// The report's header as the rules read it. A way back that is too long is not read.
fn rooted<T: Config>(from: &RootedHeader<HeaderFor<T>>) -> Result<Rooted, Error<T>> {
    ensure!(from.between.len() <= MOST_BETWEEN, Error::<T>::Unconnected);
    let read = |header: &HeaderFor<T>| Header::parse(&header.encode()).ok_or(Error::<T>::NotSealed);
    let between = from.between.iter().map(read).collect::<Result<_, _>>()?;
    Ok(Rooted { header: read(&from.header)?, between })
}

/// The hash of a block of this chain, as far back as the chain keeps it.
fn block_hash<T: Config>(height: u32) -> Option<Hash> {
    let hash = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::from(height));
    let hash: Hash = hash.as_ref().try_into().ok()?;
    (hash != Hash::default()).then_some(hash)
}
