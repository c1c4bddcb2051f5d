"""Sequences of tokens, their payloads, and the calls that every test makes with them."""

import hashlib
import random
import struct

BLOCK_TOKENS = 128
RESOURCE = "account"
CONTAINER = "kv"
DEADLINE_SECONDS = 8


def label(parent, tokens):
    """The chained label of a block: it identifies the whole prefix up to and with these tokens."""
    data = struct.pack(f">Q{len(tokens)}q", parent, *tokens)
    return int.from_bytes(hashlib.sha256(data).digest()[:8], "big") or 1


class Chain:
    """``count`` blocks from one seed; block i is ``(label, parent, tokens, payload)``."""

    def __init__(self, seed, count, payload_bytes=1_000):
        source = random.Random(seed)
        self.tokens = [source.randrange(150_000) for _ in range(count * BLOCK_TOKENS)]
        self.blocks = []
        parent = 0
        for i in range(count):
            tokens = self.tokens[i * BLOCK_TOKENS : (i + 1) * BLOCK_TOKENS]
            own = label(parent, tokens)
            self.blocks.append((own, parent, tokens, source.randbytes(payload_bytes)))
            parent = own

    @property
    def labels(self):
        return [block[0] for block in self.blocks]


class Session:
    """A client's calls in a partition of its own."""

    def __init__(self, contract, channel, partition):
        self.messages = contract.messages
        self.stub = contract.stub(channel)
        self.partition = partition

    def write_request(self, block):
        own, parent, tokens, payload = block
        chunk = self.messages.PromptChunk(
            hash=own,
            partition_key=self.partition,
            parent_hash=parent,
            buffer=payload,
            tokens=tokens,
            completion_id="writer",
        )
        return self.messages.WriteRequest(
            resource_name=RESOURCE, container_name=CONTAINER, chunk=chunk
        )

    def write(self, block):
        answer = self.stub.Write(self.write_request(block), timeout=DEADLINE_SECONDS)
        assert answer.success, answer.error
        return answer

    def store(self, chain):
        calls = [
            self.stub.Write.future(self.write_request(block), timeout=DEADLINE_SECONDS)
            for block in chain.blocks
        ]
        for call in calls:
            assert call.result().success

    def lookup_request(self, tokens, **more):
        return self.messages.LookupRequest(
            resource_name=RESOURCE,
            container_name=CONTAINER,
            partition_key=self.partition,
            completion_id="reader",
            tokens=tokens,
            **more,
        )

    def lookup(self, tokens, **more):
        answer = self.stub.Lookup(self.lookup_request(tokens, **more), timeout=DEADLINE_SECONDS)
        assert answer.success, answer.error
        assert len(answer.locations) == answer.cached_blocks
        assert all(0 < len(found.location) <= 1024 for found in answer.locations)
        return answer

    def read_request(self, location):
        return self.messages.ReadRequest(
            resource_name=RESOURCE,
            container_name=CONTAINER,
            location=location,
            completion_id="reader",
        )

    def read(self, location):
        answer = self.stub.Read(self.read_request(location), timeout=DEADLINE_SECONDS)
        assert answer.success, answer.error
        return answer

    def stream(self, requests):
        return self.stub.StreamingRead(requests, timeout=DEADLINE_SECONDS)


def assert_block(chunk, block, partition):
    """Every attribute of the block came back as it was written."""
    own, parent, tokens, payload = block
    assert chunk.hash == own
    assert chunk.parent_hash == parent
    assert list(chunk.tokens) == tokens
    assert chunk.partition_key == partition
    assert chunk.completion_id == "writer"
    assert chunk.buffer == payload


def assert_sane(metrics):
    assert metrics.total_latency_us > 0
    assert metrics.total_latency_us >= metrics.storage_latency_us >= 0
    assert metrics.overhead_us == metrics.total_latency_us - metrics.storage_latency_us
