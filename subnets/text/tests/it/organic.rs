//! Requests of customers stand among tasks, and a miner that receives both cannot tell them apart.
//!
//! The subnet draws none of the customers' requests. They are lines of sources, to be written at their place in the
//! file, sentences that continue pages, and questions about functions that their comments answer. All are of the texts
//! that come with the program, so every machine plays the same. Half of them are earlier requests, of which controls
//! are made; the other half are requests of present customers.

use std::{collections::BTreeSet, path::Path, sync::Arc};

use myelin_lm::builtin::{self, Level};
use myelin_subnet::{
    customer::Receipt,
    testkit::{overhear, sorted, Heard},
    Subnet,
};
use myelin_text::{
    library::public_documents,
    past::{Accepted, Past},
    protocol::{ChatMessage, TextRequest},
    Load, TextConfig, TextSubnet,
};
use myelin_wire::{
    answer::{AnswerClaim, SignedAnswer, PAYLOAD_LEN},
    hash::{from_hex, to_hex},
    seed::{Seed, SeedRng},
    ss58,
};
use serde_json::Value;

use crate::field::{answering, honest, library, steady, MACHINE};

/// Requests of each of three sorts, at most.
const OF_EACH: usize = 1_200;
/// One in so many lines of a source is asked for; and the places of a page.
const LINES: u64 = 8;
const PLACES: usize = 16;
/// Number of present requests, of controls in a batch, and of miners.
const NOW: usize = 800;
const CONTROLS: u16 = 4;
const MINERS: usize = 6;

/// Requests and answers such as people make with editors and chats, from the texts that come with the program.
fn real() -> Vec<Accepted> {
    let mut rng = Seed([7; 32]).rng();
    let (code, pages): (Vec<_>, Vec<_>) =
        public_documents().unwrap().into_iter().partition(|document| document.label.ends_with(".rs"));
    let mut lines: Vec<_> = code.iter().flat_map(|source| lines(&source.text, &mut rng)).collect();
    let several = pages.iter().flat_map(|page| std::iter::repeat_n(&*page.text, PLACES));
    let mut places: Vec<_> = several.filter_map(|page| place(page, &mut rng)).collect();
    let mut questions: Vec<_> = code.iter().flat_map(|source| questions(&source.text, &mut rng)).collect();
    let mut all = Vec::new();
    for sort in [&mut lines, &mut places, &mut questions] {
        rng.shuffle(sort);
        sort.truncate(OF_EACH);
        all.append(sort);
    }
    // The same place of a page may be drawn twice.
    let mut known = BTreeSet::new();
    all.retain(|accepted| known.insert(name_of(&serde_json::to_value(&accepted.request).unwrap())));
    rng.shuffle(&mut all);
    all
}

/// Settings such as programs of different makers send.
fn settings(rng: &mut SeedRng) -> TextRequest {
    TextRequest {
        max_tokens: [16, 24, 32, 48, 64][rng.index(5).unwrap()],
        temperature: [0.0, 0.2, 0.7, 1.0][rng.index(4).unwrap()],
        ..TextRequest::default()
    }
}

/// Some lines of a source, each asked for at its place.
fn lines(text: &str, rng: &mut SeedRng) -> Vec<Accepted> {
    let mut found = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        if !(12..100).contains(&line.trim().len()) || rng.below(LINES) > 0 {
            continue;
        }
        let cursor = start + line.len() - line.trim_start().len();
        let end = start + line.trim_end().len();
        let request = TextRequest {
            prompt: text[floor(text, cursor.saturating_sub(600))..cursor].to_owned(),
            suffix: Some(text[end..floor(text, end + 200)].to_owned()),
            stop: vec!["\n".into()],
            ..settings(rng)
        };
        found.push(Accepted { request, answer: text[cursor..end].to_owned() });
    }
    found
}

/// A place after a sentence of a page.
fn place(text: &str, rng: &mut SeedRng) -> Option<Accepted> {
    let sentences: Vec<usize> =
        text.match_indices(". ").map(|(at, _)| at + 2).filter(|at| *at > 200).collect();
    let cursor = *rng.choose(&sentences)?;
    let accepted = text[cursor..floor(text, cursor + 160)].to_owned();
    let prompt = text[floor(text, cursor.saturating_sub(500))..cursor].to_owned();
    (!accepted.trim().is_empty())
        .then(|| Accepted { request: TextRequest { prompt, ..settings(rng) }, answer: accepted })
}

/// Functions with the comments above them, as questions with their answers.
fn questions(text: &str, rng: &mut SeedRng) -> Vec<Accepted> {
    let mut found = Vec::new();
    let mut comment = String::new();
    for line in text.lines().map(str::trim) {
        if let Some(words) = line.strip_prefix("///") {
            comment = comment + words.trim() + " ";
            continue;
        }
        let header = line.trim_end_matches(" {");
        if header.contains("fn ") && (20..200).contains(&comment.len()) {
            let asked = match rng.below(4) {
                0 => format!("What does this do?\n\n{header}"),
                1 => format!("{header}\n\nexplain pls"),
                2 => format!("Write the doc comment of `{header}`."),
                _ => format!("I found `{header}` in a crate. What is it for, in a sentence or two?"),
            };
            let messages = vec![ChatMessage { role: "user".into(), content: asked }];
            let request = TextRequest { messages, ..settings(rng) };
            found.push(Accepted { request, answer: comment.trim().to_owned() });
        }
        if !line.starts_with("#[") {
            comment.clear();
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
    let load = Load { fill: 1, continuation: 1, extract: 1, control: CONTROLS, ..Load::default() };
    let judging = TextSubnet::open(TextConfig {
        library: Some(library()),
        past: Some(Arc::new(Past::new(past.to_vec()).unwrap())),
        load,
        // All miners are equally good; the few answers of this round cannot show it.
        negative_control: true,
        ..TextConfig::default()
    });
    let miners = (0..MINERS).map(|miner| answering(steady(honest(Level::Ngram, miner as u8), 20)));
    overhear(folder, judging.unwrap(), miners.collect(), requests, (3_000, 2)).await.unwrap()
}

/// Number of customers with an answer, and the miners that gave it. Every customer that was not put off to the next
/// round has an answer that a miner signed.
fn answered(inbox: &Path, customers: usize) -> (usize, BTreeSet<String>) {
    let (mut served, mut answers) = (BTreeSet::new(), 0);
    let model = builtin::model(Level::Ngram).unwrap().id();
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
        let receipt = Receipt { signed, request, answer: answered };
        assert!(receipt.verify());
        assert_eq!(receipt.model(), Some(model));
        assert_eq!(text(&answer["receipt"]["model"]), to_hex(&model));
        assert_eq!(ss58::decode(&text(&answer["hotkey"])).unwrap(), signed.claim.miner);
        served.insert(text(&answer["hotkey"]));
    }
    (answers, served)
}

#[tokio::test(flavor = "multi_thread")]
async fn customers_requests_and_controls_cannot_be_told_apart() {
    let _machine = MACHINE.lock().await;
    let all = real();
    let sort =
        |is: &dyn Fn(&TextRequest) -> bool| all.iter().filter(|accepted| is(&accepted.request)).count();
    assert!(2 * all.len() > 5 * NOW, "{} requests were found", all.len());
    println!(
        "{} requests, {} of them lines of code, {} questions",
        all.len(),
        sort(&|request| request.suffix.is_some()),
        sort(&|request| !request.messages.is_empty())
    );
    let (now, past) = all.split_at(NOW);
    let organic: BTreeSet<String> =
        now.iter().map(|accepted| name_of(&serde_json::to_value(&accepted.request).unwrap())).collect();
    let known: BTreeSet<String> =
        past.iter().map(|accepted| name_of(&serde_json::to_value(&accepted.request).unwrap())).collect();

    let json = |accepted: &Accepted| serde_json::to_value(&accepted.request).unwrap();
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
    let secret = &now.iter().find(|accepted| !accepted.request.prompt.is_empty()).unwrap().request.prompt;
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
