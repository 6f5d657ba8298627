# SPDX-License-Identifier: MIT
"""What no side may take from the other, whoever it is."""

import protocol as pr

DEEP = b'{"t":"PING","token":' + b"[" * 100000 + b"]" * 100000 + b"}"
MESSAGES = {
    "a payload of 1 MiB + 1": b'{"t":"PING","token":1,"data":1048577}',
    "a payload of -1": b'{"t":"PING","token":1,"data":-1}',
    "a payload of 2^63": b'{"t":"PING","token":1,"data":9223372036854775808}',
    "records longer than data": b'{"t":"GET","records":2,"data":1}',
    "records of -1": b'{"t":"GET","records":-1,"data":1}',
    "n larger than data": b'{"t":"GET","n":2,"records":1,"data":1}',
    "no JSON": b"GET / HTTP/1.1",
    "an array": b'["t","PING"]',
    "two objects": b'{"t":"BYE"}{"t":"BYE"}',
    "a NUL behind": b'{"t":"BYE"}\0',
    "a NUL inside": b'{"t":"BY\0E"}',
    "an escaped NUL": b'{"t":"BYE\\u0000"}',
    "a key twice": b'{"t":"PING","token":1,"token":2}',
    "its type twice": b'{"t":"PING","t":"BYE","token":1}',
    "100,000 levels": DEEP,
    "bad UTF-8": b'{"t":"ERROR","code":1,"text":"\xff\xfe"}',
    "overlong UTF-8": b'{"t":"ERROR","code":1,"text":"\xc0\xaf"}',
    "a lone surrogate": b'{"t":"ERROR","code":1,"text":"\\ud800"}',
    "no type": b'{"token":1}',
    "a number as type": b'{"t":1}',
    "an unknown type": b'{"t":"FORMAT","disk":"c"}',
    "a type with ESC": b'{"t":"\\u001b[2J"}',
    "a missing member": b'{"t":"PING"}',
    "a string for a number": b'{"t":"PING","token":"1"}',
    "a fraction": b'{"t":"PING","token":1.0}',
    "1e400": b'{"t":"PING","token":1e400}',
    "2^63": b'{"t":"PING","token":9223372036854775808}',
    "100,000 digits": b'{"t":"PING","token":' + b"9" * 100000 + b"}",
    "null": b'{"t":"PING","token":null}',
    "an id of -1": b'{"t":"FILE_DATA","id":-1,"offset":0,"last":true,"bad":false}',
    "an id of 2^32": b'{"t":"FILE_DATA","id":4294967296,"offset":0,"last":true,"bad":false}',
    "an offset of -1": b'{"t":"FILE_DATA","id":1,"offset":-1,"last":true,"bad":false}',
    "a number as last": b'{"t":"FILE_DATA","id":1,"offset":0,"last":1,"bad":false}',
    "a code of 0": b'{"t":"ERROR","code":0,"text":"x"}',
    "a code of 22": b'{"t":"ERROR","code":22,"text":"x"}',
    "a text of 600 bytes": b'{"t":"ERROR","code":1,"text":"' + b"x" * 600 + b'"}',
}

RECORDS = {
    "an unknown field": pr.record(bits=0x8001, id=1),
    "only half of its bits": b"\0",
    "a field that is cut short": pr.record(id=1)[:-1],
    "a hash that is cut short": pr.entry("a.md", b"alpha\n", id=1)[:30],
    "a path longer than the rest": pr.record(bits=3, id=1) + b"\xff\xffa",
    "kind 4": pr.record(id=1, path="a.md", kind=4),
    "kind 0x20": pr.record(id=1, path="a.md", kind=0x21),
    "an exec bit on nothing": pr.record(id=1, kind=pr.EXEC),
    "a cover over a file": pr.record(id=1, kind=pr.TEXT | pr.COVER),
    "a size of 2^63": pr.record(id=1, size=2**63),
    "form 0": pr.record(id=1, form=0),
    "form 6": pr.record(id=1, form=6),
    "if of kind 2": pr.record(bits=0x81, id=1) + b"\2",
    "if of kind 0x80": pr.record(bits=0x81, id=1) + b"\x80",
    "an offset of 2^63": pr.record(id=1, offset=2**63),
    "a length that is cut short": pr.record(id=1, length=1)[:-1],
    "a base that is cut short": pr.record(id=1, base=bytes(32))[:-1],
    "a seq of 2^63": pr.record(id=1, seq=2**63),
    "reason 18": pr.record(id=1, why=18),
    "a fault of 0": pr.record(id=1, fault=(0, "x")),
    "a fault of 22": pr.record(id=1, fault=(22, "x")),
    "a fault of two lines": pr.record(id=1, fault=(1, "x\ny")),
    "a fault of 600 bytes": pr.record(id=1, fault=(1, "x" * 600)),
    "a fault that is no UTF-8": pr.record(id=1, fault=(1, b"\xff")),
}

PATHS = {
    "nothing": b"", "..": b"..", ". alone": b".", "../a": b"../outside/a.md",
    "an absolute path": b"/etc/passwd", "a/../..": b"sub/../../outside/a.md",
    "a/.": b"sub/.", "a//b": b"sub//b.md", "a slash behind": b"sub/",
    "a NUL": b"a.md\0.txt", "256 letters": b"x" * 256,
    "4096 bytes": b"/".join([b"x" * 240] * 17), "257 names": b"/".join(
        [b"x"] * 257), "the journal": b".dsync/journal.db",
    "dsync's own folder": b".dsync", "one below": b"sub/.dsync/x",
}

LENGTHS = {
    "0": 0, "256 KiB + 1": 262145, "1 GiB": 1 << 30,
    "4 GiB - 1": (1 << 32) - 1,
}
