"""The installation: who has an account, whose projects there are, and its name."""

from __future__ import annotations

import streamlit as st

from core import access, projects
from core.language import text as _
from pages import administration_accounts, administration_projects, administration_storage
from pages.kit import here, parts, windows
from vault import classes

person = here.person_here("account.manage")


def organisation() -> None:
    """The name that stands on the sign-in page and in invitations."""
    found = projects.organisation()
    if found is None:
        return
    with st.form("organisation", border=False):
        name = st.text_input(_("Organisation"), value=found.name, max_chars=200)
        pressed = st.form_submit_button(_("Save"), type="primary")
    parts.note(_("It stands on the sign-in page and in invitations."))
    sharing_limit(found)
    if pressed:
        with windows.trying():
            projects.rename_organisation(person, name, revision=found.revision)
            windows.close(_("Saved."))


def sharing_limit(found: projects.Organisation) -> None:
    """What is shared by a link with people without an account."""
    offered: list[str | None] = [None, *access.CLEARANCES]
    now = projects.share_limit()
    with st.form("sharing", border=False):
        limit = st.selectbox(
            _("Shared by a link, at most"), offered, index=offered.index(now), key="share-limit",
            format_func=lambda c: access.clearance_name(c).text() if c else _("nothing"),
        )  # fmt: skip
        pressed = st.form_submit_button(_("Save"))
    parts.note(_("With people without an account. A link to anything above it opens nothing any more."))
    if pressed:
        with windows.trying():
            projects.limit_sharing(person, limit, revision=found.revision)
            windows.close(_("Saved."))


def document_classes() -> None:
    """The classes that documents can have, and a line to add one."""
    names = classes.names()
    with parts.panel("classes", _("Classes of documents"), _("Six come with Accord; add what your engagements need.")):
        st.html(" ".join(parts.tag(name) for name in names.values()))
        with st.form("class", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
            name = st.text_input(_("New class"), max_chars=80, width=320)
            pressed = st.form_submit_button(_("Add class"))
        if pressed:
            with windows.trying():
                classes.add(person, name)
                windows.close(_("“{name}” can be chosen for documents now.", name=name.strip()))


windows.say_done()
names = {
    "people": _("Accounts"), "projects": _("Clients and projects"), "documents": _("Documents"),
    "storage": _("Storage"), "organisation": _("Organisation"),
}  # fmt: skip
with parts.head(_("Administration"), administration_accounts.summary(person)):
    administration_accounts.actions(person)
    administration_projects.actions(person)
asked = st.query_params.get("part", "people")
chosen = st.segmented_control(
    _("Part"), list(names), key="part-of-administration", default=asked if asked in names else "people", required=True,
    format_func=names.__getitem__, label_visibility="collapsed",
)  # fmt: skip
if chosen != asked:
    st.query_params["part"] = chosen
if chosen == "projects":
    administration_projects.draw(person)
elif chosen == "documents":
    document_classes()
elif chosen == "storage":
    administration_storage.draw(person)
elif chosen == "organisation":
    with parts.panel("organisation"):
        organisation()
else:
    administration_accounts.draw(person)
