//! The standings around a round, and the weights that follow from them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
};

use myelin_wire::{
    hash::{blake2_256, from_hex, to_hex, Hash},
    AccountId,
};
use serde::{Deserialize, Serialize};

use super::{damaged, disk, read_named, read_whole, round_file, write_whole, EvidenceError, EvidenceFolder};
use crate::{
    chain::WeightVector,
    evaluation::{averages::changed_between, weigh_standings, Standing, Standings},
    rules::{rules, rules_hash, Terms},
    subnet::{MinerRef, Subnet},
};

/// Hashes of the standings around a round, hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoundStandings {
    /// Before the round.
    pub before: String,
    /// After it.
    pub after: String,
}

/// The weights of an epoch on one mechanism, with all inputs that they follow from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptWeights {
    /// The mechanism.
    pub mechanism: u8,
    /// Block at which the neurons were read.
    pub block: u64,
    /// Hash of the rules, hexadecimal.
    pub rules: String,
    /// The rules that the subnet's owner chose.
    #[serde(flatten)]
    pub terms: Terms,
    /// Hash of the standings, hexadecimal.
    pub standings: String,
    /// The neurons that have a standing.
    pub seats: Vec<KeptSeat>,
    /// The weights.
    pub weights: WeightVector,
    /// Neurons without weight, whatever their standing, because they signed too few answers in the epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub silent: Option<Silent>,
    /// Whether the chain has accepted them, or a commitment to them.
    pub submitted: bool,
}

/// Neurons that signed too few answers for a proof of their weight.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Silent {
    /// Answers that the subnet demanded.
    pub least: u16,
    /// The neurons.
    pub uids: Vec<u16>,
}

/// A neuron by uid and hotkey.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptSeat {
    /// Its uid.
    pub uid: u16,
    /// Its hotkey, hexadecimal.
    pub hotkey: String,
}

/// A line of the canonical form.
#[derive(Serialize, Deserialize)]
struct Line<S> {
    mechanism: u8,
    hotkey: String,
    standing: S,
}

/// The canonical form: a line of JSON for each standing, by mechanism and hotkey.
pub fn standings_bytes(standings: &Standings) -> Result<Vec<u8>, serde_json::Error> {
    let mut bytes = Vec::new();
    for ((mechanism, hotkey), standing) in standings {
        let line = Line { mechanism: *mechanism, hotkey: to_hex(hotkey), standing };
        serde_json::to_writer(&mut bytes, &line)?;
        bytes.push(b'\n');
    }
    Ok(bytes)
}

/// The hash by which evidence names standings: BLAKE2b-256 of their canonical form.
pub fn standings_hash(standings: &Standings) -> Result<Hash, serde_json::Error> {
    Ok(blake2_256(&standings_bytes(standings)?))
}

/// Reads the canonical form.
pub(crate) fn read_standings(bytes: &[u8]) -> Result<Standings, String> {
    let mut standings = Standings::new();
    for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let line: Line<Standing> = serde_json::from_slice(line).map_err(|error| error.to_string())?;
        let hotkey: AccountId = from_hex(&line.hotkey).ok_or("a hotkey is not 64 hexadecimal digits")?;
        if standings.insert((line.mechanism, hotkey), line.standing).is_some() {
            return Err(format!("hotkey {} is listed twice", line.hotkey));
        }
    }
    Ok(standings)
}

impl EvidenceFolder {
    /// Standings of an epoch's rounds, each under its hash.
    fn standings_path(&self, epoch: u64) -> PathBuf {
        self.epoch_path(epoch).join("standings")
    }

    /// Keeps the standings around a round. Equal standings are kept once.
    pub fn write_standings(
        &self,
        epoch: u64,
        round: u16,
        before: &Standings,
        after: &Standings,
    ) -> Result<(), EvidenceError> {
        let (before, after) = (self.keep_standings(epoch, before)?, self.keep_standings(epoch, after)?);
        let path = round_file(&self.epoch_path(epoch), round, "standings");
        let both = serde_json::to_vec(&RoundStandings { before, after });
        write_whole(&path, &both.map_err(|error| damaged(&path, error))?)
    }

    /// Keeps standings under their hash, and returns the hash.
    pub fn keep_standings(&self, epoch: u64, standings: &Standings) -> Result<String, EvidenceError> {
        let folder = self.standings_path(epoch);
        crate::private::create_folder(&folder).map_err(|found| disk("creating", &folder, found))?;
        let bytes = standings_bytes(standings).map_err(|error| damaged(&folder, error))?;
        let hash = to_hex(&blake2_256(&bytes));
        let path = folder.join(&hash);
        if !path.exists() {
            write_whole(&path, &bytes)?;
        }
        Ok(hash)
    }

    /// Hashes of the standings around a round; `None` if they were not kept.
    pub fn round_standings(&self, epoch: u64, round: u16) -> Result<Option<RoundStandings>, EvidenceError> {
        let path = round_file(&self.epoch_path(epoch), round, "standings");
        if !path.exists() {
            return Ok(None);
        }
        serde_json::from_slice(&read_whole(&path)?).map(Some).map_err(|error| damaged(&path, error))
    }

    /// Standings by their hash, hexadecimal.
    pub fn standings(&self, epoch: u64, hash: &str) -> Result<Standings, EvidenceError> {
        let folder = self.standings_path(epoch);
        let hash: Hash =
            from_hex(hash).ok_or_else(|| damaged(&folder, "a hash is not 64 hexadecimal digits"))?;
        read_standings(&read_named(&folder, &hash)?)
            .map_err(|what| damaged(&folder.join(to_hex(&hash)), what))
    }

    /// The file of the standings with this hash, in their canonical form; `None` if none of this hash are kept.
    pub(crate) fn standings_file(&self, epoch: u64, hash: &Hash) -> Option<PathBuf> {
        Some(self.standings_path(epoch).join(to_hex(hash))).filter(|path| path.exists())
    }

    /// Keeps the weights of a mechanism, in place of earlier ones of this epoch.
    pub fn write_weights(&self, epoch: u64, weights: &KeptWeights) -> Result<(), EvidenceError> {
        let path = self.epoch_path(epoch).join(format!("weights-{:02}", weights.mechanism));
        let bytes = serde_json::to_vec(weights).map_err(|error| damaged(&path, error))?;
        write_whole(&path, &bytes)
    }

    /// The weights of an epoch, by mechanism.
    pub fn weights(&self, epoch: u64) -> Result<Vec<KeptWeights>, EvidenceError> {
        let folder = self.epoch_path(epoch);
        let names = fs::read_dir(&folder).map_err(|found| disk("reading", &folder, found))?;
        let number = |entry: fs::DirEntry| -> Option<u8> {
            entry.file_name().to_str()?.strip_prefix("weights-")?.parse().ok()
        };
        let mut mechanisms: Vec<u8> = names.flatten().filter_map(number).collect();
        mechanisms.sort_unstable();
        let read = |mechanism: u8| {
            let path = folder.join(format!("weights-{mechanism:02}"));
            serde_json::from_slice(&read_whole(&path)?).map_err(|error| damaged(&path, error))
        };
        mechanisms.into_iter().map(read).collect()
    }
}

impl EvidenceFolder {
    /// Neurons that got no weight for want of answers and signed enough of them, as lines of text.
    fn spoke_after_all(&self, epoch: u64, kept: &KeptWeights) -> Result<Vec<String>, EvidenceError> {
        let Some(Silent { least, uids }) = &kept.silent else { return Ok(Vec::new()) };
        let mut challenges: BTreeMap<AccountId, BTreeSet<Hash>> = BTreeMap::new();
        for round in self.rounds(epoch) {
            for signed in self.signed(epoch, round)? {
                challenges.entry(signed.claim.miner).or_default().insert(signed.claim.challenge_id);
            }
        }
        let answers = |uid: u16| {
            let hotkey =
                kept.seats.iter().find(|seat| seat.uid == uid).and_then(|seat| from_hex(&seat.hotkey));
            hotkey.and_then(|hotkey| challenges.get(&hotkey)).map_or(0, BTreeSet::len)
        };
        let line = |uid: &u16| {
            let found = answers(*uid);
            let spoke = found >= usize::from(*least).max(1);
            spoke.then(|| {
                format!("uid {uid}: it has no weight for want of answers, and signed {found} of {least}")
            })
        };
        Ok(uids.iter().filter_map(line).collect())
    }
}

/// A line of text if the weights of an epoch were made by other rules than those of `subnet`, which also depend on its
/// options. Judging again by other rules than the validator's finds faults that are none.
pub fn other_rules<S: Subnet>(
    subnet: &S,
    folder: &EvidenceFolder,
    epoch: u64,
) -> Result<Option<String>, EvidenceError> {
    let weights = folder.weights(epoch)?;
    let other = weights
        .iter()
        .find_map(|kept| Some((kept, rules_here(subnet, kept).filter(|here| *here != kept.rules)?)));
    Ok(other.map(|(kept, here)| {
        format!(
            "mechanism {}: the weights were made by rules with the hash {}, and this kind and these options have \
             {here}; give those with which the validator ran",
            kept.mechanism, kept.rules
        )
    }))
}

/// Hash of the rules that a mechanism has here, as 64 hexadecimal digits; `None` if it is unknown here.
fn rules_here<S: Subnet>(subnet: &S, kept: &KeptWeights) -> Option<String> {
    subnet.mechanisms().get(usize::from(kept.mechanism))?;
    Some(to_hex(&rules_hash(&rules(subnet, kept.mechanism, kept.terms).unwrap_or_default())))
}

/// Weighs the standings of an epoch again and compares. Returns the number of weights compared, and the differences
/// from the validator's statements as lines of text.
pub fn audit_weights<S: Subnet>(
    subnet: &S,
    folder: &EvidenceFolder,
    epoch: u64,
) -> Result<(usize, Vec<String>), EvidenceError> {
    let (mut compared, mut faults) = (0, Vec::new());
    let last = folder.rounds(epoch).last().copied();
    let last = last.map(|round| folder.round_standings(epoch, round)).transpose()?.flatten();
    for kept in folder.weights(epoch)? {
        let standings = folder.standings(epoch, &kept.standings)?;
        let mechanism = kept.mechanism;
        match compare(subnet, &kept, &standings) {
            Ok(differences) => {
                compared += kept.weights.uids.len();
                faults.extend(differences.into_iter().map(|what| format!("mechanism {mechanism}, {what}")));
            }
            Err(why) => faults.push(format!("mechanism {mechanism}: {why}")),
        }
        let spoke = folder.spoke_after_all(epoch, &kept)?;
        faults.extend(spoke.into_iter().map(|what| format!("mechanism {mechanism}, {what}")));
        if let Some(last) = last.as_ref().filter(|last| last.after != kept.standings) {
            let after = folder.standings(epoch, &last.after)?;
            let changed = changed_between(&after, &standings);
            faults.extend(
                changed.into_iter().map(|what| format!("between the last round and the weights: {what}")),
            );
        }
    }
    Ok((compared, faults))
}

/// Changes between two rounds, as lines of text, if the later one began with other standings than the earlier one left.
pub fn audit_between(
    folder: &EvidenceFolder,
    (earlier_epoch, earlier): (u64, &RoundStandings),
    (later_epoch, later): (u64, &RoundStandings),
) -> Result<Vec<String>, EvidenceError> {
    if earlier.after == later.before {
        return Ok(Vec::new());
    }
    let left = folder.standings(earlier_epoch, &earlier.after)?;
    Ok(changed_between(&left, &folder.standings(later_epoch, &later.before)?))
}

fn compare<S: Subnet>(subnet: &S, kept: &KeptWeights, standings: &Standings) -> Result<Vec<String>, String> {
    let plan = subnet.mechanisms().get(usize::from(kept.mechanism)).copied();
    let plan = plan.ok_or("this version knows no such mechanism")?;
    let plan = kept.terms.apply(plan);
    if rules_here(subnet, kept).as_ref() != Some(&kept.rules) {
        return Err("the weights were made by other rules than these".into());
    }
    let seat = |seat: &KeptSeat| {
        let hotkey = from_hex(&seat.hotkey).ok_or("a hotkey is not 64 hexadecimal digits")?;
        Ok::<_, String>(MinerRef { uid: seat.uid, hotkey })
    };
    let seats: Vec<MinerRef> = kept.seats.iter().map(seat).collect::<Result<_, _>>()?;
    let of = |miner: &MinerRef| {
        let standing = standings.get(&(kept.mechanism, miner.hotkey));
        standing.map(|standing| (*miner, standing)).ok_or(format!("uid {} has no standing", miner.uid))
    };
    let seated: Vec<(MinerRef, &Standing)> = seats.iter().map(of).collect::<Result<_, _>>()?;
    let mut again = weigh_standings(&plan, &seated);
    let silent = |uid: &u16| kept.silent.as_ref().is_some_and(|silent| silent.uids.contains(uid));
    again.iter_mut().filter(|(uid, _)| silent(uid)).for_each(|(_, weight)| *weight = 0);
    let WeightVector { uids, values, .. } = &kept.weights;
    if uids.len() != values.len() {
        return Err(format!("{} uids have {} weights", uids.len(), values.len()));
    }
    let submitted: Vec<(u16, u16)> = uids.iter().copied().zip(values.iter().copied()).collect();
    let find = |among: &[(u16, u16)], uid| among.iter().find(|weight| weight.0 == uid).map(|weight| weight.1);
    let shown = |weight: Option<u16>| weight.map_or("none".to_owned(), |weight| weight.to_string());
    let mut all: Vec<u16> = again.iter().chain(&submitted).map(|(uid, _)| *uid).collect();
    all.sort_unstable();
    all.dedup();
    let differs = |uid: u16| {
        let (kept, due) = (find(&submitted, uid), find(&again, uid));
        (kept != due).then(|| {
            format!("uid {uid}: its weight is {}, and {} follows from the standings", shown(kept), shown(due))
        })
    };
    Ok(all.into_iter().filter_map(differs).collect())
}

#[cfg(test)]
mod tests;
