//! Runners of the kinds that try `core/economy`.

use super::{Case, Malformed, Outcome};

/// Runs a case of an economic kind; `None` for other kinds.
pub fn run(case: &Case) -> Option<Result<Outcome, Malformed>> {
    let _ = case;
    None
}
