//! Earlier requests of customers with the accepted queries, of which controls are made
//! ([`control`](crate::task::control)).

use std::path::Path;

use myelin_subnet::{past, SubnetError};
use serde_json::Value as Json;

use crate::{
    data::Model,
    engine::Database,
    judge::{Hidden, Meaning},
    protocol::AnalysisRequest,
    query::Query,
    task::Task,
};

/// Requests with the queries that customers accepted.
pub type Past = past::Past<AnalysisRequest, Query>;
/// A request with its accepted query.
pub type Accepted = past::Accepted<AnalysisRequest, Query>;

/// Reads a file with a JSON object in each line: `request`, in the form of the subnet, and `accepted`, the query.
pub fn read(path: &Path) -> Result<Past, SubnetError> {
    Past::read(path, line)
}

/// A customer's request in the form of the subnet: a question in words, over tables with rows.
pub fn asked(body: &Json) -> Option<AnalysisRequest> {
    let request: AnalysisRequest = serde_json::from_value(body.clone()).ok()?;
    let says_all = !request.question.trim().is_empty() && !request.examples.is_empty();
    (says_all && request.check().is_ok()).then_some(request)
}

fn line(request: Json, accepted: Json) -> Result<Accepted, String> {
    let request =
        asked(&request).ok_or("this is no question over tables with rows, or one beyond the limits")?;
    let query = Query::read(accepted.as_str().unwrap_or_default()).map_err(|error| error.to_string())?;
    let database = Database::empty(&request.schema).map_err(|error| error.to_string())?;
    database.prepare(&query).map_err(|error| format!("what was accepted does not run: {error}"))?;
    drop(database);
    Ok(Accepted { request, answer: query })
}

/// A task from a customer's request. Its answers are judged by the accepted query, on rows like those that the customer
/// showed.
pub(crate) fn task(accepted: &Accepted, rows: [u8; 32]) -> Task {
    let Accepted { request, answer } = accepted;
    let tables = request.examples.first().map(|example| &example.tables);
    let model = Model::of_tables(request.schema.clone(), tables.unwrap_or(&Vec::new()));
    let meaning = Meaning::Accepted { sql: answer.sql().to_owned(), ordered: request.ordered };
    let shown = request.examples.iter().filter_map(|example| example.result.clone()).collect();
    Task { request: request.clone(), hidden: Hidden { model, meaning, rows, shown } }
}

#[cfg(test)]
mod tests {
    use myelin_subnet::past::UsedUp;
    use myelin_wire::{record::Ppm, seed::Seed};
    use serde_json::json;

    use super::*;
    use crate::{
        judge::Judge,
        protocol::AnalysisResponse,
        task::control,
        upload::{tables_from_csv, File, UploadLimits},
    };

    fn sales() -> Json {
        let mut csv = String::from("id,city,price,weight\n");
        for number in 0..60 {
            let city = ["Rome", "Oslo", "Kiel"][number * 7 % 5 % 3];
            csv += &format!("{number},{city},{},{}.25\n", number * 7 % 40, number % 9);
        }
        let file = File { name: "sales", bytes: csv.as_bytes() };
        let upload = tables_from_csv(&[file], &UploadLimits::default()).unwrap();
        serde_json::to_value(upload.request("what did we sell in rome?")).unwrap()
    }

    #[test]
    fn a_question_and_a_query_make_a_line() {
        let good = "SELECT SUM(price) FROM sales WHERE city = 'Rome'";
        assert_eq!(line(sales(), good.into()).unwrap().answer, Query::read(good).unwrap());
        let refused = |request: Json, accepted: Json| line(request, accepted).unwrap_err();
        assert!(refused(sales(), "SELECT nothing FROM sales".into()).contains("does not run"));
        assert!(refused(sales(), "DROP TABLE sales".into()).contains("DROP"));
        assert!(refused(sales(), 7.into()).contains("empty"));
        assert!(refused(json!({"prompt": "x"}), good.into()).contains("no question"));
        let mut silent = sales();
        silent["question"] = " ".into();
        assert!(refused(silent, good.into()).contains("no question"));
    }

    #[test]
    fn a_control_is_judged_by_what_its_customer_accepted_on_other_rows() {
        let accepted = [
            "SELECT SUM(price) FROM sales WHERE city = 'Rome'",
            "SELECT city, SUM(weight) FROM sales GROUP BY city",
        ];
        let lines = (0..40).map(|number| {
            let mut request = sales();
            request["question"] = format!("question {number}").into();
            line(request, accepted[number % 2].into()).unwrap()
        });
        let past = Past::new(lines.collect()).unwrap();
        for number in 0..20 {
            let seed = Seed([9; 32]).derive(b"control", number);
            let task = control(&past, &UsedUp::default(), &seed).unwrap();
            assert!(past.find(&task.request).is_some(), "the customer's request as it was");
            let judge = Judge::open(&task.hidden).unwrap();
            assert!(judge.telling(4).unwrap() >= 4);
            let worth = |sql: &str| {
                let sql = sql.to_owned();
                judge.judge(&AnalysisResponse { sql, ..Default::default() }).map(|verdict| verdict.accuracy)
            };
            assert_eq!(worth(&task.hidden.sql()), Ok(Ppm::ONE));
            // Sums of decimals in another order count as equal.
            if task.hidden.sql().contains("weight") {
                let other =
                    "SELECT city, SUM(weight) FROM (SELECT * FROM sales ORDER BY weight DESC) GROUP BY city";
                assert_eq!(worth(other), Ok(Ppm::ONE));
            }
            let without = worth("SELECT SUM(price) FROM sales").unwrap();
            assert!(without < Ppm::new(100_000), "{without:?} {:?}", task.hidden);
            let again = control(&past, &UsedUp::default(), &seed).unwrap();
            assert_eq!(again, task);
        }
    }
}
