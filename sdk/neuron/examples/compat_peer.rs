//! The Rust side of the compatibility check with official axons and dendrites (`tests/compat/axon_dendrite.py`).
//!
//! `compat_peer serve` is //Bob's axon with the synapses of the check; it prints its port and serves until its
//! standard input closes. `compat_peer ask PORT` is //Alice's dendrite that asks //Bob's axon on that port.

use std::{io::Read, net::SocketAddr, sync::Arc, time::Duration};

use futures::StreamExt;
use myelin_neuron::{
    axon::{AnswerNetwork, Axon, Call, HandlerError, OpenToAll, Reply, Route},
    dendrite::{Authenticity, Challenge, Dendrite, Query, Target},
};
use myelin_wallet::Keypair;

type AnyError = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> Result<(), AnyError> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["serve"] => serve().await,
        ["ask", port] => ask(port.parse()?).await,
        _ => Err("usage: compat_peer serve | ask PORT".into()),
    }
}

async fn serve() -> Result<(), AnyError> {
    let axon = Axon::new(Arc::new(Keypair::from_uri("//Bob")?), OpenToAll)
        .route(Route::new("Echo", echo).protect(["text", "number", "items"]))
        .route(Route::new("Hang", |_: Call| async { std::future::pending().await }))
        .route(Route::new("Tell", |_: Call| async { Ok(Reply::stream(words())) }))
        .sign_answers(AnswerNetwork { genesis_hash: [7; 32], netuid: 2 })
        .bind("127.0.0.1:0".parse()?)
        .await?;
    println!("{}", axon.address().port());
    tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await??;
    eprintln!("{:?}", axon.metrics());
    axon.shutdown(Duration::from_secs(1)).await;
    Ok(())
}

async fn echo(call: Call) -> Result<Reply, HandlerError> {
    let mut fields: serde_json::Map<String, serde_json::Value> =
        serde_json::from_slice(&call.body).map_err(|error| HandlerError::bad_request(error.to_string()))?;
    let text = fields.get("text").and_then(|text| text.as_str()).unwrap_or_default();
    let answer = format!("echo: {text}");
    fields.insert("answer".into(), answer.into());
    Ok(Reply::json(serde_json::Value::from(fields).to_string()).signed_by([9; 32]))
}

fn words() -> impl futures::Stream<Item = Result<bytes::Bytes, HandlerError>> {
    futures::stream::iter(["one ", "two ", "three"]).then(|word| async move {
        tokio::time::sleep(Duration::from_millis(20)).await;
        Ok(bytes::Bytes::from(word))
    })
}

async fn ask(port: u16) -> Result<(), AnyError> {
    let dendrite = Dendrite::new(Arc::new(Keypair::from_uri("//Alice")?));
    let hotkey = Keypair::from_uri("//Bob")?.public();
    let target = Target { hotkey, address: SocketAddr::from(([127, 0, 0, 1], port)) };

    let body = r#"{"text":"hello","number":3,"items":["it's",1.0,0.00001,null,true],"answer":null}"#;
    let query = Query::new("Echo", body, &["text", "number", "items"])?.required(&["text"])?;
    let query = query.challenge(Challenge { id: [1; 32], genesis_hash: [7; 32], netuid: 2 });
    let answer = dendrite.query(target, &query).await;
    println!("{}", answer.status);
    let fields: serde_json::Value = serde_json::from_slice(&answer.body)?;
    check(fields["answer"] == "echo: hello", "the answer of the official axon")?;
    check(answer.authenticity == Authenticity::Unsigned, "official axons do not sign")?;
    check(answer.process_time.is_some(), "the process time of the official axon")?;

    // The official nonce rule refuses overtaking requests of one dendrite; lanes must not overtake.
    let many = (0..200).map(|_| (target, query.clone()));
    let refused = dendrite.query_all(many, 32).filter(|(_, a)| std::future::ready(!a.is_success())).count();
    check(refused.await == 0, "200 requests in 32 lanes without a refusal")?;

    let unknown = dendrite.query(target, &Query::new::<&str>("Nothing", "{}", &[])?).await;
    check(unknown.status.code == 404, "an unknown synapse")?;
    let stranger = Target { hotkey: Keypair::from_uri("//Eve")?.public(), ..target };
    let misdirected = dendrite.query(stranger, &query).await;
    check(misdirected.status.code == 401, "a request signed for another axon")?;

    let mut stream =
        dendrite.stream(target, &Query::new::<&str>("Tell", "{}", &[])?).await.map_err(|s| s.to_string())?;
    let mut text = String::new();
    while let Some(chunk) = stream.next().await {
        text += std::str::from_utf8(&chunk.map_err(|s| s.to_string())?)?;
    }
    check(text == "one two three", "a streamed answer")?;
    println!("all checks passed");
    Ok(())
}

fn check(holds: bool, what: &str) -> Result<(), AnyError> {
    if !holds {
        return Err(format!("failed: {what}").into());
    }
    println!("ok: {what}");
    Ok(())
}
