//! Blocks that seeds of rounds are drawn from, as the chain has them and as evidence names them.

use myelin_chain_client::Hash;
use myelin_subnet::evidence::KeptSource;
use myelin_wire::hash::from_hex;

/// A block that a round is drawn from, as the chain has it.
#[derive(Clone, Copy)]
pub struct SourceBlock {
    /// Its hash.
    pub hash: Hash,
    /// The beacon's value of it, if seeds are drawn from that instead of the hash.
    pub value: Option<[u8; 32]>,
}

/// The difference between the source that the evidence of a round names and the one that is due, as a line of text.
/// `due` is `None` if the timetable does not draw the round from that block.
pub fn other_source(round: u16, named: &KeptSource, due: Option<SourceBlock>) -> Option<String> {
    let block = named.block;
    let Some(SourceBlock { hash, value }) = due else {
        return Some(format!("round {round}: the timetable does not draw it from block {block}"));
    };
    if from_hex(&named.hash) != Some(hash.0) {
        return Some(format!("round {round}: block {block} is {hash}, and its seeds name 0x{}", named.hash));
    }
    let bytes = |value: &Option<Hash>| value.map_or_else(|| "no value".to_owned(), |value| value.to_string());
    let (due, kept) = (value.map(Hash), named.value.as_deref().map(|kept| from_hex(kept).map(Hash)));
    let (is_right, kept) = (kept.map_or(due.is_none(), |kept| kept.is_some() && kept == due), kept.flatten());
    (!is_right).then(|| {
        format!(
            "round {round}: seeds over block {block} are drawn from {} of the beacon, and its seeds from {}",
            bytes(&due),
            bytes(&kept)
        )
    })
}

#[cfg(test)]
mod tests {
    use myelin_wire::hash::to_hex;

    use super::*;

    #[test]
    fn a_source_needs_the_hash_and_the_value_of_its_block_if_the_chain_draws_from_values() {
        let named = |hash: u8, value: Option<&str>| KeptSource {
            genesis: to_hex(&[0; 32]),
            netuid: 2,
            block: 77,
            hash: to_hex(&[hash; 32]),
            value: value.map(str::to_owned),
        };
        let due =
            |value: Option<u8>| SourceBlock { hash: Hash([1; 32]), value: value.map(|byte| [byte; 32]) };
        let wrong = |named: KeptSource, due| other_source(3, &named, due);
        let five = to_hex(&[5; 32]);
        assert_eq!(wrong(named(1, None), Some(due(None))), None, "evidence by hashes, from before");
        assert_eq!(wrong(named(1, Some(&five)), Some(due(Some(5)))), None);
        let told = |named, due| wrong(named, due).expect("they differ");
        assert!(told(named(1, None), Some(due(Some(5)))).contains("its seeds from no value"));
        assert!(told(named(1, Some(&five)), Some(due(Some(6)))).contains("of the beacon"));
        assert!(told(named(1, Some(&five)), Some(due(None))).contains("drawn from no value"));
        assert!(told(named(1, Some("<b>")), Some(due(None))).contains("of the beacon"));
        assert!(told(named(2, Some(&five)), Some(due(Some(5)))).contains("its seeds name 0x"));
        assert!(told(named(1, None), None).contains("timetable"));
    }
}
