use proptest::prelude::*;

use super::*;

fn asked() -> Extension {
    Extension { asked: Some(Asked { epoch: 7, round: 2, block: 4_000 }) }
}

#[test]
fn an_extension_has_golden_bytes() {
    let golden = ["01", "01", "1200", "0700000000000000", "0200", "a00f000000000000"].concat();
    assert_eq!(hex::encode(asked().to_bytes()), golden);
    assert_eq!(asked().hash(), blake2_256(&asked().to_bytes()));
    assert_eq!(Extension::from_bytes(&asked().to_bytes()), Ok(asked()));
}

#[test]
fn nothing_to_say_is_no_bytes_and_the_zero_hash() {
    assert_eq!(Extension::default().to_bytes(), [0; 0]);
    assert_eq!(Extension::default().hash(), NO_EXTENSION);
    assert_eq!(Extension::from_bytes(&[]), Ok(Extension::default()));
}

#[test]
fn what_is_wrong_with_an_extension_is_named_with_its_place() {
    let wrong = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = asked().to_bytes();
        change(&mut bytes);
        Extension::from_bytes(&bytes)
    };
    let malformed = |what, at| Err(RecordError::Malformed { what, at });
    assert_eq!(wrong(&|bytes| bytes[0] = 2), malformed("unknown version of an extension", 0));
    assert_eq!(wrong(&|bytes| bytes[1] = 2), malformed("unknown field of an extension", 1));
    assert_eq!(wrong(&|bytes| bytes[2] = 17), malformed("wrong length of a field", 2));
    assert_eq!(wrong(&|bytes| bytes.truncate(21)), malformed("too short", 21));
    assert_eq!(wrong(&|bytes| bytes.truncate(1)), malformed("too short", 1));
    assert_eq!(wrong(&|bytes| bytes.push(0)), malformed("bytes after the end", 22));
    let above = malformed("an extension above its limit", EXTENSION_LIMIT);
    assert_eq!(wrong(&|bytes| bytes.resize(EXTENSION_LIMIT + 1, 0)), above);
    assert_eq!(wrong(&|bytes| bytes.resize(EXTENSION_LIMIT, 0)), malformed("bytes after the end", 22));
}

proptest! {
    #[test]
    fn an_extension_is_read_back(epoch: u64, round: u16, block: u64) {
        let extension = Extension { asked: Some(Asked { epoch, round, block }) };
        let bytes = extension.to_bytes();
        prop_assert!(bytes.len() <= EXTENSION_LIMIT);
        prop_assert_eq!(Extension::from_bytes(&bytes), Ok(extension));
    }
}
