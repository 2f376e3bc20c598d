//! Errors between a program and the chain.

/// Shorthand for results of this crate.
pub type Result<T> = std::result::Result<T, ChainError>;

/// Reason why a query or submission failed, and the next step.
#[derive(Debug, thiserror::Error)]
pub enum ChainError {
    /// The node could not be reached.
    #[error("no node answers at {url}: {reason}; start one with `myelin net up`, or pass --endpoint ws://HOST:PORT")]
    Unreachable {
        /// Endpoint that was tried.
        url: String,
        /// Message of the transport.
        reason: String,
    },
    /// The node's runtime lacks something this program relies on, or has it in another shape.
    #[error("the runtime at {url} does not fit this program: {}; use a version of `myelin` that matches the node", .missing.join(", "))]
    Incompatible {
        /// Endpoint that was checked.
        url: String,
        /// Every item that is missing or differs.
        missing: Vec<String>,
    },
    /// The connection failed during a request and did not come back in time.
    #[error("the connection to the node failed: {0}; is it still running?")]
    Connection(String),
    /// The node's answer has an unexpected form.
    #[error("the node's answer to {what} could not be read: {reason}")]
    Undecodable {
        /// The request.
        what: String,
        /// Defect of the answer.
        reason: String,
    },
    /// The transaction pool refused the extrinsic before it entered a block.
    #[error("refused by the transaction pool: {name}{}", hint(.explanation))]
    Pool {
        /// Official name of the refusal, for example `RateLimitExceeded`.
        name: String,
        /// Meaning of the refusal.
        explanation: String,
    },
    /// The extrinsic was included, and the runtime refused it. Nothing changed but the fee and the nonce.
    #[error("refused by the chain: {pallet}.{name}{}", hint(.explanation))]
    Refused {
        /// Pallet that refused.
        pallet: String,
        /// The error's name, for example `NotEnoughBalanceToStake`.
        name: String,
        /// The error's documentation.
        explanation: String,
    },
    /// The extrinsic did not reach a block before its validity ended.
    #[error("the extrinsic was not included within its {0} blocks of validity; the node may be stalled or overloaded, try again")]
    Expired(u64),
    /// Waiting for something took longer than allowed.
    #[error("{what} did not happen within {seconds} s")]
    TimedOut {
        /// The event that was awaited.
        what: String,
        /// Allowed time.
        seconds: u64,
    },
    /// The node keeps the state of the last blocks only, and this block is older.
    #[error("the node no longer has the state of block {block}; a node that runs with --archive keeps it")]
    Pruned {
        /// The block.
        block: crate::Hash,
    },
    /// The requested item does not exist.
    #[error("{0}")]
    NotFound(String),
}

fn hint(explanation: &str) -> String {
    if explanation.is_empty() {
        String::new()
    } else {
        format!(" ({explanation})")
    }
}

impl ChainError {
    pub(crate) fn undecodable(what: impl Into<String>, reason: impl std::fmt::Display) -> Self {
        ChainError::Undecodable { what: what.into(), reason: reason.to_string() }
    }

    /// A refusal with one more sentence of explanation; other errors stay as they are.
    pub(crate) fn explained(mut self, more: &str) -> Self {
        if let ChainError::Pool { explanation, .. } | ChainError::Refused { explanation, .. } = &mut self {
            if !explanation.is_empty() {
                explanation.push(' ');
            }
            explanation.push_str(more);
        }
        self
    }

    /// Whether the node answered, and its answer is missing or of another form: a fault of what was asked for, not of
    /// the connection.
    pub fn is_of_content(&self) -> bool {
        matches!(self, ChainError::Undecodable { .. } | ChainError::NotFound(_))
    }

    /// Name of the chain's or pool's refusal, if this is one.
    pub fn refusal(&self) -> Option<&str> {
        match self {
            ChainError::Refused { name, .. } | ChainError::Pool { name, .. } => Some(name),
            _ => None,
        }
    }
}

impl From<subxt::rpcs::Error> for ChainError {
    fn from(error: subxt::rpcs::Error) -> Self {
        ChainError::Connection(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_connection_is_no_fault_of_the_content() {
        let lost = [
            ChainError::Connection("gone".into()),
            ChainError::TimedOut { what: "block 7".into(), seconds: 1 },
            ChainError::Pruned { block: crate::Hash([1; 32]) },
        ];
        assert!(lost.iter().all(|error| !error.is_of_content()));
        let content = [ChainError::undecodable("the call", "bytes"), ChainError::NotFound("grant 9".into())];
        assert!(content.iter().all(ChainError::is_of_content));
    }
}
