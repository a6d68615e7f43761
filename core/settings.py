"""Settings: `accord.toml` in the data folder, overridden by `ACCORD_…` in the environment.

One table of them; an unknown or wrong one is an error that names its line, because a setting
that is silently ignored is worse than none.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import Invalid
from core.language import Message, say

FILE_NAME = "accord.toml"
PREFIX = "ACCORD_"


@dataclass(frozen=True)
class Setting:
    """One line of the table: its dotted name in the file, its default, and what it means."""

    name: str
    default: str | int | bool
    meaning: Message
    named: str = ""

    @property
    def variable(self) -> str:
        """The name that overrides it in the environment: `mail.host` -> `ACCORD_MAIL_HOST`."""
        return self.named or PREFIX + self.name.replace(".", "_").upper()


TABLE = (
    Setting("host", "127.0.0.1", say("address to listen on")),
    Setting("port", 8501, say("port to listen on")),
    Setting("public_url", "", say("address that people type, for links in mails; empty: as listened on")),
    Setting("trust_proxy", False, say("believe X-Forwarded-For and -Proto; only behind a proxy that sets them")),
    Setting("tls.certificate", "", say("file with the certificate chain (PEM); with tls.key Accord speaks HTTPS")),
    Setting("tls.key", "", say("file with the certificate's private key (PEM)")),
    Setting("mail.host", "", say("SMTP server; empty: links are shown and not mailed")),
    Setting("mail.port", 587, say("port of the SMTP server")),
    Setting("mail.security", "starttls", say("starttls, tls or none")),
    Setting("mail.user", "", say("name at the SMTP server; empty: without signing in")),
    Setting("mail.password", "", say("password at the SMTP server")),
    Setting("mail.sender", "", say("address that mails come from")),
    Setting("heads.mail", "", say("address that each day's signed head of the ledger is mailed to")),
    Setting("heads.url", "", say("bucket elsewhere that it is put into: s3://bucket?endpoint=…&region=…")),
    Setting("heads.access_key", "", say("access key of that bucket; empty: AWS's usual places")),
    Setting("heads.secret_key", "", say("secret key of that bucket")),
    Setting(
        "vault.url",
        "",
        say("where documents lie: s3://bucket?endpoint=…&region=…, or embedded; empty: as the next three say"),
        "ACCORD_VAULT",
    ),
    Setting("vault.endpoint", "", say("address of an S3 store; empty: the embedded one")),
    Setting("vault.bucket", "vault", say("bucket that holds the documents")),
    Setting("vault.region", "us-east-1", say("region of the S3 store")),
    Setting("vault.access_key", "", say("access key of the S3 store")),
    Setting("vault.secret_key", "", say("secret key of the S3 store")),
    Setting("vault.master_key", "", say("file with the master key; empty: keys/ in the data folder")),
    Setting(
        "vault.lock", "", say("what that file is locked with: env:NAME, aws-kms://… or gcp-kms://…; empty: nothing")
    ),
    Setting("vault.file_limit_mb", 2048, say("largest file that can be stored, in MB")),
    Setting(
        "antivirus.socket", "", say("clamd, asked about every upload: path of its socket, or host:port; empty: none")
    ),
    Setting("vault.reserve_mb", 512, say("room on the disk of the data folder that uploads leave free, in MB")),
)
BY_NAME = {setting.name: setting for setting in TABLE}
CHOICES = {"mail.security": ("starttls", "tls", "none")}
LARGEST = {"port": 65535, "mail.port": 65535}
SECRETS = frozenset({"heads.secret_key", "mail.password", "vault.secret_key"})


@dataclass(frozen=True)
class Settings:
    """What holds for this data folder, and where each value comes from."""

    home: Path
    values: Mapping[str, str | int | bool]
    origins: Mapping[str, str]

    def text(self, name: str) -> str:
        """The value of a text setting."""
        return str(self.values[name])

    def count(self, name: str) -> int:
        """The value of a number setting."""
        return int(self.values[name])

    def holds(self, name: str) -> bool:
        """Whether a yes-or-no setting is on."""
        return bool(self.values[name])


def load(home: Path, environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of the data folder `home`.

    Raises Invalid for an unknown name or a value of the wrong kind, with file and line.
    """
    environ = os.environ if environ is None else environ
    values: dict[str, str | int | bool] = {s.name: s.default for s in TABLE}
    origins = {s.name: "default" for s in TABLE}
    path = home / FILE_NAME
    if path.exists():
        for name, value, line in _entries(path):
            if name not in BY_NAME:
                raise Invalid(
                    say(
                        "{file}, line {line}: there is no setting “{name}”. `accord config` lists them.",
                        file=str(path),
                        line=line,
                        name=name,
                    )
                )
            values[name] = _checked(BY_NAME[name], value, f"{path}, line {line}")
            origins[name] = f"{path}:{line}"
    for setting in TABLE:
        if setting.variable in environ:
            values[setting.name] = _checked(setting, environ[setting.variable], setting.variable)
            origins[setting.name] = setting.variable
    return Settings(home, values, origins)


def with_values(found: Settings, values: Mapping[str, str]) -> Settings:
    """The settings as they would be with these texts."""
    return Settings(found.home, {**found.values, **values}, found.origins)


def keep(found: Settings, names: Sequence[str]) -> bool:
    """Write these values into `accord.toml`, the rest of it as it stands; False where the environment overrides one.

    The file is readable by this account alone from then on: there may be secrets among them.
    """
    path = found.home / FILE_NAME
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    inside, kept = "", []
    for line in lines:
        if heading := re.match(r"\s*\[([^\[\]]+)\]", line):
            inside = heading[1].strip() + "."
        entry = re.match(r"\s*([\w.-]+)\s*=", line)
        if not (entry and inside + entry[1] in names):
            kept.append(line)
    for name in names:
        table, _dot, word = name.rpartition(".")
        line = f"{word} = {json.dumps(found.values[name], ensure_ascii=False)}"
        if f"[{table}]" in kept:
            kept.insert(kept.index(f"[{table}]") + 1, line)
        elif any(re.match(rf"\s*{re.escape(table)}\.", one) for one in kept):
            kept.insert(0, f"{table}.{line}")
        else:
            kept += [f"[{table}]", line]
    fresh = path.with_suffix(".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write("\n".join(kept) + "\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    return all(found.origins[name] != BY_NAME[name].variable for name in names)


def _entries(path: Path) -> list[tuple[str, object, int]]:
    """(dotted name, value, line) of each entry; tomllib tells no lines, so they are looked up."""
    source = path.read_text(encoding="utf-8")
    try:
        parsed = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        raise Invalid(say("{file} is not valid TOML: {reason}", file=str(path), reason=str(error))) from error
    return [(name, value, _line_of(source, name)) for name, value in _flat(parsed)]


def _flat(table: dict[str, Any], prefix: str = "") -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = []
    for key, value in table.items():
        if isinstance(value, dict):
            found += _flat(value, f"{prefix}{key}.")
        else:
            found.append((prefix + key, value))
    return found


def _line_of(source: str, name: str) -> int:
    inside = ""
    for line_number, line in enumerate(source.splitlines(), start=1):
        if heading := re.match(r"\s*\[([^\[\]]+)\]", line):
            inside = heading[1].strip() + "."
        elif (entry := re.match(r"\s*([\w.-]+)\s*=", line)) and inside + entry[1] == name:
            return line_number
    return 1


def _checked(setting: Setting, value: object, where: str) -> str | int | bool:
    """`value` as the kind of the setting's default."""
    default = setting.default
    if isinstance(default, bool):
        word = str(value).strip().lower()
        if word in ("true", "1", "yes", "on"):
            return True
        if word in ("false", "0", "no", "off"):
            return False
        raise Invalid(
            say("{where}: {name} is yes or no, not “{value}”.", where=where, name=setting.name, value=str(value))
        )
    if isinstance(default, int):
        try:
            number = int(str(value))
        except ValueError as error:
            raise Invalid(
                say("{where}: {name} is a number, not “{value}”.", where=where, name=setting.name, value=str(value))
            ) from error
        if not 0 < number <= LARGEST.get(setting.name, number):
            raise Invalid(say("{where}: {name} can't be {value}.", where=where, name=setting.name, value=str(value)))
        return number
    if not isinstance(value, str):
        raise Invalid(
            say("{where}: {name} is a text in quotes, not “{value}”.", where=where, name=setting.name, value=str(value))
        )
    allowed = CHOICES.get(setting.name)
    if allowed and value not in allowed:
        raise Invalid(
            say(
                "{where}: {name} is one of {choices}, not “{value}”.",
                where=where,
                name=setting.name,
                choices=", ".join(allowed),
                value=value,
            )
        )
    return value
