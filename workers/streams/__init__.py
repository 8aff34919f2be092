"""Streams: telling those who watch."""
