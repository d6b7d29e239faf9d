//! Weights as they are stored: matrices as int8 rows with one scale each, the rest as f16 or f32.

use std::collections::HashMap;
use std::path::Path;

use candle_core::{DType, Device, Tensor};

use crate::InferenceError;

/// Where zero lies in a stored row; bytes are unsigned because candle has no signed ones.
const ZERO: f64 = 128.0;

/// The tensors of a weights file, each taken once by name.
pub(crate) struct Weights {
    tensors: HashMap<String, Tensor>,
}

impl Weights {
    pub(crate) fn read(path: &Path) -> Result<Weights, InferenceError> {
        let tensors = candle_core::safetensors::load(path, &Device::Cpu)
            .map_err(|e| InferenceError::File { path: path.to_owned(), reason: e.to_string() })?;
        Ok(Weights { tensors })
    }

    /// A tensor as f32, whatever form it is stored in.
    pub(crate) fn take(&mut self, name: &str, shape: &[usize]) -> Result<Tensor, InferenceError> {
        let stored = self.stored(name, shape)?;
        if stored.dtype() != DType::U8 {
            return Ok(stored.to_dtype(DType::F32)?);
        }
        let scales = self.scales(name, shape[0])?;
        Ok(dequantise(&stored, &scales)?)
    }

    /// A matrix of which single rows are asked for: kept as it is stored.
    pub(crate) fn take_rows(&mut self, name: &str, shape: &[usize]) -> Result<Rows, InferenceError> {
        let stored = self.stored(name, shape)?;
        let scales = if stored.dtype() == DType::U8 { Some(self.scales(name, shape[0])?) } else { None };
        Ok(Rows { stored, scales })
    }

    fn stored(&mut self, name: &str, shape: &[usize]) -> Result<Tensor, InferenceError> {
        let tensor = self.tensors.remove(name).ok_or_else(|| InferenceError::Weights(format!("{name} is missing")))?;
        if tensor.dims() != shape {
            return Err(InferenceError::Weights(format!("{name} is {:?}, expected {shape:?}", tensor.dims())));
        }
        Ok(tensor)
    }

    fn scales(&mut self, name: &str, rows: usize) -> Result<Tensor, InferenceError> {
        let scales = self.stored(&format!("{name}.scale"), &[rows])?;
        Ok(scales.to_dtype(DType::F32)?.reshape((rows, 1))?)
    }
}

/// A table of rows, read by number.
pub(crate) struct Rows {
    stored: Tensor,
    scales: Option<Tensor>,
}

impl Rows {
    /// The rows with these numbers as f32, one below the other.
    pub(crate) fn gather(&self, numbers: &Tensor) -> candle_core::Result<Tensor> {
        let rows = self.stored.index_select(numbers, 0)?;
        match &self.scales {
            Some(scales) => dequantise(&rows, &scales.index_select(numbers, 0)?),
            None => rows.to_dtype(DType::F32),
        }
    }
}

fn dequantise(bytes: &Tensor, scales: &Tensor) -> candle_core::Result<Tensor> {
    (bytes.to_dtype(DType::F32)? - ZERO)?.broadcast_mul(scales)
}
