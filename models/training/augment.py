"""What happens to a text between a customer's head and the server: hurry, speech recognition, a missing keyboard layout."""
import random
import re

UZBEK = [
    ("o'", "ў"), ("g'", "ғ"), ("sh", "ш"), ("ch", "ч"), ("yo", "ё"), ("yu", "ю"), ("ya", "я"), ("ye", "е"), ("ts", "ц"),
    ("a", "а"), ("b", "б"), ("d", "д"), ("e", "е"), ("f", "ф"), ("g", "г"), ("h", "ҳ"), ("i", "и"), ("j", "ж"),
    ("k", "к"), ("l", "л"), ("m", "м"), ("n", "н"), ("o", "о"), ("p", "п"), ("q", "қ"), ("r", "р"), ("s", "с"),
    ("t", "т"), ("u", "у"), ("v", "в"), ("x", "х"), ("y", "й"), ("z", "з"), ("'", "ъ"),
]
KAZAKH_ON_RUSSIAN_KEYS = str.maketrans("әғқңөұүһіӘҒҚҢӨҰҮҺІ", "агкноууxиАГКНОУУХИ")


def augment(text: str, language: str, chance: random.Random) -> str:
    """A variant of `text` that means the same; half of the time the text itself."""
    if language == "uz" and chance.random() < 0.12:
        text = to_uzbek_cyrillic(text)
    if language == "kk" and chance.random() < 0.08:
        text = text.translate(KAZAKH_ON_RUSSIAN_KEYS)
    roll = chance.random()
    if roll < 0.15:
        return re.sub(r"\s+", " ", re.sub(r"[^\w\s']", " ", text.lower())).strip() or text
    if roll < 0.25:
        return text.lower()
    if roll < 0.45:
        for _ in range(1 + len(text) // 60):
            text = mistype(text, chance)
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
