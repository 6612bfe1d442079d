# SPDX-License-Identifier: MIT OR Apache-2.0
"""Running a kernel over arrays of any size: in one call, or in pieces through a stream."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import errors
from .._operands import check_accepts
from . import _messages
from ._data import Argument, Columns, Results, argument, check_outs, common_shape, read_batch
from ._kernel import Asked, RemoteKernel
from ._program import CODES, Signature
from ._stream import Exchange, Piece

if TYPE_CHECKING:
    from ._client import Client

#: Bytes of a piece of a stream, in or out; and what is sent in one call. Larger messages are slower again.
PIECE_BYTES = 1 << 20
# Around the columns of a message.
_SPARE = 16_384
# Pieces of many rows are cut at multiples of the blocks in which kernels run.
_BLOCK = 4096


def arguments_of(kernel: RemoteKernel, given: Mapping[str, Any]) -> list[Argument]:
    """The arguments in the order of the parameters. ExprTypeError for a missing or unknown one, or a wrong type."""
    source = kernel.source or ""
    names = [param.name for param in kernel.params]
    wanted = f"the parameters are ({', '.join(names)})"
    missing = [name for name in names if name not in given]
    if missing:
        message = f"no value given for {', '.join(map(repr, missing))}; {wanted}"
        raise errors.make(errors.ExprTypeError, "EJ9001", message, kernel.source)
    unknown = [name for name in given if name not in names]
    if unknown:
        message = f"there is no parameter {unknown[0]!r}; {wanted}"
        raise errors.make(errors.ExprTypeError, "EJ9001", message, kernel.source)
    found = [argument(name, given[name], source) for name in names]
    for param, item in zip(kernel.params, found, strict=True):
        check_accepts(param.name, CODES[param.type], item.operand, source)
    return found


def run(
    client: Client,
    kernel: RemoteKernel,
    arguments: Sequence[Argument],
    out: Any,
    casting: Any,
    progress: Callable[[int, int], None] | None,
    timeout: float | None,
) -> Any:
    """One evaluation."""
    signature, source = kernel.signature_, kernel.source
    shape = common_shape(arguments, source or "")
    reduced = [output.reduced for output in signature.outputs]
    if out is not None and not any(reduced):
        shape = _grown(shape, out)
    masked = any(item.mask is not None for item in arguments)
    outs = check_outs(signature, out, shape, masked, casting, source)
    columns = Columns(arguments, [CODES[param.type] for param in signature.params], shape)
    inputs = [item.operand.value for item in arguments if item.operand.is_array]
    results = Results(signature, shape, masked, outs, inputs)
    try:
        if columns.total_bytes <= PIECE_BYTES and _answer_bytes(signature, columns.rows) <= PIECE_BYTES:
            _in_one_call(client, kernel, columns, results, timeout)
        elif any(reduced) and not all(reduced):
            _whole(client, kernel, columns, results, timeout, None)
        else:
            _in_pieces(client, kernel, columns, results, progress, timeout)
            progress = None
    except errors.ExprJITError as error:
        errors.locate(error, shape)
        raise
    if progress is not None:
        progress(columns.rows, columns.rows)
    return results.finish(casting)


def _grown(shape: tuple[int, ...], out: Any) -> tuple[int, ...]:
    """The shape when `out` is larger than what the operands broadcast to."""
    arrays = list(out.values()) if isinstance(out, Mapping) else [out[0] if isinstance(out, tuple) and out else out]
    for array in arrays:
        if isinstance(array, np.ndarray):
            try:
                if np.broadcast_shapes(shape, array.shape) == array.shape:
                    shape = array.shape
            except ValueError:
                pass  # check_outs says what is wrong
    return shape


def _answer_bytes(signature: Signature, rows: int) -> int:
    return rows * sum(output.dtype.itemsize for output in signature.outputs if not output.reduced)


def _in_one_call(
    client: Client, kernel: RemoteKernel, columns: Columns, results: Results, timeout: float | None
) -> None:
    asked = Asked(kernel)
    batch = columns.piece(0, columns.rows)
    reply, address = client._call(
        "Evaluate", lambda: _messages.EvaluateRequest(program=asked.ref(), batch=batch), kernel.source, timeout, asked
    )
    asked.now_known(reply.handle)
    results.put(0, columns.rows, read_batch(reply.batch, kernel.signature_, columns.rows, address))


def _whole(
    client: Client,
    kernel: RemoteKernel,
    columns: Columns,
    results: Results,
    timeout: float | None,
    refusal: errors.ExprJITError | None,
) -> None:
    """A program that looks at all rows at once, which no stream gives it."""
    most = client._limit("max-message-bytes", 4 << 20) - _SPARE
    for size, what in ((columns.total_bytes, "arguments"), (_answer_bytes(kernel.signature_, columns.rows), "results")):
        if size > most:
            hint = (
                "raise the server's max-message-bytes, evaluate it here with exprjit.evaluate, or compute the "
                "reductions first and pass their values"
            )
            error = errors.make(
                errors.LimitError,
                "EJ9009",
                f"this program needs all rows at once, and its {what} are {size:,} bytes, more than the server takes "
                f"in one message (max-message-bytes, {most + _SPARE:,})",
                kernel.source,
                None,
                hint,
            )
            error.limit = "max-message-bytes"
            raise error from refusal
    _in_one_call(client, kernel, columns, results, timeout)


def _piece_rows(columns: Columns, signature: Signature) -> int:
    widest = max(columns.row_bytes, _answer_bytes(signature, 1), 1)
    rows = max(1, (PIECE_BYTES - _SPARE) // widest)
    return rows - rows % _BLOCK if rows > _BLOCK else rows


def _in_pieces(
    client: Client,
    kernel: RemoteKernel,
    columns: Columns,
    results: Results,
    progress: Callable[[int, int], None] | None,
    timeout: float | None,
) -> None:
    try:
        exchange = Exchange(client, Asked(kernel), kernel.source, timeout)
    except errors.ArgumentError as refusal:
        # A reduction of a reduction, or of rows that need one: the server's stream refuses it, one call does not.
        _whole(client, kernel, columns, results, timeout, refusal)
        if progress is not None:
            progress(columns.rows, columns.rows)
        return
    rows, step = columns.rows, _piece_rows(columns, kernel.signature_)
    done = 0

    def pieces() -> Iterator[Piece]:
        for begin in range(0, rows, step):
            end = min(rows, begin + step)
            yield Piece(begin, end, columns.piece(begin, end), None)

    def moved(piece: Piece) -> None:
        nonlocal done
        if progress is not None and piece.end > done:  # after a server has gone away, rows are sent twice
            done = piece.end
            progress(done, rows)

    if exchange.is_reduction:
        answer = exchange.reduce(pieces, True, moved)
        results.put(0, rows, read_batch(answer.batch, kernel.signature_, rows, answer.address))
        return
    with contextlib.closing(exchange.answers(pieces())) as answers:  # cancels the call if `progress` raises
        for answer in answers:
            piece = answer.piece
            assert piece is not None
            found = read_batch(answer.batch, kernel.signature_, piece.end - piece.begin, answer.address)
            results.put(piece.begin, piece.end, found)
            moved(piece)


# ---- Streams of batches ----------------------------------------------------------------------------------------------


class _Pending:
    """The result of one batch of the caller while its pieces come in."""

    def __init__(self, results: Results, first: int, rows: int) -> None:
        self.results, self.first, self.last = results, first, first + rows


def run_stream(
    client: Client,
    kernel_of: Callable[[Mapping[str, Any] | None], RemoteKernel | None],
    source: str | None,
    batches: Iterator[Mapping[str, Any]],
    ahead: int | None,
    timeout: float | None,
) -> Iterator[Any]:
    """`Client.stream`."""
    first = next(batches, None)
    kernel = kernel_of(first)
    # Without a batch there is nothing to answer, except for reductions, which have a value over no rows, or none.
    if kernel is None or (first is None and not all(output.reduced for output in kernel.outputs)):
        return
    signature = kernel.signature_
    codes = [CODES[param.type] for param in signature.params]
    exchange = Exchange(client, Asked(kernel), source, timeout, ahead)
    names = {param.name for param in signature.params}

    def pieces() -> Iterator[Piece]:
        begin, number = 0, 0
        batch = first
        while batch is not None:
            try:
                # Batches may have columns that the program does not mention.
                given = {name: value for name, value in batch.items() if name in names}
                arguments = arguments_of(kernel, given)
                shape = common_shape(arguments, source or "")
            except errors.ExprJITError as error:
                error.add_note(f"in batch {number}")
                raise
            columns = Columns(arguments, codes, shape)
            masked = any(item.mask is not None for item in arguments)
            room = None if exchange.is_reduction else Results(signature, shape, masked, {}, ())
            pending = _Pending(room, begin, columns.rows) if room is not None else None
            step = _piece_rows(columns, signature)
            for at in range(0, max(columns.rows, 1), step):
                end = min(columns.rows, at + step)
                yield Piece(begin + at, begin + end, columns.piece(at, end), pending)
            begin, number, batch = begin + columns.rows, number + 1, next(batches, None)

    if exchange.is_reduction:
        answer = exchange.reduce(pieces, False, lambda _: None)
        results = Results(signature, (), False, {}, ())
        results.put(0, 1, read_batch(answer.batch, signature, 1, answer.address))
        yield results.finish("same_kind")
        return
    with contextlib.closing(exchange.answers(pieces())) as answers:
        for answer in answers:
            piece = answer.piece
            assert piece is not None
            pending: _Pending = piece.tag
            found = read_batch(answer.batch, signature, piece.end - piece.begin, answer.address)
            pending.results.put(piece.begin - pending.first, piece.end - pending.first, found)
            if piece.end == pending.last:
                yield pending.results.finish("same_kind")
