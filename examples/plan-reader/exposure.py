"""Which users a plan exposes: the rule of `rollout help bucketing`, for an application that reads the plan
itself. Python 3.11 or newer, nothing else; copy this file.

    plan = Plan("rollouts/gift-cards.toml")
    if plan.exposes(user_id): ...
"""

import hashlib
import logging
import pathlib
import sys
import time
import tomllib

BUCKETS = 10_000


def bucket(salt: str, user: str) -> int:
    """The bucket of a user, 0 to 9999: a hundredth of a percent of all users each."""
    digest = hashlib.sha256(f"{salt}:{user}".encode()).digest()
    return int.from_bytes(digest[:4], "big") % BUCKETS


class Plan:
    """The exposure of a plan, read again every few seconds. A plan that cannot be read keeps the last exposure
    that was; at the start that is 0, nobody."""

    def __init__(self, path: str, salt: str | None = None, every: float = 5.0):
        self.path = pathlib.Path(path)
        self.salt = salt or self.path.stem
        self.every = every
        self.hundredths = 0
        self.read_at = float("-inf")

    def exposes(self, user: str | None) -> bool:
        """Whether a user is exposed; one without a key is not."""
        if not user:
            return False
        if time.monotonic() - self.read_at >= self.every:
            self.read()
        return bucket(self.salt, user) < self.hundredths

    def read(self) -> None:
        self.read_at = time.monotonic()
        try:
            state = tomllib.loads(self.path.read_text("utf-8")).get("state", {})
            hundredths = round(float(state.get("exposure", 0)) * 100)
            if not 0 <= hundredths <= BUCKETS:
                raise ValueError(f"an exposure of {hundredths / 100} %")
            self.hundredths = hundredths
        except (OSError, ValueError, TypeError, AttributeError) as error:
            logging.warning("%s: %s; still at %s %%", self.path, error, self.hundredths / 100)


def check(vectors: str) -> None:
    """Compares the rule with lines of salt, user and bucket."""
    lines = pathlib.Path(vectors).read_text("utf-8").splitlines()[1:]
    for line in lines:
        salt, user, expected = line.split("\t")
        assert bucket(salt, user) == int(expected), line
    print(f"{len(lines)} vectors agree")


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] == "--check":
        check(sys.argv[2])
    elif len(sys.argv) == 3:
        print("exposed" if Plan(sys.argv[1]).exposes(sys.argv[2]) else "unexposed")
    else:
        sys.exit("usage: exposure.py PLAN USER | exposure.py --check VECTORS")
