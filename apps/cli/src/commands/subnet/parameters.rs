//! `myelin subnet hyperparameters` and `myelin subnet set`: shows and sets the parameters of a subnet.
//!
//! Names, units, ranges, rights and cool-downs are those of the parameter table that the chain itself enforces.

use clap::Args;
use codec::{Decode, Encode};
use futures::future::try_join_all;
use myelin_chain_client::{duration, AnyCall, ChainClient, ChainError, DecodedCall, Hash, Key};
use myelin_economy::params::{self, Caller, Cooldown, Kind, Pace, Parameter, ParameterError, Setter, Unit};
use serde_json::{json, Map, Value};

use crate::commands::connect;
use crate::output::{self, fail, Failure, Outcome};
use crate::send::{OnSubnet, Order};
use crate::Global;

/// A hyperparameter and its new value.
#[derive(Args)]
pub struct Set {
    #[command(flatten)]
    on: OnSubnet,
    /// Name, as `myelin subnet hyperparameters` lists it.
    #[arg(required_unless_present = "param")]
    name: Option<String>,
    /// New value in the parameter's unit: 0.5, 0.5tao or 500000000rao (an amount), 18%, on, 360.
    #[arg(allow_hyphen_values = true, required_unless_present = "value_of_param")]
    value: Option<String>,
    /// The name as an option.
    #[arg(
        long,
        alias = "parameter",
        value_name = "NAME",
        conflicts_with = "name",
        requires = "value_of_param"
    )]
    param: Option<String>,
    /// The value as an option; an amount with its unit, as in 0.5tao or 14rao.
    #[arg(long = "value", value_name = "VALUE", requires = "param", allow_hyphen_values = true)]
    value_of_param: Option<String>,
    /// Use root's rights, if the coldkey is the sudo key.
    #[arg(long)]
    root: bool,
}

/// The bytes of a storage item as they are.
struct Raw(Vec<u8>);

impl Decode for Raw {
    fn decode<I: codec::Input>(input: &mut I) -> Result<Self, codec::Error> {
        let mut bytes = vec![0; input.remaining_len()?.unwrap_or_default()];
        input.read(&mut bytes)?;
        Ok(Raw(bytes))
    }
}

/// The value of a row on a subnet; without a subnet, of a row of the network. Fails with an error of content if this
/// chain has no such value, or one of another type.
pub async fn value(
    chain: &ChainClient,
    row: &'static Parameter,
    netuid: Option<u16>,
    at: Hash,
) -> Result<i128, ChainError> {
    let item = row.item();
    let keys: Vec<Key> = netuid.into_iter().map(Key::from).collect();
    let Raw(bytes) = chain
        .storage(row.pallet, item, &keys, Some(at))
        .await?
        .ok_or_else(|| ChainError::NotFound(format!("the chain stores no {item}")))?;
    let other = || ChainError::NotFound(format!("{item} has another type on this chain"));
    row.read(&bytes).ok_or_else(other)
}

/// The numbers from which cool-downs on a subnet are computed.
async fn pace(chain: &ChainClient, netuid: u16, at: Hash) -> Result<Pace, Failure> {
    let tempo = chain.storage("SubtensorModule", "Tempo", &[netuid.into()], Some(at)).await?;
    let of_owner = chain.storage("SubtensorModule", "OwnerHyperparamRateLimit", &[], Some(at)).await?;
    let of_key = chain.storage("SubtensorModule", "WeightsVersionKeyRateLimit", &[], Some(at)).await?;
    Ok(Pace {
        tempo: tempo.unwrap_or_default(),
        owner_tempos: of_owner.unwrap_or_default(),
        version_key_tempos: of_key.unwrap_or_default(),
        profile: chain.profile(Some(at)).await?,
    })
}

/// The value as JSON: a switch as a truth value, a value that fits a number as a number, fixed point as its text.
fn plain(row: &Parameter, value: i128) -> Value {
    match row.kind {
        Kind::Bool => (value != 0).into(),
        Kind::FixedI96F32 | Kind::FixedU64F64 => row.unit.show(value).into(),
        _ => match u64::try_from(value) {
            Ok(value) => value.into(),
            Err(_) => i64::try_from(value).map_or(Value::Null, Value::from),
        },
    }
}

/// The role that may set the parameter.
fn setter(row: &Parameter) -> &'static str {
    match row.setter {
        Setter::Owner => "owner",
        Setter::Root => "root",
        Setter::Nobody => "nobody",
    }
}

/// The range that binds the setter; empty if only the type binds.
fn range(row: &Parameter) -> String {
    let (min, max) = match row.setter {
        Setter::Owner => row.range,
        Setter::Root => row.root_range,
        Setter::Nobody => return String::new(),
    };
    let (least, most) = row.kind.bounds();
    match (min == least, max == most) {
        (true, true) => String::new(),
        (false, true) => format!("from {}", row.unit.show(min)),
        (true, false) => format!("up to {}", row.unit.show(max)),
        (false, false) => format!("{} to {}", row.unit.show(min), row.unit.show(max)),
    }
}

/// `myelin subnet hyperparameters`.
pub async fn list(global: &Global, netuid: u16) -> Outcome {
    let chain = connect(global).await?;
    chain.subnet(netuid).await?;
    let at = chain.best_block().await?.hash;
    let values = try_join_all(params::SUBNET.iter().map(|row| value(&chain, row, Some(netuid), at))).await?;
    let pace = pace(&chain, netuid, at).await?;
    let rows = params::SUBNET.iter().zip(values);
    if global.json {
        let described = rows.map(|(row, value)| {
            let (min, max) = if row.setter == Setter::Owner { row.range } else { row.root_range };
            let description = json!({
                "value": plain(row, value),
                "shown": row.unit.show(value),
                "unit": row.unit.name(),
                "min": plain(row, min),
                "max": plain(row, max),
                "set_by": setter(row),
                "cooldown_blocks": row.cooldown.blocks(&pace),
                "has_effect": row.live,
                "storage": row.name,
                "meaning": row.meaning,
            });
            (row.title().to_string(), description)
        });
        return output::json(&described.collect::<Map<_, _>>());
    }
    let mut table =
        output::table(&["hyperparameter", "value", "unit", "range", "set by", "wait", "meaning"], 7)
            .least_important(&["wait", "range", "set by", "unit"]);
    for (row, value) in rows {
        let wait = match (row.setter, row.cooldown) {
            (Setter::Owner, Cooldown::None) | (Setter::Root | Setter::Nobody, _) => String::new(),
            _ => format!("{} blocks", row.cooldown.blocks(&pace)),
        };
        let meaning = if row.live { row.meaning.to_string() } else { format!("No effect. {}", row.meaning) };
        table.add_row([
            row.title().to_string(),
            row.unit.show(value),
            row.unit.name(),
            range(row),
            setter(row).to_string(),
            wait,
            meaning,
        ]);
    }
    output::print(&table);
    Ok(())
}

/// A value of a row in a sentence.
fn with_unit(row: &Parameter, value: i128) -> String {
    let shown = row.unit.show(value);
    match row.unit {
        Unit::Tao => format!("{shown} τ"),
        Unit::Alpha => format!("{shown} α"),
        Unit::Blocks => format!("{shown} blocks"),
        Unit::Tempos => format!("{shown} epochs"),
        _ => shown,
    }
}

/// A value of a row in a sentence, an amount to the rao.
pub fn exact(row: &Parameter, value: i128) -> String {
    let rao = match row.unit {
        Unit::Tao => value,
        Unit::Alpha => value >> 32,
        _ => return with_unit(row, value),
    };
    format!("{} ({} rao)", with_unit(row, value), u64::try_from(rao).map_or(rao.to_string(), output::grouped))
}

/// The value of a text. Amounts may name their unit. With the option names of the official command, which counts
/// amounts in rao, they must.
pub fn read(name: &str, unit: Unit, text: &str, official: bool) -> Result<i128, Failure> {
    let (whole, sign, digits_of_rao) = match unit {
        Unit::Tao => ("tao", 'τ', 0),
        Unit::Alpha => ("alpha", 'α', 32),
        _ => return Ok(unit.read(text)?),
    };
    let given = text.trim().to_lowercase();
    if let Some(rao) = given.strip_suffix("rao") {
        let Ok(rao) = rao.trim_end().parse::<u64>() else {
            return fail(format!("`{text}` is not a whole number of rao, such as 14rao"));
        };
        return Ok(i128::from(rao) << digits_of_rao);
    }
    let named = given.strip_suffix(whole).or(given.strip_suffix(sign)).or(given.strip_prefix(sign));
    match named {
        Some(amount) => Ok(unit.read(amount)?),
        None if official => fail(format!(
            "{name} is an amount, which `btcli` counts in rao and `myelin` in {}; write `--value {text}rao` \
             or `--value {text}{whole}`",
            unit.name()
        )),
        None => Ok(unit.read(text)?),
    }
}

impl Set {
    /// Checks everything that can be known here, announces, asks, and sets the value.
    pub async fn run(self, global: &Global) -> Outcome {
        let chain = connect(global).await?;
        chain.subnet(self.on.netuid).await?;
        let at = chain.best_block().await?.hash;
        let caller = if self.root { Caller::Root } else { Caller::Owner };
        let row = self.row(caller)?;
        let new = self.new_value(row, caller)?;
        let old = value(&chain, row, Some(self.on.netuid), at).await?;
        let call = match caller {
            Caller::Root => row.call,
            Caller::Owner => row.call_of_owner(),
        };
        let call = call.ok_or_else(|| Failure::new(format!("{} has no call", row.title())))?;
        let call = call_of(&chain, row, call, Some(self.on.netuid), new, at).await?;
        let (name, netuid) = (row.title(), self.on.netuid);
        let what =
            format!("setting {name} of subnet {netuid} from {} to {}", with_unit(row, old), exact(row, new));
        let order = match caller {
            Caller::Root => Order::new(chain.as_root(call).await?, what),
            Caller::Owner => {
                let again = match row.cooldown.blocks(&pace(&chain, netuid, at).await?) {
                    0 => String::new(),
                    blocks => format!(
                        "; the next change is possible {blocks} blocks later, about {}",
                        duration(blocks.saturating_mul(chain.slot_duration_ms().await?).div_ceil(1_000))
                    ),
                };
                Order::new(call, what).by_owner_of(netuid).with_note(again)
            }
        };
        let value =
            json!({ "netuid": netuid, "name": name, "value": plain(row, new), "shown": row.unit.show(new) });
        let done = format!("{name} of subnet {netuid} is {}", with_unit(row, new));
        self.on.by.carry_out(global, &chain, order, &done, value).await
    }

    fn name(&self) -> &str {
        self.param.as_ref().or(self.name.as_ref()).map_or("", String::as_str)
    }

    /// The row of the name, if the caller may set it.
    fn row(&self, caller: Caller) -> Result<&'static Parameter, Failure> {
        let name = self.name();
        let Some(row) = params::SUBNET.iter().find(|row| row.is_called(name)) else {
            return fail(match params::find(name) {
                Some(_) => format!("{name} is a setting of the whole network, which root sets"),
                None => {
                    let names = params::SUBNET.iter().map(|row| row.title());
                    let meant = crate::usage::alike(name, names);
                    let meant = meant.map(|meant| format!(", did you mean {meant}?")).unwrap_or_default();
                    format!("there is no hyperparameter `{name}`{meant}; `myelin subnet hyperparameters` lists them")
                }
            });
        };
        match row.setter {
            Setter::Owner | Setter::Root if caller == Caller::Root && row.call.is_some() => Ok(row),
            Setter::Owner if row.pallet == "Collateral" => fail(format!(
                "{} is set by `myelin collateral require`, amount and blocks together",
                row.title()
            )),
            Setter::Owner => Ok(row),
            Setter::Root => {
                fail(format!("{} is set by root, not by the owner of a subnet (--root)", row.title()))
            }
            Setter::Nobody => fail(format!("{} follows from other events; nobody sets it", row.title())),
        }
    }

    fn new_value(&self, row: &Parameter, caller: Caller) -> Result<i128, Failure> {
        let text = self.value_of_param.as_ref().or(self.value.as_ref()).map_or("", String::as_str);
        let value = read(row.title(), row.unit, text, self.param.is_some())?;
        let (name, show) = (row.title(), |value| with_unit(row, value));
        let (min, max) = row.range_of(caller);
        match row.check(value, caller) {
            Ok(()) => Ok(value),
            Err(ParameterError::NotAllowed { .. }) => fail(format!("{name} is not yours to set")),
            Err(_) if value < min => {
                fail(format!("{name} cannot be {}; the smallest value is {}", show(value), show(min)))
            }
            Err(_) => fail(format!("{name} cannot be {}; the largest value is {}", show(value), show(max))),
        }
    }
}

/// The rows of the same kind whose values are numbers of one storage item and arguments of one call, in order.
fn set_together(row: &'static Parameter, netuid: Option<u16>) -> impl Iterator<Item = &'static Parameter> {
    let rows = if netuid.is_some() { params::SUBNET } else { params::NETWORK };
    rows.iter().filter(|other| other.pallet == row.pallet && other.item() == row.item())
}

/// The row whose call takes rao, of this type, where the chain stores so many binary digits more.
const CLAIM_THRESHOLD: (&str, Kind, u32) = ("RootClaimableThreshold", Kind::U64, 32);

/// The call that sets a row. A pair is set as a whole, so the other number is read first.
pub async fn call_of(
    chain: &ChainClient,
    row: &'static Parameter,
    call: params::Call,
    netuid: Option<u16>,
    new: i128,
    at: Hash,
) -> Result<AnyCall, Failure> {
    let mut arguments = netuid.map(|netuid| netuid.encode()).unwrap_or_default();
    for part in set_together(row, netuid) {
        let part_value = if part.name == row.name { new } else { value(chain, part, netuid, at).await? };
        let (name, kind, digits) = CLAIM_THRESHOLD;
        arguments.extend(match part.name == name {
            true => kind.to_bytes(part_value >> digits),
            false => part.kind.to_bytes(part_value),
        });
    }
    Ok(AnyCall::new(call.pallet, call.name, arguments))
}

/// The rows that a call sets, with their new values; none if the call sets no parameter, or if bytes are missing.
pub fn values_of(call: &DecodedCall, netuid: Option<u16>) -> Vec<(&'static Parameter, i128)> {
    let rows = if netuid.is_some() { params::SUBNET } else { params::NETWORK };
    let Some(row) = rows.iter().find(|row| row.is_set_by(&call.pallet, &call.name)) else {
        return Vec::new();
    };
    let mut bytes = call.encoded_arguments().get(if netuid.is_some() { 2 } else { 0 }..).unwrap_or_default();
    let mut values = Vec::new();
    for part in set_together(row, netuid) {
        let (name, kind, digits) = CLAIM_THRESHOLD;
        let (kind, digits) = if part.name == name { (kind, digits) } else { (part.kind, 0) };
        let Some(value) = kind.from_bytes(bytes) else { return Vec::new() };
        values.push((part, value << digits));
        bytes = bytes.get(kind.width()..).unwrap_or_default();
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_in_official_words_says_its_unit() {
        let read =
            |unit, text, official| read("max_burn", unit, text, official).map_err(|why| why.to_string());
        for written in ["1tao", "1 TAO", "1τ", "τ1", "1000000000rao", "1000000000 rao"] {
            assert_eq!(read(Unit::Tao, written, true), Ok(1_000_000_000), "{written}");
            assert_eq!(read(Unit::Tao, written, false), Ok(1_000_000_000), "{written}");
        }
        assert_eq!(read(Unit::Alpha, "1α", true), Ok(1_000_000_000 << 32));
        assert_eq!(read(Unit::Alpha, "14rao", false), Ok(14 << 32));
        assert_eq!(read(Unit::Tao, "0.5", false), Ok(500_000_000));
        let refused = read(Unit::Tao, "14", true).expect_err("two meanings");
        assert!(refused.contains("14rao") && refused.contains("14tao"), "{refused}");
        assert!(read(Unit::Tao, "0.5rao", true).is_err() && read(Unit::Tao, "1α", false).is_err());
        // A value that is not an amount reads the same in both.
        assert_eq!(read(Unit::Blocks, "360", true), Ok(360));
    }

    #[test]
    fn the_values_of_a_call_are_read_as_they_are_written() {
        let decoded = |pallet: &str, name: &str, arguments: &[u8]| DecodedCall {
            pallet: pallet.into(),
            name: name.into(),
            arguments: vec![],
            carries: 0,
            bytes: [&[19, 0][..], arguments].concat(),
        };
        let limit = decoded("AdminUtils", "sudo_set_subnet_limit", &64u16.encode());
        assert_eq!(values_of(&limit, None), [(params::row("SubnetLimit"), 64)]);
        assert_eq!(values_of(&limit, Some(3)), [], "it names no subnet");
        let threshold = decoded("SubtensorModule", "sudo_set_root_claim_threshold", &(3u16, 500u64).encode());
        assert_eq!(values_of(&threshold, Some(3)), [(params::row("RootClaimableThreshold"), 500 << 32)]);
        let rate = decoded("Swap", "set_fee_rate", &(3u16, 33u16).encode());
        assert_eq!(values_of(&rate, Some(3)), [(params::row("FeeRate"), 33)]);
        let cut = decoded("Swap", "set_fee_rate", &3u16.encode());
        assert_eq!(
            (values_of(&cut, Some(3)), values_of(&decoded("Balances", "burn", &[]), None)),
            (vec![], vec![])
        );
    }

    #[test]
    fn a_change_names_the_unit_on_both_sides() {
        let row = params::find("MaxBurn").expect("a row");
        assert_eq!(with_unit(row, 100_000_000_000), "100 τ");
        assert_eq!(exact(row, 1_000_000_000), "1 τ (1,000,000,000 rao)");
        assert_eq!(exact(params::find("Tempo").expect("a row"), 360), "360 blocks");
    }
}
