//! The keys of a test authority.
//!
//! A keystore makes a key anew for each signature. From a phrase that takes 2,048 rounds of a hash on purpose: with
//! blocks of 250 ms a quarter of a node's work. So the node holds the seeds that follow from the phrase.

use sc_service::Error;
use sp_core::{
    crypto::key_types::{AURA, GRANDPA},
    ed25519,
    hexdisplay::HexDisplay,
    sr25519, Pair,
};
use sp_keystore::Keystore;

/// Puts the session keys of `suri`, such as `//One`, into a keystore; nothing is written to the disk.
///
/// # Errors
/// If there is no such key, or the keystore refuses it.
pub fn hold(keystore: &dyn Keystore, suri: &str) -> Result<(), Error> {
    keystore.sr25519_generate_new(AURA, Some(&seed::<sr25519::Pair>(suri)?)).map_err(refused)?;
    keystore.ed25519_generate_new(GRANDPA, Some(&seed::<ed25519::Pair>(suri)?)).map_err(refused)?;
    Ok(())
}

/// The seed of a key, as a keystore reads it.
fn seed<P: Pair>(suri: &str) -> Result<String, Error> {
    let (_, seed) = P::from_string_with_seed(suri, None).map_err(|error| refused(format!("{error:?}")))?;
    let seed = seed.ok_or_else(|| refused("it has no seed"))?;
    Ok(format!("0x{}", HexDisplay::from(&seed.as_ref())))
}

fn refused(why: impl std::fmt::Display) -> Error {
    Error::Other(format!("the keys of the test authority cannot be held: {why}"))
}

#[cfg(test)]
mod tests {
    use sp_keystore::testing::MemoryKeystore;

    use super::*;

    #[test]
    fn the_seeds_make_the_keys_of_the_phrase() {
        let keystore = MemoryKeystore::new();
        hold(&keystore, "//One").expect("a key of a path");
        let (author, voter) = (
            sr25519::Pair::from_string("//One", None).expect("a key of a path"),
            ed25519::Pair::from_string("//One", None).expect("a key of a path"),
        );
        assert_eq!(keystore.sr25519_public_keys(AURA), [author.public()]);
        assert_eq!(keystore.ed25519_public_keys(GRANDPA), [voter.public()]);
        let signed = keystore.ed25519_sign(GRANDPA, &voter.public(), b"vote").expect("it is held");
        assert!(signed.is_some_and(|signature| ed25519::Pair::verify(&signature, b"vote", &voter.public())));
        assert!(hold(&keystore, "//One/soft").is_err(), "a soft path has no seed");
    }
}
