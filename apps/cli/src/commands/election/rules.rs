//! The rules of elections as people read and write them.

use myelin_election::Rules;
use myelin_governance::PerBillion;
use myelin_units::TaoBalance;
use serde_json::{Map, Value};

use crate::commands::gov::words::percent;
use crate::output::{self, fail, grouped, tao, Failure};

/// The unit of a rule.
#[derive(Clone, Copy)]
enum Unit {
    Count,
    Blocks,
    Tao,
    Part,
}

/// A rule with its value in [`Rules`].
pub struct Rule {
    /// Its name in commands.
    pub name: &'static str,
    /// Its meaning in a few words.
    pub meaning: &'static str,
    unit: Unit,
    get: fn(&Rules) -> u64,
    set: fn(&mut Rules, u64),
}

const fn rule(
    name: &'static str,
    unit: Unit,
    meaning: &'static str,
    get: fn(&Rules) -> u64,
    set: fn(&mut Rules, u64),
) -> Rule {
    Rule { name, meaning, unit, get, set }
}

/// A count of [`Rules`].
fn short(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

/// A part of [`Rules`].
fn part(value: u64) -> PerBillion {
    PerBillion::from_parts(short(value))
}

const RULES: [Rule; 12] = [
    rule(
        "seats",
        Unit::Count,
        "block authors of a full set",
        |it| it.seats.into(),
        |it, v| it.seats = short(v),
    ),
    rule(
        "least_authorities",
        Unit::Count,
        "least block authors, and candidates without which the set stays",
        |it| it.least_authorities.into(),
        |it, v| it.least_authorities = short(v),
    ),
    rule("era", Unit::Blocks, "blocks from pass to pass", |it| it.era, |it, v| it.era = v),
    rule(
        "least_pledge",
        Unit::Tao,
        "least pledge of a candidate",
        |it| it.least_pledge.to_rao(),
        |it, v| it.least_pledge = TaoBalance::from_rao(v),
    ),
    rule(
        "least_stake",
        Unit::Tao,
        "least stake that counts",
        |it| it.least_stake.to_rao(),
        |it, v| it.least_stake = TaoBalance::from_rao(v),
    ),
    rule(
        "least_quality",
        Unit::Part,
        "least quality of judging",
        |it| it.least_quality.parts().into(),
        |it, v| it.least_quality = part(v),
    ),
    rule(
        "leverage",
        Unit::Count,
        "root stake that counts for each TAO of the pledge",
        |it| it.leverage.into(),
        |it, v| it.leverage = short(v),
    ),
    rule(
        "lead",
        Unit::Part,
        "lead over the holder of a seat that a challenger needs",
        |it| it.lead.parts().into(),
        |it, v| it.lead = part(v),
    ),
    rule(
        "report_window",
        Unit::Blocks,
        "blocks in which an offence can be reported",
        |it| it.report_window,
        |it, v| it.report_window = v,
    ),
    rule(
        "appeal_window",
        Unit::Blocks,
        "blocks from a report until its slash",
        |it| it.appeal_window,
        |it, v| it.appeal_window = v,
    ),
    rule(
        "unbonding",
        Unit::Blocks,
        "blocks until a pledge on its way out is free",
        |it| it.unbonding,
        |it, v| it.unbonding = v,
    ),
    rule("jail", Unit::Blocks, "blocks in jail", |it| it.jail, |it, v| it.jail = v),
];

impl Rule {
    /// The value in words.
    fn show(&self, rules: &Rules) -> String {
        let value = (self.get)(rules);
        match self.unit {
            Unit::Count => grouped(value),
            Unit::Blocks => format!("{} blocks", grouped(value)),
            Unit::Tao => tao(TaoBalance::from_rao(value)),
            Unit::Part => percent(part(value)),
        }
    }

    /// Reads a value as people write it.
    fn read(&self, text: &str) -> Result<u64, String> {
        let wrong = |what: &str| format!("{} is {what}, and `{text}` is none", self.name);
        match self.unit {
            Unit::Count => text.parse::<u32>().map(u64::from).map_err(|_| wrong("a number")),
            Unit::Blocks => text.parse().map_err(|_| wrong("a number of blocks")),
            Unit::Tao => output::amount(text),
            Unit::Part => output::proportion(text),
        }
    }

    /// The name for programs, with the unit.
    fn key(&self) -> String {
        let unit = match self.unit {
            Unit::Count => "",
            Unit::Blocks => "_blocks",
            Unit::Tao => "_rao",
            Unit::Part => "_ppb",
        };
        format!("{}{unit}", self.name)
    }
}

/// Each rule with its value, in words: name, value, meaning.
pub fn shown(rules: &Rules) -> impl Iterator<Item = [String; 3]> + '_ {
    RULES.iter().map(|rule| [rule.name.into(), rule.show(rules), rule.meaning.into()])
}

/// The rules for programs.
pub fn as_json(rules: &Rules) -> Value {
    let fields: Map<String, Value> =
        RULES.iter().map(|rule| (rule.key(), (rule.get)(rules).into())).collect();
    Value::Object(fields)
}

/// The rules with some changes, each `NAME=VALUE`.
pub fn changed(present: &Rules, changes: &[(String, String)]) -> Result<Rules, Failure> {
    let mut rules = *present;
    for (name, text) in changes {
        let Some(rule) = RULES.iter().find(|rule| rule.name == name) else {
            let meant = crate::usage::alike(name, RULES.iter().map(|rule| rule.name));
            let meant = meant.map(|meant| format!(", did you mean {meant}?")).unwrap_or_default();
            return fail(format!(
                "elections have no rule `{name}`{meant}; `myelin election status` lists them"
            ));
        };
        (rule.set)(&mut rules, rule.read(text).map_err(Failure::new)?);
    }
    Ok(rules)
}

/// The rules that differ: name, present and proposed value in words.
pub fn differences(present: &Rules, proposed: &Rules) -> Vec<[String; 3]> {
    let differs = |rule: &&Rule| (rule.get)(present) != (rule.get)(proposed);
    let said = |rule: &Rule| [rule.name.into(), rule.show(present), rule.show(proposed)];
    RULES.iter().filter(differs).map(said).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_is_written_and_read_and_changes_nothing_else() {
        let before = Rules::production();
        for rule in &RULES {
            let mut after = before;
            (rule.set)(&mut after, (rule.get)(&before) + 1);
            let names: Vec<String> =
                differences(&before, &after).into_iter().map(|[name, ..]| name).collect();
            assert_eq!(names, [rule.name]);
            assert_ne!(after, before, "{}", rule.name);
        }
        // Every field has a row: rules that were set row by row are those that they were taken from.
        let (source, mut copy) = (Rules::fast(), before);
        RULES.iter().for_each(|rule| (rule.set)(&mut copy, (rule.get)(&source)));
        assert_eq!(copy, source);
        let fields = codec::Encode::encode(&before).len();
        let encoded: usize =
            RULES.iter().map(|rule| if matches!(rule.unit, Unit::Blocks | Unit::Tao) { 8 } else { 4 }).sum();
        assert_eq!(encoded, fields, "a rule without a row");
    }

    #[test]
    fn rules_are_changed_by_name_in_their_unit() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let changes = [pair("era", "600"), pair("least_pledge", "2.5"), pair("least_quality", "1%")];
        let after = changed(&Rules::production(), &changes).expect("rules");
        let found: Vec<String> =
            differences(&Rules::production(), &after).into_iter().map(|parts| parts.join(" ")).collect();
        assert_eq!(
            found,
            [
                "era 7,200 blocks 600 blocks",
                "least_pledge 100.0000 τ 2.5000 τ",
                "least_quality 10.00 % 1.00 %"
            ]
        );
        let fields = as_json(&after);
        for (field, value) in [("least_quality_ppb", 10_000_000), ("era_blocks", 600), ("seats", 32)] {
            assert_eq!(fields[field], value, "{field}");
        }
        let why = |name, value| changed(&after, &[pair(name, value)]).map_err(|why| why.to_string());
        assert!(why("erra", "600").is_err_and(|why| why.contains("did you mean era?")));
        for (name, value) in [("era", "a day"), ("seats", "-1"), ("seats", "5000000000"), ("lead", "200%")] {
            assert!(why(name, value).is_err(), "{name}={value}");
        }
    }
}
