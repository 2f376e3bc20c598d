//! Transactions as clients make them, for the programs that test and measure the runtime natively.

use codec::Encode;
use sp_core::{sr25519, Pair};
use sp_runtime::generic::Era;

use crate::{
    AccountId, Address, Balance, Hash, Nonce, RuntimeCall, Signature, SignedPayload, TxExtension,
    UncheckedExtrinsic, VERSION,
};

/// Extensions beside a call: immortal, this nonce and tip (rao), no metadata hash.
pub fn extension(nonce: Nonce, tip: Balance) -> TxExtension {
    (
        frame_system::CheckNonZeroSender::new(),
        frame_system::CheckSpecVersion::new(),
        frame_system::CheckTxVersion::new(),
        frame_system::CheckGenesis::new(),
        frame_system::CheckEra::from(Era::Immortal),
        frame_system::CheckNonce::from(nonce),
        frame_system::CheckWeight::new(),
        pallet_transaction_payment::ChargeTransactionPayment::from(tip),
        crate::sudo::SudoTransactionExtension,
        pallet_network::extension::SubtensorTransactionExtension::new(),
        frame_metadata_hash_extension::CheckMetadataHash::new(false),
    )
}

/// A call signed by the account of a key, for the chain whose first block has this hash.
pub fn sign(
    pair: &sr25519::Pair,
    nonce: Nonce,
    genesis: Hash,
    call: impl Into<RuntimeCall>,
) -> UncheckedExtrinsic {
    let implicit =
        ((), VERSION.spec_version, VERSION.transaction_version, genesis, genesis, (), (), (), (), (), None);
    let payload = SignedPayload::from_raw(call.into(), extension(nonce, 0), implicit);
    let signature = payload.using_encoded(|bytes| pair.sign(bytes));
    let (call, extension, _) = payload.deconstruct();
    let signer = Address::Id(AccountId::from(pair.public().0));
    UncheckedExtrinsic::new_signed(call, signer, Signature::Sr25519(signature), extension)
}
