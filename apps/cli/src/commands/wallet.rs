//! `myelin wallet`: create, restore, list, balance, transfer, faucet.

use clap::{Args, Subcommand};
use codec::Compact;
use myelin_abi::calls::balances::TransferKeepAlive;
use myelin_abi::calls::Address;
use myelin_abi::Account;
use myelin_chain_client::Wait;
use myelin_units::TaoBalance;
use myelin_wallet::{Keypair, Mnemonic, Secret};
use myelin_wire::ss58;
use serde::Serialize;

use super::connect;
use super::subnet::report;
use crate::keys::{self, Keys};
use crate::output::{self, address, confirm, fail, tao, waiting, Outcome};
use crate::Global;

/// Keys: create, restore, list, balance, transfer, faucet.
#[derive(Subcommand)]
pub enum Wallet {
    /// Creates a coldkey and a hotkey; the coldkey's mnemonic is shown once.
    #[command(after_help = "Example:\n  myelin wallet new --wallet alice --hotkey miner1")]
    New(New),
    /// Adds a hotkey to a wallet.
    NewHotkey(NewHotkey),
    /// Restores a coldkey from its mnemonic, which is read from standard input.
    #[command(after_help = "Example:\n  myelin wallet restore --wallet alice < words.txt")]
    Restore(New),
    /// All wallets on this machine.
    List,
    /// Free TAO of a wallet or address.
    Balance(Whose),
    /// Sends TAO.
    #[command(after_help = "Example:\n  myelin wallet transfer --wallet alice --to 5F… --amount 1.5")]
    Transfer(Transfer),
    /// Gives a wallet TAO on a local network, from the account of //Alice.
    #[command(after_help = "Example:\n  myelin wallet faucet alice")]
    Faucet(Faucet),
}

/// What to create.
#[derive(Args)]
pub struct New {
    #[command(flatten)]
    keys: Keys,
    /// Words of the mnemonic.
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u8).range(12..=24))]
    words: u8,
    /// Write the coldkey unencrypted; for test networks only.
    #[arg(long)]
    no_password: bool,
    /// Replace existing files.
    #[arg(long)]
    overwrite: bool,
}

/// Which hotkey to create.
#[derive(Args)]
pub struct NewHotkey {
    #[command(flatten)]
    keys: Keys,
    /// Replace an existing file.
    #[arg(long)]
    overwrite: bool,
}

/// Whose balance.
#[derive(Args)]
pub struct Whose {
    /// Wallet name, address, or development key such as //Alice.
    #[arg(default_value = "default")]
    who: String,
}

/// How much to whom.
#[derive(Args)]
pub struct Transfer {
    #[command(flatten)]
    keys: Keys,
    /// Receiver: an address, a wallet name, or a development key.
    #[arg(long)]
    to: String,
    /// TAO to send.
    #[arg(long, value_parser = output::amount, value_name = "TAO")]
    amount: u64,
}

/// How much for whom.
#[derive(Args)]
pub struct Faucet {
    /// Wallet name, address, or development key such as //Bob.
    #[arg(default_value = "default")]
    who: String,
    /// TAO to give.
    #[arg(long, value_parser = output::amount, default_value = "1000", value_name = "TAO")]
    amount: u64,
}

#[derive(Serialize)]
struct Listed {
    name: String,
    coldkey: Option<String>,
    coldkey_on_this_machine: bool,
    hotkeys: Vec<ListedHotkey>,
}

#[derive(Serialize)]
struct ListedHotkey {
    name: String,
    address: Option<String>,
}

impl Wallet {
    /// Runs the verb.
    pub async fn run(self, global: &Global) -> Outcome {
        match self {
            Wallet::New(new) => new.create(global),
            Wallet::NewHotkey(new) => new.run(global),
            Wallet::Restore(new) => new.restore(global),
            Wallet::List => list(global),
            Wallet::Balance(whose) => whose.balance(global).await,
            Wallet::Transfer(transfer) => transfer.run(global).await,
            Wallet::Faucet(faucet) => faucet.run(global).await,
        }
    }
}

impl New {
    fn create(self, global: &Global) -> Outcome {
        let mnemonic = Mnemonic::generate(self.words.into())?;
        let secret = Secret::from_mnemonic(&mnemonic);
        let hotkey = Secret::from_mnemonic(&Mnemonic::generate(12)?);
        self.save(global, &secret)?;
        let wallet = self.keys.wallet(global)?;
        if self.overwrite || !wallet.hotkey_file().exists() {
            wallet.save_hotkey(&hotkey, None, self.overwrite)?;
        }
        let coldkey = ss58::encode(&secret.keypair().public());
        if global.json {
            // The mnemonic is a secret; programs that need it read the key file.
            return output::json(&serde_json::json!({
                "wallet": wallet.name(),
                "coldkey": coldkey,
                "hotkey": ss58::encode(&wallet.hotkeypub()?),
            }));
        }
        println!("wallet {} created in {}", wallet.name(), wallet.path().display());
        println!("coldkey {coldkey}");
        println!("hotkey  {} ({})", ss58::encode(&wallet.hotkeypub()?), wallet.hotkey_name());
        println!("\nWrite these words down and keep them to yourself; they are the coldkey:\n");
        println!("  {}\n", *mnemonic.phrase());
        Ok(())
    }

    fn restore(self, global: &Global) -> Outcome {
        let mut phrase = String::new();
        std::io::stdin().read_line(&mut phrase)?;
        let mnemonic = Mnemonic::parse(phrase.trim())?;
        let secret = Secret::from_mnemonic(&mnemonic);
        self.save(global, &secret)?;
        let coldkey = ss58::encode(&secret.keypair().public());
        report(global, &format!("coldkey {coldkey} restored"), &serde_json::json!({ "coldkey": coldkey }))
    }

    fn save(&self, global: &Global, secret: &Secret) -> Outcome {
        let wallet = self.keys.wallet(global)?;
        if wallet.coldkey_file().exists() && !self.overwrite {
            return fail(format!(
                "{} exists; choose another --wallet, or pass --overwrite",
                wallet.coldkey_file().display()
            ));
        }
        let password =
            if self.no_password { None } else { Some(keys::new_password(&wallet.coldkey_file())?) };
        Ok(wallet.save_coldkey(secret, password.as_ref(), self.overwrite)?)
    }
}

impl NewHotkey {
    fn run(self, global: &Global) -> Outcome {
        let wallet = self.keys.wallet(global)?;
        let secret = Secret::from_mnemonic(&Mnemonic::generate(12)?);
        wallet.save_hotkey(&secret, None, self.overwrite)?;
        let shown = ss58::encode(&secret.keypair().public());
        report(
            global,
            &format!("hotkey {} created: {shown}", wallet.hotkey_name()),
            &serde_json::json!({ "wallet": wallet.name(), "hotkey": shown }),
        )
    }
}

fn list(global: &Global) -> Outcome {
    let folder = keys::folder(global);
    let wallets: Vec<Listed> = myelin_wallet::Wallet::list(&folder)?
        .into_iter()
        .map(|entry| Listed {
            name: entry.name,
            coldkey: entry.coldkey.map(|key| ss58::encode(&key)),
            coldkey_on_this_machine: entry.coldkey_format.is_some(),
            hotkeys: entry
                .hotkeys
                .into_iter()
                .map(|(name, key)| ListedHotkey { name, address: key.map(|key| ss58::encode(&key)) })
                .collect(),
        })
        .collect();
    if global.json {
        return output::json(&wallets);
    }
    if wallets.is_empty() {
        println!("no wallets in {}; `myelin wallet new` creates one", folder.display());
        return Ok(());
    }
    let mut table = output::table(&["wallet", "key", "address", "secret here"], 4);
    for wallet in wallets {
        table.add_row([
            wallet.name.clone(),
            "coldkey".into(),
            wallet.coldkey.unwrap_or_default(),
            if wallet.coldkey_on_this_machine { "yes".into() } else { "no".to_string() },
        ]);
        for hotkey in wallet.hotkeys {
            table.add_row([
                String::new(),
                format!("hotkey {}", hotkey.name),
                hotkey.address.unwrap_or_default(),
                "yes".into(),
            ]);
        }
    }
    output::print(&table);
    Ok(())
}

impl Whose {
    async fn balance(self, global: &Global) -> Outcome {
        let account = keys::account(&self.who, global)?;
        let free = connect(global).await?.balance(&account).await?;
        let shown = address(&account);
        report(
            global,
            &format!("{shown}: {} free", tao(free)),
            &serde_json::json!({ "address": shown, "free_rao": free.to_rao() }),
        )
    }
}

impl Transfer {
    async fn run(self, global: &Global) -> Outcome {
        let chain = connect(global).await?;
        let to: Account = keys::account(&self.to, global)?;
        let coldkey = self.keys.coldkey(global)?;
        let value = TaoBalance::from_rao(self.amount);
        let call = TransferKeepAlive { dest: Address::Id(to), value: Compact(value) };
        let fee = TaoBalance::from_rao(chain.fee(&call, &coldkey).await?);
        confirm(&format!("sending {} to {}, fee {}", tao(value), address(&to), tao(fee)), global.yes)?;
        let progress = waiting("waiting for finality");
        let receipt = chain.submit(&call, &coldkey, Wait::Finality).await?;
        progress.finish_and_clear();
        let block = receipt.block.map(|block| block.to_string()).unwrap_or_default();
        report(
            global,
            &format!("sent in block {block}"),
            &serde_json::json!({ "to": address(&to), "amount_rao": self.amount, "fee_rao": receipt.fee, "block": block }),
        )
    }
}

/// The rich account of every local network, whose key everybody knows.
const RICH: &str = "//Alice";

impl Faucet {
    /// A chain has a faucet if its genesis made the account of the faucet its sudo key, as local networks do.
    async fn run(self, global: &Global) -> Outcome {
        let to = keys::account(&self.who, global)?;
        let rich = Keypair::from_uri(RICH)?;
        let chain = connect(global).await?;
        let sudo: Option<Account> = chain.storage("Sudo", "Key", &[], None).await.unwrap_or_default();
        if sudo != Some(Account(rich.public())) {
            return fail(format!(
                "{} is no local network, so it has no faucet; `myelin net up` starts one",
                global.endpoint
            ));
        }
        let value = TaoBalance::from_rao(self.amount);
        let call = TransferKeepAlive { dest: Address::Id(to), value: Compact(value) };
        let progress = waiting("waiting for finality");
        chain.submit(&call, &rich, Wait::Finality).await?;
        progress.finish_and_clear();
        let free = chain.balance(&to).await?;
        let shown = address(&to);
        report(
            global,
            &format!("{} for {shown}, which has {} now", tao(value), tao(free)),
            &serde_json::json!({ "address": shown, "amount_rao": self.amount, "free_rao": free.to_rao() }),
        )
    }
}
