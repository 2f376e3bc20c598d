//! `myelin subnet agreement`: the weights of each validator beside those of the others.

use clap::Args;
use myelin_chain_client::{ChainClient, Hash, Metagraph};
use myelin_units::{storage_index, Uid, I64F64};
use myelin_yuma::agreement::{agreement, typical, Agreement as Of};
use myelin_yuma::{EpochInput, EpochParams};
use serde::Serialize;

use crate::commands::look;
use crate::output::{self, address, fail, share, Failure, Outcome};
use crate::Global;

/// Pallet of all values that are read here.
const PALLET: &str = "SubtensorModule";

/// The subnet and the mechanism.
#[derive(Args)]
pub struct Agreement {
    /// The subnet.
    #[arg(long, short = 'n')]
    netuid: u16,
    /// The mechanism.
    #[arg(long, alias = "mechid", default_value_t = 0)]
    mechanism: u8,
}

#[derive(Serialize)]
struct Shown {
    netuid: u16,
    mechanism: u8,
    block: u64,
    /// Agreement that half of the voting stake reaches.
    typical: Option<u16>,
    /// Uids with a permit and without weights that count.
    silent: Vec<u16>,
    validators: Vec<Validator>,
}

#[derive(Serialize)]
struct Validator {
    uid: u16,
    hotkey: String,
    active: bool,
    /// Share in the stake that votes, 65535 = 1.
    stake: u16,
    /// Part of its weight that the others give to the same neurons, 65535 = 1.
    agreement: Option<u16>,
    /// Part of its weight above the consensus, 65535 = 1.
    clipped: u16,
    last_update: u64,
}

impl Agreement {
    /// Reads, compares and prints.
    pub async fn run(self, global: &Global) -> Outcome {
        let chain = look(global).await?;
        let at = chain.best_block().await?.hash;
        let graph = chain.metagraph(self.netuid, Some(at)).await?;
        let input = self.input(&chain, &graph, at).await?;
        let shown = self.compare(&graph, &input);
        if global.json {
            return output::json(&shown);
        }
        print(&shown);
        Ok(())
    }

    /// The votes of the next epoch as far as the revealed weights go. Weights that wait for their reveal can still
    /// take away weights on newcomers, which are counted here.
    async fn input(&self, chain: &ChainClient, graph: &Metagraph, at: Hash) -> Result<EpochInput, Failure> {
        let netuid = self.netuid;
        let count: Option<u8> =
            chain.storage(PALLET, "MechanismCountCurrent", &[netuid.into()], Some(at)).await?;
        if self.mechanism >= count.unwrap_or(1) {
            return fail(format!(
                "subnet {netuid} has no mechanism {}; `myelin subnet mechanisms count --netuid {netuid}` says how many \
                 it has",
                self.mechanism
            ));
        }
        let index = storage_index(netuid, self.mechanism);
        type Row = Vec<(Uid, u16)>;
        let rows: Vec<(Vec<u8>, Row)> =
            chain.entries(PALLET, "Weights", &index.to_le_bytes(), Some(at)).await?;
        let mut weights = vec![Vec::new(); graph.neurons.len()];
        for (key, row) in rows {
            let uid = key.last_chunk::<2>().map(|bytes| usize::from(u16::from_le_bytes(*bytes)));
            if let Some(place) = uid.and_then(|uid| weights.get_mut(uid)) {
                *place = row;
            }
        }
        let updates: Option<Vec<u64>> =
            chain.storage(PALLET, "LastUpdate", &[index.into()], Some(at)).await?;
        let owner = graph.by_hotkey(&graph.owner_hotkey);
        Ok(EpochInput {
            params: self.params(chain, graph, at).await?,
            block: graph.block,
            owner_uid: owner.map(|neuron| neuron.uid),
            total_stake: graph
                .neurons
                .iter()
                .map(|neuron| I64F64::from_int(neuron.total_stake.to_rao()))
                .collect(),
            last_update: updates.unwrap_or_default(),
            registered: graph.neurons.iter().map(|neuron| neuron.registered_at).collect(),
            permits: graph.neurons.iter().map(|neuron| neuron.validator_permit).collect(),
            weights,
            ..EpochInput::default()
        })
    }

    async fn params(&self, chain: &ChainClient, graph: &Metagraph, at: Hash) -> Result<EpochParams, Failure> {
        let own = [self.netuid.into()];
        let default = EpochParams::default();
        let kappa = chain.storage(PALLET, "Kappa", &own, Some(at)).await?;
        let cutoff = chain.storage(PALLET, "ActivityCutoffFactorMilli", &own, Some(at)).await?;
        let threshold: Option<u64> = chain.storage(PALLET, "StakeThreshold", &[], Some(at)).await?;
        Ok(EpochParams {
            kappa: kappa.unwrap_or(default.kappa),
            activity_cutoff_factor_milli: cutoff.unwrap_or(default.activity_cutoff_factor_milli),
            stake_threshold: threshold.unwrap_or(default.stake_threshold),
            tempo: graph.tempo,
            commit_reveal: false,
            ..default
        })
    }

    fn compare(&self, graph: &Metagraph, input: &EpochInput) -> Shown {
        let mut found = agreement(input);
        let typical = typical(&found);
        let judges = |uid: u16| found.iter().any(|agreement| agreement.uid == uid);
        let silent =
            graph.validators().map(|neuron| neuron.uid).filter(|uid| !judges(*uid)).collect::<Vec<_>>();
        // Those that agree least come first.
        found.sort_by_key(|agreement| (agreement.overlap.is_none(), agreement.overlap, agreement.uid));
        let validator = |agreement: &Of| {
            let neuron = graph.neurons.get(usize::from(agreement.uid))?;
            Some(Validator {
                uid: agreement.uid,
                hotkey: address(&neuron.hotkey),
                active: neuron.active,
                stake: agreement.voice,
                agreement: agreement.overlap,
                clipped: agreement.clipped,
                last_update: input.last_update.get(usize::from(agreement.uid)).copied().unwrap_or_default(),
            })
        };
        Shown {
            netuid: self.netuid,
            mechanism: self.mechanism,
            block: graph.block,
            typical,
            silent,
            validators: found.iter().filter_map(validator).collect(),
        }
    }
}

fn print(shown: &Shown) {
    output::say!(
        "subnet {}, mechanism {}, at block {}: revealed weights of {} validators; {} more hold a permit",
        shown.netuid,
        shown.mechanism,
        shown.block,
        shown.validators.len(),
        shown.silent.len(),
    );
    match shown.typical {
        Some(typical) => output::say!(
            "agreement: the part of a validator's weight that the others, by their stake, give to the same neurons;\n\
             half of the stake reaches {}. It pays nobody. A low figure says that a validator differs, not that it\n\
             is wrong; a copy of others' weights agrees well",
            share(typical)
        ),
        None => output::say!("nobody is compared: it takes two validators with stake and weights"),
    }
    let mut table = output::table(&["uid", "hotkey", "stake", "agreement", "clipped", "updated"], 2)
        .least_important(&["updated", "stake"]);
    for validator in &shown.validators {
        table.add_row([
            validator.uid.to_string(),
            validator.hotkey.clone(),
            share(validator.stake),
            validator.agreement.map(share).unwrap_or_default(),
            share(validator.clipped),
            validator.last_update.to_string(),
        ]);
    }
    output::print(&table);
}
