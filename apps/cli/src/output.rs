//! Tables for people, JSON for programs, and the question before money moves.

use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use comfy_table::{CellAlignment, ContentArrangement, ContentLineStyle, LineStyle, Table, TableStyle};
use myelin_abi::Account;
use myelin_units::{AlphaBalance, TaoBalance};
use serde::Serialize;

use crate::Global;

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

/// Whether a JSON value was printed, which is the answer then also if the command fails.
static ANSWERED: AtomicBool = AtomicBool::new(false);

/// Prints one JSON value.
pub fn json(value: &impl Serialize) -> Outcome {
    let text = serde_json::to_string_pretty(value)?;
    ANSWERED.store(true, Ordering::Relaxed);
    // A reader that closes the pipe early is no failure of the command.
    let _ = writeln!(std::io::stdout(), "{text}");
    Ok(())
}

/// Says why a command failed: on standard error, and as the answer to a program that asked for JSON and has got none.
pub fn failed(error: &Failure, as_json: bool) {
    if as_json && !ANSWERED.load(Ordering::Relaxed) {
        let _ = json(&serde_json::json!({ "error": error.to_string() }));
    }
    tell!("error: {error}");
}

/// Says what was done: a line for people, a value for programs.
pub fn report(global: &Global, text: &str, value: serde_json::Value) -> Outcome {
    if global.json {
        json(&value)
    } else {
        let _ = writeln!(std::io::stdout(), "{text}");
        Ok(())
    }
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

/// What a stranger wrote, without what a terminal would obey.
pub fn plain(text: &str) -> String {
    text.chars().filter(|letter| matches!(letter, '\n' | '\t') || !letter.is_control()).collect()
}

/// Prints a text as it is, at once. A reader that closes the pipe early is no failure of the command.
pub fn write(text: &str) {
    let mut out = std::io::stdout();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Prints a line. A reader that closes the pipe early is no failure of the command.
macro_rules! say {
    ($($text:tt)*) => {{
        let _ = ::std::io::Write::write_fmt(&mut ::std::io::stdout(), ::std::format_args!("{}\n", ::std::format_args!($($text)*)));
    }};
}
pub(crate) use say;

/// Prints a line on standard error, which may be closed as well.
macro_rules! tell {
    ($($text:tt)*) => {{
        let _ = ::std::io::Write::write_fmt(&mut ::std::io::stderr(), ::std::format_args!("{}\n", ::std::format_args!($($text)*)));
    }};
}
pub(crate) use tell;

/// Prints a table.
pub fn print(table: &Table) {
    let _ = writeln!(std::io::stdout(), "{table}");
}

/// Prints a value as JSON, or the table that says the same.
pub fn show(global: &Global, value: &impl Serialize, table: &Table) -> Outcome {
    if global.json {
        return json(value);
    }
    print(table);
    Ok(())
}

/// Prints named texts: an object in JSON, a line each for people, empty ones left out there.
pub fn fields<const N: usize>(global: &Global, fields: [(&str, String); N]) -> Outcome {
    let mut table = table(&["field", "value"], 2);
    let mut value = serde_json::Map::new();
    for (name, text) in fields {
        if !text.is_empty() {
            table.add_row([name, &text]);
        }
        value.insert(name.into(), text.into());
    }
    show(global, &value, &table)
}

/// What alpha is worth in rao of TAO at a price in rao per alpha.
pub fn value_at(amount: AlphaBalance, price: u64) -> u64 {
    let value = u128::from(amount.to_rao()) * u128::from(price) / 1_000_000_000;
    u64::try_from(value).unwrap_or(u64::MAX)
}

/// An amount of TAO with its unit.
pub fn tao(amount: TaoBalance) -> String {
    format!("{} τ", short(amount.to_rao()))
}

/// The same as a bound: what is not shown is rounded up.
pub fn tao_at_most(amount: TaoBalance) -> String {
    let rao = amount.to_rao();
    if rao < IN_FULL {
        return tao(amount);
    }
    tao(TaoBalance::from_rao(rao.div_ceil(SHOWN).saturating_mul(SHOWN)))
}

/// An amount of alpha with its unit.
pub fn alpha(amount: AlphaBalance) -> String {
    format!("{} α", short(amount.to_rao()))
}

/// The smallest amount in rao of which not all decimals are shown, and the least that is shown of it.
const IN_FULL: u64 = 1_000_000;
const SHOWN: u64 = 100_000;

/// Rao as units with four decimals, or all nine for amounts below a thousandth.
fn short(rao: u64) -> String {
    let (whole, rest) = (rao / 1_000_000_000, rao % 1_000_000_000);
    if whole == 0 && rest > 0 && rest < IN_FULL {
        format!("0.{rest:09}")
    } else {
        format!("{}.{:04}", grouped(whole), rest / SHOWN)
    }
}

/// A number with its digits in groups of three.
pub fn grouped(number: u64) -> String {
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

/// A percentage with up to two decimals, in hundredths of a percent.
pub fn percent(text: &str) -> Result<u64, String> {
    let wrong = || format!("`{text}` is no percentage between 0 and 100, such as 0.5");
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(part) || part.len() > 2 || whole.len() > 3 {
        return Err(wrong());
    }
    let number = |text: &str| text.parse::<u64>().map_err(|_| wrong());
    let points = number(whole)? * 100 + number(part)? * if part.len() == 1 { 10 } else { 1 };
    if points > 10_000 {
        return Err(wrong());
    }
    Ok(points)
}

/// A proportion between 0 and 1, such as `0.18`, or a percentage, such as `18%`, times 10⁹.
pub fn proportion(text: &str) -> Result<u64, String> {
    let wrong = || format!("`{text}` is no proportion; write it like 0.18 or 18%");
    let (number, parts) = match text.strip_suffix('%') {
        Some(number) => (number, 100),
        None => (text, 1),
    };
    let e9 = amount(number).map_err(|_| wrong())? / parts;
    if e9 > 1_000_000_000 {
        return Err(wrong());
    }
    Ok(e9)
}

/// A proportion times 10⁹ as one with 65535 = 1, rounded down.
pub fn as_u16(e9: u64) -> u16 {
    u16::try_from(u128::from(e9) * 65_535 / 1_000_000_000).unwrap_or(u16::MAX)
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
    tell!("{what}");
    if yes {
        return Ok(());
    }
    if !std::io::stdin().is_terminal() {
        return fail("nothing was done: nobody can be asked here whether to go on; --yes agrees beforehand");
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
    fn proportions_are_fractions_or_percentages() {
        assert_eq!(proportion("0.18"), Ok(180_000_000));
        assert_eq!(proportion("18%"), Ok(180_000_000));
        assert_eq!(proportion("1"), Ok(1_000_000_000));
        assert_eq!(as_u16(180_000_000), 11_796);
        assert_eq!(as_u16(1_000_000_000), 65_535);
        for wrong in ["", "%", "1.1", "101%", "-1", "half"] {
            assert!(proportion(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn percentages_have_two_decimals() {
        assert_eq!(percent("0.5"), Ok(50));
        assert_eq!(percent("5"), Ok(500));
        assert_eq!(percent("0.05"), Ok(5));
        assert_eq!(percent("100"), Ok(10_000));
        for wrong in ["", ".", "100.01", "-1", "1e3", "0.005", "5%", "9999"] {
            assert!(percent(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn amounts_are_shown_with_groups_and_small_ones_in_full() {
        assert_eq!(tao(TaoBalance::from_rao(1_234_567_891_234)), "1,234.5678 τ");
        assert_eq!(tao(TaoBalance::from_rao(999)), "0.000000999 τ");
        assert_eq!(alpha(AlphaBalance::from_rao(0)), "0.0000 α");
    }

    #[test]
    fn a_bound_is_never_shown_as_less_than_it_is() {
        assert_eq!(tao_at_most(TaoBalance::from_rao(195_345)), "0.000195345 τ");
        assert_eq!(tao_at_most(TaoBalance::from_rao(2_456_955)), "0.0025 τ");
        assert_eq!(tao_at_most(TaoBalance::from_rao(2_400_000)), "0.0024 τ");
        assert_eq!(tao_at_most(TaoBalance::from_rao(1_999_999_999)), "2.0000 τ");
    }
}
