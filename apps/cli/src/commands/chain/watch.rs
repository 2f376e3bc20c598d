//! `myelin chain watch`: follows the final blocks of a node, one by one.
//!
//! Each step asks for the final head and looks at the blocks since the last one, those between two answers included. A
//! node that is away is asked again with growing pauses, so the watch survives its restarts. What the blocks mean is
//! decided by the [`Record`].

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use clap::Args;
use myelin_chain_client::{Block, ChainClient, ChainError, Options};
use serde::Serialize;
use serde_json::{json, Value};

use super::audit::{Audits, Plan, Report, Verdict};
use super::equation::terms;
use super::record::{News, Record, Seen};
use super::webhook::{self, Webhook};
use crate::commands::stop_signal;
use crate::output::{fail, grouped, tao, Outcome};
use crate::service::metrics::{Page, Source, Type};
use crate::service::{Voice, Watching};
use crate::Global;

/// Blocks that one step looks at, so that a long way back holds up neither status nor audits.
const STEP: u64 = 64;
/// Shortest and longest pause between two looks at the head.
const PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(3));
/// Longest pause between two tries to reach a node.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// Limits of a connection: the watch itself goes on after they are passed.
const LIMITS: Options = Options {
    connect_timeout: Duration::from_secs(5),
    opening_timeout: Duration::from_secs(20),
    request_timeout: Duration::from_secs(20),
    reconnect_attempts: 5,
    pings: true,
};

/// Blocks, alerts and audits of a watch.
#[derive(Args)]
pub struct Watch {
    /// First block to look at; the newest final one by default. Old ones need a node that keeps all state.
    #[arg(long, value_name = "NUMBER")]
    from: Option<u64>,
    /// End after so many blocks; with exit code 1 if there was an alert.
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..))]
    blocks: Option<u64>,
    /// Raise an alert if there is no new final block for so long.
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 120,
        value_parser = clap::value_parser!(u64).range(2..=86_400)
    )]
    stalled: u64,
    /// Post each alert as a JSON object to this address.
    #[arg(long, env = "MYELIN_WEBHOOK", hide_env_values = true, value_name = "URL", value_parser = webhook::address)]
    webhook: Option<String>,
    /// End with exit code 1 at the first alert.
    #[arg(long)]
    exit_on_alert: bool,
    #[command(flatten)]
    watching: Watching,
    #[command(flatten)]
    plan: Plan,
}

/// State of a watch, for the status line and for metrics.
#[derive(Clone, Debug, Default, Serialize)]
struct Status {
    block: u64,
    hash: String,
    holds: bool,
    spec_version: u32,
    blocks: u64,
    alerts: u64,
    audited_block: Option<u64>,
    answers: bool,
    terms: Value,
}

impl Watch {
    /// Follows the node until it is told to stop.
    pub async fn run(self, global: &Global) -> Outcome {
        let voice = Voice::of_process(global);
        let chain = ChainClient::connect_with(global.endpoint.url()?, LIMITS).await?;
        let audits = Audits::of(&self.plan)?;
        let webhook = self.webhook.clone().map(|url| Webhook::start(url, webhook::PATIENCE)).transpose()?;
        let shared = Arc::new(Mutex::new(Status::default()));
        let (again, stalled) = (shared.clone(), self.stalled);
        self.watching.serve_metrics(&voice, || source(again)).await?;
        let head = chain.finalized_block().await?;
        // A chain without this answer is known at once.
        chain.tao_equation(Some(head.hash)).await?;
        let next = self.from.unwrap_or(head.number);
        let genesis = chain.genesis_hash().to_string();
        let text = format!("watching the chain {genesis} at {} from block {}", chain.url(), grouped(next));
        let fields =
            json!({ "genesis": genesis, "endpoint": chain.url(), "block": next, "stalled_s": stalled });
        voice.say("watching", &text, fields);
        crate::output::answered();
        let mut post = Post {
            pause: Duration::from_millis(chain.slot_duration_ms().await?).clamp(PAUSES.0, PAUSES.1),
            genesis,
            url: chain.url().to_owned(),
            chain,
            voice,
            webhook,
            audits,
            record: Record::default(),
            next,
            moved: (head.number, Instant::now()),
            told: None,
            trouble: None,
            failures: 0,
            audited: None,
            shared,
            options: self,
        };
        let ended = tokio::select! {
            () = stop_signal() => Ok(()),
            ended = post.follow() => ended,
        };
        if let Some(webhook) = post.webhook.take() {
            webhook.end().await;
        }
        let error = ended.as_ref().err().map(ToString::to_string);
        let (blocks, alerts) = (post.record.blocks, post.record.alerts);
        let text = format!("the watch ends after {} blocks and {alerts} alerts", grouped(blocks));
        post.voice.say("ended", &text, json!({ "blocks": blocks, "alerts": alerts, "error": error }));
        ended
    }
}

/// A watch at work.
struct Post {
    options: Watch,
    chain: ChainClient,
    genesis: String,
    url: String,
    voice: Voice,
    webhook: Option<Webhook>,
    audits: Option<Audits>,
    record: Record,
    /// The next block to look at.
    next: u64,
    /// The highest final block, and the time since it is known.
    moved: (u64, Instant),
    told: Option<Instant>,
    trouble: Option<String>,
    /// Failed looks in a row.
    failures: u32,
    audited: Option<u64>,
    pause: Duration,
    shared: Arc<Mutex<Status>>,
}

/// Outcome of a look at one block.
enum Look {
    Taken,
    /// The node no longer has its state.
    Pruned,
}

impl Post {
    async fn follow(&mut self) -> Outcome {
        loop {
            let stepped = self.step().await;
            match &stepped {
                Ok(_) => self.recovered(),
                Err(error) => self.failed(error),
            }
            let limit = Duration::from_secs(self.options.stalled);
            let stall = self.record.stall(self.moved.1.elapsed(), limit, self.trouble.as_deref());
            self.tell(stall);
            self.hear_audits().await;
            if self.options.blocks.is_some_and(|most| self.record.blocks >= most) {
                return self.end().await;
            }
            self.report();
            if self.options.exit_on_alert && self.record.alerts > 0 {
                return fail("the watch ends at its first alert, as --exit-on-alert asks");
            }
            match stepped {
                // There are more blocks to look at.
                Ok(true) => {}
                Ok(false) => tokio::time::sleep(self.pause).await,
                Err(_) => self.reconnect().await?,
            }
        }
    }

    /// Looks at the final blocks that are new, at most [`STEP`] of them; returns whether there are more.
    async fn step(&mut self) -> Result<bool, ChainError> {
        let head = self.chain.finalized_block().await?;
        if let Some(fork) = self.record.head(head) {
            self.next = head.number;
            self.tell([fork]);
        }
        if head.number > self.moved.0 {
            self.moved = (head.number, Instant::now());
            let moves = self.record.moves(head);
            self.tell(moves);
        }
        let left = self.options.blocks.map_or(STEP, |most| most.saturating_sub(self.record.blocks).min(STEP));
        let last = head.number.min(self.next.saturating_add(left).saturating_sub(1));
        while self.next <= last {
            let number = self.next;
            self.next = number.saturating_add(1);
            match self.look(number, head).await {
                Ok(Look::Taken) => {}
                Ok(Look::Pruned) => self.skip(number, head),
                Err(error) => {
                    self.next = number;
                    return Err(error);
                }
            }
        }
        Ok(self.next <= head.number)
    }

    /// Compares one final block with those before.
    async fn look(&mut self, number: u64, head: Block) -> Result<Look, ChainError> {
        let hash = if number == head.number { head.hash } else { self.chain.block_hash(number).await? };
        let header = self.chain.header(hash).await?;
        let asked = async {
            let equation = self.chain.tao_equation(Some(hash)).await?;
            let spec_version = self.chain.spec_version(hash).await?;
            Ok::<_, ChainError>(Seen { block: header.block, parent: header.parent, spec_version, equation })
        };
        match asked.await {
            Ok(seen) => {
                let news = self.record.block(seen);
                self.tell(news);
                if let Some(audits) = &mut self.audits {
                    audits.start(&self.chain, header.block, header.state_root);
                }
                Ok(Look::Taken)
            }
            Err(ChainError::Pruned { .. }) => Ok(Look::Pruned),
            Err(error @ (ChainError::NotFound(_) | ChainError::Undecodable { .. })) => {
                let news = self.record.unanswered(header.block, &error.to_string());
                self.tell(news);
                Ok(Look::Taken)
            }
            Err(error) => Err(error),
        }
    }

    /// Passes over blocks whose state the node no longer has.
    fn skip(&mut self, number: u64, head: Block) {
        let last = head.number.saturating_sub(1).max(number);
        self.next = last.saturating_add(1);
        let text = format!(
            "blocks {} to {} are passed over, as the node no longer has their state; a node with --archive keeps it",
            grouped(number),
            grouped(last)
        );
        let mut news = News::notice("skipped", None, text);
        news.fields = json!({ "from": number, "to": last });
        self.tell([news]);
    }

    fn recovered(&mut self) {
        self.failures = 0;
        if self.trouble.take().is_some() {
            self.tell([News::notice("answers", None, "the node answers again".into())]);
        }
    }

    fn failed(&mut self, error: &ChainError) {
        self.failures = self.failures.saturating_add(1);
        if self.trouble.replace(error.to_string()).is_none() {
            self.tell([News::notice("unreachable", None, format!("the node does not answer: {error}"))]);
        }
    }

    /// Waits, and connects anew. Fails if another chain answers.
    async fn reconnect(&mut self) -> Outcome {
        tokio::time::sleep(pause_after(self.failures)).await;
        let Ok(chain) = ChainClient::connect_with(&self.url, LIMITS).await else { return Ok(()) };
        let genesis = chain.genesis_hash().to_string();
        if genesis == self.genesis {
            self.chain = chain;
            return Ok(());
        }
        let text = format!(
            "{} now answers for another chain, {genesis}; the watched one is {}",
            self.url, self.genesis
        );
        let news = self.record.count(vec![News::alert("chain", None, text.clone(), json!({}))]);
        self.tell(news);
        fail(text)
    }

    /// Reports audits that have ended.
    async fn hear_audits(&mut self) {
        let Some(audits) = &mut self.audits else { return };
        let ended = audits.ended().await;
        self.hear(ended);
    }

    fn hear(&mut self, ended: Option<Report>) {
        let Some(report) = ended else { return };
        if !matches!(report.verdict, Verdict::Impossible(_)) {
            self.audited = Some(report.block.number);
        }
        let news = self.record.audited(&report);
        self.tell([news]);
    }

    /// Ends after the last block that was asked for, when the audit under way has ended.
    async fn end(&mut self) -> Outcome {
        if let Some(audits) = &mut self.audits {
            let ended = audits.wait().await;
            self.hear(ended);
        }
        self.told = None;
        self.report();
        match self.record.alerts {
            0 => Ok(()),
            alerts => fail(format!("{alerts} alerts were raised")),
        }
    }

    /// Prints news, and hands alerts to the webhook.
    fn tell(&mut self, news: impl IntoIterator<Item = News>) {
        for news in news {
            let mut value = news.value();
            let place = news
                .block
                .map_or(String::new(), |block| format!("block {} ({}): ", grouped(block.number), block.hash));
            let mark = if news.is_alert { "ALERT " } else { "" };
            self.voice.say(news.event(), &format!("{mark}{place}{}", news.text), &value);
            let Some(webhook) = self.webhook.as_ref().filter(|_| news.is_alert) else { continue };
            value["event"] = news.event().into();
            value["genesis"] = self.genesis.clone().into();
            webhook.send(&value);
        }
    }

    /// Prints the status after the first block and from time to time, and keeps it for metrics.
    fn report(&mut self) {
        let Some(seen) = self.record.last() else { return };
        let status = Status {
            block: seen.block.number,
            hash: seen.block.hash.to_string(),
            holds: self.record.is_sound(),
            spec_version: seen.spec_version,
            blocks: self.record.blocks,
            alerts: self.record.alerts,
            audited_block: self.audited,
            answers: self.trouble.is_none(),
            terms: terms(&seen.equation),
        };
        let line = status.line(&seen.equation);
        *self.shared.lock().unwrap_or_else(PoisonError::into_inner) = status.clone();
        let every = Duration::from_secs(self.options.watching.report_every);
        if self.told.is_none_or(|told| told.elapsed() >= every) {
            self.told = Some(Instant::now());
            self.voice.say("status", &line, &status);
        }
    }
}

/// The pause before the next try: one second, doubled with each failure.
fn pause_after(failures: u32) -> Duration {
    let doubled = 1u64.checked_shl(failures.saturating_sub(1)).unwrap_or(u64::MAX);
    Duration::from_secs(doubled).min(LONGEST_PAUSE)
}

impl Status {
    fn line(&self, equation: &myelin_abi::TaoEquation) -> String {
        let verdict = if self.holds { "all TAO adds up" } else { "TAO does NOT add up" };
        let audited =
            self.audited_block.map_or(String::new(), |block| format!(", audited at {}", grouped(block)));
        format!(
            "block {}: {verdict}; {} exist, {} in pools and on root, {} with people; {} blocks, {} alerts{audited}",
            grouped(self.block),
            tao(equation.issuance),
            tao(equation.total_stake),
            tao(equation.with_people()),
            grouped(self.blocks),
            self.alerts
        )
    }
}

/// Metrics and health of the watch for Prometheus.
fn source(shared: Arc<Mutex<Status>>) -> Source {
    let now = move || shared.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let again = now.clone();
    Source {
        metrics: Box::new(move || page(&now())),
        illness: Box::new(move || {
            let status = again();
            match (status.holds, status.answers) {
                (_, false) => Some("the node does not answer".into()),
                (false, _) => Some(format!("TAO does not add up in block {}", status.block)),
                _ => None,
            }
        }),
    }
}

fn page(status: &Status) -> String {
    let mut page = Page::default();
    let mut add = |name: &str, kind: Type, help: &str, value: u64| {
        page.add(name, kind, help, [(Vec::new(), value as f64)]);
    };
    add("chain_watch_block", Type::Gauge, "The last final block that was compared.", status.block);
    add("chain_watch_holds", Type::Gauge, "Whether all TAO adds up in it.", u64::from(status.holds));
    add("chain_watch_answers", Type::Gauge, "Whether the node answers.", u64::from(status.answers));
    add("chain_watch_blocks_total", Type::Counter, "Blocks compared since the start.", status.blocks);
    add("chain_watch_alerts_total", Type::Counter, "Alerts raised since the start.", status.alerts);
    add(
        "chain_watch_audited_block",
        Type::Gauge,
        "The last block whose whole state was audited; 0 before the first.",
        status.audited_block.unwrap_or(0),
    );
    page.text()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_limit() {
        let pauses = [0, 1, 2, 3, 5, 6, 64, u32::MAX].map(|failures| pause_after(failures).as_secs());
        assert_eq!(pauses, [1, 1, 2, 4, 16, 30, 30, 30]);
    }

    #[test]
    fn a_node_that_is_away_and_a_difference_are_illnesses() {
        let shared = Arc::new(Mutex::new(Status { holds: true, answers: true, ..Status::default() }));
        let source = source(shared.clone());
        assert_eq!((source.illness)(), None);
        assert!((source.metrics)().contains("myelin_chain_watch_holds 1"));
        shared.lock().expect("no panic").holds = false;
        assert!((source.illness)().is_some_and(|why| why.contains("does not add up")));
        shared.lock().expect("no panic").answers = false;
        assert_eq!((source.illness)().as_deref(), Some("the node does not answer"));
    }
}
