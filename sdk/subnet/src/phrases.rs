//! Sentences with slots, from which tasks are worded.
//!
//! The public ones of a subnet lie in its crate. A validator that wants tasks nobody could prepare for writes its own in the same form
//! and keeps them to itself.

use std::collections::BTreeMap;

use myelin_wire::seed::SeedRng;
use serde::Deserialize;

/// How things are said: templates by construct, `"{name} has {n} apples"`.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub struct Templates(BTreeMap<String, Vec<String>>);

impl Templates {
    /// Checks that everything needed can be said: of each construct a template, in each template the slots. `part` stands before the
    /// names of constructs in the error.
    pub fn check(&self, part: &str, needed: &[(&str, &[&str])]) -> Result<(), String> {
        let mut needed = needed.iter();
        needed.try_for_each(|(construct, slots)| {
            check(&format!("{part}{construct}"), self.of(construct), slots)
        })
    }

    /// All templates of a construct.
    pub fn of(&self, construct: &str) -> &[String] {
        self.0.get(construct).map(Vec::as_slice).unwrap_or_default()
    }

    /// Says something: draws a template and fills its slots.
    pub fn say(&self, construct: &str, slots: &[(&str, &str)], rng: &mut SeedRng) -> String {
        fill(rng.choose(self.of(construct)).map(String::as_str).unwrap_or_default(), slots)
    }
}

/// Checks that there is a template and that each has all slots.
pub fn check(construct: &str, templates: &[String], slots: &[&str]) -> Result<(), String> {
    if templates.is_empty() {
        return Err(format!("no template for `{construct}`"));
    }
    for template in templates {
        if let Some(slot) = slots.iter().find(|slot| !template.contains(&format!("{{{slot}}}"))) {
            return Err(format!("`{template}` of `{construct}` lacks {{{slot}}}"));
        }
    }
    Ok(())
}

/// Puts the slots into a template in one pass, so that braces within a value stay what they are.
pub fn fill(template: &str, slots: &[(&str, &str)]) -> String {
    let mut said = String::new();
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        let (before, slot) = rest.split_at(open);
        said.push_str(before);
        let known =
            slots.iter().find(|(name, _)| slot[1..].strip_prefix(name).is_some_and(|r| r.starts_with('}')));
        rest = match known {
            Some((name, value)) => {
                said.push_str(value);
                &slot[name.len() + 2..]
            }
            None => {
                said.push('{');
                &slot[1..]
            }
        };
    }
    said + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_filled_once() {
        assert_eq!(fill("{a} and {b} {c}", &[("a", "{b}"), ("b", "x")]), "{b} and x {c}");
    }
}
