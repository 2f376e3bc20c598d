//! Cost and effect of a call, without sending it.

use codec::Encode;
use myelin_abi::Account;
use myelin_wire::sr25519::Signer;

use crate::call::AnyCall;
use crate::submit::{meaning, pool_code, refusal, VALIDITY_BLOCKS};
use crate::{ChainClient, ChainError, Result};

/// Refusals of a dry run that do not predict the next block: other transactions of the account are on their way, or the
/// newest block was full.
const OF_THE_BLOCK: [&str; 4] = ["Future", "Outdated", "AncientBirthBlock", "ExhaustsResources"];

/// An account that signs with zeros, as many bytes as a real signature: for questions about transactions of this
/// account.
struct Unsigned(Account);

impl Signer for Unsigned {
    fn public(&self) -> [u8; 32] {
        self.0 .0
    }

    fn sign(&self, _: &[u8]) -> [u8; 64] {
        [0; 64]
    }
}

impl ChainClient {
    /// Highest cost of a call by this account, in rao; the chain does not charge unneeded weight. No key is needed.
    ///
    /// The chain is asked about the whole transaction, because the bytes around a call are paid for too.
    pub async fn fee(&self, call: impl Into<AnyCall>, payer: &Account) -> Result<u64> {
        self.current_runtime().await?;
        // The longest nonce: each byte costs, and others may be used before this call is sent.
        let nonce = u64::from(u32::MAX);
        let signed = self.sign(&call.into(), &Unsigned(*payer), nonce, Some(VALIDITY_BLOCKS)).await?.bytes;
        let length = (signed.len() as u32).encode();
        // RuntimeDispatchInfo: weight (two compact u64), class (u8), partial_fee (u64).
        type Info = ((codec::Compact<u64>, codec::Compact<u64>), u8, u64);
        let arguments = [signed, length].concat();
        let info: Info = self.runtime_call("TransactionPaymentApi_query_info", &arguments, None).await?;
        Ok(info.2)
    }

    /// The refusal that [`submit`](Self::submit) would be likely to end with, found by a dry run before anything is
    /// paid. `None` if the call would succeed, or if its refusal depends on the block that will hold it. Such a refusal
    /// comes from a wait that ends with that block, a transaction in front of the call, or the load of the newest
    /// block.
    pub async fn foreseen_refusal(
        &self,
        call: impl Into<AnyCall>,
        signer: &dyn Signer,
    ) -> Result<Option<ChainError>> {
        match self.dry_run(call, signer).await {
            Ok(()) => Ok(None),
            Err(error) => match error.refusal() {
                None => Err(error),
                Some(name) if error.may_pass() || OF_THE_BLOCK.contains(&name) => Ok(None),
                Some(_) => Ok(Some(error)),
            },
        }
    }

    /// Signs a call and lets the node execute it on the state of the best block, which stays as it is.
    ///
    /// The error is the refusal that [`submit`](Self::submit) would end with. The result of a call that another call
    /// carries (a proxy, a batch, sudo) stands in events, which are not returned here.
    pub async fn dry_run(&self, call: impl Into<AnyCall>, signer: &dyn Signer) -> Result<()> {
        let runtime = self.current_runtime().await?;
        let nonce = self.nonce(signer).await?;
        // The state of a block does not know that block's hash, which may be the last final one: no validity.
        let signed = self.sign(&call.into(), signer, nonce, None).await?.bytes;
        let answer = self.inner.rpc.state_call("BlockBuilder_apply_extrinsic", Some(&signed), None).await?;
        // Result<Result<(), DispatchError>, TransactionValidityError>
        match answer.as_slice() {
            [0, 0, ..] => Ok(()),
            [0, 1, error @ ..] => Err(refusal(error, &runtime)),
            [1, error @ ..] => Err(invalid(error)),
            _ => Err(ChainError::undecodable("the dry run", "it is empty")),
        }
    }
}

/// Reason why the chain would not take an extrinsic into a block: the encoded `TransactionValidityError`.
fn invalid(error: &[u8]) -> ChainError {
    let name = match error {
        [0, 7, code, ..] => pool_code(usize::from(*code)),
        [0, 1, ..] => "CannotPayFees",
        [0, 2, ..] => "Future",
        [0, 3, ..] => "Outdated",
        [0, 4, ..] => "BadProof",
        [0, 5, ..] => "AncientBirthBlock",
        [0, 6, ..] => "ExhaustsResources",
        [0, 0 | 8.., ..] => "BadRequest",
        _ => "Invalid",
    };
    ChainError::Pool { name: name.into(), explanation: meaning(name).into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_before_execution_keeps_its_official_name() {
        assert_eq!(invalid(&[0, 7, 6]).refusal(), Some("RateLimitExceeded"));
        assert_eq!(invalid(&[0, 1]).refusal(), Some("CannotPayFees"));
        assert_eq!(invalid(&[0, 7, 200]).refusal(), Some("BadRequest"));
        assert_eq!(invalid(&[]).refusal(), Some("Invalid"));
    }
}
