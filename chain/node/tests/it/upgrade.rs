//! `check-state` and `check-upgrade`: a chain's state is checked, and a new runtime is tried on a copy of it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::OnceLock,
};

use serde_json::Value;

/// A folder with the state of a young chain and the runtime that it runs.
struct Snapshot {
    folder: PathBuf,
}

impl Snapshot {
    /// The first state of the development chain.
    fn take(name: &str) -> Self {
        let folder =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("upgrade-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("the target folder is writable");
        let mut chain = development_chain().clone();
        let top = chain["genesis"]["raw"]["top"].as_object_mut().expect("a raw chain file lists its state");
        let code = crate::harness::hex(top["0x3a636f6465"].as_str().expect("the state holds the code"));
        // A state before block 1 knows no slot yet; a running chain does.
        top.insert(slot_key(), "0x0100000000000000".into());
        top.insert(number_key(), "0x00000000".into());
        fs::write(folder.join("code.wasm"), code).expect("the folder is writable");
        let snapshot = Self { folder };
        snapshot.write(&chain);
        snapshot
    }

    fn write(&self, chain: &Value) {
        fs::write(self.folder.join("state.json"), chain.to_string()).expect("the folder is writable");
    }

    /// Changes stored values.
    fn change(&self, change: impl FnOnce(&mut serde_json::Map<String, Value>)) {
        let text = fs::read(self.folder.join("state.json")).expect("the snapshot was written");
        let mut chain: Value = serde_json::from_slice(&text).expect("a chain file is JSON");
        change(chain["genesis"]["raw"]["top"].as_object_mut().expect("a raw chain file lists its state"));
        self.write(&chain);
    }

    /// Tries the chain's own code as if it were new.
    fn check(&self, flags: &[&str]) -> (bool, String) {
        let wasm = self.folder.join("code.wasm");
        self.run(&[&["check-upgrade", "--wasm", wasm.to_str().unwrap_or("")], flags].concat())
    }

    /// Tries a version of the runtime that `make` builds beside the node's program.
    fn check_version(&self, name: &str) -> (bool, String) {
        let built = Path::new(env!("CARGO_BIN_EXE_myelin-node")).parent().expect("it lies in a folder");
        let wasm = built.join(format!("wbuild/myelin-runtime/{name}_runtime.compact.compressed.wasm"));
        assert!(wasm.is_file(), "{}: MYELIN_NEXT_RUNTIME=1 builds it", wasm.display());
        self.run(&["check-upgrade", "--blocks", "1", "--wasm", wasm.to_str().unwrap_or("")])
    }

    /// Whether a command accepts the state, and its output.
    fn run(&self, command: &[&str]) -> (bool, String) {
        let state = self.folder.join("state.json");
        let done = node(&[command, &["--state", state.to_str().unwrap_or("")]].concat());
        let told = [done.stdout, done.stderr].concat();
        (done.status.success(), String::from_utf8_lossy(&told).into_owned())
    }
}

impl Drop for Snapshot {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// The development chain as a raw chain file, which a node writes once for all tests: that takes it seconds.
fn development_chain() -> &'static Value {
    static CHAIN: OnceLock<Value> = OnceLock::new();
    CHAIN.get_or_init(|| {
        let spec = node(&["build-spec", "--chain", "dev", "--raw", "--disable-default-bootnode"]);
        assert!(spec.status.success(), "{}", String::from_utf8_lossy(&spec.stderr));
        serde_json::from_slice(&spec.stdout).expect("a chain file is JSON")
    })
}

fn node(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_myelin-node")).args(arguments).output().expect("the node binary starts")
}

fn key(pallet: &str, name: &str) -> String {
    let key =
        [sp_io::hashing::twox_128(pallet.as_bytes()), sp_io::hashing::twox_128(name.as_bytes())].concat();
    sp_core::bytes::to_hex(&key, false)
}

fn slot_key() -> String {
    key("Aura", "CurrentSlot")
}

fn number_key() -> String {
    key("System", "Number")
}

#[test]
fn an_upgrade_is_tried_on_a_copy_of_the_state() {
    let snapshot = Snapshot::take("good");
    let (accepted, told) = snapshot.check(&["--rehearse", "--blocks", "2"]);
    assert!(accepted, "{told}");
    for part in ["migrations and block 1", "block 2", "values read by the metadata", "nothing speaks against"]
    {
        assert!(told.contains(part), "`{part}` is missing in:\n{told}");
    }
}

#[test]
fn the_state_of_a_young_chain_is_sound() {
    let (sound, told) = Snapshot::take("sound").run(&["check-state"]);
    assert!(sound && told.contains("the state is sound"), "{told}");
}

#[test]
fn a_copy_with_another_root_than_its_header_is_not_checked() {
    let snapshot = Snapshot::take("root");
    let wrong = format!("0x{}", "07".repeat(32));
    let (accepted, told) = snapshot.run(&["check-state", "--state-root", &wrong]);
    assert!(!accepted && told.contains("it is not the state of that block"), "{told}");
    let (_, rest) = told.split_once("has the state root ").expect("it names the root that it found");
    let root = rest.split(',').next().unwrap_or_default().to_owned();
    let (sound, told) = snapshot.run(&["check-state", "--state-root", &root]);
    assert!(sound && told.contains("as in the header"), "{told}");
    snapshot.change(|top| {
        top.insert(number_key(), "0x01000000".into());
    });
    let (accepted, told) = snapshot.run(&["check-state", "--state-root", &root]);
    assert!(!accepted && told.contains("it is not the state of that block"), "{told}");
}

#[test]
fn an_upgrade_that_would_change_nothing_is_refused() {
    let (accepted, told) = Snapshot::take("same").check(&[]);
    assert!(!accepted && told.contains("spec_version"), "{told}");
}

#[test]
fn a_migration_that_miscounts_is_refused_and_a_right_one_is_accepted() {
    let snapshot = Snapshot::take("versions");
    let (accepted, told) = snapshot.check_version("next");
    assert!(accepted, "{told}");
    let (accepted, told) = snapshot.check_version("spoiled");
    assert!(!accepted && told.contains("issuance"), "{told}");
}

#[test]
fn an_upgrade_that_leaves_ledgers_out_of_balance_is_refused() {
    let snapshot = Snapshot::take("ledger");
    // One rao more than the accounts hold.
    snapshot.change(|top| {
        let issued = key("SubtensorModule", "TotalIssuance");
        let bytes = crate::harness::hex(top[&issued].as_str().expect("the issuance is stored"));
        let rao = u64::from_le_bytes(bytes.try_into().expect("eight bytes")) + 1;
        top.insert(issued, sp_core::bytes::to_hex(&rao.to_le_bytes(), false).into());
    });
    for (accepted, told) in [snapshot.check(&["--rehearse", "--blocks", "1"]), snapshot.run(&["check-state"])]
    {
        assert!(!accepted && told.contains("issuance"), "{told}");
    }
}

#[test]
fn an_upgrade_that_cannot_read_what_is_stored_is_refused() {
    let snapshot = Snapshot::take("value");
    snapshot.change(|top| {
        top.insert(key("SubtensorModule", "SubnetLimit"), "0x800000".into());
    });
    let (accepted, told) = snapshot.check(&["--rehearse", "--blocks", "1"]);
    assert!(!accepted && told.contains("SubtensorModule.SubnetLimit"), "{told}");
}

/// A chain that was started before every rao had a place: its state lacks six items and has an older version.
#[test]
fn the_state_of_an_older_chain_is_migrated_in_pages_and_its_ledgers_balance() {
    let snapshot = Snapshot::take("older");
    snapshot.change(|top| {
        let item = |name| key("SubtensorModule", name);
        let gone = ["TaoSupply", "RootClaimPot", "SubnetRoster", "RootStakeMarks", "TotalAlphaStaked"];
        let mut gone = gone.map(item).to_vec();
        gone.push(key("AlphaAssets", "AlphaBurned"));
        top.retain(|key, _| !gone.iter().any(|gone| key.starts_with(gone.as_str())));
        top.insert(item(":__STORAGE_VERSION__:"), "0x0100".into());
        // A rao without an owner, in the alpha of subnet 1.
        let out = format!("{}0100", item("SubnetAlphaOut"));
        let stored = top.get(&out).and_then(Value::as_str).map(crate::harness::hex).unwrap_or(vec![0; 8]);
        let rao = u64::from_le_bytes(stored.try_into().expect("eight bytes")) + 1;
        top.insert(out, sp_core::bytes::to_hex(&rao.to_le_bytes(), false).into());
    });
    let (accepted, told) = snapshot.check(&["--rehearse", "--blocks", "2"]);
    assert!(accepted, "{told}");
    assert!(told.contains("migrations go on for 1 blocks"), "{told}");
}
