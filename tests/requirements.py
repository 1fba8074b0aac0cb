"""What a test needs from the machine beyond Python: a browser, a PostgreSQL, Prometheus' promtool.

Where it is missing the test is skipped, saying why; with ``JALIN_REQUIRE_<NEED>=1`` (as in ``.ci/run``) it fails.
"""

import os
from typing import Literal, NoReturn

import pytest

Need = Literal["browser", "postgresql", "promtool"]
NEEDS: tuple[Need, ...] = ("browser", "postgresql", "promtool")


def missing(need: Need, reason: str) -> NoReturn:
    """End the present test because this machine has no such thing: skipped, or failed if it is required."""
    if required(need):
        pytest.fail(f"{reason} ({_variable(need)} is set)", pytrace=False)
    pytest.skip(reason)


def required(need: Need) -> bool:
    """Whether a test that lacks this must fail."""
    return os.environ.get(_variable(need), "") not in ("", "0")


def _variable(need: Need) -> str:
    return f"JALIN_REQUIRE_{need.upper()}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Write each test's needs into the JUnit report, which does not know markers; ``.ci/run`` counts them."""
    for item in items:
        item.user_properties.extend(("needs", need) for need in NEEDS if item.get_closest_marker(need))
