# SPDX-License-Identifier: MIT OR Apache-2.0
"""exprjit.remote.Client: arrays of every type, shape and size, with the bits of the local client."""

import re
import threading
import time

import numpy as np
import pytest

import exprjit as ej

RNG = np.random.default_rng(5)
DTYPES = ["?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8"]


def same(actual, expected):
    assert type(actual) is type(expected), (type(actual), type(expected))
    if isinstance(expected, dict):
        assert list(actual) == list(expected)
        for name in expected:
            same(actual[name], expected[name])
        return
    actual, expected = np.asarray(actual), np.asarray(expected)
    assert actual.dtype == expected.dtype and actual.shape == expected.shape, (
        actual.dtype,
        actual.shape,
        expected.shape,
    )
    if expected.dtype.kind == "f":
        nans = np.isnan(expected)
        assert (np.isnan(actual) == nans).all()
        actual, expected = actual[~nans], expected[~nans]
    assert np.ascontiguousarray(actual).tobytes() == np.ascontiguousarray(expected).tobytes()


def values(dtype, size=100):
    kind = np.dtype(dtype).kind
    if kind == "b":
        return RNG.random(size) < 0.5
    if kind == "f":
        return (RNG.normal(size=size) * 100).astype(dtype)
    info = np.iinfo(dtype)
    return RNG.integers(max(info.min, -(2**40)), min(info.max, 2**40), size, dtype=dtype, endpoint=True)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("expression", ["a", "a * 2", "a + b", "a / (b + 1)", "sum(a)", "max(a) - a", "a > b"])
def test_dtypes(client, dtype, expression):
    a, b = values(dtype), values(dtype)
    same(client.evaluate(expression, {"a": a, "b": b}), ej.evaluate(expression, {"a": a, "b": b}))


EXPRESSIONS = [
    "x * x + y",
    "sin(x) * cos(y) - exp(-x*x)",
    "log1p(abs(x)) ** 0.25",
    "x if x > y else y",
    "clamp(x, -0.5, 0.5)",
    "where(x > 0, sqrt(x), nan)",
    "hypot(x, y) < 1",
    "sum(x * y)",
    "mean(x) + std(y)",
    "x - mean(x)",
    "s = sum(x); d = x - y; m = max(y)",
    "argmin(x)",
    "norm(x) / norm(y)",
    "erf(x) + gamma(abs(y) + 1)",
    "floor(x * 10) // 3 % 2",
]


@pytest.mark.parametrize("expression", EXPRESSIONS)
@pytest.mark.parametrize("size", [1, 7, 1000, 200_000])
def test_same_bits_as_the_local_client(client, expression, size):
    x, y = RNG.normal(size=size), RNG.normal(size=size)
    same(client.evaluate(expression, x=x, y=y), ej.evaluate(expression, x=x, y=y))


def test_numbers(client):
    for variables in (
        {"a": 3, "b": 4},
        {"a": 3.5, "b": 2},
        {"a": True, "b": 2},
        {"a": np.float32(3), "b": 2.5},
        {"a": np.int16(3), "b": 2},
    ):
        same(client.evaluate("a * b + 1", variables), ej.evaluate("a * b + 1", variables))
    same(client.evaluate("1 + 1"), ej.evaluate("1 + 1"))
    same(client.evaluate("pi"), ej.evaluate("pi"))


def test_python_numbers_are_weak(client):
    for array in (
        np.arange(5, dtype="f4"),
        np.arange(5, dtype="i4"),
        np.arange(5, dtype="i8"),
        np.arange(5, dtype="u1"),
    ):
        for number in (2, 2.5, True):
            variables = {"a": array, "k": number}
            same(client.evaluate("a * k", variables), ej.evaluate("a * k", variables))
    # As a float n could not be shifted.
    variables = {"x": np.arange(5.0), "n": 3}
    same(client.evaluate("x * (n << 1)", variables), ej.evaluate("x * (n << 1)", variables))


@pytest.mark.parametrize("shape", [(), (1,), (0,), (5,), (1, 1), (3, 4), (0, 3), (3, 0), (2, 3, 4)], ids=str)
def test_shapes(client, shape):
    a = RNG.normal(size=shape)
    same(client.evaluate("a * 2 + 1", a=a), ej.evaluate("a * 2 + 1", a=a))
    same(client.evaluate("sum(a)", a=a), ej.evaluate("sum(a)", a=a))


@pytest.mark.parametrize(
    ("left", "right"),
    [((3, 4), (4,)), ((3, 1), (1, 4)), ((3, 4), ()), ((1,), (6,)), ((4, 1), (1, 0)), ((300, 500), (500,))],
    ids=str,
)
def test_broadcasting(client, left, right):
    a, b = RNG.normal(size=left), RNG.normal(size=right)
    same(client.evaluate("a - b * 2", a=a, b=b), ej.evaluate("a - b * 2", a=a, b=b))


def test_layouts(client):
    base = RNG.normal(size=(60, 70))
    wide = RNG.normal(size=(1001, 1002))
    for a in (base.T, base[::2, ::-3], np.asfortranarray(base), base[:, 3], base.astype(">f8"), wide[::2].T):
        same(client.evaluate("a * 3 - 1", a=a), np.ascontiguousarray(a.astype("f8")) * 3 - 1)
        same(client.evaluate("sum(a)", a=a), ej.evaluate("sum(a)", a=a))
    same(client.evaluate("a + 1", a=[1.5, 2.5]), np.array([2.5, 3.5]))


def test_shapes_that_do_not_go_together(client):
    with pytest.raises(ej.ExprShapeError) as caught:
        client.evaluate("a + b * c", a=np.zeros((2, 3)), b=np.zeros(3), c=np.zeros(4))
    assert "'c' (4,)" in str(caught.value) and caught.value.span == (8, 9)


@pytest.mark.parametrize("size", [3, 1, 300_000])
def test_uint64_elements_that_do_not_fit(client, size):
    x = np.arange(size, dtype="u8")
    same(client.evaluate("x + 1", x=x), ej.evaluate("x + 1", x=x))
    x[size // 2] = 2**63
    column = x.reshape(-1, 1)
    for text, variables, row in (
        ("x + 1", {"x": x}, size // 2),
        ("x + 0.5", {"x": x}, size // 2),
        ("sum(x)", {"x": x}, size // 2),
        ("y + x", {"x": x, "y": np.zeros(size)}, size // 2),
        ("x * y", {"x": column, "y": np.arange(2)}, size // 2 * 2),
        ("x + y", {"x": np.array(2**63, "u8"), "y": np.arange(size)}, 0),
    ):
        with pytest.raises(ej.ExprDomainError) as local:
            ej.evaluate(text, variables, {})
        with pytest.raises(ej.ExprDomainError) as far:
            client.evaluate(text, variables)
        assert (far.value.code, far.value.hint) == (local.value.code, local.value.hint), text
        assert far.value.row == row and far.value.index[0] == row // (2 if "*" in text else 1), text
        cut = "in row"  # of a stream the text has the row of its piece
        assert str(far.value).split(cut)[0] == str(local.value).split(cut)[0] and "column" in str(far.value)
    kernel = client.compile("x + 1", x="f8")
    with pytest.raises(ej.ExprDomainError, match="EJ3005"):
        kernel(x)
    same(kernel(np.arange(size, dtype="u8")), np.arange(size) + 1.0)
    # No row, no element that does not fit.
    for value in (np.array(2**63, "u8"), np.array([2**63], "u8")):
        same(client.evaluate("x + y", x=value, y=np.zeros(0)), np.zeros(0))
    same(client.evaluate("x + y", x=column, y=np.zeros((size, 0))), np.zeros((size, 0)))


def test_what_cannot_be_sent(client):
    for wrong in ("text", None, 1j, np.zeros(3, complex), [object()], np.array(["a"])):
        with pytest.raises(ej.ExprTypeError) as caught:
            client.evaluate("a + 1", a=wrong)
        assert "'a'" in str(caught.value)
    with pytest.raises(OverflowError):
        client.evaluate("a + 1", a=2**70)


# ---- Large arrays ----------------------------------------------------------------------------------------------------


def test_large_arrays_go_in_pieces(client):
    n = 1_000_003
    x, y, k = RNG.normal(size=n), RNG.normal(size=n).astype("f4"), 2.5
    seen = []
    actual = client.evaluate(
        "s = x * k + y; c = x > y; t = y * y", {"x": x, "y": y, "k": k}, progress=lambda *at: seen.append(at)
    )
    same(actual, ej.evaluate("s = x * k + y; c = x > y; t = y * y", {"x": x, "y": y, "k": k}))
    assert len(seen) > 5 and seen[-1] == (n, n)
    assert [done for done, _ in seen] == sorted({done for done, _ in seen}) and {total for _, total in seen} == {n}


def test_reductions_of_large_arrays_are_exact(client):
    x = RNG.normal(size=3_000_001) * 10.0 ** RNG.integers(-8, 8, 3_000_001)
    for text in ("sum(x)", "mean(x)", "var(x)", "s = sum(x*x); n = count(x > 0); a = argmax(x)", "min(x)"):
        same(client.evaluate(text, x=x), ej.evaluate(text, x=x))


def test_programs_that_need_all_rows_at_once(client):
    x = RNG.normal(size=400_000)
    seen = []
    same(
        client.evaluate("x - mean(x)", {"x": x}, progress=lambda *at: seen.append(at)), ej.evaluate("x - mean(x)", x=x)
    )
    assert seen == [(400_000, 400_000)]
    same(client.evaluate("s = sum(x); y = x / sum(x)", x=x), ej.evaluate("s = sum(x); y = x / sum(x)", x=x))
    big = np.zeros(2_000_000)
    for text in ("x - mean(x)", "s = sum(x); y = x"):
        with pytest.raises(ej.LimitError) as caught:
            client.evaluate(text, x=big)
        assert "max-message-bytes" in str(caught.value) and caught.value.limit == "max-message-bytes"
        assert "16,000" in str(caught.value) and "hint" in str(caught.value)


def test_broadcasts_of_large_arrays_are_not_made_whole(client):
    column, row = RNG.normal(size=(1500, 1)), RNG.normal(size=(1, 1000))
    same(client.evaluate("a * b", a=column, b=row), column * row)


def test_a_failing_row_of_a_large_array(client):
    a, b = np.arange(1_000_000), np.ones(1_000_000, "i8")
    b[777_777] = 0
    with pytest.raises(ej.ExprZeroDivisionError) as caught:
        client.evaluate("a // b", a=a, b=b)
    assert caught.value.row == 777_777 and caught.value.index == (777_777,)
    with pytest.raises(ZeroDivisionError) as caught:
        client.evaluate("a // b", a=a.reshape(1000, 1000), b=b.reshape(1000, 1000))
    assert caught.value.index == (777, 777)
    same(client.evaluate("a // b", a=a, b=b, div="zero"), np.floor_divide(a, np.where(b == 0, 1, b)) * (b != 0))


# ---- out, masked arrays ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [10, 500_000])
def test_out(client, size):
    a = RNG.normal(size=size)
    out = np.empty(size)
    assert client.evaluate("a * 3", a=a, out=out) is out
    same(out, a * 3)
    for target in (np.empty(2 * size)[::2], np.empty(size, "f4"), np.empty((2, size)), np.empty(size, ">f8")):
        assert client.evaluate("a * 3", a=a, out=target) is target
        np.testing.assert_array_equal(target, np.broadcast_to((a * 3).astype(target.dtype), target.shape))
    expected = a * 2
    client.evaluate("a * 2", a=a, out=a)
    same(a, expected)
    shifted = a[:-1] + 1
    client.evaluate("b + 1", b=a[:-1], out=a[1:])
    same(a[1:], shifted)
    named = {"s": np.zeros(())}
    result = client.evaluate("s = sum(a); d = a", a=a[:1000], out=named)
    assert result["s"] is named["s"] and named["s"][()] == ej.evaluate("sum(a)", a=result["d"])


def test_wrong_outs(client):
    a = np.arange(5.0)
    for out, cls in (
        (np.zeros(4), ej.ExprShapeError),
        (np.zeros(5, "i8"), ej.ExprTypeError),
        ([0.0] * 5, ej.ExprTypeError),
    ):
        with pytest.raises(cls, match="out|result"):
            client.evaluate("a * 2", a=a, out=out)
    frozen = np.zeros(5)
    frozen.flags.writeable = False
    with pytest.raises(ej.ExprShapeError, match="read-only"):
        client.evaluate("a", a=a, out=frozen)
    with pytest.raises(ej.ExprNameError, match="'q'"):
        client.evaluate("s = a; t = a", a=a, out={"q": a})


def test_outs_that_overlap(client):
    x = np.arange(3.0)
    one, both = np.zeros(3), np.zeros(4)
    for out in ({"a": one, "b": one}, {"a": both[:3], "b": both[1:]}):
        with pytest.raises(ej.ExprShapeError) as local:
            ej.evaluate("a = x; b = x + 1", {"x": x}, {}, out=out)
        with pytest.raises(ej.ExprShapeError) as far:
            client.evaluate("a = x; b = x + 1", {"x": x}, out=out)
        assert far.value.code == "EJ9004" and str(far.value) == str(local.value)
    assert not one.any() and not both.any()
    apart = np.zeros(6)
    client.evaluate("a = x; b = x + 1", {"x": x}, out={"a": apart[:3], "b": apart[3:]})
    same(apart, np.array([0.0, 1, 2, 1, 2, 3]))


@pytest.mark.parametrize("size", [9, 300_000])
def test_nulls_do_not_get_lost_in_out(client, size):
    plain = RNG.normal(size=size)
    mask = np.arange(size) % 3 == 0
    x = np.ma.masked_array(plain, mask)
    target = np.full(size, 7.0)
    with pytest.raises(ej.ExprTypeError, match="coalesce") as caught:
        client.evaluate("x + 1", x=x, out=target)
    assert caught.value.code == "EJ9008" and (target == 7).all()
    with pytest.raises(ej.ExprTypeError, match=r"out\['b'\]"):
        client.evaluate("a = coalesce(x, 0); b = x", x=x, out={"a": np.zeros(size), "b": target})
    assert client.evaluate("coalesce(x, 0.5)", x=x, out=target) is target
    same(target, np.where(mask, 0.5, plain))
    for dtype in ("f8", "f4"):
        masked = np.ma.empty(size, dtype)
        assert client.evaluate("x + 1", x=x, out=masked) is masked
        assert (np.ma.getmaskarray(masked) == mask).all()
        same(masked.compressed(), (plain[~mask] + 1).astype(dtype))
    # Nothing is null, or nothing can be.
    client.evaluate("x + 1", x=np.ma.masked_array(plain), out=target)
    same(target, plain + 1)
    client.evaluate("sum(x)", x=x, out=target[:1].reshape(()))
    assert target[0] == client.evaluate("sum(x)", x=x)


@pytest.mark.parametrize("size", [9, 300_000])
def test_masked_arrays_are_nulls(client, size):
    plain = RNG.normal(size=size)
    mask = RNG.random(size) < 0.3
    masked = np.ma.masked_array(plain, mask)
    result = client.evaluate("x * 2 + y", x=masked, y=1.0)
    assert isinstance(result, np.ma.MaskedArray)
    assert (np.ma.getmaskarray(result) == mask).all()
    same(result.compressed(), plain[~mask] * 2 + 1)
    whole = client.evaluate("coalesce(x, 0.5)", x=masked)
    assert not isinstance(whole, np.ma.MaskedArray)
    same(whole, np.where(mask, 0.5, plain))
    # A null takes part in a reduction as an element that where= leaves out.
    same(client.evaluate("sum(x)", x=masked), ej.evaluate("sum(x, where=keep)", x=plain, keep=~mask))
    assert not isinstance(client.evaluate("x + 1", x=np.ma.masked_array(plain)), np.ma.MaskedArray)


# ---- Kernels and streams ---------------------------------------------------------------------------------------------


def test_kernels(client):
    kernel = client.compile("a * b + c", {"a": "f8", "b": "f4", "c": "i4"})
    assert kernel.signature == "(a: f64, b: f32, c: i32) -> f64"
    assert [param.name for param in kernel.params] == ["a", "b", "c"] and kernel.params[1].dtype == np.float32
    assert not kernel.outputs[0].reduced and len(kernel.handle) == 32
    a, b = np.arange(5.0), np.arange(5, dtype="f4")
    same(kernel(a, b, 2), a * b + 2)
    same(kernel(a=a, b=b, c=2), a * b + 2)
    same(client.evaluate(kernel, {"a": a, "b": b, "c": 2}), a * b + 2)
    assert client.compile("a * b + c", a="f8", b="f4", c="i4").is_cached
    for wrong, word in (
        (lambda: kernel(a, b), "'c'"),
        (lambda: kernel(a=a, b=b, c=1, d=2), "'d'"),
        (lambda: kernel(a, b, 1.5), "'c'"),
        (lambda: kernel(a, a, 1), "'b'"),
    ):
        with pytest.raises(ej.ExprTypeError, match=word):
            wrong()
    with pytest.raises(ej.ExprTypeError, match="i4x"):
        client.compile("a", a="i4x")
    with pytest.raises(ValueError, match="div"):
        client.compile("a", div="maybe")
    assert "mul" in kernel.explain("ir") and "ret" in client.explain(kernel)


def test_a_stream_of_batches(client):
    batches = [{"x": RNG.normal(size=n), "k": float(n)} for n in (3, 0, 1, 1000, 400_000, 5)]
    taken = []

    def source():
        for batch in batches:
            taken.append(threading.get_ident())
            yield batch

    results = client.stream("x * k + 1", source())
    assert not taken, "nothing is taken before it is asked for"
    for batch, result in zip(batches, results, strict=True):
        same(result, batch["x"] * batch["k"] + 1)
    assert set(taken) == {threading.get_ident()}, "the iterator runs in the thread of the caller"


def test_a_stream_takes_no_more_than_it_says(client):
    for ahead in (1, 2):
        taken = 0

        def source():
            nonlocal taken
            for i in range(20):
                taken += 1
                yield {"x": np.full(10, float(i))}

        for number, result in enumerate(client.stream("x + 1", source(), ahead=ahead)):
            assert result[0] == number + 1 and taken <= number + ahead, (ahead, taken, number)


def test_a_stream_of_named_outputs_and_a_reduction(client):
    batches = [{"x": RNG.normal(size=n)} for n in (10, 70_000, 0, 3)]
    for batch, result in zip(batches, client.stream("a = x; b = x > 0", batches), strict=True):
        same(result, {"a": batch["x"], "b": batch["x"] > 0})
    whole = np.concatenate([batch["x"] for batch in batches])
    (result,) = client.stream("s = sum(x); m = mean(x)", batches)
    same(result, ej.evaluate("s = sum(x); m = mean(x)", x=whole))
    assert list(client.stream("x + 1", [])) == []


def test_a_stream_without_batches(client):
    nothing = np.zeros(0)
    for text in ("sum(x)", "count(x > 0)", "s = sum(x); c = count(x > 1)", "mean(x)"):
        kernel = client.compile(text, x="f8")
        (result,) = client.stream(kernel, iter(()))
        same(result, client.evaluate(kernel, x=nothing))
        assert list(client.stream(text, [])) == [], "no batch, no types"
    kernel = client.compile("max(x)", x="f8")
    with pytest.raises(ej.ExprDomainError) as local:
        ej.evaluate("max(x)", {"x": nothing}, {})
    with pytest.raises(ej.ExprDomainError) as far:
        list(client.stream(kernel, []))
    assert (far.value.code, far.value.span) == (local.value.code, local.value.span)
    assert list(client.stream(client.compile("x + 1"), [])) == []


def test_errors_of_streams(client):
    with pytest.raises(ej.ExprTypeError) as caught:
        list(client.stream("x + 1", [{"x": np.zeros(3, "i4")}, {"x": np.zeros(3)}]))
    assert any("batch 1" in note for note in caught.value.__notes__)
    with pytest.raises(ej.ExprTypeError, match="'y'"):
        list(client.stream("x + y", [{"x": np.zeros(3), "y": 1.0}, {"x": np.zeros(3)}]))
    with pytest.raises(ej.ArgumentError, match="Evaluate"):
        list(client.stream("x - mean(x)", [{"x": np.zeros(3)}]))

    def broken():
        yield {"x": np.zeros(3)}
        raise RuntimeError("the source of the batches")

    with pytest.raises(RuntimeError, match="source of the batches"):
        list(client.stream("x + 1", broken()))
    # Dropped in the middle.
    results = client.stream("x + 1", ({"x": np.zeros(100_000)} for _ in range(1000)))
    next(results)
    results.close()
    assert client.evaluate("1 + 1") == 2


def test_nothing_is_left_behind(server, client):
    """Streams that were refused, broke off, or whose `progress` raised leave no thread and no call."""
    x = np.zeros(1_000_000)

    def stop(done, rows):
        raise RuntimeError("enough")

    for _ in range(3):
        for text in ("x + 1", "sum(x)"):
            with pytest.raises(RuntimeError, match="enough") as kept:
                client.evaluate(text, {"x": x}, progress=stop)
        with pytest.raises(ej.ArgumentError):
            list(client.stream("x - mean(x)", [{"x": x[:5]}]))
        next(client.stream("x + 1", [{"x": x[:5]}] * 9))
    assert kept is not None  # its traceback holds the frames
    deadline = time.monotonic() + 5
    while any(thread.name == "exprjit-stream-watch" for thread in threading.enumerate()):
        assert time.monotonic() < deadline, threading.enumerate()
        time.sleep(0.01)
    page = server.http("/metrics")[1]
    while "\nexprjit_open_streams 0\n" not in page:
        assert time.monotonic() < deadline, re.findall("exprjit_open.*", page)
        page = server.http("/metrics")[1]
