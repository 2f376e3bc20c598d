//! Does a miner run the model that it declares?
//!
//! With every answer a miner may say which model gave it, which tokens were drawn, and what the logarithms of their
//! probabilities were ([`Declared`]). A validator that holds the model reads the tokens once with its own copy
//! ([`TextModel::retrace`]) and asks two things:
//!
//! | question | evidence | what it finds |
//! |---|---|---|
//! | Are these the numbers of this model? | the mean difference, against what honest engines differ by | other weights, coarser weights, another prompt, a shorter context |
//! | Were the tokens drawn from it? | the likelihood ratio against a flatter distribution | a cheap model that writes, whose text the true one only reads |
//!
//! **Sums.** Evidence is counted in millionths of a nat and added up for each miner: `sum = max(0, sum + evidence)`.
//! For honest miners the mean of `e^evidence` is at most 1 in both kinds. It holds exactly for the second kind,
//! whatever the model. It holds for the first as long as at most one honest answer of a thousand differs by more than
//! [`TOLERANCE`]. From a given answer on, such a sum reaches `x` nats with a chance of at most `e^-x`. So within 20
//! answers either sum reaches [`FOUND`] with a chance of less than 1 in 1,400. Nothing else is assumed of the noise.
//!
//! **Which engines are honest.** Those that compute with single or half precision, in any order: they differ from ours
//! by millionths of a nat and by up to five thousandths. An engine that keeps brain floats (8 bits) between operations
//! differs by as much as one with weights of 8 bits, and is found like it.
//!
//! **Every answer may count**, whatever the request and its sender: a validator examines some of the answers that it
//! judges, and nobody else knows which. Requests that check have no form of their own. A miner that runs the true model
//! only for requests that look like checks is found by everything else that it signs.
//!
//! **Consequences.** While a sum stands at [`FOUND`] or above, answers that declare the model are not paid. An answer
//! whose tokens cannot be its text is never paid. Honest answers lower the sum again.

use std::{collections::BTreeMap, sync::Arc};

use myelin_lm::{
    model::{Retrace, TextModel, Trace},
    sampling::is_greedy,
};
use myelin_subnet::past::UsedUp;
use myelin_wire::{
    hash::{from_hex, to_hex},
    AccountId,
};
use serde::{Deserialize, Serialize};

use crate::{
    protocol::{TextRequest, TextResponse, MAX_TOKENS},
    rating::Sayings,
    verifiable::grade::Ladder,
};

/// A mean difference that honest engines exceed once in a thousand answers at most: 6 thousandths of a nat.
pub const TOLERANCE: i64 = 6_000;
/// Limit of one token's difference in the mean.
const TOKEN_LIMIT: i64 = 1_000_000;
/// Evidence of an answer within the tolerance: minus a quarter of a nat, the logarithm of which is 0.78.
const HONEST: i64 = -250_000;
/// Most evidence of one answer: 5 nats, `e^5 = 148`, so 0.78 · 0.999 + 148 · 0.001 < 1.
const MOST: i64 = 5_000_000;
/// Sum from which on a miner counts as found out: 11 nats, reached once in 60,000 from a given answer on.
pub const FOUND: i64 = 11_000_000;
/// Limit of a sum, so that a miner that serves its model again is believed again after some time.
const HIGHEST: i64 = 2 * FOUND;
/// Most miners whose sums are kept.
const ACCOUNTS: usize = 4_096;
/// Tokens allowed beyond the requested ones: those of the word that the prompt has begun, and the one that ends the
/// answer.
const MORE_TOKENS: usize = 40;

/// A miner's statement of how its answer came about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Declared {
    /// The model, 64 hexadecimal digits; the same as in the miner's signatures.
    pub model: String,
    /// The drawn tokens, from the start of the word that the prompt had begun to the token that ended the answer.
    pub tokens: Vec<u32>,
    /// Cost of each token, `−ln p` in millionths of a nat, by the model itself: before temperature, with no token ruled
    /// out.
    pub costs: Vec<u32>,
}

impl Declared {
    /// A trace as it goes over the wire.
    pub fn new(model: &[u8; 32], trace: &Trace) -> Self {
        let cost = |nats: &i64| u32::try_from(nats.saturating_neg().max(0)).unwrap_or(u32::MAX);
        Self {
            model: to_hex(model),
            tokens: trace.tokens.clone(),
            costs: trace.micro_nats.iter().map(cost).collect(),
        }
    }
}

/// The models that a validator holds.
#[derive(Clone, Default)]
pub struct Held(Vec<Arc<dyn TextModel>>);

/// Result of examining the model that an answer declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// Nothing is declared, or a model that this validator does not hold.
    Nothing,
    /// The declaration cannot be true, whatever the model computes.
    Impossible(&'static str),
    /// Evidence that the model itself found.
    Weighed(Evidence),
}

/// Evidence of one answer, in millionths of a nat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// Evidence that the numbers are of another model.
    pub numbers: i64,
    /// Evidence that the tokens are of another model.
    pub tokens: i64,
    /// Mean difference between the declared and the recomputed numbers.
    pub difference: i64,
}

impl Held {
    /// A holder of these models.
    pub fn new(models: Vec<Arc<dyn TextModel>>) -> Self {
        Self(models)
    }

    /// The model that an answer declares, if it is held.
    pub fn model_of(&self, response: &TextResponse) -> Option<&dyn TextModel> {
        let id = from_hex::<32>(&response.declared.as_ref()?.model)?;
        self.0.iter().find(|model| model.id() == id).map(|model| &**model)
    }

    /// Examines an answer to a request.
    pub fn examine(&self, request: &TextRequest, response: &TextResponse) -> Finding {
        let (Some(declared), Some(model)) = (&response.declared, self.model_of(response)) else {
            return Finding::Nothing;
        };
        let most = request.max_tokens.min(MAX_TOKENS) as usize + MORE_TOKENS;
        if declared.tokens.len() > most || declared.tokens.len() != declared.costs.len() {
            return Finding::Impossible("it declares more tokens than were asked for, or as many costs");
        }
        // The seed is the miner's own and changes nothing in what may be drawn.
        match model.retrace(&request.to_model(0), &declared.tokens) {
            Ok(Some(read)) if read.text == response.completion => {
                Finding::Weighed(weigh(&declared.costs, &read, is_greedy(request.temperature)))
            }
            Ok(Some(_)) => Finding::Impossible("the declared tokens are another text"),
            Ok(None) => Finding::Impossible("the declared model cannot have drawn these tokens"),
            // The miner is not to blame for a failure of this validator.
            Err(_) => Finding::Nothing,
        }
    }
}

/// Evidence from the costs that a miner declares and from the model's own reading. Where the request was `greedy`, for
/// the likeliest text, the tokens must be the likeliest ones, as far as honest engines agree on these.
pub fn weigh(costs: &[u32], read: &Retrace, greedy: bool) -> Evidence {
    let difference = mean(read.drawn.iter().zip(costs).map(|(drawn, cost)| {
        let cost = i64::from(*cost);
        drawn.micro_nats.saturating_add(cost).saturating_abs()
    }));
    let tokens = match greedy {
        true => octaves(mean(read.drawn.iter().map(|drawn| drawn.behind))),
        false => read.drawn.iter().map(|drawn| drawn.flatter).sum::<i64>().min(MOST),
    };
    Evidence { numbers: octaves(difference), tokens, difference }
}

/// The mean of the tokens' differences, each at most [`TOKEN_LIMIT`]; 0 for none. Rounds toward zero.
fn mean(of_tokens: impl ExactSizeIterator<Item = i64>) -> i64 {
    let count = of_tokens.len().max(1) as i64;
    of_tokens.map(|difference| difference.min(TOKEN_LIMIT)).sum::<i64>() / count
}

/// Evidence of a mean difference: [`HONEST`] within the tolerance, then a nat more for each doubling.
fn octaves(difference: i64) -> i64 {
    if difference <= TOLERANCE {
        return HONEST;
    }
    let doublings = i64::from((difference / TOLERANCE).ilog2());
    (doublings + 1).saturating_mul(1_000_000).min(MOST)
}

/// Memory of a validator of this subnet: the evidence against each miner, the controls that are used up, the level of
/// tasks with a check, and answers to be rated.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accounts {
    #[serde(flatten)]
    miners: BTreeMap<String, Account>,
    /// Earlier requests that were asked again.
    #[serde(default, skip_serializing_if = "UsedUp::is_empty")]
    pub asked: UsedUp,
    /// The level of tasks with a check.
    #[serde(default)]
    pub ladder: Ladder,
    /// Answers of the round before, where miners rate them.
    #[serde(default, skip_serializing_if = "Sayings::is_empty")]
    pub sayings: Sayings,
}

/// Evidence against a miner, in millionths of a nat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Sum of evidence that its numbers are of another model.
    pub numbers: i64,
    /// Sum of evidence that its tokens are of another model.
    pub tokens: i64,
}

impl Account {
    /// Adds the evidence of an answer.
    pub fn add(&mut self, evidence: &Evidence) {
        let moved = |sum: i64, by: i64| sum.saturating_add(by).clamp(0, HIGHEST);
        self.numbers = moved(self.numbers, evidence.numbers);
        self.tokens = moved(self.tokens, evidence.tokens);
    }

    /// Whether the evidence suffices to say that the miner does not run its declared model.
    pub fn is_found_out(&self) -> bool {
        self.numbers >= FOUND || self.tokens >= FOUND
    }
}

impl Accounts {
    /// Adds the finding of an answer. Returns whether the answer is paid as one of its declared model.
    pub fn add(&mut self, hotkey: &AccountId, finding: &Finding) -> bool {
        let evidence = match finding {
            Finding::Nothing => return true,
            // A single such answer is not paid; several count like wrong numbers.
            Finding::Impossible(_) => Evidence { numbers: MOST, ..Evidence::default() },
            Finding::Weighed(evidence) => *evidence,
        };
        if self.miners.len() >= ACCOUNTS {
            self.miners.retain(|_, account| *account != Account::default());
        }
        let account = self.miners.entry(to_hex(hotkey)).or_default();
        account.add(&evidence);
        !account.is_found_out() && !matches!(finding, Finding::Impossible(_))
    }

    /// The evidence against a miner.
    pub fn of(&self, hotkey: &AccountId) -> Account {
        self.miners.get(&to_hex(hotkey)).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use myelin_lm::model::Drawn;

    use super::*;

    fn read(costs: &[i64]) -> Retrace {
        let drawn = |cost: &i64| Drawn { micro_nats: -cost, ..Drawn::default() };
        Retrace { text: String::new(), drawn: costs.iter().map(drawn).collect() }
    }

    #[test]
    fn evidence_of_honest_answers_is_worth_at_most_one_on_average() {
        // The worst that the assumption allows: one answer of a thousand with the most evidence.
        let worth = |evidence: i64| (evidence as f64 / 1e6).exp();
        assert!(0.999 * worth(HONEST) + 0.001 * worth(MOST) < 1.0);
        // A sum begins anew at each of 20 answers; either sum may be reached.
        assert!(2.0 * 20.0 / worth(FOUND) < 0.001);
    }

    #[test]
    fn a_difference_counts_more_the_greater_it_is_and_never_too_much() {
        let evidence = |difference| octaves(difference);
        assert_eq!((evidence(0), evidence(TOLERANCE)), (HONEST, HONEST));
        assert_eq!(evidence(TOLERANCE + 1), 1_000_000);
        assert_eq!((evidence(2 * TOLERANCE), evidence(i64::MAX)), (2_000_000, MOST));
        let weighed = weigh(&[1_000_000, 5], &read(&[999_000, 5_000_000]), false);
        assert_eq!(weighed.difference, (1_000 + TOKEN_LIMIT) / 2);
        assert_eq!(weigh(&[], &read(&[]), true), Evidence { numbers: HONEST, tokens: HONEST, difference: 0 });
        let second = Drawn { behind: 80 * TOLERANCE, ..Drawn::default() };
        let second = Retrace { text: String::new(), drawn: vec![Drawn::default(), second] };
        assert_eq!(weigh(&[0, 0], &second, true).tokens, MOST);
        assert_eq!(weigh(&[0, 0], &second, false).tokens, 0);
    }

    #[test]
    fn a_sum_forgets_honest_times_and_forgives_after_some() {
        let mut account = Account::default();
        let (honest, wrong) = (
            Evidence { numbers: HONEST, ..Evidence::default() },
            Evidence { numbers: MOST, ..Evidence::default() },
        );
        (0..1000).for_each(|_| account.add(&honest));
        (0..2).for_each(|_| account.add(&wrong));
        assert!(!account.is_found_out());
        account.add(&wrong);
        assert!(account.is_found_out());
        (0..1000).for_each(|_| account.add(&wrong));
        let mut honest_answers = 0;
        while account.is_found_out() {
            account.add(&honest);
            honest_answers += 1;
        }
        assert_eq!(honest_answers, 45);
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let mut accounts = Accounts::default();
        let evidence = Finding::Weighed(Evidence { numbers: HONEST, ..Evidence::default() });
        for number in 0..3 * ACCOUNTS as u64 {
            let mut hotkey = [0; 32];
            hotkey[..8].copy_from_slice(&number.to_le_bytes());
            assert!(accounts.add(&hotkey, &evidence));
        }
        assert!(accounts.miners.len() <= ACCOUNTS);
        assert!(accounts.add(&[9; 32], &Finding::Nothing));
    }
}
