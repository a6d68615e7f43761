"""Every public function of core/ and vault/, found by walking the code, with the rule that it carries."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import core
import vault
from core.access import Rule

ASIDE = {
    "core.access": "the lock itself; it reads the membership and nothing else",
    "core.chain": "hashes and signatures over what it is given",
    "core.control": "the socket, which only the owner of the data folder reaches",
    "core.db": "what the domain is written with; screens don't (tests/test_access.py)",
    "core.entities": "it imports modules",
    "core.exchange.trello_words": "tables of words",
    "core.ids": "ids and the clock",
    "core.language": "words, dates and numbers",
    "core.ledger": "it checks the cursor that vault/verifying.py gives it, after asking",
    "core.passwords": "it looks at the text it is given",
    "core.rows": "how rows are written down",
    "core.telling": "sentences of events that core/history.py has asked for",
    "core.simulation.correlation": "it computes with what it is given",
    "core.simulation.distributions": "it computes with what it is given",
    "core.settings": "the operator's own file and environment",
    "vault.antivirus": "bytes to the scanner, after documents.put has asked",
    "vault.audit_routes": "ASGI; each route turns the session into an actor",
    "vault.child": "the process that opens files; it looks at the bytes it is given",
    "vault.class_content": "what the shipped classes ask for, as data",
    "vault.completeness_child": "it looks at the bytes it is given",
    "vault.embedded": "the life of the store's process",
    "vault.envelope": "ciphers over what it is given",
    "vault.housekeeping": "what the running app does by itself",
    "vault.inspection": "it looks at the bytes it is given",
    "vault.inspection_child": "it looks at the bytes it is given",
    "vault.locks": "ciphers over what it is given",
    "vault.mail_child": "it looks at the bytes it is given",
    "vault.opening": "the life of the vault in a process",
    "vault.preview_child": "it looks at the bytes it is given",
    "vault.routes": "ASGI; each route turns the session into an actor (tests/pages/test_headers.py)",
    "vault.redline_child": "it looks at the bytes it is given",
    "vault.redline_routes": "ASGI; each route turns the session into an actor (tests/vault/test_redline_routes.py)",
    "vault.redlining.blocks": "it looks at the documents it is given, in the child process",
    "vault.redlining.plain": "it looks at the documents it is given, in the child process",
    "vault.redlining.reading": "it looks at the documents it is given, in the child process",
    "vault.redlining.tracked": "it looks at the documents it is given, in the child process",
    "vault.redlining.word": "it looks at the documents it is given, in the child process",
    "vault.redlining.words": "it looks at the documents it is given, in the child process",
    "vault.sample.papers": "it plans what the sample's people do; each step asks for the one who does it",
    "vault.sample.play": "the sample's calendar",
    "vault.sample.plot": "the sample's story, which ships with Accord",
    "vault.sample.steering": "it plans what the sample's manager does; each step asks for her",
    "vault.sample.story": "the sample's story, which ships with Accord",
    "vault.sample.writing": "it writes a document of what it is given",
    "vault.share_routes": "ASGI for people without an account; the link is the proof (tests/vault/test_sharing.py)",
    "vault.store": "objects by key; only the vault's own modules hold one",
    "vault.text_child": "it looks at the bytes it is given",
    "vault.template_child": "it looks at the bytes it is given",
    "vault.template_routes": "ASGI; each route turns the session into an actor (tests/vault/test_own_templates.py)",
    "vault.template_writing": "it writes a document of what it is given",
    "vault.transfer": "bytes on their way, after documents.put and documents.fetch have asked",
}
"""Modules below the rule, each with the reason."""

ASIDE_FUNCTIONS = {
    "core.exchange.intake.digest": "it looks at the value it is given",
    "vault.documents.attach": "the life of the vault in a process",
    "vault.documents.is_open": "the life of the vault in a process",
    "vault.documents.vault": "the life of the vault in a process",
}
"""Functions below the rule in modules that hold it."""

WITHIN = ("tx", "own", "reader", "rows", "cursor")
"""First parameters of what runs inside a transaction, or with a standing or a way to read, of a caller that has asked."""


@dataclass(frozen=True)
class Public:
    """A public function; `rule` is None where it carries none."""

    name: str
    call: Any
    rule: Rule | None

    @property
    def parameters(self) -> list[inspect.Parameter]:
        """What it takes."""
        return list(inspect.signature(self.call).parameters.values())

    @property
    def within(self) -> bool:
        """Whether it is a part of a change whose caller has asked."""
        return bool(self.parameters) and self.parameters[0].name in WITHIN


def modules() -> Iterator[ModuleType]:
    """Every module of core/ and vault/."""
    for package in (core, vault):
        for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            yield importlib.import_module(found.name)


def functions() -> list[Public]:
    """Every public function that a module of core/ or vault/ defines."""
    return [
        Public(f"{module.__name__}.{name}", found, getattr(found, "__rule__", None))
        for module in modules()
        for name, found in vars(module).items()
        if not name.startswith("_")
        and callable(found)
        and inspect.isfunction(inspect.unwrap(found))
        and found.__module__ == module.__name__
    ]


def ruled(scope: str) -> list[Public]:
    """The functions whose rule has this scope."""
    return [one for one in functions() if one.rule is not None and one.rule.scope == scope]
