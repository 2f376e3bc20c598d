//! Miners that try to earn without forecasting, and ways to change a forecast for more pay.

use std::sync::Mutex;

use myelin_subnet::{AnswerContext, AnswerError};
use myelin_wire::seed::Seed;

use crate::{
    backend::Backend,
    forecast::Forecaster,
    protocol::{pack, unpack, FinanceRequest, FinanceResponse, Wanted, ONE},
    score,
};

/// The past again: each stretch as likely as any other.
pub struct Past;

impl Backend for Past {
    fn answer(&self, _: &AnswerContext, request: &FinanceRequest) -> Result<FinanceResponse, AnswerError> {
        Ok(score::past(request))
    }
}

/// The last value for ever, as if it were sure.
pub struct Sure;

impl Backend for Sure {
    fn answer(&self, _: &AnswerContext, request: &FinanceRequest) -> Result<FinanceResponse, AnswerError> {
        let last = request.last();
        Ok(match request.wanted {
            Wanted::Paths(count) => {
                let path = vec![last; request.steps.into()];
                FinanceResponse::Paths(pack(last, &vec![path; count.into()]))
            }
            Wanted::Interval(_) => FinanceResponse::Interval(last, last),
            Wanted::Above(level) | Wanted::Reaches(level) => {
                FinanceResponse::Probability(if last > level { ONE } else { 0 })
            }
        })
    }
}

/// The best built-in forecast with all moves this many thousandths as large: more or less sure than it believes.
pub struct Stretched(pub i64);

impl Backend for Stretched {
    fn answer(&self, _: &AnswerContext, request: &FinanceRequest) -> Result<FinanceResponse, AnswerError> {
        let honest = Forecaster::Fitted.answer(request, &Seed([7; 32]));
        let last = request.last();
        let stretch = |value: i32| {
            let moved = (i64::from(value) - i64::from(last)) * self.0 / 1000;
            (i64::from(last) + moved)
                .clamp(i64::from(-crate::protocol::LARGEST), crate::protocol::LARGEST.into())
                as i32
        };
        Ok(match (honest, request.wanted) {
            (FinanceResponse::Paths(packed), Wanted::Paths(count)) => {
                let paths = unpack(&packed, last, count.into(), request.steps.into()).unwrap_or_default();
                let paths: Vec<Vec<i32>> =
                    paths.into_iter().map(|path| path.into_iter().map(stretch).collect()).collect();
                FinanceResponse::Paths(pack(last, &paths))
            }
            (FinanceResponse::Interval(low, high), _) => {
                FinanceResponse::Interval(stretch(low), stretch(high))
            }
            (FinanceResponse::Probability(probability), _) => {
                // A larger factor is less sure, so it draws towards a half.
                let away = (i64::from(probability) - 500_000) * 1000 / self.0.max(1);
                FinanceResponse::Probability((500_000 + away).clamp(0, ONE.into()) as u32)
            }
            (other, _) => other,
        })
    }
}

/// The forecast that was published last: the best built-in one for the request before, moved to the present value.
#[derive(Default)]
pub struct Stale(Mutex<Vec<FinanceRequest>>);

impl Backend for Stale {
    fn answer(
        &self,
        context: &AnswerContext,
        request: &FinanceRequest,
    ) -> Result<FinanceResponse, AnswerError> {
        let mut before =
            self.0.lock().map_err(|_| AnswerError::Backend("a thread before panicked".into()))?;
        let alike = |other: &FinanceRequest| {
            std::mem::discriminant(&other.wanted) == std::mem::discriminant(&request.wanted)
        };
        let published = before.iter().rev().find(|other| alike(other)).cloned();
        before.push(request.clone());
        if before.len() > 64 {
            before.remove(0);
        }
        let Some(published) = published else { return Past.answer(context, request) };
        let (then, now) = (published.last(), request.last());
        let shift = |value: i32| value.saturating_add(now.saturating_sub(then));
        Ok(match (Forecaster::Fitted.answer(&published, &Seed([7; 32])), request.wanted) {
            (FinanceResponse::Paths(packed), Wanted::Paths(count)) => {
                let paths = unpack(&packed, then, count.into(), published.steps.into()).unwrap_or_default();
                let paths: Vec<Vec<i32>> =
                    paths.into_iter().map(|path| path.into_iter().map(shift).collect()).collect();
                FinanceResponse::Paths(pack(now, &paths))
            }
            (FinanceResponse::Interval(low, high), _) => FinanceResponse::Interval(shift(low), shift(high)),
            (other, _) => other,
        })
    }
}
