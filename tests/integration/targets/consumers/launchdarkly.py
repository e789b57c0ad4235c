"""Asks LaunchDarkly about users user-0 to user-(N-1), for each file: one line of 0 and 1 a file."""
import logging
import sys

from ldclient import Context
from ldclient.client import LDClient
from ldclient.config import Config
from ldclient.integrations import Files

logging.disable(logging.CRITICAL)
users, files = int(sys.argv[1]), sys.argv[2:]
for file in files:
    source = Files.new_data_source(paths=[file])
    client = LDClient(Config("none", update_processor_class=source, send_events=False, diagnostic_opt_out=True))
    answers = (client.variation("checkout", Context.create(f"user-{i}"), False) for i in range(users))
    print("".join("1" if answer else "0" for answer in answers))
    client.close()
