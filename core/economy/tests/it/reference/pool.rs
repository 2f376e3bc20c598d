//! Pools: price, power, weights after an injection, and one swap.

use myelin_economy::pool::{Pool, Rounding, Side};
use num_bigint::BigInt;

use super::number::{floor, fraction, rao, rao_of, whole, Exact, Format::U64F64};

const E18: u64 = 1_000_000_000_000_000_000;

/// A pool in exact numbers: y TAO, x alpha, and the weights in 10⁻¹⁸.
#[derive(Clone)]
pub struct Reserves {
    pub y: BigInt,
    pub x: BigInt,
    pub quote: u64,
}

impl From<&Pool> for Reserves {
    fn from(pool: &Pool) -> Self {
        Reserves {
            y: pool.tao.to_rao().into(),
            x: pool.alpha.to_rao().into(),
            quote: pool.weight.quote_e18(),
        }
    }
}

impl Reserves {
    fn base(&self) -> u64 {
        E18 - self.quote
    }

    /// (w_b/w_q)·(y/x): each quotient floored, product floored; 0 if x = 0.
    pub fn price(&self) -> Exact {
        let weights = U64F64.div(&whole(self.base()), &whole(self.quote));
        U64F64.mul(&weights, &U64F64.div(&whole(self.y.clone()), &whole(self.x.clone())))
    }

    /// Q1 = round(w_b·y·(x+Δx)/10¹⁸), Q2 = round(w_q·x·(y+Δy)/10¹⁸), half up; the new weight is Q2/(Q1+Q2) as a floored
    /// fraction of 10¹⁸, one half if both are 0. `None` outside of 1 % to 99 %.
    pub fn quote_after_injection(&self, tao: u64, alpha: u64) -> Option<u64> {
        let (y, x) = (rao_of(&self.y + tao), rao_of(&self.x + alpha));
        let half_up = |product: BigInt| floor(&(fraction(product, E18) + fraction(1, 2)));
        let q1 = half_up(BigInt::from(self.base()) * &self.y * x);
        let q2 = half_up(BigInt::from(self.quote) * &self.x * y);
        if &q1 + &q2 == BigInt::ZERO {
            return Some(E18 / 2);
        }
        let quote = rao(&fraction(&q2 * E18, q1 + q2));
        (E18 / 100..=E18 / 100 * 99).contains(&quote).then_some(quote)
    }

    /// Buy: ⌊x·(1 − pow(y/(y+d), w_q/w_b))⌋; sell: ⌊y·(1 − pow(x/(x+d), w_b/w_q))⌋. By the curve: exactly for equal
    /// weights; else the pool keeps one 10⁻¹⁸ more than the floored power.
    pub fn out(&self, side: Side, d: u64, rounding: Rounding) -> u64 {
        let (reserve_in, reserve_out, exponent, of) = match side {
            Side::Buy => (&self.y, &self.x, self.quote, self.base()),
            Side::Sell => (&self.x, &self.y, self.base(), self.quote),
        };
        let after = reserve_in + d;
        let power = power_e18(reserve_in, &after, exponent, of);
        match rounding {
            Rounding::Protocol => rao(&((whole(1) - e18(&power).min(whole(1))) * reserve_out)),
            Rounding::Curve if after == BigInt::ZERO => 0,
            Rounding::Curve if exponent == of => rao(&fraction(reserve_out * d, after)),
            Rounding::Curve => rao(&((whole(1) - fraction(power + 1, E18)).max(whole(0)) * reserve_out)),
        }
    }

    fn moved(&self, side: Side, amount_in: u64, amount_out: u64) -> Reserves {
        let mut after = self.clone();
        let (reserve_in, reserve_out) = match side {
            Side::Buy => (&mut after.y, &mut after.x),
            Side::Sell => (&mut after.x, &mut after.y),
        };
        *reserve_in = rao_of(&*reserve_in + amount_in).into();
        *reserve_out = rao_of(&*reserve_out - amount_out).into();
        after
    }

    /// One swap of `offered` with a fee rate and a price limit: (in, fee, out), or the protocol's error name.
    pub fn swap(
        &self,
        side: Side,
        offered: u64,
        rate: u16,
        limit: &Exact,
        rounding: Rounding,
    ) -> Result<(u64, u64, u64), &'static str> {
        let (reserve_in, reserve_out) = match side {
            Side::Buy => (&self.y, &self.x),
            Side::Sell => (&self.x, &self.y),
        };
        // fee = ⌊a·⌊f·2⁶⁴/65535⌋/2⁶⁴⌋.
        let fee = rao(&(U64F64.u16_unit(rate) * BigInt::from(offered)));
        let net = offered - fee;
        if BigInt::from(net) > reserve_in * 1000 {
            return Err("SwapInputTooLarge");
        }
        if *reserve_out < BigInt::from(1_000_000) {
            return Err("ReservesTooLow");
        }
        let beyond = |price: &Exact, from: &Exact| match side {
            Side::Buy => price > from,
            Side::Sell => price < from,
        };
        let price = self.price();
        if !beyond(limit, &price) {
            return Err("PriceLimitExceeded");
        }
        let out = self.out(side, net, rounding);
        let after = self.moved(side, net, out);
        let emptied = side == Side::Buy && after.x == BigInt::ZERO && self.x != BigInt::ZERO;
        let (net, fee, out) = if emptied || beyond(&after.price(), limit) {
            // Buy: d = ⌊y·(pow(L/price, w_b) − 1)⌋; sell: d = ⌊x·(pow(price/L, w_q) − 1)⌋, of the raw numbers.
            let raw = |x: &Exact| (x * (BigInt::from(1) << 64u32)).to_integer();
            let growth = match side {
                Side::Buy => power_e18(&raw(limit), &raw(&price), self.base(), E18),
                Side::Sell => power_e18(&raw(&price), &raw(limit), self.quote, E18),
            };
            let d = rao(&((e18(&growth) - whole(1)) * reserve_in)).min(net);
            let fee = match u16::MAX - rate {
                0 => 0,
                rest => rao(&fraction(BigInt::from(d) * rate, rest)).min(offered - d),
            };
            (d, fee, self.out(side, d, rounding))
        } else {
            (net, fee, out)
        };
        if net > 0 && out == 0 {
            return Err("ReservesTooLow");
        }
        Ok((net, fee, out))
    }
}

/// `e18/10¹⁸` in U64F64.
fn e18(value: &BigInt) -> Exact {
    U64F64.floor(&fraction(value.clone(), E18))
}

/// Fractional bits of logarithms and exponentials; far more than any answer needs to be certain.
const BITS: u32 = 640;
/// Bound on rounding: each of some hundred steps loses less than 2⁻⁶³⁰.
const UNCERTAIN: u32 = 500;

/// ⌊10¹⁸·(n/d)^(p/q)⌋ of the real number, at most 2¹²⁸ − 1.
pub fn power_e18(n: &BigInt, d: &BigInt, p: u64, q: u64) -> BigInt {
    let most = BigInt::from(u128::MAX);
    if n == d {
        return E18.into();
    }
    if *n == BigInt::ZERO {
        return BigInt::ZERO;
    }
    if *d == BigInt::ZERO {
        return most;
    }
    if p == q {
        return floor(&fraction(n * E18, d.clone())).min(most);
    }
    let logarithm = &ln(&fraction(n.clone(), d.clone())) * p / q;
    let ln2 = ln(&whole(2));
    let k = floor(&fraction(logarithm.clone(), ln2.clone()));
    let rest = logarithm - &k * ln2;
    let Ok(k) = i32::try_from(&k) else {
        return if k > BigInt::ZERO { most } else { BigInt::ZERO };
    };
    if k.unsigned_abs() > 400 {
        return if k > 0 { most } else { BigInt::ZERO };
    }
    let scaled = exp(&rest) * E18;
    let scaled = if k >= 0 { scaled << k } else { scaled >> -k };
    let answer = &scaled >> BITS;
    // Where the real number is too near an integer to tell, exact powers of integers decide.
    let margin = (BigInt::from(1) << (BITS - UNCERTAIN)) * E18;
    let part = &scaled - (&answer << BITS);
    let near_above = part < margin;
    let near_below = (BigInt::from(1) << BITS) - &part < margin;
    if !near_above && !near_below || answer >= most {
        return answer.min(most);
    }
    let g = gcd(p, q);
    let (p, q) = (u32::try_from(p / g).expect("small"), u32::try_from(q / g).expect("small"));
    assert!(p <= 1024 && q <= 1024, "640 bits cannot decide ({n}/{d})^({p}/{q})");
    let reached = |k: &BigInt| k.pow(q) * d.pow(p) <= BigInt::from(E18).pow(q) * n.pow(p);
    let candidate: BigInt = if near_below { answer + 1 } else { answer };
    if reached(&candidate) {
        candidate
    } else {
        candidate - 1
    }
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 {
        a
    } else {
        gcd(b, a % b)
    }
}

/// ln of a positive number in units of 2⁻⁶⁴⁰: m·2ᵏ with m in [1, 2) gives 2·atanh((m−1)/(m+1)) + k·2·atanh(1/3).
fn ln(x: &Exact) -> BigInt {
    let (mut m, mut k) = (x.clone(), 0i32);
    while m >= whole(2) {
        m /= BigInt::from(2);
        k += 1;
    }
    while m < whole(1) {
        m *= BigInt::from(2);
        k -= 1;
    }
    let fixed = |x: Exact| floor(&(x * (BigInt::from(1) << BITS)));
    let mantissa = fixed((&m - whole(1)) / (&m + whole(1)));
    2 * atanh(mantissa) + k * 2 * atanh(fixed(fraction(1, 3)))
}

/// Σ z^(2i+1)/(2i+1).
fn atanh(z: BigInt) -> BigInt {
    let square = (&z * &z) >> BITS;
    let (mut power, mut sum) = (z, BigInt::ZERO);
    for i in 0u32.. {
        if power == BigInt::ZERO {
            break;
        }
        sum += &power / (2 * i + 1);
        power = (power * &square) >> BITS;
    }
    sum
}

/// Σ xⁱ/i! for 0 ≤ x < 1.
fn exp(x: &BigInt) -> BigInt {
    let (mut term, mut sum) = (BigInt::from(1) << BITS, BigInt::ZERO);
    for i in 1u32.. {
        if term == BigInt::ZERO {
            break;
        }
        sum += &term;
        term = ((term * x) >> BITS) / i;
    }
    sum
}

/// The most alpha that may move between two pools: 0 if a reserve is 0 or ℓ is above the ratio of the prices, anything
/// for ℓ = 0, else A₂·T₁/(T₁+T₂)/ℓ − A₁·T₂/(T₁+T₂).
pub fn most_between(from: &Reserves, to: &Reserves, ratio_e9: u64) -> u64 {
    let limit = U64F64.div(&whole(ratio_e9), &whole(1_000_000_000));
    let empty = [&from.y, &from.x, &to.y, &to.x].into_iter().any(|reserve| *reserve == BigInt::ZERO);
    if empty || limit > U64F64.div(&from.price(), &to.price()) {
        return 0;
    }
    if ratio_e9 == 0 {
        return u64::MAX;
    }
    let (share_1, share_2) =
        (fraction(from.y.clone(), &from.y + &to.y), fraction(to.y.clone(), &from.y + &to.y));
    let wanted = whole(to.x.clone()) * share_1 / fraction(ratio_e9, 1_000_000_000);
    rao(&(wanted - whole(from.x.clone()) * share_2))
}
