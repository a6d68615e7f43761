"""What counts as the same word: the form in which texts and questions are compared, and the tokens of the index.

Width, case and accents fold; simplified and traditional Chinese are alike. Chinese has no spaces, so a
run of it becomes overlapping pairs, and a word of it is a phrase of pairs: 南京市 is 南京 京市. Whatever
stands between words but spaces is a token of its own, so that no phrase crosses a full stop.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from core.access import open_to_all

CJK = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3005\u3007\U00020000-\U0002ffff"
BREAK = "¶"
LONGEST = 64  # characters of a token; longer ones are keys and checksums

_PIECE = re.compile(rf"([{CJK}]+)|([^\W_{CJK}]+)|(\n\s*\n|[^\w\s]|_)")
_BETWEEN = re.compile(rf"(?<=[{CJK}])[^\S\n]*\n?[^\S\n]*(?=[{CJK}])")
_LETTER = rf"[^\W_{CJK}]"


@cache
def _alike() -> dict[int, str | None]:
    """Traditional character -> simplified, one by one, so that positions stay; accents and unseen characters -> nothing."""
    from opencc import OpenCC

    known = [chr(code) for code in (*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000))]
    turned = OpenCC("t2s").convert("\n".join(known)).split("\n")
    simplified = {ord(a): b for a, b in zip(known, turned, strict=True) if a != b and len(b) == 1}
    unseen = {c for c in range(0x20000) if unicodedata.category(chr(c)) in ("Mn", "Cf")}
    return simplified | dict.fromkeys(unseen)


@open_to_all("it only looks at the text it is given")
def folded(text: str) -> str:
    """The text in the form in which it is compared.

    >>> folded("Ｃａｆé 軟體")
    'cafe 软体'
    """
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).casefold())
    return unicodedata.normalize("NFC", text.translate(_alike()))


@open_to_all("it only looks at the text it is given")
def tokens(text: str) -> list[str]:
    """The tokens of a text, in order."""
    return list(_tokens(_BETWEEN.sub("", folded(text))))


def _tokens(text: str) -> Iterator[str]:
    last = BREAK
    for chinese, word, _between in _PIECE.findall(text):
        if chinese:
            if len(chinese) == 1:
                yield chinese
            for at in range(len(chinese) - 1):
                yield chinese[at : at + 2]
        elif word:
            yield word[:LONGEST]
        elif last != BREAK:
            yield BREAK
        last = "" if chinese or word else BREAK


@open_to_all("it only looks at the text it is given")
def is_letters(token: str) -> bool:
    """Whether a token is a word of letters or digits, not of Chinese."""
    return re.fullmatch(rf"{_LETTER}+", token) is not None


@dataclass(frozen=True)
class Word:
    """One thing that is looked for: what was typed, its tokens, and where it stands in a text.

    A word of letters finds what begins with it; `exact` (it stood in quotes) finds itself only. `loose`
    words find too much in the index (half a pair of characters was left out), and hits are looked at again.
    """

    typed: str
    tokens: tuple[str, ...]
    exact: bool
    loose: bool

    @property
    def single(self) -> bool:
        """Whether it is one Chinese character alone, which is half a token."""
        return len(self.tokens) == 1 and bool(re.fullmatch(rf"[{CJK}]", self.tokens[0]))

    @property
    def pattern(self) -> str:
        """A regular expression that finds it in folded text."""
        return _pattern(self.typed, self.exact)


@open_to_all("it only looks at the text it is given")
def word(typed: str, *, exact: bool = False) -> Word | None:
    """What was typed as a thing to look for; None when nothing of it is a word."""
    found = tokens(typed)
    while found and found[-1] == BREAK:
        found.pop()
    loose = False
    if len(found) > 1:
        for end in (0, -1):
            if len(found) > 1 and re.fullmatch(rf"[{CJK}]", found[end]):
                found.pop(end)
                loose = True
                while found and found[end] == BREAK:
                    found.pop(end)
    return Word(typed, tuple(found), exact, loose) if found else None


@lru_cache(maxsize=1000)
def _pattern(typed: str, exact: bool) -> str:
    pieces: list[str] = []
    between = ""
    text = _BETWEEN.sub("", folded(typed)).strip()
    last = ""
    for match in re.finditer(rf"([{CJK}]+)|({_LETTER}+)|(\s+)|(.)", text):
        chinese, letters, space, _other = match.groups()
        if space:
            between = between or r"\s+"
        elif not chinese and not letters:
            between = r"[\W_]+"
        else:
            if pieces:
                pieces.append(between or r"\s*")
            pieces.append(r"\s*".join(chinese) if chinese else re.escape(letters[:LONGEST]))
            between, last = "", "letters" if letters else "chinese"
    if not pieces:
        return r"(?!)"
    begin = rf"(?<!{_LETTER})" if re.match(_LETTER, text.lstrip("".join(c for c in text if not c.isalnum()))) else ""
    end = rf"(?!{_LETTER})" if exact and last == "letters" else ""
    return begin + "".join(pieces) + end


@open_to_all("it only looks at the text it is given")
def holds(text: str, looked_for: Word) -> bool:
    """Whether a text holds a word, letter by letter: what the index must agree with."""
    return holds_folded(folded(text), looked_for)


@open_to_all("it only looks at the text it is given")
def holds_folded(text: str, looked_for: Word) -> bool:
    """`holds` for a text that is folded already."""
    return re.search(looked_for.pattern, text) is not None


Marked = tuple[tuple[str, bool], ...]
"""A piece of text, cut where it is to be marked: (text, whether it is what was looked for)."""


@open_to_all("it only looks at the text it is given")
def marked(text: str, looked_for: Sequence[Word], *, around: int = 90) -> Marked | None:
    """The piece of `text` around the first match, with every match in it marked; None without one.

    `around` is how many characters stand on either side.
    """
    found = _matches(text, looked_for)
    first = next(found, None)
    if first is None:
        return None
    start, end = _edge(text, max(0, first[0] - around), -1), _edge(text, min(len(text), first[1] + around), 1)
    spans = [first, *(span for span in _until(found, end))]
    pieces: list[tuple[str, bool]] = []
    at = start
    for begin, stop in spans:
        if begin < at:
            continue
        pieces += [(text[at:begin], False), (text[begin:stop], True)]
        at = stop
    pieces.append((text[at : max(at, end)], False))
    clean = [(re.sub(r"\s+", " ", piece), on) for piece, on in pieces]
    if start > 0:
        clean[0] = ("…" + clean[0][0].lstrip(), clean[0][1])
    if end < len(text):
        clean[-1] = (clean[-1][0].rstrip() + "…", clean[-1][1])
    return tuple(piece for piece in clean if piece[0])


def _until(spans: Iterator[tuple[int, int]], end: int) -> Iterable[tuple[int, int]]:
    for span in spans:
        if span[1] > end:
            return
        yield span


def _edge(text: str, at: int, step: int) -> int:
    """`at` moved to the nearest space, a few characters at most, so that no word is cut."""
    for moved in range(16):
        where = at + step * moved
        if where <= 0 or where >= len(text):
            return min(max(where, 0), len(text))
        if text[where - 1].isspace() or text[where].isspace():
            return where
    return at


def _matches(text: str, looked_for: Sequence[Word]) -> Iterator[tuple[int, int]]:
    """Where the words stand in the text as it is written, in order."""
    pattern = re.compile("|".join(f"(?:{one.pattern})" for one in looked_for) or r"(?!)")
    plain = folded(text)
    if len(plain) == len(text):
        yield from (match.span() for match in pattern.finditer(plain))
        return
    # Folding changed the length somewhere (ß, ligatures): character by character then.
    origin: list[int] = []
    pieces: list[str] = []
    for at, character in enumerate(text):
        one = _folded_character(character)
        pieces.append(one)
        origin += [at] * len(one)
    for match in pattern.finditer("".join(pieces)):
        if match.end() > match.start():
            yield origin[match.start()], origin[match.end() - 1] + 1


@lru_cache(maxsize=20_000)
def _folded_character(character: str) -> str:
    return folded(character)
