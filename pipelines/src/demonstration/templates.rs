//! Ready replies in Russian and English; Kazakh and Uzbek stand in `templates_east`.

use models::taxonomy::{Language, Topic};

use super::templates_east;
use super::world::TemplatePlan;

/// All templates, language by language.
pub(super) fn all() -> Vec<TemplatePlan> {
    let languages = [
        (Language::Ru, &RUSSIAN),
        (Language::Kk, &templates_east::KAZAKH),
        (Language::Uz, &templates_east::UZBEK),
        (Language::En, &ENGLISH),
    ];
    let of = |(language, texts): (Language, &'static [Text; COUNT])| {
        texts.iter().zip(&KINDS).map(move |(&(title, body), &(shortcut, topics))| TemplatePlan {
            shortcut,
            language,
            title,
            body,
            topics,
        })
    };
    languages.into_iter().flat_map(of).collect()
}

/// Templates of one language.
pub(super) const COUNT: usize = 15;

/// Title and body, in the order of [`KINDS`].
pub(super) type Text = (&'static str, &'static str);

/// The shortcut under which a reply is found in every language, and the topics at which it is proposed by itself.
///
/// A text that says that something was done, or promises it, has none: whoever sends it must have done it first.
static KINDS: [(&str, &[Topic]); COUNT] = [
    ("hello", &[Topic::Greeting]),
    ("late", &[]),
    ("on_way", &[]),
    ("not_delivered", &[Topic::NotDelivered]),
    ("missing", &[Topic::MissingItem]),
    ("wrong", &[]),
    ("quality", &[]),
    ("safety", &[]),
    ("courier", &[Topic::Courier, Topic::Staff]),
    ("refund", &[]),
    ("promo", &[Topic::PromoBonus, Topic::Promotions, Topic::Loyalty]),
    ("repeat", &[Topic::RepeatOrder, Topic::NewOrder]),
    ("change", &[]),
    ("allergens", &[Topic::Allergens]),
    ("thanks", &[Topic::FoodService]),
];

#[rustfmt::skip]
static RUSSIAN: [Text; COUNT] = [
    ("Приветствие", "Здравствуйте, {{ customer_name }}! Меня зовут {{ operator_name }}, чем могу помочь?"),
    ("Заказ опаздывает", "{{ customer_name }}, простите за ожидание. Заказ № {{ order_number }} уже в пути. Слежу за ним и сразу напишу, если что-то изменится."),
    ("Где заказ", "Заказ № {{ order_number }} готов и едет к вам. Курьер приедет к {{ due_time }}."),
    ("Заказ не доставлен", "{{ customer_name }}, мне очень жаль, что заказ № {{ order_number }} до вас не доехал. Уже выясняю у курьера, что произошло, и отвечу вам в течение пятнадцати минут."),
    ("Чего-то не хватает", "{{ customer_name }}, простите, что в заказ не положили «{{ dish }}». Можем привезти позицию или вернуть её стоимость. Как вам удобнее?"),
    ("Привезли не то", "Это наша ошибка: вместо «{{ dish }}» приехало другое. Приготовим заново и привезём, оплачивать ничего не нужно."),
    ("Качество еды", "{{ customer_name }}, спасибо, что сказали. Так быть не должно. Передам замечание о блюде «{{ dish }}» шеф-повару и верну его стоимость."),
    ("Угроза здоровью", "{{ customer_name }}, это очень серьёзно. Пожалуйста, больше не ешьте «{{ dish }}». Как вы себя чувствуете, нужна ли помощь врача? Руководитель уже знает, мы остаёмся с вами на связи."),
    ("Поведение сотрудника", "{{ customer_name }}, приношу извинения за поведение нашего сотрудника. Разберёмся по заказу № {{ order_number }} и сообщим вам, что сделали."),
    ("Возврат денег", "Возврат {{ sum }} за заказ № {{ order_number }} оформлен. Деньги вернутся на карту в срок, который установил ваш банк."),
    ("Промокод и бонусы", "{{ customer_name }}, вижу ваш вопрос о бонусах по заказу № {{ order_number }}. Сейчас проверю начисление и промокод и напишу вам."),
    ("Повторить заказ", "{{ customer_name }}, повторить ваш прошлый заказ: {{ last_order }}? Привезём к {{ due_time }}, сумма {{ sum }}."),
    ("Изменить заказ", "Изменения в заказ № {{ order_number }} внесены. Сумма {{ sum }}, доставим к {{ due_time }}."),
    ("Состав и аллергены", "В составе блюда «{{ dish }}» проверю каждый ингредиент. Скажите, пожалуйста, на что у вас аллергия, передам это кухне отдельной пометкой."),
    ("Спасибо за отзыв", "{{ customer_name }}, спасибо за тёплые слова! Передам их команде. Приятного аппетита и до новых встреч!"),
];

#[rustfmt::skip]
static ENGLISH: [Text; COUNT] = [
    ("Greeting", "Hello {{ customer_name }}, my name is {{ operator_name }}. How can I help?"),
    ("Late order", "{{ customer_name }}, I am sorry for the wait. Order {{ order_number }} is on its way. I am keeping an eye on it and will write if anything changes."),
    ("Where is it", "Order {{ order_number }} is ready and on its way. The courier will be with you by {{ due_time }}."),
    ("Never arrived", "{{ customer_name }}, I am very sorry that order {{ order_number }} has not reached you. I am asking the courier what happened and will answer within fifteen minutes."),
    ("Something is missing", "{{ customer_name }}, I am sorry that {{ dish }} was left out. We can bring it or refund what it costs. Which would you prefer?"),
    ("Wrong dish", "That is our mistake: you did not get {{ dish }}. We will cook it again and bring it at no charge."),
    ("Food quality", "{{ customer_name }}, thank you for telling us. That is not how it should be. I will pass your remark about {{ dish }} to the chef and refund what it costs."),
    ("Danger to health", "{{ customer_name }}, this is very serious. Please do not eat any more of {{ dish }}. How do you feel, do you need a doctor? My supervisor knows already, and we stay in touch with you."),
    ("Conduct of staff", "{{ customer_name }}, I apologise for how our colleague behaved. We will look into order {{ order_number }} and tell you what we did."),
    ("Refund", "I have refunded {{ sum }} for order {{ order_number }}. The money returns to your card within the time that your bank takes."),
    ("Promo code and bonuses", "{{ customer_name }}, I see your question about the bonuses of order {{ order_number }}. I am checking them and the promo code and will write to you."),
    ("Same again", "{{ customer_name }}, shall we repeat your last order: {{ last_order }}? We would bring it by {{ due_time }}, the total is {{ sum }}."),
    ("Change an order", "I have changed order {{ order_number }}. The total is {{ sum }} now, we deliver it by {{ due_time }}."),
    ("Ingredients and allergens", "I will check every ingredient of {{ dish }}. Please tell me what you are allergic to, and I will pass it to the kitchen as a note of its own."),
    ("Thank you", "{{ customer_name }}, thank you for your kind words! I will pass them on to the team. Enjoy your meal!"),
];
