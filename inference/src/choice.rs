//! Which kernels compute, by what the processor can do and what was asked for.

use std::str::FromStr;

use crate::InferenceError;
#[cfg(target_arch = "x86_64")]
use crate::engine::amx;

/// How exactly the large products are computed. Everything between them stays in f32.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Precision {
    /// Eight bits where there are kernels for it, else bf16, else f32.
    #[default]
    Auto,
    /// Weights in eight bits, and activations too; without an instruction for that (AVX2) these in fifteen.
    Int8,
    Bf16,
    F32,
}

impl FromStr for Precision {
    type Err = InferenceError;

    fn from_str(text: &str) -> Result<Precision, InferenceError> {
        match text {
            "auto" => Ok(Precision::Auto),
            "int8" => Ok(Precision::Int8),
            "bf16" => Ok(Precision::Bf16),
            "f32" => Ok(Precision::F32),
            other => Err(InferenceError::Precision(other.to_owned())),
        }
    }
}

/// Instructions that kernels are written for, the widest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Instructions {
    /// AVX-512 as below, and products by tiles (AMX) in eight bits and bf16.
    Amx,
    /// AVX-512 with F, BW, VL and DQ.
    Avx512,
    /// AVX2 with FMA.
    Avx2,
    /// What candle computes with.
    Portable,
}

/// The environment variable that forbids wider instructions: `amx`, `avx512`, `avx2` or `portable`.
pub const INSTRUCTIONS: &str = "OKNO_INSTRUCTIONS";

/// What an encoder computes with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    pub instructions: Instructions,
    /// Never `Auto`.
    pub precision: Precision,
    /// Attention in bf16; else in f32.
    pub half_attention: bool,
}

impl Choice {
    /// Candle in f32: on every processor, and what the others are measured against.
    pub const PORTABLE: Choice =
        Choice { instructions: Instructions::Portable, precision: Precision::F32, half_attention: false };

    /// The fastest that the processor has, within what `wanted` and the environment allow.
    pub fn new(wanted: Precision) -> Result<Choice, InferenceError> {
        let widest = match std::env::var(INSTRUCTIONS).as_deref() {
            Err(_) | Ok("") | Ok("amx") => Instructions::Amx,
            Ok("avx512") => Instructions::Avx512,
            Ok("avx2") => Instructions::Avx2,
            Ok("portable") => Instructions::Portable,
            Ok(other) => return Err(InferenceError::Instructions(other.to_owned())),
        };
        Choice::within(wanted, widest)
    }

    /// The fastest that the processor has, but nothing wider than `widest`. An error where `wanted` is not to be had.
    pub fn within(wanted: Precision, widest: Instructions) -> Result<Choice, InferenceError> {
        let instructions = detected().max(widest);
        let wide = instructions <= Instructions::Avx512;
        let bytes = wide && has_bytes() || instructions == Instructions::Avx2;
        let halves = wide && has_halves();
        let precision = match wanted {
            Precision::Auto if bytes => Precision::Int8,
            Precision::Auto if halves => Precision::Bf16,
            Precision::Auto => Precision::F32,
            Precision::Int8 if !bytes => return Err(InferenceError::Precision("int8".to_owned())),
            Precision::Bf16 if !halves => return Err(InferenceError::Precision("bf16".to_owned())),
            other => other,
        };
        Ok(Choice { instructions, precision, half_attention: halves && precision != Precision::F32 })
    }
}

#[cfg(target_arch = "x86_64")]
fn detected() -> Instructions {
    let wide = is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512vl")
        && is_x86_feature_detected!("avx512dq");
    match wide {
        true if has_bytes() && has_halves() && amx::available() => Instructions::Amx,
        true => Instructions::Avx512,
        false if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") => Instructions::Avx2,
        false => Instructions::Portable,
    }
}

#[cfg(target_arch = "x86_64")]
fn has_bytes() -> bool {
    is_x86_feature_detected!("avx512vnni")
}

#[cfg(target_arch = "x86_64")]
fn has_halves() -> bool {
    is_x86_feature_detected!("avx512bf16")
}

#[cfg(not(target_arch = "x86_64"))]
fn detected() -> Instructions {
    Instructions::Portable
}

#[cfg(not(target_arch = "x86_64"))]
fn has_bytes() -> bool {
    false
}

#[cfg(not(target_arch = "x86_64"))]
fn has_halves() -> bool {
    false
}
