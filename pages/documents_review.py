"""Where a document stands, in its detail: the state, who was asked, their word, and what one can do now."""

from __future__ import annotations

from html import escape

import streamlit as st

from core import language
from core.ids import now
from core.language import text as _
from pages import documents_acts
from pages.documents_acts import did, opening
from pages.documents_view import View, address, state_tag
from pages.kit import parts
from pages.kit.follow import LINK
from pages.kit.here import Here
from vault import checkout, review, reviews, states
from vault.documents import Document, Version
from vault.holder import CheckOut
from vault.review import Remark, Seat
from vault.reviews import Shown

VERDICT_TONES: dict[str | None, parts.Tone] = {None: "", "approve": "ok", "changes": "warn", "decline": "danger"}


def section(here: Here, found: Document, every: list[Version]) -> None:
    """Draw it; `every` are the versions, newest first."""
    shown = reviews.of_document(here.actor, here.project.id, found.id)
    held = checkout.current(here.actor, here.project.id, found.id)
    running = [one for one in shown if one.review.outcome is None]
    st.html(
        f'<h3 class="ac-title">{escape(_("Review and approval"))}</h3>'
        f'<p class="ac-standing">{"".join(_standing(here, found, every))}</p>'
    )
    if held:
        _held(held)
    for one in running:
        _review(here, one)
    _actions(here, found, every, held)
    documents_acts.form(here, found, every)
    if over := [one for one in shown if one.review.outcome is not None]:
        with st.expander(_("Earlier reviews ({count})", count=len(over))):
            for one in over:
                _review(here, one)


def _standing(here: Here, found: Document, every: list[Version]) -> list[str]:
    """The state of the newest version, and what readers get, as HTML."""
    newest = every[0]
    lines = [f"<b>v{newest.number}</b> {state_tag(states.of(newest))} "]
    if found.approved_version is not None and found.approved_version != newest.number:
        lines.append(f"<b>v{found.approved_version}</b> {state_tag('approved')} ")
        lines.append(
            escape(_("Readers get version {number}, which is approved; the team sees both.", number=found.approved_version))
            if here.may("version.newest")
            else escape(_("You get version {number}, which is approved.", number=found.approved_version))
        )  # fmt: skip
    elif found.approved_version is None:
        lines.append(escape(_("No version is approved: everybody gets the newest.")))
    if found.approved_version is not None and found.review_by:
        late = found.review_by < language.local(now()).date()
        day = language.day(found.review_by)
        words = _("To be looked at again since {day}.", day=day) if late else _("Comes up again on {day}.", day=day)
        lines.append(f' <b class="{"late" if late else ""}">{escape(words)}</b>')
    return lines


def _held(held: CheckOut) -> None:
    words = _("{name} has it checked out until {until}: {reason}", name=held.name, until=language.moment(held.until),
              reason=held.reason)  # fmt: skip
    st.html(f'<p class="ac-why" dir="auto">{parts.person(held.name)} {escape(words)}</p>')


def _review(here: Here, one: Shown) -> None:
    """Who was asked, since when, their word; and for whoever was asked, where to give theirs."""
    asked = one.review
    head = _("Version {number}: {name} asked on {day}, for an answer by {due}", number=asked.version,
             name=asked.asked_name, day=language.day(asked.created_at), due=language.day(asked.due))  # fmt: skip
    ended = f" {parts.tag(review.outcome_name(asked.outcome).text())}" if asked.outcome else ""
    late = asked.outcome is None and asked.due < language.local(now()).date()
    st.html(
        f'<p class="ac-why">{escape(head)}{ended}{" " + parts.tag(_("overdue"), "danger") if late else ""}</p>'
        + (f'<p class="ac-prose" dir="auto">{escape(asked.message)}</p>' if asked.message else "")
        + f'<ul class="ac-list ac-seats">{"".join(_seat(seat) for seat in one.seats)}</ul>'
    )
    for remark in one.remarks:
        _remark(here, remark)
    if asked.outcome is None and one.mine is not None:
        _word(here, one.mine)
    if asked.outcome is None and (one.mine is not None or here.may("review.ask")):
        with st.container(horizontal=True):
            opening(_("Remark"), "remark", asked.document_id, asked.id, icon=":material/add_comment:")
            if asked.asked_by == here.actor.id or here.may("review.lead"):
                opening(_("Call off"), "call off", asked.document_id, asked.id)


def _seat(seat: Seat) -> str:
    word = parts.tag(review.verdict_name(seat.verdict).text(), VERDICT_TONES[seat.verdict])
    said = f'<p class="ac-prose" dir="auto">{escape(seat.reason)}</p>' if seat.reason else ""
    when = language.moment(seat.given_at) if seat.given_at else ""
    digest = f' title="SHA-256 {seat.sha256}"' if seat.sha256 else ""
    return (
        f"<li>{parts.person(seat.name)}<span{digest}>{escape(seat.name)} {word}{said}</span>"
        f'<span class="r">{escape(when)}</span></li>'
    )


def _remark(here: Here, remark: Remark) -> None:
    place = [
        _("section {section}", section=remark.section) if remark.section else "",
        _("page {page}", page=remark.page) if remark.page else "",
        f"“{remark.quote}”" if remark.quote else "",
    ]
    about = " · ".join([remark.author_name, *(part for part in place if part)])
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.html(
            f'<p class="ac-why" dir="auto">{escape(about)}</p>'
            f'<p class="ac-prose{" settled" if remark.settled else ""}" dir="auto">{escape(remark.text)}</p>'
        )
        st.space("stretch")
        if here.may("review.ask") or remark.author_id == here.actor.id:
            words = _("Open again") if remark.settled else _("Settled")
            if st.button(words, key=f"settle-{remark.id}", type="tertiary"):
                here.act(review.settle, remark.id, settled=not remark.settled)
                st.rerun(scope="fragment")


def _word(here: Here, mine: Seat) -> None:
    """Three ways to answer; the buttons belong to the review that was drawn, whatever comes meanwhile."""
    with st.container(key="panel-my-word"):
        st.html(f'<p class="ac-why">{escape(_("Your word is asked for. It is about this version only."))}</p>')
        reason = st.text_area(_("Why, or what to change"), key=f"word-{mine.review_id}", height=80, max_chars=4000)
        pressed = None
        with st.container(horizontal=True):
            for verdict, words in (
                ("approve", _("Approve")), ("changes", _("Ask for changes")), ("decline", _("Decline")),
            ):  # fmt: skip
                kind = "primary" if verdict == "approve" else "secondary"
                if st.button(words, key=f"{verdict}-{mine.review_id}", type=kind):
                    pressed = verdict
        if pressed and did(here, review.decide, mine.review_id, pressed, reason=reason, done=_("Your word stands.")):
            st.session_state.pop(f"word-{mine.review_id}", None)
            st.rerun()


def _actions(here: Here, found: Document, every: list[Version], held: CheckOut | None) -> None:
    """What can be done now; each carries the version that is drawn here."""
    newest = every[0]
    with st.container(horizontal=True):
        if here.may("review.ask") and states.of(newest) == "draft":
            opening(_("Ask for review"), "ask", found.id, newest.number, icon=":material/rate_review:")
        if here.may("review.lead") and found.approved_version is not None:
            opening(_("Renew"), "renew", found.id, found.approved_version)
            opening(_("Withdraw"), "withdraw", found.id, found.approved_version)
        if not here.may("document.write"):
            return
        if held is None:
            opening(_("Check out"), "take", found.id, newest.number, icon=":material/lock:")
        elif held.account_id == here.actor.id:
            if st.button(_("Give back"), key="give-back", icon=":material/lock_open:"):
                here.act(checkout.give_back, found.id)
                st.rerun(scope="fragment")
        elif here.may("review.lead"):
            opening(_("End the check-out"), "break", found.id, held.id, icon=":material/lock_open:")
        if len(every) > 1:
            opening(_("Restore"), "restore", found.id, every[1].number, icon=":material/history:")


def mine(here: Here) -> None:
    """Above the list: what waits for the reader's word, and which of their check-outs somebody has ended."""
    for one in checkout.broken(here.actor, here.project.id):
        with parts.row(f"broken-{one.id}"):
            st.html(f'<p class="ac-why" role="status">{escape(_broken(one))}</p>')
            st.space("stretch")
            if st.button(_("I have read it"), key=f"noted-{one.id}"):
                here.act(checkout.take_note, one.id)
                st.rerun()
    asked = reviews.mine(here.actor, here.project.id)
    if not asked:
        return
    today = language.local(now()).date()
    with parts.panel("my-reviews", _("My reviews"), _("Your word is waited for here.")):
        parts.rows(
            (
                parts.person(one.asked_name),
                _opens(here, one.code, f"{one.code} {one.title}")
                + f" v{one.version} "
                + (parts.tag(_("overdue"), "danger") if one.due < today else ""),
                _("by {day}", day=language.day(one.due)),
            )
            for one in asked
        )  # fmt: skip


def _broken(one: checkout.Broken) -> str:
    return _("{name} has ended your check-out of {what}: {reason}", name=one.by, what=f"{one.code} {one.title}",
             reason=one.why)  # fmt: skip


def _opens(here: Here, code: str, words: str) -> str:
    return f'<a class="{LINK} ac-link" href="{escape(address(here, View(), code))}"><bdi>{escape(words)}</bdi></a>'
