"""The first screen of a project: how far it is, what waits for whom, what is stuck, what is new."""

from __future__ import annotations

from datetime import datetime
from html import escape
from urllib.parse import urlencode

import streamlit as st

from core import burnup, history, language, overview, visits
from core.burnup import Week
from core.ids import now
from core.language import plural
from core.language import text as _
from core.overview import Line
from pages.kit import charts, parts, told
from pages.kit import here as kit
from pages.kit.parts import Figure
from vault import completeness, phases, reviews
from vault import documents as vault_documents

MOST = 7  # lines of a list; the rest is counted below it
here = kit.page("project.read")
NOW = now()


def screen() -> None:
    """Everything below the top bar."""
    last = visits.note(here.actor, here.project.id)
    every = overview.lines(here.actor, now=NOW)
    mine = next(line for line in every if line.project == here.project.id)
    news = history.told(
        here.actor, here.project.id, since=last.seq if last else 0, but=here.actor.id if last else None, limit=MOST + 1
    )
    with parts.head(_("Overview"), sentence(last, news.total)):
        st.space("small")
    if len(every) > 1:
        portfolio(every)
    if not mine.live and not mine.documents:
        first_steps()
        return
    waits = sorted(
        overview.waiting(here.actor, here.project.id) + reviews.waiting(here.actor, here.project.id),
        key=lambda one: one.since,
    )
    still = overview.stuck(here.actor, here.project.id, now=NOW)
    parts.figures(figures(mine, len(still), documents_needed()))
    left, right = st.columns([3, 2], gap="small")
    with left:
        progress()
        changes(last, news)
    with right:
        waiting(waits)
        columns()
        stuck(still)
        documents(last)


def sentence(last: visits.Last | None, changed: int) -> str:
    """The header's sentence: the week, and what happened since the reader was here."""
    week = _("Week {number}", number=language.local(NOW).isocalendar().week)
    if last is None:
        return week
    return plural(
        "{week} · since you were here {when}: {count} change", "{week} · since you were here {when}: {count} changes",
        changed, week=week, when=told.when(last.at),
    )  # fmt: skip


def days(since: datetime) -> str:
    """How many days ago, by the reader's calendar: as the board counts ages."""
    return plural("{count} day", "{count} days", (language.local(NOW).date() - language.local(since).date()).days)


def documents_needed() -> phases.Figure | None:
    """How far the documents are that the phases needed until now; None while the vault is closed."""
    if not vault_documents.is_open():
        return None
    return phases.figure(here.actor, here.project.id, language.local(NOW).date(), patience=completeness.PATIENCE)


def figures(mine: Line, still: int, needed: phases.Figure | None) -> list[Figure]:
    """The four numbers."""
    week = (
        plural("+{count} this week", "+{count} this week", mine.done_this_week)
        if mine.done_this_week
        else _("none this week")
    )
    oldest = _("oldest {days}, {code}", days=days(mine.oldest_since), code=mine.oldest) if mine.oldest_since else ""
    new = (
        plural("{count} new this week", "{count} new this week", mine.new_documents)
        if mine.new_documents
        else _("none new this week")
    )
    return [
        Figure(
            _("Requirements done"), language.number(mine.done), _("of {total}", total=language.number(mine.total)),
            week, "ok" if mine.done_this_week else "",
        ),
        Figure(
            _("Waiting for a decision"), language.number(mine.waiting), "", oldest or _("nothing waits"),
            "warn" if mine.waiting else "",
        ),
        Figure(
            _("Documents"), language.number(mine.documents),
            _("{percent} % of those needed", percent=needed.percent) if needed else "",
            needed.first.message.text() if needed and needed.first else new,
            "warn" if needed and needed.first else "ok" if mine.new_documents else "",
        ),
        Figure(
            _("Overdue or stuck"), language.number(mine.overdue + still), "",
            _("{overdue} overdue, {stuck} stuck", overdue=mine.overdue, stuck=still),
            "danger" if mine.overdue else "warn" if still else "",
        ),
    ]  # fmt: skip


def portfolio(every: list[Line]) -> None:
    """One line for each of the reader's projects."""
    with parts.panel("portfolio", _("Your projects")):
        parts.table(
            [
                _("Project"),
                _("Client"),
                _("Done"),
                _("This week"),
                _("Waiting"),
                _("Oldest"),
                _("Overdue"),
                _("Documents"),
            ],
            [
                [
                    f'<a class="ac-link" href="/?{urlencode({"project": line.code})}" target="_self">{escape(line.name)}</a>',
                    escape(line.client),
                    f"{language.number(line.done)} / {language.number(line.total)}",
                    f"+{line.done_this_week}" if line.done_this_week else "–",
                    language.number(line.waiting) if line.waiting else "–",
                    escape(f"{days(line.oldest_since)}, {line.oldest}") if line.oldest_since else "–",
                    parts.tag(language.number(line.overdue), "danger") if line.overdue else "–",
                    language.number(line.documents),
                ]
                for line in every
            ],
            numbers=frozenset({2, 3, 4, 6, 7}),
        )


def progress() -> None:
    """The burn-up with what it means, and its table."""
    weeks = burnup.weeks(here.actor, here.project.id, now=NOW)
    if not weeks:
        return
    with parts.panel("progress", _("Agreed and done"), meaning(weeks)):
        lines = [(_("W{number}", number=week.start.isocalendar().week), week.agreed, week.done) for week in weeks]
        names = (_("agreed"), _("done"))
        last = weeks[-1]
        charts.burn_up(
            # A week's number comes again after a year; the axis needs each once.
            [(name if len(weeks) < 52 else f"{name} {w.start.year}", a, d) for (name, a, d), w in zip(lines, weeks, strict=True)],
            names=names, marks=burnup.ticks(max(week.agreed for week in weeks)),
            describes=_("Agreed and done by week: now {agreed} agreed, {done} done.", agreed=last.agreed, done=last.done),
        )  # fmt: skip
        charts.as_table(
            [_("Week from"), _("Not agreed yet"), _("Agreed"), _("Done")],
            [
                [escape(language.day(week.start)), *(language.number(n) for n in (week.open, week.agreed, week.done))]
                for week in reversed(weeks)
            ],
            numbers=frozenset({1, 2, 3}),
        )


def meaning(weeks: list[Week]) -> str:
    """What the chart says, in a sentence; less where there is too little to say it."""
    found = []
    growth, pace = burnup.growth(weeks), burnup.pace(weeks)
    if growth is not None:
        if growth > 0:
            found.append(_("The scope grew by {count} in the last four weeks.", count=growth))
        elif growth < 0:
            found.append(_("The scope shrank by {count} in the last four weeks.", count=-growth))
        else:
            found.append(_("The scope has not changed in the last four weeks."))
    if pace and pace.soonest < pace.latest:
        found.append(
            _("At this pace the rest takes {soonest} to {latest} weeks.", soonest=pace.soonest, latest=pace.latest)
        )
    elif pace:
        found.append(
            plural(
                "At this pace the rest takes {count} week.", "At this pace the rest takes {count} weeks.", pace.latest
            )
        )
    between = "" if language.current() == "zh_CN" else " "
    return between.join(found) or _("What was agreed to do, and what of it is done, week by week.")


def waiting(waits: list[overview.Waiting]) -> None:
    """What waits for whom."""
    with parts.panel("waiting", _("Waits for someone"), _("What stands still longest comes first.")):
        if not waits:
            st.html(f'<p class="ac-why">{escape(_("Nothing waits for anybody."))}</p>')
            return
        parts.rows((parts.person(w.who[0] if w.who else ""), waits_for(w), days(w.since)) for w in foremost(waits))
        more(len(waits) - MOST)


def foremost(waits: list[overview.Waiting]) -> list[overview.Waiting]:
    """As many as are shown: the oldest, and of the reader's own, questions first, at least half as many."""
    mine = sorted((one for one in waits if one.mine), key=lambda one: one.kind != "answer")[: MOST // 2 + 1]
    others = [one for one in waits if one not in mine][: MOST - len(mine)]
    return sorted([*mine, *others], key=lambda one: one.since)


def waits_for(one: overview.Waiting) -> str:
    """Who is to do what, as HTML."""
    thing = told.link(one.entity, one.code, here.project.code, one.title)
    if one.mine:
        who = _("You")
    elif one.who:
        who = one.who[0] if len(one.who) == 1 else _("{name} and {count} more", name=one.who[0], count=len(one.who) - 1)
    else:
        who = _("The client") if one.kind == "decide" else _("Nobody")
    patterns = {
        "decide": _("{who}: agree {what}"),
        "finish": _("{who}: finish {what}"),
        "answer": _("{who}: answer in {what}"),
        "review": _("{who}: review {what}"),
        "renew": _("{who}: look at the approval of {what} again"),
    }
    return escape(patterns[one.kind]).format(who=escape(who), what=thing)


def columns() -> None:
    """How many requirements are in which column."""
    found = overview.states(here.actor, here.project.id)
    if not any(column.count for column in found):
        return
    most = max(column.count for column in found)
    with parts.panel("states", _("By column")):
        st.html(
            '<ul class="ac-bars">'
            + "".join(
                f'<li><span>{escape(c.name)}</span><i class="{c.category}" style="width:{c.count / most * 100:.0f}%" '
                f'aria-hidden="true"></i><b>{language.number(c.count)}</b></li>'
                for c in found
            )
            + "</ul>"
        )


def stuck(still: list[overview.Stuck]) -> None:
    """What is in its column for much longer than usual."""
    if not still:
        return
    with parts.panel(
        "stuck", _("Stuck"), _("More than twice as long in a column as is usual in this project, and over a week.")
    ):
        parts.rows(
            (
                parts.person(s.owner),
                told.link("requirement", s.code, here.project.code, s.title)
                + f' <span class="ac-quiet">{escape(s.column)}</span>',
                _(
                    "{days}, usually {usual}",
                    days=days(s.since),
                    usual=language.number(round(s.usual.total_seconds() / 86400)),
                ),
            )
            for s in still[:MOST]
        )
        more(len(still) - MOST)


def documents(last: visits.Last | None) -> None:
    """Documents that came since the reader was here, or this week."""
    week = overview.this_week(NOW)
    found = overview.new_documents(here.actor, here.project.id, since=min(last.at, week) if last else week)
    if not found:
        return
    with parts.panel("new-documents", _("New documents")):
        parts.rows(
            (
                parts.person(d.author),
                told.link("document", d.code, here.project.code, d.title)
                + f' <span class="ac-quiet">v{d.version}</span>',
                told.when(d.at),
            )
            for d in found[:MOST]
        )
        more(len(found) - MOST)


def changes(last: visits.Last | None, news: history.Page) -> None:
    """What others did since the reader was here; in the first visit, what happened last."""
    with parts.panel("changes", _("Since you were here") if last else _("What happened last")):
        if not news.lines:
            st.html(f'<p class="ac-why">{escape(_("Nothing, so far."))}</p>')
        told.lines(news.lines[:MOST], here.project.code)
        st.html(
            f'<a class="ac-more" href="/activity?{urlencode({"project": here.project.code})}" target="_self">'
            f"{escape(_('All activity'))}</a>"
        )


def more(count: int) -> None:
    """How many lines are not shown."""
    if count > 0:
        st.html(f'<p class="ac-why">{escape(plural("and {count} more", "and {count} more", count))}</p>')


def first_steps() -> None:
    """What somebody does in an empty project."""
    query = urlencode({"project": here.project.code})
    steps = []
    if here.may("requirement.create"):
        steps.append((f"/board?{query}", _("Write down the first requirement")))
    if here.may("import.run"):
        steps.append((f"/import?{query}", _("Bring in a board from Trello")))
    if here.may("document.write"):
        steps.append((f"/documents?{query}", _("Drop the first document")))
    if here.may("member.manage"):
        steps.append((f"/people?{query}", _("Add the people of the project")))
    with parts.panel("first", _("Nothing is here yet"), _("Figures and charts come with the first requirements.")):
        if steps:
            st.html(
                '<ol class="ac-steps">'
                + "".join(f'<li><a href="{escape(to)}" target="_self">{escape(words)}</a></li>' for to, words in steps)
                + "</ol>"
            )


screen()
