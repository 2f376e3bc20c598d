//! One hostile referendum: the bloc votes for it on the first day, everybody else who votes at all is against it,
//! except for delegates that are paid.

use myelin_economy::profile::Profile;
use myelin_governance::{
    book, memory::Memory, track::days, Asset, Curve, Deciding, Kind, Multiplier, PerBillion, Poll, Prices,
    Progress, Standing, Tally, Track, TrackId, Voter,
};

const CHAIN: Profile = Profile::PRODUCTION;
/// All power, in rao.
const ALL: f64 = 1e16;
/// Other holders. The size of the n-th is 1/n of the largest.
const HOLDERS: u32 = 160;
/// Delegates; those who delegate choose among them evenly.
const DELEGATES: u32 = 20;
const BLOC: u32 = 0;
const FIRST_DELEGATE: u32 = 1;
const FIRST_HOLDER: u32 = FIRST_DELEGATE + DELEGATES;
const POLL: u32 = 0;

/// The other holders.
#[derive(Clone, Copy, Debug)]
pub struct Crowd {
    /// Part of their power that votes itself.
    pub turnout: f64,
    /// Part of their power that delegates.
    pub delegating: f64,
    /// Part of the delegates that vote as the bloc pays them to.
    pub bribed: f64,
    /// Part of delegations that nobody looked at for longer than a term.
    pub stale: f64,
    /// Part of those who did not vote that wakes up on each day on which the referendum passes.
    pub alarm: f64,
}

impl Crowd {
    /// Three holders in ten delegate, and half of these do not look any more; half a percent wakes up a day.
    pub const DEFAULT: Self = Self { turnout: 0.2, delegating: 0.3, bribed: 0.5, stale: 0.5, alarm: 0.005 };

    /// The part of delegates that takes a bribe of `ratio` times what an average delegate loses with its name. Losses
    /// are spread evenly from half of the average to one and a half.
    pub fn bribed_by(ratio: f64) -> f64 {
        (ratio - 0.5).clamp(0.0, 1.0)
    }
}

/// The rules of a vote: a track, and three mechanisms that can be off.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    pub track: Track,
    /// Largest multiplier, in halves.
    pub halves: u128,
    /// Delegated power counts as support.
    pub delegates_support: bool,
    /// Delegations end.
    pub terms: bool,
}

impl Rules {
    /// The rules of a kind as they are.
    pub fn table(kind: Kind) -> Self {
        Self { track: *Track::of(kind), halves: 4, delegates_support: kind.delegates_support(), terms: true }
    }

    /// The track: that of the network, of one subnet, or of one grant.
    fn id(&self) -> TrackId {
        match self.track.kind {
            Kind::Rubrics => TrackId::rubrics(1).expect("a subnet's number"),
            Kind::Stops => TrackId::stop(0).expect("a grant's number"),
            kind => kind.id(),
        }
    }

    /// From a bare majority of votes to the track of upgrades, one mechanism more at each step.
    pub fn steps() -> [(&'static str, Self); 6] {
        let upgrade = Track::of(Kind::Upgrade);
        let flat = |percent| {
            let level = PerBillion::percent(percent);
            Curve::Linear { length: PerBillion::ONE, floor: level, ceil: level }
        };
        let bare = Track { confirm: 1, approval: flat(50), support: flat(0), ..*upgrade };
        let first = Self { track: bare, halves: 12, delegates_support: true, terms: false };
        let multiplier = Self { halves: 4, ..first };
        let terms = Self { terms: true, ..multiplier };
        let approval = Self { track: Track { approval: upgrade.approval, ..bare }, ..terms };
        let support = Self { track: Track { support: upgrade.support, ..approval.track }, ..approval };
        let own = Self { track: *upgrade, delegates_support: false, ..support };
        [
            ("majority of votes, multiplier up to 6", first),
            ("multiplier at most 2", multiplier),
            ("delegations end", terms),
            ("approval of two thirds", approval),
            ("support of 34 %", support),
            ("support by own votes, confirmation of 7 days: the table", own),
        ]
    }
}

/// Numbers from 0 to 1, the same on every machine.
struct Draws(u64);

impl Draws {
    fn next(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// The vote of an account, and its day.
struct Plan {
    day: u32,
    who: u32,
    aye: bool,
}

/// Whether a bloc with the part `bloc` of all power wins.
pub fn wins(bloc: f64, rules: &Rules, crowd: &Crowd, seed: u64) -> bool {
    let mut draws = Draws(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let mut vote = Vote::open(rules);
    vote.lock(BLOC, bloc * ALL);
    let mut plans = vec![Plan { day: 0, who: BLOC, aye: true }];
    let asleep = vote.settle_crowd(bloc, crowd, &mut draws, &mut plans);
    vote.run(plans, asleep, crowd, &mut draws)
}

struct Vote<'a> {
    rules: &'a Rules,
    book: Memory,
}

impl<'a> Vote<'a> {
    fn open(rules: &'a Rules) -> Self {
        let mut book = Memory::new(CHAIN);
        // Old enough for delegations to have ended.
        book.now = days(400, &CHAIN);
        book.notes.insert(book.now, Prices::default());
        let tally = Tally::new(ALL as u128, book.now);
        let track = rules.id();
        book.polls.insert(POLL, Poll { track, tally, standing: Standing::Open, barred: None });
        Self { rules, book }
    }

    fn lock(&mut self, who: u32, rao: f64) {
        let asset = self.rules.id().subnet().map_or(Asset::Free, Asset::Stake);
        book::lock(&mut self.book, &who, asset, rao as u64, u64::MAX).expect("there is power");
    }

    /// Gives the other holders their power, delegations and days, and returns those who sleep.
    fn settle_crowd(
        &mut self,
        bloc: f64,
        crowd: &Crowd,
        draws: &mut Draws,
        plans: &mut Vec<Plan>,
    ) -> Vec<u32> {
        let decision = f64::from(self.rules.track.decision);
        let whole: f64 = (1..=HOLDERS).map(|n| 1.0 / f64::from(n)).sum();
        let (mut voting, mut delegating, mut asleep) = (0.0, 0.0, Vec::new());
        let mut holders: Vec<u32> = (0..HOLDERS).collect();
        holders.sort_by_cached_key(|_| (draws.next() * 1e9) as u64);
        for n in holders {
            let who = FIRST_HOLDER + n;
            let part = 1.0 / f64::from(n + 1) / whole;
            let power = (1.0 - bloc) * ALL * part;
            // A large holder may have room in no group; it is split, as if it were several.
            let votes = (crowd.turnout - voting).clamp(0.0, part) / part;
            let lends = (crowd.delegating - delegating).clamp(0.0, part * (1.0 - votes)) / part;
            voting += votes * part;
            delegating += lends * part;
            self.settle(who, power * votes);
            if power * votes >= 1e9 {
                let day = (draws.next() * decision * 0.7) as u32;
                plans.push(Plan { day, who, aye: false });
            }
            if power * lends >= 1e9 {
                self.lend(who + HOLDERS, power * lends, draws.next() < crowd.stale, n);
                asleep.push(who + HOLDERS);
            }
            let rest = power * (1.0 - votes - lends);
            if rest >= 1e9 {
                self.settle(who + 2 * HOLDERS, rest);
                asleep.push(who + 2 * HOLDERS);
            }
        }
        let bribed = (crowd.bribed * f64::from(DELEGATES)).round() as u32;
        for n in 0..DELEGATES {
            let day = (draws.next() * decision * 0.5) as u32;
            plans.push(Plan { day, who: FIRST_DELEGATE + n, aye: n < bribed });
        }
        asleep
    }

    /// Puts power under the vote lock, if it is a whole TAO.
    fn settle(&mut self, who: u32, rao: f64) {
        if rao >= 1e9 {
            self.lock(who, rao);
        }
    }

    /// A delegation, made long ago if it is stale.
    fn lend(&mut self, who: u32, rao: f64, stale: bool, n: u32) {
        self.lock(who, rao);
        let now = self.book.now;
        if stale && self.rules.terms {
            self.book.now = 0;
        }
        let to = FIRST_DELEGATE + n % DELEGATES;
        book::delegate(&mut self.book, &who, self.rules.id(), &to).expect("it has power and no delegation");
        self.book.now = now;
    }

    /// The decision, day by day.
    fn run(mut self, plans: Vec<Plan>, mut asleep: Vec<u32>, crowd: &Crowd, draws: &mut Draws) -> bool {
        let mut deciding = Deciding::begin(self.book.now);
        let since = self.book.now;
        for day in 0..200 {
            self.book.now = since + days(day, &CHAIN);
            for plan in plans.iter().filter(|plan| plan.day == day) {
                self.cast(plan.who, plan.aye);
            }
            match deciding.next(&self.rules.track, &CHAIN, &self.tally(), self.book.now) {
                Progress::Approved => return true,
                Progress::Rejected => return false,
                Progress::Open(next) => deciding = next,
            }
            if deciding.confirming.is_some() {
                asleep.retain(|who| {
                    let wakes = draws.next() < crowd.alarm;
                    if wakes {
                        self.cast(*who, false);
                    }
                    !wakes
                });
            }
        }
        false
    }

    fn cast(&mut self, who: u32, aye: bool) {
        let multiplier = if who == BLOC { Multiplier::Two } else { Multiplier::One };
        match book::cast(&mut self.book, &who, POLL, aye, multiplier) {
            // A delegate whom nobody chose has no power.
            Ok(_) | Err(book::VoteError::TooLittle { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }

    /// The tally, with what the mechanisms that are off would add.
    fn tally(&self) -> Tally {
        let mut tally = self.book.polls[&POLL].tally;
        let vote = |voter: &Voter<u32>| voter.cast(POLL).copied();
        if let Some(bloc) = self.book.voters.get(&BLOC).and_then(vote) {
            tally.ayes += bloc.own * (self.rules.halves - 4);
        }
        if self.rules.delegates_support && !self.rules.track.kind.delegates_support() {
            let ayes = self.book.voters.values().filter_map(vote).filter(|cast| cast.aye);
            tally.support += ayes.map(|cast| cast.delegated).sum::<u128>();
        }
        tally
    }
}
