//! Where the demonstration takes place: three brands in fifteen cities of three countries.

use crate::customers::Country;

/// A brand: its slug, its name and what its kitchens cook.
pub(super) const BRANDS: [(&str, &str); 3] =
    [("sakura-ryad", "Сакура Ряд"), ("vok-stop", "Вок Стоп"), ("pech-i-lozhka", "Печь и Ложка")];

pub(super) struct CityPlan {
    pub(super) slug: &'static str,
    pub(super) name: &'static str,
    pub(super) country: Country,
    /// IANA name.
    pub(super) zone: &'static str,
    /// Customers among a hundred of the whole demonstration.
    pub(super) share: u32,
    /// A kitchen stands in each of these streets.
    pub(super) streets: &'static [&'static str],
}

use Country::{Kazakhstan as Kz, Russia as Ru, Uzbekistan as Uz};

#[rustfmt::skip]
pub(super) const CITIES: [CityPlan; 15] = [
    CityPlan { slug: "moscow", name: "Москва", country: Ru, zone: "Europe/Moscow", share: 18,
        streets: &["ул. Новослободская, 21", "Ленинский проспект, 64", "ул. Люблинская, 112", "Дмитровское шоссе, 73"] },
    CityPlan { slug: "saint-petersburg", name: "Санкт-Петербург", country: Ru, zone: "Europe/Moscow", share: 12,
        streets: &["Лиговский проспект, 140", "проспект Просвещения, 33", "ул. Савушкина, 88"] },
    CityPlan { slug: "kazan", name: "Казань", country: Ru, zone: "Europe/Moscow", share: 6,
        streets: &["ул. Баумана, 47", "проспект Ямашева, 92"] },
    CityPlan { slug: "nizhny-novgorod", name: "Нижний Новгород", country: Ru, zone: "Europe/Moscow", share: 5,
        streets: &["ул. Белинского, 61", "проспект Ленина, 28"] },
    CityPlan { slug: "samara", name: "Самара", country: Ru, zone: "Europe/Samara", share: 5,
        streets: &["ул. Ново-Садовая, 106", "Московское шоссе, 81"] },
    CityPlan { slug: "krasnodar", name: "Краснодар", country: Ru, zone: "Europe/Moscow", share: 5,
        streets: &["ул. Красная, 154", "ул. Ставропольская, 79"] },
    CityPlan { slug: "yekaterinburg", name: "Екатеринбург", country: Ru, zone: "Asia/Yekaterinburg", share: 6,
        streets: &["ул. Малышева, 51", "ул. Сулимова, 50"] },
    CityPlan { slug: "novosibirsk", name: "Новосибирск", country: Ru, zone: "Asia/Novosibirsk", share: 5,
        streets: &["Красный проспект, 101", "ул. Гоголя, 13"] },
    CityPlan { slug: "almaty", name: "Алматы", country: Kz, zone: "Asia/Almaty", share: 10,
        streets: &["Абай даңғылы, 68", "Төле би көшесі, 189", "Розыбакиев көшесі, 247"] },
    CityPlan { slug: "astana", name: "Астана", country: Kz, zone: "Asia/Almaty", share: 7,
        streets: &["Мәңгілік Ел даңғылы, 40", "Кенесары көшесі, 52"] },
    CityPlan { slug: "shymkent", name: "Шымкент", country: Kz, zone: "Asia/Almaty", share: 4,
        streets: &["Тәуке хан даңғылы, 35"] },
    CityPlan { slug: "karaganda", name: "Қарағанды", country: Kz, zone: "Asia/Almaty", share: 3,
        streets: &["Бұқар жырау даңғылы, 59"] },
    CityPlan { slug: "tashkent", name: "Toshkent", country: Uz, zone: "Asia/Tashkent", share: 9,
        streets: &["Amir Temur shoh koʻchasi, 107", "Bunyodkor shoh koʻchasi, 15", "Chilonzor koʻchasi, 26"] },
    CityPlan { slug: "samarkand", name: "Samarqand", country: Uz, zone: "Asia/Samarkand", share: 3,
        streets: &["Registon koʻchasi, 9"] },
    CityPlan { slug: "bukhara", name: "Buxoro", country: Uz, zone: "Asia/Samarkand", share: 2,
        streets: &["Bahouddin Naqshband koʻchasi, 44"] },
];

/// The three countries in the order of the list above.
pub(super) const COUNTRIES: [Country; 3] = [Ru, Kz, Uz];
