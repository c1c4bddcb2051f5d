"""Lookup finds the longest unbroken prefix of whole blocks."""

import pytest

from blocks import BLOCK_TOKENS, Chain, assert_block, assert_sane, label


@pytest.mark.parametrize("stored", [0, 1, 3, 5])
def test_longest_prefix(session, stored):
    chain = Chain(1, 5)
    for block in chain.blocks[:stored]:
        session.write(block)
    found = session.lookup(chain.tokens)
    assert found.cached_blocks == stored
    assert [one.hash for one in found.locations] == chain.labels[:stored]
    assert found.last_hash == (chain.labels[stored - 1] if stored else 0)
    assert_sane(found.server_metrics)


def test_gap_ends_the_prefix(session):
    chain = Chain(2, 4)
    for i in (0, 1, 3):
        session.write(chain.blocks[i])
    assert session.lookup(chain.tokens).cached_blocks == 2


def test_other_tokens_end_the_prefix(session):
    chain = Chain(3, 3)
    session.store(chain)
    tokens = list(chain.tokens)
    tokens[BLOCK_TOKENS + 5] += 1
    assert session.lookup(tokens).cached_blocks == 1


@pytest.mark.parametrize("tail", [1, 127])
def test_tail_is_ignored(session, tail):
    chain = Chain(4, 2)
    session.store(chain)
    found = session.lookup(chain.tokens + [7] * tail)
    assert found.cached_blocks == 2
    assert found.last_hash == chain.labels[1]


@pytest.mark.parametrize("count", [1, 127])
def test_less_than_a_block(session, count):
    found = session.lookup(list(range(count)))
    assert (found.cached_blocks, found.last_hash, len(found.locations)) == (0, 0, 0)


def test_chain_follows_the_parent_label(session):
    chain = Chain(5, 2)
    session.write(chain.blocks[0])
    own, _, tokens, payload = chain.blocks[1]
    session.write((own, chain.labels[0] ^ 1, tokens, payload))
    assert session.lookup(chain.tokens).cached_blocks == 1
    session.write(chain.blocks[1])
    assert session.lookup(chain.tokens).cached_blocks == 2


def test_same_tokens_under_different_parents(session):
    one, other = Chain(6, 1), Chain(7, 1)
    shared = Chain(8, 1).tokens
    sequences = []
    for chain in (one, other):
        session.store(chain)
        parent = chain.labels[0]
        block = (label(parent, shared), parent, shared, b"under %d" % parent)
        session.write(block)
        sequences.append((chain.tokens + shared, block))
    for tokens, block in sequences:
        found = session.lookup(tokens)
        assert found.cached_blocks == 2
        assert_block(session.read(found.locations[1].location).chunk, block, session.partition)


@pytest.mark.parametrize("hashes", [[], [1], [2**64 - 1] * 3, list(range(100))])
def test_precomputed_hashes_are_optional(session, hashes):
    chain = Chain(9, 3)
    session.store(chain)
    assert session.lookup(chain.tokens, precomputed_hashes=hashes).cached_blocks == 3


@pytest.mark.parametrize("own", [0, 1, 2**63, 2**64 - 1])
def test_labels_are_the_clients_own(session, own):
    tokens = Chain(10, 1).tokens
    session.write((own, 0, tokens, b"x"))
    found = session.lookup(tokens)
    assert found.last_hash == own
    assert session.read(found.locations[0].location).chunk.hash == own


def test_a_thousand_blocks_in_one_call(session):
    chain = Chain(11, 1_000, payload_bytes=64)
    session.store(chain)
    found = session.lookup(chain.tokens)
    assert found.cached_blocks == 1_000
    assert [one.hash for one in found.locations] == chain.labels
    assert len({one.location for one in found.locations}) == 1_000
    assert_block(
        session.read(found.locations[999].location).chunk, chain.blocks[999], session.partition
    )


def test_wide_tokens(session):
    tokens = [2**63 - 1 - i for i in range(BLOCK_TOKENS)]
    session.write((5, 0, tokens, b"wide"))
    found = session.lookup(tokens)
    assert found.cached_blocks == 1
    assert list(session.read(found.locations[0].location).chunk.tokens) == tokens
