"""Whole numbers below a million in words, as people say them on the phone in each language."""
import re

LANGUAGES = ("ru", "kk", "uz", "en")
UNITS = {
    "ru": "ноль один два три четыре пять шесть семь восемь девять".split(),
    "kk": "нөл бір екі үш төрт бес алты жеті сегіз тоғыз".split(),
    "uz": "nol bir ikki uch to'rt besh olti yetti sakkiz to'qqiz".split(),
    "en": "zero one two three four five six seven eight nine".split(),
}
TEENS = {
    "ru": "десять одиннадцать двенадцать тринадцать четырнадцать пятнадцать шестнадцать семнадцать восемнадцать девятнадцать".split(),
    "en": "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(),
}
TENS = {
    "ru": "десять двадцать тридцать сорок пятьдесят шестьдесят семьдесят восемьдесят девяносто".split(),
    "kk": "он жиырма отыз қырық елу алпыс жетпіс сексен тоқсан".split(),
    "uz": "o'n yigirma o'ttiz qirq ellik oltmish yetmish sakson to'qson".split(),
    "en": "ten twenty thirty forty fifty sixty seventy eighty ninety".split(),
}
RUSSIAN_HUNDREDS = "сто двести триста четыреста пятьсот шестьсот семьсот восемьсот девятьсот".split()
HUNDRED = {"kk": "жүз", "uz": "yuz", "en": "hundred"}
THOUSAND = {"kk": "мың", "uz": "ming", "en": "thousand"}


def spell(text: str, language: str) -> str:
    """Each number that stands alone in `text` in words; a long one in groups, as order numbers are read out."""
    return re.sub(r"(?<![\d.,:/+\w])\d{1,6}(?![\d.,:/]?\d|\w)", lambda m: number(m.group(), language), text)


def number(digits: str, language: str) -> str:
    if len(digits) > 4 or digits.startswith("0"):
        groups = [digits[: len(digits) % 3 or 3]] + [digits[i : i + 3] for i in range(len(digits) % 3 or 3, len(digits), 3)]
        return " ".join(group(g, language) for g in groups)
    value = int(digits)
    if value >= 1000:
        rest = value % 1000
        return thousands(value // 1000, language) + (" " + below_thousand(rest, language) if rest else "")
    return below_thousand(value, language)


def group(digits: str, language: str) -> str:
    zeros = len(digits) - len(digits.lstrip("0"))
    words = [UNITS[language][0]] * min(zeros, len(digits) - 1 if set(digits) == {"0"} else zeros)
    return " ".join(words + [below_thousand(int(digits), language)])


def thousands(value: int, language: str) -> str:
    if language == "ru":
        words = {1: "тысяча", 2: "две тысячи", 3: "три тысячи", 4: "четыре тысячи"}
        return words.get(value, f"{below_thousand(value, language)} тысяч")
    one = "" if value == 1 and language != "en" else below_thousand(value, language) + " "
    return one + THOUSAND[language]


def below_thousand(value: int, language: str) -> str:
    words = []
    if value >= 100:
        if language == "ru":
            words.append(RUSSIAN_HUNDREDS[value // 100 - 1])
        else:
            words += [UNITS[language][value // 100]] * (value >= 200 or language == "en") + [HUNDRED[language]]
        value %= 100
        if not value:
            return " ".join(words)
    if value >= 20 or (value >= 10 and language not in TEENS):
        words.append(TENS[language][value // 10 - 1])
        value %= 10
        if not value:
            return " ".join(words)
    words.append(TEENS[language][value - 10] if value >= 10 else UNITS[language][value])
    return " ".join(words)
