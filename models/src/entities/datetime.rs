//! When: clock times, dates, weekdays, today and tomorrow, with the part of the day, without the preposition.

use std::sync::LazyLock;

use regex::Regex;

use crate::entities::Span;
use crate::entities::numbers::number;
use crate::entities::words::Text;

static CLOCK: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\b(?:[01]?\d|2[0-3])[:.][0-5]\d\b").expect("the pattern is well formed"));

/// Days by name; endings follow.
const DAYS: [&str; 61] = [
    "сегодня",
    "завтра",
    "послезавтра",
    "вчера",
    "позавчера",
    "понедельник",
    "вторник",
    "сред",
    "четверг",
    "пятниц",
    "суббот",
    "воскресень",
    "бүгін",
    "ертең",
    "кеше",
    "дүйсенбі",
    "сейсенбі",
    "сәрсенбі",
    "бейсенбі",
    "жұма",
    "сенбі",
    "жексенбі",
    "bugun",
    "ertaga",
    "ertangi",
    "kecha",
    "dushanba",
    "seshanba",
    "chorshanba",
    "payshanba",
    "juma",
    "shanba",
    "yakshanba",
    "indin",
    "бугун",
    "эртага",
    "эртанги",
    "кеча",
    "душанба",
    "сешанба",
    "чоршанба",
    "пайшанба",
    "жума",
    "шанба",
    "якшанба",
    "индин",
    "today",
    "tomorrow",
    "yesterday",
    "tonight",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "бүрсігүні",
    "арғы",
    "noon",
    "midnight",
];
/// The first of them are Russian, as are the first months.
const RUSSIAN_DAYS: usize = 12;
const RUSSIAN_MONTHS: usize = 12;
/// Words that only look like a day.
const NOT_DAYS: [&str; 18] = [
    "средне",
    "средний",
    "средняя",
    "среднюю",
    "средства",
    "средств",
    "среди",
    "средство",
    "среднего",
    "кешеуіл",
    "кечагина",
    "кешегідей",
    "жумабек",
    "kechasi",
    "завтрак",
    "завтрашн",
    "вчерашн",
    "сегодняшн",
];
const MONTHS: [&str; 42] = [
    "январ",
    "феврал",
    "март",
    "апрел",
    "мая",
    "июн",
    "июл",
    "август",
    "сентябр",
    "октябр",
    "ноябр",
    "декабр",
    "қаңтар",
    "ақпан",
    "наурыз",
    "сәуір",
    "мамыр",
    "маусым",
    "шілде",
    "тамыз",
    "қыркүйек",
    "қазан",
    "қараша",
    "желтоқсан",
    "yanvar",
    "fevral",
    "mart",
    "aprel",
    "iyun",
    "iyul",
    "avgust",
    "sentabr",
    "sentyabr",
    "oktabr",
    "noyabr",
    "dekabr",
    "january",
    "february",
    "november",
    "december",
    "october",
    "september",
];
const DAY_PARTS: [&str; 30] = [
    "утра",
    "утром",
    "дня",
    "днем",
    "вечера",
    "вечером",
    "ночи",
    "ночью",
    "часов",
    "часам",
    "таңда",
    "таңғы",
    "кешке",
    "кешкі",
    "түнде",
    "түскі",
    "ertalab",
    "kechqurun",
    "tunda",
    "oqshomi",
    "oqshomiga",
    "кечқурун",
    "morning",
    "evening",
    "afternoon",
    "night",
    "am",
    "pm",
    "обеда",
    "тушга",
];
const PREPOSITIONS: [&str; 5] = ["в", "к", "до", "после", "ко"];

pub(super) fn find(text: &Text<'_>) -> Vec<Span> {
    let mut spans = Vec::new();
    let clocks: Vec<Span> = CLOCK.find_iter(text.source).filter_map(|m| text.covering(m.start(), m.end())).collect();
    let mut at = 0;
    while at < text.len() {
        match moment(text, at, &clocks) {
            Some(mut to) => {
                // "завтра 18:00", "вчера вечером", "3-dekabr, soat 12:30", "30 November at 18:00".
                let mut parts = 1;
                while let Some(further) = next_part(text, to, &clocks) {
                    (to, parts) = (further, parts + 1);
                }
                while text.joined(to - 1) && DAY_PARTS.contains(&text.lower(to)) {
                    to += 1;
                }
                if parts > 1 {
                    to = with_ending(text, to);
                }
                spans.push(Span { from: at, to });
                at = to;
            }
            None => at += 1,
        }
    }
    spans
}

/// A clock time that belongs to the day before word `at`; the word after it. In Russian the two are
/// marked apart.
fn next_part(text: &Text<'_>, at: usize, clocks: &[Span]) -> Option<usize> {
    let day = text.lower(at - 1);
    if DAYS[..RUSSIAN_DAYS].iter().chain(&MONTHS[..RUSSIAN_MONTHS]).any(|d| day.starts_with(d)) {
        return None;
    }
    let joint = usize::from(matches!(text.lower(at), "at" | "on"));
    let named = matches!(text.lower(at), "soat" | "соат" | "сағат");
    let near = text.joined(at - 1) || (named && text.gap(at - 1) == ", ");
    let is_clock = named || joint == 1 || clocks.iter().any(|c| c.from == at);
    moment(text, at + joint, clocks).filter(|_| near && is_clock)
}

/// One word or number that says when; the word after it.
fn moment(text: &Text<'_>, at: usize, clocks: &[Span]) -> Option<usize> {
    if let Some(clock) = clocks.iter().find(|c| c.from == at) {
        return Some(clock.to);
    }
    let word = text.lower(at);
    let every = word.ends_with("ам") && DAYS[..RUSSIAN_DAYS].iter().any(|day| word.starts_with(day));
    let is_day = DAYS.iter().any(|day| word.starts_with(day)) && !every;
    if is_day && !NOT_DAYS.iter().any(|n| word.starts_with(n)) {
        let named = matches!(text.lower(at + 1), "kuni" | "күні" | "куни" | "oqshomi" | "кечаси");
        return Some(at + 1 + usize::from(named));
    }
    date(text, at).or_else(|| hour(text, at, clocks))
}

/// "12 ноября", "9-noyabr", "15 November", "january 1".
fn date(text: &Text<'_>, at: usize) -> Option<usize> {
    let is_month = |word: &str| MONTHS.iter().any(|m| word.starts_with(m));
    if text.get(at)?.is_number && text.lower(at).len() <= 2 {
        let month = at + 1 + usize::from(text.lower(at + 1) == "-");
        return (text.gap(at).trim().is_empty() && is_month(text.lower(month))).then_some(month + 1);
    }
    let day = text.get(at + 1).is_some_and(|w| w.is_number && w.lower.len() <= 2);
    (is_month(text.lower(at)) && day && text.joined(at)).then_some(at + 2)
}

/// "семь вечера", "(к) восьми", "сағат тоғыз", "soat oltida", "1pm", "полвосьмого".
fn hour(text: &Text<'_>, at: usize, clocks: &[Span]) -> Option<usize> {
    let word = text.lower(at);
    if matches!(word, "soat" | "соат" | "сағат") {
        let next = text.get(at + 1).filter(|_| text.joined(at))?;
        if let Some(clock) = clocks.iter().find(|c| c.from == at + 1) {
            return Some(with_ending(text, clock.to));
        }
        let is_hour = next.is_number || number(text, at + 1).is_some() || is_inflected_hour(&next.lower);
        return is_hour.then(|| with_ending(text, number(text, at + 1).map_or(at + 2, |n| n.span.to)));
    }
    if ["полвторого", "полтретьего", "полпятого", "полшестого", "полседьмого", "полвосьмого", "полдевятого"]
        .contains(&word)
    {
        return Some(at + 1);
    }
    let number = number(text, at).filter(|n| n.value <= 24 && !n.has_thousand)?;
    let next = text.lower(number.span.to);
    if text.joined(number.span.to - 1)
        && matches!(next, "часа" | "часов")
        && DAY_PARTS.contains(&text.lower(number.span.to + 1))
    {
        return Some(number.span.to + 2);
    }
    if text.joined(number.span.to - 1) && DAY_PARTS.contains(&next) && next != "часов" {
        // "три дня" is how long, "в три дня" is when.
        if next == "дня" && !PREPOSITIONS.contains(&text.before(at)) {
            return None;
        }
        return Some(number.span.to + 1);
    }
    // "к семи", "до девяти": the hour stands alone, nothing is counted by it.
    let alone = !text.joined(number.span.to - 1) || matches!(next, "" | "и" | "а" | "но" | "часам" | "ровно");
    let asked = PREPOSITIONS.contains(&text.before(at)) && !number.in_digits && (1..=12).contains(&number.value);
    (asked && alone).then_some(number.span.to + usize::from(next == "часам"))
}

fn is_inflected_hour(word: &str) -> bool {
    [
        "bir",
        "ikki",
        "uch",
        "to'rt",
        "besh",
        "olti",
        "yetti",
        "sakkiz",
        "to'qqiz",
        "o'n",
        "алты",
        "жеті",
        "сегіз",
        "тоғыз",
    ]
    .iter()
    .any(|n| word.starts_with(n))
}

/// The ending behind a clock time, "20:00-ге", and the Uzbek "da" of its own.
fn with_ending(text: &Text<'_>, to: usize) -> usize {
    if text.lower(to) == "-" && text.gap(to - 1).is_empty() && text.gap(to).is_empty() {
        let ending = text.get(to + 1).is_some_and(|w| !w.is_number && w.lower.chars().count() <= 3);
        return to + 2 * usize::from(ending);
    }
    to + usize::from(text.lower(to) == "da" && text.joined(to - 1))
}
