//! Locks: rolling forward, sums, and ownership of a subnet by conviction.

use myelin_economy::conviction::{LockKind, LockRates, LockState};
use myelin_units::{Block, U64F64 as Fixed};
use num_bigint::BigInt;

use super::number::{
    exact, fraction, is_zero, rao, rao_of, u64f64, whole, Exact,
    Format::{I64F64, U64F64},
};

/// 1 + x + Σ_{i=2}^{63} t_i with t_1 = x, t_i = (t_{i−1}·x)/i; e of 23 bits for x = 1; 1/result for a negative x.
pub fn exp(x: &Exact) -> Exact {
    if is_zero(x) {
        return whole(1);
    }
    let magnitude = if *x < whole(0) { -x } else { x.clone() };
    let mut result = I64F64.add(&whole(1), &magnitude);
    if magnitude == whole(1) {
        result = fraction(22_802_600, 1 << 23);
    } else {
        let mut t = magnitude.clone();
        for i in 2..64 {
            t = I64F64.div(&I64F64.mul(&t, &magnitude), &whole(i));
            result = I64F64.add(&result, &t);
        }
    }
    if *x < whole(0) {
        I64F64.div(&whole(1), &result)
    } else {
        result
    }
}

/// exp(−Δ/τ), the exponent not below −40; a τ of 0 leaves nothing.
fn decay(elapsed: u64, tau: u64) -> Exact {
    if tau == 0 {
        return whole(0);
    }
    let exponent = -I64F64.div(&whole(elapsed), &whole(tau));
    U64F64.floor(&exp(&exponent.max(whole(-40))))
}

/// The state at block `now`; m' < 100 rao and c' < 100 is nothing.
pub fn rolled(state: &LockState, now: Block, rates: LockRates, kind: LockKind) -> LockState {
    let next = advanced(state, now, rates, kind);
    if next.locked_mass.to_rao() < 100 && exact(next.conviction) < whole(100) {
        return LockState { last_update: next.last_update, ..LockState::default() };
    }
    next
}

/// A lock for the old owner's hotkey after a takeover in block `ended`: until then its conviction is its mass, and from
/// then on it continues like any other lock.
pub fn after_takeover(
    state: &LockState,
    ended: Block,
    now: Block,
    rates: LockRates,
    perpetual: bool,
) -> LockState {
    let mut then = *state;
    if state.last_update < ended {
        then = advanced(state, ended, rates, LockKind { perpetual, owner: true });
    }
    rolled(&then, now, rates, LockKind { perpetual, owner: false })
}

/// The state at block `now` by the formulas alone.
pub fn advanced(state: &LockState, now: Block, rates: LockRates, kind: LockKind) -> LockState {
    let m = whole(state.locked_mass.to_rao());
    let c = exact(state.conviction);
    let elapsed = now.saturating_sub(state.last_update);
    let (mut mass, mut conviction) = (m.clone(), c.clone());
    if elapsed > 0 {
        let (u, q) = (decay(elapsed, rates.unlock), decay(elapsed, rates.maturity));
        let kept = U64F64.mul(&q, &c);
        let gained = if kind.perpetual {
            U64F64.mul(&m, &(whole(1) - &q))
        } else if rates.unlock == rates.maturity {
            let time = U64F64.div(&whole(elapsed), &whole(rates.maturity));
            U64F64.mul(&U64F64.mul(&m, &time), &q)
        } else {
            // m·(u − q)·(τ_u/(τ_u − τ_m)); both differences have one sign, or the first is 0.
            let (tau_u, tau_m) = (BigInt::from(rates.unlock), BigInt::from(rates.maturity));
            let (spread, difference) =
                if tau_u > tau_m { (&u - &q, &tau_u - tau_m) } else { (&q - &u, tau_m - &tau_u) };
            let spread = spread.max(whole(0));
            U64F64.mul(&U64F64.mul(&m, &spread), &U64F64.div(&whole(tau_u), &whole(difference)))
        };
        if !kind.perpetual {
            mass = U64F64.mul(&m, &u);
        }
        conviction = U64F64.add(&kept, &gained);
    }
    let mass = rao(&mass);
    if kind.owner {
        conviction = whole(mass);
    }
    let last_update = state.last_update.max(now);
    LockState { locked_mass: mass.into(), conviction: u64f64(&conviction), last_update }
}

/// A sum in which one part changes: plus the new, minus the old.
pub fn with_change(sum: &LockState, before: &LockState, after: &LockState) -> LockState {
    let change = |s: u64, b: u64, a: u64| rao_of(BigInt::from(rao_of(BigInt::from(s) + a)) - b);
    let (s, b, a) = (exact(sum.conviction), exact(before.conviction), exact(after.conviction));
    LockState {
        locked_mass: change(
            sum.locked_mass.to_rao(),
            before.locked_mass.to_rao(),
            after.locked_mass.to_rao(),
        )
        .into(),
        conviction: u64f64(&U64F64.sub(&U64F64.add(&s, &a), &b)),
        last_update: sum.last_update.max(after.last_update),
    }
}

/// Of `alpha` that leaves, `unlocked` is free; the rest carries its share of mass and conviction.
pub fn split(state: &LockState, alpha: u64, unlocked: u64) -> (LockState, LockState) {
    let mass = alpha.saturating_sub(unlocked).min(state.locked_mass.to_rao());
    let share = U64F64.div(&whole(mass), &whole(state.locked_mass.to_rao()));
    let conviction = u64f64(&U64F64.mul(&exact(state.conviction), &share));
    let stays = LockState {
        locked_mass: (state.locked_mass.to_rao() - mass).into(),
        conviction: u64f64(&(exact(state.conviction) - exact(conviction))),
        last_update: state.last_update,
    };
    (stays, LockState { locked_mass: mass.into(), conviction, last_update: state.last_update })
}

/// 365.25 days old, alpha outstanding, 10·Σ conviction ≥ outstanding: the largest conviction, ties to the last in
/// order.
pub fn king<A: Ord + Clone>(
    convictions: &[(A, Fixed)],
    alpha_out: u64,
    registered_at: Block,
    now: Block,
) -> Option<A> {
    let old = BigInt::from(now) - registered_at >= BigInt::from(2_629_800);
    let total = convictions.iter().fold(whole(0), |sum, (_, c)| sum + exact(*c));
    if !old || alpha_out == 0 || total * BigInt::from(10) < whole(alpha_out) {
        return None;
    }
    let mut sorted = convictions.to_vec();
    sorted.sort_by(|a, b| a.0.cmp(&b.0));
    let mut king: Option<(A, Fixed)> = None;
    for (hotkey, conviction) in sorted {
        if king.as_ref().is_none_or(|(_, most)| conviction >= *most) {
            king = Some((hotkey, conviction));
        }
    }
    king.map(|(hotkey, _)| hotkey)
}
