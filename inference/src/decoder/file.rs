//! A decoder's weights as a GGUF file of the ggml library holds them; what the file says of the network's shape.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use candle_core::Device;
use candle_core::quantized::gguf_file::{Content, Value};

use crate::InferenceError;

/// An open file.
pub(super) struct Weights {
    path: std::path::PathBuf,
    content: Content,
    reader: BufReader<File>,
}

/// The network's shape.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Shape {
    pub(super) width: usize,
    pub(super) inner: usize,
    pub(super) layers: usize,
    pub(super) heads: usize,
    /// Of a head; all share one key and one value.
    pub(super) head: usize,
    /// Tokens that most layers see, the present one counted.
    pub(super) window: usize,
    /// Of the places in layers that see all.
    pub(super) base: f32,
    pub(super) epsilon: f32,
}

impl Weights {
    pub(super) fn open(path: &Path) -> Result<(Weights, Shape), InferenceError> {
        let fault = |reason: String| InferenceError::File { path: path.to_owned(), reason };
        let mut reader = BufReader::new(File::open(path).map_err(|e| fault(e.to_string()))?);
        let content = Content::read(&mut reader).map_err(|e| fault(e.to_string()))?;
        let weights = Weights { path: path.to_owned(), content, reader };
        let shape = weights.shape()?;
        Ok((weights, shape))
    }

    fn shape(&self) -> Result<Shape, InferenceError> {
        let whole =
            |name: &str| self.value(name).and_then(|v| v.to_u32().map_err(|e| self.fault(e))).map(|v| v as usize);
        let real = |name: &str| self.value(name).and_then(|v| v.to_f32().map_err(|e| self.fault(e)));
        let shape = Shape {
            width: whole("embedding_length")?,
            inner: whole("feed_forward_length")?,
            layers: whole("block_count")?,
            heads: whole("attention.head_count")?,
            head: whole("attention.key_length")?,
            window: whole("attention.sliding_window")?,
            base: real("rope.freq_base")?,
            epsilon: real("attention.layer_norm_rms_epsilon")?,
        };
        let Shape { width, inner, heads, head, .. } = shape;
        let fits = [width, inner, head, heads * head].iter().all(|size| *size > 0 && size.is_multiple_of(32));
        if !fits || shape.window == 0 || whole("attention.head_count_kv")? != 1 {
            return Err(self.fault(format!("its shape is not one of those computed here: {shape:?}")));
        }
        Ok(shape)
    }

    fn value(&self, name: &str) -> Result<&Value, InferenceError> {
        let value = self.content.metadata.get(&format!("gemma3.{name}"));
        value.ok_or_else(|| self.fault(format!("gemma3.{name} is missing")))
    }

    /// A tensor of so many values as f32, row by row.
    pub(super) fn take(&mut self, name: &str, size: usize) -> Result<Vec<f32>, InferenceError> {
        let read = |of: &mut Self| -> candle_core::Result<Vec<f32>> {
            let tensor = of.content.tensor(&mut of.reader, name, &Device::Cpu)?;
            tensor.dequantize(&Device::Cpu)?.flatten_all()?.to_vec1()
        };
        let values = read(self).map_err(|e| self.fault(format!("{name}: {e}")))?;
        match values.len() == size {
            true => Ok(values),
            false => Err(self.fault(format!("{name} has {} values, expected {size}", values.len()))),
        }
    }

    /// Rows of a matrix.
    pub(super) fn rows(&self, name: &str) -> usize {
        self.content.tensor_infos.get(name).and_then(|info| info.shape.dims().first().copied()).unwrap_or(0)
    }

    pub(super) fn fault(&self, reason: impl ToString) -> InferenceError {
        InferenceError::File { path: self.path.clone(), reason: reason.to_string() }
    }
}
