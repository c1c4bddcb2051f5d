"""StreamingRead answers in the order of the requests, whatever becomes of each."""

import queue

import pytest

from blocks import Chain, assert_block, assert_sane


@pytest.fixture
def stored(session):
    chain = Chain(30, 40, payload_bytes=50_000)
    session.store(chain)
    found = session.lookup(chain.tokens)
    return chain, [session.read_request(one.location) for one in found.locations]


def test_all_requests_then_half_close(session, stored):
    chain, requests = stored
    answers = list(session.stream(iter(requests)))
    assert len(answers) == len(requests)
    for answer, block in zip(answers, chain.blocks):
        assert answer.success and answer.found
        assert_block(answer.chunk, block, session.partition)
        assert_sane(answer.server_metrics)


def test_order_is_that_of_the_requests(session, stored):
    chain, requests = stored
    order = [5, 5, 39, 0, 17, 0, 38]
    answers = session.stream(iter([requests[i] for i in order]))
    assert [answer.chunk.hash for answer in answers] == [chain.labels[i] for i in order]


def test_interleaved(session, stored):
    """Each request is sent after the answer to the one before: the server may not wait for more."""
    chain, requests = stored
    outgoing = queue.Queue()
    answers = session.stream(iter(outgoing.get, None))
    for request, block in zip(requests[:10], chain.blocks):
        outgoing.put(request)
        assert_block(next(answers).chunk, block, session.partition)
    outgoing.put(None)
    assert list(answers) == []


def test_empty_stream(session):
    assert list(session.stream(iter([]))) == []


def test_bad_request_has_its_own_answer_and_the_stream_goes_on(session, stored):
    chain, requests = stored
    bad = []
    for field in ("resource_name", "container_name", "location"):
        request = session.read_request("somewhere")
        request.ClearField(field)
        bad.append((field, request))
    mixed = [requests[0], bad[0][1], requests[1], bad[1][1], bad[2][1], requests[2]]
    answers = list(session.stream(iter(mixed)))
    assert [answer.success for answer in answers] == [True, False, True, False, False, True]
    assert [answers[i].error for i in (1, 3, 4)] == [f"{field}: missing" for field, _ in bad]
    for position, block in ((0, 0), (2, 1), (5, 2)):
        assert_block(answers[position].chunk, chain.blocks[block], session.partition)
    assert not any(answers[i].found or answers[i].HasField("chunk") for i in (1, 3, 4))


def test_unknown_location_is_a_miss_in_its_place(session, stored):
    chain, requests = stored
    answers = list(session.stream(iter([session.read_request("nowhere"), requests[3]])))
    assert answers[0].success and not answers[0].found
    assert_block(answers[1].chunk, chain.blocks[3], session.partition)
