# SPDX-License-Identifier: MIT
"""The wire protocol as doc/dsync-protocol.7 says it, and wrong on request.

Written from that page alone and shared with nothing of dsync's own, so that a
mistake on one side shows.  What is written here may break every rule: a frame
takes any header bytes and any length, a record any field.
"""

import hashlib
import json
import struct

FIELDS = ["id", "path", "from", "kind", "hash", "size", "mtime", "if", "form",
          "seq", "why", "fault", "offset", "length", "base"]
ABSENT, TEXT, UNREAD, EXCLUDED = range(4)
EXEC, COVER, CONFLICT = 0x80, 0x40, 0x80
WHOLE, STREAM, META, DELTA, DELTA_STREAM = 1, 2, 3, 4, 5
CHANGED, CREATED, DELETED = 1, 2, 3

FRAME_HEADER_LIMIT = 262144
FRAME_DATA_LIMIT = 1048576
INT64_MAX = 2**63 - 1
INT64_MIN = -2**63

HELLO = dict(version="0", features=[], require=[], name="", root="", clock=0,
             granularity=1, sandbox="", preset="", epoch="", seq=0,
             dry_run=False, read_all=False, rate=0, access="",
             conflict="", hidden=False, max_size=0)
CURSOR = dict(epoch="", seq=0)

# What each type has besides "t", with values that are nothing special.
MEMBERS = {
    "HELLO": HELLO,
    "CHANGES": dict(CURSOR, full=False, more=False),
    "FILE_UPDATE": {},
    "FILE_DATA": dict(id=0, offset=0, last=False, bad=False),
    "FILE_DELETE": {},
    "FILE_MOVE": {},
    "GET": {},
    "ACK": {},
    "REFUSED": {},
    "DONE": dict(CURSOR, fp="0" * 64, files=0, equal=False),
    "PING": dict(token=0),
    "PONG": dict(token=0),
    "ERROR": dict(code=8, text=""),
    "BYE": {},
    "PRESETS": {},
}


def sha(data):
    return hashlib.sha256(data).digest()


def frame(header, payload=b"", length=None):
    """Any bytes as a header, with any length before it."""
    if length is None:
        length = len(header)
    return struct.pack(">I", length) + header + payload


def header(t, records=b"", count=0, contents=b"", **members):
    h = dict(MEMBERS.get(t, {}), t=t)
    if records:
        h["records"] = len(records)
    if count:
        h["n"] = count
    if records or contents:
        h["data"] = len(records) + len(contents)
    h.update(members)
    return {k: v for k, v in h.items() if v is not None}


def message(t, records=(), contents=b"", **members):
    """A message; members replace what would be right, None leaves one out."""
    packed = b"".join(records)
    h = header(t, packed, len(records), contents, **members)
    return frame(json.dumps(h, ensure_ascii=False).encode(), packed + contents)


def string(data):
    return struct.pack(">H", len(data)) + data


def raw_path(path):
    return path.encode("utf-8", "surrogateescape") if isinstance(path, str) else path


def number(size, value):
    return (value & (1 << 8 * size) - 1).to_bytes(size, "big")


def pack_if(value):
    """None: nothing is replaced; bytes: a hash, or (hash, executable)."""
    if value is None:
        return bytes([ABSENT])
    if isinstance(value, tuple):
        return bytes([TEXT | (EXEC if value[1] else 0)]) + value[0]
    return bytes([TEXT]) + value


PACK = {
    "id": lambda v: number(4, v),
    "path": lambda v: string(raw_path(v)),
    "from": lambda v: string(raw_path(v)),
    "kind": lambda v: number(1, v),
    "hash": lambda v: v,
    "size": lambda v: number(8, v),
    "mtime": lambda v: number(8, v),
    "if": pack_if,
    "form": lambda v: number(1, v),
    "seq": lambda v: number(8, v),
    "why": lambda v: number(1, v),
    "fault": lambda v: number(1, v[0]) + string(raw_path(v[1])),
    "offset": lambda v: number(8, v),
    "length": lambda v: number(4, v),
    "base": lambda v: v,
}


def record(bits=None, **fields):
    """from_ and if_ for what Python takes for itself; bits: said instead."""
    fields = {k.rstrip("_"): v for k, v in fields.items()}
    mask = sum(1 << i for i, f in enumerate(FIELDS) if f in fields)
    out = struct.pack(">H", mask if bits is None else bits)
    return out + b"".join(PACK[f](fields[f]) for f in FIELDS if f in fields)


def entry(path, data, mtime=1700000000 * 10**9, exec_=False, **more):
    """The record of a file."""
    fields = dict(path=path, kind=TEXT | (EXEC if exec_ else 0),
                  hash=sha(data), size=len(data), mtime=mtime)
    fields.update(more)
    return record(**fields)


def update(n, path, data, old=None, **more):
    """A client's record of FILE_UPDATE: data, where `old` or nothing was."""
    fields = dict(id=n, if_=None, form=WHOLE, why=CREATED)
    if old is not None:
        fields.update(if_=sha(old), why=CHANGED)
    fields.update(more)
    return entry(path, data, **fields)


class Cursor:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, n):
        piece = self.data[self.at:self.at + n]
        if len(piece) != n:
            raise ValueError("cut short")
        self.at += n
        return piece

    def number(self, n):
        return int.from_bytes(self.take(n), "big")

    def string(self):
        return self.take(self.number(2))


def unpack_if(c):
    kind = c.number(1)
    return None if kind == ABSENT else (c.take(32), bool(kind & EXEC))


UNPACK = {
    "id": lambda c: c.number(4),
    "path": lambda c: c.string(),
    "from": lambda c: c.string(),
    "kind": lambda c: c.number(1),
    "hash": lambda c: c.take(32),
    "size": lambda c: c.number(8),
    "mtime": lambda c: int.from_bytes(c.take(8), "big", signed=True),
    "if": unpack_if,
    "form": lambda c: c.number(1),
    "seq": lambda c: c.number(8),
    "why": lambda c: c.number(1),
    "fault": lambda c: (c.number(1), c.string().decode()),
    "offset": lambda c: c.number(8),
    "length": lambda c: c.number(4),
    "base": lambda c: c.take(32),
}


def parse_records(data):
    c, out = Cursor(data), []
    while c.at < len(data):
        bits = c.number(2)
        if bits >> len(FIELDS):
            raise ValueError("unknown field")
        out.append({f: UNPACK[f](c) for i, f in enumerate(FIELDS)
                    if bits >> i & 1})
    return out


class Message(dict):
    """A message that came: its members, .t, .records and .contents."""

    def __init__(self, h, payload):
        super().__init__(h)
        self.t = h["t"]
        n = h.get("records", 0)
        self.records = parse_records(payload[:n])
        self.contents = payload[n:]
        if h.get("n", 0) != len(self.records):
            raise ValueError("n is %d of %d" % (h.get("n", 0),
                                                len(self.records)))
        # A peer may say with its changes what its folder comes to.
        more = {"CHANGES": {"fp", "files", "heard", "since"},
                "DONE": {"others"}, "PING": {"proof"},
                "PONG": {"others", "epoch", "seq", "fp", "files"},
                "HELLO": {"settle"}}.get(self.t, set())
        if set(h) - {"t", "data", "records", "n"} - more != \
                set(MEMBERS[self.t]) - more:
            raise ValueError("members of %s: %s" % (self.t, sorted(h)))


class Reader:
    def __init__(self):
        self.data = b""

    def feed(self, data):
        self.data += data

    def next(self):
        if len(self.data) < 4:
            return None
        n = int.from_bytes(self.data[:4], "big")
        if not 1 <= n <= FRAME_HEADER_LIMIT:
            raise ValueError("a header of %d bytes" % n)
        if len(self.data) < 4 + n:
            return None
        h = json.loads(self.data[4:4 + n])
        size = h.get("data", 0)
        if size > FRAME_DATA_LIMIT:
            raise ValueError("a payload of %d bytes" % size)
        if len(self.data) < 4 + n + size:
            return None
        payload = self.data[4 + n:4 + n + size]
        self.data = self.data[4 + n + size:]
        return Message(h, payload)


def fingerprint(files):
    """files: {path: (contents, executable)}"""
    total = 0
    for path, (data, exec_) in files.items():
        digest = hashlib.sha256(raw_path(path) + b"\0" +
                                bytes([1 if exec_ else 0]) + sha(data))
        total += int.from_bytes(digest.digest(), "little")
    return (total % 2**256).to_bytes(32, "little").hex()


def bucket(path, n):
    value = 0xcbf29ce484222325
    for byte in raw_path(path):
        value = (value ^ byte) * 0x100000001b3 % 2**64
    return value % n


def sketch(files, n):
    """files: as for fingerprint()"""
    sums = [0] * n
    for path, of in files.items():
        low = bytes.fromhex(fingerprint({path: of}))[:8]
        sums[bucket(path, n)] += int.from_bytes(low, "little")
    return b"".join(number(8, s % 2**64) for s in sums)


# Deltas.

def leb(value):
    """A number in a delta."""
    out = bytearray()
    while value > 0x7f:
        out.append(value & 0x7f | 0x80)
        value >>= 7
    return bytes(out) + bytes([value])


def delta(*steps):
    """Steps: bytes, or (offset, length) of the base."""
    out, end = b"", 0
    for step in steps:
        if isinstance(step, bytes):
            out += leb(2 * len(step)) + step
            continue
        offset, length = step
        out += leb(2 * length + 1)
        out += leb(2 * (offset - end) if offset >= end else
                   2 * (end - offset) - 1)
        end = offset + length
    return out


def undelta(base, data):
    """What a delta makes of its base."""
    at, end, out = 0, 0, []

    def take():
        nonlocal at
        value, shift = 0, 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 0x7f) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(data):
        step = take()
        n = step // 2
        if n == 0:
            raise ValueError("an empty step")
        if step % 2 == 0:
            out.append(data[at:at + n])
            at += n
        else:
            where = take()
            end += -(where + 1 >> 1) if where % 2 else where // 2
            if not 0 <= end <= len(base) - n:
                raise ValueError("a copy from beside the base")
            out.append(base[end:end + n])
            end += n
        if len(out[-1]) != n:
            raise ValueError("cut short")
    return b"".join(out)


# zstd by hand (RFC 8878): blocks as they are, and runs of one byte.

ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"


def zstd_start(window_log=20):
    return ZSTD_MAGIC + b"\0" + bytes([(window_log - 10) << 3])


def zstd_block(kind, size, body, last=False):
    return struct.pack("<I", size << 3 | kind << 1 | last)[:3] + body


def zstd_raw(data, last=False):
    pieces = [data[i:i + 65536] for i in range(0, len(data), 65536)]
    return b"".join(zstd_block(0, len(p), p, last and p is pieces[-1])
                    for p in pieces)


def zstd_run(byte, count):
    whole, rest = divmod(count, 131072)
    out = zstd_block(1, 131072, byte) * whole
    return out + (zstd_block(1, rest, byte) if rest else b"")
