//! `myelin demo --scenario governance`: four authorities, and holders who change a parameter, the runtime, elections
//! and the root key by votes while miners are judged and paid. A validator is elected and writes blocks. It is slashed
//! when it signs two of them for a slot.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use myelin_abi::Account;
use myelin_chain_client::{Block, ChainClient};
use serde::Serialize;
use serde_json::Value;

use super::actors::{Direction, Troupe};
use super::author::{self, myelin, Elected, Operator, Site};
use super::equivocation::{self, Punished};
use super::ledger::{self, Ledger};
use super::promises::{self, Promise};
use super::stage::Stage;
use super::traffic::{self, Traffic};
use super::trial::{self, Tried};
use super::{alive, headline, last_epochs, promises_shown, watch, Demo, EPOCH_LIMIT};
use crate::net::{find_binary, Chain};
use crate::output::{self, fail, Failure, Outcome};
use crate::Global;

/// Nodes that write blocks.
pub const AUTHORITIES: usize = 4;
/// Holders who vote, with 900,000 TAO each under the vote lock: together more than half of all power.
const HOLDERS: [&str; 2] = ["//Alice", "//Bob"];
/// TAO of each under the vote lock.
const LOCKED: &str = "900000";
/// The account that proposes, and puts authorized code in force.
const PROPOSER: &str = "//Charlie";
/// Most subnets after the first referendum; the chain begins with 128.
const SUBNET_LIMIT: u16 = 64;
/// Answers to a call with a key that is not root's: of the pool, and of the chain.
const REFUSALS: [&str; 2] = ["Invalid signing address", "RequireSudo"];
/// Rules of elections for the demo, by vote. One candidate is enough, and its judging counts after an epoch. After the
/// first era there is none for an hour, so that the authors without a candidacy keep their seats meanwhile.
const ELECTION_RULES: [&str; 3] = ["least_authorities=1", "least_quality=1%", "era=14400"];
/// Longest time from a proposal to its effect.
pub const PATIENCE: Duration = Duration::from_secs(240);
/// Epochs that have to be paid by weights after the upgrade.
const PAID_AFTER: usize = 2;

/// The result of a referendum.
#[derive(Clone, Debug, Serialize)]
struct Decided {
    /// Its number.
    referendum: u64,
    /// The change in words.
    change: String,
    /// Block in which the effect was first seen.
    seen_at: u64,
}

/// The upgrade of the running network.
#[derive(Clone, Debug, Default, Serialize)]
struct Upgraded {
    /// Versions of the runtime before and after.
    versions: [u32; 2],
    /// The first block of the new runtime that was seen.
    block: u64,
    /// Blocks without transactions until the migration was done.
    migrating_blocks: u64,
    /// Versions that the nodes report.
    nodes: Vec<u32>,
}

/// Everything that the votes did.
#[derive(Clone, Debug, Default, Serialize)]
struct Votes {
    decided: Vec<Decided>,
    limit: u16,
    tried: Tried,
    upgraded: Upgraded,
    /// Transfers of somebody else during the upgrade.
    traffic: Traffic,
    /// Whether elections are on.
    elections: bool,
    elected: Elected,
    punished: Punished,
    /// Whether there is a root key, and the answer to a call with it.
    root_key: bool,
    refused: String,
}

/// An epoch of the subnet.
#[derive(Clone, Debug, Serialize)]
struct Line {
    block: u64,
    paid_by_weights: bool,
}

/// Everything that the promises are decided from.
#[derive(Debug, Default, Serialize)]
struct Report {
    /// Whether every promise was kept.
    kept: bool,
    votes: Votes,
    epochs: Vec<Line>,
    /// Finalised blocks that were seen on the way, and whether all nodes have them at the end.
    finalized: Vec<u64>,
    reverted: Vec<u64>,
    ledger: Ledger,
    promises: Vec<Promise>,
}

impl Report {
    fn promises(&self) -> Vec<Promise> {
        let votes = &self.votes;
        let Votes { decided, limit, tried, upgraded, traffic, elections, elected, .. } = votes;
        let Votes { punished, root_key, refused, .. } = votes;
        let found = |index: usize| {
            decided.get(index).map_or("not decided".into(), |enacted| {
                let (number, change, block) = (enacted.referendum, &enacted.change, enacted.seen_at);
                format!("referendum {number}: {change}, seen in block {block}")
            })
        };
        let promise = |text: &str, kept, found| Promise { promise: text.into(), kept, found };
        let [old, new] = upgraded.versions;
        let after = self.epochs.iter().filter(|epoch| epoch.block > upgraded.block);
        let (paid, all) = (after.clone().filter(|epoch| epoch.paid_by_weights).count(), after.count());
        let finalized_after = |block| self.finalized.iter().filter(|number| **number > block).count();
        let finalized_after = [upgraded.block, elected.seen_at].map(finalized_after);
        vec![
            promise("a vote of holders changes a parameter", *limit == SUBNET_LIMIT, found(0)),
            promise(
                "a check refuses a wrong migration before anybody votes, and accepts the right one",
                tried.is_right(),
                tried.found(),
            ),
            promise(
                "a vote of holders upgrades a running network, and its state migrates",
                new > old && upgraded.nodes == vec![new; AUTHORITIES],
                format!(
                    "{}; version {old} to {new} on {} nodes, {} blocks without transactions",
                    found(1),
                    upgraded.nodes.iter().filter(|version| **version == new).count(),
                    upgraded.migrating_blocks
                ),
            ),
            promise(
                "votes of holders set the rules of elections and turn them on",
                *elections,
                format!("{}; {}", found(2), found(3)),
            ),
            promise(
                "a validator that judges well is elected, and one author of genesis leaves",
                elected.is_replaced(),
                elected.change(),
            ),
            promise("the elected author writes blocks in its turn", elected.writes(), elected.written()),
            promise(
                "an author that signs two blocks for a slot goes to jail and is slashed, and nobody else is",
                punished.is_just(),
                punished.found(),
            ),
            promise(
                "a vote of holders removes the root key, and nobody has it after that",
                !root_key && REFUSALS.iter().any(|refusal| refused.contains(refusal)),
                format!("{}; a call with the old key: {refused}", found(4)),
            ),
            promise(
                "miners are judged and paid after the upgrade as before",
                paid == all && paid >= PAID_AFTER,
                format!("{paid} of {all} epochs after it are paid by weights; nobody was started again"),
            ),
            promise(
                "finality goes on, and no finalised block is reverted",
                self.reverted.is_empty() && finalized_after.iter().all(|count| *count > 0),
                format!(
                    "{} finalised blocks were noted, {} after the upgrade, {} after the election; {} differ on a node",
                    self.finalized.len(),
                    finalized_after[0],
                    finalized_after[1],
                    self.reverted.len()
                ),
            ),
            promise(
                "whoever sends a transfer during the upgrade has it in a block",
                traffic.flows(),
                traffic.found(),
            ),
            promises::balanced(&self.ledger),
        ]
    }
}

/// Runs `myelin gov` as somebody would, and returns what it prints.
async fn gov(endpoint: &str, who: &str, arguments: &[&str]) -> Result<Value, Failure> {
    let keys = ["--wallet", who, "--wait", "inclusion", "--yes"];
    myelin(&[&["--endpoint", endpoint, "gov"], arguments, &keys].concat()).await
}

/// Waits until `look` finds something in the best block, and returns it with the number of that block.
pub async fn until<T>(
    chain: &ChainClient,
    awaited: &str,
    mut look: impl AsyncFnMut(&Block) -> Result<Option<T>, Failure>,
) -> Result<(T, u64), Failure> {
    let started = Instant::now();
    loop {
        let best = chain.best_block().await?;
        if let Some(found) = look(&best).await? {
            return Ok((found, best.number));
        }
        if started.elapsed() > PATIENCE {
            return fail(format!("{awaited}: not within {} s", PATIENCE.as_secs()));
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// The holders.
struct Holders {
    chain: ChainClient,
    endpoints: Vec<String>,
    /// The next runtime, and the one with a wrong migration.
    next: PathBuf,
    spoiled: PathBuf,
    /// A place where both are tried.
    copy: Site,
    /// The candidate, and the name of its validator.
    candidate: (Account, String),
    /// The places of its operator's machine and of a second one.
    machines: [Site; 2],
    started: Instant,
    votes: Votes,
}

impl Holders {
    fn say(&self, text: &str) {
        output::tell!("[{:5.1} s] {text}", self.started.elapsed().as_secs_f64());
    }

    fn endpoint(&self) -> &str {
        self.chain.url()
    }

    /// Submits a proposal, and votes for it. Returns the number of the referendum.
    async fn decide(&self, proposal: &[&str]) -> Result<u64, Failure> {
        let arguments = [&["propose"], proposal, &["--decide"]].concat();
        let proposed = gov(self.endpoint(), PROPOSER, &arguments).await?;
        let Some(referendum) = proposed["referendum"].as_u64() else {
            return fail(format!("the proposal has no number: {proposed}"));
        };
        let number = referendum.to_string();
        for holder in HOLDERS {
            gov(self.endpoint(), holder, &["vote", &number, "aye"]).await?;
        }
        self.say(&format!(
            "referendum {referendum} of {PROPOSER}: {}; two holders vote for it",
            proposal.join(" ")
        ));
        Ok(referendum)
    }

    fn note(&mut self, referendum: u64, change: String, seen_at: u64) {
        self.say(&format!("referendum {referendum} is enacted: {change}"));
        self.votes.decided.push(Decided { referendum, change, seen_at });
    }

    /// All votes, one after the other.
    async fn act(mut self) -> Result<Votes, Failure> {
        for holder in HOLDERS {
            gov(self.endpoint(), holder, &["lock", LOCKED]).await?;
        }
        self.parameter().await?;
        let endpoint = self.endpoint().to_owned();
        self.votes.traffic = traffic::during(&endpoint, self.upgrade()).await?;
        self.say(&format!("meanwhile {}", self.votes.traffic.found()));
        let before = self.elections().await?;
        self.root_key().await?;
        self.author(&before).await?;
        self.offence().await?;
        Ok(self.votes)
    }

    async fn parameter(&mut self) -> Outcome {
        let limit = async |chain: &ChainClient| -> Result<u16, Failure> {
            Ok(chain.value("SubtensorModule", "SubnetLimit", &[]).await?)
        };
        let before = limit(&self.chain).await?;
        let referendum = self.decide(&["--set", &format!("subnet_limit={SUBNET_LIMIT}")]).await?;
        let (after, block) = until(&self.chain, "a changed parameter", async |_| {
            Ok(Some(limit(&self.chain).await?).filter(|now| *now != before))
        })
        .await?;
        self.votes.limit = after;
        self.note(referendum, format!("subnet_limit {before} -> {after}"), block);
        Ok(())
    }

    async fn upgrade(&mut self) -> Outcome {
        let next = self.next.display().to_string();
        let best = self.chain.best_block().await?;
        let before = self.chain.spec_version(best.hash).await?;
        self.votes.tried = trial::run(&self.copy, &self.chain, &self.next, &self.spoiled).await?;
        self.say(&format!("a check of two versions: {}", self.votes.tried.found()));
        let referendum = self.decide(&["--upgrade", &next]).await?;
        until(&self.chain, "an authorized upgrade", async |best| {
            let authorized: Option<([u8; 32], bool)> =
                self.chain.storage("System", "AuthorizedUpgrade", &[], Some(best.hash)).await?;
            Ok(authorized)
        })
        .await?;
        self.say("the upgrade is authorized; anybody may put its code in force");
        gov(self.endpoint(), PROPOSER, &["upgrade", &next]).await?;
        let (after, block) = until(&self.chain, "a new runtime", async |best| {
            Ok(Some(self.chain.spec_version(best.hash).await?).filter(|now| *now != before))
        })
        .await?;
        let ((), done) = until(&self.chain, "the end of the migration", async |best| {
            Ok((!self.migrating(best).await?).then_some(()))
        })
        .await?;
        // A node's pool checks transactions by the old runtime until it has followed.
        until(&self.chain, "finality after the upgrade", async |_| {
            Ok((self.chain.finalized_block().await?.number > done).then_some(()))
        })
        .await?;
        let mut nodes = Vec::new();
        for endpoint in &self.endpoints {
            let node = ChainClient::connect(endpoint).await?;
            let hash = node.best_block().await?.hash;
            nodes.push(node.spec_version(hash).await?);
        }
        let migrating_blocks = done.saturating_sub(block);
        self.votes.upgraded = Upgraded { versions: [before, after], block, migrating_blocks, nodes };
        self.note(referendum, format!("the runtime has version {after}"), block);
        Ok(())
    }

    /// Whether the migration of the upgrade goes on.
    async fn migrating(&self, best: &Block) -> Result<bool, Failure> {
        let state: Option<(u8, Vec<u8>)> =
            self.chain.storage("SubtensorModule", "Recounting", &[], Some(best.hash)).await?;
        Ok(state.is_some())
    }

    /// Turns elections on, and sets their rules before the first pass begins. Returns the set in office before.
    async fn elections(&mut self) -> Result<Vec<Account>, Failure> {
        let before = author::in_office(&self.chain).await?;
        let old = self.chain.elections(None).await?.rules;
        let switch = self.decide(&["--elections", "on"]).await?;
        let options = ELECTION_RULES.iter().flat_map(|rule| ["--election-rule", *rule]);
        let rules = self.decide(&options.collect::<Vec<_>>()).await?;
        let ((), block) = until(&self.chain, "elections", async |best| {
            Ok(self.chain.elections(Some(best.hash)).await?.clock.on.then_some(()))
        })
        .await?;
        self.note(switch, "elections are on".into(), block);
        let ((), block) = until(&self.chain, "other rules of elections", async |best| {
            Ok((self.chain.elections(Some(best.hash)).await?.rules != old).then_some(()))
        })
        .await?;
        self.note(rules, ELECTION_RULES.join(", "), block);
        self.votes.elections = self.chain.elections(None).await?.clock.on;
        Ok(before)
    }

    /// Waits until the candidate is in office, and counts the blocks that are written then.
    async fn author(&mut self, before: &[Account]) -> Outcome {
        let (candidate, validator) = &self.candidate;
        let (after, block) = until(&self.chain, "an elected author", async |best| {
            let office = self.chain.elections(Some(best.hash)).await?.in_office;
            Ok(office.contains(candidate).then_some(office))
        })
        .await?;
        self.say(&format!("{validator} is elected, and writes blocks from block {} on", block + 1));
        let sets = [before, &after];
        let elected =
            author::elected(&self.chain, (candidate, validator.as_str()), sets, block, PATIENCE).await?;
        self.votes.elected = elected;
        Ok(())
    }

    /// The elected author signs blocks on two machines until it was slashed.
    async fn offence(&mut self) -> Outcome {
        let (author, validator) = &self.candidate;
        self.say(&format!("{validator} copies its keys to a second machine, and a node runs on both"));
        let [first, second] = &self.machines;
        let mut second = equivocation::start_twin(first, second)?;
        let reported = |punished: &Punished| {
            self.say(&format!(
                "{validator} is reported in block {} for two blocks of a slot; before block {} a vote can cancel \
                 the slash",
                punished.reported_at, punished.due
            ));
        };
        let punished = equivocation::punished(&self.chain, author, reported).await;
        second.alive()?;
        // A node takes some seconds to end.
        tokio::task::spawn_blocking(move || drop(second)).await?;
        let punished = punished?;
        let [before, after] = punished.pledge_rao;
        self.say(&format!("{validator} is slashed: {before} -> {after} rao are pledged for it"));
        self.votes.punished = punished;
        Ok(())
    }

    async fn root_key(&mut self) -> Outcome {
        let key = async |holders: &Self, best: &Block| -> Result<Option<Account>, Failure> {
            Ok(holders.chain.storage("Sudo", "Key", &[], Some(best.hash)).await?)
        };
        let referendum = self.decide(&["--remove-root-key"]).await?;
        let ((), block) = until(&self.chain, "no root key", async |best| {
            Ok(key(self, best).await?.is_none().then_some(()))
        })
        .await?;
        let best = self.chain.best_block().await?;
        self.votes.root_key = key(self, &best).await?.is_some();
        self.votes.refused = refused(&self.chain).await?;
        self.note(referendum, "there is no root key".into(), block);
        Ok(())
    }
}

/// The answer to a call with the key that was root's.
async fn refused(chain: &ChainClient) -> Result<String, Failure> {
    use myelin_abi::calls::admin::SudoSetAdminFreezeWindow;
    use myelin_chain_client::Wait;
    let old = myelin_wallet::Keypair::from_uri("//Alice")?;
    let call = SudoSetAdminFreezeWindow { window: 0 };
    Ok(match chain.sudo(&call, &old, Wait::Inclusion).await {
        Ok(_) => "it was carried out".into(),
        Err(error) => error.to_string(),
    })
}

impl Demo {
    /// The next runtime, and one with a wrong migration, or where to get them.
    fn next_runtimes(&self) -> Result<[PathBuf; 2], Failure> {
        // `make build` puts both there.
        let beside = |name: &str| {
            let place = format!("wbuild/myelin-runtime/{name}_runtime.compact.compressed.wasm");
            Some(find_binary()?.parent()?.join(place))
        };
        let next = self.next_runtime.clone().or_else(|| beside("next"));
        let found = |path: Option<PathBuf>| {
            match path.filter(|path| path.is_file()) {
            Some(path) => Ok(path.canonicalize().unwrap_or(path)),
            None => fail(
                "the next runtime, to which the holders upgrade, or the one that they refuse was not found; run \
                 `make build`; --next-runtime names another one to upgrade to",
            ),
        }
        };
        Ok([found(next)?, found(beside("spoiled"))?])
    }

    /// Plays the scenario; fails if a promise was broken.
    pub(super) async fn govern(&self, global: &Global) -> Outcome {
        let [next, spoiled] = self.next_runtimes()?;
        let programme = self.programme()?;
        let started = Instant::now();
        let say = |text: String| output::tell!("[{:5.1} s] {text}", started.elapsed().as_secs_f64());
        say(format!("starting {AUTHORITIES} authorities"));
        let mut network = self.start_network(Chain::GOVERNED).await?;
        let chain = ChainClient::connect(&network.endpoint()).await?;
        say(format!("the chain grows; RPC at {}", network.endpoint()));
        let stages = programme.set(&chain, say).await?;
        let (endpoints, folder) = (network.endpoints(), network.folder().to_path_buf());
        let direction =
            Direction { endpoints: &endpoints, folder: &folder, negative_control: self.negative_control };
        let state = folder.join("state");
        std::fs::create_dir_all(&state).map_err(output::at(&state))?;
        let Some(stage) = stages.first() else { return fail("nobody judges") };
        let mut operator = Operator::begin(&network, &chain, stage, self.seed).await?;
        say(format!("{} is a candidate with a node of its own, which is no authority yet", operator.name));
        let mut troupe = Troupe::start(&stages, &direction)?;
        say("miners and validators started".into());
        let tempo = self.begin_epochs(&chain, &stages, &mut troupe, &direction).await?;
        say(format!("validators hold permits; from now on an epoch is {tempo} blocks"));

        let holders = Holders {
            chain: ChainClient::connect(&network.endpoint()).await?,
            endpoints: endpoints.clone(),
            next,
            spoiled,
            copy: operator.site.beside("copy"),
            candidate: (operator.hotkey, operator.name.clone()),
            machines: [operator.site.clone(), operator.site.beside("second")],
            started,
            votes: Votes::default(),
        };
        let mut acting = std::pin::pin!(holders.act());
        let mut decided = false;
        let mut report = Report::default();
        let mut last = last_epochs(&chain, &stages).await?;
        let opening = ledger::read(&chain, last.iter().copied().max().unwrap_or_default()).await?;
        let mut noted: Vec<Block> = Vec::new();
        while !decided || report.paid_after() < PAID_AFTER {
            let going = || operator.alive().and_then(|()| alive(&mut network, &mut troupe));
            let (index, epoch) = tokio::select! {
                votes = &mut acting, if !decided && report.is_paid() => {
                    (report.votes, decided) = (votes?, true);
                    continue;
                }
                epoch = watch::next_epoch(&chain, &stages, &last, EPOCH_LIMIT, going) => epoch?,
            };
            last[index] = epoch.block;
            say(headline(&stages[index], stages.len() == 1, &epoch));
            report.epochs.push(Line { block: epoch.block, paid_by_weights: epoch.from_weights });
            noted.push(chain.finalized_block().await?);
            if report.epochs.len() > MOST_EPOCHS {
                return fail(format!("{MOST_EPOCHS} epochs passed, and the votes are not done"));
            }
        }
        noted.push(chain.finalized_block().await?);
        report.finalized = noted.iter().map(|block| block.number).collect();
        report.reverted = reverted(&endpoints, &noted).await?;
        let block = chain.finalized_block().await?.number;
        report.ledger = ledger::read(&chain, block).await?.since(&opening);
        report.promises = report.promises();
        report.kept = report.promises.iter().all(|promise| promise.kept);
        let kept = show(&report, &stages, global)?;
        if !self.exit {
            super::invite(&network.endpoint(), &stages)?;
            loop {
                operator.alive()?;
                alive(&mut network, &mut troupe)?;
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
        kept
    }
}

/// Most epochs until the votes are done.
const MOST_EPOCHS: usize = 40;

impl Report {
    /// Whether weights have paid an epoch; holders vote from then on.
    fn is_paid(&self) -> bool {
        self.epochs.iter().any(|epoch| epoch.paid_by_weights)
    }

    fn paid_after(&self) -> usize {
        let after = |epoch: &&Line| epoch.block > self.votes.upgraded.block && epoch.paid_by_weights;
        self.epochs.iter().filter(after).count()
    }
}

/// Numbers of noted blocks that some node does not have any more.
async fn reverted(endpoints: &[String], noted: &[Block]) -> Result<Vec<u64>, Failure> {
    let mut reverted = Vec::new();
    for endpoint in endpoints {
        let node = ChainClient::connect(endpoint).await?;
        for block in noted {
            if node.block_hash(block.number).await? != block.hash {
                reverted.push(block.number);
            }
        }
    }
    Ok(reverted)
}

/// Writes and shows the report. The inner outcome fails if a promise was broken.
fn show(report: &Report, stages: &[Stage], global: &Global) -> Result<Outcome, Failure> {
    let path = Path::new("demo-report.json");
    std::fs::write(path, serde_json::to_string_pretty(report)?).map_err(output::at(path))?;
    if global.json {
        output::json(report)?;
    } else {
        let subnets: Vec<String> = stages.iter().map(|stage| stage.netuid.to_string()).collect();
        output::say!("\nVotes of holders, while subnet {} was judged and paid:", subnets.join(", "));
        promises_shown(&report.promises);
        output::say!("\nEvery number is in demo-report.json.");
    }
    let broken: Vec<&str> = report
        .promises
        .iter()
        .filter(|promise| !promise.kept)
        .map(|promise| promise.promise.as_str())
        .collect();
    Ok(match broken.is_empty() {
        true => Ok(()),
        false => fail(format!("{} promise(s) broken: {}", broken.len(), broken.join("; "))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::author::tests::good as good_election;
    use crate::demo::equivocation::tests::good as good_punishment;
    use crate::demo::traffic::tests::good as good_traffic;
    use crate::demo::trial::tests::good as good_trial;

    fn good() -> Report {
        let decided = |referendum| Decided { referendum, change: String::new(), seen_at: 9 };
        Report {
            votes: Votes {
                decided: (0..5).map(decided).collect(),
                limit: SUBNET_LIMIT,
                tried: good_trial(),
                upgraded: Upgraded {
                    versions: [1, 2],
                    block: 100,
                    migrating_blocks: 1,
                    nodes: vec![2; AUTHORITIES],
                },
                traffic: good_traffic(),
                elections: true,
                elected: good_election(),
                punished: good_punishment(),
                root_key: false,
                refused: "refused by the transaction pool: Invalid signing address".into(),
            },
            epochs: [50, 150, 200].map(|block| Line { block, paid_by_weights: block > 50 }).to_vec(),
            finalized: vec![49, 149, 349],
            ..Report::default()
        }
    }

    fn broken(change: impl FnOnce(&mut Report)) -> Vec<usize> {
        let mut report = good();
        change(&mut report);
        let promises = report.promises();
        (0..promises.len()).filter(|index| !promises[*index].kept).collect()
    }

    #[test]
    fn each_promise_is_broken_by_what_it_forbids() {
        assert!(broken(|_| {}).is_empty());
        assert_eq!(broken(|it| it.votes.limit = 128), [0]);
        assert_eq!(broken(|it| it.votes.tried.accepts_next = false), [1]);
        assert_eq!(broken(|it| it.votes.upgraded.nodes[3] = 1), [2]);
        assert_eq!(broken(|it| it.votes.upgraded.versions = [2, 2]), [2]);
        assert_eq!(broken(|it| it.votes.elections = false), [3]);
        assert_eq!(broken(|it| it.votes.elected.after.clone_from(&it.votes.elected.before)), [4, 5]);
        let writes_already = |it: &mut Report| _ = it.votes.elected.authors.insert("one".into(), 1);
        assert_eq!(broken(writes_already), [5]);
        assert_eq!(broken(|it| it.votes.punished.others = 1), [6]);
        assert_eq!(broken(|it| it.votes.root_key = true), [7]);
        assert_eq!(broken(|it| it.votes.refused = "it was carried out".into()), [7]);
        assert_eq!(broken(|it| it.epochs[2].paid_by_weights = false), [8]);
        assert_eq!(broken(|it| it.finalized = vec![49]), [9]);
        assert_eq!(broken(|it| it.finalized = vec![149, 299]), [9], "none after the election");
        assert_eq!(broken(|it| it.reverted = vec![149]), [9]);
        assert_eq!(broken(|it| it.votes.traffic.waited_ms.clear()), [10]);
        assert_eq!(broken(|it| it.ledger.accounts_rao = 1), [11]);
    }
}
