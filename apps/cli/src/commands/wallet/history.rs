//! `myelin wallet history`: what happened to an account, for people, programs and spreadsheets.

use std::io::Write;

use clap::Args;
use myelin_abi::Account;
use myelin_chain_client::Happening;
use serde::Serialize;

use crate::commands::connect;
use crate::keys;
use crate::output::{self, Outcome};
use crate::Global;

/// Whose history, and how far back.
#[derive(Args)]
pub struct History {
    /// Wallet name, address, name of the address book, or development key.
    #[arg(default_value = "default")]
    who: String,
    /// So many blocks back from the last final one.
    #[arg(long, default_value_t = 1_000, conflicts_with = "from")]
    blocks: u64,
    /// First block.
    #[arg(long, value_name = "BLOCK")]
    from: Option<u64>,
    /// Last block; the last final one by default.
    #[arg(long, value_name = "BLOCK")]
    to: Option<u64>,
    /// As comma-separated values, a line of names first.
    #[arg(long, conflicts_with = "json")]
    csv: bool,
}

/// One line. Amounts are signed: what the account got, or gave.
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
    fn new(account: &Account, happening: Happening) -> Self {
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
            details: happening.details,
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

/// Subnet, TAO and alpha of the events that move money; of the others nothing.
fn amounts(
    account: &Account,
    name: &str,
    event: &myelin_chain_client::Event,
) -> (Option<u16>, Option<i128>, Option<i128>) {
    match name {
        "Balances.Transfer" => {
            let Some((from, to, amount)) = event.decoded::<(Account, Account, u64)>() else {
                return (None, None, None);
            };
            let sign = i128::from(to == *account) - i128::from(from == *account);
            (None, Some(sign * i128::from(amount)), None)
        }
        "TransactionPayment.TransactionFeePaid" => {
            let fee = event.decoded::<(Account, u64, u64)>().map(|(_, fee, _)| -i128::from(fee));
            (None, fee, None)
        }
        // coldkey, hotkey, TAO, alpha, netuid, fee
        "SubtensorModule.StakeAdded" | "SubtensorModule.StakeRemoved" => {
            type Fields = (Account, Account, u64, u64, u16, u64);
            match event.decoded::<Fields>() {
                Some((coldkey, _, tao, alpha, netuid, _)) if coldkey == *account => {
                    let sign = if name.ends_with("StakeAdded") { 1 } else { -1 };
                    (Some(netuid), Some(-sign * i128::from(tao)), Some(sign * i128::from(alpha)))
                }
                _ => (None, None, None),
            }
        }
        _ => (None, None, None),
    }
}

impl History {
    /// Reads and prints.
    pub async fn run(self, global: &Global) -> Outcome {
        let account = keys::account(&self.who, global)?;
        let chain = connect(global).await?;
        let to = match self.to {
            Some(to) => to,
            None => chain.finalized_block().await?.number,
        };
        let from = self.from.unwrap_or(to.saturating_sub(self.blocks)).max(1);
        let found = chain.history(&account, from, to).await?;
        let lines: Vec<Line> = found.into_iter().map(|happening| Line::new(&account, happening)).collect();
        if self.csv {
            let mut out = std::io::stdout().lock();
            // A reader that closes the pipe early is no failure of the command.
            let _ = writeln!(out, "{}", COLUMNS.join(","));
            for line in &lines {
                let _ = writeln!(out, "{}", line.cells().map(|cell| quoted(&cell)).join(","));
            }
            return Ok(());
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

/// Seconds since 1970 as a date and time of day, UTC.
fn utc(seconds: u64) -> String {
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    // Years are counted from March, so that the leap day is the last one.
    let shifted = days + 719_468;
    let (era, day) = (shifted / 146_097, shifted % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let (month_shown, later) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    format!(
        "{:04}-{month_shown:02}-{:02}T{:02}:{:02}:{:02}Z",
        era * 400 + year + later,
        day - (153 * month + 2) / 5 + 1,
        rest / 3_600,
        rest / 60 % 60,
        rest % 60
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_dates_of_the_calendar() {
        assert_eq!(utc(0), "1970-01-01T00:00:00Z");
        assert_eq!(utc(951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(utc(1_735_689_599), "2024-12-31T23:59:59Z");
        assert_eq!(utc(4_107_542_400), "2100-03-01T00:00:00Z");
    }

    #[test]
    fn cells_with_commas_and_quotes_stay_one_cell() {
        assert_eq!(quoted("plain"), "plain");
        assert_eq!(quoted("a, \"b\""), "\"a, \"\"b\"\"\"");
    }
}
