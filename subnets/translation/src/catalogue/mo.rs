//! GNU gettext's MO files: the translations that are installed with programs.
//!
//! Source: the GNU gettext manual, "The Format of GNU MO Files".

use std::{collections::HashMap, path::Path};

use crate::language::Language;

/// Most bytes of a file.
const MOST_BYTES: u64 = 32 << 20;
/// Most files of a language.
const MOST_FILES: usize = 2_000;
/// The folder of the system's catalogues.
const LOCALES: &str = "/usr/share/locale";

/// The texts of a file with their translations, without contexts and plurals; `None` if it is no MO file.
pub fn read(bytes: &[u8]) -> Option<Vec<(String, String)>> {
    let number = |at: usize| -> Option<u32> {
        let four: [u8; 4] = bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if bytes[0] == 0xde { u32::from_le_bytes(four) } else { u32::from_be_bytes(four) })
    };
    if number(0)? != 0x9504_12de {
        return None;
    }
    let (count, sources, targets) = (number(8)? as usize, number(12)? as usize, number(16)? as usize);
    if count > bytes.len() / 16 {
        return None;
    }
    let text = |table: usize, entry: usize| -> Option<&str> {
        let at = table.checked_add(8 * entry)?;
        let (length, start) = (number(at)? as usize, number(at.checked_add(4)?)? as usize);
        let text = std::str::from_utf8(bytes.get(start..start.checked_add(length)?)?).ok()?;
        let text = text.split_once('\u{4}').map_or(text, |(_, text)| text);
        text.split('\0').next()
    };
    let pair = |entry: usize| Some((text(sources, entry)?.to_owned(), text(targets, entry)?.to_owned()));
    Some((0..count).filter_map(pair).filter(|(one, other)| !one.is_empty() && !other.is_empty()).collect())
}

/// All translations into a language that are installed on this machine.
pub fn installed(language: Language) -> HashMap<String, String> {
    let Ok(folder) = std::fs::read_dir(LOCALES) else { return HashMap::new() };
    let mut files: Vec<_> = folder
        .flatten()
        .filter(|locale| Language::of_code(&locale.file_name().to_string_lossy()) == Some(language))
        .filter_map(|locale| std::fs::read_dir(locale.path().join("LC_MESSAGES")).ok())
        .flat_map(|files| files.flatten().map(|file| file.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "mo"))
        .collect();
    files.sort();
    files.iter().take(MOST_FILES).filter_map(|path| file(path)).flatten().collect()
}

fn file(path: &Path) -> Option<Vec<(String, String)>> {
    if std::fs::metadata(path).ok()?.len() > MOST_BYTES {
        return None;
    }
    read(&std::fs::read(path).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file as `msgfmt` writes it, with the lowest byte first or last.
    fn written(pairs: &[(&str, &str)], low_first: bool) -> Vec<u8> {
        let bytes = |number: usize| {
            let number = number as u32;
            if low_first {
                number.to_le_bytes()
            } else {
                number.to_be_bytes()
            }
        };
        let (count, head) = (pairs.len(), 28);
        let mut table = [Vec::new(), Vec::new()];
        let (mut texts, start) = (Vec::new(), head + 16 * count);
        for (side, table) in table.iter_mut().enumerate() {
            for pair in pairs {
                let text = if side == 0 { pair.0 } else { pair.1 };
                table.extend(bytes(text.len()));
                table.extend(bytes(start + texts.len()));
                texts.extend(text.bytes().chain([0]));
            }
        }
        let header = [0x9504_12de, 0, count, head, head + 8 * count, 0, head + 16 * count];
        header.into_iter().flat_map(bytes).chain(table.concat()).chain(texts).collect()
    }

    #[test]
    fn both_byte_orders_are_read_and_broken_files_are_refused() {
        let pairs =
            [("", "header"), ("menu\u{4}Open", "Abrir"), ("file\0files", "archivo\0archivos"), ("x", "")];
        for low_first in [true, false] {
            let file = written(&pairs, low_first);
            let found = read(&file).unwrap();
            assert_eq!(found, [("Open".into(), "Abrir".into()), ("file".into(), "archivo".into())]);
            for length in 0..file.len() {
                // Entries beyond the end are left out, and nothing panics.
                let _ = read(&file[..length]);
            }
            let mut wrong = file.clone();
            wrong[8..12].fill(255);
            assert_eq!(read(&wrong), None);
        }
        assert_eq!(read(b"hello, this is a text"), None);
    }
}
