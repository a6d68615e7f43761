"""The words on the command line."""

from __future__ import annotations

import argparse
from datetime import date
from typing import Any


def parser() -> argparse.ArgumentParser:
    """Every command with its options; docs/cli.md is made from it."""
    everywhere = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    everywhere.add_argument("--home", metavar="DIR", help="the data folder (default: ACCORD_HOME, else ./data)")
    everywhere.add_argument(
        "--as", metavar="MAIL", help="act as this person, with their rights (default: the operator)"
    )
    everywhere.add_argument("--json", action="store_true", help="print JSON and nothing else")
    top = argparse.ArgumentParser(
        prog="accord", parents=[everywhere], allow_abbrev=False,
        description="The room where a delivery team and its client keep their agreement.",
        epilog="Exit status: 0 done, 1 refused (why is on stderr, with --json also on stdout), 2 wrong usage.",
    )  # fmt: skip
    groups: dict[str, Any] = {"": top.add_subparsers(metavar="COMMAND", required=True)}

    def group(name: str, about: str) -> None:
        groups[name] = (
            groups[""]
            .add_parser(name, help=about, description=about, allow_abbrev=False)
            .add_subparsers(metavar="WHAT", required=True)
        )

    def command(name: str, about: str, more: str = "") -> argparse.ArgumentParser:
        within, _, word = name.rpartition(" ")
        found: argparse.ArgumentParser = groups[within].add_parser(
            word,
            help=about,
            description=f"{about[0].upper()}{about[1:]}. {more}".strip(),
            parents=[everywhere],
            allow_abbrev=False,
        )
        found.set_defaults(command=name)
        return found

    group("user", "people who can sign in")
    group("member", "who belongs to a project")
    group("client", "the companies that projects are done for")
    group("project", "projects")
    group("import", "take in what stands in other systems")
    group("document", "what becomes of a document")
    group("template", "Word templates of the classes")
    group("list", "what stands in a project")
    group("keys", "the keys of this installation")
    group("vault", "where documents lie")
    group("index", "the search's index")

    some = command("serve", "serve the screens until Ctrl-C")
    some.add_argument("--host", metavar="H", help="address to listen on (default: the setting host)")
    some.add_argument("--port", metavar="N", type=_port, help="port to listen on (default: the setting port)")

    some = command("setup", "name the organisation and make the first administrator", "It can be done once.")
    some.add_argument("--organisation", metavar="O", required=True, help="whose installation this is")
    _person(some)
    some.add_argument("--language", metavar="L", default="en", help="en or zh_CN (default: en)")
    some.add_argument("--sample", action="store_true", help="add the sample engagement, in that language")

    _person(command("user add", "add a person with a password"))

    some = command("member add", "give a person a role in a project")
    _project(some)
    some.add_argument("--mail", metavar="M", required=True, help="whose")
    some.add_argument("--role", metavar="R", required=True, help="manager, member, client or viewer")
    some.add_argument("--clearance", metavar="L", help="public, internal, confidential or restricted "
                      "(default: public for a client, else internal)")  # fmt: skip

    some = command("client add", "add a client")
    some.add_argument("--name", metavar="N", required=True, help="the client's name")

    some = command("project add", "add a project")
    some.add_argument("--code", metavar="C", required=True, help="short and unique: HARBOUR")
    some.add_argument("--name", metavar="N", required=True, help="the project's name")
    some.add_argument("--client", metavar="NAME", required=True, help="the client's name")

    some = command("import trello", "take in the JSON export of a Trello board", "The same board again updates.")
    some.add_argument("file", metavar="FILE", help="the export")
    _project(some)
    some = command("import undo", "take an import back", "What somebody has worked on since is kept and named.")
    some.add_argument("import", metavar="IMPORT", help="the id that the import printed")

    _project(command("list requirements", "the requirements, column by column"))
    _project(command("list documents", "the documents"))
    _project(command("list risks", "the risks, by number"))
    some = command("list events", "what happened, the newest first")
    _project(some)
    some.add_argument("--limit", metavar="N", type=_count, help="that many at most (default: all)")

    some = command("put", "store files as documents", "With --document, as next versions of it.")
    some.add_argument("files", metavar="FILE", nargs="+", help="what to store")
    _project(some)
    some.add_argument("--class", metavar="K", help="requirements, design, test, plan, progress, summary, or your own")
    some.add_argument("--clearance", metavar="L", help="public, internal, confidential or restricted")
    some.add_argument("--title", metavar="T", help="the title (default: from the file's name)")
    some.add_argument("--document", metavar="ID", help="the document that gets a next version")
    some.add_argument("--note", metavar="T", default="", help="what is new in this version")

    some = command("get", "fetch a document")
    some.add_argument("document", metavar="DOCUMENT", help="its id; with --project also its code")
    some.add_argument("--version", metavar="N", type=_count, help="which version (default: the approved one, if there is "
                      "one; for managers and members the newest)")  # fmt: skip
    some.add_argument("--out", metavar="FILE", required=True, help="where to write it")
    some.add_argument("--project", metavar="C", help="the project's code")

    some = command("redline", "what changed between two versions, as a Word file with tracked changes",
                   "It is checked before it is written: accepting all gives the new text, rejecting all the old one.")  # fmt: skip
    some.add_argument("old", metavar="DOCUMENT[:VERSION]", help="the old one: its id, with --project also its code "
                      "(default version: as in get)")  # fmt: skip
    some.add_argument("new", metavar="DOCUMENT[:VERSION]", help="the new one")
    some.add_argument("--out", metavar="FILE", required=True, help="where to write it")
    some.add_argument("--project", metavar="C", help="the project's code")

    some = command("proof", "write the proof that a version stands in the ledger",
                   "tools/verify_proof.py checks it, without Accord.")  # fmt: skip
    some.add_argument("document", metavar="DOCUMENT", help="its id; with --project also its code")
    some.add_argument("--version", metavar="N", type=_count, help="which version (default: the current one)")
    some.add_argument("--out", metavar="FILE", required=True, help="where to write it")
    some.add_argument("--project", metavar="C", help="the project's code")

    command("keys show", "which keys hold: numbers and fingerprints, no key")
    command("keys rotate", "change the master key while people work",
            "Afterwards the old one opens nothing. One that was cut off is ended.")  # fmt: skip

    some = command("keys sheet", "write the recovery sheet: the master key on paper")
    some.add_argument("--out", metavar="FILE", required=True, help="the page to print (HTML)")
    some = command("keys restore", "put the master key of a recovery sheet back in its place")
    some.add_argument("file", metavar="FILE", help="the four lines as they were typed, or the sheet's own file")

    some = command("vault move", "carry the vault to another store while people work",
                   "Each object is read back and compared. One that was cut off goes on.")  # fmt: skip
    some.add_argument("to", metavar="TO", help="s3://bucket?endpoint=https://…&region=…, or embedded")
    some.add_argument("--access-key", metavar="K", help="access key of that store (default: AWS's usual places)")
    some.add_argument("--password-file", metavar="F", help="file whose first line is the secret key")
    some = command(
        "search", "find documents by what is in them", "All words have to be there; titles come first, then the newest."
    )
    some.add_argument(
        "words",
        metavar="WORDS",
        nargs="+",
        help='words, "a phrase", class:design, by:ana, before:2026-03; after --, -word',
    )
    _project(some)
    some.add_argument("--limit", metavar="N", type=_count, help="that many at most (default: 20)")
    command("index rebuild", "read every document anew for the search", "How far it is stands on stderr.")

    some = command("why", "say whether a document exists for a person, and by which rules")
    some.add_argument("--mail", metavar="M", required=True, help="whose")
    _document(some)

    some = command("document classify", "give a document another clearance or class",
                   "With --from a lower clearance from that day on.")  # fmt: skip
    some.add_argument("document", metavar="DOCUMENT", help="its id; with --project also its code")
    some.add_argument("--clearance", metavar="L", required=True, help="public, internal, confidential or restricted")
    some.add_argument("--reason", metavar="T", required=True, help="why, for the record")
    some.add_argument("--class", metavar="K", help="another class (default: stays)")
    some.add_argument("--from", metavar="DATE", type=_day, help="the first day of it: 2027-03-01")
    some.add_argument("--project", metavar="C", help="the project's code")

    some = command("document restore", "make an old version of a document the newest one again",
                   "It becomes a version of its own; nothing is rewritten.")  # fmt: skip
    some.add_argument("document", metavar="DOCUMENT", help="its id; with --project also its code")
    some.add_argument("--version", metavar="N", type=_count, required=True, help="which version")
    some.add_argument("--project", metavar="C", help="the project's code")
    some.add_argument("--note", metavar="T", default="", help="why, or what is new in it")

    some = command("document discard", "put a document into the trash", "With --undo bring it back as it was.")
    some.add_argument("document", metavar="DOCUMENT", help="its id; with --project also its code")
    some.add_argument("--undo", action="store_true", help="bring it back from the trash")
    some.add_argument("--reason", metavar="T", default="", help="why, for the record")
    some.add_argument("--project", metavar="C", help="the project's code")

    some = command("document hold", "place a legal hold on a document: it can't be put into the trash or disposed of")
    some.add_argument("document", metavar="DOCUMENT", help="its id; with --project also its code")
    some.add_argument("--reason", metavar="T", required=True, help="why, for the record")
    some.add_argument("--release", action="store_true", help="release the holds that are on it")
    some.add_argument("--project", metavar="C", help="the project's code")
    _project(command("completeness", "what documents still lack, and which documents the phases need",
                     "Files that have not been read since the class's rules changed are read now."))  # fmt: skip

    some = command("template new", "write the Word template of a class, filled from the project")
    some.add_argument("--class", metavar="K", required=True, help="requirements, design, test, plan, progress, summary, "
                      "or your own")  # fmt: skip
    _project(some)
    some.add_argument("--out", metavar="FILE", required=True, help="where to write it")
    some.add_argument("--title", metavar="T", help="the document's title (default: by the class)")
    some.add_argument("--clearance", metavar="L", help="public, internal, confidential or restricted: no requirement "
                      "above it gets in (default: by the class)")  # fmt: skip
    some.add_argument("--language", metavar="L", help="en or zh_CN (default: the project's)")

    group("risk", "numbers of risks")
    some = command("risk simulate-model", "simulate a model that a file states", "It needs no data folder.")
    some.add_argument("file", metavar="FILE.json", help="the model (docs/simulation.md)")
    some.add_argument(
        "--trials", metavar="N", type=_count, default=100_000, help="how often it is drawn (default: 100,000)"
    )
    some.add_argument("--seed", metavar="S", type=int, default=1, help="where chance begins (default: 1)")
    some = command("risk emv", "what the alternatives of a decision are worth on average", "It needs no data folder.")
    some.add_argument("file", metavar="FILE.json", help="the tree (docs/simulation.md)")

    some = command("verify", "compare everything with the ledger", "Exit status 1 when something is wrong.")
    some.add_argument("--contents", action="store_true", help="also read every object back from the store")

    command("config", "each setting, its value and where that comes from")
    return top


def _person(some: argparse.ArgumentParser) -> None:
    some.add_argument("--mail", metavar="M", required=True, help="mail address, the name to sign in with")
    some.add_argument("--name", metavar="N", required=True, help="the person's name")
    some.add_argument("--password-file", metavar="F", required=True, help="file whose first line is the password")


def _project(some: argparse.ArgumentParser) -> None:
    some.add_argument("--project", metavar="C", required=True, help="the project's code")


def _document(some: argparse.ArgumentParser) -> None:
    some.add_argument("--document", metavar="D", required=True, help="its id; with --project also its code")
    some.add_argument("--project", metavar="C", help="the project's code")


def _day(word: str) -> str:
    return date.fromisoformat(word).isoformat()


def _count(word: str) -> int:
    number = int(word)
    if number < 1:
        raise ValueError
    return number


def _port(word: str) -> int:
    number = _count(word)
    if number > 65535:
        raise ValueError
    return number
