//! The text of a template: words and slots, checked when it is saved, so that none fails in front of a customer.

use std::collections::BTreeMap;

use minijinja::{Environment, UndefinedBehavior, Value, filters};

use super::Variable;

/// Longest body in characters: a message of Telegram holds 4,096, values come in addition.
const LONGEST: usize = 2_000;
/// Most slots of one body.
const MOST_SLOTS: usize = 30;
/// Instructions of minijinja's machine that one slot may take; the longest allowed takes far fewer.
const FUEL: u64 = 100;
const FILTERS: [&str; 4] = ["upper", "lower", "capitalize", "title"];

/// A body whose every slot is known to work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Body {
    pub(super) parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Text(String),
    /// `{{ variable | filter }}`
    Slot {
        variable: Variable,
        expression: String,
    },
}

/// What is wrong with a body. A name that was written is repeated: an administrator wrote it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    #[error("write a text of 1 to 2000 characters")]
    Length,
    #[error("only values in double braces may stand in a template, no `{{%` or `{{#`; see character {0}")]
    Statement(usize),
    #[error("the braces at character {0} are not closed, or were not opened; write {{{{ customer_name }}}}")]
    Braces(usize),
    #[error("`{0}` is not a value that templates know")]
    UnknownVariable(String),
    #[error("`{0}` is not a filter that templates know; use upper, lower, capitalize or title")]
    UnknownFilter(String),
    #[error("a template holds 30 values at most")]
    TooMany,
}

impl Body {
    /// Reads a body: text and `{{ variable }}`, each with filters after `|` if need be, and nothing else of the
    /// template language: no statements, calls, attributes or arithmetic.
    pub(super) fn parse(text: &str) -> Result<Self, BodyError> {
        let text = text.trim();
        let characters = text.chars().count();
        if characters == 0 || characters > LONGEST {
            return Err(BodyError::Length);
        }
        let (mut parts, mut rest) = (Vec::new(), text);
        let place = |rest: &str| characters - rest.chars().count() + 1;
        while let Some(at) = rest.find(['{', '}']) {
            let (before, marked) = rest.split_at(at);
            if marked.starts_with("{%") || marked.starts_with("{#") {
                return Err(BodyError::Statement(place(marked)));
            }
            if let Some(inside) = marked.strip_prefix("{{") {
                let (slot, after) = inside.split_once("}}").ok_or_else(|| BodyError::Braces(place(marked)))?;
                push_text(&mut parts, before);
                parts.push(slot_of(slot, place(marked))?);
                rest = after;
            } else if marked.starts_with("}}") || marked.starts_with("%}") {
                return Err(BodyError::Braces(place(marked)));
            } else {
                let (text, after) = rest.split_at(at + 1);
                push_text(&mut parts, text);
                rest = after;
            }
        }
        push_text(&mut parts, rest);
        let body = Self { parts };
        if body.slots().count() > MOST_SLOTS {
            return Err(BodyError::TooMany);
        }
        Ok(body)
    }

    /// Each variable once, in the order of the text.
    pub(super) fn variables(&self) -> Vec<Variable> {
        let mut variables = Vec::new();
        for variable in self.slots() {
            if !variables.contains(&variable) {
                variables.push(variable);
            }
        }
        variables
    }

    fn slots(&self) -> impl Iterator<Item = Variable> {
        self.parts.iter().filter_map(|part| match part {
            Part::Slot { variable, .. } => Some(*variable),
            Part::Text(_) => None,
        })
    }
}

fn push_text(parts: &mut Vec<Part>, text: &str) {
    match parts.last_mut() {
        _ if text.is_empty() => {}
        Some(Part::Text(before)) => before.push_str(text),
        _ => parts.push(Part::Text(text.to_owned())),
    }
}

fn slot_of(slot: &str, at: usize) -> Result<Part, BodyError> {
    let mut words = slot.split('|').map(str::trim);
    let name = words.next().unwrap_or_default();
    let word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    if slot.contains(['{', '}', '\n']) {
        return Err(BodyError::Braces(at));
    }
    let variable: Variable = name.parse().map_err(|_| BodyError::UnknownVariable(shown(name)))?;
    for filter in words {
        if !word(filter) || !FILTERS.contains(&filter) {
            return Err(BodyError::UnknownFilter(shown(filter)));
        }
    }
    Ok(Part::Slot { variable, expression: slot.trim().to_owned() })
}

/// The beginning of what was written, for an error.
fn shown(word: &str) -> String {
    word.chars().take(40).collect()
}

/// The machine that fills slots: knows four filters and nothing else, refuses values that are not there, has little fuel.
pub(super) fn machine() -> Environment<'static> {
    let mut machine = Environment::empty();
    machine.set_undefined_behavior(UndefinedBehavior::Strict);
    machine.set_fuel(Some(FUEL));
    machine.add_filter("upper", filters::upper);
    machine.add_filter("lower", filters::lower);
    machine.add_filter("capitalize", filters::capitalize);
    machine.add_filter("title", filters::title);
    machine
}

/// Fills one slot. None only where the slot could not have been saved.
pub(super) fn fill(machine: &Environment<'_>, expression: &str, variable: Variable, value: &str) -> Option<String> {
    let values = Value::from(BTreeMap::from([(variable.as_str(), Value::from(value))]));
    let filled = machine.compile_expression(expression).ok()?.eval(values).ok()?;
    filled.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn slot(variable: Variable, expression: &str) -> Part {
        Part::Slot { variable, expression: expression.to_owned() }
    }

    #[test]
    fn words_and_slots_are_told_apart() {
        let body =
            Body::parse("Здравствуйте, {{customer_name}}! {Заказ} {{ order_number | upper }} в пути: 50 % } готово.");
        let body = body.unwrap();
        assert_eq!(
            body.parts,
            [
                Part::Text("Здравствуйте, ".into()),
                slot(Variable::CustomerName, "customer_name"),
                Part::Text("! {Заказ} ".into()),
                slot(Variable::OrderNumber, "order_number | upper"),
                Part::Text(" в пути: 50 % } готово.".into()),
            ]
        );
        assert_eq!(body.variables(), [Variable::CustomerName, Variable::OrderNumber]);
    }

    #[test]
    fn whatever_is_more_than_a_value_is_refused() {
        use BodyError::{Braces, Length, Statement, UnknownFilter, UnknownVariable};
        let unknown = |name: &str| UnknownVariable(name.to_owned());
        for (text, why) in [
            ("", Length),
            ("{% for x in range(9999999) %}x{% endfor %}", Statement(1)),
            ("а {% include 'x' %}", Statement(3)),
            ("{# тайна #}", Statement(1)),
            ("{{ customer_name }", Braces(1)),
            ("имя }}", Braces(5)),
            ("{{ {{ sum }} }}", Braces(1)),
            ("{{ password }}", unknown("password")),
            ("{{ customer_name.x }}", unknown("customer_name.x")),
            ("{{ customer_name() }}", unknown("customer_name()")),
            ("{{ sum + sum }}", unknown("sum + sum")),
            ("{{ 'x' * 1000000 }}", unknown("'x' * 1000000")),
            ("{{- sum -}}", unknown("- sum -")),
            ("{{}}", unknown("")),
            ("{{ sum | replace('1', '2') }}", UnknownFilter("replace('1', '2')".into())),
            ("{{ sum | safe }}", UnknownFilter("safe".into())),
            ("{{ sum | }}", UnknownFilter(String::new())),
        ] {
            assert_eq!(Body::parse(text), Err(why), "{text}");
        }
        assert_eq!(Body::parse(&"я".repeat(2_001)), Err(Length));
        assert_eq!(Body::parse(&"{{ sum }}".repeat(31)), Err(BodyError::TooMany));
    }

    #[test]
    fn every_slot_that_can_be_saved_can_be_filled() {
        let machine = machine();
        for variable in Variable::ALL {
            for filter in FILTERS {
                let expression = format!("{}|{filter}", variable.as_str());
                assert!(fill(&machine, &expression, *variable, "пример").is_some(), "{expression}");
            }
        }
        assert_eq!(fill(&machine, "dish | upper", Variable::Dish, "плов").as_deref(), Some("ПЛОВ"));
        assert_eq!(fill(&machine, "dish", Variable::Sum, "плов"), None, "a value that is not there is refused");
    }

    proptest! {
        #[test]
        fn what_is_read_fills_without_losing_a_character(text in "[{}%#| а-яa-z_]{0,60}", value in ".{0,40}") {
            if let Ok(body) = Body::parse(&text) {
                let machine = machine();
                for part in &body.parts {
                    if let Part::Slot { variable, expression } = part {
                        prop_assert!(fill(&machine, expression, *variable, &value).is_some());
                    }
                }
                let whole: String = body.parts.iter().map(|part| match part {
                    Part::Text(text) => text.clone(),
                    Part::Slot { .. } => String::new(),
                }).collect();
                let statement = whole.contains("{%") || whole.contains("{#");
                prop_assert!(!statement);
            }
        }

        #[test]
        fn a_value_is_never_read_as_a_template(value in "[{}%# a-z_|]{0,40}") {
            let filled = fill(&machine(), "customer_name", Variable::CustomerName, &value);
            prop_assert_eq!(filled, Some(value));
        }
    }
}
