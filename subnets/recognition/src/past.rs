//! Earlier requests of customers with the accepted answers, of which controls are made.

use std::path::Path;

use myelin_subnet::{
    past::{self, UsedUp},
    SubnetError,
};
use myelin_wire::seed::Seed;
use serde::Deserialize;
use serde_json::Value;

use crate::{
    protocol::{RecognitionRequest, Wanted, MAX_TEXT},
    task::{Hidden, Task},
};

/// Requests with their accepted answers.
pub type Past = past::Past<RecognitionRequest, Correct>;
/// A request with its accepted answer.
pub type Accepted = past::Accepted<RecognitionRequest, Correct>;

/// The answer that a customer finally took for right.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Correct {
    /// The text of a picture to read.
    pub text: String,
    /// The values of the requested fields.
    pub values: Vec<String>,
    /// For each picture to classify, the number of the class in each group.
    pub classes: Vec<Vec<u8>>,
}

/// Reads a file with a JSON object in each line: `request`, in the form of the subnet or of OpenAI-compatible clients,
/// and `accepted`.
pub fn read(path: &Path) -> Result<Past, SubnetError> {
    Past::read(path, line)
}

/// A customer's request, in the form of the subnet or of OpenAI-compatible clients.
pub fn asked(body: &Value) -> Option<RecognitionRequest> {
    let own = || {
        let request: RecognitionRequest = serde_json::from_value(body.clone()).ok()?;
        request.check().is_ok().then_some(request)
    };
    RecognitionRequest::from_openai(body).or_else(own)
}

fn line(request: Value, accepted: Value) -> Result<Accepted, String> {
    let request =
        asked(&request).ok_or("this is no request of the recognition subnet, or one beyond its limits")?;
    let pictures = request.pictures().map_err(|error| error.to_string())?.len();
    let answer: Correct = serde_json::from_value(accepted)
        .map_err(|error| format!("what was accepted cannot be read: {error}"))?;
    let is_right = match request.wanted {
        Wanted::Read => {
            let fits = answer.values.len() == request.fields.len() && answer.classes.is_empty();
            fits && !answer.text.trim().is_empty() && answer.text.len() <= MAX_TEXT
        }
        Wanted::Classify => {
            let known = |row: &Vec<u8>| {
                let classes = request.groups.iter().map(|group| group.classes.len());
                row.len() == request.groups.len()
                    && row.iter().zip(classes).all(|(class, classes)| usize::from(*class) < classes)
            };
            answer.classes.len() == pictures && answer.classes.iter().all(known)
        }
    };
    match is_right {
        true => Ok(Accepted { request, answer }),
        false => Err("what was accepted is no answer to the request: text and a value for each field, or for each picture a \
                      class of each group"
            .into()),
    }
}

/// A control: an earlier request of a customer, if possible one that is not used up.
pub fn control(past: &Past, used: &UsedUp, seed: &Seed) -> Option<Task> {
    let Accepted { request, answer } = &past.lines()[past.draw(used, &mut seed.rng())?];
    let Correct { text, values, classes } = answer.clone();
    let hidden = match request.wanted {
        Wanted::Read => Hidden::Page { text, values, renderer: None },
        Wanted::Classify => Hidden::Scenes { classes, renderer: None },
    };
    Some(Task { request: request.clone(), hidden })
}

#[cfg(test)]
mod tests {
    use myelin_vision::picture::Picture;
    use serde_json::json;

    use super::*;
    use crate::{protocol::Format, score};

    fn page(shade: u8) -> Value {
        let picture = Picture::new(8, 6, 1, vec![shade; 48]).unwrap();
        let request = RecognitionRequest::read(&picture, Format::Png, vec!["total".into()]).unwrap();
        serde_json::to_value(request).unwrap()
    }

    #[test]
    fn a_request_and_what_was_right_make_a_line() {
        let right = json!({"text": "Total: 12.50", "values": ["12.50"]});
        assert_eq!(line(page(9), right.clone()).unwrap().answer.values, ["12.50"]);
        let refused = |request, accepted| line(request, accepted).unwrap_err();
        assert!(refused(page(9), json!({"text": "Total", "values": []})).contains("no answer"));
        assert!(refused(page(9), json!({"text": " ", "values": ["1"]})).contains("no answer"));
        assert!(refused(page(9), json!({"words": "x"})).contains("unknown field"));
        assert!(refused(json!({"prompt": "x"}), right.clone()).contains("no request"));
        let mut broken = page(9);
        broken["images"] = json!(["AAAA"]);
        assert!(refused(broken, right).contains("picture 0"));
    }

    #[test]
    fn a_control_is_what_a_customer_asked_and_judged_by_what_was_accepted() {
        let lines = (0..40).map(|shade| {
            let text = format!("Total: {shade}.50");
            line(page(shade), json!({"text": text, "values": [format!("{shade}.50")]})).unwrap()
        });
        let past = Past::new(lines.collect()).unwrap();
        let task = control(&past, &UsedUp::default(), &Seed([3; 32])).unwrap();
        assert!(past.find(&task.request).is_some());
        let Hidden::Page { text, values, renderer: None } = task.hidden.clone() else { panic!("{task:?}") };
        let answer = crate::protocol::RecognitionResponse { text, values, ..Default::default() };
        let worth = score::judge(&task.request, &task.hidden, &answer);
        assert_eq!(worth.parts.map(|part| part.get()), [1_000_000; 2]);
    }
}
