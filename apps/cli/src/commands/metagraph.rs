//! `myelin metagraph`: every neuron of a subnet.

use clap::Args;
use serde::Serialize;

use super::look;
use crate::output::{self, address, alpha, share, tao, Outcome};
use crate::Global;

/// Every neuron of a subnet.
#[derive(Args)]
#[command(after_help = "Example:\n  myelin metagraph --netuid 2 --json | jq '.neurons[].incentive'")]
pub struct Metagraph {
    /// The subnet.
    #[arg(long, short = 'n')]
    netuid: u16,
}

#[derive(Serialize)]
struct Shown {
    netuid: u16,
    name: String,
    block: u64,
    tempo: u16,
    last_epoch: u64,
    owner: String,
    commit_reveal: bool,
    tao_in_rao: u64,
    alpha_in_rao: u64,
    alpha_out_rao: u64,
    burn_rao: u64,
    neurons: Vec<Neuron>,
}

#[derive(Serialize)]
struct Neuron {
    uid: u16,
    hotkey: String,
    coldkey: String,
    axon: Option<String>,
    active: bool,
    validator_permit: bool,
    last_update: u64,
    registered_at: u64,
    emission_rao: u64,
    incentive: u16,
    dividends: u16,
    consensus: u16,
    alpha_stake_rao: u64,
    tao_stake_rao: u64,
    total_stake_rao: u64,
}

impl Metagraph {
    /// Reads the subnet in one call and prints it.
    pub async fn run(self, global: &Global) -> Outcome {
        let chain = look(global).await?;
        let graph = chain.metagraph(self.netuid, None).await?;
        if global.json {
            return output::json(&Shown {
                netuid: graph.netuid,
                name: graph.name.clone(),
                block: graph.block,
                tempo: graph.tempo,
                last_epoch: graph.last_epoch,
                owner: address(&graph.owner),
                commit_reveal: graph.commit_reveal,
                tao_in_rao: graph.tao_in.to_rao(),
                alpha_in_rao: graph.alpha_in.to_rao(),
                alpha_out_rao: graph.alpha_out.to_rao(),
                burn_rao: graph.burn.to_rao(),
                neurons: graph
                    .neurons
                    .iter()
                    .map(|neuron| Neuron {
                        uid: neuron.uid,
                        hotkey: address(&neuron.hotkey),
                        coldkey: address(&neuron.coldkey),
                        axon: neuron.axon.map(|axon| axon.to_string()),
                        active: neuron.active,
                        validator_permit: neuron.validator_permit,
                        last_update: neuron.last_update,
                        registered_at: neuron.registered_at,
                        emission_rao: neuron.emission.to_rao(),
                        incentive: neuron.incentive,
                        dividends: neuron.dividends,
                        consensus: neuron.consensus,
                        alpha_stake_rao: neuron.alpha_stake.to_rao(),
                        tao_stake_rao: neuron.tao_stake.to_rao(),
                        total_stake_rao: neuron.total_stake.to_rao(),
                    })
                    .collect(),
            });
        }
        crate::output::say!(
            "subnet {} {}at block {}: tempo {}, last epoch at {}, registration costs {}",
            graph.netuid,
            if graph.name.is_empty() { String::new() } else { format!("({}) ", graph.name) },
            graph.block,
            graph.tempo,
            graph.last_epoch,
            tao(graph.burn),
        );
        let mut table = output::table(
            &["uid", "hotkey", "axon", "role", "incentive", "dividends", "emission", "stake", "updated"],
            4,
        )
        .least_important(&["updated", "dividends", "axon", "stake", "role"]);
        for neuron in &graph.neurons {
            table.add_row([
                neuron.uid.to_string(),
                address(&neuron.hotkey),
                neuron.axon.map(|axon| axon.to_string()).unwrap_or_default(),
                role(neuron).to_string(),
                share(neuron.incentive),
                share(neuron.dividends),
                alpha(neuron.emission),
                alpha(neuron.total_stake),
                neuron.last_update.to_string(),
            ]);
        }
        output::print(&table);
        Ok(())
    }
}

/// The role of a neuron. In a small subnet miners hold permits too, so a permit alone does not show a validator.
/// Setting weights does; the update must be later than the registration, which also counts as one.
pub fn role(neuron: &myelin_chain_client::Neuron) -> &'static str {
    let judges = neuron.validator_permit && neuron.last_update > neuron.registered_at;
    match (judges, neuron.active) {
        (true, true) => "validator",
        (true, false) => "validator, silent",
        (false, _) if (neuron.axon.is_some() && !neuron.tells_evidence) || neuron.incentive > 0 => "miner",
        (false, _) => "",
    }
}
