//! A model from its publication to its withdrawal, on a real network and with a real server of files.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use myelin_lm::builtin::{self, Level};
use myelin_lm::files;
use myelin_lm::model::{CompletionRequest, TextModel};
use myelin_lm::transformer::{file, Matrix};

use super::front_end;
use super::guides::blocks;
use super::harness::{serve, Network, Teller};
use super::ports::free_port;
use super::{command, json, text};

const GUIDE: &str = include_str!("../../../../docs/guides/models.md");

/// A safetensors file with one tensor of these bytes.
fn safetensors(data: &[u8]) -> Vec<u8> {
    let header = format!(r#"{{"w":{{"dtype":"U8","shape":[{0}],"data_offsets":[0,{0}]}}}}"#, data.len());
    [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), data].concat()
}

/// Serves the files below a folder as they are now; the answer is its address.
fn serve_files(root: &Path) -> String {
    use axum::extract::{Path as Part, State};
    use axum::http::StatusCode;
    let read = |State(root): State<std::path::PathBuf>, Part(path): Part<String>| async move {
        fs::read(root.join(path)).map_err(|_| StatusCode::NOT_FOUND)
    };
    serve(axum::Router::new().route("/{*path}", axum::routing::get(read)).with_state(root.to_owned()))
}

/// The command with a wallet that signs.
fn by<'a>(who: &'a str, arguments: &[&'a str]) -> Vec<&'a str> {
    [&["model"][..], arguments, &["-w", who, "--wait", "inclusion", "--yes", "--json"]].concat()
}

#[test]
fn a_model_is_published_pulled_verified_handed_on_and_withdrawn() {
    let folder = tempfile::tempdir().expect("a folder");
    let net = Network::up(folder.path());
    for who in ["//carol", "//dave"] {
        net.ok(&["wallet", "faucet", who, "--amount", "30", "--json"]);
    }
    let served = folder.path().join("served");
    fs::create_dir(&served).expect("made");
    let file = served.join("small.safetensors");
    fs::write(&file, safetensors(&[1, 2, 3])).expect("written");
    let (base, file) = (serve_files(&served), file.display().to_string());
    let url = format!("{base}/small.safetensors");

    // Two share the model; the other one confirms.
    let shares = ["--contributor", "//carol=60%", "--contributor", "//dave=40%"];
    let publish = ["publish", &file, "--name", "small", "--licence", "Apache-2.0", "--url", &url];
    let published = net.ok(&by("//carol", &[&publish[..], &shares].concat()));
    let id = published["model"].as_str().expect("an id").to_owned();
    assert_eq!(published["kind"], "safetensors");
    let show = || net.ok(&["model", "show", &id, "--json"]);
    assert_eq!(show()["contributors"][1]["confirmed"], false);
    net.ok(&by("//dave", &["confirm", &id]));
    assert_eq!(show()["contributors"][1]["confirmed"], true);
    assert!(net.refused(&by("//carol", &[&publish[..], &shares].concat())).contains("ModelTaken"));

    // Anybody pulls it; addresses of this machine only where they are permitted.
    let out = folder.path().join("out").display().to_string();
    let pull = ["model", "pull", &id, "--out", &out, "--json"];
    assert!(net.refused(&pull).contains("--allow-private permits it"));
    let pulled = net.ok(&[&pull[..], &["--allow-private"]].concat());
    let path = pulled["path"].as_str().expect("a path").to_owned();
    assert_eq!(fs::read(&path).expect("there"), fs::read(&file).expect("there"));
    assert_eq!(net.ok(&["model", "verify", &id, &path, "--json"])["verified"], true);
    fs::write(&path, safetensors(&[1, 2, 4])).expect("written");
    assert!(net.refused(&["model", "verify", &id, &path]).contains("another content"));

    // A child of it, as a directory.
    let child = folder.path().join("served/child");
    fs::create_dir_all(child.join("part")).expect("made");
    fs::write(child.join("part/weights"), [5; 100]).expect("written");
    fs::write(child.join("read me"), "text").expect("written");
    let (directory, url) = (child.display().to_string(), format!("{base}/child"));
    let arguments =
        ["publish", &directory, "--name", "child", "--licence", "MIT", "--url", &url, "--parent", &id];
    let published = net.ok(&by("//dave", &arguments));
    let child_id = published["model"].as_str().expect("an id").to_owned();
    let pulled = net.ok(&["model", "pull", &child_id, "--out", &out, "--allow-private", "--json"]);
    let copy = pulled["path"].as_str().expect("a path").to_owned();
    assert_eq!(net.ok(&["model", "verify", &child_id, &copy, "--json"])["verified"], true);
    fs::write(Path::new(&copy).join("part/weights"), [6; 100]).expect("written");
    assert!(net
        .refused(&["model", "verify", &child_id, &copy])
        .contains("`part/weights` has another content"));
    let lineage = net.ok(&["model", "lineage", &child_id, "--json"]);
    assert_eq!((&lineage["models"][1]["model"], &lineage["cut"]), (&id.as_str().into(), &false.into()));
    let children = net.ok(&["model", "list", "--by-parent", &id, "--json"]);
    assert_eq!(children[0]["model"], child_id.as_str());

    is_taken_down_by_root_alone(&net, &file, (&child_id, &out));

    // A doubt, its answer, and its end.
    let doubt = net.ok(&by("//dave", &["dispute", &id, "--reason", &file, "--reference", "here"]));
    assert_eq!(doubt["number"], 0);
    net.ok(&by("//carol", &["answer", &id, "--number", "0", "--reason", &file]));
    net.ok(&by("//dave", &["retract", &id, "--number", "0"]));
    let shown = show();
    assert!(shown["disputes"][0]["closed"].is_u64() && shown["disputes"][0]["deposit_rao"] == 0, "{shown}");

    // A new owner withdraws it, and nobody pulls it by mistake.
    net.ok(&by("//carol", &["transfer", &id, "--to", "//dave"]));
    assert!(net.refused(&by("//carol", &["withdraw", &id])).contains("NotTheOwner"));
    net.ok(&by("//dave", &["withdraw", &id]));
    assert!(net.refused(&pull).contains("withdrawn at block"));
    let owned = net.ok(&["model", "list", "--owner", "//dave", "--json"]);
    assert_eq!(owned.as_array().map(Vec::len), Some(2), "{owned}");
}

/// Root takes a model down; others get the call, and nothing else.
fn is_taken_down_by_root_alone(net: &Network<'_>, reason: &str, (id, out): (&str, &str)) {
    let takedown = ["takedown", id, "--reason", reason, "--reference", "here"];
    let refused = net.refused(&by("//carol", &takedown));
    assert!(
        refused.contains("does not hold the root key") && refused.contains("nothing was sent"),
        "{refused}"
    );
    let printed = net.ok(&by("//carol", &[&takedown[..], &["--print-call"]].concat()));
    let call = printed["call"].as_str().expect("a call");
    // The pallet has the number 104. The call itself is printed, and not one of root.
    assert!(call.starts_with("0x68") && call.contains(id) && printed["call_hash"].is_string(), "{printed}");
    assert!(net.ok(&["model", "show", id, "--json"])["taken_down"].is_null(), "printing sends nothing");
    let tried = net.ok(&by("//Alice", &[&takedown[..], &["--dry-run"]].concat()));
    let tried = tried["call"].as_str().expect("a call");
    assert!(tried.ends_with(&call[2..]) && tried.len() > call.len(), "root's call carries it: {tried}");
    net.ok(&by("//Alice", &takedown));
    let shown = net.ok(&["model", "show", id, "--json"]);
    assert_eq!(shown["taken_down"]["reference"], "here", "{shown}");
    let pull = ["model", "pull", id, "--out", out, "--allow-private"];
    assert!(net.refused(&pull).contains("taken down at block"));
    assert!(net.refused(&by("//Alice", &takedown)).contains("was taken down at block"));
    assert!(net
        .refused(&["model", "takedown", &"ab".repeat(32), "--reason", reason])
        .contains("no record of model"));
}

/// A model that no program has built in: the early one without the end of its last layer.
fn winner() -> Vec<u8> {
    let early = include_bytes!("../../../../ml/lm/models/early.safetensors");
    let (layout, mut parameters, facts) = file::read(early).expect("a model");
    let last = Matrix::Down(layout.config.layers - 1);
    for (_, _, range) in layout.entries().iter().filter(|(matrix, ..)| *matrix == last) {
        parameters[range.clone()].fill(0);
    }
    file::write(&layout, &parameters, &facts)
}

/// A prompt to which this model alone gives its answer, with that answer.
fn told_apart(model: &dyn TextModel) -> (&'static str, String) {
    let others = Level::ALL.map(|level| builtin::model(level).expect("a built-in model"));
    let answer = |model: &dyn TextModel, prompt: &str| {
        let request =
            CompletionRequest { prompt: prompt.into(), max_tokens: 24, ..CompletionRequest::default() };
        model.complete(&request).expect("an answer").text
    };
    let prompts =
        ["fn main() {\n    let mut ", "The result is ", "impl Iterator for ", "use std::", "/// Returns "];
    let mut all = prompts.iter().map(|prompt| (*prompt, answer(model, prompt)));
    let is_its_own =
        |(prompt, said): &(&str, String)| others.iter().all(|other| answer(&**other, prompt) != *said);
    all.find(is_its_own).expect("a prompt")
}

#[test]
fn a_published_model_is_pulled_and_served_in_two_commands() {
    let folder = tempfile::tempdir().expect("a folder");
    let net = Network::up(folder.path());
    net.ok(&["wallet", "faucet", "//carol", "--amount", "100", "--json"]);
    let hotkey = ["-n", "1", "-w", "//carol", "-k", "//carol_hk"];
    let register = ["subnet", "register", "--wait", "inclusion", "--yes", "--json"];
    let register = [&register[..], &hotkey[..]].concat();
    let uid = net.ok(&register)["uid"].to_string();
    let served = folder.path().join("served");
    fs::create_dir(&served).expect("made");
    let directory = served.join("winner");
    fs::create_dir(&directory).expect("made");
    let model = BTreeMap::from([
        (files::TOKENIZER.to_owned(), builtin::tokenizer().expect("built in").to_text().into_bytes()),
        (files::TRANSFORMER.to_owned(), winner()),
    ]);
    for (name, bytes) in &model {
        fs::write(directory.join(name), bytes).expect("written");
    }
    let url = format!("{}/winner", serve_files(&served));
    let directory = directory.display().to_string();
    let publish = ["publish", &directory, "--name", "winner", "--licence", "MIT", "--url", &url];
    let id = net.ok(&by("//carol", &publish))["model"].as_str().expect("an id").to_owned();

    // The two commands.
    let out = folder.path().join("models").display().to_string();
    net.ok(&["model", "pull", &id, "--out", &out, "--allow-private", "--json"]);
    let port = free_port().to_string();
    let run = ["miner", "run", "--ip", "127.0.0.2", "--port", &port, "--serve-strangers-after", "0"];
    let run = [&run[..], &hotkey[..]].concat();
    what_is_no_such_model_is_refused(&net, folder.path(), &run, (&id, &directory));
    let weighed = ["--endpoint", &net.endpoint, "--json", "--model", &id, "--weights", &out];
    let miner = Teller::start(&mut command(folder.path(), &[&run[..], &weighed[..]].concat()));
    let started = miner.event(Duration::from_secs(60), "started", |event| event["event"] == "started");
    assert_eq!(started["model"], id.as_str(), "{started}");

    let own = files::read("winner", &model).expect("a model");
    assert_eq!(id, myelin_wire::hash::to_hex(&own.id()), "the model declares the id of its record");
    let (prompt, expected) = told_apart(&*own);
    let ask = [&["ask", "--uid", &uid, "--max-tokens", "24", "--json"][..], &hotkey[..], &[prompt]].concat();
    let said = (0..20).find_map(|_| {
        let output = net.run(&ask);
        if !output.status.success() {
            std::thread::sleep(Duration::from_millis(500));
        }
        output.status.success().then(|| json(&output))
    });
    let said = said.unwrap_or_else(|| panic!("no answer: {}", text(&net.run(&ask).stderr)));
    assert_eq!(said["completion"], expected.as_str(), "{said}");
    what_a_front_end_hides_is_reached(&net, &ask, &expected);
}

/// A subnet and a model that a front end lists nowhere answer as before.
fn what_a_front_end_hides_is_reached(net: &Network<'_>, ask: &[&str], expected: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let through = Network::at(folder.path(), front_end::hide(&net.endpoint));
    for (list, known) in [(["subnet", "list", "--json"], 2), (["model", "list", "--json"], 1)] {
        assert_eq!(net.ok(&list).as_array().map(Vec::len), Some(known), "{list:?}");
        assert_eq!(through.ok(&list), serde_json::json!([]), "{list:?}");
    }
    let said = through.ok(ask);
    assert_eq!(said["completion"], expected, "{said}");
}

/// Wrong and foreign files are named, and the miner announces nothing.
fn what_is_no_such_model_is_refused(
    net: &Network<'_>,
    folder: &Path,
    run: &[&str],
    (id, published): (&str, &str),
) {
    let write = |name: &str, bytes: &[u8]| {
        fs::write(folder.join(name), bytes).expect("written");
        folder.join(name).display().to_string()
    };
    // A copy whose weights differ by one bit.
    let changed = folder.join("changed");
    fs::create_dir(&changed).expect("made");
    for entry in fs::read_dir(published).expect("a folder").flatten() {
        let mut bytes = fs::read(entry.path()).expect("there");
        if entry.file_name() == files::TRANSFORMER {
            *bytes.last_mut().expect("weights") ^= 1;
        }
        fs::write(changed.join(entry.file_name()), bytes).expect("written");
    }
    let changed = changed.display().to_string();
    let foreign = write("foreign", &safetensors(&[1, 2, 3]));
    let of_foreign = myelin_wire::hash::to_hex(&myelin_provenance::content_id(&safetensors(&[1, 2, 3])));
    let empty = folder.join("empty");
    fs::create_dir(&empty).expect("made");
    let empty = empty.display().to_string();
    for (more, expected) in [
        (&["--model", "late", "--weights", &changed][..], "is no id of a published model"),
        (&["--model", id, "--weights", &changed], "has another content than model"),
        (&["--model", id, "--weights", &foreign], "is not model"),
        (&["--model", id, "--weights", &empty], "myelin model pull"),
        (&["--model", &of_foreign, "--weights", &foreign], "of the kind `text` cannot serve it"),
        (&["--kind", "finance", "--model", id, "--weights", &changed], "serve no weights of a file"),
    ] {
        let said = net.refused(&[run, more].concat());
        assert!(said.contains(expected), "{more:?}: {said}");
    }
    let graph = net.ok(&["metagraph", "-n", "1", "--json"]);
    let neurons = graph["neurons"].as_array().expect("neurons");
    assert!(neurons.iter().all(|neuron| neuron["axon"].is_null()), "nothing is announced: {graph}");
}

#[test]
fn each_kind_of_bad_input_is_named_before_anything_is_sent() {
    let folder = tempfile::tempdir().expect("a folder");
    let net = Network::up(folder.path());
    net.ok(&["wallet", "faucet", "//carol", "--amount", "30", "--json"]);
    let file = folder.path().join("weights");
    fs::write(&file, b"weights").expect("written");
    let file = file.display().to_string();
    let with = |more: &[&str]| {
        let base = ["publish", &file, "--name", "small"];
        let licence: &[&str] = if more.contains(&"--licence") { &[] } else { &["--licence", "MIT"] };
        net.refused(&by("//carol", &[&base[..], licence, more].concat()))
    };
    let nobody = "ab".repeat(32);
    for (more, expected) in [
        (&["--licence", "MIT OR"][..], "cannot be read at byte 6"),
        (&["--parent", &nobody], "the chain has no record of model"),
        (&["--contributor", "//carol=60%"], "add up to 60% and not to 100%"),
        (&["--url", "ftp://a.example/b"], "address 1 is not `http://`"),
        (&["--data", "nothing"], "neither 64 hexadecimal digits nor a file"),
        (&["--kind", "safetensors"], "no safetensors file"),
    ] {
        let said = with(more);
        assert!(said.contains(expected), "{more:?}: {said}");
    }
    let own = net.ok(&by("//carol", &["publish", &file, "--name", "own", "--licence", "MIT", "--dry-run"]));
    let id = myelin_provenance::content_id(b"weights")
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect::<String>();
    assert_eq!(own["refused"], serde_json::Value::Null, "{own}");
    assert!(net.refused(&["model", "show", &id]).contains("no record of model"), "nothing was sent");
    assert!(with(&["--parent", &id]).contains("is its own parent"));
}

#[test]
fn the_commands_of_the_guide_publish_a_model_and_pull_it() {
    let home = super::readme::Home::new();
    home.ok(&format!("{}myelin net up", home.export));
    let script = blocks(GUIDE, "sh").join("\n");
    let said = home.ok(&format!("{}{script}", home.export));
    home.ok(&format!("{}myelin net down", home.export));
    for words in
        ["published ", "verified", "confirmed", "withdrawn", "small", "declared", "announced, in force"]
    {
        assert!(said.contains(words), "{words}:\n{said}");
    }
}
