//! Several calls of the coldkey, announced and confirmed at once. A refused call stops none of the others.
//!
//! A transaction carries a few calls, and one transaction follows another. A proxy's calls go one by one, because a
//! proxy of a kind that may make such a call need not be allowed to send batches. So do the calls of a coldkey that can
//! pay fees only with the stake that a call moves.

use codec::Decode;
use myelin_abi::Account;
use myelin_chain_client::{AnyCall, ChainClient, Receipt};
use myelin_units::TaoBalance;
use myelin_wallet::Keypair;
use serde_json::{json, Value};

use super::{announced, said, to_hex, unsent, Envelope, Sender, WOULD_BE_DONE, WOULD_BE_REFUSED};
use crate::output::{self, fail, Failure, Outcome};
use crate::Global;

/// Most calls in one transaction. A block of a fast chain has room for about 100 ms of execution.
const MOST_TOGETHER: usize = 4;

/// One of several calls.
#[derive(Clone)]
pub struct Part {
    /// The name of the call for people, such as `subnet 2`.
    pub name: String,
    /// The call.
    pub call: AnyCall,
}

/// A call that is left out beforehand.
pub struct LeftOut {
    /// Its name for people.
    pub name: String,
    /// The reason.
    pub why: String,
}

/// The results of several calls.
#[derive(Default)]
pub struct Several {
    receipts: Vec<Receipt>,
    /// The reason for each call without effect, in order; `None` for a call that was carried out or is on its way.
    pub refused: Vec<Option<String>>,
}

impl Sender {
    /// Announces, tries, confirms, signs, submits and follows. Returns `None` if there is nothing more to report:
    /// `--dry-run` and `--announce-only` are reported here. A dry run also reports the calls that are left out.
    pub async fn send_each(
        &self,
        global: &Global,
        chain: &ChainClient,
        parts: &[Part],
        left_out: &[LeftOut],
        what: &str,
    ) -> Result<Option<Several>, Failure> {
        if parts.is_empty() && !self.dry_run {
            return Ok(Some(Several::default()));
        }
        if self.when_possible.is_some() {
            return fail("--when-possible is for one call, and these may be several; nothing was sent");
        }
        let (signer, real) = (self.keys.coldkey_account(global)?, self.real(global)?);
        let mut most = if real.is_some() { 1 } else { MOST_TOGETHER };
        let mut envelopes = self.envelopes(chain, &signer, real, parts, most).await?;
        if most > 1 && chain.balance(&signer).await? <= fee(&envelopes) {
            most = 1;
            envelopes = self.envelopes(chain, &signer, real, parts, most).await?;
        }
        let line = match envelopes.len() {
            1 => said(what, &signer, real, fee(&envelopes)),
            transactions => {
                said(&format!("{what} in {transactions} transactions"), &signer, real, fee(&envelopes))
            }
        };
        if self.dry_run {
            let key = self.keys.coldkey(global)?;
            let mut tried = self.try_each(chain, real, parts, &key).await?;
            tried.extend(left_out.iter().map(|LeftOut { name, why }| {
                (format!("{name}: {why}"), json!({ "name": name, "refused": why, "call": null }))
            }));
            let refused = tried.iter().any(|(_, value)| !value["refused"].is_null());
            let text: Vec<String> = tried.iter().map(|(text, _)| text.clone()).collect();
            let calls: Vec<Value> = tried.into_iter().map(|(_, value)| value).collect();
            let value =
                json!({ "dry_run": true, "what": what, "fee_rao": fee(&envelopes).to_rao(), "calls": calls });
            output::report(global, &format!("{line}\n{}\nnothing was sent", text.join("\n")), value)?;
            return if refused { fail(WOULD_BE_REFUSED) } else { Ok(None) };
        }
        output::propose(&line, global.yes)?;
        let key = self.keys.coldkey(global)?;
        let foreseen = self.foresee_each(chain, real, parts, &key).await?;
        if foreseen.iter().any(Option::is_some) {
            let left = parts.iter().zip(&foreseen).filter(|(_, refused)| refused.is_none());
            let left: Vec<Part> = left.map(|(part, _)| part.clone()).collect();
            if left.is_empty() {
                return Ok(Some(Several { receipts: Vec::new(), refused: foreseen }));
            }
            envelopes = self.envelopes(chain, &signer, real, &left, most).await?;
        }
        output::ask(global.yes)?;
        let carried: Vec<Vec<u8>> = envelopes.iter().map(|envelope| envelope.carried.clone()).collect();
        let sent = foreseen.iter().filter(|refused| refused.is_none()).count();
        let several = self.submit_each(chain, envelopes, sent, most, &key).await.among(foreseen);
        if self.announce_only {
            several.report_announced(global, &carried)?;
            return Ok(None);
        }
        Ok(Some(several))
    }

    /// The transactions that carry `most` of the calls each.
    async fn envelopes(
        &self,
        chain: &ChainClient,
        signer: &Account,
        real: Option<Account>,
        parts: &[Part],
        most: usize,
    ) -> Result<Vec<Envelope>, Failure> {
        let mut envelopes = Vec::new();
        for together in parts.chunks(most) {
            let calls: Vec<AnyCall> = together.iter().map(|part| part.call.clone()).collect();
            let call = match &calls[..] {
                [alone] => alone.clone(),
                calls => chain.each_of(calls).await?,
            };
            envelopes.push(self.envelope(chain, signer, real, call).await?);
        }
        Ok(envelopes)
    }

    /// The foreseen refusal of each call by itself, reported at once; `None` for calls that the chain would carry out.
    async fn foresee_each(
        &self,
        chain: &ChainClient,
        real: Option<Account>,
        parts: &[Part],
        key: &Keypair,
    ) -> Result<Vec<Option<String>>, Failure> {
        let mut foreseen = Vec::new();
        for Part { name, call } in parts {
            let envelope = self.envelope(chain, &Account(key.public()), real, call.clone()).await?;
            let refusal = chain.foreseen_refusal(envelope.call, key).await?;
            if let Some(refusal) = &refusal {
                crate::output::tell!("{name} is left out: {refusal}");
            }
            foreseen.push(refusal.map(|refusal| unsent(&refusal)));
        }
        Ok(foreseen)
    }

    /// Whether the chain would carry out each call by itself now, for people and for programs.
    async fn try_each(
        &self,
        chain: &ChainClient,
        real: Option<Account>,
        parts: &[Part],
        key: &Keypair,
    ) -> Result<Vec<(String, Value)>, Failure> {
        let mut tried = Vec::new();
        for Part { name, call } in parts {
            let envelope = self.envelope(chain, &Account(key.public()), real, call.clone()).await?;
            let refused = chain.dry_run(envelope.call, key).await.err().map(|error| error.to_string());
            let text = format!("{name}: {}", refused.as_deref().unwrap_or(WOULD_BE_DONE));
            let call = to_hex(&envelope.carried);
            tried.push((text, json!({ "name": name, "refused": refused, "call": call })));
        }
        Ok(tried)
    }

    /// Submits one transaction after another. A refusal is noted. Any other error ends the loop, because the effect on
    /// the following transactions is unknown.
    async fn submit_each(
        &self,
        chain: &ChainClient,
        envelopes: Vec<Envelope>,
        calls: usize,
        most: usize,
        key: &Keypair,
    ) -> Several {
        let mut several = Several::default();
        for envelope in envelopes {
            let carried = most.min(calls - several.refused.len());
            let mut outcome = match self.submit(chain, envelope.call, key).await {
                Ok(receipt) => {
                    let items = chain.items(&receipt).await;
                    several.receipts.push(receipt);
                    items.into_iter().map(|item| item.err().map(|error| error.to_string())).collect()
                }
                Err(error) if error.refusal().is_some() => vec![Some(error.to_string()); carried],
                Err(error) => {
                    several.refused.resize(calls, Some(error.to_string()));
                    break;
                }
            };
            // A call by itself, and a call that no block holds yet, have no items.
            outcome.resize(carried, None);
            several.refused.extend(outcome);
        }
        several
    }
}

/// The total cost of several transactions.
fn fee(envelopes: &[Envelope]) -> TaoBalance {
    envelopes.iter().map(|envelope| envelope.fee).sum()
}

impl Several {
    /// These results, with the calls put between them that were not sent because of a foreseen refusal.
    fn among(mut self, foreseen: Vec<Option<String>>) -> Self {
        let mut sent = std::mem::take(&mut self.refused).into_iter();
        self.refused =
            foreseen.into_iter().map(|refusal| refusal.or_else(|| sent.next().flatten())).collect();
        self
    }

    /// Fields of every event of this name, decoded.
    pub fn events<'a, T: Decode>(&'a self, pallet: &'a str, name: &'a str) -> impl Iterator<Item = T> + 'a {
        self.receipts.iter().flat_map(move |receipt| receipt.events_of(pallet, name))
    }

    /// Whether the node has accepted a call that no block holds yet.
    pub fn is_pending(&self) -> bool {
        self.receipts.iter().any(|receipt| receipt.block.is_none())
    }

    /// Prints the results; in JSON with the transactions and their fees beside `value`, which is an object.
    pub fn report(&self, global: &Global, done: &str, mut value: Value) -> Outcome {
        if let Some(fields) = value.as_object_mut() {
            let transaction = |receipt: &Receipt| {
                json!({ "extrinsic": receipt.extrinsic.to_string(), "fee_rao": receipt.fee,
                        "block": receipt.block.map(|block| block.to_string()) })
            };
            fields.insert("transactions".into(), self.receipts.iter().map(transaction).collect());
            let fee = self.receipts.iter().map(|receipt| receipt.fee).sum::<Option<u64>>();
            fields.insert("fee_rao".into(), fee.into());
        }
        output::report(global, done, value)
    }

    /// Prints the announced calls and the commands that carry them out.
    fn report_announced(&self, global: &Global, carried: &[Vec<u8>]) -> Outcome {
        let stopped = self.refused.iter().flatten().next();
        let done = carried.iter().zip(&self.refused).filter(|(_, refused)| refused.is_none());
        let (text, announcements): (Vec<String>, Vec<Value>) =
            done.map(|(carried, _)| announced(carried)).unzip();
        self.report(global, &text.join("\n"), json!({ "announced": true, "announcements": announcements }))?;
        stopped.map_or(Ok(()), |why| fail(format!("not everything was announced: {why}")))
    }
}
