//! A judge behind an endpoint: stand-in servers, honest and hostile ones, and rounds that they judge.

use std::{
    convert::Infallible,
    sync::{
        atomic::{AtomicUsize, Ordering},
        Arc,
    },
    time::{Duration, Instant},
};

use axum::{
    body::{Body, Bytes},
    response::{IntoResponse, Response},
    routing::post,
    Json, Router,
};
use myelin_lm::{
    model::TextModel,
    openai::{EndpointConfig, OpenAiBackend},
};
use myelin_subnet::{
    evaluation::GroupRule,
    evidence::{audit_round, Audit, EvidenceFolder},
    rules::{check, check_text, rules, Terms},
    testkit::{MemoryChain, NETUID},
    AnswerContext, AnswerError, Consulted, Miner, MinerOptions, MinerRef, Subnet, Validator,
    ValidatorOptions, ValidatorReport,
};
use myelin_text::{
    backend::Backend,
    judge::{EndpointJudge, Verdicts, INSTRUCTIONS, ROUND_TIME},
    protocol::{TextRequest, TextResponse},
    task::Hidden,
    Load, TextConfig, TextSubnet,
};
use myelin_wallet::Keypair;
use myelin_wire::{record::Reason, seed::Seed};
use serde_json::{json, Value};

use crate::field::{answering, library, MACHINE};

const MODEL: &str = "org/judge-7b";
/// Words that the stand-in likes.
const LIKED: [&str; 3] = ["because", "therefore", "although"];

/// A server whose chats are answered so; its URL, and the number of chats.
async fn serve<R: IntoResponse>(
    reply: impl Fn(Value) -> R + Clone + Send + Sync + 'static,
) -> (String, Arc<AtomicUsize>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = asked.clone();
    let chat = move |Json(body): Json<Value>| {
        counted.fetch_add(1, Ordering::Relaxed);
        let reply = reply(body).into_response();
        async move { reply }
    };
    let router = Router::new().route("/v1/chat/completions", post(chat));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, asked)
}

fn said(text: &str) -> Json<Value> {
    let message = json!({ "role": "assistant", "content": text });
    Json(json!({ "choices": [{ "index": 0, "message": message, "finish_reason": "stop" }] }))
}

/// Prefers the answer with more of the liked words.
fn likes(body: Value) -> Json<Value> {
    assert_eq!((&body["model"], &body["temperature"]), (&MODEL.into(), &json!(0.0)));
    assert_eq!(body["messages"][0]["content"], INSTRUCTIONS);
    let question = body["messages"][1]["content"].as_str().unwrap();
    let (_, answers) = question.split_once("\n\nFirst answer:").unwrap();
    let (first, second) = answers.split_once("\n\nSecond answer:").unwrap();
    let count = |text: &str| LIKED.iter().map(|word| text.matches(word).count()).sum::<usize>();
    said(match count(first).cmp(&count(second)) {
        std::cmp::Ordering::Greater => "1",
        std::cmp::Ordering::Less => "2",
        std::cmp::Ordering::Equal => "0",
    })
}

/// A judge that waits a second for a reply.
fn judge(url: &str) -> EndpointJudge {
    let config = EndpointConfig { timeout: Duration::from_secs(1), ..EndpointConfig::new(url, MODEL) };
    let endpoint: Arc<dyn TextModel> = Arc::new(OpenAiBackend::chat(config).unwrap());
    EndpointJudge::new(MODEL, Some(endpoint)).unwrap()
}

fn judging(judge: EndpointJudge) -> TextSubnet {
    let load = Load {
        fill: 1,
        continuation: 1,
        arithmetic: 0,
        extract: 0,
        program: 0,
        deadline: Duration::from_secs(2),
        ..Load::default()
    };
    let config = TextConfig { library: Some(library()), judge: Some(judge), load, ..TextConfig::default() };
    TextSubnet::open(config).unwrap()
}

/// The verdicts of a judge on three answers.
async fn verdicts(judge: EndpointJudge) -> Verdicts {
    let asking = tokio::task::spawn_blocking(move || {
        let subnet = judging(judge);
        let plan = subnet.tasks().into_iter().find(|plan| plan.kind == "judged").unwrap();
        let mut challenge = subnet.challenge(&plan, &Seed([7; 32]), &Default::default()).unwrap();
        let answers = ["because and therefore", "because", "neither"].map(TextResponse::plain);
        let given =
            (0u16..).zip(&answers).map(|(uid, text)| (MinerRef { uid, hotkey: [uid as u8; 32] }, text));
        subnet.consult(&mut [Consulted { challenge: &mut challenge, answers: given.collect() }], ROUND_TIME);
        let Hidden::Judged(verdicts) = challenge.hidden else { panic!("another task") };
        verdicts
    });
    asking.await.unwrap()
}

#[test]
fn a_judge_is_a_mechanism_with_rules_of_its_own() {
    let subnet = judging(EndpointJudge::new(MODEL, None).unwrap());
    assert!(check(&subnet).is_ok());
    let text = rules(&subnet, 1, Terms::default()).unwrap();
    assert_eq!(check_text(&text, 1), Ok(()));
    let instructions = subnet.judge_of(1).unwrap().instructions;
    assert!(text.contains(&format!("\njudge {MODEL} {instructions} 128\n")), "{text}");
    assert!(text.contains("\ntask judged round 2 1 2000 16384 4 commit\n"), "{text}");
    assert!(!text.contains("measure") && text.len() <= 512, "{} bytes: {text}", text.len());
    let without = TextSubnet::open(TextConfig::default()).unwrap();
    assert_eq!((without.mechanisms().len(), without.judge_of(1)), (1, None));
    let both = TextConfig {
        rating: true,
        judge: Some(EndpointJudge::new(MODEL, None).unwrap()),
        ..TextConfig::default()
    };
    let both = TextSubnet::open(both).unwrap();
    assert_eq!((both.mechanisms().len(), both.judge_of(1)), (3, None));
    assert!(both.judge_of(2).is_some() && rules(&both, 2, Terms::default()).unwrap().contains("\njudge "));
    let usual = rules(&TextSubnet::open(TextConfig::default()).unwrap(), 0, Terms::default());
    assert_eq!(rules(&both, 0, Terms::default()), usual, "the first mechanism is as it was");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_compares_decides() {
    let (url, asked) = serve(likes).await;
    let found = verdicts(judge(&url)).await;
    assert_eq!([0, 1, 2].map(|uid| found.of(uid).unwrap().0.get()), [1_000_000, 500_000, 0], "{found:?}");
    assert_eq!(asked.load(Ordering::Relaxed), 6);
}

/// No verdicts at all, in little time.
async fn judges_nobody(url: &str, why: &str) {
    let started = Instant::now();
    let found = verdicts(judge(url)).await;
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
    assert!(found.compared.is_empty(), "{found:?}");
    let problem = found.of(0).unwrap_err();
    assert!(problem.contains(why), "{problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_servers_judge_nobody_and_take_little_time() {
    let endless = |_: Value| {
        let piece = Bytes::from(vec![b' '; 64 << 10]);
        let pieces = futures_of(piece);
        Response::new(Body::from_stream(pieces))
    };
    judges_nobody(&serve(endless).await.0, "cannot be used").await;
    judges_nobody(&serve(|_| "<html>no JSON</html>").await.0, "cannot be used").await;
    judges_nobody(&serve(|_| Json(json!({ "choices": [] }))).await.0, "cannot be used").await;
    judges_nobody(&serve(|_| said("The first one, of course.")).await.0, "none of 1, 2 and 0").await;
    judges_nobody(&serve(|_| axum::http::StatusCode::INTERNAL_SERVER_ERROR).await.0, "status 500").await;
    let elsewhere = |_| axum::response::Redirect::temporary("http://127.0.0.1:9/");
    judges_nobody(&serve(elsewhere).await.0, "status 307").await;
    judges_nobody("http://127.0.0.1:9/v1", "did not answer").await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    judges_nobody(&format!("http://{}/v1", listener.local_addr().unwrap()), "did not answer").await;
}

/// The same piece for ever.
fn futures_of(piece: Bytes) -> impl futures::Stream<Item = Result<Bytes, Infallible>> {
    futures::stream::repeat_with(move || Ok(piece.clone()))
}

/// Answers every request with words of its own.
struct Fixed(&'static str);

impl Backend for Fixed {
    fn answer(&self, _: &AnswerContext, request: &TextRequest) -> Result<TextResponse, AnswerError> {
        // Nobody answers in less than a millisecond.
        std::thread::sleep(Duration::from_millis(5));
        let about = request.messages.first().map_or(0, |said| said.content.len());
        Ok(TextResponse::plain(format!("{} ({about})", self.0)))
    }
}

/// Miners on a chain of this process, and a validator with a judge.
struct Network {
    chain: MemoryChain,
    blocks: tokio::task::JoinHandle<()>,
    _miners: Vec<Miner>,
    folder: tempfile::TempDir,
}

fn key(name: &str) -> Arc<Keypair> {
    Arc::new(Keypair::from_uri(&format!("//{name}")).unwrap())
}

impl Network {
    async fn start(miners: &[(&str, &'static str)]) -> Self {
        let chain = MemoryChain::new(600, true);
        chain.ledger().mechanisms = 2;
        chain.register(key("validator").public(), true);
        let blocks = chain.run();
        let mut running = Vec::new();
        for (name, text) in miners {
            let key = key(name);
            chain.register(key.public(), false);
            let options = MinerOptions {
                refresh: Some(Duration::from_millis(100)),
                ..MinerOptions::new(NETUID, "127.0.0.1:0".parse().unwrap())
            };
            let (subnet, chain) = (Arc::new(answering(Arc::new(Fixed(text)))), chain.signed_by(key.public()));
            running.push(Miner::start(subnet, chain, key, options).await.unwrap());
        }
        while !chain.ledger().neurons.iter().all(|peer| peer.permit || peer.axon.is_some()) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Self { chain, blocks, _miners: running, folder: tempfile::tempdir().unwrap() }
    }

    /// The report once so many rounds are judged.
    async fn judged(&self, judge: EndpointJudge, rounds: u32) -> ValidatorReport {
        let (subnet, key) = (Arc::new(judging(judge)), key("validator"));
        let options = ValidatorOptions::new(NETUID, self.folder.path());
        let validator =
            Validator::start(subnet, self.chain.signed_by(key.public()), key, options).await.unwrap();
        let mut report = validator.report();
        let is_judged =
            |report: &ValidatorReport| report.standings.iter().any(|standing| standing.rounds >= rounds);
        let waiting = tokio::time::timeout(Duration::from_secs(180), report.wait_for(is_judged));
        let report = waiting.await.unwrap().unwrap().clone();
        validator.shutdown(Duration::from_secs(10)).await;
        report
    }

    fn evidence(&self) -> EvidenceFolder {
        EvidenceFolder { path: self.folder.path().join("evidence"), keep: 100 }
    }

    /// Judges all rounds again without the endpoint.
    fn audits(&self) -> Vec<Audit> {
        let evidence = self.evidence();
        let subnet = Arc::new(judging(EndpointJudge::new(MODEL, None).unwrap()));
        let mut state = Default::default();
        let rounds = evidence.epochs().into_iter().flat_map(|epoch| {
            evidence.rounds(epoch).into_iter().map(move |round| (epoch, round)).collect::<Vec<_>>()
        });
        let rule = GroupRule::default();
        rounds
            .map(|(epoch, round)| audit_round(&subnet, &evidence, epoch, round, &rule, &mut state))
            .collect()
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        self.blocks.abort();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_validator_pays_by_verdicts_that_an_auditor_takes_as_they_are() {
    let _machine = MACHINE.lock().await;
    let network = Network::start(&[
        ("good", "It does so because it must, and therefore it is short."),
        ("fair", "It does so because it must, as far as anybody knows."),
        ("poor", "It does so, as far as anybody who has read it knows."),
    ])
    .await;
    let (url, asked) = serve(likes).await;
    let report = network.judged(judge(&url), 2).await;
    let evaluated = report.last_round.unwrap().evaluated;
    let share = |name: &str| {
        let hotkey = key(name).public();
        let scored =
            evaluated.scores.iter().find(|scored| scored.mechanism == 1 && scored.miner.hotkey == hotkey);
        scored.and_then(|scored| scored.score).map(|score| score.get())
    };
    let all = ["good", "fair", "poor"].map(share);
    assert!(all[0] > all[1] && all[1] > all[2] && all[2] == Some(0), "{all:?}");

    let (calls, audits) = (asked.load(Ordering::Relaxed), network.audits());
    for audit in &audits {
        assert_eq!(audit.faults, [""; 0]);
    }
    let by_verdict: usize = audits.iter().map(|audit| audit.by_verdict).sum();
    assert!(by_verdict >= 6, "{by_verdict} answers");
    assert_eq!(asked.load(Ordering::Relaxed), calls, "an auditor asks nobody");
    verdicts_that_were_changed_are_found(&network, &audits);
}

/// A validator that keeps another verdict than it paid by is found.
fn verdicts_that_were_changed_are_found(network: &Network, before: &[Audit]) {
    let evidence = network.evidence();
    let files = evidence.epochs().into_iter().flat_map(|epoch| {
        let file = |round| evidence.path.join(format!("epoch-{epoch:06}/round-{round:02}.tasks"));
        evidence.rounds(epoch).into_iter().map(file).collect::<Vec<_>>()
    });
    let (won, lost) = (r#""said":["1","2"]"#, r#""said":["2","1"]"#);
    let with_verdicts = |file: &std::path::PathBuf| std::fs::read_to_string(file).unwrap().contains(won);
    let (at, file) = files.enumerate().find(|(_, file)| with_verdicts(file)).unwrap();
    std::fs::write(&file, std::fs::read_to_string(&file).unwrap().replace(won, lost)).unwrap();
    let audits = network.audits();
    assert_eq!(audits.len(), before.len());
    assert!(audits[at].faults.iter().any(|fault| fault.contains("judged again")), "{:?}", audits[at].faults);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_judge_that_fails_leaves_the_other_mechanism_alone() {
    let _machine = MACHINE.lock().await;
    let network =
        Network::start(&[("one", "An answer of one sentence."), ("two", "Another sentence.")]).await;
    let (url, _) = serve(|_| "no JSON").await;
    let report = network.judged(judge(&url), 1).await;
    let evaluated = report.last_round.unwrap().evaluated;
    let of = |mechanism| evaluated.scores.iter().filter(move |scored| scored.mechanism == mechanism);
    assert!(of(0).count() == 2 && of(0).all(|scored| scored.score.is_some()), "{:?}", evaluated.scores);
    assert!(of(1).count() == 2 && of(1).all(|scored| scored.score.is_none()), "{:?}", evaluated.scores);
    let excused = evaluated.judged.iter().filter(|judged| judged.record.reason == Reason::Excused);
    assert!(excused.clone().count() >= 4, "two answers to each of two tasks");
    assert!(excused.clone().all(|judged| judged.note.contains("nobody is judged")), "{:?}", evaluated.judged);
    assert!(network.audits().iter().all(|audit| audit.faults.is_empty()));
}
