"""Numbers of eight rows at once, or one: processors multiply eight in a few instructions; compiled.

Addresses count bytes: the kernel alone knows where its arrays lie and how long they are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import extending, types

from lumbayes.inference.kernel.compiler import intrinsic

LANES = 8
NUMBER = 8  # bytes of a number
WIDE = LANES * NUMBER
_DOUBLE, _INDEX = ir.DoubleType(), ir.IntType(32)
_VECTOR = ir.VectorType(_DOUBLE, LANES)


class Lanes(types.Type):
    """One number of each of eight rows."""

    def __init__(self) -> None:
        super().__init__(name="Lanes")


@extending.register_model(Lanes)
class LanesModel(extending.models.PrimitiveModel):
    """How the compiler holds them."""

    def __init__(self, manager: Any, of: Any) -> None:
        super().__init__(manager, of, _VECTOR)  # type: ignore[no-untyped-call]


LANES_TYPE: Any = Lanes()


def _made(result: Any, arguments: tuple[Any, ...], write: Callable[..., Any]) -> tuple[Any, Any]:
    def code(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        written = write(builder, *given)
        return context.get_dummy_value() if result is types.void else written

    return result(*arguments), code


def _same(builder: Any, number: Any) -> Any:
    """Return one number in all lanes."""
    none = ir.Constant(_VECTOR, ir.Undefined)
    first = builder.insert_element(none, number, ir.Constant(_INDEX, 0))
    return builder.shuffle_vector(first, none, ir.Constant(ir.VectorType(_INDEX, LANES), None))


@intrinsic
def load(_: Any, address: Any, like: Any) -> Any:
    """Read a number, or those of eight rows: of the kind of ``like``."""
    kind = _VECTOR if like is LANES_TYPE else _DOUBLE
    return _made(
        like,
        (types.int64, like),
        lambda to, at, _: to.load(to.inttoptr(at, kind.as_pointer()), align=NUMBER),
    )


@intrinsic
def load_same(_: Any, address: Any, like: Any) -> Any:
    """Read a number that is alike in all rows."""

    def write(to: Any, at: Any, _: Any) -> Any:
        number = to.load(to.inttoptr(at, _DOUBLE.as_pointer()))
        return _same(to, number) if like is LANES_TYPE else number

    return _made(like, (types.int64, like), write)


@intrinsic
def same(_: Any, number: Any) -> Any:
    """Return a number for all rows."""
    return _made(LANES_TYPE, (types.float64,), _same)


@intrinsic
def store(_: Any, address: Any, x: Any) -> Any:
    """Write a number, or those of eight rows."""
    kind = _VECTOR if x is LANES_TYPE else _DOUBLE
    return _made(
        types.void,
        (types.int64, x),
        lambda to, at, x: to.store(x, to.inttoptr(at, kind.as_pointer()), align=NUMBER),
    )


@intrinsic
def times(_: Any, x: Any, y: Any) -> Any:
    """Multiply, row by row."""
    return _made(x, (x, x), lambda to, x, y: to.fmul(x, y))


@intrinsic
def plus(_: Any, x: Any, y: Any) -> Any:
    """Add, row by row."""
    return _made(x, (x, x), lambda to, x, y: to.fadd(x, y))


@intrinsic
def where_zero(_: Any, x: Any, y: Any) -> Any:
    """Return ``y`` in rows whose ``x`` is 0, and 1 in the others."""
    return _made(
        LANES_TYPE,
        (LANES_TYPE, LANES_TYPE),
        lambda to, x, y: to.select(
            to.fcmp_ordered("==", x, ir.Constant(_VECTOR, None)),
            y,
            ir.Constant(_VECTOR, [ir.Constant(_DOUBLE, 1.0)] * LANES),
        ),
    )
