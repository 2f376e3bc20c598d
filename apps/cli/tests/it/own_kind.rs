//! The commands of the guide for a kind of subnet of one's own, run in one shell as the page has them.
//!
//! The quick test runs the commands that compile nothing, with the template's own program in place of the new one. The
//! long test runs the whole page: it compiles the new crate, changes it as the page says, and compiles it again.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::Instant;

use myelin_wire::hash::{blake2_256, to_hex};

use super::guides::blocks;
use super::ports::free_port;
use super::readme::{Home, STARTED};

const PAGE: &str = include_str!("../../../../docs/guides/add-a-subnet.md");
/// The template's solvers, before the page changes them.
const SOLVERS: &str = include_str!("../../../../subnets/template/src/solver.rs");
/// The template's program, which has another name.
const PROGRAM: &str = "round-trip";
/// The ports on the page. Other tests, and other programs, may have them.
const PORTS: [&str; 2] = ["8091", "8092"];
/// The line that installs the official SDK, which needs the internet.
const INSTALL: &str = "python3 -m venv .venv && .venv/bin/pip install --quiet bittensor==10.5.0\n";
/// The command of the page that fails, as the page says.
const KIT: &str = "trips subnet test trips\n";

/// A block of the page.
struct Step {
    begins: &'static str,
    tier: Tier,
    /// The event for which the page waits some seconds: a condition of the shell.
    wait: &'static str,
    /// Words that its commands print.
    shows: &'static [&'static str],
}

/// The tests that run a block.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tier {
    /// The quick test and the long one.
    Both,
    /// The long test alone.
    Long,
}

use Tier::{Both, Long};

/// Every block, in the order of the page.
const STEPS: [Step; 13] = [
    Step {
        begins: "export CARGO_TARGET_DIR=~/.cache/myelin/target",
        tier: Both,
        wait: "",
        shows: &["wrote the kind of subnet `trips`"],
    },
    Step { begins: "trips net up", tier: Both, wait: "", shows: &["miner2"] },
    Step {
        begins: "trips subnet create",
        tier: Both,
        wait: "",
        shows: &["subnet 2 created", "subnet 2 started", "in force since block"],
    },
    Step {
        begins: "for name in validator",
        tier: Both,
        wait: "",
        shows: &["registered with uid 1", "registered with uid 2", "registered with uid 3", "got "],
    },
    Step {
        begins: "trips miner run --netuid 2 --wallet miner1",
        tier: Both,
        wait: "grep 'averages 2:.* 3:' validator.log",
        shows: &["answers judged", "averages 2:", "127.0.0.2:"],
    },
    Step {
        begins: "cargo test\nkill %2",
        tier: Both,
        // The weak solver's average is 0.5.
        wait: "average_of_the_second_is 0.6",
        shows: &["averages 2:"],
    },
    Step {
        begins: "cargo test\nkill %3",
        tier: Long,
        wait: "grep 'other rules' validator.log",
        shows: &["is judged by other rules"],
    },
    Step {
        begins: "trips validator rules",
        tier: Long,
        wait: "grep 16.answers validator.log",
        shows: &["announced; in force from block", "16 answers judged"],
    },
    Step { begins: "ls -d .myelin/validator/evidence", tier: Both, wait: "", shows: &["epoch-"] },
    Step { begins: KIT, tier: Both, wait: "", shows: &["kept   ", "3 of 14 promises"] },
    Step {
        begins: "python3 -m venv",
        tier: Long,
        wait: "[ $(rounds) -ge $((before + 4)) ] && average_of_the_second_is 0.5",
        shows: &["averages 2:"],
    },
    Step { begins: "kill %5", tier: Long, wait: "grep 'weights set' validator.log", shows: &["weights set"] },
    Step { begins: "kill $(jobs -p)", tier: Both, wait: "", shows: &["stopped 1 node"] },
];

/// The beginning of the script: this build's toolchain, conditions to wait for, and the end of all that was started.
fn prelude(program: &str) -> String {
    let toolchain = Path::new(env!("CARGO")).parent().expect("a folder").display();
    format!(
        r#"set +o pipefail
exec 2>&1
# A reader's shell has no variables of cargo and of the long tests.
unset ${{!CARGO_MANIFEST_*}} ${{!CARGO_PKG_*}} PROPTEST_CASES CASES_TIMES RUSTC_WORKSPACE_WRAPPER
export CARGO_NET_OFFLINE=true PATH="{toolchain}:$PATH"
rounds() {{ grep -c averages validator.log; }}
average_of_the_second_is() {{
  grep averages validator.log | tail -1 | sed 's/.*3://' | awk "{{ exit !(\$1 > $1) }}"
}}
wait_for_it() {{
  for _ in $(seq 1200); do if it > /dev/null 2>&1; then return; fi; sleep 0.2; done
  declare -f it
  return 1
}}
trap '[ $? = 0 ] || tail -n 40 *.log; jobs -p >> ~/{STARTED}; {program} net down > /dev/null || true' EXIT
"#
    )
}

/// A block as a script, with a wait for an event in place of its seconds.
fn runnable(block: &str, step: &Step, tier: Tier) -> String {
    let mut text = format!("{block}\n");
    assert_eq!(text.contains("\nsleep "), !step.wait.is_empty(), "{text}");
    if let Some((before, after)) = text.split_once("\nsleep ") {
        let after = after.split_once('\n').map_or("", |(_, after)| after);
        text = format!("{before}\nit() {{ {}; }}\nwait_for_it\n{after}", step.wait);
    }
    if step.begins == KIT {
        return format!("if {KIT}then exit 1; fi\n");
    }
    match tier {
        Tier::Long => change_before(step.begins).to_owned() + &text.replace(INSTALL, &installed()),
        Tier::Both => {
            let compiles = |line: &&str| line.starts_with("cargo test");
            text.lines().filter(|line| !compiles(line)).map(|line| format!("{line}\n")).collect()
        }
    }
}

/// The change that the page describes before a block.
fn change_before(begins: &str) -> &'static str {
    match begins {
        "cargo test\nkill %2" => "cp ~/solver.rs src/solver.rs\n",
        "cargo test\nkill %3" => "sed -i 's/const SERVED: u16 = 6;/const SERVED: u16 = 8;/' src/subnet.rs\n",
        "python3 -m venv" => "before=$(rounds)\n",
        _ => "",
    }
}

/// The template's solvers, changed as the page says.
fn changed_solvers() -> String {
    let change = blocks(PAGE, "rust").remove(0);
    let (used, change) = change.split_once("\n\n").expect("an import and a list");
    let (imports, rest) = SOLVERS.split_once("\n\n/// Finds").expect("imports");
    let (before, rest) = rest.split_once("pub const SOLVERS").expect("a list of solvers");
    let (_, after) = rest.split_once(";\n").expect("its end");
    format!("{imports}\n{used}\n\n/// Finds{before}{change}\n{after}")
}

/// The official SDK where the tests of compatibility have installed it; otherwise the page's own command.
fn installed() -> String {
    let cache = std::env::var_os("MYELIN_CACHE").map(PathBuf::from);
    let sdk = cache.map(|cache| cache.join("compat/bittensor-10"));
    let there = sdk.filter(|sdk| sdk.join("complete").is_file());
    there.map_or(INSTALL.to_owned(), |sdk| format!("ln -s {} .venv\n", sdk.display()))
}

/// Runs the page's blocks of a tier, and checks what each of them prints.
fn run(tier: Tier) {
    let started = Instant::now();
    let home = Home::new();
    // As after `make build`.
    let built = Path::new(env!("CARGO_BIN_EXE_myelin")).parent().expect("a folder");
    let program = built.join(PROGRAM);
    assert!(program.is_file(), "{} is not built; `cargo test --workspace` builds it", program.display());
    let target = built.parent().expect("a folder");
    let link = home.path().join(".cache/myelin/target");
    fs::remove_dir_all(&link).expect("removed");
    symlink(target, link).expect("a link");
    fs::write(home.path().join("solver.rs"), changed_solvers()).expect("written");
    assert!(PAGE.contains("`const SERVED: u16 = 8;`"), "the change of the rules is another one");

    let blocks = blocks(PAGE, "sh");
    assert_eq!(blocks.len(), STEPS.len(), "{blocks:#?}");
    let name = if tier == Long { "trips" } else { PROGRAM };
    let mut script = prelude(name);
    let ran = |step: &Step| tier == Long || step.tier == Both;
    for (number, (block, step)) in blocks.iter().zip(&STEPS).enumerate() {
        assert!(format!("{block}\n").starts_with(step.begins), "`{}` does not begin\n{block}", step.begins);
        if ran(step) {
            let text = runnable(block, step, tier);
            let text = match number {
                // The crate has its name in both tests. Cargo gets no link, so that it finds all that is built.
                0 => text.replace("~/.cache/myelin/target", &target.display().to_string()),
                _ => text.replace("trips", name),
            };
            script += &format!("echo '== {number}'\n{text}");
        }
    }
    for port in PORTS {
        assert!(script.contains(&format!("--port {port}")), "{port} is not on the page");
        script = script.replace(&format!("--port {port}"), &format!("--port {}", free_port()));
    }

    let said = home.ok(&script);
    for (number, step) in STEPS.iter().enumerate().filter(|(_, step)| ran(step)) {
        let of_step = said.split(&format!("== {number}\n")).nth(1).expect("the block ran");
        let of_step = of_step.split("\n== ").next().unwrap_or_default();
        for words in step.shows {
            assert!(of_step.contains(words), "{words}: {of_step}");
        }
    }
    check_shown(&said, name, tier);
    println!("the page took {:.1} s", started.elapsed().as_secs_f64());
}

/// Checks that the page shows what its commands print.
fn check_shown(said: &str, name: &str, tier: Tier) {
    let shown = blocks(PAGE, "text");
    let between = |text: &str, from: &str, to: &str| {
        let after = text.split_once(from).unwrap_or_else(|| panic!("no `{from}` in {text}")).1;
        after.split_once(to).unwrap_or_else(|| panic!("no `{to}` in {after}")).0.to_owned()
    };
    let prints = |words: &str| assert!(said.contains(words), "the page shows `{words}`: {said}");
    prints(&format!("{}, a workspace of its own", between(&shown[0], "~/trips", ",")));
    let rules = shown.iter().find(|text| text.starts_with("in force since block")).expect("the rules");
    let (first, rules) = rules.split_once('\n').expect("lines");
    let rules: String = rules.lines().map(|line| format!("{}\n", line.trim())).collect();
    rules.lines().for_each(|line| prints(&line.replace("trips", name)));
    // The refusal names the rules with eight tasks beside those in force.
    let hash = |rules: &str| to_hex(&blake2_256(rules.as_bytes()));
    let refusal = shown.iter().find(|text| text.contains("other rules")).expect("a refusal");
    let refused = between(refusal, "in force, ", "…");
    assert!(first.ends_with(&hash(&rules)), "{first} is not {}", hash(&rules));
    let others = hash(&rules.replace("miner 6", "miner 8"));
    assert!(others.trim_start_matches("0x").starts_with(&refused), "{refused} is not {others}");
    if tier == Long {
        prints(&format!("test result: ok{};", between(&shown[0], "test result: ok", ";")));
        prints(&format!("are in force, {refused}"));
    }
}

#[test]
fn the_commands_of_the_guide_for_a_kind_of_ones_own_lead_to_miners_that_are_judged() {
    run(Both);
}

#[test]
#[ignore = "compiles a crate three times; `make test-long` runs it"]
fn the_whole_guide_for_a_kind_of_ones_own_runs_with_the_crate_that_it_makes() {
    run(Long);
}
