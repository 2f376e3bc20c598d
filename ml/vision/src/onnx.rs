//! Networks from ONNX files, as far as our layers express exactly what the file says.
//!
//! Only a chain of covered operators becomes a network; everything else is refused by the name that the file gives it:
//!
//! | operator | becomes | conditions |
//! |---|---|---|
//! | `Conv` | `conv` | square filters, equal strides and pads, no groups, no dilation |
//! | `BatchNormalization` | `scale` | factors from the stored statistics |
//! | `Relu` | `relu` | |
//! | `MaxPool`, `AveragePool` | `maxpool`, `meanpool` | squares, no pads, rounding down |
//! | `GlobalAveragePool` | `meanpool` | square input |
//! | `Flatten`, or `Reshape` to `[1 or 0 or -1, all]` | `flatten` | from axis 1 |
//! | `Gemm`; `MatMul`, also with `Add` | `linear` | constant matrix, factors of one |
//! | `Identity`, `Dropout` | nothing | |
//! | `Softmax` | nothing | as the last one: probabilities are made per group of classes anyway |
//!
//! The reader knows the few protobuf fields that it needs, skips others, and has a limit for everything. A file is a
//! stranger's, and a few bytes of it can stand for gigabytes: many operators may name one constant, and a shape without
//! values may claim any size. So parameters are counted before they are copied.

use std::collections::HashMap;

use crate::network::{
    Architecture, Layer, Network, NetworkError, Parameters, Shape, MAX_LAYERS, MAX_PARAMETERS,
};

mod wire;

use wire::{Field, Message};

/// Largest file.
pub const MAX_FILE_BYTES: usize = 4 * MAX_PARAMETERS + (1 << 20);
/// Most operators.
pub const MAX_NODES: usize = 256;
/// Most constants.
pub const MAX_TENSORS: usize = 1024;
/// Longest list of an operator: inputs, outputs, attributes, values of an attribute, integers of a constant.
const MAX_LIST: usize = 64;

/// Why a file becomes no network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OnnxError {
    /// The file or a part is too large.
    #[error("reading an ONNX file: {what} is {found}, the limit is {limit}; make the network smaller")]
    TooLarge {
        /// Name of the part that is too large.
        what: &'static str,
        /// Size found.
        found: usize,
        /// Largest size allowed.
        limit: usize,
    },
    /// No protobuf, or a field of another type than ONNX says.
    #[error("reading an ONNX file: broken at byte {0} of a message; export it again")]
    Broken(usize),
    /// An operator that our layers cannot express.
    #[error("reading an ONNX file: the operator `{0}` is not covered; use the operators of the table")]
    Operator(String),
    /// A covered operator in a form that our layers cannot express.
    #[error("reading an ONNX file: `{operator}` with {what} is not covered; use the form in the table")]
    Form {
        /// The operator.
        operator: String,
        /// Property of the operator that the layers cannot express.
        what: String,
    },
    /// An operator that does not continue the chain.
    #[error("reading an ONNX file: `{operator}` does not take the output of the operator before it; only chains are covered")]
    NoChain {
        /// The operator.
        operator: String,
    },
    /// A constant that is not there or not of numbers.
    #[error("reading an ONNX file: the constant `{0}` is missing, not of floats or of another size than its shape")]
    Constant(String),
    /// No input of fixed size.
    #[error("reading an ONNX file: the input needs the fixed shape [batch, channels, height, width]; export with it")]
    Input,
    /// The network itself is refused.
    #[error(transparent)]
    Network(#[from] NetworkError),
}

#[derive(Debug, Default)]
struct Tensor {
    shape: Vec<i64>,
    floats: Vec<f32>,
    integers: Vec<i64>,
}

#[derive(Debug, Default)]
struct Node {
    inputs: Vec<String>,
    outputs: Vec<String>,
    operator: String,
    numbers: HashMap<String, Vec<i64>>,
    floats: HashMap<String, f32>,
    words: HashMap<String, String>,
    constant: Option<Tensor>,
}

#[derive(Default)]
struct Graph {
    nodes: Vec<Node>,
    tensors: HashMap<String, Tensor>,
    inputs: Vec<(String, Vec<i64>)>,
}

/// Reads a network.
pub fn read(bytes: &[u8]) -> Result<Network, OnnxError> {
    limited("the file in bytes", bytes.len(), MAX_FILE_BYTES)?;
    let mut graph = Graph::default();
    for field in Message::new(bytes) {
        if let (7, Field::Bytes(body)) = field? {
            read_graph(body, &mut graph)?;
        }
    }
    // Exporters also write constants as operators.
    for mut node in std::mem::take(&mut graph.nodes) {
        match (node.operator.as_str(), node.constant.take(), node.outputs.first()) {
            ("Constant", Some(tensor), Some(name)) => {
                graph.tensors.insert(name.clone(), tensor);
            }
            _ => graph.nodes.push(node),
        }
    }
    chain(&graph)
}

fn limited(what: &'static str, found: usize, limit: usize) -> Result<(), OnnxError> {
    if found > limit {
        return Err(OnnxError::TooLarge { what, found, limit });
    }
    Ok(())
}

fn read_graph(body: &[u8], graph: &mut Graph) -> Result<(), OnnxError> {
    for field in Message::new(body) {
        match field? {
            (1, Field::Bytes(node)) => {
                graph.nodes.push(read_node(node)?);
                limited("the number of operators", graph.nodes.len(), MAX_NODES)?;
            }
            (5, Field::Bytes(tensor)) => {
                let (name, tensor) = read_tensor(tensor)?;
                graph.tensors.insert(name, tensor);
                limited("the number of constants", graph.tensors.len(), MAX_TENSORS)?;
            }
            (11, Field::Bytes(value)) => {
                graph.inputs.push(read_value(value)?);
                limited("the number of inputs", graph.inputs.len(), MAX_TENSORS)?;
            }
            _ => {}
        }
    }
    Ok(())
}

fn read_node(body: &[u8]) -> Result<Node, OnnxError> {
    let (mut node, mut attributes) = (Node::default(), 0);
    for field in Message::new(body) {
        match field? {
            (1, Field::Bytes(name)) => node.inputs.push(text(name)),
            (2, Field::Bytes(name)) => node.outputs.push(text(name)),
            (4, Field::Bytes(name)) => node.operator = text(name),
            (5, Field::Bytes(attribute)) => {
                attributes += 1;
                limited("the number of an operator's attributes", attributes, MAX_LIST)?;
                read_attribute(attribute, &mut node)?;
            }
            _ => {}
        }
        limited("the number of an operator's inputs", node.inputs.len().max(node.outputs.len()), MAX_LIST)?;
    }
    Ok(node)
}

fn read_attribute(body: &[u8], node: &mut Node) -> Result<(), OnnxError> {
    let (mut name, mut numbers, mut float) = (String::new(), Vec::new(), None);
    let mut word = None;
    for field in Message::new(body) {
        match field? {
            (1, Field::Bytes(value)) => name = text(value),
            (2, Field::Fixed32(value)) => float = Some(f32::from_bits(value)),
            (3, Field::Varint(value)) => numbers.push(value as i64),
            (4, Field::Bytes(value)) => word = Some(text(value)),
            (5, Field::Bytes(value)) => node.constant = Some(read_tensor(value)?.1),
            (8, Field::Varint(value)) => numbers.push(value as i64),
            (8, Field::Bytes(packed)) => wire::varints(packed, |value| numbers.push(value as i64))?,
            _ => {}
        }
        limited("the number of an attribute's values", numbers.len(), MAX_LIST)?;
    }
    if let Some(float) = float {
        node.floats.insert(name.clone(), float);
    }
    if let Some(word) = word {
        node.words.insert(name.clone(), word);
    }
    if !numbers.is_empty() {
        node.numbers.insert(name, numbers);
    }
    Ok(())
}

fn read_tensor(body: &[u8]) -> Result<(String, Tensor), OnnxError> {
    const FLOATS: u64 = 1;
    const INTEGERS: u64 = 7;
    let (mut tensor, mut name, mut kind) = (Tensor::default(), String::new(), 0);
    let mut raw: &[u8] = &[];
    for field in Message::new(body) {
        match field? {
            (1, Field::Varint(size)) => tensor.shape.push(size as i64),
            (1, Field::Bytes(packed)) => wire::varints(packed, |size| tensor.shape.push(size as i64))?,
            (2, Field::Varint(value)) => kind = value,
            (4, Field::Fixed32(value)) => tensor.floats.push(f32::from_bits(value)),
            (4, Field::Bytes(packed)) => tensor.floats.extend(floats(packed)),
            (7, Field::Varint(value)) => tensor.integers.push(value as i64),
            (7, Field::Bytes(packed)) => wire::varints(packed, |value| tensor.integers.push(value as i64))?,
            (8, Field::Bytes(value)) => name = text(value),
            (9, Field::Bytes(value)) => raw = value,
            _ => {}
        }
        limited("the number of a constant's dimensions", tensor.shape.len(), 8)?;
        limited("the size of a constant", tensor.floats.len(), MAX_PARAMETERS)?;
        limited("the size of a constant of integers", tensor.integers.len(), MAX_LIST)?;
    }
    match kind {
        FLOATS if tensor.floats.is_empty() => tensor.floats = floats(raw).collect(),
        INTEGERS if tensor.integers.is_empty() => {
            limited("the size of a constant of integers", raw.len() / 8, MAX_LIST)?;
            tensor.integers = raw
                .chunks_exact(8)
                .map(|b| i64::from_le_bytes([b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]]))
                .collect();
        }
        _ => {}
    }
    Ok((name, tensor))
}

fn read_value(body: &[u8]) -> Result<(String, Vec<i64>), OnnxError> {
    // ValueInfo.type.tensor_type.shape.dim[].dim_value
    let (mut name, mut sizes) = (String::new(), Vec::new());
    for field in Message::new(body) {
        match field? {
            (1, Field::Bytes(value)) => name = text(value),
            (2, Field::Bytes(kind)) => {
                for tensor in wire::children(kind, 1)? {
                    for shape in wire::children(tensor, 2)? {
                        for dimension in wire::children(shape, 1)? {
                            let mut size = -1;
                            for part in Message::new(dimension) {
                                if let (1, Field::Varint(value)) = part? {
                                    size = value as i64;
                                }
                            }
                            sizes.push(size);
                            limited("the number of an input's dimensions", sizes.len(), 8)?;
                        }
                    }
                }
            }
            _ => {}
        }
    }
    Ok((name, sizes))
}

fn floats(bytes: &[u8]) -> impl Iterator<Item = f32> + '_ {
    bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
}

/// Names come from strangers and go into messages: they are kept short.
fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&bytes[..bytes.len().min(200)]).into_owned()
}

/// Follows the chain from the input to the end.
fn chain(graph: &Graph) -> Result<Network, OnnxError> {
    let fed: Vec<_> = graph.inputs.iter().filter(|(name, _)| !graph.tensors.contains_key(name)).collect();
    let [(name, sizes)] = fed.as_slice() else { return Err(OnnxError::Input) };
    let fixed = |size: i64| usize::try_from(size).ok().filter(|size| *size > 0).ok_or(OnnxError::Input);
    let &[_, channels, height, width] = sizes.as_slice() else { return Err(OnnxError::Input) };
    let input = Shape { channels: fixed(channels)?, height: fixed(height)?, width: fixed(width)? };
    let mut building = Building { graph, input, layers: Vec::new(), parameters: Vec::new(), claimed: 0 };
    let mut current = name.clone();
    let mut nodes = graph.nodes.iter().peekable();
    while let Some(node) = nodes.next() {
        let operator = || node.operator.clone();
        if !COVERED.contains(&node.operator.as_str()) {
            return Err(OnnxError::Operator(operator()));
        }
        if node.inputs.first() != Some(&current) {
            // Sums may name the constant first.
            let summand = node.operator == "Add" && node.inputs.get(1) == Some(&current);
            if !summand {
                return Err(OnnxError::NoChain { operator: operator() });
            }
        }
        if node.operator == "Softmax" && nodes.peek().is_some() {
            return Err(OnnxError::Form { operator: operator(), what: "operators after it".into() });
        }
        building.add(node)?;
        current = node.outputs.first().cloned().ok_or_else(|| OnnxError::NoChain { operator: operator() })?;
    }
    let architecture = Architecture::new(building.input, building.layers)?;
    Ok(Network::new(architecture, building.parameters)?)
}

const COVERED: [&str; 14] = [
    "Conv",
    "BatchNormalization",
    "Relu",
    "MaxPool",
    "AveragePool",
    "GlobalAveragePool",
    "Flatten",
    "Reshape",
    "Gemm",
    "MatMul",
    "Add",
    "Identity",
    "Dropout",
    "Softmax",
];

struct Building<'a> {
    graph: &'a Graph,
    input: Shape,
    layers: Vec<Layer>,
    parameters: Vec<Parameters>,
    /// Number of parameters so far.
    claimed: usize,
}

impl<'a> Building<'a> {
    /// The shape after the layers so far.
    fn shape(&self) -> Result<Shape, OnnxError> {
        let mut layers = self.layers.clone();
        if layers.last() != Some(&Layer::Flatten) && !matches!(layers.last(), Some(Layer::Linear { .. })) {
            layers.push(Layer::Flatten);
        }
        let flat = Architecture::new(self.input, layers)?;
        Ok(flat.shape(self.layers.len()))
    }

    /// Counts the parameters of a layer; before they are copied, because many operators may name one constant.
    fn claim(&mut self, weight: usize, bias: usize) -> Result<(), OnnxError> {
        self.claimed = self.claimed.saturating_add(weight).saturating_add(bias);
        limited("the number of parameters", self.claimed, MAX_PARAMETERS)
    }

    fn push(&mut self, layer: Layer, weight: Vec<f32>, bias: Vec<f32>) -> Result<(), OnnxError> {
        self.layers.push(layer);
        self.parameters.push(Parameters { weight, bias });
        limited("the number of layers", self.layers.len(), MAX_LAYERS)
    }

    /// A layer without parameters.
    fn plain(&mut self, layer: Layer) -> Result<(), OnnxError> {
        self.push(layer, Vec::new(), Vec::new())
    }

    fn add(&mut self, node: &Node) -> Result<(), OnnxError> {
        let form = |what: &str| OnnxError::Form { operator: node.operator.clone(), what: what.to_owned() };
        match node.operator.as_str() {
            "Relu" => self.plain(Layer::Relu)?,
            "Identity" | "Dropout" | "Softmax" => {}
            "Flatten" => {
                if node.number("axis", 1) != 1 {
                    return Err(form("another axis than 1"));
                }
                self.plain(Layer::Flatten)?;
            }
            "Reshape" => {
                let all = self.shape()?.len() as i64;
                let target = self.tensor(node, 1)?.integers.as_slice();
                let flat = matches!(target, &[-1..=1, rest] if rest == -1 || rest == all);
                if !flat || target == [-1, -1] {
                    return Err(form("a shape that is no single list"));
                }
                self.plain(Layer::Flatten)?;
            }
            "Conv" => self.conv(node)?,
            "BatchNormalization" => self.normalisation(node)?,
            "MaxPool" | "AveragePool" => {
                let size =
                    node.square("kernel_shape", None).ok_or_else(|| form("filters that are no squares"))?;
                let stride = node.square("strides", Some(1)).ok_or_else(|| form("unequal strides"))?;
                if node.numbers.get("pads").is_some_and(|pads| pads.iter().any(|pad| *pad != 0)) {
                    return Err(form("pads"));
                }
                if node.number("ceil_mode", 0) != 0 || node.dilated() || node.automatic() {
                    return Err(form("rounding up, dilation or automatic pads"));
                }
                let mean = node.operator == "AveragePool";
                self.plain(Layer::Pool { size, stride, mean })?;
            }
            "GlobalAveragePool" => {
                let Shape { height, width, .. } = self.shape()?;
                if height != width {
                    return Err(form("an input that is no square"));
                }
                self.plain(Layer::Pool { size: height, stride: height, mean: true })?;
            }
            "Gemm" => {
                let is_unit = |name: &str| node.floats.get(name).is_none_or(|factor| *factor == 1.0);
                if !is_unit("alpha") || !is_unit("beta") || node.number("transA", 0) != 0 {
                    return Err(form("factors or a transposed input"));
                }
                let bias = node.inputs.get(2).map(|_| self.tensor(node, 2)).transpose()?;
                self.linear(node, node.number("transB", 0) != 0, bias)?;
            }
            "MatMul" => self.linear(node, false, None)?,
            "Add" => {
                let index =
                    usize::from(self.graph.tensors.contains_key(&node.inputs[1.min(node.inputs.len() - 1)]));
                let summand = &self.tensor(node, index)?.floats;
                match (self.layers.last(), self.parameters.last_mut()) {
                    (Some(Layer::Linear { out }), Some(last)) if summand.len() == *out => {
                        last.bias.iter_mut().zip(summand).for_each(|(bias, more)| *bias += more);
                    }
                    _ => return Err(form("anything but the bias of a matrix")),
                }
            }
            other => return Err(OnnxError::Operator(other.to_owned())),
        }
        Ok(())
    }

    fn conv(&mut self, node: &Node) -> Result<(), OnnxError> {
        let form = |what: &str| OnnxError::Form { operator: node.operator.clone(), what: what.to_owned() };
        let weight = self.tensor(node, 1)?;
        let &[out, _, size, other] = weight.shape.as_slice() else {
            return Err(form("filters of another rank"));
        };
        if size != other || node.number("group", 1) != 1 || node.dilated() || node.automatic() {
            return Err(form("filters that are no squares, groups, dilation or automatic pads"));
        }
        let stride = node.square("strides", Some(1)).ok_or_else(|| form("unequal strides"))?;
        let pads = node.numbers.get("pads").cloned().unwrap_or_else(|| vec![0; 4]);
        let pad = pads.first().copied().unwrap_or_default();
        if pads.iter().any(|width| *width != pad) {
            return Err(form("unequal pads"));
        }
        let size_of = |number: i64| usize::try_from(number).map_err(|_| form("a negative size"));
        let (out, size, pad) = (size_of(out)?, size_of(size)?, size_of(pad)?);
        let bias = node.inputs.get(2).map(|_| self.tensor(node, 2)).transpose()?;
        self.claim(weight.floats.len(), bias.map_or(out, |bias| bias.floats.len()))?;
        let bias = bias.map_or_else(|| vec![0.0; out], |bias| bias.floats.clone());
        self.push(Layer::Conv { out, size, stride, pad }, weight.floats.clone(), bias)
    }

    /// `scale · (x − mean) / √(variance + ε) + offset` as one factor and one summand.
    fn normalisation(&mut self, node: &Node) -> Result<(), OnnxError> {
        let epsilon = node.floats.get("epsilon").copied().unwrap_or(1e-5);
        let list = |index| self.tensor(node, index).map(|tensor| &tensor.floats);
        let (scale, offset, mean, variance) = (list(1)?, list(2)?, list(3)?, list(4)?);
        let length = scale.len();
        if [offset, mean, variance].iter().any(|list| list.len() != length) {
            return Err(OnnxError::Constant(node.inputs.get(1).cloned().unwrap_or_default()));
        }
        self.claim(length, length)?;
        let weight: Vec<f32> = scale.iter().zip(variance).map(|(s, v)| s / (v + epsilon).sqrt()).collect();
        let means = weight.iter().zip(mean);
        let bias = offset.iter().zip(means).map(|(offset, (factor, mean))| offset - mean * factor).collect();
        self.push(Layer::Scale, weight, bias)
    }

    fn linear(&mut self, node: &Node, transposed: bool, bias: Option<&Tensor>) -> Result<(), OnnxError> {
        let matrix = self.tensor(node, 1)?;
        let form = |what: &str| OnnxError::Form { operator: node.operator.clone(), what: what.to_owned() };
        let &[rows, columns] = matrix.shape.as_slice() else { return Err(form("a matrix of another rank")) };
        let (rows, columns) = match (usize::try_from(rows), usize::try_from(columns)) {
            (Ok(rows), Ok(columns)) if rows.checked_mul(columns) == Some(matrix.floats.len()) => {
                (rows, columns)
            }
            _ => return Err(OnnxError::Constant(node.inputs.get(1).cloned().unwrap_or_default())),
        };
        let out = if transposed { rows } else { columns };
        self.claim(matrix.floats.len(), bias.map_or(out, |bias| bias.floats.len()))?;
        let weight = if transposed {
            matrix.floats.clone()
        } else {
            let mut turned = Vec::with_capacity(matrix.floats.len());
            for column in 0..columns {
                turned.extend(matrix.floats.iter().skip(column).step_by(columns));
            }
            turned
        };
        let bias = bias.map_or_else(|| vec![0.0; out], |bias| bias.floats.clone());
        self.push(Layer::Linear { out }, weight, bias)
    }

    fn tensor(&self, node: &Node, index: usize) -> Result<&'a Tensor, OnnxError> {
        let name = node.inputs.get(index).map(String::as_str).unwrap_or_default();
        self.graph.tensors.get(name).ok_or_else(|| OnnxError::Constant(name.to_owned()))
    }
}

impl Node {
    fn number(&self, name: &str, default: i64) -> i64 {
        self.numbers.get(name).and_then(|numbers| numbers.first()).copied().unwrap_or(default)
    }

    /// The one value of a list of equal ones.
    fn square(&self, name: &str, default: Option<usize>) -> Option<usize> {
        let Some(numbers) = self.numbers.get(name) else { return default };
        let first = numbers.first()?;
        let equal = numbers.len() == 2 && numbers.iter().all(|number| number == first);
        equal.then(|| usize::try_from(*first).ok()).flatten()
    }

    fn dilated(&self) -> bool {
        self.numbers.get("dilations").is_some_and(|numbers| numbers.iter().any(|number| *number != 1))
    }

    fn automatic(&self) -> bool {
        self.words.get("auto_pad").is_some_and(|word| word != "NOTSET")
    }
}

#[cfg(test)]
mod tests;
