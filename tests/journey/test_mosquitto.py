"""The same store over Debian's Mosquitto: no feature of one broker is needed."""

import time

import pytest

from firmware_stubs.demo.books import balance, read_truth, wait_until_settled
from firmware_stubs.demo.losses import losses
from firmware_stubs.demo.store import RunningStore

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def broker() -> str:
    return "mosquitto"


@pytest.fixture(scope="module")
def footage() -> None:
    return None


def test_the_store_runs_over_mosquitto_and_its_books_balance(store: RunningStore) -> None:
    time.sleep(10)
    assert store.programs["pretend"].stop(timeout_s=60), store.programs["pretend"].tail()
    assert wait_until_settled(store.plan, 60), "the streams did not settle"
    books = balance(store.plan)
    assert books.sales_true > 3
    assert books.is_balanced, books
    assert losses(store.plan, read_truth(store.plan.truth)).wrongly == 0
