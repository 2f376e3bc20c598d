//! A question of `myelin ask`, for a subnet of any type.

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use myelin_subnet::customer::{Customer, Receipt, Served, Unserved};
use myelin_subnet::validator::ask::Reachable;
use myelin_subnet::{Subnet, TaskPlan};
use myelin_wallet::Keypair;
use myelin_wire::hash::to_hex;
use myelin_wire::ss58;
use myelin_wire::status::code;
use serde_json::{Map, Value};

use crate::output::{fail, Failure};

/// An answer in the form in which it is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// Text for people.
    pub text: String,
    /// Object for programs.
    pub json: Value,
}

/// Reads a streamed answer: turns bytes, cut anywhere, into the text that they complete.
pub type Reader = Box<dyn FnMut(&[u8]) -> Result<String, String> + Send>;

/// A request with everything that is needed to send it and to show its answers.
pub struct Inquiry(Box<dyn Asks>);

impl Inquiry {
    /// A request that is sent like a task of the kind `like`, so that miners take it for a check. `show` fails for a
    /// useless answer.
    pub fn new<S: Subnet>(
        subnet: S,
        request: S::Request,
        like: &str,
        show: impl Fn(&S::Response) -> Result<Shown, Failure> + Send + Sync + 'static,
    ) -> Result<Self, Failure> {
        Self::with(subnet, request, like, Box::new(show), None, None)
    }

    /// A request whose answer is files for `--out`. `files` makes them of an answer and the receipt that came with it.
    pub fn for_files<S: Subnet>(
        subnet: S,
        request: S::Request,
        like: &str,
        show: impl Fn(&S::Response) -> Result<Shown, Failure> + Send + Sync + 'static,
        files: impl Fn(&S::Response, Option<&Receipt>) -> Result<Vec<Vec<u8>>, Failure> + Send + Sync + 'static,
    ) -> Result<Self, Failure> {
        Self::with(subnet, request, like, Box::new(show), None, Some(Box::new(files)))
    }

    /// A request to a subnet that streams answers.
    pub fn streaming<S: Subnet>(
        subnet: S,
        request: S::Request,
        like: &str,
        show: impl Fn(&S::Response) -> Result<Shown, Failure> + Send + Sync + 'static,
        reader: fn() -> Reader,
    ) -> Result<Self, Failure> {
        Self::with(subnet, request, like, Box::new(show), Some(reader), None)
    }

    fn with<S: Subnet>(
        subnet: S,
        request: S::Request,
        like: &str,
        show: Show<S>,
        reader: Option<fn() -> Reader>,
        files: Option<Files<S>>,
    ) -> Result<Self, Failure> {
        let plan = subnet.tasks().into_iter().find(|plan| plan.kind == like);
        let Some(plan) = plan else {
            return fail(format!("{} has no tasks of the kind `{like}` to ask like", S::NAME));
        };
        Ok(Self(Box::new(Question { subnet, request, plan, show, reader, files })))
    }

    /// Whether the answer can come piece by piece.
    pub(crate) fn streams(&self) -> bool {
        self.0.streams()
    }

    /// The mechanism whose tasks the request is like.
    pub(crate) fn mechanism(&self) -> u8 {
        self.0.mechanism()
    }

    /// Whether the answer is files.
    pub(crate) fn has_files(&self) -> bool {
        self.0.has_files()
    }

    /// Asks miners, each with a weight, all at the same moment.
    pub(crate) async fn ask(&self, from: &Caller, miners: &[(Reachable, u64)]) -> Result<Asked, Failure> {
        self.0.ask(from, miners).await
    }

    /// Asks one miner for an answer piece by piece.
    pub(crate) async fn stream(
        &self,
        from: &Caller,
        miner: &Reachable,
        on_text: &mut (dyn FnMut(&str) + Send),
    ) -> Result<Result<Reply, Refusal>, Failure> {
        self.0.stream(from, miner, on_text).await
    }
}

/// The asker, and its subnet.
pub(crate) struct Caller {
    pub hotkey: Arc<Keypair>,
    pub genesis: [u8; 32],
    pub netuid: u16,
}

/// The answers to a question.
pub(crate) struct Asked {
    /// One reply for each miner, in their order.
    pub replies: Vec<Result<Reply, Refusal>>,
    /// The combined answer; `None` if these answers should not be mixed.
    pub together: Option<Shown>,
}

/// A useful answer.
pub(crate) struct Reply {
    pub shown: Shown,
    /// Files of the answer for `--out`.
    pub files: Vec<Vec<u8>>,
    pub receipt: Option<Receipt>,
    pub elapsed: Duration,
}

/// A missing answer.
pub(crate) struct Refusal {
    pub why: String,
    pub cause: Cause,
}

/// Causes of a missing answer, by what the asker can do about them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// The miner does not know such requests.
    OtherKind,
    /// The miner does not answer this hotkey.
    Permit,
    /// A cause that the asker can do nothing about.
    Other,
}

impl From<Unserved> for Refusal {
    fn from(unserved: Unserved) -> Self {
        let cause = match &unserved {
            unserved if unserved.is_of_another_kind() => Cause::OtherKind,
            Unserved::Status(status) if status.code == code::FORBIDDEN => Cause::Permit,
            _ => Cause::Other,
        };
        Self { why: unserved.to_string(), cause }
    }
}

/// Shows an answer.
type Show<S> = Box<dyn Fn(&<S as Subnet>::Response) -> Result<Shown, Failure> + Send + Sync>;

/// Makes files of an answer.
type Files<S> =
    Box<dyn Fn(&<S as Subnet>::Response, Option<&Receipt>) -> Result<Vec<Vec<u8>>, Failure> + Send + Sync>;

/// Methods of an inquiry without its subnet's type.
trait Asks {
    fn streams(&self) -> bool;

    fn mechanism(&self) -> u8;

    fn has_files(&self) -> bool;

    fn ask<'a>(
        &'a self,
        from: &'a Caller,
        miners: &'a [(Reachable, u64)],
    ) -> BoxFuture<'a, Result<Asked, Failure>>;

    fn stream<'a>(
        &'a self,
        from: &'a Caller,
        miner: &'a Reachable,
        on_text: &'a mut (dyn FnMut(&str) + Send),
    ) -> BoxFuture<'a, Result<Result<Reply, Refusal>, Failure>>;
}

struct Question<S: Subnet> {
    subnet: S,
    request: S::Request,
    plan: TaskPlan,
    show: Show<S>,
    reader: Option<fn() -> Reader>,
    files: Option<Files<S>>,
}

impl<S: Subnet> Question<S> {
    fn customer(&self, from: &Caller) -> Customer {
        Customer::new(&self.subnet, from.hotkey.clone(), from.genesis, from.netuid)
    }

    fn reply(&self, served: Result<Served<S::Response>, Unserved>) -> Result<(Reply, S::Response), Refusal> {
        let Served { response, receipt, elapsed } = served?;
        let useless = |error: Failure| Refusal { why: error.to_string(), cause: Cause::Other };
        let shown = (self.show)(&response).map_err(useless)?;
        let files = self.files.as_ref().map(|files| files(&response, receipt.as_ref())).transpose();
        let files = files.map_err(useless)?.unwrap_or_default();
        Ok((Reply { shown, files, receipt, elapsed }, response))
    }
}

impl<S: Subnet> Asks for Question<S> {
    fn streams(&self) -> bool {
        self.reader.is_some()
    }

    fn mechanism(&self) -> u8 {
        self.plan.mechanism
    }

    fn has_files(&self) -> bool {
        self.files.is_some()
    }

    fn ask<'a>(
        &'a self,
        from: &'a Caller,
        miners: &'a [(Reachable, u64)],
    ) -> BoxFuture<'a, Result<Asked, Failure>> {
        Box::pin(async move {
            let reachable: Vec<Reachable> = miners.iter().map(|(miner, _)| *miner).collect();
            let served = self.customer(from).ask::<S>(&self.plan, &self.request, &reachable).await?;
            let (mut replies, mut useful) = (Vec::new(), Vec::new());
            for (served, (_, weight)) in served.into_iter().zip(miners) {
                replies.push(self.reply(served).map(|(reply, response)| {
                    useful.push((response, *weight));
                    reply
                }));
            }
            let together = self.subnet.combine(&self.request, &useful);
            let together = together.map(|response| (self.show)(&response)).transpose()?;
            Ok(Asked { replies, together })
        })
    }

    fn stream<'a>(
        &'a self,
        from: &'a Caller,
        miner: &'a Reachable,
        on_text: &'a mut (dyn FnMut(&str) + Send),
    ) -> BoxFuture<'a, Result<Result<Reply, Refusal>, Failure>> {
        Box::pin(async move {
            let Some(reader) = self.reader else { return fail(format!("{} is not streamed", S::NAME)) };
            let mut reader = reader();
            let customer = self.customer(from);
            let on_bytes = |bytes: &[u8]| reader(bytes).map(|text| on_text(&text));
            let served = customer.stream(&self.subnet, &self.plan, &self.request, miner, on_bytes).await?;
            Ok(self.reply(served).map(|(reply, _)| reply))
        })
    }
}

/// The statement of a receipt with the signature, without the bodies that it is about.
pub(crate) fn stated(receipt: &Receipt) -> Map<String, Value> {
    let claim = &receipt.signed.claim;
    let fields = [
        ("genesis", to_hex(&claim.genesis_hash).into()),
        ("netuid", claim.netuid.into()),
        ("challenge", to_hex(&claim.challenge_id).into()),
        ("request_hash", to_hex(&claim.request_hash).into()),
        ("answer_hash", to_hex(&claim.answer_hash).into()),
        ("model_id", to_hex(&claim.model_id).into()),
        ("validator", ss58::encode(&claim.validator).into()),
        ("miner", ss58::encode(&claim.miner).into()),
        ("signature", to_hex(&receipt.signed.signature).into()),
    ];
    fields.into_iter().map(|(name, value): (&str, Value)| (name.to_owned(), value)).collect()
}
