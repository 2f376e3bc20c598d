//! One answer from several: a vote by the results of queries, not by their wording.

use std::{cmp::Reverse, collections::BTreeMap};

use crate::{
    engine::{Database, Limits},
    protocol::{AnalysisRequest, AnalysisResponse},
    query::Query,
    value::Row,
};

/// Limits of one query in the vote.
const LIMITS: Limits = Limits { steps: 2_000_000, rows: 5_000 };

/// Combines answers: the query whose results on the rows of the request have the most weight behind them, in the words
/// of its heaviest miner. Queries that do not run, or give a wrong result where the right one is known, have no vote.
/// Returns `None` if none has a vote.
pub fn combine(request: &AnalysisRequest, answers: &[(AnalysisResponse, u64)]) -> Option<AnalysisResponse> {
    if let [(alone, _)] = answers {
        return Some(alone.clone());
    }
    let mut camps = BTreeMap::<Vec<Vec<Row>>, Vec<(u64, &AnalysisResponse)>>::new();
    for (answer, weight) in answers {
        if let Some(results) = results(request, &answer.sql) {
            camps.entry(results).or_default().push((*weight, answer));
        }
    }
    let weight = |camp: &[(u64, &AnalysisResponse)]| -> u128 {
        camp.iter().map(|(weight, _)| u128::from(*weight)).sum()
    };
    // Ties are broken by the results, so that the order of the miners has no influence.
    let (_, camp) = camps.iter().max_by_key(|(results, camp)| (weight(camp), Reverse(*results)))?;
    let by_words = |answer: &AnalysisResponse| (answer.sql.clone(), answer.explanation.clone());
    let heaviest = camp.iter().max_by_key(|(weight, answer)| (*weight, Reverse(by_words(answer))))?;
    Some(heaviest.1.clone())
}

/// The results of a query on all examples; `None` if it fails on one, or is wrong there.
fn results(request: &AnalysisRequest, sql: &str) -> Option<Vec<Vec<Row>>> {
    let query = Query::read(sql).ok()?;
    let result = |example: &crate::protocol::Example| {
        let database = Database::open_for_user(&request.schema, &example.tables).ok()?;
        let mut rows = database.run(&query, LIMITS).ok()?.rows;
        let right = example.result.as_ref();
        if right.is_some_and(|right| !crate::value::same_rows(right, &rows, request.ordered)) {
            return None;
        }
        if !request.ordered {
            rows.sort();
        }
        Some(rows)
    };
    request.examples.iter().map(result).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::upload::{tables_from_csv, File, UploadLimits};

    fn request() -> AnalysisRequest {
        let bytes = b"id,city,price\n1,Rome,10\n2,Oslo,20\n3,Rome,30\n";
        let upload = tables_from_csv(&[File { name: "sales", bytes }], &UploadLimits::default());
        upload.expect("a table").request("what was sold in Rome")
    }

    fn answer(sql: &str) -> AnalysisResponse {
        AnalysisResponse { sql: sql.into(), explanation: String::new() }
    }

    const RIGHT: [&str; 3] = [
        "SELECT SUM(price) FROM sales WHERE city = 'Rome'",
        "SELECT SUM(s.price) FROM sales AS s WHERE s.city = 'Rome'",
        "SELECT 40 FROM sales LIMIT 1",
    ];
    const WRONG: [&str; 4] =
        ["SELECT SUM(price) FROM sales", "SELECT 41 FROM sales LIMIT 1", "DROP TABLE sales", "?"];

    fn chosen(answers: &[(&str, u64)]) -> Option<String> {
        let answers: Vec<_> = answers.iter().map(|(sql, weight)| (answer(sql), *weight)).collect();
        combine(&request(), &answers).map(|answer| answer.sql)
    }

    #[test]
    fn queries_vote_together_when_they_give_the_same() {
        let [first, second, _] = RIGHT;
        assert_eq!(chosen(&[(WRONG[0], 3), (first, 2), (second, 2)]).as_deref(), Some(first));
        assert_eq!(chosen(&[(WRONG[0], 3), (first, 1), (second, 1)]).as_deref(), Some(WRONG[0]));
        assert_eq!(chosen(&[(WRONG[2], 9), (WRONG[3], 9), (first, 1)]).as_deref(), Some(first));
        assert_eq!(chosen(&[(WRONG[2], 9), (WRONG[3], 9)]), None);
        assert_eq!(chosen(&[]), None);
    }

    #[test]
    fn what_fails_a_known_result_has_no_vote() {
        let mut request = request();
        request.examples[0].result = Some(vec![vec![crate::value::Value::Integer(40)]]);
        let answers = [(answer(WRONG[0]), 9), (answer(RIGHT[0]), 1)];
        assert_eq!(combine(&request, &answers), Some(answer(RIGHT[0])));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn the_order_of_miners_does_not_matter(
            votes in prop::collection::vec((0usize..7, 1u64..9), 0..6).prop_shuffle(),
        ) {
            let sql = |at: usize| RIGHT.iter().chain(&WRONG).nth(at).copied().unwrap_or_default();
            let said = |votes: &[(usize, u64)]| {
                let votes: Vec<_> = votes.iter().map(|(at, weight)| (sql(*at), *weight)).collect();
                chosen(&votes)
            };
            let mut sorted = votes.clone();
            sorted.sort();
            prop_assert_eq!(said(&votes), said(&sorted));
        }

        #[test]
        fn one_miner_alone_gives_its_answer(sql in ".{0,20}", weight in 1u64..9) {
            let given = chosen(&[(&sql, weight)]);
            prop_assert_eq!(given, Some(sql));
        }

        #[test]
        fn a_minority_of_liars_changes_nothing(lies in prop::collection::vec((0usize..4, 1u64..9), 0..5)) {
            let mut votes: Vec<_> = lies.iter().map(|(at, weight)| (WRONG[*at], *weight)).collect();
            let lying: u64 = votes.iter().map(|(_, weight)| weight).sum();
            votes.insert(0, (RIGHT[0], lying / 2 + 1));
            votes.push((RIGHT[1], lying / 2 + 1));
            let given = chosen(&votes);
            prop_assert_eq!(given.as_deref(), Some(RIGHT[0]));
        }
    }
}
