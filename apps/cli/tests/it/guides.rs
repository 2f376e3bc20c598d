//! The commands of the guides for owners, validators, miners, stakers, voters, operators of nodes and authors of
//! blocks, run one after another as the pages have them.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use super::ports::free_port;
use super::readme::{myelin_node, Home, STARTED};

/// Longest time until the miner has earned, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(240);

/// A command of the guide for validators that comes later.
const REPLAY: &str = "myelin evidence replay .myelin/validator/evidence";
/// A command of the guide for validators that needs an epoch that is over.
const REPORT: &str =
    "myelin evidence report --netuid 2 --evidence .myelin/validator/evidence --out report.html";
/// Commands that need the server of a language model. `backend.rs` runs them with a server of its own.
pub const WRITE: &str =
    "myelin validator write --kind text --backend http://localhost:8000/v1 --model NAME --out ~/words";
pub const JUDGE_OWN_WORDS: &str =
    "myelin validator run --netuid 2 --wallet validator --phrases ~/words/phrases.toml --corpus ~/words/texts";
pub const SERVE_BACKEND: &str = "myelin miner run --netuid 2 --wallet miner --ip 203.0.113.7 \
    --backend http://localhost:8000/v1 --model NAME --workers 16";

/// Each page with words that its commands print.
const PAGES: [(&str, &[&str]); 4] = [
    (
        include_str!("../../../../docs/guides/own-a-subnet.md"),
        &[
            "subnet 2 created",
            "subnet 2 started",
            "in force",
            "subnet 2 now asks for",
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

/// The blocks of a page in a language.
pub fn blocks(page: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    let starts = page.split(&fence).skip(1);
    starts.filter_map(|rest| rest.split("\n```").next()).map(str::to_owned).collect()
}

/// All blocks of shell commands of a page.
fn commands(page: &str) -> String {
    blocks(page, "sh").join("\n")
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
        assert!(started.elapsed() < PATIENCE, "the miner earns nothing\n{logs}");
        std::thread::sleep(Duration::from_secs(1));
    }
    let replayed = home.ok(&format!("{}{REPLAY}", home.export));
    assert!(replayed.contains("arrive at the same"), "evidence of rounds with answers: {replayed}");
    let reported = home.ok(&format!("{}{REPORT} && head -c 100 report.html", home.export));
    assert!(
        reported.contains("Evidence report: subnet 2") && reported.contains("<!doctype html>"),
        "{reported}"
    );
    println!("a subnet, a validator and a miner that earns after {:.1} s", started.elapsed().as_secs_f64());
}

#[test]
fn the_commands_of_the_guide_for_voters_decide_a_parameter() {
    let home = Home::new();
    home.ok(&format!("{}myelin net up", home.export));
    let script = commands(include_str!("../../../../docs/guides/vote.md"));
    let said = home.ok(&format!("{}{script}", home.export));
    for words in [
        "subnet_limit: 128 -> 64",
        "900,000.0000 τ are under the vote lock",
        "referendum 0 is submitted",
        "voted aye",
        "64 subnets are enough",
        "needed now",
        "delegated",
    ] {
        assert!(said.contains(words), "{words}:\n{said}");
    }
    let proxies = home.ok(&format!("{}myelin proxy list --wallet //Bob", home.export));
    assert!(proxies.contains("Governance"), "{proxies}");
    let deadline = Instant::now() + PATIENCE;
    let ended = loop {
        let ended = home.ok(&format!("{}myelin gov status 0", home.export));
        if ended.starts_with("referendum 0: ") {
            break ended;
        }
        assert!(Instant::now() < deadline, "it does not end:\n{ended}");
        std::thread::sleep(Duration::from_secs(1));
    };
    assert!(ended.contains("approved"), "{ended}");
}

/// The ports in the guide for authors of blocks.
const AUTHORS_PORTS: [&str; 3] = ["30338", "9949", "9621"];

#[test]
fn the_commands_of_the_guide_for_authors_make_a_candidate_and_end_its_candidacy() {
    let home = Home::new();
    home.ok(&format!("{}myelin net up", home.export));
    let (script, _) =
        on_free_ports(commands(include_str!("../../../../docs/guides/become-an-author.md")), &AUTHORS_PORTS);
    let said = home.ok(&format!("{}trap 'jobs -p >> {STARTED}' EXIT\n{script}", home.export));
    for words in [
        "caught up",
        "announced; `myelin election join` makes the hotkey a candidate",
        "joined",
        "judges on no subnet that counts",
        "your candidate",
        "elections of block authors: off -> on",
        "30.0000 τ are pledged",
        "5.0000 τ are on their way out",
        "it rests",
        "it is ready",
        "25.0000 τ are on their way out",
    ] {
        assert!(said.contains(words), "{words}:\n{said}");
    }
    let status = home.ok(&format!("{}myelin election status --wallet operator", home.export));
    assert!(status.contains("(leaves)") && status.matches("on its way out:").count() == 2, "{status}");
}

/// A script with free ports in place of those on its page, and the free ports.
fn on_free_ports(mut script: String, ports: &[&str]) -> (String, Vec<String>) {
    let mut taken = Vec::new();
    for port in ports {
        let free = free_port().to_string();
        assert!(script.contains(&format!("port {port}")), "{port} is not on the page");
        script = script.replace(&format!("port {port}"), &format!("port {free}"));
        script = script.replace(&format!("127.0.0.1:{port}"), &format!("127.0.0.1:{free}"));
        taken.push(free);
    }
    (script, taken)
}

/// The ports in the guide for operators of nodes. Other tests, and other programs, may have them.
const PORTS: [&str; 12] =
    ["30334", "9945", "9616", "30335", "9946", "9617", "30336", "9947", "9618", "30337", "9948", "9619"];

#[test]
fn the_commands_of_the_guide_for_nodes_join_a_network_and_found_one() {
    let page = include_str!("../../../../docs/guides/run-a-node.md");
    let home = Home::new();
    let (script, ports) = on_free_ports(commands(page), &PORTS);
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
        "with people",
        "all TAO adds up",
        "is sound: ",
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
        assert!(Instant::now() < deadline, "the authority finalises nothing:\n{}", home.logs());
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
        assert!(Instant::now() < deadline + PATIENCE, "two authorities finalise nothing:\n{}", home.logs());
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

/// Each page with shell commands, the number of its blocks, and the test that runs all of them.
const RUN: [(&str, usize, &str); 11] = [
    ("README.md", 2, "apps/cli/tests/it/readme.rs"),
    ("docs/guides/add-a-subnet.md", 13, "apps/cli/tests/it/own_kind.rs"),
    ("docs/guides/become-an-author.md", 4, "apps/cli/tests/it/guides.rs"),
    ("docs/guides/models.md", 5, "apps/cli/tests/it/model.rs"),
    ("docs/guides/official-clients.md", 3, "tests/compat/tests/it/guide.rs"),
    ("docs/guides/own-a-subnet.md", 5, "apps/cli/tests/it/guides.rs"),
    ("docs/guides/run-a-miner.md", 4, "apps/cli/tests/it/guides.rs"),
    ("docs/guides/run-a-node.md", 12, "apps/cli/tests/it/guides.rs"),
    ("docs/guides/run-a-validator.md", 4, "apps/cli/tests/it/guides.rs"),
    ("docs/guides/stake.md", 2, "apps/cli/tests/it/guides.rs"),
    ("docs/guides/vote.md", 4, "apps/cli/tests/it/guides.rs"),
];

/// The README and the guides, by path in the checkout.
fn pages() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let guides = std::fs::read_dir(root.join("docs/guides")).expect("the guides").flatten();
    let mut paths: Vec<String> =
        guides.map(|file| format!("docs/guides/{}", file.file_name().display())).collect();
    paths.push("README.md".into());
    paths.sort();
    let read = |path: String| (path.clone(), std::fs::read_to_string(root.join(path)).expect("a page"));
    paths.into_iter().map(read).collect()
}

#[test]
fn every_block_of_commands_of_the_pages_is_run_by_a_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for (path, page) in pages() {
        let blocks_of_shell = blocks(&page, "sh").len();
        match RUN.iter().find(|(run, ..)| *run == path) {
            Some((_, count, test)) => {
                assert_eq!(blocks_of_shell, *count, "does {test} run the new block of {path}?");
                let source = std::fs::read_to_string(root.join(test)).expect("a test");
                assert!(source.contains(&format!("../{path}\"")), "{test} does not read {path}");
            }
            None => assert_eq!(blocks_of_shell, 0, "no test runs the commands of {path}"),
        }
        for line in blocks(&page, "console").iter().flat_map(|block| block.lines()) {
            let is_known = [REPLAY, REPORT, WRITE, JUDGE_OWN_WORDS, SERVE_BACKEND].contains(&line);
            assert!(is_known || line.starts_with("make "), "no test runs `{line}` of {path}");
        }
    }
}

/// The commands in the text of a page and in its services.
fn mentioned(page: &str) -> Vec<String> {
    let outside = page.split("\n```").step_by(2);
    let quoted =
        outside.flat_map(|text| text.split("\n\n")).flat_map(|text| text.split('`').skip(1).step_by(2));
    let inline = quoted.map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "));
    let services = page.lines().filter_map(|line| line.strip_prefix("ExecStart=/usr/local/bin/"));
    let all = inline.chain(services.map(str::to_owned));
    let programs = ["myelin ", "trips ", "myelin-node "];
    all.filter(|text| programs.iter().any(|program| text.starts_with(program))).collect()
}

#[test]
fn every_command_that_the_pages_mention_is_one_that_the_program_knows() {
    let mut commands = BTreeSet::new();
    for (path, page) in pages() {
        commands.extend(mentioned(&page).into_iter().map(|command| (command, path.clone())));
    }
    assert!(commands.len() > 40, "{commands:#?}");
    let myelin = Path::new(env!("CARGO_BIN_EXE_myelin"));
    let mut wrong = Vec::new();
    for (command, path) in &commands {
        // The template's program stands for the one that the guide makes of it.
        let (program, words) = match command.split_once(' ').expect("words") {
            ("trips", words) => (myelin.with_file_name("round-trip"), words.replace("trips", "round-trip")),
            ("myelin-node", words) => (myelin_node(), words.to_owned()),
            (_, words) => (myelin.to_owned(), words.to_owned()),
        };
        // A shell takes the redirection.
        let words = words.split(" > ").next().unwrap_or_default();
        let words = words.split(' ').map(|word| if matches!(word, "N" | "UID") { "2" } else { word });
        // The parser reads all words before it shows the help.
        let output = Command::new(program).args(words).arg("--help").output().expect("the program starts");
        if !output.status.success() {
            wrong.push(format!("`{command}` of {path}: {}", String::from_utf8_lossy(&output.stderr)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
