//! Requests of customers stand among tasks, and a miner that receives both cannot tell them apart.
//!
//! The customers' requests are not drawn by the subnet: edits between two versions of a crate, places in files where
//! somebody might go on writing, and questions in documentation. All are from the package manager's folder. Half of
//! them are earlier requests, of which controls are made; the other half are requests of present customers.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    path::Path,
    sync::Arc,
};

use myelin_lm::{
    builtin::Level,
    corpus::{clean, CrateSources},
};
use myelin_subnet::{
    customer::Receipt,
    testkit::{overhear, sorted, Heard},
    Subnet,
};
use myelin_text::{
    past::{Accepted, Past},
    protocol::{ChatMessage, TextRequest},
    Load, TextConfig, TextSubnet,
};
use myelin_wire::{
    answer::{AnswerClaim, SignedAnswer, PAYLOAD_LEN},
    hash::from_hex,
    seed::{Seed, SeedRng},
    ss58,
};
use serde_json::Value;

use crate::field::{answering, honest, library, steady, MACHINE};

/// Crates that this workspace depends on.
const LOCK: &str = include_str!("../../../../Cargo.lock");
/// Requests of each of three sorts, at most.
const OF_EACH: usize = 2_000;
/// Number of present requests, of controls in a batch, and of miners.
const NOW: usize = 800;
const CONTROLS: u16 = 4;
const MINERS: usize = 6;

/// Requests and answers such as people make with editors and chats, from the folders of crates on disk.
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
    // Text that two versions of a crate share is taken once.
    let mut known = BTreeSet::new();
    all.retain(|one| known.insert(name_of(&serde_json::to_value(&one.request).unwrap())));
    rng.shuffle(&mut all);
    all
}

/// Names and versions of the crates that the build of this workspace needs, so that they are there on every machine
/// that runs tests.
fn depended_on() -> impl Iterator<Item = (&'static str, &'static str)> {
    let quoted = |line: &'static str, key| line.strip_prefix(key)?.strip_prefix(" = \"")?.strip_suffix('"');
    LOCK.lines()
        .zip(LOCK.lines().skip(1))
        .filter_map(move |(one, next)| Some((quoted(one, "name")?, quoted(next, "version")?)))
}

/// Settings such as programs of different makers send.
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
            edits.push(Accepted { request, answer: new[cursor..end].to_owned() });
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
        .then(|| Accepted { request: TextRequest { prompt, ..settings(rng) }, answer: accepted })
}

/// Lines that end in a question mark, with the text that follows as the answer.
fn questions(text: &str, rng: &mut SeedRng) -> Vec<Accepted> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("?\n") {
        let start = text[..at].rfind(['\n', '.']).map_or(0, |before| before + 1);
        let question = text[start..=at].trim_start_matches(['#', ' ', '-', '*']).to_owned();
        let answer = text[at + 2..].trim_start();
        let answer = answer[..floor(answer, 300)].to_owned();
        if (12..160).contains(&question.len()) && answer.len() > 40 {
            let messages = vec![ChatMessage { role: "user".into(), content: question }];
            found.push(Accepted { request: TextRequest { messages, ..settings(rng) }, answer });
        }
    }
    found
}

fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// The identity of a request, independent of its sender.
fn name_of(body: &Value) -> String {
    format!("{}{}{}", body["prompt"], body["suffix"], body["messages"])
}

/// Messages that miners receive in a round with customers.
async fn a_round(folder: &Path, past: &[Accepted], requests: &[Value]) -> Vec<Heard> {
    let load = Load { fill: 1, continuation: 1, control: CONTROLS, ..Load::default() };
    let judging = TextSubnet::open(TextConfig {
        library: Some(library()),
        past: Some(Arc::new(Past::new(past.to_vec()).unwrap())),
        load,
        // All miners are equally good; the few answers of this round cannot show it.
        negative_control: true,
        ..TextConfig::default()
    });
    let miners = (0..MINERS).map(|miner| answering(steady(honest(Level::Ngram, miner as u8), 20)));
    overhear(folder, judging.unwrap(), miners.collect(), requests, (3_000, 3)).await.unwrap()
}

/// Number of customers with an answer, and the miners that gave it. Every customer that was not put off to the next
/// round has an answer that a miner signed.
fn answered(inbox: &Path, customers: usize) -> (usize, BTreeSet<String>) {
    let (mut served, mut answers) = (BTreeSet::new(), 0);
    for number in 0..customers {
        let Ok(answer) = std::fs::read(inbox.join(format!("{number:04}.answer.json"))) else { continue };
        answers += 1;
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
    (answers, served)
}

#[tokio::test(flavor = "multi_thread")]
async fn customers_requests_and_controls_cannot_be_told_apart() {
    let _machine = MACHINE.lock().await;
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

    let json = |one: &Accepted| serde_json::to_value(&one.request).unwrap();
    let mut requests: Vec<Value> = now.iter().map(json).collect();
    requests.push(serde_json::json!({"prompt": 7}));
    // By chance, one miner may be twice as good as most others in the round before, so that customers go to it alone.
    // Then the test asks with another validator.
    let mut attempts = 0;
    let (folder, heard) = loop {
        attempts += 1;
        let folder = tempfile::tempdir().unwrap();
        let heard = a_round(folder.path(), past, &requests).await;
        let (answers, served) = answered(&folder.path().join("organic"), now.len());
        println!(
            "{answers} customers of {} have an answer after a round, of {} miners",
            now.len(),
            served.len()
        );
        if answers >= 100 && 2 * served.len() >= MINERS {
            break (folder, heard);
        }
        assert!(attempts < 3, "customers are spread over the miners");
    };
    let inbox = folder.path().join("organic");
    let wrong = std::fs::read_to_string(inbox.join(format!("{:04}.answer.json", now.len()))).unwrap();
    assert!(wrong.contains("no request of the subnet"), "{wrong}");
    // Nobody else sees the requests.
    let evidence = folder.path().join("evidence");
    let secret = &now.iter().find(|one| !one.request.prompt.is_empty()).unwrap().request.prompt;
    let secret = serde_json::to_string(secret).unwrap();
    assert!(!anywhere(&evidence, secret.as_bytes()), "evidence holds what a customer asked");

    let samples = sorted(&heard, &organic, &known, name_of);
    println!("customers' requests and controls: {:?}", samples.count());
    let told = samples.told_apart();
    println!("{told}");
    assert!(told.controls_are_hidden() && told.learner_learns(), "{told}");
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
