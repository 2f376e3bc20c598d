//! Earlier requests of customers with the translations that they accepted, of which controls are made.

use std::path::Path;

use myelin_subnet::{past, SubnetError};
use serde_json::Value as Json;

use crate::protocol::TranslationRequest;

/// Requests with the translations that customers accepted, one for each text.
pub type Past = past::Past<TranslationRequest, Vec<String>>;
/// A request with its accepted translations.
pub type Accepted = past::Accepted<TranslationRequest, Vec<String>>;

/// Reads a file with a JSON object in each line: `request`, in the form of the subnet, and `accepted`, the
/// translations.
pub fn read(path: &Path) -> Result<Past, SubnetError> {
    Past::read(path, line)
}

/// A customer's request in the form of the subnet.
pub fn asked(body: &Json) -> Option<TranslationRequest> {
    let request: TranslationRequest = serde_json::from_value(body.clone()).ok()?;
    request.check().is_ok().then_some(request)
}

fn line(request: Json, accepted: Json) -> Result<Accepted, String> {
    let request = asked(&request).ok_or("this is no request for translations, or one beyond the limits")?;
    let answer: Vec<String> =
        serde_json::from_value(accepted).map_err(|error| format!("the accepted translations: {error}"))?;
    if answer.len() != request.texts.len() || answer.iter().any(|text| text.trim().is_empty()) {
        return Err(format!(
            "there are {} texts; each needs a translation that was accepted",
            request.texts.len()
        ));
    }
    Ok(Accepted { request, answer })
}

#[cfg(test)]
mod tests {
    use myelin_subnet::past::UsedUp;
    use myelin_wire::seed::Seed;
    use serde_json::json;

    use super::*;
    use crate::task;

    fn request(number: usize) -> Json {
        json!({ "from": "en", "to": "es", "texts": [{ "text": format!("Open file {number}") }] })
    }

    #[test]
    fn a_control_is_what_a_customer_asked_and_accepted() {
        let lines = (0..40)
            .map(|number| line(request(number), json!([format!("Abra el archivo {number}")])).unwrap());
        let past = Past::new(lines.collect()).unwrap();
        let task = task::control(&past, &UsedUp::default(), &Seed([1; 32])).unwrap();
        assert!(past.find(&task.request).is_some());
        let number = task.request.texts[0].text.strip_prefix("Open file ").unwrap();
        assert_eq!(task.hidden.references, [[format!("Abra el archivo {number}")]]);
    }

    #[test]
    fn lines_that_cannot_be_judged_are_refused() {
        let refused = |request: Json, accepted: Json| line(request, accepted).unwrap_err();
        assert!(refused(json!({ "from": "en" }), json!([])).contains("no request"));
        assert!(refused(request(1), json!([])).contains("there are 1 texts"));
        assert!(refused(request(1), json!([" "])).contains("each needs"));
        assert!(refused(request(1), json!("Abra")).contains("accepted translations"));
        let mut other = request(1);
        other["to"] = "de".into();
        assert!(refused(other, json!(["Öffne"])).contains("no request"));
    }
}
