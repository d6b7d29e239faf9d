//! The words of a due time, each with what it means, in four languages and in both scripts of Uzbek.

use std::sync::LazyLock;

use jiff::civil::Weekday;
use models::entities::quantities;
use regex::Regex;

/// A word, a number or a time of the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// With its minutes, by 24 hours.
    Clock(i8, i8),
    Number(Number),
    Today,
    Tomorrow,
    DayAfter,
    Weekday(Weekday),
    Month(i8),
    Unit(Unit),
    /// An hour as the Turkic languages have it: before a number it says "o'clock", behind one how many.
    Hour,
    HalfHour,
    Half,
    Working,
    OClock,
    Part(Part),
    /// Russian "дня": of two days, or of two in the afternoon.
    OfDay,
    End,
    This,
    Next,
    After,
    Past,
    To,
    Range,
    Filler,
}

/// A number as it was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Number {
    pub(super) value: i64,
    /// Which one, not how many.
    pub(super) ordinal: bool,
    /// In a case that times of the clock have: "к шести", "до трёх".
    pub(super) oblique: bool,
    /// "yettidan", "жетіден": past it.
    pub(super) past: bool,
    /// A bare Russian "шесть" may be hours, minutes or days.
    pub(super) bare: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Minute,
    Hour,
    Day,
    /// Twenty-four hours.
    DayAndNight,
    Week,
    Month,
    Year,
}

/// Ends at noon, at six, or with the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Morning,
    Noon,
    Afternoon,
    Evening,
    Night,
    Midnight,
}

/// A star stands for any ending.
const WORDS: [(&str, Token); 48] = [
    ("сегодня* бүгін* bugun* бугун* today", Token::Today),
    ("завтра завтрашн* ертең* ertag* ertangi эртаг* эртанги tomorrow", Token::Tomorrow),
    ("послезавтра бүрсігүні indin* индин*", Token::DayAfter),
    ("понедельник* дүйсенбі* dushanba* душанба* monday", Token::Weekday(Weekday::Monday)),
    ("вторник* сейсенбі* seshanba* сешанба* tuesday", Token::Weekday(Weekday::Tuesday)),
    ("среда среды среду среде сәрсенбі* chorshanba* чоршанба* wednesday", Token::Weekday(Weekday::Wednesday)),
    ("четверг* бейсенбі* payshanba* пайшанба* thursday", Token::Weekday(Weekday::Thursday)),
    ("пятница пятницы пятницу пятнице жұма* juma* жума* friday", Token::Weekday(Weekday::Friday)),
    ("суббота субботы субботу субботе сенбі* shanba* шанба* saturday", Token::Weekday(Weekday::Saturday)),
    ("воскресень* жексенбі* yakshanba* якшанба* sunday", Token::Weekday(Weekday::Sunday)),
    ("январ* қаңтар* yanvar* january", Token::Month(1)),
    ("феврал* ақпан* fevral* february", Token::Month(2)),
    ("март* наурыз* mart* march", Token::Month(3)),
    ("апрел* сәуір* aprel* april", Token::Month(4)),
    ("май мая мае мамыр* may", Token::Month(5)),
    ("июн* маусым* iyun* june", Token::Month(6)),
    ("июл* шілде* iyul* july", Token::Month(7)),
    ("август* тамыз* avgust* august", Token::Month(8)),
    ("сентябр* қыркүйек* sentabr* sentyabr* september", Token::Month(9)),
    ("октябр* қазан* oktabr* oktyabr* october", Token::Month(10)),
    ("ноябр* қараша* noyabr* november", Token::Month(11)),
    ("декабр* желтоқсан* dekabr* december", Token::Month(12)),
    ("минут* мин min mins minut* daqiqa* дақиқа* дакика*", Token::Unit(Unit::Minute)),
    ("час часа часов часик hour hours ч h", Token::Unit(Unit::Hour)),
    ("сағат* soat* соат*", Token::Hour),
    ("дней день дню дни күн* kun kuni* kunda kunga kungacha kunlik кун* day days", Token::Unit(Unit::Day)),
    ("дня", Token::OfDay),
    ("сутки суток тәулік* sutka*", Token::Unit(Unit::DayAndNight)),
    ("недел* апта* hafta* ҳафта* week weeks", Token::Unit(Unit::Week)),
    ("месяц* month months", Token::Unit(Unit::Month)),
    ("год года году year", Token::Unit(Unit::Year)),
    ("полчаса полчасика получаса", Token::HalfHour),
    ("половин* жарты* жарым* yarim* ярим* half", Token::Half),
    ("рабочих рабочие рабочего рабочий банковских жұмыс ish иш bank банк working business banking", Token::Working),
    ("часам o'clock", Token::OClock),
    ("утр* таң* ertalab* эрталаб* morning am", Token::Part(Part::Morning)),
    (
        "обед* полдень полудн* түс* tush tushga tushgacha tushdan туш тушга тушгача тушдан peshin* пешин* noon lunch lunchtime",
        Token::Part(Part::Noon),
    ),
    ("днем afternoon", Token::Part(Part::Afternoon)),
    (
        "вечер* кеш кешке кешкі* kech kechga kechki kechgacha kechqurun* кеч кечга кечки кечгача кечқурун* oqshom* evening tonight pm",
        Token::Part(Part::Evening),
    ),
    ("ночи ночью түн* tunda tungi тунги night", Token::Part(Part::Night)),
    ("полночь полуночи midnight", Token::Part(Part::Midnight)),
    ("конец конца концу аяғы* аяғына соңы* oxiri* охири* end", Token::End),
    ("осы этой этого shu шу this", Token::This),
    ("next следующ*", Token::Next),
    ("после кейін keyin кейин after", Token::After),
    ("past", Token::Past),
    ("to", Token::To),
    (
        "в во к ко до за через на с со по около примерно течение ровно максимум или и ближайш* числа в/течение \
      дейін ішінде қарай шамасында арасында мен немесе келер келесі бір-екі де да те та ге ға ке қа \
      ichida ичида gacha гача qadar қадар yoki ёки va ва ga га \
      in by at on within before about around the a an until till and between or of coming",
        Token::Filler,
    ),
];

/// A larger number is counted as this one, which is due too late in any unit: sums of such numbers stay in their type.
const MOST: i64 = 1_000_000;

/// Endings of numbers, the longest first, and what they make of one.
const ENDINGS: [(&str, Ending); 47] = [
    ("gacha", Ending::Case),
    ("гача", Ending::Case),
    ("inchi", Ending::Ordinal),
    ("ыншы", Ending::Ordinal),
    ("інші", Ending::Ordinal),
    ("нинг", Ending::Case),
    ("ning", Ending::Case),
    ("нчи", Ending::Ordinal),
    ("nchi", Ending::Ordinal),
    ("нші", Ending::Ordinal),
    ("ншы", Ending::Ordinal),
    ("сына", Ending::Case),
    ("сіне", Ending::Case),
    ("тың", Ending::Case),
    ("тің", Ending::Case),
    ("ның", Ending::Case),
    ("нің", Ending::Case),
    ("дан", Ending::Past),
    ("ден", Ending::Past),
    ("тан", Ending::Past),
    ("тен", Ending::Past),
    ("нан", Ending::Past),
    ("нен", Ending::Past),
    ("dan", Ending::Past),
    ("іне", Ending::Case),
    ("ына", Ending::Case),
    ("ге", Ending::Case),
    ("ға", Ending::Case),
    ("ке", Ending::Case),
    ("қа", Ending::Case),
    ("не", Ending::Case),
    ("на", Ending::Case),
    ("де", Ending::Case),
    ("да", Ending::Case),
    ("те", Ending::Case),
    ("та", Ending::Case),
    ("га", Ending::Case),
    ("ga", Ending::Case),
    ("ka", Ending::Case),
    ("qa", Ending::Case),
    ("da", Ending::Case),
    ("ta", Ending::Case),
    ("ді", Ending::Case),
    ("ні", Ending::Case),
    ("ni", Ending::Case),
    ("ни", Ending::Case),
    ("u", Ending::Case),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    Case,
    Ordinal,
    Past,
}

/// Russian ordinals by their stem, beside the number that they count to.
const ORDINALS: [(&str, &str); 21] = [
    ("перв", "один"),
    ("втор", "два"),
    ("треть", "три"),
    ("четверт", "четыре"),
    ("пят", "пять"),
    ("шест", "шесть"),
    ("седьм", "семь"),
    ("восьм", "восемь"),
    ("девят", "девять"),
    ("десят", "десять"),
    ("одиннадцат", "одиннадцать"),
    ("двенадцат", "двенадцать"),
    ("тринадцат", "тринадцать"),
    ("четырнадцат", "четырнадцать"),
    ("пятнадцат", "пятнадцать"),
    ("шестнадцат", "шестнадцать"),
    ("семнадцат", "семнадцать"),
    ("восемнадцат", "восемнадцать"),
    ("девятнадцат", "девятнадцать"),
    ("двадцат", "двадцать"),
    ("тридцат", "тридцать"),
];

static PIECES: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = concat!(
        r"(?P<h>\d{1,2})[:.](?P<m>\d{2})(?:-?(?P<end>\p{L}+))?|",
        r"(?P<nth>\d{1,2})(?:-(?:го|е|й|му|сына|шы|ші)|st|nd|rd|th)\b|",
        r"(?P<n>\d{1,3})|(?P<w>\p{L}+(?:'\p{L}+)*)|(?P<dash>[-–—])|[\s,]+|(?P<odd>.)",
    );
    Regex::new(pattern).expect("the pattern of this file is correct: the tests use it")
});

/// A number before its neighbours are read with it.
struct Piece {
    word: String,
    ordinal: bool,
    oblique: bool,
    past: bool,
    bare: bool,
}

/// The tokens of a due time; none where a word of it is unknown.
pub(super) fn tokens(due: &str) -> Option<Vec<Token>> {
    let due = plain(due);
    let (mut tokens, mut run) = (Vec::new(), Vec::new());
    for piece in PIECES.captures_iter(&due) {
        if let Some(word) = piece.name("w").map(|word| word.as_str()).filter(|word| known(word).is_none()) {
            run.push(number_word(word)?);
            continue;
        }
        if let Some(number) = piece.name("n") {
            let word = number.as_str().to_owned();
            run.push(Piece { word, ordinal: false, oblique: false, past: false, bare: false });
            continue;
        }
        let token = if let (Some(hour), Some(minute)) = (piece.name("h"), piece.name("m")) {
            Token::Clock(hour.as_str().parse().ok()?, minute.as_str().parse().ok()?)
        } else if let Some(nth) = piece.name("nth") {
            let value = nth.as_str().parse().ok()?;
            Token::Number(Number { value, ordinal: true, oblique: false, past: false, bare: false })
        } else if let Some(word) = piece.name("w") {
            known(word.as_str())?
        } else if piece.name("dash").is_some() {
            Token::Range
        } else if piece.name("odd").is_some() {
            return None;
        } else {
            continue;
        };
        numbers(&mut run, &mut tokens);
        tokens.push(token);
        // "9:30pm": all other endings of a time add nothing
        let part = piece.name("end").and_then(|end| known(end.as_str()));
        tokens.extend(part.filter(|part| matches!(part, Token::Part(_))));
    }
    numbers(&mut run, &mut tokens);
    Some(without_fillers(&tokens))
}

/// Between two numbers a word that says nothing keeps them apart.
fn without_fillers(tokens: &[Token]) -> Vec<Token> {
    let mut kept: Vec<Token> = Vec::new();
    let mut is_apart = false;
    for token in tokens {
        match token {
            Token::Filler => is_apart = true,
            token => {
                let numbers = matches!((kept.last(), token), (Some(Token::Number(_)), Token::Number(_)));
                kept.extend((is_apart && numbers).then_some(Token::Range));
                kept.push(*token);
                is_apart = false;
            }
        }
    }
    kept
}

/// In lower case, without dots on е and with one kind of apostrophe.
fn plain(text: &str) -> String {
    let sign = |c: char| match c {
        'ё' => 'е',
        '`' | '´' | '‘' | '’' | '′' | 'ʻ' | 'ʼ' => '\'',
        c => c,
    };
    text.to_lowercase().chars().map(sign).collect()
}

fn known(word: &str) -> Option<Token> {
    let fits = |listed: &str| match listed.strip_suffix('*') {
        Some(stem) => word.strip_prefix(stem).map(|ending| (stem.len(), ending.len())),
        None => (listed == word).then_some((usize::MAX, 0)),
    };
    let all = WORDS.iter().flat_map(|(words, token)| words.split_whitespace().map(move |listed| (listed, *token)));
    let found = all.filter_map(|(listed, token)| Some((fits(listed)?, token))).max_by_key(|((length, _), _)| *length);
    // "понедельникам": each of them
    let every = |token| matches!(token, Token::Weekday(_)) && word.ends_with("ам");
    found.filter(|((_, ending), token)| *ending <= 24 && !every(*token)).map(|(_, token)| token)
}

fn is_number(word: &str) -> bool {
    quantities(word).first().is_some_and(|number| number.text == word)
}

fn number_word(word: &str) -> Option<Piece> {
    if word == "часу" {
        return Some(Piece {
            word: "одного".to_owned(), ordinal: false, oblique: true, past: false, bare: false
        });
    }
    if is_number(word) {
        let cyrillic = word.chars().any(|c| ('а'..='я').contains(&c));
        let bare = word.ends_with('ь') || matches!(word, "два" | "три" | "четыре" | "один" | "сорок");
        let oblique = cyrillic && !bare && word.ends_with(['и', 'х', 'м', 'у']);
        return Some(Piece { word: word.to_owned(), ordinal: false, oblique, past: false, bare });
    }
    let ordinal = ["ого", "его", "ому", "ему", "ое"].iter().find_map(|ending| word.strip_suffix(ending));
    if let Some((_, number)) = ordinal.and_then(|stem| ORDINALS.iter().find(|(listed, _)| *listed == stem)) {
        return Some(Piece { word: (*number).to_owned(), ordinal: true, oblique: true, past: false, bare: false });
    }
    // "он" alone is taken for the Russian "he"; its Uzbek brother is not
    let whole = |stem: &str| if stem == "он" { "ўн".to_owned() } else { stem.to_owned() };
    if word == "он" {
        return Some(Piece { word: whole(word), ordinal: false, oblique: false, past: false, bare: false });
    }
    ENDINGS.iter().find_map(|(ending, kind)| {
        let stem = whole(word.strip_suffix(ending)?);
        let (ordinal, past) = (*kind == Ending::Ordinal, *kind == Ending::Past);
        is_number(&stem).then_some(Piece { word: stem, ordinal, oblique: true, past, bare: false })
    })
}

/// Reads what stands side by side together: "двадцать пять" is one number, "двадцать сорок" are two.
fn numbers(run: &mut Vec<Piece>, tokens: &mut Vec<Token>) {
    let text = run.iter().map(|piece| piece.word.as_str()).collect::<Vec<_>>().join(" ");
    let mut at = 0;
    for quantity in quantities(&text) {
        let pieces = &run[at..at + quantity.text.split(' ').count()];
        at += pieces.len();
        let any = |of: fn(&Piece) -> bool| pieces.iter().any(of);
        tokens.push(Token::Number(Number {
            value: i64::try_from(quantity.value).map_or(MOST, |value| value.min(MOST)),
            ordinal: any(|piece| piece.ordinal),
            oblique: any(|piece| piece.oblique),
            past: any(|piece| piece.past),
            bare: any(|piece| piece.bare),
        }));
    }
    run.clear();
}
