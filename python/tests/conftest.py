"""One server for all tests; every test in a partition of its own, once for each contract."""

import itertools
import time

import pytest

import blocks
import contracts
import server_process

_partitions = itertools.count()


@pytest.fixture(scope="session")
def generated(tmp_path_factory):
    directory = tmp_path_factory.mktemp("stubs")
    return {
        "original": contracts.generate(contracts.ORIGINAL, directory / "original"),
        "kveik": contracts.generate(contracts.KVEIK, directory / "kveik"),
    }


@pytest.fixture(scope="session", params=["original", "kveik"])
def contract(request, generated):
    return generated[request.param]


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    running = server_process.ServerProcess(
        tmp_path_factory.mktemp("data"), "--dram-bytes", "256MiB", "--log-level", "verbose"
    )
    yield running
    server_process.assert_stopped_well(running)


@pytest.fixture(scope="session")
def channel(server):
    with server.channel() as one:
        yield one


@pytest.fixture
def partition():
    return f"model-{next(_partitions)}"


@pytest.fixture
def session(contract, channel, partition):
    return blocks.Session(contract, channel, partition)


@pytest.fixture(scope="session", autouse=True)
def idle_connection(server):
    """A connection without calls, open while all the other tests run: (channel, opened at, states)."""
    states = []
    with server.channel() as one:
        one.subscribe(states.append, try_to_connect=True)
        yield one, time.monotonic(), states
