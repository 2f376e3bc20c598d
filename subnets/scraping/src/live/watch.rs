//! The validator's own looks at pages, in the background.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use myelin_subnet::AnswerContext;

use super::{
    clean,
    remembered::{Name, Remembered},
    Seen,
};
use crate::{
    backend::{Backend, Reader, Web},
    protocol::{Rows, ScrapingRequest, ScrapingResponse},
    score::MOST_BYTES,
    wrapper::Care,
};

/// Time for one look.
const PATIENCE: Duration = Duration::from_secs(50);
/// Most tasks whose pages are looked at together.
const AT_ONCE: usize = 16;
/// Tasks whose looks are kept, the latest ones.
const KEPT: usize = 64;

/// The page to look at.
pub struct Look {
    /// The request of the task, with one source.
    pub request: ScrapingRequest,
    /// The name of the source.
    pub source: Name,
    /// Whether e-mail addresses and telephone numbers are kept.
    pub personal: bool,
}

/// Looks at pages: a thread for each task, which waits between two looks.
pub struct Watch {
    reader: Reader,
    kept: Mutex<Kept>,
}

struct Kept {
    /// The looks of each task; none while they are under way.
    tasks: VecDeque<(u64, Option<Seen>)>,
    sources: Remembered,
}

impl Watch {
    /// Reads pages of the web as the built-in miner does. `sources` is what was seen last of each.
    pub fn new(web: Arc<dyn Web>, sources: Remembered) -> Arc<Self> {
        let kept = Kept { tasks: VecDeque::new(), sources };
        Arc::new(Self { reader: Reader::new(Care::Much, Some(web)), kept: Mutex::new(kept) })
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at a page now and after `wait`. Nothing happens if it was begun before, or too many are under way.
    pub fn begin(self: &Arc<Self>, name: u64, look: Look, wait: Duration) {
        {
            let mut kept = self.kept();
            let under_way = kept.tasks.iter().filter(|(_, seen)| seen.is_none()).count();
            if under_way >= AT_ONCE || kept.tasks.iter().any(|(other, _)| *other == name) {
                return;
            }
            kept.tasks.push_back((name, None));
            while kept.tasks.len() > KEPT {
                kept.tasks.pop_front();
            }
        }
        // A validator that has ended is not held by a thread that waits.
        let watch = Arc::downgrade(self);
        let thread = std::thread::Builder::new().name("looks".into());
        let work = move || {
            let _ = twice(&watch, name, &look, wait);
        };
        if let Err(error) = thread.spawn(work) {
            tracing::warn!(%error, "a page is not looked at, because no thread can be started");
            self.kept().tasks.retain(|(other, _)| *other != name);
        }
    }

    /// The looks of a task: nothing while they are under way, and none for good where there are none.
    pub fn seen(&self, name: u64) -> Option<Option<Seen>> {
        let kept = self.kept();
        match kept.tasks.iter().find(|(other, _)| *other == name) {
            Some((_, None)) => None,
            Some((_, Some(seen))) => Some(Some(seen.clone())),
            None => Some(None),
        }
    }

    fn look(&self, look: &Look) -> Rows {
        let context = AnswerContext { asker: None, permitted: true, challenge: None, time_left: PATIENCE };
        let mut rows = match self.reader.answer(&context, &look.request) {
            Ok(ScrapingResponse { mut sources }) => sources.pop().unwrap_or_default(),
            Err(error) => Rows { problem: Some(error.to_string()), ..Rows::default() },
        };
        if !look.personal {
            clean(&mut rows.rows);
        }
        let bytes = size(&rows);
        if rows.problem.is_none() && bytes > MOST_BYTES {
            rows.problem = Some(format!("{bytes} bytes of rows, and answers may have {MOST_BYTES}"));
        }
        if let Some(problem) = &rows.problem {
            tracing::info!(problem, "nobody is judged by this page");
            rows.rows.clear();
        }
        rows
    }
}

/// Looks twice, and keeps what was seen as long as somebody holds the watch.
fn twice(watch: &Weak<Watch>, name: u64, look: &Look, wait: Duration) -> Option<()> {
    let first = watch.upgrade()?.look(look);
    let second = match &first.problem {
        Some(_) => Rows { problem: Some("the first look failed".into()), ..Rows::default() },
        None => {
            std::thread::sleep(wait);
            watch.upgrade()?.look(look)
        }
    };
    let watch = watch.upgrade()?;
    let mut kept = watch.kept();
    let before = kept.sources.exchange(look.source, &second);
    let seen = kept.tasks.iter_mut().find(|(other, _)| *other == name);
    *seen.map(|(_, seen)| seen)? = Some(Seen { first, second, before });
    Some(())
}

/// Bytes of all values.
pub fn size(rows: &Rows) -> usize {
    rows.rows.iter().flatten().map(String::len).sum()
}
