//! Running miners and validators: their common loop, and their reports as lines, a file for other terminals, metrics.

pub mod backend;
pub mod metrics;
pub mod node;
pub mod sole;
pub mod status;

use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use clap::Args;
use futures::future::{join_all, select_all};
use myelin_chain_client::ChainClient;
use serde::Serialize;
use serde_json::{json, Value};

use crate::commands::stop_signal;
use crate::output::Outcome;
use crate::Global;

/// Longest time for work under way when the command is stopped.
const GRACE: Duration = Duration::from_secs(3);

/// A miner or validator at work.
pub trait Post {
    /// Reports the work until it ends by itself, which is a failure.
    fn watch(&mut self, chain: &ChainClient, every: Duration) -> impl Future<Output = Outcome>;

    /// Ends the work, at the latest after `grace`.
    fn shutdown(self, grace: Duration) -> impl Future<Output = ()>;
}

/// Reports the work of at least one post, and ends it at a signal or when a post has ended by itself.
pub async fn attend(
    mut posts: Vec<impl Post>,
    chain: &ChainClient,
    watching: &Watching,
    voice: &Voice,
    stopped: &str,
) -> Outcome {
    let every = Duration::from_secs(watching.report_every);
    let ended = tokio::select! {
        () = stop_signal() => Ok(()),
        () = node::watch(chain, voice) => Ok(()),
        (ended, ..) = select_all(posts.iter_mut().map(|post| Box::pin(post.watch(chain, every)))) => ended,
    };
    join_all(posts.into_iter().map(|post| post.shutdown(GRACE))).await;
    ended?;
    voice.say("stopped", stopped, json!({}));
    Ok(())
}

/// How a running miner or validator is watched.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Watching it")]
pub struct Watching {
    /// Seconds between two lines about the work done.
    #[arg(
        long,
        env = "MYELIN_REPORT_EVERY",
        value_name = "SECONDS",
        default_value_t = 60,
        value_parser = clap::value_parser!(u64).range(1..=86_400)
    )]
    pub report_every: u64,
    /// Serve metrics for Prometheus at http://ADDRESS/metrics, and http://ADDRESS/health.
    #[arg(long, env = "MYELIN_METRICS", value_name = "ADDRESS", alias = "prometheus")]
    pub metrics: Option<SocketAddr>,
}

impl Watching {
    /// Serves metrics at the requested address, and prints the address.
    pub async fn serve_metrics(&self, voice: &Voice, source: impl FnOnce() -> metrics::Source) -> Outcome {
        let Some(at) = self.metrics else { return Ok(()) };
        let at = metrics::serve(at, source()).await?;
        let value = json!({ "address": at.to_string() });
        voice.say("metrics", &format!("metrics at http://{at}/metrics"), value);
        Ok(())
    }
}

/// Beginning of the lines about a subnet, if there are several.
pub fn name_of(netuid: u16, several: bool) -> String {
    match several {
        true => format!("subnet {netuid}, "),
        false => String::new(),
    }
}

/// The output of a running command: lines for people, or a JSON object in a line each for programs.
#[derive(Clone, Debug)]
pub struct Voice {
    as_json: bool,
    /// Beginning of the lines, if there are several subnets.
    name: String,
    netuid: Option<u16>,
}

impl Voice {
    /// The voice of the whole process.
    pub fn of_process(global: &Global) -> Self {
        Voice { as_json: global.json, name: String::new(), netuid: None }
    }

    /// The voice of one of its subnets.
    pub fn of_subnet(global: &Global, netuid: u16, several: bool) -> Self {
        Voice { as_json: global.json, name: name_of(netuid, several), netuid: Some(netuid) }
    }

    /// The beginning of its lines.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether the output is for programs.
    pub fn is_for_programs(&self) -> bool {
        self.as_json
    }

    /// Reports an event.
    pub fn say(&self, event: &str, text: &str, value: impl Serialize) {
        if !self.as_json {
            crate::output::say!("{}{text}", self.name);
            return;
        }
        let mut line = json!({ "event": event });
        if let (Some(line), Some(netuid)) = (line.as_object_mut(), self.netuid) {
            line.insert("netuid".into(), netuid.into());
        }
        match serde_json::to_value(value) {
            Ok(Value::Object(fields)) => {
                line.as_object_mut().into_iter().for_each(|line| line.extend(fields.clone()))
            }
            Ok(Value::Null) => line["text"] = text.into(),
            Ok(other) => line["value"] = other,
            Err(error) => line["error"] = error.to_string().into(),
        }
        crate::output::say!("{line}");
    }
}
