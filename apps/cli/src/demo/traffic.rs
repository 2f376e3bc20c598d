//! Transfers of an account that has no part in the votes, while the runtime is upgraded.

use std::future::Future;
use std::time::{Duration, Instant};

use myelin_chain_client::{AnyCall, ChainClient, Wait};
use myelin_wallet::Keypair;
use serde::Serialize;

use super::stage::pay;
use crate::output::Failure;

/// The account that sends, and the one that receives.
const PARTIES: [&str; 2] = ["//Eve", "//Ferdie"];
/// Time between two transfers.
const PAUSE: Duration = Duration::from_millis(250);

/// The fate of the transfers.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Traffic {
    /// Milliseconds that each one waited for its block, sorted.
    pub waited_ms: Vec<u64>,
    /// Reasons for which others were refused.
    pub refusals: Vec<String>,
}

impl Traffic {
    /// Whether there were transfers, and a block holds every one of them.
    pub fn flows(&self) -> bool {
        !self.waited_ms.is_empty() && self.refusals.is_empty()
    }

    /// The fate in words.
    pub fn found(&self) -> String {
        let median = self.waited_ms.get(self.waited_ms.len() / 2).copied().unwrap_or_default();
        let longest = self.waited_ms.last().copied().unwrap_or_default();
        let refused = match self.refusals.first() {
            Some(first) => format!("; {} were refused, the first one: {first}", self.refusals.len()),
            None => String::new(),
        };
        let seconds = |ms: u64| Duration::from_millis(ms).as_secs_f64();
        format!(
            "{} transfers waited {:.1} s (median) and {:.1} s at most for a block{refused}",
            self.waited_ms.len(),
            seconds(median),
            seconds(longest)
        )
    }

    async fn send(&mut self, chain: &ChainClient, call: &AnyCall, sender: &Keypair) {
        let started = Instant::now();
        match chain.submit(call.clone(), sender, Wait::Inclusion).await {
            Ok(_) => self.waited_ms.push(started.elapsed().as_millis() as u64),
            Err(error) => self.refusals.push(error.to_string()),
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Sends one transfer after another until `work` is done.
pub async fn during(
    endpoint: &str,
    work: impl Future<Output = Result<(), Failure>>,
) -> Result<Traffic, Failure> {
    let chain = ChainClient::connect(endpoint).await?;
    let [sender, receiver] = PARTIES.map(Keypair::from_uri);
    let (sender, call) = (sender?, pay(receiver?.public(), 1));
    let mut traffic = Traffic::default();
    let mut work = std::pin::pin!(work);
    loop {
        tokio::select! {
            done = &mut work => {
                done?;
                traffic.waited_ms.sort_unstable();
                return Ok(traffic);
            }
            () = traffic.send(&chain, &call, &sender) => {}
        }
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// Three transfers, all in blocks.
    pub fn good() -> Traffic {
        Traffic { waited_ms: vec![250, 300, 21_000], refusals: Vec::new() }
    }

    #[test]
    fn transfers_flow_if_a_block_holds_every_one() {
        assert!(good().flows() && !Traffic::default().flows());
        assert_eq!(good().found(), "3 transfers waited 0.3 s (median) and 21.0 s at most for a block");
        let refused = Traffic { refusals: vec!["BadProof".into()], ..good() };
        assert!(!refused.flows() && refused.found().ends_with("; 1 were refused, the first one: BadProof"));
    }
}
