//! Files of rows: CSV and Parquet.

use std::{fs::File, io::Write, path::Path, sync::Arc};

use parquet::{
    basic::{LogicalType, Repetition, Type as Physical},
    data_type::{ByteArray, ByteArrayType, DoubleType, Int32Type},
    errors::ParquetError,
    file::{properties::WriterProperties, writer::SerializedFileWriter},
    schema::types::Type,
};

use crate::{
    protocol::Field,
    value::{days, Kind},
};

/// Reasons why a file is not written or read.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The file system refuses.
    #[error("{0}: {1}; choose another place")]
    File(String, std::io::Error),
    /// The rows of an earlier run are not readable.
    #[error("{0} is no CSV file with rows of these fields: {1}; move it away, or name another file")]
    Csv(String, String),
    /// The file would not be a Parquet file.
    #[error("writing {0} as Parquet: {1}; write a .csv file")]
    Parquet(String, ParquetError),
    /// The ending says nothing.
    #[error("{0} ends neither in .csv nor in .parquet; name a file that does")]
    Ending(String),
}

fn name(path: &Path) -> String {
    path.display().to_string()
}

/// Whether rows are written to such a file.
pub fn is_known(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "csv" || ending == "parquet")
}

/// Writes rows by the ending of the file: `.csv` or `.parquet`. A file that is there stays until all is written.
pub fn write(path: &Path, fields: &[Field], rows: &[Vec<String>]) -> Result<(), TableError> {
    if !is_known(path) {
        return Err(TableError::Ending(name(path)));
    }
    let mut new = path.as_os_str().to_owned();
    new.push(".new");
    let new = std::path::PathBuf::from(new);
    let failed = |error| TableError::File(name(&new), error);
    let mut file = File::create(&new).map_err(failed)?;
    if path.extension().is_some_and(|ending| ending == "csv") {
        let text = csv(fields, rows).map_err(|error| TableError::Csv(name(path), error))?;
        file.write_all(&text).map_err(failed)?;
    } else {
        let copy = file.try_clone().map_err(failed)?;
        parquet(copy, fields, rows).map_err(|error| TableError::Parquet(name(path), error))?;
    }
    file.sync_all().map_err(failed)?;
    std::fs::rename(&new, path).map_err(|error| TableError::File(name(path), error))
}

/// Writes a file. One that is there stays until all is written.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), TableError> {
    let mut new = path.as_os_str().to_owned();
    new.push(".new");
    let new = std::path::PathBuf::from(new);
    let write = || {
        let mut file = File::create(&new)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&new, path)
    };
    write().map_err(|error| TableError::File(name(&new), error))
}

fn csv(fields: &[Field], rows: &[Vec<String>]) -> Result<Vec<u8>, String> {
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    writer.write_record(fields.iter().map(|field| &field.name)).map_err(|error| error.to_string())?;
    for row in rows {
        writer.write_record(row).map_err(|error| error.to_string())?;
    }
    writer.into_inner().map_err(|error| error.to_string())
}

/// Reads the rows of a CSV file that [`write`] has written.
pub fn read_csv(path: &Path, fields: &[Field]) -> Result<Vec<Vec<String>>, TableError> {
    let wrong = |found: String| TableError::Csv(name(path), found);
    let mut reader = ::csv::Reader::from_path(path).map_err(|error| wrong(error.to_string()))?;
    let header = reader.headers().map_err(|error| wrong(error.to_string()))?;
    if !header.iter().eq(fields.iter().map(|field| field.name.as_str())) {
        return Err(wrong("its columns are others".into()));
    }
    let row = |record: Result<::csv::StringRecord, ::csv::Error>| {
        record
            .map(|record| record.iter().map(str::to_owned).collect())
            .map_err(|error| wrong(error.to_string()))
    };
    reader.records().map(row).collect()
}

fn parquet(file: File, fields: &[Field], rows: &[Vec<String>]) -> Result<(), ParquetError> {
    let column = |field: &Field| {
        let (physical, logical) = match field.kind {
            Kind::Text | Kind::Link => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
            Kind::Number => (Physical::DOUBLE, None),
            Kind::Date => (Physical::INT32, Some(LogicalType::Date)),
        };
        Type::primitive_type_builder(&field.name, physical)
            .with_repetition(Repetition::OPTIONAL)
            .with_logical_type(logical)
            .build()
            .map(Arc::new)
    };
    let columns = fields.iter().map(column).collect::<Result<Vec<_>, _>>()?;
    let schema = Arc::new(Type::group_type_builder("rows").with_fields(columns).build()?);
    let mut writer = SerializedFileWriter::new(file, schema, Arc::new(WriterProperties::default()))?;
    let mut group = writer.next_row_group()?;
    for (at, field) in fields.iter().enumerate() {
        let Some(mut column) = group.next_column()? else { break };
        let values = || rows.iter().map(|row| row[at].as_str()).filter(|value| !value.is_empty());
        let defined: Vec<i16> = rows.iter().map(|row| i16::from(!row[at].is_empty())).collect();
        match field.kind {
            Kind::Text | Kind::Link => {
                let values: Vec<ByteArray> = values().map(ByteArray::from).collect();
                column.typed::<ByteArrayType>().write_batch(&values, Some(&defined), None)?;
            }
            Kind::Number => {
                let values: Vec<f64> = values().map(|value| value.parse().unwrap_or(f64::NAN)).collect();
                column.typed::<DoubleType>().write_batch(&values, Some(&defined), None)?;
            }
            Kind::Date => {
                let values: Vec<i32> = values().map(days_since_1970).collect();
                column.typed::<Int32Type>().write_batch(&values, Some(&defined), None)?;
            }
        }
        column.close()?;
    }
    group.close()?;
    writer.close().map(|_| ())
}

/// A second of Unix time as `2026-03-09T06:00:00Z`.
pub(crate) fn utc(seconds: u64) -> String {
    // Later years have more digits than dates of tables.
    const LAST: u64 = 253_402_300_799;
    let seconds = seconds.min(LAST);
    let (mut left, of_day) = (u32::try_from(seconds / 86_400).unwrap_or_default(), seconds % 86_400);
    // February alone differs from year to year.
    let of_year = |year: u32| 337 + days(year, 2);
    let (mut year, mut month) = (1970, 1);
    while left >= of_year(year) {
        left -= of_year(year);
        year += 1;
    }
    while left >= days(year, month) {
        left -= days(year, month);
        month += 1;
    }
    let (hour, minute, second) = (of_day / 3_600, of_day / 60 % 60, of_day % 60);
    format!("{year:04}-{month:02}-{:02}T{hour:02}:{minute:02}:{second:02}Z", left + 1)
}

/// Days from the first of January 1970 to a date in its one form.
fn days_since_1970(date: &str) -> i32 {
    let mut parts = date.split('-').map(|part| part.parse::<u32>().unwrap_or(1));
    let mut part = || parts.next().unwrap_or(1);
    let (year, month, day) = (part(), part(), part());
    let of_year = |year: u32| (1..=12).map(|month| days(year, month) as i32).sum::<i32>();
    let before: i32 =
        if year >= 1970 { (1970..year).map(of_year).sum() } else { -(year..1970).map(of_year).sum::<i32>() };
    before + (1..month).map(|month| days(year, month) as i32).sum::<i32>() + day as i32 - 1
}

#[cfg(test)]
mod tests {
    use parquet::file::reader::{FileReader, SerializedFileReader};

    use super::*;

    fn fields() -> Vec<Field> {
        let field = |name: &str, kind| Field { name: name.into(), kind, select: None };
        vec![field("title", Kind::Text), field("price", Kind::Number), field("day", Kind::Date)]
    }

    fn rows() -> Vec<Vec<String>> {
        let row = |values: [&str; 3]| values.map(String::from).to_vec();
        vec![row(["A, \"b\"\nc", "1234.5", "2026-03-09"]), row(["d", "", ""])]
    }

    #[test]
    fn rows_come_back_from_csv() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rows.csv");
        write(&path, &fields(), &rows()).unwrap();
        assert_eq!(read_csv(&path, &fields()).unwrap(), rows());
        let other = read_csv(&path, &fields()[1..]).unwrap_err().to_string();
        assert!(other.contains("its columns are others"), "{other}");
        assert!(write(&folder.path().join("rows.txt"), &fields(), &rows()).is_err());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing half-written stays");
    }

    #[test]
    fn rows_come_back_from_parquet_with_their_types() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rows.parquet");
        write(&path, &fields(), &rows()).unwrap();
        let reader = SerializedFileReader::new(File::open(&path).unwrap()).unwrap();
        let said: Vec<String> =
            reader.get_row_iter(None).unwrap().map(|row| row.unwrap().to_string()).collect();
        assert_eq!(said.len(), 2);
        assert!(said[0].contains("price: 1234.5") && said[0].contains("2026-03-09"), "{}", said[0]);
        assert!(said[1].contains("price: null"), "{}", said[1]);
    }

    #[test]
    fn days_are_counted() {
        let cases = [("1970-01-01", 0), ("1969-12-31", -1), ("2000-03-01", 11_017), ("2026-03-09", 20_521)];
        cases.iter().for_each(|(date, days)| assert_eq!(days_since_1970(date), *days, "{date}"));
    }

    #[test]
    fn seconds_are_written_as_time() {
        let cases = [
            (0, "1970-01-01T00:00:00Z"),
            (951_868_799, "2000-02-29T23:59:59Z"),
            (1_764_163_898, "2025-11-26T13:31:38Z"),
            (u64::MAX, "9999-12-31T23:59:59Z"),
        ];
        cases.iter().for_each(|(seconds, text)| assert_eq!(utc(*seconds), *text));
    }
}
