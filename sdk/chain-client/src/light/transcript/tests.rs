use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;

use myelin_wire::finality::Header;
use myelin_wire::trie::{build, storage_key, StateProof};
use serde_json::{json, Value};
use subxt::rpcs::client::{RawRpcFuture, RawRpcSubscription, RawValue, RpcClientT};
use subxt::rpcs::{Error, RpcClient};

use super::super::{hex, Anchor, LightClient, LightError, ProvenBlock, Source};
use super::Transcript;
use crate::Hash;

/// A chain of one block. It counts the questions, and has dropped the states of other blocks.
struct Node {
    header: Header,
    state: StateProof,
    asked: Arc<AtomicUsize>,
}

impl Node {
    fn new() -> Self {
        let entries: BTreeMap<Vec<u8>, Vec<u8>> = (0u8..40).map(|item| (key(item), vec![item; 40])).collect();
        let (state_root, state) = build(&entries);
        let header = Header {
            parent: [0; 32],
            number: 0,
            state_root,
            extrinsics_root: [1; 32],
            digest: vec![vec![2; 9]],
        };
        Self { header, state, asked: Arc::default() }
    }

    fn client(self) -> LightClient {
        LightClient { source: Source::Node(RpcClient::new(self)) }
    }

    fn answer(&self, method: &str, params: &Value) -> Result<Value, String> {
        let hash = hex(&self.header.hash());
        match method {
            "chain_getHeader" if params[0] == hash.as_str() => Ok(json!({
                "parentHash": hex(&self.header.parent), "number": "0x0",
                "stateRoot": hex(&self.header.state_root), "extrinsicsRoot": hex(&self.header.extrinsics_root),
                "digest": { "logs": [hex(&self.header.digest[0])] },
            })),
            "chain_getHeader" => Ok(Value::Null),
            "chain_getBlockHash" => Ok(json!(format!("0x{:064x}", params[0].as_u64().unwrap_or_default()))),
            "state_getReadProof" => {
                let keys: Vec<Vec<u8>> = params[0].as_array().map_or(Vec::new(), |keys| {
                    keys.iter().filter_map(|key| super::super::unhex(key.as_str()?).ok()).collect()
                });
                let proof = self.state.of_keys(&self.header.state_root, keys.iter().map(Vec::as_slice));
                let proof = proof.map_err(|error| error.to_string())?;
                Ok(json!({ "at": hash, "proof": proof.nodes().map(|node| hex(node)).collect::<Vec<_>>() }))
            }
            _ => Err("4003: Client error: Api called for an unknown Block: State already discarded".into()),
        }
    }
}

impl RpcClientT for Node {
    fn request_raw<'a>(
        &'a self,
        method: &'a str,
        params: Option<Box<RawValue>>,
    ) -> RawRpcFuture<'a, Box<RawValue>> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let params = params.map_or(Value::Null, |params| serde_json::from_str(params.get()).expect("JSON"));
        let answer = self.answer(method, &params).map_err(|why| Error::Client(why.into()));
        let raw = |value: Value| RawValue::from_string(value.to_string()).expect("JSON");
        Box::pin(async move { answer.map(raw) })
    }

    fn subscribe_raw<'a>(
        &'a self,
        _: &'a str,
        _: Option<Box<RawValue>>,
        _: &'a str,
    ) -> RawRpcFuture<'a, RawRpcSubscription> {
        Box::pin(async { Err(Error::Client("nothing is told".into())) })
    }
}

fn key(item: u8) -> Vec<u8> {
    storage_key("Pallet", &format!("Item{item}"), &[])
}

fn anchor() -> Anchor {
    Anchor::Genesis(Hash(Node::new().header.hash()))
}

/// Reads some items of the block with proofs.
async fn read(client: &LightClient, items: &[u8]) -> Result<Vec<Option<Vec<u8>>>, LightError> {
    let (mut block, _) = client.prove_block(anchor(), 0).await?;
    let keys: Vec<Vec<u8>> = items.iter().map(|item| key(*item)).collect();
    client.prove(&mut block, &keys).await?;
    let value = |key: &Vec<u8>| block.state.value(&block.header.state_root, key);
    let values = keys.iter().map(value).collect::<Result<_, _>>();
    values.map_err(|error| LightError::State { block: 0, error })
}

/// The questions to a node about some items, in the form of a file.
async fn recorded(items: &[u8]) -> Value {
    let client = Node::new().client().recording();
    read(&client, items).await.expect("proved");
    serde_json::to_value(client.transcript().expect("it is kept")).expect("JSON")
}

fn client_of(file: Value) -> LightClient {
    LightClient::recorded(serde_json::from_value(file).expect("a transcript"))
}

#[tokio::test]
async fn a_transcript_proves_what_the_node_proved() {
    let client = client_of(recorded(&[3, 4, 99]).await);
    let values = vec![Some(vec![3; 40]), Some(vec![4; 40]), None];
    assert_eq!(read(&client, &[3, 4, 99]).await.expect("proved"), values);
    // In another order, and one after the other.
    assert_eq!(read(&client, &[99]).await.expect("proved"), [None]);
    assert_eq!(read(&client, &[4, 3]).await.expect("proved"), [values[1].clone(), values[0].clone()]);
}

#[tokio::test]
async fn what_was_not_asked_is_not_answered() {
    let client = client_of(recorded(&[3]).await);
    let error = read(&client, &[3, 4]).await.expect_err("not proved");
    assert!(matches!(error, LightError::State { block: 0, .. }), "{error}");
    let error = client.hint_hash(7).await.expect_err("not asked");
    assert!(matches!(&error, LightError::NotRecorded(what) if what == "chain_getBlockHash [7]"), "{error}");
    let mut other = client.block(anchor().hash()).await.expect("it was asked for");
    other.hash = Hash([9; 32]);
    let error = client.prove(&mut other, &[key(3)]).await.expect_err("another block");
    assert!(error.to_string().contains("0x0909"), "{error}");
    let ProvenBlock { state, .. } = other;
    assert_eq!(state.nodes().count(), 0);
}

#[tokio::test]
async fn a_changed_header_or_node_is_refused() {
    let mut file = recorded(&[3]).await;
    let header = format!("chain_getHeader [\"{}\"]", anchor().hash());
    file["answers"][&header]["answer"]["extrinsicsRoot"] = hex(&[7; 32]).into();
    let error = read(&client_of(file), &[3]).await.expect_err("another header");
    assert!(matches!(error, LightError::OtherHeader { asked, .. } if asked == anchor().hash()), "{error}");

    let whole = recorded(&[3]).await;
    let nodes = whole["states"][anchor().hash().to_string()].as_array().expect("nodes").len();
    assert!(nodes > 1);
    for changed in 0..nodes {
        let mut file = whole.clone();
        let node = &mut file["states"][anchor().hash().to_string()][changed];
        let text = node.as_str().expect("text").to_owned();
        let (rest, last) = text.split_at(text.len() - 1);
        *node = format!("{rest}{}", if last == "0" { "1" } else { "0" }).into();
        let error = read(&client_of(file), &[3]).await.expect_err("another node");
        assert!(matches!(error, LightError::State { block: 0, .. }), "{error}");
    }
}

#[tokio::test]
async fn a_question_is_asked_once_and_a_dropped_state_is_kept_as_such() {
    let node = Node::new();
    let asked = node.asked.clone();
    let client = node.client().recording();
    for _ in 0..3 {
        assert_eq!(
            client.hint_hash(5).await.expect("a hash"),
            Hash(std::array::from_fn(|at| 5 * u8::from(at == 31)))
        );
    }
    assert_eq!(asked.load(Ordering::Relaxed), 1);
    let gone = client.hint_value::<u64>(&key(1), 5).await.expect_err("dropped");
    let transcript = client.transcript().expect("it is kept");
    let again = LightClient::recorded(transcript).hint_value::<u64>(&key(1), 5).await.expect_err("dropped");
    assert!(matches!((&gone, &again), (LightError::NoState(_), LightError::NoState(_))), "{gone} {again}");
}

#[test]
fn a_transcript_is_read_as_it_was_written_and_is_no_larger_than_its_limit() {
    let mut transcript = Transcript::default();
    transcript.keep("a []".into(), &super::Said::Answer(json!({ "b": [1, null] }))).expect("short");
    transcript.keep("c []".into(), &super::Said::Discarded).expect("short");
    transcript.keep_nodes(Hash([1; 32]), &["0x00".into(), "0x00".into()]).expect("short");
    let text = serde_json::to_string(&transcript).expect("JSON");
    let again: Transcript = serde_json::from_str(&text).expect("a transcript");
    assert_eq!((&again.answers, &again.states), (&transcript.answers, &transcript.states));
    assert_eq!(again.states.values().map(|nodes| nodes.len()).sum::<usize>(), 1);

    transcript.bytes = Transcript::LIMIT - 40;
    let error = transcript.keep("far too long a question".into(), &super::Said::Discarded);
    assert!(matches!(error, Err(LightError::LongTranscript)));

    let deep = format!("{{\"answers\":{{\"a\":{{\"answer\":{}}}}},\"states\":{{}}}}", "[".repeat(100_000));
    assert!(serde_json::from_str::<Transcript>(&deep).is_err());
    assert!(serde_json::from_str::<Transcript>(r#"{"answers":{},"states":{},"more":1}"#).is_err());
}
