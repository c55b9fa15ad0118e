"""Opens the exports in a folder with libraries of others, and prints what they see of them as JSON."""

import csv
import json
import sys
from pathlib import Path

from hdrh.histogram import HdrHistogram
from hdrh.log import HistogramLogReader
from prometheus_client.parser import text_string_to_metric_families


def counted(histogram):
    return [histogram.get_total_count(), histogram.get_max_value(), histogram.get_value_at_percentile(50.0)]


def intervals(file):
    """Of each interval the tag and what it counts: those without a tag as the library's own reader of logs finds them."""
    seen = []
    reader = HistogramLogReader(str(file), HdrHistogram(1, 3_600_000_000_000, 3))
    while (histogram := reader.get_next_interval_histogram()) is not None:
        if not getattr(histogram, "tag", None):
            seen.append(["", *counted(histogram)])
    for line in file.read_text().splitlines():
        if line.startswith("Tag="):
            tag, payload = line[4:].split(",", 1)[0], line.rsplit(",", 1)[1]
            seen.append([tag, *counted(HdrHistogram.decode(payload))])
    return seen


def table(file):
    """How many rows a table has, and the sum of each column of numbers."""
    with file.open(newline="", encoding="utf-8") as text:
        rows = list(csv.DictReader(text, strict=True))
    sums = {}
    for row in rows:
        assert None not in row and None not in row.values(), f"{file}: a row has not the columns of the head"
        for column, value in row.items():
            try:
                sums[column] = sums.get(column, 0.0) + float(value)
            except ValueError:
                pass
    return [len(rows), sums]


def families(file):
    """Type, help and samples of each family."""
    return {
        family.name: [
            family.type,
            family.documentation,
            [[sample.name, dict(sample.labels), sample.value] for sample in family.samples],
        ]
        for family in text_string_to_metric_families(file.read_text())
    }


def trace(file):
    """The events of a trace that complete: how many, and the operations in their slices."""
    events = json.loads(file.read_bytes())["traceEvents"]
    for event in events:
        assert event["ph"] in "MXCi" and isinstance(event["pid"], int) and isinstance(event["tid"], int), event
        assert event["ph"] == "M" or event["ts"] >= 0, event
        assert event["ph"] != "X" or event["dur"] >= 0, event
    slices = [event for event in events if event["ph"] == "X" and event["name"] == "slice"]
    return [len(slices), sum(event["args"]["ops"] for event in slices)]


folder = Path(sys.argv[1])
named = lambda ending: {str(file.relative_to(folder)): file for file in sorted(folder.rglob("*" + ending))}
json.dump(
    {
        "logs": {name: intervals(file) for name, file in named(".hlog").items()},
        "tables": {name: table(file) for name, file in named(".csv").items()},
        "metrics": families(folder / "metrics.prom"),
        "trace": trace(folder / "trace.json"),
    },
    sys.stdout,
)
