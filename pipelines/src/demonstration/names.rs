//! Names of people as they are borne in each country. Surnames of women are given apart where they differ.

use crate::customers::Country;

pub(super) struct Names {
    pub(super) women: &'static [&'static str],
    pub(super) men: &'static [&'static str],
    /// The surname of a man, and what a woman's is.
    pub(super) surnames: &'static [(&'static str, &'static str)],
}

pub(super) fn names_of(country: Country) -> &'static Names {
    match country {
        Country::Russia => &RUSSIA,
        Country::Kazakhstan => &KAZAKHSTAN,
        Country::Uzbekistan => &UZBEKISTAN,
    }
}

#[rustfmt::skip]
static RUSSIA: Names = Names {
    women: &["Светлана", "Анна", "Мария", "Ольга", "Елена", "Наталья", "Ирина", "Екатерина", "Татьяна", "Юлия", "Дарья",
        "Алиса", "Полина", "Ксения", "Виктория", "Галина", "Людмила", "Вероника", "Алина", "Софья", "Гузель", "Лилия"],
    men: &["Алексей", "Сергей", "Дмитрий", "Андрей", "Иван", "Максим", "Михаил", "Артём", "Николай", "Павел", "Роман",
        "Кирилл", "Егор", "Олег", "Виктор", "Илья", "Тимур", "Рустам", "Глеб", "Денис", "Константин", "Фёдор"],
    surnames: &[("Ковалёв", "Ковалёва"), ("Смирнов", "Смирнова"), ("Кузнецов", "Кузнецова"), ("Попов", "Попова"),
        ("Соколов", "Соколова"), ("Лебедев", "Лебедева"), ("Новиков", "Новикова"), ("Морозов", "Морозова"),
        ("Волков", "Волкова"), ("Зайцев", "Зайцева"), ("Павлов", "Павлова"), ("Беляев", "Беляева"),
        ("Тарасов", "Тарасова"), ("Громов", "Громова"), ("Жуков", "Жукова"), ("Орлов", "Орлова"), ("Ильин", "Ильина"),
        ("Мельник", "Мельник"), ("Бондаренко", "Бондаренко"), ("Шевченко", "Шевченко"), ("Сафин", "Сафина"),
        ("Хабибуллин", "Хабибуллина"), ("Рябов", "Рябова"), ("Широких", "Широких"), ("Чернов", "Чернова"),
        ("Дьяконов", "Дьяконова"), ("Лазарев", "Лазарева"), ("Щербаков", "Щербакова"), ("Ермаков", "Ермакова")],
};

#[rustfmt::skip]
static KAZAKHSTAN: Names = Names {
    women: &["Айгерім", "Әсел", "Динара", "Жанар", "Гүлнар", "Мадина", "Аружан", "Дана", "Сәуле", "Айжан", "Камила",
        "Томирис", "Анель", "Назерке", "Меруерт", "Ботагөз", "Елена", "Оксана"],
    men: &["Нұрлан", "Ерлан", "Дәурен", "Арман", "Бекзат", "Санжар", "Алихан", "Темірлан", "Қайрат", "Асқар", "Мирас",
        "Айдос", "Олжас", "Данияр", "Самат", "Серік", "Виталий", "Руслан"],
    surnames: &[("Ахметов", "Ахметова"), ("Нұрғалиев", "Нұрғалиева"), ("Сейітов", "Сейітова"), ("Оспанов", "Оспанова"),
        ("Қасымов", "Қасымова"), ("Жұмабаев", "Жұмабаева"), ("Ибраев", "Ибраева"), ("Сүлейменов", "Сүлейменова"),
        ("Тоқтаров", "Тоқтарова"), ("Байжанов", "Байжанова"), ("Әлиев", "Әлиева"), ("Есенов", "Есенова"),
        ("Ким", "Ким"), ("Цой", "Цой"), ("Мұқанов", "Мұқанова"), ("Рахимов", "Рахимова"), ("Иванченко", "Иванченко")],
};

#[rustfmt::skip]
static UZBEKISTAN: Names = Names {
    women: &["Dilnoza", "Nigora", "Gulnora", "Malika", "Shahnoza", "Zulfiya", "Kamola", "Nodira", "Feruza", "Sevara",
        "Madina", "Umida", "Dildora", "Lola", "Zarina", "Barno", "Munisa"],
    men: &["Jasur", "Sardor", "Bekzod", "Otabek", "Aziz", "Sherzod", "Ulugʻbek", "Botir", "Anvar", "Doston", "Javohir",
        "Rustam", "Temur", "Farrux", "Islom", "Shohruh", "Akmal"],
    surnames: &[("Karimov", "Karimova"), ("Rahimov", "Rahimova"), ("Yusupov", "Yusupova"), ("Abdullayev", "Abdullayeva"),
        ("Toshmatov", "Toshmatova"), ("Ergashev", "Ergasheva"), ("Nazarov", "Nazarova"), ("Ismoilov", "Ismoilova"),
        ("Qodirov", "Qodirova"), ("Xolmatov", "Xolmatova"), ("Saidov", "Saidova"), ("Gʻaniyev", "Gʻaniyeva"),
        ("Usmonov", "Usmonova"), ("Mirzayev", "Mirzayeva"), ("Oripov", "Oripova"), ("Tursunov", "Tursunova")],
};
