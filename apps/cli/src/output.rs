//! Tables for people, JSON for programs, and the question before money moves.

mod table;

use std::io::{ErrorKind, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Mutex;

use myelin_abi::Account;
use myelin_units::{AlphaBalance, TaoBalance};
use serde::Serialize;

use crate::Global;

pub use table::Table;

/// Result of a command; the error is a sentence for the user.
pub type Outcome = Result<(), Failure>;

/// Reason for the failure of a command.
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

/// The system's error on a file, with the file's name.
pub fn at(path: &Path) -> impl FnOnce(std::io::Error) -> Failure + '_ {
    move |error| Failure::new(format!("{}: {error}", path.display()))
}

/// Writes a file whole or not at all, in place of one that is there.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Outcome {
    put(path, bytes, |beside| std::fs::rename(beside, path))
}

/// Writes a new file whole or not at all. A file that is there is refused, also one that appears meanwhile: an empty
/// file takes the name first. A crash just then leaves the empty file.
pub fn write_new(path: &Path, bytes: &[u8]) -> Outcome {
    put(path, bytes, |beside| {
        std::fs::File::create_new(path)?;
        std::fs::rename(beside, path).inspect_err(|_| drop(std::fs::remove_file(path)))
    })
}

/// Writes a file beside its place under a hidden name of its own, which `place` moves.
fn put(path: &Path, bytes: &[u8], place: impl FnOnce(&Path) -> std::io::Result<()>) -> Outcome {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}.part", std::process::id()));
    let beside = path.with_file_name(name);
    let mut file = std::fs::File::create_new(&beside).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => at(&beside)(error),
        _ => at(path)(error),
    })?;
    let placed = file.write_all(bytes).and_then(|()| file.sync_all()).and_then(|()| place(&beside));
    placed.map_err(|error| {
        let _ = std::fs::remove_file(&beside);
        match error.kind() {
            ErrorKind::AlreadyExists => is_there(path),
            _ => at(path)(error),
        }
    })
}

/// The refusal to write over a file.
pub fn is_there(path: &Path) -> Failure {
    Failure::new(format!("{} is there already; remove it, or name another file", path.display()))
}

/// A failure in the command's own words.
pub fn fail<T>(why: impl Into<String>) -> Result<T, Failure> {
    Err(Failure(why.into()))
}

/// Whether a JSON value was printed; then it is the answer even if the command fails.
static ANSWERED: AtomicBool = AtomicBool::new(false);

/// Prints one JSON value.
pub fn json(value: &impl Serialize) -> Outcome {
    let text = serde_json::to_string_pretty(value)?;
    ANSWERED.store(true, Ordering::Relaxed);
    say!("{text}");
    Ok(())
}

/// Notes that a program has got its answer in another way, such as one object a line.
pub fn answered() {
    ANSWERED.store(true, Ordering::Relaxed);
}

/// Exit code of a reminder without dates.
const NOTHING_DUE: u8 = 3;
/// Whether a reminder was asked for, and nothing is due.
static IS_NOTHING_DUE: AtomicBool = AtomicBool::new(false);

/// Notes that a reminder was asked for, and nothing is due. The exit code says it.
pub fn nothing_due() {
    IS_NOTHING_DUE.store(true, Ordering::Relaxed);
}

/// The exit code of a command that did not fail.
pub fn exit_code() -> ExitCode {
    match IS_NOTHING_DUE.load(Ordering::Relaxed) {
        true => ExitCode::from(NOTHING_DUE),
        false => ExitCode::SUCCESS,
    }
}

/// Reports a failed command: on standard error, and as JSON if a program requested it and has got no answer.
pub fn failed(error: &Failure, as_json: bool) {
    if as_json && !ANSWERED.load(Ordering::Relaxed) {
        let _ = json(&serde_json::json!({ "error": error.to_string() }));
    }
    tell!("error: {error}");
}

/// Reports the result: a line for people, a value for programs.
pub fn report(global: &Global, text: &str, value: serde_json::Value) -> Outcome {
    if global.json {
        json(&value)
    } else {
        say!("{text}");
        Ok(())
    }
}

/// A table whose columns after the first `left` are numbers.
pub fn table(headers: &[&str], left: usize) -> Table {
    Table::new(headers, left)
}

/// A stranger's text, without characters that a terminal would obey and those that hide or reorder others.
pub fn plain(text: &str) -> String {
    let shown = |letter: &char| matches!(letter, '\n' | '\t') || !letter.is_control() && !is_format(*letter);
    text.chars().filter(shown).collect()
}

/// A stranger's text as a part of a line.
pub fn plain_line(text: &str) -> String {
    plain(text).replace(['\n', '\t'], " ")
}

/// A stranger's text below a line of our own: each of its lines is indented, so that none reads like ours.
pub fn indented(text: &str) -> String {
    plain(text).lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}

/// Whether a character is invisible and reorders or splits others. Joiners, which some scripts need, are none.
fn is_format(letter: char) -> bool {
    matches!(
        letter,
        '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'
            | '\u{200e}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

/// A text with letters that change the display of others shown by their numbers. Line breaks may stay.
pub fn readable(text: &str, lines: bool) -> String {
    let mut shown = String::new();
    for letter in text.chars() {
        let stays = lines && letter == '\n';
        // Marks of direction, invisible letters, and letters of private use.
        let odd = matches!(
            letter,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{e000}'..='\u{f8ff}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
                | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{10ffff}'
        );
        match !stays && (letter.is_control() || odd) {
            true => shown.extend(letter.escape_unicode()),
            false => shown.push(letter),
        }
    }
    shown
}

/// The first error of printing.
static UNPRINTED: Mutex<Option<String>> = Mutex::new(None);

/// Notes the result of a write to standard output. A reader that closes the pipe early is not a failure of the command.
pub fn note(written: std::io::Result<()>) {
    if let (Err(error), Ok(mut unprinted)) = (written, UNPRINTED.lock()) {
        if error.kind() != ErrorKind::BrokenPipe {
            unprinted.get_or_insert(error.to_string());
        }
    }
}

/// Fails if a printed text did not arrive, on a full disk for example.
pub fn all_printed() -> Outcome {
    note(std::io::stdout().flush());
    match UNPRINTED.lock().ok().and_then(|unprinted| unprinted.clone()) {
        Some(why) => fail(format!("writing to standard output: {why}; the answer is not complete")),
        None => Ok(()),
    }
}

/// Prints a text as it is, at once.
pub fn write(text: &str) {
    let mut out = std::io::stdout();
    note(out.write_all(text.as_bytes()).and_then(|()| out.flush()));
}

/// Prints a line.
macro_rules! say {
    ($($text:tt)*) => {
        $crate::output::note(::std::io::Write::write_fmt(
            &mut ::std::io::stdout(),
            ::std::format_args!("{}\n", ::std::format_args!($($text)*)),
        ))
    };
}
pub(crate) use say;

/// Prints a line on standard error, which may be closed as well.
macro_rules! tell {
    ($($text:tt)*) => {{
        let _ = ::std::io::Write::write_fmt(&mut ::std::io::stderr(), ::std::format_args!("{}\n", ::std::format_args!($($text)*)));
    }};
}
pub(crate) use tell;

/// Prints a table, fitted to the terminal if one reads it.
pub fn print(table: &Table) {
    say!("{}", table.fitted(width_of_terminal()));
}

/// Width of the reading terminal in letters; `None` if no terminal reads.
fn width_of_terminal() -> Option<usize> {
    if !std::io::stdout().is_terminal() {
        return None;
    }
    comfy_table::Table::new().width().map(usize::from)
}

/// Prints a value as JSON, or a table of the same.
pub fn show(global: &Global, value: &impl Serialize, table: &Table) -> Outcome {
    if global.json {
        return json(value);
    }
    print(table);
    Ok(())
}

/// Prints named texts: an object in JSON, or a line each for people, without empty ones.
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

/// Value of alpha in rao of TAO at a price in rao per alpha. Rounds down.
pub fn value_at(amount: AlphaBalance, price: u64) -> u64 {
    let value = u128::from(amount.to_rao()) * u128::from(price) / 1_000_000_000;
    u64::try_from(value).unwrap_or(u64::MAX)
}

/// An amount of TAO with its unit.
pub fn tao(amount: TaoBalance) -> String {
    format!("{} τ", short(amount.to_rao()))
}

/// An amount of TAO as an upper bound: hidden decimals are rounded up.
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

/// Stake with the unit of its subnet: on root it is TAO, at 1 to 1.
pub fn stake_on(netuid: u16, amount: AlphaBalance) -> String {
    match netuid {
        0 => tao(TaoBalance::from_rao(amount.to_rao())),
        _ => alpha(amount),
    }
}

/// The smallest amount in rao that is shown with four decimals, and the step of such amounts.
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
    let wrong =
        || format!("`{text}` is no percentage between 0 and 100 with at most two decimals, such as 0.05");
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

/// Converts a proportion times 10⁹ to one with 65535 = 1, rounded down.
pub fn as_u16(e9: u64) -> u16 {
    u16::try_from(u128::from(e9) * 65_535 / 1_000_000_000).unwrap_or(u16::MAX)
}

/// Seconds since 1970 as a date and time of day, UTC.
pub fn utc(seconds: u64) -> String {
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

/// An account's address.
pub fn address(account: &Account) -> String {
    myelin_wire::ss58::encode(&account.0)
}

/// An address with its middle left out, for tables.
pub fn brief(account: &Account) -> String {
    shortened(&address(account))
}

/// An address with its middle left out.
fn shortened(full: &str) -> String {
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

/// Reads an amount that is not zero.
pub fn some_amount(text: &str) -> Result<u64, String> {
    match amount(text)? {
        0 => Err("the amount is 0, which moves nothing".into()),
        rao => Ok(rao),
    }
}

/// Reads a field of an identity of which the chain keeps up to 256 bytes.
pub fn short_field(text: &str) -> Result<String, String> {
    field(text, 256)
}

/// Reads a field of an identity of which the chain keeps up to 1,024 bytes.
pub fn long_field(text: &str) -> Result<String, String> {
    field(text, 1_024)
}

/// A long field that holds the address of a web page, or nothing.
pub fn web_field(text: &str) -> Result<String, String> {
    let host = text.split_once("://").map_or(text, |(_, rest)| rest);
    let names_a_host = host.contains('.') || host.starts_with("localhost");
    if text.is_empty() || names_a_host && !text.contains(char::is_whitespace) {
        long_field(text)
    } else {
        Err("this is no address of a web page, such as https://example.org".into())
    }
}

/// A short field that holds the address of a web page, or nothing.
pub fn short_web_field(text: &str) -> Result<String, String> {
    short_field(&web_field(text)?)
}

fn field(text: &str, most: usize) -> Result<String, String> {
    match text.len() {
        length if length > most => {
            Err(format!("it has {length} bytes, and the chain keeps {most} of this field at most"))
        }
        _ => Ok(text.to_owned()),
    }
}

/// Announces an effect. Fails if the user has to be asked and there is no terminal.
pub fn propose(what: &str, agreed: bool) -> Outcome {
    tell!("{what}");
    if agreed || std::io::stdin().is_terminal() {
        return Ok(());
    }
    fail("nothing was done: nobody can be asked here whether to go on; --yes agrees beforehand")
}

/// Asks for consent, unless the user agreed beforehand.
pub fn ask(agreed: bool) -> Outcome {
    if agreed {
        return Ok(());
    }
    eprint!("Go on? [y/N] ");
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    match means_yes(&line) {
        true => Ok(()),
        false => fail("nothing was done"),
    }
}

fn means_yes(answer: &str) -> bool {
    matches!(answer.trim().to_lowercase().as_str(), "y" | "yes")
}

/// A spinner on standard error while the command waits; silent without a terminal.
pub fn waiting(what: impl Into<String>) -> indicatif::ProgressBar {
    let bar = indicatif::ProgressBar::new_spinner().with_message(what.into());
    bar.enable_steady_tick(std::time::Duration::from_millis(120));
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_that_change_the_display_are_shown_by_their_numbers() {
        assert_eq!(readable("a\nb\u{200b}", true), "a\nb\\u{200b}");
        assert_eq!(readable("a\nb\u{202e}", false), "a\\u{a}b\\u{202e}");
    }

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
    fn files_are_written_whole_and_touch_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let (path, other) = (folder.path().join("notes.json"), folder.path().join("notes.part"));
        std::fs::write(&other, "mine").unwrap();
        write_whole(&path, b"{}").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"{}");
        assert_eq!(std::fs::read(&other).unwrap(), b"mine");
        // A folder of that name cannot be replaced; nothing is left beside it.
        let taken = folder.path().join("taken");
        std::fs::create_dir(&taken).unwrap();
        assert!(write_whole(&taken, b"{}").unwrap_err().to_string().contains("taken"));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 3);
        assert!(write_whole(&folder.path().join("no/such"), b"{}").is_err());
        // A new file takes the place of no other.
        assert!(write_new(&path, b"new").unwrap_err().to_string().contains("is there already"));
        assert_eq!(std::fs::read(&path).unwrap(), b"{}");
        write_new(&folder.path().join("new.json"), b"new").unwrap();
        assert_eq!(std::fs::read(folder.path().join("new.json")).unwrap(), b"new");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 4);
    }

    #[test]
    fn a_strangers_text_neither_commands_nor_hides() {
        assert_eq!(plain("a\u{1b}[2Jb\n\tc\r"), "a[2Jb\n\tc");
        assert_eq!(plain("\u{202e}abc\u{2066}d\u{200b}e\u{feff}\u{2028}"), "abcde");
        for kept in ["Grüße, 票 – é", "می\u{200c}خواهم"] {
            assert_eq!(plain(kept), kept);
        }
        assert_eq!(plain_line("grant\nown vote: aye"), "grant own vote: aye");
        assert_eq!(indented("one\nown vote: aye\n\n"), "  one\n  own vote: aye\n  ");
    }

    #[test]
    fn times_are_dates_of_the_calendar() {
        assert_eq!(utc(0), "1970-01-01T00:00:00Z");
        assert_eq!(utc(951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(utc(1_735_689_599), "2024-12-31T23:59:59Z");
        assert_eq!(utc(4_107_542_400), "2100-03-01T00:00:00Z");
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
    fn yes_is_yes_in_any_case_and_nothing_else_is() {
        for yes in ["y", "Y", "yes", "Yes", "YES\n", " yes "] {
            assert!(means_yes(yes), "{yes}");
        }
        for no in ["", "\n", "n", "no", "yess", "ye", "j"] {
            assert!(!means_yes(no), "{no}");
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
        let one = AlphaBalance::from_rao(1_000_000_000);
        assert_eq!([stake_on(0, one), stake_on(1, one)], ["1.0000 τ", "1.0000 α"]);
    }

    #[test]
    fn a_bound_is_never_shown_as_less_than_it_is() {
        assert_eq!(tao_at_most(TaoBalance::from_rao(195_345)), "0.000195345 τ");
        assert_eq!(tao_at_most(TaoBalance::from_rao(2_456_955)), "0.0025 τ");
        assert_eq!(tao_at_most(TaoBalance::from_rao(2_400_000)), "0.0024 τ");
        assert_eq!(tao_at_most(TaoBalance::from_rao(1_999_999_999)), "2.0000 τ");
    }
}
