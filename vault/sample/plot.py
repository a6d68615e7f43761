"""What happens in the sample engagement, whatever language it is told in.

Days are days ago, so that the story always ends yesterday; a weekend's fall on the Friday before.
The words to each key stand in en/ and zh_CN/.
"""

from __future__ import annotations

from dataclasses import dataclass

CODE = "HARBOUR"
BEGINNING = 101  # when the project was set up
WIP_LIMIT = 5  # of "In progress", which holds six

PEOPLE: tuple[tuple[str, str, str], ...] = (
    ("ana", "manager", "restricted"),
    ("chen", "member", "confidential"),
    ("miriam", "member", "confidential"),
    ("james", "member", "confidential"),
    ("tomas", "member", "internal"),
    ("ruth", "viewer", "restricted"),
    ("liwei", "client", "public"),
    ("sofia", "client", "public"),
)
"""Key, role, clearance."""

REQUIREMENTS = """
    key        owner   priority  labels             hours  asked by  clearance  draft, proposed, agreed, active, done

    buyapp     chen    must      app                   60  liwei     public     98 97 92 88 77
    wallet     chen    must      app                   24  liwei     public     98 97 92 85 70
    validate   miriam  must      gates                 48  liwei     public     98 97 92 84 66
    zones      james   must      payment               32  sofia     public     98 97 92 86 73
    cards      james   must      payment               56  sofia     public     98 96 91 83 62
    machine    miriam  must      machines              80  liwei     public     98 96 91 78 55
    language   chen    must      app,access            20  liwei     public     98 97 92 89 80
    taps       chen    must      app                   28  sofia     public     98 97 91 84 74
    cash       miriam  should    machines              40  liwei     public     98 96 85 64 48
    currency   james   must      payment               16  sofia     public     98 97 92 79 69
    receipt    ana     should    app,payment           12  sofia     public     98 96 90 75 64
    group      chen    must      app,payment           36  sofia     public     98 90 62 5
    daypass    james   should    payment               18  sofia     public     98 96 89 70 59
    child      james   must      payment                8  sofia     public     98 97 92 83 76
    password   miriam  must      security              12  liwei     public     98 97 94 89 82
    log        james   must      accounting            30  sofia     public     98 96 90 63 52
    outage     miriam  must      machines              64  liwei     public     98 95 88 57 41
    fire       miriam  must      gates                 24  liwei     public     98 97 93 67 58
    timetable  miriam  must      app,operations        44  liwei     public     98 91 70 11
    search     chen    should    app                   14  sofia     public     98 96 89 76 67
    seats      -       could     app                   40  sofia     public     97 90 x84
    load       tomas   must      operations            50  liwei     internal   97 92 80 4
    dashboard  ana     should    operations            26  liwei     public     97 93 85 56 45
    backup     james   must      operations            20  liwei     public     97 93 85 49 38
    pii        james   must      security              30  sofia     public     97 93 84 44 34
    roles      miriam  should    security,machines     22  liwei     public     97 93 86 58 50
    queue      ana     could     operations            34  liwei     public     97 85 55 3
    training   tomas   should    machines              18  liwei     public     97 88 74 38 31
    lost       chen    should    app                   20  sofia     public     89 83 73 50 43
    paper      miriam  should    machines              10  liwei     public     86 80 69 42 36
    gate400    miriam  must      gates                 40  liwei     public     83 40 2
    gatecount  miriam  should    gates                 26  liwei     public     80 74 63 37 29
    offline    ana     must      app,gates             52  liwei     public     77 33 4
    inspect    chen    must      operations            38  liwei     public     75 69 59 34 24
    monthly    james   should    payment               44  sofia     public     72 66 57 30 20
    company    james   should    accounting            36  sofia     public     69 62 54 27 17
    face       -       wont      gates,security        90  liwei     public     66 61 x57
    found      -       could     app                   24  sofia     public     62 58 x51
    student    james   should    payment               20  sofia     public     52 50 45 21 13
    senior     james   should    payment               10  sofia     public     52 50 45 22 15
    strike     james   could     app,operations        28  sofia     public     52 3
    bike       chen    should    app,payment           12  sofia     public     52 50 44 28 22
    ferry      james   must      payment               34  liwei     public     51 49 44 19 10
    pilot      ana     must      gates,operations      60  liwei     public     51 48 8
    vouchers   ana     should    operations,payment    16  sofia     public     51 47 40 16 8
    nfc        miriam  should    gates                 46  liwei     public     51 47 41 17 6
    export     james   should    accounting            24  sofia     public     50 44 6
    reader     chen    should    app,access            30  sofia     public     48 38 6
    contrast   chen    must      access,machines       16  sofia     public     48 43 36 9 3
    notices    tomas   could     operations            14  liwei     public     44 36 13
    fraud      miriam  must      gates,security        32  liwei     public     39 34 25 7
    refund     liwei   must      payment               40  sofia     public     37 9
    complaints sofia   should    operations            18  sofia     public     35 6
    fault      miriam  should    gates,operations      28  liwei     public     31 27 18 12
    discount   chen    should    payment,accounting    42  sofia     public     26 1
    heat       tomas   must      machines              36  liwei     public     24 23 20 13 2
    crypto     -       wont      payment               30  sofia     public     23 20 x16
    keys       james   must      security              20  james     confidential  20 17 10
    simulator  tomas   should    gates                 44  miriam    internal   19 18 17 14 7
    alarm      james   should    operations            12  tomas     internal   16 13 6
    widget     chen    could     app                   16  sofia     public     12
    gift       chen    could     app,payment           22  sofia     public     8
    walk       miriam  could     machines,access       10  liwei     public     7 2
    tour       james   could     payment               20  sofia     public     5
"""
"""In the order in which they came up. `x` before a day: rejected then."""

DUE = (
    ("timetable", 4), ("fault", 7), ("export", 2), ("group", -4), ("fraud", -9), ("load", -13), ("queue", -17),
    ("gate400", -11), ("offline", -20), ("reader", -24), ("pilot", -34), ("alarm", -7), ("keys", -16),
)  # fmt: skip
"""Set when it was agreed; a negative day is ahead."""

LINKS = (
    ("wallet", "refines", "buyapp"), ("taps", "refines", "buyapp"), ("group", "depends on", "zones"),
    ("gate400", "refines", "validate"), ("nfc", "depends on", "validate"), ("offline", "conflicts with", "fraud"),
    ("offline", "depends on", "wallet"), ("monthly", "depends on", "cards"), ("refund", "depends on", "cards"),
    ("vouchers", "conflicts with", "refund"), ("student", "refines", "zones"), ("senior", "refines", "zones"),
    ("discount", "depends on", "zones"), ("pilot", "depends on", "gate400"), ("pilot", "depends on", "offline"),
    ("fraud", "depends on", "validate"), ("export", "depends on", "log"), ("company", "depends on", "log"),
    ("load", "depends on", "machine"), ("ferry", "refines", "zones"), ("keys", "refines", "validate"),
    ("taps", "document", "spec"), ("group", "document", "spec"), ("refund", "document", "spec"),
    ("validate", "document", "interface"), ("gate400", "document", "interface"), ("gate400", "document", "testplan"),
    ("timetable", "document", "interface"), ("password", "document", "rules"), ("contrast", "document", "rules"),
    ("keys", "document", "security"), ("pii", "document", "security"), ("buyapp", "document", "screens"),
    ("pilot", "document", "acceptance"), ("load", "document", "testplan"),
)  # fmt: skip

PAPERS = """
    key         class         clearance     author  versions

    projectplan plan          public        ana     96 50 21
    rules       requirements  public        liwei   95
    price       plan          restricted    ana     94 18
    spec        requirements  public        ana     90 76 48 20
    interface   design        internal      chen    80 61 33 12
    security    design        confidential  james   72 40 14
    screens     design        public        chen    71 46
    testplan    test          internal      tomas   58 30 6
    progress1   progress      public        ana     41
    review      summary       confidential  ana     27 25
    progress2   progress      public        ana     11
    acceptance  test          public        tomas   9
"""


@dataclass(frozen=True)
class Wish:
    """A requirement and the days on which it came from column to column."""

    key: str
    owner: str | None
    priority: str
    labels: tuple[str, ...]
    hours: float
    asked_by: str
    clearance: str
    days: tuple[int, ...]
    rejected: int | None


@dataclass(frozen=True)
class Paper:
    """A document, and the days of its versions."""

    key: str
    class_: str
    clearance: str
    author: str
    days: tuple[int, ...]


def wishes() -> list[Wish]:
    """REQUIREMENTS as rows."""
    found = []
    for key, owner, priority, labels, hours, asked_by, clearance, *path in _rows(REQUIREMENTS):
        rejected = int(path.pop()[1:]) if path[-1].startswith("x") else None
        found.append(Wish(
            key, None if owner == "-" else owner, priority, tuple(labels.split(",")), float(hours), asked_by, clearance,
            tuple(map(int, path)), rejected,
        ))  # fmt: skip
    return found


def papers() -> list[Paper]:
    """PAPERS as rows."""
    return [
        Paper(key, class_, clearance, author, tuple(map(int, days)))
        for key, class_, clearance, author, *days in _rows(PAPERS)
    ]


def _rows(table: str) -> list[list[str]]:
    """The lines of a table below its heading."""
    return [line.split() for line in table.splitlines() if line.strip()][1:]
