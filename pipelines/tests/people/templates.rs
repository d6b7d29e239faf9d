//! Templates: made by administrators, filled from the customer's data, never with a hole.

use std::collections::HashMap;

use jiff::SignedDuration;
use models::taxonomy::{Language, Topic};
use pipelines::conversations::templates::{
    BodyError, Rendered, TemplateError, TemplateId, TemplateInput, Variable, change_template, create_template,
    remove_template, render, templates,
};
use pipelines::demonstration;
use pipelines::events::ContactId;
use pipelines::orders::OrderStatus;
use pipelines::workforce::{self, Actor, Preferences, Role};

use crate::world::World;

fn input(shortcut: &str, language: Language, body: &str) -> TemplateInput {
    let topics = vec![Topic::OrderStatus, Topic::LateDelivery, Topic::OrderStatus];
    TemplateInput { shortcut: shortcut.into(), title: "Где заказ".into(), language, body: body.into(), topics }
}

struct Desk {
    world: World,
    anna: Actor,
    contact: ContactId,
}

impl Desk {
    /// Anna talks to Светлана, who has waited 12 minutes and whose order is on its way.
    async fn open() -> Self {
        let world = World::start().await;
        let anna = world.actor("anna", &[Role::Operator]).await;
        let customer = world.customer("a", "Светлана").await;
        let now = world.now();
        let late = world.order(customer, "A-1", now - SignedDuration::from_mins(30), OrderStatus::OnWay);
        let older = world.order(customer, "A-0", now - SignedDuration::from_hours(50), OrderStatus::Delivered);
        world.put_orders(&[late, older]).await;
        let contact = world.contact(customer, now, Some(&anna)).await;
        world.wait(SignedDuration::from_mins(12));
        Self { world, anna, contact }
    }

    async fn template(&self, language: Language, body: &str) -> TemplateId {
        create_template(self.world.store(), None, input("где", language, body)).await.unwrap().id
    }

    async fn fill(&self, template: TemplateId, values: &[(&str, &str)]) -> Result<Rendered, TemplateError> {
        let values: HashMap<String, String> =
            values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        render(self.world.store(), &self.anna, template, self.contact, &values).await
    }
}

#[tokio::test]
async fn a_template_is_filled_in_its_language() {
    let desk = Desk::open().await;
    let slots: Vec<String> =
        Variable::ALL.iter().map(|variable| format!("{0}: {{{{ {0} }}}}", variable.as_str())).collect();
    let mut seen = Vec::new();
    for language in Language::ALL {
        let template = desk.template(*language, &slots.join("\n")).await;
        let rendered = desk.fill(template, &[("dish", "Плов")]).await.unwrap();
        seen.push(format!("{language}\n{}", rendered.text.replace('\u{a0}', "_")));
    }
    insta::assert_snapshot!(seen.join("\n\n"));
}

#[tokio::test]
async fn what_is_not_known_is_asked_for_in_the_operators_language() {
    let desk = Desk::open().await;
    let kazakh = Preferences { language: Language::Kk, ..Preferences::default() };
    workforce::set_preferences(desk.world.store(), &desk.anna, kazakh).await.unwrap();
    let template = desk.template(Language::Ru, "{{ customer_name }}, {{ dish }} уже у курьера?").await;
    let rendered = desk.fill(template, &[]).await.unwrap();
    assert_eq!(rendered.text, "");
    let missing: Vec<_> = rendered.missing.iter().map(|one| (one.variable, one.label.as_str())).collect();
    assert_eq!(missing, [(Variable::Dish, "тағам")], "an order of two dishes does not say which one is meant");
    let rendered = desk.fill(template, &[("dish", " Плов "), ("customer_name", "")]).await.unwrap();
    assert_eq!(rendered.text, "Светлана, Плов уже у курьера?");
    assert!(matches!(desk.fill(template, &[("password", "x")]).await, Err(TemplateError::Invalid(_))));
    assert!(matches!(desk.fill(template, &[("dish", "а\nб")]).await, Err(TemplateError::Invalid(_))));
    assert!(matches!(desk.fill(template, &[("dish", &"я".repeat(201))]).await, Err(TemplateError::Invalid(_))));
}

#[tokio::test]
async fn whoever_may_not_see_the_contact_fills_nothing_from_it() {
    let desk = Desk::open().await;
    let template = desk.template(Language::Ru, "{{ customer_name }}").await;
    let bolat = desk.world.actor("bolat", &[Role::Operator]).await;
    let refused = render(desk.world.store(), &bolat, template, desk.contact, &HashMap::new()).await;
    assert!(matches!(refused, Err(TemplateError::NotFound)));
    let quality = desk.world.actor("quality", &[Role::Quality]).await;
    assert!(render(desk.world.store(), &quality, template, desk.contact, &HashMap::new()).await.is_ok());
}

#[tokio::test]
async fn administrators_make_change_and_remove_templates() {
    let world = World::start().await;
    let (admin, anna) = (world.actor("boss", &[Role::Admin]).await, world.actor("anna", &[Role::Operator]).await);
    let store = world.store();
    let hello = input("Привет", Language::Ru, " Здравствуйте, {{ customer_name }}! ");
    assert!(matches!(create_template(store, Some(&anna), hello.clone()).await, Err(TemplateError::Forbidden(_))));
    let made = create_template(store, Some(&admin), hello.clone()).await.unwrap();
    assert_eq!((made.shortcut.as_str(), made.body.as_str()), ("привет", "Здравствуйте, {{ customer_name }}!"));
    assert_eq!((made.variables.as_slice(), made.topics.len()), ([Variable::CustomerName].as_slice(), 2));
    assert_eq!(templates(store, &anna).await.unwrap(), std::slice::from_ref(&made));

    let taken = create_template(store, Some(&admin), hello.clone()).await;
    assert!(matches!(taken, Err(TemplateError::ShortcutTaken)));
    let other = create_template(store, Some(&admin), input("пока", Language::Ru, "До свидания!")).await.unwrap();
    let clash = change_template(store, &admin, other.id, hello.clone()).await;
    assert!(matches!(clash, Err(TemplateError::ShortcutTaken)));
    let broken = change_template(store, &admin, other.id, input("пока", Language::Ru, "{% for x in y %}")).await;
    assert!(matches!(broken, Err(TemplateError::Body(BodyError::Statement(1)))));
    let changed = change_template(store, &admin, other.id, input("пока", Language::Kk, "Сау болыңыз!")).await.unwrap();
    assert!(matches!(remove_template(store, &anna, made.id).await, Err(TemplateError::Forbidden(_))));
    remove_template(store, &admin, made.id).await.unwrap();
    assert!(matches!(remove_template(store, &admin, made.id).await, Err(TemplateError::NotFound)));
    assert_eq!(templates(store, &anna).await.unwrap(), [changed]);
    create_template(store, Some(&admin), hello).await.unwrap();
    let audited = world.audited().await;
    let templates: Vec<&String> = audited.iter().filter(|action| action.starts_with("template.")).collect();
    assert_eq!(templates.len(), 5, "three made, one changed, one removed: {templates:?}");
}

#[tokio::test]
async fn a_shortcut_and_a_title_have_bounds() {
    let world = World::start().await;
    for shortcut in ["", "два слова", "a/b", &"я".repeat(33)] {
        let made = create_template(world.store(), None, input(shortcut, Language::Ru, "да")).await;
        assert!(matches!(made, Err(TemplateError::Invalid(_))), "{shortcut}");
    }
    let untitled = TemplateInput { title: " ".into(), ..input("да", Language::Ru, "да") };
    assert!(matches!(create_template(world.store(), None, untitled).await, Err(TemplateError::Invalid(_))));
}

#[tokio::test]
async fn every_template_of_the_demonstration_could_be_saved() {
    let world = World::start().await;
    let drawn = demonstration::World::draw(2026, world.now()).unwrap();
    assert!(!drawn.templates.is_empty());
    for plan in &drawn.templates {
        let input = TemplateInput {
            shortcut: plan.shortcut.into(),
            title: plan.title.into(),
            language: plan.language,
            body: plan.body.into(),
            topics: plan.topics.to_vec(),
        };
        let made = create_template(world.store(), None, input).await;
        let made = made.unwrap_or_else(|why| panic!("{} in {}: {why}", plan.shortcut, plan.language));
        assert_eq!(
            (made.shortcut.as_str(), made.title.as_str(), made.body.as_str()),
            (plan.shortcut, plan.title, plan.body)
        );
    }
}
