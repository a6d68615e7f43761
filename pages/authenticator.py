"""The sign-in form of streamlit-authenticator, with our check behind it and our cookie after it.

Its widget draws the form and asks its model; the model asks core/signin.py. Three of its parts are
not used: its cookie (scripts could read it, nothing could revoke it; the component that would set
it is an iframe, which our pages refuse), its dictionary of everybody's hashes, which stays empty,
and its wait of 0.7 s for that cookie before each form.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

import streamlit as st
from streamlit_authenticator.controllers import AuthenticationController
from streamlit_authenticator.models import AuthenticationModel
from streamlit_authenticator.views import Authenticate, authentication_view

from core.errors import Invalid
from core.language import say
from pages.kit import parts

Check = Callable[[str, str], str]

AUTOCOMPLETE = {"default": "username", "password": "current-password"}
UNUSED = secrets.token_urlsafe(32)  # the key of the cookie that is never made


class SignIn(Authenticate):
    """The package's widget. After `login`, `entry` is the way in, or says why there is none."""

    def __init__(self, check: Check) -> None:
        # Not the package's own: it would mount the iframe that reads its cookie.
        self.api_key = self.path = None
        self.attrs = {"login_sleep_time": 0}
        self.secret_key = UNUSED
        self.cookie_controller = _NoCookie()
        self.authentication_controller = AuthenticationController({"usernames": {}}, auto_hash=False, secret_key=UNUSED)
        self.authentication_controller.authentication_model = self.model = _Model(check)

    @property
    def tried(self) -> bool:
        """Whether the button has been pressed in this run."""
        return bool(self.model.ticket or self.model.refusal)

    def entry(self) -> str:
        """The ticket that the right password has earned. Raises what stood in the way."""
        if self.model.refusal:
            raise self.model.refusal
        return self.model.ticket or ""


class _Model(AuthenticationModel):
    """The package's model of who may sign in, without a list of people: each try asks the domain."""

    def __init__(self, check: Check) -> None:
        super().__init__({"usernames": {}}, auto_hash=False, secret_key=UNUSED)
        self.check = check
        self.ticket: str | None = None
        self.refusal: Exception | None = None

    def login(self, username: str, password: str, *args: Any, **kwargs: Any) -> bool | None:
        """A press of the button: the package counts nothing when a field is empty, and says nothing."""
        if not username or not password:
            self.refusal = Invalid(say("Type your mail and your password."))
            return None
        came_in = super().login(username, password, *args, **kwargs)
        # Who is signed in is said by the session's row alone, never by what Streamlit remembers.
        for key in ("authentication_status", "name", "email", "username", "roles"):
            st.session_state[key] = None
        return bool(came_in)

    def check_credentials(self, username: str, password: str) -> bool:
        """Ask the domain: argon2id, the wait after wrong tries, the same cost for unknown names."""
        try:
            self.ticket = self.check(username, password)
        except Exception as error:  # a sentence or a number: pages/errors.py decides
            self.refusal = error
            return False
        self.credentials["usernames"] = {username: {}}
        return True

    def _record_failed_login_attempts(self, username: str, reset: bool = False) -> None:
        """Counted by core/throttle.py, in the database."""


class _NoCookie:
    """Where the package would keep its cookie."""

    def get_cookie(self) -> None:
        """There is none."""

    def set_cookie(self) -> None:
        """There won't be one."""


class _Form:
    """The package's form with what it leaves no argument for: a field's purpose, and the one primary button.

    It asks browsers not to fill in mail and password, which only keeps good passwords from being used.
    """

    def __init__(self, form: Any) -> None:
        self._form = form

    def subheader(self, words: str) -> Any:
        """The form's name, quietly: the page has its heading."""
        return parts.note(words, into=self._form) if words else None

    def text_input(self, label: str, **options: Any) -> Any:
        """A field."""
        return self._form.text_input(label, **options | {"autocomplete": AUTOCOMPLETE[options.get("type", "default")]})

    def form_submit_button(self, label: str) -> bool:
        """The button."""
        return bool(self._form.form_submit_button(label, type="primary", width="stretch"))


class _Streamlit:
    """Streamlit as the package's module of widgets sees it: the form of a sign-in is ours to shape."""

    def __getattr__(self, name: str) -> Any:
        return getattr(st, name)

    def form(self, key: str, **options: Any) -> _Form:
        """The form that `login` fills."""
        return _Form(st.form(key, border=False, **options))


authentication_view.st = _Streamlit()
