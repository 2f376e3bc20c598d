//! `docs/guides/official-clients.md`, run from its first block to its last: shell, Python and JavaScript, each with the
//! packages that its section names.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use myelin_chain_client::{ChainClient, Key};
use myelin_compat::packages::Packages;

use super::neurons::repository;
use super::node::binary;
use super::ports::free_port;

const PAGE: &str = include_str!("../../../../docs/guides/official-clients.md");
/// The endpoint on the page.
const ENDPOINT: &str = "ws://127.0.0.1:9944";
/// File for the processes that a block leaves in the background.
const STARTED: &str = "started.pids";

/// A block of the page, and the heading above it.
#[derive(Debug)]
struct Block {
    heading: String,
    language: String,
    text: String,
}

fn blocks(page: &str) -> Vec<Block> {
    let (mut heading, mut found, mut open) = (String::new(), Vec::new(), None::<Block>);
    for line in page.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (Some(block), None) => block.text += &format!("{line}\n"),
            (Some(_), Some(_)) => found.extend(open.take()),
            (None, Some(language)) => {
                let (heading, language) = (heading.clone(), language.to_owned());
                open = Some(Block { heading, language, text: String::new() });
            }
            (None, None) => heading = line.strip_prefix("## ").map_or(heading, str::to_owned),
        }
    }
    found
}

/// A home folder that looks like a checkout after `make build`, and two ports for the chain.
struct Home {
    folder: tempfile::TempDir,
    ports: [u16; 2],
}

impl Home {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let built = folder.path().join(".cache/myelin/target/debug");
        fs::create_dir_all(&built).expect("a folder");
        // Commands are built beside the folder of the tests.
        let tests = std::env::current_exe().expect("this program has a path");
        let program = tests.ancestors().nth(2).expect("a folder of builds").join("myelin");
        assert!(program.is_file(), "{} is not built; `cargo test --workspace` builds it", program.display());
        symlink(program, built.join("myelin")).expect("a link");
        symlink(repository().join("scripts"), folder.path().join("scripts")).expect("a link");
        let node_modules = of(Packages::PolkadotJs).join("node_modules");
        symlink(node_modules, folder.path().join("node_modules")).expect("a link");
        Home { folder, ports: [free_port(), free_port()] }
    }

    fn endpoint(&self) -> String {
        format!("ws://127.0.0.1:{}", self.ports[0])
    }

    /// The output of a program, which must succeed.
    fn run(&self, program: &Path, words: &[&str]) -> String {
        let path = |name: &str| self.folder.path().join(name);
        let answers = path("answers");
        fs::write(&answers, "y\ny\n").expect("written");
        // The first block exports the folder of the commands, and each block has a shell of its own.
        let official = of(Packages::Btcli9).join("bin");
        let others = std::env::var("PATH").expect("a path");
        let bins =
            format!("{}:{}:{others}", path(".cache/myelin/target/debug").display(), official.display());
        let output = Command::new(program)
            .args(words)
            .current_dir(self.folder.path())
            .env("HOME", self.folder.path())
            .env("PATH", bins)
            .env("COLUMNS", "200")
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("MYELIN_NODE", binary())
            .env("MYELIN_ENDPOINT", self.endpoint())
            .env("MYELIN_LOCALNET_PORTS", self.ports.map(|port| port.to_string()).join(" "))
            .env("TMPDIR", self.folder.path())
            .env_remove("BT_WALLET_PATH")
            .stdin(Stdio::from(File::open(&answers).expect("a file")))
            .output()
            .expect("it starts");
        let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        assert!(output.status.success(), "{words:?}\n{}", said.concat());
        said.concat()
    }

    /// Runs a block, and at its end a line that shows that it did something.
    fn block(&self, block: &Block, last: &str) -> String {
        let text = format!("{}{last}\n", block.text.replace(ENDPOINT, &self.endpoint()));
        let python = |packages| of(packages).join("bin/python");
        match (block.language.as_str(), block.heading.as_str()) {
            ("sh", _) => {
                let script = format!("trap 'jobs -p >> {STARTED}' EXIT\n{text}");
                self.run(Path::new("bash"), &["-e", "-o", "pipefail", "-c", &script])
            }
            ("python", "Python: bittensor 10") => self.run(&python(Packages::Sdk10), &["-c", &text]),
            ("python", "Python: bittensor 11") => self.run(&python(Packages::Sdk11), &["-c", &text]),
            ("js", _) => {
                fs::write(self.folder.path().join("block.mjs"), text).expect("written");
                self.run(Path::new("node"), &["block.mjs"])
            }
            _ => panic!("nothing runs this block: {block:?}"),
        }
    }
}

impl Drop for Home {
    /// Ends what the blocks left in the background.
    fn drop(&mut self) {
        let end = format!("cd {} && kill $(cat {STARTED}); sleep 1", self.folder.path().display());
        let _ = Command::new("bash").args(["-c", &end]).status();
    }
}

fn of(packages: Packages) -> PathBuf {
    packages.installed().unwrap_or_else(|why| panic!("{why}"))
}

#[test]
fn the_blocks_of_the_guide_for_official_clients_run_one_after_another() {
    let home = Home::new();
    let blocks = blocks(PAGE);
    // In the order of the page: a line that shows what the block made, and what is said then.
    let shown = [
        ("", "caught up"),
        ("print('neurons', len(graph.uids))", "neurons "),
        ("", "apex"),
        ("", "commit_reveal_weights_enabled"),
        ("print('block', chain.block)", "block "),
        ("print('netuid', graph.netuid)", "netuid 2"),
        ("console.log(api.runtimeChain.toString()); await api.disconnect()", "Myelin Development"),
    ];
    assert_eq!(blocks.len(), shown.len(), "{blocks:#?}");
    for (block, (last, words)) in blocks.iter().zip(shown) {
        let said = home.block(block, last);
        assert!(said.contains(words), "{block:?} does not show `{words}`:\n{said}");
    }
    tokio::runtime::Runtime::new().expect("a runtime").block_on(async {
        let chain = ChainClient::connect(&home.endpoint()).await.expect("the chain of the page");
        let committed: Option<bool> = chain
            .storage("SubtensorModule", "CommitRevealWeightsEnabled", &[Key::from(2u16)], None)
            .await
            .expect("read");
        assert_eq!(committed, Some(false));
        let window: Option<u16> =
            chain.storage("SubtensorModule", "AdminFreezeWindow", &[], None).await.expect("read");
        assert_eq!(window, Some(0));
    });
}
