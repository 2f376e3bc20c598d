//! Watches whether the node answers: reports its silence once, and the end of it.

use std::time::{Duration, Instant};

use myelin_chain_client::ChainClient;
use serde_json::json;

use super::Voice;

/// Time between two requests.
const EVERY: Duration = Duration::from_secs(5);
/// Longest time for an answer.
const PATIENCE: Duration = Duration::from_secs(4);

/// Watches a node until the command ends.
pub async fn watch(chain: &ChainClient, voice: &Voice) {
    let mut silent: Option<Instant> = None;
    loop {
        let asked = Instant::now();
        let answered = tokio::time::timeout(PATIENCE, chain.best_block()).await;
        match (matches!(answered, Ok(Ok(_))), silent) {
            (false, None) => {
                silent = Some(asked);
                let text = format!(
                    "the node at {} does not answer; it is asked again until it does, and what needs no node goes on",
                    chain.url()
                );
                voice.say("node_silent", &text, json!({ "endpoint": chain.url() }));
            }
            (true, Some(since)) => {
                silent = None;
                let seconds = since.elapsed().as_secs();
                let text = format!("the node answers again after {seconds} s");
                voice.say("node_answers", &text, json!({ "seconds": seconds }));
            }
            _ => {}
        }
        tokio::time::sleep(EVERY).await;
    }
}
