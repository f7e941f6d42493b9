"""What the host and the worker say to each other, as far as the tests use it: the shapes of FunctionRpc.proto.

Source: https://github.com/Azure/azure-functions-language-worker-protobuf (src/proto/FunctionRpc.proto)
"""

import importlib
import sys
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

import msgspec
from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.message import Message as Frame

PROTOS = Path(__file__).parents[2] / "build" / "protos"
MISSING = "the messages of the Functions host are missing: `make build/protos/.ready` fetches them"


class Level(StrEnum):
    """How grave a line of the log is."""

    TRACE = "Trace"
    DEBUG = "Debug"
    INFORMATION = "Information"
    WARNING = "Warning"
    ERROR = "Error"
    CRITICAL = "Critical"


class _Part(msgspec.Struct, frozen=True, omit_defaults=True):
    """A part of a message. As in protobuf, what is not there has its usual value."""


class Http(_Part, frozen=True):
    """An HTTP request or, with a status code, an answer."""

    method: str = ""
    url: str = ""
    headers: Mapping[str, str] = {}
    query: Mapping[str, str] = {}
    params: Mapping[str, str] = {}
    body: "Data | None" = None
    status_code: str = ""


class Data(_Part, frozen=True):
    """A value that goes in or comes out, in one of these forms."""

    string: str | None = None
    json: str | None = None
    raw: bytes | None = msgspec.field(name="bytes", default=None)
    http: Http | None = None


class Binding(_Part, frozen=True):
    """A value by the name of the parameter that it is for."""

    name: str
    data: Data = Data()


class Trace(_Part, frozen=True):
    """Where an invocation stands in a distributed trace, as W3C's headers say it."""

    trace_parent: str = ""
    trace_state: str = ""


class Retry(_Part, frozen=True):
    """Which attempt an invocation is, by a function's own retry policy."""

    retry_count: int = 0
    max_retry_count: int = 0


class Trouble(_Part, frozen=True):
    """An exception."""

    message: str = ""
    stack_trace: str = ""


class Result(_Part, frozen=True):
    """How something went."""

    status: str = "Failure"  # the first of the protocol's, so the one that is not written
    exception: Trouble = Trouble()


class Init(_Part, frozen=True):
    """The host's first words, and the worker's to them."""

    host_version: str = ""
    function_app_directory: str = ""
    capabilities: Mapping[str, str] = {}
    result: Result = Result()


class Metadata(_Part, frozen=True):
    """A function as the worker found it; its bindings are JSON."""

    name: str
    function_id: str
    raw_bindings: tuple[str, ...] = ()


class Functions(_Part, frozen=True):
    """Every function that the worker found; or, empty, the question for them."""

    function_app_directory: str = ""
    function_metadata_results: tuple[Metadata, ...] = ()
    result: Result = Result()


class Load(_Part, frozen=True):
    """That a function is to be loaded, and whether it was."""

    function_id: str
    metadata: Metadata | None = None
    result: Result = Result()


class Invoke(_Part, frozen=True):
    """That a function is to run, and with what."""

    invocation_id: str
    function_id: str
    input_data: tuple[Binding, ...]
    trigger_metadata: Mapping[str, Data] = {}
    trace_context: Trace = Trace()
    retry_context: Retry = Retry()


class Invoked(_Part, frozen=True):
    """How a run went, and what came of it."""

    invocation_id: str
    result: Result = Result()
    return_value: Data = Data()
    output_data: tuple[Binding, ...] = ()


class Log(_Part, frozen=True):
    """A line of the log. `fields` are what was given as `extra`: telemetry has them."""

    message: str = ""
    category: str = ""
    level: Level = Level.TRACE
    invocation_id: str = ""
    properties: Mapping[str, Data] = msgspec.field(name="propertiesMap", default={})

    @property
    def fields(self) -> dict[str, str]:
        return {name: value.string or "" for name, value in self.properties.items()}


class Message(_Part, frozen=True):
    """A frame: one of these."""

    request_id: str = ""
    worker_init_request: Init | None = None
    worker_init_response: Init | None = None
    functions_metadata_request: Functions | None = None
    function_metadata_response: Functions | None = None
    function_load_request: Load | None = None
    function_load_response: Load | None = None
    invocation_request: Invoke | None = None
    invocation_response: Invoked | None = None
    rpc_log: Log | None = None


def encode(message: Message) -> bytes:
    """Write a frame with the real messages."""
    frame: bytes = ParseDict(msgspec.to_builtins(message), _streaming_message()).SerializeToString()
    return frame


def decode(frame: bytes) -> Message:
    """Read a frame with the real messages."""
    read = _streaming_message()
    read.ParseFromString(frame)
    return msgspec.convert(MessageToDict(read, preserving_proto_field_name=True), Message)


def _streaming_message() -> Frame:
    if str(PROTOS) not in sys.path:
        sys.path.append(str(PROTOS))  # last: nothing of this project is shadowed
    frame: Frame = importlib.import_module("azure_functions_protos").StreamingMessage()
    return frame
