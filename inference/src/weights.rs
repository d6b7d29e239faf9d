//! Weights as they are stored: matrices as rows of eight bits with one scale each, or of four bits with a scale for
//! each block of 32 (Q4_0 of the ggml library: low nibbles first); the rest as f16 or f32.

use std::collections::HashMap;
use std::path::Path;

use candle_core::{DType, Device, Tensor};

use crate::InferenceError;

/// Where zero lies in a stored row; bytes are unsigned because candle has no signed ones.
const ZERO: f64 = 128.0;

/// Values that share a scale in rows of four bits.
const BLOCK: usize = 32;

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
        match *shape {
            [rows, columns] => Ok(self.take_rows(name, &[rows, columns])?.all()?),
            _ => Ok(self.stored(name, shape)?.to_dtype(DType::F32)?),
        }
    }

    /// A matrix of which single rows are asked for: kept as it is stored.
    pub(crate) fn take_rows(&mut self, name: &str, shape: &[usize; 2]) -> Result<Rows, InferenceError> {
        let [rows, columns] = *shape;
        if self.tensors.get(name).is_none_or(|tensor| tensor.dtype() != DType::U8) {
            return Ok(Rows::Plain(self.stored(name, shape)?));
        }
        let scale = format!("{name}.scale");
        if self.tensors.get(&scale).is_some_and(|scales| scales.rank() == 1) {
            let (bytes, scales) = (self.stored(name, shape)?, self.stored(&scale, &[rows])?);
            return Ok(Rows::Eight { bytes, scales: scales.to_dtype(DType::F32)?.reshape((rows, 1))? });
        }
        let nibbles = self.stored(name, &[rows, columns / 2])?;
        Ok(Rows::Four { nibbles, scales: self.stored(&scale, &[rows, columns / BLOCK])?.to_dtype(DType::F32)? })
    }

    fn stored(&mut self, name: &str, shape: &[usize]) -> Result<Tensor, InferenceError> {
        let tensor = self.tensors.remove(name).ok_or_else(|| InferenceError::Weights(format!("{name} is missing")))?;
        if tensor.dims() != shape {
            return Err(InferenceError::Weights(format!("{name} is {:?}, expected {shape:?}", tensor.dims())));
        }
        Ok(tensor)
    }
}

/// A table of rows as it is stored.
pub(crate) enum Rows {
    Plain(Tensor),
    Eight { bytes: Tensor, scales: Tensor },
    Four { nibbles: Tensor, scales: Tensor },
}

impl Rows {
    /// The rows with these numbers as f32, one below the other.
    pub(crate) fn gather(&self, numbers: &Tensor) -> candle_core::Result<Tensor> {
        let pick = |table: &Tensor| table.index_select(numbers, 0);
        match self {
            Self::Plain(rows) => Self::Plain(pick(rows)?),
            Self::Eight { bytes, scales } => Self::Eight { bytes: pick(bytes)?, scales: pick(scales)? },
            Self::Four { nibbles, scales } => Self::Four { nibbles: pick(nibbles)?, scales: pick(scales)? },
        }
        .all()
    }

    /// All rows as f32.
    fn all(&self) -> candle_core::Result<Tensor> {
        match self {
            Self::Plain(rows) => rows.to_dtype(DType::F32),
            Self::Eight { bytes, scales } => (bytes.to_dtype(DType::F32)? - ZERO)?.broadcast_mul(scales),
            Self::Four { nibbles, scales } => {
                let (rows, bytes) = nibbles.dims2()?;
                let nibbles = nibbles.flatten_all()?.to_vec1::<u8>()?;
                let scales = scales.flatten_all()?.to_vec1::<f32>()?;
                let mut values = Vec::with_capacity(nibbles.len() * 2);
                for (block, scale) in nibbles.chunks_exact(BLOCK / 2).zip(scales) {
                    let value = |nibble: u8| (f32::from(nibble) - 8.0) * scale;
                    values.extend(block.iter().map(|byte| value(byte & 15)));
                    values.extend(block.iter().map(|byte| value(byte >> 4)));
                }
                Tensor::from_vec(values, (rows, bytes * 2), &Device::Cpu)
            }
        }
    }
}

impl Rows {
    /// The same out of candle's hands, for single rows.
    pub(crate) fn table(&self) -> candle_core::Result<Table> {
        Ok(match self {
            Self::Plain(rows) => {
                let rows = rows.to_dtype(DType::F32)?;
                Table::Plain { width: rows.dim(1)?, values: rows.flatten_all()?.to_vec1()? }
            }
            Self::Eight { bytes, scales } => Table::Eight {
                width: bytes.dim(1)?,
                bytes: bytes.flatten_all()?.to_vec1()?,
                scales: scales.flatten_all()?.to_vec1()?,
            },
            Self::Four { nibbles, scales } => Table::Four {
                width: nibbles.dim(1)? * 2,
                nibbles: nibbles.flatten_all()?.to_vec1()?,
                scales: scales.flatten_all()?.to_vec1()?,
            },
        })
    }
}

/// A table of rows as it is stored, for reading single rows.
pub(crate) enum Table {
    Plain { width: usize, values: Vec<f32> },
    Eight { width: usize, bytes: Vec<u8>, scales: Vec<f32> },
    Four { width: usize, nibbles: Vec<u8>, scales: Vec<f32> },
}

impl Table {
    /// Writes row `number`, which the table has, to `out`, which is as wide.
    pub(crate) fn copy_row(&self, number: usize, out: &mut [f32]) {
        match self {
            Self::Plain { width, values } => out.copy_from_slice(&values[number * width..][..*width]),
            Self::Eight { width, bytes, scales } => {
                let scale = scales[number];
                for (out, byte) in out.iter_mut().zip(&bytes[number * width..][..*width]) {
                    *out = (f32::from(*byte) - ZERO as f32) * scale;
                }
            }
            Self::Four { width, nibbles, scales } => {
                let blocks = nibbles[number * width / 2..][..width / 2].chunks_exact(BLOCK / 2);
                let scales = &scales[number * width / BLOCK..][..width / BLOCK];
                for ((out, block), scale) in out.chunks_exact_mut(BLOCK).zip(blocks).zip(scales) {
                    let (low, high) = out.split_at_mut(BLOCK / 2);
                    for ((low, high), byte) in low.iter_mut().zip(high).zip(block) {
                        *low = (f32::from(byte & 15) - 8.0) * scale;
                        *high = (f32::from(byte >> 4) - 8.0) * scale;
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_bits_by_hand() {
        // One row of one block: the low nibbles count up from 0, the high ones are all 15.
        let nibbles: Vec<u8> = (0..16).map(|low| low | 0xf0).collect();
        let nibbles = Tensor::from_vec(nibbles, (1, 16), &Device::Cpu).expect("it fits");
        let scales = Tensor::from_vec(vec![0.5_f32], (1, 1), &Device::Cpu).expect("it fits");
        let rows = Rows::Four { nibbles, scales };
        let low = (0..16_u8).map(|low| (f32::from(low) - 8.0) * 0.5);
        let expected: Vec<f32> = low.chain([3.5; 16]).collect();
        assert_eq!(
            rows.all().and_then(|rows| rows.to_vec2::<f32>()).expect("it unpacks"),
            std::slice::from_ref(&expected)
        );
        let mut row = [0.0; 32];
        rows.table().expect("it is a table").copy_row(0, &mut row);
        assert_eq!(row.to_vec(), expected);
    }
}
