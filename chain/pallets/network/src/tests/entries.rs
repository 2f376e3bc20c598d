//! Long loops reach the same entries as the storage API.

use super::mock::*;
use crate::{
    alpha_assets::AlphaBurned,
    entries::{Accounts, Entries},
    pallet::*,
    stake::StakeBatch,
    stake::StakeLedger,
};
use myelin_economy::shares::ShareFloat;
use myelin_units::AlphaBalance;

#[test]
fn entries_are_those_of_the_storage_api() {
    on_chain(|| {
        let mut accounts = Accounts::new();
        let (netuid, place) = (0x0102u16, 0x0304u16.to_le_bytes());
        TotalHotkeyAlpha::<Test>::insert(hotkey(1), 0x0304, alpha(5));
        let mut totals = Entries::<TotalHotkeyAlpha<Test>, AlphaBalance>::new();
        assert_eq!(totals.at().part(accounts.key(&hotkey(1))).part(&place).get(), Some(alpha(5)));
        assert_eq!(totals.at().part(accounts.key(&hotkey(2))).part(&place).get(), None);
        totals.at().part(accounts.key(&hotkey(2))).part(&place).put(&alpha(6));
        assert_eq!(TotalHotkeyAlpha::<Test>::get(hotkey(2), 0x0304), alpha(6));

        let mut shares = Entries::<AlphaV2<Test>, ShareFloat>::new();
        let entry = shares.at().part(accounts.key(&hotkey(1))).part(accounts.key(&coldkey(1)));
        entry.part(&place).put(&ShareFloat::from_int(7));
        let key = (hotkey(1), coldkey(1), 0x0304);
        assert_eq!(AlphaV2::<Test>::get(&key), ShareFloat::from_int(7));

        // A row longer than those before it, and the short one after it.
        let rows = [vec![(1u16, 1u16)], (0..300).map(|uid| (uid, 2)).collect(), vec![]];
        for (uid, row) in (0..).zip(&rows) {
            Weights::<Test>::insert(netuid, uid, row);
        }
        let read: Vec<_> = Entries::<Weights<Test>, _>::new().by_uid(netuid, [true; 4].into_iter()).collect();
        assert_eq!(read, [Some(rows[0].clone()), Some(rows[1].clone()), Some(rows[2].clone()), None]);
        let wanted = [false, true].into_iter();
        let read: Vec<_> = Entries::<Weights<Test>, _>::new().by_uid(netuid, wanted).collect();
        assert_eq!(read, [None, Some(rows[1].clone())]);
        for uid in 0..3 {
            Weights::<Test>::remove(netuid, uid);
        }
        TotalHotkeyAlpha::<Test>::remove(hotkey(1), 0x0304);
        TotalHotkeyAlpha::<Test>::remove(hotkey(2), 0x0304);
        AlphaV2::<Test>::remove(&key);
    });
}

#[test]
fn credits_booked_together_do_what_each_does_alone() {
    let credits = [(1u16, 1u8, 5u64), (1, 2, 7), (2, 1, 1), (1, 1, 9), (3, 3, 0), (1, 2, 1_000_000_007)];
    let raises = [(1u16, 11u64), (4, 3)];
    let state = |netuid| {
        let pots = [1u16, 2, 3, 4].map(|i| {
            (
                TotalHotkeyAlpha::<Test>::get(hotkey(i), netuid),
                TotalHotkeySharesV2::<Test>::get(hotkey(i), netuid),
            )
        });
        let held =
            [1u16, 2, 3].map(|i| [1u8, 2, 3].map(|j| AlphaV2::<Test>::get((hotkey(i), coldkey(j), netuid))));
        let listed = [1u8, 2, 3].map(|j| StakingHotkeys::<Test>::get(coldkey(j)));
        (pots, held, listed, AlphaBurned::<Test>::get(netuid))
    };
    let total: u64 = credits.iter().map(|c| c.2).chain(raises.iter().map(|r| r.1)).sum();
    let prepare = || {
        let netuid = subnet().started().with_neurons(5).create();
        crate::pools::PoolReserves::<Test>::mint_out(netuid, AlphaBalance::from_rao(total));
        netuid
    };
    let mut outcomes = Vec::new();
    on_chain(|| {
        let netuid = prepare();
        for (i, j, rao) in credits {
            StakeLedger::<Test>::credit(&hotkey(i), &coldkey(j), netuid, AlphaBalance::from_rao(rao));
        }
        for (i, rao) in raises {
            let amount = AlphaBalance::from_rao(rao);
            let placed = StakeLedger::<Test>::raise_all(&hotkey(i), netuid, amount);
            crate::pools::PoolReserves::<Test>::burn_out(netuid, amount.saturating_sub(placed));
        }
        outcomes.push(state(netuid));
    });
    on_chain(|| {
        let netuid = prepare();
        let mut accounts = Accounts::new();
        let mut batch = StakeBatch::<Test>::on(netuid, &mut accounts);
        for (i, j, rao) in credits {
            batch.credit(&hotkey(i), &coldkey(j), AlphaBalance::from_rao(rao));
        }
        for (i, rao) in raises {
            batch.raise_all(&hotkey(i), AlphaBalance::from_rao(rao));
        }
        batch.book();
        outcomes.push(state(netuid));
    });
    assert_eq!(outcomes[0], outcomes[1]);
    assert!(!outcomes[0].3.is_zero(), "hotkey 4 has no holders");
}
