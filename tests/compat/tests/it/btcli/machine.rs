//! `btcli config`, `utils` and `view`: commands that act on the user's machine.

use std::fs;

use super::world::World;
use crate::dev::address;

/// Settings, the book of proxies, conversions, and a page of everything.
pub async fn all(world: &World, netuid: u16) {
    settings(world).await;
    book(world).await;
    let converted = world.text("", "utils convert", "--tao 1.5").await;
    assert!(converted.contains("1500000000"), "{converted}");
    latency(world).await;

    let folder = world.folder.path().join("dashboard");
    let options = format!("--save-file --dashboard-path {}", folder.display());
    world.text("alice", "view dashboard", &options).await;
    let page = fs::read_dir(&folder).expect("a folder").next().expect("a page").expect("an entry");
    let page = fs::read_to_string(page.path()).expect("the page");
    let coldkey = address("Alice");
    let short = format!("{}...{}", &coldkey[..6], &coldkey[coldkey.len() - 6..]);
    assert!(page.contains(&short) && page.contains(&format!("data-value=\"{netuid}\"")), "{page}");
}

/// Three times of our node in the table that the command prints. It tries public nodes, too.
async fn latency(world: &World) {
    let printed = world.output("", "utils latency", "").await;
    let row = printed.lines().find(|line| line.contains(&world.endpoint));
    let row = row.unwrap_or_else(|| panic!("{printed}"));
    let seconds: Vec<f64> = row.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    let [whole, ping, head] = seconds[..] else { panic!("{row}") };
    assert!(ping > 0.0 && head > 0.0 && ping < whole && head < whole, "{row}");
}

/// The chain is a setting, too: then no command needs to name it.
async fn settings(world: &World) {
    let set = format!("--wallet-name alice --wallet-path {} --hotkey default", world.wallets().display());
    world.text_answering("", "config set", &set, "y\n").await;
    let said = world.text("", "config get", "").await;
    assert!(said.contains(&world.endpoint) && said.contains("alice"), "{said}");
    let written = world.folder.path().join(".bittensor/config.yml");
    assert!(fs::read_to_string(&written).expect("the file").contains(&world.endpoint));
    world.text_answering("", "config clear", "--all", "y\n").await;
    assert!(!fs::read_to_string(&written).expect("the file").contains(&world.endpoint));
}

async fn book(world: &World) {
    let add = format!(
        "--name purse --address {} --proxy-type Transfer --spawner {} --delay 0 --note first",
        address("Alice"),
        address("Bob")
    );
    world.text("", "config add-proxy", &add).await;
    world.text("", "config update-proxy", "--name purse --note second").await;
    let listed = world.text("", "config proxies", "").await;
    for expected in ["purse", &address("Alice"), &address("Bob"), "second"] {
        assert!(listed.contains(expected), "{listed}");
    }
    world.text("", "config remove-proxy", "--name purse").await;
    assert!(!world.text("", "config proxies", "").await.contains("purse"));
    world.text("", "config add-proxy", &add).await;
    world.text_answering("", "config clear-proxies", "", "y\n").await;
    assert!(!world.text("", "config proxies", "").await.contains("purse"));
}
