//! Locks: alpha that a coldkey binds to a hotkey, and the conviction that grows from it with time.
//!
//! A lock has a mass m (rao that may not leave) and a conviction c. Rolling a lock forward by Δ blocks, with
//! u = exp(−Δ/`UnlockRate`) and q = exp(−Δ/`MaturityRate`):
//! * *decaying* (the default): m melts by u; c follows it with the delay of the maturity rate;
//! * *perpetual*: m stays; c approaches m;
//! * in favour of the *subnet owner's* hotkey: c equals m at once.
//!
//! The same rule rolls the sums kept per hotkey, because it is linear in (m, c). A sum therefore equals the total of
//! its locks up to rounding. Every roll of a decaying lock or sum floors its mass, which loses less than 1 rao. When a
//! lock becomes dust, its sum loses the same amount.

use myelin_units::{AlphaBalance, Block, I64F64, U64F64};

/// Below this many rao of mass and conviction a lock is dust and both become 0.
pub const DUST_RAO: u64 = 100;
/// Lower bound of the argument of exp.
const LOWEST_EXPONENT: i64 = -40;

/// State of a lock, or of a sum of locks, at a block. The protocol's `LockState`.
#[cfg_attr(
    feature = "codec",
    derive(codec::Encode, codec::Decode, codec::DecodeWithMemTracking, codec::MaxEncodedLen)
)]
#[cfg_attr(feature = "codec", derive(scale_info::TypeInfo))]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LockState {
    /// m: alpha that may not leave.
    pub locked_mass: AlphaBalance,
    /// c: the conviction that counts for ownership.
    pub conviction: U64F64,
    /// Block to which the state was last rolled.
    pub last_update: Block,
}

/// Behaviour of a lock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LockKind {
    /// `set_perpetual_lock(true)`: the mass does not melt.
    pub perpetual: bool,
    /// In favour of the subnet owner's hotkey.
    pub owner: bool,
}

/// Time constants in blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LockRates {
    /// `UnlockRate`: the mass of a decaying lock falls to 1/e in this time.
    pub unlock: u64,
    /// `MaturityRate`: conviction approaches the mass with this time constant.
    pub maturity: u64,
}

/// Default of both rates: about 130 days of 12 s blocks, half in 90 days.
pub const DEFAULT_LOCK_RATE: u64 = 934_866;

impl Default for LockRates {
    fn default() -> Self {
        LockRates { unlock: DEFAULT_LOCK_RATE, maturity: DEFAULT_LOCK_RATE }
    }
}

impl LockState {
    /// The state at block `now`, with dust removed. A block before the last update changes nothing but owner conviction
    /// and dust.
    pub fn rolled(&self, now: Block, rates: LockRates, kind: LockKind) -> LockState {
        self.advanced(now, rates, kind).without_dust()
    }

    /// The state at block `now` by the formulas alone: dust is kept, so that it can be taken out of a sum.
    pub fn advanced(&self, now: Block, rates: LockRates, kind: LockKind) -> LockState {
        let elapsed = now.saturating_sub(self.last_update);
        let mass = U64F64::from_int(self.locked_mass.to_rao());
        let (mass, conviction) = match (elapsed, kind.perpetual) {
            (0, _) => (mass, self.conviction),
            (_, true) => {
                let keep = decay(elapsed, rates.maturity);
                (mass, keep * self.conviction + mass * (U64F64::ONE - keep))
            }
            (_, false) => self.melted(mass, elapsed, rates),
        };
        let locked_mass = AlphaBalance::from_rao(mass.floor_u64());
        let conviction = if kind.owner { U64F64::from_int(locked_mass.to_rao()) } else { conviction };
        LockState { locked_mass, conviction, last_update: self.last_update.max(now) }
    }

    /// Less than [`DUST_RAO`] of both mass and conviction is nothing.
    pub fn without_dust(&self) -> LockState {
        let dust = self.locked_mass.to_rao() < DUST_RAO && self.conviction < U64F64::from_int(DUST_RAO);
        if dust {
            LockState { last_update: self.last_update, ..LockState::default() }
        } else {
            *self
        }
    }

    /// The state at block `ended`, in which the lock's hotkey stopped being the owner's, if the lock was last rolled
    /// before it. The conviction equalled the mass at that block, as in the sum of the owner's hotkey. Otherwise
    /// returns the state itself.
    pub fn after_ownership(&self, ended: Option<Block>, rates: LockRates, perpetual: bool) -> LockState {
        match ended {
            Some(ended) if self.last_update < ended => {
                self.advanced(ended, rates, LockKind { perpetual, owner: true })
            }
            _ => *self,
        }
    }

    /// Decaying: m' = m·u; c' = q·c + m·(Δ/τ)·q if both rates are τ, else q·c + m·τ_u·(u − q)/(τ_u − τ_m), where a
    /// negative part counts as 0.
    fn melted(&self, mass: U64F64, elapsed: u64, rates: LockRates) -> (U64F64, U64F64) {
        let keep = decay(elapsed, rates.maturity);
        if rates.unlock == rates.maturity {
            let gained = mass * U64F64::from_ratio(elapsed, rates.maturity) * keep;
            return (mass * keep, keep * self.conviction + gained);
        }
        let unlocked = decay(elapsed, rates.unlock);
        // (u − q) and (τ_u − τ_m) have the same sign, since u and q grow with their rates.
        let spread = if rates.unlock > rates.maturity { unlocked - keep } else { keep - unlocked };
        let stretch = U64F64::from_ratio(rates.unlock, rates.unlock.abs_diff(rates.maturity));
        (mass * unlocked, keep * self.conviction + mass * spread * stretch)
    }

    /// Whether mass and conviction are 0, so that the entry may be deleted.
    pub fn is_empty(&self) -> bool {
        self.locked_mass.is_zero() && self.conviction.is_zero()
    }

    /// A lock topped up by `amount`; roll it to the current block first.
    pub fn with_added(&self, amount: AlphaBalance) -> LockState {
        LockState { locked_mass: self.locked_mass.saturating_add(amount), ..*self }
    }

    /// The lock of a holder whose whole holding is worth `total`: lowered to `total` if it exceeds it by at most
    /// `rounding`. A larger gap means that the caller did not see all of the holding, and the lock stays as it is.
    pub fn fitted(&self, total: AlphaBalance, rounding: AlphaBalance) -> LockState {
        let short = self.locked_mass.saturating_sub(total);
        if short > rounding {
            return *self;
        }
        self.split(short, AlphaBalance::ZERO).0
    }

    /// Two locks, or sums of locks, at the same block as one.
    pub fn joined(&self, other: &LockState) -> LockState {
        LockState {
            locked_mass: self.locked_mass.saturating_add(other.locked_mass),
            conviction: self.conviction.saturating_add(other.conviction),
            last_update: self.last_update.max(other.last_update),
        }
    }

    /// A sum of locks in which one lock changed from `before` to `after`. All three are at the same block.
    pub fn with_change(&self, before: &LockState, after: &LockState) -> LockState {
        LockState {
            locked_mass: self
                .locked_mass
                .saturating_add(after.locked_mass)
                .saturating_sub(before.locked_mass),
            conviction: self.conviction.saturating_add(after.conviction).saturating_sub(before.conviction),
            last_update: self.last_update.max(after.last_update),
        }
    }

    /// Splits the lock when `alpha` of a holding leaves, of which `unlocked` is free. The free part leaves first, then
    /// mass with its share of the conviction. Returns the lock that stays and the lock that is carried along.
    pub fn split(&self, alpha: AlphaBalance, unlocked: AlphaBalance) -> (LockState, LockState) {
        let mass = alpha.saturating_sub(unlocked).min(self.locked_mass);
        let share = U64F64::from_ratio(mass.to_rao(), self.locked_mass.to_rao());
        let conviction = (self.conviction * share).min(self.conviction);
        let carried = LockState { locked_mass: mass, conviction, last_update: self.last_update };
        let stays = LockState {
            locked_mass: self.locked_mass.saturating_sub(mass),
            conviction: self.conviction.saturating_sub(conviction),
            last_update: self.last_update,
        };
        (stays, carried)
    }
}

/// `exp(−elapsed/rate)` in I64F64, the argument not below −40; 0 for a rate of 0.
fn decay(elapsed: u64, rate: u64) -> U64F64 {
    if rate == 0 {
        return U64F64::ZERO;
    }
    let exponent = I64F64::ZERO - I64F64::from_ratio(elapsed, rate);
    exponent.max(I64F64::from_int(LOWEST_EXPONENT)).exp().cast()
}

/// Alpha of a coldkey that is free to leave: everything it holds on the subnet less the current mass of its lock.
pub fn available(total: AlphaBalance, locked: AlphaBalance) -> AlphaBalance {
    total.saturating_sub(locked)
}

/// Age, in blocks, from which a subnet can change hands by conviction: 365.25 days of 12 s.
pub const TAKEOVER_AGE: u64 = 2_629_800;

/// Whether a subnet may change hands by conviction at all: it is at least [`TAKEOVER_AGE`] blocks old and has alpha
/// outstanding.
pub fn can_change_hands(alpha_out: AlphaBalance, registered_at: Block, now: Block) -> bool {
    now.saturating_sub(registered_at) >= TAKEOVER_AGE && !alpha_out.is_zero()
}

/// The convictions of a subnet's hotkeys, counted one by one.
#[cfg_attr(feature = "codec", derive(codec::Encode, codec::Decode, scale_info::TypeInfo))]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally<A> {
    /// Sum of all.
    pub total: U64F64,
    /// The largest and whose it is; of equal ones that of the last hotkey in byte order.
    pub leader: Option<(U64F64, A)>,
}

impl<A> Default for Tally<A> {
    fn default() -> Self {
        Tally { total: U64F64::ZERO, leader: None }
    }
}

impl<A: Ord> Tally<A> {
    /// Counts one hotkey; count each once.
    pub fn count(&mut self, hotkey: A, conviction: U64F64) {
        self.total = self.total.saturating_add(conviction);
        let candidate = Some((conviction, hotkey));
        if candidate > self.leader {
            self.leader = candidate;
        }
    }

    /// A hotkey takes the place of another: if that one leads, the new one does.
    pub fn replace(&mut self, old: &A, new: A) {
        if let Some((_, leader)) = self.leader.as_mut().filter(|(_, leader)| leader == old) {
            *leader = new;
        }
    }

    /// The hotkey with the largest conviction, if ten times the sum of all is at least the outstanding alpha.
    pub fn king(self, alpha_out: AlphaBalance) -> Option<A> {
        let enough = self.total * U64F64::from_int(10u64) >= U64F64::from_int(alpha_out.to_rao());
        self.leader.filter(|_| enough).map(|(_, hotkey)| hotkey)
    }
}

/// The hotkey that owns a subnet by conviction, if the rule applies: see [`can_change_hands`] and [`Tally::king`].
/// `convictions` has one entry per hotkey.
pub fn king<A: Ord + Clone>(
    convictions: &[(A, U64F64)],
    alpha_out: AlphaBalance,
    registered_at: Block,
    now: Block,
) -> Option<A> {
    if !can_change_hands(alpha_out, registered_at, now) {
        return None;
    }
    let mut tally = Tally::default();
    for (hotkey, conviction) in convictions {
        tally.count(hotkey.clone(), *conviction);
    }
    tally.king(alpha_out)
}

#[cfg(test)]
mod tests;
