"""What happens to a text between a customer's head and the server: hurry, speech recognition, a missing keyboard layout.

A text is changed piece by piece between the edges of its entities, so that each entity is still known afterwards.
"""
import random
import re

import numerals

UZBEK = [
    ("o'", "ў"), ("g'", "ғ"), ("sh", "ш"), ("ch", "ч"), ("yo", "ё"), ("yu", "ю"), ("ya", "я"), ("ye", "е"), ("ts", "ц"),
    ("a", "а"), ("b", "б"), ("d", "д"), ("e", "е"), ("f", "ф"), ("g", "г"), ("h", "ҳ"), ("i", "и"), ("j", "ж"),
    ("k", "к"), ("l", "л"), ("m", "м"), ("n", "н"), ("o", "о"), ("p", "п"), ("q", "қ"), ("r", "р"), ("s", "с"),
    ("t", "т"), ("u", "у"), ("v", "в"), ("x", "х"), ("y", "й"), ("z", "з"), ("'", "ъ"),
]
KAZAKH_ON_RUSSIAN_KEYS = str.maketrans("әғқңөұүһіӘҒҚҢӨҰҮҺІ", "агкноууxиАГКНОУУХИ")
KAZAKH_IN_LATIN = {
    "а": "a", "ә": "a", "б": "b", "в": "v", "г": "g", "ғ": "g", "д": "d", "е": "e", "ё": "yo", "ж": "zh", "з": "z", "и": "i",
    "й": "i", "к": "k", "қ": "k", "л": "l", "м": "m", "н": "n", "ң": "n", "о": "o", "ө": "o", "п": "p", "р": "r", "с": "s",
    "т": "t", "у": "u", "ұ": "u", "ү": "u", "ф": "f", "х": "h", "һ": "h", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sh",
    "ъ": "", "ы": "y", "і": "i", "ь": "", "э": "e", "ю": "yu", "я": "ya",
}
FILLERS = {
    "ru": ["ну", "э", "это", "значит", "вот", "короче", "слушайте"],
    "kk": ["ну", "э", "сонда", "жаңағы", "иә", "тыңдаңызшы"],
    "uz": ["xo'p", "haligi", "eee", "shu", "mana", "eshiting"],
    "en": ["um", "uh", "like", "so", "well", "you know"],
}


def augment(text: str, entities, language: str, style: str, chance: random.Random):
    """A variant of `text` that means the same, and its entities; half of the time both as they are."""
    pieces = cut(text, entities)
    if language == "uz" and chance.random() < 0.12:
        pieces = [(to_uzbek_cyrillic(t), kind) for t, kind in pieces]
    if language == "kk":
        roll = chance.random()
        if roll < 0.08:
            pieces = [(t.translate(KAZAKH_ON_RUSSIAN_KEYS), kind) for t, kind in pieces]
        elif roll < 0.11:
            pieces = [("".join(KAZAKH_IN_LATIN.get(c, c) for c in t.lower()), kind) for t, kind in pieces]
    roll = chance.random()
    if roll < 0.2 and style != "asr":
        pieces = [(spoken(t, kind, language, chance), kind) for t, kind in pieces]
    elif roll < 0.3:
        pieces = [(t.lower(), kind) for t, kind in pieces]
    elif roll < 0.45:
        for _ in range(1 + len(text) // 60):
            at = chance.randrange(len(pieces))
            pieces[at] = (mistype(pieces[at][0], chance), pieces[at][1])
    return join(pieces) if any(t.strip() for t, _ in pieces) else (text, entities)


def cut(text: str, entities) -> list[tuple[str, int | None]]:
    """The text as pieces in order; a piece is an entity of a kind, or what stands between."""
    pieces, at = [], 0
    for kind, start, end in entities or ():
        pieces += [(text[at:start], None), (text[start:end], kind)]
        at = end
    return [p for p in pieces + [(text[at:], None)] if p[0]]


def join(pieces) -> tuple[str, list[tuple[int, int, int]]]:
    text, entities = "", []
    for piece, kind in pieces:
        if kind is not None and piece.strip():
            start = len(text) + len(piece) - len(piece.lstrip())
            entities.append((kind, start, len(text) + len(piece.rstrip())))
        text += piece
    return text, entities


def spoken(text: str, kind: int | None, language: str, chance: random.Random) -> str:
    """As a recogniser writes it down: no case, no punctuation, numbers in words now and then, a filler."""
    if language in numerals.LANGUAGES and chance.random() < 0.5:
        text = numerals.spell(text, language)
    text = re.sub(r"\s+", " ", re.sub(r"[^\w\s'ʻʼ‘’`-]", " ", text.lower()))
    if kind is None and language in FILLERS and text.count(" ") > 1 and chance.random() < 0.15:
        words = text.split(" ")
        words.insert(chance.randrange(1, len(words)), chance.choice(FILLERS[language]))
        text = " ".join(words)
    return text


def mistype(text: str, chance: random.Random) -> str:
    """One slip: a letter dropped, doubled or swapped with the next."""
    places = [i for i in range(1, len(text) - 1) if text[i].isalpha() and text[i + 1].isalpha()]
    if not places:
        return text
    at = chance.choice(places)
    slip = chance.randrange(3)
    if slip == 0:
        return text[:at] + text[at + 1 :]
    if slip == 1:
        return text[:at] + text[at] + text[at:]
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def to_uzbek_cyrillic(text: str) -> str:
    text = re.sub("[ʻʼ‘’`´′]", "'", text.lower())
    text = re.sub(r"\be", "э", text)
    for latin, cyrillic in UZBEK:
        text = text.replace(latin, cyrillic)
    return text
