//! `myelin wallet history`: events of an account, for people, programs and spreadsheets.

use clap::Args;
use myelin_abi::Account;
use myelin_chain_client::{Event, Happening};
use myelin_units::TaoBalance;
use serde::Serialize;

use crate::commands::connect;
use crate::commands::stake::limit::market;
use crate::keys::Who;
use crate::output::{self, fail, utc, Outcome};
use crate::Global;

/// The account and the range of blocks.
#[derive(Args)]
pub struct History {
    #[command(flatten)]
    who: Who,
    /// Number of blocks, back from the last final one.
    #[arg(long, default_value_t = 1_000, conflicts_with = "from")]
    blocks: u64,
    /// First block.
    #[arg(long, value_name = "BLOCK")]
    from: Option<u64>,
    /// Last block; the last final one by default.
    #[arg(long, value_name = "BLOCK")]
    to: Option<u64>,
    /// Print comma-separated values, with a line of names first.
    #[arg(long, conflicts_with = "json")]
    csv: bool,
}

/// A line of the history. Amounts are signed: positive if the account received, negative if it gave. TAO is free TAO;
/// its sum is the change of the balance, except for changes that root forces.
#[derive(Serialize)]
struct Line {
    block: u64,
    time: String,
    extrinsic: Option<u32>,
    event: String,
    netuid: Option<u16>,
    tao_rao: Option<i128>,
    alpha_rao: Option<i128>,
    details: String,
}

impl Line {
    fn new(account: &Account, happening: &Happening) -> Self {
        let event = format!("{}.{}", happening.event.pallet, happening.event.name);
        let (netuid, tao_rao, alpha_rao) = amounts(account, &event, &happening.event);
        Line {
            block: happening.block,
            time: utc(happening.time_ms / 1_000),
            extrinsic: happening.extrinsic,
            event,
            netuid,
            tao_rao,
            alpha_rao,
            details: happening.details.clone(),
        }
    }

    fn cells(&self) -> [String; 8] {
        fn text<T: ToString>(value: &Option<T>) -> String {
            value.as_ref().map(T::to_string).unwrap_or_default()
        }
        [
            self.block.to_string(),
            self.time.clone(),
            text(&self.extrinsic),
            self.event.clone(),
            text(&self.netuid),
            text(&self.tao_rao),
            text(&self.alpha_rao),
            self.details.clone(),
        ]
    }
}

const COLUMNS: [&str; 8] =
    ["block", "time", "extrinsic", "event", "netuid", "tao_rao", "alpha_rao", "details"];

/// Subnet, free TAO and alpha that the account received or gave by an event.
///
/// TAO is counted at the events of `Balances` alone, and alpha at the events that hold its amount: others report the
/// same again.
fn amounts(account: &Account, name: &str, event: &Event) -> (Option<u16>, Option<i128>, Option<i128>) {
    if let Some(name) = name.strip_prefix("Balances.") {
        return (None, free_change(account, name, event), None);
    }
    match name.strip_prefix("SubtensorModule.").and_then(|name| alpha_change(name, event)) {
        Some((who, netuid, alpha)) if who == *account => (Some(netuid), None, Some(alpha)),
        _ => (None, None, None),
    }
}

/// The account, the subnet and the amount of alpha that an event of the network changed.
fn alpha_change(name: &str, event: &Event) -> Option<(Account, u16, i128)> {
    let (who, netuid, alpha, sign) = match name {
        // Alpha on its way to another subnet is sold and bought too; on another hotkey it is still the coldkey's.
        "StakeAdded" | "StakeRemoved" => {
            let (who, _, _, alpha, netuid, _) = event.decoded::<(Account, Account, u64, u64, u16, u64)>()?;
            (who, netuid, alpha, if name == "StakeAdded" { 1 } else { -1 })
        }
        "AlphaBurned" | "AlphaRecycled" => {
            let (who, _, alpha, netuid) = event.decoded::<(Account, Account, u64, u16)>()?;
            (who, netuid, alpha, -1)
        }
        "TransactionFeePaidWithAlpha" => {
            let (who, netuid, alpha, _) = event.decoded::<(Account, u16, u64, u64)>()?;
            (who, netuid, alpha, -1)
        }
        "AutoStakeAdded" => {
            let (netuid, _, _, who, alpha) = event.decoded::<(u16, Account, Account, Account, u64)>()?;
            (who, netuid, alpha, 1)
        }
        // The proceeds of sold dividends are staked on root, where alpha is TAO. The event does not hold kept
        // dividends.
        "RootClaimed" => {
            let (who, tao) = event.decoded::<(Account, u64)>().filter(|(_, tao)| *tao > 0)?;
            (who, 0, tao, 1)
        }
        _ => return None,
    };
    Some((who, netuid, sign * i128::from(alpha)))
}

/// A transfer of alpha within a subnet: the subnet, the value in TAO, and 1 if the account received it, -1 if it gave
/// it.
///
/// Alpha that goes to another subnet is sold and bought, and events of their own hold the amounts.
fn handed_over(account: &Account, event: &Event) -> Option<(u16, TaoBalance, i128)> {
    let (giver, taker, from, to, worth) = match event.name.as_str() {
        "StakeTransferred" => {
            let (giver, taker, _, from, to, worth) =
                event.decoded::<(Account, Account, Account, u16, u16, u64)>()?;
            (giver, taker, from, to, worth)
        }
        "StakeAndHotkeyTransferred" => {
            type Fields = ([Account; 4], u16, u16, u64);
            let ([giver, taker, ..], from, to, worth) = event.decoded::<Fields>()?;
            (giver, taker, from, to, worth)
        }
        _ => return None,
    };
    let sign = i128::from(taker == *account) - i128::from(giver == *account);
    (from == to && sign != 0).then_some((from, TaoBalance::from_rao(worth), sign))
}

/// The change of an account's free TAO by an event of `Balances`. Reserved and held TAO is not free.
fn free_change(account: &Account, name: &str, event: &Event) -> Option<i128> {
    // The destination status of moved reserves: 0 for free TAO, else reserved.
    const FREE: u8 = 0;
    let (from, to, amount) = match name {
        "Transfer" => {
            let (from, to, amount) = event.decoded::<(Account, Account, u64)>()?;
            (Some(from), Some(to), amount)
        }
        "Deposit" | "Minted" | "Restored" | "Unreserved" => {
            let (who, amount) = event.decoded::<(Account, u64)>()?;
            (None, Some(who), amount)
        }
        "Withdraw" | "Burned" | "Suspended" | "Reserved" | "DustLost" => {
            let (who, amount) = event.decoded::<(Account, u64)>()?;
            (Some(who), None, amount)
        }
        "ReserveRepatriated" => {
            let (_, to, amount, kind) = event.decoded::<(Account, Account, u64, u8)>()?;
            (None, (kind == FREE).then_some(to), amount)
        }
        // The reason comes first: a pallet, and one of its reasons.
        "Held" => {
            let (_, who, amount) = event.decoded::<([u8; 2], Account, u64)>()?;
            (Some(who), None, amount)
        }
        "Released" => {
            let (_, who, amount) = event.decoded::<([u8; 2], Account, u64)>()?;
            (None, Some(who), amount)
        }
        _ => return None,
    };
    let sign = i128::from(to == Some(*account)) - i128::from(from == Some(*account));
    Some(sign * i128::from(amount))
}

/// Moves each fee to the event that names it: more is withdrawn before the call, and the rest deposited after it.
fn gather_fees(account: &Account, happenings: &[Happening], lines: &mut [Line]) {
    for (index, paid) in happenings.iter().enumerate() {
        if lines[index].event != "TransactionPayment.TransactionFeePaid" {
            continue;
        }
        let Some((who, fee, _)) = paid.event.decoded::<(Account, u64, u64)>() else { continue };
        let call = |of: &Happening| (of.block, of.extrinsic);
        let start =
            happenings[..index].iter().rposition(|other| call(other) != call(paid)).map_or(0, |at| at + 1);
        let before = &mut lines[start..=index];
        let Some(taken) = before.iter().position(|line| line.event == "Balances.Withdraw") else { continue };
        let rest = -before[taken].tao_rao.unwrap_or_default() - i128::from(fee);
        let given_back =
            before.iter().rposition(|line| line.event == "Balances.Deposit" && line.tao_rao == Some(rest));
        // An account that pays with stake has no such withdrawal.
        if who != *account || (rest != 0 && given_back.is_none()) {
            continue;
        }
        for moved in given_back.into_iter().chain([taken]) {
            before[moved].tao_rao = None;
        }
        lines[index].tao_rao = Some(-i128::from(fee));
    }
}

impl History {
    /// Reads and prints the history.
    pub async fn run(self, global: &Global) -> Outcome {
        let account = self.who.account(global)?;
        let chain = connect(global).await?;
        let last = chain.finalized_block().await?.number;
        let to = self.to.unwrap_or(last);
        let from = self.from.unwrap_or(to.saturating_sub(self.blocks)).max(1);
        if to > last || from > last {
            return fail(format!("block {} is not final yet; the last final one is {last}", to.max(from)));
        }
        if from > to {
            return fail(format!("--from {from} is after --to {to}; there is no block between them"));
        }
        let found = chain.history(&account, from, to).await?;
        let mut lines: Vec<Line> = found.iter().map(|happening| Line::new(&account, happening)).collect();
        gather_fees(&account, &found, &mut lines);
        for (line, happening) in lines.iter_mut().zip(&found) {
            let Some((netuid, worth, sign)) = handed_over(&account, &happening.event) else { continue };
            let market = market(&chain, netuid, Some(happening.hash)).await?;
            line.netuid = Some(netuid);
            line.alpha_rao = market.alpha_worth(worth).map(|alpha| sign * i128::from(alpha.to_rao()));
        }
        if self.csv {
            if from > 1 {
                crate::output::tell!("blocks {from} to {to} of {last}");
            }
            crate::output::say!("{}", COLUMNS.join(","));
            for line in &lines {
                crate::output::say!("{}", line.cells().map(|cell| quoted(&cell)).join(","));
            }
            return Ok(());
        }
        if from > 1 && !global.json {
            crate::output::tell!(
                "blocks {from} to {to} of {last}; --blocks {} looks at all, --from and --to at others",
                to.saturating_sub(1)
            );
        }
        let mut table = output::table(&COLUMNS, 8);
        for line in &lines {
            table.add_row(line.cells());
        }
        output::show(global, &lines, &table)
    }
}

/// A cell of a line of comma-separated values.
fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.into()
    }
}

#[cfg(test)]
mod tests {
    use codec::Encode;

    use super::*;

    /// One event of the first call of block 7.
    fn happening(name: &str, fields: impl Encode) -> Happening {
        let (pallet, name) = name.split_once('.').expect("a pallet");
        Happening {
            block: 7,
            hash: myelin_chain_client::Hash([0; 32]),
            time_ms: 0,
            extrinsic: Some(1),
            event: myelin_chain_client::Event {
                pallet: pallet.into(),
                name: name.into(),
                fields: fields.encode(),
            },
            details: String::new(),
        }
    }

    fn counted(happenings: &[Happening]) -> Vec<Option<i128>> {
        let mut lines: Vec<Line> = happenings.iter().map(|happening| Line::new(&ME, happening)).collect();
        gather_fees(&ME, happenings, &mut lines);
        lines.iter().map(|line| line.tao_rao).collect()
    }

    const ME: Account = Account([1; 32]);
    const OTHER: Account = Account([2; 32]);

    #[test]
    fn tao_that_two_events_tell_of_is_counted_once() {
        let staking = [
            happening("Balances.Withdraw", (ME, 9u64)),
            happening("Balances.Transfer", (ME, OTHER, 500u64)),
            happening("SubtensorModule.StakeAdded", (ME, OTHER, 500u64, 400u64, 2u16, 1u64)),
            happening("Balances.Deposit", (ME, 3u64)),
            happening("TransactionPayment.TransactionFeePaid", (ME, 6u64, 0u64)),
        ];
        assert_eq!(counted(&staking), [None, Some(-500), None, None, Some(-6)]);
    }

    #[test]
    fn alpha_is_counted_for_whose_it_is() {
        let story = [
            (happening("SubtensorModule.StakeAdded", (ME, OTHER, 5u64, 4u64, 2u16, 1u64)), Some((2, 4))),
            (happening("SubtensorModule.StakeRemoved", (ME, OTHER, 5u64, 4u64, 2u16, 1u64)), Some((2, -4))),
            (happening("SubtensorModule.StakeAdded", (OTHER, ME, 5u64, 4u64, 2u16, 1u64)), None),
            (happening("SubtensorModule.AlphaBurned", (ME, OTHER, 4u64, 3u16)), Some((3, -4))),
            (happening("SubtensorModule.AlphaRecycled", (ME, OTHER, 4u64, 3u16)), Some((3, -4))),
            (happening("SubtensorModule.TransactionFeePaidWithAlpha", (ME, 3u16, 9u64, 2u64)), Some((3, -9))),
            (happening("SubtensorModule.AutoStakeAdded", (2u16, OTHER, OTHER, ME, 6u64)), Some((2, 6))),
            (happening("SubtensorModule.AutoStakeAdded", (2u16, ME, ME, OTHER, 6u64)), None),
            (happening("SubtensorModule.RootClaimed", (ME, 7u64)), Some((0, 7))),
            // Sold and bought by other events, or still the coldkey's.
            (happening("SubtensorModule.StakeMoved", (ME, OTHER, 2u16, OTHER, 3u16, 5u64)), None),
            (happening("SubtensorModule.StakeSwapped", (ME, OTHER, 2u16, 3u16, 5u64)), None),
        ];
        for (happening, counted) in story {
            let line = Line::new(&ME, &happening);
            assert_eq!(line.netuid.zip(line.alpha_rao), counted, "{}", line.event);
        }
    }

    #[test]
    fn alpha_that_changes_hands_within_a_subnet_is_counted_on_both_sides() {
        let given = |name, fields: &dyn Fn(u16) -> Vec<u8>, to| {
            let event =
                Event { pallet: "SubtensorModule".into(), name: String::from(name), fields: fields(to) };
            [ME, OTHER, Account([3; 32])].map(|who| handed_over(&who, &event).map(|(_, _, sign)| sign))
        };
        let stake = |to: u16| (ME, OTHER, ME, 2u16, to, 5u64).encode();
        let hotkey = |to: u16| (ME, OTHER, OTHER, ME, 2u16, to, 5u64).encode();
        for (name, fields) in
            [("StakeTransferred", &stake as &dyn Fn(u16) -> Vec<u8>), ("StakeAndHotkeyTransferred", &hotkey)]
        {
            assert_eq!(given(name, fields, 2), [Some(-1), Some(1), None], "{name}");
            assert_eq!(given(name, fields, 3), [None; 3], "{name}");
        }
    }

    #[test]
    fn a_fee_stays_with_its_withdrawal_where_they_do_not_add_up() {
        let fee = |paid: u64| happening("TransactionPayment.TransactionFeePaid", (ME, paid, 0u64));
        let withdrawn = happening("Balances.Withdraw", (ME, 9u64));
        assert_eq!(counted(&[withdrawn.clone(), fee(9)]), [None, Some(-9)]);
        assert_eq!(counted(&[withdrawn.clone(), fee(6)]), [Some(-9), None]);
        // A fee that is paid with stake.
        assert_eq!(counted(&[fee(6)]), [None]);
        let earlier = Happening { extrinsic: Some(0), ..withdrawn };
        assert_eq!(counted(&[earlier, fee(9)]), [Some(-9), None]);
    }

    #[test]
    fn what_is_put_aside_is_not_free() {
        let story = [
            happening("Balances.Reserved", (ME, 5u64)),
            happening("Balances.Unreserved", (ME, 2u64)),
            happening("Balances.Held", (7u8, 0u8, ME, 4u64)),
            happening("Balances.Released", (7u8, 0u8, ME, 4u64)),
            happening("Balances.ReserveRepatriated", (OTHER, ME, 8u64, 0u8)),
            happening("Balances.ReserveRepatriated", (OTHER, ME, 8u64, 1u8)),
            happening("Balances.Endowed", (ME, 8u64)),
            happening("Balances.DustLost", (ME, 1u64)),
        ];
        let signed = [Some(-5), Some(2), Some(-4), Some(4), Some(8), Some(0), None, Some(-1)];
        assert_eq!(counted(&story), signed);
    }

    #[test]
    fn cells_with_commas_and_quotes_stay_one_cell() {
        assert_eq!(quoted("plain"), "plain");
        assert_eq!(quoted("a, \"b\""), "\"a, \"\"b\"\"\"");
    }
}
