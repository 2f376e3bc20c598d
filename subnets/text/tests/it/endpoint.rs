//! A miner in front of an OpenAI-compatible server.

use std::{sync::Arc, time::Duration};

use myelin_lm::{
    builtin::Level,
    openai::{
        serve::{router, ServeConfig},
        EndpointConfig, OpenAiBackend,
    },
};
use myelin_subnet::{AnswerContext, AnswerError, Subnet};
use myelin_text::{
    backend::ModelBackend,
    protocol::{ChatMessage, TextRequest},
    TextSubnet,
};

use crate::field::{answering, built_in};

async fn answer(miner: &Arc<TextSubnet>, request: TextRequest) -> Result<String, AnswerError> {
    let context =
        AnswerContext { asker: None, permitted: true, challenge: None, time_left: Duration::from_secs(30) };
    let miner = miner.clone();
    let answered = tokio::task::spawn_blocking(move || miner.answer(&context, &request)).await.unwrap();
    answered.map(|response| response.completion)
}

fn miner_before(url: &str) -> Arc<TextSubnet> {
    let endpoint = OpenAiBackend::new(EndpointConfig::new(url, "late")).unwrap();
    Arc::new(answering(Arc::new(ModelBackend::new(Arc::new(endpoint), [1; 32]))))
}

#[tokio::test(flavor = "multi_thread")]
async fn completions_gaps_and_chats_are_answered_by_the_server_behind_the_miner() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    let server = router(vec![built_in(Level::Late)], ServeConfig::default());
    let serving = tokio::spawn(async move { axum::serve(listener, server).await });
    let miner = miner_before(&url);

    let prompt =
        TextRequest { prompt: "pub fn len(&self) -> ".into(), max_tokens: 8, ..TextRequest::default() };
    let gap = TextRequest { suffix: Some(" {\n        self.len\n    }\n".into()), ..prompt.clone() };
    let message = ChatMessage { role: "user".into(), content: "What is a trait?".into() };
    let chat = TextRequest { messages: vec![message], max_tokens: 8, ..TextRequest::default() };
    for request in [prompt, gap, chat] {
        let text = answer(&miner, request.clone()).await.unwrap();
        assert!(!text.is_empty(), "{request:?}");
        assert_eq!(answer(&miner, request).await.unwrap(), text, "one miner answers one request in one way");
    }
    serving.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_there_is_the_backends_failure() {
    let miner = miner_before("http://127.0.0.1:9/v1");
    let request = TextRequest { prompt: "fn ".into(), max_tokens: 4, ..TextRequest::default() };
    assert!(matches!(answer(&miner, request).await, Err(AnswerError::Backend(_))));
}
