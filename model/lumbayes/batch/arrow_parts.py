"""Open a Parquet file of cases and cut it into parts; sizes are looked at before decoding."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from lumbayes.batch.parsing import Part, plain_column
from lumbayes.errors import CaseError, LumbayesError
from lumbayes.limits import COLUMN, COLUMNS, FOOTER, GROUPS, KEPT, LINE, PART, ROWS, TEXTS

WIDTHS = {
    "BOOLEAN": 1,
    "INT32": 4,
    "FLOAT": 4,
    "INT96": 12,
    "BYTE_ARRAY": 4,
}  # 4: a place in a dictionary
AT_ONCE = 1 << 14  # rows
DAMAGED = "%s cannot be read as Parquet (%s). Is it cut short or of another format?"


def open_parquet(
    file: IO[bytes], place: str, keep: Sequence[str], rows: int
) -> tuple[tuple[str, ...], Iterator[Part], Callable[[], float]]:
    """Return the columns, the parts of at most so many rows, and a function: the share read.

    Raises
    ------
    CaseError
        If the file is damaged, or a column that is not kept holds neither texts nor numbers.
    LumbayesError
        If it has more columns, or a column more bytes, than ``limits`` allow.
    """
    table = parquet_file(file, place)
    schema = table.schema_arrow
    for column in schema:
        if column.name not in keep and not _is_plain(column.type):
            raise CaseError(
                f"{place}: the column {column.name} holds {column.type}, not texts or numbers."
                f" Write the name of a state in each cell, or keep it: --keep {column.name!r}."
            )
    total, seen, kept = max(table.metadata.num_rows, 1), 0, 0
    plain = table.schema.to_arrow_schema()

    def parts() -> Iterator[Part]:
        nonlocal seen, kept
        number = 0
        batches = table.iter_batches(batch_size=rows)
        while True:
            try:
                batch = next(batches)
            except StopIteration:
                return
            except (pa.ArrowException, OSError) as error:
                raise CaseError(DAMAGED % (place, error)) from None
            for piece in pieces(_unfolded(batch, plain, place)):
                for name, column in zip(piece.schema.names, piece.columns, strict=True):
                    sizes = _lengths(column) if name in keep else np.zeros(0, dtype=np.int64)
                    kept += int(sizes[sizes <= LINE.value].sum())  # what is longer is not written
                KEPT.check(kept, place)
                first, seen = seen + 1, seen + piece.num_rows
                yield _part(number, first, piece)
                number += 1

    return tuple(schema.names), parts(), lambda: seen / total


def parquet_file(file: IO[bytes], place: str) -> Any:
    """Open a Parquet file, texts as dictionaries: a repeated text is held once.

    Raises
    ------
    CaseError, LumbayesError
        As of ``open_parquet``.
    """
    try:
        FOOTER.check(_footer(file), place)
        found = parquet.ParquetFile(file)
        ROWS.check(found.metadata.num_rows, place)
        GROUPS.check(found.metadata.num_row_groups, place)
        leaves = [found.schema.column(i) for i in range(len(found.schema))]
        texts = [c.name for c in found.schema_arrow if _is_text(c.type)]
        texts += [c.path for c in leaves if c.path != c.name and _holds_text(c)]
        COLUMNS.check(len(found.schema_arrow), place)
        for group in range(found.metadata.num_row_groups):
            of_group = found.metadata.row_group(group)
            for i, leaf in enumerate(leaves):
                COLUMN.check(_decoded(leaf, of_group.column(i).num_values), place)
            if of_group.total_byte_size > TEXTS.value:
                sizes = (
                    of_group.column(i).total_uncompressed_size
                    for i, leaf in enumerate(leaves)
                    if leaf.physical_type == "BYTE_ARRAY"
                )
                TEXTS.check(sum(sizes), place)
            if of_group.total_byte_size > COLUMN.value:
                for i in range(of_group.num_columns):
                    COLUMN.check(of_group.column(i).total_uncompressed_size, place)
        return parquet.ParquetFile(file, metadata=found.metadata, read_dictionary=texts)
    except LumbayesError:
        raise
    except UnicodeDecodeError:
        raise CaseError(f"{place}: the name of a column is not UTF-8 text. Correct it.") from None
    except (pa.ArrowException, OSError, ValueError) as error:
        raise CaseError(DAMAGED % (place, error)) from None


def _footer(file: IO[bytes]) -> int:
    """Return how long the description at the end of a Parquet file says it is."""
    end = file.seek(0, io.SEEK_END)
    file.seek(max(0, end - 8))
    size = int.from_bytes(file.read(4), "little")
    file.seek(0)
    return min(size, end)


def _holds_text(leaf: Any) -> bool:
    return leaf.physical_type == "BYTE_ARRAY" and str(leaf.logical_type) in ("String", "None")


def _decoded(leaf: Any, values: int) -> int:
    """Return how many bytes a column takes at once, by what the file says of it.

    Lists may hold any number of values in a few rows, a value of fixed length any number of bytes.
    """
    width = leaf.length if leaf.physical_type == "FIXED_LEN_BYTE_ARRAY" else None
    at_once = values if leaf.max_repetition_level else min(values, AT_ONCE)
    return int(at_once * (width or WIDTHS.get(leaf.physical_type, 8)))


def _unfolded(batch: Any, plain: Any, place: str) -> Any:
    """Return a batch without dictionaries inside lists, if their texts written out are few."""
    columns = []
    for field, column in zip(plain, batch.columns, strict=True):
        if pa.types.is_nested(column.type):
            COLUMN.check(_written_out(column), f"{place}: the column {field.name}")
            column = column.cast(field.type)
        columns.append(column)
    return pa.RecordBatch.from_arrays(columns, batch.schema.names)


def _written_out(column: Any) -> int:
    """Return the bytes of a column in which no dictionary is left."""
    is_ = pa.types
    if is_.is_struct(column.type):
        return sum(_written_out(column.field(i)) for i in range(column.type.num_fields))
    if is_.is_map(column.type):
        return _written_out(column.keys) + _written_out(column.items)
    if is_.is_nested(column.type):
        return _written_out(column.flatten())
    return int(_lengths(column).sum()) if is_.is_dictionary(column.type) else int(column.nbytes)


def pieces(batch: Any) -> Iterator[Any]:
    """Yield a batch of rows in pieces none of which has more bytes of text than ``limits.PART``."""
    sizes = np.zeros(batch.num_rows, dtype=np.int64)
    columns = []
    for column in map(_without_views, batch.columns):
        own = _lengths(column)
        sizes += own
        if pa.types.is_dictionary(column.type) and own.sum() < column.dictionary.nbytes:
            column = column.dictionary_decode()
        columns.append(column)
    whole = pa.RecordBatch.from_arrays(columns, batch.schema.names)
    start = 0
    while start < batch.num_rows or not batch.num_rows:
        rows = int(np.searchsorted(np.cumsum(sizes[start:]), PART.value, side="right"))
        rows = max(rows, 1)
        yield whole.slice(start, rows)
        start += rows
        if not batch.num_rows:
            return


def _part(number: int, first: int, piece: Any) -> Part:
    """Return the rows as bytes; rows too long are made empty, and named."""
    sizes = sum((_lengths(column) for column in piece.columns), np.zeros(piece.num_rows, np.int64))
    long = np.flatnonzero(sizes > LINE.value)
    if long.size:
        fine = pa.array(sizes <= LINE.value)
        blank = [pc.if_else(fine, plain_column(_masked(c, fine)), None) for c in piece.columns]
        piece = pa.RecordBatch.from_arrays(blank, piece.schema.names)
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, piece.schema) as writer:
        writer.write_batch(piece)
    too_long = frozenset((long + first).tolist())
    return Part(number, "arrow", first, sink.getvalue(), too_long)


def _masked(column: Any, fine: Any) -> Any:
    """Return a column whose dictionary, if it has one, is asked for in fine rows alone."""
    if not pa.types.is_dictionary(column.type):
        return column
    indices = pc.if_else(fine, column.indices, None)
    return pa.DictionaryArray.from_arrays(indices, column.dictionary)


def _lengths(column: Any) -> Any:
    """Return the bytes of text in each cell, 0 where the column holds none."""
    words = column.dictionary if pa.types.is_dictionary(column.type) else column
    if not _is_text(words.type):
        return np.full(len(column), column.nbytes // max(len(column), 1), dtype=np.int64)
    lengths = pc.fill_null(pc.cast(pc.binary_length(words), pa.int64()), 0).to_numpy(False)
    if words is column:
        return lengths
    if not len(lengths):
        return np.zeros(len(column), dtype=np.int64)
    places = pc.fill_null(column.indices, -1).to_numpy(False)
    return np.where(places >= 0, lengths[places], 0)


def _without_views(column: Any) -> Any:
    """Return a column in a layout that every function of Arrow knows."""
    plain = {"string_view": pa.string(), "binary_view": pa.binary()}.get(str(column.type))
    return column if plain is None else pc.cast(column, plain)


def _is_text(kind: Any) -> bool:
    is_ = pa.types
    return bool(
        is_.is_string(kind)
        or is_.is_large_string(kind)
        or is_.is_binary(kind)
        or is_.is_large_binary(kind)
    )


def _is_plain(kind: Any) -> bool:
    """Tell whether a column of this type can hold states or weights."""
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    is_ = pa.types
    return bool(
        str(kind) in ("string", "large_string", "string_view")
        or is_.is_integer(kind)
        or is_.is_floating(kind)
        or is_.is_boolean(kind)
        or is_.is_null(kind)
    )
