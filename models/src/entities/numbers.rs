//! Numbers in digits and in words, in four languages.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::entities::Span;
use crate::entities::unit::Unit;
use crate::entities::words::Text;

/// What a number word does in a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// 0 to 9.
    Unit(u64),
    /// 10 to 19, said in one word.
    Teen(u64),
    /// 10, 20 … 90 that a unit may follow.
    Ten(u64),
    /// 100 … 900 in one word.
    Hundred(u64),
    /// "hundred" as a word of its own: multiplies the unit before it.
    TimesHundred,
    TimesThousand,
    TimesMillion,
}

/// A number as it stands in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Number {
    pub(super) span: Span,
    pub(super) value: u64,
    /// Written in digits throughout.
    pub(super) in_digits: bool,
    /// A word for a thousand or a million stands in it.
    pub(super) has_thousand: bool,
}

static WORDS: LazyLock<HashMap<&'static str, Part>> = LazyLock::new(|| {
    let mut all = HashMap::new();
    let mut list = |make: fn(u64) -> Part, step: u64, first: u64, rows: &'static [&'static str]| {
        for (n, row) in (0_u64..).zip(rows) {
            for word in row.split_whitespace() {
                all.insert(word, make(first + n * step));
            }
        }
    };
    list(
        Part::Unit,
        1,
        0,
        &[
            "ноль ноля нуль нол nol нөл zero oh",
            "один одна одно одного одной одну бір бир bir one",
            "два две двух двум двумя екі икки ikki two",
            "три трех трем үш уч uch three",
            "четыре четырех четырем төрт тўрт to'rt four",
            "пять пяти бес беш besh five",
            "шесть шести алты олти olti six",
            "семь семи жеті етти yetti seven",
            "восемь восьми сегіз саккиз sakkiz eight",
            "девять девяти тоғыз тўққиз to'qqiz nine",
        ],
    );
    list(
        Part::Teen,
        1,
        10,
        &[
            "десять десяти ten",
            "одиннадцать одиннадцати eleven",
            "двенадцать двенадцати twelve",
            "тринадцать тринадцати thirteen",
            "четырнадцать четырнадцати fourteen",
            "пятнадцать пятнадцати fifteen",
            "шестнадцать шестнадцати sixteen",
            "семнадцать семнадцати seventeen",
            "восемнадцать восемнадцати eighteen",
            "девятнадцать девятнадцати nineteen",
        ],
    );
    list(
        Part::Ten,
        10,
        10,
        &[
            "он ўн o'n",
            "двадцать двадцати жиырма йигирма yigirma twenty",
            "тридцать тридцати отыз ўттиз o'ttiz thirty",
            "сорок сорока қырық қирқ qirq forty",
            "пятьдесят пятидесяти елу эллик ellik fifty",
            "шестьдесят шестидесяти алпыс олтмиш oltmish sixty",
            "семьдесят семидесяти жетпіс етмиш yetmish seventy",
            "восемьдесят восьмидесяти сексен саксон sakson eighty",
            "девяносто девяноста тоқсан тўқсон to'qson ninety",
        ],
    );
    list(
        Part::Hundred,
        100,
        100,
        &[
            "сто ста",
            "двести двухсот",
            "триста трехсот",
            "четыреста четырехсот",
            "пятьсот пятисот",
            "шестьсот шестисот",
            "семьсот семисот",
            "восемьсот восьмисот",
            "девятьсот девятисот",
        ],
    );
    for word in ["жүз", "юз", "yuz", "hundred"] {
        all.insert(word, Part::TimesHundred);
    }
    for word in ["тысяча", "тысячи", "тысяч", "тысячу", "тыс", "мың", "минг", "ming", "thousand"]
    {
        all.insert(word, Part::TimesThousand);
    }
    for word in ["миллион", "миллиона", "миллионов", "млн", "million"] {
        all.insert(word, Part::TimesMillion);
    }
    all
});

/// A number of a text, as it stands there and by its value, the word behind it in lower case, and what it counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quantity<'a> {
    pub text: &'a str,
    pub value: u64,
    pub of: String,
    /// None where nothing beside it says so.
    pub(crate) unit: Option<Unit>,
    /// The bytes of the number together with the word behind it.
    pub whole: &'a str,
}

/// Digits of the longest number that is said in parts.
const LONGEST_JOINED: usize = 12;

/// Numbers that a text says in parts, one behind the other, as order numbers are said ("seventy seven, one two nine"): each
/// run of neighbours read as one, in digits.
pub(crate) fn joined(source: &str) -> Vec<String> {
    let parts = quantities(source);
    let digits = |part: &Quantity<'_>| match part.text.bytes().all(|sign| sign.is_ascii_digit()) {
        true => part.text.to_owned(),
        false => part.value.to_string(),
    };
    let place = |part: &Quantity<'_>| part.text.as_ptr() as usize - source.as_ptr() as usize;
    let mut found = Vec::new();
    for (at, first) in parts.iter().enumerate() {
        let (mut number, mut end) = (digits(first), place(first) + first.text.len());
        for next in &parts[at + 1..] {
            let between = source.get(end..place(next)).unwrap_or("x");
            let apart = between.chars().any(|sign| !(sign.is_whitespace() || matches!(sign, ',' | '-' | '–' | '—')));
            number.push_str(&digits(next));
            if apart || number.len() > LONGEST_JOINED {
                break;
            }
            end = place(next) + next.text.len();
            found.push(number.clone());
        }
    }
    found
}

/// All numbers of a text in order, in digits and in words.
pub fn quantities(source: &str) -> Vec<Quantity<'_>> {
    let text = Text::new(source);
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let Some(number) = number(&text, at) else {
            at += 1;
            continue;
        };
        let (from, to) = (number.span.from, number.span.to);
        let (Some(first), Some(last)) = (text.get(from), text.get(to - 1)) else { break };
        let behind = text.get(to).filter(|_| text.joined(to - 1));
        found.push(Quantity {
            text: &source[first.start..last.end],
            value: number.value,
            of: behind.map(|word| word.lower.clone()).unwrap_or_default(),
            unit: Unit::beside(&text, number.span),
            whole: &source[first.start..behind.map_or(last.end, |word| word.end)],
        });
        at = to;
    }
    found
}

/// The number that begins at word `at`, as long as it goes on; in digits ("10 000") or in words.
pub(super) fn number(text: &Text<'_>, at: usize) -> Option<Number> {
    let mut total = 0_u64;
    let mut group: Option<u64> = None;
    // What may still be added to the group: units below 10, tens below 100, hundreds below 1000.
    let mut room = 1_000_u64;
    let mut to = at;
    let (mut in_digits, mut has_thousand) = (true, false);
    while let Some(word) = text.get(to) {
        if to > at && !text.joined(to - 1) {
            break;
        }
        if word.is_number {
            if group.is_some() || word.lower.len() > 9 {
                break;
            }
            let (value, after) = digits(text, to)?;
            (group, room, to) = (Some(value), 0, after);
            continue;
        }
        let Some(part) = WORDS.get(word.lower.as_str()).filter(|_| !is_pronoun(text, to)) else { break };
        let fits = match *part {
            Part::Unit(n) => add(&mut group, &mut room, n, 10, 0),
            Part::Teen(n) => add(&mut group, &mut room, n, 100, 0),
            Part::Ten(n) => add(&mut group, &mut room, n, 100, 10),
            Part::Hundred(n) => add(&mut group, &mut room, n, 1_000, 100),
            Part::TimesHundred => match group {
                Some(n) if n < 10 && room == 0 => {
                    (group, room) = (Some(n * 100), 100);
                    true
                }
                None => {
                    (group, room) = (Some(100), 100);
                    true
                }
                _ => false,
            },
            Part::TimesThousand | Part::TimesMillion => {
                let times = if *part == Part::TimesThousand { 1_000 } else { 1_000_000 };
                total = total.saturating_add(group.take().unwrap_or(1).saturating_mul(times));
                (room, has_thousand) = (1_000, true);
                true
            }
        };
        if !fits {
            break;
        }
        in_digits = false;
        to += 1;
    }
    (to > at).then(|| Number {
        span: Span { from: at, to },
        value: total.saturating_add(group.unwrap_or(0)),
        in_digits,
        has_thousand,
    })
}

/// "он" is ten in Kazakh and "he" in Russian: a number only before a number or what is counted.
fn is_pronoun(text: &Text<'_>, at: usize) -> bool {
    let next = text.lower(at + 1);
    let counted = ["минут", "мин", "сағат", "күн", "тең", "тг", "апта", "адам", "пәтер"];
    text.lower(at) == "он" && !(WORDS.contains_key(next) || counted.iter().any(|c| next.starts_with(c)))
}

/// Adds a part of a number to its group if the group has room for it.
fn add(group: &mut Option<u64>, room: &mut u64, value: u64, needs: u64, leaves: u64) -> bool {
    if *room < needs || (value == 0 && group.is_some()) {
        return false;
    }
    *group = Some(group.unwrap_or(0) + value);
    *room = leaves;
    true
}

/// Digits with groups of three behind a space or a comma: "10 000", "1 250 000", "20,000". Returns the value and the word
/// after.
fn digits(text: &Text<'_>, at: usize) -> Option<(u64, usize)> {
    let first = text.get(at)?;
    let mut all = first.lower.clone();
    let mut to = at + 1;
    if first.lower.len() <= 3 && !first.lower.starts_with('0') {
        while let Some(next) = text.get(to) {
            let parts = matches!(text.gap(to - 1), " " | "\u{a0}" | "\u{202f}" | ",");
            if !(next.is_number && next.lower.len() == 3 && parts) || all.len() > 9 {
                break;
            }
            all.push_str(&next.lower);
            to += 1;
        }
    }
    Some((all.parse().ok()?, to))
}

/// Numbers said one after the other, as in a phone or an order number, with their digits written out.
pub(super) fn spoken_digits(text: &Text<'_>, at: usize) -> Option<(Span, String, usize)> {
    let (mut to, mut all, mut count) = (at, String::new(), 0);
    while to < text.len() && (to == at || text.joined(to - 1)) {
        match number(text, to) {
            Some(n) if !n.in_digits && !n.has_thousand => {
                all.push_str(&n.value.to_string());
                to = n.span.to;
                count += 1;
            }
            _ => break,
        }
    }
    (count > 0).then_some((Span { from: at, to }, all, count))
}
