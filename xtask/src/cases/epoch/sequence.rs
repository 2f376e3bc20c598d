//! Cases of several steps: operations, an epoch, expectations.

use serde_json::Value;

use super::expectation;
use super::subnet::Subnet;
use crate::cases::{Case, Malformed, Outcome, Tolerance};

/// Runs the steps of a case in order.
pub fn run(case: &Case) -> Result<Outcome, Malformed> {
    let input = case.input();
    let mut subnet = Subnet::read(input.optional("params"), &input.field("state")?)?;
    let mut outcome = Outcome::default();
    let mut last = None;
    let mut expects = false;
    for step in input.field("steps")?.items()? {
        if let Some(ops) = step.optional("ops") {
            for op in ops.items()? {
                subnet.apply(&op)?;
            }
        }
        if let Some(block) = step.optional("block") {
            last = Some(subnet.run(block.u64()?, step.u64_or("emission", 0)?));
        }
        let Some(expect) = step.optional("expect") else { continue };
        let output = last.as_ref().ok_or_else(|| expect.malformed("stands before any epoch"))?;
        expects = true;
        let own = step.value().get("tolerance").unwrap_or(&Value::Null);
        Tolerance::new(own).check(&format!("{}.tolerance", step.place()))?;
        outcome = outcome.and(expectation::compare(&expect, &subnet, output, [own, &case.tolerance])?);
    }
    if !expects {
        return Err(Malformed::new("steps", "have no `expect`, so any result would pass"));
    }
    Ok(outcome)
}
