//! Commands that people type by habit, and the answers to them.

use super::{command, json, myelin, text};

#[test]
fn a_bare_command_and_a_bare_noun_show_help() {
    let folder = tempfile::tempdir().expect("a folder");
    for (words, shown) in [(&[][..], "A market for machine intelligence"), (&["wallet"], "regen-coldkey")] {
        let output = myelin(folder.path(), words);
        let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
        assert!(said.contains(shown) && !said.contains("error:"), "{said}");
    }
}

#[test]
fn wrong_words_are_answered_with_what_was_meant() {
    let folder = tempfile::tempdir().expect("a folder");
    for (words, meant) in [
        (&["metagraph", "2"][..], "--netuid 2"),
        (&["subnet", "show", "2"], "--netuid 2"),
        (&["wallet", "swap-coldkey"], "cannot replace coldkeys"),
        (&["crowd", "list"], "no crowdloans"),
        (&["w", "inspect"], "myelin wallet overview"),
        (&["wallet", "list", "--quiet"], "taken by no command"),
        (&["stake", "transfer", "-n", "1", "--to", "carol", "--dest", "//Bob", "--all"], "--dest"),
    ] {
        let output = myelin(folder.path(), words);
        assert_eq!(output.status.code(), Some(2), "{words:?}");
        assert!(text(&output.stderr).contains(meant), "{words:?}: {}", text(&output.stderr));
        let as_json = json(&myelin(folder.path(), &[words, &["--json"]].concat()));
        assert!(as_json["error"].as_str().is_some_and(|why| !why.is_empty()), "{words:?}");
    }
}

#[test]
fn a_variable_that_is_set_to_nothing_says_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let output =
        command(folder.path(), &["wallet", "list"]).env("MYELIN_ENDPOINT", "").output().expect("started");
    assert!(output.status.success(), "{}", text(&output.stderr));
}

#[test]
fn a_default_that_is_no_text_is_an_error_until_it_is_repaired() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join(".bittensor/config.yml");
    std::fs::create_dir_all(folder.path().join(".bittensor")).expect("a folder");
    std::fs::write(&file, "wallet_name: [1,2\n").expect("written");
    for words in [&["wallet", "list"][..], &["config", "get"]] {
        let refused = myelin(folder.path(), words);
        let why = text(&refused.stderr);
        assert_eq!(refused.status.code(), Some(1), "{words:?}: {why}");
        assert!(why.contains("config.yml, line 1") && why.contains("myelin config set wallet_name"), "{why}");
    }
    assert!(myelin(folder.path(), &["config", "set", "wallet_name", "alice"]).status.success());
    assert!(myelin(folder.path(), &["wallet", "list"]).status.success());
}

#[test]
fn shells_get_completions_and_man_its_pages() {
    let folder = tempfile::tempdir().expect("a folder");
    for shell in ["bash", "zsh", "fish"] {
        let script = myelin(folder.path(), &["completions", shell]);
        assert!(script.status.success() && text(&script.stdout).contains("metagraph"), "{shell}");
    }
    let written = json(&myelin(folder.path(), &["man", "pages", "--json"]));
    assert!(written["pages"].as_u64() > Some(50), "{written}");
    let page = std::fs::read_to_string(folder.path().join("pages/myelin-wallet-new.1")).expect("a page");
    assert!(page.contains("coldkey"), "{page}");
}

#[test]
fn an_answer_that_cannot_be_written_is_an_error() {
    let folder = tempfile::tempdir().expect("a folder");
    for words in [&["wallet", "list"][..], &["wallet", "list", "--json"], &["completions", "bash"]] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("the device");
        let output = command(folder.path(), words).stdout(full).output().expect("started");
        assert_eq!(output.status.code(), Some(1), "{words:?}");
        assert!(text(&output.stderr).contains("standard output"), "{}", text(&output.stderr));
    }
}

#[test]
fn rules_are_json_for_programs() {
    let folder = tempfile::tempdir().expect("a folder");
    let rules = json(&myelin(folder.path(), &["validator", "rules", "--kind", "analysis", "--json"]));
    assert!(
        rules["text"].as_str().is_some_and(|text| text.starts_with("myelin/rubric/1 analysis")),
        "{rules}"
    );
    assert!(rules["hash"].as_str().is_some_and(|hash| hash.len() == 66), "{rules}");
}

#[test]
fn silent_acceptance_became_refusal() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = |words: &[&str]| myelin(folder.path(), words);
    assert!(run(&["wallet", "new", "-w", "alice", "--no-password"]).status.success());
    for (words, why) in [
        (&["wallet", "sign", "-w", "alice", "--message", "0xzz"][..], "hexadecimal"),
        (&["wallet", "sign", "-w", "alice", "--message", ""], "empty"),
        (&["config", "set", "wallet_name", ""], "no default"),
        (&["validator", "replay", "--kind", "text", "nowhere", "--offline"], "there is no folder nowhere"),
        (&["validator", "run", "-n", "2", "--organic", "nowhere"], "there is no folder nowhere"),
        (&["wallet", "sign", "-w", "bob", "--message", "a"], "`myelin wallet new --wallet bob`"),
        (
            &["wallet", "sign", "-w", "alice", "-k", "two", "--use-hotkey", "--message", "a"],
            "`myelin wallet new-hotkey --wallet alice --hotkey two`",
        ),
    ] {
        let output = run(words);
        assert_eq!(output.status.code(), Some(1), "{words:?}: {}", text(&output.stdout));
        assert!(text(&output.stderr).contains(why), "{words:?}: {}", text(&output.stderr));
    }
    let page = run(&["subnet", "set-identity", "-n", "2", "-w", "alice", "--subnet-url", "not a url"]);
    assert_eq!(page.status.code(), Some(2));
    assert!(text(&page.stderr).contains("https://example.org"), "{}", text(&page.stderr));
    let other = run(&["wallet", "new-hotkey", "-w", "alcie", "-k", "one"]);
    assert!(
        other.status.success() && text(&other.stderr).contains("no coldkey here"),
        "{}",
        text(&other.stderr)
    );
}

#[test]
fn hotkeys_of_others_are_named_by_their_wallets() {
    let folder = tempfile::tempdir().expect("a folder");
    let made = |arguments: &[&str]| json(&myelin(folder.path(), &[arguments, &["--json"]].concat()));
    made(&["wallet", "new", "-w", "alice", "--no-password"]);
    let bob = made(&["wallet", "new", "-w", "bob", "-k", "judge", "--no-password"]);
    assert_eq!(bob["hotkey_mnemonic"].as_str().map(|words| words.split(' ').count()), Some(12), "{bob}");
    let hotkey = bob["hotkey"].as_str().expect("an address");
    // A command that reads no secret of the hotkey fails only at the node, where nobody listens.
    let named = |hotkey: &str| {
        let take = ["axon", "show", "-n", "1", "-w", "alice", "-k", hotkey, "--endpoint", "ws://127.0.0.1:9"];
        text(&myelin(folder.path(), &take).stderr)
    };
    assert!(named("bob").contains("no node answers"), "{}", named("bob"));
    assert!(named(hotkey).contains("no node answers"));
    made(&["wallet", "new-hotkey", "-w", "bob", "-k", "second"]);
    let several =
        myelin(folder.path(), &["doctor", "-w", "alice", "-k", "bob", "--endpoint", "ws://127.0.0.1:9"]);
    assert_eq!(several.status.code(), Some(1));
}
