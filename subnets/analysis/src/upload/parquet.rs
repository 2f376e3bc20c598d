//! Parquet files, read row by row.

use std::panic::{catch_unwind, AssertUnwindSafe};

use parquet::{
    basic::Compression,
    file::reader::{FileReader, SerializedFileReader},
    record::Field,
};

use super::{check_size, pages, table_names, File, Raw, UploadError, UploadLimits};
use crate::{
    schema::{Column, Kind, MAX_COLUMNS},
    value::{day_text, Row, Value},
};

/// The supported kind of files.
const KIND: &str = "Parquet with plain columns, not compressed or with Snappy or zstd";
/// Longest description of a file at its end.
const MAX_FOOTER: usize = 1 << 20;
/// Days from 1970-01-01 to 2000-01-01.
const EPOCH_DAYS: i64 = 10_957;

pub(super) fn read(file: &File<'_>, limits: &UploadLimits) -> Result<Raw, UploadError> {
    let name = file.name;
    let malformed = |found: String| UploadError::Malformed { name: name.into(), found, kind: KIND };
    check_size(name, "its size in bytes", file.bytes.len(), limits.bytes)?;
    let footer = file.bytes.len().checked_sub(8).and_then(|at| file.bytes[at..].first_chunk::<4>());
    let footer = footer.ok_or_else(|| malformed("it is too short".into()))?;
    check_size(name, "the size of its description", u32::from_le_bytes(*footer) as usize, MAX_FOOTER)?;
    // The reader is another project's, and files are strangers': a panic counts as one more malformed file.
    let read = AssertUnwindSafe(|| read_checked(file, limits));
    catch_unwind(read).unwrap_or_else(|_| Err(malformed("its parts contradict each other".into())))
}

fn read_checked(file: &File<'_>, limits: &UploadLimits) -> Result<Raw, UploadError> {
    let name = file.name;
    let malformed = |found: String| UploadError::Malformed { name: name.into(), found, kind: KIND };
    let bytes = bytes::Bytes::copy_from_slice(file.bytes);
    let reader = SerializedFileReader::new(bytes).map_err(|error| malformed(error.to_string()))?;
    let metadata = reader.metadata();
    let count = usize::try_from(metadata.file_metadata().num_rows()).unwrap_or(usize::MAX);
    check_size(name, "the number of rows", count, limits.rows)?;
    let fields = metadata.file_metadata().schema_descr();
    check_size(name, "the number of columns", fields.num_columns(), MAX_COLUMNS)?;
    if fields.root_schema().get_fields().iter().any(|field| !field.is_primitive()) {
        return Err(malformed("it has lists or groups".into()));
    }
    // The claims of pages are checked before anything is unpacked.
    let mut unpacked = 0usize;
    for group in metadata.row_groups() {
        for column in group.columns() {
            // These never unpack to more than their pages claim.
            if !matches!(
                column.compression(),
                Compression::UNCOMPRESSED | Compression::SNAPPY | Compression::ZSTD(_)
            ) {
                return Err(malformed(format!("it is compressed with {}", column.compression())));
            }
            let (start, length) = column.byte_range();
            let range = usize::try_from(start).ok().zip(usize::try_from(length).ok());
            let chunk = range.and_then(|(start, length)| file.bytes.get(start..start.checked_add(length)?));
            let chunk = chunk.ok_or_else(|| malformed("a column lies outside of it".into()))?;
            let claimed =
                pages::claimed(chunk, limits).ok_or_else(|| malformed("a page claims too much".into()))?;
            unpacked = unpacked.saturating_add(claimed);
            check_size(name, "its unpacked size in bytes", unpacked, limits.unpacked)?;
        }
    }
    let mut rows: Vec<Row> = Vec::new();
    for row in reader.get_row_iter(None).map_err(|error| malformed(error.to_string()))? {
        let row = row.map_err(|error| malformed(error.to_string()))?;
        check_size(name, "the number of rows", rows.len() + 1, limits.rows)?;
        let mut cells = Row::new();
        for (_, field) in row.get_column_iter() {
            let cell = value(field)
                .ok_or_else(|| malformed("it holds values of a kind that no query reads".into()))?;
            if let Value::Text(text) = &cell {
                check_size(name, "the size of a cell in bytes", text.len(), limits.cell)?;
            }
            cells.push(cell);
        }
        rows.push(cells);
    }
    let names = fields.columns().iter().map(|column| column.name().to_owned()).collect::<Vec<_>>();
    let mut columns = Vec::new();
    for (at, column) in table_names(names.iter().map(String::as_str)).into_iter().enumerate() {
        let nullable = rows.iter().any(|row| row.get(at).is_none_or(Value::is_null));
        let known = || rows.iter().filter_map(|row| row.get(at)).filter(|value| !value.is_null());
        let dated =
            known().all(|value| matches!(value, Value::Text(text) if crate::value::day_of(text).is_some()));
        let boolean = fields.column(at).physical_type() == parquet::basic::Type::BOOLEAN;
        let kind = match known().next() {
            Some(_) if boolean => Kind::Boolean,
            Some(Value::Text(_)) if dated => Kind::Date,
            Some(Value::Real(_)) => Kind::Real,
            Some(Value::Integer(_)) => Kind::Integer,
            _ => Kind::Text,
        };
        columns.push(Column { name: column, kind, nullable });
    }
    Ok(Raw { name: name.into(), columns, rows })
}

/// A cell; `None` if no query could read it.
fn value(field: &Field) -> Option<Value> {
    Some(match field {
        Field::Null => Value::Null,
        Field::Bool(truth) => Value::Integer(i64::from(*truth)),
        Field::Byte(number) => Value::Integer(i64::from(*number)),
        Field::Short(number) => Value::Integer(i64::from(*number)),
        Field::Int(number) => Value::Integer(i64::from(*number)),
        Field::Long(number) => Value::Integer(*number),
        Field::UByte(number) => Value::Integer(i64::from(*number)),
        Field::UShort(number) => Value::Integer(i64::from(*number)),
        Field::UInt(number) => Value::Integer(i64::from(*number)),
        Field::ULong(number) => Value::Integer(i64::try_from(*number).ok()?),
        Field::Float(number) if number.is_finite() => Value::Real(f64::from(*number)),
        Field::Double(number) if number.is_finite() => Value::Real(*number),
        // A value that is not a number counts as unknown.
        Field::Float(_) | Field::Double(_) => Value::Null,
        Field::Str(text) => Value::text(text),
        Field::Date(day) => Value::Text(day_text(i64::from(*day) - EPOCH_DAYS)),
        Field::TimestampMillis(at) => Value::Text(moment(*at)),
        Field::TimestampMicros(at) => Value::Text(moment(at.div_euclid(1000))),
        _ => return None,
    })
}

/// A moment as `YYYY-MM-DD HH:MM:SS`, from milliseconds since 1970; moments beyond the calendar stay numbers.
fn moment(ms: i64) -> String {
    let (day, second) = (ms.div_euclid(86_400_000), ms.rem_euclid(86_400_000) / 1000);
    if !(-700_000..2_900_000).contains(&day) {
        return ms.to_string();
    }
    let (hour, minute) = (second / 3600, second / 60 % 60);
    format!("{} {hour:02}:{minute:02}:{:02}", day_text(day - EPOCH_DAYS), second % 60)
}
