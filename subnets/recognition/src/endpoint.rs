//! A vision model behind an OpenAI-compatible server as a miner.
//!
//! The model is asked for JSON and often writes more than that: the first object in its answer counts. Missing values
//! stay empty. Probabilities are brought to the form of the protocol, so that a model that answers `0.7` and `0.2` is
//! not refused for the missing tenth.

use std::time::Duration;

use base64::{engine::general_purpose::STANDARD, Engine};
use myelin_subnet::{AnswerContext, AnswerError};
use myelin_vision::endpoint::Endpoint;
use serde_json::Value;

use crate::{
    backend::Backend,
    protocol::{Group, RecognitionRequest, RecognitionResponse, Wanted},
};

/// Answers with a vision model.
pub struct EndpointBackend(Endpoint);

impl EndpointBackend {
    /// Asks `endpoint`.
    pub fn new(endpoint: Endpoint) -> Self {
        Self(endpoint)
    }

    fn ask(&self, question: &str, pictures: &[Vec<u8>], time: Duration) -> Result<Value, AnswerError> {
        let failed = |error: String| AnswerError::Backend(error);
        let said = self.0.ask(question, pictures, time).map_err(|error| failed(error.to_string()))?;
        first_object(&said).ok_or_else(|| failed("the model answered without a JSON object".into()))
    }
}

impl Backend for EndpointBackend {
    fn model_id(&self, _: Wanted) -> [u8; 32] {
        self.0.model_id()
    }

    fn answer(
        &self,
        context: &AnswerContext,
        request: &RecognitionRequest,
    ) -> Result<RecognitionResponse, AnswerError> {
        // Pictures are decoded first: a broken one is refused here and not sent on.
        request.pictures().map_err(|error| AnswerError::Refused(error.to_string()))?;
        let files: Vec<Vec<u8>> =
            request.images.iter().filter_map(|image| STANDARD.decode(image).ok()).collect();
        let time = context.time_left.saturating_sub(Duration::from_millis(200));
        match request.wanted {
            Wanted::Read => {
                let answer = self.ask(&reading_question(&request.fields), &files, time)?;
                Ok(reading(&answer, &request.fields))
            }
            Wanted::Classify => {
                let answer = self.ask(&class_question(&request.groups, files.len()), &files, time)?;
                let probabilities =
                    (0..files.len()).map(|at| probabilities(&answer["pictures"][at], &request.groups));
                Ok(RecognitionResponse {
                    probabilities: probabilities.collect(),
                    ..RecognitionResponse::default()
                })
            }
        }
    }
}

fn reading_question(fields: &[String]) -> String {
    format!(
        "Transcribe all text of this picture in reading order, keeping lines and case, and find the values of these \
         fields: {}. Answer with one JSON object and nothing else: \
         {{\"text\": \"…\", \"values\": {{\"field\": \"value as printed\"}}}}.",
        serde_json::to_string(fields).unwrap_or_default()
    )
}

fn class_question(groups: &[Group], pictures: usize) -> String {
    format!(
        "There are {pictures} pictures, each with one large object. For each picture and each of these questions say how \
         probable each class is: {}. Answer with one JSON object and nothing else: \
         {{\"pictures\": [{{\"question\": {{\"class\": probability from 0 to 1}}}}]}}, in the order of the pictures.",
        serde_json::to_string(groups).unwrap_or_default()
    )
}

fn reading(answer: &Value, fields: &[String]) -> RecognitionResponse {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    };
    let values = fields.iter().map(|field| text(&answer["values"][field.as_str()])).collect();
    RecognitionResponse { text: text(&answer["text"]), values, ..RecognitionResponse::default() }
}

/// The rows of one picture; equal probabilities if the model gave none.
fn probabilities(picture: &Value, groups: &[Group]) -> Vec<Vec<u32>> {
    let row = |group: &Group| {
        let said = &picture[group.name.as_str()];
        let share = |class: &String| match (said, said[class.as_str()].as_f64()) {
            (_, Some(p)) if p.is_finite() => p.clamp(0.0, 1e6),
            // Some models name the class alone.
            (Value::String(name), _) if name.eq_ignore_ascii_case(class) => 1.0,
            _ => 0.0,
        };
        let mut shares: Vec<f64> = group.classes.iter().map(share).collect();
        if shares.iter().sum::<f64>() <= 0.0 {
            shares.fill(1.0);
        }
        let sum: f64 = shares.iter().sum();
        let mut row: Vec<u32> = shares.iter().map(|share| (share / sum * 1e6) as u32).collect();
        let rest = 1_000_000u32.saturating_sub(row.iter().sum());
        if let Some(most) = row.iter_mut().max() {
            *most += rest;
        }
        row
    };
    groups.iter().map(row).collect()
}

/// The first JSON object in a text.
fn first_object(text: &str) -> Option<Value> {
    // Few braces are tried, because each try reads to the end.
    let starts = text.char_indices().filter(|(_, letter)| *letter == '{').take(20);
    starts.map(|(at, _)| &text[at..]).find_map(|rest| {
        serde_json::Deserializer::from_str(rest).into_iter::<Value>().next()?.ok().filter(Value::is_object)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_found_among_words() {
        let said =
            "Sure! Here it is:\n```json\n{\"text\": \"Total {5}\", \"values\": {\"total\": 5}}\n``` {}";
        let answer = first_object(said).expect("an object");
        let found = reading(&answer, &["total".into(), "date".into()]);
        assert_eq!((found.text.as_str(), found.values), ("Total {5}", vec!["5".to_owned(), String::new()]));
        assert_eq!(first_object("no { object"), None);
    }

    #[test]
    fn whatever_is_said_becomes_probabilities() {
        let group = Group { name: "side".into(), classes: vec!["left".into(), "right".into()] };
        for said in [
            serde_json::json!({ "side": { "left": 0.7, "right": 0.2 } }),
            serde_json::json!({ "side": { "left": 1e300, "right": -4 } }),
            serde_json::json!({ "side": "right" }),
            serde_json::json!({ "other": [] }),
            serde_json::json!(null),
        ] {
            let rows = probabilities(&said, std::slice::from_ref(&group));
            assert_eq!(rows[0].iter().sum::<u32>(), 1_000_000, "{said}: {rows:?}");
        }
        let named = probabilities(&serde_json::json!({ "side": "Right" }), &[group]);
        assert_eq!(named, [[0, 1_000_000]]);
    }
}
