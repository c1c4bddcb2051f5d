"""Turns a .proto file into client code, the way its users do.

Both contracts declare the package ``kvstore``; each one's messages therefore live in a descriptor
pool of their own, so that one process can speak as an original client and as one of ours.
"""

import importlib
import pathlib
import sys
from unittest import mock

import grpc_tools
from google.protobuf import descriptor_pool
from grpc_tools import protoc

TESTS = pathlib.Path(__file__).resolve().parent
ORIGINAL = TESTS / "original_v1.proto"
KVEIK = TESTS.parent.parent / "wire" / "src" / "main" / "proto" / "kvstore" / "kvstore.proto"


class Contract:
    """The generated code of one .proto: ``messages`` (``_pb2``) and ``services`` (``_pb2_grpc``)."""

    def __init__(self, name, messages, services):
        self.name = name
        self.messages = messages
        self.services = services

    def stub(self, channel):
        return self.services.KVStoreServiceStub(channel)


def generate(proto, directory):
    """Compiles ``proto`` into ``directory`` and imports the result."""
    directory.mkdir()
    well_known = pathlib.Path(grpc_tools.__file__).parent / "_proto"
    status = protoc.main(
        [
            "protoc",
            f"-I{proto.parent}",
            f"-I{well_known}",
            f"--python_out={directory}",
            f"--grpc_python_out={directory}",
            str(proto),
        ]
    )
    if status != 0:
        raise RuntimeError(f"protoc failed on {proto.name} with status {status}")
    sys.path.insert(0, str(directory))
    try:
        pool = descriptor_pool.DescriptorPool()
        with mock.patch.object(descriptor_pool, "Default", lambda: pool):
            messages = importlib.import_module(f"{proto.stem}_pb2")
            services = importlib.import_module(f"{proto.stem}_pb2_grpc")
    finally:
        sys.path.remove(str(directory))
    return Contract(proto.stem, messages, services)
