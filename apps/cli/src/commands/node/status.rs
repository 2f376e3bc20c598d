//! `myelin node status`: what a node says of itself.

use std::time::{Duration, Instant};

use clap::Args;
use myelin_chain_client::{duration, NodeClient, NodeReport};
use serde::Serialize;
use tokio::time::timeout_at;

use crate::output::{self, fail, grouped, Failure, Outcome};
use crate::Global;

/// Time between two looks, from which the pace is counted.
const BETWEEN: Duration = Duration::from_secs(2);

/// Whether to wait.
#[derive(Args)]
pub struct Status {
    /// Wait up to so many seconds until the node answers and has caught up.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..=86_400))]
    wait: Option<u32>,
}

/// The values that are shown.
#[derive(Serialize)]
struct Shown {
    endpoint: String,
    chain: String,
    genesis: String,
    program: String,
    version: String,
    spec_version: u32,
    roles: Vec<String>,
    peers: usize,
    best_block: u64,
    finalized_block: u64,
    target_block: u64,
    caught_up: bool,
    remaining_blocks: u64,
    blocks_per_second: Option<f64>,
    remaining_seconds: Option<u64>,
    peer_id: String,
    addresses: Vec<String>,
    #[serde(skip)]
    is_lonely: bool,
}

impl Status {
    /// Asks the node, and shows what it says.
    pub async fn run(self, global: &Global) -> Outcome {
        let url = global.endpoint.url()?;
        let shown = match self.wait {
            Some(seconds) => wait(url, Duration::from_secs(seconds.into())).await?,
            None => {
                let node = NodeClient::connect(url).await?;
                let first = node.report().await?;
                if first.has_caught_up() {
                    Shown::new(url, first, None)
                } else {
                    tokio::time::sleep(BETWEEN).await;
                    let now = node.report().await?;
                    let pace = pace(now.best.saturating_sub(first.best), BETWEEN);
                    Shown::new(url, now, pace)
                }
            }
        };
        shown.show(global)
    }
}

/// Waits until the node answers and has caught up.
async fn wait(url: &str, patience: Duration) -> Result<Shown, Failure> {
    let until = tokio::time::Instant::now() + patience;
    let bar = output::waiting(format!("waiting for the node at {url}"));
    let mut begun: Option<(Instant, u64)> = None;
    let mut why = "it did not answer".to_owned();
    loop {
        let asked = async { NodeClient::connect(url).await?.report().await };
        match timeout_at(until, asked).await {
            // The reason of the last complete look stays.
            Err(_) => {}
            Ok(Err(error)) => why = error.to_string(),
            Ok(Ok(report)) => {
                let (since, from) = *begun.get_or_insert((Instant::now(), report.best));
                let pace = pace(report.best.saturating_sub(from), since.elapsed());
                let has_caught_up = report.has_caught_up();
                let shown = Shown::new(url, report, pace);
                if has_caught_up {
                    bar.finish_and_clear();
                    return Ok(shown);
                }
                let progress = shown.progress();
                bar.set_message(progress.clone());
                why = format!("{progress}; {} peers", shown.peers);
            }
        }
        if tokio::time::Instant::now() + BETWEEN > until {
            bar.finish_and_clear();
            return fail(format!("the node has not caught up within {} s: {why}", patience.as_secs()));
        }
        tokio::time::sleep(BETWEEN).await;
    }
}

/// Blocks in a second; `None` if there were none.
fn pace(blocks: u64, time: Duration) -> Option<f64> {
    let seconds = time.as_secs_f64();
    (blocks > 0 && seconds > 0.0).then(|| blocks as f64 / seconds)
}

impl Shown {
    fn new(url: &str, report: NodeReport, pace: Option<f64>) -> Self {
        let caught_up = report.has_caught_up();
        let remaining_blocks = report.target.saturating_sub(report.best);
        let blocks_per_second = pace.filter(|_| !caught_up);
        Shown {
            endpoint: url.to_owned(),
            chain: output::plain(&report.chain),
            genesis: report.genesis.to_string(),
            program: output::plain(&report.status.name),
            version: output::plain(&report.status.version),
            spec_version: report.status.spec_version,
            roles: report.roles.iter().map(|role| output::plain(role)).collect(),
            peers: report.status.peers,
            best_block: report.best,
            finalized_block: report.finalized.number,
            target_block: report.target,
            caught_up,
            remaining_blocks,
            blocks_per_second,
            remaining_seconds: blocks_per_second.map(|pace| (remaining_blocks as f64 / pace).ceil() as u64),
            peer_id: output::plain(&report.peer_id),
            addresses: report.addresses.iter().map(|address| output::plain(address)).collect(),
            is_lonely: report.status.peers == 0 && report.status.should_have_peers,
        }
    }

    /// How far the node is, in words.
    fn progress(&self) -> String {
        if self.caught_up {
            return "caught up".into();
        }
        if self.is_lonely {
            return "connected to no other node".into();
        }
        let percent = self.best_block as f64 * 100.0 / self.target_block.max(1) as f64;
        let pace = match (self.blocks_per_second, self.remaining_seconds) {
            (Some(pace), Some(seconds)) => {
                format!(" at {pace:.0} blocks/s, about {}", duration(seconds))
            }
            _ => String::new(),
        };
        let (best, target) = (grouped(self.best_block), grouped(self.target_block));
        format!("block {best} of {target} ({percent:.0} %), {} to go{pace}", grouped(self.remaining_blocks))
    }

    fn show(&self, global: &Global) -> Outcome {
        let mut table = output::table(&["field", "value"], 2);
        let peers = match self.is_lonely {
            true => "0: no boot node was reached, or its genesis is another one".to_owned(),
            false => self.peers.to_string(),
        };
        for (field, value) in [
            ("endpoint", self.endpoint.clone()),
            ("chain", self.chain.clone()),
            ("genesis", self.genesis.clone()),
            ("program", format!("{} {}, runtime {}", self.program, self.version, self.spec_version)),
            ("roles", self.roles.join(", ")),
            ("peers", peers),
            ("best", grouped(self.best_block)),
            ("finalised", grouped(self.finalized_block)),
            ("state", self.progress()),
        ] {
            table.add_row([field, &value]);
        }
        // Addresses for browsers are left to `--json`.
        for address in self.addresses.iter().filter(|address| address.contains("/tcp/")) {
            table.add_row(["address", address]);
        }
        output::show(global, self, &table)
    }
}

#[cfg(test)]
mod tests {
    use myelin_chain_client::{Block, Hash, NodeStatus};

    use super::*;

    fn report(peers: usize, best: u64) -> NodeReport {
        NodeReport {
            status: NodeStatus {
                name: "node".into(),
                version: "1".into(),
                spec_version: 1,
                peers,
                should_have_peers: true,
                syncing: best < 4_000,
            },
            chain: "One".into(),
            genesis: Hash([0; 32]),
            roles: vec!["Full".into()],
            best,
            finalized: Block { number: best, hash: Hash([0; 32]) },
            target: 4_000,
            peer_id: "12D".into(),
            addresses: vec![],
        }
    }

    #[tokio::test]
    async fn waiting_ends_in_time_though_the_node_never_answers() {
        let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("ws://{}", silent.local_addr().expect("an address"));
        let started = Instant::now();
        let failed = wait(&url, Duration::from_secs(1)).await.err().expect("nobody answers").to_string();
        assert!(failed.contains("within 1 s: it did not answer"), "{failed}");
        assert!(started.elapsed() < Duration::from_secs(5));
    }

    #[test]
    fn progress_says_what_is_left_and_for_how_long() {
        let said = |report, pace| Shown::new("ws://here", report, pace).progress();
        let fast = said(report(2, 1_000), pace(100, Duration::from_secs(2)));
        assert_eq!(fast, "block 1,000 of 4,000 (25 %), 3,000 to go at 50 blocks/s, about 1 min");
        assert_eq!(said(report(2, 1_000), None), "block 1,000 of 4,000 (25 %), 3,000 to go");
        assert_eq!(said(report(0, 1_000), None), "connected to no other node");
        assert_eq!(said(report(2, 4_000), Some(4.0)), "caught up");
        let shown = Shown::new("ws://here", report(2, 1_000), Some(7.0));
        assert_eq!((shown.remaining_blocks, shown.remaining_seconds), (3_000, Some(429)));
        assert_eq!((pace(0, BETWEEN), pace(5, Duration::ZERO)), (None, None));
    }
}
