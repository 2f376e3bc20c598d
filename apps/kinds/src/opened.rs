//! A subnet of any type after its set-up, and what the command does with it.

use std::sync::Arc;

use futures::future::BoxFuture;
use myelin_subnet::evaluation::{GroupRule, Seat};
use myelin_subnet::evidence::{
    audit_round, audit_weights, other_rules, redraw_round, Audit, EvidenceFolder, PartsError, Redrawn, Rooted,
};
use myelin_subnet::exchange::SynapseNames;
use myelin_subnet::rules::Terms;
use myelin_subnet::submission::{contests, Contest};
use myelin_subnet::subnet::Pay;
use myelin_subnet::{
    Miner, MinerError, MinerOptions, NodeChain, Subnet, Validator, ValidatorError, ValidatorOptions,
};
use myelin_wallet::Keypair;
use myelin_wire::record::Rubric;
use myelin_wire::AccountId;

/// A step of an audit with its result.
pub enum Audited {
    /// A round, by its epoch and number.
    Round(u64, u16, Box<Audit>),
    /// The tasks of a round, drawn again.
    Tasks(u64, u16, Redrawn),
    /// An epoch that is not judged, since its validator had other rules: its number, and both rules in words.
    OtherRules(u64, String),
    /// The weights of an epoch: the number of compared ones, and the errors.
    Weights(u64, usize, Vec<String>),
}

/// Tasks are drawn again, with the secret that has this hash.
pub struct Redraw {
    /// The hash.
    pub secret: [u8; 32],
    /// Earlier requests of customers among the tasks of a round; an auditor does not have those.
    pub controls: u16,
}

/// A subnet of any type after its set-up.
pub struct Opened(Box<dyn Runs>);

impl Opened {
    /// Wraps a subnet.
    pub fn new(subnet: impl Subnet) -> Self {
        Self(Box::new(subnet))
    }

    /// The rules by which a mechanism is judged; `None` if there is no mechanism of that number.
    pub fn rules(&self, mechanism: u8, terms: Terms) -> Option<String> {
        self.0.rules(mechanism, terms)
    }

    /// Whether validators ask requests of customers among their tasks.
    pub fn asks_customers(&self) -> bool {
        self.0.asks_customers()
    }

    /// Whether miners are paid for what they get done at saturating load.
    pub fn pays_load(&self) -> bool {
        self.0.pays_load()
    }

    /// Whether validators judge some answers only when their outcome is known.
    pub fn defers(&self) -> bool {
        self.0.defers()
    }

    /// The mechanisms on which miners submit artefacts.
    pub fn contests(&self) -> Vec<Contest> {
        self.0.contests_of()
    }

    /// Name of the synapse at which miners hand artefacts out.
    pub fn artefact_synapse(&self) -> String {
        self.0.artefact_synapse()
    }

    /// The rubric, which makes a score of parts.
    pub fn rubric(&self) -> &Rubric {
        self.0.rubric_of()
    }

    /// Judges rounds again from their evidence, in this order, and reports each. Weighs their epochs again. The first
    /// round begins with the subnet's memory of that time, as the validator recorded it.
    pub fn audit(
        self,
        folder: &EvidenceFolder,
        rounds: &[(u64, u16)],
        redraw: Option<&Redraw>,
        tell: &mut dyn FnMut(Audited),
    ) {
        self.0.audit(folder, rounds, redraw, tell);
    }

    /// Differences of the standings after a round from those that follow from its records.
    pub fn round_by_records(
        &self,
        rooted: &Rooted<'_>,
        round: u16,
        mechanism: u8,
    ) -> Result<Vec<String>, PartsError> {
        self.0.round_by_records(rooted, round, mechanism)
    }

    /// The weights that follow from standings under a root ([`Rooted::due_weights`]).
    pub fn due_weights(
        &self,
        rooted: &Rooted<'_>,
        rules: (u8, Terms),
        seats: &[(Seat, AccountId)],
        demand: (u16, &[Option<u16>]),
    ) -> Result<Vec<(u16, u16)>, PartsError> {
        self.0.due_weights(rooted, rules, seats, demand)
    }

    /// Starts a validator.
    pub async fn validate(
        self,
        chain: NodeChain,
        hotkey: Arc<Keypair>,
        options: ValidatorOptions,
    ) -> Result<Validator, ValidatorError> {
        self.0.validate(chain, hotkey, options).await
    }

    /// Starts a miner.
    pub async fn mine(
        self,
        chain: NodeChain,
        hotkey: Arc<Keypair>,
        options: MinerOptions,
    ) -> Result<Miner, MinerError> {
        self.0.mine(chain, hotkey, options).await
    }
}

/// The runners of a subnet without its type.
trait Runs {
    fn rules(&self, mechanism: u8, terms: Terms) -> Option<String>;

    fn asks_customers(&self) -> bool;

    fn pays_load(&self) -> bool;

    fn defers(&self) -> bool;

    fn contests_of(&self) -> Vec<Contest>;

    fn artefact_synapse(&self) -> String;

    fn rubric_of(&self) -> &Rubric;

    fn audit(
        self: Box<Self>,
        folder: &EvidenceFolder,
        rounds: &[(u64, u16)],
        redraw: Option<&Redraw>,
        tell: &mut dyn FnMut(Audited),
    );

    fn round_by_records(
        &self,
        rooted: &Rooted<'_>,
        round: u16,
        mechanism: u8,
    ) -> Result<Vec<String>, PartsError>;

    fn due_weights(
        &self,
        rooted: &Rooted<'_>,
        rules: (u8, Terms),
        seats: &[(Seat, AccountId)],
        demand: (u16, &[Option<u16>]),
    ) -> Result<Vec<(u16, u16)>, PartsError>;

    fn validate(
        self: Box<Self>,
        chain: NodeChain,
        hotkey: Arc<Keypair>,
        options: ValidatorOptions,
    ) -> BoxFuture<'static, Result<Validator, ValidatorError>>;

    fn mine(
        self: Box<Self>,
        chain: NodeChain,
        hotkey: Arc<Keypair>,
        options: MinerOptions,
    ) -> BoxFuture<'static, Result<Miner, MinerError>>;
}

impl<S: Subnet> Runs for S {
    fn rules(&self, mechanism: u8, terms: Terms) -> Option<String> {
        myelin_subnet::rules::rules(self, mechanism, terms)
    }

    fn asks_customers(&self) -> bool {
        self.organic_kind().is_some()
    }

    fn pays_load(&self) -> bool {
        self.mechanisms().iter().any(|mechanism| matches!(mechanism.pay, Pay::Load(_)))
    }

    fn defers(&self) -> bool {
        self.tasks().iter().any(|task| self.maturity(task).is_some())
    }

    fn contests_of(&self) -> Vec<Contest> {
        contests(self)
    }

    fn artefact_synapse(&self) -> String {
        SynapseNames::of::<S>().artefact
    }

    fn rubric_of(&self) -> &Rubric {
        self.rubric()
    }

    fn audit(
        self: Box<Self>,
        folder: &EvidenceFolder,
        rounds: &[(u64, u16)],
        redraw: Option<&Redraw>,
        tell: &mut dyn FnMut(Audited),
    ) {
        let (subnet, rule) = (Arc::<S>::from(self), GroupRule::default());
        let kept = rounds.first().and_then(|(epoch, round)| folder.state(*epoch, *round).ok().flatten());
        let mut state: S::State = kept.unwrap_or_default();
        let mut passed = None;
        for (at, &(epoch, round)) in rounds.iter().enumerate() {
            if passed == Some(epoch) {
                continue;
            }
            if let Ok(Some(what)) = other_rules(&*subnet, folder, epoch) {
                passed = Some(epoch);
                tell(Audited::OtherRules(epoch, what));
                continue;
            }
            if let Some(Redraw { secret, controls }) = redraw {
                let without = subnet.organic_kind().filter(|_| *controls > 0);
                let redrawn = redraw_round(&*subnet, folder, (epoch, round), secret, without, &state);
                tell(Audited::Tasks(epoch, round, redrawn));
            }
            let mut audit = audit_round(&subnet, folder, epoch, round, &rule, &mut state);
            let next = rounds.get(at + 1);
            // Deleted answers may have changed what the subnet remembers.
            let kept = next.filter(|_| audit.unjudged.deleted > 0);
            let kept: Option<S::State> =
                kept.and_then(|(epoch, round)| folder.state(*epoch, *round).ok().flatten());
            if let Some(kept) = kept {
                let differs = serde_json::to_value(&kept).ok() != serde_json::to_value(&state).ok();
                audit.unjudged.memories = usize::from(differs);
                state = kept;
            }
            tell(Audited::Round(epoch, round, Box::new(audit)));
            if next.is_none_or(|(next, _)| *next != epoch) {
                let (weights, faults) = audit_weights(&*subnet, folder, epoch)
                    .unwrap_or_else(|error| (0, vec![error.to_string()]));
                tell(Audited::Weights(epoch, weights, faults));
            }
        }
    }

    fn round_by_records(
        &self,
        rooted: &Rooted<'_>,
        round: u16,
        mechanism: u8,
    ) -> Result<Vec<String>, PartsError> {
        rooted.round(self, round, mechanism)
    }

    fn due_weights(
        &self,
        rooted: &Rooted<'_>,
        rules: (u8, Terms),
        seats: &[(Seat, AccountId)],
        demand: (u16, &[Option<u16>]),
    ) -> Result<Vec<(u16, u16)>, PartsError> {
        rooted.due_weights(self, rules, seats, demand)
    }

    fn validate(
        self: Box<Self>,
        chain: NodeChain,
        hotkey: Arc<Keypair>,
        options: ValidatorOptions,
    ) -> BoxFuture<'static, Result<Validator, ValidatorError>> {
        Box::pin(Validator::start(Arc::<S>::from(self), chain, hotkey, options))
    }

    fn mine(
        self: Box<Self>,
        chain: NodeChain,
        hotkey: Arc<Keypair>,
        options: MinerOptions,
    ) -> BoxFuture<'static, Result<Miner, MinerError>> {
        Box::pin(Miner::start(Arc::<S>::from(self), chain, hotkey, options))
    }
}
