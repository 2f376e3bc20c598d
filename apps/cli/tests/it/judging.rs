//! One process judges several subnets, one mines them, and submitted artefacts are paid beside served answers.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use myelin_abi::calls::admin::{
    SudoSetAdminFreezeWindow, SudoSetCommitRevealWeightsEnabled, SudoSetMaxAllowedUids,
    SudoSetMechanismCount, SudoSetSubnetEmissionEnabled, SudoSetTempo,
};
use myelin_abi::calls::subtensor::{AddStake, BurnedRegister, RegisterNetwork, StartCall};
use myelin_abi::Account;
use myelin_chain_client::{AnyCall, ChainClient, Wait};
use myelin_subnet::evidence::EvidenceFolder;
use myelin_units::TaoBalance;
use myelin_wallet::Keypair;
use myelin_wire::record::Ppm;

use super::harness::Network;
use super::ports::free_port;

/// Longest time for any expected event.
const PATIENCE: Duration = Duration::from_secs(480);
/// Blocks of an epoch.
const TEMPO: u16 = 100;

#[test]
fn one_process_judges_two_subnets_and_pays_what_is_served_and_what_is_submitted() {
    let folder = tempfile::tempdir().expect("a folder");
    let net = Network::up(folder.path());
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let chain = runtime.block_on(ChainClient::connect(&net.endpoint)).expect("connected");
    let analysis = runtime.block_on(subnet(&chain, "//Alice_hk"));
    let recognition = runtime.block_on(subnet(&chain, "//Alice_hk2"));

    let both = |more: [String; 2]| {
        let [first, second] = more;
        format!(
            "[[subnet]]\nnetuid = {analysis}\nkind = 'analysis'\n{first}\n\
             [[subnet]]\nnetuid = {recognition}\nkind = 'recognition'\n{second}\n"
        )
    };
    let rules = announces_its_rubric(&net, folder.path(), analysis);
    let port = || format!("port = {}", free_port());
    std::fs::write(folder.path().join("miner.toml"), both([port(), port()])).expect("written");
    // Reading pages takes all that a machine has, and other tests run beside this one.
    std::fs::write(folder.path().join("validator.toml"), both([String::new(), "load = 24".to_owned()]))
        .expect("written");
    let artefact =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../subnets/recognition/models/scenes.safetensors");
    let (artefact, port, netuid) =
        (artefact.display().to_string(), free_port().to_string(), recognition.to_string());
    // The validator says nothing of evidence: it hands on what is submitted all the same.
    let mut processes = vec![
        Process::start(
            &net,
            folder.path(),
            "serves",
            &[
                "miner",
                "run",
                "--config",
                "miner.toml",
                "--ip",
                "127.0.0.2",
                "-w",
                "//Charlie",
                "-k",
                "//Charlie_hk",
            ],
        ),
        Process::start(
            &net,
            folder.path(),
            "submits",
            &[
                "miner",
                "run",
                "-n",
                &netuid,
                "--kind",
                "recognition",
                "--ip",
                "127.0.0.3",
                "--port",
                &port,
                "-w",
                "//Dave",
                "-k",
                "//Dave_hk",
                "--data",
                "submits",
                "--submit",
                &artefact,
            ],
        ),
        Process::start(
            &net,
            folder.path(),
            "judges",
            &["validator", "run", "--config", "validator.toml", "-w", "//Bob", "-k", "//Bob_hk"],
        ),
    ];

    let started = Instant::now();
    let mut unpaid =
        vec![(analysis, 0, "//Charlie_hk"), (recognition, 0, "//Charlie_hk"), (recognition, 1, "//Dave_hk")];
    loop {
        unpaid.retain(|(netuid, mechanism, who)| {
            runtime.block_on(incentive(&chain, *netuid, *mechanism, who)) == 0
        });
        if unpaid.is_empty() {
            break;
        }
        let logs = || processes_logs(folder.path());
        assert!(started.elapsed() < PATIENCE, "not paid in time: {unpaid:?}\n{}", logs());
        for process in &mut processes {
            assert!(process.runs(), "a process ended:\n{}", logs());
        }
        std::thread::sleep(Duration::from_millis(500));
    }
    assert_eq!(
        runtime.block_on(incentive(&chain, recognition, 1, "//Charlie_hk")),
        0,
        "it submitted nothing"
    );
    judging_is_refused_without_handing_on(&net, &netuid);
    let uid = runtime.block_on(chain.uid(recognition, &account("//Dave_hk"))).expect("an answer");
    let submitted =
        Submitted { netuid: &netuid, uid: uid.expect("registered").to_string(), artefact: &artefact };
    submitted.is_fetched(&net, folder.path(), "miner");
    // Its miner is gone, and everybody still gets it.
    drop(processes.remove(1));
    submitted.is_fetched(&net, folder.path(), "validator");
    submitted.is_not_fetched_otherwise(&net, folder.path());
    miners_see_why(&net, analysis, &folder.path().join(format!(".myelin/validator/{analysis}/evidence")));
    readers_get_a_report(&net, folder.path(), [analysis, recognition], &rules);
    super::ask::people_are_answered_with_receipts(&net, folder.path(), [analysis, recognition]);
    assert!(
        folder.path().join(".myelin/validator").join(&netuid).is_dir(),
        "each subnet has state of its own"
    );
    drop(processes);
    for (kind, netuid) in [("analysis", analysis), ("recognition", recognition)] {
        anybody_judges_again(&net, kind, &folder.path().join(format!(".myelin/validator/{netuid}/evidence")));
    }
}

/// The submission of //Dave.
struct Submitted<'a> {
    netuid: &'a str,
    uid: String,
    artefact: &'a str,
}

impl Submitted<'_> {
    fn fetch<'b>(&'b self, uid: &'b str, kind: &'b str, out: &'b str) -> [&'b str; 10] {
        ["miner", "artefact", "-n", self.netuid, "--kind", kind, "--uid", uid, "--out", out]
    }

    /// Somebody without a key gets it from the miner, or from the validator.
    fn is_fetched(&self, net: &Network<'_>, folder: &Path, from: &str) {
        let out = folder.join(from).display().to_string();
        let fetch = self.fetch(&self.uid, "recognition", &out);
        let found = net.ok(&[&fetch[..], &["--json"]].concat());
        assert_eq!((&found["from"], &found["current"]), (&from.into(), &true.into()), "{found}");
        let in_vain = usize::from(from == "validator");
        assert_eq!(found["refused"].as_array().map(Vec::len), Some(in_vain), "{found}");
        let same =
            std::fs::read(&out).expect("a file") == std::fs::read(self.artefact).expect("the artefact");
        assert!(same, "{found}");
        let why = net.refused(&fetch);
        assert!(why.contains("is there already"), "{why}");
    }

    fn is_not_fetched_otherwise(&self, net: &Network<'_>, folder: &Path) {
        let out = folder.join("otherwise").display().to_string();
        let why = net.refused(&self.fetch("99", "recognition", &out));
        assert!(why.contains("has no uid 99"), "{why}");
        let why = net.refused(&self.fetch(&self.uid, "text", &out));
        assert!(why.contains("nothing is submitted on subnets of the kind `text`"), "{why}");
        let foreign = "22".repeat(32);
        let fetch = self.fetch(&self.uid, "recognition", &out);
        let why = net.refused(&[&fetch[..], &["--commitment", &foreign]].concat());
        assert!(why.contains("nobody hands out") && why.contains("which --commitment fetches"), "{why}");
        assert!(!Path::new(&out).exists());
    }
}

/// A hotkey that mines cannot announce where it hands on, and must say so.
fn judging_is_refused_without_handing_on(net: &Network<'_>, netuid: &str) {
    let judge =
        ["validator", "run", "-n", netuid, "--kind", "recognition", "-w", "//Charlie", "-k", "//Charlie_hk"];
    let why = net.refused(&judge);
    assert!(why.contains("announced the address of a miner") && why.contains("--no-evidence"), "{why}");
    let why = net.refused(&[&judge[..], &["--deferred-mib", "5"]].concat());
    assert!(why.contains("judge every answer at once; leave --deferred-mib out"), "{why}");
    for wrong in ["0", "-1", "lots", "99999999"] {
        let output = net.run(&[&judge[..], &["--deferred-mib", wrong]].concat());
        let said = super::text(&output.stderr);
        assert!(output.status.code() == Some(2) && said.contains("--deferred-mib"), "{wrong}: {said}");
    }
}

/// A miner sees each of its scores with the parts that an auditor sees, and is told which values it cannot see.
fn miners_see_why(net: &Network<'_>, netuid: u16, evidence: &Path) {
    let number = netuid.to_string();
    let scores =
        ["miner", "scores", "-n", &number, "--kind", "analysis", "-w", "//Charlie", "-k", "//Charlie_hk"];
    let found = net.ok(&[&scores[..], &["--json"]].concat());
    let rounds = found["validators"][0]["rounds"].as_array().expect("rounds");
    let of_round = rounds[0]["scores"].as_array().expect("scores");
    assert!(of_round.iter().all(|score| score["believed"] == true), "{found}");
    let scored = of_round.iter().find(|score| score["reason"] == "scored").expect("one that was judged");
    assert!(scored["parts"]["accuracy"].is_u64() && scored["score"].is_u64(), "{scored}");
    let printed = super::text(&net.run(&scores).stdout);
    let line = scored["line"].as_str().expect("a line");
    assert!(printed.contains(line), "{line}: {printed}");

    // The running miner has been told how much of its work counts as done, and its quality.
    let miner = evidence.join("../../../miner").join(&number).display().to_string();
    let started = Instant::now();
    let status = loop {
        let status = net.ok(&["miner", "status", "--data", &miner, "--json"])[0].clone();
        if status["judged"]["done"].as_u64() > Some(0) && status["judged"]["quality_ppm"].is_u64() {
            break status;
        }
        assert!(started.elapsed() < PATIENCE, "no validator has told it of its work: {status}");
        std::thread::sleep(Duration::from_millis(500));
    };
    let judged = &status["judged"];
    assert!(judged["asked"].as_u64() >= judged["done"].as_u64(), "{judged}");
    let (block, now) = (judged["block"].as_u64(), status["earning"]["block"].as_u64());
    assert!(block > Some(0) && block <= now, "{status}");

    // The question and the answer of that score, each by its hash.
    let texts = evidence.join("../../../texts");
    let texts = texts.display().to_string();
    let fetched = net.run(&[&scores[..], &["--rounds", "1", "--texts", &texts]].concat());
    assert!(fetched.status.success(), "{}", super::text(&fetched.stderr));
    let files: Vec<_> = std::fs::read_dir(&texts).expect("a folder").flatten().collect();
    assert!(files.len() >= 2, "a question and an answer");
    for file in files {
        let (name, text) = (file.file_name(), std::fs::read(file.path()).expect("a text"));
        let hash = myelin_wire::hash::to_hex(&myelin_wire::hash::blake2_256(&text));
        assert_eq!(name.to_str(), Some(hash.as_str()));
    }
    assert_eq!(scored["request"].as_str().map(str::len), Some(64), "{scored}");
    assert!(scored["record"].is_string() && scored["answer"].is_string(), "{scored}");

    // An auditor with the folder sees the same line.
    let (uid, epoch) = (found["uid"].to_string(), rounds[0]["epoch"].to_string());
    let place = evidence.display().to_string();
    let replay = [
        "validator",
        "replay",
        "--offline",
        "--kind",
        "analysis",
        "--show",
        "--uid",
        &uid,
        "--epoch",
        &epoch,
    ];
    let printed = super::text(&net.run(&[&replay[..], &[&place]].concat()).stdout);
    assert!(printed.contains(line), "{line}: {printed}");

    let why = net.refused(&[&scores[..], &["--validator", "99"]].concat());
    assert!(why.contains("has no uid 99"), "{why}");
    // A miner reports no evidence.
    let why = net.refused(&[&scores[..], &["--validator", &uid]].concat());
    assert!(why.contains("--evidence-ip"), "{why}");
    let foreign =
        ["miner", "scores", "-n", &number, "--kind", "text", "-w", "//Charlie", "-k", "//Charlie_hk"];
    let why = net.refused(&foreign);
    assert!(!why.is_empty(), "a rubric of another kind");
    nothing_is_contested(net, &scores, evidence);
}

/// Nothing demands roots over answers here, so there is nothing to contest. The miner's lists are found all the same.
fn nothing_is_contested(net: &Network<'_>, scores: &[&str], evidence: &Path) {
    let [data, elsewhere, file] = ["miner", "nowhere", "contest.json"]
        .map(|name| evidence.join("../../..").join(name).display().to_string());
    let contest =
        |data: &str| net.refused(&[scores, &["--rounds", "1", "--data", data, "--contest", &file]].concat());
    let why = contest(&elsewhere);
    assert!(why.contains("has no answers that this hotkey signed"), "{why}");
    let why = contest(&data);
    assert!(why.contains("nothing to contest"), "{why}");
    assert!(!Path::new(&file).exists());
    std::fs::write(&file, "{}").expect("written");
    let why = net.refused(&["evidence", "contest", &file]);
    assert!(why.contains("the file is no contest of this version"), "{why}");
}

/// The owner of a subnet of analysis announces the hash of its rubric. Returns the file with the text.
fn announces_its_rubric(net: &Network<'_>, folder: &Path, netuid: u16) -> String {
    let rules = net.ok(&["validator", "rules", "--kind", "analysis", "--json"]);
    let (text, hash) = (rules["text"].as_str().expect("a text"), rules["hash"].as_str().expect("a hash"));
    let file = folder.join("rules.txt");
    std::fs::write(&file, text).expect("written");
    let netuid = netuid.to_string();
    net.ok(&[
        "subnet",
        "rubric",
        "announce",
        "-n",
        &netuid,
        "-w",
        "//Alice",
        "--hash",
        hash,
        "--yes",
        "--when-possible",
        "--json",
    ]);
    file.display().to_string()
}

/// Somebody with the folder gets a report with the miner's scores, its weight and its incentive.
fn readers_get_a_report(net: &Network<'_>, folder: &Path, [netuid, other]: [u16; 2], rules: &str) {
    let place = folder.join(format!(".myelin/validator/{netuid}/evidence")).display().to_string();
    let (number, other) = (netuid.to_string(), other.to_string());
    let report = ["evidence", "report", "--evidence", &place, "--netuid", &number];
    let found = net.ok(&[&report[..], &["--rules", rules, "--json"]].concat());
    let epoch = found["epochs"][0].to_string();
    let sections = found["sections"].as_array().expect("sections");
    let facts = || sections.iter().flat_map(|section| section["facts"].as_array().into_iter().flatten());
    let value = |id: &str| &facts().find(|fact| fact["id"] == id).expect("a statement")["value"];
    assert_eq!(value("validator.hotkey"), &myelin_wire::ss58::encode(&account("//Bob_hk").0));
    assert_eq!(value("period.epoch_on_chain").to_string(), epoch);
    assert_eq!(value("period.blocks"), value("period.blocks_on_chain"));
    for same in ["rubric.same", "proof.same_weights", "validator.permit"] {
        assert_eq!(value(same), true, "{same}: {found}");
    }
    assert!(value("answers.scored").as_u64() > Some(0), "{found}");
    let root = facts().find(|fact| fact["id"] == "proof.root_on_chain").expect("a statement");
    assert!(
        root["unknown"].as_str().is_some_and(|why| why.contains("no root")),
        "weights are set openly: {root}"
    );
    let tables = sections.iter().flat_map(|section| section["tables"].as_array().into_iter().flatten());
    let miners = tables.clone().find(|table| table["id"] == "miners").expect("a table");
    let hotkey = myelin_wire::ss58::encode(&account("//Charlie_hk").0);
    let rows = miners["rows"].as_array().expect("rows");
    let cells =
        &rows.iter().find(|row| row["cells"]["hotkey"]["value"] == hotkey).expect("the miner")["cells"];
    assert!(cells["parts"]["value"]["accuracy"].is_u64() && cells["score"]["value"].is_u64(), "{cells}");
    assert!(
        cells["weight"]["value"].as_u64() > Some(0) && cells["incentive"]["value"].as_u64() > Some(0),
        "{cells}"
    );
    assert!(cells["models"]["value"][0].is_string(), "{cells}");

    let out = folder.join("report.html").display().to_string();
    let page = [&report[..], &["--epoch", &epoch, "--rules", rules, "--out", &out]].concat();
    let said = net.run(&page);
    assert!(
        said.status.success() && super::text(&said.stdout).contains(&out),
        "{}",
        super::text(&said.stderr)
    );
    let html = std::fs::read_to_string(&out).expect("a page");
    assert!(
        html.contains("<html lang=\"en\">") && html.contains(&hotkey) && html.contains("accuracy&nbsp;"),
        "{html}"
    );
    for secret in ["ws://", "127.0.0.", &place] {
        assert!(!html.contains(secret), "{secret}");
    }
    assert!(net.refused(&page).contains("is there already"));
    // Without the text, the report says so.
    let without = net.ok(&[&report[..], &["--epoch", &epoch, "--json"]].concat()).to_string();
    assert!(
        without.contains("the text of the rubric is not known") && without.contains("part 1"),
        "{without}"
    );
    let why = net.refused(&[&report[..4], &["--netuid", &other, "--epoch", &epoch]].concat());
    assert!(why.contains(&format!("of subnet {netuid}")), "{why}");
    let why = net.refused(&[&report[..], &["--epoch", "999999"]].concat());
    assert!(why.contains("no evidence of epoch 999999"), "{why}");
    let foreign = folder.join("miner.toml").display().to_string();
    let why = net.refused(&[&report[..], &["--epoch", &epoch, "--rules", &foreign]].concat());
    assert!(why.contains("leave --rules out"), "{why}");
    let why = net.refused(&["evidence", "report", "--netuid", &number, "--evidence", "nowhere"]);
    assert!(why.contains("there is no folder nowhere"), "{why}");
}

/// An auditor arrives at the same scores, and finds one that was changed.
fn anybody_judges_again(net: &Network<'_>, kind: &str, evidence: &Path) {
    let place = evidence.display().to_string();
    let replay = ["validator", "replay", "--json", "--kind", kind, &place];
    let found = net.ok(&replay);
    let rounds = found["rounds"].as_array().expect("rounds");
    let judged = rounds.iter().find(|round| round["records"].as_u64() > Some(0));
    let judged = judged.unwrap_or_else(|| panic!("a round with records: {found}"));
    assert_eq!(found["foreign_blocks"], serde_json::json!([]), "{found}");
    let weights = found["weights"].as_array().expect("weights");
    assert!(weights.iter().any(|epoch| epoch["compared"].as_u64() > Some(0)), "{found}");

    let folder = EvidenceFolder { path: evidence.to_owned(), keep: usize::MAX };
    let (epoch, round) = (judged["epoch"].as_u64(), judged["round"].as_u64());
    let (epoch, round) = (epoch.expect("an epoch"), round.expect("a round") as u16);
    let mut records = folder.records(epoch, round).expect("records");
    let changed = &mut records[0];
    changed.score = if changed.score == Ppm::ONE { Ppm::ZERO } else { Ppm::ONE };
    folder.write_records(epoch, round, records.iter()).expect("written");
    let epoch = epoch.to_string();
    let why = net.refused(&[&replay[..], &["--offline", "--epoch", &epoch]].concat());
    assert!(why.contains("not as the validator says"), "{why}");
    let why = net.refused(&["validator", "replay", "--epoch", "999999", &place]);
    assert!(why.contains("no evidence of epoch 999999"), "{why}");
}

/// A subnet of //Alice with two mechanisms, a validator of //Bob, and miners of //Charlie and //Dave.
async fn subnet(chain: &ChainClient, hotkey: &str) -> u16 {
    let (root, owner) = (key("//Alice"), key("//Alice"));
    let create = RegisterNetwork { hotkey: account(hotkey) };
    let created = chain.submit(&create, &owner, Wait::Inclusion).await.expect("a subnet");
    let (netuid, _) = created.event::<(u16, u16)>("SubtensorModule", "NetworkAdded").expect("its number");
    let settings: [AnyCall; 6] = [
        (&SudoSetSubnetEmissionEnabled { netuid, enabled: true }).into(),
        (&SudoSetCommitRevealWeightsEnabled { netuid, enabled: false }).into(),
        (&SudoSetAdminFreezeWindow { window: 0 }).into(),
        // Two mechanisms for 128 neurons each are the most.
        (&SudoSetMaxAllowedUids { netuid, max_allowed_uids: 128 }).into(),
        (&SudoSetMechanismCount { netuid, mechanism_count: 2 }).into(),
        (&SudoSetTempo { netuid, tempo: TEMPO }).into(),
    ];
    for setting in settings {
        chain.sudo(setting, &root, Wait::Inclusion).await.expect("set");
    }
    chain.submit(&StartCall { netuid }, &owner, Wait::Inclusion).await.expect("started");
    for who in ["//Bob", "//Charlie", "//Dave"] {
        let register = BurnedRegister { netuid, hotkey: account(&format!("{who}_hk")) };
        chain.submit(&register, &key(who), Wait::Inclusion).await.expect("registered");
    }
    let amount_staked = TaoBalance::from_rao(500_000_000_000);
    let stake = AddStake { hotkey: account("//Bob_hk"), netuid, amount_staked };
    chain.submit(&stake, &key("//Bob"), Wait::Inclusion).await.expect("staked");
    netuid
}

/// A miner's share on one mechanism, as the chain stores it.
async fn incentive(chain: &ChainClient, netuid: u16, mechanism: u16, hotkey: &str) -> u16 {
    let uid = chain.uid(netuid, &account(hotkey)).await.expect("an answer").expect("registered");
    let index = mechanism * 4096 + netuid;
    let all: Option<Vec<u16>> =
        chain.storage("SubtensorModule", "Incentive", &[index.into()], None).await.expect("an answer");
    all.and_then(|all| all.get(usize::from(uid)).copied()).unwrap_or_default()
}

fn key(uri: &str) -> Keypair {
    Keypair::from_uri(uri).expect("a key")
}

fn account(uri: &str) -> Account {
    Account(key(uri).public())
}

/// The file of what a process prints.
pub fn log(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.log"))
}

fn processes_logs(folder: &Path) -> String {
    let read = |name| std::fs::read_to_string(log(folder, name)).unwrap_or_default();
    ["serves", "submits", "judges"].map(|name| format!("--- {name}\n{}", read(name))).concat()
}

/// The command at work; it is killed when this is dropped.
pub struct Process(Child);

impl Process {
    /// Starts a command. What it prints goes to `NAME.log` in the folder.
    pub fn start(net: &Network, folder: &Path, name: &str, arguments: &[&str]) -> Self {
        let out = File::create(log(folder, name)).expect("a log");
        let process = Command::new(env!("CARGO_BIN_EXE_myelin"))
            .args(["--endpoint", &net.endpoint])
            .args(arguments)
            .current_dir(folder)
            .env("HOME", folder)
            .env("MYELIN_LOG", "info")
            .stdin(Stdio::null())
            .stdout(out.try_clone().expect("the log again"))
            .stderr(out)
            .spawn();
        Self(process.expect("the command starts"))
    }

    /// Whether it has not ended.
    pub fn runs(&mut self) -> bool {
        matches!(self.0.try_wait(), Ok(None))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // The process may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
