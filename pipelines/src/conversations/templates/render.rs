//! From a template to a text for one contact.

use std::collections::HashMap;

use models::taxonomy::Language;
use serde::{Deserialize, Serialize};

use super::body::{self, Body, Part};
use super::{TemplateError, TemplateId, Variable, store, values};
use crate::conversations::view;
use crate::events::ContactId;
use crate::platform::store::Store;
use crate::workforce::{self, Actor};

/// Values that the operator gives, by the name of their variable.
pub type Values = HashMap<String, String>;

/// A template filled for a contact.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Rendered {
    /// The whole text; empty as long as a value is missing, so that no hole can be sent.
    pub text: String,
    pub segments: Vec<RenderedSegment>,
    pub missing: Vec<MissingValue>,
}

/// A piece of the text and where it comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RenderedSegment {
    /// Empty where the value is missing.
    pub text: String,
    /// None: the template's own words.
    pub variable: Option<Variable>,
    pub missing: bool,
}

/// A value to ask the operator for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct MissingValue {
    pub variable: Variable,
    /// In the language of the operator's page.
    pub label: String,
}

/// Longest value that an operator may give, in characters.
const LONGEST: usize = 200;

/// Fills a template with what is known of the contact and its customer. What the operator gives goes before what is
/// known. The actor must be allowed to see the contact.
pub async fn render(
    store: &Store,
    actor: &Actor,
    template: TemplateId,
    contact: ContactId,
    given: &Values,
) -> Result<Rendered, TemplateError> {
    let template = store::one(store.pool(), template).await?.ok_or(TemplateError::NotFound)?;
    view::seen(store, actor, contact).await?.ok_or(TemplateError::NotFound)?;
    let subject = store::subject(store.pool(), contact).await?.ok_or(TemplateError::NotFound)?;
    let body = Body::parse(&template.body)?;
    let given = read(given)?;
    let mut values = values::known(store, Some(&actor.name), &subject, template.language).await?.values;
    values.extend(given);
    let asks = workforce::me(store, actor).await?.map_or(template.language, |me| me.preferences.language);
    Ok(filled(&body, &values, asks))
}

fn read(given: &Values) -> Result<HashMap<Variable, String>, TemplateError> {
    let mut values = HashMap::new();
    for (name, value) in given {
        let variable =
            name.parse().map_err(|_| TemplateError::Invalid("a given value has a name that templates do not know"))?;
        let value = value.trim();
        if value.chars().count() > LONGEST || value.chars().any(char::is_control) {
            return Err(TemplateError::Invalid("a given value has 200 characters at most, on one line"));
        }
        if !value.is_empty() {
            values.insert(variable, value.to_owned());
        }
    }
    Ok(values)
}

pub(super) fn filled(body: &Body, values: &HashMap<Variable, String>, asks: Language) -> Rendered {
    let machine = body::machine();
    let segments: Vec<RenderedSegment> = body
        .parts
        .iter()
        .map(|part| match part {
            Part::Text(text) => RenderedSegment { text: text.clone(), variable: None, missing: false },
            Part::Slot { variable, expression } => {
                let value = values.get(variable).and_then(|value| body::fill(&machine, expression, *variable, value));
                let missing = value.is_none();
                RenderedSegment { text: value.unwrap_or_default(), variable: Some(*variable), missing }
            }
        })
        .collect();
    let mut missing: Vec<MissingValue> = Vec::new();
    for variable in segments.iter().filter(|segment| segment.missing).filter_map(|segment| segment.variable) {
        if missing.iter().all(|known| known.variable != variable) {
            missing.push(MissingValue { variable, label: variable.label(asks).to_owned() });
        }
    }
    let whole = missing.is_empty();
    let text = if whole { segments.iter().map(|segment| segment.text.as_str()).collect() } else { String::new() };
    Rendered { text, segments, missing }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled_with(text: &str, values: &[(Variable, &str)]) -> Rendered {
        let values = values.iter().map(|(variable, value)| (*variable, (*value).to_owned())).collect();
        filled(&Body::parse(text).unwrap(), &values, Language::Ru)
    }

    #[test]
    fn a_whole_text_says_where_its_pieces_come_from() {
        let rendered = filled_with(
            "{{ customer_name }}, ваш заказ {{ order_number }} на {{ sum }} готовит «{{ restaurant | upper }}».",
            &[
                (Variable::CustomerName, "Светлана"),
                (Variable::OrderNumber, "A-1047"),
                (Variable::Sum, "1 570 ₽"),
                (Variable::Restaurant, "Абая 10"),
            ],
        );
        insta::assert_json_snapshot!(rendered);
    }

    #[test]
    fn what_is_missing_is_asked_for_once_and_never_sent() {
        let rendered = filled_with("{{ dish }}? Да, {{ dish }} за {{ sum }}.", &[(Variable::Sum, "900 ₽")]);
        insta::assert_json_snapshot!(rendered);
        assert_eq!(rendered.text, "");
    }

    #[test]
    fn braces_in_a_name_stay_braces() {
        let rendered = filled_with("Привет, {{ customer_name }}!", &[(Variable::CustomerName, "{{ sum }} {% raw %}")]);
        assert_eq!(rendered.text, "Привет, {{ sum }} {% raw %}!");
    }
}
