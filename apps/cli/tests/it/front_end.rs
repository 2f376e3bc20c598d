//! A front end that answers for a node: it hides what it does not like, or changes what the node says.

use futures::{SinkExt, StreamExt};
use serde_json::{json, Value};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{accept_async, connect_async};

use super::harness::listen;

/// The answers and changes of a front end.
#[derive(Clone, Copy)]
pub struct Manner {
    /// Its own answer to a request, which the node does not see then.
    pub answer: fn(&Message) -> Option<Message>,
    /// A message of the node, as the front end passes it on.
    pub change: fn(Message) -> Message,
}

/// Starts a front end whose lists are empty before a node, for as long as the tests run. Returns its address.
pub fn hide(node: &str) -> String {
    stand_before(node, Manner { answer: hidden, change: |said| said })
}

/// Starts a front end before a node, for as long as the tests run. Returns its address.
pub fn stand_before(node: &str, manner: Manner) -> String {
    let node = node.to_owned();
    let relaying = move |listener: TcpListener| async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(relay(stream, node.clone(), manner));
        }
    };
    format!("ws://{}", listen(relaying))
}

/// Carries messages both ways until one side leaves.
async fn relay(stream: TcpStream, node: String, manner: Manner) {
    // A look whether somebody listens says nothing.
    let Ok(client) = accept_async(stream).await else { return };
    let (node, _) = connect_async(node).await.expect("the node listens");
    let ((mut to_client, mut from_client), (mut to_node, mut from_node)) = (client.split(), node.split());
    loop {
        let sent = tokio::select! {
            said = from_client.next() => match said {
                Some(Ok(said)) => match (manner.answer)(&said) {
                    Some(answer) => to_client.send(answer).await,
                    None => to_node.send(said).await,
                },
                _ => return,
            },
            said = from_node.next() => match said {
                Some(Ok(said)) => to_client.send((manner.change)(said)).await,
                _ => return,
            },
        };
        if sent.is_err() {
            return;
        }
    }
}

/// The answer to a request for a list, which has nothing in it.
fn hidden(said: &Message) -> Option<Message> {
    let request: Value = serde_json::from_str(said.to_text().ok()?).ok()?;
    let nothing = match request["method"].as_str()? {
        "state_getKeysPaged" => json!([]),
        // No values, in SCALE.
        "state_call" if request["params"][0].as_str()?.contains("_get_all_") => json!("0x00"),
        _ => return None,
    };
    let answer = json!({ "jsonrpc": "2.0", "id": request["id"], "result": nothing });
    Some(Message::text(answer.to_string()))
}
