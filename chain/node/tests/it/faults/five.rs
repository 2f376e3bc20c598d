//! A network of five authorities, and one machine more that may run with the keys of the fifth.

use std::{
    fs,
    path::PathBuf,
    process::Command,
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::Duration,
};

use serde_json::{json, Value};
use sp_core::{crypto::Ss58Codec, ed25519, sr25519, Pair};

use super::{clock, relay::Relay};
use crate::harness::{Node, Setup};

/// Machines by place: the authorities, and the second one of the fifth.
const FLAGS: [&str; 6] = ["--one", "--two", "--three", "--four", "--dave", "--dave"];
/// The places of the authorities.
pub const ALL: [usize; 5] = [0, 1, 2, 3, 4];
/// The place of the second machine with the keys of the fifth authority.
pub const TWIN: usize = 5;
/// Blocks that show that a chain goes on.
const SOME: u32 = 8;
/// Limit for each of them. A voter that does not ask again to catch up stops finality for two minutes (decision 0122).
pub const LIMIT: Duration = Duration::from_secs(110);
/// Time in which a network that finalises would have finalised many blocks: 32 slots.
const STILL: Duration = Duration::from_secs(8);
/// Most times in which votes that were on their way finalise a block.
const SETTLING: usize = 10;
/// Decides which chunks relays lose.
const SEED: u64 = 1;

/// The round of a vote, and the database that knows it.
#[derive(Debug)]
pub struct Vote {
    pub database: String,
    pub set: u64,
    pub round: u64,
}

/// The network. Finality needs four votes of five.
pub struct Five {
    /// The connections between machines.
    pub relay: Relay,
    chain: PathBuf,
    setups: Vec<Setup>,
    nodes: Vec<Option<Node>>,
    /// Finalised blocks that were seen, with their hashes.
    seen: Vec<(u32, String)>,
}

impl Five {
    /// Starts the five authorities.
    pub fn start() -> Self {
        let (relay, chain) = (Relay::start(FLAGS.len(), SEED), chain_of_five());
        let path = chain.to_str().expect("a path of text");
        // The states of old blocks show which epochs were paid.
        let setups: Vec<Setup> =
            FLAGS.iter().map(|flag| Setup::new(path, &[flag, "--pruning", "archive"])).collect();
        let ids: Vec<String> = setups.iter().map(Setup::peer_id).collect();
        let wired = |(from, setup): (usize, Setup)| {
            let to = |to: usize| format!("/ip4/127.0.0.1/tcp/{}/p2p/{}", relay.port(from, to), ids[to]);
            let others: Vec<String> = (0..FLAGS.len()).filter(|other| *other != from).map(to).collect();
            // Other addresses than those of the relay are private, and this backend does not try them.
            let fixed =
                ["--network-backend", "libp2p", "--reserved-only", "--no-private-ip", "--reserved-nodes"];
            let fixed = fixed.map(String::from);
            setup.with(fixed.into_iter().chain(others))
        };
        let setups = setups.into_iter().enumerate().map(wired).collect();
        let nodes = FLAGS.iter().map(|_| None).collect();
        let mut five = Self { relay, chain, setups, nodes, seen: Vec::new() };
        ALL.iter().for_each(|place| five.run(*place));
        five
    }

    /// Starts the process of a place.
    pub fn run(&mut self, place: usize) {
        let node = self.setups[place].start(&[]);
        self.relay.runs_at(place, node.p2p_port());
        self.nodes[place] = Some(node);
    }

    /// Ends the process of a place at once.
    pub fn kill(&mut self, place: usize) {
        self.relay.runs_at(place, 0);
        self.nodes[place].take().expect("it runs").kill();
    }

    /// Starts the process of a place again, with a clock that is this many milliseconds ahead.
    pub fn run_again_ahead(&mut self, place: usize, ms: i64) {
        self.kill(place);
        self.setups[place].set_environment(clock::shifted(ms));
        self.run(place);
    }

    /// Removes the stored chain of a place, which does not run.
    pub fn lose_database(&self, place: usize) {
        self.setups[place].lose_database();
    }

    /// The last vote of a place.
    pub fn last_vote(&self, place: usize) -> Vote {
        let text = self.setups[place].file_of_chain("signed-vote");
        let words: Vec<&str> = text.split_whitespace().collect();
        let [_, database, set, round] = words[..] else { panic!("{text} is no vote") };
        let number = |word: &str| word.parse().expect("a number");
        Vote { database: database.into(), set: number(set), round: number(round) }
    }

    /// The running node of a place.
    pub fn node(&self, place: usize) -> &Node {
        self.nodes[place].as_ref().expect("it runs")
    }

    /// Some more blocks become final, the same ones at all these places, and none before them has changed.
    pub fn finalise(&mut self, places: &[usize]) {
        let head = places.iter().map(|place| self.node(*place).finalised()).max().expect("a place");
        self.finalise_to(places, head + SOME);
    }

    /// The same up to a block.
    pub fn finalise_to(&mut self, places: &[usize], number: u32) {
        for place in places {
            self.node(*place).wait(&format!("finalised block {number}"), LIMIT, |node| {
                let finalised = node.finalised();
                (finalised >= number).then_some(()).ok_or_else(|| format!("finalised block {finalised}"))
            });
        }
        let hash = self.node(places[0]).hash(number);
        self.seen.push((number, hash));
        self.nothing_is_reverted(places);
    }

    /// Notes what is final at these places now; none of it may change.
    pub fn note_finalised(&mut self, places: &[usize]) {
        for place in places {
            let number = self.node(*place).finalised();
            self.seen.push((number, self.node(*place).hash(number)));
        }
    }

    fn nothing_is_reverted(&self, places: &[usize]) {
        for (number, hash) in &self.seen {
            for place in places {
                assert_eq!(self.node(*place).hash(*number), *hash, "block {number} at place {place}");
            }
        }
    }

    fn heads(&self, places: &[usize]) -> Vec<u32> {
        places.iter().map(|place| self.node(*place).finalised()).collect()
    }

    /// Finality comes to a stop at these places. `writer` is one of them whose part of the network goes on writing
    /// blocks.
    pub fn stalls(&mut self, places: &[usize], writer: Option<usize>) {
        // Votes that are on their way may still finalise some blocks.
        for _ in 0..SETTLING {
            let before = self.heads(places);
            match writer {
                Some(place) => self.writes(place),
                None => thread::sleep(STILL),
            }
            self.note_finalised(places);
            if self.heads(places) == before {
                return;
            }
        }
        panic!("finality goes on without four of five: {:?}", self.heads(places));
    }

    /// The best chain of a place becomes longer by more blocks than finality ever stays behind.
    fn writes(&self, place: usize) {
        let number = self.node(place).best() + 3 * SOME;
        self.node(place).wait(&format!("written block {number}"), LIMIT, |node| match node.best() {
            best if best >= number => Ok(()),
            best => Err(format!("written block {best}")),
        });
    }
}

impl Drop for Five {
    fn drop(&mut self) {
        // The folder is removed at some time.
        let _ = fs::remove_file(&self.chain);
    }
}

/// A chain like `local4` with a fifth authority, Dave. The file holds the first state: a node that computes it at its
/// start would take the processors from the others for many slots.
fn chain_of_five() -> PathBuf {
    let mut spec: Value = serde_json::from_slice(&build_spec(&["local4"])).expect("a chain file is JSON");
    let account = sr25519::Pair::from_string("//Dave", None).expect("a valid path").public().to_ss58check();
    let grandpa = ed25519::Pair::from_string("//Dave", None).expect("a valid path").public().to_ss58check();
    let keys = spec["genesis"]["runtimeGenesis"]["patch"]["session"]["keys"].as_array_mut();
    keys.expect("a list of keys").push(json!([account, account, { "aura": account, "grandpa": grandpa }]));
    (spec["id"], spec["name"]) = ("five".into(), "Five".into());
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name = format!("five-{}-{}.json", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, spec.to_string()).expect("the folder is writable");
    let state = build_spec(&[path.to_str().expect("a path of text"), "--raw"]);
    fs::write(&path, state).expect("the folder is writable");
    path
}

/// The chain file that the node writes for `--chain` and further arguments.
fn build_spec(chain: &[&str]) -> Vec<u8> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_myelin-node"));
    command.args(["build-spec", "--disable-default-bootnode", "--chain"]).args(chain);
    let done = command.output().expect("the node starts");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    done.stdout
}
