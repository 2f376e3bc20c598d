//! The fixed list of token symbols. A subnet takes the symbol of its number if it is free.

use alloc::{
    string::{String, ToString},
    vec::Vec,
};
use core::ops::RangeInclusive;

use myelin_units::NetUid;

/// Symbol of root: a capital tau.
const ROOT_SYMBOL: char = '\u{03A4}';

/// Letters in the order of the subnets that get them, starting with subnet 1. Tau belongs to root, and the second sigma
/// is a form of the first.
const ALPHABETS: [RangeInclusive<char>; 12] = [
    'α'..='ρ', // Greek
    'σ'..='σ',
    'υ'..='ω',
    'א'..='ת',   // Hebrew
    'ء'..='غ',   // Arabic
    'ᚠ'..='ᛪ',   // Runic
    'ა'..='ჰ',   // Georgian
    'ա'..='ֆ',   // Armenian
    'а'..='я',   // Cyrillic
    'Ⲁ'..='ⲱ',   // Coptic
    'ꙁ'..='ꙭ',   // Old Cyrillic
    'ァ'..='ン', // Katakana
];

/// The symbol of root.
pub fn root() -> Vec<u8> {
    bytes(ROOT_SYMBOL)
}

/// The symbol that belongs to a subnet's number; `None` beyond the list.
pub fn of(netuid: NetUid) -> Option<Vec<u8>> {
    match usize::from(netuid).checked_sub(1) {
        None => Some(root()),
        Some(position) => letters().nth(position).map(bytes),
    }
}

/// Whether the symbol is in the list.
pub fn exists(symbol: &[u8]) -> bool {
    let text = core::str::from_utf8(symbol).map(ToString::to_string);
    text.is_ok_and(|text: String| {
        let mut chars = text.chars();
        let first = chars.next();
        chars.next().is_none()
            && first.is_some_and(|letter| letter == ROOT_SYMBOL || letters().any(|l| l == letter))
    })
}

fn letters() -> impl Iterator<Item = char> {
    ALPHABETS.into_iter().flatten()
}

fn bytes(letter: char) -> Vec<u8> {
    letter.to_string().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeSet;

    #[test]
    fn every_subnet_within_the_limit_has_a_symbol_of_its_own() {
        let symbols: BTreeSet<_> =
            (0..=128).map(|netuid| of(netuid).expect("the list covers the limit")).collect();
        assert_eq!(symbols.len(), 129);
        assert!(symbols.iter().all(|symbol| exists(symbol)));
    }

    #[test]
    fn the_first_subnet_is_alpha_and_root_is_tau() {
        assert_eq!(of(1), Some("α".as_bytes().to_vec()));
        assert_eq!(of(2), Some("β".as_bytes().to_vec()));
        assert_eq!(of(0), Some("Τ".as_bytes().to_vec()));
        assert!(exists("シ".as_bytes()), "a symbol that clients choose");
    }

    #[test]
    fn other_texts_are_no_symbols() {
        assert!(!exists(b"TAO"));
        assert!(!exists(b""));
        assert!(!exists(&[0xff]));
        assert!(!exists("αβ".as_bytes()));
    }
}
