//! A crate for a kind of subnet of the user's own, written from the template that is compiled and tested beside this
//! crate.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{json, myelin, text};

/// The checkout.
fn sdk() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the checkout")
}

/// Every file below a folder, by its path within it.
fn files(root: &Path) -> Vec<(PathBuf, String)> {
    let (mut files, mut folders) = (Vec::new(), vec![root.to_path_buf()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.ends_with("__pycache__") || path.ends_with("target") {
                continue;
            }
            match path.is_dir() {
                true => folders.push(path),
                false => {
                    let text = fs::read_to_string(&path).expect("a text");
                    files.push((path.strip_prefix(root).expect("below").to_path_buf(), text));
                }
            }
        }
    }
    files.sort();
    files
}

fn cargo(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .current_dir(folder)
        // The variables that cargo sets for this test are not meant for another crate.
        .env_remove("CARGO_MANIFEST_DIR")
        .output()
        .expect("cargo starts");
    assert!(output.status.success(), "cargo {arguments:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

#[test]
fn a_new_kind_of_subnet_is_the_template_with_other_names() {
    let folder = tempfile::tempdir().expect("a folder");
    let made = json(&myelin(folder.path(), &["subnet", "new", "graph-colouring", "--json"]));
    assert_eq!((&made["synapse"], &made["workspace_member"]), (&"GraphColouring".into(), &false.into()));
    let root = folder.path().join("graph-colouring");

    // The files equal the tested ones but for the names, and the manifest has the values of the workspace.
    let back = |text: &str| {
        let names = [("graph-colouring", "round-trip"), ("graph_colouring", "round_trip")];
        let names = names.into_iter().chain([("GraphColouring", "RoundTrip")]);
        names.fold(text.to_owned(), |text, (new, old)| text.replace(new, old))
    };
    let template = files(&sdk().join("subnets/template"));
    let (beside, of_template): (Vec<_>, Vec<_>) =
        files(&root).into_iter().partition(|(path, _)| !template.iter().any(|(known, _)| known == path));
    assert_eq!(of_template.len(), template.len());
    for ((path, text), (known, tested)) in of_template.iter().zip(&template) {
        assert!(!text.contains("round-trip") && !text.contains("RoundTrip"), "{}", path.display());
        assert_eq!(path, known);
        if path != Path::new("Cargo.toml") {
            assert_eq!(&back(text), tested, "{}", path.display());
        }
    }
    let beside: Vec<_> = beside.iter().map(|(path, _)| path.display().to_string()).collect();
    assert_eq!(beside, [".gitignore", "Cargo.lock", "rustfmt.toml"]);

    // The manifest leads to the SDK, with its versions, without asking a registry. The length of a name breaks no line.
    let tree = cargo(&root, &["tree", "--offline", "--edges", "normal", "--prefix", "none", "--depth", "1"]);
    for needed in ["apps/cli", "sdk/subnet", "core/wire"] {
        assert!(tree.contains(&sdk().join(needed).display().to_string()), "{tree}");
    }
    let version = |of: &Path| {
        let lock = fs::read_to_string(of.join("Cargo.lock")).expect("a lock file");
        lock.split("[[package]]").find(|package| package.contains("name = \"wasmtime\"")).map(str::to_owned)
    };
    assert_eq!(version(&root), version(&sdk()));
    for name in ["graph-colouring", "x", "a-name-of-two-and-thirty-letters"] {
        let root = folder.path().join(name);
        if !root.exists() {
            json(&myelin(folder.path(), &["subnet", "new", name, "--json"]));
        }
        cargo(&root, &["fmt", "--check"]);
    }
}

#[test]
fn in_the_checkout_it_joins_the_workspace() {
    let folder = tempfile::tempdir().expect("a folder");
    let checkout = folder.path().join("checkout");
    for (path, text) in files(&sdk().join("subnets/template")) {
        let path = checkout.join("subnets/template").join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, text).expect("written");
    }
    for file in ["Cargo.toml", "Cargo.lock"] {
        fs::copy(sdk().join(file), checkout.join(file)).expect("copied");
    }
    let before = fs::read_to_string(checkout.join("Cargo.toml")).expect("a manifest");
    let new =
        ["subnet", "new", "knapsack", "--sdk", "checkout", "--path", "checkout/subnets/knapsack", "--json"];
    assert_eq!(json(&myelin(folder.path(), &new))["workspace_member"], true);
    let after = fs::read_to_string(checkout.join("Cargo.toml")).expect("a manifest");
    assert_eq!(after.replace("    \"subnets/knapsack\",\n", ""), before);
    assert_ne!(after, before);
    let manifest = fs::read_to_string(checkout.join("subnets/knapsack/Cargo.toml")).expect("a manifest");
    assert!(manifest.contains("name = \"knapsack\"") && manifest.contains("version.workspace = true"));
    assert!(!checkout.join("subnets/knapsack/Cargo.lock").exists());
}

#[test]
fn a_bad_name_or_place_is_refused_and_nothing_is_written_or_lost() {
    let folder = tempfile::tempdir().expect("a folder");
    let refused = |arguments: &[&str]| {
        let output = myelin(folder.path(), &[&["subnet", "new"], arguments].concat());
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {}", text(&output.stdout));
        text(&output.stderr)
    };
    for name in ["Knapsack", "9lives", "two words", "", "../up", "a--b", "a-", "über"] {
        let said = refused(&["--", name]);
        assert!(said.contains("lower-case letters") && said.contains(name), "{said}");
    }
    for (name, why) in [
        ("text", "there is one of that name"),
        ("serde", "a package of the SDK has that name"),
        ("match", "keeps that word to itself"),
        ("a-name-that-nobody-would-want-to-type", "at most 32 characters"),
    ] {
        let said = refused(&[name]);
        assert!(said.contains(why), "{said}");
    }
    let nowhere = refused(&["knapsack", "--path", "absent/knapsack"]);
    assert!(nowhere.contains("no folder to put it in"), "{nowhere}");
    let no_sdk = refused(&["knapsack", "--sdk", "."]);
    assert!(no_sdk.contains("is no checkout with the SDK") && no_sdk.contains("--sdk"), "{no_sdk}");
    assert_eq!(files(folder.path()), []);

    fs::create_dir(folder.path().join("knapsack")).expect("made");
    fs::write(folder.path().join("knapsack/mine"), "mine").expect("written");
    let there = refused(&["knapsack"]);
    assert!(there.contains("exists already") && there.contains("--path"), "{there}");
    assert_eq!(files(folder.path()), [("knapsack/mine".into(), "mine".to_owned())]);
}
