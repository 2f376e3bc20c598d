//! Rules of a mechanism, as one text whose hash the chain keeps.
//!
//! The subnet's owner announces the text or its hash (`myelin subnet rubric announce`); a change is in force only after
//! the chain's notice. A validator whose own text has another hash than the one in force does not judge, so nobody is
//! paid by rules that nobody could read. If its own text was in force before, it goes on by that for a while and
//! reports it. Where nothing was announced, every validator judges by its own text.
//!
//! ```text
//! myelin/rubric/1 estimates 1              how parts become a score
//! share accuracy 3
//! factor speed 900000
//! mechanism 0 serve                        or: submit FUEL MEMORY INPUT OUTPUT ARTEFACT COSTS, the number of what instructions cost
//! pay power 2 100000                       exponent, cutoff; or: ladder WINDOW MARGIN, load BUDGET CHECKED-MOST
//!                                          SHARPNESS by-pay asked-again: each gets half as much again as it got done
//!                                          before, those with better pay for a task first,
//!                                          and once more what it passed over; window ROUNDS BASE;
//!                                          agreement ROUNDS SHARED PEERS INFORMED gold-strata-squared: raters
//!                                          of comparisons, by `evaluation::raters`
//! average 400000 9 earned falls-double     weight of a round, average rounds that a newcomer must have earned (without a burn-in only `0`); a round below
//!                                          half of the average weighs double
//! quality 100000 mean-first                where load is paid: weight of a round in the quality, after the first ones, which weigh the same
//! collateral 5000000000                     rao that a miner has locked; without them it is neither asked nor paid
//! engine sqlite 3.51.3 200000 400           an engine whose results decide scores: its version and limits
//! judge NAME 0123456789abcdef 128          a judge behind an endpoint: its model,
//!                                          the hash of its instructions, most calls in a round
//! effort 900000000                         units of work that judging a miner's answers to its own tasks may take in a round
//! measure accuracy right/all               the formula of a part, where the subnet names it
//! task price round 3 1 8000 4096 4 commit  kind, for whom, how many, milliseconds at least and at most, bytes, weight
//! task rate round 3 1 8000 4096 4 matures 300 50
//!                                          the same, judged 300 blocks later, or up to 50 after that
//! ```

use std::fmt::Write;

use serde::{Deserialize, Serialize};

use myelin_sandbox::COSTS_VERSION;
use myelin_wire::{hash::blake2_256, record::Ppm};

use crate::{
    evaluation::{ladder::WINDOW, load::own_tasks, Maturity, RatingRule},
    subnet::{Engine, JudgeId, Measure, Mechanism, Mode, Pay, Share, Subnet, SubnetError},
};

/// Rules that a subnet's owner chooses for every kind of subnet. All validators of a subnet have the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Terms {
    /// Rounds of burn-in, instead of the kind's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub burn_in: Option<u32>,
    /// Collateral in rao without which a miner is neither asked nor paid.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub collateral: u64,
    /// Most tasks in a round for all miners together where load is paid, instead of the kind's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub load: Option<u32>,
}

fn is_nothing(rao: &u64) -> bool {
    *rao == 0
}

impl Terms {
    /// A mechanism under these terms.
    pub fn apply(self, plan: Mechanism) -> Mechanism {
        let mut plan = self.burn_in.map_or(plan, |rounds| plan.with_burn_in(rounds));
        if let (Pay::Load(rule), Some(tasks)) = (&mut plan.pay, self.load) {
            rule.budget = tasks;
        }
        plan
    }
}

/// The rules of a mechanism under an owner's terms; `None` if the subnet has no mechanism of that number.
pub fn rules<S: Subnet>(subnet: &S, mechanism: u8, terms: Terms) -> Option<String> {
    let plan = terms.apply(*subnet.mechanisms().get(usize::from(mechanism))?);
    let mut text = subnet.rubric().text();
    // Writing to a string does not fail.
    let _ = match plan.mode {
        Mode::Serve => writeln!(text, "mechanism {mechanism} serve"),
        Mode::Submit { limits, artefact_limit } => writeln!(
            text,
            "mechanism {mechanism} submit {} {} {} {} {artefact_limit} {COSTS_VERSION}",
            limits.fuel, limits.memory, limits.input, limits.output
        ),
    };
    let _ = match plan.pay {
        Pay::Power(rule) => writeln!(text, "pay power {} {}", rule.sharpness, rule.cutoff.get()),
        Pay::Load(rule) => {
            let (budget, least, most) = (rule.budget, rule.checked, rule.judged(1));
            writeln!(text, "pay load {budget} {least}-{most} {} by-pay asked-again", rule.sharpness)
        }
        Pay::Ladder(rule) => writeln!(text, "pay ladder {} {}", rule.window, rule.margin.get()),
        Pay::Window(rule) => writeln!(text, "pay window {} {}", rule.rounds, rule.base.get()),
        Pay::Agreement(RatingRule { shared, peers, informed, rounds }) => {
            writeln!(text, "pay agreement {rounds} {shared} {peers} {} gold-strata-squared", informed.get())
        }
    };
    let burn_in = if plan.burn_in > 0 { " earned" } else { "" };
    let falls = match plan.pay {
        Pay::Ladder(_) | Pay::Window(_) | Pay::Agreement(_) => "",
        Pay::Power(_) | Pay::Load(_) => " falls-double",
    };
    let _ = writeln!(text, "average {} {}{burn_in}{falls}", plan.rate.get(), plan.burn_in);
    if matches!(plan.pay, Pay::Load(_)) {
        let _ = writeln!(text, "quality {} mean-first", quality_rate(&plan).get());
    }
    if terms.collateral > 0 {
        let _ = writeln!(text, "collateral {}", terms.collateral);
    }
    for Engine { name, version, limits } in subnet.engines() {
        let limits: String = limits.iter().map(|limit| format!(" {limit}")).collect();
        let _ = writeln!(text, "engine {name} {version}{limits}");
    }
    if let Some(units) = subnet.effort(mechanism) {
        let _ = writeln!(text, "effort {units}");
    }
    // Verdicts of a judge take the place of what is measured.
    match subnet.judge_of(mechanism) {
        Some(JudgeId { model, instructions, calls }) => {
            let _ = writeln!(text, "judge {model} {instructions} {calls}");
        }
        None => {
            for Measure { part, formula } in subnet.measures() {
                let _ = writeln!(text, "measure {part} {formula}");
            }
        }
    }
    for task in subnet.tasks().iter().filter(|task| task.mechanism == mechanism && task.count > 0) {
        let share = match task.share {
            Share::Round => "round",
            Share::Miner => "miner",
            Share::Network => "network",
        };
        let (least, most) = (task.fastest.as_millis(), task.deadline.as_millis());
        let commit = if task.commit { " commit" } else { "" };
        let (kind, count, bytes, weight) = (task.kind, task.count, task.answer_limit, task.weight);
        let matures = subnet.maturity(task);
        let matures = matures.map(|Maturity { after, limit }| format!(" matures {after} {limit}"));
        let matures = matures.unwrap_or_default();
        let _ =
            writeln!(text, "task {kind} {share} {count} {least} {most} {bytes} {weight}{commit}{matures}");
    }
    Some(text)
}

/// Checks that a text states all rules of a mechanism in the form that validators write. The error names the defect.
pub fn check_text(text: &str, mechanism: u8) -> Result<(), String> {
    let mut words = text.lines().next().unwrap_or_default().split(' ');
    let head = (words.next(), words.next(), words.next().map(str::parse::<u32>), words.next());
    if !matches!(head, (Some("myelin/rubric/1"), Some(_), Some(Ok(_)), None)) {
        return Err("its first line is not `myelin/rubric/1`, a name and a version".into());
    }
    let mut counts = std::collections::BTreeMap::<&str, usize>::new();
    for (line, number) in text.lines().zip(1..).skip(1) {
        let words: Vec<&str> = line.split(' ').collect();
        let understood = match words.as_slice() {
            ["share" | "factor", name, value] => is_name(name) && value.parse::<u32>().is_ok(),
            ["mechanism", found, "serve"] => is_number(found, mechanism),
            ["mechanism", found, "submit", limits @ ..] => is_number(found, mechanism) && are_numbers(limits),
            ["pay", "power" | "ladder" | "window", values @ ..] => are_numbers(values),
            ["pay", "agreement", values @ .., "gold-strata-squared"] => are_numbers(values),
            ["pay", "load", values @ ..] => {
                let allotted = |word: &str| ["by-pay", "by-done"].contains(&word);
                are_bounds(match values {
                    [numbers @ .., by, "asked-again"] if allotted(by) => numbers,
                    _ => values,
                })
            }
            ["average", rate, burn_in, ..] => are_numbers(&[rate, burn_in]),
            ["quality", rate, ..] => are_numbers(&[rate]),
            ["judge", model, instructions, calls] => {
                is_model(model) && is_version(instructions) && are_numbers(&[calls])
            }
            ["effort", units] => are_numbers(&[units]),
            ["collateral", rao] => are_numbers(&[rao]),
            ["engine", name, version, limits @ ..] => {
                is_name(name)
                    && is_version(version)
                    && limits.iter().all(|limit| limit.parse::<u64>().is_ok())
            }
            ["measure", part, formula] => is_name(part) && is_formula(formula),
            ["task", kind, "round" | "miner" | "network", rest @ ..] => {
                let rest = match rest {
                    [values @ .., "matures", after, limit] if are_numbers(&[after, limit]) => values,
                    _ => rest,
                };
                let values = rest.strip_suffix(&["commit"]).unwrap_or(rest);
                is_name(kind) && values.len() >= 5 && are_numbers(values)
            }
            _ => false,
        };
        if !understood {
            let shown: String = line.chars().take(60).collect();
            return Err(format!(
                "line {number}, `{}`, is no rule of mechanism {mechanism}",
                shown.escape_debug()
            ));
        }
        *counts.entry(words[0]).or_default() += 1;
    }
    for (what, most) in [("share", usize::MAX), ("mechanism", 1), ("pay", 1), ("average", 1)] {
        let found = counts.get(what).copied().unwrap_or_default();
        if found == 0 || found > most {
            return Err(format!("it has {found} lines that begin with `{what}`"));
        }
    }
    Ok(())
}

fn is_name(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || b"-_".contains(&byte))
}

fn is_version(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte))
}

/// Whether a word can name the model of a judge: letters, digits and `._:/@-`, at most [`LONGEST_MODEL`].
pub fn is_model(word: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b"._:/@-".contains(&byte);
    (1..=LONGEST_MODEL).contains(&word.len()) && word.bytes().all(known)
}

/// Longest name of a judge's model in bytes. The chain has little room for rules.
pub const LONGEST_MODEL: usize = 64;

fn is_formula(word: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b"()+-*/.,".contains(&byte);
    !word.is_empty() && word.bytes().all(known)
}

fn is_number(word: &str, expected: u8) -> bool {
    word.parse() == Ok(expected)
}

/// Whether these are numbers, of which the second may be two, `12-48`.
fn are_bounds(words: &[&str]) -> bool {
    let second = words.get(1).and_then(|word| word.split_once('-'));
    let Some((least, most)) = second else { return are_numbers(words) };
    are_numbers(&[&words[..1], &[least, most], &words[2..]].concat())
}

fn are_numbers(words: &[&str]) -> bool {
    !words.is_empty() && words.iter().all(|word| word.parse::<u64>().is_ok())
}

/// The weight of a round in the average of a miner's quality, where it is paid for load: a quarter of the mechanism's
/// rate, rounded down, because few answers are judged.
pub fn quality_rate(plan: &Mechanism) -> Ppm {
    Ppm::new(plan.rate.get() / 4)
}

/// Checks that tasks and mechanisms fit together; otherwise the subnet cannot be judged.
pub fn check<S: Subnet>(subnet: &S) -> Result<(), SubnetError> {
    let wrong =
        |found: String, next: &str| Err(SubnetError::new("reading the subnet's mechanisms", found, next));
    for task in subnet.tasks() {
        let Some(maturity) = subnet.maturity(&task) else { continue };
        let kind = task.kind;
        if maturity.after == 0 {
            return wrong(format!("`{kind}` tasks mature when they are asked"), "let `after` be at least 1");
        }
        let mechanism = subnet.mechanisms().get(usize::from(task.mechanism)).copied();
        let fits = mechanism.is_some_and(|mechanism| {
            mechanism.mode == Mode::Serve && matches!(mechanism.pay, Pay::Power(_) | Pay::Window(_))
        });
        if !fits || task.share == Share::Network {
            let found =
                format!("`{kind}` tasks are judged later, and their mechanism pays for load or submissions");
            return wrong(found, "serve them, and pay by averages");
        }
    }
    for (mechanism, plan) in (0u8..).zip(subnet.mechanisms()) {
        let judge = subnet.judge_of(mechanism);
        if let Some(JudgeId { model, .. }) = judge.as_ref().filter(|judge| !is_model(&judge.model)) {
            let found = format!("the judge of mechanism {mechanism} is called `{}`", model.escape_debug());
            return wrong(found, "name it by up to 64 letters, digits and `._:/@-`");
        }
        if judge.is_some() && (plan.mode != Mode::Serve || matches!(plan.pay, Pay::Load(_))) {
            let found = format!("mechanism {mechanism} has a judge, and pays for load or submissions");
            return wrong(found, "serve its tasks, and pay by averages");
        }
        if let Pay::Agreement(rule) = plan.pay {
            check_rating(subnet, mechanism, &plan, rule)?;
        }
        let Pay::Load(rule) = plan.pay else { continue };
        if rule.checked == 0 {
            return wrong(format!("mechanism {mechanism} judges no answers"), "let `checked` be at least 1");
        }
        let tasks = subnet.tasks();
        let mut own = tasks.iter().filter(|task| task.mechanism == mechanism);
        if plan.mode != Mode::Serve || !own.all(|task| task.share == Share::Miner && !task.commit) {
            let found =
                format!("mechanism {mechanism} pays for load, and not all of its tasks are a miner's own");
            return wrong(found, "serve them, with `Share::Miner` and without commitments");
        }
        let batch = own_tasks(&tasks).count();
        if batch > MOST_TASKS {
            return wrong(format!("{batch} tasks in a batch"), "ask at most 1,000 and let the load grow");
        }
    }
    Ok(())
}

/// Raters must have the same items, and must not know the votes of others.
fn check_rating<S: Subnet>(
    subnet: &S,
    mechanism: u8,
    plan: &Mechanism,
    rule: RatingRule,
) -> Result<(), SubnetError> {
    let wrong =
        |found: &str, next: &str| Err(SubnetError::new("reading the subnet's mechanisms", found, next));
    if !(1..=WINDOW).contains(&rule.rounds) {
        return wrong(
            "agreement is paid over no rounds, or over more than are kept",
            "average 1 to 32 rounds",
        );
    }
    let tasks = subnet.tasks();
    let mut own = tasks.iter().filter(|task| task.mechanism == mechanism);
    if plan.mode != Mode::Serve || !own.all(|task| task.share == Share::Round && task.commit) {
        let found = format!("mechanism {mechanism} pays for agreement, and miners could copy votes");
        return wrong(&found, "serve its tasks, with `Share::Round` and with commitments");
    }
    Ok(())
}

/// Most tasks of a batch, so that the tasks of the largest load can be numbered.
const MOST_TASKS: usize = 1_000;

/// The hash by which the chain names rules.
pub fn rules_hash(text: &str) -> [u8; 32] {
    blake2_256(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "myelin/rubric/1 estimates 1\nshare accuracy 3\nfactor speed 900000\nmechanism 0 serve\n\
             pay load 10000 12-48 4 by-pay asked-again\naverage 400000 12 earned\nquality 100000 mean-first\n\
             engine sqlite 3.51.3 2000000 5000\nmeasure accuracy (right-zero)/(all-zero)\ntask price round 3 1 8000 4096 4 commit\n";

    #[test]
    fn a_text_that_no_validator_writes_is_named_line_by_line() {
        assert_eq!(check_text(TEXT, 0), Ok(()));
        let submitted =
            TEXT.replace("mechanism 0 serve", "mechanism 1 submit 1000000 1048576 4096 4096 65536 2");
        assert_eq!(check_text(&submitted, 1), Ok(()));
        let wrong = |text: &str| check_text(text, 0).expect_err("refused");
        for earlier in [" by-done asked-again", ""] {
            let older = TEXT.replace(" by-pay asked-again", earlier);
            assert_eq!(check_text(&older, 0), Ok(()), "the rules of a version before");
        }
        let later = TEXT.replace("4 commit", "4 commit matures 300 50");
        assert_eq!(check_text(&later, 0), Ok(()));
        assert_eq!(check_text(&later.replace(" commit", ""), 0), Ok(()));
        assert!(wrong(&later.replace("300 50", "300")).contains("line 10"));
        let limited = TEXT.replace("task price", "effort 900000000\ntask price");
        assert_eq!(check_text(&limited, 0), Ok(()));
        assert!(wrong(&limited.replace("effort 900000000", "effort some")).contains("line 10"));
        assert_eq!(check_text(&limited.replace("effort 900000000", "collateral 5000000000"), 0), Ok(()));
        assert!(wrong(&limited.replace("effort 900000000", "collateral much")).contains("line 10"));
        let judge = "judge org/model-7b:q4 0123456789abcdef 128\ntask price";
        let judged = TEXT.replace("task price", judge);
        assert_eq!(check_text(&judged, 0), Ok(()));
        assert!(wrong(&judged.replace("org/model-7b:q4", "org\u{e4}")).contains("line 10"));
        assert!(wrong(&judged.replace(" 128", " many")).contains("line 10"));
        assert!(wrong(&later.replace("300 50", "soon 50")).contains("line 10"));
        assert!(wrong(&TEXT.replace("(right-zero)/", "(right-zero)?")).contains("line 9"));
        assert_eq!(check_text(&TEXT.replace("12-48", "12"), 0), Ok(()), "a version before");
        for bounds in ["12-", "-48", "12-48-96", "12-many"] {
            assert!(wrong(&TEXT.replace("12-48", bounds)).contains("line 5"), "{bounds}");
        }
        assert!(wrong(&TEXT.replace("10000 12-48", "9-10000 12-48")).contains("line 5"));
        assert!(wrong(&TEXT.replace("12-48 4", "12-48 4-5")).contains("line 5"));
        assert!(wrong(&TEXT.replace("by-pay", "by-luck")).contains("line 5"));
        assert!(wrong("city,price\nBerlin,10.5\n").contains("first line"));
        assert!(wrong(&submitted).contains("line 4"), "the rules of another mechanism");
        assert!(
            wrong(&TEXT.replace("accuracy 3", "accuracy three")).contains("line 2, `share accuracy three`")
        );
        assert!(wrong(&TEXT.replace("3.51.3 2000000", "3.51.3 many")).contains("engine sqlite 3.51.3 many"));
        assert!(wrong(&TEXT.replace("3.51.3", "3_51")).contains("is no rule"));
        assert!(wrong(&(TEXT.to_owned() + "bonus alice 5\n")).contains("`bonus alice 5`"));
        assert!(wrong("myelin/rubric/1 judges 1\nshare accuracy 3\n")
            .contains("0 lines that begin with `mechanism`"));
        assert!(wrong(&(TEXT.to_owned() + "pay power 2 0\n")).contains("2 lines that begin with `pay`"));
    }
}
