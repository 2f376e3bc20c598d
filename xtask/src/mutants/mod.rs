//! Mutation tests of `core/`: whether a test notices another operator, a turned condition or a replaced return value.
//!
//! cargo-mutants lists the changes. Instead of compiling each change by itself, all of them are compiled in behind a
//! switch ([`rewrite`], [`compile`]), and each is tried with the tests that reach it ([`trial`]). So a change costs a
//! tenth of a second instead of half a minute. Changes of constants can't be switched; they are counted, and left to
//! cargo-mutants itself.

mod compile;
mod list;
mod rewrite;
mod trial;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use list::Mutant;
use trial::Fate;

/// Choice of the changes to try.
#[derive(clap::Args)]
pub struct Choice {
    /// Crates; all of `core/` if none is named.
    crates: Vec<String>,
    /// Only changes whose description contains this.
    #[arg(long)]
    only: Option<String>,
    /// Only the survivors in this file of results.
    #[arg(long)]
    again: Option<PathBuf>,
    /// Only this many, drawn at random from each crate.
    #[arg(long)]
    sample: Option<usize>,
    /// Seed of the order and the draw.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Cases per property at the first try.
    #[arg(long, default_value_t = 32)]
    cases: u32,
    /// Cases per property for survivors of the first try.
    #[arg(long, default_value_t = 256)]
    more_cases: u32,
}

const CRATES: [&str; 6] =
    ["myelin-units", "myelin-yuma", "myelin-economy", "myelin-wire", "myelin-election", "myelin-governance"];

/// Tries the changes and prints the survivors and a table. Survivors are no failure: docs/reference/mutation.md gives
/// the reasons.
pub fn run(choice: &Choice) -> ExitCode {
    match try_all(choice) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn try_all(choice: &Choice) -> Result<(), String> {
    let mut packages = choice.crates.clone();
    if packages.is_empty() {
        packages = CRATES.map(String::from).to_vec();
    }
    let mutants = list::mutants(&packages)?;
    let mut compiled = compile::compile(&packages, &mutants)?;
    println!("running every test once, to see what it reaches");
    let mut tests = trial::survey(&compiled.tests, choice.cases)?;
    let again = choice.again.as_ref().map(survivors).transpose()?;
    let mut chosen =
        draw(choice, &mutants, |id| !compiled.unviable.contains(&id) && !compiled.constant.contains(&id));
    chosen.retain(|mutant| again.as_ref().is_none_or(|names| names.contains(&mutant.name)));
    println!("{} tests; trying {} changes", tests.len(), chosen.len());

    let path = compile::folder().join("results.txt");
    let mut results = std::fs::File::create(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    let mut tally: BTreeMap<&str, BTreeMap<Fate, usize>> = BTreeMap::new();
    for mutant in &chosen {
        let (mut fate, mut by) = trial::attempt(&mut tests, &mutant.package, mutant.id, choice.cases);
        if fate == Fate::Survived && choice.more_cases > choice.cases {
            (fate, by) = trial::attempt(&mut tests, &mutant.package, mutant.id, choice.more_cases);
        }
        if fate == Fate::Unreached && compiled.in_const_fn.contains(&mutant.id) {
            // Only the compiler runs it.
            compiled.constant.insert(mutant.id);
            continue;
        }
        *tally.entry(&mutant.package).or_default().entry(fate).or_default() += 1;
        let line = format!("{fate:?} {} {}", mutant.name, by.unwrap_or_default());
        if matches!(fate, Fate::Survived | Fate::Unreached) {
            println!("{line}");
        }
        writeln!(results, "{line}").map_err(|e| format!("{}: {e}", path.display()))?;
    }
    for (word, set) in [("Constant", &compiled.constant), ("Unviable", &compiled.unviable)] {
        for mutant in mutants.iter().filter(|mutant| set.contains(&mutant.id)) {
            writeln!(results, "{word} {}", mutant.name).map_err(|e| format!("{}: {e}", path.display()))?;
        }
    }

    println!(
        "\n| crate | mutants | unviable | constants | tried | caught | time-out | survived | share caught |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for package in &packages {
        let of_package = |id: &&Mutant| id.package == *package;
        let all = mutants.iter().filter(of_package).count();
        let count = |set: &BTreeSet<u32>| {
            mutants.iter().filter(of_package).filter(|mutant| set.contains(&mutant.id)).count()
        };
        let (unviable, constant) = (count(&compiled.unviable), count(&compiled.constant));
        let fates = tally.remove(package.as_str()).unwrap_or_default();
        let of = |fate| fates.get(&fate).copied().unwrap_or(0);
        let (caught, endless) = (of(Fate::Caught), of(Fate::TimeOut));
        let survived = of(Fate::Survived) + of(Fate::Unreached);
        let tried = caught + endless + survived;
        let share = share(caught + endless, tried, all - unviable - constant);
        println!("| {package} | {all} | {unviable} | {constant} | {tried} | {caught} | {endless} | {survived} | {share} |");
    }
    println!("\neach change and the test that noticed it: {}", path.display());
    Ok(())
}

/// The changes that survived according to a file of results.
fn survivors(path: &PathBuf) -> Result<BTreeSet<String>, String> {
    let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let names = text.lines().filter_map(|line| {
        let (fate, name) = line.split_once(' ')?;
        ["Survived", "Unreached"].contains(&fate).then(|| name.trim_end().to_owned())
    });
    Ok(names.collect())
}

/// The share in percent; with the bounds of Wilson's 95 % interval if only a part was tried.
fn share(caught: usize, tried: usize, all: usize) -> String {
    if tried == 0 {
        return "–".into();
    }
    let (n, p, z) = (tried as f64, caught as f64 / tried as f64, 1.96);
    if tried == all {
        return format!("{:.1} %", 100.0 * p);
    }
    let middle = p + z * z / (2.0 * n);
    let width = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    let bound = |x: f64| 100.0 * x / (1.0 + z * z / n);
    format!("{:.1} % ({:.1} to {:.1})", 100.0 * p, bound(middle - width), bound(middle + width))
}

/// The changes to try, in random order.
fn draw<'a>(choice: &Choice, mutants: &'a [Mutant], possible: impl Fn(u32) -> bool) -> Vec<&'a Mutant> {
    let mut left: BTreeMap<&str, usize> = BTreeMap::new();
    let mut all: Vec<(u64, &Mutant)> = mutants
        .iter()
        .filter(|mutant| possible(mutant.id))
        .filter(|mutant| choice.only.as_ref().is_none_or(|text| mutant.name.contains(text)))
        .map(|mutant| (mix(choice.seed ^ mix(mutant.id.into())), mutant))
        .collect();
    all.sort_by_key(|(key, _)| *key);
    all.into_iter()
        .map(|(_, mutant)| mutant)
        .filter(|mutant| {
            let left = left.entry(&mutant.package).or_insert(choice.sample.unwrap_or(usize::MAX));
            let chosen = *left > 0;
            *left = left.saturating_sub(1);
            chosen
        })
        .collect()
}

/// SplitMix64's finaliser: neighbours become unrelated numbers.
fn mix(x: u64) -> u64 {
    let x = x.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}
