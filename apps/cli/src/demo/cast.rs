//! Who plays in the demo: roles, keys and names.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What a miner does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Serves the n-gram model.
    Ngram,
    /// Serves the early checkpoint.
    Early,
    /// Serves the late checkpoint.
    Late,
    /// Serves the late checkpoint until it was paid once, then one stock line for everything.
    Degrading,
    /// Has no model: passes its questions on to another miner.
    Relay,
    /// Answers with random bytes of text.
    Garbage,
}

impl Role {
    /// All roles, each played once unless a file says otherwise.
    pub const ALL: [Role; 6] =
        [Role::Ngram, Role::Early, Role::Late, Role::Degrading, Role::Relay, Role::Garbage];

    /// Its name in files and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Role::Ngram => "ngram",
            Role::Early => "early",
            Role::Late => "late",
            Role::Degrading => "degrading",
            Role::Relay => "relay",
            Role::Garbage => "garbage",
        }
    }
}

/// Roles by miner name, in the order in which the miners register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cast(pub Vec<(String, Role)>);

impl Cast {
    /// The six roles, shuffled by a seed: uids say nothing about quality.
    pub fn shuffled(seed: u64) -> Self {
        let mut roles = Role::ALL.to_vec();
        let mut state = seed ^ 0x9e37_79b9_7f4a_7c15;
        for last in (1..roles.len()).rev() {
            // SplitMix64; a demo's order of roles needs no better randomness.
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut mixed = state;
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            mixed ^= mixed >> 31;
            roles.swap(last, (mixed % (last as u64 + 1)) as usize);
        }
        Cast(roles.into_iter().enumerate().map(|(i, role)| (format!("miner-{}", i + 1), role)).collect())
    }

    /// Roles from JSON such as `{"miner-1":"late","miner-2":"garbage"}`.
    ///
    /// The promises speak of all six roles, so each must occur; a role may be played by several miners.
    pub fn from_json(text: &str) -> Result<Self, String> {
        let roles: BTreeMap<String, Role> = serde_json::from_str(text).map_err(|error| {
            format!(
                "the roles file is not JSON of the form {{\"miner-1\":\"late\",…}} with roles {}: {error}",
                names()
            )
        })?;
        if roles.len() > 32 {
            return Err(format!("the roles file names {} miners; at most 32 fit one machine", roles.len()));
        }
        for role in Role::ALL {
            if !roles.values().any(|played| *played == role) {
                return Err(format!(
                    "nobody plays `{}`; the demo's promises speak of all of {}",
                    role.name(),
                    names()
                ));
            }
        }
        let mut cast: Vec<(String, Role)> = roles.into_iter().collect();
        // miner-2 before miner-10
        cast.sort_by_key(|(name, _)| {
            let digits: String = name.chars().filter(char::is_ascii_digit).collect();
            (digits.parse::<u64>().unwrap_or(u64::MAX), name.clone())
        });
        Ok(Cast(cast))
    }
}

fn names() -> String {
    Role::ALL.map(Role::name).join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_decides_the_order_and_every_role_is_played() {
        assert_eq!(Cast::shuffled(7), Cast::shuffled(7));
        assert_ne!(Cast::shuffled(1), Cast::shuffled(2));
        let mut roles: Vec<Role> = Cast::shuffled(3).0.into_iter().map(|(_, role)| role).collect();
        roles.sort();
        assert_eq!(roles, Role::ALL);
    }

    #[test]
    fn a_roles_file_is_read_in_order_or_refused_in_words() {
        let text = r#"{"miner-10":"late","miner-2":"ngram","miner-1":"early","miner-3":"degrading","miner-4":"relay","miner-5":"garbage"}"#;
        let cast = Cast::from_json(text).expect("complete");
        assert_eq!(cast.0.first(), Some(&("miner-1".to_string(), Role::Early)));
        assert_eq!(cast.0.last(), Some(&("miner-10".to_string(), Role::Late)));
        assert!(Cast::from_json(r#"{"miner-1":"genius"}"#).unwrap_err().contains("genius"));
        assert!(Cast::from_json(r#"{"miner-1":"late"}"#).unwrap_err().contains("nobody plays `ngram`"));
    }
}
