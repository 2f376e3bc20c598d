//! Connections between machines, each through a port of this process, which cuts, delays and loses.

use std::{
    collections::BTreeMap,
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        atomic::{AtomicU64, Ordering},
        mpsc::{sync_channel, Receiver},
        Arc, Mutex, MutexGuard,
    },
    thread,
    time::{Duration, Instant},
};

use codec::Encode;
use sp_io::hashing::twox_64;

/// Most bytes that are forwarded, delayed or lost together.
const CHUNK: usize = 16 * 1024;
/// Most chunks that wait in one direction of a connection.
const WAITING: usize = 256;
/// The loss is a number of chunks among so many.
const OF: u64 = 10_000;

/// Relays of all pairs of machines.
pub struct Relay {
    /// The port at which a machine reaches another one.
    ports: Vec<Vec<u16>>,
    links: Arc<Links>,
}

/// A connection: the machine that began it, the other one, and its number among those between them.
type Link = (usize, usize, u64);

#[derive(Clone, Copy, Default)]
struct Machine {
    /// Its port; 0 while it does not run.
    port: u16,
    /// Only machines of one part of the network reach each other.
    part: u8,
    /// Whether its connections lose chunks.
    loses: bool,
}

/// The end of a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Passed,
    /// The connection stays, and its ends find out by themselves.
    Lost,
    /// The connection ends with it.
    Cut,
}

struct Links {
    seed: u64,
    machines: Mutex<Vec<Machine>>,
    /// Milliseconds that every chunk waits before it is forwarded.
    delay_ms: AtomicU64,
    /// Chunks among [`OF`] that are lost or cut, on connections of machines that lose.
    loss: AtomicU64,
    open: Mutex<BTreeMap<Link, TcpStream>>,
    /// Connections so far between two machines.
    begun: Mutex<BTreeMap<(usize, usize), u64>>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("no panic with the lock")
}

fn close(stream: &TcpStream) {
    // It may have been closed by its other end.
    let _ = stream.shutdown(Shutdown::Both);
}

/// The fate of chunk `number` in one direction of a link. It depends on nothing else, so a seed can be tried again.
fn drawn(seed: u64, (from, to, link): Link, direction: u8, number: u64, loss: u64) -> Fate {
    let bytes = twox_64(&(seed, from as u64, to as u64, link, direction, number).encode());
    let value = u64::from_le_bytes(bytes);
    match (value % OF < loss, (value / OF).is_multiple_of(2)) {
        (false, _) => Fate::Passed,
        (true, true) => Fate::Lost,
        (true, false) => Fate::Cut,
    }
}

impl Links {
    fn joined(&self, from: usize, to: usize) -> bool {
        let machines = locked(&self.machines);
        machines[from].part == machines[to].part
    }

    fn fate(&self, link: Link, direction: u8, number: u64) -> Fate {
        let machines = locked(&self.machines);
        let loses = machines[link.0].loses || machines[link.1].loses;
        let loss = if loses { self.loss.load(Ordering::Relaxed) } else { 0 };
        drawn(self.seed, link, direction, number, loss)
    }

    fn delay(&self) -> Duration {
        Duration::from_millis(self.delay_ms.load(Ordering::Relaxed))
    }

    /// Reads one direction of a link until either side ends or the link is cut.
    fn pump(self: &Arc<Self>, link: Link, direction: u8, mut source: TcpStream, sink: TcpStream) {
        let (waiting, due) = sync_channel(WAITING);
        let links = self.clone();
        thread::spawn(move || links.forward(link, sink, due));
        let mut bytes = [0; CHUNK];
        for number in 0.. {
            let Ok(read @ 1..) = source.read(&mut bytes) else { break };
            match self.fate(link, direction, number) {
                Fate::Passed => {
                    let chunk = (Instant::now() + self.delay(), bytes[..read].to_vec());
                    if waiting.send(chunk).is_err() {
                        break;
                    }
                }
                Fate::Lost => {}
                Fate::Cut => break,
            }
        }
        close(&source);
        locked(&self.open).remove(&link);
    }

    /// Writes the chunks of one direction when their time has come.
    fn forward(&self, (from, to, _): Link, mut sink: TcpStream, due: Receiver<(Instant, Vec<u8>)>) {
        for (time, bytes) in due {
            thread::sleep(time.saturating_duration_since(Instant::now()));
            if !self.joined(from, to) || sink.write_all(&bytes).is_err() {
                break;
            }
        }
        close(&sink);
    }

    fn accept(self: &Arc<Self>, from: usize, to: usize, caller: TcpStream) -> std::io::Result<()> {
        let target = locked(&self.machines)[to].port;
        if target == 0 || !self.joined(from, to) {
            return caller.shutdown(Shutdown::Both);
        }
        let called = TcpStream::connect(("127.0.0.1", target))?;
        let number = {
            let mut begun = locked(&self.begun);
            let begun = begun.entry((from, to)).or_default();
            *begun += 1;
            *begun
        };
        let link = (from, to, number);
        locked(&self.open).insert(link, caller.try_clone()?);
        let (back, forth) = (called.try_clone()?, caller.try_clone()?);
        for (direction, source, sink) in [(0, caller, called), (1, back, forth)] {
            let links = self.clone();
            thread::spawn(move || links.pump(link, direction, source, sink));
        }
        Ok(())
    }
}

impl Relay {
    /// Relays between so many machines, none of which runs yet. The seed decides which chunks are lost.
    pub fn start(machines: usize, seed: u64) -> Self {
        let links = Arc::new(Links {
            seed,
            machines: Mutex::new(vec![Machine::default(); machines]),
            delay_ms: AtomicU64::new(0),
            loss: AtomicU64::new(0),
            open: Mutex::default(),
            begun: Mutex::default(),
        });
        let listen = |from: usize, to: usize| {
            let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
            let port = listener.local_addr().expect("a bound port").port();
            let links = links.clone();
            thread::spawn(move || {
                for caller in listener.incoming().flatten() {
                    // The caller sees a connection that ends, as with a machine that is off.
                    let _ = links.accept(from, to, caller);
                }
            });
            port
        };
        let ports = (0..machines).map(|from| (0..machines).map(|to| listen(from, to)).collect()).collect();
        Self { ports, links }
    }

    /// The port at which a machine reaches another one.
    pub fn port(&self, from: usize, to: usize) -> u16 {
        self.ports[from][to]
    }

    /// Notes the port of a machine that was started, or 0 for one that was stopped.
    pub fn runs_at(&self, machine: usize, port: u16) {
        locked(&self.links.machines)[machine].port = port;
    }

    /// Divides the network: each machine gets the number of its part. Those without a number keep theirs.
    pub fn divide(&self, parts: &[u8]) {
        for (machine, part) in locked(&self.links.machines).iter_mut().zip(parts) {
            machine.part = *part;
        }
        for ((from, to, _), stream) in locked(&self.links.open).iter() {
            if !self.links.joined(*from, *to) {
                close(stream);
            }
        }
    }

    /// Makes the network whole again.
    pub fn join(&self) {
        self.divide(&vec![0; self.ports.len()]);
    }

    /// Delays everything from now on.
    pub fn delay(&self, ms: u64) {
        self.links.delay_ms.store(ms, Ordering::Relaxed);
    }

    /// Loses so many of 10,000 chunks on the connections of these machines. Half of them end their connection at once.
    pub fn lose(&self, loss: u64, of: &[usize]) {
        for (number, machine) in locked(&self.links.machines).iter_mut().enumerate() {
            machine.loses = of.contains(&number);
        }
        self.links.loss.store(loss, Ordering::Relaxed);
    }
}

/// A machine that sends everything back.
fn echo() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("a bound port").port();
    thread::spawn(move || {
        for mut caller in listener.incoming().flatten() {
            thread::spawn(move || {
                let mut bytes = [0; CHUNK];
                while let Ok(read @ 1..) = caller.read(&mut bytes) {
                    if caller.write_all(&bytes[..read]).is_err() {
                        break;
                    }
                }
            });
        }
    });
    port
}

/// A relay between machine 0 and an echo, machine 1.
fn with_echo() -> Relay {
    let relay = Relay::start(2, 1);
    relay.runs_at(1, echo());
    relay
}

fn call(relay: &Relay) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", relay.port(0, 1))).expect("the relay listens");
    stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a time limit");
    stream
}

/// The bytes that come back before the connection ends.
fn sent_back(stream: &mut TcpStream, bytes: &[u8]) -> Vec<u8> {
    let mut answer = vec![0; bytes.len()];
    match stream.write_all(bytes).and_then(|()| stream.read_exact(&mut answer)) {
        Ok(()) => answer,
        Err(_) => Vec::new(),
    }
}

#[test]
fn bytes_arrive_whole_in_order_and_late() {
    let relay = with_echo();
    relay.delay(200);
    let bytes: Vec<u8> = (0..100_000u32).flat_map(u32::to_le_bytes).collect();
    let begun = Instant::now();
    assert!(sent_back(&mut call(&relay), &bytes) == bytes, "other bytes came back");
    assert!(begun.elapsed() >= Duration::from_millis(400), "both ways are delayed");
}

#[test]
fn parts_of_the_network_do_not_reach_each_other() {
    let relay = with_echo();
    let mut stream = call(&relay);
    assert_eq!(sent_back(&mut stream, b"before"), b"before");
    relay.divide(&[0, 1]);
    assert_eq!(sent_back(&mut stream, b"cut"), b"");
    assert_eq!(sent_back(&mut call(&relay), b"refused"), b"");
    relay.join();
    assert_eq!(sent_back(&mut call(&relay), b"again"), b"again");
}

#[test]
fn only_connections_of_machines_that_lose_lose() {
    let relay = with_echo();
    relay.lose(OF, &[]);
    assert_eq!(sent_back(&mut call(&relay), b"through"), b"through");
    relay.lose(OF, &[1]);
    let mut stream = call(&relay);
    stream.set_read_timeout(Some(Duration::from_secs(1))).expect("a time limit");
    assert_eq!(sent_back(&mut stream, b"lost"), b"");
    relay.lose(0, &[1]);
    assert_eq!(sent_back(&mut call(&relay), b"through"), b"through");
}

#[test]
fn a_seed_decides_which_chunks_are_lost() {
    let fates = |seed| (0..100_000).map(|number| drawn(seed, (0, 1, 1), 0, number, 100)).collect::<Vec<_>>();
    let count = |fate| fates(1).iter().filter(|found| **found == fate).count();
    assert_eq!(fates(1), fates(1));
    assert_ne!(fates(1), fates(2));
    for fate in [Fate::Lost, Fate::Cut] {
        assert!((300..=700).contains(&count(fate)), "{} of 100,000 are {fate:?}", count(fate));
    }
}
