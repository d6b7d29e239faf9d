//! Values from outside that carry their bounds in their type: checked when read, described in the OpenAPI document.

use serde::de::Error;
use serde::{Deserialize, Deserializer};
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::openapi::{KnownFormat, RefOr, SchemaFormat};
use utoipa::{PartialSchema, ToSchema};

/// A text of `MIN` to `MAX` Unicode scalar values that is not only white space.
#[derive(Clone, PartialEq, Eq)]
pub struct Text<const MIN: usize, const MAX: usize>(String);

impl<const MIN: usize, const MAX: usize> Text<MIN, MAX> {
    pub fn into_inner(self) -> String {
        self.0
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Shows the length only: it may be a customer's text or a password.
impl<const MIN: usize, const MAX: usize> std::fmt::Debug for Text<MIN, MAX> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Text({} bytes)", self.0.len())
    }
}

impl<'de, const MIN: usize, const MAX: usize> Deserialize<'de> for Text<MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let length = text.chars().take(MAX + 1).count();
        if length > MAX {
            return Err(D::Error::custom(format_args!("a text is longer than {MAX} characters")));
        }
        if length < MIN || (MIN > 0 && text.trim().is_empty()) {
            return Err(D::Error::custom("a text is empty or too short"));
        }
        Ok(Self(text))
    }
}

impl<const MIN: usize, const MAX: usize> PartialSchema for Text<MIN, MAX> {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length((MIN > 0).then_some(MIN))
            .max_length(Some(MAX))
            .pattern((MIN > 0).then_some(r"\S"))
            .build()
            .into()
    }
}

impl<const MIN: usize, const MAX: usize> ToSchema for Text<MIN, MAX> {}

/// A number of items, 1 to `MAX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count<const MAX: u32>(u32);

impl<const MAX: u32> Count<MAX> {
    pub fn get(self) -> u32 {
        self.0
    }
}

impl<const MAX: u32> Default for Count<MAX> {
    fn default() -> Self {
        Self(MAX)
    }
}

impl<'de, const MAX: u32> Deserialize<'de> for Count<MAX> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let count = u32::deserialize(from)?;
        if (1..=MAX).contains(&count) {
            return Ok(Self(count));
        }
        Err(D::Error::custom(format_args!("a count is outside 1 to {MAX}")))
    }
}

impl<const MAX: u32> PartialSchema for Count<MAX> {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int32)))
            .minimum(Some(1))
            .maximum(Some(MAX))
            .build()
            .into()
    }
}

impl<const MAX: u32> ToSchema for Count<MAX> {}
