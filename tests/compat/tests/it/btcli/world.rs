//! A chain with people on it, whose wallets the official command uses.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Mutex;

use myelin_abi::calls::admin::{
    SudoSetAdminFreezeWindow, SudoSetOwnerHparamRateLimit, SudoSetStakeThreshold,
    SudoSetTxDelegateTakeRateLimit, SudoSetTxRateLimit,
};
use myelin_chain_client::{AnyCall, ChainClient, Key, Wait};
use myelin_compat::packages::Packages;
use myelin_compat::table::{Part, Verdict, ROWS};
use myelin_units::AlphaBalance;
use myelin_wallet::{Secret, Wallet};
use serde_json::Value;
use tempfile::TempDir;

use super::process::{run, Said};
use crate::dev::{account, key};
use crate::node::Node;

/// One TAO or alpha in rao.
pub const TAO: u64 = 1_000_000_000;
/// Whose wallets there are. The coldkey of `alice` is the development key `//Alice`, its hotkey `//Alice_hk`.
const PEOPLE: [&str; 4] = ["alice", "bob", "charlie", "dave"];

/// In place of a wallet: all of them.
pub const EVERYBODY: &str = "*";

/// A number of TAO, as the command prints it, in rao.
pub fn rao(tao: &Value) -> u64 {
    (tao.as_f64().unwrap_or_else(|| panic!("{tao} is no number")) * 1e9).round() as u64
}

/// The node, the wallets, and what was tried.
pub struct World {
    pub chain: ChainClient,
    pub endpoint: String,
    pub folder: TempDir,
    /// Whether everything is tried, or what people use most.
    pub long: bool,
    program: PathBuf,
    /// The commands of the package with their options.
    commands: BTreeMap<String, BTreeSet<String>>,
    worked: Mutex<BTreeSet<String>>,
    refused: Mutex<BTreeSet<String>>,
    _node: Node,
}

impl World {
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
        let limits = chain.each_of(&limits).await.expect("the chain has batches");
        chain.sudo(limits, &key("//Alice"), Wait::Inclusion).await.expect("limits are lifted");
        let packages = Packages::Btcli9.installed().unwrap_or_else(|why| panic!("{why}"));
        let program = packages.join("bin/btcli");
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/peers/commands.py").to_owned();
        let listed = run(&packages.join("bin/python"), &[script], folder.path(), "").await;
        let commands = serde_json::from_str(&listed.text)
            .unwrap_or_else(|error| panic!("{error}: {}", listed.everything()));
        let world = Self {
            chain,
            endpoint,
            folder,
            long: std::env::var_os("CASES_TIMES").is_some(),
            program,
            commands,
            worked: Mutex::default(),
            refused: Mutex::default(),
            _node: node,
        };
        for who in PEOPLE {
            let name = who[..1].to_uppercase() + &who[1..];
            let wallet = Wallet::new(world.wallets(), who, "default").expect("a name");
            let secret = |uri: &str| Secret::from_keypair(key(uri));
            wallet.save_coldkey(&secret(&format!("//{name}")), None, false).expect("saved");
            wallet.save_hotkey(&secret(&format!("//{name}_hk")), None, false).expect("saved");
        }
        world
    }

    /// Where the wallets are.
    pub fn wallets(&self) -> PathBuf {
        self.folder.path().join("wallets")
    }

    /// The command of a wallet (of nobody's if `who` is empty) with options, which are separated by blanks; `'` keeps
    /// blanks together. Where it knows the options, it is told the chain and the wallet's files, and not to ask.
    async fn run(&self, who: &str, command: &str, options: &str, json: bool, answers: &str) -> Said {
        let known = self.commands.get(command);
        let known = known.unwrap_or_else(|| panic!("the package has no command `{command}`"));
        let mut words: Vec<String> = command.split(' ').map(str::to_owned).collect();
        for (place, piece) in options.split('\'').enumerate() {
            match place % 2 {
                0 => words.extend(piece.split_whitespace().map(str::to_owned)),
                _ => words.push(piece.to_owned()),
            }
        }
        let wallets = self.wallets().display().to_string();
        let mut usual = vec![("--network", &*self.endpoint), ("--no-prompt", "")];
        if !who.is_empty() {
            usual.push(("--wallet-path", &wallets));
        }
        if !["", EVERYBODY].contains(&who) {
            usual.extend([("--wallet-name", who), ("--hotkey", "default")]);
        }
        if json {
            usual.push(("--json-output", ""));
        }
        // Its options name what is cleared.
        usual.retain(|_| command != "config clear");
        for (name, value) in usual {
            if known.contains(name) && !words.iter().any(|word| word == name) {
                words.push(name.to_owned());
                words.extend((!value.is_empty()).then(|| value.to_owned()));
            }
        }
        run(&self.program, &words, self.folder.path(), answers).await
    }

    /// What a command that works answers in JSON, which stands below all else that it prints.
    pub async fn json(&self, who: &str, command: &str, options: &str) -> Value {
        self.json_answering(who, command, options, "").await
    }

    /// The same of one that asks although it was told not to.
    pub async fn json_answering(&self, who: &str, command: &str, options: &str, answers: &str) -> Value {
        let said = self.run(who, command, options, true, answers).await;
        let places = said.text.match_indices(['{', '[']);
        let answer = places.filter_map(|(place, _)| serde_json::from_str(&said.text[place..]).ok()).next();
        let answer = answer.unwrap_or_else(|| panic!("{}: no JSON:\n{}", said.line, said.everything()));
        assert_eq!(said.code, Some(0), "{}:\n{}", said.line, said.everything());
        self.worked.lock().expect("not poisoned").insert(command.to_owned());
        answer
    }

    /// What a command that works says.
    pub async fn text(&self, who: &str, command: &str, options: &str) -> String {
        self.text_answering(who, command, options, "").await
    }

    /// The same of one that asks.
    pub async fn text_answering(&self, who: &str, command: &str, options: &str, answers: &str) -> String {
        let said = self.run(who, command, options, false, answers).await;
        let everything = said.everything();
        let fine = said.code == Some(0) && !everything.contains('❌');
        assert!(fine, "{}:\n{everything}", said.line);
        self.worked.lock().expect("not poisoned").insert(command.to_owned());
        everything
    }

    /// A command that prints these words, whatever else it could not do.
    pub async fn shows(&self, who: &str, command: &str, options: &str, words: &str) {
        let said = self.run(who, command, options, false, "").await;
        assert!(said.text.contains(words), "{}:\n{}", said.line, said.everything());
        self.worked.lock().expect("not poisoned").insert(command.to_owned());
    }

    /// A command that fails, and says why in these words; not with the trace of a program's error.
    pub async fn refused(&self, who: &str, command: &str, options: &str, why: &str) {
        let said = self.run(who, command, options, false, "y\n").await;
        let everything = said.everything();
        let plain = everything.contains(why) && !everything.contains("Traceback");
        assert!(plain, "{} does not say `{why}`:\n{everything}", said.line);
        self.refused.lock().expect("not poisoned").insert(command.to_owned());
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

    /// What the chain stores of a subnet under this name.
    pub async fn of_subnet<V: codec::Decode>(&self, item: &str, netuid: u16) -> V {
        self.chain.value("SubtensorModule", item, &[Key::from(netuid)]).await.expect("stored")
    }

    /// Every command of the package stands in the table. In the long tests each was also shown as its row says.
    pub fn compare(&self) {
        let rows = ROWS.iter().filter(|row| row.part == Part::Btcli9);
        let listed: Vec<&str> = rows.clone().flat_map(|row| row.names()).collect();
        let named: BTreeSet<&str> = listed.iter().copied().collect();
        assert_eq!(listed.len(), named.len(), "a command stands in two rows");
        let official: BTreeSet<&str> = self.commands.keys().map(String::as_str).collect();
        assert_eq!(official, named, "the commands of the package and of the table");
        let worked = self.worked.lock().expect("not poisoned");
        let refused = self.refused.lock().expect("not poisoned");
        for row in rows {
            for name in row.names() {
                let (worked, refused) = (worked.contains(name), refused.contains(name));
                let fits = match row.verdict {
                    Verdict::Works => worked && !refused,
                    Verdict::Differs(_) => worked || refused,
                    Verdict::Absent(_) => refused && !worked,
                };
                let tried = worked || refused;
                assert!(fits || (!tried && !self.long), "`{name}` is not shown: {}", row.what);
            }
        }
    }
}
