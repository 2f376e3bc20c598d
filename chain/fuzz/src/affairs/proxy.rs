//! A proxy: an account lets another act for it, at once or after announcing, and ends that again.

use codec::{Decode, Encode};
use myelin_runtime::{proxy::ProxyType, AccountId, Runtime, RuntimeCall, System};
use pallet_proxy::{Announcements, Proxies};
use sp_core::H256;
use sp_io::hashing::blake2_256;

use super::{errand::errand, Affair, Turn};
use crate::{cast::Cast, dice::Dice, scene::View};

type Call = pallet_proxy::Call<Runtime>;

/// One relation.
pub struct Proxy {
    real: AccountId,
    delegate: AccountId,
    kind: ProxyType,
    delay: u32,
    asked: bool,
    /// The call that was announced.
    announced: Option<RuntimeCall>,
}

impl Proxy {
    /// Two coldkeys, and the permission of one to act for the other.
    pub fn begin(dice: &mut Dice, cast: &Cast) -> Self {
        let kinds = [ProxyType::Any, ProxyType::Staking, ProxyType::Transfer, ProxyType::NonCritical];
        Self {
            real: cast.any_coldkey(dice),
            delegate: cast.any_coldkey(dice),
            kind: *dice.pick(&kinds).expect("there are kinds"),
            delay: if dice.chance(50) { 0 } else { 1 + dice.below(10) as u32 },
            asked: false,
            announced: None,
        }
    }

    /// The delegate announces a call, and makes it after the delay, or one of the two drops it.
    fn announce(&mut self, dice: &mut Dice, view: &View, cast: &Cast) -> (AccountId, Call) {
        let (real, delegate) = (self.real.clone(), self.delegate.clone());
        let announced = self.announced.clone().map(|call| {
            let hash = H256(blake2_256(&call.encode()));
            (call, hash, announced_at(&delegate, &real, hash))
        });
        match announced {
            Some((call, call_hash, Some(height))) => match dice.below(10) {
                0 => (delegate, Call::remove_announcement { real: real.into(), call_hash }),
                1 => (real, Call::reject_announcement { delegate: delegate.into(), call_hash }),
                // A little too early, now and then.
                _ if System::block_number() >= height + self.delay || dice.chance(10) => {
                    let (call, force_proxy_type) = (Box::new(call), None);
                    let made = Call::proxy_announced {
                        delegate: delegate.clone().into(),
                        real: real.into(),
                        force_proxy_type,
                        call,
                    };
                    (delegate, made)
                }
                _ => (real, Call::poke_deposit {}),
            },
            _ => {
                let call = errand(dice, view, cast);
                let call_hash = H256(blake2_256(&call.encode()));
                self.announced = Some(call);
                (delegate, Call::announce { real: real.into(), call_hash })
            }
        }
    }
}

/// Block in which a delegate announced this call of an account. The fields are private to the pallet, but their
/// encoding is public.
fn announced_at(delegate: &AccountId, real: &AccountId, hash: H256) -> Option<u32> {
    let (pending, _) = Announcements::<Runtime>::get(delegate);
    let pending = Vec::<(AccountId, H256, u32)>::decode(&mut &pending.encode()[..]).ok()?;
    pending.into_iter().find(|(of, call, _)| of == real && *call == hash).map(|(_, _, height)| height)
}

impl Affair for Proxy {
    fn turn(&mut self, dice: &mut Dice, view: &View, cast: &Cast) -> Turn {
        let (real, delegate, proxy_type, delay) =
            (self.real.clone(), self.delegate.clone(), self.kind, self.delay);
        let (granted, _) = Proxies::<Runtime>::get(&real);
        if !granted.iter().any(|p| p.delegate == delegate && p.proxy_type == proxy_type && p.delay == delay) {
            if std::mem::replace(&mut self.asked, true) {
                return Turn::Over;
            }
            let call = Call::add_proxy { delegate: delegate.into(), proxy_type, delay };
            return Turn::call(real, call);
        }
        let (signer, call) = match dice.below(10) {
            0 => (real, Call::remove_proxy { delegate: delegate.into(), proxy_type, delay }),
            1 if dice.chance(30) => (real, Call::remove_proxies {}),
            _ if delay > 0 => self.announce(dice, view, cast),
            _ => {
                let call = Box::new(errand(dice, view, cast));
                (delegate, Call::proxy { real: real.into(), force_proxy_type: Some(proxy_type), call })
            }
        };
        Turn::call(signer, call)
    }
}
