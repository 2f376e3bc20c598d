//! Check of the sender of calls that only the sudo key may make.

use codec::{Decode, DecodeWithMemTracking, Encode};
use frame_support::pallet_prelude::Weight;
use scale_info::TypeInfo;
use sp_runtime::{
    impl_tx_ext_default,
    traits::{AsSystemOriginSigner, DispatchInfoOf, TransactionExtension, ValidateResult},
    transaction_validity::{InvalidTransaction, TransactionSource, ValidTransaction},
};

use crate::{Runtime, RuntimeCall, RuntimeOrigin};

/// Keeps calls of `Sudo` by anybody but the sudo key out of blocks. Adds no bytes to a transaction.
#[derive(Encode, Decode, DecodeWithMemTracking, TypeInfo, Clone, Default, Debug, Eq, PartialEq)]
pub struct SudoTransactionExtension;

impl TransactionExtension<RuntimeCall> for SudoTransactionExtension {
    const IDENTIFIER: &'static str = "SudoTransactionExtension";
    type Implicit = ();
    type Val = ();
    type Pre = ();

    fn weight(&self, call: &RuntimeCall) -> Weight {
        match call {
            RuntimeCall::Sudo(_) => <Runtime as frame_system::Config>::DbWeight::get().reads(1),
            _ => Weight::zero(),
        }
    }

    fn validate(
        &self,
        origin: RuntimeOrigin,
        call: &RuntimeCall,
        _info: &DispatchInfoOf<RuntimeCall>,
        _len: usize,
        _implicit: Self::Implicit,
        _implication: &impl Encode,
        _source: TransactionSource,
    ) -> ValidateResult<Self::Val, RuntimeCall> {
        if let (RuntimeCall::Sudo(_), Some(signer)) = (call, origin.as_system_origin_signer()) {
            if pallet_sudo::Key::<Runtime>::get().as_ref() != Some(signer) {
                return Err(InvalidTransaction::BadSigner.into());
            }
        }
        Ok((ValidTransaction::default(), (), origin))
    }

    impl_tx_ext_default!(RuntimeCall; prepare);
}
