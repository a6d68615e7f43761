"""Charts: what is sent to the browser is Vega-Lite."""

from __future__ import annotations

import pytest
from altair.utils import schemapi

from pages.kit import charts


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("weeks", [[("W1", 3, 1)], [("W1", 3, 1), ("W2", 5, 5)]])
def test_a_burn_up_holds_by_the_schema_that_is_not_asked_while_people_wait(monkeypatch, theme, weeks):
    monkeypatch.setattr(charts, "colours", lambda: charts.COLOURS[theme])
    schemapi.enable_debug_mode()
    try:
        spec = charts._burn_up(weeks, ("agreed", "done"), [0, 5], "How the project moved").to_dict()
    finally:
        schemapi.disable_debug_mode()
    assert [layer["mark"]["type"] for layer in spec["layer"]] == ["line", "text", "text"]
