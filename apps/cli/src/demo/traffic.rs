//! Transfers of an account that has no part in the votes, while the runtime is upgraded.

use std::future::Future;
use std::time::{Duration, Instant};

use myelin_chain_client::{ChainClient, Wait, FOLLOWING};
use myelin_wallet::Keypair;
use serde::Serialize;

use super::stage::pay;
use crate::output::Failure;

/// The account that sends, and the one that receives.
const PARTIES: [&str; 2] = ["//Eve", "//Ferdie"];
/// Longest time until a block holds a transfer: the time for which a client signs it again while its node follows an
/// upgrade.
const LIMIT: Duration = FOLLOWING;
/// Time between two transfers.
const PAUSE: Duration = Duration::from_millis(250);

/// The fate of the transfers.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Traffic {
    /// Milliseconds that each one waited for its block, sorted.
    pub waited_ms: Vec<u64>,
    /// Milliseconds since the last one was sent, if no block held it at the end.
    pub open_ms: Option<u64>,
    /// Reasons for which others were refused.
    pub refusals: Vec<String>,
}

impl Traffic {
    /// Whether there were transfers, none was refused, and none waited longer than [`LIMIT`].
    pub fn flows(&self) -> bool {
        let mut all = self.waited_ms.iter().chain(&self.open_ms);
        let is_in_time = |ms: &u64| Duration::from_millis(*ms) <= LIMIT;
        !self.waited_ms.is_empty() && self.refusals.is_empty() && all.all(is_in_time)
    }

    /// The fate in words.
    pub fn found(&self) -> String {
        let median = self.waited_ms.get(self.waited_ms.len() / 2).copied().unwrap_or_default();
        let longest = self.waited_ms.last().copied().unwrap_or_default();
        let seconds = |ms: u64| Duration::from_millis(ms).as_secs_f64();
        let open = match self.open_ms {
            Some(ms) => format!("; one is still open after {:.1} s", seconds(ms)),
            None => String::new(),
        };
        let refused = match self.refusals.first() {
            Some(first) => format!("; {} were refused, the first one: {first}", self.refusals.len()),
            None => String::new(),
        };
        format!(
            "{} transfers waited {:.1} s (median) and {:.1} s at most for a block{open}{refused}",
            self.waited_ms.len(),
            seconds(median),
            seconds(longest)
        )
    }

    /// Sends a transfer. `open` holds the time of its start until its result is known.
    async fn send(&mut self, open: &mut Option<Instant>, transfer: &impl AsyncFn() -> Result<(), String>) {
        let started = *open.insert(Instant::now());
        let sent = transfer().await;
        *open = None;
        match sent {
            Ok(()) => self.waited_ms.push(ms_since(started)),
            Err(error) => self.refusals.push(error),
        }
        tokio::time::sleep(PAUSE).await;
    }
}

fn ms_since(started: Instant) -> u64 {
    started.elapsed().as_millis() as u64
}

/// Sends one transfer after another until `work` is done.
pub async fn during(
    endpoint: &str,
    work: impl Future<Output = Result<(), Failure>>,
) -> Result<Traffic, Failure> {
    let chain = ChainClient::connect(endpoint).await?;
    let [sender, receiver] = PARTIES.map(Keypair::from_uri);
    let (sender, call) = (sender?, pay(receiver?.public(), 1));
    let transfer = async || match chain.submit(call.clone(), &sender, Wait::Inclusion).await {
        Ok(_) => Ok(()),
        Err(error) => Err(error.to_string()),
    };
    flow(work, transfer).await
}

/// Makes one transfer after another until `work` is done.
async fn flow(
    work: impl Future<Output = Result<(), Failure>>,
    transfer: impl AsyncFn() -> Result<(), String>,
) -> Result<Traffic, Failure> {
    let (mut traffic, mut open) = (Traffic::default(), None);
    let mut work = std::pin::pin!(work);
    loop {
        tokio::select! {
            done = &mut work => {
                done?;
                traffic.open_ms = open.map(ms_since);
                traffic.waited_ms.sort_unstable();
                return Ok(traffic);
            }
            () = traffic.send(&mut open, &transfer) => {}
        }
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// Three transfers, all in blocks.
    pub fn good() -> Traffic {
        Traffic { waited_ms: vec![250, 300, 21_000], ..Traffic::default() }
    }

    #[tokio::test]
    async fn a_transfer_that_hangs_at_the_end_is_open() {
        async fn work() -> Result<(), Failure> {
            tokio::time::sleep(PAUSE / 10).await;
            Ok(())
        }
        let hangs = flow(work(), async || std::future::pending().await).await.expect("the work succeeds");
        assert!(hangs.waited_ms.is_empty() && hangs.open_ms.is_some(), "{hangs:?}");
        let ends = flow(work(), async || Ok(())).await.expect("the work succeeds");
        assert!(!ends.waited_ms.is_empty() && ends.open_ms.is_none(), "the work ended in a pause: {ends:?}");
    }

    #[test]
    fn transfers_flow_if_none_is_refused_and_none_waits_too_long() {
        assert!(good().flows() && !Traffic::default().flows());
        assert_eq!(good().found(), "3 transfers waited 0.3 s (median) and 21.0 s at most for a block");
        let refused = Traffic { refusals: vec!["BadProof".into()], ..good() };
        assert!(!refused.flows() && refused.found().ends_with("; 1 were refused, the first one: BadProof"));
        let open = Traffic { open_ms: Some(2_000), ..good() };
        assert!(open.flows() && open.found().ends_with("for a block; one is still open after 2.0 s"));
        assert!(!Traffic { open_ms: Some(60_001), ..good() }.flows());
        assert!(!Traffic { waited_ms: vec![250, 60_001], ..good() }.flows());
    }
}
