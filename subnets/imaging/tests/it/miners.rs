//! Miners from request to judgement.

use std::{sync::Arc, time::Duration};

use myelin_imaging::{
    backend::{Backend, Model, Renderer, BUILTIN_MODEL, STEPS},
    protocol::PaintResponse,
    restore::{
        miner::{Plain, Restorer, Restores},
        protocol::RestoreResponse,
    },
    task::Hidden,
    ImagingConfig, ImagingHidden, ImagingRequest, ImagingResponse, ImagingSubnet,
};
use myelin_subnet::{Answer, AnswerContext, Challenge, MinerRef, Subnet};
use myelin_wire::{
    hash::{blake2_256, to_hex},
    record::{LatencyBucket, Reason},
    seed::Seed,
};

fn context() -> AnswerContext {
    AnswerContext { asker: None, permitted: true, challenge: None, time_left: Duration::from_secs(60) }
}

fn reason(
    validator: &ImagingSubnet,
    challenge: &Challenge<ImagingSubnet>,
    response: ImagingResponse,
) -> Reason {
    let miner = MinerRef { uid: 0, hotkey: [1; 32] };
    let answer = Answer { miner, response, latency: LatencyBucket::of_ms(500) };
    validator.score(challenge, &[answer], &mut None).remove(0).reason
}

#[test]
fn a_declared_model_is_run_again_to_the_last_bit() {
    let validator = crate::validator();
    let plan = validator.tasks().remove(0);
    let mut challenge = validator.challenge(&plan, &Seed([1; 32]), &None).unwrap();
    let (ImagingRequest::Paint(request), ImagingHidden::Scene(hidden)) =
        (challenge.request.clone(), challenge.hidden.clone())
    else {
        panic!("a description is drawn first");
    };
    let model = Model::builtin().unwrap();
    let honest = model.answer(&context(), &request).unwrap();
    assert_eq!(honest, model.answer(&context(), &request).unwrap());
    // Fewer steps under the name of the full model.
    let quick = Model::new(BUILTIN_MODEL, 2).unwrap().answer(&context(), &request).unwrap();
    let liar = PaintResponse { settings: honest.settings.clone(), ..quick.clone() };
    let drawn = Renderer.answer(&context(), &request).unwrap();
    let (model, settings) = (honest.model.clone(), honest.settings.clone());
    let impostor = PaintResponse { model, settings, ..drawn.clone() };
    let reference = include_str!("../../../../docs/reference/models.md");
    assert!(reference.contains(&honest.model), "the reference lacks {}", honest.model);
    // The id is what everybody computes from the file, whatever the settings.
    assert_eq!([&honest.model, &quick.model], [&to_hex(&blake2_256(BUILTIN_MODEL)); 2]);
    for number in 0..2 {
        let wanted = hidden.wanted.clone();
        challenge.hidden = ImagingHidden::Scene(Hidden { wanted, rerun: Some(number) });
        let reason =
            |answer: &PaintResponse| reason(validator, &challenge, ImagingResponse::Painted(answer.clone()));
        assert_eq!([reason(&honest), reason(&drawn), reason(&quick)], [Reason::Scored; 3]);
        assert_eq!([reason(&liar), reason(&impostor)], [Reason::Garbage; 2]);
    }
}

#[test]
fn a_restored_picture_is_judged_against_the_original_and_nothing_else_counts() {
    let config = ImagingConfig { secret: Some([6; 32]), ..ImagingConfig::default() };
    let miner = |restorer: Arc<dyn Restores>| {
        ImagingSubnet::open(ImagingConfig { restorer: Some(restorer), ..ImagingConfig::default() }).unwrap()
    };
    let (good, plain) = (miner(Arc::new(Restorer::builtin().unwrap())), miner(Arc::new(Plain)));
    let validator = ImagingSubnet::open(config).unwrap();
    let plan = validator.tasks().remove(1);
    let id = to_hex(&Restorer::builtin().unwrap().model_id());
    assert!(include_str!("../../../../docs/reference/models.md").contains(&id), "the reference lacks {id}");
    let (mut best, mut found, mut kinds) = (0, 0, std::collections::BTreeSet::new());
    for number in 0..64 {
        let challenge = validator.challenge(&plan, &Seed([number; 32]), &None).unwrap();
        let ImagingRequest::Restore(request) = &challenge.request else { panic!("damaged") };
        kinds.insert(request.kind.name());
        assert_eq!(to_hex(&good.model_id(&challenge.request)), id);
        assert_eq!(plain.model_id(&challenge.request), [0; 32]);
        // JSON keeps the request.
        let json = serde_json::to_string(&challenge.request).unwrap();
        assert_eq!(serde_json::from_str::<ImagingRequest>(&json).unwrap(), challenge.request);
        let untouched = RestoreResponse { picture: request.picture.clone(), model: String::new() };
        let liar = match plain.answer(&context(), &challenge.request).unwrap() {
            ImagingResponse::Restored(plain) => RestoreResponse { model: id.clone(), ..plain },
            _ => panic!("restored"),
        };
        let answers = [
            good.answer(&context(), &challenge.request).unwrap(),
            ImagingResponse::Restored(liar),
            ImagingResponse::Restored(untouched),
            ImagingResponse::Painted(PaintResponse::default()),
        ];
        let answers = answers.map(|response| Answer {
            miner: MinerRef { uid: 0, hotkey: [1; 32] },
            response,
            latency: LatencyBucket::of_ms(500),
        });
        let judged = validator.score(&challenge, &answers, &mut None);
        let rubric = validator.rubric();
        let scores: Vec<u32> = judged
            .iter()
            .map(|judgement| rubric.score(&judgement.parts, judgement.reason).unwrap().get())
            .collect();
        assert_eq!(scores[2], 0, "{judged:?}");
        assert_eq!((scores[3], judged[3].reason), (0, Reason::Malformed));
        assert_eq!(judged[0].reason, Reason::Scored);
        assert!(scores[1] < 50_000, "a plain filter is the floor: {judged:?}");
        found += u32::from(judged[1].reason == Reason::Garbage);
        best += u32::from(scores[0] > scores[1]);
    }
    assert!(best >= 32 && kinds.len() == 4, "{best} of 64, {kinds:?}");
    assert!((1..16).contains(&found), "the name of the networks over a picture of filters: {found} of 64");
}

#[test]
fn a_painter_of_a_file_is_the_one_that_the_file_holds() {
    let read = Model::new(BUILTIN_MODEL, STEPS).expect("a model");
    assert!(read.fits() && read.declared() == Model::builtin().expect("the built-in model").declared());
    let short = Model::new(&BUILTIN_MODEL[..1_000], STEPS).err().expect("cut short");
    assert!(short.to_string().contains("safetensors"), "{short}");
}
