use super::*;

#[test]
fn numbers_of_tracks_are_apart_and_lead_to_their_rows() {
    for (at, kind) in Kind::NETWORK.iter().enumerate() {
        assert_eq!(kind.id(), TrackId(at as u16));
        assert_eq!(kind.id().row().map(|row| row.kind), Some(*kind));
        assert_eq!(kind.id().subnet(), None);
    }
    for netuid in [1, 128, 4095] {
        let id = TrackId::rubrics(netuid).unwrap();
        assert_eq!((id.subnet(), id.kind()), (Some(netuid), Some(Kind::Rubrics)));
    }
    assert_eq!((TrackId::rubrics(0), TrackId::rubrics(4096)), (None, None));
    for grant in [0, 1, 57_341] {
        let id = TrackId::stop(grant).unwrap();
        assert_eq!((id.grant(), id.subnet(), id.kind()), (Some(grant), None, Some(Kind::Stops)));
    }
    assert_eq!((TrackId::stop(57_342), TrackId::stop(u32::MAX)), (None, None));
    for nobody in [7, 4095, 4096, 8192, u16::MAX] {
        let id = TrackId(nobody);
        assert_eq!((id.kind(), id.subnet(), id.grant()), (None, None, None), "{nobody}");
        assert!(TrackId(nobody).row().is_none());
    }
}

#[test]
fn every_kind_has_one_row_that_can_pass_and_be_refused() {
    for kind in Kind::NETWORK.into_iter().chain([Kind::Rubrics, Kind::Stops]) {
        assert_eq!(TRACKS.iter().filter(|row| row.kind == kind).count(), 1, "{kind:?}");
        let row = Track::of(kind);
        assert_eq!(row.kind, kind);
        assert!(row.name.len() <= 25, "the pallet's limit");
        assert!(row.most > 0 && row.deposit > SUBMISSION_DEPOSIT);
        assert!(row.confirm > 0 && row.confirm < row.decision);
        // Whatever a claim waits for begins and takes effect at once. A rubric has its notice after the vote.
        assert_eq!(row.prepare > 0, kind != Kind::Stops);
        assert_eq!(row.enactment > 0, ![Kind::Stops, Kind::Rubrics].contains(&kind));
        let percent = PerBillion::percent;
        assert!(
            row.approval.floor() > percent(50) && row.approval.threshold(PerBillion::ZERO) < PerBillion::ONE
        );
        assert!(row.support.floor() > PerBillion::ZERO);
        assert!(row.prepare < UNDECIDING_TIMEOUT);
    }
}

/// Otherwise a bloc could fill the votes of those who are against it.
#[test]
fn an_account_can_vote_in_all_referenda_that_the_network_decides_at_once() {
    let most: u32 = Kind::NETWORK.iter().map(|kind| Track::of(*kind).most).sum();
    assert!(most as usize <= crate::voter::MAX_VOTES, "{most}");
    for row in &TRACKS {
        assert!(row.most > 1, "one referendum takes the only place of {}", row.name);
        assert!(LEAST_SUPPORT < row.support.floor());
    }
}

#[test]
fn an_enactment_waits_at_least_as_the_table_says_and_at_most_a_month() {
    let chain = Profile::PRODUCTION;
    for row in &TRACKS {
        assert!(row.enactment <= LONGEST_WAIT_DAYS, "{}", row.name);
    }
    assert_eq!(Kind::Upgrade.id().longest_wait(&chain), 30 * 7_200);
    assert_eq!(TrackId::stop(3).unwrap().longest_wait(&chain), 0);
}

#[test]
fn a_third_of_the_electorate_alone_passes_nothing_of_the_network() {
    for kind in Kind::NETWORK {
        assert!(Track::of(kind).support.floor() > PerBillion::from_parts(333_333_333), "{kind:?}");
        assert!(!kind.delegates_support());
    }
}

#[test]
fn the_urgent_track_is_shorter_and_asks_for_more() {
    let (urgent, usual) = (Track::of(Kind::UrgentUpgrade), Track::of(Kind::Upgrade));
    for chain in [Profile::PRODUCTION, Profile::FAST] {
        assert!(urgent.soonest(&chain) < usual.soonest(&chain));
    }
    assert!(urgent.support.floor() > usual.support.floor());
    assert!(urgent.approval.floor() > usual.approval.floor());
    assert_eq!(urgent.soonest(&Profile::PRODUCTION), 4 * 7_200);
}

#[test]
fn an_owner_gives_notice_for_as_long_as_a_vote_on_its_rubric_lasts() {
    let row = Track::of(Kind::Rubrics);
    for chain in [Profile::PRODUCTION, Profile::FAST] {
        assert_eq!(chain.rubric_vote(), days(row.prepare + row.decision + row.confirm, &chain));
        assert!(chain.rubric_bond() > chain.rubric_vote() + chain.rubric_notice());
    }
}

#[test]
fn terms_end_with_a_month_and_are_kept_as_long_as_a_referendum_may_be_old() {
    let chain = Profile::PRODUCTION;
    let month = 30 * 7_200;
    assert_eq!(term_end(0, &chain), 6 * month);
    assert_eq!(term_end(month - 1, &chain), 6 * month);
    assert_eq!(term_end(month, &chain), 7 * month);
    assert_eq!(term_end(150, &Profile::FAST), 7 * 150);
    assert_eq!(kept_since(7 * month, &chain), month);
    assert_eq!(kept_since(0, &chain), 0);
    for row in &TRACKS {
        let longest = UNDECIDING_TIMEOUT + row.decision + row.confirm;
        assert!(days(longest, &chain) < KEPT_MONTHS * month, "{}", row.name);
    }
}
