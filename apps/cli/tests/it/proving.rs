//! A subnet that demands proof: a validator that is killed between commit and reveal, its evidence in the hands of
//! others, and a validator that denies a miner's answers.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use myelin_abi::calls::admin::SudoSetTempo;
use myelin_abi::{Account, EvidenceRoot, ProofHistory};
use myelin_chain_client::ChainClient;
use myelin_subnet::contest::denies_answer;
use myelin_subnet::evidence::EvidenceFolder;
use myelin_wallet::Keypair;
use myelin_wire::hash::to_hex;
use myelin_wire::record::{miner_digest, Ppm, Reason, Record};
use myelin_wire::ss58;
use myelin_yuma::proven::History;
use serde_json::{json, Value};

use super::evidence::verdict;
use super::harness::Network;
use super::judging::{log, Process};
use super::ports::free_port;
use super::text;

/// Longest time for any expected event.
const PATIENCE: Duration = Duration::from_secs(240);
/// Blocks of an epoch.
const TEMPO: u16 = 60;
/// Epochs within which all three validators judge in one. On a busy machine they are late for some.
const EPOCHS: usize = 16;
/// Requests that tell a validator's claims from chance.
const ENOUGH: usize = 12;

/// The miner.
const MINER: &str = "//Charlie_hk";
/// Validators beside //Bob, with their hotkeys and data folders. The first denies answers.
const OTHERS: [(&str, &str, &str); 2] = [("//Dave", "//Dave_hk", "denies"), ("//Eve", "//Eve_hk", "agrees")];

/// A subnet of //Alice that demands proof, with the validators //Bob, //Dave and //Eve, and the miner //Charlie. At
/// first //Bob alone judges.
struct Scene<'a> {
    validator: Option<Process>,
    others: Vec<Process>,
    _miner: Process,
    evidence_port: String,
    uid: String,
    uid_of_liar: u64,
    chain: ChainClient,
    runtime: tokio::runtime::Runtime,
    folder: &'a Path,
    /// It goes down last.
    net: Network<'a>,
}

fn by<'a>(who: &'a str, hotkey: &'a str, arguments: &[&'a str]) -> Vec<&'a str> {
    [arguments, &["-n", "2", "-w", who, "-k", hotkey, "--wait", "inclusion", "--yes", "--json"]].concat()
}

impl<'a> Scene<'a> {
    fn set(folder: &'a Path) -> Self {
        let net = Network::up(folder);
        net.open_freeze_window();
        net.ok(&["subnet", "create", "-w", "//Alice", "-k", "//owner_hk", "--yes", "--json"]);
        let owner = |arguments: &[&str]| net.ok(&by("//Alice", "//owner_hk", arguments));
        owner(&["subnet", "start"]);
        owner(&["subnet", "set", "weights_rate_limit", "0", "--root"]);
        owner(&["subnet", "evidence", "demand", "--answers", "1"]);
        let uid = net.ok(&by("//Bob", "//Bob_hk", &["subnet", "register"]))["uid"].to_string();
        net.ok(&by("//Bob", "//Bob_hk", &["stake", "add", "--amount", "500", "--no-limit"]));
        let uids = OTHERS.map(|(who, hotkey, _)| {
            let uid = net.ok(&by(who, hotkey, &["subnet", "register"]))["uid"].as_u64();
            net.ok(&by(who, hotkey, &["stake", "add", "--amount", "500", "--no-limit"]));
            uid.expect("a number")
        });
        net.ok(&by("//Charlie", MINER, &["subnet", "register"]));
        let port = free_port().to_string();
        let mine = ["miner", "run", "-n", "2", "--kind", "analysis", "--ip", "127.0.0.2", "--port", &port];
        let own = ["-w", "//Charlie", "-k", MINER, "--data", "miner"];
        let miner = Process::start(&net, folder, "mines", &[&mine[..], &own].concat());
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let chain = runtime.block_on(ChainClient::connect(&net.endpoint)).expect("connected");
        let evidence_port = free_port().to_string();
        let mut scene = Self {
            validator: None,
            others: Vec::new(),
            _miner: miner,
            evidence_port,
            uid,
            uid_of_liar: uids[0],
            chain,
            runtime,
            folder,
            net,
        };
        scene.start_validator();
        scene.until("permits", || {
            let graph = scene.runtime.block_on(scene.chain.metagraph(2, None)).expect("a metagraph");
            let has = |hotkey: &str| {
                graph.by_hotkey(&account(hotkey)).is_some_and(|neuron| neuron.validator_permit)
            };
            has("//Bob_hk") && OTHERS.iter().all(|(_, hotkey, _)| has(hotkey))
        });
        scene.net.as_root(&SudoSetTempo { netuid: 2, tempo: TEMPO });
        scene
    }

    fn start_validator(&mut self) {
        let judge = ["validator", "run", "-n", "2", "--kind", "analysis", "--data", "validator"];
        let own = ["-w", "//Bob", "-k", "//Bob_hk", "--evidence-ip", "127.0.0.3", "--evidence-port"];
        let all = [&judge[..], &own, &[&self.evidence_port]].concat();
        self.validator = Some(Process::start(&self.net, self.folder, "judges", &all));
    }

    fn start_others(&mut self) {
        let start = |(who, hotkey, data): (&str, &str, &str)| {
            let judge = ["validator", "run", "-n", "2", "--kind", "analysis", "--data", data];
            Process::start(&self.net, self.folder, data, &[&judge[..], &["-w", who, "-k", hotkey]].concat())
        };
        self.others = OTHERS.into_iter().map(start).collect();
    }

    fn evidence(&self) -> EvidenceFolder {
        self.evidence_in("validator")
    }

    fn evidence_in(&self, data: &str) -> EvidenceFolder {
        EvidenceFolder { path: self.folder.join(data).join("evidence"), keep: usize::MAX }
    }

    fn until(&self, what: &str, mut is_so: impl FnMut() -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !is_so() {
            let read = |name| std::fs::read_to_string(log(self.folder, name)).unwrap_or_default();
            let logs = || ["mines", "judges", OTHERS[0].2, OTHERS[1].2].map(read).join("\n");
            assert!(Instant::now() < deadline, "{what} did not come\n{}", logs());
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    fn of_validator<T: codec::Decode + Default>(&self, item: &'static str) -> T {
        self.of_hotkey(item, "//Bob_hk")
    }

    fn of_hotkey<T: codec::Decode + Default>(&self, item: &'static str, hotkey: &str) -> T {
        let hotkey = account(hotkey);
        let keys = [2u16.into(), (&hotkey).into()];
        let read = self.chain.storage("SubtensorModule", item, &keys, None);
        self.runtime.block_on(read).expect("an answer").unwrap_or_default()
    }

    fn epoch(&self) -> u64 {
        let keys = [2u16.into()];
        let read = self.chain.storage("SubtensorModule", "SubnetEpochIndex", &keys, None);
        self.runtime.block_on(read).expect("an answer").unwrap_or_default()
    }

    /// The last epoch of which the validator committed to a root.
    fn committed(&self) -> Option<u64> {
        let roots: Vec<EvidenceRoot<Account>> = self.of_validator("EvidenceRoots");
        roots.last().map(|root| root.epoch)
    }

    /// Kills the validator after its commitment in an epoch and before the end of the epoch. Returns the epoch.
    fn kill_before_reveal(&mut self) -> u64 {
        let mut last = None;
        for _ in 0..5 {
            self.until("a commitment", || self.committed() > last);
            last = self.committed();
            self.validator = None;
            let is_early = Some(self.epoch()) == last;
            self.start_validator();
            if is_early {
                return last.expect("a root");
            }
        }
        panic!("it was never killed before the end of an epoch in which it had committed");
    }

    /// The root of a validator for an epoch.
    fn root(&self, hotkey: &str, epoch: u64) -> Option<[u8; 32]> {
        let roots: Vec<EvidenceRoot<Account>> = self.of_hotkey("EvidenceRoots", hotkey);
        roots.into_iter().rev().find(|root| root.epoch == epoch).map(|root| root.root)
    }

    /// Waits for the end of an epoch, and denies the miner's answers in the records of //Dave as soon as they are
    /// there. Its validator commits to what it finds in its folder.
    fn lie_through(&self, epoch: u64) {
        self.until("the end of an epoch", || {
            deny(&self.evidence_in(OTHERS[0].2), epoch);
            self.epoch() > epoch
        });
    }

    /// Whether all three validators committed to an epoch in which they asked the miner, and //Dave to its lies. The
    /// rule of claims leaves one of its rounds out, so the others must be enough. On a busy machine the miner may be
    /// late for all, and then nobody stands alone.
    fn is_framed(&self, epoch: u64) -> bool {
        let (_, liar, data) = OTHERS[0];
        let folder = self.evidence_in(data);
        let tree = folder.tree(2, epoch, account(liar).0);
        let lied = tree.is_ok_and(|held| self.root(liar, epoch) == Some(held.tree.root()));
        let honest = [("//Bob_hk", "validator"), (OTHERS[1].1, OTHERS[1].2)];
        let asked = |(hotkey, data): (&str, &str)| {
            let counts = self.counts(data, epoch);
            let (asked, denied) = counts.iter().fold((0, 0), |sum, count| (sum.0 + count.0, sum.1 + count.1));
            self.root(hotkey, epoch).is_some() && asked >= ENOUGH && 2 * denied < asked
        };
        let counts = self.counts(data, epoch);
        let most = counts.iter().map(|count| count.0).max().unwrap_or_default();
        let kept = counts.iter().map(|count| count.0).sum::<usize>() - most;
        lied && kept >= ENOUGH && honest.into_iter().all(asked)
    }

    /// Requests to the miner in each round of an epoch, and those of them that got no answer, by a validator's records.
    fn counts(&self, data: &str, epoch: u64) -> Vec<(usize, usize)> {
        let folder = self.evidence_in(data);
        let miner = miner_digest(&account(MINER).0);
        let count = |round| {
            let records = folder.records(epoch, round).unwrap_or_default();
            let of_miner = records.iter().filter(|record| record.miner == miner);
            (of_miner.clone().count(), of_miner.filter(|record| denies_answer(record)).count())
        };
        folder.rounds(epoch).into_iter().map(count).collect()
    }

    fn is_proven(&self, epoch: u64) -> bool {
        let history = History::from(self.of_validator::<ProofHistory>("ProofHistories"));
        let age = history.latest.checked_sub(epoch).and_then(|age| u32::try_from(age).ok());
        age.and_then(|age| history.proven.checked_shr(age)).is_some_and(|bits| bits & 1 == 1)
    }
}

fn account(uri: &str) -> Account {
    Account(Keypair::from_uri(uri).expect("a key").public())
}

#[test]
fn a_validator_that_was_killed_before_its_reveal_proves_its_weights_and_others_check_its_evidence() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut scene = Scene::set(folder.path());
    let epoch = scene.kill_before_reveal();
    scene.start_others();
    scene.lie_through(epoch + 1);
    scene.until("the proof of what was committed to before", || scene.is_proven(epoch + 1));
    let fetched = anybody_fetches(&scene, epoch);
    let found = verdict(&scene.net, &["--epoch", &(epoch + 1).to_string(), "--evidence", &fetched]);
    let of = &found["evidence"][0];
    assert_eq!((&of["epoch"], &of["roots"], &of["public_part"]), (&epoch.into(), &1.into(), &true.into()));
    assert!(found["different"] == 0 && of["faults"] == serde_json::json!([]), "{found}");
    assert!(of["weights"].as_u64() > Some(0), "{found}");
    a_lie_in_a_copy_is_named(&scene, Path::new(&fetched), epoch);
    weights_that_a_folder_hides_are_named(&scene, Path::new(&fetched), epoch);
    tasks_are_drawn_again(&scene, epoch);
    a_miner_contests_a_lie(&scene, epoch);
    claims_that_stand_alone_are_named(&scene);
    a_source_that_never_was_stops_no_check(&scene, epoch);
    evidence_of_a_swapped_key_is_checked(&mut scene);
}

/// Fetches the public part of the epoch, and returns its folder.
fn anybody_fetches(scene: &Scene<'_>, epoch: u64) -> String {
    let out = scene.folder.join("fetched").display().to_string();
    let number = epoch.to_string();
    let fetch = ["evidence", "fetch", "-n", "2", "--epoch", &number, "--validator", &scene.uid];
    let fetch = [&fetch[..], &["--out", &out, "--json"]].concat();
    let mut said = Value::Null;
    // The validator may have read the chain a moment before.
    scene.until("the evidence", || {
        let output = scene.net.run(&fetch);
        let is_there = output.status.success();
        if is_there {
            said = super::json(&output);
        }
        is_there
    });
    assert_eq!((said["from_uid"].to_string(), &said["held"]), (scene.uid.clone(), &false.into()), "{said}");
    let rounds = scene.evidence().rounds(epoch);
    assert_eq!(said["rounds"].as_u64(), Some(rounds.len() as u64), "{said}");
    let why = scene.net.refused(&fetch);
    assert!(why.contains("already"), "{why}");
    let why = scene.net.refused(&["evidence", "replay", &out]);
    assert!(why.contains("is the public part of the evidence"), "{why}");
    out
}

/// Changes the first record of an epoch that is wanted.
fn change(
    folder: &EvidenceFolder,
    epoch: u64,
    is_wanted: impl Fn(&Record) -> bool,
    change: impl FnOnce(&mut Record),
) {
    for round in folder.rounds(epoch) {
        let mut records = folder.records(epoch, round).expect("records");
        let Some(wanted) = records.iter_mut().find(|record| is_wanted(record)) else { continue };
        change(wanted);
        return folder.write_records(epoch, round, records.iter()).expect("written");
    }
    panic!("no record of epoch {epoch} is wanted");
}

/// A copy of an epoch.
fn copied(from: &Path, to: PathBuf, epoch: u64) -> EvidenceFolder {
    std::fs::create_dir(&to).expect("a folder");
    let copy = Command::new("cp").arg("-r").arg(from.join(format!("epoch-{epoch:06}"))).arg(&to).status();
    assert!(copy.expect("cp starts").success());
    EvidenceFolder { path: to, keep: usize::MAX }
}

/// Copies of the public part and of the whole evidence, each with another score, are refused for what was changed.
fn a_lie_in_a_copy_is_named(scene: &Scene<'_>, fetched: &Path, epoch: u64) {
    let (of, own) = ((epoch + 1).to_string(), scene.evidence().path);
    for (from, to, named) in [
        (fetched, "lying-part", "are not those under the root: some were changed, added or left out"),
        (&own, "lying-whole", "its files were changed"),
    ] {
        let copy = copied(from, scene.folder.join(to), epoch);
        change(
            &copy,
            epoch,
            |_| true,
            |record| record.score = if record.score == Ppm::ONE { Ppm::ZERO } else { Ppm::ONE },
        );
        let place = copy.path.display().to_string();
        let verify = ["evidence", "verify", "-n", "2", "--epoch", &of, "--evidence", &place];
        let why = scene.net.refused(&[&verify[..], &["--kind", "analysis", "--full"]].concat());
        let first = why.lines().find(|line| line.contains("values do not follow, first: mechanism 0"));
        assert!(first.is_some_and(|first| first.contains(named)), "{to}: {why}");
    }
}

/// No root covers the file of weights. One that says that nothing was submitted is compared all the same, and one that
/// is not there is missed.
fn weights_that_a_folder_hides_are_named(scene: &Scene<'_>, fetched: &Path, epoch: u64) {
    let (of, own) = ((epoch + 1).to_string(), scene.evidence().path);
    for (from, to) in [(fetched, "hiding-part"), (&own, "hiding-whole")] {
        let copy = copied(from, scene.folder.join(to), epoch);
        let place = copy.path.display().to_string();
        let verify =
            ["evidence", "verify", "-n", "2", "--epoch", &of, "--evidence", &place, "--kind", "analysis"];
        let mut kept = copy.weights(epoch).expect("weights").remove(0);
        kept.submitted = false;
        kept.weights.uids.iter_mut().for_each(|uid| *uid += 1);
        copy.write_weights(epoch, &kept).expect("written");
        let why = scene.net.refused(&verify);
        assert!(why.contains("on the chain, and"), "{to}: {why}");
        std::fs::remove_file(copy.path.join(format!("epoch-{epoch:06}/weights-00"))).expect("it was there");
        let why = scene.net.refused(&verify);
        assert!(why.contains("weights in this epoch, and the folder names none"), "{to}: {why}");
    }
}

/// A round that names a block to come as its source is at fault, and the rounds are judged all the same.
fn a_source_that_never_was_stops_no_check(scene: &Scene<'_>, epoch: u64) {
    let copy = copied(&scene.evidence().path, scene.folder.join("lying-source"), epoch);
    let round = copy.rounds(epoch)[0];
    let file = copy.path.join(format!("epoch-{epoch:06}/round-{round:02}.tasks"));
    let mut tasks: Value = serde_json::from_slice(&std::fs::read(&file).expect("tasks")).expect("JSON");
    tasks["source"]["block"] = 1_000_000_000.into();
    std::fs::write(&file, tasks.to_string()).expect("written");
    let (of, place) = ((epoch + 1).to_string(), copy.path.display().to_string());
    let verify =
        ["evidence", "verify", "-n", "2", "--epoch", &of, "--evidence", &place, "--kind", "analysis"];
    let why = scene.net.refused(&[&verify[..], &["--full"]].concat());
    assert!(why.contains(&format!("round {round} cannot be drawn from its block")), "{why}");
    assert!(why.contains("values do not follow"), "{why}");
}

/// The chain files the root of a swapped hotkey under the new one, where its evidence is still found.
fn evidence_of_a_swapped_key_is_checked(scene: &mut Scene<'_>) {
    let before = scene.committed();
    scene.until("a new commitment", || scene.committed() > before);
    let epoch = scene.committed().expect("a root");
    scene.validator = None;
    let swap = ["wallet", "swap-hotkey", "//Bob_hk2", "-w", "//Bob", "-k", "//Bob_hk", "-n", "2"];
    scene.net.ok(&[&swap[..], &["--wait", "inclusion", "--yes", "--json"]].concat());
    scene.until("the end of the next epoch", || scene.epoch() > epoch + 1);
    let place = scene.evidence().path.display().to_string();
    let found = verdict(
        &scene.net,
        &["--epoch", &(epoch + 1).to_string(), "--evidence", &place, "--kind", "analysis"],
    );
    let held = &found["evidence"][0];
    assert_eq!((&held["epoch"], &held["roots"]), (&epoch.into(), &1.into()), "{found}");
    assert_eq!(held["faults"], json!([]), "{found}");
}

/// An auditor with the validator's secret draws the same tasks, and one with another secret is told so.
fn tasks_are_drawn_again(scene: &Scene<'_>, epoch: u64) {
    let place = scene.evidence().path.display().to_string();
    let secret = scene.folder.join("validator/tasks.secret").display().to_string();
    let (number, of) = (epoch.to_string(), (epoch + 1).to_string());
    let options = ["--kind", "analysis", "--secret", &secret];
    let verify = ["--epoch", &of, "--evidence", &place, "--full"];
    let found = verdict(&scene.net, &[&verify[..], &options].concat());
    let held = &found["evidence"][0];
    assert!(held["drawn"].as_u64() > Some(0) && held["public_part"] == false, "{found}");
    assert_eq!((&held["faults"], &found["different"]), (&serde_json::json!([]), &0.into()), "{found}");

    let replay = ["evidence", "replay", &place, "--epoch", &number, "--json"];
    let found = scene.net.ok(&[&replay[..], &options].concat());
    let tasks = found["tasks"].as_array().expect("tasks");
    let drawn: u64 = tasks.iter().filter_map(|round| round["drawn"].as_u64()).sum();
    assert!(drawn > 0 && tasks.iter().all(|round| round["faults"] == serde_json::json!([])), "{found}");
    let other = scene.folder.join("other.secret");
    std::fs::write(&other, "22".repeat(32)).expect("written");
    let other = other.display().to_string();
    let why = scene.net.refused(&[&replay[..], &["--kind", "analysis", "--secret", &other]].concat());
    assert!(why.contains("are not those that their seeds draw"), "{why}");
}

/// Reference of a seed that nobody drew.
const UNDRAWN: [u8; 32] = [7; 32];

/// Denies all answers of the miner in the records of an epoch that say that it gave one. The first record of each round
/// then names a seed that nobody drew.
fn deny(folder: &EvidenceFolder, epoch: u64) {
    let miner = miner_digest(&account(MINER).0);
    for round in folder.rounds(epoch) {
        let mut records = folder.records(epoch, round).expect("records");
        let answered = |record: &Record| record.miner == miner && !denies_answer(record);
        if !records.iter().any(answered) {
            continue;
        }
        records.iter_mut().filter(|record| answered(record)).for_each(|record| *record = denied(record));
        records[0].seed = UNDRAWN;
        folder.write_records(epoch, round, records.iter()).expect("written");
    }
}

/// The record of an answer, as if it had not come in time.
fn denied(record: &Record) -> Record {
    let (reason, score, parts) = (Reason::Late, Ppm::ZERO, Vec::new());
    Record { reason, score, parts, answer: [0; 32], signed: false, ..record.clone() }
}

/// One validator of three denies all answers of the miner in an epoch that has not ended, and the records of the others
/// say that they got theirs. An auditor with the evidence that //Bob has and holds finds that, and so do readers.
fn claims_that_stand_alone_are_named(scene: &Scene<'_>) {
    let later = |epoch: &u64| {
        scene.lie_through(*epoch);
        scene.is_framed(*epoch)
    };
    let epoch =
        (scene.epoch()..).take(EPOCHS).find(later).expect("an epoch in which all three validators judged");
    let held = scene.evidence().held();
    let has = |hotkey: &str| scene.evidence().held_of(&account(hotkey).0).epochs().contains(&epoch);
    scene.until("the evidence of the others", || OTHERS.iter().all(|(_, hotkey, _)| has(hotkey)));
    let (own, held) = (scene.evidence().path.display().to_string(), held.display().to_string());
    let (of, number) = ((epoch + 1).to_string(), epoch.to_string());
    let with = ["--evidence", &own, "--others", &held];

    let verify = [&["--epoch", &of, "--kind", "analysis"][..], &with].concat();
    let found = verdict(&scene.net, &verify);
    let claims = &found["claims"];
    assert_eq!((&found["different"], &found["evidence"][0]["faults"]), (&0.into(), &json!([])), "{found}");
    assert_eq!((&claims["epoch"], &claims["pairs"]), (&epoch.into(), &3.into()), "{claims}");
    assert_eq!((claims["validators"].as_array().map(Vec::len), &claims["left_out"]), (Some(3), &json!([])));
    let [alone] = &claims["alone"].as_array().expect("a list")[..] else {
        let counts = ["validator", OTHERS[0].2, OTHERS[1].2].map(|data| scene.counts(data, epoch));
        panic!("one stands alone: {claims}, asked and denied in each round: {counts:?}")
    };
    let miner = scene.runtime.block_on(scene.chain.uid(2, &account(MINER))).expect("an answer");
    assert_eq!(alone["validator_uid"], scene.uid_of_liar, "{claims}");
    assert_eq!(alone["miner_uid"].as_u64(), miner.map(u64::from), "{claims}");
    let count = |field: &str| alone[field].as_u64().expect("a number");
    assert!(count("asked") == count("denied") && count("denied") >= 12 && count("others") == 2, "{claims}");
    assert!(alone["chance"].as_f64().is_some_and(|chance| chance < 0.001), "{claims}");
    assert!(count("received") > 0, "{claims}");
    // The miner's root is over the answers that were denied, too.
    assert!(count("miner_signed") > count("received") && alone["miner_says_away"] == false, "{claims}");

    let output = scene.net.run(&[&["evidence", "verify", "-n", "2"][..], &verify].concat());
    let shown = text(&output.stdout);
    assert!(output.status.success(), "it is no broken proof: {shown} {}", text(&output.stderr));
    let named = format!(
        "uid {} says that miner {} gave no answer to {asked} of {asked} requests; 2 others say so of ",
        scene.uid_of_liar,
        count("miner_uid"),
        asked = count("asked")
    );
    assert!(
        shown.contains(&named) && shown.contains("a broken line between the two looks the same"),
        "{shown}"
    );
    assert!(shown.contains("3 validators compared on 3 pairs, and 1 stand alone"), "{shown}");
    readers_see_it(scene, &number, &with, alone);
    a_file_shows_the_lie_to_others(scene, &of);
}

/// Records of //Dave name a seed that nobody drew. A file shows that to somebody who has neither the folder nor a node.
fn a_file_shows_the_lie_to_others(scene: &Scene<'_>, of: &str) {
    let (_, liar, data) = OTHERS[0];
    let (own, file) = (scene.evidence_in(data).path.display().to_string(), scene.folder.join("lie.json"));
    let file = file.to_str().expect("a path");
    let verify = ["evidence", "verify", "-n", "2", "--epoch", of, "--evidence", &own, "--kind", "analysis"];
    let found = scene.net.refused(&[&verify[..], &["--write", file]].concat());
    let undrawn = format!("no proof of seed {}", to_hex(&UNDRAWN));
    assert!(found.contains(&undrawn), "{found}");
    let apart = tempfile::tempdir().expect("a folder");
    let nobody = Network::at(apart.path(), "ws://127.0.0.1:1".into());
    let shown = nobody.refused(&["evidence", "verify", "--from", file, "--kind", "analysis"]);
    let validator = ss58::encode(&account(liar).0);
    assert!(
        shown.contains(&format!("first: validator {validator}: round")) && shown.contains(&undrawn),
        "{shown}"
    );
}

/// The report has the same finding, as JSON and as a page.
fn readers_see_it(scene: &Scene<'_>, epoch: &str, with: &[&str], alone: &Value) {
    let report = [&["evidence", "report", "-n", "2", "--epoch", epoch][..], with].concat();
    let found = scene.net.ok(&[&report[..], &["--json"]].concat());
    let sections = found["sections"].as_array().expect("sections");
    let all = |field: &'static str| {
        sections.iter().flat_map(move |section| section[field].as_array().into_iter().flatten())
    };
    let value = |id: &str| &all("facts").find(|fact| fact["id"] == id).expect("a statement")["value"];
    assert_eq!((value("claims.alone"), value("claims.pairs")), (&1.into(), &3.into()), "{found}");
    assert_eq!(value("claims.left_out"), &json!([]), "{found}");
    let table = all("tables").find(|table| table["id"] == "claims").expect("a table");
    let [row] = &table["rows"].as_array().expect("rows")[..] else { panic!("one row: {table}") };
    for (cell, field) in [
        ("validator", "validator_uid"),
        ("miner", "miner_uid"),
        ("asked", "asked"),
        ("denied", "denied"),
        ("signed", "miner_signed"),
        ("received", "received"),
    ] {
        assert_eq!(row["cells"][cell]["value"], alone[field], "{cell}: {table}");
    }

    let out = scene.folder.join("claims.html").display().to_string();
    let output = scene.net.run(&[&report[..], &["--out", &out]].concat());
    assert!(output.status.success(), "{}", text(&output.stderr));
    let page = std::fs::read_to_string(&out).expect("a page");
    let caption = format!(
        "Claims of epoch {epoch} that a miner gave no answer, which the other validators do not make"
    );
    let [validator, miner, asked, denied] =
        ["validator_uid", "miner_uid", "asked", "denied"].map(|field| alone[field].to_string());
    let cells = [miner, asked, denied].map(|value| format!("<td class=\"number\">{value}</td>")).concat();
    let row = format!("<th scope=\"row\">{validator}</th>{cells}");
    assert!(page.contains(&caption) && page.contains(&row), "{row}: {page}");
}

/// The validator denies an answer that it has, and signs that to the miner, which has it under its root.
fn a_miner_contests_a_lie(scene: &Scene<'_>, epoch: u64) {
    let miner = miner_digest(&account("//Charlie_hk").0);
    let answered = |record: &Record| record.signed && record.miner == miner;
    change(&scene.evidence(), epoch, answered, |record| *record = denied(record));
    let file = scene.folder.join("contest.json").display().to_string();
    let number = epoch.to_string();
    let scores =
        ["miner", "scores", "-n", "2", "--kind", "analysis", "-w", "//Charlie", "-k", "//Charlie_hk"];
    let contest = ["--epoch", &number, "--rounds", "600", "--data", "miner", "--contest", &file];
    let contest = [&scores[..], &contest].concat();
    scene.net.ok(&[&contest[..], &["--json"]].concat());
    let found = scene.net.ok(&["evidence", "contest", &file, "--json"]);
    let record = &found["records"][0];
    assert_eq!((&found["holds"], &record["reason"]), (&true.into(), &"late".into()), "{found}");
    assert_eq!((record["validator_uid"].to_string(), &record["epoch"]), (scene.uid.clone(), &epoch.into()));
    assert!(record["root_block"].as_u64() > Some(0), "{found}");
    let why = scene.net.refused(&contest);
    assert!(why.contains("is there already"), "{why}");
    // Another one's objection is not this miner's.
    let whole = std::fs::read_to_string(&file).expect("a file");
    let [own, other] = ["//Charlie_hk", "//Dave_hk"].map(|uri| to_hex(&account(uri).0));
    assert!(whole.contains(&own), "{whole}");
    std::fs::write(&file, whole.replace(&own, &other)).expect("written");
    let why = scene.net.refused(&["evidence", "contest", &file]);
    assert!(why.contains("is not signed by the validator that the file names"), "{why}");
}
