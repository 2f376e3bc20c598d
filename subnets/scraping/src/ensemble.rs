//! One answer of several: for each source, the rows that agree most with those of the others.

use crate::{
    protocol::{Rows, ScrapingRequest, ScrapingResponse},
    score::agreement,
};

/// Takes for each source the rows of the miner with which the others, by their weight, agree most. While the answers
/// that agree weigh more than all others, the others change nothing.
pub fn combine(request: &ScrapingRequest, answers: &[(ScrapingResponse, u64)]) -> Option<ScrapingResponse> {
    if let [(alone, _)] = answers {
        return Some(alone.clone());
    }
    let count = request.sources.len();
    let mut useful: Vec<&(ScrapingResponse, u64)> = answers
        .iter()
        .filter(|(answer, _)| {
            let fits = |source: &Rows| source.rows.iter().all(|row| row.len() == request.fields.len());
            answer.sources.len() == count && answer.sources.iter().all(fits)
        })
        .collect();
    // The order of the answers does not matter.
    useful.sort_by_cached_key(|(answer, weight)| {
        (std::cmp::Reverse(*weight), serde_json::to_string(answer).ok())
    });
    let best = |at: usize| {
        let support = |rows: &Rows| -> u128 {
            let of = |(other, weight): &&(ScrapingResponse, u64)| {
                u128::from(agreement(&rows.rows, &other.sources[at].rows).get()) * u128::from(*weight)
            };
            useful.iter().map(of).sum()
        };
        // Of equals the first is taken, which has the largest weight.
        useful.iter().rev().map(|(answer, _)| &answer.sources[at]).max_by_key(|rows| support(rows)).cloned()
    };
    let sources: Vec<Rows> = (0..count).map(best).collect::<Option<_>>()?;
    sources.iter().any(|source| !source.rows.is_empty()).then_some(ScrapingResponse { sources })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{Field, Page};

    fn said(rows: &[&str]) -> ScrapingResponse {
        let rows = rows.iter().map(|row| row.chars().map(String::from).collect()).collect();
        ScrapingResponse { sources: vec![Rows { rows, ..Rows::default() }] }
    }

    #[test]
    fn the_rows_with_the_most_support_are_taken_in_any_order() {
        let request = ScrapingRequest {
            fields: vec![Field::default(); 2],
            sources: vec![Page::default()],
            ..ScrapingRequest::default()
        };
        let mut answers =
            vec![(said(&["ab", "cd"]), 3), (said(&["ab", "cd"]), 3), (said(&["xx"]), 5), (said(&[]), 1)];
        let wanted = Some(said(&["ab", "cd"]));
        for _ in 0..answers.len() {
            answers.rotate_left(1);
            assert_eq!(combine(&request, &answers), wanted);
        }
        let other_form = ScrapingResponse { sources: vec![] };
        assert_eq!(combine(&request, &[(other_form, 9), (said(&["ab"]), 1)]), Some(said(&["ab"])));
        assert_eq!(combine(&request, &[(said(&[]), 1), (said(&[]), 1)]), None);
    }
}
