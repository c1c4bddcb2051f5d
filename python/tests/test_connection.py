"""What surrounds the calls: metadata, deadlines, keepalive, health, reflection, restarts."""

import time

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)

from blocks import DEADLINE_SECONDS, Chain, Session, assert_block
from server_process import ServerProcess, assert_stopped_well

PING_SECONDS = 10


def eventually(condition, seconds=5):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    return condition()


@pytest.mark.parametrize("call", ["Lookup", "Read", "Write", "StreamingRead"])
def test_request_id_is_logged(session, server, partition, call):
    request_id = f"id-of-{partition}-{call}"
    chain = Chain(40, 1)
    request = {
        "Lookup": lambda: session.lookup_request(chain.tokens),
        "Read": lambda: session.read_request("nowhere"),
        "Write": lambda: session.write_request(chain.blocks[0]),
        "StreamingRead": lambda: iter([session.read_request("nowhere")]),
    }[call]()
    answer = getattr(session.stub, call)(
        request, timeout=DEADLINE_SECONDS, metadata=[("request-id", request_id)]
    )
    answers = list(answer) if call == "StreamingRead" else [answer]
    assert all(one.success for one in answers)
    assert eventually(lambda: f"{call} request={request_id} " in server.log())


def test_deadline_ends_a_call_that_takes_longer(session):
    """The client never finishes its side, so only the deadline can."""
    started = time.monotonic()

    def one_request_then_silence():
        yield session.read_request("nowhere")
        time.sleep(2)

    answers = session.stub.StreamingRead(one_request_then_silence(), timeout=0.5)
    assert next(answers).success
    with pytest.raises(grpc.RpcError) as late:
        next(answers)
    assert late.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
    assert time.monotonic() - started < 1.5


def test_generous_deadline_changes_nothing(session):
    answer = session.stub.Lookup(session.lookup_request([1] * 128), timeout=3_600)
    assert answer.success


@pytest.mark.parametrize("service", ["", "kvstore.KVStoreService"])
def test_health(channel, service):
    answer = health_pb2_grpc.HealthStub(channel).Check(
        health_pb2.HealthCheckRequest(service=service), timeout=DEADLINE_SECONDS
    )
    assert answer.status == health_pb2.HealthCheckResponse.SERVING


def test_health_of_an_unknown_service(channel):
    with pytest.raises(grpc.RpcError) as unknown:
        health_pb2_grpc.HealthStub(channel).Check(
            health_pb2.HealthCheckRequest(service="nobody"), timeout=DEADLINE_SECONDS
        )
    assert unknown.value.code() == grpc.StatusCode.NOT_FOUND


def test_reflection_lists_the_service(channel):
    services = ProtoReflectionDescriptorDatabase(channel).get_services()
    assert {"kvstore.KVStoreService", "grpc.health.v1.Health"} <= set(services)


def test_reflection_describes_the_service(channel, contract):
    """What the server says of itself has every field of the contract, same number and type."""
    file = ProtoReflectionDescriptorDatabase(channel).FindFileContainingSymbol(
        "kvstore.KVStoreService"
    )
    served = {
        (message.name, field.name): (field.number, field.type, field.label)
        for message in file.message_type
        for field in message.field
    }
    expected = contract.messages.DESCRIPTOR
    assert len(expected.message_types_by_name) >= 9
    for message in expected.message_types_by_name.values():
        for field in message.fields:
            number, kind, _ = served[message.name, field.name]
            assert (number, kind) == (field.number, field.type)


def test_blocks_survive_a_restart(generated, tmp_path):
    """Written by either client, acknowledged at the level SHARED.

    An original client can't name a level, so the operator does.
    """
    flags = ("--dram-bytes", "64MiB", "--disable-metrics", "--ack", "shared")
    chains = {"original": Chain(41, 5, payload_bytes=100_000), "kveik": Chain(42, 5)}
    locations = {}
    first = ServerProcess(tmp_path, *flags)
    with first.channel() as channel:
        for client, chain in chains.items():
            session = Session(generated[client], channel, "model")
            for block in chain.blocks:
                request = session.write_request(block)
                if client == "kveik":
                    request.ack_level = session.messages.ACK_LEVEL_SHARED
                answer = session.stub.Write(request, timeout=DEADLINE_SECONDS)
                assert answer.success
                if client == "kveik":
                    assert answer.ack_level == session.messages.ACK_LEVEL_SHARED
            locations[client] = [one.location for one in session.lookup(chain.tokens).locations]
    assert_stopped_well(first)
    second = ServerProcess(tmp_path, *flags)
    with second.channel() as channel:
        session = Session(generated["original"], channel, "model")
        for client, chain in chains.items():
            found = session.lookup(chain.tokens)
            assert [one.hash for one in found.locations] == chain.labels
            assert [one.location for one in found.locations] == locations[client]
            for block, location in zip(chain.blocks, locations[client]):
                assert_block(session.read(location).chunk, block, "model")
    assert_stopped_well(second)


def test_idle_connection_outlives_its_pings(idle_connection, contract):
    """Dialled as the original does, pinged without calls, and neither side gave it up."""
    channel, opened, states = idle_connection
    time.sleep(max(0.0, opened + PING_SECONDS + 1 - time.monotonic()))
    answer = Session(contract, channel, "idle").lookup([1] * 128)
    assert answer.cached_blocks == 0
    ready = states.index(grpc.ChannelConnectivity.READY)
    assert states[ready:] == [grpc.ChannelConnectivity.READY]
