"""Asks the service of `examples/flagd-python` about users user-0 to user-(N-1), started on each file: one line
of 0 and 1 a file."""
import logging
import pathlib
import sys

logging.disable()
root = pathlib.Path(__file__).parents[4]
sys.path.insert(0, str(root / "examples/flagd-python"))
sys.dont_write_bytecode = True
import service

users, files = int(sys.argv[1]), sys.argv[2:]
for file in files:
    service.connect(file)
    arms = (service.arm(f"user-{i}") for i in range(users))
    print("".join("1" if arm == "treatment" else "0" for arm in arms))
