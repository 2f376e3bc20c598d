//! `myelin weights`: the validators' opinion of miners; set, or committed first and revealed later.

use clap::{Args, Subcommand};
use myelin_abi::calls::subtensor::{CommitMechanismWeights, RevealMechanismWeights, SetMechanismWeights};
use myelin_chain_client::{ChainClient, Metagraph};
use myelin_subnet::chain::{Track, WeightVector};
use myelin_wallet::Keypair;
use serde_json::json;

use super::connect;
use crate::output::{self, address, alpha, fail, share, Failure, Outcome};
use crate::send::{to_hex, Order, Sender};
use crate::Global;

/// Weights: show, set, commit, reveal.
#[derive(Subcommand)]
pub enum Weights {
    /// The weights that validators have set.
    Show(Where),
    /// Sets the weights of a hotkey, on a subnet without commitments.
    #[command(
        after_help = "Example:\n  myelin weights set --netuid 2 --wallet bob --hotkey validator --uids 1,2 --weights 0.3,0.7"
    )]
    Set(Set),
    /// Commits to weights by a salted hash; keep the printed command, which reveals them.
    Commit(Set),
    /// Reveals committed weights.
    Reveal(Set),
}

/// The subnet and the mechanism.
#[derive(Args)]
pub struct Where {
    /// The subnet.
    #[arg(long, short = 'n')]
    netuid: u16,
    /// The mechanism.
    #[arg(long, alias = "mechid", default_value_t = 0)]
    mechanism: u8,
}

impl Where {
    fn track(&self) -> Track {
        Track { netuid: self.netuid, mechanism: self.mechanism }
    }
}

/// The weights and their hotkey.
#[derive(Args)]
pub struct Set {
    #[command(flatten)]
    place: Where,
    #[command(flatten)]
    by: Sender,
    /// Uids that receive a weight.
    #[arg(long, short = 'u', value_delimiter = ',', required = true)]
    uids: Vec<u16>,
    /// One number for each uid; only their ratio to the largest counts.
    #[arg(long, value_delimiter = ',', required = true, value_parser = output::amount, value_name = "NUMBER")]
    weights: Vec<u64>,
    /// The salt of the commitment: numbers up to 65535; drawn at random when committing.
    #[arg(long, short = 's', value_delimiter = ',', value_name = "NUMBER")]
    salt: Vec<u16>,
    /// Version of the validator's software; by default the one that the subnet requires.
    #[arg(long)]
    version_key: Option<u64>,
}

impl Weights {
    /// Runs the verb.
    pub async fn run(self, global: &Global) -> Outcome {
        match self {
            Weights::Show(place) => show(global, &place).await,
            Weights::Set(set) => set.set(global).await,
            Weights::Commit(set) => set.commit(global).await,
            Weights::Reveal(set) => set.reveal(global).await,
        }
    }
}

async fn show(global: &Global, place: &Where) -> Outcome {
    let chain = connect(global).await?;
    let graph = chain.metagraph(place.netuid, None).await?;
    let index = place.track().storage_index();
    type Row = Vec<(u16, u16)>;
    let rows: Vec<(Vec<u8>, Row)> =
        chain.entries("SubtensorModule", "Weights", &index.to_le_bytes(), None).await?;
    let mut table = output::table(&["uid", "hotkey", "gives", "share"], 2);
    let mut shown = Vec::new();
    for (key, row) in rows {
        let Some(uid) = key.last_chunk::<2>().map(|bytes| u16::from_le_bytes(*bytes)) else { continue };
        let hotkey = graph.neurons.get(usize::from(uid)).map(|neuron| address(&neuron.hotkey));
        let sum: u64 = row.iter().map(|(_, weight)| u64::from(*weight)).sum();
        for (to, weight) in &row {
            table.add_row([
                uid.to_string(),
                hotkey.clone().unwrap_or_default(),
                to.to_string(),
                share(part(*weight, sum)),
            ]);
        }
        shown.push(json!({ "uid": uid, "hotkey": hotkey, "weights": row }));
    }
    output::show(global, &shown, &table)
}

/// The share of a weight in the sum of its row, with 65535 = 1, rounded to the nearest. The largest weight is stored as
/// 65535 itself, however many there are.
fn part(weight: u16, sum: u64) -> u16 {
    let scaled = (u64::from(weight) * 65_535 + sum / 2).checked_div(sum);
    scaled.and_then(|part| u16::try_from(part).ok()).unwrap_or_default()
}

/// Numbers as weights of which the largest is 65535; `None` if all are 0.
fn scaled(numbers: &[u64]) -> Option<Vec<u16>> {
    let largest = u128::from(*numbers.iter().max()?);
    let scale = |number: &u64| (u128::from(*number) * 65_535).checked_div(largest);
    numbers.iter().map(|number| scale(number).and_then(|value| u16::try_from(value).ok())).collect()
}

impl Set {
    async fn vector(&self, chain: &ChainClient) -> Result<WeightVector, Failure> {
        if self.uids.len() != self.weights.len() {
            return fail(format!("{} uids and {} weights", self.uids.len(), self.weights.len()));
        }
        let distinct: std::collections::BTreeSet<_> = self.uids.iter().collect();
        if distinct.len() != self.uids.len() {
            return fail("a uid stands twice in --uids; the chain would refuse such weights");
        }
        let Some(values) = scaled(&self.weights) else { return fail("the weights are all 0") };
        let version_key = match self.version_key {
            Some(version) => version,
            None => chain.value("SubtensorModule", "WeightsVersionKey", &[self.place.netuid.into()]).await?,
        };
        Ok(WeightVector { uids: self.uids.clone(), values, version_key })
    }

    /// The subnet. Fails if a uid belongs to no neuron, or the hotkey may not set weights there. A permit is needed
    /// from the moment at which weights count.
    async fn subnet(&self, global: &Global, chain: &ChainClient, counts: bool) -> Result<Metagraph, Failure> {
        let netuid = self.place.netuid;
        let graph = chain.metagraph(netuid, None).await?;
        let hotkey = self.by.acting_hotkey(global)?;
        let shown = address(&hotkey);
        let Some(neuron) = graph.by_hotkey(&hotkey) else {
            return fail(format!(
                "the hotkey {shown} is not registered on subnet {netuid}; {} registers it",
                self.by.keys.command(&format!("myelin subnet register --netuid {netuid}"))
            ));
        };
        let permitted = neuron.validator_permit || self.uids == [neuron.uid] || graph.owner_hotkey == hotkey;
        if counts && !permitted {
            return fail(format!(
                "the hotkey {shown} has no validator permit on subnet {netuid}: its stake is {}; stake more on it \
                 ({}) and wait for the next epoch; {} says how much others have",
                alpha(neuron.total_stake),
                self.by.keys.command(&format!("myelin stake add --netuid {netuid} --amount TAO")),
                self.by.keys.command(&format!("myelin doctor --netuid {netuid}"))
            ));
        }
        match self.uids.iter().find(|uid| usize::from(**uid) >= graph.neurons.len()) {
            Some(uid) => fail(format!(
                "subnet {netuid} has {} neurons, so no uid {uid}; see `myelin metagraph --netuid {netuid}`",
                graph.neurons.len()
            )),
            None => Ok(graph),
        }
    }

    async fn set(self, global: &Global) -> Outcome {
        let chain = connect(global).await?;
        let Where { netuid, mechanism: mecid } = self.place;
        if self.subnet(global, &chain, true).await?.commit_reveal {
            return fail(format!(
                "subnet {netuid} asks for commitments; use `myelin weights commit` and `reveal`, or run a validator, which does both"
            ));
        }
        let WeightVector { uids, values, version_key } = self.vector(&chain).await?;
        let call =
            SetMechanismWeights { netuid, mecid, dests: uids.clone(), weights: values.clone(), version_key };
        let what = format!("setting the weights of {} uids on subnet {netuid}", uids.len());
        let value = json!({ "netuid": netuid, "uids": uids, "weights": values });
        self.by.carry_out(global, &chain, Order::of_hotkey(&call, what).unasked(), "set", value).await
    }

    async fn commit(mut self, global: &Global) -> Outcome {
        let chain = connect(global).await?;
        let Where { netuid, mechanism: mecid } = self.place;
        if !self.subnet(global, &chain, false).await?.commit_reveal {
            return fail(format!("subnet {netuid} asks for no commitments; use `myelin weights set`"));
        }
        let vector = self.vector(&chain).await?;
        if self.salt.is_empty() {
            // A public key of a random key is as random as its seed.
            let random = Keypair::random().public();
            let word = |pair: &[u8]| pair.iter().fold(0u16, |word, byte| word << 8 | u16::from(*byte));
            self.salt = random[..16].chunks(2).map(word).collect();
        }
        let hotkey = self.by.acting_hotkey(global)?;
        let commit_hash = vector.commit_hash(&hotkey.0, self.place.track(), &self.salt);
        let call = CommitMechanismWeights { netuid, mecid, commit_hash };
        let what = format!("committing to the weights of {} uids on subnet {netuid}", vector.uids.len());
        let Some(sent) = self.by.send(global, &chain, Order::of_hotkey(&call, what).unasked()).await? else {
            return Ok(());
        };
        let reveal = self.revelation(&vector);
        let when = chain.allowed_at(&reveal, &hotkey).await.map(|wait| wait.to_string());
        let listed = |numbers: &[u16]| numbers.iter().map(u16::to_string).collect::<Vec<_>>().join(",");
        let command = format!(
            "myelin weights reveal --netuid {netuid} --mechanism {mecid} --uids {} --weights {} --salt {} --version-key {}",
            listed(&vector.uids),
            listed(&vector.values),
            listed(&self.salt),
            vector.version_key
        );
        let done = format!(
            "committed; it can be revealed {}:\n  {command}",
            when.as_deref().unwrap_or("after the reveal period")
        );
        let value = json!({
            "netuid": netuid, "commit_hash": to_hex(&commit_hash), "uids": vector.uids, "weights": vector.values,
            "salt": self.salt, "version_key": vector.version_key, "reveal": when.ok(),
        });
        sent.report(global, &done, value)
    }

    fn revelation(&self, vector: &WeightVector) -> RevealMechanismWeights {
        RevealMechanismWeights {
            netuid: self.place.netuid,
            mecid: self.place.mechanism,
            uids: vector.uids.clone(),
            values: vector.values.clone(),
            salt: self.salt.clone(),
            version_key: vector.version_key,
        }
    }

    async fn reveal(self, global: &Global) -> Outcome {
        if self.salt.is_empty() {
            return fail("--salt is missing: the numbers that `myelin weights commit` printed");
        }
        let chain = connect(global).await?;
        self.subnet(global, &chain, true).await?;
        let vector = self.vector(&chain).await?;
        let netuid = self.place.netuid;
        let what = format!("revealing the weights of {} uids on subnet {netuid}", vector.uids.len());
        let value = json!({ "netuid": netuid, "uids": vector.uids, "weights": vector.values });
        let order = Order::of_hotkey(&self.revelation(&vector), what).unasked();
        self.by.carry_out(global, &chain, order, "revealed", value).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use myelin_wire::hash::blake2_256;

    #[test]
    fn weights_keep_their_ratio_and_the_largest_is_full() {
        assert_eq!(scaled(&[300_000_000, 600_000_000]), Some(vec![32_767, 65_535]));
        // A reveal repeats the committed values exactly.
        assert_eq!(scaled(&[32_767, 65_535]), Some(vec![32_767, 65_535]));
        assert_eq!(scaled(&[0, 0]), None);
        assert_eq!(scaled(&[u64::MAX]), Some(vec![65_535]));
    }

    #[test]
    fn equal_weights_are_equal_shares() {
        assert_eq!(share(part(65_535, 131_070)), "50.00%");
        assert_eq!((part(7, 7), part(0, 7), part(0, 0)), (65_535, 0, 0));
    }

    #[test]
    fn a_commitment_is_the_hash_that_the_chain_computes() {
        let vector = WeightVector { uids: vec![1], values: vec![7], version_key: 9 };
        let place = Where { netuid: 2, mechanism: 1 };
        let bytes: Vec<u8> =
            [&[0xaa; 32][..], &[2, 0x10], &[4, 1, 0], &[4, 7, 0], &[4, 5, 0], &[9, 0, 0, 0, 0, 0, 0, 0]]
                .concat();
        assert_eq!(vector.commit_hash(&[0xaa; 32], place.track(), &[5]), blake2_256(&bytes));
    }
}
