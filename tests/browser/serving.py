"""Accord as `accord serve` runs it, with one more command: `build` calls a builder inside the app.

One process holds the data folder, so what a test arranges through the domain is arranged there.
"""

from __future__ import annotations

import importlib
import json
import sys
import traceback
from pathlib import Path

import cli
from core import settings
from core.control import Request, Tell
from pages.serving import serve


def run(request: Request, out: Tell, err: Tell) -> int:
    """A command of the command line, or a builder of the tests."""
    if request["command"] != "build":
        return cli.perform(request, out, err)
    try:
        function = getattr(importlib.import_module(request["module"]), request["function"])
        out(json.dumps(function(**request["arguments"]), default=str))
    except Exception:
        err(traceback.format_exc())
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(serve(settings.load(Path(sys.argv[1])), host="127.0.0.1", port=int(sys.argv[2]), run=run))
