//! The page on governance has the numbers of the table.

use myelin_governance::{
    book::DELEGATION_BOND_DAYS, calls::CALLS, enactment, grant::OBJECTION_DAYS, Curve, Multiplier,
    PerBillion, Track, TRACKS,
};

const PAGE: &str = include_str!("../../../../docs/concepts/governance.md");

fn percent(part: PerBillion) -> String {
    format!("{}", f64::from((part.parts() + 500_000) / 1_000_000) / 10.0)
}

fn falls(curve: &Curve) -> String {
    format!("{} → {} %", percent(curve.threshold(PerBillion::ZERO)), percent(curve.floor()))
}

fn row(track: &Track) -> String {
    let pays = match track.payment {
        PerBillion::ZERO => "–".into(),
        part => format!("{} %", percent(part)),
    };
    let deposit = track.deposit.to_rao() / 1_000_000_000;
    format!(
        "| {} | {deposit} | {} | {} | {} | {} | {} | {} | {} | {pays} |",
        track.name,
        track.most,
        track.prepare,
        track.decision,
        track.confirm,
        track.enactment,
        falls(&track.approval),
        falls(&track.support),
    )
}

#[test]
fn the_page_states_the_table_of_tracks() {
    for track in &TRACKS {
        assert!(PAGE.contains(&row(track)), "write into docs/concepts/governance.md:\n{}", row(track));
    }
}

#[test]
fn the_page_states_every_call_and_multiplier_and_the_committees_bounds() {
    for (pallet, call, kind) in CALLS {
        let row = format!("| `{pallet}.{call}` | {} |", Track::of(kind).name);
        assert!(PAGE.contains(&row), "write into docs/concepts/governance.md:\n{row}");
    }
    for multiplier in Multiplier::ALL {
        let row = format!("| {} | {} |", f64::from(multiplier.halves()) / 2.0, multiplier.bond_days());
        assert!(PAGE.contains(&row), "write into docs/concepts/governance.md:\n{row}");
    }
    for (what, days) in [
        ("delay", enactment::DELAY_DAYS),
        ("brake", enactment::BRAKE_DAYS),
        ("rest of the brake", enactment::BRAKE_REST_DAYS),
        ("delay and brake together", enactment::LONGEST_PAUSE_DAYS),
        ("mark of a hash", enactment::MARK_DAYS),
        ("bond after a delegation", DELEGATION_BOND_DAYS),
        ("objections to a claim", OBJECTION_DAYS),
    ] {
        let row = format!("| {what} | {days} |");
        assert!(PAGE.contains(&row), "write into docs/concepts/governance.md:\n{row}");
    }
}
