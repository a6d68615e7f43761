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
    ("miriam", "manager", "confidential"),
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
    interface   design        public        chen    80 61 33 12
    security    design        confidential  james   72 40 14
    screens     design        public        chen    71 46
    testplan    test          public        tomas   58 30 6
    progress1   progress      public        ana     41
    review      summary       internal      ana     27 25 4
    progress2   progress      public        ana     11
    acceptance  test          public        tomas   9
"""


FILED: tuple[tuple[str, int, dict[str, str | int]], ...] = (
    ("projectplan", 96, {"valid_from": 91}),
    ("rules", 94, {"agreed_on": 93}),
    ("price", 94, {"valid_from": 94}),
    ("spec", 90, {}),
    ("spec", 18, {"agreed_on": 18}),
    ("interface", 80, {}),
    ("security", 72, {}),
    ("screens", 71, {}),
    ("testplan", 58, {"level": "system"}),
    ("testplan", 6, {"cases": 340}),
    ("progress1", 41, {"period_end": 42}),
    ("review", 27, {"accepted": "no"}),
    ("progress2", 11, {"period_end": 12}),
    ("acceptance", 9, {"level": "acceptance", "cases": 3}),
)
"""What is filed about a document, so many days ago; its author is responsible for it. Days are days ago here too."""

REVIEWS = """
    paper        version  asks   on  due  again  answers

    projectplan  1        ana    95   91      -  miriam:94 liwei:93
    projectplan  2        ana    50   46      -  miriam:49 liwei:48
    projectplan  3        ana    21   17    -42  miriam:20 liwei:19
    rules        1        ana    94   91      3  miriam:94 sofia:93
    spec         1        ana    89   84      -  james:88 liwei:changes:86
    spec         2        ana    76   73      -  james:75 liwei:74
    spec         3        ana    48   44      -  james:46 sofia:44
    spec         4        ana    20   16    -70  sofia:19 james:18
    interface    1        chen   79   75      -  miriam:78 tomas:77
    interface    3        chen   33   29      -  miriam:31
    interface    4        chen   12    9    -80  tomas:11 miriam:10
    security     2        james  40   36      -  ana:38 miriam:37
    security     3        james  14   10    -90  ana:12 miriam:11
    screens      1        chen   71   67      -  miriam sofia:changes:70
    screens      2        chen   46   42    -60  ana:45 sofia:44
    testplan     1        tomas  57   53      -  james:55
    testplan     2        tomas  29   25      -  miriam:27
    testplan     3        tomas   5    2      -  miriam
    progress1    1        ana    41   40      -  miriam:41
    progress2    1        ana    11   10      -  miriam:11
    review       3        ana     3   -4      -  james:2 miriam
"""
"""Who asked whom for their word on a version, from when until when, when the approval comes up again, and what
came of it: a name alone has not answered yet."""

PHASES = """
    phase         begins  ends  closed  gate  needs

    initiation       101    92      91     -  projectplan:approved
    requirements      98    74      73     -  spec:approved
    design            84    10       -     -  interface:approved screens:approved
    build             77    -7       -     -  progress1:draft:41 progress2:draft:11
    test              58   -14       -  gate  testplan:approved:2 testreport:approved
    delivery         -21   -48       -  gate  progress3:draft acceptance:approved:-44
    closing          -42   -63       -     -  summary:approved
"""
"""Days ago as everywhere; a document without a day of its own is needed by the end of its phase."""
PLANNED = 96  # when the phases got their dates
AHEAD = (("testreport", "test"), ("progress3", "progress"), ("summary", "summary"))
"""Documents that are needed and not begun, with their classes. What is needed is public: for the client it would be missing."""

GRANTS = (("security", "chen", "denial", 13, None), ("security", "sofia", "grant", 9, -12))
"""Document, person, kind, when, and the last day on which it holds."""
DOWNGRADES = (("review", "public", 3, -9),)
"""Document, to which clearance, ordered when, from which day on."""
LIMITS = (("member", "plan", "internal", 94),)
"""Role, class, up to which clearance, since when."""
CHECKED_OUT = (("screens", "chen", 1, -4),)
"""Document, by whom, since when, until the end of which day."""


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


@dataclass(frozen=True)
class Round:
    """A review of a version: `answers` are who was asked, their verdict and its day; both None for no answer yet."""

    paper: str
    version: int
    asks: str
    on: int
    due: int
    again: int | None
    answers: tuple[tuple[str, str | None, int | None], ...]


@dataclass(frozen=True)
class Stretch:
    """A phase; `needs` are a document, the state that is asked for, and its day."""

    code: str
    begins: int
    ends: int
    closed: int | None
    gated: bool
    needs: tuple[tuple[str, str, int | None], ...]


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


def rounds(paper: str) -> list[Round]:
    """The reviews of a document."""
    found = []
    for key, version, asks, on, due, again, *answers in _rows(REVIEWS):
        if key == paper:
            asked = tuple(_answer(*answer.split(":")) for answer in answers)
            found.append(Round(key, int(version), asks, int(on), int(due), _day(again), asked))
    return found


def stretches() -> list[Stretch]:
    """PHASES as rows."""
    found = []
    for code, begins, ends, closed, gate, *needs in _rows(PHASES):
        wanted = tuple((key, state, int(day[0]) if day else None) for key, state, *day in (n.split(":") for n in needs))
        found.append(Stretch(code, int(begins), int(ends), _day(closed), gate == "gate", wanted))
    return found


def _answer(who: str, *said: str) -> tuple[str, str | None, int | None]:
    """`miriam`, `miriam:94` and `liwei:changes:86` as (who, verdict, day)."""
    if not said:
        return who, None, None
    return who, said[0] if len(said) > 1 else "approve", int(said[-1])


def _day(word: str) -> int | None:
    return None if word == "-" else int(word)


def _rows(table: str) -> list[list[str]]:
    """The lines of a table below its heading."""
    return [line.split() for line in table.splitlines() if line.strip()][1:]
