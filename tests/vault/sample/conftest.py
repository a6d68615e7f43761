"""Other people's project beside the sample engagement."""

from __future__ import annotations

import pytest

from tests.conftest import Engagement, build_engagement


@pytest.fixture
def engagement_of_others(home) -> Engagement:
    return build_engagement("OTHERS")
