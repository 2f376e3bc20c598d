//! Tasks of this subnet: pages of composed sites with their rows.

use myelin_subnet::past::UsedUp;
use myelin_wire::seed::Seed;
use serde::{Deserialize, Serialize};

use crate::{
    compose::{Composed, Composer},
    live::Live,
    past::Past,
    protocol::{Example, Page, ScrapingRequest},
};

/// Pages of a drawn task that are to be read.
const PAGES: u64 = 7;

/// The part that the validator keeps: the right rows of each source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hidden {
    /// In the order of the sources.
    pub rows: Vec<Vec<Vec<String>>>,
    /// The looks at a page that miners fetch themselves, in place of its rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub live: Option<Live>,
}

/// A request and what it is judged by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// Sent to the miner.
    pub request: ScrapingRequest,
    /// Known to the validator alone.
    pub hidden: Hidden,
}

/// Composes a site: one of its pages is shown with its rows, others are to be read.
pub fn draw(composer: &Composer, seed: &Seed) -> Task {
    let site = composer.site(seed);
    let shown = site.example(seed);
    let first = 2 + seed.derive(b"scraping pages", 0).rng().below(40);
    let read: Vec<Composed> = (0..PAGES).map(|at| site.page(first + at, seed)).collect();
    let page = |page: Composed| (Page { address: page.address, html: Some(page.html) }, page.rows);
    let (example, rows) = page(shown);
    let (sources, hidden) = read.into_iter().map(page).unzip();
    let request = ScrapingRequest {
        fields: site.fields(),
        pages: 1,
        examples: vec![Example { page: example, rows }],
        sources,
        ..ScrapingRequest::default()
    };
    Task { request, hidden: Hidden { rows: hidden, live: None } }
}

/// A task from an earlier request of a customer, which is judged by what the customer accepted.
pub fn control(past: &Past, used: &UsedUp, seed: &Seed) -> Option<Task> {
    let place = past.draw(used, &mut seed.derive(b"scraping control", 0).rng())?;
    let line = &past.lines()[place];
    Some(Task { request: line.request.clone(), hidden: Hidden { rows: line.answer.clone(), live: None } })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_follows_from_its_seed_and_is_a_request_of_the_subnet() {
        let composer = Composer::new(&[1; 32]);
        for number in 0..100 {
            let seed = Seed([2; 32]).derive(b"", number);
            let task = draw(&composer, &seed);
            assert_eq!(task.request.check(), Ok(()));
            assert_eq!(task, draw(&composer, &seed));
            assert_eq!(task.hidden.rows.len(), PAGES as usize);
        }
    }
}
