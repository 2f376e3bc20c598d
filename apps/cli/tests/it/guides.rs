//! The commands of the guides for owners, validators and miners, run one after another as the pages have them.

use std::path::Path;
use std::time::{Duration, Instant};

use super::readme::{Home, STARTED};

/// Longest time until the miner has earned, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(240);

/// A command of the guide for validators that comes later.
const REPLAY: &str = "\nmyelin validator replay .myelin/validator/evidence\n";

/// Each page with words that its commands print.
const PAGES: [(&str, &[&str]); 3] = [
    (
        include_str!("../../../../docs/guides/own-a-subnet.md"),
        &[
            "subnet 2 created",
            "subnet 2 started",
            "in force",
            "serving_rate_limit of subnet 2 is 40",
            "published",
            "is on",
        ],
    ),
    (
        include_str!("../../../../docs/guides/run-a-validator.md"),
        &["registered with uid 1", "validating subnet 2", "running", "permit on 2: it may set weights"],
    ),
    (
        include_str!("../../../../docs/guides/run-a-miner.md"),
        &["registered with uid 2", "mining subnet 2", "last asked", "registration on 2: uid 2"],
    ),
];

/// All blocks of shell commands of a page.
fn commands(page: &str) -> String {
    let blocks = page.split("```sh\n").skip(1).filter_map(|rest| rest.split("\n```").next());
    blocks.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_commands_of_the_guides_lead_from_a_new_subnet_to_a_miner_that_earns() {
    let home = Home::new();
    let started = Instant::now();
    home.ok(&format!("{}myelin net up", home.export));
    for (page, expected) in PAGES {
        let script = commands(page);
        assert!(script.lines().count() > 8, "the page has commands:\n{script}");
        let said = home.ok(&format!("{}trap 'jobs -p >> {STARTED}' EXIT\n{script}", home.export));
        for words in expected {
            assert!(said.contains(words), "{words}:\n{said}");
        }
    }
    while !home.a_miner_earns() {
        let logs = home.logs();
        assert!(started.elapsed() < PATIENCE, "the miner earns nothing\n{logs:?}");
        std::thread::sleep(Duration::from_secs(1));
    }
    assert!(PAGES[1].0.contains(REPLAY));
    let replayed = home.ok(&format!("{}{REPLAY}", home.export));
    assert!(replayed.contains("arrive at the same"), "evidence of rounds with answers: {replayed}");
    println!("a subnet, a validator and a miner that earns after {:.1} s", started.elapsed().as_secs_f64());
}

/// All messages of our commands, crates and node: sources, with texts of several lines on one.
fn sources(folder: &Path, found: &mut String) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            let text = std::fs::read_to_string(&path).expect("a source");
            let whole = text.lines().map(str::trim).map(|line| line.strip_suffix('\\').unwrap_or(line));
            whole.for_each(|line| found.push_str(line));
        }
    }
}

#[test]
fn the_symptoms_of_the_troubleshooting_page_are_what_programs_say() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut said = String::new();
    for folder in ["apps/cli/src", "sdk", "chain/node/src"] {
        sources(&root.join(folder), &mut said);
    }
    let page = include_str!("../../../../docs/guides/troubleshooting.md");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| "));
    let symptoms: Vec<&str> = rows
        .filter_map(|row| row.split(" | ").next())
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .collect();
    assert!(symptoms.len() > 10, "{symptoms:?}");
    for symptom in symptoms {
        assert!(said.contains(symptom), "nothing says `{symptom}`");
    }
}
