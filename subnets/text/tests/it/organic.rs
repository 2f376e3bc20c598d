//! Requests of customers stand among tasks, and whoever receives both learns nothing that tells them apart.
//!
//! The customers' requests are none that the subnet draws: edits between two versions of a crate, places in files where somebody might
//! go on writing, and questions that people wrote into documentation, all of them from the package manager's folder. Half of them
//! are what customers asked before, of which controls are made; the other half is what customers ask now.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    net::SocketAddr,
    path::Path,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use myelin_lm::{
    builtin::Level,
    corpus::{clean, CrateSources},
};
use myelin_subnet::{
    customer::Receipt,
    testkit::{tell_apart, MemoryChain, Seen, NETUID},
    Miner, MinerOptions, Strangers, Subnet, Validator, ValidatorOptions,
};
use myelin_text::{
    judge::Judge,
    past::{Accepted, Past},
    protocol::{ChatMessage, TextRequest},
    Load, TextConfig, TextSubnet,
};
use myelin_wallet::Keypair;
use myelin_wire::{
    answer::{AnswerClaim, SignedAnswer, PAYLOAD_LEN},
    hash::from_hex,
    seed::{Seed, SeedRng},
    ss58,
};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::field::{answering, built_in, honest, library};

/// Crates that this workspace depends on.
const LOCK: &str = include_str!("../../../../Cargo.lock");
/// Requests of each of three sorts, at most.
const OF_EACH: usize = 2_000;
/// What customers ask now, and controls for each of four miners.
const NOW: usize = 800;
const CONTROLS: u16 = 200;
const MINERS: [&str; 4] = ["one", "two", "three", "four"];

/// What people do with editors and chats, from the folders of crates on disk.
fn real() -> Vec<Accepted> {
    let sources = CrateSources::of_registry();
    let mut rng = Seed([7; 32]).rng();
    let mut folders = Vec::new();
    let mut versions = BTreeMap::<&str, Vec<&Path>>::new();
    for (name, version) in depended_on() {
        let Some(folder) = sources.folder(name, version) else { continue };
        versions.entry(name).or_default().push(folder);
        folders.push(folder);
    }
    rng.shuffle(&mut folders);
    let mut edits = Vec::new();
    for pair in versions.values().filter(|folders| folders.len() > 1) {
        edits.extend(edits_between(pair[0], pair[1], &mut rng));
    }
    let documents = folders.iter().filter_map(|folder| clean(&std::fs::read(folder.join("README.md")).ok()?));
    let documents: Vec<String> = documents.collect();
    let several = documents.iter().flat_map(|text| std::iter::repeat_n(text, 16));
    let mut places: Vec<_> = several.filter_map(|text| place(text, &mut rng)).collect();
    let sources = folders.iter().filter_map(|folder| std::fs::read_to_string(folder.join("src/lib.rs")).ok());
    let documented = |line: &str| {
        Some(line.trim_start().strip_prefix("//")?.trim_start_matches(['!', '/']).to_owned() + "\n")
    };
    let comments = sources.map(|text| text.lines().filter_map(documented).collect());
    let documents: Vec<String> = documents.into_iter().chain(comments).collect();
    let mut questions: Vec<_> = documents.iter().flat_map(|text| questions(text, &mut rng)).collect();
    let mut all = Vec::new();
    for sort in [&mut edits, &mut places, &mut questions] {
        rng.shuffle(sort);
        sort.truncate(OF_EACH);
        all.append(sort);
    }
    // What two versions of a crate say alike is there once.
    let mut known = BTreeSet::new();
    all.retain(|one| known.insert(name_of(&serde_json::to_value(&one.request).unwrap())));
    rng.shuffle(&mut all);
    all
}

/// Names and versions of the crates that the build of this workspace needs, so that they are there on every machine that runs tests.
fn depended_on() -> impl Iterator<Item = (&'static str, &'static str)> {
    let quoted = |line: &'static str, key| line.strip_prefix(key)?.strip_prefix(" = \"")?.strip_suffix('"');
    LOCK.lines()
        .zip(LOCK.lines().skip(1))
        .filter_map(move |(one, next)| Some((quoted(one, "name")?, quoted(next, "version")?)))
}

/// Settings as programs of different makers send them.
fn settings(rng: &mut SeedRng) -> TextRequest {
    TextRequest {
        max_tokens: [16, 24, 32, 48, 64][rng.index(5).unwrap()],
        temperature: [0.0, 0.2, 0.7, 1.0][rng.index(4).unwrap()],
        ..TextRequest::default()
    }
}

/// Lines that one version of a file has between two lines of the other version.
fn edits_between(old: &Path, new: &Path, rng: &mut SeedRng) -> Vec<Accepted> {
    let mut edits = Vec::new();
    let files = std::fs::read_dir(new.join("src")).into_iter().flatten().flatten();
    let mut files: Vec<_> = files.map(|entry| Path::new("src").join(entry.file_name())).collect();
    files.sort();
    for file in files {
        let (Ok(old), Ok(new)) =
            (std::fs::read_to_string(old.join(&file)), std::fs::read_to_string(new.join(&file)))
        else {
            continue;
        };
        let known: HashSet<&str> = old.lines().collect();
        let mut at = 0;
        for line in new.split_inclusive('\n') {
            let (start, text) = (at, line.trim());
            at += line.len();
            if known.contains(line.trim_end()) || text.len() < 12 || text.len() > 100 || edits.len() > 300 {
                continue;
            }
            let cursor = start + line.len() - line.trim_start().len();
            let end = start + line.trim_end().len();
            let request = TextRequest {
                prompt: new[floor(&new, cursor.saturating_sub(600))..cursor].to_owned(),
                suffix: Some(new[end..floor(&new, end + 200)].to_owned()),
                stop: vec!["\n".into()],
                ..settings(rng)
            };
            edits.push(Accepted { request, text: new[cursor..end].to_owned() });
        }
    }
    edits
}

/// A place after a sentence of a document.
fn place(text: &str, rng: &mut SeedRng) -> Option<Accepted> {
    let sentences: Vec<usize> =
        text.match_indices(". ").map(|(at, _)| at + 2).filter(|at| *at > 200).collect();
    let cursor = *rng.choose(&sentences)?;
    let accepted = text[cursor..floor(text, cursor + 160)].to_owned();
    let prompt = text[floor(text, cursor.saturating_sub(500))..cursor].to_owned();
    (!accepted.trim().is_empty())
        .then(|| Accepted { request: TextRequest { prompt, ..settings(rng) }, text: accepted })
}

/// Lines that end in a question mark, with what follows as the answer.
fn questions(text: &str, rng: &mut SeedRng) -> Vec<Accepted> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("?\n") {
        let start = text[..at].rfind(['\n', '.']).map_or(0, |before| before + 1);
        let question = text[start..=at].trim_start_matches(['#', ' ', '-', '*']).to_owned();
        let answer = text[at + 2..].trim_start();
        let answer = answer[..floor(answer, 300)].to_owned();
        if (12..160).contains(&question.len()) && answer.len() > 40 {
            let messages = vec![ChatMessage { role: "user".into(), content: question }];
            found.push(Accepted { request: TextRequest { messages, ..settings(rng) }, text: answer });
        }
    }
    found
}

fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// A request as it came over the wire.
struct Heard {
    head: String,
    body: Value,
    length: usize,
    at: Instant,
    miner: usize,
}

/// Passes connections on to a miner, and keeps every request.
async fn listen(listener: TcpListener, to: SocketAddr, miner: usize, heard: Arc<Mutex<Vec<Heard>>>) {
    while let Ok((mut from, _)) = listener.accept().await {
        let heard = heard.clone();
        tokio::spawn(async move {
            let mut to = TcpStream::connect(to).await.unwrap();
            let (mut from_read, mut from_write) = from.split();
            let (mut to_read, mut to_write) = to.split();
            let requests = async {
                let (mut kept, mut buffer, mut at) = (Vec::new(), vec![0; 16384], None);
                loop {
                    let length = from_read.read(&mut buffer).await.unwrap_or(0);
                    if length == 0 {
                        break;
                    }
                    at.get_or_insert_with(Instant::now);
                    kept.extend_from_slice(&buffer[..length]);
                    to_write.write_all(&buffer[..length]).await.unwrap();
                    while let Some((head, body)) = whole(&mut kept) {
                        let (length, at) = (body.len(), at.take().unwrap());
                        let body = serde_json::from_slice(&body).unwrap();
                        heard.lock().unwrap().push(Heard { head, body, length, at, miner });
                    }
                }
                let _ = to_write.shutdown().await;
            };
            let _ = tokio::join!(requests, tokio::io::copy(&mut to_read, &mut from_write));
        });
    }
}

/// Takes the first whole request out of what came.
fn whole(kept: &mut Vec<u8>) -> Option<(String, Vec<u8>)> {
    let end = kept.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let head = String::from_utf8_lossy(&kept[..end]).into_owned();
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().unwrap())
    });
    let length: usize = length.unwrap_or(0);
    (kept.len() >= end + length).then(|| {
        let rest = kept.split_off(end + length);
        let body = std::mem::replace(kept, rest).split_off(end);
        (head, body)
    })
}

/// What a miner may look at in a request; random values by their length.
fn seen(kind: bool, one: &Heard, before: Option<&Heard>, first: Instant, place: usize) -> Seen {
    let mut texts = vec![("body".to_owned(), one.body.to_string())];
    for line in one.head.lines() {
        let (name, value) = line.split_once(':').unwrap_or(("request", line));
        let value = if value.len() > 24 { format!("{} bytes", value.len()) } else { value.to_owned() };
        texts.push((name.to_owned(), value));
    }
    let since = |earlier: Instant| one.at.saturating_duration_since(earlier).as_secs_f64();
    let numbers = [
        ("bytes", one.length as f64),
        ("after the first", since(first)),
        ("after the one before", before.map_or(0.0, |before| since(before.at))),
        ("place", place as f64),
        ("headers", one.head.len() as f64),
    ];
    Seen { kind, texts, numbers: numbers.map(|(name, number)| (name.to_owned(), number)).into() }
}

fn key(name: &str) -> Arc<Keypair> {
    Arc::new(Keypair::from_uri(&format!("//{name}")).unwrap())
}

/// What names a request, whoever asks it.
fn name_of(body: &Value) -> String {
    format!("{}{}{}", body["prompt"], body["suffix"], body["messages"])
}

#[tokio::test(flavor = "multi_thread")]
async fn customers_requests_and_controls_cannot_be_told_apart() {
    let all = real();
    let sort = |is: &dyn Fn(&TextRequest) -> bool| all.iter().filter(|one| is(&one.request)).count();
    assert!(2 * all.len() > 5 * NOW, "{} requests were found on disk", all.len());
    println!(
        "{} requests of people, {} of them edits, {} questions",
        all.len(),
        sort(&|one| one.suffix.is_some()),
        sort(&|one| !one.messages.is_empty())
    );
    let (now, past) = all.split_at(NOW);
    let organic: BTreeSet<String> =
        now.iter().map(|one| name_of(&serde_json::to_value(&one.request).unwrap())).collect();
    let known: BTreeSet<String> =
        past.iter().map(|one| name_of(&serde_json::to_value(&one.request).unwrap())).collect();

    // Long epochs: the test needs one round, however slow the machine is.
    let chain = MemoryChain::new(30_000, false);
    chain.register(key("validator").public(), true);
    let blocks = chain.run();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let mut miners = Vec::new();
    for (index, name) in MINERS.into_iter().enumerate() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        chain.register(key(name).public(), false);
        let options = MinerOptions {
            strangers: Strangers::Refused,
            announce: Some(listener.local_addr().unwrap()),
            refresh: Some(Duration::from_millis(100)),
            ..MinerOptions::new(NETUID, "127.0.0.1:0".parse().unwrap())
        };
        let subnet = Arc::new(answering(honest(Level::Ngram, index as u8)));
        let own = chain.signed_by(key(name).public());
        let miner = Miner::start(subnet, own, key(name), options).await.unwrap();
        tokio::spawn(listen(listener, miner.address(), index, heard.clone()));
        miners.push(miner);
    }

    let folder = tempfile::tempdir().unwrap();
    let inbox = folder.path().join("organic");
    std::fs::create_dir(&inbox).unwrap();
    for (number, one) in now.iter().enumerate() {
        std::fs::write(inbox.join(format!("{number:04}.json")), serde_json::to_vec(&one.request).unwrap())
            .unwrap();
    }
    std::fs::write(inbox.join("wrong.json"), "{\"prompt\": 7}").unwrap();
    let load = Load {
        control: CONTROLS,
        fill: 1,
        continuation: 1,
        question: 8,
        arithmetic: 8,
        extract: 4,
        deadline: Duration::from_secs(120),
        long_deadline: Duration::from_secs(120),
        ..Load::default()
    };
    let subnet = TextSubnet::open(TextConfig {
        library: Some(library()),
        judge: Some(Judge::new(built_in(Level::Ngram))),
        past: Some(Arc::new(Past::new(past.to_vec()).unwrap())),
        load,
        ..TextConfig::default()
    });
    let options =
        ValidatorOptions { organic: Some(inbox.clone()), ..ValidatorOptions::new(NETUID, folder.path()) };
    let own = chain.signed_by(key("validator").public());
    let validator =
        Validator::start(Arc::new(subnet.unwrap()), own, key("validator"), options).await.unwrap();
    let answered = || {
        let names = std::fs::read_dir(&inbox).unwrap().map(|entry| entry.unwrap().file_name());
        names.filter(|name| name.to_string_lossy().ends_with(".answer.json")).count()
    };
    let patience = Instant::now() + Duration::from_secs(240);
    while answered() <= now.len() {
        assert!(Instant::now() < patience, "{} of {} customers were answered", answered(), now.len() + 1);
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    validator.shutdown(Duration::from_secs(10)).await;
    blocks.abort();

    // Every customer has an answer that a miner signed, and nobody else sees what was asked.
    let mut served = BTreeSet::new();
    for number in 0..now.len() {
        let answer = std::fs::read(inbox.join(format!("{number:04}.answer.json"))).unwrap();
        let answer: Value = serde_json::from_slice(&answer).unwrap();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let claim: [u8; PAYLOAD_LEN] = from_hex(&text(&answer["receipt"]["claim"])).unwrap();
        let signed = SignedAnswer {
            claim: AnswerClaim::from_payload(&claim).unwrap(),
            signature: from_hex(&text(&answer["receipt"]["signature"])).unwrap(),
        };
        let (request, answered) = (text(&answer["asked"]).into(), text(&answer["answered"]).into());
        assert!(Receipt { signed, request, answer: answered }.verify());
        assert_eq!(ss58::decode(&text(&answer["hotkey"])).unwrap(), signed.claim.miner);
        served.insert(text(&answer["hotkey"]));
    }
    assert_eq!(served.len(), MINERS.len(), "customers are spread over the miners");
    let wrong = std::fs::read_to_string(inbox.join("wrong.answer.json")).unwrap();
    assert!(wrong.contains("no request of the subnet"), "{wrong}");
    let evidence = folder.path().join("evidence");
    let secret = &now.iter().find(|one| !one.request.prompt.is_empty()).unwrap().request.prompt;
    let secret = serde_json::to_string(secret).unwrap();
    assert!(!anywhere(&evidence, secret.as_bytes()), "evidence holds what a customer asked");

    // What miners could learn, also from each other. A request that comes again is a check, so each counts once: so many controls in one
    // round meet each other more often than a few in each of many rounds.
    let heard = std::mem::take(&mut *heard.lock().unwrap());
    let (mut controls, mut drawn, mut met) = (Vec::new(), Vec::new(), BTreeSet::new());
    for miner in 0..MINERS.len() {
        let own: Vec<&Heard> = heard.iter().filter(|one| one.miner == miner).collect();
        for place in 0..own.len() {
            let before = place.checked_sub(1).map(|place| own[place]);
            let name = name_of(&own[place].body);
            let (is_organic, is_control) = (organic.contains(&name), known.contains(&name));
            let seen = seen(is_organic, own[place], before, own[0].at, place);
            if is_organic || !is_control {
                drawn.push(seen.clone());
            }
            if (is_organic || is_control) && met.insert(name) {
                controls.push(seen);
            }
        }
    }
    let area = |samples: &[Seen], part: &str| {
        let mut samples = samples.to_vec();
        for one in &mut samples {
            one.texts
                .retain(|(name, _)| part == "all" || part == if name == "body" { "text" } else { "headers" });
            one.numbers.retain(|_| matches!(part, "all" | "times"));
        }
        (1..4).map(|split| tell_apart(&samples, &Seed([split; 32])).unwrap()).sum::<f64>() / 3.0
    };
    let areas =
        |samples: &[Seen]| ["text", "headers", "times", "all"].map(|part| (part, area(samples, part)));
    let of = |kind: bool| controls.iter().filter(|one| one.kind == kind).count();
    println!("{} customers' requests, {} controls", of(true), of(false));
    let (controls, drawn) = (areas(&controls), areas(&drawn));
    println!("controls: {controls:.3?}; drawn tasks: {drawn:.3?}");
    // With so many the area of a guesser lies within 0.05 of a half, but for once in some thousand times.
    assert!(controls.iter().all(|(_, area)| *area <= 0.55), "told apart from customers: {controls:.3?}");
    // The learner is no fool: what the subnet draws by itself it does recognise.
    assert!(drawn[3].1 > 0.8, "{drawn:.3?}");
}

/// Whether some file below a folder holds these bytes.
fn anywhere(folder: &Path, wanted: &[u8]) -> bool {
    std::fs::read_dir(folder).unwrap().flatten().any(|entry| match entry.path().is_dir() {
        true => anywhere(&entry.path(), wanted),
        false => {
            let bytes = std::fs::read(entry.path()).unwrap();
            bytes.windows(wanted.len()).any(|window| window == wanted)
        }
    })
}
