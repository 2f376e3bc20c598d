//! `myelin ask`: a question to the best miner of a subnet, or to several at once, on the terminal.
//!
//! The kind of subnet defines the form of questions and answers; this file chooses the miners, and prints. A question
//! goes the way of a validator's check, so a miner cannot tell the two apart by their form. The answer comes with a
//! signed receipt.

use std::cmp::Reverse;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Args;
use myelin_chain_client::{ChainClient, Metagraph, Neuron};
use myelin_subnet::customer::{draw_by_weight, Receipt};
use myelin_subnet::reach::{is_local_chain, is_public};
use myelin_subnet::validator::ask::Reachable;
use myelin_subnet::MinerRef;
use myelin_units::storage_index;
use serde_json::{json, Value};

use super::model::Known;
use super::{connect, stop_signal};
use crate::keys::Keys;
use crate::output::{self, brief, fail, share, Failure, Outcome};
use crate::subnets::{
    stated, AskSetup, Caller, Cause, Choice, Inquiry, Job, Jobs, Kinds, Refusal, Reply, Shown,
};
use crate::Global;

/// Most miners that are asked one after the other until one answers.
const TRIED: usize = 5;
/// Longest time between two looks at the clock, which goes on while a machine sleeps.
const LOOKING: Duration = Duration::from_secs(30);

/// A question to the miners of a subnet.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    myelin ask --netuid 2 --hotkey validator1 'fn main() {'\n  \
    myelin ask --netuid 2 --hotkey validator1 --suffix '\\n}' 'let x = '\n  \
    myelin ask --netuid 2 --hotkey validator1 --chat --stream 'What is a mutex?'\n  \
    myelin ask --netuid 3 --kind analysis --table sales.csv --ensemble 3 'the total of price for each city'\n  \
    myelin ask --netuid 4 --kind recognition --picture invoice.png --field total --field date\n  \
    myelin ask --netuid 5 --kind translation app.po --to es --out app.es.po\n  \
    myelin ask --netuid 6 --kind scraping books.toml --out books.parquet\n  \
    myelin ask --netuid 6 --kind scraping jobs --out tables --repeat\n  \
    myelin ask --netuid 7 --kind imaging 'two red stars on a white background' --out stars.png\n\n\
    Miners answer validators: hotkeys with a permit and, unless a miner says otherwise, at least 1/256 of the stake. \
    What is asked looks like a check to them, in form and headers; only a \
    stream does not.")]
pub struct Ask {
    /// The subnet.
    #[arg(long, short = 'n', env = "MYELIN_NETUID")]
    netuid: u16,
    #[command(flatten)]
    keys: Keys,
    #[command(flatten)]
    choice: Choice,
    /// Text to continue, the message with --chat, or the question.
    #[arg(value_name = "WORDS")]
    words: Option<String>,
    /// Ask this miner instead of the one with the highest incentive.
    #[arg(long)]
    uid: Option<u16>,
    /// Ask so many miners at once, drawn by their incentive, and combine their answers, weighted by it.
    #[arg(long, value_name = "MINERS", conflicts_with = "uid", value_parser = clap::value_parser!(u16).range(2..=16))]
    ensemble: Option<u16>,
    /// Also ask miners at addresses of private networks; on a chain with short block times this is always so.
    #[arg(long)]
    allow_private: bool,
    /// Write the result here: of a file to translate, a job of scraping, or a picture. What is done so far of a file or
    /// a job is kept beside it, so that the same command goes on after a failure.
    #[arg(long, value_name = "FILE", conflicts_with = "stream")]
    out: Option<PathBuf>,
    /// Print the answer piece by piece as it arrives.
    #[arg(long, conflicts_with = "ensemble")]
    stream: bool,
}

/// An answer made of several, those that came, and why others did not.
type Several<'m, 'a> = (Shown, Vec<(&'m Candidate<'a>, Reply)>, Vec<(&'m Candidate<'a>, Refusal)>);

/// The asked subnet with the incentives of a mechanism, its chain, and the asker.
struct AskedSubnet {
    chain: ChainClient,
    graph: Metagraph,
    from: Caller,
    /// Whether miners at any address are asked.
    anywhere: bool,
}

/// A miner that may be asked.
struct Candidate<'a> {
    neuron: &'a Neuron,
    reachable: Reachable,
}

impl<'a> Candidate<'a> {
    fn new(neuron: &'a Neuron, address: SocketAddr) -> Self {
        let miner = MinerRef { uid: neuron.uid, hotkey: neuron.hotkey.0 };
        Self { neuron, reachable: Reachable { miner, address, signed_bodies: neuron.signed_bodies } }
    }

    /// The incentive as a weight, at least 1: a miner that is asked by its number may have earned nothing.
    fn weight(&self) -> u64 {
        u64::from(self.neuron.incentive.max(1))
    }

    fn refusal(&self, refusal: &Refusal) -> String {
        format!("uid {}: {}", self.neuron.uid, refusal.why)
    }
}

impl Ask {
    /// Asks, and prints the answer.
    pub async fn run(self, global: &Global, kinds: &Kinds) -> Outcome {
        let setup = AskSetup {
            words: self.words.as_deref(),
            out: self.out.as_deref(),
            options: self.choice.options(),
        };
        let kind = kinds.find(&self.choice.kind)?;
        if let Some(jobs) = kind.jobs(&setup)? {
            return self.repeat(global, jobs).await;
        }
        if let Some(job) = kind.job(&setup)? {
            return self.work(global, job).await;
        }
        let inquiry = kind.ask(&setup)?;
        if self.out.is_some() && !inquiry.has_files() {
            return fail(format!(
                "--out is for a file, a job or a picture; what is asked of the kind `{}` here is printed, so leave it \
                 out",
                self.choice.kind
            ));
        }
        if self.stream && !inquiry.streams() {
            return fail(format!(
                "answers of the kind `{}` come whole; leave out --stream",
                self.choice.kind
            ));
        }
        if self.stream && global.json {
            return fail(
                "--stream prints text as it comes, and --json one value at the end; leave out one of them",
            );
        }
        let subnet = self.look(global, inquiry.mechanism()).await?;
        let miners = self.candidates(&subnet)?;
        match self.ensemble {
            Some(count) => self.ask_several(global, &inquiry, &subnet, &miners, count.into()).await,
            None => self.ask_one(global, &inquiry, &subnet, &miners).await,
        }
    }

    /// Reads the subnet with the incentives of a mechanism.
    async fn look(&self, global: &Global, mechanism: u8) -> Result<AskedSubnet, Failure> {
        let chain = connect(global).await?;
        let hotkey = Arc::new(self.keys.hotkey(global)?);
        let mut graph = chain.metagraph(self.netuid, None).await?;
        if mechanism > 0 {
            let index = storage_index(self.netuid, mechanism).into();
            let incentives: Option<Vec<u16>> =
                chain.storage("SubtensorModule", "Incentive", &[index], None).await?;
            let incentives = incentives.unwrap_or_default();
            for neuron in &mut graph.neurons {
                neuron.incentive = incentives.get(usize::from(neuron.uid)).copied().unwrap_or_default();
            }
        }
        let anywhere = self.allow_private || is_local_chain(chain.slot_duration_ms().await?);
        let from = Caller { hotkey, genesis: chain.genesis_hash().0, netuid: self.netuid };
        Ok(AskedSubnet { chain, graph, from, anywhere })
    }

    /// Does each job when it is due, until the process is asked to end.
    async fn repeat(&self, global: &Global, mut jobs: Box<dyn Jobs>) -> Outcome {
        let stop = stop_signal();
        tokio::pin!(stop);
        loop {
            let turn = async {
                let wait = jobs.wait();
                if wait > Duration::ZERO {
                    tokio::time::sleep(wait.min(LOOKING)).await;
                    return Ok(());
                }
                let outcome = match jobs.open() {
                    Ok(job) => self.work(global, job).await,
                    Err(error) => Err(error),
                };
                jobs.ended(outcome)
            };
            tokio::select! {
                // Looked at first, so that the signal is waited for before anything else begins.
                biased;
                () = &mut stop => break,
                ended = turn => ended?,
            }
        }
        crate::output::tell!("stopped; the same command goes on where it was");
        Ok(())
    }

    /// Does work that takes several requests, one after the other.
    async fn work(&self, global: &Global, mut job: Box<dyn Job>) -> Outcome {
        if self.stream {
            return fail("files are written whole; leave out --stream");
        }
        let mut subnet = None;
        let began = Instant::now();
        while let Some(inquiry) = job.next()? {
            // Only work that has something to ask needs the chain.
            let subnet = match &subnet {
                Some(subnet) => subnet,
                None => subnet.insert(self.look(global, inquiry.mechanism()).await?),
            };
            let miners = self.candidates(subnet)?;
            let answer = match self.ensemble {
                Some(count) => self.several(&inquiry, &subnet.from, &miners, count.into()).await?.0.json,
                None => self.one(&inquiry, &subnet.from, &miners).await?.1.shown.json,
            };
            crate::output::tell!("{}, {} s", job.take(&answer)?, began.elapsed().as_secs());
        }
        let shown = job.finish().await?;
        if global.json {
            return output::json(&shown.json);
        }
        crate::output::say!("{}", shown.text);
        Ok(())
    }

    /// The answer of the first miner that gives one.
    async fn one<'m, 'a>(
        &self,
        inquiry: &Inquiry,
        from: &Caller,
        miners: &'m [Candidate<'a>],
    ) -> Result<(&'m Candidate<'a>, Reply), Failure> {
        let mut refusals = Vec::new();
        for miner in miners.iter().take(TRIED) {
            let asked = inquiry.ask(from, &[(miner.reachable, miner.weight())]).await?;
            match asked.replies.into_iter().next() {
                Some(Ok(reply)) => return Ok((miner, reply)),
                Some(Err(refusal)) => refusals.push((miner, refusal)),
                None => {}
            }
        }
        Err(self.nobody(&refusals))
    }

    /// The miners in falling order of their incentive.
    fn candidates<'a>(&self, subnet: &'a AskedSubnet) -> Result<Vec<Candidate<'a>>, Failure> {
        let AskedSubnet { graph, anywhere, .. } = subnet;
        let mut miners: Vec<_> = graph
            .serving()
            .filter(|neuron| self.uid.is_none_or(|uid| neuron.uid == uid))
            // Unspent earnings give miners permits too, so a permit does not show the role; incentive does.
            .filter(|neuron| neuron.incentive > 0 || self.uid.is_some())
            .filter_map(|neuron| Some(Candidate::new(neuron, neuron.axon?)))
            .collect();
        let known = miners.len();
        miners.retain(|miner| *anywhere || is_public(miner.reachable.address.ip()));
        if miners.is_empty() && known > 0 {
            return fail(
                "the miner announced an address of a private network; --allow-private asks it all the same",
            );
        }
        miners.sort_by_key(|miner| (Reverse(miner.neuron.incentive), miner.neuron.uid));
        if !miners.is_empty() {
            return Ok(miners);
        }
        fail(match self.uid {
            Some(uid) if usize::from(uid) >= graph.neurons.len() => format!(
                "subnet {} has {} neurons, so no uid {uid}; see `myelin metagraph --netuid {}`",
                self.netuid,
                graph.neurons.len(),
                self.netuid
            ),
            Some(uid) => format!("uid {uid} has announced no axon on subnet {}", self.netuid),
            None => format!(
                "no miner of subnet {} with an axon has an incentive now: none has earned yet, or no validator sets \
                 weights any more; `myelin metagraph --netuid {}` shows them, --uid chooses one",
                self.netuid, self.netuid
            ),
        })
    }

    /// Asks one miner after the other until one answers.
    async fn ask_one(
        &self,
        global: &Global,
        inquiry: &Inquiry,
        subnet: &AskedSubnet,
        miners: &[Candidate<'_>],
    ) -> Outcome {
        if self.stream {
            return self.stream_one(inquiry, subnet, miners).await;
        }
        let (miner, reply) = self.one(inquiry, &subnet.from, miners).await?;
        let files = self.save(&reply)?;
        if global.json {
            let mut fields = of(miner, &reply, &subnet.chain).await;
            if !files.is_empty() {
                fields["files"] = files.into();
            }
            return output::json(&fields);
        }
        crate::output::say!("{}", reply.shown.text);
        files.iter().for_each(|file| crate::output::say!("{file}"));
        crate::output::tell!("\n{}", said_by(miner, &reply));
        tell_model(&subnet.chain, &reply).await;
        Ok(())
    }

    /// The same, with an answer that is printed as it comes.
    async fn stream_one(&self, inquiry: &Inquiry, subnet: &AskedSubnet, miners: &[Candidate<'_>]) -> Outcome {
        let mut refusals = Vec::new();
        for miner in miners.iter().take(TRIED) {
            let mut streamed = false;
            let mut on_text = |text: &str| {
                streamed |= !text.is_empty();
                output::write(&output::plain(text));
            };
            match inquiry.stream(&subnet.from, &miner.reachable, &mut on_text).await? {
                Ok(reply) => {
                    crate::output::say!("{}", if streamed { "" } else { reply.shown.text.as_str() });
                    crate::output::tell!("\n{}", said_by(miner, &reply));
                    tell_model(&subnet.chain, &reply).await;
                    return Ok(());
                }
                // Printed text cannot be taken back.
                Err(refusal) if streamed => {
                    crate::output::say!("");
                    return fail(format!("do not rely on what stands above: {}", miner.refusal(&refusal)));
                }
                Err(refusal) => refusals.push((miner, refusal)),
            }
        }
        Err(self.nobody(&refusals))
    }

    /// Asks several miners at once, and prints the answer that is made of theirs.
    async fn ask_several(
        &self,
        global: &Global,
        inquiry: &Inquiry,
        subnet: &AskedSubnet,
        miners: &[Candidate<'_>],
        count: usize,
    ) -> Outcome {
        let (together, replies, refusals) = self.several(inquiry, &subnet.from, miners, count).await?;
        let files = match replies.iter().find(|(_, reply)| reply.shown == together) {
            Some((_, reply)) => self.save(reply)?,
            None if inquiry.has_files() => return fail("no answer has the files of the one that was chosen"),
            None => Vec::new(),
        };
        if global.json {
            let refused =
                refusals.iter().map(|(miner, why)| json!({ "uid": miner.neuron.uid, "error": why.why }));
            let mut answers = Vec::new();
            for (miner, reply) in &replies {
                answers.push(of(miner, reply, &subnet.chain).await);
            }
            answers.extend(refused);
            let mut whole = fields(&together);
            whole.insert("answers".into(), answers.into());
            if !files.is_empty() {
                whole.insert("files".into(), files.into());
            }
            return output::json(&Value::Object(whole));
        }
        crate::output::say!("{}", together.text);
        files.iter().for_each(|file| crate::output::say!("{file}"));
        crate::output::tell!("");
        for (miner, reply) in &replies {
            let agrees = if reply.shown == together { "says the same" } else { "says something else" };
            crate::output::tell!("{}, {agrees}", said_by(miner, reply));
            tell_model(&subnet.chain, reply).await;
        }
        for (miner, refusal) in &refusals {
            crate::output::tell!("{}", miner.refusal(refusal));
        }
        Ok(())
    }

    /// The answer made of those of several miners that are asked at once, with their own ones.
    async fn several<'m, 'a>(
        &self,
        inquiry: &Inquiry,
        from: &Caller,
        miners: &'m [Candidate<'a>],
        count: usize,
    ) -> Result<Several<'m, 'a>, Failure> {
        let weights: Vec<u64> = miners.iter().map(Candidate::weight).collect();
        let drawn = draw_by_weight(&weights, count);
        let drawn: Vec<&Candidate<'_>> = drawn.into_iter().filter_map(|index| miners.get(index)).collect();
        let table: Vec<_> = drawn.iter().map(|miner| (miner.reachable, miner.weight())).collect();
        let asked = inquiry.ask(from, &table).await?;
        let mut refusals = Vec::new();
        let mut replies = Vec::new();
        for (miner, reply) in drawn.into_iter().zip(asked.replies) {
            match reply {
                Ok(reply) => replies.push((miner, reply)),
                Err(refusal) => refusals.push((miner, refusal)),
            }
        }
        if replies.is_empty() {
            return Err(self.nobody(&refusals));
        }
        let Some(together) = asked.together else {
            return fail(format!(
                "{} miners answered, and no one answer can be made of theirs; ask without --ensemble",
                replies.len()
            ));
        };
        Ok((together, replies, refusals))
    }

    /// Writes the files of an answer: the first to the file of `--out`, others beside it with their number.
    fn save(&self, reply: &Reply) -> Result<Vec<String>, Failure> {
        let Some(out) = &self.out else { return Ok(Vec::new()) };
        let mut names = Vec::new();
        for (number, bytes) in (1..).zip(&reply.files) {
            let path = if number == 1 { out.clone() } else { numbered(out, number) };
            std::fs::write(&path, bytes).map_err(output::at(&path))?;
            names.push(path.display().to_string());
        }
        Ok(names)
    }

    fn nobody(&self, refusals: &[(&Candidate<'_>, Refusal)]) -> Failure {
        let all: Vec<String> = refusals.iter().map(|(miner, refusal)| miner.refusal(refusal)).collect();
        let all_for = |cause| refusals.iter().all(|(_, refusal)| refusal.cause == cause);
        let next = if all_for(Cause::OtherKind) {
            format!(
                "the miners of subnet {} know no requests of the kind `{}`; --kind names another",
                self.netuid, self.choice.kind
            )
        } else if all_for(Cause::Permit) {
            "miners answer validators with a permit and a part of the stake, so ask with such a hotkey".into()
        } else {
            "ask again, ask another miner with --uid, or ask for less".into()
        };
        Failure::new(format!("no miner answered ({}); {next}", all.join("; ")))
    }
}

/// `stars.png` with its number: `stars-2.png`.
fn numbered(path: &Path, number: usize) -> PathBuf {
    let mut name = path.file_stem().unwrap_or_default().to_os_string();
    name.push(format!("-{number}"));
    if let Some(ending) = path.extension() {
        name.push(".");
        name.push(ending);
    }
    path.with_file_name(name)
}

fn said_by(miner: &Candidate<'_>, reply: &Reply) -> String {
    format!(
        "uid {} ({}), incentive {}, {} ms, {}",
        miner.neuron.uid,
        brief(&miner.neuron.hotkey),
        share(miner.neuron.incentive),
        reply.elapsed.as_millis(),
        if reply.receipt.is_some() { "signed" } else { "not signed" }
    )
}

/// The model that an answer's signature declares, with its record if the chain has one.
async fn declared(chain: &ChainClient, reply: &Reply) -> Option<Known> {
    Some(Known::read(chain, reply.receipt.as_ref()?.model()?).await)
}

/// Prints it below the answer, which does not wait for the chain.
async fn tell_model(chain: &ChainClient, reply: &Reply) {
    if let Some(model) = declared(chain, reply).await {
        crate::output::tell!("model {}", model.line());
    }
}

fn fields(shown: &Shown) -> serde_json::Map<String, Value> {
    match &shown.json {
        Value::Object(fields) => fields.clone(),
        other => [("answer".to_string(), other.clone())].into_iter().collect(),
    }
}

/// An answer with its miner, its declared model and its receipt.
async fn of(miner: &Candidate<'_>, reply: &Reply, chain: &ChainClient) -> Value {
    let model = declared(chain, reply).await;
    let mut fields = fields(&reply.shown);
    fields.insert("uid".into(), miner.neuron.uid.into());
    fields.insert("incentive".into(), miner.neuron.incentive.into());
    fields.insert("milliseconds".into(), (reply.elapsed.as_millis() as u64).into());
    fields.insert("declared_model".into(), model.as_ref().map(Known::value).unwrap_or_default());
    fields.insert("receipt".into(), reply.receipt.as_ref().map(receipt).unwrap_or_default());
    Value::Object(fields)
}

/// Everything that a third party needs to check the signature.
fn receipt(receipt: &Receipt) -> Value {
    let mut stated = stated(receipt);
    stated.insert("request".into(), String::from_utf8_lossy(&receipt.request).into());
    stated.insert("answer".into(), String::from_utf8_lossy(&receipt.answer).into());
    Value::Object(stated)
}
