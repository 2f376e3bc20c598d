//! A model from its publication to its withdrawal, on a real network and with a real server of files.

use std::fs;
use std::path::Path;

use super::guides::blocks;
use super::harness::Network;

const GUIDE: &str = include_str!("../../../../docs/guides/models.md");

/// A safetensors file with one tensor of these bytes.
fn safetensors(data: &[u8]) -> Vec<u8> {
    let header = format!(r#"{{"w":{{"dtype":"U8","shape":[{0}],"data_offsets":[0,{0}]}}}}"#, data.len());
    [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), data].concat()
}

/// Serves the files below a folder as they are now; the answer is its address.
fn serve(root: &Path) -> String {
    use axum::extract::{Path as Part, State};
    use axum::http::StatusCode;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("a socket");
    let address = format!("http://{}", listener.local_addr().expect("bound"));
    let read = |State(root): State<std::path::PathBuf>, Part(path): Part<String>| async move {
        fs::read(root.join(path)).map_err(|_| StatusCode::NOT_FOUND)
    };
    let server = axum::Router::new().route("/{*path}", axum::routing::get(read)).with_state(root.to_owned());
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).expect("a socket");
            axum::serve(listener, server).await.expect("serves until the test ends");
        });
    });
    address
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
    let (base, file) = (serve(&served), file.display().to_string());
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
    for words in ["published ", "verified", "confirmed", "withdrawn", "small", "declared", "announced, in force"] {
        assert!(said.contains(words), "{words}:\n{said}");
    }
}
