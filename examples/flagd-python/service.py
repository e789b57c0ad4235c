"""A shop with two checkouts. Who gets the new one is a flag, read through OpenFeature from flagd's file;
what became of each request is counted by arm.

    python service.py flags.json 8000      GET /checkout?user=ID, GET /metrics
"""

import logging
import os
import random
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlparse

from openfeature import api
from openfeature.contrib.provider.flagd import FlagdProvider
from openfeature.contrib.provider.flagd.config import ResolverType
from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import OpenFeatureError
from prometheus_client import Counter, generate_latest

REQUESTS = Counter("http_requests_total", "Requests", ["variant", "code"])
for variant in ("treatment", "control"):
    for code in ("200", "500"):
        REQUESTS.labels(variant, code)  # there from the first scrape, at 0

# How often each checkout fails: this shop is made up.
FAILS = {
    "control": float(os.environ.get("OLD_FAILS", "0.01")),
    "treatment": float(os.environ.get("NEW_FAILS", "0.01")),
}


def connect(flags: str) -> None:
    """Reads the file now, and again whenever it was replaced: this provider looks twice a second. Without the
    file the service starts all the same; the flag is `False` until it is there."""
    provider = FlagdProvider(resolver_type=ResolverType.FILE, offline_flag_source_path=flags)
    try:
        api.set_provider_and_wait(provider)
    except OpenFeatureError as error:
        logging.warning("no flags yet, nobody is exposed: %r", error)


def arm(user: str | None) -> str:
    """The arm of a user. `False` is what counts where the flag cannot be had, or nobody knows the user."""
    if not user:
        return "control"
    context = EvaluationContext(targeting_key=user)
    exposed = api.get_client().get_boolean_value("new-checkout", False, context)
    return "treatment" if exposed else "control"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        url = urlparse(self.path)
        if url.path == "/metrics":
            return self.answer(200, generate_latest())
        user = parse_qs(url.query).get("user", [None])[0]
        variant = arm(user)
        code = 500 if random.random() < FAILS[variant] else 200
        if user:  # who cannot be exposed is not compared with who is
            REQUESTS.labels(variant, str(code)).inc()
        self.answer(code, variant.encode() + b"\n", variant)

    def answer(self, code: int, body: bytes, variant: str = "-") -> None:
        self.send_response(code)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Variant", variant)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


if __name__ == "__main__":
    connect(sys.argv[1])
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[2])), Handler).serve_forever()
