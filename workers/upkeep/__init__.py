"""Upkeep: what was left behind is swept up, the ledger is proved, partitions are made ahead."""
