//! `Beacon`: the switch to its strict rules. An addition of this network.

use codec::{Decode, Encode};
use scale_info::TypeInfo;

use super::Call;

calls! { "Beacon"
    /// Demands contributions of authors, as root.
    demand_contributions => DemandContributions {
        /// Blocks until the first block that needs one.
        after: u32,
    }
}
