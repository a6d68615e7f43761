"""What the names of a board's lists and labels say: a category of column, a priority."""

from __future__ import annotations

import re

CATEGORY_WORDS: tuple[tuple[str, str], ...] = (
    ("dropped", r"reject|won.?t|cancel|declin|abandon|discard|duplicate|拒绝|驳回|取消|废弃|中止|却下|abgelehnt|verworfen|rejet|descart"),
    ("done", r"\bdone\b|complet|finish|clos(ed|e)\b|releas|\blive\b|deployed|shipped|完成|已上线|已发布|关闭|完了|クローズ|erledigt|fertig|termin|hecho|gotowe|zrobione|feito"),
    ("active", r"progress|doing|\bwip\b|review|test|\bqa\b|develop|active|进行|开发|测试|评审|進行|作業中|レビュー|arbeit|prüf|en cours|en curso|w trakcie"),
    ("agreed", r"to.?do|next|ready|sprint|selected|approved|agreed|planned|this week|today|待办|已确认|已同意|やること|offen|geplant|à faire|do zrobienia|por hacer"),
)  # fmt: skip
"""Category -> words in a list's name that speak for it, in this order; nothing found is `open`."""

PRIORITY_WORDS: dict[str, str] = {
    "must": r"must([ -]?have)?|critical|blocker|urgent|highest|high|high priority|p0|p1|必须|紧急|高|高优先级",
    "should": r"should([ -]?have)?|medium|normal|medium priority|p2|应该|中|中优先级",
    "could": r"could([ -]?have)?|low|lowest|nice to have|low priority|p3|p4|可以|低|低优先级",
    "wont": r"won'?t([ -]?have)?|不做|暂不",
}
"""Priority -> labels that say so by their whole name; the first priority found holds."""


def category_of(name: str) -> str:
    """The category that a list's name speaks for; `open` when none.

    >>> category_of("In Progress"), category_of("Backlog"), category_of("已完成")
    ('active', 'open', 'done')
    """
    return next((c for c, words in CATEGORY_WORDS if re.search(words, name, re.IGNORECASE)), "open")


def priority_of(labels: tuple[str, ...]) -> str:
    """The priority that a label says; `should` when none does."""
    for priority, words in PRIORITY_WORDS.items():
        if any(re.fullmatch(words, label.strip(), re.IGNORECASE) for label in labels):
            return priority
    return "should"
