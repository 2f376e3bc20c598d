//! `myelin ask`: a question to the best miner of a subnet, on the terminal.

use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use myelin_neuron::dendrite::{Dendrite, Query, Target};
use myelin_subnet::exchange::SynapseNames;
use myelin_text::protocol::{ChatMessage, TextRequest, TextResponse};
use myelin_text::TextSubnet;

use super::connect;
use crate::keys::Keys;
use crate::output::{self, brief, fail, Outcome};
use crate::Global;

/// A question to the miners of a text subnet, best first.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    myelin ask --netuid 2 --hotkey validator1 'fn main() {'\n  \
    myelin ask --netuid 2 --hotkey validator1 --suffix '\\n}' 'let x = '\n  \
    myelin ask --netuid 2 --hotkey validator1 --chat 'What is a mutex?'")]
pub struct Ask {
    /// The subnet.
    #[arg(long, short = 'n', env = "MYELIN_NETUID")]
    netuid: u16,
    #[command(flatten)]
    keys: Keys,
    /// Text to continue, or what to say with --chat.
    prompt: String,
    /// Text after the gap that is to be filled.
    #[arg(long, conflicts_with = "chat")]
    suffix: Option<String>,
    /// Ask as a message of a conversation.
    #[arg(long)]
    chat: bool,
    /// Most tokens to generate.
    #[arg(long, default_value_t = 48, value_parser = clap::value_parser!(u32).range(1..=1024))]
    max_tokens: u32,
    /// 0 for the likeliest text, 1 to sample freely.
    #[arg(long, default_value_t = 0.0)]
    temperature: f32,
    /// Ask this miner instead of the one with the highest incentive.
    #[arg(long)]
    uid: Option<u16>,
}

impl Ask {
    /// Asks miners in the order of their incentive until one answers.
    pub async fn run(self, global: &Global) -> Outcome {
        let chain = connect(global).await?;
        let hotkey = Arc::new(self.keys.hotkey(global)?);
        let graph = chain.metagraph(self.netuid, None).await?;
        let mut miners: Vec<_> = graph
            .serving()
            .filter(|neuron| self.uid.is_none_or(|uid| neuron.uid == uid))
            // Miners that keep what they earn hold permits too, so a permit says nothing; incentive does.
            .filter(|neuron| neuron.incentive > 0 || self.uid.is_some())
            .collect();
        miners.sort_by_key(|neuron| (std::cmp::Reverse(neuron.incentive), neuron.uid));
        if miners.is_empty() {
            return fail(match self.uid {
                Some(uid) => format!("uid {uid} has announced no axon on subnet {}", self.netuid),
                None => format!(
                    "no miner of subnet {} with an axon has earned anything yet; choose one with --uid",
                    self.netuid
                ),
            });
        }
        let mut request = TextRequest {
            max_tokens: self.max_tokens,
            temperature: self.temperature,
            ..TextRequest::default()
        };
        if self.chat {
            request.messages = vec![ChatMessage { role: "user".into(), content: self.prompt.clone() }];
        } else {
            request.prompt.clone_from(&self.prompt);
            request.suffix.clone_from(&self.suffix);
        }
        request.check()?;
        let body = serde_json::to_vec(&request)?;
        let names = SynapseNames::of::<TextSubnet>();
        let protected: [&str; 0] = [];
        let query = Query::new(&names.answer, body, &protected)?.timeout(Duration::from_secs(30));
        let dendrite = Dendrite::new(hotkey);
        let mut refusals = Vec::new();
        for miner in miners.into_iter().take(5) {
            let Some(address) = miner.axon else { continue };
            let answer = dendrite.query(Target { hotkey: miner.hotkey.0, address }, &query).await;
            if answer.status.code == 200 {
                let response: TextResponse = serde_json::from_slice(&answer.body)?;
                if global.json {
                    return output::json(&serde_json::json!({
                        "uid": miner.uid,
                        "completion": response.completion,
                        "milliseconds": answer.elapsed.as_millis() as u64,
                    }));
                }
                println!(
                    "{}{}{}",
                    self.prompt_shown(),
                    response.completion,
                    self.suffix.as_deref().unwrap_or_default()
                );
                eprintln!(
                    "\nuid {} ({}), {} ms",
                    miner.uid,
                    brief(&miner.hotkey),
                    answer.elapsed.as_millis()
                );
                return Ok(());
            }
            refusals.push(format!("uid {}: {} {}", miner.uid, answer.status.code, answer.status.message));
        }
        fail(format!(
            "no miner answered ({}); miners answer validators with a permit, so ask with such a hotkey",
            refusals.join("; ")
        ))
    }

    fn prompt_shown(&self) -> &str {
        if self.chat {
            ""
        } else {
            &self.prompt
        }
    }
}
