"""The small forms of a document's detail: one stands open at a time, for the version that was on the screen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import streamlit as st

from core import db, language, mail, settings
from core.errors import Unavailable
from core.ids import now
from core.language import text as _
from pages import errors
from pages.kit import here as kit
from pages.kit import windows
from pages.kit.here import Here
from vault import checkout, restoring, review, review_mail
from vault.documents import Document, Version

OPEN = "document-act"
ANSWER_IN = timedelta(days=7)
AGAIN_IN = timedelta(days=365)


@dataclass(frozen=True)
class Open:
    """Which form stands open: for which document, and about which version, review or check-out."""

    act: str
    document: str
    about: str | int


def opening(words: str, act: str, document: str, about: str | int, *, icon: str | None = None) -> None:
    """A button that opens a form. What it is about is bound when the button is drawn, not when it is pressed."""
    st.button(words, key=f"act-{act}-{about}", icon=icon, on_click=_opened, args=(Open(act, document, about),))


def _opened(one: Open) -> None:
    st.session_state[OPEN] = None if st.session_state.get(OPEN) == one else one


def form(here: Here, found: Document, every: list[Version]) -> None:
    """Draw the form that stands open for this document."""
    one: Open | None = st.session_state.get(OPEN)
    if one is None or one.document != found.id:
        return
    with st.container(key="panel-act"):
        # The fields are named by what they are about: what was typed for one thing never stands under another.
        key = f"{one.act}-{one.about}"
        done = FORMS[one.act](here, found, every, one.about, key)
        if st.button(_("Cancel"), key=f"cancel-{key}"):
            done = True
    if done:
        st.session_state.pop(OPEN, None)
        st.rerun()


def did(here: Here, act: Callable[..., object], *args: object, done: str = "", **about: object) -> bool:
    """Whether something could be done; what stood in its way is said below the button, and what was typed stays."""
    with windows.trying():
        act(here.actor, here.project.id, *args, **about)
        if done:
            st.toast(done, icon=":material/check:")
        return True
    return False


def _ask(here: Here, found: Document, _every: list[Version], about: str | int, key: str) -> bool:
    version, today = int(about), language.local(now()).date()
    able = review.candidates(here.actor, here.project.id, found.id, version)
    people = here.told_apart({one.id: one.name for one in able})
    st.html(
        f'<p class="ac-why">{_("Review of version {number}. Everybody who is asked has to approve.", number=version)}</p>'
    )
    chosen = st.multiselect(
        _("Who is asked"), list(people), format_func=people.__getitem__, key=f"people-{key}",
        placeholder=_("Choose"),
    )  # fmt: skip
    left, right = st.columns(2)
    due = left.date_input(_("Answer by"), today + ANSWER_IN, min_value=today, key=f"due-{key}")
    again = right.date_input(
        _("Look at it again on"), today + AGAIN_IN, min_value=today + timedelta(days=1), key=f"again-{key}"
    )
    message = st.text_area(_("What to look at"), key=f"message-{key}", height=80, max_chars=4000)
    if not st.button(_("Ask"), key=f"do-{key}", type="primary"):
        return False
    with windows.trying():
        asked = review.ask(
            here.actor, here.project.id, found.id, version, people=chosen, due=due, review_by=again, message=message
        )
        st.toast(_("They are asked."), icon=":material/check:")
        _mail(lambda chosen: review_mail.asked(here.actor, here.project.id, asked.id, chosen, site=kit.site(chosen)))
        return True
    return False


def _reason(words: Callable[[], str], act: Callable[[Here, Document, str | int, str], bool]) -> Form:
    """A form that asks for a reason."""

    def drawn(here: Here, found: Document, _every: list[Version], about: str | int, key: str) -> bool:
        reason = st.text_area(_("Reason"), key=f"reason-{key}", height=80, max_chars=2000)
        return st.button(words(), key=f"do-{key}", type="primary") and act(here, found, about, reason)

    return drawn


def _call_off(here: Here, _found: Document, about: str | int, reason: str) -> bool:
    return did(here, review.call_off, about, reason=reason)


def _withdraw(here: Here, found: Document, about: str | int, reason: str) -> bool:
    return did(here, review.withdraw, found.id, about, reason=reason)


def _break(here: Here, found: Document, about: str | int, reason: str) -> bool:
    with windows.trying():
        broken = checkout.break_open(here.actor, here.project.id, found.id, str(about), reason=reason)
        _mail(lambda chosen: checkout.mail_broken(here.actor, here.project.id, broken.id, chosen))
        return True
    return False


def _mail(send: Callable[[settings.Settings], object]) -> None:
    """Mail somebody where mail is set; they are told at their next look all the same."""
    chosen = settings.load(db.database().home)
    if mail.is_set(chosen):
        try:
            with st.spinner(_("Mailing …")):
                send(chosen)
        except Unavailable as error:
            st.toast(errors.say(error), icon=":material/info:")


def _renew(here: Here, found: Document, _every: list[Version], about: str | int, key: str) -> bool:
    today = language.local(now()).date()
    until = st.date_input(
        _("Look at it again on"), today + AGAIN_IN, min_value=today + timedelta(days=1), key=f"again-{key}"
    )
    return st.button(_("It still holds"), key=f"do-{key}", type="primary") and did(
        here, review.renew, found.id, about, review_by=until
    )


def _take(here: Here, found: Document, _every: list[Version], _about: str | int, key: str) -> bool:
    today = language.local(now()).date()
    reason = st.text_input(_("What for"), key=f"reason-{key}", max_chars=300)
    day: date = st.date_input(
        _("Checked out until the end of"), today + timedelta(days=1), min_value=today, key=f"until-{key}"
    )
    return st.button(_("Check it out"), key=f"do-{key}", type="primary") and did(
        here, checkout.take, found.id, reason=reason, until=language.midnight(day + timedelta(days=1))
    )


def _restore(here: Here, found: Document, every: list[Version], _about: str | int, key: str) -> bool:
    older = {v.number: f"v{v.number} · {v.file_name} · {language.day(v.created_at)}" for v in every[1:]}
    number = st.selectbox(_("Version"), list(older), format_func=older.__getitem__, key=f"which-{key}")
    st.html(f'<p class="ac-why">{_("It becomes the newest version, as a draft; nothing is overwritten.")}</p>')
    return st.button(_("Restore it"), key=f"do-{key}", type="primary") and did(
        here, restoring.restore, found.id, number, done=_("Restored as the newest version.")
    )


def _remark(here: Here, _found: Document, _every: list[Version], about: str | int, key: str) -> bool:
    left, right = st.columns([3, 1])
    section = left.text_input(_("Section"), key=f"section-{key}", max_chars=200)
    page = right.number_input(_("Page"), min_value=1, value=None, step=1, key=f"page-{key}")
    quote = st.text_input(_("Words it is about"), key=f"quote-{key}", max_chars=500)
    said = st.text_area(_("Remark"), key=f"text-{key}", height=80, max_chars=4000)
    return st.button(_("Add the remark"), key=f"do-{key}", type="primary") and did(
        here, review.remark, about, said, section=section, page=page, quote=quote
    )


Form = Callable[[Here, Document, list[Version], str | int, str], bool]

FORMS: dict[str, Form] = {
    "ask": _ask,
    "call off": _reason(lambda: _("Call it off"), _call_off),
    "withdraw": _reason(lambda: _("Withdraw the approval"), _withdraw),
    "break": _reason(lambda: _("End it"), _break),
    "renew": _renew,
    "take": _take,
    "restore": _restore,
    "remark": _remark,
}
"""What can be opened -> its form, which says whether it is done."""
