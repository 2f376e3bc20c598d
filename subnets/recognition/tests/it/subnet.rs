//! The subnet as the framework uses it.

use std::{sync::Arc, time::Duration};

use base64::{engine::general_purpose::STANDARD, Engine};
use myelin_recognition::{
    backend::{Backend, Baseline},
    protocol::{Format, RecognitionRequest, RecognitionResponse},
    RecognitionConfig, RecognitionSubnet,
};
use myelin_sandbox::Limits;
use myelin_subnet::{
    customer::Customer,
    submission::Workshop,
    subnet::Mode,
    testkit::{MemoryChain, NETUID},
    validator::ask::Reachable,
    Answer, AnswerContext, AnswerError, Chain, Miner, MinerOptions, MinerRef, Share, Subnet, TaskPlan,
};
use myelin_vision::picture::Picture;
use myelin_wire::{
    record::{LatencyBucket, Reason},
    seed::Seed,
};

fn subnet() -> RecognitionSubnet {
    let backend = Some(Arc::new(Baseline::new().expect("built in")) as _);
    RecognitionSubnet::open(RecognitionConfig { backend, ..RecognitionConfig::default() }).expect("it opens")
}

fn context() -> AnswerContext {
    AnswerContext { asker: None, permitted: true, challenge: None, time_left: Duration::from_secs(60) }
}

fn answer(uid: u16, response: RecognitionResponse) -> Answer<RecognitionResponse> {
    Answer { miner: MinerRef { uid, hotkey: [uid as u8; 32] }, response, latency: LatencyBucket::of_ms(100) }
}

#[test]
fn a_round_is_drawn_answered_and_judged() {
    let subnet = subnet();
    for plan in subnet.tasks().into_iter().filter(|plan| plan.mechanism == 0 && plan.count > 0) {
        assert_eq!(plan.share, Share::Miner, "one right answer: everybody gets another task");
        let challenge = subnet.challenge(&plan, &Seed([5; 32]), &Default::default()).expect("drawn");
        let response = subnet.answer(&context(), &challenge.request).expect("answered");
        let body = serde_json::to_vec(&response).expect("JSON").len();
        assert!(body < plan.answer_limit / 8, "{body}");
        let mut answers = vec![
            answer(1, response),
            answer(2, RecognitionResponse::default()),
            answer(3, RecognitionResponse { text: "x".repeat(1 << 16), ..Default::default() }),
        ];
        let judged = subnet.score(&challenge, &answers, &mut Default::default());
        let score = |at: usize| {
            subnet.rubric().score(&judged[at].parts, judged[at].reason).expect("three parts").get()
        };
        assert!(score(0) > 50_000, "{}: {}", plan.kind, judged[0].note);
        assert_eq!((judged[1].reason, score(1)), (Reason::Empty, 0));
        assert_eq!((judged[2].reason, score(2)), (Reason::Oversize, 0));
        answers.reverse();
        let mut reversed = subnet.score(&challenge, &answers, &mut Default::default());
        reversed.reverse();
        assert_eq!(reversed, judged, "the order of answers changes nothing");
    }
}

#[test]
fn a_miner_refuses_what_could_harm_it_by_name() {
    let subnet = subnet();
    let refused = |image: String| {
        let request = RecognitionRequest { images: vec![image], ..RecognitionRequest::default() };
        match subnet.answer(&context(), &request) {
            Err(AnswerError::Refused(why)) => why,
            other => panic!("refused: {other:?}"),
        }
    };
    assert!(refused("not base64!".into()).contains("not base64"));
    assert!(refused(STANDARD.encode(b"BM some bitmap")).contains("neither PNG nor JPEG nor netpbm"));
    // Sixty thousand by sixty thousand pixels in a header of a few bytes. Nothing is unpacked, whether its checksum is
    // right or wrong.
    let bomb = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\xea\x60\0\0\xea\x60\x08\0\0\0\0\x46\x03\xe3\x1c";
    let why = refused(STANDARD.encode(bomb));
    assert!(why.contains("60000 by 60000") || why.contains("broken"), "{why}");
}

/// A miner that reports the size of the picture that it got.
struct Measuring;

impl Backend for Measuring {
    fn answer(
        &self,
        _: &AnswerContext,
        request: &RecognitionRequest,
    ) -> Result<RecognitionResponse, AnswerError> {
        let picture = &request.pictures().map_err(|error| AnswerError::Refused(error.to_string()))?[0];
        let text = format!("{} by {}", picture.width(), picture.height());
        Ok(RecognitionResponse { text, ..RecognitionResponse::default() })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photograph_of_twelve_million_pixels_fits_into_a_request_and_is_served() {
    let mut rng = Seed([8; 32]).rng();
    let samples = (0..4000 * 3000).map(|_| rng.next_u64() as u8).collect();
    let noise = Picture::new(4000, 3000, 1, samples).expect("twelve million pixels");
    let fitting = RecognitionRequest::fitting(noise, 1).expect("it can be scaled");
    assert!(fitting.width() > 1500, "{} by {}", fitting.width(), fitting.height());
    let request = RecognitionRequest::read(&fitting, Format::Png, Vec::new()).expect("a request");
    request.check().expect("within the limits");
    assert!(request.images[0].len() > 3 << 20);

    let backend: Arc<dyn Backend> = Arc::new(Measuring);
    let config = RecognitionConfig { backend: Some(backend), ..RecognitionConfig::default() };
    let subnet = Arc::new(RecognitionSubnet::open(config).expect("it opens"));
    let key = |name: &str| Arc::new(myelin_wallet::Keypair::from_uri(name).expect("a key"));
    let (customer, hotkey) = (key("//customer"), key("//miner"));
    let chain = MemoryChain::new(1000, false);
    chain.register(customer.public(), true);
    let uid = chain.register(hotkey.public(), false);
    let options = MinerOptions::new(NETUID, "127.0.0.1:0".parse().expect("an address"));
    let miner = Miner::start(subnet.clone(), chain.signed_by(hotkey.public()), hotkey.clone(), options);
    let miner = miner.await.expect("it starts");
    let plan = subnet.tasks().into_iter().find(|plan| plan.kind == "page").expect("pages");
    let plan = TaskPlan { deadline: Duration::from_secs(60), ..plan };
    let reachable = [Reachable {
        miner: MinerRef { uid, hotkey: hotkey.public() },
        address: miner.address(),
        signed_bodies: true,
    }];
    let asking = Customer::new(&*subnet, customer, chain.genesis(), NETUID);
    let mut served = asking.ask::<RecognitionSubnet>(&plan, &request, &reachable).await.expect("asked");
    let served = served.remove(0).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(served.response.text, format!("{} by {}", fitting.width(), fitting.height()));
    miner.shutdown(Duration::from_secs(5)).await;
}

#[test]
fn a_submitted_network_answers_the_common_tasks_within_its_fuel() {
    let subnet = subnet();
    let file = include_bytes!("../../models/scenes.safetensors");
    let entrant = subnet.entrant(&Workshop::default(), file).expect("a network");
    let submitted: Vec<_> = subnet.tasks().into_iter().filter(|plan| plan.mechanism == 1).collect();
    assert!(submitted.iter().all(|plan| plan.share == Share::Network), "the same for everybody");
    let album = submitted.iter().find(|plan| plan.kind == "album").expect("scenes for artefacts");
    let challenge = subnet.challenge(album, &Seed([6; 32]), &Default::default()).expect("drawn");
    let entry = entrant.answer(&challenge.request, &Limits::default()).expect("within the limits");
    assert!(entry.fuel > 1_000_000, "{}", entry.fuel);
    let judged = subnet.score(&challenge, &[answer(1, entry.response)], &mut Default::default());
    assert!(judged[0].parts[0].get() > 400_000, "{}", judged[0].note);
    let short = Limits { fuel: 1000, ..Limits::default() };
    let error = entrant.answer(&challenge.request, &short).expect_err("too much for it");
    assert_eq!(error.reason, Reason::Late);
    let broken = subnet.entrant(&Workshop::default(), &file[..1000]).err().expect("refused");
    assert_eq!(broken.reason, Reason::Malformed);
}

#[test]
fn a_submitted_program_answers_in_the_sandbox() {
    let subnet = subnet();
    // The program gives the same answer for every page.
    let said = br#"{"text":"Total"}"#;
    let letters: String = said.iter().map(|byte| format!("\\{byte:02x}")).collect();
    let answer = (1024u64 << 32) | said.len() as u64;
    let text = format!(
        r#"(module
            (memory (export "memory") 64)
            (data (i32.const 1024) "{letters}")
            (func (export "alloc") (param i32) (result i32) (i32.const 65536))
            (func (export "run") (param i32 i32) (result i64) (i64.const {answer})))"#
    );
    let program = wat::parse_str(&text).expect("a module");
    let entrant = subnet.entrant(&Workshop::default(), &program).expect("a program");
    let plan = subnet.tasks().into_iter().find(|plan| plan.kind == "paper").expect("pages for artefacts");
    let challenge = subnet.challenge(&plan, &Seed([8; 32]), &Default::default()).expect("drawn");
    let Mode::Submit { limits, .. } = subnet.mechanisms()[usize::from(plan.mechanism)].mode else {
        panic!("a mechanism for artefacts");
    };
    let entry = entrant.answer(&challenge.request, &limits).expect("within the limits");
    assert_eq!(entry.response, RecognitionResponse { text: "Total".into(), ..Default::default() });
}
