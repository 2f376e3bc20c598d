//! Text to tokens and back: byte-level pair merging, learnt from the corpus.
//!
//! Ids: first the [`Special`] tokens, then the 256 bytes, then one token per merge in the order learnt. Text is cut
//! into pieces (a word with its leading blank, a run of punctuation, a line break with the indentation after it …)
//! and merges never cross pieces. Any bytes can be encoded and decoding gives them back exactly.

mod learn;
mod pieces;

pub use learn::learn;
pub use pieces::pieces;

use std::collections::HashMap;

/// A token's number.
pub type Token = u16;

/// Tokens that stand for structure instead of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum Special {
    /// Ends a document, a completion, or a turn.
    End = 0,
    /// Before the text left of the cursor.
    Prefix = 1,
    /// Before the text right of the cursor.
    Suffix = 2,
}

/// Ids below this are special; three are in use.
pub const SPECIAL_TOKENS: usize = 8;
const FIRST_MERGE: usize = SPECIAL_TOKENS + 256;

impl From<Special> for Token {
    fn from(special: Special) -> Token {
        special as Token
    }
}

/// Why a tokenizer file was refused.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum TokenizerError {
    #[error("not a tokenizer file: the first line should be `{HEADER}`")]
    Header,
    #[error("line {line} of the tokenizer file is not a pair of earlier tokens")]
    Merge { line: usize },
    #[error("a tokenizer holds at most 65,536 tokens")]
    TooMany,
    #[error("line {line} of the tokenizer file makes a token of more than {MAX_TOKEN} bytes")]
    TooLong { line: usize },
}

const HEADER: &str = "myelin byte pairs 1";
/// Most bytes of a token. Merges may double its length each, and files come from strangers.
const MAX_TOKEN: usize = 256;

/// Encodes and decodes text.
#[derive(Clone, Debug)]
pub struct Tokenizer {
    merges: Vec<(Token, Token)>,
    ranks: HashMap<(Token, Token), Token>,
    /// The bytes of every token; empty for special ones.
    bytes: Vec<Vec<u8>>,
}

impl Tokenizer {
    /// Builds a tokenizer from pairs of earlier tokens.
    pub fn new(merges: Vec<(Token, Token)>) -> Result<Self, TokenizerError> {
        if merges.len() + FIRST_MERGE > 1 << 16 {
            return Err(TokenizerError::TooMany);
        }
        let mut bytes: Vec<Vec<u8>> = vec![Vec::new(); SPECIAL_TOKENS];
        bytes.extend((0..=255u8).map(|b| vec![b]));
        let mut ranks = HashMap::with_capacity(merges.len());
        for (i, &(a, b)) in merges.iter().enumerate() {
            let joined = match (bytes.get(a as usize), bytes.get(b as usize)) {
                (Some(x), Some(y)) if x.len() + y.len() > MAX_TOKEN => {
                    return Err(TokenizerError::TooLong { line: i + 2 })
                }
                (Some(x), Some(y)) if !x.is_empty() && !y.is_empty() => [x.as_slice(), y].concat(),
                _ => return Err(TokenizerError::Merge { line: i + 2 }),
            };
            ranks.entry((a, b)).or_insert(bytes.len() as Token);
            bytes.push(joined);
        }
        Ok(Tokenizer { merges, ranks, bytes })
    }

    /// Reads the text [`Tokenizer::to_text`] writes.
    pub fn parse(text: &str) -> Result<Self, TokenizerError> {
        let mut lines = text.lines();
        if lines.next() != Some(HEADER) {
            return Err(TokenizerError::Header);
        }
        let mut merges = Vec::new();
        for (i, line) in lines.enumerate() {
            let pair = line.split_once(' ').and_then(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?)));
            merges.push(pair.ok_or(TokenizerError::Merge { line: i + 2 })?);
        }
        Self::new(merges)
    }

    /// One line per merge.
    pub fn to_text(&self) -> String {
        let lines = self.merges.iter().map(|(a, b)| format!("{a} {b}\n"));
        std::iter::once(format!("{HEADER}\n")).chain(lines).collect()
    }

    /// Number of tokens, special ones included.
    pub fn vocabulary(&self) -> usize {
        self.bytes.len()
    }

    /// The bytes of one token; empty for special and unknown ones.
    pub fn bytes_of(&self, token: Token) -> &[u8] {
        self.bytes.get(token as usize).map_or(&[], Vec::as_slice)
    }

    /// Encodes text.
    pub fn encode(&self, text: &str) -> Vec<Token> {
        let mut tokens = Vec::with_capacity(text.len() / 3);
        for piece in pieces(text.as_bytes()) {
            self.encode_piece(piece, &mut tokens);
        }
        tokens
    }

    /// Encodes one piece: joins the adjacent pair that was learnt first until none is left.
    fn encode_piece(&self, piece: &[u8], out: &mut Vec<Token>) {
        let start = out.len();
        out.extend(piece.iter().map(|&b| Token::from(b) + SPECIAL_TOKENS as Token));
        loop {
            let word = &out[start..];
            let best = word
                .windows(2)
                .enumerate()
                .filter_map(|(i, pair)| Some((*self.ranks.get(&(pair[0], pair[1]))?, i)))
                .min();
            let Some((token, i)) = best else { return };
            out[start + i] = token;
            out.remove(start + i + 1);
        }
    }

    /// Where each token of a sequence begins in its bytes.
    pub fn starts(&self, tokens: &[Token]) -> Vec<usize> {
        let mut at = 0;
        let start = |token: &Token| {
            let start = at;
            at += self.bytes_of(*token).len();
            start
        };
        tokens.iter().map(start).collect()
    }

    /// The bytes of a sequence; special tokens vanish.
    pub fn decode_bytes(&self, tokens: &[Token]) -> Vec<u8> {
        tokens.iter().flat_map(|&t| self.bytes_of(t)).copied().collect()
    }

    /// The text of a sequence; bytes that are not UTF-8 become replacement characters.
    pub fn decode(&self, tokens: &[Token]) -> String {
        String::from_utf8_lossy(&self.decode_bytes(tokens)).into_owned()
    }
}

/// An encoder that remembers pieces, for encoding much text.
#[derive(Debug)]
pub struct CachingEncoder<'a> {
    tokenizer: &'a Tokenizer,
    known: HashMap<Vec<u8>, Vec<Token>>,
}

impl<'a> CachingEncoder<'a> {
    const MAX_KNOWN: usize = 200_000;

    /// An encoder that knows no pieces yet.
    pub fn new(tokenizer: &'a Tokenizer) -> Self {
        CachingEncoder { tokenizer, known: HashMap::new() }
    }

    /// Encodes text; the same result as [`Tokenizer::encode`].
    pub fn encode(&mut self, text: &str, out: &mut Vec<Token>) {
        for piece in pieces(text.as_bytes()) {
            if let Some(tokens) = self.known.get(piece) {
                out.extend_from_slice(tokens);
                continue;
            }
            let start = out.len();
            self.tokenizer.encode_piece(piece, out);
            if self.known.len() < Self::MAX_KNOWN {
                self.known.insert(piece.to_vec(), out[start..].to_vec());
            }
        }
    }
}

#[cfg(test)]
mod tests;
