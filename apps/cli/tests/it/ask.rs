//! `myelin ask`: bad questions are refused before any miner is asked; good ones are in `judging`, where miners answer.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use myelin_recognition::task;
use myelin_wire::seed::Seed;

use super::harness::Network;
use super::{myelin, text};

#[test]
fn bad_questions_are_refused_in_words_before_anybody_is_asked() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).expect("written");
    write("sales.csv", b"city,price\nRome,10\n");
    write("empty.csv", b"");
    write("broken.parquet", b"PAR1 and nothing else");
    write("notes.txt", b"not a picture");
    write("app.po", b"msgid \"Open\"\nmsgstr \"\"\n");
    write("broken.po", b"msgid Open\n");
    write("app.json", b"{\"title\": \"Open\"}");
    write("terms.tsv", b"file\tarchivo\nfolder\n");
    write("other.po.part", b"{}\n");
    write("bad.toml", b"fields = 3\n");
    let once = "sources = ['https://a.example/']\nrow = 'li'\n\
        fields = [{ name = 'title', kind = 'text', select = 'a' }]\n";
    write("once.toml", once.as_bytes());
    let analysis = ["--kind", "analysis"];
    let recognition = ["--kind", "recognition"];
    let translation = ["--kind", "translation"];
    let scraping = ["--kind", "scraping"];
    let imaging = ["--kind", "imaging"];
    let cases: [(&[&str], &[&str], &str); 43] = [
        (&[], &[], "nothing is asked"),
        (&[], &["  "], "nothing is asked"),
        (&[], &["--temperature", "9", "hello"], "temperature"),
        (&["--json"], &["--stream", "hello"], "leave out one of them"),
        (&analysis, &["how many"], "no table is named"),
        (&analysis, &["--table", "gone.csv", "how many"], "reading the table gone.csv"),
        (&analysis, &["--table", "empty.csv", "how many"], "must name the columns"),
        (&analysis, &["--table", "broken.parquet", "how many"], "broken"),
        (
            &analysis,
            &["--table", "sales.csv", "--table", "broken.parquet", "how many"],
            "neither all .csv nor all",
        ),
        (&analysis, &["--table", "sales.csv"], "nothing is asked"),
        (&analysis, &["--table", "sales.csv", "--stream", "how many"], "leave out --stream"),
        (&recognition, &[], "no picture is named"),
        (&recognition, &["--picture", "notes.txt"], "neither PNG nor JPEG"),
        (&recognition, &["--picture", "gone.png"], "the picture gone.png"),
        (&translation, &["Open"], "--from and the wanted one with --to"),
        (&translation, &["--from", "en", "--to", "de", "Open"], "`de` is no language"),
        (&translation, &["--from", "en", "--to", "pt", "Open"], "nobody translates from en to pt here"),
        (&translation, &["--to", "es", "app.po"], "name the file for the translations of app.po with --out"),
        (&translation, &["--to", "es", "--out", "a.po", "gone.po"], "gone.po"),
        (&translation, &["--to", "es", "--out", "a.po", "broken.po"], "broken.po: line 1"),
        (&translation, &["--out", "a.po", "app.po"], "with --to"),
        (&translation, &["--to", "es", "--out", "a.json", "app.json"], "with --from"),
        (&translation, &["--to", "es", "--out", "other.po", "app.po"], "belongs to another file"),
        (
            &translation,
            &["--to", "es", "--out", "a.po", "--glossary", "terms.tsv", "app.po"],
            "line 2: 1 columns",
        ),
        (&scraping, &[], "name its file as the last word"),
        (&scraping, &["bad.toml"], "with --out"),
        (&scraping, &["--out", "a.csv", "gone.toml"], "gone.toml"),
        (&scraping, &["--out", "a.csv", "bad.toml"], "bad.toml"),
        (&scraping, &["--out", "a.txt", "bad.toml"], "neither in .csv nor in .parquet"),
        (&scraping, &["--out", "a.csv", "--repeat", "once.toml"], "every = \"6h\""),
        (&scraping, &["--out", "tables", "--repeat", "gone"], "gone"),
        (&scraping, &["--out", "tables", "."], "--repeat does all of them"),
        (&imaging, &[], "no description is given"),
        (&imaging, &["a red ring"], "--out picture.png"),
        (&imaging, &["--out", "ring.gif", "a red ring"], "does not end in .png"),
        (&imaging, &["--out", "ring.png", "--size", "20000", "a red ring"], "the width is 20000"),
        (&imaging, &["--out", "ring.png", "--count", "5", "a red ring"], "number of pictures is 5"),
        (&imaging, &["--out", "ring.png", ""], "the description's length is 0"),
        (&imaging, &["--out", "a.png", "--restore", "gone.png", "--damage", "noise"], "gone.png"),
        (&imaging, &["--out", "a.png", "--restore", "notes.txt", "--damage", "blur"], "neither PNG nor JPEG"),
        (&imaging, &["--out", "a.png", "--restore", "notes.txt", "--damage", "holes"], "with --mask"),
        (&imaging, &["--out", "a.png", "--restore", "notes.txt", "--damage", "noise", "x"], "leave it out"),
        (&analysis, &["--table", "sales.csv", "--out", "a.png", "how many"], "is printed, so leave it out"),
    ];
    for (before, after, words) in cases {
        // Nobody listens there: a question that gets as far as the network has another error.
        let ask = ["ask", "-n", "2", "-w", "//Bob", "-k", "//Bob_hk", "--endpoint", "ws://127.0.0.1:1"];
        let arguments = [&ask[..], before, after].concat();
        let refused = myelin(folder.path(), &arguments);
        let said = text(&refused.stderr);
        assert!(refused.status.code() == Some(1) && said.contains(words), "{before:?} {after:?}: {said}");
    }
    let two = ["ask", "-n", "2", "--ensemble", "3", "--uid", "1", "hello"];
    assert_eq!(myelin(folder.path(), &two).status.code(), Some(2), "wrong usage");
}

#[test]
fn repeated_jobs_wait_after_a_failure_and_end_at_ctrl_c() {
    let folder = tempfile::tempdir().expect("a folder");
    let job = "every = '6h'\nsources = ['https://a.example/']\nrow = 'li'\n\
        fields = [{ name = 'title', kind = 'text', select = 'a' }]\n";
    std::fs::write(folder.path().join("a.toml"), job).expect("written");
    // Nobody listens there, so the job fails.
    let arguments = [
        "ask",
        "-n",
        "2",
        "-w",
        "//Bob",
        "-k",
        "//Bob_hk",
        "--endpoint",
        "ws://127.0.0.1:1",
        "--kind",
        "scraping",
        "a.toml",
        "--out",
        "a.csv",
        "--repeat",
    ];
    // The second program finds the wait of the first one, and is stopped in it.
    for waited in ["failure number 1, again in 1 min", "jobs: 1; the next one is a.toml, in "] {
        let mut child = super::command(folder.path(), &arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("started");
        let mut lines = BufReader::new(child.stderr.take().expect("a pipe")).lines().map_while(Result::ok);
        assert!(lines.any(|line| line.contains(waited)), "{waited}");
        let interrupt = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
        assert!(interrupt.expect("a signal").success());
        assert!(lines.any(|line| line.contains("stopped; the same command goes on")));
        assert!(child.wait().expect("its end").success(), "an end by Ctrl-C is no failure");
    }
    let due = std::fs::read_to_string(folder.path().join("a.csv.due")).expect("a file");
    assert!(due.contains("\"failures\":1"), "the second program tried nothing: {due}");
}

/// Asks the miners of an analysis and a recognition subnet with the key of their validator.
pub fn people_are_answered_with_receipts(
    net: &Network<'_>,
    folder: &Path,
    [analysis, recognition]: [u16; 2],
) {
    let sales = "id,city,price\n1,Rome,10\n2,Oslo,20\n3,Rome,30\n";
    std::fs::write(folder.join("sales.csv"), sales).expect("written");
    let seed = Seed([7; 32]);
    let page = task::page(&seed, task::renderer(&seed), myelin_recognition::protocol::Format::Png);
    let picture = page.expect("a page").request.pictures().expect("a picture").remove(0);
    std::fs::write(folder.join("page.png"), picture.to_png().expect("a file")).expect("written");

    let ask = |netuid: u16, kind: &str, more: &[&str]| {
        let netuid = netuid.to_string();
        let first = ["ask", "-n", &netuid, "--kind", kind, "-w", "//Bob", "-k", "//Bob_hk"];
        let mut all = first.to_vec();
        all.extend(more);
        net.run(&all)
    };
    let question = ["--table", "sales.csv", "--json", "For each city, give the total of price in sales."];
    let said = super::json(&ask(analysis, "analysis", &question));
    assert_eq!(said["rows"], serde_json::json!([["Oslo", 20], ["Rome", 40]]), "{said}");
    assert_eq!(said["receipt"]["netuid"], analysis, "{said}");
    assert!(said["receipt"]["signature"].as_str().is_some_and(|signature| signature.len() == 128), "{said}");
    assert!(said["declared_model"].is_null(), "a search is no model: {said}");

    // A machine that judges and mines at once may need a second attempt.
    let read = (0..5).find_map(|_| {
        let output =
            ask(recognition, "recognition", &["--picture", "page.png", "--field", "total", "--json"]);
        output.status.success().then(|| super::json(&output))
    });
    let read = read.expect("a page that was read");
    assert!(read["text"].as_str().is_some_and(|text| text.len() > 20), "{read}");
    assert!(read["fields"].get("total").is_some() && read["receipt"]["signature"].is_string(), "{read}");

    let other = ask(analysis, "recognition", &["--picture", "page.png"]);
    assert!(text(&other.stderr).contains("--kind names another"), "{}", text(&other.stderr));
    let together =
        ask(analysis, "analysis", &["--ensemble", "4", question[0], question[1], question[2], question[3]]);
    let together = super::json(&together);
    assert_eq!(together["rows"], said["rows"], "{together}");
    assert!(together["answers"].as_array().is_some_and(|answers| !answers.is_empty()), "{together}");
}
