//! Series of a person's own: a CSV file with a line for each point, the oldest first.

use crate::protocol::{FinanceRequest, Wanted, LARGEST, POINTS};

/// Most bytes of a file.
pub const MOST_BYTES: usize = 16 << 20;
/// Most decimals that a tick has.
const MOST_DECIMALS: u32 = 9;

/// A series from a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// Name of the column.
    pub name: String,
    /// The values in units of the last decimal, the latest last.
    values: Vec<i64>,
    /// Decimals of the values.
    decimals: u32,
    /// Seconds from point to point, if the file has times and most points are that far apart; else 0.
    step_seconds: u32,
}

/// Reasons for refusing a file.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// The file is no CSV.
    #[error("{0}; lines of numbers between commas are needed")]
    Csv(#[from] csv::Error),
    /// No column has that name.
    #[error("there is no column `{wanted}`; the file has {found}")]
    Column {
        /// The name.
        wanted: String,
        /// The names that there are.
        found: String,
    },
    /// No column has numbers.
    #[error("no column has a number in its first line of values; name one with --column")]
    NoNumbers,
    /// A cell is empty.
    #[error("line {0} has no value in the column; fill the gap or take the part behind it")]
    Gap(u64),
    /// A cell is not a number.
    #[error("line {line}: `{cell}` is no plain decimal number of at most {MOST_DECIMALS} decimals; a value looks like 12.5")]
    Number {
        /// The line.
        line: u64,
        /// The text of the cell.
        cell: String,
    },
    /// The time goes back, or stands still.
    #[error("line {line}: the time `{cell}` is not after that of the line before; sort the lines, the oldest first")]
    Time {
        /// The line.
        line: u64,
        /// The text of the cell.
        cell: String,
    },
    /// There are too few points.
    #[error("the column has {0} values; {least} are the least", least = POINTS.0)]
    Short(usize),
    /// Too few points are left.
    #[error("the column has {0} values; without the last {1} fewer than {least} are left", least = POINTS.0)]
    HeldOut(usize, u16),
    /// The values are too far apart for whole numbers of a tick.
    #[error("the values differ by more than {LARGEST} whole units; divide all of them by 1000")]
    Wide,
}

impl Upload {
    /// Reads a column of a CSV file, the one with this name or else the last one whose first value is a number. A
    /// column before it with times in seconds since 1970 or as `2026-11-25` or `2026-11-25T10:00:00Z` must rise.
    pub fn from_csv(bytes: &[u8], column: Option<&str>) -> Result<Self, UploadError> {
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes);
        let names: Vec<String> = reader.headers()?.iter().map(str::to_owned).collect();
        let rows = reader.records().collect::<Result<Vec<_>, _>>()?;
        let first = rows.first().ok_or(UploadError::Short(0))?;
        let at = match column {
            Some(wanted) => names
                .iter()
                .position(|name| name == wanted)
                .ok_or_else(|| UploadError::Column { wanted: wanted.to_owned(), found: names.join(", ") })?,
            None => {
                let numbers = first.iter().enumerate().filter(|(_, cell)| decimal(cell).is_some());
                numbers.last().ok_or(UploadError::NoNumbers)?.0
            }
        };
        let timed = first.iter().take(at).position(|cell| seconds(cell).is_some());
        let (mut cells, mut times) = (Vec::new(), Vec::new());
        for row in &rows {
            let line = row.position().map_or(0, csv::Position::line);
            match row.get(at) {
                None | Some("") => return Err(UploadError::Gap(line)),
                Some(cell) => {
                    let wrong = || UploadError::Number { line, cell: cell.to_owned() };
                    cells.push(decimal(cell).ok_or_else(wrong)?);
                }
            }
            if let Some(cell) = timed.and_then(|timed| row.get(timed)) {
                let wrong = || UploadError::Time { line, cell: cell.to_owned() };
                let time = seconds(cell).filter(|time| times.last().is_none_or(|last| last < time));
                times.push(time.ok_or_else(wrong)?);
            }
        }
        if cells.len() < POINTS.0 {
            return Err(UploadError::Short(cells.len()));
        }
        let decimals = cells.iter().map(|(_, decimals)| *decimals).max().unwrap_or_default();
        let values = cells.iter().map(|(digits, own)| digits * 10i64.pow(decimals - own)).collect();
        let name = names.get(at).cloned().unwrap_or_default();
        Self { name, values, decimals, step_seconds: usual_step(&times) }.small()
    }

    /// Takes the latest points, and leaves decimals out until all values fit.
    fn small(mut self) -> Result<Self, UploadError> {
        self.values.drain(..self.values.len().saturating_sub(POINTS.1));
        // Forecasts need room on both sides.
        let is_wide = |values: &[i64]| values.iter().any(|value| value.unsigned_abs() > LARGEST as u64 / 4);
        while is_wide(&self.values) {
            self.decimals = self.decimals.checked_sub(1).ok_or(UploadError::Wide)?;
            self.values.iter_mut().for_each(|value| *value /= 10);
        }
        Ok(self)
    }

    /// The question how the series goes on.
    pub fn request(&self, steps: u16, wanted: Wanted) -> FinanceRequest {
        let history = self.values.iter().map(|value| *value as i32).collect();
        let mut series = self.name.clone();
        series.truncate(
            (0..=crate::protocol::MOST_NAME).rev().find(|at| series.is_char_boundary(*at)).unwrap_or(0),
        );
        FinanceRequest {
            series,
            step_seconds: self.step_seconds,
            history,
            steps,
            wanted,
            ..Default::default()
        }
    }

    /// Takes the last points away, by which a forecast of the rest can be judged.
    pub fn hold_out(&mut self, steps: u16) -> Result<Vec<i32>, UploadError> {
        let kept = self.values.len().saturating_sub(steps.into());
        if kept < POINTS.0 {
            return Err(UploadError::HeldOut(self.values.len(), steps));
        }
        Ok(self.values.split_off(kept).into_iter().map(|value| value as i32).collect())
    }

    /// A value of the series or a forecast as a decimal number.
    pub fn shown(&self, ticks: i32) -> String {
        let unit = 10u64.pow(self.decimals);
        let (sign, size) = (if ticks < 0 { "-" } else { "" }, u64::from(ticks.unsigned_abs()));
        match self.decimals {
            0 => format!("{sign}{size}"),
            decimals => {
                format!("{sign}{}.{:0width$}", size / unit, size % unit, width = decimals as usize)
            }
        }
    }

    /// A decimal number in ticks; `None` if it is none, or too large.
    pub fn ticks(&self, text: &str) -> Option<i32> {
        let (digits, own) = decimal(text)?;
        let ticks = match self.decimals.checked_sub(own) {
            Some(more) => digits.checked_mul(10i64.checked_pow(more)?)?,
            None => digits / 10i64.checked_pow(own - self.decimals)?,
        };
        i32::try_from(ticks).ok().filter(|ticks| ticks.unsigned_abs() <= LARGEST as u32)
    }
}

/// A plain decimal number: its digits as a whole number, and how many of them stand behind the point.
pub(crate) fn decimal(text: &str) -> Option<(i64, u32)> {
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    let (whole, part) = rest.split_once('.').unwrap_or((rest, ""));
    let part = part.trim_end_matches('0');
    let is_plain = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    let fits = !whole.is_empty() && whole.len() + part.len() <= 18 && part.len() <= MOST_DECIMALS as usize;
    if !fits || !is_plain(whole) || !is_plain(part) || rest.ends_with('.') {
        return None;
    }
    let digits: i64 = format!("{whole}{part}").parse().ok()?;
    // All values get the decimals of the one that has most.
    (digits.checked_mul(10i64.pow(MOST_DECIMALS - part.len() as u32)).is_some())
        .then_some((sign * digits, part.len() as u32))
}

/// A time in seconds since 1970: a number of seconds or milliseconds, a day, or a day and a time of day in UTC.
pub(crate) fn seconds(text: &str) -> Option<i64> {
    if let Ok(number) = text.parse::<i64>() {
        return match number {
            // Between 1973 and 5138.
            100_000_000..=99_999_999_999 => Some(number),
            100_000_000_000.. => Some(number / 1000),
            _ => None,
        };
    }
    let (day, time) = text.trim_end_matches('Z').split_once(['T', ' ']).unwrap_or((text, "00:00:00"));
    let numbers = |text: &str, mark: char| -> Option<Vec<i64>> {
        text.split(mark).map(|part| part.split('.').next().unwrap_or(part).parse().ok()).collect()
    };
    let (day, time) = (numbers(day, '-')?, numbers(time, ':')?);
    let (&[year, month, day], &[hour, minute, ref rest @ ..]) = (&day[..], &time[..]) else { return None };
    let second = rest.first().copied().unwrap_or_default();
    let fits = (1970..=9999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    let fits = fits && (0..24).contains(&hour) && (0..60).contains(&minute) && (0..61).contains(&second);
    // Days from the first of March of the year 0, in which leap days end the years (Hinnant, "chrono-Compatible
    // Low-Level Date Algorithms").
    let (years, months) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days =
        365 * years + years / 4 - years / 100 + years / 400 + (153 * months + 2) / 5 + day - 1 - 719_468;
    fits.then_some(days * 86_400 + hour * 3600 + minute * 60 + second)
}

/// The median distance of times; 0 if there are none.
fn usual_step(times: &[i64]) -> u32 {
    let mut steps: Vec<i64> = times.windows(2).map(|two| two[1] - two[0]).collect();
    steps.sort_unstable();
    steps.get(steps.len() / 2).and_then(|step| u32::try_from(*step).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(first: &str, line: impl Fn(usize) -> String) -> Vec<u8> {
        let lines: Vec<String> = (0..40).map(line).collect();
        format!("{first}\n{}\n", lines.join("\n")).into_bytes()
    }

    #[test]
    fn the_last_column_of_numbers_is_read_with_its_times() {
        let bytes =
            file("day,open,close,note", |at| format!("2026-0{}-{:02},1,{at}.5,x", 1 + at / 28, 1 + at % 28));
        let upload = Upload::from_csv(&bytes, None).unwrap();
        assert_eq!((upload.name.as_str(), upload.decimals, upload.step_seconds), ("close", 1, 86_400));
        let request = upload.request(5, Wanted::Paths(100));
        assert_eq!((request.history[0], request.last(), request.check()), (5, 395, Ok(())));
        assert_eq!((upload.shown(395), upload.shown(-5)), ("39.5".into(), "-0.5".into()));
        assert_eq!(
            (upload.ticks("40.25"), upload.ticks("41"), upload.ticks("x")),
            (Some(402), Some(410), None)
        );
        assert_eq!(Upload::from_csv(&bytes, Some("open")).unwrap().values, vec![1; 40]);
    }

    #[test]
    fn wrong_files_are_refused_by_line_and_reason() {
        let said = |bytes: &[u8], column| Upload::from_csv(bytes, column).unwrap_err().to_string();
        let value = |cell: &'static str| {
            file("t,v", move |at| format!("{},{}", 1_700_000_000 + at, if at == 7 { cell } else { "3" }))
        };
        assert!(said(&value("NaN"), None).starts_with("line 9: `NaN` is no plain decimal number"));
        assert!(said(&value("1e5"), None).contains("`1e5`"));
        assert!(said(&value("inf"), None).contains("`inf`"));
        assert!(said(&value(""), None).starts_with("line 9 has no value"));
        assert!(said(&value("3"), Some("w")).starts_with("there is no column `w`; the file has t, v"));
        let back = file("t,v", |at| format!("{},3", 1_700_000_000 + if at == 5 { 0 } else { at }));
        assert!(said(&back, None).starts_with("line 7: the time `1700000000` is not after"));
        assert!(said(b"v\n1\n2\n", None).starts_with("the column has 2 values; 32 are the least"));
        assert!(said(&file("v", |_| "999999999".into()), None).contains("divide all of them"));
        assert!(said(&file("v", |_| "x".into()), None).starts_with("no column has a number"));
        assert!(said(b"", None).contains("0 values"));
    }

    #[test]
    fn decimals_that_do_not_fit_are_left_out() {
        let bytes = file("v", |at| format!("{}.123456789", 100_000 + at));
        let upload = Upload::from_csv(&bytes, None).unwrap();
        assert_eq!(
            (upload.decimals, upload.shown(upload.request(1, Wanted::Paths(10)).last())),
            (3, "100039.123".into())
        );
    }

    #[test]
    fn times_are_read_in_all_forms() {
        assert_eq!(seconds("1970-01-02"), Some(86_400));
        assert_eq!(seconds("2000-02-29T12:30:15Z"), Some(951_827_415));
        assert_eq!(seconds("2026-11-25 10:00"), Some(1_795_600_800));
        assert_eq!(seconds("1700000000000"), Some(1_700_000_000));
        assert_eq!(
            (seconds("7"), seconds("2026-13-01"), seconds("10:00"), seconds("")),
            (None, None, None, None)
        );
    }
}
