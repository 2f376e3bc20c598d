//! Miners from request to judgement.

use std::time::Duration;

use myelin_imaging::{
    backend::{Backend, Model, Renderer},
    protocol::PaintResponse,
    task::Hidden,
    ImagingConfig, ImagingSubnet,
};
use myelin_subnet::{Answer, AnswerContext, Challenge, MinerRef, Subnet};
use myelin_wire::{
    record::{LatencyBucket, Reason},
    seed::Seed,
};

fn context() -> AnswerContext {
    AnswerContext { asker: None, permitted: true, challenge: None, time_left: Duration::from_secs(60) }
}

fn reason(
    validator: &ImagingSubnet,
    challenge: &Challenge<ImagingSubnet>,
    response: PaintResponse,
) -> Reason {
    let miner = MinerRef { uid: 0, hotkey: [1; 32] };
    let answer = Answer { miner, response, latency: LatencyBucket::of_ms(500) };
    validator.score(challenge, &[answer], &mut ()).remove(0).reason
}

#[test]
fn a_declared_model_is_run_again_to_the_last_bit() {
    let validator = ImagingSubnet::open(ImagingConfig::default()).unwrap();
    let plan = validator.tasks().remove(0);
    let mut challenge = validator.challenge(&plan, &Seed([1; 32]), &()).unwrap();
    let model = Model::builtin().unwrap();
    let honest = model.answer(&context(), &challenge.request).unwrap();
    assert_eq!(honest, model.answer(&context(), &challenge.request).unwrap());
    let wanted = challenge.hidden.wanted.clone();
    // Fewer steps under the name of the full model.
    let quick = Model::new(std::sync::Arc::new(myelin_imaging::backend::builtin_model().unwrap()), 2);
    let quick = quick.answer(&context(), &challenge.request).unwrap();
    let liar = PaintResponse { model: honest.model.clone(), ..quick };
    let drawn = Renderer.answer(&context(), &challenge.request).unwrap();
    let impostor = PaintResponse { model: honest.model.clone(), ..drawn.clone() };
    for number in 0..2 {
        challenge.hidden = Hidden { wanted: wanted.clone(), rerun: Some(number) };
        assert_eq!(reason(&validator, &challenge, honest.clone()), Reason::Scored);
        assert_eq!(reason(&validator, &challenge, drawn.clone()), Reason::Scored);
        assert_eq!(reason(&validator, &challenge, liar.clone()), Reason::Garbage);
        assert_eq!(reason(&validator, &challenge, impostor.clone()), Reason::Garbage);
    }
}
