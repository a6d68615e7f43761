"""20 people clicking at once, each with a session of their own, on a board of 200 cards.

Two kinds of click. A drop is the board's own request (`POST /cards/PROJECT`), sent by everybody over and over
without a pause, while everybody's `/live` line stands open. A rerun is what any button of a screen
does: 20 Streamlit sessions over their websockets, each asking for the board's page anew, all at the
same moment, until the script has finished and everything has arrived.
"""

from __future__ import annotations

import http.client
import json
import statistics
import threading
import time
from collections.abc import Callable
from typing import Any

from bench.running import Project, Running, figure, folder, opened, operator, p95, project, serving

PEOPLE = 20


def measure(quick: bool = False) -> list[dict[str, Any]]:
    """p95 of drops and of reruns; and the same for one person alone, in the same run."""
    each = 5 if quick else 20
    with folder() as place:
        home = place / "data"
        with opened(home):
            made = project("BENCH", people=PEOPLE, cards=200)
            states, cards = _board(made)
        with serving(home) as running:
            lines = [_listen(running, made, token) for token in made.tokens]
            together(running, made, 1, lambda n, c: _drop(c, made, n, 0, states, cards), 2)
            alone = together(running, made, 1, lambda n, c: _drop(c, made, n, 0, states, cards), each)
            drops = together(running, made, PEOPLE, _dropping(made, states, cards), each)
            print("  drops: done", flush=True)
            for line in lines:
                line.close()
            one, reruns = rerunning(running, made, 1, each), rerunning(running, made, PEOPLE, each)
    return [
        figure(f"a drop with {PEOPLE} people dropping at once, p95 of {len(drops)}", p95(drops) * 1000, "ms",
               peer=f"alone {statistics.median(alone) * 1000:.0f} ms, median of all {statistics.median(drops) * 1000:.0f} ms"),
        figure("drops a second, all together", PEOPLE / statistics.mean(drops), ""),
        figure(f"a rerun of the board's page with {PEOPLE} people at once, p95 of {len(reruns)}", p95(reruns) * 1000, "ms",
               peer=f"alone {statistics.median(one) * 1000:.0f} ms, median of all {statistics.median(reruns) * 1000:.0f} ms"),
    ]  # fmt: skip


def together(
    running: Running, made: Project, people: int, click: Callable[[int, http.client.HTTPConnection], None], each: int
) -> list[float]:
    """Everybody clicks `each` times, one after the other; how long each click took."""
    times: list[float] = []
    wrong: list[Exception] = []
    ready = threading.Barrier(people)

    def person(number: int) -> None:
        connection = running.connection()
        try:
            ready.wait()
            for _ in range(each):
                begun = time.perf_counter()
                click(number, connection)
                times.append(time.perf_counter() - begun)
        except Exception as error:
            wrong.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=person, args=(number,)) for number in range(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise wrong[0]
    return times


def _dropping(made: Project, states: list[str], cards: list[str]) -> Callable[[int, http.client.HTTPConnection], None]:
    count = [0] * PEOPLE

    def click(number: int, connection: http.client.HTTPConnection) -> None:
        count[number] += 1
        _drop(connection, made, number, count[number], states, cards)

    return click


def _drop(
    connection: http.client.HTTPConnection, made: Project, person: int, turn: int, states: list[str], cards: list[str]
) -> None:
    """One of this person's own cards into another column."""
    card = cards[person * 5 + turn % 5]
    what = {"do": "move", "ids": [card], "state": states[(turn + person) % len(states)]}
    connection.request(
        "POST", f"/cards/{made.id}?project={made.code}&zone=UTC", body=json.dumps(what),
        headers={"cookie": f"accord_session={made.tokens[person]}", "content-type": "application/json"},
    )  # fmt: skip
    answer = connection.getresponse()
    said = json.loads(answer.read())
    if not said.get("ok"):
        raise RuntimeError(f"{answer.status} {said}")


def _listen(running: Running, made: Project, token: str) -> http.client.HTTPConnection:
    """An open line for changes, which nobody reads (the system's buffer takes it)."""
    connection = running.connection()
    connection.request("GET", f"/live?project={made.id}", headers={"cookie": f"accord_session={token}"})
    return connection


def _board(made: Project) -> tuple[list[str], list[str]]:
    from core import board, columns

    return (
        [state.id for state in columns.states(operator(), made.id)],
        [card.requirement.id for card in board.listed(operator(), made.id)],
    )


def rerunning(running: Running, made: Project, people: int, rounds: int) -> list[float]:
    """Streamlit sessions that all ask for the board's page at one moment, round after round."""
    times: list[float] = []
    wrong: list[Exception] = []
    ready = threading.Barrier(people)

    def person(number: int) -> None:
        try:
            with _session(running, made.tokens[number]) as socket:
                _rerun(socket, made)  # the first one fills the session; it is not counted
                for _ in range(rounds):
                    ready.wait(60)
                    begun = time.perf_counter()
                    _rerun(socket, made)
                    times.append(time.perf_counter() - begun)
        except Exception as error:
            wrong.append(error)
            ready.abort()

    threads = [threading.Thread(target=person, args=(number,)) for number in range(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise wrong[0]
    return times


def _session(running: Running, token: str) -> Any:
    from websockets.sync.client import connect

    return connect(
        f"ws://127.0.0.1:{running.port}/_stcore/stream",
        additional_headers={"cookie": f"accord_session={token}"}, subprotocols=["streamlit"],
        origin=running.address, max_size=None, compression=None,
    )  # fmt: skip


def _rerun(socket: Any, made: Project) -> None:
    """Ask for the board's page; back when its script has finished."""
    from streamlit.proto.BackMsg_pb2 import BackMsg
    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

    asked = BackMsg()
    asked.rerun_script.query_string = f"project={made.code}"
    asked.rerun_script.page_name = "board"
    socket.send(asked.SerializeToString())
    while True:
        said = ForwardMsg()
        said.ParseFromString(socket.recv(timeout=60))
        if said.WhichOneof("type") == "script_finished":
            if said.script_finished != ForwardMsg.FINISHED_SUCCESSFULLY:
                raise RuntimeError(f"the script ended with {said.script_finished}")
            return
