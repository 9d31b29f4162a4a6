"""A large attachment is never held in memory as a whole, whichever way it goes by SMTP."""

import pytest

from tests.benchmarks import attachment_memory


def test_an_attachment_costs_at_most_twice_its_size():
    costs = attachment_memory.main()
    if costs is None:
        pytest.skip("the highest resident size can be reset on Linux only")
    assert set(costs) == set(attachment_memory.WAYS)
    assert max(costs.values()) <= 2, costs
    assert costs["a file"] < 0.5, costs
