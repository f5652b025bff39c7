"""Cases that run with the slow tests alone are cases that there are."""

import pytest
from conftest import COLLECTED, LONG


def test_each_long_case_is_there(request: pytest.FixtureRequest) -> None:
    if any("::" in one for one in request.config.args):
        pytest.skip("A part of the files was asked for.")
    collected = request.config.stash[COLLECTED]
    files = {name.split("::")[0] for name in collected}
    assert [name for name in LONG.read_text(encoding="utf-8").splitlines() if name.split("::")[0] in files and name not in collected] == []
