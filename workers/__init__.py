"""Dramatiq jobs by domain, and the scheduler.

Each domain has a `service.py`, which does the work and knows nothing of Dramatiq, and a `tasks.py`, which
names its jobs and the queues they come on.
"""
