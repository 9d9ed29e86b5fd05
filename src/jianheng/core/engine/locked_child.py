"""The child process in which model statements run: a locked, in-memory DuckDB that sees only the folders of this run.

Speaks frames on standard input and output: a JSON head (length-prefixed), then a payload (Arrow IPC or nothing).
Started by :mod:`jianheng.core.engine.locked`; never imported by anything else.
"""

from __future__ import annotations

import io
import json
import os
import struct
import sys
from typing import Any, BinaryIO

import duckdb
import pyarrow as pa
import pyarrow.ipc

from jianheng.core.foundation.own_process import do_without

_HEAD = struct.Struct(">IQ")
_STATEMENTS = (duckdb.StatementType.SELECT, duckdb.StatementType.CREATE, duckdb.StatementType.DROP)


def write_frame(stream: BinaryIO, head: dict[str, Any], payload: bytes | memoryview = b"") -> None:
    """One frame: the lengths of head and payload, then both."""
    text = json.dumps(head, ensure_ascii=False).encode("utf-8")
    stream.write(_HEAD.pack(len(text), len(payload)))
    stream.write(text)
    stream.write(payload)
    stream.flush()


def read_frame(stream: BinaryIO) -> tuple[dict[str, Any], bytes] | None:
    """One frame, or None when the other side is gone."""
    prefix = stream.read(_HEAD.size)
    if len(prefix) < _HEAD.size:
        return None
    head_length, payload_length = _HEAD.unpack(prefix)
    head = stream.read(head_length)
    payload = stream.read(payload_length) if payload_length else b""
    if len(head) < head_length or len(payload) < payload_length:
        return None
    return json.loads(head), payload


def to_ipc(rows: pa.Table) -> memoryview:
    """A table as an Arrow IPC stream."""
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, rows.schema) as writer:
        writer.write_table(rows)
    return sink.getbuffer()


def open_locked(settings: dict[str, Any]) -> duckdb.DuckDBPyConnection:
    """A connection that can read ``folders`` and nothing else, for good."""
    connection = duckdb.connect(
        ":memory:",
        config={
            "memory_limit": settings["memory"],
            "threads": str(settings["threads"]),
            "temp_directory": settings["temp"],
            "max_temp_directory_size": settings["disk"],
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "allow_community_extensions": "false",
            "python_enable_replacements": "false",
            "preserve_insertion_order": "false",
        },
    )
    folders = ", ".join("'" + folder.replace("'", "''") + "'" for folder in settings["folders"])
    connection.execute(f"SET allowed_directories=[{folders}]")
    connection.execute("SET enable_external_access=false")
    connection.execute("SET lock_configuration=true")
    return connection


def serve(incoming: BinaryIO, outgoing: BinaryIO) -> None:
    """Answer frames until the parent closes the pipe."""
    first = read_frame(incoming)
    if first is None:
        return
    connection = open_locked(first[0])
    write_frame(outgoing, {"ok": True, "version": duckdb.__version__})
    while (frame := read_frame(incoming)) is not None:
        head, payload = frame
        try:
            reply = _answer(connection, head, payload)
        except duckdb.Error as error:
            message = str(error).split("\n", 1)[0]
            write_frame(outgoing, {"ok": False, "kind": type(error).__name__, "message": message})
            continue
        write_frame(outgoing, {"ok": True}, reply)


def _answer(connection: duckdb.DuckDBPyConnection, head: dict[str, Any], payload: bytes) -> bytes | memoryview:
    if head["do"] == "load":
        rows = pa.ipc.open_stream(payload).read_all()
        connection.register("_incoming", rows)
        try:
            connection.execute(f"CREATE OR REPLACE TABLE {head['name']} AS SELECT * FROM _incoming")
        finally:
            connection.unregister("_incoming")
        return b""
    statement = _allowed(connection, head["sql"])
    if head["do"] == "fetch":
        return to_ipc(connection.sql(statement).to_arrow_table())
    connection.execute(statement)
    return b""


def _allowed(connection: duckdb.DuckDBPyConnection, sql: str) -> duckdb.Statement:
    """``sql`` parsed, if it is one query, or one table or view made or dropped; what was looked at is what runs.

    The folders of the run may be written by COPY and ATTACH although the engine is locked; a plan needs neither.
    """
    statements = connection.extract_statements(sql)
    if len(statements) != 1 or statements[0].type not in _STATEMENTS:
        raise duckdb.PermissionException("only a query, or a table or view to make or drop")
    return statements[0]


if __name__ == "__main__":
    do_without("numpy", "pandas")
    # Whatever a library may print must not end up between the frames.
    channel = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    serve(sys.stdin.buffer, channel)
