"""Fixtures that all peers share."""

import pytest

import simulator as simulation


@pytest.fixture(autouse=True)
def every_answer_follows_the_service_models():
    """Fails the test in which a simulator's answer departed from botocore's service models."""
    yield
    problems = simulation.problems_since_last_asked()
    assert not problems, "\n".join(dict.fromkeys(problems))


@pytest.fixture(scope="module")
def simulator():
    """A simulation that begins with one account outside any organization; one for each test file."""
    with simulation.simulated() as running:
        yield running
