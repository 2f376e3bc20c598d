//! Plays of the demo's subnets: a kind of subnet, its roles, and the promises about them.

#[cfg(feature = "analysis")]
mod analysis;
mod backed;
#[cfg(feature = "finance")]
mod finance;
mod graded;
#[cfg(feature = "imaging")]
mod imaging;
#[cfg(feature = "recognition")]
mod recognition;
#[cfg(feature = "scraping")]
mod scraping;
mod text;
#[cfg(feature = "translation")]
mod translation;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;

use super::promises::Promise;
use super::report::Report;
use crate::output::Failure;

/// The play on one subnet.
pub struct Play {
    /// Its name; two plays may be of one kind.
    pub name: &'static str,
    /// The kind of subnet, as `--kind` calls it.
    pub kind: &'static str,
    /// The roles; each is played once unless a file says otherwise.
    pub roles: &'static [Role],
    /// Further lines of the validators' configuration.
    pub judging: &'static str,
    /// The same where other kinds are played on the same machine: a smaller load, where the subnet's own lets a miner
    /// use a core for itself.
    pub judging_beside: &'static str,
    /// Begins a feed that validators ask about: `feeds.toml` in a folder, with its record beside it.
    pub feed: Option<StartFeed>,
    /// TAO of collateral that the subnet and its rules require.
    pub collateral: u64,
    /// Blocks of 250 ms in an epoch.
    pub tempo: u16,
    /// The promises of the play, decided by the report.
    pub promises: fn(&Report) -> Vec<Promise>,
}

/// Begins a feed in a folder.
pub type StartFeed = fn(&Path) -> Result<Feed, Failure>;

/// A feed that grows until this is dropped.
pub struct Feed(Arc<AtomicBool>);

impl Drop for Feed {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Blocks for three rounds of tasks that take up to ten seconds each, with time to spare. Validators whose rounds begin
/// together still get a third each of what a miner can do: to keep apart they need parts of 24 seconds.
const LONG: u16 = 240;

/// Behaviour of a miner.
#[derive(Debug, PartialEq, Eq)]
pub struct Role {
    /// Name of the role in files and tables.
    pub name: &'static str,
    /// Options of the miner's process.
    pub options: &'static [&'static str],
    /// Whether the miner does its best from the first epoch to the last.
    pub steady: bool,
    /// The role whose player gets this miner's tasks passed on.
    pub relays_to: Option<&'static str>,
    /// The artefact that the miner submits to mechanism 1 instead of answering.
    pub submits: Option<&'static [u8]>,
    /// Whether the miner answers requests of mechanism 1 alone.
    pub second: bool,
    /// Whether the miner starts after all others.
    pub late: bool,
    /// Whether the miner locks no collateral where it is required.
    pub unbacked: bool,
}

impl Role {
    /// A miner that answers steadily.
    const fn steady(name: &'static str, options: &'static [&'static str]) -> Self {
        Self {
            name,
            options,
            steady: true,
            relays_to: None,
            submits: None,
            second: false,
            late: false,
            unbacked: false,
        }
    }

    /// A miner that answers unreliably.
    const fn unsteady(name: &'static str, options: &'static [&'static str]) -> Self {
        Self { steady: false, ..Self::steady(name, options) }
    }

    /// The mechanism on which the miner competes.
    pub fn mechanism(&self) -> u8 {
        (self.second || self.submits.is_some()).into()
    }
}

/// The plays of one demo.
#[derive(Clone)]
pub struct Plays(pub Vec<&'static Play>);

impl Plays {
    /// The plays with these names, separated by commas; `all` for the first play of each kind.
    pub fn of(names: &str) -> Result<Self, String> {
        if names != "all" {
            return names.split(',').map(|name| Play::of(name.trim())).collect::<Result<_, _>>().map(Self);
        }
        let mut plays: Vec<&'static Play> = Vec::new();
        for play in Play::ALL.iter().copied() {
            if plays.iter().all(|other| other.kind != play.kind) {
                plays.push(play);
            }
        }
        Ok(Self(plays))
    }

    /// Whether not all plays are of one kind.
    pub fn of_several_kinds(&self) -> bool {
        self.0.windows(2).any(|pair| pair[0].kind != pair[1].kind)
    }
}

impl Play {
    /// All plays; the first is the text play, whose roles a file may choose.
    pub const ALL: &'static [&'static Play] = &[
        &text::PLAY,
        #[cfg(feature = "analysis")]
        &analysis::PLAY,
        #[cfg(feature = "recognition")]
        &recognition::PLAY,
        #[cfg(feature = "finance")]
        &finance::PLAY,
        #[cfg(feature = "translation")]
        &translation::PLAY,
        #[cfg(feature = "scraping")]
        &scraping::PLAY,
        #[cfg(feature = "imaging")]
        &imaging::PLAY,
        &graded::PLAY,
        &backed::PLAY,
    ];

    /// The play with a name.
    pub fn of(name: &str) -> Result<&'static Play, String> {
        let found = Self::ALL.iter().find(|play| play.name == name);
        let known = || Self::ALL.iter().map(|play| play.name).collect::<Vec<_>>().join(", ");
        found.copied().ok_or_else(|| format!("there is no play `{name}`; choose from {}", known()))
    }

    /// The number of mechanisms of the play's subnet.
    pub fn mechanisms(&self) -> u8 {
        1 + self.roles.iter().map(Role::mechanism).max().unwrap_or(0)
    }

    fn names(&self) -> String {
        let names: Vec<&str> = self.roles.iter().map(|role| role.name).collect();
        names.join(", ")
    }
}

/// Roles by miner name, in the order in which the miners register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cast(pub Vec<(String, &'static Role)>);

impl Cast {
    /// Every role of a play once, shuffled by a seed, so that uids do not show quality. Miners are called `PREFIX-1`
    /// and so on.
    pub fn shuffled(play: &Play, seed: u64, prefix: &str) -> Self {
        let mut roles: Vec<&'static Role> = play.roles.iter().collect();
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
        let named = |(i, role)| (format!("{prefix}-{}", i + 1), role);
        Cast(roles.into_iter().enumerate().map(named).collect())
    }

    /// Roles from JSON such as `{"miner-1":"late","miner-2":"garbage"}`.
    ///
    /// The promises concern all roles, so each must occur; several miners may play the same role.
    pub fn from_json(play: &Play, text: &str) -> Result<Self, String> {
        let form = |error: String| {
            let names = play.names();
            format!(
                "the roles file is not JSON of the form {{\"miner-1\":\"late\",…}} with roles {names}: {error}"
            )
        };
        let names: BTreeMap<String, String> =
            serde_json::from_str(text).map_err(|error| form(error.to_string()))?;
        if names.len() > 32 {
            return Err(format!("the roles file names {} miners; at most 32 fit one machine", names.len()));
        }
        let mut cast = Vec::new();
        for (miner, name) in names {
            let role = play.roles.iter().find(|role| role.name == name);
            cast.push((miner, role.ok_or_else(|| form(format!("there is no role `{name}`")))?));
        }
        if let Some(idle) = play.roles.iter().find(|role| !cast.iter().any(|(_, played)| played == role)) {
            return Err(format!(
                "nobody plays `{}`; the demo's promises speak of all of {}",
                idle.name,
                play.names()
            ));
        }
        // miner-2 before miner-10
        cast.sort_by_key(|(name, _)| {
            let digits: String = name.chars().filter(char::is_ascii_digit).collect();
            (digits.parse::<u64>().unwrap_or(u64::MAX), name.clone())
        });
        Ok(Cast(cast))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_decides_the_order_and_every_role_is_played() {
        let text = Play::ALL[0];
        let shuffled = |seed| Cast::shuffled(text, seed, "miner");
        assert_eq!(shuffled(7), shuffled(7));
        assert_ne!(shuffled(1), shuffled(2));
        let played = shuffled(3).0;
        assert!(text.roles.iter().all(|role| played.iter().filter(|(_, found)| *found == role).count() == 1));
        let names = |plays: &str| -> Vec<&str> {
            Plays::of(plays).map(|plays| plays.0.iter().map(|play| play.name).collect()).unwrap_or_default()
        };
        assert_eq!(names("finance, text"), ["finance", "text"]);
        let all = names("all");
        assert!(all.len() == 7 && all.contains(&"imaging") && !all.contains(&"backed"), "{all:?}");
        assert!(names("all,text").is_empty() && names("").is_empty());
        assert!(Play::of("music").err().is_some_and(|error| error.contains("text, analysis, recognition")));
    }

    #[test]
    fn the_order_of_a_seed_stays_what_it_was() {
        let names: Vec<&str> =
            Cast::shuffled(Play::ALL[0], 1, "miner").0.iter().map(|(_, role)| role.name).collect();
        assert_eq!(names, ["garbage", "relay", "ngram", "late", "early", "degrading"]);
    }

    #[test]
    fn a_roles_file_is_read_in_order_or_refused_in_words() {
        let read = |text: &str| Cast::from_json(Play::ALL[0], text);
        let text = r#"{"miner-10":"late","miner-2":"ngram","miner-1":"early","miner-3":"degrading","miner-4":"relay","miner-5":"garbage"}"#;
        let cast = read(text).expect("complete").0;
        let named = |(name, role): &(String, &Role)| (name.clone(), role.name);
        assert_eq!(cast.first().map(named), Some(("miner-1".to_string(), "early")));
        assert_eq!(cast.last().map(named), Some(("miner-10".to_string(), "late")));
        assert!(read(r#"{"miner-1":"genius"}"#).unwrap_err().contains("genius"));
        assert!(read(r#"{"miner-1":"late"}"#).unwrap_err().contains("nobody plays `ngram`"));
    }
}
