//! Templates that fit a contact as it stands: meant for its topic, in its language, with nothing left to ask for.

use jiff::SignedDuration;
use models::taxonomy::{Language, Topic};

use super::body::Body;
use super::render::filled;
use super::values::{self, Known};
use super::{Template, TemplateError, store};
use crate::events::ContactId;
use crate::orders::{OrderStatus, OrderSummary};
use crate::platform::store::Store;

/// An order that is over for longer is hardly what the customer writes about.
const STILL_MEANT: SignedDuration = SignedDuration::from_hours(48);

/// A template filled whole.
#[derive(Clone, Debug)]
pub(crate) struct Fitting {
    pub(crate) template: Template,
    pub(crate) text: String,
    /// The order that the text speaks of.
    pub(crate) order: Option<OrderSummary>,
}

/// The templates for `topic` in `language` whose every value is known, by shortcut. `operator` is the name of who
/// would send it.
pub(crate) async fn fitting(
    store: &Store,
    contact: ContactId,
    operator: Option<&str>,
    language: Language,
    topic: Topic,
) -> Result<Vec<Fitting>, TemplateError> {
    let templates = store::meant_for(store.pool(), language, topic).await?;
    if templates.is_empty() {
        return Ok(Vec::new());
    }
    let subject = store::subject(store.pool(), contact).await?.ok_or(TemplateError::NotFound)?;
    let known = values::known(store, operator, &subject, language).await?;
    let now = store.clock().now();
    let still_meant = known.order.as_ref().is_some_and(|order| {
        !matches!(order.status, OrderStatus::Delivered | OrderStatus::Cancelled)
            || now.duration_since(order.placed_at) <= STILL_MEANT
    });
    Ok(templates.into_iter().filter_map(|template| whole(template, &known, still_meant)).collect())
}

fn whole(template: Template, known: &Known, still_meant: bool) -> Option<Fitting> {
    let of_order = template.variables.iter().any(|variable| variable.is_of_order());
    if of_order && !still_meant {
        return None;
    }
    let body = Body::parse(&template.body).ok()?;
    let text = filled(&body, &known.values, template.language).text;
    let order = known.order.clone().filter(|_| of_order);
    (!text.is_empty()).then_some(Fitting { template, text, order })
}
