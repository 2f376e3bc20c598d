//! `myelin stake validators`: validators to stake on, and the yield of stake there.

use std::collections::{BTreeMap, BTreeSet};

use clap::Args;
use futures::stream::{self, StreamExt, TryStreamExt};
use myelin_abi::{Account, ChainIdentityV2, SubnetPrice};
use myelin_chain_client::{ChainClient, Hash, Metagraph};
use myelin_economy::yields::{epoch_ms, DailyYield};
use myelin_units::{AlphaBalance, TaoBalance};
use serde::Serialize;

use crate::commands::look;
use crate::output::{self, address, plain, share, stake_on, Failure, Outcome};
use crate::Global;

/// Most requests at one time.
const AT_ONCE: usize = 16;

/// Pallet of all values that are read here.
const PALLET: &str = "SubtensorModule";

/// The subnet.
#[derive(Args)]
pub struct Validators {
    /// The subnet; 0 is root.
    #[arg(long, short = 'n')]
    netuid: u16,
}

#[derive(Serialize)]
struct Shown {
    netuid: u16,
    block: u64,
    slot_ms: u64,
    /// Tempo; absent on root, where each subnet pays at its own pace.
    tempo: Option<u16>,
    last_epoch: Option<u64>,
    validators: Vec<Validator>,
}

#[derive(Serialize)]
struct Validator {
    hotkey: String,
    coldkey: Option<String>,
    name: String,
    uid: Option<u16>,
    validator_permit: bool,
    active: bool,
    take: u16,
    /// Stake of all coldkeys on the hotkey: alpha, and TAO on root.
    stake_rao: u64,
    /// Weight of the hotkey's stake on the subnet.
    total_stake_rao: u64,
    dividends: u16,
    /// Dividends of its stakers in the last epoch: alpha, and on root the value of all subnets' dividends in TAO.
    dividend_rao: u64,
    yield_per_day_ppb: Option<u64>,
    yield_per_year_ppb: Option<u64>,
}

/// Dividends of a hotkey's stakers in the last epoch.
struct Paid {
    dividend_rao: u64,
    daily: Option<DailyYield>,
}

/// The subnet and the block of all readings.
struct Readings {
    chain: ChainClient,
    at: Hash,
    graph: Metagraph,
    slot_ms: u64,
    max_take: u16,
}

impl Validators {
    /// Reads, computes and prints.
    pub async fn run(self, global: &Global) -> Outcome {
        let chain = look(global).await?;
        let at = chain.best_block().await?.hash;
        let readings = Readings {
            graph: chain.metagraph(self.netuid, Some(at)).await?,
            slot_ms: chain.slot_duration_ms().await?,
            max_take: chain.value(PALLET, "MaxDelegateTake", &[]).await?,
            at,
            chain,
        };
        let shown = readings.read().await?;
        if global.json {
            return output::json(&shown);
        }
        print(&shown);
        Ok(())
    }
}

impl Readings {
    async fn read(&self) -> Result<Shown, Failure> {
        let Metagraph { netuid, block, tempo, last_epoch, .. } = self.graph;
        let is_root = netuid == 0;
        let dividends = if is_root { self.root_dividends().await? } else { self.alpha_dividends().await? };
        let permitted = self.graph.validators().map(|neuron| neuron.hotkey.0);
        let hotkeys: BTreeSet<[u8; 32]> = permitted.chain(dividends.keys().copied()).collect();
        let reading = hotkeys.into_iter().map(|hotkey| {
            let paid = dividends.get(&hotkey).map(Vec::as_slice).unwrap_or_default();
            self.validator(Account(hotkey), paid)
        });
        let mut validators: Vec<Validator> =
            stream::iter(reading).buffer_unordered(AT_ONCE).try_collect().await?;
        validators.sort_by_key(|validator| {
            std::cmp::Reverse((validator.yield_per_day_ppb, validator.stake_rao, validator.hotkey.clone()))
        });
        let (tempo, last_epoch) = ((!is_root).then_some(tempo), (!is_root).then_some(last_epoch));
        Ok(Shown { netuid, block, slot_ms: self.slot_ms, tempo, last_epoch, validators })
    }

    /// Alpha dividends of stakers on this subnet, by hotkey, with the epoch's length.
    async fn alpha_dividends(&self) -> Result<Dividends, Failure> {
        let prefix = self.graph.netuid.to_le_bytes();
        let paid: Vec<(Vec<u8>, AlphaBalance)> =
            self.chain.entries(PALLET, "AlphaDividendsPerSubnet", &prefix, Some(self.at)).await?;
        let length = epoch_ms(self.graph.tempo, self.slot_ms);
        Ok(by_hotkey(paid.into_iter().map(|(key, alpha)| (key, alpha.to_rao(), length))))
    }

    /// Value of the root dividends of all subnets in TAO, by hotkey, with each epoch's length.
    async fn root_dividends(&self) -> Result<Dividends, Failure> {
        let at = Some(self.at);
        let prices: Vec<SubnetPrice> =
            self.chain.runtime_call("SwapRuntimeApi_current_alpha_price_all", &[], at).await?;
        let tempos: Vec<(Vec<u8>, u16)> = self.chain.entries(PALLET, "Tempo", &[], at).await?;
        let paid: Vec<(Vec<u8>, AlphaBalance)> =
            self.chain.entries(PALLET, "RootAlphaDividendsPerSubnet", &[], at).await?;
        let worth = paid.into_iter().filter_map(|(key, alpha)| {
            let subnet = key.first_chunk::<2>()?;
            let netuid = u16::from_le_bytes(*subnet);
            let price = prices.iter().find(|price| price.netuid == netuid)?.price;
            let tempo = tempos.iter().find(|(key, _)| key == subnet)?.1;
            Some((key, output::value_at(alpha, price), epoch_ms(tempo, self.slot_ms)))
        });
        Ok(by_hotkey(worth))
    }

    async fn validator(&self, hotkey: Account, paid: &[(u64, u64)]) -> Result<Validator, Failure> {
        let (netuid, at) = (self.graph.netuid, Some(self.at));
        let here = [(&hotkey).into(), netuid.into()];
        let stake = self.chain.storage(PALLET, "TotalHotkeyAlpha", &here, at).await?;
        let stake: AlphaBalance = stake.unwrap_or_default();
        let take: Option<u16> = self.chain.storage(PALLET, "Delegates", &[(&hotkey).into()], at).await?;
        let paid = match netuid {
            0 => on_root(paid, stake),
            _ => {
                let total = self.chain.storage(PALLET, "TotalHotkeyAlphaLastEpoch", &here, at).await?;
                on_subnet(paid, total.unwrap_or_default())
            }
        };
        let neuron = self.graph.by_hotkey(&hotkey);
        let coldkey = match neuron {
            Some(neuron) => Some(neuron.coldkey),
            None => self.chain.owner(&hotkey).await?,
        };
        Ok(Validator {
            hotkey: address(&hotkey),
            coldkey: coldkey.as_ref().map(address),
            name: self.name(coldkey).await?,
            uid: neuron.map(|neuron| neuron.uid),
            validator_permit: neuron.is_some_and(|neuron| neuron.validator_permit),
            active: neuron.is_some_and(|neuron| neuron.active),
            take: take.unwrap_or(self.max_take).min(self.max_take),
            stake_rao: stake.to_rao(),
            total_stake_rao: neuron.map_or(0, |neuron| neuron.total_stake.to_rao()),
            dividends: neuron.map_or(0, |neuron| neuron.dividends),
            dividend_rao: paid.dividend_rao,
            yield_per_day_ppb: paid.daily.map(|daily| daily.per_billion),
            yield_per_year_ppb: paid.daily.map(DailyYield::per_billion_a_year),
        })
    }

    /// The published name of a coldkey.
    async fn name(&self, coldkey: Option<Account>) -> Result<String, Failure> {
        let Some(coldkey) = coldkey else { return Ok(String::new()) };
        let known: Option<ChainIdentityV2> =
            self.chain.storage(PALLET, "IdentitiesV2", &[(&coldkey).into()], Some(self.at)).await?;
        let name = known.map(|known| String::from_utf8_lossy(&known.name).into_owned());
        Ok(plain(&name.unwrap_or_default()).replace('\n', " "))
    }
}

/// Amounts paid to the stakers of each hotkey, with the length of the epoch that paid them.
type Dividends = BTreeMap<[u8; 32], Vec<(u64, u64)>>;

/// Amounts by the account at the end of each storage key.
fn by_hotkey(paid: impl Iterator<Item = (Vec<u8>, u64, u64)>) -> Dividends {
    let mut found = Dividends::new();
    for (key, rao, length) in paid {
        if let Some(hotkey) = key.last_chunk::<32>() {
            found.entry(*hotkey).or_default().push((rao, length));
        }
    }
    found
}

fn on_subnet(paid: &[(u64, u64)], total: AlphaBalance) -> Paid {
    let (dividend_rao, length) = paid.first().copied().unwrap_or_default();
    let daily = DailyYield::of_alpha(AlphaBalance::from_rao(dividend_rao), total, length);
    Paid { dividend_rao, daily }
}

fn on_root(paid: &[(u64, u64)], stake: AlphaBalance) -> Paid {
    let worth = paid.iter().map(|(rao, length)| (TaoBalance::from_rao(*rao), *length));
    let daily = DailyYield::of_root(worth, TaoBalance::from_rao(stake.to_rao()));
    Paid { dividend_rao: paid.iter().fold(0, |sum, (rao, _)| sum.saturating_add(*rao)), daily }
}

fn print(shown: &Shown) {
    let (netuid, block, slot_ms) = (shown.netuid, shown.block, shown.slot_ms);
    match shown.tempo {
        Some(tempo) => output::say!(
            "subnet {netuid} at block {block}: an epoch every {tempo} blocks of {slot_ms} ms\n\
             yield: what stake on a hotkey earned in the last epoch, after the take, as a part of it, times the epochs \
             of a day or of 365;\nnot compounded, and without changes of the price of alpha"
        ),
        None => output::say!(
            "root at block {block}\n\
             yield: what the last root dividends of every subnet are worth in TAO, after the take, as a part of the \
             stake,\ntimes the subnet's epochs of a day or of 365; not compounded"
        ),
    }
    let mut table = output::table(
        &["hotkey", "name", "permit", "uid", "stake", "take", "dividends", "yield/day", "yield/year"],
        3,
    )
    .least_important(&["uid", "dividends", "permit", "name", "yield/year", "stake"])
    .with_whole_addresses();
    let percent = |parts: Option<u64>| parts.map(percentage).unwrap_or_default();
    for validator in &shown.validators {
        table.add_row([
            validator.hotkey.clone(),
            validator.name.clone(),
            permit(validator).to_owned(),
            validator.uid.map(|uid| uid.to_string()).unwrap_or_default(),
            stake_on(shown.netuid, AlphaBalance::from_rao(validator.stake_rao)),
            share(validator.take),
            share(validator.dividends),
            percent(validator.yield_per_day_ppb),
            percent(validator.yield_per_year_ppb),
        ]);
    }
    output::print(&table);
}

fn permit(validator: &Validator) -> &'static str {
    match (validator.validator_permit, validator.active) {
        (true, true) => "yes",
        (true, false) => "yes, silent",
        (false, _) => "",
    }
}

/// Parts per billion as a percentage with four decimals, rounded down.
fn percentage(parts: u64) -> String {
    format!("{}.{:04}%", output::grouped(parts / 10_000_000), parts / 1_000 % 10_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yields_are_percentages_with_four_decimals() {
        assert_eq!(percentage(2_000_000), "0.2000%");
        assert_eq!(percentage(1_234_567), "0.1234%");
        assert_eq!(percentage(34_560_000_000_000), "3,456,000.0000%");
    }

    #[test]
    fn amounts_are_found_by_the_account_that_ends_a_key() {
        let key = |subnet: u8, hotkey: u8| [vec![subnet, 0], vec![9; 16], vec![hotkey; 32]].concat();
        let paid = [(key(1, 7), 5, 10), (key(2, 7), 6, 20), (key(1, 8), 0, 10), (vec![1], 3, 3)];
        let found = by_hotkey(paid.into_iter());
        assert_eq!(found.get(&[7; 32]), Some(&vec![(5, 10), (6, 20)]));
        assert_eq!(found.len(), 2);
    }
}
