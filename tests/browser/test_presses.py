"""A press of the reader is never overtaken by what only draws the page anew."""

from __future__ import annotations

import pytest

from pages.kit import scripts

pytestmark = pytest.mark.browser

ADDRESS = f"{scripts.ADDRESS}/{scripts.version()}/presses.js"
SENT = """async (address) => {
  const { Presses } = await import(address);
  const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const sent = [];
  const presses = new Presses();
  const send = (name) => sent.push(name);
  presses.drawn(send, true);
  presses.redraw("news", 1);                      // nothing was pressed: at once
  presses.press("go", 1);
  presses.redraw("news", 2);                      // waits for the answer
  await wait(600);
  const held = [...sent];
  presses.drawn(send, false);                     // the same page once more is no answer
  await wait(600);
  const still = [...sent];
  presses.drawn(send, true);
  await wait(600);
  const answered = [...sent];
  const link = document.createElement("a");       // a way to another page
  link.href = "#elsewhere";
  document.body.append(link);
  link.click();
  presses.redraw("news", 3);
  await wait(600);
  const leaving = [...sent];
  await wait(2000);
  link.remove();
  presses.close();
  return { held, still, answered, leaving, stayed: sent };
}"""


def test_a_redraw_waits_until_the_press_before_it_is_answered_and_while_a_link_leads_away(open_as, project):
    page = open_as("viewer", "/roles")
    found = page.evaluate(SENT, ADDRESS)
    assert found["held"] == found["still"] == ["news", "go"]
    assert found["answered"] == found["leaving"] == ["news", "go", "news"]
    assert found["stayed"] == ["news", "go", "news", "news"]
