//! Chats that are answered piece by piece, over real HTTP, and opened afterwards.

use std::{sync::Arc, time::Duration};

use myelin_lm::{builtin::Level, openai::TextStream};
use myelin_neuron::dendrite::{Challenge, Dendrite, Query, Target};
use myelin_subnet::{
    customer::{Customer, Unserved},
    exchange::SynapseNames,
    testkit::{MemoryChain, NETUID},
    validator::ask::Reachable,
    AnswerContext, AnswerError, Miner, MinerOptions, MinerRef, Strangers, Subnet,
};
use myelin_text::{
    adversary::Garbage,
    backend::Backend,
    declared::{Finding, Held},
    protocol::{ChatMessage, TextRequest, TextResponse},
    TextSubnet,
};
use myelin_wallet::Keypair;
use myelin_wire::status::Status;

use crate::field::{answering, built_in, honest};

fn key(name: &str) -> Arc<Keypair> {
    Arc::new(Keypair::from_uri(&format!("//{name}")).unwrap())
}

struct Conversation {
    miner: Miner,
    target: Target,
    dendrite: Dendrite,
    genesis: [u8; 32],
}

impl Conversation {
    async fn with(backend: Arc<dyn Backend>) -> Self {
        let chain = MemoryChain::new(30_000, true);
        let hotkey = key("miner");
        chain.register(hotkey.public(), false);
        let options = MinerOptions {
            strangers: Strangers::Served { delay: Duration::ZERO },
            ..MinerOptions::new(NETUID, "127.0.0.1:0".parse().unwrap())
        };
        let signed = chain.signed_by(hotkey.public());
        let genesis = myelin_subnet::Chain::genesis(&signed);
        let miner = Miner::start(Arc::new(answering(backend)), signed, hotkey.clone(), options);
        let miner = miner.await.unwrap();
        let target = Target::new(hotkey.public(), miner.address());
        Self { miner, target, dendrite: Dendrite::new(key("user")), genesis }
    }

    fn query(&self, synapse: &str, request: &TextRequest, challenge: Option<u8>) -> Query {
        let query = Query::new::<&str>(synapse, serde_json::to_vec(request).unwrap(), &[]).unwrap();
        let query = query.timeout(Duration::from_secs(60));
        match challenge {
            None => query,
            Some(id) => {
                query.challenge(Challenge { id: [id; 32], genesis_hash: self.genesis, netuid: NETUID })
            }
        }
    }

    /// The pieces of an answer, and whether the stream ended properly.
    async fn stream(
        &self,
        request: &TextRequest,
        challenge: Option<u8>,
    ) -> Result<(Vec<String>, bool), Status> {
        let names = SynapseNames::of::<TextSubnet>();
        let mut stream =
            self.dendrite.stream(self.target, &self.query(&names.stream, request, challenge)).await?;
        assert_eq!(stream.headers()["content-type"], "text/event-stream");
        let (mut reader, mut pieces) = (TextStream::default(), Vec::new());
        while let Some(chunk) = stream.next().await {
            pieces.extend(reader.push(&chunk?).unwrap());
        }
        Ok((pieces, reader.is_whole()))
    }
}

fn chat(max_tokens: u32) -> TextRequest {
    let said = |role: &str, content: &str| ChatMessage { role: role.into(), content: content.into() };
    let messages = vec![said("system", "Be brief."), said("user", "What is a trait?")];
    TextRequest { messages, max_tokens, temperature: 0.8, ..TextRequest::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_is_streamed_and_what_was_streamed_can_be_opened_signed_and_checked() {
    let talk = Conversation::with(honest(Level::Late, 1)).await;
    let request = chat(24);
    let (pieces, whole) = talk.stream(&request, Some(7)).await.unwrap();
    assert!(whole && pieces.len() > 3, "{pieces:?}");

    let names = SynapseNames::of::<TextSubnet>();
    let opened = talk.dendrite.query(talk.target, &talk.query(&names.open, &request, Some(7))).await;
    assert!(opened.is_success() && opened.signed().is_some(), "{:?}", opened.status);
    assert_eq!(opened.signed().unwrap().claim.model_id, built_in(Level::Late).id());
    let response: TextResponse = serde_json::from_slice(&opened.body).unwrap();
    assert_eq!(response.completion, pieces.concat());
    let held = Held::new(vec![built_in(Level::Late)]);
    let found = held.examine(&request, &response);
    assert!(matches!(found, Finding::Weighed(evidence) if evidence.difference == 0), "{found:?}");

    // One challenge has one answer; without a challenge nothing is stored.
    assert!(talk.stream(&request, Some(7)).await.unwrap_err().message.contains("open it"));
    let asked_again = talk.dendrite.query(talk.target, &talk.query(&names.answer, &request, Some(7))).await;
    assert_eq!(asked_again.body, opened.body);
    let (again, _) = talk.stream(&request, None).await.unwrap();
    assert_eq!(again.concat(), response.completion, "one miner answers one request in one way");
    let plain = TextRequest { prompt: "pub fn len(&self) -> ".into(), messages: vec![], ..chat(8) };
    assert!(talk.stream(&plain, None).await.unwrap().1);
    talk.miner.shutdown(Duration::from_secs(5)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_streamed_is_said_before_the_first_piece() {
    let talk = Conversation::with(Arc::new(Garbage)).await;
    let refused = talk.stream(&chat(1_000_000), None).await.unwrap_err();
    assert!(refused.code == 400 && refused.message.contains("max_tokens"), "{refused:?}");
    let (pieces, whole) = talk.stream(&chat(8), Some(1)).await.unwrap();
    assert!(whole && pieces.len() == 1, "a backend that does not stream answers in one piece");
    talk.miner.shutdown(Duration::from_secs(5)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_nobody_hears_to_its_end_is_not_kept() {
    let talk = Conversation::with(honest(Level::Late, 1)).await;
    let names = SynapseNames::of::<TextSubnet>();
    let request = chat(1024);
    let mut stream =
        talk.dendrite.stream(talk.target, &talk.query(&names.stream, &request, Some(3))).await.unwrap();
    assert!(stream.next().await.is_some());
    drop(stream);
    let open = talk.query(&names.open, &request, Some(3));
    let opened = talk.dendrite.query(talk.target, &open).await;
    assert!(opened.status.message.contains("nothing was committed"), "{:?}", opened.status);
    talk.miner.shutdown(Duration::from_secs(5)).await;
}

/// Shows one text and signs another.
struct TwoFaced;

impl Backend for TwoFaced {
    fn answer(&self, _: &AnswerContext, _: &TextRequest) -> Result<TextResponse, AnswerError> {
        Ok(TextResponse::plain("what it signs"))
    }

    fn answer_streaming(
        &self,
        context: &AnswerContext,
        request: &TextRequest,
        on_text: &mut dyn FnMut(&str) -> bool,
    ) -> Result<TextResponse, AnswerError> {
        on_text("what it shows");
        self.answer(context, request)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_signs_another_text_than_it_streamed_is_not_believed() {
    let subnet = answering(honest(Level::Late, 1));
    let plan = subnet.tasks().remove(0);
    for (backend, honest) in [(honest(Level::Late, 1), true), (Arc::new(TwoFaced) as Arc<dyn Backend>, false)]
    {
        let talk = Conversation::with(backend).await;
        let customer = Customer::new(&subnet, key("user"), talk.genesis, NETUID);
        let miner = MinerRef { uid: 0, hotkey: talk.target.hotkey };
        let miner = Reachable { miner, address: talk.target.address, signed_bodies: false };
        let mut shown = 0;
        let on_bytes = |bytes: &[u8]| {
            shown += bytes.len();
            Ok(())
        };
        let served = customer.stream(&subnet, &plan, &chat(8), &miner, on_bytes).await.unwrap();
        assert!(shown > 0);
        match (honest, served) {
            (true, Ok(served)) => assert!(served.receipt.expect("signed").verify()),
            (false, Err(unserved)) => assert_eq!(unserved, Unserved::OtherThanStreamed),
            (_, served) => panic!("{served:?}"),
        }
        talk.miner.shutdown(Duration::from_secs(5)).await;
    }
}
