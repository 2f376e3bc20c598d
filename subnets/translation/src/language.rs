//! Languages, and what their translations have to know.

use serde::{Deserialize, Serialize};

/// A language of the subnet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English.
    En,
    /// Spanish.
    Es,
    /// French.
    Fr,
    /// Portuguese of Portugal.
    Pt,
}

use Language::{En, Es, Fr, Pt};

/// The directions in which is translated.
pub const DIRECTIONS: [(Language, Language); 6] =
    [(En, Es), (Es, En), (Es, Fr), (Fr, Es), (Es, Pt), (Pt, Es)];

impl Language {
    /// All languages.
    pub const ALL: [Self; 4] = [En, Es, Fr, Pt];

    /// Its code of ISO 639-1.
    pub fn code(self) -> &'static str {
        match self {
            En => "en",
            Es => "es",
            Fr => "fr",
            Pt => "pt",
        }
    }

    /// Its name in English.
    pub fn name(self) -> &'static str {
        match self {
            En => "English",
            Es => "Spanish",
            Fr => "French",
            Pt => "Portuguese",
        }
    }

    /// The language of a code such as `es`, `es-MX`, `es_ES` or `pt_PT.UTF-8`.
    pub fn of_code(code: &str) -> Option<Self> {
        let code = code.split(['-', '_', '.', '@']).next().unwrap_or_default().to_ascii_lowercase();
        Self::ALL.into_iter().find(|language| language.code() == code)
    }

    /// Its `Plural-Forms` of PO files: two forms.
    pub fn plural_forms(self) -> &'static str {
        match self {
            En | Es | Pt => "nplurals=2; plural=(n != 1);",
            Fr => "nplurals=2; plural=(n > 1);",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_name_languages_with_and_without_a_country() {
        assert_eq!(Language::of_code("es_MX.UTF-8"), Some(Es));
        assert_eq!(Language::of_code("PT-pt"), Some(Pt));
        assert_eq!(Language::of_code("de"), None);
        assert_eq!(Language::of_code(""), None);
    }
}
