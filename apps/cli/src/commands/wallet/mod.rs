//! `myelin wallet`: keys, balances, transfers, identities, signatures, history.

mod create;
mod export;
mod history;
mod hotkey;
mod identity;
mod list;
mod message;
mod overview;
mod set_password;
mod transfer;

use clap::Subcommand;

use crate::output::Outcome;
use crate::Global;

pub use overview::Overview;

/// Keys: create, restore, list, balance, transfer, sign, history.
#[derive(Subcommand)]
pub enum Wallet {
    /// Creates a coldkey and a hotkey; the coldkey's mnemonic is shown once, with --json as `mnemonic`.
    #[command(
        visible_alias = "create",
        after_help = "Example:\n  myelin wallet new --wallet alice --hotkey miner1"
    )]
    New(create::New),
    /// Creates a coldkey alone; its mnemonic is shown once, with --json as `mnemonic`.
    #[command(alias = "new_coldkey")]
    NewColdkey(create::New),
    /// Adds a hotkey to a wallet; its mnemonic is shown once, with --json as `mnemonic`.
    #[command(alias = "new_hotkey")]
    NewHotkey(create::NewHotkey),
    /// Restores a coldkey from its mnemonic, its seed, or an export of a browser wallet.
    #[command(
        aliases = ["restore", "regen_coldkey"],
        after_help = "Examples:\n  myelin wallet regen-coldkey --wallet alice < words.txt\n  myelin wallet regen-coldkey --wallet alice --keystore export.json"
    )]
    RegenColdkey(create::RegenColdkey),
    /// Restores a hotkey from its mnemonic, its seed, or an export of a browser wallet.
    #[command(alias = "regen_hotkey")]
    RegenHotkey(create::RegenHotkey),
    /// Watches a coldkey of which only the address is known here.
    #[command(
        visible_alias = "watch",
        alias = "regen_coldkeypub",
        after_help = "Example:\n  myelin wallet watch --wallet treasury --address 5F…"
    )]
    RegenColdkeypub(create::Watch),
    /// Watches a hotkey of which only the address is known here.
    #[command(alias = "regen_hotkeypub")]
    RegenHotkeypub(create::Watch),
    /// Writes a key as browser wallets import it, encrypted under a password of its own.
    #[command(after_help = "Example:\n  myelin wallet export --wallet alice --out alice.json")]
    Export(export::Export),
    /// Encrypts a coldkey's file under a new password; with --no-password decrypts it.
    #[command(after_help = "Example:\n  myelin wallet set-password --wallet alice")]
    SetPassword(set_password::SetPassword),
    /// All wallets on this machine.
    List,
    /// Free TAO of a wallet or address, or of all wallets.
    #[command(after_help = "Examples:\n  myelin wallet balance alice\n  myelin wallet balance --all")]
    Balance(list::Whose),
    /// A coldkey's money, stake and neurons.
    Overview(Overview),
    /// Sends TAO.
    #[command(after_help = "Example:\n  myelin wallet transfer --wallet alice --to 5F… --amount 1.5")]
    Transfer(transfer::Transfer),
    /// Gives a wallet TAO on a local network, from the account of //Alice.
    #[command(after_help = "Example:\n  myelin wallet faucet alice")]
    Faucet(transfer::Faucet),
    /// Replaces a hotkey by another, on one subnet or on all.
    #[command(
        alias = "swap_hotkey",
        after_help = "Example:\n  myelin wallet swap-hotkey --wallet alice --hotkey old --all-netuids new"
    )]
    SwapHotkey(hotkey::Swap),
    /// Claims a hotkey without an owner.
    #[command(alias = "associate_hotkey")]
    AssociateHotkey(hotkey::Associate),
    /// The published identity of a coldkey.
    #[command(alias = "get_identity")]
    GetIdentity(identity::Whose),
    /// Publishes the identity of a coldkey; absent fields stay as they are.
    #[command(
        alias = "set_identity",
        after_help = "Example:\n  myelin wallet set-identity --wallet alice --id-name 'Alice Ltd.' --web-url https://example.org"
    )]
    SetIdentity(identity::Set),
    /// Signs a message with the coldkey, or with the hotkey.
    #[command(
        after_help = "Example:\n  myelin wallet sign --wallet alice --use-hotkey --message 'it is me'"
    )]
    Sign(message::Sign),
    /// Checks the signer of a message; exit code 1 for another signer.
    Verify(message::Verify),
    /// Events of an account from the chain; as CSV with `--csv`.
    ///
    /// The sum of `tao_rao` is the change of the free balance. `alpha_rao` counts alpha that was bought, sold, given,
    /// received, burned, paid as a fee, or staked automatically, and root dividends that were claimed as stake on root.
    ///
    /// It leaves out emission, root dividends that are kept as alpha, and the alpha of a removed subnet: the chain
    /// reports them without naming accounts. For stake given within a subnet the chain reports only the value in TAO;
    /// the alpha is computed from that, at the price after its block.
    #[command(after_help = "Example:\n  myelin wallet history alice --blocks 7200 --csv > alice.csv")]
    History(history::History),
}

impl Wallet {
    /// Runs the verb.
    pub async fn run(self, global: &Global) -> Outcome {
        match self {
            Wallet::New(new) => new.pair(global),
            Wallet::NewColdkey(new) => new.coldkey(global),
            Wallet::NewHotkey(new) => new.run(global),
            Wallet::RegenColdkey(regen) => regen.run(global),
            Wallet::RegenHotkey(regen) => regen.run(global),
            Wallet::RegenColdkeypub(watch) => watch.coldkey(global),
            Wallet::RegenHotkeypub(watch) => watch.hotkey(global),
            Wallet::Export(export) => export.run(global),
            Wallet::SetPassword(set) => set.run(global),
            Wallet::List => list::wallets(global),
            Wallet::Balance(whose) => whose.run(global).await,
            Wallet::Overview(overview) => overview.run(global).await,
            Wallet::Transfer(transfer) => transfer.run(global).await,
            Wallet::Faucet(faucet) => faucet.run(global).await,
            Wallet::SwapHotkey(swap) => swap.run(global).await,
            Wallet::AssociateHotkey(associate) => associate.run(global).await,
            Wallet::GetIdentity(whose) => whose.show(global).await,
            Wallet::SetIdentity(set) => set.run(global).await,
            Wallet::Sign(sign) => sign.run(global),
            Wallet::Verify(verify) => verify.run(global),
            Wallet::History(history) => history.run(global).await,
        }
    }
}
