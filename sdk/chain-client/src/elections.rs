//! Elections of authorities: the switch, the rules in force, the set in office, slashes that wait, and candidates.
//!
//! The chain keeps no weights of past passes. [`Candidate`]s are weighed as by a pass that would begin at the same
//! block: by the panels of the last epochs, and by root stake as far as it was there at the last pass. The rules are
//! those of `myelin_election`.

use std::cmp::Ordering;

use codec::Decode;
use futures::{stream, StreamExt, TryStreamExt};
use myelin_abi::calls::elections::Join;
use myelin_abi::calls::session::SessionKeys;
use myelin_abi::{Account, ElectionClock};
use myelin_economy::emission::{tao_parts, ShareInput};
use myelin_election::docket::Filed;
use myelin_election::pass::{entry_of, obstacle};
use myelin_election::{Candidacy, Docket, Entry, Obstacle, Panel, PerBillion, Qualities, Reading, Rules};
use myelin_units::{AlphaBalance, NetUid, TaoBalance, I96F32, ROOT, U64F64, U96F32};

use crate::{Block, ChainClient, ChainError, Hash, Key, Result};

const PALLET: &str = "Elections";
const NETWORK: &str = "SubtensorModule";
/// `SubnetMechanism` of a subnet whose alpha has a pool.
const DYNAMIC: u16 = 1;
/// Questions to the node side by side.
const AT_ONCE: usize = 16;

/// The state of elections at a block, without the candidates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elections {
    /// The block.
    pub block: Block,
    /// The switch, the era, and the next pass.
    pub clock: ElectionClock,
    /// The rules in force.
    pub rules: Rules,
    /// The set in office, in the order of its seats.
    pub in_office: Vec<Account>,
    /// Slashes that wait for the end of the time to appeal, and those that count with them.
    pub docket: Docket,
}

impl Elections {
    /// The slashes that wait, each with its share of the pledge by the offenders that are known at the block.
    pub fn slashes(&self) -> impl Iterator<Item = (&Filed, PerBillion)> {
        let share =
            |filed: &Filed| filed.slash.share(self.docket.iter().map(|other| &other.slash), &self.rules);
        self.docket.iter().filter(|filed| filed.waits).map(move |filed| (filed, share(filed)))
    }
}

/// A candidate, as a pass that began at the block would read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The hotkey.
    pub hotkey: Account,
    /// Its pledge and its standing.
    pub candidacy: Candidacy,
    /// Whether it has session keys.
    pub has_keys: bool,
    /// Root stake on it.
    pub root_stake: TaoBalance,
    /// Quality of its judging on all subnets.
    pub quality: PerBillion,
}

impl Candidate {
    /// Owner of the hotkey, whose TAO is pledged.
    pub fn coldkey(&self) -> Account {
        Account(self.candidacy.coldkey)
    }

    /// The reading that a pass takes of it.
    pub fn reading(&self) -> Reading {
        self.candidacy.reading(self.hotkey.0, self.root_stake, self.has_keys)
    }

    /// Its entry in an election; `None` if it cannot be elected.
    pub fn entry(&self, rules: &Rules) -> Option<Entry> {
        entry_of(&self.reading(), self.quality, rules)
    }

    /// The first reason for which it cannot be elected.
    pub fn obstacle(&self, rules: &Rules) -> Option<Obstacle> {
        obstacle(&self.reading(), self.quality, rules)
    }
}

impl ChainClient {
    /// The state of elections at a block; at the best one by default. Fails on a chain without elections.
    pub async fn elections(&self, at: Option<Hash>) -> Result<Elections> {
        if !self.offers::<Join>().await {
            return Err(ChainError::NotFound("this chain does not elect its authorities".into()));
        }
        let hash = match at {
            Some(hash) => hash,
            None => self.best_block().await?.hash,
        };
        let at = Some(hash);
        let number: Option<u32> = self.storage("System", "Number", &[], at).await?;
        let set: Option<Rules> = self.storage(PALLET, "SetRules", &[], at).await?;
        let profile = self.profile(at).await?;
        let in_office: Option<Vec<Account>> = self.storage("Session", "Validators", &[], at).await?;
        let clock: Option<ElectionClock> = self.storage(PALLET, "EraClock", &[], at).await?;
        let docket: Option<Docket> = self.storage(PALLET, "SlashDocket", &[], at).await?;
        Ok(Elections {
            block: Block { number: number.unwrap_or_default().into(), hash },
            clock: clock.unwrap_or_default(),
            rules: set.unwrap_or(Rules::first(profile.fast)),
            in_office: in_office.unwrap_or_default(),
            docket: docket.unwrap_or_default(),
        })
    }

    /// The candidacy of a hotkey at a block.
    pub async fn candidacy(&self, hotkey: &Account, at: Hash) -> Result<Option<Candidacy>> {
        self.storage(PALLET, "Candidacies", &[hotkey.into()], Some(at)).await
    }

    /// The hotkey for which a coldkey pledged.
    pub async fn candidate_of(&self, coldkey: &Account, at: Hash) -> Result<Option<Account>> {
        self.storage(PALLET, "HotkeyOf", &[coldkey.into()], Some(at)).await
    }

    /// The session keys that an account stored.
    pub async fn session_keys(&self, account: &Account, at: Hash) -> Result<Option<SessionKeys>> {
        self.storage("Session", "NextKeys", &[account.into()], Some(at)).await
    }

    /// All candidates at a block: those that can be elected in the order of election, then the others by hotkey.
    pub async fn candidates(&self, elections: &Elections) -> Result<Vec<Candidate>> {
        let at = elections.block.hash;
        let qualities = self.qualities(at).await?;
        let listed: Vec<(Vec<u8>, Candidacy)> = self.entries(PALLET, "Candidacies", &[], Some(at)).await?;
        // A key ends with the hotkey, after its hash.
        let listed = listed.into_iter().filter_map(|(key, candidacy)| {
            let hotkey = key.last_chunk::<32>()?;
            Some((Account(*hotkey), candidacy))
        });
        let looking = stream::iter(listed).map(|(hotkey, candidacy)| {
            let quality = qualities.of(&hotkey.0);
            async move {
                let has_keys = self.session_keys(&hotkey, at).await?.is_some();
                let root_stake = self.root_stake(&hotkey, at).await?;
                Ok::<_, ChainError>(Candidate { hotkey, candidacy, has_keys, root_stake, quality })
            }
        });
        let mut candidates: Vec<Candidate> = looking.buffered(AT_ONCE).try_collect().await?;
        in_order(&mut candidates, &elections.rules);
        Ok(candidates)
    }

    /// Root stake on a hotkey.
    async fn root_stake(&self, hotkey: &Account, at: Hash) -> Result<TaoBalance> {
        let keys = [hotkey.into(), ROOT.into()];
        let stake: Option<AlphaBalance> = self.storage(NETWORK, "TotalHotkeyAlpha", &keys, Some(at)).await?;
        Ok(TaoBalance::from_rao(stake.unwrap_or_default().to_rao()))
    }

    /// The qualities of all validators of a subnet with emission.
    pub async fn qualities(&self, at: Hash) -> Result<Qualities> {
        let emissions = self.emissions(at).await?;
        let panels: Vec<(Vec<u8>, Panel)> = self.entries(PALLET, "Panels", &[], Some(at)).await?;
        let panels: Vec<Panel> =
            panels.into_iter().filter_map(|(key, panel)| paid(&key, panel, &emissions)).collect();
        Ok(Qualities::new(&panels))
    }

    /// The part of each subnet in the emission. Subnets that a block does not pay are left out.
    async fn emissions(&self, at: Hash) -> Result<Vec<(NetUid, PerBillion)>> {
        let started: Vec<(Vec<u8>, u64)> =
            self.entries(NETWORK, "FirstEmissionBlockNumber", &[], Some(at)).await?;
        let netuids: Vec<NetUid> = started.iter().filter_map(|(key, _)| netuid(key)).collect();
        let looking = stream::iter(netuids).map(|netuid| self.share_input(netuid, at)).buffered(AT_ONCE);
        let found: Vec<Option<(NetUid, ShareInput)>> = looking.try_collect().await?;
        let (netuids, inputs): (Vec<NetUid>, Vec<ShareInput>) = found.into_iter().flatten().unzip();
        Ok(netuids.into_iter().zip(tao_parts(&inputs)).collect())
    }

    /// The inputs of a subnet's share; `None` if a block does not pay it.
    async fn share_input(&self, netuid: NetUid, at: Hash) -> Result<Option<(NetUid, ShareInput)>> {
        for flag in ["NetworksAdded", "SubtokenEnabled", "NetworkRegistrationAllowed"] {
            let is_set: bool = self.of_subnet(flag, netuid, at).await?;
            if !is_set || netuid == ROOT {
                return Ok(None);
            }
        }
        let mechanism: u16 = self.of_subnet("SubnetMechanism", netuid, at).await?;
        let moving: I96F32 = self.of_subnet("SubnetMovingPrice", netuid, at).await?;
        let burned: U96F32 = self.of_subnet("MinerBurned", netuid, at).await?;
        let input = ShareInput {
            moving_price: if mechanism == DYNAMIC { moving.cast() } else { U64F64::ONE },
            miner_burned: burned.cast(),
            enabled: self.of_subnet("SubnetEmissionEnabled", netuid, at).await?,
        };
        Ok(Some((netuid, input)))
    }

    async fn of_subnet<V: Decode + Default>(&self, item: &str, netuid: NetUid, at: Hash) -> Result<V> {
        let keys: [Key; 1] = [netuid.into()];
        Ok(self.storage(NETWORK, item, &keys, Some(at)).await?.unwrap_or_default())
    }
}

/// Sorts candidates: those that can be elected in the order of election, then the others by hotkey.
fn in_order(candidates: &mut [Candidate], rules: &Rules) {
    candidates.sort_by(|one, other| match (one.entry(rules), other.entry(rules)) {
        (Some(one), Some(other)) => one.order(&other),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => one.hotkey.cmp(&other.hotkey),
    });
}

/// The number of a subnet as a key of a map.
fn netuid(key: &[u8]) -> Option<NetUid> {
    Some(NetUid::from_le_bytes(key.try_into().ok()?))
}

/// A panel with the present emission of its subnet; `None` if it has none.
fn paid(key: &[u8], panel: Panel, emissions: &[(NetUid, PerBillion)]) -> Option<Panel> {
    let of = netuid(key)?;
    let (_, emission) = emissions.iter().find(|(netuid, _)| *netuid == of)?;
    Some(Panel { emission: *emission, ..panel })
}

#[cfg(test)]
mod tests {
    use myelin_election::{Offence, Slash};

    use super::*;

    fn candidate(hotkey: u8, pledge: u64, percent: u32) -> Candidate {
        let rules = Rules::fast();
        let pledge = TaoBalance::from_tokens(pledge);
        let candidacy = Candidacy::new([hotkey; 32], hotkey.into(), pledge, &rules).expect("enough");
        Candidate {
            hotkey: Account([hotkey; 32]),
            candidacy,
            has_keys: true,
            root_stake: TaoBalance::ZERO,
            quality: PerBillion::percent(percent),
        }
    }

    #[test]
    fn the_best_stand_first_and_those_that_cannot_be_elected_last() {
        let rules = Rules::fast();
        let keyless = Candidate { has_keys: false, ..candidate(1, 900, 90) };
        assert_eq!(keyless.obstacle(&rules), Some(Obstacle::Unready));
        let mut all =
            [candidate(2, 50, 0), keyless, candidate(5, 10, 50), candidate(4, 20, 50), candidate(3, 10, 50)];
        in_order(&mut all, &rules);
        assert_eq!(all.map(|candidate| candidate.hotkey.0[0]), [4, 3, 5, 1, 2]);
    }

    #[test]
    fn slashes_that_wait_have_their_share_of_now() {
        let rules = Rules::fast();
        let mut docket = Docket::default();
        for hotkey in [1, 2, 3] {
            let (offence, seats) = (Offence::GrandpaEquivocation, 10);
            let slash = Slash { hotkey: [hotkey; 32], offence, committed: 10, reported: 10, seats };
            docket.file(slash, hotkey != 2, &rules).expect("there is room");
        }
        let (block, clock) = (Block { number: 20, hash: Hash([0; 32]) }, ElectionClock::default());
        let elections = Elections { block, clock, rules, in_office: vec![], docket };
        let found: Vec<_> = elections.slashes().map(|(filed, share)| (filed.number, share)).collect();
        let share = Offence::GrandpaEquivocation.share(3, 10);
        assert_eq!(found, [(0, share), (2, share)]);
    }

    #[test]
    fn a_panel_counts_with_the_present_emission_of_its_subnet() {
        let emissions = [(2, PerBillion::percent(30)), (259, PerBillion::percent(70))];
        let of = |key: &[u8]| paid(key, Panel::default(), &emissions).map(|panel| panel.emission);
        assert_eq!(of(&[2, 0]), Some(PerBillion::percent(30)));
        assert_eq!(of(&[3, 1]), Some(PerBillion::percent(70)));
        assert_eq!((of(&[3, 0]), of(&[2]), of(&[2, 0, 0])), (None, None, None));
    }
}
