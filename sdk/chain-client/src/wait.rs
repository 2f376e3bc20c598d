//! Waits of calls: the block from which a call is allowed, and the time until then.

use std::fmt;

use codec::Encode;
use myelin_abi::Account;
use myelin_wire::sr25519::Signer;

use crate::call::AnyCall;
use crate::{ChainClient, ChainError, Result};

/// Time from which no rate limit, freeze window or reveal epoch prevents a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allowed {
    /// In the next block.
    Now,
    /// Not before.
    At {
        /// First block that can hold it.
        block: u64,
        /// About how many seconds from now.
        seconds: u64,
    },
    /// In no block that is known now.
    Never,
}

/// Refusals that a later block may not repeat, besides rate limits.
const PASSING: [&str; 15] = [
    "AdminActionProhibitedDuringWeightsWindow",
    "AutoEpochAlreadyImminent",
    "CommitBlockNotInRevealRange",
    "EpochTriggerAlreadyPending",
    "HotKeySwapOnSubnetIntervalNotPassed",
    "NeedWaitingMoreBlocksToStarCall",
    "RegistrationPriceLimitExceeded",
    "RevealTooEarly",
    "SpaceLimitExceeded",
    "Staying",
    "SubNetRegistrationDisabled",
    "SubnetLimitReached",
    "TooManyRegistrationsThisBlock",
    "TooManyRegistrationsThisInterval",
    "TooManyUnrevealedCommits",
];

/// Whether waiting can help against a refusal of this name.
fn passes(name: &str) -> bool {
    name.ends_with("RateLimitExceeded") || name.ends_with("TooFast") || PASSING.contains(&name)
}

impl ChainError {
    /// Whether this is a refusal that a later block may not repeat.
    pub fn may_pass(&self) -> bool {
        self.refusal().is_some_and(passes)
    }
}

impl fmt::Display for Allowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Allowed::Now => f.write_str("now"),
            Allowed::At { block, seconds } => write!(f, "at block {block}, in about {}", duration(*seconds)),
            Allowed::Never => f.write_str("at no block that is known now"),
        }
    }
}

/// A duration in the largest units that matter.
pub fn duration(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min", seconds.div_ceil(60)),
        3_600..172_800 => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
        _ => format!("{} d {} h", seconds / 86_400, seconds % 86_400 / 3_600),
    }
}

impl ChainClient {
    /// Time from which the chain's waits allow this call by this account. Other conditions of the call are not checked.
    ///
    /// Fails on a chain that does not answer the question, as official ones do not.
    pub async fn allowed_at(&self, call: impl Into<AnyCall>, signer: &Account) -> Result<Allowed> {
        let runtime = self.runtime().await;
        if runtime.at.metadata_ref().runtime_api_trait_by_name("WaitRuntimeApi").is_none() {
            return Err(ChainError::NotFound("this chain does not say when calls may be made".into()));
        }
        let arguments = [signer.encode(), self.encode(&call.into()).await?].concat();
        let best = self.best_block().await?;
        let first: Option<u64> =
            self.runtime_call("WaitRuntimeApi_allowed_at", &arguments, Some(best.hash)).await?;
        Ok(match first {
            None => Allowed::Never,
            Some(block) if block <= best.number + 1 => Allowed::Now,
            Some(block) => self.until(block).await?,
        })
    }

    /// A block from which on something is allowed, with the time until then.
    pub async fn until(&self, block: u64) -> Result<Allowed> {
        let blocks = block.saturating_sub(self.best_block().await?.number);
        let wait_ms = blocks.saturating_mul(self.slot_duration_ms().await?);
        Ok(Allowed::At { block, seconds: wait_ms.div_ceil(1_000) })
    }

    /// Adds the block at which waiting will have helped to a refusal, if the chain knows one.
    pub(crate) async fn with_wait(
        &self,
        error: ChainError,
        call: &AnyCall,
        signer: &dyn Signer,
    ) -> ChainError {
        if !error.may_pass() {
            return error;
        }
        match self.allowed_at(call.clone(), &Account(signer.public())).await {
            Ok(wait @ Allowed::At { .. }) => error.explained(&format!("it can succeed {wait}")),
            _ => error,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_names_block_and_time() {
        let text = Allowed::At { block: 1_234, seconds: 290 }.to_string();
        assert_eq!(text, "at block 1234, in about 5 min");
        assert_eq!(duration(9), "9 s");
        assert_eq!(duration(8_640), "2 h 24 min");
        assert_eq!(duration(2_592_000), "30 d 0 h");
    }

    #[test]
    fn waiting_helps_against_some_refusals_only() {
        for name in ["TxRateLimitExceeded", "RateLimitExceeded", "SettingWeightsTooFast", "RevealTooEarly"] {
            assert!(passes(name), "{name}");
        }
        for name in ["NotSubnetOwner", "InvalidChild", "BadOrigin", "SlippageTooHigh"] {
            assert!(!passes(name), "{name}");
        }
    }

    #[test]
    fn a_refusal_keeps_its_name_and_explanation() {
        let refused = ChainError::Refused {
            pallet: "SubtensorModule".into(),
            name: "TxRateLimitExceeded".into(),
            explanation: "wait.".into(),
        };
        let text = refused.explained("it can succeed at block 7, in about 3 s").to_string();
        assert!(
            text.contains("TxRateLimitExceeded (wait. it can succeed at block 7, in about 3 s)"),
            "{text}"
        );
        let bare = ChainError::Pool { name: "RateLimitExceeded".into(), explanation: String::new() };
        assert!(bare.explained("it can succeed now").to_string().ends_with("(it can succeed now)"));
    }
}
