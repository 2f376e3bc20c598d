//! Earlier requests of customers with the rows that they accepted, of which controls are made.

use std::path::Path;

use myelin_subnet::{past, SubnetError};
use serde_json::Value as Json;

use crate::protocol::ScrapingRequest;

/// Requests with the rows that customers accepted, for each source.
pub type Past = past::Past<ScrapingRequest, Vec<Vec<Vec<String>>>>;

/// Reads a file with a JSON object in each line: `request`, in the form of the subnet, and `accepted`, the rows of each
/// source.
pub fn read(path: &Path) -> Result<Past, SubnetError> {
    Past::read(path, |request, accepted| {
        let request =
            asked(&request).ok_or("`request` is no request for rows of pages that it brings along")?;
        let answer: Vec<Vec<Vec<String>>> =
            serde_json::from_value(accepted).map_err(|error| format!("`accepted`: {error}"))?;
        let fits = answer.len() == request.sources.len()
            && answer.iter().flatten().all(|row| row.len() == request.fields.len());
        if !fits {
            return Err("`accepted` has rows for other sources or other fields than `request`".into());
        }
        Ok(past::Accepted { request, answer })
    })
}

/// A customer's request. The pages must come along: what a fetched page says may have changed since.
pub fn asked(body: &Json) -> Option<ScrapingRequest> {
    let request: ScrapingRequest = serde_json::from_value(body.clone()).ok()?;
    let whole = request.sources.iter().all(|source| source.html.is_some());
    (whole && request.check().is_ok()).then_some(request)
}

#[cfg(test)]
mod tests {
    use myelin_wire::seed::Seed;
    use serde_json::json;

    use super::*;
    use crate::{compose::Composer, task};

    #[test]
    fn a_file_of_accepted_rows_is_read_and_wrong_lines_are_named() {
        let composer = Composer::new(&[1; 32]);
        let lines: Vec<String> = (0..40)
            .map(|number| {
                let task = task::draw(&composer, &Seed([2; 32]).derive(b"", number));
                json!({ "request": task.request, "accepted": task.hidden.rows }).to_string()
            })
            .collect();
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), lines.join("\n")).unwrap();
        assert_eq!(read(file.path()).unwrap().lines().len(), 40);
        let mut wrong = lines.clone();
        wrong[6] = wrong[6].replacen("\"accepted\":[[", "\"accepted\":[[],[", 1);
        std::fs::write(file.path(), wrong.join("\n")).unwrap();
        let error = read(file.path()).unwrap_err().to_string();
        assert!(error.contains("other sources") && error.contains('7'), "{error}");
    }
}
