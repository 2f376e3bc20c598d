//! Answers of `myelin ask` with files: built-in miners of four kinds serve a customer without a permit.

use std::fs;
use std::path::Path;
use std::process::Output;
use std::time::{Duration, Instant};

use axum::extract::Path as Part;
use axum::http::header::USER_AGENT;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Html;
use myelin_imaging::provenance::{self, Provenance};
use myelin_translation::catalogue::po::Po;
use myelin_translation::job::{Job, Wish};
use myelin_translation::language::Language;
use myelin_translation::protocol::TranslationResponse;
use myelin_vision::picture::Picture;
use myelin_wallet::Keypair;
use myelin_wire::answer::{AnswerClaim, SignedAnswer};
use myelin_wire::hash::{blake2_256, from_hex};
use serde_json::{json, Value};

use super::harness::{serve, Network};
use super::judging::{log, Process};
use super::ports::free_port;
use super::{json, text};

/// Longest time until all questions are answered, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(180);
/// The customer's hotkey, which no subnet knows.
const CUSTOMER: &str = "//Eve_hk";
/// The address of the person behind the miner that fetches pages.
const CONTACT: &str = "owner@reader.example";

/// A localisation file with a comment, a placeholder, and a text that depends on a number.
const PO: &str = r#"msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\n"

#. The title of a window.
msgctxt "title"
msgid "The house is red."
msgstr ""

#, c-format
msgid "The house of %s is red."
msgstr ""

#, c-format
msgid "There is %d window."
msgid_plural "There are %d windows."
msgstr[0] ""
msgstr[1] ""
"#;

/// Pages of a shop: the first leads to the second. The third is not on the site; the customer has its file.
const PAGES: [&str; 3] = [
    "<!DOCTYPE html><meta charset=utf-8><ul><li><a href=/book/1>The first book</a> <b>1.234,50 €</b>\
     <li><a href=/book/2>The second book</a> <b>7,25 €</b></ul><a class=next href=/list/1>more</a>",
    "<!DOCTYPE html><meta charset=utf-8><ul><li><a href=/book/3>The third book</a> <b>12,00 €</b>\
     <li><a href=/book/4>The fourth book</a> <b>99 €</b></ul>",
    "<!DOCTYPE html><meta charset=utf-8><ul><li><a href=/book/5>The fifth book</a> <b>3,50 €</b></ul>",
];

/// A customer who asks again until there is an answer: miners announce themselves some seconds after their start.
struct Customer<'a> {
    net: &'a Network<'a>,
    folder: &'a Path,
    until: Instant,
}

impl Customer<'_> {
    /// Asks the owner of a subnet, who mines it with uid 0.
    fn ask(&self, netuid: u16, kind: &str, more: &[&str]) -> Output {
        let netuid = netuid.to_string();
        let first =
            ["ask", "-n", &netuid, "--kind", kind, "--uid", "0", "-w", "//Eve", "-k", CUSTOMER, "--json"];
        loop {
            let output = self.net.run(&[&first[..], more].concat());
            if output.status.success() {
                return output;
            }
            let miners = fs::read_to_string(log(self.folder, "serves")).unwrap_or_default();
            let why = text(&output.stderr);
            assert!(Instant::now() < self.until, "{kind}: {why}\n--- miners\n{miners}");
            std::thread::sleep(Duration::from_millis(500));
        }
    }

    fn write(&self, name: &str, content: &str) {
        fs::write(self.folder.join(name), content).expect("written");
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder.join(name)).expect("a text")
    }
}

#[test]
fn miners_of_four_kinds_give_a_customer_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let net = Network::up(folder.path());
    let kinds = ["translation", "finance", "imaging", "scraping"];
    let netuids = kinds.map(|kind| subnet(&net, kind));
    // One process mines all of them, each with the best model that is built in.
    let mut config = String::new();
    for (kind, netuid) in kinds.iter().zip(netuids) {
        let port = free_port();
        config +=
            &format!("[[subnet]]\nnetuid = {netuid}\nkind = '{kind}'\nhotkey = '//{kind}'\nport = {port}\n");
    }
    // The last section is that of scraping.
    config += &format!("contact = '{CONTACT}'\nfetch-private = true\n");
    let customer = Customer { net: &net, folder: folder.path(), until: Instant::now() + PATIENCE };
    customer.write("miners.toml", &config);
    let run = [
        "miner",
        "run",
        "--config",
        "miners.toml",
        "-w",
        "//Alice",
        "--ip",
        "127.0.0.2",
        "--serve-strangers-after",
        "0",
    ];
    let _miners = Process::start(&net, folder.path(), "serves", &run);

    let [translation, finance, imaging, scraping] = netuids;
    a_localisation_file_is_translated_whole(&customer, translation);
    a_series_goes_on_in_a_fan_chart(&customer, finance);
    a_picture_names_its_maker(&customer, imaging);
    pages_become_a_table(&customer, scraping);
}

/// A subnet whose owner has a hotkey with the name of the kind. That hotkey is its first neuron.
fn subnet(net: &Network<'_>, kind: &str) -> u16 {
    let hotkey = format!("//{kind}");
    let create =
        ["subnet", "create", "-w", "//Alice", "-k", &hotkey, "--wait", "inclusion", "--yes", "--json"];
    let netuid = net.ok(&create)["netuid"].as_u64().expect("a number");
    u16::try_from(netuid).expect("a number of a subnet")
}

/// Every text of the file has a translation with its placeholders. The same command gives the same file, and goes on
/// from what an interrupted one kept.
fn a_localisation_file_is_translated_whole(customer: &Customer<'_>, netuid: u16) {
    customer.write("app.po", PO);
    let ask = || customer.ask(netuid, "translation", &["app.po", "--to", "es", "--out", "app.es.po"]);
    let said = json(&ask());
    assert_eq!(said["texts"].as_array().map(Vec::len), Some(4), "{said}");
    assert_eq!(said["not_translated"], json!([]), "{said}");
    let written = customer.read("app.es.po");
    let po = Po::read(&written).expect("a PO file");
    assert_eq!(po.header("Language"), Some("es"), "{written}");
    let present: Vec<&[String]> = po.segments().map(|(_, segment)| &*segment.present).collect();
    let [title, placeholder, number] = present[..] else { panic!("other entries: {written}") };
    assert_eq!(title, ["La casa es roja."]);
    assert!(placeholder[0].starts_with("La casa de %s "), "{written}");
    assert_eq!(number, ["Hay %d ventana.", "Hay %d ventanas."]);
    // All lines of the texts, with comments and marks, stand as they stood.
    let stays = |line: &&str| !line.is_empty() && !line.starts_with("msgstr") && !line.starts_with('"');
    assert!(PO.lines().filter(stays).all(|line| written.lines().any(|other| other == line)), "{written}");

    assert_eq!(json(&ask()), said);
    assert_eq!(customer.read("app.es.po"), written);

    // The progress of a command that was cut off after its first text, which got another translation then.
    let mut job =
        Job::open("app.po", PO, Wish { to: Some(Language::Es), ..Wish::default() }).expect("a file");
    let (_, units) = job.next_request().expect("texts");
    let earlier = "La casa es de color rojo.";
    let answer = TranslationResponse { texts: vec![earlier.to_owned()], confidence: vec![80] };
    let lines = job.take(&units[..1], &answer);
    customer.write("app.es.po.part", &format!("{}\n{lines}", job.name()));
    let resumed = ask();
    assert!(text(&resumed.stderr).contains("1 texts were translated before"), "{}", text(&resumed.stderr));
    assert_eq!(customer.read("app.es.po"), written.replace("La casa es roja.", earlier));
    assert!(!customer.folder.join("app.es.po.part").exists(), "all is done");
}

/// The forecast has all paths that were asked for, in the answer and in an SVG file.
fn a_series_goes_on_in_a_fan_chart(customer: &Customer<'_>, netuid: u16) {
    let line = |hour: u64| format!("{},{}.5\n", 1_700_000_000 + 3_600 * hour, 100 + 7 * hour % 11);
    customer.write("prices.csv", &format!("time,price\n{}", (0..96).map(line).collect::<String>()));
    let question = ["--series", "prices.csv", "--steps", "12", "--chart", "fan.svg"];
    let said = json(&customer.ask(netuid, "finance", &question));
    let paths = said["paths"].as_array().expect("paths");
    assert_eq!(paths.len(), 200);
    let is_value = |value: &Value| value.as_str().is_some_and(|value| value.parse::<f64>().is_ok());
    assert!(paths.iter().all(|path| {
        path.as_array().is_some_and(|steps| steps.len() == 12 && steps.iter().all(is_value))
    }));
    assert_eq!(said["uid"], 0, "{said}");
    assert!(is_signed(&said, netuid, "//finance"), "{said}");
    let chart = customer.read("fan.svg");
    assert!(chart.starts_with("<svg ") && chart.trim_end().ends_with("</svg>"), "{chart}");
    assert!(chart.contains("price: 12 steps ahead") && chart.contains("<polygon "), "{chart}");
}

/// The file is a picture that states its model and carries the receipt.
fn a_picture_names_its_maker(customer: &Customer<'_>, netuid: u16) {
    let wish = ["two red stars on a white background", "--out", "picture.png"];
    let said = json(&customer.ask(netuid, "imaging", &wish));
    assert_eq!((&said["files"], &said["uid"]), (&json!(["picture.png"]), &json!(0)), "{said}");
    assert!(is_signed(&said, netuid, "//imaging"), "{said}");
    let file = fs::read(customer.folder.join("picture.png")).expect("a file");
    assert!(file.starts_with(b"\x89PNG\r\n\x1a\n") && &file[12..16] == b"IHDR");
    let picture = Picture::decode(&file).expect("a picture");
    assert_eq!((picture.width(), picture.height()), (64, 64));

    let told = Provenance::read(&file).expect("a provenance");
    assert_eq!((told.maker.as_str(), told.number), ("myelin flow", 0));
    assert_eq!(json!(told), said["pictures"][0]["provenance"], "{said}");
    let declared = [&said["declared_model"]["id"], &said["receipt"]["model_id"], &said["model"]];
    assert!(declared.into_iter().all(|id| *id == told.model.as_str()), "{said}");
    let receipt = provenance::text(&file, provenance::RECEIPT).expect("a receipt");
    let receipt: Value = serde_json::from_str(&receipt).expect("a receipt in JSON");
    assert_eq!(receipt["signature"], said["receipt"]["signature"], "{said}");
    assert_eq!(receipt["request"]["description"], wish[0], "{receipt}");
}

/// Rows of two pages of a site, and of a page that the customer brings, stand in one table.
fn pages_become_a_table(customer: &Customer<'_>, netuid: u16) {
    let site = site();
    customer.write("page.html", PAGES[2]);
    let job = format!(
        r#"
sources = ["{site}/list/0", {{ address = "{site}/list/2", file = "page.html" }}]
row = "li"
next = "a.next"
pages = 3
fields = [
  {{ name = "title", kind = "text", select = "a" }},
  {{ name = "price", kind = "number", select = "b" }},
  {{ name = "link", kind = "link", select = "a@href" }},
]
"#
    );
    customer.write("books.toml", &job);
    let said = json(&customer.ask(netuid, "scraping", &["books.toml", "--out", "rows.csv"]));
    assert_eq!((&said["rows"], &said["problems"]), (&json!(5), &json!([])), "{said}");
    let pages = said["pages"].as_array().expect("pages");
    let fetched = pages.iter().map(|page| (page["address"].clone(), page["rows"].clone()));
    let expected = [0, 1].map(|number| (json!(format!("{site}/list/{number}")), json!(2)));
    assert!(fetched.eq(expected), "{said}");
    let rows = [
        ("The first book", "1234.5"),
        ("The second book", "7.25"),
        ("The third book", "12"),
        ("The fourth book", "99"),
        ("The fifth book", "3.5"),
    ];
    let rows =
        (1..).zip(rows).map(|(number, (title, price))| format!("{title},{price},{site}/book/{number}\n"));
    assert_eq!(customer.read("rows.csv"), format!("title,price,link\n{}", rows.collect::<String>()));
}

/// Serves the first two pages to crawlers that say whose they are. Returns the site's address.
fn site() -> String {
    let page = |headers: HeaderMap, Part(number): Part<usize>| async move {
        let agent = headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok());
        match PAGES[..2].get(number) {
            Some(page) if agent.is_some_and(|agent| agent.contains(CONTACT)) => Ok(Html(*page)),
            Some(_) => Err(StatusCode::FORBIDDEN),
            None => Err(StatusCode::NOT_FOUND),
        }
    };
    serve(axum::Router::new().route("/list/{number}", axum::routing::get(page)))
}

/// Whether the receipt of an answer proves that this miner gave it to the customer on this subnet.
fn is_signed(said: &Value, netuid: u16, miner: &str) -> bool {
    let receipt = &said["receipt"];
    let hash = |name: &str| blake2_256(receipt[name].as_str().expect("a text").as_bytes());
    let public = |uri: &str| Keypair::from_uri(uri).expect("a key").public();
    let claim = AnswerClaim {
        genesis_hash: bytes(&receipt["genesis"]),
        netuid,
        challenge_id: bytes(&receipt["challenge"]),
        request_hash: hash("request"),
        answer_hash: hash("answer"),
        model_id: bytes(&receipt["model_id"]),
        validator: public(CUSTOMER),
        miner: public(miner),
    };
    SignedAnswer { claim, signature: bytes(&receipt["signature"]) }.verify()
}

fn bytes<const N: usize>(digits: &Value) -> [u8; N] {
    digits.as_str().and_then(from_hex).expect("hexadecimal digits")
}
