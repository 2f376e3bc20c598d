//! Requests of customers, asked in the middle of a round's tasks.
//!
//! A miner that can tell a customer's request from a task answers tasks well and customers badly. So both go out
//! together, in the same form and at random places among the requests of a round. The plan is that of the tasks that
//! the subnet hides among customers' requests ([`Subnet::organic_kind`]). An answer to a customer is not judged; an
//! answer to a task that was made of another customer's request is.
//!
//! Customers and validator meet in a folder. `NAME.json` holds a request, in the form of the subnet or of
//! OpenAI-compatible clients; it is written under another name and then renamed, so that nobody reads half of it. Its
//! answer comes to `NAME.answer.json`, with the miner's signature; the request itself is kept as `NAME.json.asked`.
//! Both are removed with the texts of the epoch in which it was asked ([`clear_answered`]).

use std::{
    collections::{BTreeMap, VecDeque},
    fs::OpenOptions,
    io::{ErrorKind, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    time::SystemTime,
};

use myelin_wire::{answer::SignedAnswer, hash::to_hex, record::Reason, seed::challenge_id, ss58, AccountId};
use rand::{rngs::StdRng, seq::SliceRandom, Rng, SeedableRng};
use serde_json::{json, Value};

use super::ask::{question, AskError, Errand, Reachable, Received};
use crate::{
    evaluation::Outcome,
    subnet::{Subnet, TaskPlan},
};

/// Most requests that are read in a round.
const MOST: usize = 1_024;
/// Largest request in bytes, as axons accept it, and most bytes of all requests of a round together.
const MOST_BYTES: u64 = 1 << 20;
const ALL_BYTES: u64 = 64 << 20;
/// Miners that are tried before a customer gets the answer that there is none. A miner that is asked more than it can
/// do leaves up to half of its requests unanswered.
const ATTEMPTS: u8 = 8;
/// Ends of file names.
const REQUEST: &str = ".json";
const ANSWER: &str = ".answer.json";
const ASKED: &str = ".json.asked";
const UNFINISHED: &str = ".answer.json.part";

/// A folder in which customers leave requests.
pub(super) struct Inbox {
    folder: PathBuf,
    /// Number of times that each request still in the folder was asked.
    tried: BTreeMap<String, u8>,
}

/// Requests of customers in a round.
pub struct Customers<S: Subnet> {
    plan: Option<TaskPlan>,
    waiting: VecDeque<(usize, S::Request)>,
    names: Vec<String>,
    /// Miners that are good enough, by index.
    worthy: Vec<bool>,
    /// Tasks that miners which are good enough may still get in the round.
    places: usize,
    reference: [u8; 32],
    rng: StdRng,
    served: Vec<Received<S::Response>>,
}

impl<S: Subnet> Customers<S> {
    /// A round without requests of customers.
    pub fn none() -> Self {
        Self {
            plan: None,
            waiting: VecDeque::new(),
            names: Vec::new(),
            worthy: Vec::new(),
            places: 0,
            reference: rand::random(),
            rng: StdRng::from_os_rng(),
            served: Vec::new(),
        }
    }

    /// Begins a round, in which each miner gets so many tasks at most.
    pub(super) fn begin(&mut self, most: impl Fn(usize) -> usize) {
        let worthy = self.worthy.iter().enumerate().filter(|(_, worthy)| **worthy);
        self.places = worthy.map(|(miner, _)| most(miner)).sum();
    }

    /// Puts requests of customers between those of a round. Each task that a worthy miner may get is equally likely to
    /// have one beside it. So customers reach miners when and as often as tasks do, from the first task to the last.
    /// Those that were beside tasks which nobody had time for wait for the next round. Requests that are not `in_order`
    /// are shuffled.
    pub(super) fn mix(
        &mut self,
        tasks: Vec<Errand>,
        in_order: bool,
        validator: &AccountId,
    ) -> Result<Vec<Errand>, AskError> {
        let mut mixed = Vec::with_capacity(tasks.len());
        for task in tasks {
            let miner = task.miner;
            mixed.push(task);
            let Some(plan) = &self.plan else { continue };
            let is_worthy = self.worthy.get(miner) == Some(&true);
            if !is_worthy || !is_chosen(&mut self.places, self.waiting.len(), &mut self.rng) {
                continue;
            }
            let Some((index, request)) = self.waiting.pop_front() else { continue };
            let challenge = challenge_id(&self.reference, index as u16, validator);
            let body = question(&request, plan.commit.then_some(&challenge), self.rng.random())?;
            mixed.push(Errand { organic: true, ..Errand::of(plan, index, miner, challenge, body) });
            let last = mixed.len() - 1;
            if self.rng.random_bool(0.5) {
                mixed.swap(last - 1, last);
            }
        }
        if !in_order {
            mixed.shuffle(&mut self.rng);
        }
        Ok(mixed)
    }

    /// Adds an answer for a customer.
    pub(super) fn take(&mut self, received: Received<S::Response>) {
        self.served.push(received);
    }
}

/// Whether the next of so many places gets one of those who wait. Each place is equally likely to, and if all places
/// come, all who wait get one.
fn is_chosen(places: &mut usize, waiting: usize, rng: &mut impl Rng) -> bool {
    let place = rng.random_range(0..(*places).max(1));
    *places = places.saturating_sub(1);
    place < waiting
}

/// Removes answered requests of customers, and the answers, that were written before a time. Returns their number.
///
/// An answer that its customer has not taken by then is removed too. Requests that still wait stay, and so does
/// whatever is no file.
///
/// # Errors
/// The last file that could not be removed. All others are.
pub fn clear_answered(folder: &Path, before: SystemTime) -> std::io::Result<usize> {
    let mut removed = Ok(0);
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let stem = [ASKED, ANSWER, UNFINISHED].iter().find_map(|end| name.strip_suffix(end));
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        let Some(stem) = stem.filter(|_| is_file) else { continue };
        // The request has the time at which its customer wrote it; the answer says when it was asked.
        let answer = std::fs::metadata(folder.join(format!("{stem}{ANSWER}")));
        let Ok(written) = answer.or_else(|_| entry.metadata()).and_then(|found| found.modified()) else {
            continue;
        };
        if written <= before {
            match std::fs::remove_file(entry.path()) {
                Ok(()) => removed = removed.map(|count| count + 1),
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => removed = Err(error),
            }
        }
    }
    removed
}

fn too_large<R: serde::Serialize>(request: &R, limit: usize) -> bool {
    serde_json::to_vec(request).is_ok_and(|body| body.len() > limit)
}

impl Inbox {
    pub fn new(folder: PathBuf) -> Self {
        Self { folder, tried: BTreeMap::new() }
    }

    /// Reads the waiting requests. A file that is no request of the subnet is answered at once, with the defect.
    pub fn open<S: Subnet>(
        &mut self,
        subnet: &S,
        plan: TaskPlan,
        worthy: Vec<bool>,
    ) -> std::io::Result<Customers<S>> {
        let mut customers = Customers::none();
        if !worthy.contains(&true) {
            return Ok(customers);
        }
        let mut left = ALL_BYTES;
        for name in self.names()? {
            let length = std::fs::metadata(self.folder.join(&name)).map_or(0, |found| found.len());
            let Some(rest) = left.checked_sub(length.min(MOST_BYTES)) else { break };
            left = rest;
            match self.read(&name).map(|body| subnet.organic(&body)) {
                Ok(Some(request)) if too_large(&request, subnet.request_limit()) => {
                    let limit = subnet.request_limit();
                    self.close(&name, &refusal(&format!("a round takes requests of up to {limit} bytes")))?
                }
                Ok(Some(request)) => {
                    customers.waiting.push_back((customers.names.len(), request));
                    customers.names.push(name);
                }
                Ok(None) => {
                    self.close(&name, &refusal("this is no request of the subnet, or one beyond its limits"))?
                }
                Err(found) => self.close(&name, &refusal(&found))?,
            }
        }
        customers.waiting.make_contiguous().shuffle(&mut customers.rng);
        (customers.plan, customers.worthy) = (Some(plan), worthy);
        Ok(customers)
    }

    /// Writes the answers for customers. A request without an answer is asked again, up to [`ATTEMPTS`] times in all.
    pub fn answer<S: Subnet>(
        &mut self,
        customers: Customers<S>,
        miners: &[Reachable],
    ) -> std::io::Result<()> {
        for received in customers.served {
            let Some(name) = customers.names.get(received.task) else { continue };
            let Some(miner) = miners.get(received.delivery.miner).map(|reachable| reachable.miner) else {
                continue;
            };
            let answer = match &received.delivery.outcome {
                Outcome::Answered(response) => json!({
                    "uid": miner.uid,
                    "hotkey": ss58::encode(&miner.hotkey),
                    "response": response,
                    "milliseconds": received.delivery.latency.start_ms(),
                    "receipt": received.signed.map(|signed| receipt(&signed)),
                    "asked": String::from_utf8_lossy(&received.request),
                    "answered": received.answer.as_deref().map(String::from_utf8_lossy),
                }),
                Outcome::Failed(reason) => {
                    let tried = self.tried.entry(name.clone()).or_default();
                    *tried += 1;
                    if *tried < ATTEMPTS {
                        continue;
                    }
                    refusal(&failure(*reason))
                }
            };
            self.close(name, &answer)?;
        }
        Ok(())
    }

    fn names(&mut self) -> std::io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&self.folder)? {
            let Ok(name) = entry?.file_name().into_string() else { continue };
            if name.ends_with(REQUEST) && !name.ends_with(ANSWER) {
                names.push(name);
            }
        }
        names.sort();
        self.tried.retain(|name, _| names.binary_search(name).is_ok());
        names.truncate(MOST);
        Ok(names)
    }

    /// Reads a request from a plain file. Opening a named pipe would wait for whoever writes to it, and hold the round
    /// up, so the file is opened without waiting.
    fn read(&self, name: &str) -> Result<Value, String> {
        let mut text = Vec::new();
        let mut options = OpenOptions::new();
        let file = options.read(true).custom_flags(libc::O_NONBLOCK).open(self.folder.join(name));
        let file = file.map_err(|error| error.to_string())?;
        if !file.metadata().is_ok_and(|found| found.is_file()) {
            return Err("the request is no plain file; leave it as one".into());
        }
        let length = file.take(MOST_BYTES + 1).read_to_end(&mut text).map_err(|error| error.to_string())?;
        if length as u64 > MOST_BYTES {
            return Err(format!("the request is longer than {MOST_BYTES} bytes; ask for less"));
        }
        serde_json::from_slice(&text).map_err(|error| format!("the request is not JSON: {error}"))
    }

    /// Removes what was answered before a time ([`clear_answered`]).
    pub fn clear(&self, before: SystemTime) -> std::io::Result<usize> {
        match self.folder.exists() {
            true => clear_answered(&self.folder, before),
            false => Ok(0),
        }
    }

    /// Writes an answer, whole or not at all, and puts the request aside.
    fn close(&mut self, name: &str, answer: &Value) -> std::io::Result<()> {
        let stem = name.strip_suffix(REQUEST).unwrap_or(name);
        let path = self.folder.join(format!("{stem}{ANSWER}"));
        let unfinished = self.folder.join(format!("{stem}{UNFINISHED}"));
        // A new file: what another process left under its name may be a named pipe, or a link to another file.
        match std::fs::remove_file(&unfinished) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = OpenOptions::new().write(true).create_new(true).open(&unfinished)?;
        file.write_all(answer.to_string().as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&unfinished, path)?;
        self.tried.remove(name);
        match std::fs::rename(self.folder.join(name), self.folder.join(format!("{stem}{ASKED}"))) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

fn refusal(found: &str) -> Value {
    json!({ "error": found })
}

fn failure(reason: Reason) -> String {
    format!("{ATTEMPTS} miners were asked, and the last one gave no answer ({reason:?}); leave the request again later")
}

/// Proof for anybody that the miner gave this answer to this request, with the model that it declares.
fn receipt(signed: &SignedAnswer) -> Value {
    let model = signed.claim.declared_model().map(|model| to_hex(&model));
    json!({ "claim": to_hex(&signed.claim.payload()), "signature": to_hex(&signed.signature), "model": model })
}

#[cfg(test)]
mod tests {
    use std::{process::Command, sync::mpsc, time::Duration};

    use super::*;

    #[test]
    fn each_place_of_a_round_is_equally_likely_to_get_a_customer() {
        let mut rng = StdRng::seed_from_u64(5);
        let mut quarters = [0; 4];
        for _ in 0..400 {
            let (mut places, mut waiting) = (100, 20);
            for quarter in (0..100).map(|place| place / 25) {
                if is_chosen(&mut places, waiting, &mut rng) {
                    waiting -= 1;
                    quarters[quarter] += 1;
                }
            }
            assert_eq!((places, waiting), (0, 0), "all get a place");
        }
        // 2,000 expected in each, with a deviation of 35.
        assert!(quarters.iter().all(|count| (1_850..2_150).contains(count)), "{quarters:?}");
        let (mut places, waiting) = (2, 9);
        assert!((0..4).all(|_| is_chosen(&mut places, waiting, &mut rng)), "more wait than there are places");
    }

    #[test]
    fn named_pipes_are_refused_and_hold_nobody_up() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let pipe = |name: &str| assert!(Command::new("mkfifo").arg(path(name)).status().unwrap().success());
        pipe("pipe.json");
        pipe("plain.answer.json.part");
        std::os::unix::fs::symlink("/dev/zero", path("device.json")).unwrap();
        std::fs::write(path("plain.json"), "7").unwrap();
        let mut inbox = Inbox::new(folder.path().into());
        let (sender, found) = mpsc::channel();
        std::thread::spawn(move || {
            let read = ["pipe.json", "device.json", "plain.json"].map(|name| inbox.read(name));
            let closed = ["pipe.json", "plain.json"].map(|name| inbox.close(name, &refusal("no")).is_ok());
            sender.send((read, closed))
        });
        let ([pipe, device, plain], closed) =
            found.recv_timeout(Duration::from_secs(60)).expect("no waiting");
        assert!([pipe, device].iter().all(|read| read.as_ref().is_err_and(|why| why.contains("plain file"))));
        assert_eq!((plain, closed), (Ok(json!(7)), [true; 2]));
        assert_eq!(std::fs::read_to_string(path("plain.answer.json")).unwrap(), refusal("no").to_string());
        assert!(path("pipe.json.asked").exists() && !path("pipe.json").exists());
    }
}
