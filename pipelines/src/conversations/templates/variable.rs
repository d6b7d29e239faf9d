//! The values that a template may name.

use models::taxonomy::Language;

use crate::events::{UnknownWord, words};

words!(
    /// A value that a template may name. Of orders, the one that is under way counts, else the latest.
    Variable {
        CustomerName = "customer_name",
        OperatorName = "operator_name",
        /// Dishes of the order with their quantities.
        LastOrder = "last_order",
        OrderNumber = "order_number",
        /// The dish, where the order holds only one.
        Dish = "dish",
        /// What the order costs.
        Sum = "sum",
        /// How long the customer has been waiting for an answer.
        WaitingTime = "waiting_time",
        /// When the order was promised.
        DueTime = "due_time",
        Restaurant = "restaurant",
        City = "city",
    }
);

impl Variable {
    /// Whether the value is one of an order.
    pub(super) fn is_of_order(self) -> bool {
        matches!(self, Self::LastOrder | Self::OrderNumber | Self::Dish | Self::Sum | Self::DueTime)
    }

    /// What an operator is asked for where the value is not there.
    pub fn label(self, language: Language) -> &'static str {
        let [ru, kk, uz, en] = match self {
            Self::CustomerName => ["имя клиента", "клиенттің аты", "mijozning ismi", "customer's name"],
            Self::OperatorName => ["ваше имя", "сіздің атыңыз", "sizning ismingiz", "your name"],
            Self::LastOrder => ["состав заказа", "тапсырыс құрамы", "buyurtma tarkibi", "what was ordered"],
            Self::OrderNumber => ["номер заказа", "тапсырыс нөмірі", "buyurtma raqami", "order number"],
            Self::Dish => ["блюдо", "тағам", "taom", "dish"],
            Self::Sum => ["сумма", "сома", "summa", "sum"],
            Self::WaitingTime => ["время ожидания", "күту уақыты", "kutish vaqti", "waiting time"],
            Self::DueTime => ["время доставки", "жеткізу уақыты", "yetkazish vaqti", "time of delivery"],
            Self::Restaurant => ["ресторан", "мейрамхана", "restoran", "restaurant"],
            Self::City => ["город", "қала", "shahar", "city"],
        };
        match language {
            Language::Ru => ru,
            Language::Kk => kk,
            Language::Uz => uz,
            Language::En => en,
        }
    }
}
