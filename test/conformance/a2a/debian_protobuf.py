"""What the A2A suite's stubs and checks import beyond Debian's python3-protobuf, as a pytest plugin.

The suite (a2aproject/a2a-tck) asks for googleapis-common-protos and a newer protobuf. Its stubs only need the
descriptors of google.api's options to be there, and its checks of gRPC errors two messages of google.rpc. Both are
described here in protobuf's own terms, as google's .proto files have them.
"""

import importlib.machinery
import inspect
import sys
import types

from google.protobuf import any_pb2, descriptor_pb2, descriptor_pool, message_factory  # noqa: F401

POOL = descriptor_pool.Default()
FIELD = descriptor_pb2.FieldDescriptorProto


def _module(name, **members):
    module = types.ModuleType(name)
    for key, value in members.items():
        setattr(module, key, value)
    sys.modules[name] = module
    parent, _, child = name.rpartition(".")
    if parent in sys.modules:
        setattr(sys.modules[parent], child, module)
    return module


def _field(message, name, number, kind, label=FIELD.LABEL_OPTIONAL, type_name=None):
    field = message.field.add(name=name, number=number, type=kind, label=label)
    if type_name:
        field.type_name = type_name


def _extension(proto, name, number, extendee, kind, label=FIELD.LABEL_OPTIONAL, type_name=None):
    field = proto.extension.add(name=name, number=number, type=kind, label=label, extendee=extendee)
    if type_name:
        field.type_name = type_name


def _file(name, package, *depends):
    return descriptor_pb2.FileDescriptorProto(name=name, package=package, syntax="proto3", dependency=list(depends))


OPTIONS = "google/protobuf/descriptor.proto"

_http = _file("google/api/http.proto", "google.api")
_rule = _http.message_type.add(name="HttpRule")
_rule.oneof_decl.add(name="pattern")
for _number, _name in enumerate(["get", "put", "post", "delete", "patch"], start=2):
    _field(_rule, _name, _number, FIELD.TYPE_STRING)
    _rule.field[-1].oneof_index = 0
_field(_rule, "selector", 1, FIELD.TYPE_STRING)
_field(_rule, "body", 7, FIELD.TYPE_STRING)
_field(_rule, "additional_bindings", 11, FIELD.TYPE_MESSAGE, FIELD.LABEL_REPEATED, ".google.api.HttpRule")
_field(_rule, "response_body", 12, FIELD.TYPE_STRING)

_annotations = _file("google/api/annotations.proto", "google.api", "google/api/http.proto", OPTIONS)
_extension(
    _annotations, "http", 72295728, ".google.protobuf.MethodOptions", FIELD.TYPE_MESSAGE, type_name=".google.api.HttpRule"
)

_client = _file("google/api/client.proto", "google.api", OPTIONS)
_extension(
    _client, "method_signature", 1051, ".google.protobuf.MethodOptions", FIELD.TYPE_STRING, FIELD.LABEL_REPEATED
)
_extension(_client, "default_host", 1049, ".google.protobuf.ServiceOptions", FIELD.TYPE_STRING)

_behavior = _file("google/api/field_behavior.proto", "google.api", OPTIONS)
_enum = _behavior.enum_type.add(name="FieldBehavior")
for _number, _name in enumerate(
    [
        "FIELD_BEHAVIOR_UNSPECIFIED",
        "OPTIONAL",
        "REQUIRED",
        "OUTPUT_ONLY",
        "INPUT_ONLY",
        "IMMUTABLE",
        "UNORDERED_LIST",
        "NON_EMPTY_DEFAULT",
        "IDENTIFIER",
    ]
):
    _enum.value.add(name=_name, number=_number)
_extension(
    _behavior,
    "field_behavior",
    1052,
    ".google.protobuf.FieldOptions",
    FIELD.TYPE_ENUM,
    FIELD.LABEL_REPEATED,
    ".google.api.FieldBehavior",
)

_status = _file("google/rpc/status.proto", "google.rpc", "google/protobuf/any.proto")
_message = _status.message_type.add(name="Status")
_field(_message, "code", 1, FIELD.TYPE_INT32)
_field(_message, "message", 2, FIELD.TYPE_STRING)
_field(_message, "details", 3, FIELD.TYPE_MESSAGE, FIELD.LABEL_REPEATED, ".google.protobuf.Any")

_details = _file("google/rpc/error_details.proto", "google.rpc")
_message = _details.message_type.add(name="ErrorInfo")
_field(_message, "reason", 1, FIELD.TYPE_STRING)
_field(_message, "domain", 2, FIELD.TYPE_STRING)
_entry = _message.nested_type.add(name="MetadataEntry")
_entry.options.map_entry = True
_field(_entry, "key", 1, FIELD.TYPE_STRING)
_field(_entry, "value", 2, FIELD.TYPE_STRING)
_field(
    _message, "metadata", 3, FIELD.TYPE_MESSAGE, FIELD.LABEL_REPEATED, ".google.rpc.ErrorInfo.MetadataEntry"
)


def _build(proto):
    return POOL.AddSerializedFile(proto.SerializeToString())


def _message_class(name):
    descriptor = POOL.FindMessageTypeByName(name)
    return message_factory.MessageFactory(POOL).GetPrototype(descriptor)


def _extension_handle(name, options):
    """As a generated module has it: by it the options of a field are asked for."""
    handle = POOL.FindExtensionByName(name)
    if hasattr(options, "RegisterExtension"):
        options.RegisterExtension(handle)
    return handle


try:
    import google.api.annotations_pb2  # noqa: F401
    import google.rpc.error_details_pb2  # noqa: F401
except ImportError:
    for _proto in (_http, _annotations, _client, _behavior, _status, _details):
        _build(_proto)
    for _package in ("google.api", "google.rpc"):
        _module(_package).__path__ = []
    _module("google.api.http_pb2")
    _module("google.api.annotations_pb2")
    _module("google.api.client_pb2")
    _module(
        "google.api.field_behavior_pb2",
        field_behavior=_extension_handle("google.api.field_behavior", descriptor_pb2.FieldOptions),
    )
    _module("google.rpc.status_pb2", Status=_message_class("google.rpc.Status"))
    _module("google.rpc.error_details_pb2", ErrorInfo=_message_class("google.rpc.ErrorInfo"))

try:
    from google.protobuf import runtime_version  # noqa: F401
except ImportError:

    class _Domain:
        PUBLIC = 1

    _module(
        "google.protobuf.runtime_version",
        Domain=_Domain,
        ValidateProtobufRuntimeVersion=lambda *_: None,
    )

# Stubs of newer grpcio name their methods as registered; an older one does not know the word.
from grpc import _channel  # noqa: E402

for _kind in ("unary_unary", "unary_stream", "stream_unary", "stream_stream"):
    _plain = getattr(_channel.Channel, _kind)
    if "_registered_method" not in inspect.signature(_plain).parameters:

        def _named(self, *args, _plain=_plain, _registered_method=False, **kwargs):
            return _plain(self, *args, **kwargs)

        setattr(_channel.Channel, _kind, _named)


class _OneModule:
    """The stubs import themselves under two names; only newer protobuf makes one class of both."""

    ONE, OTHER = "a2a_pb2", "specification.generated.a2a_pb2"

    def find_spec(self, name, path=None, target=None):  # noqa: ARG002
        if name not in (self.ONE, self.OTHER):
            return None
        twin = sys.modules.get(self.OTHER if name == self.ONE else self.ONE)
        if twin is None:
            return None
        return importlib.machinery.ModuleSpec(name, _Loaded(twin))


class _Loaded:
    def __init__(self, module):
        self.module = module

    def create_module(self, spec):  # noqa: ARG002
        return self.module

    def exec_module(self, module):
        pass


sys.meta_path.insert(0, _OneModule())
