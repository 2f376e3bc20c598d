//! From a call to its outcome: announced, tried, confirmed, signed, submitted, followed, and reported.
//!
//! The node executes every call in a dry run first, so that a foreseen refusal costs no fee.
//!
//! Every command that changes something flattens a [`Sender`] into its options and gives it an [`Order`], or
//! [`Several`] calls at once.

mod later;
mod several;

use clap::{Args, ValueEnum};
use codec::Decode;
use myelin_abi::calls::proxy::Announce;
use myelin_abi::calls::Address;
use myelin_abi::Account;
use myelin_chain_client::{Allowed, AnyCall, ChainClient, ChainError, Receipt, Wait};
use myelin_units::TaoBalance;
use myelin_wallet::Keypair;
use serde_json::{json, Value};

use crate::keys::{self, Keys};
use crate::output::{self, address, fail, tao_at_most, waiting, Failure, Outcome};
use crate::Global;

pub use several::{LeftOut, Part, Several};

use later::When;

/// The signing key, the account it acts for, and how far the result is followed.
#[derive(Args, Clone, Debug)]
pub struct Sender {
    #[command(flatten)]
    pub keys: Keys,
    /// Act for this account, of which the wallet's key is a proxy.
    #[arg(long, value_name = "ACCOUNT", help_heading = "Sending")]
    proxy: Option<String>,
    /// Only announce the call, as proxies with a delay must; `myelin proxy execute` carries it out later.
    #[arg(long, requires = "proxy", help_heading = "Sending")]
    announce_only: bool,
    /// Print the cost and whether the chain would accept it now; send nothing.
    #[arg(long, help_heading = "Sending")]
    dry_run: bool,
    /// Send without encryption; nothing is encrypted here yet, so this changes nothing.
    #[arg(long, help_heading = "Sending")]
    no_mev_protection: bool,
    /// Wait for this stage of the outcome.
    #[arg(long, value_enum, default_value = "finality", help_heading = "Sending")]
    wait: Until,
    /// If the chain allows it only later, wait for that block and send then; at most so many seconds.
    #[arg(
        long,
        value_name = "SECONDS",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = later::PATIENCE,
        value_parser = clap::value_parser!(u64).range(..=604_800),
        help_heading = "Sending"
    )]
    when_possible: Option<u64>,
}

/// One subnet, and the keys that act there.
#[derive(Args)]
pub struct OnSubnet {
    /// The subnet.
    #[arg(long, short = 'n')]
    pub netuid: u16,
    #[command(flatten)]
    pub by: Sender,
}

/// Stage of the outcome to wait for.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Until {
    /// Until the node accepted it.
    Pool,
    /// Until a block holds it.
    #[value(alias = "included")]
    Inclusion,
    /// Until no fork can drop that block.
    #[value(alias = "finalized")]
    Finality,
}

/// The key of the wallet that signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Coldkey,
    Hotkey,
}

/// A call, with its description for people.
pub struct Order {
    call: AnyCall,
    what: String,
    note: String,
    asks: bool,
    role: Role,
    owner_of: Option<u16>,
}

impl Order {
    /// A call of the coldkey. `what` describes the effect in one line, in the -ing form.
    pub fn new(call: impl Into<AnyCall>, what: impl Into<String>) -> Self {
        Order {
            call: call.into(),
            what: what.into(),
            note: String::new(),
            asks: true,
            role: Role::Coldkey,
            owner_of: None,
        }
    }

    /// A call of the hotkey.
    pub fn of_hotkey(call: impl Into<AnyCall>, what: impl Into<String>) -> Self {
        Order { role: Role::Hotkey, ..Order::new(call, what) }
    }

    /// Without a question: no money moves but the fee, and the effect can be undone.
    pub fn unasked(self) -> Self {
        Order { asks: false, ..self }
    }

    /// A call that the owner of a subnet can make only outside of its freeze windows.
    pub fn by_owner_of(self, netuid: u16) -> Self {
        Order { owner_of: Some(netuid), ..self }
    }

    /// Appends a note to the announcement.
    pub fn with_note(self, note: impl Into<String>) -> Self {
        Order { note: note.into(), ..self }
    }
}

/// A call in the form in which it is signed.
struct Envelope {
    call: AnyCall,
    /// The call itself, or the one that it carries or announces, as the chain encodes it.
    carried: Vec<u8>,
    fee: TaoBalance,
}

/// The verdict of a dry run.
const WOULD_BE_DONE: &str = "the chain would do it now";

/// The failure of a dry run that the chain refuses.
const WOULD_BE_REFUSED: &str = "the chain would refuse it now";

/// An order that the chain carried out.
pub struct Sent {
    receipt: Receipt,
}

impl Sender {
    /// The account whose money moves: the one that the proxy acts for, else the wallet's coldkey.
    pub fn account(&self, global: &Global) -> Result<Account, Failure> {
        match &self.proxy {
            Some(real) => keys::account(real, global),
            None => self.keys.coldkey_account(global),
        }
    }

    /// The account of the hotkey that the options name.
    pub fn hotkey(&self, global: &Global) -> Result<Account, Failure> {
        self.keys.hotkey_account(global)
    }

    /// The account as which a call of the hotkey acts: the one that the proxy acts for, else the hotkey.
    pub fn acting_hotkey(&self, global: &Global) -> Result<Account, Failure> {
        self.real(global)?.map_or_else(|| self.hotkey(global), Ok)
    }

    /// Whether the call is to be carried out now, neither tried nor announced.
    pub fn acts_now(&self) -> bool {
        !self.dry_run && !self.announce_only
    }

    /// Whether the block that holds the call is waited for, and with it the events of the call.
    pub fn learns_its_block(&self) -> bool {
        !self.announce_only && !matches!(self.wait, Until::Pool)
    }

    /// Announces, tries, confirms, signs, submits and follows. If a dry run foresees a refusal, it ends before anything
    /// is paid. Returns `None` if there is nothing more to report: `--dry-run` and `--announce-only` are reported here.
    pub async fn send(
        &self,
        global: &Global,
        chain: &ChainClient,
        order: Order,
    ) -> Result<Option<Sent>, Failure> {
        let signer = match order.role {
            Role::Coldkey => self.keys.coldkey_account(global)?,
            Role::Hotkey => self.keys.hotkey_account(global)?,
        };
        let real = self.real(global)?;
        let acting = real.unwrap_or(signer);
        let When { allowed, why } = later::when(chain, &order, &acting).await?;
        if !self.dry_run {
            later::refuse_never(&order, allowed, &why)?;
            if matches!(allowed, Allowed::At { .. }) && self.when_possible.is_none() {
                return fail(format!(
                    "{} is possible {allowed} at the earliest{why}; nothing was sent; --when-possible waits \
                     and sends it then",
                    order.what
                ));
            }
        }
        let envelope = self.envelope(chain, &signer, real, order.call.clone()).await?;
        let mut line = said(&format!("{}{}", order.what, order.note), &signer, real, envelope.fee);
        if self.when_possible.is_some() && envelope.fee != TaoBalance::ZERO {
            line += &format!(" for each of at most {} tries", later::ATTEMPTS);
        }
        if self.dry_run {
            return self.tell_of_dry_run(global, chain, &order, When { allowed, why }, envelope, &line).await;
        }
        let agreed = global.yes || !order.asks;
        output::propose(&line, agreed)?;
        let key = self.signer(order.role, global)?;
        if let Some(refusal) = chain.foreseen_refusal(envelope.call.clone(), &key).await? {
            return fail(unsent(&refusal));
        }
        output::ask(agreed)?;
        let receipt = match self.when_possible {
            Some(patience) => {
                self.submit_when_possible(chain, &order, &acting, envelope.call, &key, patience).await?
            }
            None => self.submit(chain, envelope.call, &key).await?,
        };
        let sent = Sent { receipt };
        if self.announce_only {
            let (text, value) = announced(&envelope.carried);
            sent.report(global, &text, value)?;
            return Ok(None);
        }
        Ok(Some(sent))
    }

    /// Executes an order on the newest block without sending it, and reports the result.
    async fn tell_of_dry_run(
        &self,
        global: &Global,
        chain: &ChainClient,
        order: &Order,
        When { allowed, why }: When,
        envelope: Envelope,
        line: &str,
    ) -> Result<Option<Sent>, Failure> {
        let key = self.signer(order.role, global)?;
        let outcome = chain.dry_run(envelope.call, &key).await;
        let refused = outcome.err().map(|error| match allowed {
            Allowed::At { .. } => format!("{error}; possible {allowed} at the earliest{why}"),
            Allowed::Now | Allowed::Never => error.to_string(),
        });
        let verdict = refused.as_deref().unwrap_or(WOULD_BE_DONE);
        output::report(
            global,
            &format!("{line}\n{verdict}\nnothing was sent"),
            json!({ "dry_run": true, "what": order.what, "signer": address(&Account(key.public())),
                    "fee_rao": envelope.fee.to_rao(), "refused": refused, "call": to_hex(&envelope.carried) }),
        )?;
        if refused.is_some() {
            fail(WOULD_BE_REFUSED)
        } else {
            Ok(None)
        }
    }

    /// The account that the proxy acts for.
    fn real(&self, global: &Global) -> Result<Option<Account>, Failure> {
        self.proxy.as_ref().map(|real| keys::account(real, global)).transpose()
    }

    /// A call in the form in which it is signed, with its cost.
    async fn envelope(
        &self,
        chain: &ChainClient,
        signer: &Account,
        real: Option<Account>,
        call: AnyCall,
    ) -> Result<Envelope, Failure> {
        let carried = chain.encode(&call).await?;
        let call = match real {
            Some(real) if self.announce_only => {
                let call_hash = myelin_wire::hash::blake2_256(&carried);
                AnyCall::from(&Announce { real: Address::Id(real), call_hash })
            }
            Some(real) => chain.as_proxy(&real, call).await?,
            None => call,
        };
        let fee = TaoBalance::from_rao(chain.fee(call.clone(), signer).await?);
        Ok(Envelope { call, carried, fee })
    }

    /// Submits a call and follows it as far as the options ask.
    async fn submit(&self, chain: &ChainClient, call: AnyCall, key: &Keypair) -> Result<Receipt, ChainError> {
        let (wait, why) = match self.wait {
            Until::Pool => (Wait::Pool, "waiting for the pool"),
            Until::Inclusion => (Wait::Inclusion, "waiting for a block"),
            Until::Finality => (Wait::Finality, "waiting for finality"),
        };
        let progress = waiting(why);
        let receipt = chain.submit(call, key, wait).await;
        progress.finish_and_clear();
        receipt
    }

    /// Sends an order and reports it with these words and this JSON.
    pub async fn carry_out(
        &self,
        global: &Global,
        chain: &ChainClient,
        order: Order,
        done: &str,
        value: Value,
    ) -> Outcome {
        match self.send(global, chain, order).await? {
            Some(sent) => sent.report(global, done, value),
            None => Ok(()),
        }
    }

    fn signer(&self, role: Role, global: &Global) -> Result<Keypair, Failure> {
        match role {
            Role::Coldkey => self.keys.coldkey(global),
            Role::Hotkey => self.keys.hotkey(global),
        }
    }
}

impl Sent {
    /// Fields of the first event of this name, decoded.
    pub fn event<T: Decode>(&self, pallet: &str, name: &str) -> Option<T> {
        self.receipt.event(pallet, name)
    }

    /// Fields of every event of this name, decoded.
    pub fn events<'a, T: Decode>(&'a self, pallet: &'a str, name: &'a str) -> impl Iterator<Item = T> + 'a {
        self.receipt.events_of(pallet, name)
    }

    /// Whether no block holds the call yet.
    pub fn is_pending(&self) -> bool {
        self.receipt.block.is_none()
    }

    /// Prints the result; in JSON with extrinsic, block and fee beside `value`, which is an object.
    pub fn report(&self, global: &Global, done: &str, mut value: Value) -> Outcome {
        if let Some(fields) = value.as_object_mut() {
            fields.insert("extrinsic".into(), self.receipt.extrinsic.to_string().into());
            fields.insert("block".into(), self.receipt.block.map(|block| block.to_string()).into());
            fields.insert("fee_rao".into(), self.receipt.fee.into());
        }
        let unsure = if self.is_pending() { " (accepted by the node; not yet in a block)" } else { "" };
        output::report(global, &format!("{done}{unsure}"), value)
    }
}

/// Reason for not sending a call that the chain would refuse.
fn unsent(refusal: &ChainError) -> String {
    format!("{refusal}; nothing was sent, and nothing was paid")
}

/// The announcement: the effect, the account, the signer, and the maximum fee. The chain refunds the part that a call
/// does not need.
fn said(what: &str, signer: &Account, real: Option<Account>, fee: TaoBalance) -> String {
    let on_behalf = real.map_or(String::new(), |real| format!(" for {}", address(&real)));
    let fee = if fee == TaoBalance::ZERO {
        "no fee, unless the chain refuses it in a block".into()
    } else {
        format!("fee at most {}", tao_at_most(fee))
    };
    format!("{what}{on_behalf}; signed by {}; {fee}", address(signer))
}

/// The announced call and the command that carries it out: for people, and for programs.
fn announced(carried: &[u8]) -> (String, Value) {
    let (hash, call) = (to_hex(&myelin_wire::hash::blake2_256(carried)), to_hex(carried));
    let text = format!("announced {hash}; when its delay is over: `myelin proxy execute --call-hex {call}`");
    (text, json!({ "announced": true, "call_hash": hash, "call": call }))
}

/// Bytes as hexadecimal digits after 0x.
pub fn to_hex(bytes: &[u8]) -> String {
    format!("0x{}", myelin_wire::hash::to_hex(bytes))
}

/// Bytes from hexadecimal digits, with or without 0x before them; `None` without digits, or for half a byte.
pub fn from_hex_text(text: &str) -> Option<Vec<u8>> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    if digits.is_empty() || !digits.len().is_multiple_of(2) {
        return None;
    }
    (0..digits.len())
        .step_by(2)
        .map(|at| digits.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_read_whole_or_not_at_all() {
        assert_eq!(from_hex_text("0x0aff"), Some(vec![10, 255]));
        assert_eq!(from_hex_text(&to_hex(&[1, 2])), Some(vec![1, 2]));
        for wrong in ["", "0x", "0x1", "0xzz", "ä0"] {
            assert_eq!(from_hex_text(wrong), None, "{wrong}");
        }
    }
}
