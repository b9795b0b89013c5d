# SPDX-License-Identifier: MIT
"""Python's gRPC client without generated code: stubs made of what protoc-c says of proto/."""
import functools
import pathlib
import subprocess
import tempfile

import grpc
import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from conftest import Server

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PROTO = ROOT / "proto"
CLIENTS = ROOT / "build" / "clients" / "node"


@functools.cache
def pool():
    names = sorted(str(path.relative_to(PROTO)) for path in PROTO.rglob("*.proto"))
    with tempfile.TemporaryDirectory() as scratch:
        out = pathlib.Path(scratch) / "set.pb"
        subprocess.run(["protoc-c", "-I.", f"--descriptor_set_out={out}", *names], cwd=PROTO, check=True)
        files = {file.name: file for file in descriptor_pb2.FileDescriptorSet.FromString(out.read_bytes()).file}
    made = descriptor_pool.DescriptorPool()

    def add(name):
        if name in files:
            file = files.pop(name)
            for imported in file.dependency:
                add(imported)
            made.Add(file)

    for name in names:
        add(name)
    return made


@functools.cache
def message(name):
    """The class of a message: message("records.Record")(artist="…")."""
    return message_factory.MessageFactory(pool()).GetPrototype(pool().FindMessageTypeByName(name))


class Stub:
    """stub.GetRecord({"record_id": …}, timeout=5): a dict, or a message, for what is asked."""

    def __init__(self, channel, service, token=None):
        self.channel, self.token = channel, token
        self.descriptor = pool().FindServiceByName(service)

    def __getattr__(self, name):
        method = self.descriptor.FindMethodByName(name)
        proto = descriptor_pb2.MethodDescriptorProto()
        method.CopyToProto(proto)
        asked, answered = message(method.input_type.full_name), message(method.output_type.full_name)
        kind = ("stream" if proto.client_streaming else "unary") + "_" + ("stream" if proto.server_streaming else "unary")
        call = getattr(self.channel, kind)(f"/{self.descriptor.full_name}/{name}", request_serializer=asked.SerializeToString,
                                           response_deserializer=answered.FromString)

        def metadata(more):
            token = [("authorization", f"Bearer {self.token}")] if self.token else []
            return [*token, *more]

        def of(what):
            return asked(**what) if isinstance(what, dict) else what

        def run(what=None, metadata_=(), **options):
            what = (of(one) for one in what) if proto.client_streaming else of(what or {})
            return call(what, metadata=metadata(metadata_), **options)

        def with_call(what=None, metadata_=(), **options):
            return call.with_call(of(what or {}), metadata=metadata(metadata_), **options)

        run.with_call = with_call
        return run


def secure_channel(server, options=()):
    ca = pathlib.Path(server.ca).read_bytes()
    return grpc.secure_channel(f"localhost:{server.port}", grpc.ssl_channel_credentials(root_certificates=ca), options=list(options))


def clear_address(server):
    return dict(word.split("=", 1) for word in server.ready_line.split()[3:])["grpc"]


def clear_channel(server, options=()):
    return grpc.insecure_channel(clear_address(server), options=list(options))


@pytest.fixture(scope="session")
def rpc_server():
    """One that speaks gRPC in clear, too."""
    running = Server(settings={"grpc.listen": "127.0.0.1:0"}).start()
    yield running
    text = running.log_text()
    running.discard()
    assert "runtime error:" not in text and "AddressSanitizer" not in text, text[-8000:]
