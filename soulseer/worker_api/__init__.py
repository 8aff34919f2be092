"""The SQL functions of schema `worker_api`, one module per domain, each function returning a `Call`.

A call is only a description; `soulseer.rpc` sends it. Arguments carry the SQL names without their `p_`
prefix. Money is in minor units.
"""
