"""Fixtures of the readers' tests."""

import pytest

from tests.llrp.listening import Heard


@pytest.fixture
def heard() -> Heard:
    return Heard()
