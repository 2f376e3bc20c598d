//! Commands that verify statements. They are written here and nowhere else, and a test parses each with the command
//! line itself.
//!
//! `EVIDENCE` stands for the folder with the evidence, `OTHERS` for folders with evidence of other validators,
//! `OPTIONS` for the options of the validator's kind, and `WEIGHTS` for the weights of a model. A report names no path
//! and no address of the machine on which it was written.

use myelin_wire::hash::to_hex;

/// The commands about one mechanism of a subnet.
#[derive(Clone, Debug)]
pub struct Checks {
    netuid: u16,
    /// Hash, block and notice of the rubric.
    pub rubric: String,
    /// The rules of this version of the command.
    pub rules: String,
    /// Chain and genesis hash.
    pub node: String,
    /// The subnet.
    pub subnet: String,
    /// Neurons with stakes and incentives.
    pub metagraph: String,
    /// Weights on the chain.
    pub weights: String,
    /// Roots and proofs.
    pub proofs: String,
    mechanism: u8,
    kind: Option<String>,
}

impl Checks {
    /// The commands about a mechanism; of a kind that this command knows, if the rubric names one.
    pub fn new(netuid: u16, mechanism: u8, kind: Option<&str>) -> Self {
        let of = kind.map(|kind| format!(" --kind {kind}")).unwrap_or_default();
        Self {
            netuid,
            rubric: format!("myelin subnet rubric show --netuid {netuid} --mechanism {mechanism}"),
            rules: format!("myelin validator rules{of} --mechanism {mechanism}"),
            node: "myelin node status".into(),
            subnet: format!("myelin subnet show --netuid {netuid}"),
            metagraph: format!("myelin metagraph --netuid {netuid} --json"),
            weights: format!("myelin weights show --netuid {netuid} --mechanism {mechanism}"),
            proofs: format!("myelin subnet evidence show --netuid {netuid} --mechanism {mechanism} --json"),
            mechanism,
            kind: kind.map(str::to_owned),
        }
    }

    /// Judges an epoch again.
    pub fn replay(&self, epoch: u64) -> String {
        let kind = self.kind.as_ref().map(|kind| format!(" --kind {kind}")).unwrap_or_default();
        format!("myelin evidence replay{kind} OPTIONS --epoch {epoch} EVIDENCE")
    }

    /// Recomputes the epoch in which the weights counted from proved state, and compares the evidence with it.
    pub fn verify(&self, counted: u64) -> String {
        let Self { netuid, kind, .. } = self;
        let kind = kind.as_ref().map(|kind| format!(" --kind {kind}")).unwrap_or_default();
        format!(
            "myelin evidence verify --netuid {netuid} --epoch {counted}{kind} OPTIONS --evidence EVIDENCE"
        )
    }

    /// Compares the claims of several validators, from proved state.
    pub fn claims(&self, counted: u64) -> String {
        let Self { netuid, .. } = self;
        format!(
            "myelin evidence verify --netuid {netuid} --epoch {counted} --others EVIDENCE --others OTHERS"
        )
    }

    /// Makes the same report on another node.
    pub fn again(&self, epoch: u64) -> String {
        let Self { netuid, mechanism, .. } = self;
        format!(
            "myelin evidence report --netuid {netuid} --mechanism {mechanism} --epoch {epoch} --evidence \
        EVIDENCE --json"
        )
    }

    /// Shows the scores of a miner to that miner.
    pub fn scores(&self, epoch: u64) -> String {
        let kind = self.kind.as_ref().map(|kind| format!(" --kind {kind}")).unwrap_or_default();
        format!("myelin miner scores --netuid {}{kind} --epoch {epoch}", self.netuid)
    }
}

/// Commands about a model that has a record.
pub fn of_model(id: &[u8; 32], is_verifiable: bool) -> Vec<String> {
    let id = to_hex(id);
    let mut commands = vec![format!("myelin model show {id}"), format!("myelin model lineage {id}")];
    if is_verifiable {
        commands.push(format!("myelin model verify {id} WEIGHTS"));
    }
    commands
}

/// The command by which records of models are searched for.
pub fn models() -> String {
    "myelin model list --json".into()
}
