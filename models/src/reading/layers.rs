//! The layers of the model over turns, as its file holds them.

use ndarray::{Array1, Array2, ArrayBase, Axis, Data, Ix2};
use safetensors::{Dtype, SafeTensors};

/// Added to a variance, so that equal values can be divided by it; PyTorch's.
const EPSILON: f32 = 1e-5;

/// Weight and bias. The weight lies as rows are multiplied with it, [in, out]: laid out anew for each product, it would
/// take longer to lay out than to multiply.
#[derive(Debug)]
pub(super) struct Layer {
    weight: Array2<f32>,
    bias: Array1<f32>,
}

impl Layer {
    pub(super) fn load(file: &SafeTensors<'_>, name: &str, rows: usize, columns: usize) -> Result<Layer, String> {
        let weight = matrix(file, &format!("{name}.weight"), rows, columns)?;
        Ok(Layer::of(weight, vector(file, &format!("{name}.bias"), rows)?))
    }

    /// Of a weight as files have it, [out, in].
    pub(super) fn of(weight: Array2<f32>, bias: Array1<f32>) -> Layer {
        Layer { weight: weight.t().as_standard_layout().into_owned(), bias }
    }

    pub(super) fn forward(&self, x: &Array1<f32>) -> Array1<f32> {
        self.forward_rows(&x.view().insert_axis(Axis(0))).remove_axis(Axis(0))
    }

    /// The same of each row.
    pub(super) fn forward_rows<S: Data<Elem = f32>>(&self, x: &ArrayBase<S, Ix2>) -> Array2<f32> {
        x.dot(&self.weight) + &self.bias
    }
}

/// Brings each row to mean 0 and variance 1, then scales and moves it.
#[derive(Debug)]
pub(super) struct Norm {
    weight: Array1<f32>,
    bias: Array1<f32>,
}

impl Norm {
    pub(super) fn load(file: &SafeTensors<'_>, name: &str, width: usize) -> Result<Norm, String> {
        let part = |part: &str| vector(file, &format!("{name}.{part}"), width);
        Ok(Norm { weight: part("weight")?, bias: part("bias")? })
    }

    pub(super) fn forward(&self, mut x: Array2<f32>) -> Array2<f32> {
        for mut row in x.axis_iter_mut(Axis(0)) {
            let mean = row.sum() / row.len() as f32;
            row.mapv_inplace(|value| value - mean);
            let variance = row.dot(&row) / row.len() as f32;
            row /= (variance + EPSILON).sqrt();
            row *= &self.weight;
            row += &self.bias;
        }
        x
    }
}

pub(super) fn sigmoid(logit: f32) -> f32 {
    1.0 / (1.0 + (-logit).exp())
}

pub(super) fn matrix(file: &SafeTensors<'_>, name: &str, rows: usize, columns: usize) -> Result<Array2<f32>, String> {
    Array2::from_shape_vec((rows, columns), floats(file, name, &[rows, columns])?).map_err(|e| e.to_string())
}

pub(super) fn vector(file: &SafeTensors<'_>, name: &str, length: usize) -> Result<Array1<f32>, String> {
    Ok(Array1::from_vec(floats(file, name, &[length])?))
}

/// The values of a tensor of f32 or bf16.
fn floats(file: &SafeTensors<'_>, name: &str, shape: &[usize]) -> Result<Vec<f32>, String> {
    let tensor = file.tensor(name).map_err(|e| e.to_string())?;
    if tensor.shape() != shape {
        return Err(format!("{name} is {:?}, expected {shape:?}", tensor.shape()));
    }
    match tensor.dtype() {
        Dtype::F32 => Ok(tensor.data().as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()),
        // The upper half of an f32.
        Dtype::BF16 => {
            let whole = |half: &[u8; 2]| f32::from_bits(u32::from(u16::from_le_bytes(*half)) << 16);
            Ok(tensor.data().as_chunks::<2>().0.iter().map(whole).collect())
        }
        other => Err(format!("{name} is {other:?}, expected F32 or BF16")),
    }
}
