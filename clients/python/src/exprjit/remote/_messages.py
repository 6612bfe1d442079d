# SPDX-License-Identifier: MIT OR Apache-2.0
"""The messages of proto/exprjit.proto as classes, made at run time, and the names of the service's methods.

The descriptors live in a pool of their own, so that a program may also have its own generated code of the same file.
"""

from __future__ import annotations

import base64
from typing import Any

from google.protobuf import any_pb2, descriptor_pool, message_factory

from ._schema import SCHEMA

SERVICE = "exprjit.v1.Exprjit"
_ERROR_DETAIL = "exprjit.v1.ErrorDetail"

_pool = descriptor_pool.DescriptorPool()
_pool.AddSerializedFile(any_pb2.DESCRIPTOR.serialized_pb)
_pool.AddSerializedFile(base64.b64decode(SCHEMA))


def _class(name: str) -> Any:
    descriptor = _pool.FindMessageTypeByName(f"exprjit.v1.{name}")
    if hasattr(message_factory, "GetMessageClass"):
        return message_factory.GetMessageClass(descriptor)
    return message_factory.MessageFactory(_pool).GetPrototype(descriptor)  # protobuf 4.21


Batch = _class("Batch")
CompileReply = _class("CompileReply")
CompileRequest = _class("CompileRequest")
ErrorDetail = _class("ErrorDetail")
EvaluateReply = _class("EvaluateReply")
EvaluateRequest = _class("EvaluateRequest")
EvaluateStreamReply = _class("EvaluateStreamReply")
EvaluateStreamRequest = _class("EvaluateStreamRequest")
ExplainReply = _class("ExplainReply")
ExplainRequest = _class("ExplainRequest")
GetServerInfoReply = _class("GetServerInfoReply")
GetServerInfoRequest = _class("GetServerInfoRequest")
ListFunctionsReply = _class("ListFunctionsReply")
ListFunctionsRequest = _class("ListFunctionsRequest")
Program = _class("Program")
ProgramRef = _class("ProgramRef")
RichStatus = _class("RichStatus")


def detail_of(status: bytes) -> Any | None:
    """The ErrorDetail in the bytes of a google.rpc.Status, if there is one."""
    try:
        for item in RichStatus.FromString(status).details:
            if item.type_url.rpartition("/")[2] == _ERROR_DETAIL:
                return ErrorDetail.FromString(item.value)
    except Exception:  # whatever a server of another kind sends
        return None
    return None
