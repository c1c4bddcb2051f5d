"""Read and Write: bytes come back as they were written, the first writer wins."""

import random

import grpc
import pytest

from blocks import CONTAINER, DEADLINE_SECONDS, RESOURCE, Chain, assert_block, assert_sane

BLOCK_BYTES = 1_258_291


def test_block_comes_back_bit_for_bit(session):
    chain = Chain(20, 3, payload_bytes=BLOCK_BYTES)
    for block in chain.blocks:
        assert_sane(session.write(block).server_metrics)
    found = session.lookup(chain.tokens)
    for block, one in zip(chain.blocks, found.locations):
        answer = session.read(one.location)
        assert answer.found
        assert_block(answer.chunk, block, session.partition)
        assert_sane(answer.server_metrics)


@pytest.mark.parametrize("size", [1, 2, 4_095, 16_385, 5_000_000, 20_000_000])
def test_sizes_beyond_the_usual_limits(session, size):
    """gRPC's default limit is 4 MiB a message; the original's clients set none."""
    chain = Chain(21, 1, payload_bytes=size)
    session.store(chain)
    location = session.lookup(chain.tokens).locations[0].location
    assert session.read(location).chunk.buffer == chain.blocks[0][3]


def test_first_writer_wins(session):
    own, parent, tokens, payload = Chain(22, 1).blocks[0]
    session.write((own, parent, tokens, payload))
    for _ in range(3):
        session.write((own, parent, tokens, b"another payload"))
    found = session.lookup(tokens)
    assert session.read(found.locations[0].location).chunk.buffer == payload


def test_location_is_all_a_reader_needs(session, server, contract):
    """Another connection reads by resource, container and location alone."""
    chain = Chain(23, 1)
    session.store(chain)
    location = session.lookup(chain.tokens).locations[0].location
    with server.channel() as other:
        answer = contract.stub(other).Read(
            contract.messages.ReadRequest(
                resource_name=RESOURCE, container_name=CONTAINER, location=location
            ),
            timeout=DEADLINE_SECONDS,
        )
    assert_block(answer.chunk, chain.blocks[0], session.partition)


@pytest.mark.parametrize("location", ["nowhere", "x" * 1_024, "../../etc/passwd", "ÿ", "AAAA"])
def test_unknown_location_is_a_miss(session, location):
    answer = session.read(location)
    assert not answer.found
    assert not answer.HasField("chunk")
    assert answer.error == ""


def test_location_is_of_its_container_and_resource(session):
    chain = Chain(24, 1)
    session.store(chain)
    request = session.read_request(session.lookup(chain.tokens).locations[0].location)
    for field in ("resource_name", "container_name"):
        foreign = session.messages.ReadRequest()
        foreign.CopyFrom(request)
        setattr(foreign, field, "another")
        answer = session.stub.Read(foreign, timeout=DEADLINE_SECONDS)
        assert answer.success
        assert not answer.found
        assert not answer.HasField("chunk")


@pytest.mark.parametrize(
    "call, field",
    [
        ("Lookup", "resource_name"),
        ("Lookup", "container_name"),
        ("Lookup", "tokens"),
        ("Read", "resource_name"),
        ("Read", "container_name"),
        ("Read", "location"),
        ("Write", "resource_name"),
        ("Write", "container_name"),
        ("Write", "chunk"),
    ],
)
def test_missing_field_is_named(session, call, field):
    request = {
        "Lookup": lambda: session.lookup_request([1] * 128),
        "Read": lambda: session.read_request("somewhere"),
        "Write": lambda: session.write_request(Chain(25, 1).blocks[0]),
    }[call]()
    request.ClearField(field)
    with pytest.raises(grpc.RpcError) as refused:
        getattr(session.stub, call)(request, timeout=DEADLINE_SECONDS)
    assert refused.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert refused.value.details() == f"{field}: missing"


def test_a_block_of_another_partition_is_not_found(session):
    chain = Chain(26, 1)
    session.store(chain)
    request = session.lookup_request(chain.tokens)
    request.partition_key = session.partition + "x"
    answer = session.stub.Lookup(request, timeout=DEADLINE_SECONDS)
    assert answer.success
    assert answer.cached_blocks == 0


def test_partition_is_optional(session):
    session.partition = ""
    block = (1, 0, [random.randrange(2**40) for _ in range(128)], b"no partition")
    session.write(block)
    found = session.lookup(block[2])
    assert_block(session.read(found.locations[0].location).chunk, block, "")
