//! Draws the tasks of a round before it starts.
//!
//! A round's seeds are known at its source block, and it starts some minutes later ([`RoundPlan::start_block`]). In
//! between, all cores draw tasks, batch by batch in the order in which they will be asked, until there is room for no
//! more. What was not drawn ahead is drawn when it is needed, and is the same: a task follows from its seed. Tasks that
//! are judged later ([`Subnet::maturity`]) may show the world as it is when they are asked, so they are drawn then.
//!
//! Tasks are held in the form in which evidence keeps them, so their bytes can be counted. They stay in memory: nobody
//! may learn them before they are asked, so nothing here is written or sent.
//!
//! [`RoundPlan::start_block`]: myelin_wire::seed::RoundPlan::start_block

use std::{
    collections::HashMap,
    panic::{catch_unwind, AssertUnwindSafe},
    sync::{
        atomic::{AtomicBool, AtomicUsize, Ordering},
        Arc, Mutex, MutexGuard, PoisonError,
    },
};

use myelin_wire::{
    seed::{Audience, Seed},
    AccountId,
};

use super::draw::{draw_batch, Occasion};
use crate::{
    evaluation::{DrawnTask, SeedReference},
    subnet::{Challenge, Share, Subnet, SubnetError, TaskPlan},
};

/// Bytes of tasks that are held before a round.
pub const AHEAD_BYTES: usize = 256 << 20;
/// Bytes that a task, and a batch, take beside their texts.
const BESIDE: usize = 128;

/// Tasks that are drawn together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Piece {
    /// Those that every miner gets.
    Open,
    /// Those for what was submitted.
    Shared,
    /// A batch of one miner's own, on a mechanism or on all.
    Own(AccountId, Option<u8>, u16),
}

impl Piece {
    /// The miners that get them.
    pub fn audience(&self) -> Audience {
        match self {
            Piece::Open | Piece::Shared => Audience::Round,
            Piece::Own(hotkey, ..) => Audience::Miner(*hotkey),
        }
    }

    /// The miners that get tasks of these kinds, the only mechanism, and the batch.
    fn parts(&self) -> (Share, Option<u8>, u16) {
        match self {
            Piece::Open => (Share::Round, None, 0),
            Piece::Shared => (Share::Network, None, 0),
            Piece::Own(_, only, batch) => (Share::Miner, *only, *batch),
        }
    }

    /// Whether some of these tasks are judged later than they are asked.
    pub fn matures<S: Subnet>(&self, subnet: &S, plans: &[TaskPlan]) -> bool {
        let (share, ..) = self.parts();
        plans.iter().any(|plan| plan.share == share && plan.count > 0 && subnet.maturity(plan).is_some())
    }

    /// Draws these tasks from their seed. A panic of the subnet's code is an error with its reason.
    pub fn draw<S: Subnet>(
        &self,
        subnet: &S,
        seed: (&Seed, SeedReference),
        plans: &[TaskPlan],
        state: &S::State,
    ) -> Result<Vec<DrawnTask<S>>, SubnetError> {
        let (share, only, batch) = self.parts();
        let plans: Vec<&TaskPlan> = plans.iter().filter(|plan| plan.share == share).collect();
        let wanted = |plan: &TaskPlan| only.is_none_or(|only| plan.mechanism == only);
        guarded(|| draw_batch(subnet, seed, self.audience(), &plans, batch, wanted, state))
    }
}

/// The result of the subnet's code, or an error if it panics.
fn guarded<T>(code: impl FnOnce() -> Result<T, SubnetError>) -> Result<T, SubnetError> {
    catch_unwind(AssertUnwindSafe(code)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<&str>().copied();
        let reason = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        let found = format!("the subnet's code panicked: {}", reason.unwrap_or("without a reason"));
        Err(SubnetError::new("drawing tasks", found, "report it to the subnet's author"))
    })
}

/// Pieces with their seeds, in the order in which they will be asked.
pub type Orders = Vec<(Piece, Seed, SeedReference)>;

/// Tasks that are being drawn for a round. Drawing ends when this is dropped.
pub struct Ahead<S: Subnet> {
    occasion: Occasion,
    stock: Arc<Stock<S>>,
}

impl<S: Subnet> Ahead<S> {
    /// Begins to draw on so many threads, with room for so many bytes.
    pub fn start(
        subnet: Arc<S>,
        state: S::State,
        occasion: Occasion,
        orders: Orders,
        (threads, room): (usize, usize),
    ) -> Self {
        let plans = subnet.tasks();
        let stock = Arc::new(Stock {
            subnet,
            state,
            plans,
            orders,
            next: AtomicUsize::new(0),
            ended: AtomicBool::new(false),
            at_work: AtomicUsize::new(threads),
            room,
            held: Mutex::default(),
        });
        for _ in 0..threads {
            let stock = stock.clone();
            std::thread::spawn(move || {
                stock.fill();
                stock.at_work.fetch_sub(1, Ordering::Release);
            });
        }
        Self { occasion, stock }
    }

    /// The round for which tasks are drawn.
    pub fn occasion(&self) -> &Occasion {
        &self.occasion
    }

    /// Whether everything is drawn, or as much as there is room for.
    pub fn is_done(&self) -> bool {
        self.stock.at_work.load(Ordering::Acquire) == 0
    }

    /// Ends drawing; what is there stays.
    pub fn end(self) -> Arc<Stock<S>> {
        self.stock.clone()
    }
}

impl<S: Subnet> Drop for Ahead<S> {
    fn drop(&mut self) {
        self.stock.ended.store(true, Ordering::Relaxed);
    }
}

/// Tasks that were drawn ahead.
pub struct Stock<S: Subnet> {
    subnet: Arc<S>,
    state: S::State,
    plans: Vec<TaskPlan>,
    orders: Orders,
    /// Place of the first piece that nobody draws yet.
    next: AtomicUsize,
    ended: AtomicBool,
    /// Threads that still draw.
    at_work: AtomicUsize,
    room: usize,
    held: Mutex<Held>,
}

/// Pieces with the bytes that they take.
#[derive(Default)]
struct Held {
    bytes: usize,
    pieces: HashMap<Piece, (SeedReference, Vec<Text>)>,
}

/// A task as JSON.
struct Text {
    /// Place of its plan.
    plan: usize,
    number: u16,
    request: Box<[u8]>,
    hidden: Box<[u8]>,
}

impl<S: Subnet> Stock<S> {
    /// Takes out a piece; `None` if it is not there.
    pub fn take(&self, piece: &Piece) -> Option<Vec<DrawnTask<S>>> {
        let (reference, texts) = {
            let mut held = self.held();
            let taken = held.pieces.remove(piece)?;
            held.bytes = held.bytes.saturating_sub(size(&taken.1));
            taken
        };
        let read = |text: Text| {
            let request = serde_json::from_slice(&text.request).ok()?;
            let hidden = serde_json::from_slice(&text.hidden).ok()?;
            Some(DrawnTask {
                plan: self.plans.get(text.plan)?.clone(),
                number: text.number,
                seed: reference,
                audience: piece.audience(),
                challenge: Challenge { request, hidden },
            })
        };
        texts.into_iter().map(read).collect()
    }

    /// Bytes that the tasks take.
    pub fn bytes(&self) -> usize {
        self.held().bytes
    }

    /// Draws one piece after another.
    fn fill(&self) {
        while !self.ended.load(Ordering::Relaxed) {
            let Some((piece, seed, reference)) = self.orders.get(self.next.fetch_add(1, Ordering::Relaxed))
            else {
                return;
            };
            let draw = || {
                Ok(self.texts(&piece.draw(&*self.subnet, (seed, *reference), &self.plans, &self.state)?))
            };
            let texts = match guarded(draw) {
                Ok(Some(texts)) => texts,
                Ok(None) => continue,
                // The draw is repeated when its tasks are needed. If it fails again, the round reports it.
                Err(error) => {
                    tracing::warn!(%error, "a task could not be drawn ahead");
                    continue;
                }
            };
            let (bytes, mut held) = (size(&texts), self.held());
            if held.bytes + bytes > self.room {
                self.ended.store(true, Ordering::Relaxed);
                return;
            }
            held.bytes += bytes;
            held.pieces.insert(*piece, (*reference, texts));
        }
    }

    fn texts(&self, tasks: &[DrawnTask<S>]) -> Option<Vec<Text>> {
        let text = |task: &DrawnTask<S>| {
            Some(Text {
                plan: self.plans.iter().position(|plan| *plan == task.plan)?,
                number: task.number,
                request: serde_json::to_vec(&task.challenge.request).ok()?.into(),
                hidden: serde_json::to_vec(&task.challenge.hidden).ok()?.into(),
            })
        };
        tasks.iter().map(text).collect()
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Bytes of a piece.
fn size(texts: &[Text]) -> usize {
    BESIDE + texts.iter().map(|text| text.request.len() + text.hidden.len() + BESIDE).sum::<usize>()
}
