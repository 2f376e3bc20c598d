//! Submissions: sign, submit, follow to inclusion or finality, explain a refusal.

use std::sync::Arc;
use std::time::{Duration, Instant};

use codec::{Decode, Encode};
use myelin_abi::calls::Address;
use myelin_abi::Account;
use myelin_wire::sr25519::Signer;
use subxt::config::substrate::{AccountId32, MultiSignature};
use subxt::config::{DefaultExtrinsicParamsBuilder, SubstrateConfig};
use subxt::error::DispatchError;
use subxt::rpcs::methods::legacy::TransactionStatus;

use crate::call::{AnyCall, EncodedArguments};
use crate::client::Runtime;
use crate::{ChainClient, ChainError, Hash, Result};

/// Blocks for which a signature stays valid; the chain remembers 2,400 block hashes.
pub(crate) const VALIDITY_BLOCKS: u64 = 128;
/// Attempts with a fresh nonce and era when the pool calls an extrinsic outdated.
const ATTEMPTS: usize = 4;
/// Time for which a call is signed again while its node follows an upgrade of the runtime.
pub const FOLLOWING: Duration = Duration::from_secs(60);
/// Time between two such attempts.
const FOLLOWING_PAUSE: Duration = Duration::from_secs(1);
/// Refusal of a signature, which is bound to the version of the runtime.
const BAD_PROOF: &str = "BadProof";
/// Refusal of an extrinsic that the pool had accepted.
const INVALID: &str = "Invalid";

/// How long to follow a submission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Until the pool has accepted it.
    Pool,
    /// Until a block holds it.
    Inclusion,
    /// Until no fork can drop that block.
    Finality,
}

/// One event of the extrinsic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Pallet that deposited it.
    pub pallet: String,
    /// Its name.
    pub name: String,
    /// SCALE encoding of its fields.
    pub fields: Vec<u8>,
}

/// Result of a submission.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// Hash of the extrinsic.
    pub extrinsic: Hash,
    /// Block that holds it; `None` with [`Wait::Pool`].
    pub block: Option<Hash>,
    /// Fee paid in rao; `None` with [`Wait::Pool`].
    pub fee: Option<u64>,
    /// Events of this extrinsic in order.
    pub events: Vec<Event>,
}

impl Receipt {
    /// Fields of the first event of this name, decoded.
    pub fn event<T: Decode>(&self, pallet: &str, name: &str) -> Option<T> {
        self.events_of(pallet, name).next()
    }

    /// Fields of every event of this name, decoded, in order.
    pub fn events_of<'a, T: Decode>(
        &'a self,
        pallet: &'a str,
        name: &'a str,
    ) -> impl Iterator<Item = T> + 'a {
        let named = self.events.iter().filter(move |event| event.pallet == pallet && event.name == name);
        named.filter_map(|event| T::decode(&mut &event.fields[..]).ok())
    }
}

/// A signed extrinsic.
pub(crate) struct Signed {
    pub(crate) bytes: Vec<u8>,
    /// Height from which its validity counts.
    born: u64,
    /// Version of the runtime for which it is signed.
    spec_version: u32,
}

/// One of our keys, as `subxt` wants it.
struct Key<'a>(&'a dyn Signer);

impl subxt::tx::Signer<SubstrateConfig> for Key<'_> {
    fn account_id(&self) -> AccountId32 {
        AccountId32(self.0.public())
    }
    fn sign(&self, payload: &[u8]) -> MultiSignature {
        MultiSignature::Sr25519(self.0.sign(payload))
    }
}

type Progress = subxt::rpcs::client::RpcSubscription<TransactionStatus<subxt::config::substrate::H256>>;

impl ChainClient {
    /// Signs a call, submits it and follows it as far as `wait` says.
    ///
    /// A refusal by the pool or by the runtime is an error with the chain's own name for it. Where waiting helps, the
    /// error names the block at which the call can succeed. If the connection is lost on the way, the extrinsic is
    /// looked for in the blocks of its validity. If the runtime is upgraded on the way, the call is signed again.
    pub async fn submit(&self, call: impl Into<AnyCall>, signer: &dyn Signer, wait: Wait) -> Result<Receipt> {
        let call = call.into();
        let (mut attempt, mut following) = (1, None);
        loop {
            let error = match self.submit_once(&call, signer, wait).await {
                Ok(receipt) => return Ok(receipt),
                Err(error) => error,
            };
            let name =
                error.refusal().filter(|_| matches!(error, ChainError::Pool { .. })).unwrap_or_default();
            let pause = if transient(name) && attempt < ATTEMPTS {
                attempt += 1;
                Duration::from_millis(200) * (attempt as u32 - 1)
            } else if name == BAD_PROOF
                && following.get_or_insert_with(Instant::now).elapsed() < FOLLOWING
                && self.is_upgraded_lately().await
            {
                FOLLOWING_PAUSE
            } else {
                return Err(self.with_wait(error, &call, signer).await);
            };
            tracing::debug!(name, attempt, "submitting again with a fresh nonce, era and version");
            tokio::time::sleep(pause).await;
        }
    }

    /// Whether the runtime was upgraded within the blocks of a signature's validity, to one that reads the bytes of a
    /// call in the same way.
    async fn is_upgraded_lately(&self) -> bool {
        let versions = async {
            let best = self.best_block().await?;
            let before = self.block_hash(best.number.saturating_sub(VALIDITY_BLOCKS)).await?;
            let version = |at: Hash| self.inner.rpc.state_get_runtime_version(Some(at.0.into()));
            Ok::<_, ChainError>((version(before).await?, version(best.hash).await?))
        };
        versions.await.is_ok_and(|(before, now)| {
            before.spec_version != now.spec_version && before.transaction_version == now.transaction_version
        })
    }

    /// Whether no block can ever hold an extrinsic that the pool dropped: the runtime for which it was signed is gone
    /// in a final block, and its nonce is free there. Waits for finality of an upgrade.
    async fn is_outlived(&self, signer: &dyn Signer, nonce: u64, signed_for: u32) -> Result<bool> {
        let started = Instant::now();
        while started.elapsed() < FOLLOWING {
            let last = self.finalized_block().await?;
            if self.spec_version(last.hash).await? != signed_for {
                let account = Account(signer.public());
                return Ok(self.sent_until(&account, last.hash).await? <= nonce);
            }
            if self.spec_version(self.best_block().await?.hash).await? == signed_for {
                return Ok(false);
            }
            tokio::time::sleep(FOLLOWING_PAUSE).await;
        }
        Ok(false)
    }

    /// Like [`Self::submit`] with root's rights, if the signer holds the sudo key.
    pub async fn sudo(&self, call: impl Into<AnyCall>, signer: &dyn Signer, wait: Wait) -> Result<Receipt> {
        let call = self.as_root(call).await?;
        self.submit(call, signer, wait).await
    }

    /// A call wrapped so that it runs with root's rights, for use in a [`batch`](Self::batch).
    pub async fn as_root(&self, call: impl Into<AnyCall>) -> Result<AnyCall> {
        Ok(AnyCall::new("Sudo", "sudo", self.encode(&call.into()).await?))
    }

    /// A call wrapped so that it acts for `real`, which made the signer its proxy.
    pub async fn as_proxy(&self, real: &Account, call: impl Into<AnyCall>) -> Result<AnyCall> {
        // Any kind of proxy will do: `force_proxy_type` is `None`.
        let before = (Address::Id(*real), None::<u8>).encode();
        Ok(AnyCall::new("Proxy", "proxy", [before, self.encode(&call.into()).await?].concat()))
    }

    /// Several calls in one extrinsic: all of them succeed or nothing happens.
    pub async fn batch(&self, calls: &[AnyCall], signer: &dyn Signer, wait: Wait) -> Result<Receipt> {
        self.submit(self.all_of(calls).await?, signer, wait).await
    }

    /// Several calls in one: all of them succeed or nothing happens.
    pub async fn all_of(&self, calls: &[AnyCall]) -> Result<AnyCall> {
        self.together("batch_all", calls).await
    }

    /// Several calls in one, each of which succeeds or fails by itself; [`Self::items`] returns each result.
    pub async fn each_of(&self, calls: &[AnyCall]) -> Result<AnyCall> {
        self.together("force_batch", calls).await
    }

    /// Result of each call of [`Self::each_of`], in order.
    pub async fn items(&self, receipt: &Receipt) -> Vec<Result<()>> {
        let runtime = self.runtime().await;
        let batch = receipt.events.iter().filter(|event| event.pallet == "Utility");
        let item = |event: &Event| match event.name.as_str() {
            "ItemCompleted" => Some(Ok(())),
            "ItemFailed" => Some(Err(refusal(&event.fields, &runtime))),
            _ => None,
        };
        batch.filter_map(item).collect()
    }

    async fn together(&self, how: &str, calls: &[AnyCall]) -> Result<AnyCall> {
        let mut arguments = codec::Compact(calls.len() as u32).encode();
        for call in calls {
            arguments.extend(self.encode(call).await?);
        }
        Ok(AnyCall::new("Utility", how, arguments))
    }

    /// Whether the chain has this call. Official chains have none of the calls that are ours.
    pub async fn offers<C: myelin_abi::calls::Call>(&self) -> bool {
        let runtime = self.runtime().await;
        let pallet = runtime.at.metadata_ref().pallet_by_name(C::PALLET);
        pallet.is_some_and(|pallet| pallet.call_variant_by_name(C::NAME).is_some())
    }

    /// A call as the chain encodes it: the numbers of pallet and call, and the arguments.
    pub async fn encode(&self, call: &AnyCall) -> Result<Vec<u8>> {
        let runtime = self.runtime().await;
        let unknown =
            || ChainError::NotFound(format!("the runtime has no call {}.{}", call.pallet, call.name));
        let pallet = runtime.at.metadata_ref().pallet_by_name(&call.pallet).ok_or_else(unknown)?;
        let variant = pallet.call_variant_by_name(&call.name).ok_or_else(unknown)?;
        let mut bytes = vec![pallet.call_index(), variant.index];
        bytes.extend_from_slice(&call.arguments);
        Ok(bytes)
    }

    pub(crate) async fn nonce(&self, signer: &dyn Signer) -> Result<u64> {
        Ok(self.inner.rpc.system_account_next_index(&AccountId32(signer.public())).await?)
    }

    /// A call signed for the runtime of the last final block, valid for this number of blocks or for ever.
    pub(crate) async fn sign(
        &self,
        call: &AnyCall,
        signer: &dyn Signer,
        nonce: u64,
        validity: Option<u64>,
    ) -> Result<Signed> {
        let finalized = self.inner.rpc.chain_get_finalized_head().await?;
        let at = self
            .inner
            .online
            .at_block(finalized)
            .await
            .map_err(|error| ChainError::Connection(error.to_string()))?;
        let parameters = DefaultExtrinsicParamsBuilder::new().nonce(nonce);
        let parameters = match validity {
            Some(blocks) => parameters.mortal(blocks),
            None => parameters.immortal(),
        }
        .build();
        let payload = subxt::tx::dynamic(
            call.pallet.clone(),
            call.name.clone(),
            EncodedArguments(call.arguments.clone()),
        );
        let transactions = at.transactions();
        let mut signable = transactions
            .create_signable(&payload, &AccountId32(signer.public()), parameters)
            .await
            .map_err(|error| ChainError::undecodable(format!("{}.{}", call.pallet, call.name), error))?;
        let signed = signable
            .sign(&Key(signer))
            .map_err(|error| ChainError::undecodable(format!("{}.{}", call.pallet, call.name), error))?;
        Ok(Signed { bytes: signed.into_encoded(), born: at.block_number(), spec_version: at.spec_version() })
    }

    async fn submit_once(&self, call: &AnyCall, signer: &dyn Signer, wait: Wait) -> Result<Receipt> {
        let runtime = self.current_runtime().await?;
        let turn = {
            let mut accounts = self.inner.submitting.lock().await;
            accounts.entry(signer.public()).or_default().clone()
        };
        let turn = turn.lock().await;
        let nonce = self.nonce(signer).await?;
        let signed = self.sign(call, signer, nonce, Some(VALIDITY_BLOCKS)).await?;
        let extrinsic = Hash(blake2_256(&signed.bytes));
        let watched = self.inner.rpc.author_submit_and_watch_extrinsic(&signed.bytes).await;
        drop(turn);

        let progress = match watched {
            Ok(progress) => Some(progress),
            Err(error) if lost(&error) => None,
            Err(error) => return Err(pool_refusal(&error)),
        };
        if wait == Wait::Pool && progress.is_some() {
            return Ok(Receipt { extrinsic, block: None, fee: None, events: Vec::new() });
        }
        let block = match progress {
            Some(progress) => match self.follow(progress, wait).await {
                Err(error)
                    if error.refusal() == Some(INVALID)
                        && self.is_outlived(signer, nonce, signed.spec_version).await.unwrap_or_default() =>
                {
                    return Err(ChainError::Pool { name: BAD_PROOF.into(), explanation: error.to_string() });
                }
                followed => followed?,
            },
            None => None,
        };
        let block = match block {
            Some(block) => block,
            None => self.look_for(extrinsic, signed.born, wait).await?,
        };
        self.outcome(extrinsic, block, &runtime).await
    }

    /// The block that the pool reports; `None` when the subscription ended without an answer.
    async fn follow(&self, mut progress: Progress, wait: Wait) -> Result<Option<Hash>> {
        while let Some(status) = progress.next().await {
            let Ok(status) = status else { return Ok(None) };
            let pool = |name: &str, explanation: &str| {
                Err(ChainError::Pool { name: name.into(), explanation: explanation.into() })
            };
            match status {
                TransactionStatus::InBlock(hash) if wait != Wait::Finality => return Ok(Some(Hash(hash.0))),
                TransactionStatus::Finalized(hash) => return Ok(Some(Hash(hash.0))),
                TransactionStatus::Invalid => {
                    return pool(INVALID, "it was valid when submitted, but no longer; read the state again");
                }
                TransactionStatus::Dropped => {
                    return pool("Dropped", "the node's pool is full; try again later")
                }
                TransactionStatus::Usurped(_) => {
                    return pool("Usurped", "another extrinsic of this account took its nonce");
                }
                TransactionStatus::FinalityTimeout(_) => {
                    return pool("FinalityTimeout", "included, but not finalised; is GRANDPA running?");
                }
                _ => {}
            }
        }
        Ok(None)
    }

    /// Finds an extrinsic in the blocks of its validity, after the node's own report was lost.
    async fn look_for(&self, extrinsic: Hash, born: u64, wait: Wait) -> Result<Hash> {
        let mut next = born;
        let last = born + VALIDITY_BLOCKS;
        while next <= last {
            let head = match wait {
                Wait::Finality => self.finalized_block().await?,
                _ => self.best_block().await?,
            };
            while next <= head.number.min(last) {
                let hash = self.block_hash(next).await?;
                let found = self.inner.rpc.chain_get_block(Some(hash.0.into())).await?;
                if let Some(found) = found {
                    if found.block.extrinsics.iter().any(|bytes| blake2_256(&bytes.0) == extrinsic.0) {
                        return Ok(hash);
                    }
                }
                next += 1;
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
        Err(ChainError::Expired(VALIDITY_BLOCKS))
    }

    /// Events of an included extrinsic, or the reason why the runtime refused it.
    async fn outcome(&self, extrinsic: Hash, block: Hash, runtime: &Arc<Runtime>) -> Result<Receipt> {
        let body = self.inner.rpc.chain_get_block(Some(block.0.into())).await?;
        let body = body.ok_or_else(|| ChainError::NotFound(format!("the node forgot block {block}")))?;
        let index =
            body.block.extrinsics.iter().position(|bytes| blake2_256(&bytes.0) == extrinsic.0).ok_or_else(
                || ChainError::NotFound(format!("extrinsic {extrinsic} is not in block {block}")),
            )?;

        let key = system_events_key(runtime)?;
        let bytes = self.inner.rpc.state_get_storage(&key, Some(block.0.into())).await?.unwrap_or_default();
        let mut receipt = Receipt { extrinsic, block: Some(block), fee: None, events: Vec::new() };
        for event in runtime.at.events().from_bytes(bytes).iter() {
            let event = event.map_err(|error| ChainError::undecodable("System.Events", error))?;
            if event.phase() != subxt::events::Phase::ApplyExtrinsic(index as u32) {
                continue;
            }
            match (event.pallet_name(), event.event_name()) {
                ("System", "ExtrinsicFailed") => return Err(refusal(event.field_bytes(), runtime)),
                // Sudo and proxies succeed even when the call they carry fails; their event holds that result.
                ("Sudo", "Sudid") | ("Proxy", "ProxyExecuted") if event.field_bytes().first() == Some(&1) => {
                    return Err(refusal(&event.field_bytes()[1..], runtime));
                }
                ("TransactionPayment", "TransactionFeePaid") => {
                    // who (32 bytes), actual_fee, tip
                    let fields = event.field_bytes();
                    receipt.fee = fields.get(32..).and_then(|rest| u64::decode(&mut &rest[..]).ok());
                }
                _ => {}
            }
            receipt.events.push(Event {
                pallet: event.pallet_name().into(),
                name: event.event_name().into(),
                fields: event.field_bytes().to_vec(),
            });
        }
        Ok(receipt)
    }
}

/// Where the events of a block are stored.
pub(crate) fn system_events_key(runtime: &Runtime) -> Result<Vec<u8>> {
    type Nothing = subxt::ext::scale_value::Value;
    runtime
        .at
        .storage()
        .entry(subxt::dynamic::storage::<(), Nothing>("System", "Events"))
        .map(|entry| entry.key_prefix().to_vec())
        .map_err(|error| ChainError::undecodable("System.Events", error))
}

/// Turns an encoded `DispatchError` into the chain's own words.
pub(crate) fn refusal(bytes: &[u8], runtime: &Runtime) -> ChainError {
    let plain =
        |name: String| ChainError::Refused { pallet: "System".into(), name, explanation: String::new() };
    match DispatchError::decode_from(bytes, runtime.at.metadata()) {
        Ok(DispatchError::Module(module)) => match module.details() {
            Ok(details) => ChainError::Refused {
                pallet: details.pallet.name().into(),
                explanation: match meaning(&details.variant.name) {
                    "" => details.variant.docs.join(" ").trim().to_string(),
                    meaning => meaning.to_string(),
                },
                name: details.variant.name.clone(),
            },
            Err(_) => plain(module.details_string()),
        },
        Ok(other) => plain(other.to_string()),
        Err(error) => plain(format!("an error that this program cannot read: {error}")),
    }
}

/// Official names of the pool's custom refusal codes.
const POOL_CODES: [&str; 28] = [
    "ColdkeyInSwapSchedule",
    "StakeAmountTooLow",
    "BalanceTooLow",
    "SubnetNotExists",
    "HotkeyAccountDoesntExist",
    "NotEnoughStakeToWithdraw",
    "RateLimitExceeded",
    "InsufficientLiquidity",
    "SlippageTooHigh",
    "TransferDisallowed",
    "HotKeyNotRegisteredInNetwork",
    "InvalidIpAddress",
    "ServingRateLimitExceeded",
    "InvalidPort",
    "ZeroMaxAmount",
    "InvalidRevealRound",
    "CommitNotFound",
    "CommitBlockNotInRevealRange",
    "InputLengthsUnequal",
    "UidNotFound",
    "EvmKeyAssociateRateLimitExceeded",
    "ColdkeySwapDisputed",
    "InvalidRealAccount",
    "FailedShieldedTxParsing",
    "InvalidShieldedTxPubKeyHash",
    "NonAssociatedColdKey",
    "DelegateTakeTooLow",
    "DelegateTakeTooHigh",
];

/// Official name of a custom refusal code.
pub(crate) fn pool_code(code: usize) -> &'static str {
    POOL_CODES.get(code).copied().unwrap_or("BadRequest")
}

/// Meaning of a refusal and its remedy, where its name alone does not say so.
pub(crate) fn meaning(name: &str) -> &'static str {
    match name {
        "StakeAmountTooLow" => "the stake is below the least that the chain asks for here",
        "BalanceTooLow" => "the account has less free TAO than this takes",
        "SubnetNotExists" => "there is no such subnet",
        "HotKeyNotRegisteredInNetwork" => "the hotkey is not registered on this subnet",
        "RateLimitExceeded" | "ServingRateLimitExceeded" => "the last time was too recent",
        "InvalidIpAddress" => {
            "nobody else can reach 127.0.0.1, ::1 or a broadcast address: announce the address at which others see \
             this machine"
        }
        "InvalidPort" => "port 0 is none",
        BAD_PROOF => {
            "it is signed for another chain, or for a version of the runtime that the node's pool does not follow"
        }
        "CommitNotFound" => "no commitment of this hotkey has this content, or it was revealed already",
        "CommitBlockNotInRevealRange" => "it is too early to reveal this, or too late",
        "CannotPayFees" => "the account that signs has too little free TAO for the fee: send it some",
        "SymbolDoesNotExist" => {
            "a symbol is one letter of the chain's list: Greek without tau, Hebrew, Arabic, Runic, Georgian, Armenian, \
             Cyrillic, Coptic or Katakana; `myelin subnet list` shows those that are taken"
        }
        "CallFiltered" => "its kind of proxy may not do this: `myelin proxy kinds` says what each may do",
        _ => "",
    }
}

fn pool_refusal(error: &subxt::rpcs::Error) -> ChainError {
    let text = match error {
        // The reason stands in the data of the answer, for example "Custom error: 6".
        subxt::rpcs::Error::User(refused) => match &refused.data {
            Some(data) => format!("{}: {}", refused.message, data.get().trim_matches('"')),
            None => refused.message.clone(),
        },
        other => other.to_string(),
    };
    let code = text.split("Custom error: ").nth(1).and_then(|rest| {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<usize>().ok()
    });
    let name = match code {
        Some(code) => pool_code(code),
        None if text.contains("nability to pay some fees") => "CannotPayFees",
        None if text.contains("outdated") => "Outdated",
        None if text.contains("riority is too low") => "PriorityTooLow",
        None if text.contains("ncient birth block") => "AncientBirthBlock",
        None if text.contains("bad signature") => BAD_PROOF,
        None => INVALID,
    };
    let explanation = match meaning(name) {
        "" => text,
        meaning => format!("{meaning}; the node said: {text}"),
    };
    ChainError::Pool { name: name.into(), explanation }
}

fn transient(name: &str) -> bool {
    matches!(name, "Outdated" | "PriorityTooLow" | "AncientBirthBlock" | "Usurped")
}

/// Whether the result of a request is unknown because the node did not answer.
fn lost(error: &subxt::rpcs::Error) -> bool {
    !matches!(error, subxt::rpcs::Error::User(_))
}

fn blake2_256(bytes: &[u8]) -> [u8; 32] {
    myelin_wire::hash::blake2_256(bytes)
}
