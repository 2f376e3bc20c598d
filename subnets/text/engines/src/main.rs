//! Difference of other engines from ours with the same weights: candle on plain tensors, and candle on GGUF files.
//!
//! `cargo run -- [ANSWERS]` in this folder, by default 200. For each answer of the late built-in model the other engine
//! computes the cost of each drawn token; `myelin_text::declared` weighs the mean difference.

use std::{error::Error, io::Cursor, sync::Arc};

use candle_core::{
    quantized::{gguf_file, GgmlDType, QMatMul, QTensor},
    Device, Module, Tensor, D,
};
use myelin_lm::{
    builtin::{tokenizer, transformer, Level},
    corpus::{Corpus, CrateList, CrateSources, Split},
    kernel::{from_bf16, Kernel, Random},
    model::{CompletionRequest, TextModel},
    prompt,
    sampling::log_probability,
    transformer::{file, Layout, Matrix, Rotation, TAPS},
};

const LATE: &[u8] = include_bytes!("../../../../ml/lm/models/late.safetensors");

/// A matrix as an engine stores it.
enum Weight {
    Plain(Tensor),
    Gguf(QMatMul),
}

struct Layer {
    attention_mix: Tensor,
    query: Weight,
    out: Weight,
    mlp_mix: Tensor,
    up: Weight,
    down: Weight,
}

struct Engine {
    layout: Layout,
    embedding: Tensor,
    layers: Vec<Layer>,
    head: Weight,
}

fn main() -> Result<(), Box<dyn Error>> {
    let answers: usize = std::env::args().nth(1).map_or(Ok(200), |number| number.parse())?;
    let late = Arc::new(transformer(Level::Late)?.ok_or("the late model is a transformer")?);
    let tokenizer = tokenizer()?;
    let documents = Corpus::build(&CrateList::pinned()?, Split::HeldOut, &CrateSources::of_registry())?.documents;
    let mut random = Random::new(9);
    let mut engines = vec![("candle, single precision", Engine::open(None)?)];
    for (name, kind) in [
        ("GGUF, F32", GgmlDType::F32),
        ("GGUF, BF16", GgmlDType::BF16),
        ("GGUF, F16", GgmlDType::F16),
        ("GGUF, Q8_0", GgmlDType::Q8_0),
        ("GGUF, Q4_0", GgmlDType::Q4_0),
    ] {
        engines.push((name, Engine::open(Some(kind))?));
    }
    let mut differences = vec![Vec::new(); engines.len()];
    while differences[0].len() < answers {
        let text = &documents[random.below(documents.len())].text;
        let cut = random.below(text.len().max(1));
        let Some(before) = text.get(cut.saturating_sub(400)..cut) else { continue };
        let temperature = [0.0, 0.5, 0.7, 1.0][random.below(4)];
        let request = CompletionRequest {
            prompt: before.to_owned(),
            max_tokens: 16 + random.below(24) as u32,
            temperature,
            seed: random.next_u64(),
            ..CompletionRequest::default()
        };
        let (_, trace) = late.complete_traced(&request, &mut |_| true)?;
        let trace = trace.ok_or("a built-in model keeps a trace")?;
        let context = late.weights().config().context;
        let (before, _) = prompt::split_begun(&request.prompt);
        let mut tokens = prompt::tokens(&tokenizer, before, None, context - request.max_tokens as usize);
        let from = tokens.len() - 1;
        tokens.extend(trace.tokens.iter().map(|token| *token as u16));
        tokens.pop();
        for ((_, engine), found) in engines.iter().zip(&mut differences) {
            let rows = engine.logits(&tokens, from)?;
            let off = rows.iter().zip(&trace.tokens).zip(&trace.micro_nats).map(|((row, token), ours)| {
                (log_probability(Kernel::best(), row, *token as u16) - ours).abs()
            });
            found.push(off.sum::<i64>() / trace.tokens.len() as i64);
        }
    }
    println!("| engine | mean difference of an answer in nats: median | 99 % | most |");
    println!("|---|---|---|---|");
    for ((name, _), found) in engines.iter().zip(&mut differences) {
        found.sort_unstable();
        let at = |share: usize| found[(found.len() - 1) * share / 100] as f64 / 1e6;
        println!("| {name} | {:.6} | {:.6} | {:.6} |", at(50), at(99), at(100));
    }
    Ok(())
}

impl Engine {
    /// The late model as plain tensors, or by way of a GGUF file of some kind.
    fn open(kind: Option<GgmlDType>) -> Result<Self, Box<dyn Error>> {
        let (layout, stored, _) = file::read(LATE)?;
        let device = Device::Cpu;
        let plain = |matrix: Matrix| -> Result<Tensor, Box<dyn Error>> {
            let shape = layout.entries().iter().find(|entry| entry.0 == matrix).ok_or("no such matrix")?.1;
            let values: Vec<f32> = stored[layout.range(matrix)].iter().map(|&x| from_bf16(x)).collect();
            Ok(Tensor::from_vec(values, (shape[0], shape[1]), &device)?)
        };
        let by_file = |tensor: &Tensor, kind: GgmlDType| -> Result<QTensor, Box<dyn Error>> {
            let written = QTensor::quantize(tensor, kind)?;
            let mut bytes = Cursor::new(Vec::new());
            gguf_file::write(&mut bytes, &[], &[("weight", &written)])?;
            bytes.set_position(0);
            let content = gguf_file::Content::read(&mut bytes)?;
            Ok(content.tensor(&mut bytes, "weight", &device)?)
        };
        let weight = |matrix: Matrix| -> Result<Weight, Box<dyn Error>> {
            let tensor = plain(matrix)?;
            Ok(match kind {
                None => Weight::Plain(tensor),
                // Such files store the numbers side by side that are added up.
                Some(kind) => {
                    Weight::Gguf(QMatMul::from_qtensor(by_file(&tensor.t()?.contiguous()?, kind)?)?)
                }
            })
        };
        let embedding = plain(Matrix::Embedding)?;
        let embedding = match kind {
            None => embedding,
            Some(kind) => by_file(&embedding, kind)?.dequantize(&device)?,
        };
        let layer = |l: usize| -> Result<Layer, Box<dyn Error>> {
            Ok(Layer {
                attention_mix: plain(Matrix::AttentionMix(l))?,
                query: weight(Matrix::Query(l))?,
                out: weight(Matrix::AttentionOut(l))?,
                mlp_mix: plain(Matrix::MlpMix(l))?,
                up: weight(Matrix::Up(l))?,
                down: weight(Matrix::Down(l))?,
            })
        };
        let layers = (0..layout.config.layers).map(layer).collect::<Result<_, _>>()?;
        let head = weight(Matrix::Head)?;
        Ok(Self { layout, embedding, layers, head })
    }

    /// Logits after each token from position `from` on.
    fn logits(&self, tokens: &[u16], from: usize) -> Result<Vec<Vec<f32>>, Box<dyn Error>> {
        let c = self.layout.config;
        let (n, d, heads, width) = (tokens.len(), c.width, c.heads, c.head_width());
        let device = Device::Cpu;
        let ids: Vec<u32> = tokens.iter().map(|&token| token.into()).collect();
        let mut x = normal(&self.embedding.index_select(&Tensor::from_vec(ids, n, &device)?, 0)?)?;
        let rotation = Rotation::new(c.context, width);
        let angles = |of: fn(&Rotation, usize) -> Vec<f32>| {
            let all: Vec<f32> = (0..n).flat_map(|position| of(&rotation, position)).collect();
            Tensor::from_vec(all, (n, 1, width / 2), &device)
        };
        let (cos, sin) = (angles(|r, p| r.at(p).0.to_vec())?, angles(|r, p| r.at(p).1.to_vec())?);
        let mask: Vec<f32> =
            (0..n * n).map(|i| if i % n > i / n { f32::NEG_INFINITY } else { 0.0 }).collect();
        let mask = Tensor::from_vec(mask, (n, n), &device)?;
        for layer in &self.layers {
            let qkv = layer.query.times(&mixed(&x, &layer.attention_mix)?)?;
            let turned = |from: usize| -> candle_core::Result<Tensor> {
                let part = normal(&qkv.narrow(1, from, d)?.reshape((n, heads, width))?)?;
                let (a, b) = (part.narrow(2, 0, width / 2)?, part.narrow(2, width / 2, width / 2)?);
                let first = (a.broadcast_mul(&cos)? - b.broadcast_mul(&sin)?)?;
                let second = (a.broadcast_mul(&sin)? + b.broadcast_mul(&cos)?)?;
                Tensor::cat(&[first, second], 2)?.transpose(0, 1)?.contiguous()
            };
            let (query, key) = (turned(0)?, turned(d)?);
            let value = qkv.narrow(1, 2 * d, d)?.reshape((n, heads, width))?.transpose(0, 1)?.contiguous()?;
            let scores =
                (query.matmul(&key.transpose(1, 2)?.contiguous()?)? * f64::from(c.attention_scale()))?;
            let scores = scores.broadcast_add(&mask)?;
            let raised = scores.broadcast_sub(&scores.max_keepdim(D::Minus1)?)?.exp()?;
            let weights = raised.broadcast_div(&raised.sum_keepdim(D::Minus1)?)?;
            let attended = weights.matmul(&value)?.transpose(0, 1)?.contiguous()?.reshape((n, d))?;
            x = (x + layer.out.times(&attended)?)?;
            let up = layer.up.times(&mixed(&x, &layer.mlp_mix)?)?.relu()?.sqr()?;
            x = (x + layer.down.times(&up)?)?;
        }
        let last = normal(&x.narrow(0, from, n - from)?)?;
        Ok(self.head.times(&last)?.to_vec2()?)
    }
}

impl Weight {
    fn times(&self, x: &Tensor) -> candle_core::Result<Tensor> {
        match self {
            Weight::Plain(weight) => x.matmul(weight),
            Weight::Gguf(weight) => weight.forward(x),
        }
    }
}

fn normal(x: &Tensor) -> candle_core::Result<Tensor> {
    let mean = (x.sqr()?.mean_keepdim(D::Minus1)? + 1e-6)?;
    x.broadcast_div(&mean.sqrt()?)
}

fn mixed(x: &Tensor, taps: &Tensor) -> candle_core::Result<Tensor> {
    let x = normal(x)?;
    let (n, d) = x.dims2()?;
    let mut mixed = x.clone();
    for back in 0..TAPS.min(n.saturating_sub(1)) {
        let zeros = Tensor::zeros((back + 1, d), x.dtype(), x.device())?;
        let earlier = Tensor::cat(&[zeros, x.narrow(0, 0, n - back - 1)?], 0)?;
        mixed = (mixed + earlier.broadcast_mul(&taps.narrow(0, back, 1)?)?)?;
    }
    Ok(mixed)
}
