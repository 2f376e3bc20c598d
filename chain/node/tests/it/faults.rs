//! Five authorities, one of which is cut off.
//!
//! Each node reaches each other one through a relay of this process alone, which cuts. Finality needs four votes of
//! five.

use std::{
    fs,
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    path::PathBuf,
    process::Command,
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use serde_json::{json, Value};
use sp_core::{crypto::Ss58Codec, ed25519, sr25519, Pair};

use crate::harness::{Node, Setup};

/// Authorities.
const PLACES: usize = 5;
const FLAGS: [&str; PLACES] = ["--one", "--two", "--three", "--four", "--dave"];
/// Blocks that show that finality goes on.
const SOME: u32 = 8;
/// Time in which a network that can't finalise would have finalised many blocks: 32 slots.
const STILL: Duration = Duration::from_secs(8);

/// Connections between places, each through a port of this process.
struct Relay {
    /// The port at which a place reaches another one.
    ports: [[u16; PLACES]; PLACES],
    links: Arc<Links>,
}

#[derive(Default)]
struct Links {
    /// The port of each place; 0 while it has none.
    targets: Mutex<[u16; PLACES]>,
    /// Parts of the network by place; only places of one part reach each other.
    parts: Mutex<[u8; PLACES]>,
    open: Mutex<Vec<(usize, usize, TcpStream)>>,
}

impl Links {
    fn joined(&self, from: usize, to: usize) -> bool {
        let parts = self.parts.lock().expect("no panic with the lock");
        parts[from] == parts[to]
    }

    /// Forwards until either side ends or the link is cut.
    fn pump(&self, from: usize, to: usize, mut source: TcpStream, mut sink: TcpStream) {
        let mut bytes = [0; 16 * 1024];
        while let Ok(read) = source.read(&mut bytes) {
            if read == 0 || !self.joined(from, to) || sink.write_all(&bytes[..read]).is_err() {
                break;
            }
        }
        let _ = (source.shutdown(Shutdown::Both), sink.shutdown(Shutdown::Both));
    }

    fn accept(self: &Arc<Self>, from: usize, to: usize, caller: TcpStream) -> std::io::Result<()> {
        let target = self.targets.lock().expect("no panic with the lock")[to];
        if target == 0 || !self.joined(from, to) {
            return caller.shutdown(Shutdown::Both);
        }
        let called = TcpStream::connect(("127.0.0.1", target))?;
        self.open.lock().expect("no panic with the lock").push((from, to, caller.try_clone()?));
        for (source, sink) in
            [(caller.try_clone()?, called.try_clone()?), (called.try_clone()?, caller.try_clone()?)]
        {
            let links = self.clone();
            thread::spawn(move || links.pump(from, to, source, sink));
        }
        Ok(())
    }
}

impl Relay {
    fn start() -> Self {
        let links = Arc::new(Links::default());
        let ports = std::array::from_fn(|from| {
            std::array::from_fn(|to| {
                let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
                let port = listener.local_addr().expect("a bound port").port();
                let links = links.clone();
                thread::spawn(move || {
                    for caller in listener.incoming().flatten() {
                        let _ = links.accept(from, to, caller);
                    }
                });
                port
            })
        });
        Self { ports, links }
    }

    /// Divides the network: each place gets the number of its part.
    fn divide(&self, parts: [u8; PLACES]) {
        *self.links.parts.lock().expect("no panic with the lock") = parts;
        self.links.open.lock().expect("no panic with the lock").retain(|(from, to, stream)| {
            let joined = self.links.joined(*from, *to);
            if !joined {
                let _ = stream.shutdown(Shutdown::Both);
            }
            joined
        });
    }

    fn join(&self) {
        self.divide([0; PLACES]);
    }
}

/// A chain like `local4` with a fifth authority, Dave.
fn chain_of_five() -> PathBuf {
    let done = Command::new(env!("CARGO_BIN_EXE_myelin-node"))
        .args(["build-spec", "--chain", "local4"])
        .output()
        .expect("the node starts");
    let mut spec: Value = serde_json::from_slice(&done.stdout).expect("a chain file is JSON");
    let account = sr25519::Pair::from_string("//Dave", None).expect("a valid path").public().to_ss58check();
    let grandpa = ed25519::Pair::from_string("//Dave", None).expect("a valid path").public().to_ss58check();
    let keys = spec["genesis"]["runtimeGenesis"]["patch"]["session"]["keys"].as_array_mut();
    keys.expect("a list of keys").push(json!([account, account, { "aura": account, "grandpa": grandpa }]));
    (spec["id"], spec["name"]) = ("five".into(), "Five".into());
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("five-{}.json", std::process::id()));
    fs::write(&path, spec.to_string()).expect("the folder is writable");
    path
}

/// The network.
struct Five {
    relay: Relay,
    chain: PathBuf,
    setups: Vec<Setup>,
    nodes: Vec<Option<Node>>,
    /// Finalised blocks that were seen, with their hashes.
    seen: Vec<(u32, String)>,
}

impl Five {
    fn start() -> Self {
        let (relay, chain) = (Relay::start(), chain_of_five());
        let path = chain.to_str().expect("a path of text");
        let setups: Vec<Setup> = FLAGS.iter().map(|flag| Setup::new(path, &[flag])).collect();
        let ids: Vec<String> = setups.iter().map(Setup::peer_id).collect();
        let wired = |(from, setup): (usize, Setup)| {
            let to = |to: &usize| format!("/ip4/127.0.0.1/tcp/{}/p2p/{}", relay.ports[from][*to], ids[*to]);
            let others: Vec<String> = (0..PLACES).filter(|other| *other != from).map(|it| to(&it)).collect();
            // Other addresses than those of the relay are private, and this backend does not try them.
            let fixed =
                ["--network-backend", "libp2p", "--reserved-only", "--no-private-ip", "--reserved-nodes"];
            let fixed = fixed.map(String::from);
            setup.with(fixed.into_iter().chain(others))
        };
        let setups = setups.into_iter().enumerate().map(wired).collect();
        let mut five =
            Self { relay, chain, setups, nodes: (0..PLACES).map(|_| None).collect(), seen: Vec::new() };
        ALL.iter().for_each(|place| five.run(*place));
        five
    }

    /// Starts the process of a place.
    fn run(&mut self, place: usize) {
        let node = self.setups[place].start(&[]);
        self.relay.links.targets.lock().expect("no panic with the lock")[place] = node.p2p_port();
        self.nodes[place] = Some(node);
    }

    fn node(&self, place: usize) -> &Node {
        self.nodes[place].as_ref().expect("it runs")
    }

    /// Some more blocks become final, the same ones at all these places.
    fn finalise(&mut self, places: &[usize]) {
        let head = places.iter().map(|place| self.node(*place).finalised()).max().expect("a place");
        let number = head + SOME;
        for place in places {
            self.node(*place).wait_finalised(number);
        }
        let hash = self.node(places[0]).hash(number);
        self.seen.push((number, hash));
        self.nothing_is_reverted(places);
    }

    fn nothing_is_reverted(&self, places: &[usize]) {
        for (number, hash) in &self.seen {
            for place in places {
                assert_eq!(self.node(*place).hash(*number), *hash, "block {number} at place {place}");
            }
        }
    }

    /// Finality stands still at these places.
    fn stalls(&self, places: &[usize]) {
        // Votes that are on their way may still finalise a few blocks.
        thread::sleep(STILL / 4);
        let heads = || places.iter().map(|place| self.node(*place).finalised()).collect::<Vec<_>>();
        let before = heads();
        thread::sleep(STILL);
        assert_eq!(heads(), before, "finality goes on without four of five");
    }
}

impl Drop for Five {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.chain);
    }
}

const ALL: [usize; PLACES] = [0, 1, 2, 3, 4];

#[test]
fn four_of_five_go_on_and_the_fifth_catches_up() {
    let mut five = Five::start();
    five.finalise(&ALL);
    five.relay.divide([0, 0, 0, 0, 1]);
    five.finalise(&ALL[..4]);
    five.stalls(&[4]);
    five.relay.join();
    five.finalise(&ALL);
}
