"""10,000 users at a service: so many requests a second, a line a second with what the arms got.

    python load.py 8000 150
"""

import collections
import http.client
import random
import sys
import threading
import time

USERS, CONNECTIONS = 10_000, 8

counts: collections.Counter = collections.Counter()
last_exposed = 0.0


def ask(port: int, every: float) -> None:
    global last_exposed
    connection = http.client.HTTPConnection("127.0.0.1", port)
    while True:
        try:
            connection.request("GET", f"/checkout?user=user-{random.randrange(USERS)}")
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            connection.close()
            time.sleep(1)
            continue
        variant = answer.getheader("X-Variant")
        counts[variant, answer.status] += 1
        if variant == "treatment":
            last_exposed = time.time()
        time.sleep(every)


if __name__ == "__main__":
    port, rate = int(sys.argv[1]), float(sys.argv[2])
    for _ in range(CONNECTIONS):
        threading.Thread(target=ask, args=(port, CONNECTIONS / rate), daemon=True).start()
    while True:
        time.sleep(1)
        seen = ", ".join(f"{variant} {code}: {n}" for (variant, code), n in sorted(counts.items()))
        print(f"{time.time():.2f}  {seen}  last exposed {last_exposed:.2f}", flush=True)
