//! Requests that miners see from a validator which also asks for customers. Real runners on loopback are connected
//! through a listener that keeps every request as it came over the wire.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    path::Path,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use myelin_wallet::Keypair;
use myelin_wire::seed::Seed;
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::{
    memory_chain::{MemoryChain, NETUID},
    telling::{tell_apart, Seen},
};
use crate::{Miner, MinerOptions, Strangers, Subnet, Validator, ValidatorOptions};

/// A request as it came over the wire.
pub struct Heard {
    /// Line of the request and headers.
    pub head: String,
    /// The body.
    pub body: Value,
    /// Place of the miner that received it.
    pub miner: usize,
    length: usize,
    at: Instant,
}

/// Error of a test.
pub type Trouble = Box<dyn std::error::Error + Send + Sync>;

/// Runs miners and a validator with a permit, which after `rounds` rounds also asks for customers. The customers'
/// requests come into the folder `organic` below the validator's own. Returns the requests that each miner received.
///
/// `tempo` is that of the chain in memory, whose blocks take [`SLOT`](super::SLOT).
pub async fn overhear<S: Subnet>(
    folder: &Path,
    validator: S,
    miners: Vec<S>,
    requests: &[Value],
    (tempo, rounds): (u16, usize),
) -> Result<Vec<Heard>, Trouble> {
    let chain = MemoryChain::new(tempo, false);
    let key = |name: String| Keypair::from_uri(&format!("//{name}")).map(Arc::new);
    let judge = key("validator".into())?;
    chain.register(judge.public(), true);
    let heard = Arc::new(Mutex::new(Vec::new()));
    let mut running = Vec::new();
    for (place, subnet) in miners.into_iter().enumerate() {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let key = key(format!("miner-{place}"))?;
        chain.register(key.public(), false);
        let options = MinerOptions {
            strangers: Strangers::Refused,
            announce: Some(listener.local_addr()?),
            refresh: Some(Duration::from_millis(100)),
            ..MinerOptions::new(NETUID, "127.0.0.1:0".parse()?)
        };
        let miner = Miner::start(Arc::new(subnet), chain.signed_by(key.public()), key, options).await?;
        tokio::spawn(listen(listener, miner.address(), place, heard.clone()));
        running.push(miner);
    }
    let blocks = chain.run();
    let inbox = folder.join("organic");
    std::fs::create_dir_all(&inbox)?;
    let put = || {
        requests.iter().enumerate().try_for_each(|(number, request)| {
            std::fs::write(inbox.join(format!("{number:04}.json")), request.to_string())
        })
    };
    let mut waiting = rounds > 0;
    if !waiting {
        put()?;
    }
    let options = ValidatorOptions { organic: Some(inbox.clone()), ..ValidatorOptions::new(NETUID, folder) };
    let own = chain.signed_by(judge.public());
    let validator = Validator::start(Arc::new(validator), own, judge, options).await?;
    let mut report = validator.report();
    let mut judged = BTreeSet::new();
    let patience = tokio::time::Instant::now() + Duration::from_secs(300);
    while judged.len() <= rounds {
        if judged.len() == rounds && std::mem::take(&mut waiting) {
            put()?;
        }
        tokio::time::timeout_at(patience, report.changed()).await??;
        judged.extend(report.borrow_and_update().last_round.as_ref().map(|round| (round.epoch, round.round)));
    }
    // Of whole rounds alone: a part of one in which fewer customers ask would tell them apart by time.
    let of_rounds = std::mem::take(&mut *heard.lock().map_err(|_| "a listener panicked")?);
    validator.shutdown(Duration::from_secs(10)).await;
    blocks.abort();
    Ok(of_rounds)
}

/// Passes connections on to a miner, and keeps every request.
async fn listen(listener: TcpListener, to: SocketAddr, miner: usize, heard: Arc<Mutex<Vec<Heard>>>) {
    while let Ok((from, _)) = listener.accept().await {
        let heard = heard.clone();
        tokio::spawn(async move {
            // The runners themselves notice a connection that breaks.
            let _ = pass(from, to, miner, &heard).await;
        });
    }
}

async fn pass(
    mut from: TcpStream,
    to: SocketAddr,
    miner: usize,
    heard: &Mutex<Vec<Heard>>,
) -> std::io::Result<()> {
    let mut to = TcpStream::connect(to).await?;
    let (mut from_read, mut from_write) = from.split();
    let (mut to_read, mut to_write) = to.split();
    let requests = async {
        let (mut kept, mut buffer, mut at) = (Vec::new(), vec![0; 16384], None);
        loop {
            let length = from_read.read(&mut buffer).await?;
            if length == 0 {
                break;
            }
            at.get_or_insert_with(Instant::now);
            kept.extend_from_slice(&buffer[..length]);
            to_write.write_all(&buffer[..length]).await?;
            while let Some((head, body)) = whole(&mut kept) {
                let (length, at) = (body.len(), at.take().unwrap_or_else(Instant::now));
                let body = serde_json::from_slice(&body)?;
                let mut heard = heard.lock().map_err(|_| std::io::Error::other("a listener panicked"))?;
                heard.push(Heard { head, body, length, at, miner });
            }
        }
        to_write.shutdown().await
    };
    let (sent, _) = tokio::join!(requests, tokio::io::copy(&mut to_read, &mut from_write));
    sent
}

/// Takes the first whole request out of the bytes received.
fn whole(kept: &mut Vec<u8>) -> Option<(String, Vec<u8>)> {
    let end = kept.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let head = String::from_utf8_lossy(&kept[..end]).into_owned();
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().unwrap_or(0))
    });
    let length: usize = length.unwrap_or(0);
    (kept.len() >= end + length).then(|| {
        let rest = kept.split_off(end + length);
        let body = std::mem::replace(kept, rest).split_off(end);
        (head, body)
    })
}

/// Samples for a learner from the requests that miners received: customers' requests among controls, and among all
/// other requests.
pub struct Samples {
    /// Customers' requests, and controls, which are earlier customers' requests.
    pub controls: Vec<Seen>,
    /// Customers' requests, and drawn tasks.
    pub drawn: Vec<Seen>,
}

impl Samples {
    /// Number of customers' requests, and number of controls.
    pub fn count(&self) -> (usize, usize) {
        let organic = self.controls.iter().filter(|sample| sample.kind).count();
        (organic, self.controls.len() - organic)
    }

    /// The learner's success on these samples.
    pub fn told_apart(&self) -> ToldApart {
        let (organic, controls) = self.count();
        let (organic, controls) = (organic as f64, controls as f64);
        ToldApart {
            controls: areas(&self.controls),
            chance: ((organic + controls + 1.0) / (12.0 * organic * controls)).sqrt(),
            drawn: areas(&self.drawn),
        }
    }
}

/// The mean area of three splits by text, headers, times, and all of these; a half is guessing.
type Areas = [(&'static str, f64); 4];

/// Success of a learner in telling customers' requests from others.
#[derive(Debug)]
pub struct ToldApart {
    /// Against controls.
    pub controls: Areas,
    /// Standard deviation of a guesser's area around a half.
    pub chance: f64,
    /// Against drawn tasks.
    pub drawn: Areas,
}

impl ToldApart {
    /// Whether controls are told apart no better than the goal of 0.55 allows, plus two standard deviations of chance.
    pub fn controls_are_hidden(&self) -> bool {
        self.controls.iter().all(|(_, area)| *area <= 0.55 + 2.0 * self.chance)
    }

    /// Whether the learner works: it recognises tasks that a subnet draws by itself.
    pub fn learner_learns(&self) -> bool {
        self.drawn.iter().any(|(part, area)| *part == "all" && *area > 0.8)
    }
}

impl std::fmt::Display for ToldApart {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { controls, chance, drawn } = self;
        write!(f, "controls: {controls:.3?}, by chance ±{chance:.3}; drawn tasks: {drawn:.3?}")
    }
}

/// Samples of a round with enough requests of both kinds. Beside other tests a slow machine may do too few; then the
/// round is repeated, up to four rounds.
pub async fn enough_of(mut round: impl AsyncFnMut() -> Samples) -> Option<Samples> {
    for _ in 0..4 {
        let samples = round().await;
        let (organic, controls) = samples.count();
        println!("{organic} requests of customers and {controls} controls were heard");
        if organic.min(controls) >= 200 {
            return Some(samples);
        }
    }
    None
}

/// Sorts the requests that miners received, by the names that requests have in `organic` and `known`. A repeated
/// request is known as a check, whichever miner gets it, so only its first occurrence counts. One round with many
/// controls has more repetitions than many rounds with a few.
pub fn sorted(
    heard: &[Heard],
    organic: &BTreeSet<String>,
    known: &BTreeSet<String>,
    name_of: impl Fn(&Value) -> String,
) -> Samples {
    let mut samples = Samples { controls: Vec::new(), drawn: Vec::new() };
    let mut first = BTreeMap::<String, Instant>::new();
    for message in heard {
        let at = first.entry(name_of(&message.body)).or_insert(message.at);
        *at = message.at.min(*at);
    }
    for miner in 0..=heard.iter().map(|message| message.miner).max().unwrap_or_default() {
        let own: Vec<&Heard> = heard.iter().filter(|message| message.miner == miner).collect();
        // From the first request of a customer on, if the miner's answers are good enough for customers.
        let Some(begin) = own.iter().position(|message| organic.contains(&name_of(&message.body))) else {
            continue;
        };
        for place in begin..own.len() {
            let name = name_of(&own[place].body);
            let (is_organic, is_control) = (organic.contains(&name), known.contains(&name));
            let before = place.checked_sub(1).map(|place| own[place]);
            let seen = seen(is_organic, own[place], before, own[begin].at, place - begin);
            if is_organic || !is_control {
                samples.drawn.push(seen.clone());
            }
            if (is_organic || is_control) && first.get(&name) == Some(&own[place].at) {
                samples.controls.push(seen);
            }
        }
    }
    samples
}

/// Features of a request that a miner can look at; long values are replaced by their length.
fn seen(kind: bool, message: &Heard, before: Option<&Heard>, first: Instant, place: usize) -> Seen {
    let mut texts = vec![("body".to_owned(), message.body.to_string())];
    for line in message.head.lines() {
        let (name, value) = line.split_once(':').unwrap_or(("request", line));
        let value = if value.len() > 24 { format!("{} bytes", value.len()) } else { value.to_owned() };
        texts.push((name.to_owned(), value));
    }
    let since = |earlier: Instant| message.at.saturating_duration_since(earlier).as_secs_f64();
    let numbers = [
        ("bytes", message.length as f64),
        ("after the first", since(first)),
        ("after the one before", before.map_or(0.0, |before| since(before.at))),
        ("place", place as f64),
        ("headers", message.head.len() as f64),
    ];
    Seen { kind, texts, numbers: numbers.map(|(name, number)| (name.to_owned(), number)).into() }
}

fn areas(samples: &[Seen]) -> Areas {
    ["text", "headers", "times", "all"].map(|part| {
        let mut samples = samples.to_vec();
        for sample in &mut samples {
            sample
                .texts
                .retain(|(name, _)| part == "all" || part == if name == "body" { "text" } else { "headers" });
            sample.numbers.retain(|_| matches!(part, "all" | "times"));
        }
        let area = |split| tell_apart(&samples, &Seed([split; 32])).unwrap_or(f64::NAN);
        (part, (1..4).map(area).sum::<f64>() / 3.0)
    })
}
