//! New permits.

/// Blocks after which miners know of a new permit; they read the chain every five.
const PERMIT_KNOWN_AFTER: u64 = 7;

/// Notices when a permit is new. Miners that do not know of it yet would refuse to answer, and should not lose pay for
/// it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct PermitWatch {
    seen_without: bool,
    since: Option<u64>,
}

impl PermitWatch {
    /// First block at which miners can be expected to know of the permit.
    pub(super) fn known_from(&mut self, permit: bool, block: u64) -> u64 {
        if !permit {
            *self = PermitWatch { seen_without: true, since: None };
            return block;
        }
        let since = *self.since.get_or_insert(block);
        if self.seen_without {
            since + PERMIT_KNOWN_AFTER
        } else {
            since
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn miners_get_time_to_hear_of_a_new_permit() {
        let mut watch = PermitWatch::default();
        assert_eq!(watch.known_from(true, 10), 10, "a permit from before the start is known");
        assert_eq!(watch.known_from(false, 20), 20);
        assert_eq!(watch.known_from(true, 30), 37);
        assert_eq!(watch.known_from(true, 36), 37);
        assert_eq!(watch.known_from(true, 99), 37);
    }
}
