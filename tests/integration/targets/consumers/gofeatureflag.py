"""Asks GO Feature Flag's evaluator about users user-0 to user-(N-1), for each file: one line of 0 and 1 a
file."""
import sys

import yaml
from gofeatureflag_python_provider.wasm import EvaluateWasm, WasmFlagContext, WasmInput

users, files = int(sys.argv[1]), sys.argv[2:]
evaluator = EvaluateWasm(pool_size=1)
evaluator.initialize()
for file in files:
    with open(file, encoding="utf-8-sig") as text:
        flag = yaml.safe_load(text)["checkout"]
    line = []
    for i in range(users):
        asked = WasmInput(
            flagKey="checkout",
            flag=flag,
            evalContext={"targetingKey": f"user-{i}"},
            flagContext=WasmFlagContext(defaultSdkValue=False, evaluationContextEnrichment={}),
        )
        line.append("1" if evaluator.evaluate(asked).value else "0")
    print("".join(line))
