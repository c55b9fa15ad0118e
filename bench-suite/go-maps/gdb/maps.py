"""Shows the classic map and the Swiss map slot by slot, as `churnmark inspect` does.

Every program that links this crate carries the file. gdb loads it from a folder that was declared safe:
    gdb -iex 'add-auto-load-safe-path target/debug' target/debug/...
"""

import gdb
import gdb.printing

EMPTY_REST, EMPTY_ONE, EVACUATED_X, EVACUATED_Y, EVACUATED_EMPTY, MIN_TOP_HASH = range(6)
TOPHASH = {
    EMPTY_REST: "emptyRest",
    EMPTY_ONE: "emptyOne",
    EVACUATED_X: "evacuatedX",
    EVACUATED_Y: "evacuatedY",
    EVACUATED_EMPTY: "evacuatedEmpty",
}
CTRL = {0x80: "empty", 0xFE: "deleted"}


def some(option):
    """What an Option holds; None when it holds nothing."""
    for field in option.type.fields():
        if field.name == "None":
            return None
        if field.name == "Some":
            held = option[field]
            return held[held.type.fields()[0]]
    raise gdb.GdbError("%s is no Option" % option.type)


def elements(vec):
    """Every element of a Vec."""
    start = vec["buf"]["inner"]["ptr"]["pointer"]["pointer"]
    start = start.cast(vec.type.template_argument(0).pointer())
    return [(start + index).dereference() for index in range(int(vec["len"]))]


def most():
    """Buckets or groups that are shown, as `set print elements` says."""
    return gdb.parameter("print elements") or 1 << 62


def is_zero(value):
    return value.type.code != gdb.TYPE_CODE_INT or int(value) == 0


def line(slot, byte, state, live, key, value):
    """One slot. What is left of a deleted entry is stale; memory never written is zero."""
    zero = state in ("emptyRest", "empty") and is_zero(key) and is_zero(value)
    note = "" if live or zero else "   stale"
    return "    slot %d  %02x %-14s key %s  value %s%s" % (slot, byte, state, key, value, note)


def bucket_lines(bucket):
    for slot in range(8):
        byte = int(bucket["tophash"][slot])
        live = byte >= MIN_TOP_HASH
        state = "live" if live else TOPHASH[byte]
        yield line(slot, byte, state, live, bucket["keys"][slot], bucket["values"][slot])


def group_lines(group):
    for slot in range(8):
        byte = int(group["ctrls"][slot])
        pair = group["slots"][slot]
        yield line(slot, byte, CTRL.get(byte, "live"), byte < 0x80, pair["key"], pair["elem"])


class Hmap:
    """go_maps::classic::Hmap"""

    def __init__(self, map):
        self.map = map

    def to_string(self):
        map = self.map
        text = "Hmap count %d, B %d, flags %d, noverflow %d, hash0 0x%08x, nevacuate %d" % tuple(
            int(map[name]) for name in ("count", "b", "flags", "noverflow", "hash0", "nevacuate")
        )
        lines = [text]
        for name in ("buckets", "oldbuckets"):
            array = some(map[name])
            lines += ["  %s: none" % name] if array is None else self.array(name, array)
        return "\n".join(lines)

    def array(self, name, array):
        base, total = 1 << int(array["log"]), int(array["base"]["length"])
        yield "  %s: %d, and %d spare" % (name, base, total - base)
        first = array["base"]["data_ptr"]
        heap = [bucket for chunk in elements(array["heap"]) for bucket in elements(chunk)]
        for head in range(min(base, most())):
            number = head
            while True:
                bucket = (first + number).dereference() if number < total else heap[number - total]
                behind = "" if number == head else ", overflow of bucket %d" % head
                yield "  bucket %d%s at 0x%x" % (number, behind, int(bucket.address))
                yield from bucket_lines(bucket)
                number = int(bucket["overflow"])
                if number == 0:
                    break
        if base > most():
            yield "  ... %d more buckets (set print elements)" % (base - most())


class Swiss:
    """go_maps::swiss::Map"""

    def __init__(self, map):
        self.map = map

    def to_string(self):
        map = self.map
        tables = elements(map["tables"])
        lines = [
            "swiss::Map used %d, seed 0x%016x, global depth %d, tables %d"
            % (int(map["used"]), int(map["seed"]), int(map["global_depth"]), len(tables))
        ]
        small = some(map["small"])
        if small is not None:
            lines += ["  small group at 0x%x" % int(small), *group_lines(small.dereference())]
        shown = 0
        for table in tables:
            names = ("index", "local_depth", "used", "capacity", "growth_left")
            lines.append(
                "  table %d: local depth %d, used %d of %d, growth left %d"
                % tuple(int(table[name]) for name in names)
            )
            for number in range(int(table["groups"]["length"])):
                shown += 1
                if shown <= most():
                    group = (table["groups"]["data_ptr"] + number).dereference()
                    lines += ["  group %d at 0x%x" % (number, int(group.address)), *group_lines(group)]
        if shown > most():
            lines.append("  ... %d more groups (set print elements)" % (shown - most()))
        return "\n".join(lines)


class Bucket:
    """go_maps::classic::bmap::Bmap"""

    def __init__(self, bucket):
        self.bucket = bucket

    def to_string(self):
        return "\n".join(["bmap, overflow %d" % int(self.bucket["overflow"]), *bucket_lines(self.bucket)])


class Group:
    """go_maps::swiss::group::Group"""

    def __init__(self, group):
        self.group = group

    def to_string(self):
        return "\n".join(["group", *group_lines(self.group)])


def printers():
    collection = gdb.printing.RegexpCollectionPrettyPrinter("go_maps")
    collection.add_printer("Hmap", "^go_maps::classic::Hmap<", Hmap)
    collection.add_printer("Bmap", "^go_maps::classic::bmap::Bmap<", Bucket)
    collection.add_printer("Map", "^go_maps::swiss::Map<", Swiss)
    collection.add_printer("Group", "^go_maps::swiss::group::Group<", Group)
    return collection


gdb.printing.register_pretty_printer(gdb.current_objfile(), printers(), replace=True)
