//! A chain with accounts whose wallets official commands use, and the results of these commands.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Mutex;

use myelin_abi::calls::admin::{
    SudoSetAdminFreezeWindow, SudoSetOwnerHparamRateLimit, SudoSetStakeThreshold,
    SudoSetTxDelegateTakeRateLimit, SudoSetTxRateLimit,
};
use myelin_abi::Account;
use myelin_chain_client::{AnyCall, ChainClient, Key, Wait};
use myelin_compat::table::Verdict;
use myelin_units::AlphaBalance;
use myelin_wallet::{Secret, Wallet};
use serde_json::Value;
use tempfile::TempDir;

use crate::dev::{account, key};
use crate::node::Node;

/// One TAO or alpha in rao.
pub const TAO: u64 = 1_000_000_000;
/// Owners of the wallets. The coldkey of `alice` is the development key `//Alice`, its hotkey `//Alice_hk`.
const PEOPLE: [&str; 4] = ["alice", "bob", "charlie", "dave"];

/// A number of TAO, as commands print it, in rao.
pub fn rao(tao: &Value) -> u64 {
    (tao.as_f64().unwrap_or_else(|| panic!("{tao} is no number")) * 1e9).round() as u64
}

/// Whether all commands are tried, or only those that people use most.
pub fn is_long() -> bool {
    std::env::var_os("CASES_TIMES").is_some()
}

/// The pieces of a line, which blanks separate; `'` keeps blanks together.
pub fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (place, piece) in line.split('\'').enumerate() {
        match place % 2 {
            0 => words.extend(piece.split_whitespace().map(str::to_owned)),
            _ => words.push(piece.to_owned()),
        }
    }
    words
}

/// The node and the wallets.
pub struct Town {
    pub chain: ChainClient,
    pub endpoint: String,
    pub folder: TempDir,
    _node: Node,
}

impl Town {
    /// Starts the node and writes the wallets. Limits that a short story would meet are lifted.
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let node = Node::start(folder.path());
        let endpoint = node.endpoint();
        let chain = ChainClient::connect(&endpoint).await.expect("our node");
        let limits = [
            AnyCall::from(&SudoSetAdminFreezeWindow { window: 0 }),
            AnyCall::from(&SudoSetOwnerHparamRateLimit { epochs: 0 }),
            AnyCall::from(&SudoSetTxRateLimit { tx_rate_limit: 0 }),
            AnyCall::from(&SudoSetTxDelegateTakeRateLimit { tx_rate_limit: 0 }),
            AnyCall::from(&SudoSetStakeThreshold { min_stake: 0 }),
        ];
        let town = Self { chain, endpoint, folder, _node: node };
        town.as_root(&limits).await;
        for who in PEOPLE {
            let name = who[..1].to_uppercase() + &who[1..];
            let wallet = Wallet::new(town.wallets(), who, "default").expect("a name");
            let secret = |uri: &str| Secret::from_keypair(key(uri));
            wallet.save_coldkey(&secret(&format!("//{name}")), None, false).expect("saved");
            wallet.save_hotkey(&secret(&format!("//{name}_hk")), None, false).expect("saved");
        }
        town
    }

    /// Calls with root's rights, in one extrinsic.
    pub async fn as_root(&self, calls: &[AnyCall]) {
        let calls = self.chain.each_of(calls).await.expect("the chain has batches");
        self.chain.sudo(calls, &key("//Alice"), Wait::Inclusion).await.expect("root may");
    }

    /// Folder of the wallets.
    pub fn wallets(&self) -> PathBuf {
        self.folder.path().join("wallets")
    }

    /// The address in a file of a wallet.
    pub fn in_file(&self, file: &str) -> String {
        let text = std::fs::read_to_string(self.wallets().join(file)).expect("a file");
        let content: Value = serde_json::from_str(&text).expect("JSON");
        content["ss58Address"].as_str().expect("an address").to_owned()
    }

    /// The account that the file names.
    pub fn account_in(&self, file: &str) -> Account {
        Account(myelin_wire::ss58::decode(&self.in_file(file)).expect("an address"))
    }

    /// Free TAO of an account in rao.
    pub async fn balance(&self, name: &str) -> u64 {
        self.chain.balance(&account(name)).await.expect("a balance").to_rao()
    }

    /// Stake of a coldkey on a hotkey in rao.
    pub async fn stake(&self, cold: &str, hot: &str, netuid: u16) -> u64 {
        let stakes = self.chain.stakes(&account(cold)).await.expect("stakes");
        let hot = account(hot);
        let here = stakes.into_iter().find(|stake| stake.hotkey == hot && stake.netuid.0 == netuid);
        here.map_or(0, |stake| AlphaBalance::to_rao(stake.stake.0))
    }

    /// Storage item of a subnet with this name.
    pub async fn of_subnet<V: codec::Decode>(&self, item: &str, netuid: u16) -> V {
        self.chain.value("SubtensorModule", item, &[Key::from(netuid)]).await.expect("stored")
    }
}

/// Commands that worked, and commands that were refused.
#[derive(Default)]
pub struct Tried {
    worked: Mutex<BTreeSet<String>>,
    refused: Mutex<BTreeSet<String>>,
}

impl Tried {
    pub fn worked(&self, command: &str) {
        self.worked.lock().expect("not poisoned").insert(command.to_owned());
    }

    pub fn refused(&self, command: &str) {
        self.refused.lock().expect("not poisoned").insert(command.to_owned());
    }

    /// Every command of the package stands in the table. In the long tests, each was also shown as its row states.
    pub fn compare(&self, official: &BTreeSet<&str>, table: &BTreeMap<String, Verdict>) {
        let named: BTreeSet<&str> = table.keys().map(String::as_str).collect();
        assert_eq!(official, &named, "the commands of the package and of the table");
        let worked = self.worked.lock().expect("not poisoned");
        let refused = self.refused.lock().expect("not poisoned");
        let mut unlike = Vec::new();
        for (name, verdict) in table {
            let (worked, refused) = (worked.contains(name), refused.contains(name));
            let fits = match verdict {
                Verdict::Works => worked && !refused,
                Verdict::Differs(_) => worked,
                Verdict::Fails(_) | Verdict::Absent(_) => refused && !worked,
            };
            let tried = worked || refused;
            if !(fits || (!tried && !is_long())) {
                unlike.push(format!("`{name}`: {verdict:?}; worked: {worked}, refused: {refused}"));
            }
        }
        assert!(unlike.is_empty(), "not as the table says:\n{}", unlike.join("\n"));
    }
}
