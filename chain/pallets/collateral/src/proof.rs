//! What the chain checks of a report.

use frame_system::pallet_prelude::BlockNumberFor;
use myelin_abi::{ChallengeAudience, EquivocationReport, SaidAnswer};
use myelin_units::NetUid;
use myelin_wire::{
    equivocation::report::{ChallengeOrigin, Report, Said},
    seed::{Audience, SeedContext},
};
use sp_core::sr25519;
use sp_runtime::traits::Zero;

use crate::pallet::Config;

/// Whether the source block of the challenge is a block of this chain whose hash is still known.
pub fn is_on_chain<T: Config>(report: &EquivocationReport) -> bool {
    let Ok(number) = BlockNumberFor::<T>::try_from(report.source_block) else { return false };
    let known = frame_system::Pallet::<T>::block_hash(number);
    known != T::Hash::default() && known.as_ref() == report.source_hash.as_slice()
}

/// Whether the report proves that its miner contradicted itself on this chain and this subnet.
pub fn convicts<T: Config>(netuid: NetUid, report: &EquivocationReport) -> bool {
    let Ok(genesis) = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero()).as_ref().try_into()
    else {
        return false;
    };
    let context = SeedContext {
        genesis,
        netuid,
        epoch: report.epoch,
        round: report.round,
        audience: match report.audience {
            ChallengeAudience::Round => Audience::Round,
            ChallengeAudience::Miner(hotkey) => Audience::Miner(hotkey),
        },
        source_block: report.source_block,
        source_hash: report.source_hash,
    };
    let origin = ChallengeOrigin {
        context,
        signer: report.seed_signer,
        output: report.seed_output,
        task: report.task,
        committed: report.committed,
    };
    let answers = report.answers.map(|SaidAnswer { request_hash, answer_hash, model_id, signature }| Said {
        request_hash,
        answer_hash,
        model_id,
        signature,
    });
    Report { origin, validator: report.validator, miner: report.miner, answers }
        .verify(|key, message, signature| {
            let (key, signature) = (sr25519::Public::from(*key), sr25519::Signature::from(*signature));
            sp_io::crypto::sr25519_verify(&signature, message, &key)
        })
        .is_ok()
}
