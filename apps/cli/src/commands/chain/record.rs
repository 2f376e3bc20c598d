//! The record of a watch: blocks seen, rules that are broken, and the news that follow from the next block.
//!
//! Nothing here asks a node or reads a clock, so that tests play any chain.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use myelin_abi::{Difference, TaoEquation};
use myelin_chain_client::{Block, Hash};
use serde_json::{json, Value};

use super::audit::{Report, Verdict};
use super::equation::{difference, terms};
use crate::output::grouped;

/// Blocks whose hashes are remembered. A node that restarts, or another behind the same address, is compared with them.
const REMEMBERED: usize = 1_024;

/// A final block with everything that is compared.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The block.
    pub block: Block,
    /// Hash of the block before.
    pub parent: Hash,
    /// Version of the runtime in force after it.
    pub spec_version: u32,
    /// The equation of all TAO after it.
    pub equation: TaoEquation,
}

/// Something to tell.
#[derive(Clone, Debug)]
pub struct News {
    /// Whether it is an alert, which goes to the webhook, or a notice.
    pub is_alert: bool,
    /// Kind in one word.
    pub kind: &'static str,
    /// The block that it is about.
    pub block: Option<Block>,
    /// The line for people.
    pub text: String,
    /// Further fields for programs.
    pub fields: Value,
}

impl News {
    /// An alert.
    pub fn alert(kind: &'static str, block: Option<Block>, text: String, fields: Value) -> Self {
        News { is_alert: true, kind, block, text, fields }
    }

    /// A notice.
    pub fn notice(kind: &'static str, block: Option<Block>, text: String) -> Self {
        News { is_alert: false, kind, block, text, fields: json!({}) }
    }

    /// The name of the event.
    pub fn event(&self) -> &'static str {
        match self.is_alert {
            true => "alert",
            false => "notice",
        }
    }

    /// The object for programs.
    pub fn value(&self) -> Value {
        let mut value = self.fields.clone();
        value["kind"] = self.kind.into();
        value["text"] = self.text.clone().into();
        if let Some(block) = self.block {
            value["block"] = block.number.into();
            value["hash"] = block.hash.to_string().into();
        }
        value
    }
}

/// Everything that later blocks are compared with.
#[derive(Default)]
pub struct Record {
    last: Option<Seen>,
    hashes: VecDeque<Block>,
    /// Rules that the last block broke, by subnet. Each raises one alert until it holds again.
    broken: BTreeSet<(&'static str, Option<u16>)>,
    has_stalled: bool,
    is_unanswered: bool,
    is_unsound: bool,
    /// Blocks whose equation was compared.
    pub blocks: u64,
    /// Alerts raised.
    pub alerts: u64,
}

impl Record {
    /// The last block seen.
    pub fn last(&self) -> Option<&Seen> {
        self.last.as_ref()
    }

    /// The broken rules of the last block.
    pub fn is_sound(&self) -> bool {
        self.broken.is_empty()
    }

    /// Compares the head that a node calls final with the blocks seen. After a fork the record begins anew.
    pub fn head(&mut self, head: Block) -> Option<News> {
        let before = *self.hashes.iter().find(|block| block.number == head.number)?;
        if before.hash == head.hash {
            return None;
        }
        let news = self.fork(before, head.hash);
        self.count(vec![news]).pop()
    }

    /// Takes in a final block, and returns the news.
    pub fn block(&mut self, seen: Seen) -> Vec<News> {
        let mut news = Vec::new();
        if let Some(last) = self.last.clone() {
            let is_next = last.block.number.checked_add(1) == Some(seen.block.number);
            if is_next && last.block.hash != seen.parent {
                news.push(self.fork(last.block, seen.parent));
            }
        }
        news.extend(self.upgrade(&seen));
        news.extend(self.differences(&seen));
        self.is_unanswered = false;
        self.blocks = self.blocks.saturating_add(1);
        if self.hashes.len() >= REMEMBERED {
            self.hashes.pop_front();
        }
        self.hashes.push_back(seen.block);
        self.last = Some(seen);
        self.count(news)
    }

    /// Two hashes of one height that nodes called final.
    fn fork(&mut self, before: Block, other: Hash) -> News {
        self.last = None;
        self.hashes.clear();
        let text = format!(
            "two blocks of height {} were called final: {} and {other}; stop and find out which chain is the right one",
            grouped(before.number),
            before.hash
        );
        News::alert("fork", Some(before), text, json!({ "other_hash": other.to_string() }))
    }

    fn upgrade(&self, seen: &Seen) -> Option<News> {
        let before = self.last.as_ref()?.spec_version;
        let text = format!("the runtime changed from version {before} to {}", seen.spec_version);
        (before != seen.spec_version).then(|| News::notice("runtime", Some(seen.block), text))
    }

    /// Rules that the block breaks and the block before did not, and those that hold again.
    fn differences(&mut self, seen: &Seen) -> Vec<News> {
        let mut found = seen.equation.differences();
        // A new runtime may count anew.
        if let Some(last) = self.last.as_ref().filter(|last| last.spec_version == seen.spec_version) {
            let blocks = seen.block.number.saturating_sub(last.block.number);
            found.extend(seen.equation.differences_since(&last.equation, blocks));
        }
        let name = |found: &Difference| (found.rule, found.netuid);
        let fresh = found.iter().filter(|found| !self.broken.contains(&name(found)));
        let mut news: Vec<News> = fresh.map(|found| alert_of(found, seen)).collect();
        let now: BTreeSet<_> = found.iter().map(name).collect();
        for (rule, netuid) in self.broken.difference(&now) {
            let of = netuid.map_or(String::new(), |netuid| format!(" on subnet {netuid}"));
            let text = format!("holds again{of}: {rule}");
            news.push(News::notice("holds", Some(seen.block), text));
        }
        self.broken = now;
        news
    }

    /// Whether finality has stopped: there has been no new final block for this long.
    pub fn stall(&mut self, since: Duration, limit: Duration, trouble: Option<&str>) -> Option<News> {
        if self.has_stalled || since < limit {
            return None;
        }
        self.has_stalled = true;
        let block = self.last.as_ref().map(|last| last.block);
        let mut text = format!("there has been no new final block for {} s", since.as_secs());
        if let Some(why) = trouble {
            text.push_str(&format!("; the node does not answer: {why}"));
        }
        let fields = json!({ "seconds": since.as_secs() });
        self.count(vec![News::alert("stalled", block, text, fields)]).pop()
    }

    /// Notes a new final block.
    pub fn moves(&mut self, block: Block) -> Option<News> {
        let text = format!("finality goes on with block {}", grouped(block.number));
        std::mem::take(&mut self.has_stalled).then(|| News::notice("moves", Some(block), text))
    }

    /// Notes that the runtime gave no answer of the right form at a block: one alert until it does again.
    pub fn unanswered(&mut self, block: Block, why: &str) -> Option<News> {
        if std::mem::replace(&mut self.is_unanswered, true) {
            return None;
        }
        let text = format!("the equation of all TAO was not answered: {why}");
        self.count(vec![News::alert("unanswered", Some(block), text, json!({}))]).pop()
    }

    /// The news of an audit. Findings raise one alert until an audit finds nothing.
    pub fn audited(&mut self, report: &Report) -> News {
        let mut news = report.news();
        match report.verdict {
            Verdict::Sound { .. } => self.is_unsound = false,
            Verdict::Unsound(_) => news.is_alert = !std::mem::replace(&mut self.is_unsound, true),
            Verdict::Impossible(_) => {}
        }
        self.alerts = self.alerts.saturating_add(u64::from(news.is_alert));
        news
    }

    /// Counts the alerts among news.
    pub fn count(&mut self, news: Vec<News>) -> Vec<News> {
        let alerts = news.iter().filter(|news| news.is_alert).count();
        self.alerts = self.alerts.saturating_add(alerts as u64);
        news
    }
}

fn alert_of(found: &Difference, seen: &Seen) -> News {
    let mut fields = difference(found);
    fields["terms"] = terms(&seen.equation);
    News::alert("difference", Some(seen.block), format!("TAO does not add up: {found}"), fields)
}

#[cfg(test)]
mod tests {
    use myelin_units::TaoBalance;

    use super::*;

    fn hash(number: u64, branch: u8) -> Hash {
        let mut bytes = [branch; 32];
        bytes[..8].copy_from_slice(&number.to_le_bytes());
        Hash(bytes)
    }

    fn block(number: u64, branch: u8) -> Block {
        Block { number, hash: hash(number, branch) }
    }

    /// A sound block in which as much TAO was minted as blocks were made.
    fn seen(number: u64) -> Seen {
        let minted = TaoBalance::from_tokens(number);
        let equation = TaoEquation { minted, issuance: minted, ledger: minted, ..Default::default() };
        Seen { block: block(number, 0), parent: hash(number - 1, 0), spec_version: 1, equation }
    }

    fn kinds(news: &[News]) -> Vec<&'static str> {
        news.iter().map(|news| news.kind).collect()
    }

    #[test]
    fn a_sound_chain_has_no_news() {
        let mut record = Record::default();
        for number in 1..2_000 {
            assert!(record.block(seen(number)).is_empty());
            assert!(record.head(block(number, 0)).is_none());
        }
        assert_eq!((record.blocks, record.alerts, record.hashes.len()), (1_999, 0, REMEMBERED));
    }

    #[test]
    fn a_difference_raises_one_alert_until_it_is_gone() {
        let mut record = Record::default();
        record.block(seen(5));
        let broken = |number| {
            let mut changed = seen(number);
            changed.equation.total_stake = TaoBalance::from_rao(7);
            changed
        };
        let news = record.block(broken(6));
        assert_eq!(kinds(&news), ["difference"]);
        let value = news[0].value();
        assert_eq!((value["block"].as_u64(), value["difference_rao"].as_i64()), (Some(6), Some(-7)));
        assert_eq!(value["hash"], hash(6, 0).to_string());
        assert_eq!(value["terms"]["total_stake_rao"], 7);
        assert!(news[0].text.contains("total stake is in pools and on root"), "{}", news[0].text);
        assert!(record.block(broken(7)).is_empty() && !record.is_sound());
        let news = record.block(seen(8));
        assert_eq!(kinds(&news), ["holds"]);
        assert!(!news[0].is_alert && record.is_sound());
        assert_eq!(record.alerts, 1);
    }

    #[test]
    fn a_block_that_mints_more_than_one_tao_raises_an_alert_also_across_a_gap() {
        let mut record = Record::default();
        record.block(seen(5));
        assert!(record.block(seen(9)).is_empty(), "four blocks mint four TAO");
        let mut rich = seen(12);
        (rich.block, rich.parent) = (block(10, 0), hash(9, 0));
        assert_eq!(kinds(&record.block(rich)), ["difference"]);
        // A new runtime may count anew, and is told.
        let mut newer = seen(11);
        newer.spec_version = 2;
        newer.equation.minted = TaoBalance::from_tokens(50);
        newer.equation.issuance = newer.equation.minted;
        newer.equation.ledger = newer.equation.minted;
        assert_eq!(kinds(&record.block(newer)), ["runtime", "holds"]);
    }

    #[test]
    fn two_hashes_of_one_height_raise_an_alert() {
        let mut record = Record::default();
        (1..=5).for_each(|number| assert!(record.block(seen(number)).is_empty()));
        let mut other = seen(6);
        other.parent = hash(5, 9);
        let news = record.block(other.clone());
        assert_eq!(kinds(&news), ["fork"]);
        assert_eq!(news[0].value()["other_hash"], hash(5, 9).to_string());
        assert_eq!(news[0].value()["hash"], hash(5, 0).to_string());
        // The record goes on with the other chain, and notices a node that goes back to the first one.
        assert!(record.head(block(6, 0)).is_none());
        let news = record.head(block(6, 7)).expect("another hash");
        assert!(news.is_alert && news.kind == "fork");
        assert!(record.last().is_none() && record.head(block(6, 7)).is_none());
        assert_eq!(record.alerts, 2);
    }

    #[test]
    fn a_stall_raises_one_alert_until_finality_moves() {
        let mut record = Record::default();
        let (short, long) = (Duration::from_secs(9), Duration::from_secs(10));
        assert!(record.stall(short, long, None).is_none());
        let news = record.stall(long, long, Some("it is gone")).expect("an alert");
        assert!(news.text.contains("10 s") && news.text.contains("it is gone"), "{}", news.text);
        assert!(record.stall(long, long, None).is_none());
        assert!(record.moves(block(3, 0)).is_some() && record.moves(block(4, 0)).is_none());
        assert!(record.stall(long, long, None).is_some());
        assert_eq!(record.alerts, 2);
    }

    #[test]
    fn an_audit_that_finds_something_raises_one_alert_until_one_finds_nothing() {
        let mut record = Record::default();
        let report = |verdict| Report { block: block(9, 0), verdict, took: Duration::from_secs(1) };
        let unsound = report(Verdict::Unsound("a rao is missing".into()));
        assert!(record.audited(&unsound).is_alert && !record.audited(&unsound).is_alert);
        assert!(!record.audited(&report(Verdict::Impossible("no room".into()))).is_alert);
        assert!(!record.audited(&unsound).is_alert);
        assert!(!record.audited(&report(Verdict::Sound { values: 1, bytes: 1 })).is_alert);
        assert!(record.audited(&unsound).is_alert);
        assert_eq!(record.alerts, 2);
    }

    #[test]
    fn a_runtime_that_stops_to_answer_raises_one_alert() {
        let mut record = Record::default();
        record.block(seen(1));
        assert!(record.unanswered(block(2, 0), "no method").is_some());
        assert!(record.unanswered(block(3, 0), "no method").is_none());
        record.block(seen(4));
        assert!(record.unanswered(block(5, 0), "no method").is_some());
    }
}
