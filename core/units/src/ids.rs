//! Identifiers of the protocol.

/// Number of a subnet; 0 is the root network.
pub type NetUid = u16;
/// Number of a neuron (a registered hotkey) inside one subnet, dense from 0.
pub type Uid = u16;
/// Number of a mechanism inside one subnet; 0 is the main one.
pub type MechId = u8;
/// Height of a block.
pub type Block = u64;

/// The root network.
pub const ROOT: NetUid = 0;
/// Distance between the storage indices of two mechanisms of one subnet, hence the number of possible
/// subnets.
pub const MECHANISM_STRIDE: u16 = 4096;

/// The combined index under which weights, bonds, incentives, last updates and commits of one mechanism are
/// stored: `mecid · 4096 + netuid`.
///
/// Legal arguments are `netuid < 4096` and `mecid < 16`; others wrap modulo 2¹⁶ instead of panicking.
pub const fn storage_index(netuid: NetUid, mecid: MechId) -> u16 {
    (mecid as u16).wrapping_mul(MECHANISM_STRIDE).wrapping_add(netuid)
}

/// The subnet of such an index.
pub const fn subnet_of_index(index: u16) -> NetUid {
    index % MECHANISM_STRIDE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn storage_index_combines_mechanism_and_subnet() {
        assert_eq!(storage_index(12, 1), 4108);
        assert_eq!(storage_index(4095, 15), u16::MAX);
        assert_eq!(storage_index(7, 0), 7);
    }

    #[test]
    fn an_index_tells_its_subnet() {
        assert_eq!(subnet_of_index(4108), 12);
        assert_eq!(subnet_of_index(u16::MAX), 4095);
        assert_eq!(subnet_of_index(7), 7);
    }
}
