use std::sync::Arc;

use ::parquet::{
    basic::Compression,
    data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, Int32Type, Int64Type},
    file::{properties::WriterProperties, writer::SerializedFileWriter},
    schema::parser::parse_message_type,
};
use proptest::prelude::*;

use super::*;

const LIMITS: UploadLimits = UploadLimits { bytes: 1 << 20, unpacked: 1 << 20, rows: 1000, cell: 200 };
const RUN: Limits = Limits { steps: 1_000_000, rows: 1000 };

fn csv(name: &'static str, text: &'static str) -> File<'static> {
    File { name, bytes: text.as_bytes() }
}

#[test]
fn kinds_keys_and_references_are_found() {
    let customers =
        csv("customers", "id,city,since,vip,code\n1,Kiel,2020-02-29,true,007\n2,,2021-01-01,FALSE,012\n");
    let orders = csv(
        "orders",
        "id,customer_id,price,note\n10,1,2.50,\"a, b\"\n11,,3,x\n12,2,0.5,\"say \"\"hi\"\"\"\n",
    );
    let upload = tables_from_csv(&[customers, orders], &LIMITS).unwrap();
    let kinds: Vec<Kind> = upload.columns().map(|(_, column)| column.kind).collect();
    use Kind::{Boolean, Date, Integer, Real, Text};
    assert_eq!(kinds, [Integer, Text, Date, Boolean, Text, Integer, Integer, Real, Text]);
    assert_eq!(upload.schema.references, [Reference { table: 1, column: 1, to: 0 }]);
    let sql = "SELECT c.city, SUM(o.price) FROM orders o JOIN customers c ON o.customer_id = c.id \
               GROUP BY 1 ORDER BY 1";
    let answer = AnalysisResponse { sql: sql.into(), ..Default::default() };
    let rows = upload.run(&answer, RUN).unwrap().rows;
    assert_eq!(rows, [[Value::Null, Value::Real(0.5)], [Value::text("Kiel"), Value::Real(2.5)]]);
    upload.request("total price per city").check().unwrap();

    let exact = upload.exact();
    assert_eq!(exact.schema.tables[1].columns[2].name, "price_x10");
    assert_eq!(
        exact.rows[1].iter().map(|row| row[2].clone()).collect::<Vec<_>>(),
        [25, 30, 5].map(Value::Integer)
    );
}

/// The searching miner's answer to a person's question about a person's table.
fn asked(text: &'static str, question: &str) -> Answered {
    let upload = tables_from_csv(&[csv("sales", text)], &LIMITS).unwrap();
    let request = upload.request(question);
    request.check().unwrap();
    let until = std::time::Instant::now() + std::time::Duration::from_secs(2);
    let plan = crate::miner::Searcher::default().plan(&request, until).expect("a plan");
    let answer = crate::miner::explained(&plan.to_sql(&request.schema), &request).unwrap();
    let mut answered = upload.run(&answer, RUN).unwrap();
    answered.rows.sort();
    answered
}

#[test]
fn sums_and_averages_of_a_persons_decimals_are_right() {
    let text = "city,price\nBerlin,10.5\nParis,20\nBerlin,30\n";
    let total = asked(text, "the total of price for each city");
    assert_eq!(
        total.rows,
        [[Value::text("Berlin"), Value::Real(40.5)], [Value::text("Paris"), Value::Real(20.0)]]
    );
    assert_eq!(total.columns, ["city", "sum(price)"]);
    assert_eq!(asked(text, "the average of price").rows, [[Value::Real(20.166_666_67)]]);
    assert_eq!(asked(text, "the total of price").rows, [[Value::Real(60.5)]]);
}

#[test]
fn averages_of_whole_numbers_keep_their_fraction() {
    let text = "city,price\nBerlin,10\nParis,21\nBerlin,30\n";
    let average = asked(text, "the average of price");
    assert_eq!(average.rows, [[Value::Real(20.333_333_33)]]);
    assert_eq!(average.columns, ["sum(price) / count(price)"]);
    let each = asked(text, "the average of price for each city");
    assert_eq!(
        each.rows,
        [[Value::text("Berlin"), Value::Real(20.0)], [Value::text("Paris"), Value::Real(21.0)]]
    );
}

#[test]
fn quotients_keep_their_fraction_and_texts_and_comments_their_strokes() {
    assert_eq!(with_fractions("SELECT a/b, 'x/y' FROM \"a/b\""), "SELECT a* 1.0 /b, 'x/y' FROM \"a/b\"");
    assert_eq!(with_fractions("SELECT a /* b/c */"), "SELECT a /* b* 1.0 /c */");
    assert_eq!(heading("SUM ( \"dec\" . \"price\" )"), "sum(price)");
    assert_eq!(heading("unit price"), "unit price");
    assert_eq!(heading("COUNT(*)"), "count(*)");
    assert_eq!(heading("dec.price"), "price");
}

#[test]
fn odd_names_become_plain_ones() {
    let upload =
        tables_from_csv(&[csv("a'b", "\u{feff}x,X,\"q\"\"q\",,sqlite_x\n1,2,3,4,5\n")], &LIMITS).unwrap();
    let names: Vec<&str> = upload.columns().map(|(_, column)| column.name.as_str()).collect();
    assert_eq!(
        (upload.schema.tables[0].name.as_str(), names),
        ("a_b", vec!["x", "X_2", "q_q", "column_4", "column_5"])
    );
}

#[test]
fn files_beyond_the_limits_are_refused_by_name() {
    let refused = |text: String| {
        let error = tables_from_csv(&[File { name: "t", bytes: text.as_bytes() }], &LIMITS).unwrap_err();
        error.to_string()
    };
    assert!(refused("x".repeat(2 << 20)).contains("its size in bytes"));
    assert!(refused(format!("x\n{}", "1\n".repeat(1001))).contains("the number of rows"));
    assert!(refused(format!("x\n{}", "y".repeat(201))).contains("the size of a cell"));
    assert!(refused(vec!["c"; 65].join(",")).contains("the number of columns"));
    assert!(refused("a,b\n1\n".into()).contains("plain CSV"));
    let bytes = b"a\n\xff\xfe\n";
    assert!(matches!(
        tables_from_csv(&[File { name: "t", bytes }], &LIMITS),
        Err(UploadError::Malformed { .. })
    ));
}

/// Compression that many programs use by default.
fn zstd() -> Compression {
    Compression::ZSTD(Default::default())
}

fn parquet_file(rows: i64, compression: Compression) -> Vec<u8> {
    let message = "message t { required int64 id; optional binary city (UTF8); required double price;
                   required boolean vip; required int32 day (DATE); }";
    let schema = Arc::new(parse_message_type(message).unwrap());
    let properties = Arc::new(WriterProperties::builder().set_compression(compression).build());
    let mut bytes = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut bytes, schema, properties).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let ids: Vec<i64> = (0..rows).collect();
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<Int64Type>().write_batch(&ids, None, None).unwrap();
    column.close().unwrap();
    let known: Vec<i16> = ids.iter().map(|id| i16::from(id % 3 > 0)).collect();
    let cities: Vec<ByteArray> = known.iter().filter(|known| **known > 0).map(|_| "Kiel".into()).collect();
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<ByteArrayType>().write_batch(&cities, Some(&known), None).unwrap();
    column.close().unwrap();
    let prices: Vec<f64> = ids.iter().map(|id| *id as f64 / 4.0).collect();
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<DoubleType>().write_batch(&prices, None, None).unwrap();
    column.close().unwrap();
    let vips: Vec<bool> = ids.iter().map(|id| id % 2 == 0).collect();
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<BoolType>().write_batch(&vips, None, None).unwrap();
    column.close().unwrap();
    let days: Vec<i32> = ids.iter().map(|id| 10_957 + *id as i32).collect();
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<Int32Type>().write_batch(&days, None, None).unwrap();
    column.close().unwrap();
    group.close().unwrap();
    writer.close().unwrap();
    bytes
}

#[test]
fn parquet_files_become_the_same_tables() {
    for compression in [Compression::UNCOMPRESSED, Compression::SNAPPY, zstd()] {
        let bytes = parquet_file(300, compression);
        let upload = tables_from_parquet(&[File { name: "t", bytes: &bytes }], &LIMITS).unwrap();
        let kinds: Vec<(Kind, bool)> =
            upload.columns().map(|(_, column)| (column.kind, column.nullable)).collect();
        let plain = [Kind::Integer, Kind::Text, Kind::Real, Kind::Boolean, Kind::Date];
        assert_eq!(kinds, plain.map(|kind| (kind, kind == Kind::Text)));
        assert!(upload.schema.tables[0].keyed);
        let row = &upload.rows[0][1];
        let expected = [
            Value::Integer(1),
            Value::text("Kiel"),
            Value::Real(0.25),
            Value::Integer(0),
            Value::text("2000-01-02"),
        ];
        assert_eq!(row.as_slice(), expected);
        let few = UploadLimits { rows: 299, ..LIMITS };
        let error = tables_from_parquet(&[File { name: "t", bytes: &bytes }], &few).unwrap_err();
        assert!(error.to_string().contains("the number of rows"), "{error}");
        let small = UploadLimits { unpacked: 4000, ..LIMITS };
        assert!(tables_from_parquet(&[File { name: "t", bytes: &bytes }], &small).is_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_bytes_are_a_table_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let file = [File { name: "t", bytes: &bytes }];
        let _ = (tables_from_csv(&file, &LIMITS), tables_from_parquet(&file, &LIMITS));
    }

    #[test]
    fn a_damaged_parquet_file_is_a_table_or_refused(
        places in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..6),
        compression in proptest::sample::select(vec![Compression::SNAPPY, zstd()])
    ) {
        let mut bytes = parquet_file(40, compression);
        for (place, byte) in places {
            let at = place.index(bytes.len());
            bytes[at] = byte;
        }
        let _ = tables_from_parquet(&[File { name: "t", bytes: &bytes }], &LIMITS);
    }

    #[test]
    fn any_text_as_csv_makes_tables_that_run(text in "[a-c0-9,.\"\n-]{0,120}") {
        if let Ok(upload) = tables_from_csv(&[File { name: "t", bytes: text.as_bytes() }], &LIMITS) {
            let answer = AnalysisResponse { sql: "SELECT COUNT(*) FROM t".into(), ..Default::default() };
            let rows = upload.run(&answer, RUN).unwrap().rows;
            prop_assert_eq!(rows, [[Value::Integer(upload.rows[0].len() as i64)]]);
        }
    }
}
