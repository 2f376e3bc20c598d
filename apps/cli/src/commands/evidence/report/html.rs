//! The report as one HTML file. It loads nothing and runs nothing, and every text in it is escaped.

use std::fmt::Write as _;

use serde_json::Value;

use super::document::{Annex, Cell, Column, Document, Fact, Row, Section, Table, Unit};

/// Colours for light and dark, and for paper. Tables that are wider than the page scroll by themselves.
const STYLE: &str = "
:root{color-scheme:light dark;--ink:#1b1b1b;--paper:#fff;--line:#bbb;--soft:#f2f2f2;--link:#0b4f9e;--odd:#7a3b00}
@media (prefers-color-scheme:dark){:root{--ink:#e8e8e8;--paper:#161616;--line:#555;--soft:#242424;--link:#8ec2ff;
--odd:#ffb973}}
body{margin:0 auto;padding:1rem;max-width:75rem;background:var(--paper);color:var(--ink);
font:1rem/1.5 system-ui,sans-serif}
a{color:var(--link)}
h1,h2{line-height:1.2}
h2{margin-top:2.5rem;border-bottom:1px solid var(--line)}
.wide{overflow-x:auto}
table{border-collapse:collapse;margin:1rem 0}
caption{text-align:left;font-weight:600;padding:.4rem 0}
th,td{border:1px solid var(--line);padding:.3rem .5rem;text-align:left;vertical-align:top;overflow-wrap:anywhere;
min-width:3rem}
th{background:var(--soft)}
td.number{text-align:right;font-variant-numeric:tabular-nums}
code,pre{font:.9em ui-monospace,monospace;overflow-wrap:anywhere;white-space:pre-wrap}
pre{background:var(--soft);border:1px solid var(--line);padding:.5rem}
.unknown{color:var(--odd)}
.note{display:block;font-size:.9em}
ul.plain{list-style:none;margin:0;padding:0}
@media print{body{max-width:none;font-size:9pt}.wide{overflow:visible}nav{display:none}tr,pre{break-inside:avoid}
:root{--ink:#000;--paper:#fff;--line:#888;--soft:#eee;--link:#000;--odd:#000}}
";

/// The whole file.
pub fn page(document: &Document) -> String {
    let title = escaped(&document.title);
    let mut page = String::from("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    page += "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n";
    page += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
    page += "<meta name=\"color-scheme\" content=\"light dark\">\n";
    add(&mut page, format_args!("<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"));
    add(&mut page, format_args!("<header>\n<h1>{title}</h1>\n"));
    page +=
        "<p>Beside each statement stands the command that verifies it. In commands, <code>EVIDENCE</code> \
             stands for the folder with the evidence, and <code>OTHERS</code> for folders with evidence of other \
             validators. <code>OPTIONS</code> stands for the kind and its options with which the validator ran, \
             and <code>WEIGHTS</code> for the file or folder with a model's weights. \
             A value that is not known says why.</p>\n";
    add(&mut page, format_args!("<p>Form: <code>{}</code></p>\n</header>\n", document.schema));
    page += "<nav aria-label=\"Contents\">\n<ul>\n";
    for section in &document.sections {
        let (id, title) = (escaped(&section.id), escaped(&section.title));
        add(&mut page, format_args!("<li><a href=\"#{id}\">{title}</a></li>\n"));
    }
    page += "</ul>\n</nav>\n<main>\n";
    document.sections.iter().for_each(|section| add_section(&mut page, section));
    page += "</main>\n</body>\n</html>\n";
    page
}

/// Adds a text. Writing to a string does not fail.
fn add(page: &mut String, text: std::fmt::Arguments<'_>) {
    let _ = page.write_fmt(text);
}

fn add_section(page: &mut String, section: &Section) {
    let (id, title) = (escaped(&section.id), escaped(&section.title));
    add(page, format_args!("<section aria-labelledby=\"{id}\">\n<h2 id=\"{id}\">{title}</h2>\n"));
    match section.facts.is_empty() && section.tables.is_empty() && section.about.len() > 2 {
        true => {
            page.push_str("<ul>\n");
            section.about.iter().for_each(|said| add(page, format_args!("<li>{}</li>\n", prose(said))));
            page.push_str("</ul>\n");
        }
        false => section.about.iter().for_each(|said| add(page, format_args!("<p>{}</p>\n", prose(said)))),
    }
    if !section.facts.is_empty() {
        add(page, format_args!("<div class=\"wide\"><table>\n<caption>Statements: {title}</caption>\n"));
        page.push_str(
            "<thead><tr><th scope=\"col\">statement</th><th scope=\"col\">value</th><th \
        scope=\"col\">verify by</th></tr></thead>\n<tbody>\n",
        );
        section.facts.iter().for_each(|fact| add_fact(page, fact));
        page.push_str("</tbody>\n</table></div>\n");
    }
    section.tables.iter().for_each(|table| add_table(page, table));
    for Annex { title, text } in &section.annexes {
        add(page, format_args!("<h3>{}</h3>\n<pre>{}</pre>\n", escaped(title), escaped(text)));
    }
    page.push_str("</section>\n");
}

fn add_fact(page: &mut String, fact: &Fact) {
    let note = match fact.note {
        "" => String::new(),
        note => format!("<span class=\"note\">{}</span>", escaped(note)),
    };
    let (name, value) = (escaped(fact.name), shown(&fact.cell, fact.unit));
    let verify = commands(&fact.verify);
    add(
        page,
        format_args!("<tr><th scope=\"row\">{name}{note}</th><td>{value}</td><td>{verify}</td></tr>\n"),
    );
}

fn add_table(page: &mut String, table: &Table) {
    add(
        page,
        format_args!(
            "<div class=\"wide\"><table>\n<caption>{}</caption>\n<thead><tr>",
            escaped(&table.caption)
        ),
    );
    for Column { name, .. } in &table.columns {
        add(page, format_args!("<th scope=\"col\">{}</th>", escaped(name)));
    }
    let own = table.rows.iter().any(|row| !row.verify.is_empty());
    page.push_str(if own {
        "<th scope=\"col\">verify by</th></tr></thead>\n<tbody>\n"
    } else {
        "</tr></thead>\n<tbody>\n"
    });
    for Row { cells, verify } in &table.rows {
        page.push_str("<tr>");
        for (at, Column { id, unit, .. }) in table.columns.iter().enumerate() {
            let nothing = Cell::Unknown("it is absent".into());
            let cell = cells.get(id).unwrap_or(&nothing);
            let value = shown(cell, *unit);
            let is_number = matches!(cell, Cell::Value(Value::Number(_)));
            match (at, is_number) {
                (0, _) => add(page, format_args!("<th scope=\"row\">{value}</th>")),
                (_, true) => add(page, format_args!("<td class=\"number\">{value}</td>")),
                (_, false) => add(page, format_args!("<td>{value}</td>")),
            }
        }
        if own {
            add(page, format_args!("<td>{}</td>", commands(verify)));
        }
        page.push_str("</tr>\n");
    }
    page.push_str("</tbody>\n</table></div>\n");
    if table.rows.is_empty() {
        page.push_str("<p>There is none.</p>\n");
    }
    if table.left_out > 0 {
        add(page, format_args!("<p>{} more rows are left out.</p>\n", table.left_out));
    }
    add(page, format_args!("<p>Verify by:</p>\n{}\n", commands(&table.verify)));
}

fn commands(commands: &[String]) -> String {
    if commands.is_empty() {
        return "no command shows this".into();
    }
    let line = |command: &String| format!("<li><code>{}</code></li>", escaped(command));
    format!("<ul class=\"plain\">{}</ul>", commands.iter().map(line).collect::<String>())
}

fn shown(cell: &Cell, unit: Unit) -> String {
    match cell {
        Cell::Value(value) => text_of(value, unit),
        Cell::Unknown(why) => format!("<span class=\"unknown\">not known, because {}</span>", escaped(why)),
    }
}

fn text_of(value: &Value, unit: Unit) -> String {
    match value {
        Value::Null => "none".into(),
        Value::Bool(true) => "yes".into(),
        Value::Bool(false) => "no".into(),
        Value::Number(number) => with_unit(number, unit),
        Value::String(text) if text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            format!("<code>{}</code>", escaped(text))
        }
        Value::String(text) => escaped(text),
        Value::Array(items) if items.is_empty() => "none".into(),
        Value::Array(items) => items.iter().map(|item| text_of(item, unit)).collect::<Vec<_>>().join(", "),
        Value::Object(fields) if fields.is_empty() => "none".into(),
        Value::Object(fields) => {
            let field =
                |(name, value): (&String, &Value)| format!("{}&nbsp;{}", escaped(name), text_of(value, unit));
            fields.iter().map(field).collect::<Vec<_>>().join(", ")
        }
    }
}

fn with_unit(number: &serde_json::Number, unit: Unit) -> String {
    let Some(value) = number.as_u64() else { return escaped(&number.to_string()) };
    unit.show(value).replace(' ', "&nbsp;")
}

/// A sentence of this program, with its code between backticks.
fn prose(text: &str) -> String {
    let mut said = String::new();
    for (at, piece) in text.split('`').enumerate() {
        match at % 2 {
            0 => said += &escaped(piece),
            _ => add(&mut said, format_args!("<code>{}</code>", escaped(piece))),
        }
    }
    said
}

/// A text that HTML reads as text, also within quotes.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe += "&amp;",
            '<' => safe += "&lt;",
            '>' => safe += "&gt;",
            '"' => safe += "&quot;",
            '\'' => safe += "&#39;",
            '`' => safe += "&#96;",
            letter => safe.push(letter),
        }
    }
    safe
}

#[cfg(test)]
mod tests;
