//! Passwords of keyfiles: their sources, and the check against weak ones.

use std::{fmt, path::Path};

use base64::{engine::general_purpose::STANDARD, Engine};
use zeroize::Zeroizing;

/// A password. Wiped when dropped; never printed.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

impl Password {
    /// Takes over a text as password.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// Checks a password before it protects a new file.
    ///
    /// The key derivation is expensive on purpose, but no derivation saves a password that is guessed first.
    pub fn check_new(&self) -> Result<(), WeakPassword> {
        let text = self.0.as_str();
        if text.chars().count() < 6 {
            return Err(WeakPassword::TooShort);
        }
        let mut distinct: Vec<char> = text.chars().collect();
        distinct.sort_unstable();
        distinct.dedup();
        let kinds = [
            text.chars().any(char::is_lowercase),
            text.chars().any(char::is_uppercase),
            text.chars().any(char::is_numeric),
            text.chars().any(|c| !c.is_alphanumeric()),
        ];
        let kinds = kinds.into_iter().filter(|present| *present).count();
        let long = text.chars().count() >= 16;
        if distinct.len() < 5 || (kinds < 3 && !long) {
            return Err(WeakPassword::TooSimple);
        }
        Ok(())
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// Why a new password is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    /// Fewer than six characters.
    #[error("a password has at least 6 characters")]
    TooShort,
    /// Easily guessed.
    #[error(
        "the password is too simple: use 16 characters, or three of lower case, upper case, digits and signs"
    )]
    TooSimple,
}

/// The name of the environment variable that may hold the password of the coldkey file at `path`:
/// `BT_PW_` and the full path in upper case, with `/` and `.` replaced by `_`.
pub fn variable_of(path: &Path) -> String {
    format!("BT_PW_{}", path.to_string_lossy().replace(['/', '.'], "_").to_uppercase())
}

/// The value that makes `variable` hold `password`: base64 of the password XORed with the variable's name. This
/// hides a password from a casual look at the environment and from nothing else.
pub fn encode_for_variable(variable: &str, password: &Password) -> Zeroizing<String> {
    Zeroizing::new(STANDARD.encode(xor(password.as_bytes(), variable.as_bytes())))
}

/// Looks for the password of the coldkey file at `path`, in this order: the file's own variable
/// ([`variable_of`]), `BT_WALLET_PASSWORD`, and the file that `BT_WALLET_PASSWORD_FILE` names.
///
/// `lookup` reads an environment variable; pass `|name| std::env::var(name).ok()`.
pub fn from_environment(
    path: &Path,
    lookup: impl Fn(&str) -> Option<String>,
) -> Result<Option<Password>, EnvironmentError> {
    let variable = variable_of(path);
    if let Some(value) = lookup(&variable) {
        let value = Zeroizing::new(value);
        let bytes = STANDARD
            .decode(value.trim())
            .map_err(|_| EnvironmentError::NotEncoded { variable: variable.clone() })?;
        let bytes = Zeroizing::new(xor(&Zeroizing::new(bytes), variable.as_bytes()));
        let text = std::str::from_utf8(&bytes)
            .map_err(|_| EnvironmentError::NotEncoded { variable: variable.clone() })?;
        return Ok(Some(Password::new(text)));
    }
    if let Some(value) = lookup("BT_WALLET_PASSWORD") {
        return Ok(Some(Password::new(value)));
    }
    let Some(file) = lookup("BT_WALLET_PASSWORD_FILE") else { return Ok(None) };
    let text = std::fs::read_to_string(&file)
        .map_err(|error| EnvironmentError::File { file, reason: error.kind().to_string() })?;
    let text = Zeroizing::new(text);
    Ok(Some(Password::new(text.trim_end_matches(['\r', '\n']))))
}

/// Why a password in the environment cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnvironmentError {
    /// The value is not base64 of a password XORed with the variable's name.
    #[error("{variable} does not hold an encoded password; save it again or unset it")]
    NotEncoded {
        /// Name of the variable.
        variable: String,
    },
    /// The password file cannot be read.
    #[error("the password file {file} named by BT_WALLET_PASSWORD_FILE cannot be read: {reason}")]
    File {
        /// Path of the file.
        file: String,
        /// Error of the system.
        reason: String,
    },
}

fn xor(bytes: &[u8], key: &[u8]) -> Vec<u8> {
    bytes.iter().zip(key.iter().cycle()).map(|(a, b)| a ^ b).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLDKEY: &str = "/home/u/.bittensor/wallets/default/coldkey";
    const VARIABLE: &str = "BT_PW__HOME_U__BITTENSOR_WALLETS_DEFAULT_COLDKEY";

    #[test]
    fn the_files_own_variable_wins_over_the_general_ones() {
        assert_eq!(variable_of(Path::new(COLDKEY)), VARIABLE);
        let own = encode_for_variable(VARIABLE, &Password::new("own"));
        let lookup = |name: &str| match name {
            VARIABLE => Some(own.to_string()),
            "BT_WALLET_PASSWORD" => Some("general".into()),
            _ => None,
        };
        let found = from_environment(Path::new(COLDKEY), lookup).unwrap().unwrap();
        assert_eq!(found.as_bytes(), b"own");
        let other = from_environment(Path::new("/elsewhere/coldkey"), lookup).unwrap().unwrap();
        assert_eq!(other.as_bytes(), b"general");
        assert!(from_environment(Path::new(COLDKEY), |_| None).unwrap().is_none());
    }

    #[test]
    fn a_password_file_is_read_without_its_line_end() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pw");
        std::fs::write(&file, "from file \n").unwrap();
        let lookup = |name: &str| (name == "BT_WALLET_PASSWORD_FILE").then(|| file.display().to_string());
        let found = from_environment(Path::new(COLDKEY), lookup).unwrap().unwrap();
        assert_eq!(found.as_bytes(), b"from file ");
        std::fs::remove_file(&file).unwrap();
        let error = from_environment(Path::new(COLDKEY), lookup).unwrap_err();
        assert!(error.to_string().contains("cannot be read"), "{error}");
    }

    #[test]
    fn a_value_that_is_not_encoded_is_refused() {
        let error = from_environment(Path::new(COLDKEY), |_| Some("plain text!".into())).unwrap_err();
        assert_eq!(error, EnvironmentError::NotEncoded { variable: VARIABLE.into() });
    }

    #[test]
    fn weak_passwords_cannot_protect_new_files() {
        assert_eq!(Password::new("aB3!x").check_new(), Err(WeakPassword::TooShort));
        assert_eq!(Password::new("aaaaaaaaaaaaaaaaaaaa").check_new(), Err(WeakPassword::TooSimple));
        assert_eq!(Password::new("password").check_new(), Err(WeakPassword::TooSimple));
        assert_eq!(Password::new("Correct-horse-7").check_new(), Ok(()));
        assert_eq!(Password::new("correct horse battery").check_new(), Ok(()));
        assert_eq!(format!("{:?}", Password::new("Correct-horse-7")), "Password(…)");
    }
}
