//! Mnemonics: a key's entropy as English words.

use pbkdf2::pbkdf2_hmac;
use rand::RngCore;
use sha2::Sha512;
use zeroize::{Zeroize, Zeroizing};

/// Rounds of the derivation from entropy to seed.
const ROUNDS: u32 = 2048;

/// Why words are not a mnemonic.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MnemonicError {
    /// The number of words is not one of the five.
    #[error("a mnemonic has 12, 15, 18, 21 or 24 words, not {found}")]
    WordCount {
        /// Number of words found.
        found: usize,
    },
    /// A word is not in the English list. The word itself is not repeated: it may be part of a secret.
    #[error("word {position} is not in the English word list; check its spelling")]
    UnknownWord {
        /// Position from 1.
        position: usize,
    },
    /// All words are known but their checksum is wrong.
    #[error("the words do not belong together (wrong checksum); check their order")]
    Checksum,
}

/// 12, 15, 18, 21 or 24 words. Wiped when dropped.
#[derive(Clone)]
pub struct Mnemonic(bip39::Mnemonic);

impl Mnemonic {
    /// Fresh words from the system's random source.
    pub fn generate(words: usize) -> Result<Self, MnemonicError> {
        if !matches!(words, 12 | 15 | 18 | 21 | 24) {
            return Err(MnemonicError::WordCount { found: words });
        }
        let mut entropy = Zeroizing::new([0u8; 32]);
        let entropy = &mut entropy[..words / 3 * 4];
        rand::rng().fill_bytes(entropy);
        bip39::Mnemonic::from_entropy(entropy)
            .map(Self)
            .map_err(|_| MnemonicError::WordCount { found: words })
    }

    /// Reads words; case and the amount of white space do not matter.
    pub fn parse(phrase: &str) -> Result<Self, MnemonicError> {
        let words = phrase.split_whitespace().count();
        let mut tidy = Zeroizing::new(String::with_capacity(phrase.len()));
        for word in phrase.split_whitespace() {
            if !tidy.is_empty() {
                tidy.push(' ');
            }
            tidy.extend(word.chars().map(|c| c.to_ascii_lowercase()));
        }
        bip39::Mnemonic::parse_in_normalized(bip39::Language::English, &tidy).map(Self).map_err(|error| {
            match error {
                bip39::Error::UnknownWord(index) => MnemonicError::UnknownWord { position: index + 1 },
                bip39::Error::BadWordCount(found) => MnemonicError::WordCount { found },
                bip39::Error::InvalidChecksum => MnemonicError::Checksum,
                _ => MnemonicError::WordCount { found: words },
            }
        })
    }

    /// The words, separated by single spaces.
    pub fn phrase(&self) -> Zeroizing<String> {
        Zeroizing::new(self.0.to_string())
    }

    /// The seed: PBKDF2-HMAC-SHA512 over the *entropy* (not the words) with the salt "mnemonic" ++ password,
    /// 2048 rounds, first 32 bytes.
    pub fn seed(&self, password: Option<&str>) -> Zeroizing<[u8; 32]> {
        let (array, length) = self.0.to_entropy_array();
        let array = Zeroizing::new(array);
        let salt = Zeroizing::new(format!("mnemonic{}", password.unwrap_or("")));
        let mut long = [0u8; 64];
        pbkdf2_hmac::<Sha512>(&array[..length], salt.as_bytes(), ROUNDS, &mut long);
        let mut seed = Zeroizing::new([0u8; 32]);
        seed.copy_from_slice(&long[..32]);
        long.zeroize();
        seed
    }
}

impl std::fmt::Debug for Mnemonic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Mnemonic({} words)", self.0.word_count())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PHRASE: &str = "bottom drive obey lake curtain smoke basket hold race lonely fit walk";

    #[test]
    fn the_official_vector_gives_the_official_seed() {
        let mnemonic = Mnemonic::parse(PHRASE).unwrap();
        assert_eq!(
            hex::encode(&mnemonic.seed(None)[..]),
            "fac7959dbfe72f052e5a0c3c8d6530f202b02fd8f9f5ca3580ec8deb7797479e"
        );
        assert_ne!(mnemonic.seed(Some("extra")), mnemonic.seed(None));
        assert_eq!(
            Mnemonic::parse("  BOTTOM drive\tobey lake curtain smoke basket hold race lonely fit walk\n")
                .unwrap()
                .phrase()
                .as_str(),
            PHRASE
        );
    }

    #[test]
    fn every_length_can_be_made_and_read_back() {
        for words in [12, 15, 18, 21, 24] {
            let mnemonic = Mnemonic::generate(words).unwrap();
            let phrase = mnemonic.phrase();
            assert_eq!(phrase.split(' ').count(), words);
            assert_eq!(Mnemonic::parse(&phrase).unwrap().seed(None), mnemonic.seed(None));
        }
        assert_eq!(Mnemonic::generate(13).err(), Some(MnemonicError::WordCount { found: 13 }));
    }

    #[test]
    fn mistakes_are_named_without_repeating_the_words() {
        assert_eq!(Mnemonic::parse("bottom drive").err(), Some(MnemonicError::WordCount { found: 2 }));
        let unknown = PHRASE.replace("obey", "obeyy");
        let error = Mnemonic::parse(&unknown).unwrap_err();
        assert_eq!(error, MnemonicError::UnknownWord { position: 3 });
        assert!(!error.to_string().contains("obeyy"));
        let swapped = PHRASE.replace("bottom drive", "drive bottom");
        assert_eq!(Mnemonic::parse(&swapped).err(), Some(MnemonicError::Checksum));
        assert_eq!(format!("{:?}", Mnemonic::parse(PHRASE).unwrap()), "Mnemonic(12 words)");
    }
}
