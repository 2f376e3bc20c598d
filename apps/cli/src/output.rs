//! Tables for people, JSON for programs, and the question before money moves.

use std::io::{IsTerminal, Write};

use comfy_table::{CellAlignment, ContentArrangement, ContentLineStyle, LineStyle, Table, TableStyle};
use myelin_abi::Account;
use myelin_units::{AlphaBalance, TaoBalance};
use serde::Serialize;

/// Result of a command; the error is a sentence for the user.
pub type Outcome = Result<(), Failure>;

/// Why a command did not do what it was asked to.
#[derive(Debug)]
pub struct Failure(String);

impl Failure {
    /// A failure in the command's own words.
    pub fn new(why: impl Into<String>) -> Self {
        Failure(why.into())
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Failure(error.to_string())
    }
}

/// A failure in the command's own words.
pub fn fail<T>(why: impl Into<String>) -> Result<T, Failure> {
    Err(Failure(why.into()))
}

/// Prints one JSON value.
pub fn json(value: &impl Serialize) -> Outcome {
    let text = serde_json::to_string_pretty(value)?;
    // A reader that closes the pipe early is no failure of the command.
    let _ = writeln!(std::io::stdout(), "{text}");
    Ok(())
}

/// Columns apart by space, a line below the header, nothing else.
const STYLE: TableStyle = TableStyle::new()
    .header_lines(ContentLineStyle::new(' ', ' ', ' '))
    .header_separator(LineStyle::new(' ', '─', ' ', ' '))
    .content_lines(ContentLineStyle::new(' ', ' ', ' '));

/// A table whose columns after the first `left` are numbers.
pub fn table(headers: &[&str], left: usize) -> Table {
    let mut table = Table::new();
    table.load_style(STYLE).set_header(headers.to_vec());
    if std::io::stdout().is_terminal() {
        table.set_content_arrangement(ContentArrangement::Dynamic);
    }
    for column in table.column_iter_mut().skip(left) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// Prints a table.
pub fn print(table: &Table) {
    let _ = writeln!(std::io::stdout(), "{table}");
}

/// An amount of TAO with its unit.
pub fn tao(amount: TaoBalance) -> String {
    format!("{} τ", short(amount.to_rao()))
}

/// An amount of alpha with its unit.
pub fn alpha(amount: AlphaBalance) -> String {
    format!("{} α", short(amount.to_rao()))
}

/// Rao as units with four decimals, or all nine for amounts below a thousandth.
fn short(rao: u64) -> String {
    let (whole, rest) = (rao / 1_000_000_000, rao % 1_000_000_000);
    if whole == 0 && rest > 0 && rest < 1_000_000 {
        format!("0.{rest:09}")
    } else {
        format!("{}.{:04}", grouped(whole), rest / 100_000)
    }
}

fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A share with 65535 = 1, as a percentage.
pub fn share(value: u16) -> String {
    format!("{:.2}%", f64::from(value) * 100.0 / 65535.0)
}

/// An account's address.
pub fn address(account: &Account) -> String {
    myelin_wire::ss58::encode(&account.0)
}

/// An address with its middle left out, for tables.
pub fn brief(account: &Account) -> String {
    let full = address(account);
    format!("{}…{}", &full[..6], &full[full.len() - 4..])
}

/// Reads an amount such as `10`, `0.5` or `1.234567891` as rao.
pub fn amount(text: &str) -> Result<u64, String> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if text.is_empty() || !digits(whole) || !digits(fraction) || (whole.is_empty() && fraction.is_empty()) {
        return Err(format!("`{text}` is not an amount; write it like 12.5"));
    }
    if fraction.len() > 9 {
        return Err(format!("`{text}` has more than nine decimals; the smallest amount is 0.000000001"));
    }
    let whole: u64 =
        if whole.is_empty() { 0 } else { whole.parse().map_err(|_| format!("`{text}` is too large"))? };
    let fraction: u64 =
        format!("{fraction:0<9}").parse().map_err(|_| format!("`{text}` is not an amount"))?;
    whole
        .checked_mul(1_000_000_000)
        .and_then(|rao| rao.checked_add(fraction))
        .ok_or(format!("`{text}` is too large"))
}

/// Says what will happen and asks, unless the user said yes beforehand.
pub fn confirm(what: &str, yes: bool) -> Outcome {
    eprintln!("{what}");
    if yes {
        return Ok(());
    }
    if !std::io::stdin().is_terminal() {
        return fail("this moves money and nobody can be asked; pass --yes to agree beforehand");
    }
    eprint!("Go on? [y/N] ");
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    if matches!(line.trim(), "y" | "Y" | "yes") {
        Ok(())
    } else {
        fail("nothing was done")
    }
}

/// A spinner on standard error while something is awaited; silent where nobody watches.
pub fn waiting(what: impl Into<String>) -> indicatif::ProgressBar {
    let bar = indicatif::ProgressBar::new_spinner().with_message(what.into());
    bar.enable_steady_tick(std::time::Duration::from_millis(120));
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_to_the_rao_or_refused() {
        assert_eq!(amount("10"), Ok(10_000_000_000));
        assert_eq!(amount("0.000000001"), Ok(1));
        assert_eq!(amount(".5"), Ok(500_000_000));
        for wrong in ["", ".", "-1", "1e3", "1.0000000001", "99999999999", "1,5", " 1"] {
            assert!(amount(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn amounts_are_shown_with_groups_and_small_ones_in_full() {
        assert_eq!(tao(TaoBalance::from_rao(1_234_567_891_234)), "1,234.5678 τ");
        assert_eq!(tao(TaoBalance::from_rao(999)), "0.000000999 τ");
        assert_eq!(alpha(AlphaBalance::from_rao(0)), "0.0000 α");
    }
}
