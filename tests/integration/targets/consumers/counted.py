"""Runs a snippet that defines `count`, counts one failure of an exposed user, and prints what a scrape sees."""
import sys

from prometheus_client import REGISTRY

scope = {}
exec(sys.argv[1], scope)
scope["count"](True, 500)
seen = [
    (sample.labels["variant"], sample.labels["code"], int(sample.value))
    for metric in REGISTRY.collect()
    for sample in metric.samples
    if sample.name == "http_requests_total"
]
for line in sorted(seen):
    print(*line)
