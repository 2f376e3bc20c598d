//! The commands of the guides for owners, validators, miners, stakers and operators of nodes, run one after another as
//! the pages have them.

use std::path::Path;
use std::time::{Duration, Instant};

use super::harness::free_port;
use super::readme::{Home, STARTED};

/// Longest time until the miner has earned, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(240);

/// A command of the guide for validators that comes later.
const REPLAY: &str = "\nmyelin validator replay .myelin/validator/evidence\n";

/// Each page with words that its commands print.
const PAGES: [(&str, &[&str]); 4] = [
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
    (include_str!("../../../../docs/guides/stake.md"), &["yield/day", "nothing was sent", "got ", "sold "]),
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
        assert!(script.lines().count() > 6, "the page has commands:\n{script}");
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

/// The ports in the guide for operators of nodes. Other tests, and other programs, may have them.
const PORTS: [&str; 12] =
    ["30334", "9945", "9616", "30335", "9946", "9617", "30336", "9947", "9618", "30337", "9948", "9619"];

#[test]
fn the_commands_of_the_guide_for_nodes_join_a_network_and_found_one() {
    let page = include_str!("../../../../docs/guides/run-a-node.md");
    let home = Home::new();
    let mut script = commands(page);
    let mut ports = Vec::new();
    for port in PORTS {
        let free = free_port().to_string();
        assert!(script.contains(&format!("port {port}")), "{port} is not on the page");
        script = script.replace(&format!("port {port}"), &format!("port {free}"));
        script = script.replace(&format!("127.0.0.1:{port}"), &format!("127.0.0.1:{free}"));
        ports.push(free);
    }
    let said = home.ok(&format!("trap 'jobs -p >> {STARTED}' EXIT\n{script}"));
    for words in [
        "caught up",
        "Full",
        "Authority",
        "the state is sound",
        "aura",
        "grandpa",
        "network",
        "mynet",
        "appointed",
    ] {
        assert!(said.contains(words), "{words}:\n{said}");
    }

    let status = |port: &str| {
        let asked = format!("{}myelin node status --json --endpoint ws://127.0.0.1:{port}", home.export);
        let answer = home.ok(&asked);
        serde_json::from_str::<serde_json::Value>(&answer).unwrap_or_else(|error| panic!("{error}: {answer}"))
    };
    let (joined, founded) = (status(&ports[1]), status(&ports[7]));
    assert_eq!(
        (&joined["caught_up"], &joined["roles"]),
        (&true.into(), &serde_json::json!(["Full"])),
        "{joined}"
    );
    assert!(joined["peers"].as_u64() > Some(0) && joined["best_block"].as_u64() > Some(0), "{joined}");
    assert_eq!(
        (&founded["chain"], &founded["roles"]),
        (&"My network".into(), &serde_json::json!(["Authority"]))
    );
    assert_ne!(joined["genesis"], founded["genesis"]);

    // The network of one's own makes blocks and makes them final, and its root holds the money.
    let deadline = Instant::now() + PATIENCE;
    while status(&ports[7])["finalized_block"].as_u64() < Some(3) {
        let log = std::fs::read_to_string(home.path().join("authority.log")).unwrap_or_default();
        assert!(Instant::now() < deadline, "the authority finalises nothing:\n{log}");
        std::thread::sleep(Duration::from_secs(1));
    }
    let ask =
        format!("{}myelin wallet balance founder --json --endpoint ws://127.0.0.1:{}", home.export, ports[7]);
    let answer = home.ok(&ask);
    let balance: serde_json::Value = serde_json::from_str(&answer).expect("JSON");
    // It gave the second authority one TAO for the fee of its keys.
    let spent = 1_000_000_000_000_000 - balance["free_rao"].as_u64().expect("a number");
    assert!((1_000_000_000..1_010_000_000).contains(&spent), "{balance}");
    // The second authority has its office: both are needed to make blocks final.
    let last = status(&ports[7])["best_block"].as_u64().expect("a number");
    while status(&ports[10])["finalized_block"].as_u64() <= Some(last) {
        let log = std::fs::read_to_string(home.path().join("second.log")).unwrap_or_default();
        assert!(Instant::now() < deadline + PATIENCE, "two authorities finalise nothing:\n{log}");
        std::thread::sleep(Duration::from_secs(1));
    }
    let modes = home.ok("stat -c %a authority/chains/mynet/keystore/* authority/chains/mynet/network/*");
    assert!(modes.lines().count() == 3 && modes.lines().all(|mode| mode == "600"), "{modes}");
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
