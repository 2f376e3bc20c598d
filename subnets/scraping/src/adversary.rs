//! Miners that stand for a known worth or a known trick, for tests and reports. Nothing in the product's own path uses
//! this module.
//!
//! * [`oracle`] knows the right rows and errs as often as it is told to: a better one must earn more;
//! * [`Again`] sends the rows of the example;
//! * [`Strings`] cuts the strings of a page into rows, by their form alone;
//! * [`Keeper`] has kept every value of this validator's earlier tasks, and looks for those.

use std::collections::{BTreeSet, HashMap};

use myelin_subnet::{AnswerContext, AnswerError};
use myelin_wire::seed::{Seed, SeedRng};

use crate::{
    backend::Backend,
    compose::Composer,
    page::Page,
    protocol::{Rows, ScrapingRequest, ScrapingResponse},
    task::{draw, Task},
};

/// The answer of a miner that has this many of a thousand values right.
pub fn oracle(task: &Task, permille: u64, rng: &mut SeedRng) -> ScrapingResponse {
    let mut value = |value: &String| {
        if rng.below(1000) < permille {
            value.clone()
        } else {
            value.chars().rev().chain("1".chars()).collect()
        }
    };
    let mut rows = |rows: &Vec<Vec<String>>| Rows {
        rows: rows.iter().map(|row| row.iter().map(&mut value).collect()).collect(),
        ..Rows::default()
    };
    ScrapingResponse { sources: task.hidden.rows.iter().map(&mut rows).collect() }
}

/// Sends the rows of the first example for each source.
pub struct Again;

impl Backend for Again {
    fn answer(&self, _: &AnswerContext, request: &ScrapingRequest) -> Result<ScrapingResponse, AnswerError> {
        let rows = request.examples.first().map(|example| example.rows.clone()).unwrap_or_default();
        let source = Rows { rows, ..Rows::default() };
        Ok(ScrapingResponse { sources: vec![source; request.sources.len()] })
    }
}

/// Cuts the strings of a page into rows: each value is the next string that has the form of its field.
pub struct Strings;

/// The rows that `value` makes of the strings of each page. It gets the number of a field and a string.
fn of_strings(
    request: &ScrapingRequest,
    value: impl Fn(usize, &str, &Page) -> Option<String>,
) -> Result<ScrapingResponse, AnswerError> {
    let mut sources = Vec::new();
    for source in &request.sources {
        let page = Page::read(&source.address, source.html.as_deref().unwrap_or_default())
            .map_err(|error| AnswerError::Refused(error.to_string()))?;
        let (mut rows, mut row) = (Vec::new(), Vec::new());
        for place in 0..page.elements.len() {
            let element = &page.elements[place];
            let alone = element.end == place + 1;
            let strings = alone.then(|| page.text(place)).into_iter();
            for string in strings.chain(element.attribute("href").map(str::to_owned)) {
                if let Some(value) = value(row.len(), &string, &page) {
                    row.push(value);
                }
                if row.len() == request.fields.len() {
                    rows.push(std::mem::take(&mut row));
                }
            }
        }
        sources.push(Rows { rows, ..Rows::default() });
    }
    Ok(ScrapingResponse { sources })
}

impl Backend for Strings {
    fn answer(&self, _: &AnswerContext, request: &ScrapingRequest) -> Result<ScrapingResponse, AnswerError> {
        of_strings(request, |field, string, page| {
            let readings = request.fields[field].kind.readings();
            readings.iter().find_map(|reading| reading.read(string, Some(&page.base)))
        })
    }
}

/// Has kept the values of tasks of this validator, by the names of their fields.
pub struct Keeper(HashMap<String, BTreeSet<String>>);

impl Keeper {
    /// With so many tasks of a validator with this secret.
    pub fn new(secret: &[u8; 32], tasks: u64) -> Self {
        let composer = Composer::new(secret);
        let mut kept = HashMap::<String, BTreeSet<String>>::new();
        for number in 0..tasks {
            let task = draw(&composer, &Seed([55; 32]).derive(b"kept", number));
            for row in task.hidden.rows.iter().flatten() {
                for (field, value) in task.request.fields.iter().zip(row) {
                    kept.entry(field.name.clone()).or_default().insert(value.clone());
                }
            }
        }
        Self(kept)
    }
}

impl Backend for Keeper {
    fn answer(&self, _: &AnswerContext, request: &ScrapingRequest) -> Result<ScrapingResponse, AnswerError> {
        of_strings(request, |field, string, page| {
            let field = &request.fields[field];
            let mut read =
                field.kind.readings().iter().filter_map(|reading| reading.read(string, Some(&page.base)));
            let kept = self.0.get(&field.name)?;
            read.find(|value| kept.contains(value))
        })
    }
}
