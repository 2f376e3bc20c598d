//! Reads a query that a stranger wrote, refuses what no honest answer needs, and writes it down anew.
//!
//! The text that runs is never the text that came in, but its words put together again: no comment, no odd letter, no
//! second statement survives. The meaning of the words is left to the engine's own parser and guard
//! ([`engine`](crate::engine)), so that there are no two parsers that could disagree.

use std::collections::BTreeSet;

use crate::value::Value;

/// Longest query in bytes.
pub const MAX_BYTES: usize = 4096;
/// Most words and signs of a query.
pub const MAX_TOKENS: usize = 700;
/// Most `SELECT`s in a query.
pub const MAX_SELECTS: usize = 12;
/// Most uses of each common table expression in a query, its definition included. A name that is used twice on every
/// level doubles the work on every level.
pub const MAX_NAMED: usize = 3;
/// Most common table expressions.
pub const MAX_COMMON: usize = 6;

/// Functions that a query may call. All of them give the same result everywhere, and none makes long texts.
pub const FUNCTIONS: &[&str] = &[
    "abs",
    "avg",
    "coalesce",
    "count",
    "dense_rank",
    "first_value",
    "ifnull",
    "iif",
    "instr",
    "lag",
    "last_value",
    "lead",
    "length",
    "like",
    "lower",
    "ltrim",
    "max",
    "min",
    "nullif",
    "rank",
    "round",
    "row_number",
    "rtrim",
    "sign",
    "substr",
    "substring",
    "sum",
    "total",
    "trim",
    "upper",
];

/// Words of SQL that may stand before an opening bracket.
const BEFORE_BRACKET: &[&str] = &[
    "all",
    "and",
    "as",
    "by",
    "case",
    "cast",
    "distinct",
    "else",
    "except",
    "exists",
    "filter",
    "from",
    "having",
    "in",
    "intersect",
    "is",
    "join",
    "like",
    "limit",
    "materialized",
    "not",
    "offset",
    "on",
    "or",
    "order",
    "over",
    "partition",
    "select",
    "then",
    "union",
    "using",
    "when",
    "where",
    "with",
    "between",
    "null",
    "end",
];

/// Words that no honest answer needs: they change things, ask the clock, or read beyond the tables of the question.
const REFUSED: &[&str] = &[
    "alter",
    "analyze",
    "attach",
    "begin",
    "commit",
    "create",
    "current_date",
    "current_time",
    "current_timestamp",
    "delete",
    "detach",
    "drop",
    "explain",
    "glob",
    "indexed",
    "insert",
    "match",
    "pragma",
    "raise",
    "recursive",
    "regexp",
    "reindex",
    "replace",
    "returning",
    "rollback",
    "savepoint",
    "update",
    "vacuum",
    "values",
];

/// Reasons for refusing a query before the engine sees it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The query has nothing but white space and comments.
    #[error("the query is empty; send one SELECT")]
    Empty,
    /// The query is too long or too complicated.
    #[error("the query has {found} {what}, the limit is {limit}; send a shorter one")]
    Size {
        /// The thing that is counted.
        what: &'static str,
        /// Its number.
        found: usize,
        /// The limit.
        limit: usize,
    },
    /// The query has a letter or sign that has no place in it.
    #[error("the query holds {0:?} outside of quotes; send plain SQL")]
    Sign(char),
    /// The query has quotes or a comment without an end.
    #[error("the query holds {0} without its end; close it")]
    Open(&'static str),
    /// The query has a word or function that is not offered.
    #[error("the query uses `{0}`, which is not offered here; send one SELECT with plain functions")]
    Word(String),
    /// The query has more than one statement.
    #[error("the query goes on after its end; send one SELECT")]
    Second,
    /// The query has a number that is not written in plain digits.
    #[error("the query holds an odd number that begins with `{0}`; write plain digits")]
    Number(String),
}

/// One word, sign or constant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// A word without quotes.
    Word(String),
    /// A name in quotes.
    Name(String),
    /// A text.
    Text(String),
    /// A number.
    Number(String),
    /// An operator or bracket.
    Sign(&'static str),
}

/// Signs, longer ones first.
const SIGNS: &[&str] =
    &["||", "<=", ">=", "<>", "!=", "==", "=", "<", ">", "+", "-", "*", "/", "%", "(", ")", ",", ".", ";"];

/// A query that passed the checks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Query {
    sql: String,
    done: BTreeSet<String>,
    constants: BTreeSet<String>,
    common: BTreeSet<String>,
}

impl Query {
    /// Reads a query.
    pub fn read(text: &str) -> Result<Self, Refusal> {
        let size = |what, found, limit| match found > limit {
            true => Err(Refusal::Size { what, found, limit }),
            false => Ok(()),
        };
        size("bytes", text.len(), MAX_BYTES)?;
        let mut tokens = tokens(text)?;
        size("words", tokens.len(), MAX_TOKENS)?;
        if tokens.last() == Some(&Token::Sign(";")) {
            tokens.pop();
        }
        if tokens.contains(&Token::Sign(";")) {
            return Err(Refusal::Second);
        }
        match tokens.first().ok_or(Refusal::Empty)? {
            Token::Word(word) if is_one_of(word, &["select", "with"]) => {}
            first => return Err(Refusal::Word(render(first))),
        }
        let next = |at: usize| tokens.get(at + 1);
        for (at, token) in tokens.iter().enumerate() {
            let bracket = next(at) == Some(&Token::Sign("("));
            match token {
                Token::Word(word) if is_one_of(word, REFUSED) => return Err(Refusal::Word(word.clone())),
                Token::Word(word)
                    if bracket && !is_one_of(word, FUNCTIONS) && !is_one_of(word, BEFORE_BRACKET) =>
                {
                    return Err(Refusal::Word(word.clone()))
                }
                Token::Name(name) if bracket => return Err(Refusal::Word(name.clone())),
                _ => {}
            }
        }
        size("SELECTs", tokens.iter().filter(|token| is_word(token, "select")).count(), MAX_SELECTS)?;
        let common = common_names(&tokens)?;
        let constants = tokens.iter().filter_map(constant).collect();
        let sql = tokens.iter().map(render).collect::<Vec<_>>().join(" ");
        let done = done(&tokens);
        Ok(Self { sql, done, constants, common })
    }

    /// The query, written down anew.
    pub fn sql(&self) -> &str {
        &self.sql
    }

    /// The names of the query's common table expressions, in lower case.
    pub(crate) fn common(&self) -> &BTreeSet<String> {
        &self.common
    }

    /// The words of SQL that act in the query ([`done`]).
    pub(crate) fn done(&self) -> &BTreeSet<String> {
        &self.done
    }

    /// The constants that the query names, as they stand in SQL.
    pub fn constants(&self) -> &BTreeSet<String> {
        &self.constants
    }
}

/// The names of common table expressions, `WITH name AS (`, none of them named too often.
fn common_names(tokens: &[Token]) -> Result<BTreeSet<String>, Refusal> {
    let name_of = |token: &Token| match token {
        Token::Word(name) | Token::Name(name) => Some(name.to_ascii_lowercase()),
        _ => None,
    };
    let mut common = BTreeSet::new();
    for at in 0..tokens.len() {
        let begins = at
            .checked_sub(1)
            .and_then(|before| tokens.get(before))
            .is_some_and(|before| is_word(before, "with") || *before == Token::Sign(","));
        let defined = tokens.get(at + 1).is_some_and(|token| is_word(token, "as"));
        if begins && defined {
            common.extend(tokens.get(at).and_then(name_of));
        }
    }
    if common.len() > MAX_COMMON {
        return Err(Refusal::Size { what: "named subqueries", found: common.len(), limit: MAX_COMMON });
    }
    for name in &common {
        // `name.column` reads a column and makes no new copy.
        let used = tokens.iter().enumerate().filter(|(at, token)| {
            name_of(token).as_ref() == Some(name) && tokens.get(at + 1) != Some(&Token::Sign("."))
        });
        let found = used.count();
        if found > MAX_NAMED {
            return Err(Refusal::Size { what: "uses of one named subquery", found, limit: MAX_NAMED });
        }
    }
    Ok(common)
}

fn is_one_of(word: &str, list: &[&str]) -> bool {
    list.iter().any(|listed| word.eq_ignore_ascii_case(listed))
}

fn is_word(token: &Token, word: &str) -> bool {
    matches!(token, Token::Word(found) if found.eq_ignore_ascii_case(word))
}

fn render(token: &Token) -> String {
    match token {
        Token::Word(word) => word.clone(),
        Token::Name(name) => crate::plan::quoted(name),
        Token::Text(text) => Value::text(text).to_sql(),
        Token::Number(number) => number.clone(),
        Token::Sign(sign) => (*sign).to_owned(),
    }
}

/// Words that act, in small letters: names of functions, and words that group, sort or leave something out. A mere name
/// with the same letters does not count.
pub(crate) fn done(tokens: &[Token]) -> BTreeSet<String> {
    let does = |(at, token): (usize, &Token)| {
        let Token::Word(word) = token else { return None };
        let word = word.to_ascii_lowercase();
        let does = match tokens.get(at + 1) {
            Some(Token::Sign("(")) => true,
            Some(next) if is_word(next, "by") => true,
            _ => matches!(word.as_str(), "limit" | "distinct"),
        };
        does.then_some(word)
    };
    tokens.iter().enumerate().filter_map(does).collect()
}

/// A constant as it stands in SQL; numbers without superfluous zeros.
pub(crate) fn constant(token: &Token) -> Option<String> {
    match token {
        Token::Text(_) => Some(render(token)),
        Token::Number(number) => {
            let digits = match number.contains('.') {
                true => number.trim_end_matches('0').trim_end_matches('.'),
                false => number.as_str(),
            };
            let digits = digits.trim_start_matches('0');
            Some(if digits.is_empty() || digits.starts_with('.') {
                format!("0{digits}")
            } else {
                digits.into()
            })
        }
        _ => None,
    }
}

/// Cuts a text into words and signs; comments and white space fall away.
pub(crate) fn tokens(text: &str) -> Result<Vec<Token>, Refusal> {
    let mut all = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if first.is_ascii_whitespace() {
            rest = &rest[1..];
        } else if rest.starts_with("--") {
            rest = rest.split_once('\n').map_or("", |(_, after)| after);
        } else if let Some(comment) = rest.strip_prefix("/*") {
            rest = comment.split_once("*/").ok_or(Refusal::Open("a comment"))?.1;
        } else if first.is_ascii_alphabetic() || first == '_' {
            let (word, after) = split(rest, |c| c.is_ascii_alphanumeric() || c == '_');
            // x'41' would be a byte string.
            if after.starts_with('\'') {
                return Err(Refusal::Word(format!("{word}'")));
            }
            all.push(Token::Word(word.into()));
            rest = after;
        } else if first.is_ascii_digit()
            || (first == '.' && rest[1..].starts_with(|c: char| c.is_ascii_digit()))
        {
            let (number, after) = split(rest, |c| c.is_ascii_digit() || c == '.');
            let odd = after.starts_with(|c: char| c.is_alphanumeric() || c == '_');
            if odd || number.matches('.').count() > 1 {
                return Err(Refusal::Number(number.chars().take(20).collect()));
            }
            all.push(Token::Number(number.into()));
            rest = after;
        } else if let Some(end) = closing(first) {
            let (content, after) = quoted(&rest[1..], end)?;
            all.push(if first == '\'' { Token::Text(content) } else { Token::Name(content) });
            rest = after;
        } else {
            let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign)).ok_or(Refusal::Sign(first))?;
            all.push(Token::Sign(sign));
            rest = &rest[sign.len()..];
        }
        if all.len() > MAX_TOKENS {
            return Err(Refusal::Size { what: "words", found: all.len(), limit: MAX_TOKENS });
        }
    }
    Ok(all)
}

fn split(text: &str, fits: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !fits(c)).unwrap_or(text.len()))
}

fn closing(open: char) -> Option<char> {
    match open {
        '\'' | '"' | '`' => Some(open),
        '[' => Some(']'),
        _ => None,
    }
}

/// The text before the closing quote, and the text behind it. A doubled quote stands for itself.
fn quoted(text: &str, end: char) -> Result<(String, &str), Refusal> {
    let mut content = String::new();
    let mut rest = text;
    loop {
        let at = rest.find(end).ok_or(Refusal::Open("a quote"))?;
        content.push_str(&rest[..at]);
        rest = &rest[at + end.len_utf8()..];
        if end == ']' || !rest.starts_with(end) {
            break;
        }
        content.push(end);
        rest = &rest[end.len_utf8()..];
    }
    match content.chars().find(|c| c.is_control()) {
        Some(control) => Err(Refusal::Sign(control)),
        None => Ok((content, rest)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sql(text: &str) -> Result<String, Refusal> {
        Query::read(text).map(|query| query.sql)
    }

    #[test]
    fn queries_are_written_down_anew() {
        let query = "select [a b] , `c`/* x */ from t -- y\n where n>=.5 and s = 'it''s';";
        assert_eq!(sql(query).unwrap(), r#"select "a b" , "c" from t where n >= .5 and s = 'it''s'"#);
        assert_eq!(sql("SELECT COUNT ( * ) FROM t"), sql("SELECT COUNT(*)\n\tFROM t"));
        let constants =
            Query::read("SELECT 1 FROM t WHERE a > 2.50 AND b IN ('x', 007, 0.0)").unwrap().constants;
        assert_eq!(constants.into_iter().collect::<Vec<_>>(), ["'x'", "0", "1", "2.5", "7"]);
    }

    #[test]
    fn what_no_honest_answer_needs_is_refused() {
        for query in [
            "",
            " -- only a comment",
            "VALUES (1)",
            "SELECT * FROM (VALUES (1))",
            "SELECT 1; DROP TABLE t",
            "PRAGMA table_info(t)",
            "ATTACH 'x' AS y",
            "WITH RECURSIVE r AS (SELECT 1) SELECT * FROM r",
            "SELECT random()",
            "SELECT CURRENT_TIMESTAMP",
            "SELECT datetime('now')",
            "SELECT load_extension('x')",
            "SELECT sqlite_version()",
            "SELECT \"abs\"(1)",
            "SELECT zeroblob(9)",
            "SELECT printf('%99d', 1)",
            "SELECT x'41'",
            "SELECT ?1",
            "SELECT :a",
            "SELECT 1e9",
            "SELECT 0x10",
            "SELECT 1.2.3",
            "SELECT 'open",
            "SELECT /* open",
            "SELECT \u{ff11}",
            "SELECT\u{a0}1",
            "SELECT 'a\0b'",
            "SELECT 1 ~ 2",
            "EXPLAIN SELECT 1",
        ] {
            assert!(sql(query).is_err(), "{query}");
        }
    }

    #[test]
    fn common_table_expressions_may_not_double() {
        let fine =
            "WITH a AS (SELECT id FROM t) SELECT a.id, a.id, a.id, a.id FROM a JOIN a AS b ON a.id = b.id";
        assert!(sql(fine).is_ok(), "{:?}", sql(fine));
        assert!(sql("WITH a AS (SELECT 1 FROM t) SELECT 1 FROM a, a AS x, a AS y").is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,200}") {
            let _ = Query::read(&text);
        }

        #[test]
        fn what_was_written_down_anew_stays_as_it_is(
            words in proptest::collection::vec(
                "[a-z]{1,4}|'[a-z']{0,3}'|[0-9]{1,3}|\\(|<=|\"a b\"|,",
                0..20,
            )
        ) {
            if let Ok(query) = Query::read(&format!("SELECT {}", words.join(" "))) {
                prop_assert_eq!(Query::read(query.sql()).map(|again| again.sql), Ok(query.sql));
            }
        }
    }
}
