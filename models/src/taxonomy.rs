//! The closed lists of labels. `models/taxonomy.toml` is their one home; a test holds the two equal.

use std::cmp::Ordering;
use std::fmt;

/// A label that stands in no list of the taxonomy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{label}` is no {list}; use one of those in models/taxonomy.toml")]
pub struct UnknownLabel {
    /// Which list was asked.
    pub list: &'static str,
    /// What was given.
    pub label: String,
}

macro_rules! labels {
    ($(#[$doc:meta])* $name:ident as $list:literal { $($variant:ident = $id:tt,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        pub enum $name {
            $(#[doc = concat!("`", $id, "`")] #[serde(rename = $id)] $variant,)+
        }

        impl $name {
            /// All labels in the order in which they are shown.
            pub const ALL: &'static [$name] = &[$($name::$variant,)+];

            /// The label as it stands in files, the database and JSON.
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $id,)+ }
            }
        }

        impl std::str::FromStr for $name {
            type Err = UnknownLabel;

            fn from_str(label: &str) -> Result<Self, UnknownLabel> {
                match label {
                    $($id => Ok($name::$variant),)+
                    _ => Err(UnknownLabel { list: $list, label: label.to_owned() }),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(self.as_str())
            }
        }
    };
}

labels! {
    /// What a message or a contact is about. The part before the dot is its [`Class`].
    Topic as "topic" {
        LateDelivery = "complaint.late_delivery",
        NotDelivered = "complaint.not_delivered",
        MissingItem = "complaint.missing_item",
        WrongItem = "complaint.wrong_item",
        FoodQuality = "complaint.food_quality",
        FoodSafety = "complaint.food_safety",
        Packaging = "complaint.packaging",
        Courier = "complaint.courier",
        Staff = "complaint.staff",
        Payment = "complaint.payment",
        PromoBonus = "complaint.promo_bonus",
        App = "complaint.app",
        NewOrder = "order.new",
        RepeatOrder = "order.repeat",
        ChangeItems = "order.change_items",
        ChangeDelivery = "order.change_delivery",
        CancelOrder = "order.cancel",
        OrderStatus = "order.status",
        TableBooking = "order.table_booking",
        Menu = "consultation.menu",
        Allergens = "consultation.allergens",
        DeliveryTerms = "consultation.delivery_terms",
        PaymentMethods = "consultation.payment_methods",
        Promotions = "consultation.promotions",
        Loyalty = "consultation.loyalty",
        HoursLocation = "consultation.hours_location",
        Account = "consultation.account",
        Cooperation = "consultation.cooperation",
        FoodService = "praise.food_service",
        Greeting = "other.greeting",
        Irrelevant = "other.irrelevant",
    }
}

impl Topic {
    /// What the mission calls the topic: its id up to the dot.
    pub const fn class(self) -> Class {
        use Topic::*;
        match self {
            LateDelivery | NotDelivered | MissingItem | WrongItem | FoodQuality | FoodSafety | Packaging | Courier
            | Staff | Payment | PromoBonus | App => Class::Complaint,
            NewOrder | RepeatOrder | ChangeItems | ChangeDelivery | CancelOrder | OrderStatus | TableBooking => {
                Class::Order
            }
            Menu | Allergens | DeliveryTerms | PaymentMethods | Promotions | Loyalty | HoursLocation | Account
            | Cooperation => Class::Consultation,
            FoodService => Class::Praise,
            Greeting | Irrelevant => Class::Other,
        }
    }
}

labels! {
    /// The coarse kind of a topic.
    Class as "class" {
        Complaint = "complaint",
        Order = "order",
        Consultation = "consultation",
        Praise = "praise",
        Other = "other",
    }
}

labels! {
    /// The customer's mood.
    Sentiment as "sentiment" {
        Negative = "negative",
        Neutral = "neutral",
        Positive = "positive",
    }
}

labels! {
    /// How soon a person must act. Ordered: [`Urgency::Critical`] is the highest.
    Urgency as "urgency" {
        Critical = "critical",
        High = "high",
        Normal = "normal",
    }
}

impl Urgency {
    const fn rank(self) -> u8 {
        match self {
            Urgency::Critical => 2,
            Urgency::High => 1,
            Urgency::Normal => 0,
        }
    }
}

impl Ord for Urgency {
    fn cmp(&self, other: &Self) -> Ordering {
        self.rank().cmp(&other.rank())
    }
}

impl PartialOrd for Urgency {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

labels! {
    /// The language of most words of a text.
    Language as "language" {
        Ru = "ru",
        Kk = "kk",
        Uz = "uz",
        En = "en",
    }
}

labels! {
    /// What a marked span of text names.
    EntityType as "entity type" {
        OrderNumber = "order_number",
        Phone = "phone",
        Money = "money",
        Datetime = "datetime",
        Duration = "duration",
        Dish = "dish",
        Ingredient = "ingredient",
        Address = "address",
        PromoCode = "promo_code",
        Person = "person",
    }
}

labels! {
    /// How a contact ended.
    Outcome as "outcome" {
        Resolved = "resolved",
        Promised = "promised",
        Escalated = "escalated",
        Unresolved = "unresolved",
        Informed = "informed",
        NoMatter = "none",
    }
}

labels! {
    /// Who says a turn.
    Speaker as "speaker" {
        Customer = "customer",
        Operator = "operator",
    }
}

labels! {
    /// What a turn does in its talk.
    TurnRole as "turn role" {
        Issue = "issue",
        Detail = "detail",
        Request = "request",
        Proposal = "proposal",
        Action = "action",
        Promise = "promise",
        Outcome = "outcome",
        Other = "other",
    }
}

labels! {
    /// Who owes a fact to whom: asked, offered, done, or owed afterwards.
    FactKind as "fact kind" {
        Request = "request",
        Proposal = "proposal",
        Action = "action",
        Promise = "promise",
    }
}

labels! {
    /// What was asked, offered, done or promised.
    FactType as "fact type" {
        Refund = "refund",
        Redelivery = "redelivery",
        Replacement = "replacement",
        Bonus = "bonus",
        PromoCode = "promo_code",
        Discount = "discount",
        Gift = "gift",
        OrderPlaced = "order_placed",
        OrderChanged = "order_changed",
        OrderCancelled = "order_cancelled",
        BookingMade = "booking_made",
        BookingChanged = "booking_changed",
        BookingCancelled = "booking_cancelled",
        Information = "information",
        StatusCheck = "status_check",
        DeliveryTime = "delivery_time",
        Callback = "callback",
        WrittenAnswer = "written_answer",
        Escalation = "escalation",
        DataChange = "data_change",
        ApologyOnly = "apology_only",
        Other = "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    struct Taxonomy {
        turn_roles: Vec<String>,
        languages: Vec<String>,
        sentiments: Vec<String>,
        urgencies: Vec<String>,
        outcomes: Vec<String>,
        entity_types: Vec<String>,
        fact_kinds: Vec<String>,
        fact_types: Vec<String>,
        topic: Vec<TopicRow>,
    }

    #[derive(serde::Deserialize)]
    struct TopicRow {
        id: String,
    }

    #[test]
    fn lists_equal_the_taxonomy_file() {
        let file: Taxonomy = toml::from_str(include_str!("../taxonomy.toml")).expect("the taxonomy parses");
        let topics: Vec<String> = file.topic.into_iter().map(|t| t.id).collect();
        assert_eq!(Topic::ALL.iter().map(|l| l.as_str()).collect::<Vec<_>>(), topics);
        assert_eq!(Language::ALL.iter().map(|l| l.as_str()).collect::<Vec<_>>(), file.languages);
        assert_eq!(Sentiment::ALL.iter().map(|l| l.as_str()).collect::<Vec<_>>(), file.sentiments);
        assert_eq!(Urgency::ALL.iter().map(|l| l.as_str()).collect::<Vec<_>>(), file.urgencies);
        assert_eq!(Outcome::ALL.iter().map(|l| l.as_str()).collect::<Vec<_>>(), file.outcomes);
        assert_eq!(TurnRole::ALL.iter().map(|l| l.as_str()).collect::<Vec<_>>(), file.turn_roles);
        assert_eq!(EntityType::ALL.iter().map(|l| l.as_str()).collect::<Vec<_>>(), file.entity_types);
        assert_eq!(FactKind::ALL.iter().map(|l| l.as_str()).collect::<Vec<_>>(), file.fact_kinds);
        assert_eq!(FactType::ALL.iter().map(|l| l.as_str()).collect::<Vec<_>>(), file.fact_types);
    }

    #[test]
    fn a_topic_belongs_to_the_class_before_its_dot() {
        for topic in Topic::ALL {
            assert_eq!(Some(topic.class().as_str()), topic.as_str().split('.').next());
        }
    }

    #[test]
    fn labels_are_the_same_in_json_and_in_text() {
        for topic in Topic::ALL {
            let json = serde_json::to_string(topic).expect("a label serialises");
            assert_eq!(json, format!("\"{topic}\""));
            assert_eq!(topic.as_str().parse(), Ok(*topic));
        }
        assert!("complaint.weather".parse::<Topic>().is_err());
    }

    #[test]
    fn critical_is_the_highest_urgency() {
        assert_eq!(Urgency::ALL.iter().max(), Some(&Urgency::Critical));
        assert!(Urgency::High > Urgency::Normal);
    }
}
