"""A contact as the writer reads it, and what it is to write."""
import random
import re

MARKS = {"customer": 0, "operator": 1, "text": 2, "parts": 3, "ru": 4, "kk": 5, "uz": 6, "en": 7}  # tokens `<unusedN>`
CLOCK = re.compile(r"\b(?:[01]?\d|2[0-3])[:.][0-5]\d\b")
RENUMBERED = 0.5  # share of talks that are told with other numbers
LONGEST = 3000  # tokens of a row; none of our talks has so many


class Rows:
    """Makes token ids of contacts; the ids of each text are kept."""

    def __init__(self, tokenizer):
        self.tokenizer, self.kept = tokenizer, {}
        self.mark = {name: tokenizer.token_to_id(f"<unused{n}>") for name, n in MARKS.items()}
        self.begin, self.end = tokenizer.token_to_id("<bos>"), tokenizer.token_to_id("<eos>")

    def ids(self, text: str) -> list[int]:
        if text not in self.kept:
            self.kept[text] = self.tokenizer.encode(text, add_special_tokens=False).ids
        return self.kept[text]

    def prompt(self, language: str, turns: list[tuple[str, str]], task: str = "text") -> list[int]:
        ids = [self.begin, self.mark[language]]
        for speaker, text in turns:
            ids += [self.mark[speaker], *self.ids(text)]
        return ids + [self.mark[task]]

    def row(self, talk: dict, task: str, rng: random.Random) -> tuple[list[int], int]:
        """Token ids and from where on they are to be written."""
        summary = talk["summary"]
        parts = [summary["issue"], summary["request"], "; ".join(summary["actions"]), "; ".join(summary["promises"])]
        told = summary["text"] if task == "text" else " | ".join(parts)
        said = [text for _, text in talk["turns"]]
        if rng.random() < RENUMBERED:
            said, told = renumbered(said, told, rng)
        turns = [(speaker, text) for (speaker, _), text in zip(talk["turns"], said)]
        prompt = self.prompt(talk["language"], turns, task)
        return prompt + self.ids(told) + [self.end], len(prompt)


def renumbered(said: list[str], told: str, rng: random.Random) -> tuple[list[str], str]:
    """The same talk with other numbers in place of those that its summary takes over: they can only be copied.

    Times stay times, sums keep their length and their zeros at the end."""
    other = {}
    for clock in CLOCK.findall(told):
        hour = clock[:-3]
        other[clock] = f"{rng.randrange(24):0{len(hour)}d}"[-2:] + clock[-3] + f"{rng.randrange(60):02d}"
    for run in re.findall(r"\d\d+", CLOCK.sub(" ", told)):
        bare = run.rstrip("0")
        if bare:
            first = "0" if run[0] == "0" else str(rng.randrange(1, 10))
            other[run] = first + "".join(str(rng.randrange(10)) for _ in bare[1:]) + "0" * (len(run) - len(bare))
    if not other:
        return said, told
    find = re.compile("|".join(rf"(?<!\d){re.escape(old)}(?!\d)" for old in sorted(other, key=len, reverse=True)))
    return [find.sub(lambda m: other[m[0]], text) for text in said], find.sub(lambda m: other[m[0]], told)
